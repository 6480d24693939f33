//! A program as code: one function, its arrays and what it returns.

use agnesi_graph::Linear;
use smol_str::{SmolStr, format_smolstr};

use super::kernels::Library;
use super::names::Names;
use super::{Argument, Binary, Expr, Place, Refusal, Stmt, Store, Type, nest, plan};
use crate::ir::{Access, Factorization, How, Nest, Product, Program, Repeat, Step, TensorId};

/// An input or an output.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// As it is printed.
    pub name: SmolStr,
    /// As the program calls it.
    pub label: SmolStr,
    pub shape: Vec<usize>,
}

impl Port {
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn is_number(&self) -> bool {
        self.shape.is_empty()
    }
}

/// An array that is neither input nor output.
#[derive(Clone, Debug)]
pub(crate) struct Array {
    pub name: SmolStr,
    pub len: usize,
    /// Whether it lies in the workspace.
    pub work: bool,
}

/// One function.
#[derive(Clone, Debug)]
pub(crate) struct Main {
    pub name: SmolStr,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    pub arrays: Vec<Array>,
    pub body: Vec<Stmt>,
    /// What outputs that are numbers are in the end; `None` for arrays, which are written where they lie.
    pub results: Vec<Option<Expr>>,
    /// Whether a run may fail.
    pub fails: bool,
}

impl Main {
    /// How many doubles the caller has to lend.
    pub fn work(&self) -> usize {
        self.arrays.iter().filter(|array| array.work).map(|array| array.len).sum()
    }

    /// Whether inputs and outputs are numbers alone.
    pub fn is_plain(&self) -> bool {
        self.inputs.iter().chain(&self.outputs).all(Port::is_number) && self.work() == 0
    }
}

/// Where a tensor is.
#[derive(Clone, Debug)]
pub(super) enum Home {
    Number(SmolStr),
    Array(SmolStr),
}

/// The state of lowering one program.
pub(super) struct Lowering<'a> {
    program: &'a Program,
    pub library: &'a mut Library,
    names: Names,
    homes: Vec<Home>,
    /// Numbers that are written once, where all who read them see it.
    fixed: Vec<SmolStr>,
    loops: Vec<SmolStr>,
    times: Vec<SmolStr>,
    depth: usize,
    values: usize,
    declared: Vec<bool>,
    scratch: Vec<Array>,
}

/// Lowers a program that passes its check.
pub(crate) fn lower(
    name: &str,
    program: &Program,
    taken: &mut Names,
    library: &mut Library,
) -> Result<Main, Refusal> {
    let name = taken.fresh(name);
    let mut names = taken.clone();
    let port = |names: &mut Names, (label, id): &(SmolStr, TensorId)| Port {
        name: names.fresh(label),
        label: label.clone(),
        shape: program.tensor(*id).shape.clone(),
    };
    let inputs: Vec<Port> = program.inputs.iter().map(|pair| port(&mut names, pair)).collect();
    let outputs: Vec<Port> = program.outputs.iter().map(|pair| port(&mut names, pair)).collect();
    let count = program.tensors.len();
    let mut homes: Vec<Option<Home>> = vec![None; count];
    let home = |port: &Port| {
        if port.is_number() { Home::Number(port.name.clone()) } else { Home::Array(port.name.clone()) }
    };
    for ((_, id), port) in program.inputs.iter().zip(&inputs) {
        homes[id.index()] = Some(home(port));
    }
    let mut factored = vec![false; count];
    plan::factored(&program.steps, &mut |id| factored[id.index()] = true);
    for ((_, id), port) in program.outputs.iter().zip(&outputs) {
        if homes[id.index()].is_none() && !port.is_number() {
            homes[id.index()] = Some(home(port));
        }
    }
    let is_number = |at: usize| program.tensors[at].len() == 1 && !factored[at];
    let wanted: Vec<bool> = (0..count).map(|at| homes[at].is_none() && !is_number(at)).collect();
    let (mut arrays, places) = plan::arrays(program, &wanted, &mut names);
    let homes = homes.into_iter().enumerate().map(|(at, home)| match (home, places[at]) {
        (Some(home), _) => home,
        (None, Some(place)) => Home::Array(arrays[place].name.clone()),
        (None, None) => Home::Number(names.fresh(&format!("t{at}"))),
    });
    let homes = homes.collect();
    let mut lowering = Lowering {
        program,
        library,
        names,
        homes,
        fixed: Vec::new(),
        loops: Vec::new(),
        times: Vec::new(),
        depth: 0,
        values: 0,
        declared: vec![false; count],
        scratch: Vec::new(),
    };
    for (_, id) in &program.inputs {
        lowering.declared[id.index()] = true;
    }
    lowering.find_fixed();
    let mut body = lowering.block(&program.steps)?;
    let mut results = Vec::new();
    for ((_, id), port) in program.outputs.iter().zip(&outputs) {
        results.push(if port.is_number() {
            Some(lowering.whole(*id))
        } else {
            // Another output, or an input, holds it.
            match lowering.home(*id) {
                Home::Array(name) if name != port.name => {
                    body.push(Stmt::Copy(port.name.clone(), Expr::Int(0), name, port.len()));
                }
                Home::Array(_) | Home::Number(_) => {}
            }
            None
        });
    }
    arrays.append(&mut lowering.scratch);
    let mut fails = false;
    body.iter().for_each(|s| s.walk(&mut |s| fails |= matches!(s, Stmt::Fail(_) | Stmt::Run(..))));
    let mut main = Main { name, inputs, outputs, arrays, body, results, fails };
    main.prune();
    plan::place(&mut main.arrays);
    Ok(main)
}

