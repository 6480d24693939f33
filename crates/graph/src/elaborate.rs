//! Settled tree to graph: what an expression means, and where it is defined.

use agnesi_functions::Function;
use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Prefix, Relation, Span, Tree, TreeId};
use smallvec::SmallVec;

use crate::Rational;
use crate::graph::Graph;
use crate::known::known;
use crate::op::{Constant, NodeId, SymbolId};

/// What elaboration needs of calculus, which stands above this crate.
pub trait Operators {
    /// The derivative of a node, or why there is none.
    fn derivative(&mut self, graph: &mut Graph, body: NodeId, variable: SymbolId) -> Result<NodeId, String>;
}

/// For texts without operators of calculus: a derivative in one is refused.
pub struct NoOperators;

impl Operators for NoOperators {
    fn derivative(&mut self, _: &mut Graph, _: NodeId, _: SymbolId) -> Result<NodeId, String> {
        Err("a derivative cannot stand here".into())
    }
}

/// An expression as nodes.
#[derive(Clone, Debug)]
pub struct Elaborated {
    /// The value; or the components of a vector; or the entries of a matrix, row by row.
    pub components: Vec<NodeId>,
    /// The sizes of the axes: none for a scalar.
    pub shape: Vec<usize>,
    /// The condition under which everything that was written is defined.
    pub domain: NodeId,
}

struct Builder<'a> {
    tree: &'a Tree,
    names: &'a [(&'a str, NodeId)],
    operators: &'a mut dyn Operators,
    /// Whether domains are collected.
    domains: bool,
    values: Vec<Option<(NodeId, NodeId)>>,
    /// The first place whose own condition can never hold.
    impossible: Option<Diagnostic>,
}

impl Graph {
    /// A settled expression with its domain. Free names become symbols.
    pub fn elaborate(
        &mut self,
        tree: &Tree,
        root: TreeId,
        operators: &mut dyn Operators,
    ) -> Result<Elaborated, Diagnostic> {
        let mut builder = Builder {
            tree,
            names: &[],
            operators,
            domains: true,
            values: vec![None; tree.len()],
            impossible: None,
        };
        let (roots, shape) = entries(tree, root);
        let mut components = Vec::with_capacity(roots.len());
        let mut domains = Vec::new();
        for root in roots {
            let (value, domain) = builder.run(self, root)?;
            components.push(value);
            domains.push(domain);
        }
        let domain = self.and(&domains);
        match (self.as_truth(domain), builder.impossible) {
            (Some(false), Some(diagnostic)) => Err(diagnostic),
            (Some(false), None) => Err(Diagnostic::error(
                Code::Domain,
                "this is defined for no real number",
                tree.span(root),
                "its conditions contradict each other",
            )),
            _ => Ok(Elaborated { components, shape, domain }),
        }
    }

    /// A settled scalar expression with nodes for its names, and its domain.
    pub(crate) fn elaborate_with(
        &mut self,
        tree: &Tree,
        root: TreeId,
        names: &[(&str, NodeId)],
        operators: &mut dyn Operators,
    ) -> Result<(NodeId, NodeId), Diagnostic> {
        let mut builder = Builder {
            tree,
            names,
            operators,
            domains: true,
            values: vec![None; tree.len()],
            impossible: None,
        };
        builder.run(self, root)
    }

    /// A tree of the table as a node, with nodes for its names. No domain is collected.
    pub fn build(
        &mut self,
        tree: &Tree,
        root: TreeId,
        names: &[(&str, NodeId)],
    ) -> Result<NodeId, Diagnostic> {
        let mut builder = Builder {
            tree,
            names,
            operators: &mut NoOperators,
            domains: false,
            values: vec![None; tree.len()],
            impossible: None,
        };
        builder.run(self, root).map(|(value, _)| value)
    }
}

/// The scalars of a settled tree, and the sizes of its axes.
fn entries(tree: &Tree, root: TreeId) -> (Vec<TreeId>, Vec<usize>) {
    match tree.kind(root) {
        Kind::Vector(list) => (tree.ids(*list).to_vec(), vec![list.len()]),
        Kind::Matrix(rows) => {
            let mut all = Vec::new();
            for row in tree.ids(*rows) {
                match tree.kind(*row) {
                    Kind::Vector(list) => all.extend_from_slice(tree.ids(*list)),
                    _ => all.push(*row),
                }
            }
            let columns = all.len() / rows.len().max(1);
            (all, vec![rows.len(), columns])
        }
        _ => (vec![root], vec![]),
    }
}

