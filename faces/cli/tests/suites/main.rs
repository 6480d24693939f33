//! Markdown as tests: every fenced block marked `console` or `agnesi` in `tests/suite`, the book, the README and the
//! change log is run, and its output compared with what stands there.
//!
//! A `console` block holds commands for a shell, each behind `$ `, and what they print; a command that fails ends in
//! a line `[exit 2]`. An `agnesi` block is one session, each line behind `> `, and what it prints. Standard output and
//! standard error stand as they come. `cargo xtask bless` writes the output that is printed now into the files.

mod diff;
mod markdown;
mod run;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("faces/cli stands two levels deep").to_path_buf()
}

/// All Markdown files in a folder, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join(folder)];
    let mut out = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// Runs all examples of some files, at most as many at a time as there are processors.
fn check(files: &[PathBuf], least: usize) {
    let bless = std::env::var_os("AGNESI_BLESS").is_some();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(files.len().max(1));
    let reports: Vec<(String, usize)> = std::thread::scope(|scope| {
        let work = || {
            let mut out = Vec::new();
            while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                out.push(check_file(file, bless));
            }
            out
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a worker does not panic")).collect()
    });
    let count: usize = reports.iter().map(|(_, count)| count).sum();
    assert!(count >= least, "only {count} examples were found: are the files still there?");
    let report: String = reports.into_iter().map(|(report, _)| report).collect();
    assert!(report.is_empty(), "{report}\nIf the new output is right: cargo xtask bless");
}

/// What differs in one file, and how many examples it has.
fn check_file(file: &Path, bless: bool) -> (String, usize) {
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let name = file.strip_prefix(root()).unwrap_or(file).display().to_string();
    let blocks = markdown::blocks(&text);
    let count = blocks.iter().map(|block| block.examples()).sum();
    let mut report = String::new();
    let mut blessed = String::with_capacity(text.len());
    let mut done = 0;
    for block in &blocks {
        let actual = run::run(block, &root());
        if actual != block.body {
            report += &format!("\n{name}:{}\n{}", block.line, diff::lines(&block.body, &actual));
        }
        blessed += &text[done..block.start];
        blessed += &actual;
        done = block.start + block.body.len();
    }
    blessed += &text[done..];
    if bless && blessed != text {
        std::fs::write(file, blessed).expect("the file can be written");
        report.clear();
    }
    (report, count)
}

#[test]
fn suite() {
    check(&files("tests/suite"), 20);
}

#[test]
fn book() {
    check(&files("book"), 10);
}

#[test]
fn readme() {
    check(&[root().join("README.md")], 5);
}