impl Lowering<'_> {
    pub fn home(&self, id: TensorId) -> Home {
        self.homes[id.index()].clone()
    }

    pub fn value_name(&mut self) -> SmolStr {
        self.values += 1;
        self.names.fresh(&format!("v{}", self.values))
    }

    pub fn loop_name(&mut self, depth: usize) -> SmolStr {
        while self.loops.len() <= depth {
            let wanted = ["i", "j", "k", "l", "m", "n", "p", "q"].get(self.loops.len()).copied();
            self.loops.push(self.names.fresh(wanted.unwrap_or("i")));
        }
        self.loops[depth].clone()
    }

    pub fn is_fixed(&self, name: &str) -> bool {
        self.fixed.iter().any(|fixed| fixed == name)
    }

    /// Whether a number is one that the nest writes.
    pub fn is_written(&self, name: &str, nest: &Nest) -> bool {
        nest.writes.len() > 1
            && nest
                .writes
                .iter()
                .any(|write| matches!(self.home(write.to.tensor), Home::Number(n) if n == name))
    }

    /// Finds the numbers that one assignment outside of loops sets for good.
    fn find_fixed(&mut self) {
        fn count(steps: &[Step], writes: &mut [(usize, bool)]) {
            for step in steps {
                match step {
                    Step::Nest(nest) => {
                        for write in &nest.writes {
                            let entry = &mut writes[write.to.tensor.index()];
                            entry.0 += 1;
                            entry.1 |= write.how == How::Set && nest.extents.iter().all(|n| *n == 1);
                        }
                    }
                    Step::Product(p) => writes[p.to.tensor.index()].0 += 2,
                    Step::Factorization(f) => writes[f.to.index()].0 += 2,
                    Step::Repeat(repeat) => {
                        writes[repeat.number.index()].0 += 2;
                        repeat.states.iter().for_each(|state| writes[state.current.index()].0 += 2);
                        repeat.records.iter().for_each(|record| writes[record.to.index()].0 += 2);
                        count(&repeat.steps, writes);
                    }
                }
            }
        }
        let mut writes = vec![(0, false); self.program.tensors.len()];
        count(&self.program.steps, &mut writes);
        for (at, (times, set)) in writes.into_iter().enumerate() {
            if let (1, true, Home::Number(name), None) =
                (times, set, &self.homes[at], self.program.tensors[at].start)
            {
                self.fixed.push(name.clone());
            }
        }
    }

    /// The only entry of a tensor.
    fn whole(&self, id: TensorId) -> Expr {
        match self.home(id) {
            Home::Number(name) => Expr::Variable(name, Type::Real),
            Home::Array(name) => Expr::Entry(name, Box::new(Expr::Int(0))),
        }
    }

    fn block(&mut self, steps: &[Step]) -> Result<Vec<Stmt>, Refusal> {
        let mut stmts = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let mut touched = Vec::new();
            step.for_each_write(&mut |id| touched.push(id));
            for id in touched {
                if !self.declared[id.index()] && !self.is_left(id, &steps[at..]) {
                    self.declared[id.index()] = true;
                    stmts.extend(self.begin(id));
                }
            }
            match step {
                Step::Nest(nest) => {
                    let some = nest::loops(self, &nest.extents, |this, loops| nest::trip(this, nest, loops))?;
                    stmts.extend(some);
                }
                Step::Product(product) => stmts.extend(self.product(product)?),
                Step::Factorization(f) => stmts.extend(self.factorization(f)?),
                Step::Repeat(repeat) => self.repeat(repeat, &mut stmts)?,
            }
        }
        Ok(stmts)
    }

    /// Whether a tensor is begun further inside: by a repeat that alone knows it, or that sets it before its steps.
    fn is_left(&self, id: TensorId, steps: &[Step]) -> bool {
        let mut by = steps.iter().enumerate().filter(|(_, step)| {
            let mut found = false;
            step.for_each_read(&mut |other| found |= other == id);
            step.for_each_write(&mut |other| found |= other == id);
            found
        });
        let output = self.program.outputs.iter().any(|(_, other)| *other == id);
        match (by.next(), by.next()) {
            (Some((_, Step::Repeat(repeat))), next) => {
                let own = repeat.states.iter().any(|state| state.current == id);
                let first = repeat.states.iter().any(|state| state.first == id);
                let record = repeat.records.iter().any(|record| record.to == id);
                own || next.is_none() && !output && !first && !record
            }
            _ => false,
        }
    }

    /// What a tensor is before its first step.
    fn begin(&self, id: TensorId) -> Option<Stmt> {
        let start = self.program.tensor(id).start.map(|start| start.get());
        match (self.home(id), start) {
            (Home::Number(name), _) if self.is_fixed(&name) => None,
            (Home::Number(name), start) => Some(Stmt::Var(name, Expr::Real(start.unwrap_or(f64::NAN)))),
            (Home::Array(name), Some(start)) => Some(Stmt::Fill(name, start, self.program.tensor(id).len())),
            (Home::Array(_), None) => None,
        }
    }

    fn copy(&self, to: TensorId, from: TensorId) -> Option<Stmt> {
        if to == from {
            return None;
        }
        Some(match (self.home(to), self.home(from)) {
            (Home::Array(to_name), Home::Array(name)) => {
                Stmt::Copy(to_name, Expr::Int(0), name, self.program.tensor(from).len())
            }
            (Home::Array(name), Home::Number(_)) => {
                Stmt::Store(Place::Entry(name, Expr::Int(0)), Store::Set, self.whole(from))
            }
            (Home::Number(name), _) => Stmt::Store(Place::Variable(name), Store::Set, self.whole(from)),
        })
    }

    fn repeat(&mut self, repeat: &Repeat, stmts: &mut Vec<Stmt>) -> Result<(), Refusal> {
        for state in &repeat.states {
            match self.home(state.current) {
                Home::Number(name) if !self.declared[state.current.index()] => {
                    stmts.push(Stmt::Var(name, self.whole(state.first)));
                }
                Home::Number(_) | Home::Array(_) => stmts.extend(self.copy(state.current, state.first)),
            }
            self.declared[state.current.index()] = true;
        }
        if repeat.count == 0 {
            return Ok(());
        }
        while self.times.len() <= self.depth {
            self.times.push(self.names.fresh("pass"));
        }
        let time = self.times[self.depth].clone();
        self.depth += 1;
        let mut body = Vec::new();
        let number = Expr::Real64(Box::new(Expr::binary(Binary::Add, Expr::int(&time), Expr::Int(1))));
        let known = self.declared[repeat.number.index()];
        let mut is_read = false;
        repeat.steps.iter().for_each(|step| step.for_each_read(&mut |id| is_read |= id == repeat.number));
        match self.home(repeat.number) {
            Home::Number(name) if known => {
                body.push(Stmt::Store(Place::Variable(name), Store::Set, number));
            }
            Home::Number(name) if is_read => body.push(Stmt::Let(name, number)),
            Home::Number(_) => {}
            Home::Array(name) => body.push(Stmt::Store(Place::Entry(name, Expr::Int(0)), Store::Set, number)),
        }
        let mut inside = Vec::new();
        repeat.steps.iter().for_each(|step| step.for_each_write(&mut |id| inside.push(id)));
        inside.sort();
        inside.dedup();
        for id in &inside {
            // Begun outside: it begins again.
            if self.declared[id.index()] && self.program.tensor(*id).start.is_some() {
                body.extend(match self.begin(*id) {
                    Some(Stmt::Var(name, value)) => {
                        Some(Stmt::Store(Place::Variable(name), Store::Set, value))
                    }
                    other => other,
                });
            }
        }
        let before = self.declared.clone();
        body.extend(self.block(&repeat.steps)?);
        self.declared = before;
        self.advance(repeat, &mut body);
        for record in &repeat.records {
            let state = repeat.states[record.state].current;
            let len = self.program.tensor(state).len();
            let from = match len {
                1 => Expr::int(&time),
                _ => Expr::binary(Binary::Mul, Expr::int(&time), Expr::Int(len as u64)),
            };
            body.push(match (self.home(record.to), self.home(state)) {
                (Home::Array(to), Home::Array(name)) => Stmt::Copy(to, from, name, len),
                (Home::Array(to), Home::Number(_)) => {
                    Stmt::Store(Place::Entry(to, from), Store::Set, self.whole(state))
                }
                (Home::Number(to), _) => Stmt::Store(Place::Variable(to), Store::Set, self.whole(state)),
            });
        }
        self.depth -= 1;
        stmts.push(Stmt::For(time, Expr::Int(0), Expr::Int(repeat.count as u64), body));
        Ok(())
    }

    /// The next states become the current ones, all at once.
    fn advance(&mut self, repeat: &Repeat, body: &mut Vec<Stmt>) {
        let mut moves = Vec::new();
        for state in repeat.replaced() {
            let others = repeat.states.iter().filter(|other| other.current != state.current);
            let in_the_way = others.clone().any(|other| other.current == state.next);
            if !in_the_way {
                moves.extend(self.copy(state.current, state.next));
                continue;
            }
            let len = self.program.tensor(state.next).len();
            match (self.home(state.next), self.home(state.current)) {
                (Home::Array(from), Home::Array(to)) => {
                    let array = self.scratch("next", len, true);
                    body.push(Stmt::Copy(array.clone(), Expr::Int(0), from, len));
                    moves.push(Stmt::Copy(to, Expr::Int(0), array, len));
                }
                (Home::Number(_) | Home::Array(_), to) => {
                    let name = self.value_name();
                    body.push(Stmt::Let(name.clone(), self.whole(state.next)));
                    let place = match to {
                        Home::Number(to) => Place::Variable(to),
                        Home::Array(to) => Place::Entry(to, Expr::Int(0)),
                    };
                    moves.push(Stmt::Store(place, Store::Set, Expr::real(&name)));
                }
            }
        }
        body.extend(moves);
    }

    /// An array beside the tensors; one for each use unless it may be shared.
    fn scratch(&mut self, wanted: &str, len: usize, own: bool) -> SmolStr {
        let prefix = format_smolstr!("{wanted}_");
        if !own
            && let Some(array) = self.scratch.iter_mut().find(|array| array.name.starts_with(prefix.as_str()))
        {
            array.len = array.len.max(len);
            return array.name.clone();
        }
        let name = self.names.fresh(&format!("{wanted}_{}", self.scratch.len()));
        self.scratch.push(Array { name: name.clone(), len: len.max(1), work: false });
        name
    }

    fn product(&mut self, p: &Product) -> Result<Vec<Stmt>, Refusal> {
        let Some((&k, outer)) = p.extents.split_last() else { return Ok(Vec::new()) };
        let columns = outer.len() - 1;
        let mirrored = p.symmetric && outer[columns] == outer[columns - 1] && outer[columns] > 1;
        nest::loops(self, &p.extents[..columns], |this, before| {
            let column = this.loop_name(before.iter().filter(|e| !matches!(e, Expr::Int(_))).count());
            let single = outer[columns] == 1;
            let j = if single { Expr::Int(0) } else { Expr::int(&column) };
            let inner = this.loop_name(before.iter().filter(|e| !matches!(e, Expr::Int(_))).count() + 1);
            let at = |this: &Lowering, access: &Access, row: Option<&Expr>, column: &Expr| {
                let mut loops: Vec<Expr> = before.to_vec();
                if let Some(row) = row {
                    loops[columns - 1] = row.clone();
                }
                loops.push(column.clone());
                loops.push(Expr::int(&inner));
                let strides = access.strides.iter().copied().zip(loops);
                match this.home(access.tensor) {
                    Home::Number(name) => Place::Variable(name),
                    Home::Array(name) => Place::Entry(name, entry_at(access.offset, strides)),
                }
            };
            let read = |place| match place {
                Place::Variable(name) => Expr::Variable(name, Type::Real),
                Place::Entry(name, at) => Expr::Entry(name, Box::new(at)),
            };
            let term = Expr::binary(
                Binary::Mul,
                read(at(this, &p.left, None, &j)),
                read(at(this, &p.right, None, &j)),
            );
            let sum = this.value_name();
            let add = Stmt::Store(Place::Variable(sum.clone()), Store::Add, term);
            let mut each = vec![Stmt::Var(sum.clone(), Expr::Real(0.0))];
            if k > 0 {
                each.push(Stmt::For(inner.clone(), Expr::Int(0), Expr::Int(k as u64), vec![add]));
            }
            let scaled = |sum: &SmolStr| match p.scale {
                1.0 => Expr::real(sum),
                scale => Expr::binary(Binary::Mul, Expr::real(sum), Expr::Real(scale)),
            };
            each.push(Stmt::Store(at(this, &p.to, None, &j), Store::Set, scaled(&sum)));
            let mut to = Expr::Int(outer[columns] as u64);
            if mirrored {
                let row = before[columns - 1].clone();
                each.push(Stmt::Store(at(this, &p.to, Some(&j), &row), Store::Set, scaled(&sum)));
                to = Expr::binary(Binary::Add, row, Expr::Int(1));
            }
            Ok(if single {
                each
            } else if outer[columns] == 0 {
                Vec::new()
            } else {
                vec![Stmt::For(column, Expr::Int(0), to, each)]
            })
        })
    }

    fn factorization(&mut self, f: &Factorization) -> Result<Vec<Stmt>, Refusal> {
        let shape = &self.program.tensor(f.from).shape;
        let (Home::Array(from), Home::Array(to)) = (self.home(f.from), self.home(f.to)) else {
            return Err(Refusal::Linear(f.op.name()));
        };
        let Some((batch, [n, _])) = shape.split_last_chunk::<2>() else { return Ok(Vec::new()) };
        let (n, count) = (*n, batch.iter().product::<usize>());
        let scratch: &[(&str, usize)] = match f.op {
            Linear::Inverse | Linear::Determinant | Linear::LogDeterminant => {
                &[("lu", n * n), ("made", n * n), ("rows", n + 2)]
            }
            Linear::Cholesky => &[("part", n * n)],
            Linear::Exponential
            | Linear::SquareRoot
            | Linear::Logarithm
            | Linear::Eigenvalues
            | Linear::Eigenvectors => return Err(Refusal::Linear(f.op.name())),
        };
        let made = match f.op.rank() {
            0 => 1,
            1 => n,
            _ => n * n,
        };
        let routine = self.library.require(f.op.name()).map_err(|_| Refusal::Linear(f.op.name()))?;
        let scratch: Vec<Argument> = scratch
            .iter()
            .map(|(name, len)| Argument::Array {
                name: self.scratch(name, *len, false),
                from: Expr::Int(0),
                len: *len,
                written: true,
            })
            .collect();
        nest::loops(self, &[count], |_, loops| {
            let from_entry = |len: usize| entry_at(0, [(len as isize, loops[0].clone())].into_iter());
            let mut args = vec![
                Argument::Array { name: from, from: from_entry(n * n), len: n * n, written: false },
                Argument::Array { name: to, from: from_entry(made), len: made, written: true },
            ];
            args.extend(scratch);
            args.push(Argument::Size(n));
            Ok(vec![Stmt::Run(routine, args)])
        })
    }
}

