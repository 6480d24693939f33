//! The order in which the factors of a contraction are joined.
//!
//! Dynamic programming over subsets of factors; a join costs as many operations as it has trips. Beyond a few factors
//! the cheapest pair is joined again and again.

use agnesi_graph::{Contract, Labels, NodeId, Rational};
use smallvec::SmallVec;

use super::View;
use super::index::{Index, add_term};

/// Beyond this many factors subsets are not searched.
const MAX_SEARCHED: usize = 8;

/// A contraction in which the labels that slices settle are no loops: in `X[j + 1]*A[j]` the axis of `X` is one of `j`.
pub(super) struct Joint {
    /// Without the factors that say so.
    pub c: Contract,
    pub sizes: Vec<usize>,
    /// Of each label what settles it.
    pub settled: Vec<Option<Slice>>,
}

/// `offset + sum of stride * label`, counted from 0.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub offset: isize,
    pub terms: SmallVec<[(u8, isize); 2]>,
}

impl Joint {
    /// Whether no label is settled.
    pub fn is_plain(&self) -> bool {
        self.settled.iter().all(Option::is_none)
    }

    /// What settles a label.
    pub fn slice(&self, label: u8) -> Option<&Slice> {
        self.settled[label as usize].as_ref()
    }

    /// The labels along which a factor changes, each once.
    pub fn labels(&self, factor: usize) -> SmallVec<[u8; 6]> {
        let mut found: SmallVec<[u8; 6]> = SmallVec::new();
        let mut add = |label: u8| {
            if !found.contains(&label) {
                found.push(label);
            }
        };
        for label in &self.c.factors[factor].labels {
            match self.slice(*label) {
                Some(slice) => slice.terms.iter().for_each(|(label, _)| add(*label)),
                None => add(*label),
            }
        }
        found
    }

    /// The indices of all labels, where those that are not settled have theirs.
    pub fn places(&self, mut at: Vec<Index>) -> Vec<Index> {
        for (label, slice) in self.settled.iter().enumerate() {
            let Some(slice) = slice else { continue };
            let (mut offset, mut terms) = (slice.offset, SmallVec::new());
            for (label, far) in &slice.terms {
                if let Index::Affine { offset: first, terms: own } = &at[*label as usize] {
                    offset += first * far;
                    own.iter().for_each(|(axis, stride)| add_term(&mut terms, *axis, stride * far));
                }
            }
            at[label] = Index::Affine { offset, terms };
        }
        at
    }
}

/// What is computed of some factors.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// All labels, each once.
    pub labels: SmallVec<[u8; 6]>,
    /// Factors of the contraction, by their places.
    pub factors: SmallVec<[usize; 2]>,
    /// Products that are stored, with the labels of their axes.
    pub tensors: SmallVec<[(SmallVec<[u8; 6]>, View); 1]>,
}

impl Piece {
    /// One factor.
    pub fn factor(joint: &Joint, at: usize) -> Piece {
        Piece { labels: joint.labels(at), factors: SmallVec::from_slice(&[at]), tensors: SmallVec::new() }
    }

    /// What is stored.
    pub fn stored(labels: SmallVec<[u8; 6]>, view: View) -> Piece {
        Piece {
            labels: labels.clone(),
            factors: SmallVec::new(),
            tensors: SmallVec::from_iter([(labels, view)]),
        }
    }

    /// The product of two, entry by entry.
    pub fn both(mut left: Piece, right: Piece) -> Piece {
        for label in right.labels {
            if !left.labels.contains(&label) {
                left.labels.push(label);
            }
        }
        left.factors.extend(right.factors);
        left.tensors.extend(right.tensors);
        left
    }
}

/// An order of joins.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// The factors, a bit each.
    pub set: u64,
    /// The two that are joined last; `None` for one factor.
    pub halves: Option<(Box<Tree>, Box<Tree>)>,
    /// How many trips all joins make.
    pub cost: u128,
}

