//! All cases as one program of a language that reads inputs and prints outputs, as bits.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use agnesi_engine::ir::Program;
use agnesi_engine::{source, wasm};

use super::cases::Case;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn named(cases: &[Case]) -> Vec<(String, &Program)> {
    cases.iter().enumerate().map(|(at, case)| (format!("f{at}_{}", case.name), &case.program)).collect()
}

/// Runs a command on the inputs of all runs; compares a line for each run.
fn compare(target: &str, command: &mut Command, cases: &[Case]) {
    let mut given = String::new();
    for (inputs, _) in cases.iter().flat_map(|case| &case.runs) {
        for x in inputs.iter().flatten() {
            let _ = writeln!(given, "{:016x}", x.to_bits());
        }
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("an input");
    let writer = std::thread::spawn(move || stdin.write_all(given.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads all");
    assert!(output.status.success(), "{target}: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines();
    for case in cases {
        for run in 0..case.runs.len() {
            let line = lines.next().unwrap_or_else(|| panic!("{target}: a line for {}", case.name));
            let mut words = line.split_whitespace();
            let failed = words.next() != Some("0");
            let numbers: Vec<f64> =
                words.map(|word| f64::from_bits(u64::from_str_radix(word, 16).expect("bits"))).collect();
            case.compare(target, run, (!failed).then_some(&numbers[..]));
        }
    }
}

fn compile(command: &mut Command, what: &str) -> bool {
    match command.output() {
        Err(_) => {
            println!("skipped: {what} was not found");
            false
        }
        Ok(output) => {
            assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
    }
}

pub fn c(cases: &[Case]) {
    let folder = folder("c");
    let named = named(cases);
    let list: Vec<(&str, &Program)> = named.iter().map(|(name, program)| (name.as_str(), *program)).collect();
    let made = source::c(&list).expect("C");
    let mut main = String::from(
        "#include <stdio.h>\n#include <string.h>\n#include \"made.h\"\n\
         static double next(void) { unsigned long long b; double x; if (scanf(\"%llx\", &b) != 1) b = 0; memcpy(&x, &b, 8); return x; }\n\
         static void show(const double *x, int n) { for (int i = 0; i < n; i++) { unsigned long long b; memcpy(&b, x + i, 8); printf(\" %llx\", b); } }\n\
         static double in[8][65536], out[64][65536], work[65536];\n\
         int main(void) {\n(void)work;\n",
    );
    for (name, program) in &list {
        let case = &cases[list.iter().position(|(other, _)| other == name).expect("a case")];
        let mut args = Vec::new();
        let mut read = String::new();
        for (at, (_, id)) in program.inputs.iter().enumerate() {
            let tensor = program.tensor(*id);
            let _ = write!(read, "for (int i = 0; i < {}; i++) in[{at}][i] = next(); ", tensor.len());
            args.push(if tensor.shape.is_empty() { format!("in[{at}][0]") } else { format!("in[{at}]") });
        }
        let mut shown = String::new();
        for (at, (_, id)) in program.outputs.iter().enumerate() {
            args.push(format!("out[{at}]"));
            let _ = write!(shown, "show(out[{at}], {}); ", program.tensor(*id).len());
        }
        if made.header.lines().any(|line| line.contains(&format!("int {name}(")) && line.contains("*work")) {
            args.push("work".to_owned());
        }
        let _ = writeln!(
            main,
            "for (int r = 0; r < {}; r++) {{ {read}int code = {name}({}); printf(\"%d\", code); {shown}printf(\"\\n\"); }}",
            case.runs.len(),
            args.join(", ")
        );
    }
    main.push_str("return 0;\n}\n");
    for (name, text) in [("made.h", &made.header), ("made.c", &made.source), ("main.c", &main)] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut command = Command::new(compiler);
    command
        .args("-std=c99 -Wall -Wextra -Werror -O2 -o all main.c made.c -lm".split(' '))
        .current_dir(&folder);
    if compile(&mut command, "a compiler of C") {
        compare("C", &mut Command::new(folder.join("all")), cases);
    }
}

pub fn rust(cases: &[Case]) {
    let folder = folder("rust");
    let named = named(cases);
    let list: Vec<(&str, &Program)> = named.iter().map(|(name, program)| (name.as_str(), *program)).collect();
    let made = source::rust(&list).expect("Rust");
    let mut main = String::from(
        "mod made;\nuse std::io::Read;\nfn main() {\nlet mut text = String::new();\nstd::io::stdin().read_to_string(&mut text).unwrap();\n\
         let mut all = text.split_whitespace().map(|w| f64::from_bits(u64::from_str_radix(w, 16).unwrap()));\nlet mut next = || all.next().unwrap();\n",
    );
    for ((name, program), case) in list.iter().zip(cases) {
        let _ = writeln!(main, "for _ in 0..{} {{", case.runs.len());
        let mut args = Vec::new();
        for (at, (_, id)) in program.inputs.iter().enumerate() {
            let tensor = program.tensor(*id);
            if tensor.shape.is_empty() {
                let _ = writeln!(main, "let in{at} = next();");
                args.push(format!("in{at}"));
            } else {
                let _ =
                    writeln!(main, "let in{at}: [f64; {}] = std::array::from_fn(|_| next());", tensor.len());
                args.push(format!("&in{at}"));
            }
        }
        let signature = made.lines().find(|line| line.starts_with(&format!("pub fn {name}("))).expect(name);
        let fails = signature.contains("Result<");
        let plain = !signature.contains('&') && !program.outputs.is_empty();
        let mut shown = Vec::new();
        for (at, (_, id)) in program.outputs.iter().enumerate() {
            let tensor = program.tensor(*id);
            if !plain && tensor.shape.is_empty() {
                let _ = writeln!(main, "let mut out{at} = 0.0;");
                args.push(format!("&mut out{at}"));
            } else if !plain {
                let _ = writeln!(main, "let mut out{at} = [0.0; {}];", tensor.len());
                args.push(format!("&mut out{at}"));
            }
            let each = if tensor.shape.is_empty() { format!("&[out{at}]") } else { format!("&out{at}") };
            shown.push(format!("show({each});"));
        }
        if let Some((_, rest)) = signature.split_once("work: &mut [f64; ") {
            let _ = writeln!(main, "let mut work = [0.0; {}];", rest.split(']').next().unwrap_or_default());
            args.push("&mut work".to_owned());
        }
        let results: Vec<String> = (0..program.outputs.len()).map(|at| format!("out{at}")).collect();
        let pattern = match (plain, &results[..]) {
            (true, [one]) => one.clone(),
            (true, many) => format!("({})", many.join(", ")),
            (false, _) => "()".to_owned(),
        };
        let call = format!("made::{name}({})", args.join(", "));
        let shown = shown.join(" ");
        let _ = if fails {
            writeln!(
                main,
                "match {call} {{ Ok({pattern}) => {{ print!(\"0\"); {shown} }} Err(_) => print!(\"1\") }}"
            )
        } else {
            writeln!(main, "let {pattern} = {call}; print!(\"0\"); {shown}")
        };
        main.push_str("println!();\n}\n");
    }
    main.push_str("}\nfn show(x: &[f64]) { for x in x { print!(\" {:x}\", x.to_bits()); } }\n");
    std::fs::write(folder.join("made.rs"), made).expect("a file");
    std::fs::write(folder.join("main.rs"), main).expect("a file");
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mut command = Command::new(compiler);
    command.args("-O --edition 2021 -D warnings -o all main.rs".split(' ')).current_dir(&folder);
    if compile(&mut command, "rustc") {
        compare("Rust", &mut Command::new(folder.join("all")), cases);
    }
}

pub fn wasm(cases: &[Case]) {
    let folder = folder("wasm");
    let named = named(cases);
    let list: Vec<(&str, &Program)> = named.iter().map(|(name, program)| (name.as_str(), *program)).collect();
    let made = wasm::module(&list).expect("a module");
    let mut main = String::from(
        "import { readFileSync } from 'node:fs';\nimport { load } from './made.mjs';\n\
         const all = await load(readFileSync(new URL('made.wasm', import.meta.url)));\n\
         const words = readFileSync(0, 'utf8').split('\\n');\nlet at = 0;\n\
         const cast = new DataView(new ArrayBuffer(8));\n\
         const next = () => { cast.setBigUint64(0, BigInt('0x' + words[at++])); return cast.getFloat64(0); };\n\
         const some = (n) => Array.from({ length: n }, next);\n\
         const bits = (x) => { cast.setFloat64(0, x); return ' ' + cast.getBigUint64(0).toString(16); };\n\
         const show = (x) => typeof x === 'number' ? bits(x) : Array.from(x, bits).join('');\n\
         const lines = [];\n",
    );
    for ((name, program), case) in list.iter().zip(cases) {
        let args = program.inputs.iter().map(|(_, id)| {
            let tensor = program.tensor(*id);
            if tensor.shape.is_empty() { "next()".to_owned() } else { format!("some({})", tensor.len()) }
        });
        let args = args.collect::<Vec<_>>().join(", ");
        let shown: Vec<String> = match &program.outputs[..] {
            [_] => vec!["show(value)".to_owned()],
            many => many.iter().map(|(label, _)| format!("show(value[{:?}])", label.as_str())).collect(),
        };
        let shown = shown.join(" + ");
        let _ = writeln!(
            main,
            "for (let r = 0; r < {}; r++) {{ const args = [{args}]; let line = '1'; \
             try {{ const value = all.{name}(...args); line = '0' + {shown}; }} \
             catch (error) {{ if (error.constructor !== Error) throw error; }} lines.push(line); }}",
            case.runs.len()
        );
    }
    main.push_str("process.stdout.write(lines.join('\\n') + '\\n');\n");
    std::fs::write(folder.join("made.wasm"), &made.bytes).expect("a file");
    std::fs::write(folder.join("made.mjs"), &made.script).expect("a file");
    std::fs::write(folder.join("main.mjs"), main).expect("a file");
    if compile(Command::new("node").arg("--version"), "node") {
        compare("WebAssembly", Command::new("node").arg(folder.join("main.mjs")), cases);
    }
}
