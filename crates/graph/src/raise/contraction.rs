//! A contraction as a formula: its factors as vectors and matrices, in matrix notation where it has one, else with
//! named indices.

use agnesi_syntax::{Binary, Relation};
use smallvec::SmallVec;

use super::Raiser;
use super::form::{Dims, Form, Id};
use super::product::Product;
use super::search::{Item, ItemLabels};
use crate::Rational;
use crate::op::{Contract, Factor, Label, Labels, NodeId, Op};

/// Where a label stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Along an axis of its own.
    Free,
    /// At an index.
    At(Id),
    /// At each of a vector of indices, which has another label.
    Along(Id, Label),
}

/// What is known of the labels of a contraction while it is written.
#[derive(Clone)]
pub(super) struct Labelled {
    pub places: Vec<Place>,
    /// The labels of the axes that are left.
    pub free: Labels,
    /// Conditions where the contraction is not zero.
    pub guards: Vec<Id>,
    /// The factors that places and guards stand for.
    pub used: Vec<bool>,
}

/// Why a contraction could not be written as it is.
pub(super) enum Stuck {
    /// This summed label needs a name.
    Name(Label),
    /// An axis of the result needs one.
    Axis,
}

impl Raiser<'_> {
    /// A contraction with some of its axes at indices. `None` if more of them need to be.
    pub(super) fn contraction(&mut self, c: &Contract, binds: &[Option<Id>]) -> Option<Product> {
        let mut labelled = Labelled {
            places: vec![Place::Free; c.sizes.len()],
            free: Labels::new(),
            guards: Vec::new(),
            used: vec![false; c.factors.len()],
        };
        let mut deltas = Vec::new();
        for (&l, bind) in c.out.iter().zip(binds) {
            match (bind, labelled.places[l as usize]) {
                (Some(index), Place::At(first)) if first != *index => {
                    deltas.push(self.forms.make(Form::Compare(Relation::Equal, first, *index), Dims::Scalar));
                }
                (Some(index), _) => labelled.places[l as usize] = Place::At(*index),
                (None, _) => labelled.free.push(l),
            }
        }
        let mixed = labelled.free.iter().any(|l| labelled.places[*l as usize] != Place::Free);
        if mixed || labelled.free.len() > 2 {
            return None;
        }
        // What is zero for some indices has all of them named: zero has no axes.
        if !deltas.is_empty() && !labelled.free.is_empty() {
            return None;
        }
        let mut product = self.scalars_of(c);
        let body = self.summed(c, labelled)?;
        product.tensor = product.absorb(body);
        Some(self.guarded(deltas, product))
    }

    /// The number and the scalar factors.
    fn scalars_of(&mut self, c: &Contract) -> Product {
        let mut product = Product::one();
        product.scale(&c.coefficient);
        let mut scalars: Vec<&Factor> = c.factors.iter().filter(|f| f.labels.is_empty()).collect();
        scalars.sort_by_cached_key(|f| (self.is_tensorial(f.node), self.reading_order(f.node)));
        for f in scalars {
            let form = self.form(f.node);
            self.multiply_by(&mut product, form, &f.exponent);
        }
        product
    }

    /// Takes a scalar to a power into a product.
    fn multiply_by(&mut self, product: &mut Product, form: Id, e: &Rational) {
        if e.is_one() {
            let split = self.forms.split(form);
            product.absorb(split);
            return;
        }
        let power = self.forms.power(form, &e.abs());
        if e.is_negative() { product.below.push(power) } else { product.above.push(power) }
    }

    /// `if conditions then product else 0`.
    fn guarded(&mut self, guards: Vec<Id>, product: Product) -> Product {
        let condition = match guards[..] {
            [] => return product,
            [only] => only,
            _ => self.forms.make(Form::Both(Binary::And, guards.into()), Dims::Scalar),
        };
        let body = self.forms.build(&product);
        let zero = self.forms.number(Rational::ZERO);
        let dims = self.forms.dims(body);
        let branch = self.forms.make(Form::If(condition, body, zero), dims);
        self.forms.split(branch)
    }

    /// The factors with labels, summed.
    fn summed(&mut self, c: &Contract, mut before: Labelled) -> Option<Product> {
        let mut labelled = before.clone();
        let stuck = match self.place_indices(c, &mut labelled) {
            Ok(()) if !labelled.guards.is_empty() && !labelled.free.is_empty() => return None,
            Ok(()) => match self.items(c, &labelled) {
                Ok((product, items)) => match self.joined_items(c, &labelled, product, items) {
                    Ok(product) => return Some(self.guarded(labelled.guards, product)),
                    Err(stuck) => stuck,
                },
                Err(stuck) => stuck,
            },
            Err(stuck) => stuck,
        };
        let Stuck::Name(label) = stuck else { return None };
        // Where nothing else helps, a summed label gets a name, and all others are placed anew.
        let i = self.indices;
        self.indices += 1;
        let name = self.forms.make(Form::Index(i), Dims::Scalar);
        before.places[label as usize] = Place::At(name);
        let inner = self.summed(c, before);
        self.indices -= 1;
        let inner = inner?;
        let size = self.scalar(c.sizes[label as usize]);
        // What does not depend on it stands before the sum.
        let open = |r: &Self, id: &Id| r.forms.info(*id).open & (1 << i) != 0;
        let mut outside =
            Product { negative: inner.negative, number: inner.number.clone(), ..Product::one() };
        let mut inside = Product { tensor: inner.tensor, ..Product::one() };
        for id in inner.above {
            if open(self, &id) { inside.above.push(id) } else { outside.above.push(id) }
        }
        for id in inner.below {
            if open(self, &id) { inside.below.push(id) } else { outside.below.push(id) }
        }
        let body = self.forms.build(&inside);
        let dims = self.forms.dims(body);
        let sum = self.forms.make(Form::Over("sum", i, size, body), dims);
        if dims == Dims::Scalar {
            outside.above.push(sum)
        } else {
            outside.tensor = Some(sum)
        }
        Some(outside)
    }

    /// The factors as vectors and matrices, and those that are scalars at their indices.
    fn items(&mut self, c: &Contract, labelled: &Labelled) -> Result<(Product, Vec<Item>), Stuck> {
        let mut product = Product::one();
        let mut items = Vec::new();
        let turned = self.turned_factors(c);
        for (at, f) in c.factors.iter().enumerate() {
            if f.labels.is_empty() || labelled.used[at] {
                continue;
            }
            let (mut entry, labels) = self.factor(c, f, labelled)?;
            if turned.contains(&at)
                && let Some(other) = self.forms.turned(entry).first()
            {
                entry = *other;
            }
            if labels.is_empty() {
                self.multiply_by(&mut product, entry, &f.exponent);
                continue;
            }
            let mut form = entry;
            if f.exponent.is_one() {
                let split = self.forms.split(entry);
                match product.absorb(split) {
                    Some(tensor) => form = tensor,
                    None => continue,
                }
            } else {
                form = self.forms.power(form, &f.exponent.abs());
            }
            items.push(Item { form, labels, below: f.exponent.is_negative() });
        }
        Ok((product, items))
    }

    /// The differences under even powers, which are to stand as they first came.
    fn turned_factors(&self, c: &Contract) -> Vec<usize> {
        let even = |f: &Factor| f.exponent.is_integer() && f.exponent.numerator_even();
        let factors = c.factors.iter().enumerate().filter(|(_, f)| even(f));
        factors
            .filter(|(_, f)| matches!(self.g.op(f.node), Op::Add(sum) if sum.flipped))
            .map(|(at, _)| at)
            .collect()
    }

    /// One factor at the places of its labels, and the labels that are left.
    fn factor(&mut self, c: &Contract, f: &Factor, labelled: &Labelled) -> Result<(Id, ItemLabels), Stuck> {
        let place = |l: &Label| labelled.places[*l as usize];
        let mut labels: SmallVec<[Label; 4]> = SmallVec::new();
        let mut binds: Vec<Option<Id>> = Vec::new();
        let mut gathered = false;
        for l in &f.labels {
            match place(l) {
                Place::Free => {
                    labels.push(*l);
                    binds.push(None);
                }
                Place::At(index) => binds.push(Some(index)),
                Place::Along(index, label) => {
                    gathered = true;
                    labels.push(label);
                    binds.push(Some(index));
                }
            }
        }
        let summed = |labels: &[Label]| labels.iter().copied().find(|l| !c.out.contains(l));
        let stuck = |labels: &[Label]| summed(labels).map_or(Stuck::Axis, Stuck::Name);
        if labels.len() > 2
            || (gathered && self.g.shape(f.node).len() > 2 && self.g.as_symbol(f.node).is_none())
        {
            return Err(stuck(&labels));
        }
        let entry = if gathered {
            let dims = Dims::of_rank(labels.len());
            let base = match self.g.as_symbol(f.node) {
                Some(symbol) => {
                    let name = self.g.symbol_info(symbol).name.clone();
                    self.forms.name(&name, Dims::of_rank(f.labels.len()))
                }
                None => self.form(f.node),
            };
            Some(self.at(base, &binds, dims))
        } else {
            self.entry(f.node, &binds)
        };
        match entry {
            Some(entry) => Ok((entry, labels.into_iter().collect())),
            None => Err(stuck(&labels)),
        }
    }

    /// The items as one tensor of the axes that are left.
    fn joined_items(
        &mut self,
        c: &Contract,
        labelled: &Labelled,
        mut product: Product,
        items: Vec<Item>,
    ) -> Result<Product, Stuck> {
        let mut out = labelled.free.clone();
        out.dedup();
        // A label that only a tensor of ones had counts its size.
        for l in 0..c.sizes.len() as Label {
            let summed = !c.out.contains(&l) && labelled.places[l as usize] == Place::Free;
            if summed && !items.iter().any(|i| i.labels.contains(&l)) {
                let size = self.scalar(c.sizes[l as usize]);
                self.multiply_by(&mut product, size, &Rational::ONE);
            }
        }
        let Some(found) = self.forms.search(items.clone(), &out) else {
            // The label that most items have is in the way.
            let count = |l: &Label| items.iter().filter(|i| i.labels.contains(l)).count();
            let summed = items.iter().flat_map(|i| i.labels.iter().copied()).filter(|l| !c.out.contains(l));
            let worst = summed.max_by_key(|l| (count(l), std::cmp::Reverse(*l)));
            return Err(worst.map_or(Stuck::Axis, Stuck::Name));
        };
        for (scalar, below) in found.scalars {
            let e = if below { Rational::MINUS_ONE } else { Rational::ONE };
            self.multiply_by(&mut product, scalar, &e);
        }
        let size = |l: Label| c.sizes[l as usize];
        let item = found.item;
        product.tensor = match (labelled.free.as_slice(), item) {
            (&[], _) => None,
            (&[_], Some(item)) => Some(self.forms.above(&item)),
            (&[i], None) => Some(self.constant("ones", &[size(i)])),
            (&[i, j], item) if i == j => Some(match item {
                Some(item) => {
                    let v = self.forms.above(&item);
                    self.forms.call("diag", &[v], Dims::Matrix)
                }
                None => self.constant("eye", &[size(i)]),
            }),
            (&[i, j], Some(item)) => {
                let form = self.forms.above(&item);
                Some(match item.labels[..] {
                    [a] if a == i => {
                        let ones = self.constant("ones", &[size(j)]);
                        let row = self.forms.transpose(ones);
                        self.forms.times(form, row, Dims::Matrix)
                    }
                    [_] => {
                        let ones = self.constant("ones", &[size(i)]);
                        let row = self.forms.transpose(form);
                        self.forms.times(ones, row, Dims::Matrix)
                    }
                    [a, _] if a == i => form,
                    _ => self.forms.transpose(form),
                })
            }
            (&[i, j], None) => Some(self.constant("ones", &[size(i), size(j)])),
            _ => return Err(Stuck::Axis),
        };
        Ok(product)
    }

    /// `ones(n)`, `zeros(n, m)`, `eye(n)`.
    pub(super) fn constant(&mut self, name: &str, sizes: &[NodeId]) -> Id {
        let args: Vec<Id> = sizes.iter().map(|s| self.scalar(*s)).collect();
        let dims = if name == "eye" { Dims::Matrix } else { Dims::of_rank(sizes.len()) };
        self.forms.call(name, &args, dims)
    }

    /// Whether a node is or contains a tensor.
    pub(super) fn is_tensorial(&mut self, node: NodeId) -> bool {
        if !self.g.is_scalar(node) || self.tensorial.contains(&node) {
            return true;
        }
        // What writing has made is newer than what was looked at.
        node.index() >= self.scanned && self.find_tensors(node)
    }

    /// Whether a factor is a tensor of ones at indices.
    pub(super) fn is_one_hot(&self, f: &Factor) -> bool {
        matches!(self.g.op(f.node), Op::OneHot(..)) && f.exponent.is_positive()
    }
}
