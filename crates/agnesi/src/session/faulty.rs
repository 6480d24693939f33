//! Derivatives with a slip in them, such as a chain rule without its inner derivative.
//!
//! The rules are applied to the formula as it was written, node by node; at the places of a slip the wrong rule is.

use agnesi_calculus::partial;
use agnesi_graph::{NodeId, Operators, Rational, Style, SymbolId};
use agnesi_syntax::{Binary, Kind, Prefix, Tree, TreeId, print};

use super::compare::Comparison;

/// A slip that people make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlipKind {
    /// `f(u)' = f'(u)`.
    NoInner,
    /// `f(u)' = u'`.
    NoOuter,
    /// `(c^n)' = n*c^(n - 1)` for a constant.
    ConstantPower,
    /// `(uv)' = u'v'`.
    ProductOfSlopes,
    /// `(uv)' = u'v`.
    FirstTermOnly,
    /// `(uv)' = uv'`.
    SecondTermOnly,
    /// `(u/v)' = u'/v'`.
    QuotientOfSlopes,
    /// `(u/v)' = (uv' - u'v)/v^2`.
    QuotientExchanged,
    /// `(u/v)' = (u'v + uv')/v^2`.
    QuotientPlus,
    /// `(u/v)' = (u'v - uv')/v`.
    QuotientNoSquare,
    /// `(u^n)' = n*u^n*u'`.
    ExponentKept,
    /// `(u^n)' = u^(n - 1)*u'`.
    FactorForgotten,
    /// `(u^n)' = (n - 1)*u^(n - 1)*u'`.
    NewExponentDown,
    /// `(u^n)' = n*u^(n - 2)*u'`.
    LoweredTwice,
    /// `(u^n)' = n*u^(n + 1)*u'`.
    Raised,
    /// As if the exponent were another one.
    AsPower(i8),
    /// `(a^u)' = u*a^(u - 1)*u'`.
    ExponentialAsPower,
    /// `(a^u)' = a^u*u'`.
    NoLog,
    /// `(u^v)' = v*u^(v - 1)*u'`.
    BothAsPower,
    /// `(u^v)' = u^v*log(u)*v'`.
    BothAsExponential,
    /// `f(u)' = -f'(u)*u'`.
    WrongSign,
    /// `(u + c)' = u' + c`.
    ConstantKept,
}

/// A slip and where it is made.
#[derive(Clone, Debug)]
pub(crate) struct Slip {
    /// What slip.
    pub kind: SlipKind,
    /// Where.
    pub places: Vec<TreeId>,
}

/// A formula, ready to be differentiated with slips.
pub(crate) struct Faulty<'a> {
    tree: &'a Tree,
    root: TreeId,
    x: SymbolId,
    /// What stands below the root, children first.
    order: Vec<TreeId>,
    values: Vec<Option<NodeId>>,
}

impl<'a> Faulty<'a> {
    /// The formula below `root` and the variable. `None` if a part of it cannot be read on its own.
    pub(crate) fn new(c: &mut Comparison, tree: &'a Tree, root: TreeId, x: SymbolId) -> Option<Faulty<'a>> {
        let mut order = Vec::new();
        let mut seen = vec![false; tree.len()];
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if std::mem::replace(seen.get_mut(id.0 as usize)?, true) {
                continue;
            }
            order.push(id);
            stack.extend(children(tree, id));
        }
        order.sort();
        let mut values = vec![None; tree.len()];
        for id in &order {
            let made = c.graph.elaborate(tree, *id, c.tools).ok();
            values[id.0 as usize] = made.and_then(|made| match &made.components[..] {
                [node] if made.shape.is_empty() => Some(*node),
                _ => None,
            });
        }
        values[root.0 as usize]?;
        Some(Faulty { tree, root, x, order, values })
    }

    fn value(&self, id: TreeId) -> Option<NodeId> {
        self.values[id.0 as usize]
    }

    fn depends(&self, c: &Comparison, id: TreeId) -> bool {
        self.value(id).is_some_and(|node| c.graph.may_contain(node, self.x))
    }

    /// The slips that can be made in this formula: each at one place, then each at all of them.
    pub(crate) fn slips_in(&self, c: &Comparison) -> Vec<Slip> {
        let mut slips = Vec::new();
        for kind in KINDS {
            let places: Vec<TreeId> =
                self.order.iter().copied().filter(|id| self.applies(c, kind, *id)).collect();
            // The outermost place is where a slip is seen first.
            slips.extend(places.iter().rev().map(|id| Slip { kind, places: vec![*id] }));
            if places.len() > 1 {
                slips.push(Slip { kind, places });
            }
        }
        slips
    }

