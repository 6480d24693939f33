//! Products of scalars in normal form: the [`Contract`] without labels, which is what most expressions are made of.
//!
//! A power of a product is taken apart only where that is right for all reals under the real-root convention
//! (`x^(p/q)` with odd `q` is the real root); otherwise the product stays whole under its exponent.

use smallvec::SmallVec;
use std::sync::Arc;

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{Contract, Factor, Labels, NodeId, Op};
use crate::radical;

/// At most so many factors stand in one product; a longer one is nested.
const MAX_FACTORS: usize = 48;

/// A factor on its way into a product.
pub(crate) type Power = (NodeId, Rational);

/// The terms of an exponent.
type Terms = SmallVec<[(Rational, NodeId); 4]>;

/// A product under construction.
struct Gather {
    coefficient: Rational,
    powers: SmallVec<[Power; 8]>,
    /// Powers of e: the power, what it is a power of, and its exponent.
    exponentials: SmallVec<[(Rational, NodeId, NodeId); 2]>,
    /// Powers with a symbolic exponent: base, and terms of its exponent.
    general: SmallVec<[(NodeId, Rational, NodeId); 1]>,
}

impl Graph {
    /// `coefficient * prod node^exponent`, for scalars, in normal form.
    ///
    /// A zero base with a negative exponent is the caller's to exclude; here it stays as it is written.
    pub fn product(&mut self, coefficient: Rational, powers: &[Power]) -> NodeId {
        if coefficient.is_zero() {
            return self.zero();
        }
        match powers {
            [] => return self.number(coefficient),
            [(node, e)] if e.is_one() && coefficient.is_one() => return *node,
            _ => {}
        }
        let mut g = Gather {
            coefficient,
            powers: SmallVec::new(),
            exponentials: SmallVec::new(),
            general: SmallVec::new(),
        };
        for (node, exponent) in powers {
            self.gather(&mut g, *node, exponent);
        }
        self.merge_exponentials(&mut g);
        self.merge_equal_bases(&mut g);
        if g.coefficient.is_zero() {
            return self.zero();
        }
        if g.powers.len() >= 2 {
            self.local_laws(&mut g);
        }
        self.finish_product(g.coefficient, g.powers)
    }

    /// `a*b`.
    pub fn mul(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.product(Rational::ONE, &[(a, Rational::ONE), (b, Rational::ONE)])
    }

    /// `a/b`.
    pub fn div(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.product(Rational::ONE, &[(a, Rational::ONE), (b, Rational::MINUS_ONE)])
    }

    /// `c*a`.
    pub fn scale(&mut self, c: Rational, a: NodeId) -> NodeId {
        self.product(c, &[(a, Rational::ONE)])
    }

    /// `base^exponent` with an exact exponent.
    pub fn power(&mut self, base: NodeId, exponent: Rational) -> NodeId {
        self.product(Rational::ONE, &[(base, exponent)])
    }

    fn gather(&mut self, g: &mut Gather, node: NodeId, e: &Rational) {
        if e.is_zero() {
            return;
        }
        match self.op(node) {
            Op::Contract(c) if c.out.is_empty() && c.factors.iter().all(|f| f.labels.is_empty()) => {
                if c.factors.is_empty() {
                    let value = c.coefficient.clone();
                    self.gather_number(g, value, e);
                } else if e.is_one() && g.powers.len() + c.factors.len() <= MAX_FACTORS {
                    g.coefficient = &g.coefficient * &c.coefficient;
                    let inner = Arc::clone(c);
                    for f in &inner.factors {
                        self.gather(g, f.node, &f.exponent);
                    }
                } else if e.is_one() {
                    g.powers.push((node, Rational::ONE));
                } else {
                    let inner = Arc::clone(c);
                    self.gather_power_of_product(g, &inner, e);
                }
            }
            Op::Call(f, args) if *f == known().exp => g.exponentials.push((e.clone(), node, args[0])),
            Op::Call(f, args) if *f == known().pow => {
                let (base, exponent) = (args[0], args[1]);
                if !e.is_integer() && self.bounds(exponent).integer && !self.is_nonnegative(base) {
                    // (x^n)^(1/2) is |x|^(n/2) for even n only.
                    g.powers.push((node, e.clone()));
                } else {
                    g.general.push((base, e.clone(), exponent));
                }
            }
            Op::Call(f, args) if *f == known().abs && e.is_integer() && e.numerator_even() => {
                let inner = args[0];
                self.gather(g, inner, e);
            }
            Op::Call(f, _) if *f == known().step => g.powers.push((node, power_of_step(e))),
            Op::Constant(crate::Constant::E) => {
                let one = self.one();
                g.exponentials.push((e.clone(), node, one));
            }
            Op::Call(f, _) if *f == known().sign && e.is_integer() => {
                // sign takes the values -1, 0, 1: odd powers are itself, even ones its square, and so below the line.
                let power = if e.numerator_even() { Rational::TWO } else { Rational::ONE };
                g.powers.push((node, if e.is_negative() { -&power } else { power }));
            }
            _ => g.powers.push((node, e.clone())),
        }
    }

