//! Arithmetic of indices: what stands at an index is a node of the graph while it is simplified, then a piece again.
//!
//! The graph's own sums do the work: `x[i-1+1]` is `x[i]`, and `1 <= i - 1` is `i > 1`.

use agnesi_syntax::Relation;

use super::Raiser;
use super::form::{Dims, Form, Id};
use super::product::Product;
use crate::op::{NodeId, Op};
use crate::{Facts, Rational};

impl Raiser<'_> {
    /// A new index from 1 to a size. Its number is free again when `indices` is set back.
    pub(super) fn new_index(&mut self, size: NodeId) -> Id {
        let number = self.indices as usize;
        self.indices += 1;
        self.ranges.truncate(number);
        self.ranges.resize(number, size);
        self.ranges.push(size);
        self.forms.make(Form::Index(number as u8), Dims::Scalar)
    }

    /// What is written at an index, as a node; what the graph does not know stands for itself.
    pub(super) fn place_node(&mut self, form: Id) -> NodeId {
        if let Some(&node) = self.place_nodes.get(&form) {
            return node;
        }
        let known = match self.forms.get(form) {
            Form::Number(value) => Some(self.g.number(value.clone())),
            Form::Name(name) => self.g.find_symbol(name).map(|s| self.g.symbol_node(s)),
            _ => None,
        };
        let node = match known.filter(|n| self.g.is_scalar(*n)) {
            Some(node) => node,
            None => {
                let node = self.g.anonymous("index", Facts::INTEGER.and(Facts::POSITIVE));
                self.place_forms.insert(node, form);
                node
            }
        };
        self.place_nodes.insert(form, node);
        node
    }

    /// Whether an index stands in a node.
    fn has_index(&self, node: NodeId) -> bool {
        self.g.topological(node).iter().any(|n| self.place_forms.contains_key(n))
    }

    /// A node of indices as it is written: `i - 1`.
    pub(super) fn place_form(&mut self, node: NodeId) -> Option<Id> {
        if let Some(&form) = self.place_forms.get(&node) {
            return Some(form);
        }
        if !self.has_index(node) {
            return Some(self.scalar(node));
        }
        let mut terms = Vec::new();
        for (c, term) in self.g.terms(node) {
            let running = self.has_index(term);
            let mut product = Product::one();
            if term == self.g.one() {
                // The coefficient alone.
            } else if let Some(&form) = self.place_forms.get(&term) {
                product.above.push(form);
            } else if !running {
                let form = self.scalar(term);
                product = self.forms.split(form);
            } else {
                let Op::Contract(inner) = self.g.op(term).clone() else { return None };
                product.scale(&inner.coefficient);
                for f in &inner.factors {
                    if !f.exponent.is_integer() || f.exponent.is_negative() || !f.labels.is_empty() {
                        return None;
                    }
                    let form = self.place_form(f.node)?;
                    product.above.push(self.forms.power(form, &f.exponent));
                }
                product.above.sort_by_key(|f| self.forms.info(*f).open != 0);
            }
            product.scale(&c);
            terms.push((!running, product));
        }
        // What runs stands first: `i + n`.
        terms.sort_by_key(|(still, _)| *still);
        let mut list = Vec::with_capacity(terms.len());
        for (_, product) in terms {
            let positive = Product { negative: false, ..product.clone() };
            list.push((product.negative, self.forms.build(&positive)));
        }
        let form = self.forms.sum_of(list, Dims::Scalar);
        self.place_nodes.insert(form, node);
        Some(form)
    }

    /// Whether a tensor is made of indices, and of scalars of scalars, by sums and products.
    pub(super) fn is_place(&mut self, node: NodeId) -> bool {
        let nodes = self.g.topological(node);
        nodes.iter().any(|n| matches!(self.g.op(*n), Op::Iota(_)))
            && nodes.iter().all(|n| {
                self.g.is_scalar(*n) || matches!(self.g.op(*n), Op::Iota(_) | Op::Add(_) | Op::Contract(_))
            })
    }

    /// An entry of such a tensor, as a node.
    fn place_of(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<NodeId> {
        if self.g.is_scalar(node) {
            return (!self.is_tensorial(node)).then_some(node);
        }
        match self.g.op(node).clone() {
            Op::Iota(_) => Some(self.place_node(binds[0]?)),
            Op::Add(_) => {
                let mut terms = Vec::new();
                for (c, term) in self.g.terms(node) {
                    terms.push((c, self.place_of(term, binds)?));
                }
                Some(self.g.sum(&terms))
            }
            Op::Contract(c) => {
                let axis = |l: &u8| c.out.iter().position(|o| o == l);
                let distinct = (1..c.out.len()).all(|i| !c.out[..i].contains(&c.out[i]));
                let unsummed = (0..c.sizes.len() as u8).all(|l| c.out.contains(&l));
                if !distinct || !unsummed {
                    return None;
                }
                let mut factors = Vec::new();
                for f in &c.factors {
                    let at: Vec<Option<Id>> =
                        f.labels.iter().map(|l| axis(l).and_then(|a| binds[a])).collect();
                    factors.push((self.place_of(f.node, &at)?, f.exponent.clone()));
                }
                Some(self.g.product(c.coefficient.clone(), &factors))
            }
            _ => None,
        }
    }

    /// An entry of a tensor of indices as it is written.
    pub(super) fn place_entry(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        if !self.is_place(node) {
            return None;
        }
        let place = self.place_of(node, binds)?;
        self.place_form(place)
    }

    /// The size and the shift c of `1 + c, 2 + c, ..., n + c`, along the one axis that is not at an index.
    pub(super) fn as_shift(&mut self, index: NodeId, binds: &[Option<Id>]) -> Option<(NodeId, NodeId)> {
        let open = binds.iter().position(Option::is_none)?;
        let (mut size, mut by) = (None, self.g.zero());
        for (c, node) in self.g.terms(index) {
            let along = match self.g.op(node) {
                Op::Iota(n) => Some(*n),
                _ => match self.g.as_view(node) {
                    Some(view) if view.axes[..] == [open] => match self.g.op(view.core) {
                        Op::Iota(n) => Some(*n),
                        _ => None,
                    },
                    _ => None,
                },
            };
            match along {
                Some(n) if c.is_one() && size.is_none() => size = Some(n),
                _ => {
                    let place = self.place_of(node, binds)?;
                    let term = self.g.scale(c, place);
                    by = self.g.add(by, term);
                }
            }
        }
        Some((size?, by))
    }

    /// `c+1..c+n`
    pub(super) fn shifted_range(&mut self, size: NodeId, by: NodeId) -> Option<Id> {
        let one = self.g.one();
        let number = self.g.as_number(by).is_some();
        let from = self.g.add(by, one);
        let to = if number { self.g.add(size, by) } else { self.g.add(by, size) };
        let (from, to) = (self.place_form(from)?, self.place_form(to)?);
        Some(self.forms.make(Form::Range(from, to), Dims::Column))
    }

    /// `i - c`
    pub(super) fn less(&mut self, i: Id, by: NodeId) -> Option<Id> {
        let i = self.place_node(i);
        let place = self.g.sub(i, by);
        self.place_form(place)
    }

    /// The conditions that a place is one of `1..size`, as far as they do not hold anyway.
    pub(super) fn within(&mut self, place: Id, size: NodeId, guards: &mut Vec<Id>) -> Option<()> {
        let (place, one) = (self.place_node(place), self.g.one());
        let above = self.g.sub(place, one);
        let below = self.g.sub(size, place);
        for (d, whole) in [(above, false), (below, true)] {
            if self.never_negative(d) {
                continue;
            }
            // `i >= 2` and `i > 1` say the same of whole numbers; `i > 1` and `i <= m + 1` are preferred.
            let more = self.g.add(d, one);
            let loose = self.sign_of(d, Relation::GreaterEqual, Relation::LessEqual)?;
            let strict = self.sign_of(more, Relation::Greater, Relation::Less)?;
            let (a, b) = (self.forms.cost(loose), self.forms.cost(strict));
            let guard = if a < b || (a == b && whole) { loose } else { strict };
            if !guards.contains(&guard) {
                guards.push(guard);
            }
        }
        Some(())
    }

    /// The condition that two places are the same one; nothing where they are.
    pub(super) fn same_place(&mut self, a: Id, b: Id, guards: &mut Vec<Id>) {
        let (x, y) = (self.place_node(a), self.place_node(b));
        let d = self.g.sub(x, y);
        if self.g.is_zero(d) {
            return;
        }
        let guard = match self.sign_of(d, Relation::Equal, Relation::Equal) {
            Some(guard) if self.has_index(d) => guard,
            _ => self.forms.make(Form::Compare(Relation::Equal, a, b), Dims::Scalar),
        };
        if !guards.contains(&guard) {
            guards.push(guard);
        }
    }

    /// `d > 0` with the indices on the left.
    fn sign_of(&mut self, d: NodeId, relation: Relation, turned: Relation) -> Option<Id> {
        let terms = self.g.terms(d);
        let running = |r: &Self, t: &(Rational, NodeId), negative: bool| {
            t.0.is_negative() == negative && r.has_index(t.1)
        };
        let flip = !terms.iter().any(|t| running(self, t, false));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for t in terms {
            let keep = running(self, &t, flip);
            let c = if keep == flip { -&t.0 } else { t.0 };
            if keep { left.push((c, t.1)) } else { right.push((c, t.1)) }
        }
        let (left, right) = (self.g.sum(&left), self.g.sum(&right));
        let (left, right) = (self.place_form(left)?, self.place_form(right)?);
        let relation = if flip { turned } else { relation };
        Some(self.forms.make(Form::Compare(relation, left, right), Dims::Scalar))
    }

    /// Whether a whole number made of indices and sizes is known to be 0 or more.
    fn never_negative(&mut self, mut d: NodeId) -> bool {
        for (c, n) in self.g.terms(d) {
            let Some(&form) = self.place_forms.get(&n) else { continue };
            let Form::Index(i) = *self.forms.get(form) else { continue };
            // At worst the index is at one end.
            let Some(&size) = self.ranges.get(i as usize) else { continue };
            let end = if c.is_negative() { size } else { self.g.one() };
            d = self.g.sum(&[(Rational::ONE, d), (-&c, n), (c, end)]);
        }
        let mut least = Rational::ZERO;
        for (c, n) in self.g.terms(d) {
            if n == self.g.one() {
                least = &least + &c;
                continue;
            }
            let bounds = self.g.bounds(n);
            if c.is_negative() || !bounds.is_nonnegative() {
                return false;
            }
            if bounds.is_positive() && bounds.integer {
                least = &least + &c;
            }
        }
        !least.is_negative()
    }
}