    fn applies(&self, c: &Comparison, kind: SlipKind, id: TreeId) -> bool {
        if !self.depends(c, id) && !matches!(kind, SlipKind::ConstantKept | SlipKind::ConstantPower) {
            return false;
        }
        let inner = |id: TreeId| self.depends(c, id) && !matches!(self.tree.kind(id), Kind::Name(_));
        use SlipKind::*;
        match (kind, self.tree.kind(id)) {
            (NoInner, Kind::Binary(Binary::Pow, a, b)) => inner(*a) || inner(*b),
            (NoInner, Kind::Call { args, .. }) => self.tree.ids(*args).iter().any(|arg| inner(*arg)),
            (NoInner, Kind::Binary(Binary::Div, a, b)) => !self.depends(c, *a) && inner(*b),
            (NoOuter, Kind::Binary(Binary::Pow, a, b)) => inner(*a) && !self.depends(c, *b),
            (NoOuter, Kind::Call { args, .. }) => self.tree.ids(*args).iter().any(|arg| inner(*arg)),
            (ConstantPower, Kind::Binary(Binary::Pow, a, b)) => {
                !self.depends(c, *a) && matches!(self.tree.kind(*b), Kind::Number(_))
            }
            (WrongSign, Kind::Call { .. }) => true,
            (ProductOfSlopes | FirstTermOnly | SecondTermOnly, Kind::Binary(Binary::Mul, a, b)) => {
                self.depends(c, *a) && self.depends(c, *b)
            }
            (
                QuotientOfSlopes | QuotientExchanged | QuotientPlus | QuotientNoSquare,
                Kind::Binary(Binary::Div, _, b),
            ) => self.depends(c, *b),
            (
                ExponentKept | FactorForgotten | NewExponentDown | LoweredTwice | Raised | AsPower(_),
                Kind::Binary(Binary::Pow, a, b),
            ) => self.depends(c, *a) && !self.depends(c, *b),
            (ExponentialAsPower | NoLog, Kind::Binary(Binary::Pow, a, b)) => {
                !self.depends(c, *a) && self.depends(c, *b)
            }
            (BothAsPower | BothAsExponential, Kind::Binary(Binary::Pow, a, b)) => {
                self.depends(c, *a) && self.depends(c, *b)
            }
            (ExponentialAsPower, Kind::Call { head, .. }) => {
                matches!(self.tree.kind(*head), Kind::Name(name) if name == "exp")
            }
            (ConstantKept, Kind::Binary(Binary::Add | Binary::Sub, a, b)) => {
                self.depends(c, *a) != self.depends(c, *b)
            }
            _ => false,
        }
    }

    /// The derivative with the slip in it; `None` where it has no meaning.
    pub(crate) fn derivative(&self, c: &mut Comparison, slip: &Slip) -> Option<NodeId> {
        let mut slopes: Vec<Option<NodeId>> = vec![None; self.tree.len()];
        for id in &self.order {
            let Some(value) = self.value(*id) else { continue };
            let kind = slip.places.contains(id).then_some(slip.kind);
            let slope = match c.graph.may_contain(value, self.x) || kind.is_some() {
                false => Some(c.graph.zero()),
                true => self.rule(c, *id, value, kind, &slopes),
            };
            slopes[id.0 as usize] = slope;
        }
        slopes[self.root.0 as usize]
    }

