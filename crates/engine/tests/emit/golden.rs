//! The text of the code. With `AGNESI_BLESS=1` the file is written instead of compared.

use agnesi_engine::emit::{EmitError, Language, emit};

use crate::cases::Case;
use crate::examples::cases;

#[test]
fn texts_are_as_kept() {
    let mut text = String::new();
    for mut case in cases() {
        for language in Language::ALL {
            text += &format!("=== {} {}\n", case.name, language.name());
            match emit(&mut case.graph, language, case.name, &case.inputs, &case.outputs) {
                Ok(code) => text += &code,
                Err(error) => text += &format!("error: {error}\n"),
            }
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emit/golden.txt");
    if std::env::var_os("AGNESI_BLESS").is_some() {
        std::fs::write(path, &text).expect("a file that can be written");
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if let Some((at, (now, before))) =
        text.lines().zip(kept.lines()).enumerate().find(|(_, (now, before))| now != before)
    {
        panic!("line {} of golden.txt is `{before}`, now `{now}`", at + 1);
    }
    assert_eq!(text.lines().count(), kept.lines().count(), "golden.txt has another length");
}

#[test]
fn what_has_no_counterpart_is_said() {
    let mut c = Case::new("f");
    let x = c.input("x", &[]);
    let b = c.f("ellipticb", &[x]);
    let gamma = c.f("factorial", &[x]);
    let n = c.graph.symbol("n");
    let sum = c.graph.add(x, n);
    let mut error = |language, node| {
        let error = emit(&mut c.graph, language, "f", &c.inputs, &[("value", node)]);
        error.expect_err("an error").to_string()
    };
    assert_eq!(error(Language::Julia, b), "Julia has no counterpart of ellipticb");
    assert_eq!(error(Language::PyTorch, gamma), "PyTorch has no counterpart of factorial");
    assert_eq!(error(Language::NumPy, sum), "n is no input, nor the size of an axis of one");
    let mut call = |name: &str, outputs: &[(&str, agnesi_graph::NodeId)]| {
        emit(&mut c.graph, Language::NumPy, name, &c.inputs, outputs)
    };
    assert_eq!(call("f", &[]), Err(EmitError::NoOutput));
    assert_eq!(call("", &[("y", x)]), Err(EmitError::Name("".into())));
    assert_eq!(call("lambda", &[("y", x)]), Err(EmitError::Name("lambda".into())));
    assert_eq!(call("f", &[("y", x), ("y", x)]), Err(EmitError::Name("y".into())));
}

#[test]
fn names_that_are_taken_change() {
    let mut c = Case::new("f");
    let (a, b) = (c.input("lambda", &[]), c.input("np", &[]));
    let t = c.input("t1", &[]);
    let product = c.graph.product(
        agnesi_graph::Rational::ONE,
        &[
            (a, agnesi_graph::Rational::ONE),
            (b, agnesi_graph::Rational::ONE),
            (t, agnesi_graph::Rational::ONE),
        ],
    );
    let code = emit(&mut c.graph, Language::NumPy, "f", &c.inputs, &[("np", product)]).expect("code");
    assert!(code.contains("def f(lambda_, np_, t1):"), "{code}");
    assert!(code.contains("return lambda_ * np_ * t1"), "{code}");
}
