//! Contractions to matrix products, sums, gathers and products entry by entry; what is none of these is an `einsum`.

use agnesi_graph::{Contract, Factor, Label, Labels, NodeId, Op, Rational};

use super::EmitError;
use super::lower::{Lowering, none};
use super::product;
use super::value::{Arithmetic, Kind, Place, Value};

/// A tensor with all of its axes, and a label for each.
#[derive(Clone)]
pub(super) struct Operand {
    pub value: Value,
    pub labels: Labels,
    /// The node, where the operand is one as it stands.
    pub node: Option<NodeId>,
}

impl Operand {
    fn new(value: Value, labels: Labels) -> Operand {
        Operand { value, labels, node: None }
    }

    pub fn has(&self, label: Label) -> bool {
        self.labels.contains(&label)
    }

    fn place(&self, label: Label) -> Option<usize> {
        self.labels.iter().position(|l| *l == label)
    }
}

impl Lowering<'_> {
    /// A contraction: what is summed first, part by part, then the product of the parts.
    pub fn contraction(&mut self, c: &Contract, node: NodeId) -> Result<Value, EmitError> {
        if c.factors.is_empty() && c.out.is_empty() {
            return Ok(Value::number(&c.coefficient));
        }
        // A sign before a sum goes into it, and the sum stands as it was written.
        let own = self.sign(node);
        let sign = &c.coefficient * &own;
        if sign.abs().is_one()
            && let [f] = &c.factors[..]
            && f.exponent.is_one()
            && f.labels == c.out
            && self.is_lone(f.node)
            && let Op::Add(sum) = self.graph.op(f.node)
        {
            return self.sum(&sum.clone(), &sign);
        }
        let odd = |f: &&Factor| !f.exponent.numerator_even();
        let coefficient = c.factors.iter().filter(odd).fold(sign, |c, f| &c * &self.sign(f.node));
        let mut sizes: Vec<NodeId> = c.sizes.to_vec();
        let mut powers: Vec<(Value, Rational)> = Vec::new();
        let mut operands: Vec<(Operand, Rational)> = Vec::new();
        let mut hots: Vec<&Factor> = Vec::new();
        for f in &c.factors {
            if f.labels.is_empty() {
                powers.push((self.get(f.node)?, f.exponent.clone()));
            } else if matches!(self.graph.op(f.node), Op::OneHot(..)) && f.exponent.is_positive() {
                hots.push(f);
            } else {
                let value = self.full(f.node)?;
                let operand = Operand { value, labels: f.labels.clone(), node: Some(f.node) };
                operands.push((operand, f.exponent.clone()));
            }
        }
        for (at, hot) in hots.iter().enumerate() {
            self.one_hot(hot, &hots[at + 1..], &hots[..at], &c.out, &mut operands)?;
        }
        let mut out = c.out.clone();
        let diagonal = out.len() == 2 && out[0] == out[1];
        if diagonal {
            out.pop();
        }
        // A label that is twice in the result: its second place is a label of its own, and the identity joins the two.
        for i in 1..out.len() {
            if out[..i].contains(&out[i]) {
                let (first, second) = (out[i], sizes.len() as Label);
                let size = sizes[first as usize];
                sizes.push(size);
                let identity = Value::full(Kind::Identity(self.get(size)?), 2);
                let labels = Labels::from_slice(&[first, second]);
                operands.push((Operand::new(identity, labels), Rational::ONE));
                out[i] = second;
            }
        }
        let parts = self.summed(operands, &out, sizes.len())?;
        if let [(a, one), (b, also)] = &parts[..]
            && one.is_one()
            && also.is_one()
            && out.len() == 2
            && !diagonal
        {
            let pair = match (&a.labels[..], &b.labels[..]) {
                ([i], [j]) if *i == out[0] && *j == out[1] => Some((a, b)),
                ([j], [i]) if *i == out[0] && *j == out[1] => Some((b, a)),
                _ => None,
            };
            if let Some((a, b)) = pair {
                let outer = Value::full(Kind::Outer(a.value.clone(), b.value.clone()), 2);
                powers.push((outer, Rational::ONE));
                return Ok(product::written(&coefficient, powers));
            }
        }
        for (operand, exponent) in parts {
            powers.push((spread(operand, &out), exponent));
        }
        let rank = out.len();
        let value = product::written(&coefficient, powers);
        let value = match value.is_scalar() && value.rank() < rank {
            true => Value::new(Kind::Spread(value), none(rank)),
            false => value,
        };
        if !diagonal {
            debug_assert_eq!(self.graph.shape(node).len(), value.rank());
            return Ok(value);
        }
        if value.is_full() {
            return Ok(Value::full(Kind::Diagonalize(value), 2));
        }
        let identity = Value::full(Kind::Identity(self.get(sizes[out[0] as usize])?), 2);
        let value = match *value.kind {
            Kind::Spread(inner) => inner,
            kind => Value::scalar(kind),
        };
        match value.is_number(1) {
            true => Ok(identity),
            false => Ok(Value::arithmetic(Arithmetic::Multiply, value, identity)),
        }
    }

    /// A factor that is 1 at an index: where only one other has its last label it is looked up there, else it is made
    /// by comparing.
    fn one_hot(
        &mut self,
        hot: &Factor,
        later: &[&Factor],
        earlier: &[&Factor],
        out: &Labels,
        operands: &mut Vec<(Operand, Rational)>,
    ) -> Result<(), EmitError> {
        let Op::OneHot(index, size) = *self.graph.op(hot.node) else { return Ok(()) };
        let Some((&label, inner)) = hot.labels.split_last() else { return Ok(()) };
        let holders: Vec<usize> = (0..operands.len()).filter(|&i| operands[i].0.has(label)).collect();
        let elsewhere =
            out.contains(&label) || later.iter().chain(earlier).any(|h| h.labels.contains(&label));
        if let ([at], false, false) = (&holders[..], elsewhere, inner.contains(&label)) {
            let (operand, _) = &operands[*at];
            let places = operand.labels.iter().filter(|l| **l == label).count();
            if places == 1
                && let Some(found) = self.looked_up(operand, label, index, inner)?
            {
                operands[*at].0 = found;
                return Ok(());
            }
        }
        let value = Value::full(Kind::OneHot(self.full(index)?, self.get(size)?), hot.labels.len());
        operands.push((Operand::new(value, hot.labels.clone()), Rational::ONE));
        Ok(())
    }

    /// An operand at an index of one axis.
    fn looked_up(
        &mut self,
        operand: &Operand,
        label: Label,
        index: NodeId,
        inner: &[Label],
    ) -> Result<Option<Operand>, EmitError> {
        let Some(axis) = operand.place(label) else { return Ok(None) };
        let mut labels = operand.labels.clone();
        match inner {
            [] => labels.remove(axis),
            [l] => std::mem::replace(&mut labels[axis], *l),
            _ => return Ok(None),
        };
        if let [l] = inner
            && operand.has(*l)
        {
            if operand.labels.len() != 2 || operand.labels[0] == operand.labels[1] {
                return Ok(None);
            }
            let size = self.get(self.graph.shape(index)[0])?;
            let kind = Kind::PickEach(operand.value.clone(), axis, self.full(index)?, size);
            return Ok(Some(Operand::new(Value::full(kind, 1), Labels::from_slice(inner))));
        }
        let place = match self.as_range(index) {
            Some((first, count)) if !inner.is_empty() => Place::Slice(first, self.get(count)?),
            _ => Place::At(self.full(index)?),
        };
        let mut places = vec![Place::All; operand.labels.len()];
        places[axis] = place;
        // Several numbers in a row are one look-up.
        let mut of = operand.value.clone();
        if inner.is_empty()
            && let Kind::Pick(before, earlier) = &*of.kind
            && earlier.iter().all(|p| match p {
                Place::All => true,
                Place::At(index) => index.is_scalar(),
                Place::Slice(..) => false,
            })
        {
            let mut merged = earlier.clone();
            let mut rest = places.into_iter();
            for place in merged.iter_mut().filter(|p| matches!(p, Place::All)) {
                *place = rest.next().unwrap_or(Place::All);
            }
            places = merged;
            of = before.clone();
        }
        let kind = Kind::Pick(of, places);
        Ok(Some(Operand::new(Value::full(kind, labels.len()), labels)))
    }

    /// The numbers `first + 1, first + 2, ...`, as many as the second says.
    fn as_range(&self, index: NodeId) -> Option<(i64, NodeId)> {
        match self.graph.op(index) {
            Op::Iota(count) => Some((0, *count)),
            Op::Add(sum) => {
                let [(a, first), (b, second)] = &sum.terms[..] else { return None };
                let (count, offset) = match (self.graph.op(*first), self.graph.op(*second)) {
                    (Op::Iota(count), _) if a.is_one() => (*count, (b, *second)),
                    (_, Op::Iota(count)) if b.is_one() => (*count, (a, *first)),
                    _ => return None,
                };
                let (number, scalar) = self.graph.as_constant_tensor(offset.1)?;
                if scalar.is_some() {
                    return None;
                }
                let first = (&number * offset.0).as_integer()?;
                (first >= 0).then_some((first, count))
            }
            _ => None,
        }
    }

    /// The operands with every label summed over that the result does not have.
    fn summed(
        &mut self,
        operands: Vec<(Operand, Rational)>,
        out: &Labels,
        labels: usize,
    ) -> Result<Vec<(Operand, Rational)>, EmitError> {
        let mut rest = operands;
        let mut done: Vec<(Operand, Rational)> = Vec::new();
        // A label twice in one operand is its diagonal.
        for (operand, _) in &mut rest {
            let mut unique = Labels::new();
            operand.labels.iter().for_each(|l| {
                if !unique.contains(l) {
                    unique.push(*l)
                }
            });
            if unique.len() == operand.labels.len() {
                continue;
            }
            let value = operand.value.clone();
            let kind = match operand.labels.len() {
                // The sum over it, if there is one, becomes a trace.
                2 => Kind::Diagonal(value),
                _ => Kind::Einsum(vec![(value, operand.labels.clone())], unique.clone()),
            };
            *operand = Operand::new(Value::full(kind, unique.len()), unique);
        }
        for label in 0..labels as Label {
            if out.contains(&label) || !rest.iter().any(|(operand, _)| operand.has(label)) {
                continue;
            }
            // All that summed labels join with this one.
            let mut joined: Vec<Label> = vec![label];
            let mut at = 0;
            while at < joined.len() {
                let here = joined[at];
                for (operand, _) in rest.iter().filter(|(operand, _)| operand.has(here)) {
                    for l in &operand.labels {
                        if !out.contains(l) && !joined.contains(l) {
                            joined.push(*l);
                        }
                    }
                }
                at += 1;
            }
            let (members, others): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|(operand, _)| joined.iter().any(|l| operand.has(*l)));
            rest = others;
            let members: Vec<Operand> = members
                .into_iter()
                .map(|(operand, exponent)| match exponent.is_one() {
                    true => operand,
                    false => Operand::new(
                        product::written(&Rational::ONE, vec![(operand.value, exponent)]),
                        operand.labels,
                    ),
                })
                .collect();
            let kept: Labels =
                out.iter().copied().filter(|l| members.iter().any(|operand| operand.has(*l))).collect();
            let value = self.component(members, &kept)?;
            done.push((Operand::new(value, kept), Rational::ONE));
        }
        rest.extend(done);
        Ok(rest)
    }

    /// Operands that summed labels join; the result has all of its axes.
    fn component(&mut self, mut operands: Vec<Operand>, out: &Labels) -> Result<Value, EmitError> {
        loop {
            // What only one operand has is summed there.
            for at in 0..operands.len() {
                let lonely: Vec<usize> = (0..operands[at].labels.len())
                    .filter(|&axis| {
                        let l = operands[at].labels[axis];
                        !out.contains(&l)
                            && operands.iter().enumerate().all(|(i, other)| i == at || !other.has(l))
                    })
                    .collect();
                if !lonely.is_empty() {
                    operands[at] = sum_over(&operands[at], &lonely);
                }
            }
            if let [operand] = &operands[..] {
                return Ok(permuted(operand.clone(), out));
            }
            if let Some(merged) = merge_equal(&operands, out) {
                operands = merged;
                continue;
            }
            if let Some(value) = self.chain(&operands, out) {
                return Ok(value);
            }
            match absorb_vector(&operands, out) {
                Some(absorbed) => operands = absorbed,
                None => break,
            }
        }
        let rank = out.len();
        let list = operands.into_iter().map(|operand| (operand.value, operand.labels)).collect();
        Ok(Value::full(Kind::Einsum(list, out.clone()), rank))
    }
}

