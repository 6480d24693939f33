//! The programs of the formulas in `tests/programs`, one a file. Each has a head, then the program that is made of it.
//!
//! The head is a title, a line for each argument, `given` in front of what is data, and the formula with what is wanted
//! of it: `value`, `gradient` (with the value), `jacobian` or `hessian`; `fast` in front may round otherwise. `rows 300 of x y` at the end makes it a program for
//! so many rows at once, where these arguments differ. `cargo xtask bless` writes the programs that are made now.

use std::path::Path;

use agnesi_engine::ir::{Program, parse};
use agnesi_engine::lowering::batch;

use super::build::Model;
use crate::Session;

const LINE: &str = "----\n";

fn program(head: &str) -> Program {
    let (mut arguments, mut given, mut rows, mut wanted) = (Vec::new(), Vec::new(), None, None);
    let mut fast = false;
    for line in head.lines().skip(1) {
        let (line, is_fast) = line.strip_prefix("fast ").map_or((line, false), |line| (line, true));
        fast |= is_fast;
        let (word, rest) = line.split_once(' ').expect("a word and what it is about");
        match word {
            "given" => given.push(rest),
            "rows" => rows = Some(rest),
            "value" | "gradient" | "jacobian" | "hessian" => wanted = Some((word, rest)),
            _ => arguments.push(line),
        }
    }
    let (word, formula) = wanted.expect("what is wanted of the formula");
    let model = Model::read(&Session::new(), formula, &arguments, &given);
    let mut model = model.unwrap_or_else(|error| panic!("{formula}: {error}"));
    if fast {
        model = model.fast();
    }
    let ready = match word {
        "value" => model.value::<f64>(),
        "gradient" => model.gradient(),
        "jacobian" => model.jacobian(),
        _ => model.hessian(),
    };
    let program = ready.unwrap_or_else(|error| panic!("{formula}: {error}")).program().clone();
    let Some((count, names)) = rows.and_then(|rows| rows.split_once(" of ")) else { return program };
    let varies: Vec<bool> =
        program.inputs.iter().map(|(name, _)| names.split(' ').any(|own| own == name)).collect();
    batch(&program, count.parse().expect("how many rows"), &varies)
}

#[test]
fn programs_are_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let (mut files, mut other) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("a folder of programs") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let head = text.split_once(LINE).expect("a head and a program").0;
        let made = program(head);
        let found = format!("{head}{LINE}{made}");
        assert_eq!(parse(&made.to_string()).as_ref(), Ok(&made), "{}", path.display());
        if found != text {
            if std::env::var_os("AGNESI_BLESS").is_some() {
                std::fs::write(&path, &found).expect("a file");
            } else {
                other.push(format!("{}: now\n{found}", path.display()));
            }
        }
        files += 1;
    }
    assert!(files >= 15, "{files} files only");
    assert!(other.is_empty(), "{}\n`cargo xtask bless` writes them: read the difference", other.join("\n"));
}
