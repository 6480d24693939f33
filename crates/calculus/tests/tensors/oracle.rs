//! A direct evaluator of texts of tensors: dense arrays, loops and the definitions of the operations, nothing shared
//! with the graph.

use std::collections::BTreeMap;

use agnesi_syntax::{Binary, Kind, Prefix, Relation, Tree, TreeId};

/// A dense tensor; a vector may lie as a row.
#[derive(Clone, Debug)]
pub struct Value {
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
    row: bool,
}

type Result<T> = std::result::Result<T, String>;

impl Value {
    pub fn new(shape: Vec<usize>, data: Vec<f64>) -> Value {
        Value { shape, data, row: false }
    }

    fn number(x: f64) -> Value {
        Value::new(Vec::new(), vec![x])
    }

    fn from(shape: &[usize], mut entry: impl FnMut(&[usize]) -> f64) -> Value {
        let mut data = Vec::new();
        for at in places(shape) {
            data.push(entry(&at));
        }
        Value::new(shape.to_vec(), data)
    }

    fn rank(&self) -> usize {
        self.shape.len()
    }

    fn at(&self, index: &[usize]) -> f64 {
        self.data[index.iter().zip(&self.shape).fold(0, |at, (i, n)| at * n + i)]
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Value {
        Value { data: self.data.iter().map(|x| f(*x)).collect(), ..self.clone() }
    }

    /// Entry by entry, through two of one shape or a number and a tensor.
    fn zip(&self, other: &Value, f: impl Fn(f64, f64) -> f64) -> Result<Value> {
        if self.rank() == 0 {
            return Ok(other.map(|y| f(self.data[0], y)));
        }
        if other.rank() == 0 {
            return Ok(self.map(|x| f(x, other.data[0])));
        }
        if self.shape != other.shape {
            return Err(format!("shapes {:?} and {:?}", self.shape, other.shape));
        }
        let data = self.data.iter().zip(&other.data).map(|(x, y)| f(*x, *y)).collect();
        Ok(Value { data, ..self.clone() })
    }

    fn scalar(&self) -> Result<f64> {
        match self.rank() {
            0 => Ok(self.data[0]),
            _ => Err("a number is expected".into()),
        }
    }

    /// As a matrix: a vector as a column or a row.
    fn as_matrix(&self) -> Value {
        let shape = match self.shape[..] {
            [] => vec![1, 1],
            [n] if self.row => vec![1, n],
            [n] => vec![n, 1],
            _ => self.shape.clone(),
        };
        Value::new(shape, self.data.clone())
    }

    fn transposed(&self) -> Value {
        match self.shape[..] {
            [n, m] => Value::from(&[m, n], |at| self.at(&[at[1], at[0]])),
            _ => Value { row: !self.row, ..self.clone() },
        }
    }

    fn times(&self, other: &Value) -> Result<Value> {
        if self.rank() == 0 || other.rank() == 0 {
            return self.zip(other, |x, y| x * y);
        }
        let (a, b) = (self.as_matrix(), other.as_matrix());
        let (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[1]);
        if inner != b.shape[0] {
            return Err(format!("a product of {:?} and {:?}", a.shape, b.shape));
        }
        let product = Value::from(&[rows, columns], |at| {
            (0..inner).map(|k| a.at(&[at[0], k]) * b.at(&[k, at[1]])).sum()
        });
        Ok(match (self.rank(), other.rank()) {
            (2, 1) => Value::new(vec![rows], product.data),
            (1, 2) if rows == 1 => Value { row: true, ..Value::new(vec![columns], product.data) },
            (1, 1) if rows == 1 && columns == 1 => Value::number(product.data[0]),
            _ => product,
        })
    }

    /// What a reduction makes of all entries, or of those along an axis.
    fn reduced(&self, axis: Option<usize>, how: impl Fn(&[f64]) -> f64) -> Value {
        let Some(axis) = axis else { return Value::number(how(&self.data)) };
        let mut shape = self.shape.clone();
        let count = shape.remove(axis);
        Value::from(&shape, |at| {
            let line: Vec<f64> = (0..count)
                .map(|k| {
                    let mut full = at.to_vec();
                    full.insert(axis, k);
                    self.at(&full)
                })
                .collect();
            how(&line)
        })
    }
}

fn places(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for n in shape {
        all = all
            .into_iter()
            .flat_map(|at| {
                (0..*n).map(move |i| {
                    let mut next = at.clone();
                    next.push(i);
                    next
                })
            })
            .collect();
    }
    all
}

fn logsumexp(list: &[f64]) -> f64 {
    let most = list.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x));
    most + list.iter().map(|x| (x - most).exp()).sum::<f64>().ln()
}