    fn gather_number(&mut self, g: &mut Gather, value: Rational, e: &Rational) {
        match radical::split_power(&value, e) {
            Some(split) => {
                g.coefficient = &g.coefficient * &split.coefficient;
                for (base, exponent) in split.radicals {
                    let base = self.number(base);
                    g.powers.push((base, exponent));
                }
            }
            // Undefined (0 to a negative power, an even root of a negative number) or too large to write out.
            None => {
                let base = self.number(value);
                g.powers.push((base, e.clone()));
            }
        }
    }

    /// `(c * prod f^k)^e` with a power that is not 1.
    fn gather_power_of_product(&mut self, g: &mut Gather, inner: &Contract, e: &Rational) {
        if e.is_integer() || e.denominator_odd() {
            // Real roots of odd degree and integer powers are multiplicative over all reals. An even root inside may
            // only be raised where its own domain already speaks for it.
            self.gather_number(g, inner.coefficient.clone(), e);
            for f in &inner.factors {
                self.gather_power_of_power(g, f, e);
            }
            return;
        }
        // An even root: what is known not to be negative comes out, the rest stays under one root.
        let mut rest: SmallVec<[Power; 4]> = SmallVec::new();
        let mut outside: SmallVec<[&Factor; 4]> = SmallVec::new();
        for f in &inner.factors {
            // f^(p/q) with even p or even q is itself not negative.
            if self.is_nonnegative(f.node) || !f.exponent.denominator_odd() || f.exponent.numerator_even() {
                outside.push(f);
            } else {
                rest.push((f.node, f.exponent.clone()));
            }
        }
        let magnitude = inner.coefficient.abs();
        let negative = inner.coefficient.is_negative();
        if !rest.is_empty() || negative {
            // sqrt(relu(x)*x) is 0 for all negative x, where sqrt(x) is not defined: what may be 0 on a whole interval
            // stays inside, unless all is known not to be negative.
            let (stays, goes): (SmallVec<[&Factor; 4]>, SmallVec<[&Factor; 4]>) =
                outside.into_iter().partition(|f| self.may_vanish_widely(f.node));
            rest.extend(stays.iter().map(|f| (f.node, f.exponent.clone())));
            outside = goes;
        }
        if negative && rest.is_empty() {
            // Defined only where what is inside is 0: it stays whole.
            self.gather_number(g, magnitude, e);
            let all: SmallVec<[Power; 4]> =
                inner.factors.iter().map(|f| (f.node, f.exponent.clone())).collect();
            let inside = self.product(Rational::MINUS_ONE, &all);
            g.powers.push((inside, e.clone()));
            return;
        }
        for f in outside {
            self.gather_power_of_power(g, f, e);
        }
        match (&rest[..], negative) {
            ([], false) => self.gather_number(g, magnitude, e),
            ([(node, k)], false) => {
                self.gather_number(g, magnitude, e);
                self.gather(g, *node, &(k * e));
            }
            (rest, negative) => {
                self.gather_number(g, magnitude, e);
                let sign = if negative { Rational::MINUS_ONE } else { Rational::ONE };
                let inside = self.product(sign, rest);
                g.powers.push((inside, e.clone()));
            }
        }
    }

