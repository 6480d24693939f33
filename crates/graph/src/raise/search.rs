//! The search for a short matrix formula of a contraction.
//!
//! A state is a set of vectors and matrices whose axes carry labels; a move joins two of them as a product of
//! matrices, entry by entry, through a diagonal or as an outer product. The shortest states are kept.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::form::{Dims, Form, Forms, Glue, Id, MUL};
use crate::Rational;
use crate::op::Label;

pub(super) type ItemLabels = SmallVec<[Label; 2]>;

/// A vector or matrix with the labels of its axes; `below` if it divides entry by entry.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Item {
    pub form: Id,
    pub labels: ItemLabels,
    pub below: bool,
}

/// Scalars, each with whether it stands below.
pub(super) type Scalars = Vec<(Id, bool)>;

/// What a contraction is: scalars, each with whether it stands below, and at most one tensor.
#[derive(Clone)]
pub(super) struct Found {
    pub scalars: Scalars,
    pub item: Option<Item>,
}

#[derive(Clone)]
struct State {
    items: Vec<Item>,
    scalars: Scalars,
    cost: u32,
}

impl Forms {
    /// The shortest formula, or `None` where matrix notation has none. `out` are the labels that are kept.
    pub fn search(&mut self, items: Vec<Item>, out: &[Label]) -> Option<Found> {
        let mut first = State { items, scalars: Vec::new(), cost: 0 };
        if first.items.len() > 6 {
            self.join_alike(&mut first);
        }
        self.settle(&mut first, out);
        let width = match first.items.len() {
            0..=6 => 60,
            7..=9 => 16,
            10..=14 => 4,
            _ => 1,
        };
        let mut beam = vec![first];
        let mut best: Option<State> = None;
        while !beam.is_empty() {
            let mut next: Vec<State> = Vec::new();
            let mut seen: FxHashSet<(Vec<Item>, Scalars)> = FxHashSet::default();
            for state in beam {
                if state.items.len() <= 1 {
                    if best.as_ref().is_none_or(|b| state.cost < b.cost) {
                        best = Some(state);
                    }
                    continue;
                }
                for i in 0..state.items.len() {
                    for j in i + 1..state.items.len() {
                        for joined in self.joins(&state.items, i, j, out) {
                            let mut child = state.clone();
                            child.items.remove(j);
                            child.items[i] = joined;
                            self.settle(&mut child, out);
                            if seen.insert((child.items.clone(), child.scalars.clone())) {
                                next.push(child);
                            }
                        }
                    }
                }
            }
            next.sort_by_key(|s| s.cost);
            next.truncate(width);
            beam = next;
        }
        best.map(|state| Found { scalars: state.scalars, item: state.items.into_iter().next() })
    }

    /// Joins what has the same labels, where there is much to join.
    fn join_alike(&mut self, state: &mut State) {
        let mut i = 0;
        while i < state.items.len() {
            let mut j = i + 1;
            while j < state.items.len() {
                if let Some(joined) = self.entrywise(&state.items[i], &state.items[j]).into_iter().next() {
                    state.items[i] = joined;
                    state.items.remove(j);
                } else {
                    j += 1;
                }
            }
            i += 1;
        }
    }

    /// Does what needs no choice: sums over labels that only one item has, traces and diagonals.
    fn settle(&mut self, state: &mut State, out: &[Label]) {
        let mut at = 0;
        while at < state.items.len() {
            let item = state.items[at].clone();
            let alone = |l: Label| {
                !out.contains(&l)
                    && !state.items.iter().enumerate().any(|(i, other)| i != at && other.labels.contains(&l))
            };
            let changed = match item.labels[..] {
                [] => {
                    state.scalars.push((item.form, item.below));
                    state.items.remove(at);
                    continue;
                }
                [a] if alone(a) => {
                    let v = self.above(&item);
                    Some((self.total(v), ItemLabels::new()))
                }
                [a, b] if a == b => {
                    let m = self.above(&item);
                    Some(match alone(a) {
                        true => (self.call("tr", &[m], Dims::Scalar), ItemLabels::new()),
                        false => (self.call("diagpart", &[m], Dims::Column), ItemLabels::from_slice(&[a])),
                    })
                }
                [a, b] if alone(a) && alone(b) => {
                    let m = self.above(&item);
                    Some((self.total(m), ItemLabels::new()))
                }
                [a, b] if alone(b) => {
                    let m = self.above(&item);
                    Some((self.sum_along(m, 2), ItemLabels::from_slice(&[a])))
                }
                [a, b] if alone(a) => {
                    let m = self.above(&item);
                    Some((self.sum_along(m, 1), ItemLabels::from_slice(&[b])))
                }
                _ => None,
            };
            match changed {
                Some((form, labels)) => state.items[at] = Item { form, labels, below: false },
                None => at += 1,
            }
        }
        state.items.sort();
        state.scalars.sort();
        state.cost = state.items.iter().map(|i| self.inside(i.form, MUL) + u32::from(i.below)).sum::<u32>()
            + state.scalars.iter().map(|(id, _)| self.inside(*id, MUL)).sum::<u32>();
    }

