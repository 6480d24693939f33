//! Conditions in normal form: comparisons with zero, and, or, not, and branches.

use agnesi_syntax::Relation;
use smallvec::SmallVec;

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{NodeId, Op, Sign};

impl Graph {
    /// True or false.
    pub fn truth(&mut self, value: bool) -> NodeId {
        if value { self.yes } else { self.intern(Op::Truth(false), Shape::new()) }
    }

    /// The truth value, if the condition is decided.
    pub fn as_truth(&self, node: NodeId) -> Option<bool> {
        match self.op(node) {
            Op::Truth(value) => Some(*value),
            _ => None,
        }
    }

    /// `a relation b` for scalars, decided where the bounds of `a - b` decide it.
    pub fn compare(&mut self, relation: Relation, a: NodeId, b: NodeId) -> NodeId {
        match relation {
            Relation::Greater => self.positive_difference(a, b),
            Relation::Less => self.positive_difference(b, a),
            Relation::GreaterEqual => self.nonnegative_difference(a, b),
            Relation::LessEqual => self.nonnegative_difference(b, a),
            Relation::Equal => {
                let d = self.sub(a, b);
                self.is_zero_condition(d)
            }
            Relation::NotEqual => {
                let d = self.sub(a, b);
                let zero = self.is_zero_condition(d);
                self.not(zero)
            }
        }
    }

    fn positive_difference(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let d = self.sub(a, b);
        self.positive(d)
    }

    fn nonnegative_difference(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let d = self.sub(a, b);
        self.nonnegative(d)
    }

    /// `d > 0`.
    pub fn positive(&mut self, d: NodeId) -> NodeId {
        if !self.is_scalar(d) {
            return self.by_entries(&[d], |g, d| g.positive(d[0]));
        }
        let bounds = self.bounds(d);
        if bounds.is_positive() {
            return self.truth(true);
        }
        if bounds.is_nonpositive() {
            return self.truth(false);
        }
        if let Some(decided) = self.by_branch(d, Graph::positive) {
            return decided;
        }
        if let Some((f, args)) = self.as_call(d)
            && f == known().abs
        {
            let inner = args[0];
            let zero = self.is_zero_condition(inner);
            return self.not(zero);
        }
        let (negative, rest, squares) = self.sign_core(d);
        let mut parts: SmallVec<[NodeId; 4]> = SmallVec::new();
        for node in squares {
            let zero = self.is_zero_condition(node);
            parts.push(self.not(zero));
        }
        match &rest[..] {
            [] => parts.push(self.truth(!negative)),
            [(node, e)] if e.numerator_even() || e.is_one() => {
                let core = if negative { self.neg(*node) } else { *node };
                parts.push(self.intern(Op::Compare(Sign::Positive, core), Shape::new()));
            }
            _ => {
                let c = if negative { Rational::MINUS_ONE } else { Rational::ONE };
                let core = self.product(c, &rest);
                parts.push(self.intern(Op::Compare(Sign::Positive, core), Shape::new()));
            }
        }
        self.and(&parts)
    }

    /// `d >= 0`.
    pub fn nonnegative(&mut self, d: NodeId) -> NodeId {
        if !self.is_scalar(d) {
            return self.by_entries(&[d], |g, d| g.nonnegative(d[0]));
        }
        let bounds = self.bounds(d);
        if bounds.is_nonnegative() {
            return self.truth(true);
        }
        if bounds.is_negative() {
            return self.truth(false);
        }
        if let Some(decided) = self.by_branch(d, Graph::nonnegative) {
            return decided;
        }
        let (negative, rest, squares) = self.sign_core(d);
        if !squares.is_empty() {
            let (c, core) = self.split_coefficient(d);
            let c = if c.is_negative() { Rational::MINUS_ONE } else { Rational::ONE };
            let core = self.scaled(c, core);
            return self.intern(Op::Compare(Sign::NonNegative, core), Shape::new());
        }
        let c = if negative { Rational::MINUS_ONE } else { Rational::ONE };
        let core = self.product(c, &rest);
        self.intern(Op::Compare(Sign::NonNegative, core), Shape::new())
    }