    /// Whether a node may be 0 on a whole interval: it has branches, or functions with pieces, other than an absolute
    /// value or a sign of the whole.
    fn may_vanish_widely(&mut self, node: NodeId) -> bool {
        if self.bounds(node).is_nonzero() {
            return false;
        }
        let inner = match self.as_call(node) {
            Some((f, args)) if f == known().abs || f == known().sign => args[0],
            _ => node,
        };
        self.topological(inner).into_iter().any(|n| match self.op(n) {
            Op::Select(..) => true,
            Op::Call(f, _) => self.taught(*f).is_some() || !f.row().kinks.is_empty(),
            _ => false,
        })
    }

    /// `(f^k)^e` where that is `|f|^(k*e)` or `f^(k*e)`.
    fn gather_power_of_power(&mut self, g: &mut Gather, f: &Factor, e: &Rational) {
        let total = &f.exponent * e;
        let even_inside = f.exponent.denominator_odd() && f.exponent.numerator_even();
        let even_outside = total.denominator_odd() && total.numerator_even();
        if even_inside && !even_outside && !self.is_nonnegative(f.node) {
            let magnitude = self.call(known().abs, &[f.node]);
            self.gather(g, magnitude, &total);
        } else {
            self.gather(g, f.node, &total);
        }
    }

    /// exp(a)^p * exp(b)^q = exp(p*a + q*b), and the same for other positive bases.
    fn merge_exponentials(&mut self, g: &mut Gather) {
        if !g.general.is_empty() {
            self.merge_general(g);
        }
        if g.exponentials.is_empty() {
            return;
        }
        if let [(e, node, _)] = &g.exponentials[..]
            && e.is_one()
        {
            g.powers.push((*node, Rational::ONE));
            g.exponentials.clear();
            return;
        }
        let terms: SmallVec<[(Rational, NodeId); 4]> =
            g.exponentials.drain(..).map(|(e, _, u)| (e, u)).collect();
        let exponent = self.sum(&terms);
        let node = self.call(known().exp, &[exponent]);
        match self.op(node) {
            Op::Call(f, _) if *f == known().exp => g.powers.push((node, Rational::ONE)),
            _ if self.as_number(node).is_some() => {
                let value = self.as_number(node).cloned().unwrap_or(Rational::ONE);
                g.coefficient = &g.coefficient * &value;
            }
            Op::Contract(_) => {
                self.gather(g, node, &Rational::ONE);
                // A law turned part of it into powers; what is left of it is already one exponential.
                for (e, _, u) in std::mem::take(&mut g.exponentials) {
                    let u = self.scale(e, u);
                    let node = self.intern_call(known().exp, &[u]);
                    g.powers.push((node, Rational::ONE));
                }
                self.merge_general(g);
            }
            _ => g.powers.push((node, Rational::ONE)),
        }
    }

