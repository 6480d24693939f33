//! What the compiler says of functions that are wrong, and where.

use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

/// A function; what the compiler underlines; what it says.
const WRONG: [(&str, &str, &str); 7] = [
    ("f(x) = sin(x) + z", "z", "`z` is no argument of `f`\nhelp: name it, as in `f(x, z)`"),
    ("f(x, y) = (1-x)^2 + 100(y-x^2)^", "^", "a value is missing after `^`: nothing follows"),
    ("f(x: vector(3)) =\n    x + [1, 2]", "x + [1, 2]", ""),
    ("f(A: matrix(2, n)) = sum(A)", "A: matrix(2, n)", "has a size without a number"),
    ("g(x) = besselj(1, x)", "besselj(1, x)", "the function `besselj1` is not written in Rust"),
    ("f(x) = \"x'*q\"", "\"x'*q\"", "`q` is no argument of `f`"),
    ("f(x) = x; 3", "3", "a function's name and its arguments are expected here"),
];

/// The macro as it was built for this test.
fn library() -> PathBuf {
    let folder = std::env::current_exe().expect("a program").parent().expect("a folder").to_path_buf();
    let made = std::fs::read_dir(folder).expect("a folder").flatten().filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ending = [".so", ".dylib", ".dll"].iter().any(|ending| name.ends_with(ending));
        name.contains("agnesi_macro-") && ending
    });
    let time = |entry: &std::fs::DirEntry| {
        entry.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    made.max_by_key(time).expect("the macro is built").path()
}

#[test]
fn messages_stand_at_their_place() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let library = library();
    for (at, (function, underlined, message)) in WRONG.iter().enumerate() {
        let text = format!("#![allow(unused)]\nagnesi_macro::function! {{\n    {function}\n}}\n");
        let file = folder.join(format!("wrong{at}.rs"));
        std::fs::write(&file, &text).expect("a file");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let ran = Command::new(rustc)
            .args([
                "--edition=2024",
                "--crate-type=lib",
                "--emit=metadata",
                "--error-format=json",
                "--extern",
            ])
            .arg(format!("agnesi_macro={}", library.display()))
            .arg("-o")
            .arg(folder.join(format!("wrong{at}.rmeta")))
            .arg(&file)
            .output();
        let Ok(ran) = ran else {
            println!("skipped: rustc was not found");
            return;
        };
        assert!(!ran.status.success(), "{function}");
        let said = String::from_utf8(ran.stderr).expect("text");
        let errors = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let error = errors.into_iter().find(|error| error["level"] == "error").expect("an error");
        let found = error["message"].as_str().expect("a message");
        let place = |field: &str| error["spans"][0][field].as_u64().expect("a place") as usize;
        assert!(found.contains(message), "{function}: {found}");
        let part = text.get(place("byte_start")..place("byte_end")).unwrap_or_default();
        assert_eq!(part, *underlined, "{function}: {found}");
    }
}
