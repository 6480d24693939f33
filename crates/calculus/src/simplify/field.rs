//! Expressions as fractions of polynomials in generators, and back.
//!
//! A generator is what algebra cannot look into: a symbol, a call, a root of a sum. `x^(1/2)`, `exp(x/3)`, `sqrt(2)`
//! are powers of generators `x^(1/2)`, ...; what a generator's power equals is a relation (`r^2 = 1 + x^2`,
//! `sin^2 = 1 - cos^2`). The denominator is kept in factors.

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, Rational, known};
use smallvec::SmallVec;

use super::cost::Costs;
use super::fraction::Fraction;
use super::is_sum;
use super::poly::{MAX_GENERATORS, Monomial, Poly, UNIT, gcd};

/// A generator: the `root`-th root of a base.
#[derive(Clone, Debug)]
pub struct Generator {
    /// The base; for exponentials the base is `exp(term)`.
    pub base: NodeId,
    /// Which root of it the generator is.
    pub root: u32,
}

/// `generator^power = value`.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) generator: usize,
    pub(super) power: u8,
    pub(super) value: Poly,
}

/// Two functions of one argument whose squares are tied: `s^2 = 1 - c^2` or `s^2 = c^2 - 1`.
#[derive(Clone, Copy, Debug)]
struct Pair {
    s: usize,
    c: usize,
    hyperbolic: bool,
}

/// The factors of a product.
type Powers = SmallVec<[(NodeId, Rational); 6]>;

/// The generators of one expression and what ties them.
pub struct Field {
    generators: Vec<Generator>,
    pub(super) relations: Vec<Relation>,
    pairs: Vec<Pair>,
    /// Arguments of which several trigonometric functions appear: all are written with sine and cosine.
    mixed: Vec<(NodeId, bool)>,
    /// Sums too large to look into: generators like any other.
    opaque: Vec<NodeId>,
    work: u32,
}

/// A sum inside a product or power is not looked into from so many tokens on.
pub(super) const OPAQUE: u32 = 60;
/// The polynomial work that one expression may cost, in terms made.
const MAX_WORK: u32 = 4000;

impl Field {
    /// Generators that nothing ties.
    pub(super) fn plain(bases: &[NodeId]) -> Field {
        Field {
            generators: bases.iter().map(|&base| Generator { base, root: 1 }).collect(),
            relations: Vec::new(),
            pairs: Vec::new(),
            mixed: Vec::new(),
            opaque: Vec::new(),
            work: 0,
        }
    }

    /// The generators below a node; `None` if there are too many.
    pub fn of(g: &mut Graph, costs: &mut Costs, node: NodeId) -> Option<Field> {
        let mut field = Field::plain(&[]);
        let mut calls: SmallVec<[(FunctionId, NodeId); 8]> = SmallVec::new();
        trigonometric_calls(g, node, &mut calls, &mut 0)?;
        for i in 0..calls.len() {
            let (f, u) = calls[i];
            let hyperbolic = is_hyperbolic(f);
            let other = calls.iter().any(|(h, v)| *v == u && *h != f && is_hyperbolic(*h) == hyperbolic);
            if other && !field.mixed.contains(&(u, hyperbolic)) {
                field.mixed.push((u, hyperbolic));
            }
        }
        field.scan(g, costs, node, &Rational::ONE, true)?;
        field.find_pairs(g);
        field.find_relations(g)?;
        Some(field)
    }

    /// How many ways there are to write what ties sines and cosines.
    pub fn variants(&self, f: &Fraction) -> usize {
        let squared = |p: &Poly| self.pairs.iter().any(|pair| p.degree(pair.s).max(p.degree(pair.c)) > 1);
        let tied = !self.relations.is_empty() || squared(&f.num) || f.factors.iter().any(|(p, _)| squared(p));
        if tied { 1 << self.pairs.len().min(2) } else { 1 }
    }

    fn find(&self, base: NodeId) -> Option<usize> {
        self.generators.iter().position(|x| x.base == base)
    }

    fn need(&mut self, base: NodeId, e: &Rational) -> Option<()> {
        let (_, q) = e.small()?;
        match self.find(base) {
            Some(i) => {
                let root = &mut self.generators[i].root;
                *root = lcm(*root, u32::try_from(q).ok()?)?;
            }
            None => {
                if self.generators.len() == MAX_GENERATORS {
                    return None;
                }
                self.generators.push(Generator { base, root: u32::try_from(q).ok().filter(|q| *q <= 60)? });
            }
        }
        Some(())
    }