    /// b^y * b^k = b^(y + k), with plain powers of the base and those that were made before.
    fn merge_general(&mut self, g: &mut Gather) {
        let one = self.one();
        loop {
            let mut bases: SmallVec<[(NodeId, Terms); 1]> = SmallVec::new();
            for (base, e, exponent) in std::mem::take(&mut g.general) {
                match bases.iter_mut().find(|(other, _)| *other == base) {
                    Some((_, terms)) => terms.push((e, exponent)),
                    None => bases.push((base, SmallVec::from_iter([(e, exponent)]))),
                }
            }
            let mut taken_apart = false;
            for (base, mut terms) in bases {
                // x^n for whole n is defined for negative x, where x^(n + 1/3) is not.
                let positive = self.is_nonnegative(base);
                let whole = !positive && terms.iter().any(|(_, exponent)| self.bounds(*exponent).integer);
                for (node, k) in std::mem::take(&mut g.powers) {
                    let exponent = match self.op(node) {
                        Op::Call(f, args) if *f == known().pow && args[0] == base && k.is_integer() => {
                            Some(args[1])
                        }
                        _ if node == base && (k.is_integer() || !whole) => Some(one),
                        _ => None,
                    };
                    match exponent {
                        Some(exponent) => terms.push((k, exponent)),
                        None => g.powers.push((node, k)),
                    }
                }
                if let Some(value) = self.as_number(base).cloned()
                    && let Some(power) = integer_log(&g.coefficient, &value)
                {
                    g.coefficient = Rational::ONE;
                    terms.push((Rational::from(power), one));
                }
                let exponent = self.sum(&terms);
                match self.as_number(exponent).cloned() {
                    Some(k) => {
                        // It may be a product with powers of its own.
                        self.gather(g, base, &k);
                        taken_apart = true;
                    }
                    None => g.general.push((base, Rational::ONE, exponent)),
                }
            }
            if !taken_apart {
                break;
            }
        }
        for (base, _, exponent) in std::mem::take(&mut g.general) {
            let node = self.intern_call(known().pow, &[base, exponent]);
            g.powers.push((node, Rational::ONE));
        }
    }

    /// Whether a power of a base that comes once is what it should be, whatever the exponent.
    fn is_plain(&self, (node, e): &Power) -> bool {
        let k = known();
        match self.op(*node) {
            Op::Contract(_) => false,
            Op::Call(f, _) if *f == k.abs || *f == k.sign || *f == k.step => false,
            _ => !e.is_zero(),
        }
    }

    fn merge_equal_bases(&mut self, g: &mut Gather) {
        loop {
            g.powers.sort_by_key(|(node, _)| *node);
            if g.powers.windows(2).all(|w| w[0].0 != w[1].0) && g.powers.iter().all(|p| self.is_plain(p)) {
                return;
            }
            let mut again = false;
            let mut out: SmallVec<[Power; 8]> = SmallVec::with_capacity(g.powers.len());
            for (node, e) in std::mem::take(&mut g.powers) {
                match out.last_mut() {
                    Some((last, k)) if *last == node => *k = &*k + &e,
                    _ => out.push((node, e)),
                }
            }
            for (node, e) in out {
                if e.is_zero() {
                    continue;
                }
                match self.op(node) {
                    // A radical whose exponent has left (0, 1), or a product or function whose exponent has become
                    // one that can be taken apart.
                    Op::Contract(c) if c.sizes.is_empty() && c.factors.is_empty() => {
                        let value = c.coefficient.clone();
                        let before = g.powers.len();
                        self.gather_number(g, value, &e);
                        again |= g.powers[before..].iter().any(|p| p.0 != node);
                    }
                    Op::Contract(c) if c.sizes.is_empty() && !c.factors.is_empty() && e.is_integer() => {
                        if !e.is_one() || g.powers.len() + c.factors.len() <= MAX_FACTORS {
                            self.gather(g, node, &e);
                            again = true;
                        } else {
                            g.powers.push((node, e));
                        }
                    }
                    Op::Call(f, args) if *f == known().abs && e.is_integer() && e.numerator_even() => {
                        let inner = args[0];
                        self.gather(g, inner, &e);
                        again = true;
                    }
                    Op::Call(f, _) if *f == known().sign && e.is_integer() && e.abs() > Rational::TWO => {
                        let k = if e.numerator_even() { Rational::TWO } else { Rational::ONE };
                        g.powers.push((node, if e.is_negative() { -&k } else { k }));
                    }
                    Op::Call(f, _) if *f == known().step => g.powers.push((node, power_of_step(&e))),
                    _ => g.powers.push((node, e)),
                }
            }
            if !g.exponentials.is_empty() || !g.general.is_empty() {
                self.merge_exponentials(g);
                again = true;
            }
            if !again {
                return;
            }
        }
    }