    /// The item as it is when nothing stands above it: `1./x`.
    pub fn above(&mut self, item: &Item) -> Id {
        if !item.below {
            return item.form;
        }
        let one = self.number(Rational::ONE);
        let dims = self.dims(item.form);
        self.glue(Glue::Over, one, item.form, dims)
    }

    /// The sum of all entries.
    fn total(&mut self, id: Id) -> Id {
        let norm = if self.dims(id) == Dims::Matrix { "normF" } else { "norm2" };
        match self.get(id).clone() {
            Form::Power(v, two, true) if matches!(self.get(two), Form::Number(e) if *e == Rational::TWO) => {
                self.norm_power(norm, v, &Rational::TWO)
            }
            Form::Call(name, args, true) if name == "abs" => self.call("norm1", &[args[0]], Dims::Scalar),
            Form::Prime(x) if self.dims(id) == Dims::Matrix => self.total(x),
            _ => self.call("sum", &[id], Dims::Scalar),
        }
    }

    /// The sum over one axis of a matrix.
    fn sum_along(&mut self, id: Id, axis: i64) -> Id {
        let (id, axis) = match self.get(id) {
            Form::Prime(x) => (*x, 3 - axis),
            _ => (id, axis),
        };
        let axis = self.number(Rational::from(axis));
        self.call("sum", &[id, axis], Dims::Column)
    }

    /// All ways to join two items.
    fn joins(&mut self, items: &[Item], i: usize, j: usize, out: &[Label]) -> SmallVec<[Item; 2]> {
        let (a, b) = (&items[i], &items[j]);
        let mut found: SmallVec<[Item; 2]> = self.entrywise(a, b);
        let count = |l: Label| items.iter().filter(|item| item.labels.contains(&l)).count();
        for &l in &a.labels {
            if b.labels.contains(&l) && !out.contains(&l) && count(l) == 2 {
                found.extend(self.product(a, b, l));
            }
        }
        let shared = a.labels.iter().any(|l| b.labels.contains(l));
        match (&a.labels[..], &b.labels[..]) {
            (&[l], &[_, _]) if shared && (out.contains(&l) || count(l) > 2) => {
                found.push(self.through_diagonal(a, b, l))
            }
            (&[_, _], &[l]) if shared && (out.contains(&l) || count(l) > 2) => {
                found.push(self.through_diagonal(b, a, l))
            }
            (&[l], &[m]) if !shared => {
                let kept = out.contains(&l) && out.contains(&m);
                let met = items.iter().any(|item| item.labels.contains(&l) && item.labels.contains(&m));
                if kept || met {
                    let (u, v) = (self.above(a), self.above(b));
                    let row = self.transpose(v);
                    let form = self.times(u, row, Dims::Matrix);
                    found.push(Item { form, labels: ItemLabels::from_slice(&[l, m]), below: false });
                }
            }
            _ => {}
        }
        found
    }

    /// The item's form with its axes in this order.
    fn oriented(&mut self, item: &Item, first: Label) -> Id {
        let form = self.above(item);
        if item.labels[0] == first { form } else { self.transpose(form) }
    }