/// How many trips loops over these labels make.
pub(super) fn trips<'a>(labels: impl Iterator<Item = &'a u8>, sizes: &[usize]) -> u128 {
    let mut seen = [false; 256];
    labels
        .filter(|l| !std::mem::replace(&mut seen[**l as usize], true))
        .map(|l| sizes[*l as usize] as u128)
        .product()
}

/// The labels of some pieces, each once.
pub(super) fn labels(pieces: &[Piece], set: u64) -> SmallVec<[u8; 6]> {
    let mut found: SmallVec<[u8; 6]> = SmallVec::new();
    for (_, piece) in pieces.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1) {
        for label in &piece.labels {
            if !found.contains(label) {
                found.push(*label);
            }
        }
    }
    found
}

/// All labels of pieces.
pub(super) fn all_labels(pieces: &[Piece]) -> SmallVec<[u8; 6]> {
    labels(pieces, u64::MAX)
}

/// The cheapest order found. `known` says whether a set's product, with these labels kept, is there already.
pub(super) fn best(
    pieces: &[Piece],
    out: &[u8],
    sizes: &[usize],
    known: impl Fn(u64, &[u8]) -> bool,
) -> Tree {
    let count = pieces.len().min(63);
    let all = (1u64 << count) - 1;
    let kept = |set: u64| -> SmallVec<[u8; 6]> {
        let others = labels(pieces, all & !set);
        labels(pieces, set).into_iter().filter(|l| out.contains(l) || others.contains(l)).collect()
    };
    let single = |at: usize| {
        let set = 1u64 << at;
        let own = kept(set).len() == pieces[at].labels.len();
        Tree { set, halves: None, cost: if own { 0 } else { trips(pieces[at].labels.iter(), sizes) } }
    };
    let join = |left: &Tree, right: &Tree| {
        let set = left.set | right.set;
        let (a, b) = (kept(left.set), kept(right.set));
        let cost = if known(set, &kept(set)) {
            0
        } else {
            left.cost.saturating_add(right.cost).saturating_add(trips(a.iter().chain(&b), sizes))
        };
        Tree { set, halves: Some((Box::new(left.clone()), Box::new(right.clone()))), cost }
    };
    if count <= MAX_SEARCHED {
        let mut table: Vec<Option<Tree>> = vec![None; 1 << count];
        for set in 1..=all {
            if set.is_power_of_two() {
                table[set as usize] = Some(single(set.trailing_zeros() as usize));
                continue;
            }
            // Each split once: the half with the lowest factor runs through all its subsets.
            let lowest = set & set.wrapping_neg();
            let mut half = set & !lowest;
            while half > 0 {
                if let (Some(left), Some(right)) = (&table[(set & !half) as usize], &table[half as usize]) {
                    let tree = join(left, right);
                    let slot = &table[set as usize];
                    if slot.as_ref().is_none_or(|best| tree.cost < best.cost) {
                        table[set as usize] = Some(tree);
                    }
                }
                half = (half - 1) & (set & !lowest);
            }
        }
        if let Some(Some(tree)) = table.pop() {
            return tree;
        }
    }
    let mut forest: Vec<Tree> = (0..count).map(single).collect();
    while forest.len() > 1 {
        let mut cheapest: Option<(u128, usize, usize)> = None;
        for i in 0..forest.len() {
            for j in 0..i {
                let labels: SmallVec<[u8; 6]> =
                    kept(forest[i].set).into_iter().chain(kept(forest[j].set)).collect();
                let cost = trips(labels.iter(), sizes);
                if cheapest.is_none_or(|(least, ..)| cost < least) {
                    cheapest = Some((cost, j, i));
                }
            }
        }
        let Some((_, j, i)) = cheapest else { break };
        let right = forest.swap_remove(i);
        let left = forest.swap_remove(j);
        forest.push(join(&left, &right));
    }
    forest.pop().unwrap_or(Tree { set: 0, halves: None, cost: 0 })
}

