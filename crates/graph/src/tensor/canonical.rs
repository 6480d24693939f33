//! Canonical numbers for the labels of a contraction: colour refinement, then individualisation where colours tie.
//!
//! Two contractions that differ by the names of their labels and the order of their factors get one encoding, unless
//! more than [`MAX_BRANCHES`] ties had to be tried; then an equality may be missed and nothing is wrong.

use smallvec::SmallVec;

use crate::op::{Factor, Label, Labels, NodeId};

const MAX_BRANCHES: usize = 16;

/// A contraction with canonical labels.
pub(crate) struct Canonical {
    pub factors: Vec<Factor>,
    pub out: Labels,
    pub sizes: SmallVec<[NodeId; 2]>,
    /// The label that each canonical label had before.
    pub old: Labels,
}

/// Renumbers the labels in use. With `fixed_out` the order of the outputs is kept; without, it is chosen canonically.
/// The last two axes of the nodes `symmetric` have no order.
pub(crate) fn canonical_labels(
    factors: &[Factor],
    out: &Labels,
    sizes: &[NodeId],
    fixed_out: bool,
    symmetric: &[NodeId],
) -> Canonical {
    let mut used: Labels = out.clone();
    for f in factors {
        used.extend(f.labels.iter().copied());
    }
    used.sort_unstable();
    used.dedup();
    let mut colours: Vec<u32> = vec![u32::MAX; sizes.len()];
    // First colours: places in the output (or merely being one), and the size.
    let key = |l: Label| {
        let places: SmallVec<[u32; 4]> = match fixed_out {
            true => out.iter().enumerate().filter(|(_, o)| **o == l).map(|(i, _)| i as u32 + 1).collect(),
            false => out.iter().filter(|o| **o == l).map(|_| 1).collect(),
        };
        // Outputs first, in their order; then summed labels.
        (places.is_empty(), places, sizes[l as usize])
    };
    let keys: Vec<_> = used.iter().map(|&l| key(l)).collect();
    assign(&mut colours, &used, &keys);
    let mut branches = 0;
    let order = refine(factors, &used, colours, &mut branches, symmetric);
    let mut number: Vec<Label> = vec![Label::MAX; sizes.len()];
    order.iter().enumerate().for_each(|(new, &old)| number[old as usize] = new as Label);
    let mut renamed = rename(factors, &number, symmetric);
    renamed.sort();
    let new_out: Labels = if fixed_out {
        out.iter().map(|&l| number[l as usize]).collect()
    } else {
        let mut o: Labels = out.iter().map(|&l| number[l as usize]).collect();
        o.sort_unstable();
        o
    };
    Canonical {
        factors: renamed,
        out: new_out,
        sizes: order.iter().map(|&l| sizes[l as usize]).collect(),
        old: order,
    }
}

/// Gives equal keys equal colours, in the order of the keys.
fn assign<K: Ord>(colours: &mut [u32], used: &[Label], keys: &[K]) {
    let mut sorted: Vec<usize> = (0..used.len()).collect();
    sorted.sort_by(|&a, &b| keys[a].cmp(&keys[b]));
    let mut colour = 0;
    for (at, &i) in sorted.iter().enumerate() {
        if at > 0 && keys[sorted[at - 1]] != keys[i] {
            colour = at as u32;
        }
        colours[used[i] as usize] = colour;
    }
}

/// Refines colours until they are stable; where they tie, tries each member and keeps the smallest encoding.
fn refine(
    factors: &[Factor],
    used: &[Label],
    mut colours: Vec<u32>,
    branches: &mut usize,
    symmetric: &[NodeId],
) -> Labels {
    let classes = |colours: &[u32]| {
        let mut seen: SmallVec<[u32; 8]> = used.iter().map(|&l| colours[l as usize]).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    let mut count = classes(&colours);
    while count < used.len() {
        let keys: Vec<_> =
            used.iter().map(|&l| (colours[l as usize], seen_from(factors, l, &colours, symmetric))).collect();
        assign(&mut colours, used, &keys);
        let now = classes(&colours);
        if now == count {
            break;
        }
        count = now;
    }
    if count == used.len() {
        let mut order: Labels = used.iter().copied().collect();
        order.sort_by_key(|&l| colours[l as usize]);
        return order;
    }
    // The first colour that several labels share.
    let mut shared = u32::MAX;
    for (i, &a) in used.iter().enumerate() {
        let colour = colours[a as usize];
        if used[i + 1..].iter().any(|&b| colours[b as usize] == colour) {
            shared = shared.min(colour);
        }
    }
    let tied: Labels = used.iter().copied().filter(|&l| colours[l as usize] == shared).collect();
    let mut best: Option<(Vec<Factor>, Labels)> = None;
    for &chosen in &tied {
        if best.is_some() && *branches >= MAX_BRANCHES {
            break;
        }
        *branches += 1;
        let mut next = colours.clone();
        // The chosen one keeps the colour, the others come after it.
        tied.iter().filter(|&&l| l != chosen).for_each(|&l| next[l as usize] = shared + 1);
        let order = refine(factors, used, next, branches, symmetric);
        let mut number = vec![Label::MAX; colours.len()];
        order.iter().enumerate().for_each(|(new, &old)| number[old as usize] = new as Label);
        let mut encoding = rename(factors, &number, symmetric);
        encoding.sort();
        if best.as_ref().is_none_or(|(smallest, _)| encoding < *smallest) {
            best = Some((encoding, order));
        }
    }
    best.map(|(_, order)| order).unwrap_or_default()
}

/// What a label sees: for each place it stands in, the factor, its exponent, the slot and the colours beside it.
type View = Vec<(NodeId, crate::Rational, usize, SmallVec<[u32; 6]>)>;

fn seen_from(factors: &[Factor], label: Label, colours: &[u32], symmetric: &[NodeId]) -> View {
    let mut seen: View = Vec::new();
    for f in factors {
        for (slot, _) in f.labels.iter().enumerate().filter(|(_, l)| **l == label) {
            let mut beside: SmallVec<[u32; 6]> = f.labels.iter().map(|&l| colours[l as usize]).collect();
            let mut slot = slot;
            let rank = f.labels.len();
            if symmetric.contains(&f.node) {
                // The last two axes have no order.
                slot = slot.min(rank - 2);
                beside[rank - 2..].sort_unstable();
            }
            seen.push((f.node, f.exponent.clone(), slot, beside));
        }
    }
    seen.sort();
    seen
}

fn rename(factors: &[Factor], number: &[Label], symmetric: &[NodeId]) -> Vec<Factor> {
    factors
        .iter()
        .map(|f| {
            let mut labels: Labels = f.labels.iter().map(|&l| number[l as usize]).collect();
            if symmetric.contains(&f.node) {
                let rank = labels.len();
                labels[rank - 2..].sort_unstable();
            }
            Factor { node: f.node, labels, exponent: f.exponent.clone() }
        })
        .collect()
}
