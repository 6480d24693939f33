//! Chores of the workspace. `cargo xtask` lists them.

mod bench;
mod book;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask bless            write the output of all examples, and the list of public items, into their files
cargo xtask tidy             look for what does not belong in a commit
cargo xtask book             check the links of the book and run its examples
cargo xtask bench symbolic   time differentiation, against peers where Python has them; --smoke is quick
cargo xtask bench tensors    time gradients of vectors and matrices, likewise
cargo xtask bench adbench    time the objectives of ADBench, or those whose name has the words given
cargo xtask bench engine     time formulas as numbers: calls, batches, hessians, training, or one of these, likewise
cargo xtask bench native     time compiled programs against a loop written by hand
cargo xtask bench kernels    measure the errors of the vector kernels with big floats, and time them; --smoke is quick
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["bless"] => bless(),
        ["tidy"] => tidy::run(&root()),
        ["book"] => book::run(&root()),
        ["bench", "symbolic", rest @ ..] => bench::symbolic(&root(), rest),
        ["bench", "kernels", rest @ ..] => bench::kernels(rest),
        ["bench", "adbench", rest @ ..] => bench::adbench(&root(), rest),
        ["bench", "engine", rest @ ..] => bench::engine(&root(), rest),
        ["bench", "tensors", rest @ ..] => bench::tensors(&root(), rest),
        ["bench", "native", rest @ ..] => bench::native(&root(), rest),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Runs the cargo that runs us.
fn cargo(words: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(words).current_dir(root()).envs(variables.iter().copied());
    let status = command.status().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", words.join(" "))) }
}

fn bless() -> Result<(), String> {
    let variables = [("AGNESI_BLESS", "1"), ("UPDATE_EXPECT", "1")];
    cargo(&["test", "--quiet", "-p", "agnesi", "--test", "public_api"], &variables)?;
    cargo(&["test", "--quiet", "-p", "agnesi", "--lib", "function::golden"], &variables)?;
    cargo(&["test", "--quiet", "-p", "agnesi-cli", "--test", "suites"], &variables)
}