/// What a product of some factors is made of, whatever its labels are called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Each factor with its axes.
    factors: Vec<(NodeId, Rational, Vec<Axis>)>,
    /// The labels that are kept.
    kept: Labels,
    /// How far each label runs: a slice is as long as it says, whatever it is a slice of.
    sizes: SmallVec<[usize; 6]>,
}

/// An axis of a factor: where it begins, and the labels along which it moves.
pub(super) type Axis = (isize, SmallVec<[(u8, isize); 1]>);

/// The labels kept of a product of factors, in an order that does not depend on their names.
pub(super) fn canonical(joint: &Joint, set: u64, kept: &[u8]) -> SmallVec<[u8; 6]> {
    let mut found: SmallVec<[u8; 6]> = SmallVec::new();
    for at in sorted(&joint.c, set) {
        for label in joint.labels(at) {
            if kept.contains(&label) && !found.contains(&label) {
                found.push(label);
            }
        }
    }
    found
}

/// Labels in the order in which a factor has them; `None` unless it has all of them, and they are several.
pub(super) fn like(labels: &[u8], factor: &[u8]) -> Option<SmallVec<[u8; 6]>> {
    let mut found: SmallVec<[u8; 6]> = SmallVec::new();
    for label in factor {
        if labels.contains(label) && !found.contains(label) {
            found.push(*label);
        }
    }
    (found.len() > 1 && found.len() == labels.len()).then_some(found)
}

/// The key of a product of factors with these labels kept.
pub(super) fn key(joint: &Joint, set: u64, kept: &[u8]) -> Key {
    let mut names = [u8::MAX; 256];
    let mut sizes: SmallVec<[usize; 6]> = SmallVec::new();
    let mut name = |label: u8| {
        let slot = &mut names[label as usize];
        if *slot == u8::MAX {
            *slot = sizes.len() as u8;
            sizes.push(joint.sizes[label as usize]);
        }
        *slot
    };
    let mut factors = Vec::new();
    for at in sorted(&joint.c, set) {
        let f = &joint.c.factors[at];
        let mut axes: Vec<Axis> = Vec::with_capacity(f.labels.len());
        for label in &f.labels {
            axes.push(match joint.slice(*label) {
                Some(slice) => (slice.offset, slice.terms.iter().map(|(l, far)| (name(*l), *far)).collect()),
                None => (0, SmallVec::from_iter([(name(*label), 1)])),
            });
        }
        factors.push((f.node, f.exponent.clone(), axes));
    }
    let mut kept: Labels = canonical(joint, set, kept).into_iter().map(&mut name).collect();
    kept.sort_unstable();
    Key { factors, kept, sizes }
}

fn sorted(c: &Contract, set: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..c.factors.len().min(63)).filter(|at| set >> at & 1 == 1).collect();
    places.sort_by(|a, b| {
        let (a, b) = (&c.factors[*a], &c.factors[*b]);
        (a.node, &a.exponent).cmp(&(b.node, &b.exponent))
    });
    places
}

/// Whether a contraction with two axes is equal to its transpose: its factors are the same with the labels exchanged.
pub(super) fn is_symmetric(c: &Contract) -> bool {
    let [a, b] = c.out[..] else { return false };
    let swap = |l: &u8| {
        if *l == a {
            b
        } else if *l == b {
            a
        } else {
            *l
        }
    };
    let mut rest: Vec<(NodeId, &Rational, Labels)> =
        c.factors.iter().map(|f| (f.node, &f.exponent, f.labels.clone())).collect();
    c.factors.iter().all(|f| {
        let swapped: Labels = f.labels.iter().map(swap).collect();
        let found = rest
            .iter()
            .position(|(node, e, labels)| *node == f.node && **e == f.exponent && *labels == swapped);
        found.map(|at| rest.swap_remove(at)).is_some()
    })
}