    fn rule(
        &self,
        c: &mut Comparison,
        id: TreeId,
        value: NodeId,
        slip: Option<SlipKind>,
        slopes: &[Option<NodeId>],
    ) -> Option<NodeId> {
        let both = |id: TreeId| Some((self.value(id)?, slopes[id.0 as usize]?));
        match self.tree.kind(id) {
            Kind::Prefix(Prefix::Neg, a) => {
                let (_, da) = both(*a)?;
                Some(c.graph.neg(da))
            }
            Kind::Binary(op @ (Binary::Add | Binary::Sub), a, b) => {
                let ((va, mut da), (vb, mut db)) = (both(*a)?, both(*b)?);
                if slip == Some(SlipKind::ConstantKept) {
                    if self.depends(c, *a) {
                        db = vb;
                    } else {
                        da = va;
                    }
                }
                Some(if *op == Binary::Add { c.graph.add(da, db) } else { c.graph.sub(da, db) })
            }
            Kind::Binary(Binary::Mul, a, b) => {
                let ((va, da), (vb, db)) = (both(*a)?, both(*b)?);
                let (first, second) = (c.graph.mul(da, vb), c.graph.mul(va, db));
                Some(match slip {
                    Some(SlipKind::ProductOfSlopes) => c.graph.mul(da, db),
                    Some(SlipKind::FirstTermOnly) => first,
                    Some(SlipKind::SecondTermOnly) => second,
                    _ => c.graph.add(first, second),
                })
            }
            Kind::Binary(Binary::Div, a, b) => {
                let ((va, da), (vb, db)) = (both(*a)?, both(*b)?);
                let (first, second) = (c.graph.mul(da, vb), c.graph.mul(va, db));
                let square = c.graph.mul(vb, vb);
                let (top, bottom) = match slip {
                    Some(SlipKind::NoInner) => (c.graph.neg(va), square),
                    Some(SlipKind::QuotientOfSlopes) => (da, db),
                    Some(SlipKind::QuotientExchanged) => (c.graph.sub(second, first), square),
                    Some(SlipKind::QuotientPlus) => (c.graph.add(first, second), square),
                    Some(SlipKind::QuotientNoSquare) => (c.graph.sub(first, second), vb),
                    _ => (c.graph.sub(first, second), square),
                };
                if c.graph.is_zero(bottom) {
                    return None;
                }
                Some(c.graph.div(top, bottom))
            }
            Kind::Binary(Binary::Pow, a, b) => {
                let ((va, da), (vb, db)) = (both(*a)?, both(*b)?);
                match (self.depends(c, *a), self.depends(c, *b)) {
                    (true, false) if slip == Some(SlipKind::NoOuter) => Some(da),
                    (true, false) => self.power(c, (va, da), vb, slip),
                    (false, false) => {
                        let one = c.graph.one();
                        let lower = c.graph.sub(vb, one);
                        let power = c.graph.general_power(va, lower);
                        Some(c.graph.mul(vb, power))
                    }
                    (false, true) => {
                        let log = agnesi_graph::known().log;
                        let outer = match slip {
                            Some(SlipKind::ExponentialAsPower) => {
                                let one = c.graph.one();
                                let lower = c.graph.sub(vb, one);
                                let power = c.graph.general_power(va, lower);
                                c.graph.mul(vb, power)
                            }
                            Some(SlipKind::NoLog) => value,
                            _ => {
                                let log = c.graph.call(log, &[va]);
                                c.graph.mul(value, log)
                            }
                        };
                        Some(if slip == Some(SlipKind::NoInner) { outer } else { c.graph.mul(outer, db) })
                    }
                    _ => match slip {
                        Some(SlipKind::BothAsPower) => {
                            let one = c.graph.one();
                            let lower = c.graph.sub(vb, one);
                            let power = c.graph.general_power(va, lower);
                            let outer = c.graph.mul(vb, power);
                            Some(c.graph.mul(outer, da))
                        }
                        Some(SlipKind::BothAsExponential) => {
                            let log = c.graph.call(agnesi_graph::known().log, &[va]);
                            let outer = c.graph.mul(value, log);
                            Some(c.graph.mul(outer, db))
                        }
                        _ => c.tools.derivative(c.graph, value, self.x).ok(),
                    },
                }
            }
            Kind::Call { head, args } => {
                let Kind::Name(name) = self.tree.kind(*head) else { return None };
                let Some(f) = c.graph.find_function(name) else {
                    return c.tools.derivative(c.graph, value, self.x).ok();
                };
                let args: Vec<(NodeId, NodeId)> =
                    self.tree.ids(*args).iter().map(|arg| both(*arg)).collect::<Option<_>>()?;
                let values: Vec<NodeId> = args.iter().map(|(v, _)| *v).collect();
                if slip == Some(SlipKind::ExponentialAsPower) {
                    let (u, du) = *args.first()?;
                    let one = c.graph.one();
                    let lower = c.graph.sub(u, one);
                    let power = c.graph.call(f, &[lower]);
                    let outer = c.graph.mul(u, power);
                    return Some(c.graph.mul(outer, du));
                }
                let mut sum = c.graph.zero();
                for (i, (_, slope)) in args.iter().enumerate() {
                    if c.graph.is_zero(*slope) {
                        continue;
                    }
                    let outer = partial(c.graph, f, &values, i).ok()?;
                    let term = match slip {
                        Some(SlipKind::NoInner) => outer,
                        Some(SlipKind::NoOuter) => *slope,
                        Some(SlipKind::WrongSign) => {
                            let term = c.graph.mul(outer, *slope);
                            c.graph.neg(term)
                        }
                        _ => c.graph.mul(outer, *slope),
                    };
                    sum = c.graph.add(sum, term);
                }
                Some(sum)
            }
            // Branches and derivatives: right, whatever slips are made below them.
            _ => c.tools.derivative(c.graph, value, self.x).ok(),
        }
    }