    /// The sum over a label that only these two have.
    fn product(&mut self, a: &Item, b: &Item, l: Label) -> Option<Item> {
        let rest = |item: &Item| item.labels.iter().copied().find(|m| *m != l);
        let plain = |item: &Item| item.labels.len() == 1 || item.labels[0] != item.labels[1];
        if !plain(a) || !plain(b) {
            return None;
        }
        let (form, labels): (Id, ItemLabels) = match (rest(a), rest(b)) {
            (Some(i), Some(j)) => {
                let (x, y) = (self.oriented(a, i), self.oriented(b, l));
                let form = self.times(x, y, Dims::Matrix);
                // Only the diagonal counts where both axes are one: the shorter of both readings.
                let turned = if i == j { self.transpose(form) } else { form };
                (
                    if self.cost(turned) < self.cost(form) { turned } else { form },
                    ItemLabels::from_slice(&[i, j]),
                )
            }
            (Some(i), None) => {
                let (x, v) = (self.oriented(a, i), self.above(b));
                (self.times(x, v, Dims::Column), ItemLabels::from_slice(&[i]))
            }
            (None, Some(j)) => {
                let (y, v) = (self.oriented(b, j), self.above(a));
                (self.times(y, v, Dims::Column), ItemLabels::from_slice(&[j]))
            }
            (None, None) => {
                let (u, v) = (self.above(a), self.above(b));
                let (row_u, row_v) = (self.transpose(u), self.transpose(v));
                let first = self.times(row_u, v, Dims::Scalar);
                let second = self.times(row_v, u, Dims::Scalar);
                (if self.cost(second) < self.cost(first) { second } else { first }, ItemLabels::new())
            }
        };
        Some(Item { form, labels, below: false })
    }

    /// `diag(v)*M` or `M*diag(v)`.
    fn through_diagonal(&mut self, v: &Item, m: &Item, l: Label) -> Item {
        let (entries, matrix) = (self.above(v), self.above(m));
        let diagonal = self.call("diag", &[entries], Dims::Matrix);
        let form = if m.labels[0] == l {
            self.times(diagonal, matrix, Dims::Matrix)
        } else {
            self.times(matrix, diagonal, Dims::Matrix)
        };
        Item { form, labels: m.labels.clone(), below: false }
    }

    /// Two items with the same labels, entry by entry.
    fn entrywise(&mut self, a: &Item, b: &Item) -> SmallVec<[Item; 2]> {
        let mut found = SmallVec::new();
        let same = a.labels == b.labels;
        let turned = a.labels.len() == 2 && b.labels.len() == 2 && a.labels[0] == b.labels[1];
        let turned = turned && a.labels[1] == b.labels[0];
        if !same && !turned {
            return found;
        }
        if same {
            found.push(self.hadamard(a, a.form, b, b.form, a.labels.clone()));
        } else {
            let other = self.transpose(b.form);
            found.push(self.hadamard(a, a.form, b, other, a.labels.clone()));
            let other = self.transpose(a.form);
            found.push(self.hadamard(a, other, b, b.form, b.labels.clone()));
        }
        found
    }

    fn hadamard(&mut self, a: &Item, x: Id, b: &Item, y: Id, labels: ItemLabels) -> Item {
        let dims = self.dims(x);
        let below = a.below && b.below;
        let form = match (a.below, b.below) {
            (false, true) => self.glue(Glue::Over, x, y, dims),
            (true, false) => self.glue(Glue::Over, y, x, dims),
            (false, false) | (true, true) => self.times_entrywise(x, y, dims),
        };
        Item { form, labels, below }
    }

    /// `x.*y` in one order, whatever came first: what needs brackets comes last.
    fn times_entrywise(&mut self, x: Id, y: Id, dims: Dims) -> Id {
        let (mut times, mut over) = (Vec::new(), Vec::new());
        for id in [x, y] {
            let factors = self.factors(id);
            if factors[1..].iter().all(|(glue, _)| matches!(glue, Glue::Times | Glue::Over)) {
                for (glue, factor) in factors {
                    if glue == Glue::Over { over.push(factor) } else { times.push(factor) }
                }
            } else {
                times.push(id);
            }
        }
        let key = |f: &Forms, id: &Id| (f.info(*id).level <= MUL, *id);
        times.sort_by_key(|id| key(self, id));
        over.sort();
        let times = times.into_iter().map(|f| (Glue::Times, f));
        let all: Vec<(Glue, Id)> = times.chain(over.into_iter().map(|f| (Glue::Over, f))).collect();
        match self.in_triangle(&all, dims) {
            Some(triangle) => triangle,
            None => self.chain(&all, dims),
        }
    }
}
