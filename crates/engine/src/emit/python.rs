//! What the array languages of Python have in common.

use agnesi_graph::{Label, Linear, Reduction};

use super::EmitError;
use super::print::{Level, Printer, Text};
use super::spelling::{Parts, Spelling};
use super::value::{Arithmetic, Kind, Place, Relation, Value};

/// How an array language of Python differs from the others.
pub(super) struct Python {
    pub name: &'static str,
    /// What functions of arrays stand in: `np`.
    pub module: &'static str,
    /// `axis` or `dim`.
    pub axis: &'static str,
    /// Whether functions of arrays refuse numbers, and what is made needs to be told of which kind.
    pub strict: bool,
    /// The function of a row.
    pub function: fn(&str) -> Option<&'static str>,
    /// Functions with a text of their own.
    pub definition: fn(&str) -> Option<&'static str>,
    /// Functions that are named otherwise than in NumPy.
    pub renamed: &'static [(&'static str, &'static str)],
    /// What is imported in any case, and what where its text stands in the code.
    pub imports: &'static [(&'static str, &'static str)],
    /// What follows the results in the documentation.
    pub note: Option<&'static str>,
    /// What makes a number of Python one of the language.
    pub guard: Option<&'static str>,
}

const RESERVED: &str = "False None True and as assert async await break class continue def del elif else except \
    finally for from global if import in is lambda nonlocal not or pass raise return try while with np jnp jax torch \
    numpy scipy math float int abs min max sum bool tuple range len";

/// A tuple of Python.
fn tuple(parts: &[String]) -> String {
    match parts {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    }
}

fn letter(label: Label) -> char {
    let letters = b"ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char::from(letters[label as usize % letters.len()])
}

impl Python {
    /// The name of a function of arrays.
    fn named(&self, name: &str) -> String {
        let name = self.renamed.iter().find(|(known, _)| *known == name).map_or(name, |(_, other)| other);
        format!("{}.{name}", self.module)
    }

    fn of(&self, name: &str, args: &str) -> Text {
        Text::atom(format!("{}({args})", self.named(name)))
    }

    /// Of what kind a new array is, where that has to be said.
    fn kind(&self, printer: &Printer) -> String {
        match (self.strict, &printer.model) {
            (false, _) => String::new(),
            (true, Some(model)) => format!(", dtype={model}.dtype, device={model}.device"),
            (true, None) => ", dtype=torch.float64".to_owned(),
        }
    }

    /// An argument of a function of arrays.
    fn array(&self, printer: &mut Printer, value: &Value) -> Result<String, EmitError> {
        let text = printer.arg(value)?;
        Ok(match self.strict && printer.is_plain(value) {
            true => format!("torch.tensor({text}, dtype=torch.float64)"),
            false => text,
        })
    }

    fn over(&self, axes: &[usize], rank: usize) -> String {
        let all = axes.len() == rank;
        match axes {
            _ if all => String::new(),
            [axis] => format!(", {}={axis}", self.axis),
            axes => {
                let axes: Vec<String> = axes.iter().map(usize::to_string).collect();
                format!(", {}={}", self.axis, tuple(&axes))
            }
        }
    }

    fn reduce(&self, p: &mut Printer, how: Reduction, of: &Value, count: usize) -> Result<Text, EmitError> {
        let rank = of.rank();
        let axes: Vec<usize> = (rank - count..rank).collect();
        let text = self.array(p, of)?;
        let over = self.over(&axes, rank);
        Ok(match how {
            Reduction::Max => self.of("max", &format!("{text}{over}")),
            Reduction::Min => self.of("min", &format!("{text}{over}")),
            Reduction::Product if self.strict && count > 1 => {
                let flat = match count == rank {
                    true => text,
                    false => format!("torch.flatten({text}, {})", rank - count),
                };
                let over = self.over(&[rank - count], if count == rank { 1 } else { rank - count + 1 });
                self.of("prod", &format!("{flat}{over}"))
            }
            Reduction::Product => self.of("prod", &format!("{text}{over}")),
            Reduction::ArgMax => {
                let text = self.of("argmax", &format!("{text}{over}")).text;
                Text { text: format!("{text} + 1"), level: Level::Sum }
            }
            Reduction::LogSumExp => {
                let form = (self.function)("logsumexp").unwrap_or("logsumexp");
                p.defined(form);
                let over = match self.strict && count == rank {
                    true => format!(
                        ", dim={}",
                        match count {
                            1 => "0".to_owned(),
                            _ => tuple(&axes.iter().map(usize::to_string).collect::<Vec<_>>()),
                        }
                    ),
                    false => over,
                };
                Text::atom(format!("{form}({text}{over})"))
            }
        })
    }

