//! Rust of edition 2021 or later, without dependencies.

use super::print::Printer;
use super::{Pattern, Routine, SourceError, numbers, shape};
use crate::code::kernels::Library;
use crate::code::lower::{Main, Port, lower};
use crate::code::names::Names;
use crate::code::{Kernel, Param, Target};
use crate::ir::Program;

/// Functions of Rust, and how they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustSource {
    /// The text.
    pub source: String,
    /// A function for each program.
    pub functions: Vec<RustFunction>,
}

/// How a function is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustFunction {
    /// Its name.
    pub name: String,
    /// Whether it returns its outputs, which are numbers as all inputs are; else it takes a reference for each.
    pub returns_numbers: bool,
    /// Whether it returns a `Result`.
    pub fails: bool,
    /// How many numbers the workspace holds that it takes last; none is taken for 0.
    pub work: usize,
}

/// Programs as functions of Rust, by their names, for one module. Helpers are private and written once.
///
/// A function takes its inputs in the program's order, numbers by value and tensors as references to arrays. Where all
/// inputs and outputs are numbers it returns the output, or a tuple of them; else it takes a mutable reference for each
/// output, then `work` where it needs a workspace. Where an index or a matrix may not allow a result, what it returns is
/// a `Result` with the reason; outputs are unspecified then. Nothing is allocated.
///
/// # Errors
/// A program that does not pass [`Program::check`]; a function or operation that is not written in Rust.
///
/// ```
/// let text = "t0:\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  %1 = call sin %0\n  %2 = mul %0 %1\n  t1[0] = %2\nend\nout y t1\n";
/// let program = agnesi_engine::ir::parse(text).expect("a program");
/// let made = agnesi_engine::source::rust(&[("f", &program)]).expect("Rust");
/// assert!(made.contains("pub fn f(x: f64) -> f64 {"));
/// assert!(made.contains("x * x.sin()"));
/// ```
pub fn rust(programs: &[(&str, &Program)]) -> Result<String, SourceError> {
    Ok(rust_documented(&programs.iter().map(Routine::plain).collect::<Vec<_>>())?.source)
}

/// The same, with more documentation, and the patterns of outputs as constants.
///
/// # Errors
/// As [`rust`].
pub fn rust_documented(routines: &[Routine]) -> Result<RustSource, SourceError> {
    let (mut names, mut library) = (Names::default(), Library::new(Target::Rust));
    let mut mains = Vec::new();
    for routine in routines {
        routine.program.check().map_err(SourceError::Check)?;
        let main = lower(routine.name, routine.program, &mut names, &mut library);
        mains.push(main.map_err(|refusal| SourceError::refused(refusal, Target::Rust))?);
    }
    let mut out = Printer::new(Target::Rust);
    for (main, routine) in mains.iter().zip(routines) {
        if !out.text.is_empty() {
            out.line("");
        }
        define(&mut out, main, routine);
        for (name, doc, list) in routine.patterns.iter().flat_map(Pattern::constants) {
            out.line("");
            out.line(&format!("/// {doc}"));
            let name = names.fresh(&name.to_uppercase());
            out.line(&format!("pub const {name}: [usize; {}] = [", list.len()));
            out.depth = 1;
            numbers(&list).iter().for_each(|line| out.line(line));
            out.depth = 0;
            out.line("];");
        }
    }
    for kernel in &library.needed {
        out.line("");
        helper(&mut out, kernel);
    }
    let functions = mains.iter().map(|main| RustFunction {
        name: main.name.to_string(),
        returns_numbers: main.is_plain(),
        fails: main.fails,
        work: main.work(),
    });
    Ok(RustSource { functions: functions.collect(), source: out.text })
}

fn array(port: &Port) -> String {
    if port.is_number() { "f64".to_owned() } else { format!("[f64; {}]", port.len()) }
}

fn tuple(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        _ => format!("({})", parts.join(", ")),
    }
}

