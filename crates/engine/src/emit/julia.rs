//! Julia: indices count from 1, shapes meet from the front, dots broadcast, and what leaves a domain throws.

use agnesi_graph::{Label, Linear, Reduction};

use super::EmitError;
use super::julia_names::{self, EVERYWHERE, RESERVED, SPECIAL};
use super::print::{Level, Printer, Text};
use super::spelling::{Parts, Spelling};
use super::value::{Arithmetic, Kind, Place, Relation, Value};

pub(super) struct Julia;

fn letter(label: Label) -> char {
    let letters = b"ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char::from(letters[label as usize % letters.len()])
}

/// `2`, or `(1, 2)`.
fn dims(axes: &[usize]) -> String {
    let axes: Vec<String> = axes.iter().map(|axis| (axis + 1).to_string()).collect();
    if axes.len() == 1 { axes.concat() } else { format!("({})", axes.join(", ")) }
}

fn of(name: &str, args: &[String]) -> Text {
    Text::atom(format!("{name}({})", args.join(", ")))
}

impl Julia {
    /// Something along axes, which are dropped.
    fn along(&self, name: &str, text: &str, axes: &[usize], rank: usize) -> Text {
        if axes.len() == rank {
            return Text::atom(format!("{name}({text})"));
        }
        let dims = dims(axes);
        Text::atom(match rank - axes.len() {
            1 => format!("vec({name}({text}; dims={dims}))"),
            _ => format!("dropdims({name}({text}; dims={dims}); dims={dims})"),
        })
    }

    fn matmul(&self, p: &mut Printer, a: &Value, b: &Value) -> Result<Text, EmitError> {
        match (a.rank(), b.rank()) {
            (1, 1) => {
                p.needs("LinearAlgebra");
                // u'*A*v in one go.
                if let Kind::MatMul(left, matrix) = &*a.kind {
                    let args = p.args(&[left.clone(), matrix.clone(), b.clone()])?;
                    return Ok(of("dot", &args));
                }
                let args = p.args(&[a.clone(), b.clone()])?;
                Ok(of("dot", &args))
            }
            (1, _) => self.matmul(p, &b.clone().transposed(), a),
            _ => {
                let text = format!("{} * {}", p.text(a)?.at(Level::Matrix), p.text(b)?.at(Level::Power));
                Ok(Text { text, level: Level::Matrix })
            }
        }
    }

    fn reduce(&self, p: &mut Printer, how: Reduction, of: &Value, count: usize) -> Result<Text, EmitError> {
        let rank = of.rank();
        let axes: Vec<usize> = (rank - count..rank).collect();
        let text = p.arg(of)?;
        Ok(match how {
            Reduction::Max => self.along("maximum", &text, &axes, rank),
            Reduction::Min => self.along("minimum", &text, &axes, rank),
            Reduction::Product => self.along("prod", &text, &axes, rank),
            Reduction::LogSumExp => {
                let name = p.defined("logsumexp");
                match count == rank {
                    true => Text::atom(format!("{name}({text})")),
                    false => {
                        let dims = dims(&axes);
                        Text::atom(format!("dropdims({name}({text}; dims={dims}); dims={dims})"))
                    }
                }
            }
            Reduction::ArgMax => match rank {
                1 => Text::atom(format!("argmax({text})")),
                _ => Text::atom(format!(
                    "getindex.(dropdims(argmax({text}; dims={rank}); dims={rank}), {rank})"
                )),
            },
        })
    }

    fn linear(&self, p: &mut Printer, op: Linear, of: &Value) -> Result<Text, EmitError> {
        if of.rank() != 2 {
            return Err(p.unsupported(&format!("{} of many matrices at once", op.name())));
        }
        p.needs("LinearAlgebra");
        let text = p.arg(of)?;
        Ok(Text::atom(match op {
            Linear::Inverse => format!("inv({text})"),
            Linear::Determinant => format!("det({text})"),
            Linear::LogDeterminant => format!("logdet({text})"),
            Linear::Cholesky => format!("Matrix(cholesky(Symmetric({text}, :L)).L)"),
            Linear::Exponential => format!("exp({text})"),
            Linear::Eigenvalues => format!("eigvals(Symmetric({text}, :L))"),
            Linear::SquareRoot => format!("{}({text})", p.defined("sqrtm")),
            Linear::Logarithm => format!("{}({text})", p.defined("logm")),
            Linear::Eigenvectors => format!("{}({text})", p.defined("eigenvectors")),
        }))
    }