    /// `d = 0`.
    pub fn is_zero_condition(&mut self, d: NodeId) -> NodeId {
        if !self.is_scalar(d) {
            return self.by_entries(&[d], |g, d| g.is_zero_condition(d[0]));
        }
        if self.is_zero(d) {
            return self.truth(true);
        }
        if self.bounds(d).is_nonzero() {
            return self.truth(false);
        }
        let (_, core) = self.split_coefficient(d);
        if let Op::Contract(c) = self.op(core).clone()
            && c.sizes.is_empty()
            && !c.factors.is_empty()
        {
            // A product is zero where a factor under a positive exponent is.
            let mut any = SmallVec::<[NodeId; 4]>::new();
            for f in c.factors.iter().filter(|f| f.exponent.is_positive()) {
                any.push(self.is_zero_condition(f.node));
            }
            return self.or(&any);
        }
        if let Some((f, args)) = self.as_call(core)
            && (f == known().abs || f == known().sign || f == known().expm1 || f == known().log1p)
        {
            let inner = args[0];
            return self.is_zero_condition(inner);
        }
        self.intern(Op::Compare(Sign::Zero, core), Shape::new())
    }

    /// A condition on a branch: on what is taken, where it is taken.
    fn by_branch(&mut self, d: NodeId, condition: fn(&mut Graph, NodeId) -> NodeId) -> Option<NodeId> {
        let &Op::Select(c, a, b) = self.op(d) else { return None };
        let (a, b) = (condition(self, a), condition(self, b));
        let not_c = self.not(c);
        let (first, second) = (self.or(&[not_c, a]), self.or(&[c, b]));
        Some(self.and(&[first, second]))
    }

    /// The sign of a product: whether the known part is negative, what decides the rest, and what must only not be 0.
    fn sign_core(&mut self, d: NodeId) -> (bool, Vec<(NodeId, Rational)>, Vec<NodeId>) {
        let (c, core) = self.split_coefficient(d);
        let mut negative = c.is_negative();
        let factors: Vec<(NodeId, Rational)> = match self.op(core) {
            Op::Contract(c) if c.sizes.is_empty() => {
                c.factors.iter().map(|f| (f.node, f.exponent.clone())).collect()
            }
            _ => vec![(core, Rational::ONE)],
        };
        let mut rest = Vec::new();
        let mut squares = Vec::new();
        for (node, e) in factors {
            let bounds = self.bounds(node);
            let even = e.numerator_even() || !e.denominator_odd();
            if bounds.is_positive() || (even && bounds.is_nonzero()) {
                continue;
            }
            if bounds.is_negative() {
                negative ^= !even;
            } else if even && e.denominator_odd() {
                squares.push(node);
            } else if e.denominator_odd() {
                rest.push((node, Rational::ONE));
            } else {
                rest.push((node, e));
            }
        }
        (negative, rest, squares)
    }

    /// Logical negation.
    pub fn not(&mut self, a: NodeId) -> NodeId {
        if !self.is_scalar(a) {
            return self.by_entries(&[a], |g, a| g.not(a[0]));
        }
        match self.op(a).clone() {
            Op::Truth(value) => self.truth(!value),
            Op::Not(inner) => inner,
            Op::Compare(Sign::Positive, d) => {
                let minus = self.neg(d);
                self.nonnegative(minus)
            }
            Op::Compare(Sign::NonNegative, d) => {
                let minus = self.neg(d);
                self.positive(minus)
            }
            Op::And(list) => {
                let parts: Vec<NodeId> = list.iter().map(|x| self.not(*x)).collect();
                self.or(&parts)
            }
            Op::Or(list) => {
                let parts: Vec<NodeId> = list.iter().map(|x| self.not(*x)).collect();
                self.and(&parts)
            }
            _ => self.intern(Op::Not(a), Shape::new()),
        }
    }

    /// All of these.
    pub fn and(&mut self, parts: &[NodeId]) -> NodeId {
        self.junction(parts, true)
    }

    /// Any of these.
    pub fn or(&mut self, parts: &[NodeId]) -> NodeId {
        self.junction(parts, false)
    }