    /// Registers what a node needs under an exponent.
    fn scan(
        &mut self,
        g: &mut Graph,
        costs: &mut Costs,
        node: NodeId,
        e: &Rational,
        top: bool,
    ) -> Option<()> {
        self.work += 1;
        if self.work > 300 {
            return None;
        }
        let large = match g.op(node) {
            Op::Add(_) => !top && costs.of(g, node) >= OPAQUE,
            Op::Call(f, args) if *f == known().exp => {
                let arg = args[0];
                costs.of(g, arg) >= OPAQUE
            }
            _ => false,
        };
        if large {
            if !self.opaque.contains(&node) {
                self.opaque.push(node);
            }
            return self.need(node, e);
        }
        match g.op(node).clone() {
            Op::Add(sum) if e.is_integer() => {
                for (_, term) in &sum.terms {
                    self.scan(g, costs, *term, &Rational::ONE, false)?;
                }
                Some(())
            }
            Op::Add(_) | Op::Contract(_) if !e.is_integer() && is_sum(g, node) => {
                self.need(node, e)?;
                // The sum itself may stand beside its root: its generators are needed for the relation.
                self.scan(g, costs, node, &Rational::ONE, true)
            }
            Op::Contract(c) if c.sizes.is_empty() && (e.is_integer() || c.factors.is_empty()) => {
                if c.factors.is_empty() {
                    return if e.is_integer() { Some(()) } else { self.need(node, e) };
                }
                for f in &c.factors {
                    self.scan(g, costs, f.node, &(&f.exponent * e), false)?;
                }
                Some(())
            }
            Op::Call(f, args) if f == known().exp => {
                for (c, t) in g.terms(args[0]) {
                    let base = g.call(known().exp, &[t]);
                    self.need(base, &(&c * e))?;
                }
                Some(())
            }
            Op::Call(f, args) if f == known().sigmoid && e.is_integer() => {
                let (_, positive) = upright_sigmoid(g, node, args[0]);
                self.need(positive, e)
            }
            Op::Call(f, args) if args.len() == 1 && self.is_mixed(f, args[0]) && splits(f, e) => {
                let (s, c) = self.sine_and_cosine(g, f, args[0]);
                self.need(s, e)?;
                self.need(c, e)
            }
            _ => self.need(node, e),
        }
    }

    fn is_mixed(&self, f: FunctionId, u: NodeId) -> bool {
        circular(f).is_some_and(|hyperbolic| self.mixed.contains(&(u, hyperbolic)))
    }

    fn sine_and_cosine(&self, g: &mut Graph, f: FunctionId, u: NodeId) -> (NodeId, NodeId) {
        let k = known();
        let (s, c) = if is_hyperbolic(f) { (k.sinh, k.cosh) } else { (k.sin, k.cos) };
        (g.call(s, &[u]), g.call(c, &[u]))
    }

    fn find_pairs(&mut self, g: &mut Graph) {
        for (u, hyperbolic) in self.mixed.clone() {
            let k = known();
            let (s, c) = if hyperbolic { (k.sinh, k.cosh) } else { (k.sin, k.cos) };
            let (s, c) = (g.call(s, &[u]), g.call(c, &[u]));
            if let (Some(s), Some(c)) = (self.find(s), self.find(c))
                && self.generators[s].root == 1
                && self.generators[c].root == 1
            {
                self.pairs.push(Pair { s, c, hyperbolic });
            }
        }
    }

    fn find_relations(&mut self, g: &mut Graph) -> Option<()> {
        for i in 0..self.generators.len() {
            let Generator { base, root } = self.generators[i].clone();
            let power = u8::try_from(root).ok()?;
            let value = match g.as_number(base) {
                Some(n) => Some(Poly::constant(n.clone())),
                None if root > 1 && is_sum(g, base) => {
                    let inside = self.convert(g, base)?;
                    (inside.below == UNIT && inside.factors.is_empty()).then_some(inside.num)
                }
                None => None,
            };
            if let Some(value) = value {
                self.relations.push(Relation { generator: i, power, value });
            }
        }
        Some(())
    }

