//! Nodes, shapes and conditions as text.

use agnesi_graph::{Factor, Labels, Linear, Need, NodeId, Op, Rational, Reduction, SymbolId};
use agnesi_syntax::print;

use super::super::write;
use super::Reading;
use crate::protocol::{Size, Step};

/// Parts of so many tokens that come several times get a name.
const NAMED: u32 = 6;

impl Reading {
    /// A node in matrix notation, and in LaTeX; subterms that come back are named.
    pub fn formula(&mut self, node: NodeId) -> (String, String) {
        self.formulas(&[node])
    }

    /// A node as text alone, nothing named.
    pub fn text_of(&mut self, node: NodeId) -> String {
        let style = self.style();
        let (tree, root) = self.graph.raise(node, style);
        print::text(&tree, root)
    }

    /// The sizes of a node's axes.
    pub fn sizes_of(&mut self, node: NodeId) -> Vec<Size> {
        let shape = self.graph.shape(node).clone();
        shape
            .into_iter()
            .map(|size| match self.graph.as_number(size).and_then(|n| n.as_integer()) {
                Some(n) if n >= 0 => Size::Number(n as usize),
                _ => Size::Text(self.text_of(size)),
            })
            .collect()
    }

    /// A condition in words.
    pub fn need_text(&mut self, need: Need) -> String {
        match need {
            Need::Entries(node) => {
                let text = self.text_of(node);
                // A norm is positive where it is not 0.
                if let Some(norm) =
                    text.strip_suffix("^2 > 0").filter(|t| t.starts_with("norm") && t.ends_with(')'))
                {
                    return format!("{norm} != 0");
                }
                if let Some((a, b)) = text.strip_suffix(" > 0").and_then(|square| square.split_once("'*"))
                    && a == b
                {
                    return format!("norm2({a}) != 0");
                }
                if self.graph.is_scalar(node) { text } else { format!("{text} in every entry") }
            }
            Need::Invertible(node) => format!("{} is invertible", self.text_of(node)),
            Need::PositiveDeterminant(node) => format!("det({}) > 0", self.text_of(node)),
            Need::Definite(node) => format!("{} is symmetric and positive definite", self.text_of(node)),
            Need::Symmetric(node) => format!("{} is symmetric", self.text_of(node)),
            Need::DistinctEigenvalues(node) => {
                format!("no two eigenvalues of {} are equal", self.text_of(node))
            }
            Need::FullColumnRank(node) => {
                format!("the columns of {} are linearly independent", self.text_of(node))
            }
        }
    }

    /// Whether a condition is true in every entry, whatever the variables are.
    fn is_always(&self, node: NodeId) -> bool {
        match self.graph.op(node) {
            Op::Contract(c) => {
                !c.factors.is_empty() && c.factors.iter().all(|f| self.graph.as_truth(f.node) == Some(true))
            }
            _ => self.graph.as_truth(node) == Some(true),
        }
    }

    /// Whether another condition on the same entries says more.
    fn is_implied(&mut self, node: NodeId, all: &[Need]) -> bool {
        all.iter().any(|need| match *need {
            Need::Entries(other) if other != node && self.graph.shape(other) == self.graph.shape(node) => {
                self.graph.and(&[other, node]) == other
            }
            _ => false,
        })
    }

    /// What must hold for the formula as written and for these results, each once.
    pub fn conditions(&mut self, results: &[NodeId]) -> Vec<String> {
        let mut all: Vec<Need> = self.shaped.needs.clone();
        for node in results {
            for need in agnesi_calculus::needs(&mut self.graph, *node) {
                if !all.contains(&need) {
                    all.push(need);
                }
            }
        }
        let mut texts: Vec<String> = Vec::new();
        for &need in &all {
            if let Need::Entries(node) = need
                && (self.is_always(node) || self.is_implied(node, &all))
            {
                continue;
            }
            let text = self.need_text(need);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }
}

impl Reading {
    /// Several nodes as a tuple, with common subterms named once.
    pub fn formulas(&mut self, nodes: &[NodeId]) -> (String, String) {
        let style = self.style();
        let raised = self.graph.raise_named(nodes, style, NAMED);
        (print::text(&raised.tree, raised.whole), write::latex(&raised.tree, raised.whole))
    }

