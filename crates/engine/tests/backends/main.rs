//! Every backend that writes text or bytes against the interpreter: the programs of `tests/programs`, every row of the
//! table, and random programs.

mod cases;
mod random;
mod rows;
mod run;

use agnesi_engine::source::{self, SourceError};
use agnesi_engine::wasm::{self, WasmError};
use cases::Case;

fn all() -> Vec<Case> {
    let mut all = cases::corpus();
    all.extend(random::programs(60, 20261129));
    all
}

#[test]
fn c() {
    let mut all = all();
    all.extend(rows::cases(|program| source::c(&[("f", program)]).is_ok()));
    run::c(&all);
}

#[test]
fn rust() {
    let mut all = all();
    all.extend(rows::cases(|program| source::rust(&[("f", program)]).is_ok()));
    run::rust(&all);
}

#[test]
fn wasm() {
    let mut all = all();
    all.extend(rows::cases(|program| wasm::module(&[("f", program)]).is_ok()));
    run::wasm(&all);
}

#[test]
fn what_is_not_written_is_named() {
    let refused = |of: &dyn Fn(&agnesi_engine::ir::Program) -> bool| {
        let names = agnesi_functions::table().iter().map(|row| row.name);
        let names: Vec<&str> = names.filter(|name| !of(&rows::program(name))).collect();
        names.join(" ")
    };
    assert_eq!(refused(&|program| source::c(&[("f", program)]).is_ok()), rows::REFUSED);
    assert_eq!(refused(&|program| source::rust(&[("f", program)]).is_ok()), rows::REFUSED);
    assert_eq!(refused(&|program| wasm::module(&[("f", program)]).is_ok()), rows::REFUSED);
    assert_eq!(wasm::module(&[("f", &rows::program("Ei"))]), Err(WasmError::Function("Ei")));
    let large = "t0: 99999 9999\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  t1[0] = %0\nend\nout y t1\n";
    let large = agnesi_engine::ir::parse(large).expect("a program");
    assert_eq!(wasm::module(&[("f", &large)]), Err(WasmError::Memory));
    let zeta = source::c(&[("f", &rows::program("zeta"))]).expect_err("zeta");
    assert_eq!(zeta, SourceError::Function { name: "zeta", language: "C99" });
    assert_eq!(zeta.to_string(), "the function `zeta` is not written in C99");
    for op in ["expm", "sqrtm", "logm", "eigenvalues", "eigenvectors"] {
        let shape = if op == "eigenvalues" { "3" } else { "3 3" };
        let text = format!("t0: 3 3\nt1: {shape}\nin x t0\n{op} t1 = t0\nout y t1\n");
        let program = agnesi_engine::ir::parse(&text).expect("a program");
        let error = source::rust(&[("f", &program)]).expect_err(op);
        assert_eq!(error.to_string(), format!("the matrix operation `{op}` is not written in Rust"));
    }
    let unchecked = agnesi_engine::ir::parse("t0: 3\nt1: 3\nin x t0\nout y t1\n").expect("a program");
    let error = source::c(&[("f", &unchecked)]).expect_err("no check");
    assert_eq!(error.to_string(), "no program that can be run: t1 is read before it is written");
}