    /// A node as a fraction; `None` if that is too much work.
    pub fn convert(&mut self, g: &mut Graph, node: NodeId) -> Option<Fraction> {
        self.work += 1;
        if self.work > MAX_WORK {
            return None;
        }
        if self.opaque.contains(&node) {
            return self.convert_power(g, node, &Rational::ONE);
        }
        match g.op(node).clone() {
            Op::Add(sum) => {
                let mut total = Fraction::constant(Rational::ZERO);
                for &i in &sum.order {
                    let (c, term) = &sum.terms[i as usize];
                    let mut f = self.convert(g, *term)?;
                    f.num = f.num.scaled(c);
                    total = total.add(&f)?;
                    self.work += total.num.terms.len() as u32;
                    if self.work > MAX_WORK {
                        return None;
                    }
                }
                Some(total)
            }
            Op::Contract(c) if c.sizes.is_empty() => {
                let mut total = Fraction::constant(c.coefficient.clone());
                for f in &c.factors {
                    let factor = self.convert_power(g, f.node, &f.exponent)?;
                    total = total.mul(&factor)?;
                    self.work += total.num.terms.len() as u32;
                    if self.work > MAX_WORK {
                        return None;
                    }
                }
                Some(total)
            }
            _ => self.convert_power(g, node, &Rational::ONE),
        }
    }

    fn convert_power(&mut self, g: &mut Graph, node: NodeId, e: &Rational) -> Option<Fraction> {
        match g.op(node).clone() {
            Op::Add(_) | Op::Contract(_)
                if e.is_integer() && g.as_number(node).is_none() && !self.opaque.contains(&node) =>
            {
                let n = e.as_integer()?;
                let base = self.convert(g, node)?;
                if let Some(index) = self.find(node)
                    && n < 0
                {
                    // The sum has a root among the generators: its powers join those of the root.
                    let root = self.generators[index].root;
                    return Fraction::generator(index, n.checked_mul(root as i64)?);
                }
                base.pow(n)
            }
            Op::Call(f, args) if f == known().exp && !self.opaque.contains(&node) => {
                let mut total = Fraction::constant(Rational::ONE);
                for (c, t) in g.terms(args[0]) {
                    let base = g.call(known().exp, &[t]);
                    let index = self.find(base)?;
                    let n = &(&c * e) * &Rational::from(self.generators[index].root as i64);
                    total = total.mul(&Fraction::generator(index, n.as_integer()?)?)?;
                }
                Some(total)
            }
            Op::Call(f, args) if f == known().sigmoid && e.is_integer() => {
                // sigmoid(-u) = 1 - sigmoid(u).
                let (flipped, positive) = upright_sigmoid(g, node, args[0]);
                let index = self.find(positive)?;
                let root = self.generators[index].root as i64;
                let plain = Fraction::generator(index, root)?;
                let one = Fraction::constant(Rational::ONE);
                let value = if flipped { one.add(&plain.scaled(&Rational::MINUS_ONE))? } else { plain };
                value.pow(e.as_integer()?)
            }
            Op::Call(f, args) if args.len() == 1 && self.is_mixed(f, args[0]) && splits(f, e) => {
                let (s, c) = self.sine_and_cosine(g, f, args[0]);
                let (s, c) = (self.find(s)?, self.find(c)?);
                let (a, b) = sine_cosine_powers(f)?;
                // The sine or cosine of an inverse is no call, and there may be a root of the one and none of the other.
                let power = |index: usize, n: i64| {
                    let root = Rational::from(self.generators[index].root as i64);
                    Fraction::generator(index, (&(e * &Rational::from(n)) * &root).as_integer()?)
                };
                power(s, a)?.mul(&power(c, b)?)
            }
            _ => {
                let index = self.find(node)?;
                let n = e * &Rational::from(self.generators[index].root as i64);
                Fraction::generator(index, n.as_integer()?)
            }
        }
    }