    /// Laws between neighbours that a search would come to late: they decide whether numbers overflow.
    fn local_laws(&mut self, g: &mut Gather) {
        let mut changed = false;
        for i in 0..g.powers.len() {
            let Some((f, args)) = self.as_call(g.powers[i].0) else { continue };
            if ![known().sign, known().step, known().abs, known().exp].contains(&f) {
                continue;
            }
            let (args, e) = (args.clone(), g.powers[i].1.clone());
            if e.is_zero() {
                continue;
            }
            if f == known().sign {
                changed |= self.absorb_sign(g, i, args[0], &e);
            } else if f == known().step {
                // relu(u)*step(u) = relu(u), above and below the line.
                let relu = self.intern_call(known().relu, &[args[0]]);
                if g.powers.iter().any(|(n, k)| *n == relu && k.is_negative() == e.is_negative()) {
                    g.powers[i].1 = Rational::ZERO;
                    changed = true;
                }
            } else if f == known().abs {
                // |u|^a * u^b = |u|^(a + b) for even b: in the form with fewer factors.
                let inner = args[0];
                if let Some(j) = g.powers.iter().position(|(n, k)| *n == inner && k.is_integer()) {
                    let b = g.powers[j].1.clone();
                    if b.numerator_even() {
                        g.powers[i].1 = &e + &b;
                        g.powers[j].1 = Rational::ZERO;
                        changed = true;
                    } else if e == Rational::MINUS_ONE && b == Rational::ONE
                        || e == Rational::ONE && b == Rational::MINUS_ONE
                    {
                        // u/|u| = |u|/u = sign(u) where u is not 0.
                        let sign = self.call(known().sign, &[inner]);
                        g.powers[i] = (sign, Rational::ONE);
                        g.powers[j].1 = Rational::ZERO;
                        changed = true;
                    }
                }
            } else if f == known().exp {
                changed |= self.join_sigmoid(g, i, args[0]);
            }
        }
        if changed {
            let mut powers = std::mem::take(&mut g.powers);
            powers.retain(|(_, e)| !e.is_zero());
            for (node, e) in powers {
                self.gather(g, node, &e);
            }
            self.merge_exponentials(g);
            self.merge_equal_bases(g);
            if g.powers.len() >= 2 {
                self.local_laws(g);
            }
        }
    }

    /// sign(u)*u = |u|, sign(u)*|u| = u, sign(u)/|u| = 1/u, sign(u)/u = 1/|u|, sign(u)^2*u = u, and below the line as
    /// above it.
    fn absorb_sign(&mut self, g: &mut Gather, i: usize, u: NodeId, e: &Rational) -> bool {
        let magnitude = self.call(known().abs, &[u]);
        let below = e.is_negative();
        let turned = |k: &Rational| if below { -k } else { k.clone() };
        let partner = |g: &Gather, node: NodeId| {
            g.powers.iter().position(|(n, k)| {
                *n == node && k.is_integer() && if below { k.is_negative() } else { !k.is_zero() }
            })
        };
        let e = turned(e);
        if e == Rational::TWO {
            if partner(g, u).is_some() || partner(g, magnitude).is_some() {
                g.powers[i].1 = Rational::ZERO;
                return true;
            }
            return false;
        }
        if !e.is_one() {
            return false;
        }
        if let Some(j) = partner(g, magnitude) {
            // sign(u)*|u|^k is u^k for odd k, and u*|u|^(k-1) for even k, where |u|^(k-1) joins later.
            let k = g.powers[j].1.clone();
            if !k.numerator_even() {
                g.powers[i] = (u, k);
                g.powers[j].1 = Rational::ZERO;
                return true;
            }
        }
        if let Some(j) = partner(g, u) {
            let k = turned(&g.powers[j].1);
            if k >= Rational::TWO || k.is_one() {
                // sign(u)*u^k = |u|*u^(k-1).
                g.powers[i] = (magnitude, turned(&Rational::ONE));
                g.powers[j].1 = turned(&(&k - &Rational::ONE));
                return true;
            }
            if !k.numerator_even() {
                // sign(u)*u^k = u^(k+1)/|u|.
                g.powers[i] = (magnitude, Rational::MINUS_ONE);
                g.powers[j].1 = &k + &Rational::ONE;
                return true;
            }
        }
        false
    }