impl Builder<'_> {
    /// Builds everything below `root`, children first, in the order of the arena and without recursion.
    fn run(&mut self, g: &mut Graph, root: TreeId) -> Result<(NodeId, NodeId), Diagnostic> {
        let mut needed = vec![false; self.tree.len()];
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut needed[id.0 as usize], true) || self.values[id.0 as usize].is_some() {
                continue;
            }
            self.operands(id, &mut |child| stack.push(child));
        }
        for at in 0..=root.0 {
            if needed[at as usize] && self.values[at as usize].is_none() {
                let id = TreeId(at);
                let made = self.node(g, id)?;
                self.values[at as usize] = Some(made);
            }
        }
        self.value_at(root)
    }

    fn value_at(&self, id: TreeId) -> Result<(NodeId, NodeId), Diagnostic> {
        self.values[id.0 as usize].ok_or_else(|| self.unsupported(id, "this"))
    }

    fn unsupported(&self, id: TreeId, what: &str) -> Diagnostic {
        Diagnostic::error(
            Code::Unsupported,
            format!("{what} cannot be used in a formula of real numbers yet"),
            self.tree.span(id),
            "this part",
        )
        .with_hint("integrals without ends, limits and series come with a later version; what can be asked for is derivatives, values, Taylor polynomials, checks and pictures")
    }

    /// What must be built before a node: for chains of sums and products, the ends of the chain.
    fn operands(&self, id: TreeId, visit: &mut dyn FnMut(TreeId)) {
        match self.tree.kind(id) {
            Kind::Binary(Binary::Add | Binary::Sub, ..) => {
                self.chain(id, true, &mut |child, _| visit(child));
            }
            Kind::Binary(Binary::Mul | Binary::Juxtapose | Binary::Div, ..) => {
                self.chain(id, false, &mut |child, _| visit(child));
            }
            Kind::Binary(_, a, b) => [a, b].into_iter().for_each(|x| visit(*x)),
            Kind::Prefix(_, a) => visit(*a),
            Kind::Compare { operands, .. } => self.tree.ids(*operands).iter().for_each(|x| visit(*x)),
            Kind::Call { args, .. } => self.tree.ids(*args).iter().for_each(|x| visit(*x)),
            Kind::If(c, a, b) => [c, a, b].into_iter().for_each(|x| visit(*x)),
            Kind::Derivative { variables, body, .. } => {
                self.tree.ids(*variables).iter().for_each(|x| visit(*x));
                visit(*body);
            }
            Kind::Where(body, definitions) => {
                visit(*body);
                for d in self.tree.ids(*definitions) {
                    if let Kind::Define { value, .. } = self.tree.kind(*d) {
                        visit(*value);
                    }
                }
            }
            _ => {}
        }
    }

    /// The ends of a chain of `+` and `-`, or of `*` and `/`, and whether each is negated or divided by, in order.
    fn chain(&self, id: TreeId, sum: bool, visit: &mut dyn FnMut(TreeId, bool)) {
        let mut stack: SmallVec<[(TreeId, bool, bool); 16]> = SmallVec::new();
        stack.push((id, false, true));
        while let Some((id, inverse, inside)) = stack.pop() {
            match self.tree.kind(id) {
                Kind::Binary(Binary::Add, a, b) if sum => {
                    stack.push((*b, inverse, true));
                    stack.push((*a, inverse, true));
                }
                Kind::Binary(Binary::Sub, a, b) if sum => {
                    stack.push((*b, !inverse, true));
                    stack.push((*a, inverse, true));
                }
                Kind::Binary(Binary::Mul | Binary::Juxtapose, a, b) if !sum && inside => {
                    stack.push((*b, inverse, true));
                    stack.push((*a, inverse, true));
                }
                // A denominator is one operand, whose own domain says that it is not 0.
                Kind::Binary(Binary::Div, a, b) if !sum && inside => {
                    stack.push((*b, !inverse, false));
                    stack.push((*a, inverse, true));
                }
                _ => visit(id, inverse),
            }
        }
    }

    fn node(&mut self, g: &mut Graph, id: TreeId) -> Result<(NodeId, NodeId), Diagnostic> {
        let yes = g.truth(true);
        let tree = self.tree;
        let span = tree.span(id);
        match *tree.kind(id) {
            Kind::Number(ref text) => match Rational::parse_decimal(text) {
                Some(value) => Ok((g.number(value), yes)),
                None => Err(Diagnostic::error(
                    Code::Limit,
                    "this number is too large to be kept exactly",
                    span,
                    "more than 4,000 places",
                )),
            },
            Kind::Name(ref name) => Ok((self.name(g, name), yes)),
            Kind::Prefix(Prefix::Neg, a) => {
                let (a, d) = self.value_at(a)?;
                Ok((g.neg(a), d))
            }
            Kind::Prefix(Prefix::Plus, a) => self.value_at(a),
            Kind::Prefix(Prefix::Not, a) => {
                let (a, d) = self.value_at(a)?;
                Ok((g.not(a), d))
            }
            Kind::Binary(Binary::Add | Binary::Sub, ..) => {
                let mut ends: SmallVec<[(TreeId, bool); 8]> = SmallVec::new();
                self.chain(id, true, &mut |child, negative| ends.push((child, negative)));
                let mut terms: SmallVec<[(Rational, NodeId); 8]> = SmallVec::with_capacity(ends.len());
                let mut domain = yes;
                for (child, negative) in ends {
                    let (value, d) = self.value_at(child)?;
                    terms.push((if negative { Rational::MINUS_ONE } else { Rational::ONE }, value));
                    domain = self.both(g, domain, d);
                }
                Ok((g.sum(&terms), domain))
            }
            Kind::Binary(Binary::Mul | Binary::Juxtapose | Binary::Div, ..) => self.product(g, id, yes),
            Kind::Binary(Binary::Pow, a, b) => self.power(g, id, a, b),
            Kind::Binary(op @ (Binary::And | Binary::Or), a, b) => {
                let ((a, p), (b, q)) = (self.value_at(a)?, self.value_at(b)?);
                let value = if op == Binary::And { g.and(&[a, b]) } else { g.or(&[a, b]) };
                let domain = g.domain_of_junction(op == Binary::And, &[(a, p), (b, q)]);
                Ok((value, domain))
            }
            Kind::Compare { operands, ref relations } => {
                let operands = self.tree.ids(operands).to_vec();
                let mut parts = Vec::new();
                for (i, relation) in relations.iter().enumerate() {
                    let ((a, p), (b, q)) = (self.value_at(operands[i])?, self.value_at(operands[i + 1])?);
                    parts.push((g.compare(*relation, a, b), self.both(g, p, q)));
                }
                let domain = g.domain_of_junction(true, &parts);
                let parts: Vec<NodeId> = parts.into_iter().map(|(part, _)| part).collect();
                Ok((g.and(&parts), domain))
            }
            Kind::If(c, a, b) => {
                let ((c, p), (a, q), (b, r)) = (self.value_at(c)?, self.value_at(a)?, self.value_at(b)?);
                let value = g.select(c, a, b);
                if !self.domains || [p, q, r].iter().all(|x| *x == yes) {
                    return Ok((value, yes));
                }
                // A branch needs to be defined only where it is taken.
                let not_c = g.not(c);
                let first = g.or(&[not_c, q]);
                let second = g.or(&[c, r]);
                Ok((value, g.and(&[p, first, second])))
            }
            Kind::Call { head, args } => self.call(g, id, head, args, yes),
            Kind::Derivative { variables, body, .. } => {
                let (mut value, domain) = self.value_at(body)?;
                for variable in self.tree.ids(variables).iter().rev() {
                    let (symbol, _) = self.value_at(*variable)?;
                    let Some(symbol) = g.as_symbol(symbol) else {
                        return Err(self.unsupported(*variable, "a derivative by what is no variable"));
                    };
                    value = self.operators.derivative(g, value, symbol).map_err(|why| {
                        Diagnostic::error(Code::Unsupported, why, span, "in this derivative")
                    })?;
                }
                Ok((value, domain))
            }
            Kind::Where(body, definitions) => {
                let (mut value, mut domain) = self.value_at(body)?;
                for d in self.tree.ids(definitions).to_vec() {
                    let Kind::Define { target, value: bound, .. } = self.tree.kind(d) else { continue };
                    let Kind::Name(name) = self.tree.kind(*target) else { continue };
                    let (with, d) = self.value_at(*bound)?;
                    if let Some(symbol) = g.find_symbol(name) {
                        value = g.substitute(value, symbol, with);
                        domain = g.substitute(domain, symbol, with);
                    }
                    domain = self.both(g, domain, d);
                }
                Ok((value, domain))
            }
            _ => Err(self.unsupported(id, "this notation")),
        }
    }

    fn both(&self, g: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
        if a == b || g.as_truth(b) == Some(true) {
            a
        } else if g.as_truth(a) == Some(true) {
            b
        } else {
            g.and(&[a, b])
        }
    }

    fn name(&self, g: &mut Graph, name: &str) -> NodeId {
        if let Some((_, node)) = self.names.iter().find(|(n, _)| *n == name) {
            return *node;
        }
        if g.find_symbol(name).is_some() {
            return g.symbol(name);
        }
        match name {
            "inf" | "∞" => g.constant(Constant::Infinity),
            "true" | "false" => g.truth(name == "true"),
            _ => {
                let named = agnesi_functions::constants()
                    .iter()
                    .position(|c| c.name == name || c.aliases.contains(&name));
                match named.map(|i| (i, agnesi_functions::constants()[i].name)) {
                    Some((_, "pi")) => g.constant(Constant::Pi),
                    Some((_, "e")) => g.constant(Constant::E),
                    Some((i, _)) => g.constant(Constant::Named(i as u16)),
                    None => g.symbol(name),
                }
            }
        }
    }

    fn product(&mut self, g: &mut Graph, id: TreeId, yes: NodeId) -> Result<(NodeId, NodeId), Diagnostic> {
        let mut ends: SmallVec<[(TreeId, bool); 8]> = SmallVec::new();
        self.chain(id, false, &mut |child, below| ends.push((child, below)));
        let mut powers: SmallVec<[(NodeId, Rational); 8]> = SmallVec::new();
        let mut domain = yes;
        for (child, below) in ends {
            let (value, d) = self.value_at(child)?;
            domain = self.both(g, domain, d);
            if below {
                if g.is_zero(value) {
                    let span = self.tree.span(child);
                    self.refuse(Diagnostic::error(Code::Domain, "division by zero", span, "this is 0"));
                    domain = g.truth(false);
                    if !self.domains {
                        return Err(self.unsupported(id, "a division by zero"));
                    }
                    continue;
                }
                if self.domains {
                    let zero = g.is_zero_condition(value);
                    let nonzero = g.not(zero);
                    domain = self.both(g, domain, nonzero);
                }
                powers.push((value, Rational::MINUS_ONE));
            } else {
                powers.push((value, Rational::ONE));
            }
        }
        Ok((g.product(Rational::ONE, &powers), domain))
    }

    fn power(
        &mut self,
        g: &mut Graph,
        id: TreeId,
        a: TreeId,
        b: TreeId,
    ) -> Result<(NodeId, NodeId), Diagnostic> {
        let ((base, p), (exponent, q)) = (self.value_at(a)?, self.value_at(b)?);
        let mut domain = self.both(g, p, q);
        if let Some(e) = g.as_number(exponent)
            && e.is_negative()
            && g.is_zero(base)
        {
            let span = self.tree.span(id);
            self.refuse(Diagnostic::error(Code::Domain, "division by zero", span, "0 to a negative power"));
            return Ok((g.zero(), g.truth(false)));
        }
        if self.domains {
            let own = power_domain(g, base, exponent);
            if g.as_truth(own) == Some(false) {
                self.refuse(no_real_power(self.tree.span(id)));
            }
            domain = self.both(g, domain, own);
        }
        Ok((g.general_power(base, exponent), domain))
    }

    fn call(
        &mut self,
        g: &mut Graph,
        id: TreeId,
        head: TreeId,
        args: agnesi_syntax::List,
        yes: NodeId,
    ) -> Result<(NodeId, NodeId), Diagnostic> {
        let Kind::Name(name) = self.tree.kind(head) else {
            return Err(self.unsupported(head, "a call of this"));
        };
        let ids: SmallVec<[TreeId; 4]> = self.tree.ids(args).into();
        let mut nodes: SmallVec<[NodeId; 4]> = SmallVec::new();
        let mut domain = yes;
        let Some(f) = g.find_function(name) else {
            return match (name.as_str(), &ids[..]) {
                ("integral", [body, variable, from, to]) => {
                    let ((body, p), (v, _)) = (self.value_at(*body)?, self.value_at(*variable)?);
                    let ((from, q), (to, r)) = (self.value_at(*from)?, self.value_at(*to)?);
                    let Some(symbol) = g.as_symbol(v) else {
                        return Err(self.unsupported(*variable, "an integral over what is no variable"));
                    };
                    // Where the integrand is defined between the ends is not a condition on a point.
                    let _ = p;
                    let value = g.integral(body, symbol, from, to);
                    Ok((value, self.both(g, q, r)))
                }
                ("integral" | "limit" | "taylor" | "series", _) => {
                    Err(self.unsupported(id, &format!("`{name}`")))
                }
                _ => Err(Diagnostic::error(
                    Code::Name,
                    format!("there is no function `{name}`"),
                    self.tree.span(head),
                    "not a function of the table",
                )),
            };
        };
        if let (true, &[base, exponent]) = (f == known().pow, &ids[..]) {
            // The same node as `^`, and so the same domain.
            return self.power(g, id, base, exponent);
        }
        for child in &ids {
            let (value, d) = self.value_at(*child)?;
            nodes.push(value);
            domain = self.both(g, domain, d);
        }
        if self.domains && g.taught(f).is_some() {
            if let Some(own) = g.taught_domain(f, &nodes, &mut *self.operators) {
                if g.as_truth(own) == Some(false) {
                    let message = format!("{} is not defined here", g.function_name(f));
                    let span = self.tree.span(id);
                    self.refuse(Diagnostic::error(Code::Domain, message, span, "outside the domain"));
                }
                domain = self.both(g, domain, own);
            }
        } else if self.domains && f.row().domain != "true" {
            let row = f.row();
            let names: SmallVec<[(&'static str, NodeId); 4]> =
                row.args.iter().copied().zip(nodes.iter().copied()).collect();
            if let Some(own) = g.instantiate(row.domain, &names) {
                if g.as_truth(own) == Some(false) {
                    self.refuse(not_defined(row, self.tree.span(id)));
                }
                domain = self.both(g, domain, own);
            }
        }
        Ok((g.call(f, &nodes), domain))
    }

    /// Keeps the first reason why the formula may have no value anywhere.
    fn refuse(&mut self, diagnostic: Diagnostic) {
        self.impossible.get_or_insert(diagnostic);
    }
}

/// A function of the table at arguments that its domain leaves out.
pub(crate) fn not_defined(row: &Function, span: Span) -> Diagnostic {
    Diagnostic::error(Code::Domain, format!("{} is not defined here", row.name), span, "outside the domain")
        .with_hint(format!("{} is defined where {}", row.name, row.domain))
}

/// A power with a negative base that no convention gives a value.
pub(crate) fn no_real_power(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Domain, "this power is no real number", span, "negative base").with_hint(
        "over the reals, x^(p/q) with even q and x^y with a variable y need a base that is not negative",
    )
}

/// Where `base^exponent` is a real number, under the real-root convention.
pub fn power_domain(g: &mut Graph, base: NodeId, exponent: NodeId) -> NodeId {
    let zero = g.zero();
    match g.as_number(exponent).cloned() {
        Some(e) if e.denominator_odd() => {
            if e.is_negative() {
                g.compare(Relation::NotEqual, base, zero)
            } else {
                g.truth(true)
            }
        }
        Some(e) if e.is_negative() => g.positive(base),
        Some(_) => g.nonnegative(base),
        None => {
            let bounds = g.bounds(exponent);
            if bounds.is_positive() && !bounds.integer {
                return g.nonnegative(base);
            }
            let positive = g.positive(base);
            if !bounds.integer {
                return positive;
            }
            // A whole exponent: only 0 to a negative power is excluded.
            let whole = g.nonnegative(exponent);
            let nonzero = g.compare(Relation::NotEqual, base, zero);
            g.or(&[whole, nonzero])
        }
    }
}
