//! Hostile sizes: deep nesting, long lines, shared trees. On the stack of a worker thread, in linear time.

mod common;

use std::time::{Duration, Instant};

use agnesi_syntax::{Code, Limits, Tree, parse, parse_expression, parse_within, print, render};

/// Runs on 2 MB of stack, as worker threads have, and within a time.
fn small_stack(work: impl FnOnce() + Send + 'static) {
    let start = Instant::now();
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// Reads, prints in every notation and renders what is said.
fn whole(text: &str, limits: Limits) -> Vec<Code> {
    let parsed = parse_within(text, &common::names, limits);
    let options = print::Options { limit: 5_000_000, latex_name: None };
    for &id in &parsed.statements {
        print::text_with(&parsed.tree, id, &options);
        print::latex(&parsed.tree, id, &options);
        print::typst(&parsed.tree, id, &options);
        print::mathml(&parsed.tree, id, &options);
    }
    for diagnostic in &parsed.diagnostics {
        let rendered = render(diagnostic, text, "text", false);
        assert!(rendered.len() < 5_000, "{} bytes", rendered.len());
    }
    parsed.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code).collect()
}

/// Signs and powers of signs are printed in brackets, which are levels of their own.
#[test]
fn what_is_read_within_the_limit_is_printed_within_four_times_as_much() {
    let wide = Limits { depth: 4 * Limits::default().depth, ..Limits::default() };
    small_stack(move || {
        for open in ["-", "- ", "+", "not ", "x^-", "2^- ", "2^x^-", "√-", "d/dx -", "if x then x else -"] {
            let mut read = 0;
            for n in 1..=256 {
                let text = format!("{}x", open.repeat(n));
                let first = parse(&text, &common::names);
                if first.has_errors() {
                    break;
                }
                let once = print::text(&first.tree, first.statements[0]);
                let again = parse_within(&once, &common::names, wide);
                assert!(!again.has_errors(), "{text}: {once}");
                assert_eq!(once, print::text(&again.tree, again.statements[0]));
                read = n;
            }
            assert!(read >= 40, "{open} is read {read} times");
        }
    });
}

#[test]
fn deep_nesting_is_a_limit() {
    small_stack(|| {
        for (open, middle, close) in [
            ("(", "x", ")"),
            ("[", "x", "]"),
            ("{", "x", "}"),
            ("x^", "x", ""),
            ("-", "x", ""),
            ("+", "x", ""),
            ("- ", "x", ""),
            ("not ", "x", ""),
            ("not -", "x", ""),
            ("2^-", "x", ""),
            ("sin ", "x", ""),
            ("sin(", "x", ")"),
            ("sin^2 ", "x", ""),
            ("sin -", "x", ""),
            ("f(x, ", "x", ")"),
            ("x[", "i", "]"),
            ("√", "x", ""),
            ("√(", "x", ")"),
            ("∇", "f", ""),
            ("∫ ", "x", " dx"),
            ("∫_0^(", "x", ") x dx"),
            ("d/dx ", "x", ""),
            ("d/dx (", "x", ")"),
            ("∂/∂x ", "x", ""),
            ("if x then ", "x", " else x"),
            ("if ", "x", " then x else x"),
            ("if x then x else ", "x", ""),
            ("if(x, ", "x", ", x)"),
            ("|", "x", "|"),
            ("||", "x", "||"),
            ("‖", "x", "‖"),
            ("(x where x = ", "x", ")"),
            ("x -> ", "x", ""),
            ("x = ", "x", ""),
            ("y(x) = ", "x", ""),
            ("[x for i in ", "x", "]"),
            ("e^", "x", ""),
            ("x^(", "x", ")"),
            ("1..", "x", ""),
        ] {
            let n = 10_000;
            let text = format!("{}{middle}{}", open.repeat(n), close.repeat(n));
            let codes = whole(&text, Limits::default());
            assert!(!codes.is_empty(), "{open}: nothing said");
            // Without its ends.
            whole(&open.repeat(n), Limits::default());
            whole(&close.repeat(n), Limits::default());
        }
    });
}

#[test]
fn two_hundred_deep_is_fine() {
    small_stack(|| {
        for (open, close) in
            [("x^", ""), ("(", ")"), ("-", ""), ("sin(", ")"), ("sin ", ""), ("[", "]"), ("√", "")]
        {
            let text = format!("{}x{}", open.repeat(200), close.repeat(200));
            assert_eq!(whole(&text, Limits::default()), [], "{open}");
        }
        let brackets = "(".repeat(10_000) + "x" + &")".repeat(10_000);
        assert_eq!(whole(&brackets, Limits::default()), [Code::Limit]);
        assert_eq!(whole(&"-".repeat(100_000), Limits::default()), [Code::Limit]);
    });
}

