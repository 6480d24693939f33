//! What `compile` writes in C, Rust and WebAssembly, compiled and run against values that are known.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use agnesi::Session;
use agnesi::protocol::{CompileReply, Outcome, Reply, Request, Verb};

/// A function with the outputs it is to have: names and numbers.
type Expected = (&'static str, Vec<(&'static str, Vec<f64>)>);

struct Case {
    formula: &'static str,
    lets: &'static str,
    wrt: &'static [&'static str],
    order: u32,
    /// In the order of the functions' arguments; numbers and lists of numbers.
    inputs: Vec<Input>,
    functions: Vec<Expected>,
}

enum Input {
    Number(f64),
    List(Vec<f64>),
}

fn cases() -> Vec<Case> {
    let w = 0.62f64;
    let x = [0.5, -0.25, 2.0, 1.5];
    let (mut value, mut gradient, mut hessian) = (0.0, vec![0.0; 4], vec![0.0; 16]);
    for i in 0..3 {
        let (u, v) = (1.0 - x[i], x[i + 1] - x[i] * x[i]);
        value += u * u + 100.0 * v * v;
        gradient[i] += -2.0 * u - 400.0 * x[i] * v;
        gradient[i + 1] += 200.0 * v;
        hessian[5 * i] += 2.0 - 400.0 * v + 800.0 * x[i] * x[i];
        hessian[5 * i + 1] -= 400.0 * x[i];
        hessian[5 * i + 4] -= 400.0 * x[i];
        hessian[5 * i + 5] += 200.0;
    }
    let swish = |x: f64| {
        let s = 1.0 / (1.0 + (-2.0 * x).exp());
        (x * s, s + 2.0 * x * s * (1.0 - s))
    };
    vec![
        Case {
            formula: "sin(4w) + 0.1w^2",
            lets: "",
            wrt: &["w"],
            order: 2,
            inputs: vec![Input::Number(w)],
            functions: vec![
                ("f", vec![("value", vec![(4.0 * w).sin() + 0.1 * w * w])]),
                (
                    "f_gradient",
                    vec![
                        ("value", vec![(4.0 * w).sin() + 0.1 * w * w]),
                        ("derivative_w", vec![4.0 * (4.0 * w).cos() + 0.2 * w]),
                    ],
                ),
                ("f_hessian", vec![("second_w", vec![-16.0 * (4.0 * w).sin() + 0.2])]),
            ],
        },
        Case {
            formula: "sum(i in 1..n-1, (1 - x[i])^2 + 100(x[i+1] - x[i]^2)^2)",
            lets: "x: vector(n); n = 4",
            wrt: &["x"],
            order: 2,
            inputs: vec![Input::List(x.to_vec())],
            functions: vec![
                ("f", vec![("value", vec![value])]),
                ("f_gradient", vec![("value", vec![value]), ("gradient_x", gradient)]),
                ("f_hessian", vec![("hessian_x", hessian)]),
            ],
        },
        Case {
            formula: "[x*y, log(x), y^2]",
            lets: "",
            wrt: &["x", "y"],
            order: 1,
            inputs: vec![Input::Number(2.0), Input::Number(3.0)],
            functions: vec![
                ("f", vec![("value", vec![6.0, 2.0f64.ln(), 9.0])]),
                (
                    "f_jacobian",
                    vec![
                        ("value", vec![6.0, 2.0f64.ln(), 9.0]),
                        ("jacobian_x", vec![3.0, 0.5, 0.0]),
                        ("jacobian_y", vec![2.0, 0.0, 6.0]),
                    ],
                ),
            ],
        },
        Case {
            formula: "norm2(X*w - y)^2",
            lets: "X: matrix(n, m); w: vector(m); y: vector(n); n = 3; m = n - 1",
            wrt: &["w"],
            order: 2,
            inputs: vec![
                Input::List(vec![1.0, 0.0, 0.0, 1.0, 1.0, 1.0]),
                Input::List(vec![0.0, 0.0]),
                Input::List(vec![1.0, 2.0, 3.0]),
            ],
            functions: vec![
                ("f", vec![("value", vec![14.0])]),
                ("f_gradient", vec![("value", vec![14.0]), ("gradient_w", vec![-8.0, -10.0])]),
                ("f_hessian", vec![("hessian_w", vec![4.0, 2.0, 2.0, 4.0])]),
            ],
        },
        Case {
            formula: "sum(swish2(x)) + swish2(a)",
            lets: "function swish2(x) = x/(1 + exp(-2x)); x: vector(2)",
            wrt: &["x", "a"],
            order: 1,
            inputs: vec![Input::List(vec![0.5, -1.0]), Input::Number(2.0)],
            functions: vec![
                ("f", vec![("value", vec![swish(0.5).0 + swish(-1.0).0 + swish(2.0).0])]),
                (
                    "f_gradient",
                    vec![
                        ("value", vec![swish(0.5).0 + swish(-1.0).0 + swish(2.0).0]),
                        ("gradient_x", vec![swish(0.5).1, swish(-1.0).1]),
                        ("derivative_a", vec![swish(2.0).1]),
                    ],
                ),
            ],
        },
        Case {
            formula: "logdet(A) + x'*A*x",
            lets: "A: spd(2); x: vector(2)",
            wrt: &["x"],
            order: 1,
            inputs: vec![Input::List(vec![2.0, 1.0, 1.0, 3.0]), Input::List(vec![1.0, -1.0])],
            functions: vec![
                ("f", vec![("value", vec![5.0f64.ln() + 3.0])]),
                ("f_gradient", vec![("value", vec![5.0f64.ln() + 3.0]), ("gradient_x", vec![2.0, -4.0])]),
            ],
        },
    ]
}