    /// An index: a whole number, or whole numbers.
    fn index(&self, p: &mut Printer, value: &Value) -> Result<String, EmitError> {
        let text = p.text(value)?;
        let whole = match &*value.kind {
            Kind::Node(node) => {
                p.graph.as_symbol(*node).is_some() || p.is_plain(value) || text.text.contains("argmax(")
            }
            Kind::Number(_) | Kind::Size(_) => true,
            _ => false,
        };
        Ok(match (whole, value.is_scalar()) {
            (true, _) => text.text,
            (false, true) => format!("Int({})", text.text),
            (false, false) => format!("Int.({})", text.text),
        })
    }

    /// A comprehension: no function of the standard library takes a contraction of any kind.
    fn einsum(
        &self,
        p: &mut Printer,
        operands: &[(Value, agnesi_graph::Labels)],
        out: &[Label],
    ) -> Result<Text, EmitError> {
        let mut names: Vec<String> = Vec::new();
        let mut bound: Vec<String> = Vec::new();
        for (operand, labels) in operands {
            if labels.iter().any(|l| *l as usize >= 52) {
                return Err(p.unsupported("a contraction of so many axes"));
            }
            // What is indexed entry by entry is computed once, before.
            let text = p.arg(operand)?;
            names.push(match super::names::is_name(&text) {
                true => text,
                false => {
                    let name = format!("f{}_", bound.len() + 1);
                    bound.push(format!("{name} = {text}"));
                    name
                }
            });
        }
        let spelled = |label: Label| format!("{}_", letter(label));
        let ranges = |wanted: &dyn Fn(Label) -> bool| -> Vec<String> {
            let mut seen: Vec<Label> = Vec::new();
            let mut ranges = Vec::new();
            for ((_, labels), name) in operands.iter().zip(&names) {
                for (axis, &l) in labels.iter().enumerate() {
                    if wanted(l) && !seen.contains(&l) {
                        seen.push(l);
                        ranges.push(format!("{} in axes({name}, {})", spelled(l), axis + 1));
                    }
                }
            }
            ranges
        };
        let entries: Vec<String> = operands
            .iter()
            .zip(&names)
            .map(|((_, labels), name)| {
                let places: Vec<String> = labels.iter().map(|l| spelled(*l)).collect();
                format!("{name}[{}]", places.join(", "))
            })
            .collect();
        let product = entries.join(" * ");
        let inner = ranges(&|l| !out.contains(&l));
        let sum = match inner.is_empty() {
            true => product,
            false => format!("sum({product} for {})", inner.join(", ")),
        };
        let mut outer: Vec<String> = Vec::new();
        for &l in out {
            outer.extend(ranges(&|other| other == l));
        }
        let entries = match out.is_empty() {
            true => sum,
            false => format!("[{sum} for {}]", outer.join(", ")),
        };
        Ok(Text::atom(match bound.is_empty() {
            true => entries,
            false => format!("(let {}; {entries} end)", bound.join(", ")),
        }))
    }
}