    /// The forms that a fraction can take, as nodes: for each way of writing sines and cosines, with its numerator
    /// factored, multiplied out, or term by term.
    pub fn candidates(
        &self,
        g: &mut Graph,
        fraction: &Fraction,
        variant: usize,
        out: &mut Vec<NodeId>,
    ) -> Option<()> {
        let mut f = fraction.clone();
        f.num = self.reduce(&f.num, variant)?;
        for i in 0..f.factors.len() {
            let reduced = self.reduce(&f.factors[i].0, variant)?;
            if reduced.terms.len() <= f.factors[i].0.terms.len() {
                f.factors[i].0 = reduced;
            }
        }
        f.tidy_factors(self)?;
        if f.num.is_zero() {
            out.push(g.zero());
            return Some(());
        }
        self.cancel(&mut f);
        let (content, common, rest) = f.num.primitive();
        let below = self.denominator(g, &f);
        // Factored.
        let mut powers = below.clone();
        self.push_monomial(&common, 1, &mut powers);
        let pieces = rest.square_free();
        let mut coefficient = content.clone();
        for (piece, n) in &pieces {
            if let Some(c) = piece.as_constant() {
                coefficient = &coefficient * &c.pow(*n as i64)?;
                continue;
            }
            let node = self.node(g, piece);
            powers.push((node, Rational::from(*n as i64)));
        }
        out.push(g.product(coefficient, &powers));
        if rest.terms.len() > 1 {
            if common != UNIT || pieces.len() > 1 || pieces[0].1 > 1 {
                // Multiplied out above the line.
                let whole = self.node(g, &f.num);
                let mut powers = below.clone();
                powers.push((whole, Rational::ONE));
                out.push(g.product(Rational::ONE, &powers));
            }
            // Collected by a generator.
            let collected = self.collect(g, &f.num, 0);
            let mut powers = below.clone();
            powers.push((collected, Rational::ONE));
            out.push(g.product(Rational::ONE, &powers));
            if common != UNIT {
                let collected = self.collect(g, &rest, 0);
                let mut powers = below.clone();
                self.push_monomial(&common, 1, &mut powers);
                powers.push((collected, Rational::ONE));
                out.push(g.product(content.clone(), &powers));
            }
        }
        if !below.is_empty() && f.num.terms.len() > 1 && f.num.terms.len() <= 8 {
            // Term by term, each over the denominator.
            let mut terms = Vec::new();
            for (m, c) in &f.num.terms {
                let mut powers = below.clone();
                self.push_monomial(m, 1, &mut powers);
                terms.push((Rational::ONE, g.product(c.clone(), &powers)));
            }
            out.push(g.sum(&terms));
            self.whole_part(g, &f, &below, out);
        }
        Some(())
    }

    /// `num/den` as `a + rest/den` where one denominator of several terms divides part of the numerator.
    fn whole_part(&self, g: &mut Graph, f: &Fraction, below: &[(NodeId, Rational)], out: &mut Vec<NodeId>) {
        let [(d, 1)] = &f.factors[..] else { return };
        if f.below != UNIT {
            return;
        }
        // Division by the leading terms while they divide.
        let Some((lead, c)) = d.terms.first() else { return };
        let Some(inverse) = c.recip() else { return };
        let mut quotient = Poly { terms: vec![] };
        let mut rest = f.num.clone();
        for _ in 0..4 {
            let Some((m, k)) = rest.terms.first().cloned() else { return };
            let mut step = UNIT;
            if !step.iter_mut().zip(m.iter().zip(lead)).all(|(s, (a, b))| match a.checked_sub(*b) {
                Some(d) => {
                    *s = d;
                    true
                }
                None => false,
            }) {
                break;
            }
            let step = Poly::monomial(step, &k * &inverse);
            let Some(taken) = step.mul(d) else { return };
            rest = rest.add_scaled(&taken, &Rational::MINUS_ONE);
            quotient = quotient.add_scaled(&step, &Rational::ONE);
        }
        if quotient.is_zero() || rest.is_zero() {
            return;
        }
        let above = self.node(g, &rest);
        let mut powers = below.to_vec();
        powers.push((above, Rational::ONE));
        let fraction = g.product(Rational::ONE, &powers);
        let whole = self.node(g, &quotient);
        out.push(g.add(whole, fraction));
    }

    /// A sum with the most frequent generator taken out of the terms that have it, again and again.
    pub(super) fn collect(&self, g: &mut Graph, p: &Poly, depth: u32) -> NodeId {
        let mut terms = Vec::with_capacity(p.terms.len());
        self.collect_terms(g, p, depth, &mut terms);
        g.sum(&terms)
    }