fn define(out: &mut Printer, main: &Main, routine: &Routine) {
    let about = routine.about;
    let plain = main.is_plain();
    let labels: Vec<&str> = main.outputs.iter().map(|port| port.label.as_str()).collect();
    let of: Vec<&str> = main.inputs.iter().map(|port| port.label.as_str()).collect();
    out.line(&match of.is_empty() {
        true => format!("/// Computes {}.", labels.join(", ")),
        false => format!("/// Computes {} of {}.", labels.join(", "), of.join(", ")),
    });
    if !about.is_empty() {
        out.line("///");
        out.line("/// ```text");
        about.iter().for_each(|line| out.line(format!("/// {line}").trim_end()));
        out.line("/// ```");
    }
    if !plain {
        out.line("///");
        for port in main.inputs.iter().chain(&main.outputs) {
            out.line(&format!("/// - `{}`: {}", port.name, shape(&port.shape)));
        }
        if main.work() > 0 {
            out.line(&format!("/// - `work`: room for {} numbers, whatever they are", main.work()));
        }
    }
    if main.fails {
        out.line("///");
        out.line("/// # Errors");
        out.line("/// An index outside its axis, or a matrix that does not allow the result.");
    }
    if plain || routine.inline {
        out.line("#[inline]");
    }
    let upper = |name: &str| name.contains(|c: char| c.is_uppercase());
    if upper(&main.name) || main.inputs.iter().chain(&main.outputs).any(|port| upper(&port.name)) {
        out.line("#[allow(non_snake_case)]");
    }
    let mut params = Vec::new();
    for port in &main.inputs {
        params.push(match port.is_number() {
            true => format!("{}: f64", port.name),
            false => format!("{}: &{}", port.name, array(port)),
        });
    }
    if !plain {
        params.extend(main.outputs.iter().map(|port| format!("{}: &mut {}", port.name, array(port))));
        if main.work() > 0 {
            params.push(format!("work: &mut [f64; {}]", main.work()));
        }
    }
    if params.len() > 7 {
        out.line("#[allow(clippy::too_many_arguments)]");
    }
    let value = if plain { tuple(&vec!["f64".to_owned(); main.outputs.len()]) } else { "()".to_owned() };
    let returned = match (main.fails, plain) {
        (true, _) => format!(" -> Result<{value}, &'static str>"),
        (false, true) => format!(" -> {value}"),
        (false, false) => String::new(),
    };
    out.line(&format!("pub fn {}({}){returned} {{", main.name, params.join(", ")));
    out.depth = 1;
    let reads = main.reads();
    for port in main.inputs.iter().filter(|port| !reads.contains(&port.name)) {
        out.line(&format!("let _ = {};", port.name));
    }
    let mut left = main.arrays.iter().filter(|array| array.work).count();
    let mut from = "work";
    for array in &main.arrays {
        if !array.work {
            out.line(&format!("let mut {} = [0.0_f64; {}];", array.name, array.len));
            continue;
        }
        left -= 1;
        if left == 0 {
            out.line(&format!("let {} = &mut {from}[..];", array.name));
        } else {
            out.line(&format!("let ({}, rest) = {from}.split_at_mut({});", array.name, array.len));
        }
        from = "rest";
    }
    out.body(&main.body);
    let results: Vec<String> = main.results.iter().flatten().map(|result| out.expr(result)).collect();
    let mut value = tuple(&results);
    if !plain {
        let ports = main.outputs.iter().zip(&main.results).filter(|(_, result)| result.is_some());
        for ((port, _), result) in ports.zip(&results) {
            out.line(&format!("*{} = {result};", port.name));
        }
        value = if main.fails { "()".to_owned() } else { String::new() };
    }
    if !value.is_empty() {
        out.line(&if main.fails { format!("Ok({value})") } else { value });
    }
    out.depth = 0;
    out.line("}");
}

fn helper(out: &mut Printer, kernel: &Kernel) {
    out.line(&format!("/// {}", kernel.doc.replace('[', "\\[")));
    let params: Vec<String> = kernel
        .params
        .iter()
        .map(|param| match param {
            Param::Real(name) => format!("{name}: f64"),
            Param::Int(name) => format!("{name}: usize"),
            Param::Array(name, true) => format!("{name}: &mut [f64]"),
            Param::Array(name, false) => format!("{name}: &[f64]"),
        })
        .collect();
    let returned = if kernel.routine { "Result<(), &'static str>" } else { "f64" };
    out.line(&format!("fn {}({}) -> {returned} {{", kernel.name, params.join(", ")));
    out.depth = 1;
    out.body(&kernel.body);
    if kernel.routine {
        out.line("Ok(())");
    }
    out.depth = 0;
    out.line("}");
}
