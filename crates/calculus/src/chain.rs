//! Chains: formulas in which everything passes through one node after the other, as in `f(g(h(x)))`.
//!
//! Between two such nodes stands a function of one variable, a link. Where links are the same function, as in
//! `f(f(f(x)))`, it is differentiated and simplified once, by a parameter, and its slope is written at each place.

use agnesi_graph::{Facts, Graph, NodeId, Op, Rational, SymbolId};
use smallvec::SmallVec;

use crate::derivative::operands;
use crate::template::Template;
use crate::{Differentiator, NoDerivative, Simplifier};

/// From so many nodes that contain the symbol on, links are looked for.
const LARGE: usize = 24;
/// So many links of one function are worth a parameter of their own.
const SEVERAL: usize = 3;
/// A link is compared with so many functions that came before.
const MAX_FUNCTIONS: usize = 4;

/// Functions of more nodes are not compared.
const MAX_PAIRS: usize = 64;

/// A part of a chain: the symbol enters `outer` through `inner` alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub outer: NodeId,
    pub inner: NodeId,
}

/// Which parts of a slope, and of the function itself, are simple wherever they are written.
///
/// Algebra sees one thing in a large sum, so that a form that it kept with one is kept with the next. Where the large sum
/// is the function itself at another one, that holds for sums in which its terms are spread, too.
#[derive(Default)]
struct SimpleParts {
    /// By their numbers in the template, for the two cases; none before such a place was met.
    slope: [Option<SmallVec<[usize; 16]>>; 2],
    function: bool,
    before: Option<Link>,
}

impl SimpleParts {
    /// Looks at the slope that was written last, and at the function, in one place.
    fn meet(&mut self, simplifier: &mut Simplifier, g: &mut Graph, slope: &Template, link: Link) {
        if simplifier.simplify(g, link.inner) != link.inner || !simplifier.is_opaque(g, link.inner) {
            return;
        }
        let iterated = self.before.is_some_and(|before| before.outer == link.inner);
        self.before = Some(link);
        let alike = slope.alike(g, link.inner, iterated);
        if let Some(simple) = &self.slope[iterated as usize] {
            simplifier.keep(alike.iter().filter(|(at, _)| simple.contains(at)).map(|(_, node)| *node));
            if self.function {
                simplifier.keep(g.topological_where(link.outer, |child| child != link.inner));
            }
        } else {
            let mut is_simple = |node| simplifier.simplify(g, node) == node;
            self.function = is_simple(link.outer);
            let simple = alike.iter().filter(|(_, node)| is_simple(*node)).map(|(at, _)| *at).collect();
            self.slope[iterated as usize] = Some(simple);
        }
    }
}

impl Differentiator {
    /// `d node / d symbol`, simplified.
    ///
    /// The same as [`Differentiator::derivative`] and [`Simplifier::simplify`] one after the other, but a function that
    /// is applied again and again is differentiated and simplified once.
    ///
    /// ```
    /// use agnesi_calculus::{Differentiator, Simplifier};
    /// use agnesi_graph::{Graph, known};
    ///
    /// let mut g = Graph::new();
    /// let x = g.symbol("x");
    /// let (sine, symbol) = (g.call(known().sin, &[x]), g.as_symbol(x).unwrap());
    /// let slope = Differentiator::default().simplified(&mut Simplifier::default(), &mut g, sine, symbol);
    /// assert_eq!(slope, Ok(g.call(known().cos, &[x])));
    /// ```
    pub fn simplified(
        &mut self,
        simplifier: &mut Simplifier,
        g: &mut Graph,
        node: NodeId,
        x: SymbolId,
    ) -> Result<NodeId, NoDerivative> {
        if !g.may_contain(node, x) {
            return Ok(g.zero());
        }
        let symbol = g.symbol_node(x);
        let mut slopes: Vec<(NodeId, Rational)> = Vec::new();
        // From within, as they are read.
        let mut links = self.links(g, node, x);
        links.reverse();
        for (first, places) in functions(g, x, &links) {
            if places.len() < SEVERAL {
                for link in places {
                    slopes.push((self.by_node(g, link.outer, x, link.inner)?, Rational::ONE));
                }
                continue;
            }
            // Where the symbol itself is one of the places, and nothing is known of it, it is the parameter.
            let plain = g.symbol_info(x).facts == Facts::REAL;
            let (body, parameter) = match places.iter().find(|link| plain && link.inner == symbol) {
                Some(link) => (link.outer, symbol),
                None => {
                    let parameter = g.anonymous("t", Facts::REAL);
                    (Template::new(g, first.outer, x, first.inner).write(g, parameter), parameter)
                }
            };
            let by = g.as_symbol(parameter).unwrap_or(x);
            let slope = self.by_node(g, body, by, parameter)?;
            let slope = simplifier.simplify(g, slope);
            let mut slope = Template::new(g, slope, by, parameter);
            let mut simple = SimpleParts::default();
            for link in places {
                let written = slope.write(g, link.inner);
                slopes.push((written, Rational::ONE));
                simple.meet(simplifier, g, &slope, link);
            }
        }
        let product = g.product(Rational::ONE, &slopes);
        Ok(simplifier.simplify(g, product))
    }

