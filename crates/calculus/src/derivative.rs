//! The differentiator: a node and a symbol to the node of the derivative.
//!
//! Every op states its own rule; what has none is an error, never a zero. The derivative of a branch stays inside the
//! branch, so that nothing of the branch not taken enters the result.

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, Rational, Sign, SymbolId, known};
use agnesi_syntax::Relation;
use smallvec::SmallVec;

/// Why there is no derivative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoDerivative {
    /// The function without a rule.
    pub function: String,
    /// The reason that its row gives.
    pub because: String,
}

impl std::fmt::Display for NoDerivative {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` has no derivative here: {}", self.function, self.because)
    }
}

impl std::error::Error for NoDerivative {}

/// Derivatives of scalar nodes of one graph.
///
/// Cost: one visit of each node that contains the symbol. Where everything passes through one node `u`, as in `f(u(x))`,
/// the derivative is the product `f'(u)*u'` and never multiplied out: a function nested n times costs n small steps.
#[derive(Default)]
pub struct Differentiator {
    /// What is differentiated by: the symbol, or a node through which everything passes.
    by: Option<NodeId>,
    /// The derivatives by it so far, by node; those of an earlier epoch are void.
    known: Vec<(u32, NodeId)>,
    epoch: u32,
    /// Marks for walks over the graph.
    pub(crate) marks: Vec<u32>,
    pub(crate) mark: u32,
}

impl Differentiator {
    /// `d node / d symbol`, in the constructors' normal form, not otherwise simplified.
    pub fn derivative(&mut self, g: &mut Graph, node: NodeId, x: SymbolId) -> Result<NodeId, NoDerivative> {
        if !g.may_contain(node, x) {
            return Ok(g.zero());
        }
        // d f(u) / d x = f'(u) * du/dx for each node u through which everything passes.
        let mut powers: Vec<(NodeId, Rational)> = Vec::new();
        for link in self.links(g, node, x) {
            powers.push((self.by_node(g, link.outer, x, link.inner)?, Rational::ONE));
        }
        Ok(g.product(Rational::ONE, &powers))
    }

    /// `d node / d by`, where the symbol enters the node through `by` alone.
    pub(crate) fn by_node(
        &mut self,
        g: &mut Graph,
        node: NodeId,
        x: SymbolId,
        by: NodeId,
    ) -> Result<NodeId, NoDerivative> {
        if self.by != Some(by) {
            self.by = Some(by);
            self.epoch += 1;
        }
        self.remember(by, g.one());
        // Children before parents, without recursion.
        let mut stack: SmallVec<[NodeId; 32]> = SmallVec::new();
        stack.push(node);
        while let Some(&top) = stack.last() {
            if self.find(top).is_some() {
                stack.pop();
                continue;
            }
            let before = stack.len();
            operands(g, top, |child| {
                if g.may_contain(child, x) && self.find(child).is_none() {
                    stack.push(child);
                }
            });
            if stack.len() == before {
                let d = self.rule(g, top, x)?;
                self.remember(top, d);
                stack.pop();
            }
        }
        Ok(self.of(g, node))
    }

    /// Marks a node; whether it was not marked yet.
    pub(crate) fn set_mark(&mut self, node: NodeId) -> bool {
        if self.marks.len() <= node.index() {
            self.marks.resize(node.index() + 1, 0);
        }
        std::mem::replace(&mut self.marks[node.index()], self.mark) != self.mark
    }

    fn find(&self, node: NodeId) -> Option<NodeId> {
        self.known.get(node.index()).filter(|(epoch, _)| *epoch == self.epoch).map(|(_, d)| *d)
    }

    fn remember(&mut self, node: NodeId, derivative: NodeId) {
        if self.known.len() <= node.index() {
            self.known.resize(node.index() + 16, (0, derivative));
        }
        self.known[node.index()] = (self.epoch, derivative);
    }

    fn of(&self, g: &Graph, node: NodeId) -> NodeId {
        self.find(node).unwrap_or(g.zero())
    }

    fn rule(&mut self, g: &mut Graph, node: NodeId, x: SymbolId) -> Result<NodeId, NoDerivative> {
        match g.op(node).clone() {
            Op::Symbol(id) => Ok(if id == x { g.one() } else { g.zero() }),
            Op::Constant(_) | Op::Truth(_) | Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_) => {
                Ok(g.zero())
            }
            Op::Add(sum) => {
                let terms: SmallVec<[(Rational, NodeId); 16]> = sum
                    .order
                    .iter()
                    .map(|&i| &sum.terms[i as usize])
                    .filter(|(_, n)| g.may_contain(*n, x))
                    .map(|(c, n)| (c.clone(), self.of(g, *n)))
                    .collect();
                Ok(g.sum(&terms))
            }
            Op::Contract(c) => {
                if !c.sizes.is_empty() {
                    return Err(tensor("a contraction of tensors"));
                }
                // d(c * prod f^e) = sum over k of c*e_k * f_k^(e_k - 1) * df_k * the other factors.
                let mut terms: SmallVec<[(Rational, NodeId); 16]> = SmallVec::new();
                for (k, f) in c.factors.iter().enumerate() {
                    let inner = self.of(g, f.node);
                    if g.is_zero(inner) {
                        continue;
                    }
                    let mut powers: SmallVec<[(NodeId, Rational); 12]> =
                        c.factors.iter().map(|f| (f.node, f.exponent.clone())).collect();
                    powers[k].1 = &f.exponent - &Rational::ONE;
                    if inner != g.one() {
                        powers.push((inner, Rational::ONE));
                    }
                    let coefficient = &c.coefficient * &f.exponent;
                    terms.push((Rational::ONE, g.product(coefficient, &powers)));
                }
                Ok(g.sum(&terms))
            }
            Op::Call(f, args) => {
                let mut terms: SmallVec<[(Rational, NodeId); 4]> = SmallVec::new();
                for (i, arg) in args.iter().enumerate() {
                    let inner = self.of(g, *arg);
                    if g.is_zero(inner) {
                        continue;
                    }
                    let partial = partial(g, f, &args, i)?;
                    terms.push((
                        Rational::ONE,
                        if inner == g.one() { partial } else { g.mul(partial, inner) },
                    ));
                }
                Ok(g.sum(&terms))
            }
            Op::Select(c, a, b) => {
                let (a, b) = (self.of(g, a), self.of(g, b));
                Ok(point_branch(g, x, c, a, b))
            }
            Op::Integral { body, variable, from, to } => {
                // Leibniz: the integrand at each end times how the end moves, and the integral of the derivative.
                let mut terms: SmallVec<[(Rational, NodeId); 4]> = SmallVec::new();
                for (end, sign) in [(to, Rational::ONE), (from, Rational::MINUS_ONE)] {
                    let moves = self.of(g, end);
                    if !g.is_zero(moves) {
                        let at_end = g.substitute(body, variable, end);
                        terms.push((sign, g.mul(at_end, moves)));
                    }
                }
                let inner = if variable == x { g.zero() } else { self.of(g, body) };
                if !g.is_zero(inner) {
                    terms.push((Rational::ONE, g.integral(inner, variable, from, to)));
                }
                Ok(g.sum(&terms))
            }
            Op::Reduce(..) | Op::Linear(..) | Op::Iota(_) | Op::OneHot(..) | Op::Loop(_) => {
                Err(tensor("an operation on tensors"))
            }
        }
    }
}

fn tensor(what: &str) -> NoDerivative {
    NoDerivative { function: what.into(), because: "by scalars alone there is no rule for it".into() }
}

/// A branch at single points, `if x = a then ... else ...`, does not define a derivative there: the other branch does,
/// where it is continuous.
fn point_branch(g: &mut Graph, x: SymbolId, c: NodeId, a: NodeId, b: NodeId) -> NodeId {
    if at_points(g, x, c) {
        return b;
    }
    match g.op(c).clone() {
        Op::Not(opposite) if at_points(g, x, opposite) => a,
        _ => g.select(c, a, b),
    }
}

/// Whether a condition is certain to hold at single values of `x` only, whatever the other symbols are.
fn at_points(g: &mut Graph, x: SymbolId, c: NodeId) -> bool {
    match g.op(c).clone() {
        Op::Compare(Sign::Zero, d) => moves_everywhere(g, x, d),
        Op::And(list) => list.iter().any(|c| at_points(g, x, *c)),
        Op::Or(list) => list.iter().all(|c| at_points(g, x, *c)),
        _ => false,
    }
}

/// Whether a node is certain to take each value at single values of `x` only, whatever the other symbols are: a
/// polynomial with one term of its highest degree, or an analytic function of such a node. `x - min(1, x)` is not.
fn moves_everywhere(g: &mut Graph, x: SymbolId, node: NodeId) -> bool {
    match g.op(node).clone() {
        Op::Symbol(id) => id == x,
        Op::Contract(c) if c.sizes.is_empty() => {
            let moving = c.factors.iter().filter(|f| g.may_contain(f.node, x)).count();
            moving == 1
                && c.factors.iter().all(|f| match g.may_contain(f.node, x) {
                    true => moves_everywhere(g, x, f.node),
                    false => g.bounds(f.node).is_nonzero(),
                })
        }
        Op::Call(f, args) => {
            let analytic = g.taught(f).is_none()
                && (f == known().abs || (f.row().kinks.is_empty() && f.row().partial(0).is_ok()));
            args.len() == 1 && analytic && moves_everywhere(g, x, args[0])
        }
        Op::Add(sum) => {
            let moving: SmallVec<[NodeId; 4]> =
                sum.terms.iter().map(|t| t.1).filter(|n| g.may_contain(*n, x)).collect();
            match &moving[..] {
                [term] => moves_everywhere(g, x, *term),
                terms => {
                    // All terms are monomials in x, and the highest power stands once and with a number.
                    let degrees: Option<SmallVec<[(Rational, bool); 4]>> =
                        terms.iter().map(|t| monomial(g, x, *t)).collect();
                    let Some(degrees) = degrees else { return false };
                    let Some(highest) = degrees.iter().map(|d| &d.0).max() else { return false };
                    let top: SmallVec<[&(Rational, bool); 4]> =
                        degrees.iter().filter(|d| d.0 == *highest).collect();
                    matches!(top[..], [(_, true)])
                }
            }
        }
        _ => false,
    }
}

/// The power of `x` in a product of symbols, and whether all else in it is no symbol.
fn monomial(g: &Graph, x: SymbolId, node: NodeId) -> Option<(Rational, bool)> {
    let power = |node: NodeId, e: &Rational| match g.op(node) {
        Op::Symbol(id) if *id == x => (e.is_integer() && e.is_positive()).then(|| (e.clone(), true)),
        _ if g.may_contain(node, x) => None,
        _ => Some((Rational::ZERO, matches!(g.op(node), Op::Constant(_)))),
    };
    match g.op(node) {
        Op::Contract(c) if c.sizes.is_empty() => {
            let mut total = (Rational::ZERO, true);
            for f in &c.factors {
                let (e, alone) = power(f.node, &f.exponent)?;
                total = (&total.0 + &e, total.1 && alone);
            }
            Some(total)
        }
        _ => power(node, &Rational::ONE),
    }
}

/// The nodes whose derivatives a node's rule asks for.
pub(crate) fn operands(g: &Graph, node: NodeId, mut visit: impl FnMut(NodeId)) {
    match g.op(node) {
        Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_) => {}
        Op::Select(_, a, b) => {
            visit(*a);
            visit(*b);
        }
        _ => g.for_each_child(node, visit),
    }
}

/// The partial derivative of a function in one argument, at these arguments.
pub fn partial(g: &mut Graph, f: FunctionId, args: &[NodeId], index: usize) -> Result<NodeId, NoDerivative> {
    let refuse = |g: &Graph, because: &str| NoDerivative {
        function: g.function_name(f).to_string(),
        because: because.to_string(),
    };
    if let Some(taught) = g.taught(f).cloned() {
        let names: Vec<(&str, NodeId)> =
            taught.args.iter().map(|a| a.as_str()).zip(args.iter().copied()).collect();
        return match &taught.derivative {
            Some(partials) => {
                let (tree, root) = partials.get(index).ok_or_else(|| refuse(g, "it has no such argument"))?;
                g.build(tree, *root, &names).map_err(|d| refuse(g, &d.message))
            }
            None => {
                let fresh: Vec<NodeId> =
                    taught.args.iter().map(|a| g.anonymous(a, agnesi_graph::Facts::REAL)).collect();
                let bound: Vec<(&str, NodeId)> =
                    taught.args.iter().map(|a| a.as_str()).zip(fresh.iter().copied()).collect();
                let (tree, root) = &taught.meaning;
                let body = g.build(tree, *root, &bound).map_err(|d| refuse(g, &d.message))?;
                let Some(x) = g.as_symbol(fresh[index]) else { return Err(refuse(g, "no such argument")) };
                let mut d = Differentiator::default().derivative(g, body, x)?;
                for (from, to) in fresh.iter().zip(args) {
                    if let Some(symbol) = g.as_symbol(*from) {
                        d = g.substitute(d, symbol, *to);
                    }
                }
                Ok(d)
            }
        };
    }
    if f == known().pow {
        // The row says what holds at a base of 0 as well; the formula is for a base above 0, which the domain shows.
        let &[base, exponent] = args else { return Err(refuse(g, "it takes two arguments")) };
        if index == 0 {
            let less = g.sum(&[(Rational::ONE, exponent), (Rational::MINUS_ONE, g.one())]);
            let power = g.general_power(base, less);
            let slope = g.mul(exponent, power);
            // A whole exponent allows the base 0, where x^0 = 1 has the slope 0 and not 0*0^(-1).
            let (zero, whole) = (g.zero(), g.bounds(exponent).integer);
            if !whole || g.bounds(exponent).is_nonzero() || g.bounds(base).is_nonzero() {
                return Ok(slope);
            }
            let constant = g.compare(Relation::Equal, exponent, zero);
            return Ok(g.select(constant, zero, slope));
        }
        let (power, log) = (g.general_power(base, exponent), g.call(known().log, &[base]));
        return Ok(g.mul(power, log));
    }
    let row = f.row();
    let text = row.partial(index).map_err(|because| refuse(g, because))?;
    let names: SmallVec<[(&'static str, NodeId); 4]> =
        row.args.iter().copied().zip(args.iter().copied()).collect();
    g.instantiate(text, &names).ok_or_else(|| refuse(g, "its row cannot be read"))
}