fn compiled(case: &Case, language: &str) -> CompileReply {
    let mut request = Request::new(Verb::Compile, case.formula);
    request.lets = Some(case.lets.to_owned());
    request.wrt = case.wrt.iter().map(|name| (*name).to_owned()).collect();
    request.order = Some(case.order);
    request.language = Some(language.to_owned());
    match Session::new().answer(&request).outcome {
        Outcome::Ok(success) => match success.reply {
            Reply::Compile(reply) => reply,
            other => panic!("{}: {other:?}", case.formula),
        },
        Outcome::Failed(failure) => panic!("{}: {failure:?}", case.formula),
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Runs a command that must succeed; `None` where the program is missing.
fn run(command: &mut Command) -> Option<String> {
    let Ok(output) = command.stderr(Stdio::piped()).output() else {
        println!("skipped: {} was not found", command.get_program().display());
        return None;
    };
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

/// A line for each function, a number for each of its outputs' entries.
fn compare(language: &str, case: &Case, printed: &str) {
    let mut lines = printed.lines();
    for (function, outputs) in &case.functions {
        let line = lines.next().unwrap_or_default();
        let found: Vec<f64> = line.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let wanted: Vec<f64> = outputs.iter().flat_map(|(_, numbers)| numbers.clone()).collect();
        assert_eq!(found.len(), wanted.len(), "{language}, {function} of {}: {line}", case.formula);
        for (x, y) in found.iter().zip(&wanted) {
            let near = (x - y).abs() <= 1e-12 * y.abs().max(1.0);
            assert!(near, "{language}, {function} of {}: {found:?} is not {wanted:?}", case.formula);
        }
    }
}

#[test]
fn c() {
    for (at, case) in cases().iter().enumerate() {
        let folder = folder(&format!("compile-c-{at}"));
        let made = compiled(case, "c");
        let header = made.header.expect("a header");
        let mut main =
            String::from("#include <stdio.h>\n#include \"f.h\"\n#include \"f.h\"\nint main(void) {\n");
        for (i, input) in case.inputs.iter().enumerate() {
            let numbers = match input {
                Input::Number(x) => vec![*x],
                Input::List(list) => list.clone(),
            };
            let words: Vec<String> = numbers.iter().map(|x| format!("{x:?}")).collect();
            let _ = writeln!(main, "double in{i}[] = {{{}}};", words.join(", "));
        }
        for (function, outputs) in &case.functions {
            let mut args: Vec<String> = Vec::new();
            for (i, input) in case.inputs.iter().enumerate() {
                args.push(match input {
                    Input::Number(_) => format!("in{i}[0]"),
                    Input::List(_) => format!("in{i}"),
                });
            }
            let _ = writeln!(main, "{{");
            for (k, (label, numbers)) in outputs.iter().enumerate() {
                assert!(header.contains(&format!("double *{label}")), "{label} in {header}");
                let _ = writeln!(main, "double out{k}[{}];", numbers.len());
                args.push(format!("out{k}"));
            }
            let _ = writeln!(main, "if ({function}({}) != 0) return 1;", args.join(", "));
            for (k, (_, numbers)) in outputs.iter().enumerate() {
                let n = numbers.len();
                let _ = writeln!(main, "for (int i = 0; i < {n}; i++) printf(\"%.17g \", out{k}[i]);");
            }
            main.push_str("printf(\"\\n\");\n}\n");
        }
        main.push_str("return 0;\n}\n");
        let source = format!("#include \"f.h\"\n{}", made.source);
        for (name, text) in [("f.c", &source), ("f.h", &header), ("main.c", &main)] {
            std::fs::write(folder.join(name), text).expect("a file");
        }
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let words = "-std=c99 -Wall -Wextra -Wmissing-prototypes -Werror -O1 -o all main.c f.c -lm";
        if run(Command::new(compiler).args(words.split(' ')).current_dir(&folder)).is_none() {
            return;
        }
        compare("C", case, &run(&mut Command::new(folder.join("all"))).expect("it was made"));
    }
}

#[test]
fn rust() {
    let folder = folder("compile-rust");
    let mut main = String::from("#![allow(dead_code)]\n");
    let mut calls = String::new();
    for (at, case) in cases().iter().enumerate() {
        let made = compiled(case, "rust").source;
        for (function, outputs) in &case.functions {
            let head = format!("pub fn {function}(");
            let signature = made.lines().find(|line| line.starts_with(&head)).expect("a function");
            let mut args: Vec<String> = case
                .inputs
                .iter()
                .map(|input| match input {
                    Input::Number(x) => format!("{x:?}"),
                    Input::List(list) => format!("&{list:?}"),
                })
                .collect();
            let names: Vec<String> = (0..outputs.len()).map(|k| format!("out{k}")).collect();
            let by_value = !signature.contains('&');
            for (name, (label, numbers)) in names.iter().zip(outputs).filter(|_| !by_value) {
                let number = signature.contains(&format!("{label}: &mut f64"));
                let start = if number { "0.0".to_owned() } else { format!("[0.0; {}]", numbers.len()) };
                let _ = writeln!(calls, "let mut {name} = {start};");
                args.push(format!("&mut {name}"));
            }
            let call = format!("m{at}::{function}({})", args.join(", "));
            let call = if signature.contains("Result<") { format!("{call}.unwrap()") } else { call };
            let _ = match by_value {
                true => writeln!(calls, "let ({}) = {call};", names.join(", ")),
                false => writeln!(calls, "{call};"),
            };
            for (name, (label, _)) in names.iter().zip(outputs) {
                let number = by_value || signature.contains(&format!("{label}: &mut f64"));
                let list = if number { format!("[{name}]") } else { name.clone() };
                let _ = writeln!(calls, "for x in {list} {{ print!(\"{{x:e}} \"); }}");
            }
            calls.push_str("println!();\n");
        }
        let _ = writeln!(main, "mod m{at} {{\n{made}\n}}");
    }
    let _ = writeln!(main, "fn main() {{\n{calls}}}");
    std::fs::write(folder.join("main.rs"), main).expect("a file");
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mut command = Command::new(compiler);
    command.args(["--edition", "2021", "-A", "unused_parens", "-D", "warnings", "-o", "all", "main.rs"]);
    if run(command.current_dir(&folder)).is_none() {
        return;
    }
    let printed = run(&mut Command::new(folder.join("all"))).expect("it was made");
    let mut lines: Vec<&str> = printed.lines().collect();
    for case in cases() {
        let rest = lines.split_off(case.functions.len());
        compare("Rust", &case, &lines.join("\n"));
        lines = rest;
    }
}

#[test]
fn wasm() {
    for (at, case) in cases().iter().enumerate() {
        let folder = folder(&format!("compile-wasm-{at}"));
        let made = compiled(case, "wasm");
        let mut main = String::from(
            "import { readFileSync } from 'node:fs';\nimport { load } from './f.mjs';\n\
             const all = await load(readFileSync(new URL('f.wasm', import.meta.url)));\n\
             const show = (x) => typeof x === 'number' ? `${x} ` : Array.from(x, (x) => `${x} `).join('');\n",
        );
        for (function, outputs) in &case.functions {
            let args: Vec<String> = case
                .inputs
                .iter()
                .map(|input| match input {
                    Input::Number(x) => format!("{x:?}"),
                    Input::List(list) => format!("{list:?}"),
                })
                .collect();
            let _ = writeln!(main, "{{ const made = all.{function}({});", args.join(", "));
            let parts: Vec<String> = match outputs.len() {
                1 => vec!["show(made)".to_owned()],
                _ => outputs.iter().map(|(label, _)| format!("show(made.{label})")).collect(),
            };
            let _ = writeln!(main, "console.log({}); }}", parts.join(" + "));
        }
        std::fs::write(folder.join("f.wasm"), made.module.expect("a module")).expect("a file");
        std::fs::write(folder.join("f.mjs"), made.source).expect("a file");
        std::fs::write(folder.join("main.mjs"), main).expect("a file");
        let Some(printed) = run(Command::new("node").arg(folder.join("main.mjs"))) else { return };
        compare("WebAssembly", case, &printed);
    }
}

/// The constants beside a Hessian or a Jacobian name every entry that is other than 0, and no other here.
#[test]
fn patterns_of_zeros() {
    let case = &cases()[1];
    let made = compiled(case, "rust").source;
    let list = |name: &str| -> Vec<usize> {
        let (_, rest) = made.split_once(&format!("pub const {name}: [usize; 10] = [")).expect(name);
        let (list, _) = rest.split_once(']').expect("an end");
        list.split(',').filter_map(|word| word.trim().parse().ok()).collect()
    };
    let (rows, columns) = (list("F_HESSIAN_X_ROWS"), list("F_HESSIAN_X_COLUMNS"));
    let hessian = &case.functions[2].1[0].1;
    let wanted: Vec<(usize, usize)> =
        (0..16).filter(|at| hessian[*at] != 0.0).map(|at| (at / 4, at % 4)).collect();
    assert_eq!(rows.into_iter().zip(columns).collect::<Vec<_>>(), wanted);
    assert!(compiled(case, "c").header.expect("a header").contains("f_hessian_x_rows[10];"));
    assert!(compiled(case, "wasm").source.contains("export const f_hessian_x_columns = [0, 1, 0, 1, 2,"));
    // A matrix that can be anything has none.
    assert!(!compiled(&cases()[3], "c").source.contains("_rows"));
}