    fn linear(&self, p: &mut Printer, op: Linear, of: &Value) -> Result<Text, EmitError> {
        let text = self.array(p, of)?;
        let form = match op {
            Linear::Inverse => self.named("linalg.inv"),
            Linear::Determinant => self.named("linalg.det"),
            Linear::LogDeterminant => match (self.function)("logdet") {
                Some(form) => form.to_owned(),
                None => p.defined("logdet").to_owned(),
            },
            Linear::Cholesky => self.named("linalg.cholesky"),
            Linear::Exponential => match (self.function)("expm") {
                Some(form) => form.to_owned(),
                None => return Err(p.unsupported("expm")),
            },
            Linear::SquareRoot => p.defined("sqrtm").to_owned(),
            Linear::Logarithm => p.defined("logm").to_owned(),
            Linear::Eigenvalues => self.named("linalg.eigvalsh"),
            Linear::Eigenvectors => p.defined("eigenvectors").to_owned(),
        };
        Ok(Text::atom(format!("{form}({text})")))
    }

    /// An index, counted from 0.
    fn index(&self, p: &mut Printer, value: &Value) -> Result<String, EmitError> {
        let text = p.text(value)?;
        // What counts from 1 by adding 1 counts from 0 without.
        if let Some(before) = text.text.strip_suffix(") + 1")
            && text.level == Level::Sum
            && before.starts_with(&self.named("argmax"))
            && before.matches('(').count() == before.matches(')').count() + 1
        {
            return Ok(format!("{before})"));
        }
        if let Ok(n) = text.text.parse::<i64>() {
            return Ok((n - 1).to_string());
        }
        let symbol = match &*value.kind {
            Kind::Node(node) => p.graph.as_symbol(*node).is_some() || p.is_plain(value),
            Kind::Size(_) => true,
            _ => false,
        };
        let less = format!("{} - 1", text.at(Level::Sum));
        Ok(match symbol {
            true => less,
            false if self.strict => format!("({less}).long()"),
            false => format!("({less}).astype(int)"),
        })
    }
}

impl Spelling for Python {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_reserved(&self, word: &str) -> bool {
        RESERVED.split_whitespace().any(|reserved| reserved == word)
    }