impl Spelling for Julia {
    fn name(&self) -> &'static str {
        "Julia"
    }

    fn is_reserved(&self, word: &str) -> bool {
        // Indices and parts of comprehensions are `i_` and `f1_`.
        let index = word.strip_suffix('_').is_some_and(|stem| {
            let rest = stem.trim_end_matches(|c: char| c.is_ascii_digit());
            rest.len() == 1 && (rest == stem || rest == "f")
        });
        index || RESERVED.split_whitespace().any(|reserved| reserved == word)
    }

    fn constant(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "pi" => "pi",
            "e" => "exp(1)",
            "inf" => "Inf",
            "nan" => "NaN",
            _ => return None,
        })
    }

    fn function(&self, row: &str) -> Option<&'static str> {
        julia_names::function(row)
    }

    fn definition(&self, name: &str) -> Option<&'static str> {
        julia_names::definition(name)
    }

    fn arithmetic(&self, op: Arithmetic, a: &Value, b: &Value) -> &'static str {
        // A number times a tensor, or what has the same axes, needs no dot.
        let same = a.axes == b.axes;
        match op {
            Arithmetic::Add if same => "+",
            Arithmetic::Add => ".+",
            Arithmetic::Subtract if same => "-",
            Arithmetic::Subtract => ".-",
            Arithmetic::Multiply if a.is_scalar() || b.is_scalar() => "*",
            Arithmetic::Multiply => ".*",
            Arithmetic::Divide if b.is_scalar() => "/",
            Arithmetic::Divide => "./",
        }
    }

    fn relation(&self, relation: Relation, value: &Value) -> &'static str {
        match (relation, value.is_scalar()) {
            (Relation::Greater, true) => ">",
            (Relation::Greater, false) => ".>",
            (Relation::GreaterEqual, true) => ">=",
            (Relation::GreaterEqual, false) => ".>=",
            (Relation::Less, true) => "<",
            (Relation::Less, false) => ".<",
            (Relation::Equal, true) => "==",
            (Relation::Equal, false) => ".==",
        }
    }

    fn power(&self, base: &str, exponent: i64, value: &Value) -> String {
        match value.is_scalar() {
            true => format!("{base}^{exponent}"),
            false => format!("{base} .^ {exponent}"),
        }
    }

    fn call(
        &self,
        p: &mut Printer,
        row: &str,
        form: &str,
        args: &[Value],
        value: &Value,
    ) -> Result<Text, EmitError> {
        if SPECIAL.contains(&form) {
            p.needs("SpecialFunctions");
        }
        let dot = if value.is_scalar() { "" } else { "." };
        let held = p.guarded && !EVERYWHERE.contains(&row);
        if form == "^" && !held {
            let [base, exponent] = args else { return Err(p.unsupported(row)) };
            let (base, exponent) = (p.text(base)?.at(Level::Atom), p.text(exponent)?.at(Level::Atom));
            let text = match value.is_scalar() {
                true => format!("{base}^{exponent}"),
                false => format!("{base} .^ {exponent}"),
            };
            return Ok(Text { text, level: Level::Power });
        }
        let mut texts = p.args(args)?;
        // The order of a polygamma function is a whole number.
        if row == "polygamma" && !matches!(args.first().map(|n| &*n.kind), Some(Kind::Number(_))) {
            return Err(p.unsupported(row));
        }
        if held {
            texts.insert(0, if form == "^" { "^".to_owned() } else { form.to_owned() });
            return Ok(Text::atom(format!("{}{dot}({})", p.defined("or_nan"), texts.join(", "))));
        }
        Ok(Text::atom(format!("{form}{dot}({})", texts.join(", "))))
    }

    fn special(&self, p: &mut Printer, value: &Value) -> Result<Text, EmitError> {
        Ok(match &*value.kind {
            Kind::Truth(truth) => Text::atom(truth.to_string()),
            Kind::MatMul(a, b) => self.matmul(p, a, b)?,
            Kind::Solve(a, b) => {
                let text = format!("{} \\ {}", p.text(a)?.at(Level::Power), p.text(b)?.at(Level::Power));
                Text { text, level: Level::Matrix }
            }
            Kind::Permute(a, order) if order[..] == [1, 0] => {
                Text::atom(format!("{}'", p.text(a)?.at(Level::Atom)))
            }
            Kind::Permute(a, order) => {
                let text = p.arg(a)?;
                of("permutedims", &[text, dims(order)])
            }
            Kind::Spread(a) => {
                let text = p.text(a)?;
                let last = value.axes.iter().rposition(|there| *there).map_or(0, |at| at + 1);
                if value.axes[..last].iter().all(|there| *there) {
                    return Ok(text);
                }
                if value.axes[..last] == [false, true] {
                    return Ok(Text::atom(format!("{}'", text.at(Level::Atom))));
                }
                let mut args = vec![text.at(Level::Atom)];
                let mut at = 0;
                for there in &value.axes[..last] {
                    at += usize::from(*there);
                    args.push(if *there { format!("size({}, {at})", args[0]) } else { "1".to_owned() });
                }
                of("reshape", &args)
            }
            Kind::Broadcast(a, sizes) => {
                let sizes = p.args(sizes)?;
                let scalar = match &*a.kind {
                    _ if !a.is_scalar() => None,
                    Kind::Spread(inner) => Some(inner.clone()),
                    _ => Some(a.clone()),
                };
                match scalar {
                    Some(a) if a.is_number(0) => of("zeros", &sizes),
                    Some(a) if a.is_number(1) => of("ones", &sizes),
                    Some(a) => {
                        let mut text = p.arg(&a)?;
                        if text.parse::<i64>().is_ok() {
                            text += ".0";
                        }
                        let args: Vec<String> = std::iter::once(text).chain(sizes).collect();
                        of("fill", &args)
                    }
                    None => {
                        let text =
                            format!("{} .* {}", p.text(a)?.at(Level::Product), of("ones", &sizes).text);
                        Text { text, level: Level::Product }
                    }
                }
            }
            Kind::Sum(a, axes) => {
                let text = p.arg(a)?;
                self.along("sum", &text, axes, a.rank())
            }
            Kind::Trace(a) => {
                p.needs("LinearAlgebra");
                let text = p.arg(a)?;
                of("tr", &[text])
            }
            Kind::Diagonal(a) => {
                p.needs("LinearAlgebra");
                let text = p.arg(a)?;
                of("diag", &[text])
            }
            Kind::Diagonalize(a) => {
                p.needs("LinearAlgebra");
                let text = p.arg(a)?;
                of("diagm", &[text])
            }
            Kind::Identity(size) => {
                p.needs("LinearAlgebra");
                let size = p.arg(size)?;
                Text::atom(format!("Matrix(1.0I, {size}, {size})"))
            }
            Kind::Outer(a, b) => {
                let text = format!("{} * {}'", p.text(a)?.at(Level::Matrix), p.text(b)?.at(Level::Atom));
                Text { text, level: Level::Matrix }
            }
            Kind::Einsum(operands, out) => self.einsum(p, operands, out)?,
            Kind::Not(a) => {
                let text = p.text(a)?.at(Level::Atom);
                Text::atom(if value.is_scalar() { format!("!{text}") } else { format!(".!{text}") })
            }
            Kind::All(parts) | Kind::Any(parts) => {
                let sign = match (&*value.kind, value.is_scalar()) {
                    (Kind::All(_), true) => " && ",
                    (Kind::All(_), false) => " .& ",
                    (_, true) => " || ",
                    (_, false) => " .| ",
                };
                let mut texts = Vec::new();
                for part in parts {
                    texts.push(p.text(part)?.at(Level::Atom));
                }
                Text { text: texts.join(sign), level: Level::Condition }
            }
            Kind::Where(c, a, b) if value.is_scalar() => {
                let condition = match &*c.kind {
                    Kind::Compare(..) => p.arg(c)?,
                    _ => p.text(c)?.at(Level::Atom),
                };
                let (yes, no) = (p.text(a)?.at(Level::Sum), p.text(b)?.at(Level::Sum));
                Text { text: format!("{condition} ? {yes} : {no}"), level: Level::Condition }
            }
            Kind::Where(c, a, b) => {
                let args = p.args(&[c.clone(), a.clone(), b.clone()])?;
                of("ifelse.", &args)
            }
            Kind::Reduce(how, a, count) => self.reduce(p, *how, a, *count)?,
            Kind::Linear(op, a) => self.linear(p, *op, a)?,
            Kind::Iota(size) => {
                let text = format!("1:{}", p.text(size)?.at(Level::Sum));
                Text { text, level: Level::Condition }
            }
            Kind::Pick(a, places) => {
                let mut texts = Vec::new();
                for place in places {
                    texts.push(match place {
                        Place::All => ":".to_owned(),
                        Place::At(index) => self.index(p, index)?,
                        Place::Slice(first, count) => {
                            let count = p.text(count)?;
                            let start = first.saturating_add(1);
                            match count.text.parse::<i64>() {
                                Ok(n) => format!("{start}:{}", first.saturating_add(n)),
                                Err(_) if *first == 0 => format!("1:{}", count.text),
                                Err(_) => format!("{start}:{} + {first}", count.at(Level::Sum)),
                            }
                        }
                    });
                }
                Text::atom(format!("{}[{}]", p.text(a)?.at(Level::Atom), texts.join(", ")))
            }
            Kind::PickEach(a, axis, index, size) => {
                let (index, size) = (self.index(p, index)?, p.text(size)?.at(Level::Sum));
                let each = format!("1:{size}");
                let places = if *axis == 0 { [index, each] } else { [each, index] };
                Text::atom(format!("getindex.(Ref({}), {})", p.arg(a)?, places.join(", ")))
            }
            Kind::OneHot(index, size) => {
                let each = format!("1:{}", p.text(size)?.at(Level::Sum));
                let text = p.text(index)?;
                let text = match index.rank() {
                    0 => format!("{} .== ({each})", text.at(Level::Sum)),
                    1 => format!("{} .== ({each})'", text.at(Level::Sum)),
                    rank => {
                        let ones = "1, ".repeat(rank);
                        format!("{} .== reshape({each}, {ones}:)", text.at(Level::Sum))
                    }
                };
                Text::atom(format!("float({text})"))
            }
            Kind::Node(_)
            | Kind::Local(_)
            | Kind::Number(_)
            | Kind::Constant(..)
            | Kind::Size(_)
            | Kind::Negate(_)
            | Kind::Arithmetic(..)
            | Kind::Power(..)
            | Kind::Compare(..)
            | Kind::Call(..) => return Err(p.unsupported("this expression")),
        })
    }

    fn size(&self, input: &str, axis: usize) -> String {
        format!("size({input}, {})", axis + 1)
    }

    fn guarded_input(&self, _: &str) -> Option<String> {
        None
    }

    fn shape(&self, sizes: &[String]) -> String {
        match sizes {
            [] => "a number".to_owned(),
            [one] => format!("vector of length {one}"),
            many => format!("array of size ({})", many.join(", ")),
        }
    }

    fn helper(&self, name: &str, args: &[&str], doc: &str, steps: &[(&str, String)], result: &str) -> String {
        let args = args.join(", ");
        if steps.is_empty() {
            return format!("\"{doc}\"\n{name}({args}) = {result}\n");
        }
        let mut text = format!("\"{doc}\"\nfunction {name}({args})\n");
        for (step, value) in steps {
            text += &format!("    {step} = {value}\n");
        }
        text + &format!("    return {result}\nend\n")
    }

    fn source(&self, parts: &Parts) -> String {
        let mut text = String::new();
        let mut modules = parts.modules.to_vec();
        modules.sort_unstable();
        for module in &modules {
            text += &format!("using {module}\n");
        }
        if !modules.is_empty() {
            text += "\n";
        }
        for helper in parts.helpers {
            text += helper;
            text += "\n";
        }
        let head = format!("{}({})", parts.function, parts.inputs.join(", "));
        text += &format!("\"\"\"\n    {head}\n\n");
        for line in parts.doc {
            text += line;
            text += "\n";
        }
        text += &format!("\"\"\"\nfunction {head}\n");
        for (name, value) in parts.statements {
            text += &format!("    {name} = {value}\n");
        }
        text += &format!("    return {}\nend\n", parts.results.join(", "));
        text
    }
}
