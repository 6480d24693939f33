//! Functions and their derivatives as Rust.

use std::fmt::Write as _;

use agnesi_engine::ir::Program;
use agnesi_engine::source::{Routine, RustFunction, rust_documented};

use crate::expand::Statement;
use crate::pieces::Fault;
use crate::read::{Argument, Model};

/// Of more numbers no Hessian is written.
const MOST_NUMBERS: usize = 256;
/// A function may not ask for more numbers on the stack.
const MOST_WORK: usize = 1 << 16;

/// Words that are no names of arguments in Rust.
pub const WORDS: &str = "as async await break const continue crate dyn else enum extern false fn for gen if impl in let loop \
                     match mod move mut pub ref return self Self static struct super trait true try type unsafe use \
                     where while abstract become box do final macro override priv typeof unsized virtual yield";

/// The function, and the module of its derivatives.
pub fn write(statement: &Statement, model: &mut Model) -> Result<String, Fault> {
    let wrong = |message: String| Fault { message, pieces: statement.body.all() };
    let scalar = model.shape.is_empty();
    let count: usize = model.variables().map(Argument::len).sum();
    let mut programs = vec![("value", model.value().map_err(wrong)?)];
    programs.push(("first", model.first().map_err(wrong)?));
    let mut no_hessian = None;
    if scalar && count <= MOST_NUMBERS {
        match model.second() {
            Ok(program) => programs.push(("second", program)),
            Err(reason) => no_hessian = Some(reason),
        }
    } else if scalar {
        no_hessian = Some(format!("its {count} numbers are more than {MOST_NUMBERS}"));
    }
    let made = loop {
        let routines: Vec<Routine> = programs
            .iter()
            .map(|(name, program)| Routine { name, program, about: &[], patterns: &[], inline: true })
            .collect();
        let (reason, hint) = match rust_documented(&routines) {
            Err(error) => (error.to_string(), "write the formula with other functions"),
            Ok(made) => match made.functions.iter().map(|function| function.work).max() {
                Some(work) if work > MOST_WORK => (
                    format!(
                        "this needs room for {work} numbers beside its results, more than fits on a stack"
                    ),
                    "call it with `Session::compile`",
                ),
                Some(_) | None => break made,
            },
        };
        // The first derivatives may be had without the second.
        if programs.len() < 3 {
            return Err(wrong(format!("{reason}\nhelp: {hint}")));
        }
        programs.truncate(2);
        no_hessian = Some(reason);
    };
    let writer = Writer { statement, model, count, names: names(model) };
    let mut text = String::new();
    let (name, seen) = (&statement.name, &statement.visibility);
    text += &statement.attributes;
    if !statement.attributes.is_empty() {
        text += "\n///\n";
    }
    writer.formula(&mut text);
    let value = writer.value_type();
    writer.function(
        &mut text,
        seen,
        name,
        &format!("{name}::code"),
        &value,
        &programs[0].1,
        &made.functions[0],
        |w| w.whole(0, &model.shape),
    );
    let _ = writeln!(text, "/// Derivatives of `{name}`.");
    if let Some(reason) = no_hessian {
        let _ = writeln!(text, "///\n/// There is no Hessian: {}.", reason.replace('\n', " "));
    }
    text += "#[allow(dead_code, clippy::all, clippy::pedantic)]\n";
    let _ = writeln!(text, "{seen}mod {name} {{");
    let (program, called) = (&programs[1].1, &made.functions[1]);
    if scalar {
        let gradient = format!("[f64; {count}]");
        let doc = "The gradient: the derivatives by all numbers of the arguments, in order.";
        let _ = writeln!(text, "/// {doc}");
        writer.function(&mut text, "pub ", "gradient", "code", &gradient, program, called, |w| w.gradient());
        let _ = writeln!(text, "/// The value and the gradient, computed together.");
        let both = format!("(f64, {gradient})");
        writer.function(&mut text, "pub ", "value_and_gradient", "code", &both, program, called, |w| {
            format!("(__part0, {})", w.gradient())
        });
    } else {
        let rows: usize = model.shape.iter().product();
        let jacobian = format!("[[f64; {count}]; {rows}]");
        let doc =
            "The Jacobian: a row for each entry of the value, a column for each number of the arguments.";
        let _ = writeln!(text, "/// {doc}");
        writer.function(&mut text, "pub ", "jacobian", "code", &jacobian, program, called, |w| {
            w.jacobian(rows)
        });
    }
    if let (Some((_, program)), Some(called)) = (programs.get(2), made.functions.get(2)) {
        let hessian = format!("[[f64; {count}]; {count}]");
        let doc = "The Hessian: a row and a column for each number of the arguments.";
        let _ = writeln!(text, "/// {doc}");
        writer.function(&mut text, "pub ", "hessian", "code", &hessian, program, called, |w| w.hessian());
    }
    let _ = writeln!(text, "pub(super) mod code {{\n{}}}\n}}", made.source);
    Ok(text)
}

