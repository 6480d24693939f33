//! Nodes with tensors in matrix notation, op by op.

use agnesi_syntax::{Binary, Relation};

use super::Raiser;
use super::form::{Dims, Form, Id};
use super::product::Product;
use crate::Rational;
use crate::known::known;
use crate::op::{Contract, NodeId, Op, Reduction, Sign};

impl Raiser<'_> {
    /// A node in matrix notation; one without tensors as it stands.
    pub(super) fn form(&mut self, root: NodeId) -> Id {
        if let Some(&id) = self.formed.get(&root) {
            return id;
        }
        if !self.is_tensorial(root) {
            return self.scalar(root);
        }
        // Parts first, without recursion.
        let mut stack = vec![root];
        while let Some(&top) = stack.last() {
            if self.formed.contains_key(&top) {
                stack.pop();
                continue;
            }
            let parts = if self.writing.contains(&top) { Vec::new() } else { self.formed_parts(top) };
            if parts.is_empty() {
                let id = self.whole(top);
                self.formed.insert(top, id);
                stack.pop();
            } else {
                stack.extend(parts.into_iter().rev());
            }
        }
        self.formed[&root]
    }

    /// A node whose parts have forms.
    fn whole(&mut self, node: NodeId) -> Id {
        let rank = self.g.shape(node).len();
        self.writing.insert(node);
        let masked = if rank > 0 { self.mask(node) } else { None };
        let composed = match masked {
            Some(id) => Some(id),
            None if rank <= 2 => self.compose(node, &vec![None; rank]),
            None => None,
        };
        let id = match composed {
            // What is put together from entries may be shorter as entries of its own.
            Some(id) if rank == 0 || masked.is_some() || !self.forms.has_entries(id) => id,
            Some(id) => match self.comprehension(node) {
                Some(other) if self.forms.cost(other) <= self.forms.cost(id) => other,
                _ => id,
            },
            None => match self.comprehension(node) {
                Some(id) => id,
                None => self.forms.name("tensor", Dims::of_rank(rank)),
            },
        };
        self.writing.remove(&node);
        if matches!(self.g.op(node), Op::Add(sum) if sum.flipped) {
            self.forms.flipped.insert(id);
        }
        if rank == 2 && self.g.is_symmetric(node) {
            self.forms.mark_symmetric(id);
        }
        id
    }

    /// A node with some axes at indices, by its op. `None` if more axes need one.
    pub(super) fn compose(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        let free = binds.iter().filter(|b| b.is_none()).count();
        let dims = Dims::of_rank(free);
        if free > 2 {
            return None;
        }
        if free == 0
            && !binds.is_empty()
            && let Some(place) = self.place_entry(node, binds)
        {
            return Some(place);
        }
        match self.g.op(node).clone() {
            Op::Symbol(id) => {
                let name = self.symbol_name(id);
                let base = match self.stand_ins.get(&node) {
                    Some(&form) => form,
                    None => self.forms.name(&name, Dims::of_rank(binds.len())),
                };
                Some(if free == binds.len() { base } else { self.at(base, binds, dims) })
            }
            Op::Constant(_) | Op::Truth(_) => Some(self.scalar(node)),
            Op::Add(_) => {
                let terms = self.g.terms(node);
                self.sum_form(terms, binds, dims)
            }
            Op::Contract(c) if c.coefficient.is_zero() => Some(self.zeros(node, binds, free)),
            Op::Contract(c) => {
                let product = self.contraction(&c, binds)?;
                Some(self.forms.build(&product))
            }
            Op::Call(f, args) => {
                if f == known().exp
                    && free == binds.len()
                    && let Some(softmax) = self.softmax(args[0])
                {
                    return Some(softmax);
                }
                let mut forms = Vec::with_capacity(args.len());
                for a in args {
                    forms.push(self.operand(a, binds)?);
                }
                if f == known().pow {
                    let entrywise = dims != Dims::Scalar;
                    return Some(self.forms.make(Form::Power(forms[0], forms[1], entrywise), dims));
                }
                let name = self.g.function_name(f).to_string();
                // `max(X, 2)` would go along an axis.
                if let ("max" | "min", &[a, b]) = (name.as_str(), &forms[..])
                    && matches!(self.forms.get(b), Form::Number(_))
                    && self.forms.dims(a) != Dims::Scalar
                {
                    forms = vec![b, a];
                }
                Some(self.forms.map(&name, &forms, dims))
            }
            Op::Compare(sign, d) => self.comparison(d, sign, false, binds),
            Op::Not(inner) => match self.g.op(inner).clone() {
                Op::Compare(sign, d) => self.comparison(d, sign, true, binds),
                _ => {
                    let inner = self.condition(inner, binds)?;
                    Some(self.forms.make(Form::Not(inner), dims))
                }
            },
            Op::And(list) => self.junction(&list, Binary::And, binds, dims),
            Op::Or(list) => self.junction(&list, Binary::Or, binds, dims),
            Op::Select(c, a, b) => {
                let c = self.condition(c, binds)?;
                let (a, b) = (self.operand(a, binds)?, self.operand(b, binds)?);
                Some(self.forms.make(Form::If(c, a, b), dims))
            }
            Op::Integral { body, variable, from, to } => {
                let variable = self.g.symbol_node(variable);
                let args = [body, variable, from, to].map(|n| self.form(n));
                Some(self.forms.call("integral", &args, Dims::Scalar))
            }
            Op::Reduce(how, inner, axes) => self.reduction(how, inner, axes as usize, binds),
            Op::Linear(op, inner) => {
                let batch = self.g.shape(inner).len() - 2;
                if binds[..batch].iter().any(Option::is_none) || binds[batch..].iter().any(Option::is_some) {
                    // The whole matrix at the batch's place, then its entry.
                    if binds[..batch].iter().any(Option::is_none) || batch == 0 {
                        return None;
                    }
                    let mut whole = binds[..batch].to_vec();
                    whole.resize(binds.len(), None);
                    let base = self.compose(node, &whole)?;
                    return Some(self.at(base, &binds[batch..], dims));
                }
                let mut places = binds[..batch].to_vec();
                places.resize(batch + 2, None);
                let inner = self.entry(inner, &places)?;
                Some(self.forms.call(op.name(), &[inner], dims))
            }
            Op::Iota(_) => binds[0],
            Op::OneHot(index, size) => self.one_hot_entry(index, size, binds),
            Op::Loop(made) => Some(self.loop_form(node, &made, binds, dims)),
        }
    }

    /// An operand of what works entry by entry: numbers and scalars stand for tensors of themselves.
    fn operand(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        if self.g.is_scalar(node) {
            return Some(self.form(node));
        }
        if let Some((c, scalar)) = self.g.as_constant_tensor(node) {
            let one = self.g.one();
            let value = self.g.scale(c, scalar.unwrap_or(one));
            return Some(self.form(value));
        }
        self.entry(node, binds)
    }

    /// An operand that is true or false: no product with ones repeats it along an axis, so that its axes need indices
    /// where it is seen otherwise than as it is.
    fn condition(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        let seen = matches!(self.g.op(node), Op::Contract(_)) && self.g.as_constant_tensor(node).is_none();
        if seen && !self.g.is_scalar(node) && binds.iter().any(Option::is_none) {
            return None;
        }
        let form = self.operand(node, binds)?;
        // Nor is it given entry by entry.
        (!matches!(self.forms.get(form), Form::For(..))).then_some(form)
    }

    /// Whether a node is true or false in each entry.
    pub(super) fn is_condition(&self, node: NodeId) -> bool {
        match self.g.op(node) {
            Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_) | Op::Truth(_) => true,
            Op::Contract(c) => matches!(&c.factors[..], [f] if self.is_condition(f.node)),
            _ => false,
        }
    }

    fn zeros(&mut self, node: NodeId, binds: &[Option<Id>], free: usize) -> Id {
        if free == 0 {
            return self.forms.number(Rational::ZERO);
        }
        let shape = self.g.shape(node).clone();
        let sizes: Vec<NodeId> =
            shape.iter().zip(binds).filter(|(_, b)| b.is_none()).map(|(s, _)| *s).collect();
        self.constant("zeros", &sizes)
    }

    /// `coefficient * node`, taken apart.
    fn term_product(&mut self, c: &Rational, node: NodeId, binds: &[Option<Id>]) -> Option<Product> {
        let form = self.entry_or_form(node, binds)?;
        let mut product = self.forms.split(form);
        product.scale(c);
        Some(product)
    }

    fn entry_or_form(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        if self.g.is_scalar(node) { Some(self.form(node)) } else { self.entry(node, binds) }
    }

    /// A sum of terms. Numbers and scalars stand for tensors of themselves where another term is a tensor.
    fn sum_form(&mut self, terms: Vec<(Rational, NodeId)>, binds: &[Option<Id>], dims: Dims) -> Option<Id> {
        let products = self.term_products(terms, binds, dims)?;
        let sum = self.forms.add(products, dims);
        Some(self.forms.build(&sum))
    }

    fn term_products(
        &mut self,
        terms: Vec<(Rational, NodeId)>,
        binds: &[Option<Id>],
        dims: Dims,
    ) -> Option<Vec<Product>> {
        let whole = terms.iter().any(|(_, n)| !self.is_constant(*n)) || dims == Dims::Scalar;
        let mut products = Vec::with_capacity(terms.len());
        for (at, (c, node)) in terms.into_iter().enumerate() {
            let constant = if whole || at > 0 { self.g.as_constant_tensor(node) } else { None };
            products.push(match constant {
                Some((k, scalar)) => {
                    let mut product = match scalar {
                        Some(scalar) => {
                            let form = self.form(scalar);
                            self.forms.split(form)
                        }
                        None => Product::one(),
                    };
                    product.scale(&(&c * &k));
                    product
                }
                None => self.term_product(&c, node, binds)?,
            });
        }
        Some(products)
    }

    fn is_constant(&self, node: NodeId) -> bool {
        self.g.is_scalar(node) || self.g.as_constant_tensor(node).is_some()
    }

    /// `d > 0` with what is subtracted on the other side: `X > 1`.
    fn comparison(&mut self, d: NodeId, sign: Sign, not: bool, binds: &[Option<Id>]) -> Option<Id> {
        let free = if self.g.is_scalar(d) { 0 } else { binds.iter().filter(|b| b.is_none()).count() };
        let dims = Dims::of_rank(free);
        let terms = self.g.terms(d);
        let flip = terms.iter().filter(|(_, n)| !self.is_number(*n)).all(|(c, _)| c.is_negative());
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (c, node) in terms {
            let c = if flip { -&c } else { c };
            if self.is_number(node) || c.is_negative() {
                right.push((-&c, node));
            } else {
                left.push((c, node));
            }
        }
        let relation = match (sign, not, flip) {
            (Sign::Zero, false, _) => Relation::Equal,
            (Sign::Zero, true, _) => Relation::NotEqual,
            (Sign::Positive, false, false) | (Sign::NonNegative, true, true) => Relation::Greater,
            (Sign::Positive, false, true) | (Sign::NonNegative, true, false) => Relation::Less,
            (Sign::NonNegative, false, false) | (Sign::Positive, true, true) => Relation::GreaterEqual,
            (Sign::NonNegative, false, true) | (Sign::Positive, true, false) => Relation::LessEqual,
        };
        let side = |raiser: &mut Self, terms: Vec<(Rational, NodeId)>| {
            if terms.is_empty() {
                return Some(raiser.forms.number(Rational::ZERO));
            }
            // A side that is one scalar throughout is written as the scalar.
            if terms.iter().all(|(_, n)| raiser.is_constant(*n)) {
                let products = raiser.term_products(terms, binds, Dims::Scalar)?;
                let sum = raiser.forms.add(products, Dims::Scalar);
                return Some(raiser.forms.build(&sum));
            }
            raiser.sum_form(terms, binds, dims)
        };
        let left = side(self, left)?;
        let right = side(self, right)?;
        Some(self.forms.make(Form::Compare(relation, left, right), dims))
    }

    /// Whether a node is the number 1, or a tensor of it.
    fn is_number(&self, node: NodeId) -> bool {
        node == self.g.one() || matches!(self.g.as_constant_tensor(node), Some((_, None)))
    }

    fn junction(&mut self, list: &[NodeId], op: Binary, binds: &[Option<Id>], dims: Dims) -> Option<Id> {
        let mut forms = Vec::with_capacity(list.len());
        for node in list {
            forms.push(self.condition(*node, binds)?);
        }
        Some(self.forms.make(Form::Both(op, forms.into()), dims))
    }

    /// `exp(x - logsumexp(x))` by its name.
    fn softmax(&mut self, argument: NodeId) -> Option<Id> {
        let rank = self.g.shape(argument).len();
        let terms = self.g.terms(argument);
        if rank == 0 || rank > 2 || terms.len() < 2 {
            return None;
        }
        for at in 0..terms.len() {
            if terms[at].0 != Rational::MINUS_ONE {
                continue;
            }
            let Some((inner, axis)) = self.as_logsumexp(terms[at].1, rank) else { continue };
            let rest: Vec<(Rational, NodeId)> =
                terms.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, t)| t.clone()).collect();
            let rest = self.g.sum(&rest);
            let inner = if axis == Some(1) { self.g.swapped(inner) } else { inner };
            if rest != inner {
                continue;
            }
            let x = self.form(rest);
            let dims = Dims::of_rank(rank);
            return Some(match axis {
                None => self.forms.call("softmax", &[x], dims),
                Some(axis) => {
                    let axis = self.forms.number(Rational::from(axis));
                    self.forms.call("softmax", &[x, axis], dims)
                }
            });
        }
        None
    }

    /// What a tensor that repeats a logsumexp is taken of, and over which axis of a matrix.
    fn as_logsumexp(&mut self, node: NodeId, rank: usize) -> Option<(NodeId, Option<i64>)> {
        let reduced = |r: &Self, node: NodeId| match *r.g.op(node) {
            Op::Reduce(Reduction::LogSumExp, inner, axes) => Some((inner, axes as usize)),
            _ => None,
        };
        if let Some((c, Some(scalar))) = self.g.as_constant_tensor(node)
            && c.is_one()
        {
            let (inner, axes) = reduced(self, scalar)?;
            // Over both axes of a matrix it has no name.
            return (axes == 1 && rank == 1).then_some((inner, None));
        }
        let view = self.g.as_view(node)?;
        let (inner, axes) = reduced(self, view.core)?;
        let axis = match view.axes[..] {
            [0] => 2,
            [1] => 1,
            _ => return None,
        };
        (axes == 1 && self.g.shape(inner).len() == 2).then_some((inner, Some(axis)))
    }

    /// A contraction as a product, for those who take it apart further.
    pub(super) fn contracted(&mut self, c: &Contract) -> Option<Id> {
        let product = self.contraction(c, &vec![None; c.out.len()])?;
        Some(self.forms.build(&product))
    }
}
