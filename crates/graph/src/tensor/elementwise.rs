//! Elementwise regions as scalar kernels.
//!
//! What is computed entry by entry is scalar algebra: a region of a tensor expression is outlined as a scalar node over
//! symbols that stand for the entries of its leaves, brought into normal form there, and lifted back.

use agnesi_functions::FunctionId;
use rustc_hash::FxHashMap;

use crate::Rational;
use crate::facts::Facts;
use crate::graph::{Graph, Shape};
use crate::op::{Args, Contract, Factor, Labels, NodeId, Op, SymbolId};

/// The symbols that stand for entries of tensors, one for each tensor.
#[derive(Default)]
pub(crate) struct Entries {
    symbols: FxHashMap<NodeId, NodeId>,
    tensors: FxHashMap<SymbolId, NodeId>,
}

impl Graph {
    /// The scalar symbol that stands for an entry of a tensor; what is known of the entries is known of it.
    pub fn entry(&mut self, tensor: NodeId) -> NodeId {
        if let Some(symbol) = self.entries.symbols.get(&tensor) {
            return *symbol;
        }
        let bounds = self.bounds(tensor);
        let mut facts = Facts::REAL;
        if bounds.is_positive() {
            facts = facts.and(Facts::POSITIVE);
        } else if bounds.is_negative() {
            facts = facts.and(Facts::NEGATIVE);
        } else {
            if bounds.is_nonnegative() {
                facts = facts.and(Facts::NONNEGATIVE);
            }
            if bounds.is_nonpositive() {
                facts = facts.and(Facts::NONPOSITIVE);
            }
            if bounds.is_nonzero() {
                facts = facts.and(Facts::NONZERO);
            }
        }
        if bounds.integer {
            facts = facts.and(Facts::INTEGER);
        }
        let name = format!("entry{}", self.entries.symbols.len());
        let symbol = self.anonymous(&name, facts);
        self.entries.symbols.insert(tensor, symbol);
        if let Some(id) = self.as_symbol(symbol) {
            self.entries.tensors.insert(id, tensor);
        }
        symbol
    }

    /// The tensor whose entries a symbol stands for.
    pub fn tensor_of_entry(&self, symbol: SymbolId) -> Option<NodeId> {
        self.entries.tensors.get(&symbol).copied()
    }

    /// An elementwise region as a scalar node: the value of one entry, in the entries of its leaves.
    pub fn outline(&mut self, root: NodeId) -> NodeId {
        if self.is_scalar(root) {
            return root;
        }
        let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        let mut stack = vec![root];
        while let Some(&top) = stack.last() {
            if done.contains_key(&top) {
                stack.pop();
                continue;
            }
            let Some(parts) = self.elementwise_parts(top) else {
                let symbol = self.entry(top);
                done.insert(top, symbol);
                stack.pop();
                continue;
            };
            let missing: Vec<NodeId> =
                parts.into_iter().filter(|n| !self.is_scalar(*n) && !done.contains_key(n)).collect();
            if missing.is_empty() {
                let kernel = self.outline_one(top, &done);
                done.insert(top, kernel);
                stack.pop();
            } else {
                stack.extend(missing);
            }
        }
        done[&root]
    }

    /// The nodes of the same shape, or scalars, that a node is computed from entry by entry; `None` for a leaf.
    fn elementwise_parts(&mut self, node: NodeId) -> Option<Vec<NodeId>> {
        match self.op(node) {
            Op::Add(sum) => Some(sum.terms.iter().map(|t| t.1).collect()),
            Op::Call(_, args) => Some(args.to_vec()),
            Op::Compare(_, a) | Op::Not(a) => Some(vec![*a]),
            Op::And(list) | Op::Or(list) => Some(list.to_vec()),
            Op::Select(c, a, b) => Some(vec![*c, *a, *b]),
            Op::Contract(c) => {
                let c = c.clone();
                if !is_elementwise(&c) {
                    return None;
                }
                // A lone factor seen otherwise, without more to it, is a leaf.
                if let [f] = &c.factors[..]
                    && f.labels != c.out
                    && !f.labels.is_empty()
                    && f.exponent.is_one()
                    && c.coefficient.is_one()
                {
                    return None;
                }
                Some(c.factors.iter().map(|f| self.seen_over(f, &c)).collect())
            }
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Truth(_)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Loop(_) => None,
        }
    }

