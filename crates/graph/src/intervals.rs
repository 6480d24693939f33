//! Conditions on one quantity as sets of numbers: intervals joined, and what another of them covers left out.

use agnesi_syntax::Relation;

use crate::Rational;
use crate::graph::Graph;
use crate::op::{NodeId, Op, Sign};

/// A place between numbers: just above this one, or just below it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    at: Rational,
    above: bool,
}

/// A set of numbers whose ends are known.
#[derive(Clone)]
struct Set {
    /// Whether it reaches to minus infinity.
    from_below: bool,
    /// Where it begins or ends, in rising order.
    cuts: Vec<Cut>,
}

impl Set {
    fn complement(mut self) -> Set {
        self.from_below = !self.from_below;
        self
    }

    /// What is in both (`all`) or in either.
    fn combine(&self, other: &Set, all: bool) -> Set {
        let both = |a: bool, b: bool| if all { a && b } else { a || b };
        let mut inside = (self.from_below, other.from_below);
        let from_below = both(inside.0, inside.1);
        let (mut cuts, mut now) = (Vec::new(), from_below);
        let (mut i, mut j) = (0, 0);
        while let Some(next) = self.cuts.get(i).into_iter().chain(other.cuts.get(j)).min().cloned() {
            if self.cuts.get(i) == Some(&next) {
                inside.0 = !inside.0;
                i += 1;
            }
            if other.cuts.get(j) == Some(&next) {
                inside.1 = !inside.1;
                j += 1;
            }
            if both(inside.0, inside.1) != now {
                now = !now;
                cuts.push(next);
            }
        }
        Set { from_below, cuts }
    }

    /// The intervals in rising order, each with the single numbers that are missing in it.
    fn pieces(&self) -> Vec<Piece> {
        let low = if self.from_below { vec![None] } else { Vec::new() };
        let mut ends = low.into_iter().chain(self.cuts.iter().cloned().map(Some));
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(low) = ends.next() {
            let high = ends.next().flatten();
            match (pieces.last_mut(), &low) {
                (Some(before), Some(cut)) if before.high.as_ref().is_some_and(|h| h.at == cut.at) => {
                    before.missing.push(cut.at.clone());
                    before.high = high;
                }
                _ => pieces.push(Piece { low, high, missing: Vec::new() }),
            }
        }
        pieces
    }
}

struct Piece {
    low: Option<Cut>,
    high: Option<Cut>,
    missing: Vec<Rational>,
}

/// Longer lists of conditions are left as they are.
const MOST: usize = 64;

/// How deep the lists of lists are that are read: intervals are a list of lists.
const DEPTH: usize = 2;

/// A condition that says that a quantity is in a set, and in how many comparisons it says so.
struct Membership {
    quantity: NodeId,
    set: Set,
    comparisons: usize,
}

impl Graph {
    /// Of the conditions that must all hold (`all`), or of which any must, those on the same quantity as fewer
    /// comparisons, where there are fewer.
    pub(crate) fn join_intervals(&mut self, parts: &mut Vec<NodeId>, all: bool) {
        if !(2..=MOST).contains(&parts.len()) {
            return;
        }
        let mut groups: Vec<(Membership, Vec<NodeId>)> = Vec::new();
        for &part in parts.iter() {
            let Some(found) = self.membership(part, DEPTH) else { continue };
            match groups.iter_mut().find(|(group, _)| group.quantity == found.quantity) {
                Some((group, members)) => {
                    group.set = group.set.combine(&found.set, all);
                    group.comparisons += found.comparisons;
                    members.push(part);
                }
                None => groups.push((found, vec![part])),
            }
        }
        for (group, members) in groups {
            let pieces = group.set.pieces();
            let count = |p: &Piece| {
                let point = matches!((&p.low, &p.high), (Some(a), Some(b)) if a.at == b.at);
                let ends = usize::from(p.low.is_some()) + usize::from(p.high.is_some() && !point);
                ends + p.missing.len()
            };
            if members.len() < 2 || pieces.iter().map(count).sum::<usize>() >= group.comparisons {
                continue;
            }
            let conditions: Vec<NodeId> =
                pieces.iter().map(|piece| self.piece_condition(group.quantity, piece)).collect();
            let joined = self.or(&conditions);
            parts.retain(|part| !members.contains(part));
            parts.push(joined);
        }
    }