    /// `(u^n)'`.
    fn power(
        &self,
        c: &mut Comparison,
        (u, du): (NodeId, NodeId),
        exponent: NodeId,
        slip: Option<SlipKind>,
    ) -> Option<NodeId> {
        let with = |c: &mut Comparison, factor: NodeId, exponent: NodeId| {
            let power = match c.graph.as_number(exponent).cloned() {
                Some(n) => c.graph.power(u, n),
                None => c.graph.general_power(u, exponent),
            };
            c.graph.mul(factor, power)
        };
        let one = c.graph.one();
        let lower = c.graph.sub(exponent, one);
        let outer = match slip {
            Some(SlipKind::ExponentKept) => with(c, exponent, exponent),
            Some(SlipKind::FactorForgotten) => with(c, one, lower),
            Some(SlipKind::NewExponentDown) => with(c, lower, lower),
            Some(SlipKind::LoweredTwice) => {
                let lowest = c.graph.sub(lower, one);
                with(c, exponent, lowest)
            }
            Some(SlipKind::Raised) => {
                let higher = c.graph.add(exponent, one);
                with(c, exponent, higher)
            }
            Some(SlipKind::AsPower(n)) => {
                let n = c.graph.number(Rational::new(n.into(), 1)?);
                if n == exponent {
                    return None;
                }
                let lower = c.graph.sub(n, one);
                with(c, n, lower)
            }
            _ => with(c, exponent, lower),
        };
        Some(if slip == Some(SlipKind::NoInner) { outer } else { c.graph.mul(outer, du) })
    }

    /// The right derivative of a part, as text.
    pub(crate) fn slope_text(&self, c: &mut Comparison, id: TreeId) -> String {
        let slope = self.value(id).and_then(|node| c.tools.derivative(c.graph, node, self.x).ok());
        match slope {
            Some(slope) => {
                let (tree, root) = c.graph.raise(slope, Style::default());
                print::text(&tree, root)
            }
            None => "its derivative".to_string(),
        }
    }
}

const KINDS: [SlipKind; 26] = [
    SlipKind::BothAsPower,
    SlipKind::BothAsExponential,
    SlipKind::NoInner,
    SlipKind::ConstantPower,
    SlipKind::ProductOfSlopes,
    SlipKind::FirstTermOnly,
    SlipKind::SecondTermOnly,
    SlipKind::QuotientOfSlopes,
    SlipKind::QuotientExchanged,
    SlipKind::QuotientPlus,
    SlipKind::QuotientNoSquare,
    SlipKind::ExponentKept,
    SlipKind::FactorForgotten,
    SlipKind::NewExponentDown,
    SlipKind::AsPower(2),
    SlipKind::AsPower(3),
    SlipKind::AsPower(4),
    SlipKind::AsPower(5),
    SlipKind::LoweredTwice,
    SlipKind::Raised,
    SlipKind::ExponentialAsPower,
    SlipKind::NoLog,
    SlipKind::NoOuter,
    SlipKind::WrongSign,
    SlipKind::ConstantKept,
    SlipKind::AsPower(1),
];

fn children(tree: &Tree, id: TreeId) -> Vec<TreeId> {
    match tree.kind(id) {
        Kind::Prefix(_, a) => vec![*a],
        Kind::Binary(_, a, b) => vec![*a, *b],
        Kind::Call { args, .. } => tree.ids(*args).to_vec(),
        // What stands below anything else is not taken apart.
        _ => Vec::new(),
    }
}