#[test]
fn long_texts_are_read_in_linear_time() {
    small_stack(|| {
        let limits = Limits { bytes: 64 << 20, ..Limits::default() };
        for (unit, n) in [
            ("x + ", 50_000),
            ("x*", 50_000),
            ("x ", 50_000),
            ("sin x ", 50_000),
            ("x; ", 50_000),
            ("f(x) = x^2; ", 50_000),
            ("x'", 50_000),
            ("x! ", 50_000),
            ("x² ", 50_000),
            ("x[1]", 50_000),
            ("x(x)", 50_000),
            ("|x| + ", 50_000),
            ("||x||*", 50_000),
            ("|| ", 50_000),
            ("@;", 50_000),
            ("x, ", 50_000),
            ("x < ", 50_000),
            ("a = b where ", 50_000),
            ("\n", 1_000_000),
            ("\0", 50_000),
            ("dx", 50_000),
            ("d/d", 50_000),
            ("dab/dcd + ", 50_000),
            ("\"", 20_000),
            ("if(", 50_000),
        ] {
            let text = unit.repeat(n) + "x";
            let start = Instant::now();
            whole(&text, limits);
            assert!(start.elapsed() < Duration::from_secs(4), "{unit}: {:?}", start.elapsed());
        }
        let number = "1".repeat(10 << 20);
        whole(&number, limits);
    });
}

#[test]
fn a_line_of_ten_megabytes_is_a_limit() {
    let text = "x + ".repeat(10 << 18) + "x";
    let parsed = parse(&text, &common::names);
    assert_eq!(parsed.diagnostics.len(), 1);
    assert_eq!(parsed.diagnostics[0].code, Code::Limit);
    let said = render(&parsed.diagnostics[0], &text, "text", false);
    assert!(said.contains("more than the limit of 1048576") && said.len() < 1000, "{said}");

    // A place deep inside a long line is shown in a window.
    let text = "x + ".repeat(10_000) + "@ + y";
    let parsed = parse(&text, &common::names);
    let said = render(&parsed.diagnostics[0], &text, "text", false);
    assert!(said.contains("text:1:40001") && said.contains("x + @ + y") && said.len() < 1000, "{said}");
}

#[test]
fn shared_trees_do_not_blow_up() {
    small_stack(|| {
        // x + x, doubled 200 times: 2^200 letters.
        let mut tree = Tree::new();
        let mut id = tree.name("x");
        for _ in 0..200 {
            id = tree.binary(agnesi_syntax::Binary::Add, id, id);
        }
        let options = print::Options::default();
        let text = print::text_with(&tree, id, &options);
        assert!(text.cut && text.text.ends_with('…') && text.text.len() <= options.limit);
        for printed in [
            print::latex(&tree, id, &options),
            print::typst(&tree, id, &options),
            print::mathml(&tree, id, &options),
        ] {
            assert!(printed.cut && printed.text.len() < 200);
        }
        let other = tree.clone();
        assert!(tree.same(id, &other, id));
        // Deeper than any stack.
        let mut tree = Tree::new();
        let mut id = tree.name("x");
        for at in 0..50_000 {
            id = match at % 4 {
                0 => tree.neg(id),
                1 => tree.call("sin", &[id]),
                2 => {
                    let two = tree.number("2");
                    tree.binary(agnesi_syntax::Binary::Pow, two, id)
                }
                _ => {
                    let y = tree.name("y");
                    tree.binary(agnesi_syntax::Binary::Mul, y, id)
                }
            };
        }
        let options = print::Options { limit: 10_000_000, latex_name: None };
        assert!(!print::text_with(&tree, id, &options).cut);
        assert!(!print::latex(&tree, id, &options).cut);
        assert!(!print::typst(&tree, id, &options).cut);
        assert!(!print::mathml(&tree, id, &options).cut);
        assert!(tree.same(id, &tree.clone(), id));
    });
}

#[test]
fn a_limit_is_said_once() {
    let text = "(".repeat(1000);
    let parsed = parse_expression(&text, &common::names);
    assert_eq!(parsed.diagnostics.len(), 1);
    assert_eq!(parsed.diagnostics[0].code, Code::Limit);
}