    /// exp(-v)*sigmoid(v) = sigmoid(-v), and (1 + exp(v))^-1 = sigmoid(-v).
    fn join_sigmoid(&mut self, g: &mut Gather, i: usize, u: NodeId) -> bool {
        for j in 0..g.powers.len() {
            let (node, k) = &g.powers[j];
            let Some((f, args)) = self.as_call(*node) else { continue };
            if f != known().sigmoid || !k.is_integer() || !k.is_positive() {
                continue;
            }
            // u = -m*v with 1 <= m <= k.
            let (v, k) = (args[0], k.clone());
            let (cu, nu) = self.split_coefficient(u);
            let (cv, nv) = self.split_coefficient(v);
            if nu != nv || cv.is_zero() {
                continue;
            }
            let Some(m) = cv.recip().map(|r| -&(&cu * &r)) else { continue };
            if m.is_integer() && m.is_positive() && m <= k {
                let minus_v = self.scale(Rational::MINUS_ONE, v);
                let other = self.call(known().sigmoid, &[minus_v]);
                g.powers[j].1 = &k - &m;
                g.powers[i] = (other, m);
                return true;
            }
        }
        false
    }

    fn finish_product(&mut self, coefficient: Rational, mut powers: SmallVec<[Power; 8]>) -> NodeId {
        let branches = |g: &Graph, node: NodeId| match g.op(node) {
            Op::Select(..) => true,
            Op::Call(f, _) => *f == known().step,
            _ => false,
        };
        if powers.len() + !coefficient.is_one() as usize > 1
            && powers.iter().any(|(node, _)| branches(self, *node))
            && let Some(node) = self.product_in_branch(&coefficient, &powers)
        {
            return node;
        }
        for i in 0..powers.len() {
            // (1 + exp(u))^-k = sigmoid(-u)^k: it neither overflows nor loses its digits.
            let (node, e) = &powers[i];
            if e.is_integer()
                && e.is_negative()
                && let Some(u) = self.one_plus_exp(*node)
            {
                let e = e.clone();
                let minus_u = self.scale(Rational::MINUS_ONE, u);
                let sigmoid = self.call(known().sigmoid, &[minus_u]);
                powers[i] = (sigmoid, -&e);
                return self.product(coefficient, &powers);
            }
        }
        match &powers[..] {
            [] => return self.number(coefficient),
            [(node, e)] if e.is_one() && coefficient.is_one() => return *node,
            _ => {}
        }
        let factors = powers.iter().map(|(node, e)| Factor::scalar(*node, e.clone())).collect();
        let contract = Contract { coefficient, factors, out: Labels::new(), sizes: SmallVec::new() };
        self.intern_contract(contract, Shape::new())
    }

    /// The `u` of `1 + exp(u)`.
    fn one_plus_exp(&self, node: NodeId) -> Option<NodeId> {
        let Op::Add(sum) = self.op(node) else { return None };
        let [(a, x), (b, y)] = &*sum.terms else { return None };
        if !a.is_one() || !b.is_one() {
            return None;
        }
        let other = if *x == self.one() {
            *y
        } else if *y == self.one() {
            *x
        } else {
            return None;
        };
        match self.as_call(other) {
            Some((f, args)) if f == known().exp => Some(args[0]),
            _ => None,
        }
    }
}

/// step takes the values 0 and 1: every power is itself, or undefined at 0 as its reciprocal is.
fn power_of_step(exponent: &Rational) -> Rational {
    if exponent.is_negative() { Rational::MINUS_ONE } else { Rational::ONE }
}

/// The nonzero integer `k` with `value^k = number`, if there is a small one.
fn integer_log(number: &Rational, value: &Rational) -> Option<i64> {
    if number.is_one() || !value.is_positive() || value.is_one() {
        return None;
    }
    (-64..=64).filter(|k| *k != 0).find(|&k| value.pow(k).as_ref() == Some(number))
}