fn reduction(name: &str) -> Option<fn(&[f64]) -> f64> {
    Some(match name {
        "sum" => |l| l.iter().sum(),
        "mean" => |l| l.iter().sum::<f64>() / l.len() as f64,
        "max" => |l| l.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x)),
        "min" => |l| l.iter().fold(f64::INFINITY, |m, x| m.min(*x)),
        "logsumexp" => logsumexp,
        _ => return None,
    })
}

fn function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "exp" => f64::exp,
        "log" => f64::ln,
        "tanh" => f64::tanh,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "softplus" => |x| if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() },
        "relu" => |x| x.max(0.0),
        "abs" => f64::abs,
        "sqrt" => f64::sqrt,
        _ => return None,
    })
}

/// The inverse and the determinant, by elimination with pivots.
fn eliminated(a: &Value) -> (Value, f64) {
    let n = a.shape[0];
    let mut left = a.clone();
    let mut right = Value::from(&[n, n], |at| f64::from(u8::from(at[0] == at[1])));
    let mut determinant = 1.0;
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|i, j| left.at(&[*i, column]).abs().total_cmp(&left.at(&[*j, column]).abs()))
            .unwrap_or(column);
        if pivot != column {
            determinant = -determinant;
            for m in [&mut left, &mut right] {
                for k in 0..n {
                    m.data.swap(pivot * n + k, column * n + k);
                }
            }
        }
        let head = left.at(&[column, column]);
        determinant *= head;
        if head == 0.0 {
            return (left.map(|_| f64::NAN), 0.0);
        }
        for row in 0..n {
            if row == column {
                continue;
            }
            let share = left.at(&[row, column]) / head;
            for m in [&mut left, &mut right] {
                for k in 0..n {
                    m.data[row * n + k] -= share * m.data[column * n + k];
                }
            }
        }
        for m in [&mut left, &mut right] {
            for k in 0..n {
                m.data[column * n + k] /= head;
            }
        }
    }
    (right, determinant)
}

/// Evaluates texts in which names have these values.
pub struct Oracle<'a> {
    pub tree: &'a Tree,
    pub names: BTreeMap<String, Value>,
    /// The largest magnitude met on the way.
    pub largest: f64,
}