    /// `d vec(F)/d vec(X)'` in Kronecker products where the terms allow it.
    pub fn vec_jacobian(&mut self, node: NodeId, x: SymbolId) -> (String, String) {
        let style = self.style();
        let split = match self.front(node, x) {
            2 if self.graph.shape(node).len() == 4 => {
                // Multiplied out, each term may be a Kronecker product.
                let terms = agnesi_calculus::distributed(&mut self.graph, node);
                let whole = self.graph.sum(&terms);
                self.graph.raise_vec_jacobian(whole, style)
            }
            _ => None,
        };
        if let Some((tree, root)) = split {
            return (print::text(&tree, root), write::latex(&tree, root));
        }
        let matrix = self.vec_jacobian_node(node, x);
        self.formula(matrix)
    }

    /// The Jacobian with the axes of the result, and those of the variable, written below one another.
    pub fn vec_jacobian_node(&mut self, node: NodeId, x: SymbolId) -> NodeId {
        let (shape, front) = (self.graph.shape(node).clone(), self.front(node, x));
        let rank = shape.len();
        let g = &mut self.graph;
        let mut sizes = shape.to_vec();
        let mut factors = vec![Factor { node, labels: (0..rank as u8).collect(), exponent: Rational::ONE }];
        let mut out = Labels::new();
        for axes in [0..front, front..rank] {
            match axes.len() {
                2 => {
                    let (i, j) = (axes.start, axes.start + 1);
                    let size = g.mul(shape[i], shape[j]);
                    let index = g.column_major(shape[i], shape[j]);
                    let hot = g.one_hot(index, size);
                    let label = sizes.len() as u8;
                    sizes.push(size);
                    factors.push(Factor {
                        node: hot,
                        labels: Labels::from_slice(&[i as u8, j as u8, label]),
                        exponent: Rational::ONE,
                    });
                    out.push(label);
                }
                _ => out.extend(axes.map(|a| a as u8)),
            }
        }
        g.contract(Rational::ONE, factors, out, sizes)
    }

    /// The sizes of that matrix.
    pub fn vec_sizes(&mut self, node: NodeId, x: SymbolId) -> Vec<Size> {
        let matrix = self.vec_jacobian_node(node, x);
        self.sizes_of(matrix)
    }

    /// How many axes stand before those of the variable of the last derivative.
    fn front(&self, node: NodeId, x: SymbolId) -> usize {
        self.graph.shape(node).len() - self.graph.symbol_info(x).shape.len()
    }

    /// The adjoints on the way from a result to a variable, each with the rule that it came by.
    pub fn backward(&mut self, node: NodeId, x: SymbolId) -> Vec<Step> {
        let Ok(passed) = agnesi_calculus::adjoints(&mut self.graph, &mut self.simplifier, node, x) else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        for (at, adjoint) in passed {
            let (rule, statement) = self.rule_of(at);
            let (part, slope) = (self.text_of(at), self.text_of(adjoint));
            steps.push(Step {
                rule: rule.into(),
                statement: statement.into(),
                before: format!("adjoint of {part}"),
                after: slope,
                ..Step::default()
            });
        }
        steps
    }

    /// The rule by which an operation hands its adjoint on.
    fn rule_of(&self, node: NodeId) -> (&'static str, &'static str) {
        match self.graph.op(node) {
            Op::Symbol(_) => ("The variable", "what has arrived here is the derivative"),
            Op::Add(_) => ("Sum rule", "each term gets the adjoint of the sum, times its coefficient"),
            Op::Contract(_) => (
                "Product rule",
                "each factor gets the adjoint times the other factors, with the axes exchanged",
            ),
            Op::Call(..) => {
                ("Chain rule", "each entry gets its adjoint times the slope of the function there")
            }
            Op::Select(..) => ("Branches", "the branch that is taken gets the adjoint, the other one 0"),
            Op::Reduce(Reduction::LogSumExp, ..) => ("logsumexp", "the slope of logsumexp is softmax"),
            Op::Reduce(..) => ("Reduction", "each entry gets the adjoint times its share"),
            Op::Linear(Linear::Inverse, _) => ("Inverse", "Y = inv(X): X gets -Y'*(adjoint)*Y'"),
            Op::Linear(Linear::Determinant, _) => {
                ("Jacobi's formula", "X gets det(X)*inv(X)' times the adjoint")
            }
            Op::Linear(Linear::LogDeterminant, _) => ("Jacobi's formula", "X gets inv(X)' times the adjoint"),
            Op::Loop(_) => ("Loop", "the steps are gone through backwards, and each hands its adjoint on"),
            Op::Linear(..) => ("Matrix function", "by the rule of the decomposition"),
            Op::Constant(_)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Integral { .. } => ("Constant", "nothing is handed on"),
        }
    }
}