/// What the arguments are called in Rust.
fn names(model: &Model) -> Vec<String> {
    let known = |name: &str| WORDS.split_whitespace().any(|word| word == name);
    let name = |(at, argument): (usize, &Argument)| match known(&argument.name) {
        true => format!("x{at}_{}", argument.name),
        false => argument.name.to_string(),
    };
    model.arguments.iter().enumerate().map(name).collect()
}

/// An array of arrays.
fn array(shape: &[usize]) -> String {
    shape.iter().rev().fold("f64".to_owned(), |inner, size| format!("[{inner}; {size}]"))
}

struct Writer<'a> {
    statement: &'a Statement,
    model: &'a Model,
    /// How many numbers it is differentiated by.
    count: usize,
    names: Vec<String>,
}

impl Writer<'_> {
    /// The formula as documentation.
    fn formula(&self, text: &mut String) {
        let arguments: Vec<&str> = self.statement.arguments.iter().map(|a| a.text.as_str()).collect();
        let head = format!("{}({})", self.statement.name, arguments.join(", "));
        let _ = writeln!(text, "/// ```text\n/// {head} = {}\n/// ```", self.statement.body.text);
    }

    fn value_type(&self) -> String {
        array(&self.model.shape)
    }

    /// A function that calls one of the code, and puts together what it gives.
    #[allow(clippy::too_many_arguments)]
    fn function(
        &self,
        text: &mut String,
        seen: &str,
        name: &str,
        code: &str,
        returned: &str,
        program: &Program,
        called: &RustFunction,
        result: impl Fn(&Writer) -> String,
    ) {
        let mut params = Vec::new();
        let mut args = Vec::new();
        let mut flat = String::new();
        for (argument, name) in self.model.arguments.iter().zip(&self.names) {
            match argument.shape.len() {
                0 => params.push(format!("{name}: f64")),
                _ => params.push(format!("{name}: &{}", array(&argument.shape))),
            }
            args.push(name.clone());
            if argument.shape.len() > 1 {
                let inner = ".as_flattened()".repeat(argument.shape.len() - 1);
                let _ = writeln!(
                    flat,
                    "let {name}: &[f64; {}] = match {name}{inner}.try_into() {{ Ok(all) => all, Err(_) => \
                     unreachable!() }};",
                    argument.len()
                );
            }
        }
        let lengths: Vec<Option<usize>> = program
            .outputs
            .iter()
            .map(|(_, id)| (!program.tensor(*id).shape.is_empty()).then(|| program.tensor(*id).len()))
            .collect();
        let result = result(self);
        let (open, close) = if called.fails { ("Ok(", ")") } else { ("", "") };
        let returned = match called.fails {
            true => format!("::core::result::Result<{returned}, &'static str>"),
            false => returned.to_owned(),
        };
        text.push_str("#[inline]\n");
        if called.fails {
            text.push_str("#[doc = \"# Errors\\nAn index outside its axis, or a matrix that does not allow the result.\"]\n");
        }
        text.push_str(
            "#[allow(non_snake_case, unused_variables, unused_mut, clippy::all, clippy::pedantic)]\n",
        );
        let _ = writeln!(text, "{seen}fn {name}({}) -> {returned} {{", params.join(", "));
        text.push_str(&flat);
        let question = if called.fails { "?" } else { "" };
        let parts: Vec<String> = (0..lengths.len()).map(|at| format!("__part{at}")).collect();
        if called.returns_numbers {
            let pattern = match &parts[..] {
                [one] => one.clone(),
                many => format!("({})", many.join(", ")),
            };
            let _ = writeln!(text, "let {pattern} = {code}::{}({}){question};", called.name, args.join(", "));
        } else {
            for (part, length) in parts.iter().zip(&lengths) {
                let _ = match length {
                    None => writeln!(text, "let mut {part} = 0.0_f64;"),
                    Some(length) => writeln!(text, "let mut {part} = [0.0_f64; {length}];"),
                };
                args.push(format!("&mut {part}"));
            }
            if called.work > 0 {
                let _ = writeln!(text, "let mut __work = [0.0_f64; {}];", called.work);
                args.push("&mut __work".to_owned());
            }
            let _ = writeln!(text, "{code}::{}({}){question};", called.name, args.join(", "));
        }
        let _ = writeln!(text, "{open}{result}{close}\n}}");
    }

    /// A part as arrays of arrays.
    fn whole(&self, part: usize, shape: &[usize]) -> String {
        match shape {
            [] | [_] => format!("__part{part}"),
            _ => {
                let names: Vec<String> = (0..shape.len()).map(|axis| format!("__{axis}")).collect();
                let mut at = "0".to_owned();
                for (name, size) in names.iter().zip(shape) {
                    at = format!("({at})*{size} + {name}");
                }
                names.iter().rev().fold(format!("__part{part}[{at}]"), |inner, name| {
                    format!("::core::array::from_fn(|{name}| {inner})")
                })
            }
        }
    }

    /// Where the numbers of each argument begin.
    fn offsets(&self) -> Vec<usize> {
        let mut next = 0;
        let begin = |argument: &Argument| {
            next += argument.len();
            next - argument.len()
        };
        self.model.variables().map(begin).collect()
    }

    /// The parts behind the value side by side.
    fn gradient(&self) -> String {
        let arguments: Vec<&Argument> = self.model.variables().collect();
        match &arguments[..] {
            [one] if !one.shape.is_empty() => "__part1".to_owned(),
            _ if arguments.iter().all(|argument| argument.shape.is_empty()) => {
                let parts: Vec<String> = (1..=arguments.len()).map(|at| format!("__part{at}")).collect();
                format!("[{}]", parts.join(", "))
            }
            _ => {
                let mut text = format!("{{ let mut __all = [0.0_f64; {}];\n", self.count);
                for (at, (argument, offset)) in arguments.iter().zip(self.offsets()).enumerate() {
                    let part = at + 1;
                    let _ = match argument.shape.is_empty() {
                        true => writeln!(text, "__all[{offset}] = __part{part};"),
                        false => writeln!(
                            text,
                            "__all[{offset}..{}].copy_from_slice(&__part{part});",
                            offset + argument.len()
                        ),
                    };
                }
                text + "__all }"
            }
        }
    }

    /// The parts behind the value, a row for each entry of it.
    fn jacobian(&self, rows: usize) -> String {
        let mut text = format!("{{ let mut __all = [[0.0_f64; {}]; {rows}];\n", self.count);
        let _ = writeln!(text, "for __row in 0..{rows} {{");
        for (at, (argument, offset)) in self.model.variables().zip(self.offsets()).enumerate() {
            let (part, length) = (at + 1, argument.len());
            let _ = match argument.shape.is_empty() {
                true => writeln!(text, "__all[__row][{offset}] = __part{part}[__row];"),
                false => writeln!(
                    text,
                    "__all[__row][{offset}..{}].copy_from_slice(&__part{part}[__row*{length}..][..{length}]);",
                    offset + length
                ),
            };
        }
        text + "}\n__all }"
    }

    /// The blocks on and above the diagonal, and their mirror images.
    fn hessian(&self) -> String {
        let arguments: Vec<&Argument> = self.model.variables().collect();
        let offsets = self.offsets();
        let mut text = format!("{{ let mut __all = [[0.0_f64; {0}]; {0}];\n", self.count);
        let mut part = 0;
        for (i, row) in arguments.iter().enumerate() {
            for (j, column) in arguments.iter().enumerate().skip(i) {
                let (rows, columns) = (row.len(), column.len());
                let scalar = row.shape.is_empty() && column.shape.is_empty();
                let (from, to) = (offsets[i], offsets[j]);
                if scalar {
                    let _ = writeln!(text, "__all[{from}][{to}] = __part{part};");
                    if i != j {
                        let _ = writeln!(text, "__all[{to}][{from}] = __part{part};");
                    }
                } else {
                    let _ = writeln!(text, "for __i in 0..{rows} {{ for __j in 0..{columns} {{");
                    let _ = writeln!(text, "let __x = __part{part}[__i*{columns} + __j];");
                    let _ = writeln!(text, "__all[{from} + __i][{to} + __j] = __x;");
                    if i != j {
                        let _ = writeln!(text, "__all[{to} + __j][{from} + __i] = __x;");
                    }
                    text.push_str("} }\n");
                }
                part += 1;
            }
        }
        text + "__all }"
    }
}