impl SlipKind {
    /// What to say of it.
    pub(crate) fn words(
        self,
        text: &dyn Fn(TreeId) -> String,
        slope: &mut dyn FnMut(TreeId) -> String,
        tree: &Tree,
        at: TreeId,
        x: &str,
        everywhere: bool,
    ) -> String {
        let whole = text(at);
        let parts = children(tree, at);
        let part = |i: usize| parts.get(i).map(|id| text(*id)).unwrap_or_default();
        use SlipKind::*;
        match self {
            NoInner if everywhere => {
                "the chain rule: the derivatives of the inner functions are missing".into()
            }
            NoInner => {
                // The part that is not a constant is the inner function.
                let inner = match tree.kind(at) {
                    Kind::Binary(_, a, b) => match slope(*a).as_str() {
                        "0" => *b,
                        _ => *a,
                    },
                    _ => parts.iter().copied().find(|id| slope(*id) != "0").unwrap_or(at),
                };
                format!(
                    "the chain rule: {whole} has the inner function {}, and its derivative {} is missing as a factor",
                    text(inner),
                    slope(inner)
                )
            }
            NoOuter => format!(
                "the chain rule: the derivative of {} alone is not that of {whole}: the derivative of the outer \
                 function is missing as a factor",
                part(0)
            ),
            ConstantPower => format!("{whole} does not depend on {x}, so its derivative is 0"),
            ProductOfSlopes => format!(
                "the product rule: the derivative of u*v is u'*v + u*v', not u'*v', for u = {} and v = {}",
                part(0),
                part(1)
            ),
            FirstTermOnly => format!(
                "the product rule: the derivative of u*v is u'*v + u*v', and u*v' is missing, for u = {} and v = {}",
                part(0),
                part(1)
            ),
            SecondTermOnly => format!(
                "the product rule: the derivative of u*v is u'*v + u*v', and u'*v is missing, for u = {} and v = {}",
                part(0),
                part(1)
            ),
            QuotientOfSlopes => format!(
                "the quotient rule: the derivative of u/v is (u'*v - u*v')/v^2, not u'/v', for u = {} and v = {}",
                part(0),
                part(1)
            ),
            QuotientExchanged => format!(
                "the quotient rule: it is u'*v - u*v' above, not u*v' - u'*v, for u = {} and v = {}",
                part(0),
                part(1)
            ),
            QuotientPlus => format!(
                "the quotient rule: it is u'*v - u*v' above, with a minus, for u = {} and v = {}",
                part(0),
                part(1)
            ),
            QuotientNoSquare => format!(
                "the quotient rule: the denominator must be squared, for u = {} and v = {}",
                part(0),
                part(1)
            ),
            ExponentKept => format!("the power rule: the exponent of {whole} was not lowered by one"),
            FactorForgotten => {
                format!("the power rule: the exponent {} of {whole} is missing as a factor", part(1))
            }
            NewExponentDown => format!(
                "the power rule: the factor is the exponent {} of {whole} itself, not the lowered one",
                part(1)
            ),
            LoweredTwice => format!("the power rule: the exponent of {whole} was lowered by two, not by one"),
            Raised => format!("the power rule: the exponent of {whole} was raised, not lowered"),
            AsPower(n) => {
                let base = parts.first().map(|id| bracketed(tree, *id, text)).unwrap_or_default();
                let written = if n == 1 { base } else { format!("{base}^{n}") };
                format!("that is the derivative of {written}; the formula has {whole}")
            }
            ExponentialAsPower => format!(
                "{x} stands in the exponent of {whole}, so the power rule does not apply: an exponential keeps its \
                 exponent"
            ),
            NoLog => format!(
                "the derivative of {whole} has the factor log({}), which is 1 only for the base e",
                part(0)
            ),
            BothAsPower => format!(
                "{x} stands in the base and in the exponent of {whole}: the power rule alone does not do; write it as \
                 exp({}*log({}))",
                bracketed(tree, parts.get(1).copied().unwrap_or(at), text),
                part(0)
            ),
            BothAsExponential => format!(
                "{x} stands in the base and in the exponent of {whole}: the rule for exponentials alone does not do; \
                 write it as exp({}*log({}))",
                bracketed(tree, parts.get(1).copied().unwrap_or(at), text),
                part(0)
            ),
            WrongSign => format!("the sign: the derivative of {whole} is {}", slope(at)),
            ConstantKept => {
                let constant = parts.iter().copied().find(|id| slope(*id) == "0");
                let constant = constant.map(text).unwrap_or_default();
                format!("the derivative of the constant {constant} is 0, and the claim keeps it")
            }
        }
    }
}

fn bracketed(tree: &Tree, id: TreeId, text: &dyn Fn(TreeId) -> String) -> String {
    match tree.kind(id) {
        Kind::Name(_) | Kind::Number(_) | Kind::Call { .. } => text(id),
        _ => format!("({})", text(id)),
    }
}