impl Oracle<'_> {
    /// The value of an expression.
    pub fn value(&mut self, id: TreeId) -> Result<Value> {
        let value = self.compute(id)?;
        let most = |m: f64, x: &f64| if x.is_nan() { m } else { m.max(x.abs()) };
        self.largest = value.data.iter().fold(self.largest, most);
        Ok(value)
    }

    fn compute(&mut self, id: TreeId) -> Result<Value> {
        let tree = self.tree;
        match tree.kind(id) {
            Kind::Number(text) => match text.split_once('/') {
                None => text.parse().map(Value::number).map_err(|_| format!("{text}?")),
                Some((p, q)) => match (p.parse::<f64>(), q.parse::<f64>()) {
                    (Ok(p), Ok(q)) => Ok(Value::number(p / q)),
                    _ => Err(format!("{text}?")),
                },
            },
            Kind::Name(name) => self.names.get(name.as_str()).cloned().ok_or(format!("no {name}")),
            Kind::Prefix(Prefix::Neg, x) => Ok(self.value(*x)?.map(|x| -x)),
            Kind::Binary(op, a, b) => self.binary(*op, *a, *b),
            Kind::Prime(x, times) if times % 2 == 0 => self.value(*x),
            Kind::Prime(x, _) => Ok(self.value(*x)?.transposed()),
            Kind::Compare { operands, relations } => {
                let ids = tree.ids(*operands);
                let ([a, b], [relation]) = (ids, &relations[..]) else { return Err("a chain".into()) };
                let (a, b) = (self.value(*a)?, self.value(*b)?);
                a.zip(&b, |x, y| {
                    f64::from(u8::from(match relation {
                        Relation::Less => x < y,
                        Relation::LessEqual => x <= y,
                        Relation::Greater => x > y,
                        Relation::GreaterEqual => x >= y,
                        Relation::Equal => x == y,
                        Relation::NotEqual => x != y,
                    }))
                })
            }
            Kind::If(c, a, b) => {
                let (c, a, b) = (self.value(*c)?, self.value(*a)?, self.value(*b)?);
                let shape = [&c, &a, &b].into_iter().map(|v| &v.shape).max_by_key(|s| s.len()).cloned();
                let shape = shape.unwrap_or_default();
                let pick = |v: &Value, at: &[usize]| if v.rank() == 0 { v.data[0] } else { v.at(at) };
                Ok(Value::from(&shape, |at| if pick(&c, at) != 0.0 { pick(&a, at) } else { pick(&b, at) }))
            }
            Kind::Vector(items) => {
                let mut values = Vec::new();
                for item in tree.ids(*items) {
                    values.push(self.value(*item)?);
                }
                if values.iter().all(|v| v.rank() == 0) {
                    let data: Vec<f64> = values.iter().map(|v| v.data[0]).collect();
                    return Ok(Value::new(vec![data.len()], data));
                }
                side_by_side(&values)
            }
            Kind::Matrix(rows) => {
                let mut stacked = Vec::new();
                let mut columns = true;
                for row in tree.ids(*rows) {
                    let items: Vec<TreeId> = match tree.kind(*row) {
                        Kind::Vector(list) => tree.ids(*list).to_vec(),
                        _ => vec![*row],
                    };
                    let mut values = Vec::new();
                    for item in items {
                        values.push(self.value(item)?);
                    }
                    columns &= values.len() == 1 && values[0].rank() < 2 && !values[0].row;
                    stacked.push(side_by_side(&values)?);
                }
                let turned: Vec<Value> = stacked.iter().map(Value::transposed).collect();
                let whole = side_by_side(&turned)?.transposed();
                Ok(if columns { Value::new(vec![whole.data.len()], whole.data) } else { whole })
            }
            Kind::Index { base, indices } => self.index(*base, tree.ids(*indices)),
            Kind::Comprehension { body, binders } => {
                let (ranges, values) = self.over(tree.ids(*binders), *body)?;
                let first = values.first().ok_or("empty")?;
                let shape = ranges.into_iter().chain(first.shape.iter().copied()).collect();
                Ok(Value::new(shape, values.into_iter().flat_map(|v| v.data).collect()))
            }
            Kind::Call { head, args } => match tree.kind(*head) {
                Kind::Name(name) => self.call(name, tree.ids(*args)),
                other => Err(format!("a call of {other:?}")),
            },
            other => Err(format!("not evaluated: {other:?}")),
        }
    }

    fn binary(&mut self, op: Binary, a: TreeId, b: TreeId) -> Result<Value> {
        let (left, right) = (self.value(a)?, self.value(b)?);
        match op {
            Binary::Add => left.zip(&right, |x, y| x + y),
            Binary::Sub => left.zip(&right, |x, y| x - y),
            Binary::Mul | Binary::Juxtapose => left.times(&right),
            Binary::ElementMul => left.zip(&right, |x, y| x * y),
            Binary::Div | Binary::ElementDiv => left.zip(&right, |x, y| x / y),
            Binary::ElementPow => left.zip(&right, f64::powf),
            Binary::Pow if left.rank() == 0 => left.zip(&right, f64::powf),
            _ => Err(format!("{op:?}")),
        }
    }

    /// A body for all values of binders, the last the fastest, and how many each has.
    fn over(&mut self, binders: &[TreeId], body: TreeId) -> Result<(Vec<usize>, Vec<Value>)> {
        let mut bound = Vec::new();
        for binder in binders {
            let Kind::In(name, range) = self.tree.kind(*binder) else { return Err("no binder".into()) };
            let (Kind::Name(name), Kind::Range(from, to)) = (self.tree.kind(*name), self.tree.kind(*range))
            else {
                return Err("no range".into());
            };
            let (from, to) = (self.value(*from)?.scalar()?, self.value(*to)?.scalar()?);
            bound.push((name.to_string(), from, (to - from + 1.0) as usize));
        }
        let counts: Vec<usize> = bound.iter().map(|b| b.2).collect();
        let before = self.names.clone();
        let mut values = Vec::new();
        for at in places(&counts) {
            for ((name, from, _), i) in bound.iter().zip(&at) {
                self.names.insert(name.clone(), Value::number(from + *i as f64));
            }
            values.push(self.value(body)?);
        }
        self.names = before;
        Ok((counts, values))
    }

    fn index(&mut self, base: TreeId, indices: &[TreeId]) -> Result<Value> {
        let base = self.value(base)?;
        let mut lists: Vec<(Vec<usize>, bool)> = Vec::new();
        for (index, size) in indices.iter().zip(&base.shape) {
            lists.push(match self.tree.kind(*index) {
                Kind::Colon => ((0..*size).collect(), true),
                Kind::Range(from, to) => {
                    let (from, to) = (self.value(*from)?.scalar()?, self.value(*to)?.scalar()?);
                    ((from as usize - 1..to as usize).collect(), true)
                }
                _ => (vec![(self.value(*index)?.scalar()? as usize).wrapping_sub(1)], false),
            });
        }
        // Outside there is nothing, which a branch that is not taken may ask for.
        if lists.iter().zip(&base.shape).any(|((list, _), n)| list.iter().any(|i| i >= n)) {
            let shape: Vec<usize> = lists.iter().filter(|l| l.1).map(|l| l.0.len()).collect();
            return Ok(Value::from(&shape, |_| f64::NAN));
        }
        let shape: Vec<usize> = lists.iter().filter(|l| l.1).map(|l| l.0.len()).collect();
        Ok(Value::from(&shape, |at| {
            let mut kept = at.iter();
            let full: Vec<usize> = lists
                .iter()
                .map(|(list, stays)| if *stays { list[*kept.next().expect("as many")] } else { list[0] })
                .collect();
            base.at(&full)
        }))
    }

    fn call(&mut self, name: &str, args: &[TreeId]) -> Result<Value> {
        if let (Some(how), [binders @ .., body]) = (reduction(name), args)
            && !binders.is_empty()
            && binders.iter().all(|b| matches!(self.tree.kind(*b), Kind::In(..)))
        {
            let (_, values) = self.over(binders, *body)?;
            let shape = values[0].shape.clone();
            let count = values[0].data.len();
            let entry = |at: usize| how(&values.iter().map(|v| v.data[at]).collect::<Vec<f64>>());
            return Ok(Value {
                data: (0..count).map(entry).collect(),
                ..Value { shape, ..values[0].clone() }
            });
        }
        if name == "einsum" {
            let Kind::Text(pattern) = self.tree.kind(args[0]) else { return Err("no pattern".into()) };
            let mut values = Vec::new();
            for arg in &args[1..] {
                values.push(self.value(*arg)?);
            }
            return einsum(pattern, &values);
        }
        let mut values = Vec::new();
        for arg in args {
            values.push(self.value(*arg)?);
        }
        let x = values.first().cloned().ok_or("no argument")?;
        let two = || values.get(1).cloned().ok_or("one argument".to_owned());
        // The second argument is an axis where it is written as a number.
        let axis = match args.get(1).map(|a| self.tree.kind(*a)) {
            Some(Kind::Number(_)) if x.rank() > 0 => Some(two()?.scalar()? as usize - 1),
            _ => None,
        };
        if let Some(how) = reduction(name) {
            return match (args.len(), axis) {
                (1, _) => Ok(x.reduced(None, how)),
                (2, Some(axis)) => Ok(x.reduced(Some(axis), how)),
                _ => x.zip(&two()?, |a, b| how(&[a, b])),
            };
        }
        if let (Some(f), 1) = (function(name), args.len()) {
            return Ok(x.map(f));
        }
        let squares = |x: &Value| x.data.iter().map(|x| x * x).sum::<f64>();
        match name {
            "norm2" if x.rank() < 2 => Ok(Value::number(squares(&x).sqrt())),
            "normF" => Ok(Value::number(squares(&x).sqrt())),
            "norm1" => Ok(Value::number(x.data.iter().map(|x| x.abs()).sum())),
            "normInf" => Ok(Value::number(x.data.iter().fold(0.0, |m, x| m.max(x.abs())))),
            "tr" => Ok(Value::number((0..x.shape[0]).map(|i| x.at(&[i, i])).sum())),
            "det" => Ok(Value::number(eliminated(&x).1)),
            "logdet" => Ok(Value::number(eliminated(&x).1.ln())),
            "inv" => Ok(eliminated(&x).0),
            "solve" => eliminated(&x).0.times(&two()?),
            "diag" => {
                let n = x.shape[0];
                Ok(Value::from(&[n, n], |at| if at[0] == at[1] { x.data[at[0]] } else { 0.0 }))
            }
            "diagpart" => Ok(Value::from(&x.shape[..1], |at| x.at(&[at[0], at[0]]))),
            "softmax" => {
                let axis = axis.unwrap_or(0);
                let lse = x.reduced(Some(axis), logsumexp);
                let soft = Value::from(&x.shape, |at| {
                    let mut rest = at.to_vec();
                    rest.remove(axis);
                    (x.at(at) - lse.at(&rest)).exp()
                });
                Ok(Value { row: x.row, ..soft })
            }
            "cumsum" => {
                let mut total = 0.0;
                let sums = x.data.iter().map(|x| {
                    total += x;
                    total
                });
                Ok(Value { data: sums.collect(), ..x.clone() })
            }
            "kron" => {
                let (a, b) = (x, two()?);
                let (p, q) = (b.shape[0], b.shape[1]);
                Ok(Value::from(&[a.shape[0] * p, a.shape[1] * q], |at| {
                    a.at(&[at[0] / p, at[1] / q]) * b.at(&[at[0] % p, at[1] % q])
                }))
            }
            "vec" => {
                let turned = x.transposed();
                Ok(Value::new(vec![turned.data.len()], turned.data))
            }
            "dot" => Ok(Value::number(x.data.iter().zip(&two()?.data).map(|(x, y)| x * y).sum())),
            _ => Err(format!("no {name}")),
        }
    }
}