/// `offset + sum of strides * loops`, what is taken away last, so that no part of it is below 0.
pub(super) fn entry_at(offset: isize, parts: impl Iterator<Item = (isize, Expr)>) -> Expr {
    let mut offset = offset;
    let (mut sum, mut less): (Option<Expr>, Vec<Expr>) = (None, Vec::new());
    for (stride, part) in parts.filter(|(stride, _)| *stride != 0) {
        if let Expr::Int(at) = part {
            offset += stride * at as isize;
            continue;
        }
        let term = match stride.unsigned_abs() {
            1 => part,
            size => Expr::binary(Binary::Mul, Expr::Int(size as u64), part),
        };
        if stride < 0 {
            less.push(term);
        } else {
            sum = Some(match sum {
                None => term,
                Some(sum) => Expr::binary(Binary::Add, sum, term),
            });
        }
    }
    let mut sum = match (sum, offset) {
        (None, _) => Expr::Int(offset.max(0) as u64),
        (Some(sum), 0) => sum,
        (Some(sum), _) if offset > 0 => Expr::binary(Binary::Add, sum, Expr::Int(offset as u64)),
        (Some(sum), _) => Expr::binary(Binary::Sub, sum, Expr::Int(offset.unsigned_abs() as u64)),
    };
    for term in less {
        sum = Expr::binary(Binary::Sub, sum, term);
    }
    sum
}
