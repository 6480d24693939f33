//! A formula and its derivatives at single rows of a table, as `eval` and `diff` find them there.

use agnesi_engine::Program;
use agnesi_graph::{NodeId, Style};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::point::exact_value;
use super::understand::Understood;
use super::{Session, diff, removable};
use crate::protocol::{Failure, Given, Number, Request, Verb};

/// How many rows are kept, so that a row that comes again costs nothing.
const KEPT: usize = 4096;
/// How many nodes the graph may gain before it is made anew: every row leaves some behind.
const NODES: usize = 200_000;

/// What a formula has at a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExactRow {
    /// The value, then the derivatives, NaN where there is none.
    pub numbers: Vec<f64>,
    /// Whether the formula as written has no value there, and the numbers are limits.
    pub by_limit: bool,
}

/// The formulas, which are read only when a row asks for it.
enum Read {
    NotYet,
    Done(Box<Formulas>),
    /// A formula of vectors or matrices, which have no exact evaluation.
    Refused,
}

/// Evaluates rows that doubles leave undecided, as 0/0 does.
pub(crate) struct ExactRows {
    session: Session,
    request: Request,
    columns: Vec<String>,
    /// Variables that are no columns, and their values.
    given: Vec<(String, f64)>,
    gradient: bool,
    read: Read,
    known: FxHashMap<Vec<u64>, Option<ExactRow>>,
}

impl ExactRows {
    /// For a request about a table with these columns as variables.
    pub(crate) fn new(
        session: &Session,
        request: &Request,
        columns: Vec<String>,
        given: Vec<(String, f64)>,
        gradient: bool,
    ) -> ExactRows {
        let formula = request.expr.as_deref().unwrap_or_default();
        let request = Request { at: request.at.clone(), ..Request::new(Verb::Eval, formula) };
        let (session, known) = (session.clone(), FxHashMap::default());
        ExactRows { session, request, columns, given, gradient, read: Read::NotYet, known }
    }

    fn formulas(&mut self) -> Option<&mut Formulas> {
        let stale = match &self.read {
            Read::NotYet => true,
            Read::Done(formulas) => formulas.is_full(),
            Read::Refused => false,
        };
        if stale {
            let given = self.given.iter().map(|(name, _)| name);
            let names: Vec<SmolStr> = self.columns.iter().chain(given).map(SmolStr::new).collect();
            let wrt = if self.gradient { &names[..self.columns.len()] } else { &[] };
            self.read = match Formulas::new(&self.session, &self.request, &names, wrt) {
                Ok(formulas) => Read::Done(Box::new(formulas)),
                Err(_) => Read::Refused,
            };
        }
        match &mut self.read {
            Read::Done(formulas) => Some(formulas),
            Read::NotYet | Read::Refused => None,
        }
    }

    /// The numbers at a row. None where the formula has no value there.
    pub(crate) fn at(&mut self, row: &[f64]) -> Option<&ExactRow> {
        let key: Vec<u64> = row.iter().map(|x| x.to_bits()).collect();
        if !self.known.contains_key(&key) {
            if self.known.len() >= KEPT {
                self.known.clear();
            }
            let found = self.find(row);
            self.known.insert(key.clone(), found);
        }
        self.known.get(&key)?.as_ref()
    }

    fn find(&mut self, row: &[f64]) -> Option<ExactRow> {
        let all: Vec<f64> = row.iter().copied().chain(self.given.iter().map(|(_, value)| *value)).collect();
        if all.iter().any(|x| !x.is_finite()) || self.formulas()?.is_outside(&all) {
            return None;
        }
        let mut request = self.request.clone();
        request.at.extend(self.columns.iter().cloned().zip(row.iter().map(|x| Given::Number(Number(*x)))));
        self.formulas()?.at(&request).ok()
    }
}

/// The formulas of a table, read.
struct Formulas {
    u: Understood,
    value: NodeId,
    derivatives: Vec<NodeId>,
    /// The formula as written, over the columns and what is given.
    written: Option<Program>,
    /// Conditions that exclude more than single points, over the same.
    conditions: Vec<Program>,
    /// How many nodes the graph had.
    nodes: usize,
}

impl Formulas {
    fn new(
        session: &Session,
        request: &Request,
        names: &[SmolStr],
        wrt: &[SmolStr],
    ) -> Result<Formulas, Failure> {
        let mut u = session.understand(request)?;
        // What is given is a constant: limits are those of the columns alone.
        for (name, given) in &request.at {
            let constant = exact_value(&mut u, given, &format!("at.{name}"))?.node;
            let Some(symbol) = u.graph.find_symbol(name) else { continue };
            u.domain = u.graph.substitute(u.domain, symbol, constant);
            for i in 0..u.components.len() {
                u.components[i] = u.graph.substitute(u.components[i], symbol, constant);
            }
        }
        let value = u.scalar("eval")?;
        let value = u.tools.simplifier.simplify(&mut u.graph, value);
        let mut derivatives = Vec::new();
        for name in wrt {
            let wanted = Request { wrt: vec![name.to_string()], ..request.clone() };
            derivatives.extend(diff::derivative(&mut u, &wanted)?.entries);
        }
        let written = Program::new(&u.settled.tree, u.settled.root, names, &u.taught).ok();
        let conditions = u.graph.conjuncts(u.domain).into_iter();
        let wide: Vec<NodeId> = conditions.filter(|c| !removable::is_isolated(&u.graph, *c)).collect();
        let conditions = wide
            .into_iter()
            .filter_map(|condition| {
                let (tree, root) = u.graph.raise(condition, Style::default());
                Program::new(&tree, root, names, &u.taught).ok()
            })
            .collect();
        let nodes = u.graph.len();
        Ok(Formulas { u, value, derivatives, written, conditions, nodes })
    }

    fn is_full(&self) -> bool {
        self.u.graph.len() > self.nodes + NODES
    }

    /// Whether a row is certain to lie outside the domain. A whole half of a table may be negative under a logarithm, and
    /// must not cost what an exact evaluation does.
    fn is_outside(&self, row: &[f64]) -> bool {
        let Some(written) = &self.written else { return false };
        self.conditions.iter().any(|c| c.truth(row, &()).is_ok_and(|holds| !holds))
            && !written.values::<f64>(row, &()).is_ok_and(|values| values.iter().all(|x| x.is_finite()))
    }

    fn at(&mut self, request: &Request) -> Result<ExactRow, Failure> {
        let point = self.u.point(request)?;
        let value = self.u.exact_values(&[self.value], &point)?;
        let mut row = ExactRow { numbers: value.doubles, by_limit: value.by_limit };
        for derivative in &self.derivatives {
            let found = self.u.exact_values(&[*derivative], &point);
            row.numbers.push(found.map_or(f64::NAN, |values| values.doubles[0]));
        }
        Ok(row)
    }
}
