//! Formulas to the programs of their values and derivatives.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use agnesi_calculus::{TensorSimplifier, distribute_sparse, tensor_derivative, tensor_derivatives};
use agnesi_engine::ir::{MAX_ENTRIES, Program};
use agnesi_engine::lowering::{LowerError, lower, regroup, share_reciprocals};
use agnesi_graph::{Factor, Facts, Graph, Labels, NodeId, Rational, SymbolId};
use agnesi_syntax::{Code, Diagnostic, Span};
use smol_str::{SmolStr, format_smolstr};

use super::FunctionError;
use super::ready::{How, Ready};
use super::real::Real;
use super::sparsity::{Block, Nonzeros};
use crate::Session;
use crate::protocol::{Failure, Request, Verb};
use crate::session::Reading;

/// An argument of a function.
#[derive(Clone)]
pub(super) struct Argument {
    pub name: SmolStr,
    pub symbol: SymbolId,
    pub shape: Vec<usize>,
}

/// A formula as a graph, with what is known of its arguments.
pub(super) struct Model {
    session: Session,
    formula: String,
    declarations: [Vec<String>; 2],
    graph: Graph,
    simplifier: TensorSimplifier,
    value: NodeId,
    pub arguments: Vec<Argument>,
    pub given: Vec<Argument>,
    pub shape: Vec<usize>,
    /// How programs are run.
    pub how: How,
    /// Whether what changes rounding may be done for speed.
    fast: bool,
    /// Whether it was done to the value.
    regrouped: bool,
}

impl Clone for Model {
    /// Read anew: graphs are not shared.
    fn clone(&self) -> Model {
        let [arguments, given] =
            [0, 1].map(|i| self.declarations[i].iter().map(String::as_str).collect::<Vec<_>>());
        match Model::read(&self.session, &self.formula, &arguments, &given) {
            Ok(model) => {
                let model = Model { how: self.how, ..model };
                if self.fast { model.fast() } else { model }
            }
            Err(error) => unreachable!("what was read before reads again: {error}"),
        }
    }
}