    fn piece_condition(&mut self, quantity: NodeId, piece: &Piece) -> NodeId {
        let compare = |g: &mut Graph, relation: Relation, number: &Rational| {
            let number = g.number(number.clone());
            g.compare(relation, quantity, number)
        };
        let mut conditions = Vec::new();
        match (&piece.low, &piece.high) {
            (Some(low), Some(high)) if low.at == high.at => {
                conditions.push(compare(self, Relation::Equal, &low.at));
            }
            (low, high) => {
                if let Some(low) = low {
                    let relation = if low.above { Relation::Greater } else { Relation::GreaterEqual };
                    conditions.push(compare(self, relation, &low.at));
                }
                if let Some(high) = high {
                    let relation = if high.above { Relation::LessEqual } else { Relation::Less };
                    conditions.push(compare(self, relation, &high.at));
                }
            }
        }
        for number in &piece.missing {
            conditions.push(compare(self, Relation::NotEqual, number));
        }
        self.and(&conditions)
    }

    fn membership(&mut self, condition: NodeId, depth: usize) -> Option<Membership> {
        match self.op(condition).clone() {
            Op::Compare(sign, d) => {
                let (quantity, at, rising) = self.compared(d)?;
                // quantity - at has the sign of d, or the opposite one.
                let cut = |above| Cut { at: at.clone(), above };
                let set = match (sign, rising) {
                    (Sign::Positive, true) => Set { from_below: false, cuts: vec![cut(true)] },
                    (Sign::NonNegative, true) => Set { from_below: false, cuts: vec![cut(false)] },
                    (Sign::Positive, false) => Set { from_below: true, cuts: vec![cut(false)] },
                    (Sign::NonNegative, false) => Set { from_below: true, cuts: vec![cut(true)] },
                    (Sign::Zero, _) => Set { from_below: false, cuts: vec![cut(false), cut(true)] },
                };
                Some(Membership { quantity, set, comparisons: 1 })
            }
            Op::Not(inner) => {
                let found = self.membership(inner, depth)?;
                Some(Membership { set: found.set.complement(), ..found })
            }
            Op::And(list) => self.joint_membership(&list, true, depth),
            Op::Or(list) => self.joint_membership(&list, false, depth),
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Truth(_)
            | Op::Add(_)
            | Op::Contract(_)
            | Op::Call(..)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Loop(_) => None,
        }
    }

    fn joint_membership(&mut self, list: &[NodeId], all: bool, depth: usize) -> Option<Membership> {
        let depth = depth.checked_sub(1).filter(|_| list.len() <= MOST)?;
        let (first, rest) = list.split_first()?;
        let mut joint = self.membership(*first, depth)?;
        for part in rest {
            let found = self.membership(*part, depth)?;
            if found.quantity != joint.quantity {
                return None;
            }
            joint.set = joint.set.combine(&found.set, all);
            joint.comparisons += found.comparisons;
        }
        Some(joint)
    }

    /// `d` as a positive or negative multiple of `quantity - number`, and whether the multiple is positive.
    fn compared(&mut self, d: NodeId) -> Option<(NodeId, Rational, bool)> {
        let one = self.one();
        let mut constant = Rational::ZERO;
        let mut rest = Vec::new();
        for (c, node) in self.terms(d) {
            if node == one { constant = c } else { rest.push((c, node)) }
        }
        let (lead, quantity) = match &rest[..] {
            [] => return None,
            [(c, node)] => (c.clone(), *node),
            _ => {
                let number = self.number(constant.clone());
                let sum = self.sub(d, number);
                let lead = self.terms(sum).first()?.0.clone();
                (lead.clone(), self.scaled(lead.recip()?, sum))
            }
        };
        let at = -&(&constant * &lead.recip()?);
        Some((quantity, at, lead.is_positive()))
    }
}
