//! The differentiator: a node and a symbol to the node of the derivative.
//!
//! Every op states its own rule; what has none is an error, never a zero. The derivative of a branch stays inside the
//! branch, so that nothing of the branch not taken enters the result.

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, Rational, SymbolId, known};
use rustc_hash::FxHashMap;
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

/// Derivatives of scalar nodes of one graph, each taken once.
///
/// Cost: one visit of each node that contains the symbol.
#[derive(Default)]
pub struct Differentiator {
    done: FxHashMap<(NodeId, SymbolId), NodeId>,
}

impl Differentiator {
    /// `d node / d symbol`, in the constructors' normal form, not otherwise simplified.
    pub fn derivative(&mut self, g: &mut Graph, node: NodeId, x: SymbolId) -> Result<NodeId, NoDerivative> {
        if !g.may_contain(node, x) {
            return Ok(g.zero());
        }
        // Children before parents, without recursion.
        let mut stack = vec![node];
        while let Some(&top) = stack.last() {
            if self.done.contains_key(&(top, x)) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            let mut wanted: SmallVec<[NodeId; 8]> = SmallVec::new();
            operands(g, top, |child| wanted.push(child));
            stack.extend(
                wanted.into_iter().filter(|c| g.may_contain(*c, x) && !self.done.contains_key(&(*c, x))),
            );
            if stack.len() == before {
                let d = self.rule(g, top, x)?;
                self.done.insert((top, x), d);
                stack.pop();
            }
        }
        Ok(self.done[&(node, x)])
    }

    fn of(&self, g: &Graph, node: NodeId, x: SymbolId) -> NodeId {
        self.done.get(&(node, x)).copied().unwrap_or(g.zero())
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
                    .map(|(c, n)| (c.clone(), self.of(g, *n, x)))
                    .collect();
                Ok(g.sum(&terms))
            }
            Op::Contract(c) => {
                if !c.sizes.is_empty() {
                    return Err(NoDerivative {
                        function: "a contraction of tensors".into(),
                        because: "derivatives of vectors and matrices come with a later version".into(),
                    });
                }
                // d(c * prod f^e) = sum over k of c*e_k * f_k^(e_k - 1) * df_k * the other factors.
                let mut terms: SmallVec<[(Rational, NodeId); 16]> = SmallVec::new();
                for (k, f) in c.factors.iter().enumerate() {
                    let inner = self.of(g, f.node, x);
                    if g.is_zero(inner) {
                        continue;
                    }
                    let mut powers: SmallVec<[(NodeId, Rational); 12]> =
                        c.factors.iter().map(|f| (f.node, f.exponent.clone())).collect();
                    powers[k].1 = &f.exponent - &Rational::ONE;
                    powers.push((inner, Rational::ONE));
                    let coefficient = &c.coefficient * &f.exponent;
                    terms.push((Rational::ONE, g.product(coefficient, &powers)));
                }
                Ok(g.sum(&terms))
            }
            Op::Call(f, args) => {
                let mut terms: SmallVec<[(Rational, NodeId); 4]> = SmallVec::new();
                for (i, arg) in args.iter().enumerate() {
                    let inner = self.of(g, *arg, x);
                    if g.is_zero(inner) {
                        continue;
                    }
                    let partial = partial(g, f, &args, i)?;
                    terms.push((Rational::ONE, g.mul(partial, inner)));
                }
                Ok(g.sum(&terms))
            }
            Op::Select(c, a, b) => {
                let (a, b) = (self.of(g, a, x), self.of(g, b, x));
                Ok(point_branch(g, c, a, b))
            }
            Op::Integral { body, variable, from, to } => {
                // Leibniz: the integrand at each end times how the end moves, and the integral of the derivative.
                let mut terms: SmallVec<[(Rational, NodeId); 4]> = SmallVec::new();
                for (end, sign) in [(to, Rational::ONE), (from, Rational::MINUS_ONE)] {
                    let moves = self.of(g, end, x);
                    if !g.is_zero(moves) {
                        let at_end = g.substitute(body, variable, end);
                        terms.push((sign, g.mul(at_end, moves)));
                    }
                }
                let inner = if variable == x { g.zero() } else { self.of(g, body, x) };
                if !g.is_zero(inner) {
                    terms.push((Rational::ONE, g.integral(inner, variable, from, to)));
                }
                Ok(g.sum(&terms))
            }
        }
    }
}

/// A branch at a single point, `if x = a then ... else ...`, does not define a derivative there: the other branch does,
/// where it is continuous.
fn point_branch(g: &mut Graph, c: NodeId, a: NodeId, b: NodeId) -> NodeId {
    match g.op(c) {
        Op::Compare(agnesi_graph::Sign::Zero, _) => b,
        _ => g.select(c, a, b),
    }
}

/// The nodes whose derivatives a node's rule asks for.
fn operands(g: &Graph, node: NodeId, mut visit: impl FnMut(NodeId)) {
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
            return Ok(g.mul(exponent, power));
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
