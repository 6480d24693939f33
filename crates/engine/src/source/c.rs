//! C99.

use super::print::Printer;
use super::{Pattern, Routine, SourceError, numbers, shape};
use crate::code::kernels::Library;
use crate::code::lower::{Main, lower};
use crate::code::names::Names;
use crate::code::{Failure, Kernel, Param, Stmt, Target};
use crate::ir::Program;

/// A header and what it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSource {
    /// The declarations, with what each function takes and makes.
    pub header: String,
    /// The definitions; it includes nothing but the standard library, and links with `-lm`.
    pub source: String,
}

/// Programs as functions of C99, by their names, in one file. Helpers are `static` and written once.
///
/// A function takes its inputs in the program's order, numbers by value and tensors as `const double *`, then a
/// `double *` for each output, then `double *work` where it needs a workspace. It returns 0, or a code of the header
/// where an index or a matrix does not allow a result; outputs are unspecified then. Arguments must not overlap. Names
/// that C uses otherwise get a number behind them.
///
/// # Errors
/// A program that does not pass [`Program::check`]; a function or operation that is not written in C.
///
/// ```
/// let text = "t0:\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  %1 = call sin %0\n  %2 = mul %0 %1\n  t1[0] = %2\nend\nout y t1\n";
/// let program = agnesi_engine::ir::parse(text).expect("a program");
/// let made = agnesi_engine::source::c(&[("f", &program)]).expect("C");
/// assert!(made.header.contains("int f(double x, double *y);"));
/// assert!(made.source.contains("x * sin(x)"));
/// ```
pub fn c(programs: &[(&str, &Program)]) -> Result<CSource, SourceError> {
    c_documented(&programs.iter().map(Routine::plain).collect::<Vec<_>>())
}

/// The same, with more documentation, and the patterns of outputs as constants.
///
/// # Errors
/// As [`c`].
pub fn c_documented(routines: &[Routine]) -> Result<CSource, SourceError> {
    let (mut names, mut library) = (Names::default(), Library::new(Target::C));
    names.reserve("e");
    let mut mains = Vec::new();
    for routine in routines {
        routine.program.check().map_err(SourceError::Check)?;
        let main = lower(routine.name, routine.program, &mut names, &mut library);
        mains.push(main.map_err(|refusal| SourceError::refused(refusal, Target::C))?);
    }
    let mut source = Printer::new(Target::C);
    source.line("#include <math.h>");
    source.line("#include <stddef.h>");
    source.line("#include <string.h>");
    for kernel in &library.needed {
        source.line("");
        helper(&mut source, kernel);
    }
    let mut header = String::new();
    if routines.iter().any(|routine| !routine.patterns.is_empty()) {
        header.push_str("#include <stddef.h>\n\n");
    }
    header.push_str("#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    for (main, routine) in mains.iter().zip(routines) {
        header.push_str(&format!("\n{}\n{};\n", documentation(main, routine.about), signature(main, "")));
        source.line("");
        define(&mut source, main);
        for (name, doc, list) in routine.patterns.iter().flat_map(Pattern::constants) {
            let head = format!("const size_t {}[{}]", names.fresh(&name), list.len().max(1));
            header.push_str(&format!("\n/** {doc} */\nextern {head};\n"));
            source.line("");
            // Declared first: a constant alone would be known in this file only, in C++.
            source.line(&format!("extern {head};"));
            source.line(&format!("{head} = {{"));
            source.depth = 1;
            // C has no arrays without entries.
            let list = if list.is_empty() { vec![0] } else { list };
            numbers(&list).iter().for_each(|line| source.line(line));
            source.depth = 0;
            source.line("};");
        }
    }
    header.push_str("\n#ifdef __cplusplus\n}\n#endif\n");
    Ok(CSource { header, source: source.text })
}