    /// Where `and` (`all`) or `or` of these has a value, each with the condition under which it has one: where all have
    /// one, and where one that has decides, whatever the others are.
    pub fn domain_of_junction(&mut self, all: bool, operands: &[(NodeId, NodeId)]) -> NodeId {
        let domains: SmallVec<[NodeId; 4]> = operands.iter().map(|(_, domain)| *domain).collect();
        let partial = domains.iter().filter(|d| self.as_truth(**d) != Some(true)).count();
        let defined = self.and(&domains);
        let mut enough: SmallVec<[NodeId; 4]> = SmallVec::from_slice(&[defined]);
        for &(operand, domain) in operands {
            // Of one that has a value only where all have one, nothing is to be said; nor of the only one that may
            // have none.
            if domain == defined || self.as_truth(domain) != Some(true) && partial == 1 {
                continue;
            }
            let decides = if all { self.not(operand) } else { operand };
            enough.push(self.and(&[domain, decides]));
        }
        self.or(&enough)
    }

    fn junction(&mut self, parts: &[NodeId], all: bool) -> NodeId {
        if parts.iter().any(|p| !self.is_scalar(*p)) {
            return self.by_entries(parts, |g, parts| g.junction(parts, all));
        }
        let mut flat: Vec<NodeId> = Vec::with_capacity(parts.len());
        for &part in parts {
            match self.op(part) {
                Op::Truth(value) if *value == all => {}
                Op::Truth(_) => return part,
                Op::And(list) if all => flat.extend(list.iter().copied()),
                Op::Or(list) if !all => flat.extend(list.iter().copied()),
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        // a and not a; a > 0 and a != 0.
        for i in 0..flat.len() {
            if let Op::Not(inner) = self.op(flat[i])
                && flat.contains(inner)
            {
                return self.truth(!all);
            }
        }
        if let Some(decided) = self.opposite_signs(&flat, all) {
            return decided;
        }
        if all {
            let positive: Vec<NodeId> = flat
                .iter()
                .filter_map(|n| match self.op(*n) {
                    Op::Compare(Sign::Positive, d) => Some(*d),
                    _ => None,
                })
                .collect();
            let mut implied = Vec::new();
            for &d in &positive {
                let (_, core) = self.split_coefficient(d);
                let zero = self.intern(Op::Compare(Sign::Zero, core), Shape::new());
                implied.push(self.intern(Op::Not(zero), Shape::new()));
                implied.push(self.intern(Op::Compare(Sign::NonNegative, d), Shape::new()));
            }
            flat.retain(|n| !implied.contains(n));
        }
        let before = flat.len();
        self.join_intervals(&mut flat, all);
        if flat.len() < before {
            // What was joined may be decided, or be a list of its own.
            return self.junction(&flat, all);
        }
        match flat.len() {
            0 => self.truth(all),
            1 => flat[0],
            _ => {
                let list = flat.into_boxed_slice();
                self.intern(if all { Op::And(list) } else { Op::Or(list) }, Shape::new())
            }
        }
    }

    /// `d >= 0 or -d >= 0` is always true, `d > 0 and -d >= 0` never.
    fn opposite_signs(&mut self, parts: &[NodeId], all: bool) -> Option<NodeId> {
        let signs: SmallVec<[(Sign, NodeId); 4]> = parts
            .iter()
            .filter_map(|n| match self.op(*n) {
                Op::Compare(sign @ (Sign::Positive | Sign::NonNegative), d) => Some((*sign, *d)),
                _ => None,
            })
            .collect();
        for (i, (p, d)) in signs.iter().enumerate() {
            for (q, e) in &signs[i + 1..] {
                let strict = (*p == Sign::Positive) as u8 + (*q == Sign::Positive) as u8;
                if (all && strict > 0 || !all && strict < 2) && self.neg(*d) == *e {
                    return Some(self.truth(!all));
                }
            }
        }
        None
    }

    /// `if c then a else b`, elementwise.
    /// The branches have one shape, or one of them is a scalar; the condition has that shape or is a scalar.
    pub fn select(&mut self, c: NodeId, a: NodeId, b: NodeId) -> NodeId {
        if [c, a, b].iter().any(|n| !self.is_scalar(*n)) {
            return self.by_entries(&[c, a, b], |g, n| g.select(n[0], n[1], n[2]));
        }
        match self.as_truth(c) {
            Some(true) => return a,
            Some(false) => return b,
            None => {}
        }
        if a == b {
            return a;
        }
        if let Op::Not(inner) = self.op(c) {
            let inner = *inner;
            return self.select(inner, b, a);
        }
        self.intern(Op::Select(c, a, b), Shape::new())
    }
}