    /// The links from a node to a symbol, the outermost first. One where there are few nodes, or where a derivative must
    /// stay inside a branch or an integral.
    pub(crate) fn links(&mut self, g: &Graph, node: NodeId, x: SymbolId) -> SmallVec<[Link; 2]> {
        let symbol = g.symbol_node(x);
        let mut links = SmallVec::new();
        let mut outer = node;
        if node.index() - symbol.index().min(node.index()) >= LARGE {
            for inner in self.waists(g, node, x) {
                links.push(Link { outer, inner });
                outer = inner;
            }
        }
        if outer != symbol || links.is_empty() {
            links.push(Link { outer, inner: symbol });
        }
        links
    }

    /// The nodes through which every way from a large node to the symbol passes, the outermost first.
    fn waists(&mut self, g: &Graph, node: NodeId, x: SymbolId) -> SmallVec<[NodeId; 8]> {
        let mut found = SmallVec::new();
        let mut cone = vec![node];
        self.mark += 1;
        let mut next = 0;
        while let Some(&at) = cone.get(next) {
            next += 1;
            if matches!(g.op(at), Op::Select(..) | Op::Integral { .. }) {
                return found;
            }
            operands(g, at, |child| {
                if g.may_contain(child, x) && self.set_mark(child) {
                    cone.push(child);
                }
            });
        }
        if cone.len() < LARGE {
            return found;
        }
        // Parents before children: where nothing else is open, everything passes.
        cone.sort_unstable();
        self.mark += 1;
        let mut open = 1;
        for &at in cone.iter().rev() {
            open -= 1;
            if open == 0 && at != node {
                found.push(at);
            }
            operands(g, at, |child| {
                open += (g.may_contain(child, x) && self.set_mark(child)) as usize;
            });
        }
        found
    }
}

/// Links by the function that they are, each with its first place.
fn functions(g: &Graph, x: SymbolId, links: &[Link]) -> SmallVec<[(Link, SmallVec<[Link; 1]>); 1]> {
    let mut found: SmallVec<[(Link, SmallVec<[Link; 1]>); 1]> = SmallVec::new();
    for &link in links {
        let known = found.iter_mut().rev().take(MAX_FUNCTIONS).find(|(first, _)| same(g, x, *first, link));
        match known {
            Some((_, places)) => places.push(link),
            None => found.push((link, SmallVec::from_iter([link]))),
        }
    }
    found
}

/// Whether two links are the same function, which is certain where this is true.
fn same(g: &Graph, x: SymbolId, a: Link, b: Link) -> bool {
    let mut pairs: SmallVec<[(NodeId, NodeId); 16]> = SmallVec::from_iter([(a.outer, b.outer)]);
    let mut next = 0;
    while let Some(&(one, other)) = pairs.get(next) {
        next += 1;
        if one == a.inner || other == b.inner {
            if one == a.inner && other == b.inner {
                continue;
            }
            return false;
        }
        if one == other && !g.may_contain(one, x) {
            continue;
        }
        let mut meet = |one: NodeId, other: NodeId| {
            if !pairs.contains(&(one, other)) {
                pairs.push((one, other));
            }
        };
        match g.op(one) {
            Op::Add(one) => {
                let Op::Add(other) = g.op(other) else { return false };
                if one.terms.len() != other.terms.len() {
                    return false;
                }
                for (i, j) in one.order.iter().zip(&other.order) {
                    let ((c, one), (k, other)) = (&one.terms[*i as usize], &other.terms[*j as usize]);
                    if c != k {
                        return false;
                    }
                    meet(*one, *other);
                }
            }
            Op::Contract(one) => {
                let Op::Contract(other) = g.op(other) else { return false };
                let scalars = one.sizes.is_empty() && other.sizes.is_empty();
                if !scalars
                    || one.coefficient != other.coefficient
                    || one.factors.len() != other.factors.len()
                {
                    return false;
                }
                for (one, other) in one.factors.iter().zip(&other.factors) {
                    if one.exponent != other.exponent {
                        return false;
                    }
                    meet(one.node, other.node);
                }
            }
            Op::Call(f, one) => {
                let Op::Call(h, other) = g.op(other) else { return false };
                if f != h || one.len() != other.len() {
                    return false;
                }
                one.iter().zip(other).for_each(|(one, other)| meet(*one, *other));
            }
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Loop(_) => return false,
        }
        if pairs.len() > MAX_PAIRS {
            return false;
        }
    }
    true
}