fn documentation(main: &Main, about: &[String]) -> String {
    let mut lines = Vec::new();
    let labels: Vec<&str> = main.outputs.iter().map(|port| port.label.as_str()).collect();
    let of: Vec<&str> = main.inputs.iter().map(|port| port.label.as_str()).collect();
    lines.push(match of.is_empty() {
        true => format!("Computes {}.", labels.join(", ")),
        false => format!("Computes {} of {}.", labels.join(", "), of.join(", ")),
    });
    if !about.is_empty() {
        lines.push(String::new());
        // A comment ends at the first `*/`.
        lines.extend(about.iter().map(|line| line.replace("*/", "* /").replace("/*", "/ *")));
        lines.push(String::new());
    }
    for (way, ports) in [("in ", &main.inputs), ("out", &main.outputs)] {
        for port in ports {
            lines.push(format!("{way} {}: {}", port.name, shape(&port.shape)));
        }
    }
    match main.work() {
        0 => {}
        n => lines.push(format!("work: room for {n} numbers, whatever they are")),
    }
    lines.push(if main.fails {
        let codes: Vec<String> =
            Failure::ALL.iter().map(|f| format!("{} where {}", f.code(), f.message())).collect();
        format!("Returns 0, or {}.", codes.join(", "))
    } else {
        "Returns 0.".to_owned()
    });
    let lines: Vec<String> = lines.iter().map(|line| format!(" * {line}").trim_end().to_owned()).collect();
    format!("/**\n{}\n */", lines.join("\n"))
}

fn signature(main: &Main, restrict: &str) -> String {
    let mut params = Vec::new();
    for port in &main.inputs {
        params.push(match port.is_number() {
            true => format!("double {}", port.name),
            false => format!("const double *{restrict}{}", port.name),
        });
    }
    params.extend(main.outputs.iter().map(|port| format!("double *{restrict}{}", port.name)));
    if main.work() > 0 {
        params.push(format!("double *{restrict}work"));
    }
    let params = if params.is_empty() { "void".to_owned() } else { params.join(", ") };
    format!("int {}({params})", main.name)
}

fn define(out: &mut Printer, main: &Main) {
    out.line(&format!("{} {{", signature(main, "restrict ")));
    out.depth = 1;
    let reads = main.reads();
    for port in main.inputs.iter().filter(|port| !reads.contains(&port.name)) {
        out.line(&format!("(void){};", port.name));
    }
    let mut offset = 0;
    for array in &main.arrays {
        if array.work {
            let at = if offset == 0 { "work".to_owned() } else { format!("work + {offset}") };
            out.line(&format!("double *const {} = {at};", array.name));
            offset += array.len;
        } else {
            out.line(&format!("double {}[{}] = {{0.0}};", array.name, array.len));
        }
    }
    code_variable(out, &main.body);
    out.body(&main.body);
    for (port, result) in main.outputs.iter().zip(&main.results) {
        if let Some(result) = result {
            let line = format!("*{} = {};", port.name, out.expr(result));
            out.line(&line);
        }
    }
    out.line("return 0;");
    out.depth = 0;
    out.line("}");
}

fn code_variable(out: &mut Printer, body: &[Stmt]) {
    let mut runs = false;
    body.iter().for_each(|stmt| stmt.walk(&mut |stmt| runs |= matches!(stmt, Stmt::Run(..))));
    if runs {
        out.line("int code;");
    }
}

fn helper(out: &mut Printer, kernel: &Kernel) {
    out.line(&format!("/* {} */", kernel.doc));
    let params: Vec<String> = kernel
        .params
        .iter()
        .map(|param| match param {
            Param::Real(name) => format!("double {name}"),
            Param::Int(name) => format!("size_t {name}"),
            Param::Array(name, true) => format!("double *{name}"),
            Param::Array(name, false) => format!("const double *{name}"),
        })
        .collect();
    let kind = if kernel.routine { "int" } else { "double" };
    out.line(&format!("static {kind} {}({}) {{", kernel.name, params.join(", ")));
    out.depth = 1;
    code_variable(out, &kernel.body);
    out.body(&kernel.body);
    if kernel.routine {
        out.line("return 0;");
    }
    out.depth = 0;
    out.line("}");
}