/// The sum of an operand over some of its axes.
fn sum_over(operand: &Operand, axes: &[usize]) -> Operand {
    let labels: Labels = operand
        .labels
        .iter()
        .enumerate()
        .filter(|(axis, _)| !axes.contains(axis))
        .map(|(_, label)| *label)
        .collect();
    let kind = match &*operand.value.kind {
        Kind::Diagonal(matrix) => Kind::Trace(matrix.clone()),
        // The sum of squares of a name is its product with itself.
        Kind::Power(base, exponent)
            if labels.is_empty()
                && base.rank() == 1
                && *exponent == Rational::TWO
                && matches!(*base.kind, Kind::Node(_)) =>
        {
            Kind::MatMul(base.clone(), base.clone())
        }
        _ => Kind::Sum(operand.value.clone(), axes.to_vec()),
    };
    Operand::new(Value::full(kind, labels.len()), labels)
}

/// The operand with its axes in the order of some labels, all of which it has.
fn permuted(operand: Operand, order: &[Label]) -> Value {
    let axes: Vec<usize> = order.iter().filter_map(|l| operand.place(*l)).collect();
    if axes.iter().enumerate().all(|(i, axis)| i == *axis) {
        return operand.value;
    }
    if axes.len() == 2 {
        return operand.value.transposed();
    }
    let rank = axes.len();
    Value::full(Kind::Permute(operand.value, axes), rank)
}