    fn collect_terms(&self, g: &mut Graph, p: &Poly, depth: u32, out: &mut Vec<(Rational, NodeId)>) {
        let best = (0..self.generators.len())
            .map(|v| (p.terms.iter().filter(|(m, _)| m[v] > 0).count(), v))
            .max_by_key(|(n, v)| (*n, std::cmp::Reverse(*v)));
        let Some((_, v)) = best.filter(|(n, _)| *n >= 2 && depth < 6) else {
            return self.push_terms(g, p, out);
        };
        let power = p.terms.iter().filter(|(m, _)| m[v] > 0).map(|(m, _)| m[v]).min().unwrap_or(1);
        let (mut with, mut without) = (Poly { terms: vec![] }, Poly { terms: vec![] });
        for (m, c) in &p.terms {
            if m[v] > 0 {
                let mut m = *m;
                m[v] -= power;
                with.terms.push((m, c.clone()));
            } else {
                without.terms.push((*m, c.clone()));
            }
        }
        let inner = self.collect(g, &with, depth + 1);
        let mut m = UNIT;
        m[v] = power;
        let mut powers = SmallVec::new();
        self.push_monomial(&m, 1, &mut powers);
        powers.push((inner, Rational::ONE));
        out.push((Rational::ONE, g.product(Rational::ONE, &powers)));
        if !without.is_zero() {
            self.collect_terms(g, &without, depth + 1, out);
        }
    }

    fn denominator(&self, g: &mut Graph, f: &Fraction) -> Powers {
        let mut powers = Powers::new();
        self.push_monomial(&f.below, -1, &mut powers);
        for (p, n) in &f.factors {
            let node = self.node(g, p);
            powers.push((node, Rational::from(-(*n as i64))));
        }
        powers
    }

    fn push_monomial(&self, m: &Monomial, sign: i64, powers: &mut Powers) {
        for (generator, e) in self.generators.iter().zip(m).filter(|(_, e)| **e > 0) {
            if let Some(e) = Rational::new(sign * *e as i64, generator.root as i64) {
                powers.push((generator.base, e));
            }
        }
    }

    /// A polynomial as a node.
    fn node(&self, g: &mut Graph, p: &Poly) -> NodeId {
        let mut terms = Vec::with_capacity(p.terms.len());
        self.push_terms(g, p, &mut terms);
        g.sum(&terms)
    }

    fn push_terms(&self, g: &mut Graph, p: &Poly, out: &mut Vec<(Rational, NodeId)>) {
        for (m, c) in &p.terms {
            let mut powers = Powers::new();
            self.push_monomial(m, 1, &mut powers);
            out.push((c.clone(), g.product(Rational::ONE, &powers)));
        }
    }

    /// A polynomial modulo the relations.
    fn reduce(&self, p: &Poly, variant: usize) -> Option<Poly> {
        let mut p = p.clone();
        for r in &self.relations {
            p = replace(&p, r.generator, r.power, &r.value)?;
        }
        for (i, pair) in self.pairs.iter().enumerate().take(2) {
            let sine = variant >> i & 1 == 0;
            let (from, to) = if sine { (pair.s, pair.c) } else { (pair.c, pair.s) };
            // s^2 = 1 - c^2 and c^2 = 1 - s^2; sinh^2 = cosh^2 - 1 and cosh^2 = 1 + sinh^2.
            let (constant, slope) = match (pair.hyperbolic, sine) {
                (false, _) => (1, -1),
                (true, true) => (-1, 1),
                (true, false) => (1, 1),
            };
            let value = Poly::constant(Rational::from(constant))
                .add_scaled(&Poly::generator(to, 2), &Rational::from(slope));
            p = replace(&p, from, 2, &value)?;
        }
        Some(p)
    }

    /// What numerator and denominator share is taken out of both. The numerator must not be zero: everything divides
    /// that, again and again.
    fn cancel(&self, f: &mut Fraction) {
        debug_assert!(!f.num.is_zero());
        for r in &self.relations {
            // The root of a sum below, the sum above: r^q for the sum.
            while f.below[r.generator] >= 1 && r.value.as_constant().is_none() {
                let Some(quotient) = f.num.divide(&r.value) else { break };
                let Some(back) = quotient.mul(&Poly::generator(r.generator, r.power)) else { break };
                f.num = back;
                f.cancel_monomial();
            }
        }
        f.cancel_monomial();
        let mut i = 0;
        while i < f.factors.len() {
            while f.factors[i].1 > 0 {
                let Some(quotient) = f.num.divide(&f.factors[i].0) else { break };
                f.num = quotient;
                f.factors[i].1 -= 1;
            }
            if f.factors[i].1 > 0
                && f.factors[i].0.terms.len() > 2
                && let Some(common) = gcd(&f.num, &f.factors[i].0)
                && common.as_constant().is_none()
                && common.terms.len() > 1
                && let (Some(above), Some(below)) = (f.num.divide(&common), f.factors[i].0.divide(&common))
            {
                let power = f.factors[i].1;
                f.num = above;
                f.factors[i].0 = below;
                if power > 1 {
                    f.factors.push((common, power - 1));
                }
                continue;
            }
            i += 1;
        }
        f.factors.retain(|(p, n)| *n > 0 && p.as_constant().is_none_or(|c| !c.is_one()));
        f.cancel_monomial();
    }
}

