//! Running a block.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::markdown::{Block, Language};

/// No example may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The block's text with the output that is printed now.
pub fn run(block: &Block, root: &Path) -> String {
    match block.language {
        Language::Console => block
            .inputs()
            .iter()
            .map(|input| {
                let mut command = Command::new("sh");
                command.args(["-c", input]);
                format!("$ {input}\n{}", output(command, root, ""))
            })
            .collect(),
        Language::Session => {
            let mut command = Command::new(env!("CARGO_BIN_EXE_agnesi"));
            command.args(["session", "--echo"]);
            let input: String = block.inputs().iter().map(|input| format!("{input}\n")).collect();
            output(command, root, &input)
        }
    }
}

/// What a command prints, standard error among standard output as it comes, with a last line for its exit status.
fn output(mut command: Command, root: &Path, input: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_agnesi"));
    let folder = binary.parent().expect("a file stands in a folder");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&paths));
    command.env("PATH", std::env::join_paths(paths).expect("the path had been joined before"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS"] {
        command.env_remove(name);
    }
    command.env("TERM", "dumb").current_dir(root.join("tests/suite"));
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(writer.try_clone().expect("a pipe's end")).stderr(writer);
    let mut child = command.spawn().expect("the command can be started");
    // The command holds ends of the pipe too; reading ends when the last one is closed.
    drop(command);
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early has said why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).expect("the pipe can be read");
        bytes
    });
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().expect("the child can be waited for") {
            Some(status) => break Some(status),
            None if begun.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    if status.is_none() {
        return format!("[no end after {} s]\n", PATIENCE.as_secs());
    }
    let bytes = reading.join().expect("reading does not panic");
    let mut text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    // A line of three backquotes would end the block.
    text = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    match status.and_then(|status| status.code()) {
        Some(0) => {}
        Some(code) => text += &format!("[exit {code}]\n"),
        None => text += "[killed]\n",
    }
    text
}
