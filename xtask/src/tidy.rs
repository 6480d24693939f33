//! What does not belong in a commit.

use std::path::Path;
use std::process::Command;

/// Longer files must say in a comment that begins with `// Long:` why they are.
const LONGEST: usize = 700;
/// Tests that are lists of inputs and outputs may be longer: nobody reads them through.
const LONGEST_TEST: usize = 1500;

/// Looks at every file under version control. Fails with the list of what was found.
pub fn run(root: &Path) -> Result<(), String> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    let listed = listed.map_err(|error| format!("git cannot be run: {error}"))?;
    if !listed.status.success() {
        return Err("git ls-files failed".to_string());
    }
    let mut found = Vec::new();
    let mut count = 0;
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
        // A file that is deleted but not yet committed so.
        let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
        // Pictures and other binary files have nothing to read.
        let Ok(text) = String::from_utf8(bytes) else { continue };
        count += 1;
        found.extend(file(name, &text).into_iter().map(|what| format!("{name}{what}")));
    }
    for folder in ["crates", "faces"] {
        found.extend(undocumented(&root.join(folder), folder));
    }
    if found.is_empty() {
        println!("{count} files are tidy");
        Ok(())
    } else {
        Err(format!("{} things to tidy:\n  {}", found.len(), found.join("\n  ")))
    }
}

/// What is wrong with one file.
fn file(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let rust = name.ends_with(".rs");
    let lines = text.lines().count();
    let longest = if name.contains("/tests/") { LONGEST_TEST } else { LONGEST };
    if rust && lines > longest && !text.lines().take(40).any(|line| line.trim_start().starts_with("// Long:"))
    {
        found.push(format!(" has {lines} lines: which second thing does it do?"));
    }
    if name.ends_with(".lock") || name.starts_with("xtask/src/tidy") {
        return found;
    }
    // Only faces speak; a library that prints does it by mistake.
    let silent = rust && name.starts_with("crates/") && name.contains("/src/") && !name.ends_with("tests.rs");
    for (number, line) in text.lines().enumerate() {
        if silent && !line.trim_start().starts_with("//") && line.contains(&["print", "ln!("].concat()) {
            found.push(format!(":{}: prints", number + 1));
        }
        for word in forbidden(rust) {
            if line.contains(word.as_str()) {
                found.push(format!(":{}: `{word}`", number + 1));
            }
        }
    }
    found
}

/// Words that must not stand in a file; put together here, so that this file does not hold them.
fn forbidden(rust: bool) -> Vec<String> {
    let mut words: Vec<String> =
        [["TO", "DO"], ["FIX", "ME"], ["/wo", "rk/"], ["/ro", "ot/"], ["<<<<", "<<< "], [">>>>", ">>> "]]
            .iter()
            .map(|parts| parts.concat())
            .collect();
    if rust {
        let more =
            [["to", "do!("], ["unimple", "mented!("], ["db", "g!("], ["#[ig", "nore"], ["any", "how::"]];
        words.extend(more.iter().map(|parts| parts.concat()));
    }
    words
}

/// Crates whose first file does not begin with what they are for.
fn undocumented(folder: &Path, name: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![format!("{name} cannot be read")] };
    let mut found = Vec::new();
    for entry in entries.flatten().filter(|entry| entry.path().join("Cargo.toml").is_file()) {
        let source = ["src/lib.rs", "src/main.rs"]
            .iter()
            .find_map(|file| std::fs::read_to_string(entry.path().join(file)).ok());
        let crate_name = entry.file_name().to_string_lossy().into_owned();
        match source {
            Some(text)
                if text.starts_with("//! ")
                    && text.lines().take_while(|l| l.starts_with("//!")).count() > 0 => {}
            Some(_) => found.push(format!("{name}/{crate_name} does not say what it is for")),
            None => found.push(format!("{name}/{crate_name} has no source")),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_untidy_is_found() {
        assert!(file("a.rs", "fn a() {}\n").is_empty());
        assert_eq!(file("a.rs", &"x\n".repeat(701)).len(), 1);
        assert!(file("a.rs", &format!("// Long: a table\n{}", "x\n".repeat(701))).is_empty());
        assert!(file("a.tsv", &"x\n".repeat(701)).is_empty());
        assert!(file("a/tests/b.rs", &"x\n".repeat(701)).is_empty());
        assert_eq!(file("a.md", &["/wo", "rk/main"].concat()).len(), 1);
        let line = ["    eprint", "ln!(\"x\");"].concat();
        assert_eq!(file("crates/a/src/b.rs", &line).len(), 1);
        assert!(file("crates/a/examples/b.rs", &line).is_empty());
        assert_eq!(file("a.rs", &["    db", "g!(x)"].concat()).len(), 1);
    }
}