    /// The base of a factor over all axes of an elementwise contraction; a scalar stays one.
    fn seen_over(&mut self, f: &Factor, c: &Contract) -> NodeId {
        if f.labels.is_empty() || f.labels == c.out {
            return f.node;
        }
        let factor = Factor { exponent: Rational::ONE, ..f.clone() };
        self.contract(Rational::ONE, vec![factor], c.out.clone(), c.sizes.to_vec())
    }

    fn outline_one(&mut self, node: NodeId, done: &FxHashMap<NodeId, NodeId>) -> NodeId {
        let of = |n: NodeId| done.get(&n).copied().unwrap_or(n);
        match self.op(node).clone() {
            Op::Contract(c) => {
                let mut powers: Vec<(NodeId, Rational)> = Vec::with_capacity(c.factors.len());
                for f in &c.factors {
                    let seen = self.seen_over(f, &c);
                    powers.push((of(seen), f.exponent.clone()));
                }
                self.product(c.coefficient.clone(), &powers)
            }
            _ => self.rebuild(node, &of),
        }
    }

    /// A scalar kernel for every entry of a tensor of this shape: symbols of entries are their tensors again. What
    /// depends on no entry is the same everywhere.
    pub fn lift(&mut self, kernel: NodeId, shape: &Shape) -> NodeId {
        if shape.is_empty() {
            return kernel;
        }
        // None for what is the same in every entry.
        let mut done: FxHashMap<NodeId, Option<NodeId>> = FxHashMap::default();
        for id in self.topological(kernel) {
            let made = self.lift_one(id, &done, shape);
            done.insert(id, made);
        }
        match done.get(&kernel).copied().flatten() {
            Some(tensor) => tensor,
            // A condition that is the same everywhere stays one.
            None if matches!(
                self.op(kernel),
                Op::Truth(_) | Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_)
            ) =>
            {
                kernel
            }
            None if self.is_scalar(kernel) => self.broadcast(kernel, shape),
            None => kernel,
        }
    }

    fn lift_one(
        &mut self,
        id: NodeId,
        done: &FxHashMap<NodeId, Option<NodeId>>,
        shape: &Shape,
    ) -> Option<NodeId> {
        // A tensor inside a scalar of the kernel is no part of it.
        if !self.is_scalar(id) {
            return None;
        }
        let of = |n: &NodeId| done.get(n).copied().flatten();
        match self.op(id).clone() {
            Op::Symbol(symbol) => self.tensor_of_entry(symbol),
            Op::Constant(_) | Op::Truth(_) | Op::Iota(_) => None,
            Op::Add(sum) => {
                if sum.terms.iter().all(|t| of(&t.1).is_none()) {
                    return None;
                }
                let mut terms = Vec::with_capacity(sum.terms.len());
                for &i in &sum.order {
                    let (c, n) = &sum.terms[i as usize];
                    let node = match of(n) {
                        Some(node) => node,
                        None => self.broadcast(*n, shape),
                    };
                    terms.push((c.clone(), node));
                }
                Some(self.sum(&terms))
            }
            Op::Contract(c) if c.sizes.is_empty() => {
                if c.factors.iter().all(|f| of(&f.node).is_none()) {
                    return None;
                }
                let labels: Labels = (0..shape.len() as u8).collect();
                let factors = c
                    .factors
                    .iter()
                    .map(|f| match of(&f.node) {
                        Some(node) => Factor { node, labels: labels.clone(), exponent: f.exponent.clone() },
                        None => f.clone(),
                    })
                    .collect();
                Some(self.contract(c.coefficient.clone(), factors, labels, shape.to_vec()))
            }
            Op::Call(f, args) => {
                let lifted: Vec<Option<NodeId>> = args.iter().map(of).collect();
                if lifted.iter().all(Option::is_none) {
                    return None;
                }
                let args: Vec<NodeId> =
                    args.iter().zip(lifted).map(|(a, lifted)| lifted.unwrap_or(*a)).collect();
                Some(self.intern_elementwise(&args, |_, args| Op::Call(f, Args::from_slice(args))))
            }
            Op::Compare(sign, a) => {
                let a = of(&a)?;
                Some(self.intern_elementwise(&[a], |_, args| Op::Compare(sign, args[0])))
            }
            Op::Not(a) => {
                let a = of(&a)?;
                Some(self.intern_elementwise(&[a], |_, args| Op::Not(args[0])))
            }
            Op::And(list) | Op::Or(list) => {
                let all = matches!(self.op(id), Op::And(_));
                if list.iter().all(|n| of(n).is_none()) {
                    return None;
                }
                let parts: Vec<NodeId> = list.iter().map(|n| of(n).unwrap_or(*n)).collect();
                Some(self.intern_elementwise(&parts, |_, args| {
                    let mut args = args.to_vec();
                    args.sort_unstable();
                    args.dedup();
                    if args.len() == 1 {
                        // Two conditions became one: `a and a`.
                        return Op::Or(vec![args[0], args[0]].into_boxed_slice());
                    }
                    let list = args.into_boxed_slice();
                    if all { Op::And(list) } else { Op::Or(list) }
                }))
            }
            Op::Select(c, a, b) => {
                if [c, a, b].iter().all(|n| of(n).is_none()) {
                    return None;
                }
                let mut parts = [c, a, b];
                parts[0] = of(&c).unwrap_or(c);
                for part in &mut parts[1..] {
                    *part = match of(part) {
                        Some(node) => node,
                        None => self.broadcast(*part, shape),
                    };
                }
                Some(self.intern_elementwise(&parts, |_, args| Op::Select(args[0], args[1], args[2])))
            }
            // These hold tensors, and are the same in every entry.
            Op::Contract(_)
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::OneHot(..)
            | Op::Integral { .. }
            | Op::Loop(_) => None,
        }
    }

    /// An elementwise node of tensors of one shape and scalars, made of the cores where they are views.
    fn intern_elementwise(&mut self, args: &[NodeId], op: impl Fn(&Graph, &[NodeId]) -> Op) -> NodeId {
        if let Some((cores, axes, shape)) = self.common_core(args) {
            let core_shape: Shape = axes.iter().map(|i| shape[*i]).collect();
            let made = op(self, &cores);
            let core = self.intern(made, core_shape);
            return self.expand(core, &axes, &shape);
        }
        let shape = args.iter().map(|a| self.shape(*a)).find(|s| !s.is_empty()).cloned().unwrap_or_default();
        let made = op(self, args);
        self.intern(made, shape)
    }

    /// The shape that tensors met entry by entry have in common.
    pub(crate) fn common_shape(&self, args: &[NodeId]) -> Shape {
        args.iter().map(|a| self.shape(*a)).find(|s| !s.is_empty()).cloned().unwrap_or_default()
    }

    /// An elementwise operation on tensors: done on scalars, and lifted.
    pub(crate) fn by_entries(
        &mut self,
        args: &[NodeId],
        operation: impl FnOnce(&mut Graph, &[NodeId]) -> NodeId,
    ) -> NodeId {
        let shape = self.common_shape(args);
        let kernels: Vec<NodeId> = args.iter().map(|a| self.outline(*a)).collect();
        let kernel = operation(self, &kernels);
        self.lift(kernel, &shape)
    }

    /// `a .* b`: entry by entry, scalars beside every entry.
    pub fn hadamard(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.by_entries(&[a, b], |g, args| g.mul(args[0], args[1]))
    }

    /// A row of the table at tensors, entry by entry.
    pub(crate) fn call_elementwise(&mut self, f: FunctionId, args: &[NodeId]) -> NodeId {
        self.by_entries(args, |g, args| g.call(f, args))
    }
}

/// Whether a contraction sums over nothing and repeats no label of its result.
fn is_elementwise(c: &Contract) -> bool {
    let summed = (0..c.sizes.len() as u8).any(|l| !c.out.contains(&l));
    let repeats = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
    let diagonal =
        c.factors.iter().any(|f| (1..f.labels.len()).any(|i| f.labels[..i].contains(&f.labels[i])));
    !summed && !repeats && !diagonal
}