/// The operand among axes that these labels name.
pub(super) fn spread(operand: Operand, out: &[Label]) -> Value {
    let order: Labels = out.iter().copied().filter(|l| operand.has(*l)).collect();
    let axes: Vec<bool> = out.iter().map(|l| operand.has(*l)).collect();
    let value = permuted(operand, &order);
    match axes.iter().all(|there| *there) {
        true => value,
        false => Value::new(Kind::Spread(value), axes),
    }
}

/// Two operands with the same labels are one, their product entry by entry; two vectors that meet in a sum stay, being
/// a product of matrices.
fn merge_equal(operands: &[Operand], out: &Labels) -> Option<Vec<Operand>> {
    for (i, a) in operands.iter().enumerate() {
        for (j, b) in operands.iter().enumerate().skip(i + 1) {
            let same = a.labels.len() == b.labels.len() && a.labels.iter().all(|l| b.has(*l));
            let vectors = a.labels.len() == 1 && operands.len() == 2 && out.is_empty();
            if !same || vectors {
                continue;
            }
            // The product of two vectors that no third has is left to the chain.
            let (a, b) = (a.clone(), permuted(b.clone(), &a.labels));
            let value = Value::arithmetic(Arithmetic::Multiply, a.value, b);
            let mut merged: Vec<Operand> = operands.to_vec();
            merged.remove(j);
            merged[i] = Operand::new(value, a.labels);
            return Some(merged);
        }
    }
    None
}

/// A vector whose label three operands (or two and the result) have scales one of the others, along the first axis where
/// one has it there.
fn absorb_vector(operands: &[Operand], out: &Labels) -> Option<Vec<Operand>> {
    for (i, vector) in operands.iter().enumerate() {
        let &[label] = &vector.labels[..] else { continue };
        let holders: Vec<usize> = (0..operands.len()).filter(|&k| k != i && operands[k].has(label)).collect();
        if holders.len() + usize::from(out.contains(&label)) < 2 {
            continue;
        }
        let rows = holders.iter().rev().find(|&&k| operands[k].labels[0] == label);
        let &into = rows.or(holders.first())?;
        let labels = operands[into].labels.clone();
        let scaled = Value::arithmetic(
            Arithmetic::Multiply,
            spread(vector.clone(), &labels),
            operands[into].value.clone(),
        );
        let mut absorbed = operands.to_vec();
        absorbed[into] = Operand::new(scaled, labels);
        absorbed.remove(i);
        return Some(absorbed);
    }
    None
}