fn replace(p: &Poly, v: usize, power: u8, value: &Poly) -> Option<Poly> {
    if power == 0 || p.degree(v) < power {
        return Some(p.clone());
    }
    let mut result = Poly { terms: vec![] };
    let mut powers: Vec<Poly> = vec![Poly::constant(Rational::ONE)];
    for (m, c) in &p.terms {
        let (times, left) = (m[v] / power, m[v] % power);
        while powers.len() <= times as usize {
            let next = powers.last()?.mul(value)?;
            powers.push(next);
        }
        let mut m = *m;
        m[v] = left;
        let term = Poly::monomial(m, c.clone()).mul(&powers[times as usize])?;
        result = result.add_scaled(&term, &Rational::ONE);
    }
    // The value may hold the generator itself at a lower power only in degenerate cases; once is enough.
    Some(result)
}

/// The sigmoid of the argument without its minus, and whether there was one.
fn upright_sigmoid(g: &mut Graph, node: NodeId, argument: NodeId) -> (bool, NodeId) {
    let (c, core) = g.split_coefficient(argument);
    if !c.is_negative() {
        return (false, node);
    }
    let positive = g.scale(-&c, core);
    (true, g.call(known().sigmoid, &[positive]))
}

fn lcm(a: u32, b: u32) -> Option<u32> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b).filter(|l| *l <= 60)
}

fn is_hyperbolic(f: FunctionId) -> bool {
    circular(f) == Some(true)
}

/// Whether a function is one of the trigonometric (`Some(false)`) or hyperbolic (`Some(true)`) six.
pub(super) fn circular(f: FunctionId) -> Option<bool> {
    let k = known();
    if [k.sin, k.cos, k.tan, k.cot, k.sec, k.csc].contains(&f) {
        Some(false)
    } else if [k.sinh, k.cosh, k.tanh, k.coth, k.sech, k.csch].contains(&f) {
        Some(true)
    } else {
        None
    }
}

/// Whether a power of a function is the product of those powers of sine and cosine: an even root of `tan` may be that
/// of two negative numbers.
fn splits(f: FunctionId, e: &Rational) -> bool {
    e.denominator_odd() || (f != known().tan && f != known().cot)
}

/// The powers of sine and cosine that a function is.
fn sine_cosine_powers(f: FunctionId) -> Option<(i64, i64)> {
    let k = known();
    Some(if f == k.sin || f == k.sinh {
        (1, 0)
    } else if f == k.cos || f == k.cosh {
        (0, 1)
    } else if f == k.tan || f == k.tanh {
        (1, -1)
    } else if f == k.cot || f == k.coth {
        (-1, 1)
    } else if f == k.sec || f == k.sech {
        (0, -1)
    } else if f == k.csc || f == k.csch {
        (-1, 0)
    } else {
        return None;
    })
}

/// The trigonometric calls that algebra sees in a node: not those inside other functions.
fn trigonometric_calls(
    g: &Graph,
    node: NodeId,
    out: &mut SmallVec<[(FunctionId, NodeId); 8]>,
    work: &mut u32,
) -> Option<()> {
    *work += 1;
    if *work > 300 {
        return None;
    }
    match g.op(node) {
        Op::Add(sum) => sum.terms.iter().try_for_each(|(_, t)| trigonometric_calls(g, *t, out, work)),
        Op::Contract(c) if c.sizes.is_empty() => {
            c.factors.iter().try_for_each(|f| trigonometric_calls(g, f.node, out, work))
        }
        Op::Call(f, args) if circular(*f).is_some() => {
            if !out.contains(&(*f, args[0])) {
                out.push((*f, args[0]));
            }
            Some(())
        }
        _ => Some(()),
    }
}