    fn constant(&self, name: &str) -> Option<&'static str> {
        let names = match self.module {
            "np" => ["np.pi", "np.e", "np.inf", "np.nan"],
            "jnp" => ["jnp.pi", "jnp.e", "jnp.inf", "jnp.nan"],
            _ => ["torch.pi", "torch.e", "torch.inf", "torch.nan"],
        };
        let at = ["pi", "e", "inf", "nan"].iter().position(|known| *known == name)?;
        Some(names[at])
    }

    fn function(&self, row: &str) -> Option<&'static str> {
        (self.function)(row)
    }

    fn definition(&self, name: &str) -> Option<&'static str> {
        (self.definition)(name)
    }

    fn arithmetic(&self, op: Arithmetic, _: &Value, _: &Value) -> &'static str {
        match op {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
        }
    }

    fn relation(&self, relation: Relation, _: &Value) -> &'static str {
        match relation {
            Relation::Greater => ">",
            Relation::GreaterEqual => ">=",
            Relation::Less => "<",
            Relation::Equal => "==",
        }
    }

    fn power(&self, base: &str, exponent: i64, _: &Value) -> String {
        format!("{base} ** {exponent}")
    }

    fn call(
        &self,
        p: &mut Printer,
        row: &str,
        form: &str,
        args: &[Value],
        _: &Value,
    ) -> Result<Text, EmitError> {
        if let ("polygamma", [order, x]) = (row, args) {
            // Tensors of orders are unknown to PyTorch, whose trigamma keeps few digits; JAX is wrong below 0.
            let whole = matches!(&*order.kind, Kind::Number(_));
            match self.module {
                "torch" if order.is_number(1) => {
                    return Ok(Text::atom(format!("torch.special.zeta(2.0, {})", self.array(p, x)?)));
                }
                "jnp" if order.is_number(1) => {
                    let name = p.defined("trigamma");
                    return Ok(Text::atom(format!("{name}({})", p.arg(x)?)));
                }
                "torch" if whole => {}
                "np" => {}
                _ => return Err(p.unsupported(row)),
            }
        }
        let mut texts = Vec::new();
        for (at, arg) in args.iter().enumerate() {
            // Orders and bounds are numbers.
            let number =
                at == 0 && row == "polygamma" || at > 0 && matches!(row, "clamp" | "pow") && p.is_plain(arg);
            texts.push(if number { p.arg(arg)? } else { self.array(p, arg)? });
        }
        if !form.contains('{') {
            return Ok(Text::atom(format!("{form}({})", texts.join(", "))));
        }
        let mut text = form.to_owned();
        for (at, arg) in texts.iter().enumerate() {
            text = text.replace(&format!("{{{at}}}"), arg);
        }
        Ok(Text::atom(text))
    }

    fn special(&self, p: &mut Printer, value: &Value) -> Result<Text, EmitError> {
        Ok(match &*value.kind {
            Kind::Truth(truth) => Text::atom(if *truth { "True" } else { "False" }),
            Kind::MatMul(a, b) => {
                let text = format!("{} @ {}", p.text(a)?.at(Level::Matrix), p.text(b)?.at(Level::Power));
                Text { text, level: Level::Matrix }
            }
            Kind::Solve(a, b) => {
                let args = p.args(&[a.clone(), b.clone()])?.join(", ");
                self.of("linalg.solve", &args)
            }
            Kind::Permute(a, order) if order[..] == [1, 0] => {
                Text::atom(format!("{}.T", p.text(a)?.at(Level::Atom)))
            }
            Kind::Permute(a, order) => {
                let order: Vec<String> = order.iter().map(usize::to_string).collect();
                let args = format!("{}, {}", p.arg(a)?, tuple(&order));
                self.of("transpose", &args)
            }
            Kind::Spread(a) => {
                let text = p.text(a)?;
                let first = value.axes.iter().position(|there| *there).unwrap_or(value.rank());
                let rest = &value.axes[first..];
                if rest.iter().all(|there| *there) {
                    return Ok(text);
                }
                let places: Vec<&str> = rest.iter().map(|there| if *there { ":" } else { "None" }).collect();
                Text::atom(format!("{}[{}]", text.at(Level::Atom), places.join(", ")))
            }
            Kind::Broadcast(a, sizes) => {
                let shape = tuple(&p.args(sizes)?);
                let kind = self.kind(p);
                let number = match &*a.kind {
                    Kind::Number(_) => Some(a.clone()),
                    Kind::Spread(inner) if matches!(*inner.kind, Kind::Number(_)) => Some(inner.clone()),
                    _ => None,
                };
                match number {
                    Some(a) if a.is_number(0) => self.of("zeros", &format!("{shape}{kind}")),
                    Some(a) if a.is_number(1) => self.of("ones", &format!("{shape}{kind}")),
                    Some(a) => {
                        let mut text = p.arg(&a)?;
                        if text.parse::<i64>().is_ok() {
                            text += ".0";
                        }
                        self.of("full", &format!("{shape}, {text}{kind}"))
                    }
                    None => {
                        let text = self.array(p, a)?;
                        self.of("broadcast_to", &format!("{text}, {shape}"))
                    }
                }
            }
            Kind::Sum(a, axes) => {
                let over = self.over(axes, a.rank());
                let text = p.arg(a)?;
                self.of("sum", &format!("{text}{over}"))
            }
            Kind::Trace(a) => {
                let text = p.arg(a)?;
                self.of("trace", &text)
            }
            Kind::Diagonal(a) | Kind::Diagonalize(a) => {
                let text = p.arg(a)?;
                self.of("diag", &text)
            }
            Kind::Identity(size) => {
                let (text, kind) = (p.arg(size)?, self.kind(p));
                self.of("eye", &format!("{text}{kind}"))
            }
            Kind::Outer(a, b) => {
                let args = p.args(&[a.clone(), b.clone()])?.join(", ");
                self.of("outer", &args)
            }
            Kind::Einsum(operands, out) => {
                let word = |labels: &[Label]| -> String { labels.iter().map(|l| letter(*l)).collect() };
                let left: Vec<String> = operands.iter().map(|(_, labels)| word(labels)).collect();
                let mut args = vec![format!("\"{}->{}\"", left.join(","), word(out))];
                for (operand, labels) in operands {
                    if labels.iter().any(|l| *l as usize >= 52) {
                        return Err(p.unsupported("a contraction of so many axes"));
                    }
                    args.push(p.arg(operand)?);
                }
                self.of("einsum", &args.join(", "))
            }
            Kind::Not(a) => {
                let text = match self.strict && p.is_plain(a) {
                    true => format!("torch.tensor({})", p.arg(a)?),
                    false => p.arg(a)?,
                };
                self.of("logical_not", &text)
            }
            Kind::All(parts) | Kind::Any(parts) => {
                let sign = if matches!(&*value.kind, Kind::All(_)) { " & " } else { " | " };
                let mut texts = Vec::new();
                for part in parts {
                    texts.push(p.text(part)?.at(Level::Atom));
                }
                Text { text: texts.join(sign), level: Level::Condition }
            }
            Kind::Where(c, a, b) => {
                let condition = match self.strict && p.is_plain(c) {
                    true => format!("torch.tensor({})", p.arg(c)?),
                    false => p.arg(c)?,
                };
                // Of two numbers the first says what kind the result is of.
                let both = self.strict && p.is_plain(a) && p.is_plain(b);
                let yes = if both { self.array(p, a)? } else { p.arg(a)? };
                let no = p.arg(b)?;
                self.of("where", &format!("{condition}, {yes}, {no}"))
            }
            Kind::Reduce(how, a, count) => self.reduce(p, *how, a, *count)?,
            Kind::Linear(op, a) => self.linear(p, *op, a)?,
            Kind::Iota(size) => {
                let end = match p.text(size)? {
                    Text { text, .. } if text.parse::<u64>().is_ok() => {
                        text.parse::<u64>().map(|n| n.saturating_add(1).to_string()).unwrap_or(text)
                    }
                    text => format!("{} + 1", text.at(Level::Sum)),
                };
                let kind = match self.strict {
                    true => self.kind(p),
                    false => ", dtype=float".to_owned(),
                };
                self.of("arange", &format!("1, {end}{kind}"))
            }
            Kind::Pick(a, places) => {
                let mut texts = Vec::new();
                for place in places {
                    texts.push(match place {
                        Place::All => ":".to_owned(),
                        Place::At(index) => self.index(p, index)?,
                        Place::Slice(first, count) => {
                            let count = p.text(count)?;
                            let start = if *first == 0 { String::new() } else { first.to_string() };
                            match count.text.parse::<i64>() {
                                Ok(n) => format!("{start}:{}", first.saturating_add(n)),
                                Err(_) if *first == 0 => format!(":{}", count.text),
                                Err(_) => format!("{start}:{} + {first}", count.at(Level::Sum)),
                            }
                        }
                    });
                }
                // Whole axes at the end go without saying.
                while texts.len() > 1 && texts.last().is_some_and(|text| text == ":") {
                    texts.pop();
                }
                Text::atom(format!("{}[{}]", p.text(a)?.at(Level::Atom), texts.join(", ")))
            }
            Kind::PickEach(a, axis, index, size) => {
                let (index, size) = (self.index(p, index)?, p.arg(size)?);
                let each = self.of("arange", &size).text;
                let places = if *axis == 0 { [index, each] } else { [each, index] };
                Text::atom(format!("{}[{}]", p.text(a)?.at(Level::Atom), places.join(", ")))
            }
            Kind::OneHot(index, size) => {
                let all = match p.text(size)? {
                    Text { text, .. } if text.parse::<u64>().is_ok() => {
                        text.parse::<u64>().map(|n| n.saturating_add(1).to_string()).unwrap_or(text)
                    }
                    text => format!("{} + 1", text.at(Level::Sum)),
                };
                let each = self.of("arange", &format!("1, {all}")).text;
                let text = p.text(index)?;
                let text = match index.rank() {
                    0 => text.at(Level::Sum),
                    _ => format!("{}[..., None]", text.at(Level::Atom)),
                };
                Text::atom(match (self.strict, &p.model) {
                    (true, Some(model)) => format!("({text} == {each}).to({model}.dtype)"),
                    (true, None) => format!("({text} == {each}).to(torch.float64)"),
                    (false, _) => format!("({text} == {each}).astype(float)"),
                })
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
        format!("{input}.shape[{axis}]")
    }

    fn guarded_input(&self, input: &str) -> Option<String> {
        self.guard.map(|form| form.replace("{}", input))
    }

    fn shape(&self, sizes: &[String]) -> String {
        match sizes {
            [] => "a number".to_owned(),
            [one] => format!("array ({one},)"),
            many => format!("array ({})", many.join(", ")),
        }
    }

    fn helper(&self, name: &str, args: &[&str], doc: &str, steps: &[(&str, String)], result: &str) -> String {
        let mut text = format!("def {name}({}):\n    \"\"\"{doc}\"\"\"\n", args.join(", "));
        for (step, value) in steps {
            text += &format!("    {step} = {value}\n");
        }
        text + &format!("    return {result}\n")
    }

    fn source(&self, parts: &Parts) -> String {
        let mut body = String::new();
        for helper in parts.helpers {
            body += helper;
            body += "\n\n";
        }
        body += &format!("def {}({}):\n    \"\"\"", parts.function, parts.inputs.join(", "));
        let note = self.note.map(str::to_owned);
        for (at, line) in parts.doc.iter().chain(note.iter()).enumerate() {
            body += if at > 0 && !line.is_empty() { "    " } else { "" };
            body += line;
            body += "\n";
        }
        body += "    \"\"\"\n";
        for (name, text) in parts.statements {
            body += &format!("    {name} = {text}\n");
        }
        body += &format!("    return {}\n", parts.results.join(", "));
        let imports: Vec<&str> = self
            .imports
            .iter()
            .filter(|(needle, _)| needle.is_empty() || body.contains(needle))
            .map(|(_, line)| *line)
            .collect();
        match imports.is_empty() {
            true => body,
            false => format!("{}\n\n\n{body}", imports.join("\n")),
        }
    }
}