/// How many processors there are for us: asking takes longer than making a small function, so it is done once.
fn processors() -> NonZeroUsize {
    static COUNT: OnceLock<NonZeroUsize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

impl Argument {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

impl Model {
    pub fn read(
        session: &Session,
        formula: &str,
        arguments: &[&str],
        given: &[&str],
    ) -> Result<Model, FunctionError> {
        let count = arguments.len();
        let declarations = [arguments, given].map(|list| list.iter().map(|a| (*a).to_owned()).collect());
        let arguments: Vec<&str> = arguments.iter().chain(given).copied().collect();
        let declared: Vec<&str> = arguments.iter().copied().filter(|a| a.contains(':')).collect();
        let names: Vec<SmolStr> =
            arguments.iter().map(|a| a.split(':').next().unwrap_or_default().trim().into()).collect();
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err(wrong(
                    name,
                    "an argument is named twice",
                    "give each argument a name of its own",
                )
                .into());
            }
        }
        let mut lets = declared.join("\n");
        let mut scope = session.scope.clone();
        // What is wrong with a declaration is said where the formula is read.
        if scope.read(&lets).is_ok() {
            for (name, number) in super::sizes::known(&session.scope, &scope, &names)? {
                lets += &format!("\n{name} = {number}");
            }
        }
        let mut request = Request::new(Verb::Compile, formula);
        request.lets = (!declared.is_empty()).then_some(lets);
        let (mut r, _) = Reading::any(session, &request)?;
        if r.shaped.boolean {
            return Err(r
                .refuse("a condition is no function of numbers", "write `if ... then 1 else 0`")
                .into());
        }
        if let Some(missing) = r.shaped.inputs.iter().find(|name| !names.contains(name)) {
            let hint = format!("name it among the arguments, or define it: they are {}", names.join(", "));
            return Err(wrong(missing, "it is in the formula, and is no argument", &hint).into());
        }
        let mut found = Vec::with_capacity(names.len());
        for (name, written) in names.iter().zip(&arguments) {
            let node = r.graph.declare_from(&r.scope, name).map_err(|d| {
                Failure::new(Code::Name, d.message.clone())
                    .with_hint("name an argument as in `x` or `x: vector(3)`")
            })?;
            let symbol = r.graph.as_symbol(node).ok_or_else(|| {
                wrong(
                    name,
                    "it is defined, so it is no argument",
                    "leave it out, or give the argument another name",
                )
            })?;
            let shape = sizes(&r.graph, node)?.ok_or_else(|| FunctionError::Size {
                name: name.clone(),
                declared: match written.split_once(':') {
                    Some((_, declared)) => declared.trim().to_owned(),
                    None => r.type_of(name).map_or_else(String::new, ToString::to_string),
                },
            })?;
            found.push(Argument { name: name.clone(), symbol, shape });
        }
        let value = r.shaped.node;
        let shape = sizes(&r.graph, value)?
            .ok_or_else(|| FunctionError::Size { name: "the value".into(), declared: r.text.clone() })?;
        let Reading { graph, .. } = r;
        Ok(Model {
            session: session.clone(),
            formula: formula.to_owned(),
            declarations,
            graph,
            simplifier: TensorSimplifier::unchanging(),
            value,
            given: found.split_off(count),
            arguments: found,
            shape,
            how: How { native: false, threads: processors(), data: given.len() },
            fast: false,
            regrouped: false,
        })
    }

    /// The same with leave to change rounding for speed: the derivatives are those of the regrouped value.
    pub fn fast(mut self) -> Model {
        let regrouped = regroup(&mut self.graph, &[self.value], &[]);
        let value = regrouped.first().copied().unwrap_or(self.value);
        Model { fast: true, regrouped: self.regrouped || value != self.value, value, ..self }
    }

    fn inputs(&self) -> Vec<(SmolStr, SymbolId)> {
        self.arguments.iter().chain(&self.given).map(|a| (a.name.clone(), a.symbol)).collect()
    }

    /// The program of nodes, with loops that can be run as one.
    fn program(
        &mut self,
        inputs: &[(SmolStr, SymbolId)],
        nodes: &[NodeId],
    ) -> Result<Program, FunctionError> {
        let shared = self.graph.share_loops(nodes);
        let nodes = if self.fast { regroup(&mut self.graph, &shared, &[]) } else { shared.clone() };
        let outputs: Vec<(SmolStr, NodeId)> =
            nodes.iter().enumerate().map(|(at, node)| (format_smolstr!("y{at}"), *node)).collect();
        let mut program = lower(&self.graph, inputs, &[], &outputs)?;
        program.regrouped = self.regrouped || nodes != shared;
        if self.fast {
            share_reciprocals(&mut program);
        }
        Ok(program)
    }

    pub fn value<T: Real>(&mut self) -> Result<Ready<T>, FunctionError> {
        Ready::new(self.program(&self.inputs(), &[self.value])?, &[1], self.how)
    }

    /// The derivatives of a node by all arguments.
    fn derivatives(&mut self, node: NodeId) -> Result<Vec<NodeId>, FunctionError> {
        let symbols: Vec<SymbolId> = self.arguments.iter().map(|a| a.symbol).collect();
        tensor_derivatives(&mut self.graph, &mut self.simplifier, node, &symbols)
            .map_err(|error| FunctionError::from(Failure::new(Code::Unsupported, error.to_string())))
    }

    fn derivative(&mut self, node: NodeId, symbol: SymbolId) -> Result<NodeId, FunctionError> {
        tensor_derivative(&mut self.graph, &mut self.simplifier, node, symbol)
            .map_err(|error| FunctionError::from(Failure::new(Code::Unsupported, error.to_string())))
    }

    /// The derivatives of the value by all arguments, its axes in front: backwards from the value, or where it has more
    /// numbers than the point, forwards from the point.
    fn all_derivatives(&mut self) -> Result<Vec<NodeId>, FunctionError> {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        if self.point_len() >= count(&self.shape) {
            return self.derivatives(self.value);
        }
        // What the point hands on is linear in the weights of a sum of the value; its derivative by them has the
        // axes of the point in front.
        let (value, rank) = (self.value, self.shape.len());
        let shape = self.graph.shape(value).clone();
        let weights = self.graph.anonymous_tensor("u", Facts::REAL, shape.clone());
        let labels: Labels = (0..rank as u8).collect();
        let factors = [value, weights]
            .map(|node| Factor { node, labels: labels.clone(), exponent: Rational::ONE })
            .to_vec();
        let sum = self.graph.contract(Rational::ONE, factors, Labels::new(), shape.to_vec());
        let Some(symbol) = self.graph.as_symbol(weights) else { return self.derivatives(value) };
        let backwards = self.derivatives(sum)?;
        let mut parts = Vec::with_capacity(backwards.len());
        for (part, argument) in backwards.into_iter().zip(self.arguments.clone()) {
            let forwards = self.derivative(part, symbol)?;
            let own = argument.shape.len();
            let order: Vec<usize> = (own..own + rank).chain(0..own).collect();
            parts.push(self.graph.permute(forwards, &order));
        }
        Ok(parts)
    }

    pub fn gradient<T: Real>(&mut self) -> Result<Ready<T>, FunctionError> {
        let mut nodes = vec![self.value];
        nodes.extend(self.all_derivatives()?);
        Ready::new(self.program(&self.inputs(), &nodes)?, &[1, self.arguments.len()], self.how)
    }

    pub fn jacobian<T: Real>(&mut self) -> Result<Ready<T>, FunctionError> {
        let parts = self.all_derivatives()?;
        let rows = self.shape.len();
        let joined = self.beside(&parts, rows)?;
        self.matrix(joined)
    }

    pub fn hessian<T: Real>(&mut self) -> Result<Ready<T>, FunctionError> {
        let firsts = self.derivatives(self.value)?;
        let joined = match &firsts[..] {
            // One argument: the Hessian lies as it is.
            [gradient] => {
                let symbol = self.arguments[0].symbol;
                self.derivative(*gradient, symbol)?
            }
            _ => {
                let gradient = self.beside(&firsts, 0)?;
                let parts = self.derivatives(gradient)?;
                self.beside(&parts, 1)?
            }
        };
        self.matrix(joined)
    }

    fn matrix<T: Real>(&mut self, node: NodeId) -> Result<Ready<T>, FunctionError> {
        let node = distribute_sparse(&mut self.graph, node);
        Ready::new(self.program(&self.inputs(), &[node])?, &[1], self.how)
    }

    pub fn sparse_jacobian<T: Real>(&mut self) -> Result<Nonzeros<T>, FunctionError> {
        let rows = self.shape.iter().product();
        let parts = self.all_derivatives()?;
        let mut blocks = Vec::with_capacity(parts.len());
        let mut column = 0;
        for (part, columns) in parts.into_iter().zip(self.lengths()) {
            blocks.push((part, Block { row: 0, column, columns, mirrored: false }));
            column += columns;
        }
        self.nonzeros([rows, column], blocks)
    }

    /// The blocks by two arguments on and above the diagonal; those below are their transposes.
    pub fn sparse_hessian<T: Real>(&mut self) -> Result<Nonzeros<T>, FunctionError> {
        let firsts = self.derivatives(self.value)?;
        let symbols: Vec<SymbolId> = self.arguments.iter().map(|a| a.symbol).collect();
        let lengths = self.lengths();
        let mut blocks = Vec::new();
        let mut row = 0;
        for (i, first) in firsts.into_iter().enumerate() {
            let mut column = row;
            for j in i..symbols.len() {
                let part = self.derivative(first, symbols[j])?;
                blocks.push((part, Block { row, column, columns: lengths[j], mirrored: j > i }));
                column += lengths[j];
            }
            row += lengths[i];
        }
        self.nonzeros([row, row], blocks)
    }

    /// The matrix of this shape that is made of blocks.
    fn nonzeros<T: Real>(
        &mut self,
        shape: [usize; 2],
        blocks: Vec<(NodeId, Block)>,
    ) -> Result<Nonzeros<T>, FunctionError> {
        let (mut nodes, mut places) = (Vec::new(), Vec::new());
        for (node, place) in blocks {
            if !self.graph.is_zero(node) {
                nodes.push(distribute_sparse(&mut self.graph, node));
                places.push(place);
            }
        }
        let program = self.program(&self.inputs(), &nodes)?;
        Nonzeros::new(&program, shape, &places, self.how)
    }

    /// How many numbers each argument has.
    fn lengths(&self) -> Vec<usize> {
        self.arguments.iter().map(Argument::len).collect()
    }

    fn point_len(&self) -> usize {
        self.lengths().iter().sum()
    }

    /// `d/dx (g'*v)`: as cheap as a gradient.
    pub fn hessian_vector<T: Real>(&mut self) -> Result<Ready<T>, FunctionError> {
        let firsts = self.derivatives(self.value)?;
        let mut inputs = self.inputs();
        let given = inputs.split_off(self.arguments.len());
        let mut terms = Vec::with_capacity(firsts.len());
        for (first, argument) in firsts.iter().zip(self.arguments.clone()) {
            let shape = self.graph.shape(*first).clone();
            let name = format_smolstr!("v_{}", argument.name);
            let vector = self.graph.anonymous_tensor(&name, Facts::REAL, shape.clone());
            let labels: Labels = (0..shape.len() as u8).collect();
            let factor = |node| Factor { node, labels: labels.clone(), exponent: Rational::ONE };
            let factors = vec![factor(*first), factor(vector)];
            let term = self.graph.contract(Rational::ONE, factors, Labels::new(), shape.to_vec());
            terms.push((Rational::ONE, term));
            if let Some(symbol) = self.graph.as_symbol(vector) {
                inputs.push((name, symbol));
            }
        }
        inputs.extend(given);
        let along = self.graph.sum(&terms);
        let parts = self.derivatives(along)?;
        let program = self.program(&inputs, &parts)?;
        Ready::new(program, &[parts.len()], self.how)
    }

    /// Derivatives by all arguments as one tensor: `front` axes of what was differentiated, and one axis behind for all
    /// numbers of the point.
    fn beside(&mut self, parts: &[NodeId], front: usize) -> Result<NodeId, FunctionError> {
        let lengths = self.lengths();
        let total = self.graph.integer(lengths.iter().sum::<usize>() as i64);
        let mut terms = Vec::with_capacity(parts.len());
        let mut offset = 0usize;
        for ((part, argument), length) in parts.iter().zip(self.arguments.clone()).zip(&lengths) {
            let mut sizes: Vec<NodeId> = self.graph.shape(*part).to_vec();
            let rank = sizes.len();
            // The place of an entry along the axis behind, from 1: offset + the indices times how far they step.
            let mut index = self.graph.integer(offset as i64 + 1);
            let own = &sizes[front..];
            let own: smallvec::SmallVec<[NodeId; 2]> = own.iter().copied().collect();
            if !own.is_empty() {
                let mut sum = Vec::new();
                let first =
                    self.graph.integer(offset as i64 + 1 - strides(&argument.shape).iter().sum::<i64>());
                sum.push((Rational::ONE, self.graph.broadcast(first, &own)));
                for (axis, stride) in strides(&argument.shape).into_iter().enumerate() {
                    let iota = self.graph.iota(own[axis]);
                    let spread = self.graph.expand(iota, &[axis], &own);
                    sum.push((Rational::from(stride), spread));
                }
                index = self.graph.sum(&sum);
            }
            let hot = self.graph.one_hot(index, total);
            let mut hot_labels: Labels = (front as u8..rank as u8).collect();
            hot_labels.push(rank as u8);
            let factors = vec![
                Factor { node: *part, labels: (0..rank as u8).collect(), exponent: Rational::ONE },
                Factor { node: hot, labels: hot_labels, exponent: Rational::ONE },
            ];
            sizes.push(total);
            let mut out: Labels = (0..front as u8).collect();
            out.push(rank as u8);
            let term = self.graph.contract(Rational::ONE, factors, out, sizes);
            terms.push((Rational::ONE, term));
            offset += length;
        }
        Ok(self.graph.sum(&terms))
    }
}

fn strides(shape: &[usize]) -> Vec<i64> {
    let mut strides = vec![1i64; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as i64;
    }
    strides
}

/// The sizes of a node, where they are numbers.
///
/// # Errors
/// More numbers than can be addressed.
fn sizes(graph: &Graph, node: NodeId) -> Result<Option<Vec<usize>>, FunctionError> {
    let number = |size: &NodeId| graph.as_number(*size)?.as_integer().and_then(|n| usize::try_from(n).ok());
    let Some(shape) = graph.shape(node).iter().map(number).collect::<Option<Vec<usize>>>() else {
        return Ok(None);
    };
    let count = shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n));
    match count.filter(|count| *count <= MAX_ENTRIES) {
        Some(_) => Ok(Some(shape)),
        None => Err(LowerError::TooLarge(shape).into()),
    }
}

fn wrong(name: &str, reason: &str, hint: &str) -> Failure {
    let d =
        Diagnostic::error(Code::Name, format!("`{name}`: {reason}"), Span::new(0, name.len()), "this name");
    crate::session::failure(&[d.with_hint(hint)], "arguments")
}
