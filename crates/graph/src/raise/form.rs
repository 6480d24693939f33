//! The pieces that formulas in matrix notation are put together from, each once, with its length in tokens.
//!
//! The search for a short formula makes many candidates. Here equal ones are one, and comparing their lengths is
//! comparing two numbers; only what is chosen becomes a tree.

use agnesi_syntax::{Binary, Relation, TreeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Style;
use super::loops::LoopForm;
use super::product::Product;
use crate::Rational;

/// A piece of a formula.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Id(pub u32);

/// What a piece stands for in matrix notation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dims {
    Scalar,
    Column,
    Row,
    Matrix,
}

impl Dims {
    /// A node of so many axes; what has more than two is only ever indexed.
    pub fn of_rank(rank: usize) -> Dims {
        match rank {
            0 => Dims::Scalar,
            1 => Dims::Column,
            _ => Dims::Matrix,
        }
    }

    pub fn transposed(self) -> Dims {
        match self {
            Dims::Column => Dims::Row,
            Dims::Row => Dims::Column,
            Dims::Scalar | Dims::Matrix => self,
        }
    }
}

/// How a factor is joined to those before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Glue {
    /// `*`
    Mul,
    /// `/` by a scalar.
    Div,
    /// `.*`
    Times,
    /// `./`
    Over,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Form {
    /// A scalar that is in the tree already.
    Written(TreeId),
    Name(SmolStr),
    /// The index of this number.
    Index(u8),
    /// Not negative.
    Number(Rational),
    Neg(Id),
    /// Terms, each with whether it is subtracted.
    Sum(Box<[(bool, Id)]>),
    /// Factors from left to right.
    Chain(Box<[(Glue, Id)]>),
    Prime(Id),
    /// `a^b`, or entry by entry `a.^b`.
    Power(Id, Id, bool),
    /// A function, and whether it works entry by entry.
    Call(SmolStr, Box<[Id]>, bool),
    At(Id, Box<[Id]>),
    Colon,
    Range(Id, Id),
    /// `[body for i in 1..n, ...]`
    For(Id, Box<[(u8, Id)]>),
    /// `sum(k in 1..n, body)`
    Over(&'static str, u8, Id, Id),
    If(Id, Id, Id),
    Compare(Relation, Id, Id),
    Both(Binary, Box<[Id]>),
    Not(Id),
    /// `fold(h = h0, t in 1..n, body)`
    Loop(Box<LoopForm<Id>>),
}

/// What is known of a piece.
#[derive(Clone, Copy)]
pub(super) struct Info {
    /// Its length in tokens, without brackets around it.
    pub cost: u32,
    /// How tightly it binds.
    pub level: u8,
    pub dims: Dims,
    /// The indices that are free in it, and behind them the names that a loop around it binds, a bit each.
    pub open: u64,
    /// The indices that run within it.
    pub bound: u64,
    pub symmetric: bool,
}

pub(super) const IF: u8 = 2;
pub(super) const OR: u8 = 3;
pub(super) const AND: u8 = 4;
pub(super) const NOT: u8 = 5;
pub(super) const COMPARE: u8 = 6;
pub(super) const RANGE: u8 = 7;
pub(super) const ADD: u8 = 8;
pub(super) const MUL: u8 = 9;
pub(super) const PREFIX: u8 = 10;
pub(super) const POW: u8 = 11;
pub(super) const POSTFIX: u8 = 12;
pub(super) const ATOM: u8 = 13;

/// The bit of [`Info::open`] that is shared by all bound names for which there is none of their own.
const LAST_BOUND: u64 = 1 << 63;

pub(super) struct Forms {
    forms: Vec<Form>,
    infos: Vec<Info>,
    ids: FxHashMap<Form, Id>,
    pub style: Style,
    /// The products among them, taken apart.
    pub products: FxHashMap<Id, Product>,
    transposes: FxHashMap<Id, Id>,
    /// Differences that first came with the opposite sign.
    pub flipped: FxHashSet<Id>,
    /// The pieces that are replaced by names.
    pub names: FxHashMap<Id, SmolStr>,
    /// The names that loops bind, in order.
    bound: Vec<SmolStr>,
}

impl Forms {
    pub fn new(style: Style) -> Forms {
        Forms {
            forms: Vec::new(),
            infos: Vec::new(),
            ids: FxHashMap::default(),
            style,
            products: FxHashMap::default(),
            transposes: FxHashMap::default(),
            flipped: FxHashSet::default(),
            names: FxHashMap::default(),
            bound: Vec::new(),
        }
    }

    pub fn get(&self, id: Id) -> &Form {
        &self.forms[id.0 as usize]
    }

    pub fn info(&self, id: Id) -> Info {
        self.infos[id.0 as usize]
    }

    pub fn cost(&self, id: Id) -> u32 {
        self.info(id).cost
    }

    pub fn dims(&self, id: Id) -> Dims {
        self.info(id).dims
    }

    pub fn is_scalar(&self, id: Id) -> bool {
        self.dims(id) == Dims::Scalar
    }

    /// Its length where something stands that binds as tightly as `level`.
    pub fn inside(&self, id: Id, level: u8) -> u32 {
        let info = self.info(id);
        info.cost + if info.level < level { 2 } else { 0 }
    }

    /// Notes a name that a loop binds: what mentions it stays inside.
    pub fn note_bound(&mut self, name: &SmolStr) {
        if !self.bound.contains(name) {
            self.bound.push(name.clone());
        }
    }

    fn bound_bit(&self, name: &SmolStr) -> u64 {
        let place = self.bound.iter().position(|bound| bound == name);
        place.map_or(0, |at| 1 << (32 + at.min(31)))
    }

    /// Notes that bound names stand in what is written.
    pub fn mark_bound(&mut self, id: Id, names: &[SmolStr]) {
        let bits = names.iter().fold(0, |all, name| all | self.bound_bit(name));
        self.infos[id.0 as usize].open |= bits;
    }

    pub fn mark_symmetric(&mut self, id: Id) {
        self.infos[id.0 as usize].symmetric = true;
    }

    /// The piece of this form; the same one for the same form.
    pub fn make(&mut self, form: Form, dims: Dims) -> Id {
        if let Some(&id) = self.ids.get(&form) {
            return id;
        }
        let (cost, level) = self.measure(&form);
        self.intern(form, dims, cost, level)
    }

    /// A scalar that is written in a tree, with its length.
    pub fn written(&mut self, id: TreeId, cost: u32, level: u8) -> Id {
        let form = Form::Written(id);
        match self.ids.get(&form) {
            Some(&id) => id,
            None => self.intern(form, Dims::Scalar, cost, level),
        }
    }

    fn intern(&mut self, form: Form, dims: Dims, cost: u32, level: u8) -> Id {
        let mut open: u64 = match &form {
            Form::Index(i) => 1 << i,
            Form::Name(name) => self.bound_bit(name),
            _ => 0,
        };
        let mut bound: u64 = 0;
        children(&form, |child| {
            open |= self.info(child).open;
            bound |= self.info(child).bound;
        });
        for i in binders(&form) {
            open &= !(1 << i);
            bound |= 1 << i;
        }
        if let Form::Loop(made) = &form {
            made.bound().for_each(|name| open &= !(self.bound_bit(name) & !LAST_BOUND));
        }
        let symmetric =
            matches!(&form, Form::Call(name, _, false) if matches!(name.as_str(), "diag" | "eye"));
        let id = Id(self.forms.len() as u32);
        self.forms.push(form.clone());
        self.infos.push(Info { cost, level, dims, open, bound, symmetric });
        self.ids.insert(form, id);
        id
    }

    fn measure(&self, form: &Form) -> (u32, u8) {
        let list = |ids: &[Id]| {
            ids.iter().map(|a| self.cost(*a)).sum::<u32>() + (ids.len() as u32).saturating_sub(1)
        };
        match form {
            Form::Written(_) => (1, ATOM),
            Form::Name(_) | Form::Index(_) | Form::Colon => (1, ATOM),
            Form::Number(value) if value.is_integer() => (1, ATOM),
            Form::Number(value) if self.style.decimals && value.to_decimal().is_some() => (1, ATOM),
            Form::Number(_) => (3, MUL),
            // A sign before anything but the first term needs brackets.
            Form::Neg(x) => (1 + self.inside(*x, MUL), ADD),
            Form::Sum(terms) => {
                let signs = terms.len() as u32 - 1 + u32::from(terms[0].0);
                (signs + terms.iter().map(|(_, t)| self.inside(*t, MUL)).sum::<u32>(), ADD)
            }
            Form::Chain(factors) => (self.chain_cost(factors), self.chain_level(factors)),
            Form::Prime(x) => (1 + self.inside(*x, POSTFIX), POSTFIX),
            Form::Power(a, b, _) => (1 + self.inside(*a, POSTFIX) + self.inside(*b, POW), POW),
            // A diagonal of a product says a sum in a roundabout way.
            Form::Call(name, args, _) => (3 + list(args) + 2 * u32::from(name == "diagpart"), POSTFIX),
            Form::At(base, slots) => (2 + self.inside(*base, POSTFIX) + list(slots), POSTFIX),
            Form::Range(a, b) => (1 + self.inside(*a, ADD) + self.inside(*b, ADD), RANGE),
            Form::For(body, binders) => {
                let each: u32 = binders.iter().map(|(_, n)| 5 + self.inside(*n, ADD)).sum();
                (2 + self.inside(*body, IF) + each, ATOM)
            }
            Form::Over(_, _, size, body) => (8 + self.inside(*size, ADD) + self.cost(*body), POSTFIX),
            Form::If(c, a, b) => (3 + self.inside(*c, OR) + self.inside(*a, IF) + self.inside(*b, IF), IF),
            Form::Compare(_, a, b) => (1 + self.inside(*a, RANGE) + self.inside(*b, RANGE), COMPARE),
            Form::Both(op, list) => {
                let level = if *op == Binary::And { AND } else { OR };
                let operands: u32 = list.iter().map(|a| self.inside(*a, level)).sum();
                (operands + list.len() as u32 - 1, level)
            }
            Form::Not(a) => (1 + self.inside(*a, NOT), NOT),
            Form::Loop(made) => (12 + made.parts().map(|part| self.cost(*part) + 1).sum::<u32>(), POSTFIX),
        }
    }

    fn chain_cost(&self, factors: &[(Glue, Id)]) -> u32 {
        let mut cost = 0;
        for (at, (run, _, id)) in self.runs(factors).into_iter().enumerate() {
            // `(v.*u)*x'` is what `diag(v)*u*x'` means.
            let next = factors.get(at + 1).filter(|_| run == 1);
            if next.is_some_and(|(glue, u)| *glue == Glue::Mul && self.dims(*u) == Dims::Column)
                && matches!(self.get(id), Form::Call(name, ..) if name == "diag")
            {
                cost += 2;
            }
            cost += match (run, at) {
                (1, 0) => self.inside(id, MUL),
                (1, _) => 1 + self.inside(id, PREFIX),
                (_, at) => u32::from(at > 0) + self.inside(id, POSTFIX) + 2,
            };
        }
        cost
    }

    fn chain_level(&self, factors: &[(Glue, Id)]) -> u8 {
        if self.runs(factors).len() == 1 { POW } else { MUL }
    }

    /// Equal matrices side by side, which are written as a power.
    pub fn runs(&self, factors: &[(Glue, Id)]) -> Vec<(usize, Glue, Id)> {
        let mut runs: Vec<(usize, Glue, Id)> = Vec::with_capacity(factors.len());
        for (at, &(glue, id)) in factors.iter().enumerate() {
            let repeats = glue == Glue::Mul && at > 0 && self.dims(id) == Dims::Matrix;
            match runs.last_mut() {
                Some((run, before, last)) if repeats && *last == id && *before == Glue::Mul => *run += 1,
                _ => runs.push((1, glue, id)),
            }
        }
        runs
    }

    /// Whether a vector or matrix is put together from one that is given entry by entry.
    pub fn has_entries(&self, id: Id) -> bool {
        match self.get(id) {
            Form::For(..) => true,
            Form::Neg(a) | Form::Prime(a) | Form::At(a, _) => self.has_entries(*a),
            Form::Sum(terms) => terms.iter().any(|(_, t)| self.has_entries(*t)),
            Form::Chain(factors) => factors.iter().any(|(_, f)| self.has_entries(*f)),
            _ => false,
        }
    }

    // Short forms.

    pub fn name(&mut self, name: &str, dims: Dims) -> Id {
        self.make(Form::Name(SmolStr::new(name)), dims)
    }

    pub fn number(&mut self, value: Rational) -> Id {
        if value.is_negative() {
            let magnitude = self.make(Form::Number(-&value), Dims::Scalar);
            return self.make(Form::Neg(magnitude), Dims::Scalar);
        }
        self.make(Form::Number(value), Dims::Scalar)
    }

    pub fn call(&mut self, name: &str, args: &[Id], dims: Dims) -> Id {
        self.make(Form::Call(SmolStr::new(name), args.into(), false), dims)
    }

    pub fn map(&mut self, name: &str, args: &[Id], dims: Dims) -> Id {
        self.make(Form::Call(SmolStr::new(name), args.into(), true), dims)
    }

    /// The transpose, inside or outside by length.
    pub fn transpose(&mut self, id: Id) -> Id {
        let info = self.info(id);
        if info.dims == Dims::Scalar || info.symmetric {
            return id;
        }
        if let Some(&known) = self.transposes.get(&id) {
            return known;
        }
        let dims = info.dims.transposed();
        let inside = match self.get(id).clone() {
            Form::Prime(x) => Some(x),
            Form::Neg(x) => {
                let x = self.transpose(x);
                Some(self.make(Form::Neg(x), dims))
            }
            Form::Sum(terms) => {
                let terms = terms.iter().map(|(s, t)| (*s, self.transpose(*t))).collect();
                Some(self.make(Form::Sum(terms), dims))
            }
            Form::Chain(factors) => Some(match self.products.get(&id).cloned() {
                // Scalars, of which `u'*v` may be one, stay as they are.
                Some(mut product) if product.tensor.is_some_and(|t| t != id) => {
                    product.tensor = product.tensor.map(|t| self.transpose(t));
                    self.build(&product)
                }
                _ => self.transpose_chain(&factors, dims),
            }),
            Form::Power(a, b, true) => {
                let (a, b) = (self.transpose(a), self.transpose(b));
                Some(self.make(Form::Power(a, b, true), dims))
            }
            Form::Call(name, args, entrywise) if entrywise || name == "inv" => {
                let args = args.iter().map(|a| self.transpose(*a)).collect();
                Some(self.make(Form::Call(name, args, entrywise), dims))
            }
            Form::Call(name, args, false) if matches!(name.as_str(), "ones" | "zeros") && args.len() == 2 => {
                Some(self.call(&name, &[args[1], args[0]], dims))
            }
            _ => None,
        };
        // A lone name, however often primed, is not longer inside: exp(x)' rather than exp(x').
        let outside = self.make(Form::Prime(id), dims);
        let pushed = matches!(self.get(id), Form::Sum(_) | Form::Chain(_) | Form::Neg(_));
        let result = match inside {
            Some(x)
                if self.cost(x) < self.cost(outside) || (pushed && self.cost(x) == self.cost(outside)) =>
            {
                x
            }
            _ => outside,
        };
        self.transposes.insert(id, result);
        self.transposes.entry(result).or_insert(id);
        result
    }

    fn transpose_chain(&mut self, factors: &[(Glue, Id)], dims: Dims) -> Id {
        let Some((&(glue, last), before)) = factors.split_last() else { return Id(0) };
        if before.is_empty() {
            return self.transpose(last);
        }
        let turned = self.transpose(last);
        let inner = self.dims_of(before);
        if inner == Dims::Scalar {
            // `x'*y*A`: a number in front.
            let number = self.chain(before, inner);
            return match glue {
                Glue::Mul => self.times(number, turned, dims),
                _ => self.glue(glue, number, turned, dims),
            };
        }
        let rest = self.transpose_chain(before, inner.transposed());
        // Scalars stay where they are: in front, or below.
        let scalar = self.is_scalar(last) || self.is_scalar(rest);
        match glue {
            Glue::Mul if !scalar => self.times(turned, rest, dims),
            _ => self.glue(glue, rest, turned, dims),
        }
    }
}

/// The indices that run in a form.
pub(super) fn binders(form: &Form) -> Vec<u8> {
    match form {
        Form::For(_, binders) => binders.iter().map(|(i, _)| *i).collect(),
        Form::Over(_, i, ..) => vec![*i],
        _ => Vec::new(),
    }
}

/// Calls `visit` with the parts of a form.
pub(super) fn children(form: &Form, mut visit: impl FnMut(Id)) {
    match form {
        Form::Written(_) | Form::Name(_) | Form::Index(_) | Form::Number(_) | Form::Colon => {}
        Form::Neg(a) | Form::Prime(a) | Form::Not(a) => visit(*a),
        Form::Sum(terms) => terms.iter().for_each(|(_, t)| visit(*t)),
        Form::Chain(factors) => factors.iter().for_each(|(_, f)| visit(*f)),
        Form::Power(a, b, _) | Form::Range(a, b) | Form::Compare(_, a, b) => {
            visit(*a);
            visit(*b);
        }
        Form::Call(_, args, _) | Form::Both(_, args) => args.iter().for_each(|a| visit(*a)),
        Form::At(base, slots) => {
            visit(*base);
            slots.iter().for_each(|s| visit(*s));
        }
        Form::For(body, binders) => {
            visit(*body);
            binders.iter().for_each(|(_, n)| visit(*n));
        }
        Form::Over(_, _, size, body) => {
            visit(*size);
            visit(*body);
        }
        Form::If(c, a, b) => [c, a, b].into_iter().for_each(|x| visit(*x)),
        Form::Loop(made) => made.parts().for_each(|part| visit(*part)),
    }
}