fn side_by_side(values: &[Value]) -> Result<Value> {
    let blocks: Vec<Value> = values.iter().map(Value::as_matrix).collect();
    let height = blocks[0].shape[0];
    if blocks.iter().any(|b| b.shape[0] != height) {
        return Err("blocks of different heights".into());
    }
    let width = blocks.iter().map(|b| b.shape[1]).sum();
    Ok(Value::from(&[height, width], |at| {
        let mut column = at[1];
        for block in &blocks {
            if column < block.shape[1] {
                return block.at(&[at[0], column]);
            }
            column -= block.shape[1];
        }
        f64::NAN
    }))
}

fn einsum(pattern: &str, values: &[Value]) -> Result<Value> {
    let (inputs, output) = pattern.split_once("->").ok_or("no arrow")?;
    let inputs: Vec<Vec<char>> = inputs.split(',').map(|p| p.chars().collect()).collect();
    let mut sizes: BTreeMap<char, usize> = BTreeMap::new();
    for (input, value) in inputs.iter().zip(values) {
        for (letter, n) in input.iter().zip(&value.shape) {
            if *sizes.entry(*letter).or_insert(*n) != *n {
                return Err("sizes of one letter differ".into());
            }
        }
    }
    let output: Vec<char> = output.chars().collect();
    let summed: Vec<char> = sizes.keys().copied().filter(|l| !output.contains(l)).collect();
    let shape: Vec<usize> = output.iter().map(|l| sizes[l]).collect();
    let counts: Vec<usize> = summed.iter().map(|l| sizes[l]).collect();
    let inner = places(&counts);
    Ok(Value::from(&shape, |at| {
        let mut total = 0.0;
        for k in &inner {
            let place = |l: &char| match output.iter().position(|o| o == l) {
                Some(i) => at[i],
                None => k[summed.iter().position(|s| s == l).expect("summed")],
            };
            let factor = |(input, value): (&Vec<char>, &Value)| {
                value.at(&input.iter().map(place).collect::<Vec<usize>>())
            };
            total += inputs.iter().zip(values).map(factor).product::<f64>();
        }
        total
    }))
}
