//! Sums that another one holds: the same but for the order of the axes, or a slice of it, as the rows of a derivative are
//! that is needed whole as well. They are read there.

use agnesi_graph::{Contract, NodeId, Op, Rational};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::order::{self, Joint, Key};
use super::{LowerError, Lowering, View};

/// What sums have in common that hold each other: the number in front, the factors and the labels that are left.
type Core = (Rational, Key);

/// What a sum shows of an axis of its core.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    offset: isize,
    len: usize,
    /// The axis of the sum, where it has one.
    axis: Option<usize>,
}

/// What a sum shows of its core, an entry of each axis.
type Windows = SmallVec<[Window; 4]>;

/// How a sum is read from another one.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    whole: NodeId,
    /// For each axis of the other: where it begins.
    begins: SmallVec<[(usize, isize); 4]>,
    /// The axis of the other along which an axis moves.
    moves: SmallVec<[Option<usize>; 4]>,
}

impl Lowering<'_> {
    /// Finds the sums that others hold. Cost: linear in the sums, beside those that have their core in common.
    pub(super) fn find_instances(&mut self, needed: &[NodeId]) -> Result<(), LowerError> {
        let mut groups: FxHashMap<Core, Vec<(NodeId, Windows)>> = FxHashMap::default();
        for &node in needed {
            let Op::Contract(c) = self.graph.op(node) else { continue };
            if self.is_bound(node) || !self.is_stored_sum(c) || self.is_scatter(node) {
                continue;
            }
            if let Some((core, windows)) = self.core(c)? {
                groups.entry(core).or_default().push((node, windows));
            }
        }
        for group in groups.into_values().filter(|group| group.len() > 1) {
            let size = |windows: &Windows| windows.iter().map(|w| w.len).product::<usize>();
            for (node, windows) in &group {
                let others = group.iter().filter(|(other, held)| {
                    // Of two that hold each other the first one is computed.
                    let before =
                        (size(held), std::cmp::Reverse(*other)) > (size(windows), std::cmp::Reverse(*node));
                    before && held.iter().zip(windows).all(|(held, window)| held.holds(window))
                });
                let Some((whole, held)) =
                    others.max_by_key(|(other, held)| (size(held), std::cmp::Reverse(*other)))
                else {
                    continue;
                };
                self.shared.insert(*whole);
                self.instances.insert(*node, Instance::new(*whole, held, windows));
            }
        }
        Ok(())
    }

    /// A sum as a part of the one that holds it.
    pub(super) fn instance(&mut self, node: NodeId) -> Result<Option<View>, LowerError> {
        let Some(Instance { whole, begins, moves }) = self.instances.get(&node).cloned() else {
            return Ok(None);
        };
        let inner = self.view(whole)?;
        let offset = begins.iter().map(|(axis, far)| far * inner.strides[*axis]).sum::<isize>();
        let strides = moves.iter().map(|axis| axis.map_or(0, |axis| inner.strides[axis])).collect();
        Ok(Some(View { tensor: inner.tensor, offset: inner.offset + offset, strides }))
    }

    /// Whether a contraction sums over more than what its indices pick.
    fn is_stored_sum(&self, c: &Contract) -> bool {
        let mut known: SmallVec<[u8; 6]> = c.out.clone();
        loop {
            let next = c.factors.iter().find_map(|f| {
                let (last, front) = f.labels.split_last().filter(|_| self.is_hot(f))?;
                (!known.contains(last) && front.iter().all(|l| known.contains(l))).then_some(*last)
            });
            match next {
                Some(label) => known.push(label),
                None => break,
            }
        }
        (0..c.sizes.len() as u8).any(|label| !known.contains(&label))
    }

    /// The core of a contraction and what it shows of it.
    fn core(&self, c: &Contract) -> Result<Option<(Core, Windows)>, LowerError> {
        if (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i])) {
            return Ok(None);
        }
        let mut joint = self.joint(c)?;
        let mut windows: FxHashMap<u8, Window> = FxHashMap::default();
        for (axis, label) in c.out.iter().enumerate() {
            windows.insert(*label, Window { offset: 0, len: joint.sizes[*label as usize], axis: Some(axis) });
        }
        for label in 0..joint.sizes.len() as u8 {
            let Some((offset, along)) = joint.slice(label).and_then(|slice| sole(&joint, label, slice))
            else {
                continue;
            };
            let window = match along {
                None => Window { offset, len: 1, axis: None },
                Some(along) => {
                    let Some(window) = windows.remove(&along) else { continue };
                    Window { offset, ..window }
                }
            };
            windows.insert(label, window);
            joint.settled[label as usize] = None;
        }
        let kept: SmallVec<[u8; 6]> = windows.keys().copied().collect();
        let all = (1u64 << joint.c.factors.len().min(63)) - 1;
        let order = order::canonical(&joint, all, &kept);
        if order.len() != kept.len() || joint.c.factors.len() > 63 {
            return Ok(None);
        }
        // How far these run is told by the windows.
        kept.iter().for_each(|label| joint.sizes[*label as usize] = 0);
        let key = order::key(&joint, all, &kept);
        let windows = order.iter().map(|label| windows[label]).collect();
        Ok(Some(((c.coefficient.clone(), key), windows)))
    }
}

/// Where a slice begins and the axis of the result that it is, where nothing else moves along that.
fn sole(joint: &Joint, label: u8, slice: &order::Slice) -> Option<(isize, Option<u8>)> {
    let (offset, along) = match slice.terms[..] {
        [] => (slice.offset, None),
        [(along, 1)] if joint.c.out.contains(&along) => (slice.offset, Some(along)),
        _ => return None,
    };
    let moves = |l: &u8| Some(*l) == along;
    let elsewhere = (0..joint.sizes.len() as u8)
        .filter(|other| *other != label)
        .filter_map(|other| joint.slice(other))
        .any(|other| other.terms.iter().any(|(l, _)| moves(l)));
    let in_factors = joint.c.factors.iter().any(|f| f.labels.iter().any(moves));
    (!elsewhere && !in_factors).then_some((offset, along))
}

impl Window {
    fn holds(&self, other: &Window) -> bool {
        let inside = self.offset <= other.offset
            && other.offset + other.len as isize <= self.offset + self.len as isize;
        inside && (self.axis.is_some() || self.offset == other.offset)
    }
}

impl Instance {
    fn new(whole: NodeId, held: &Windows, windows: &Windows) -> Instance {
        let mut begins = SmallVec::new();
        let mut moves: SmallVec<[Option<usize>; 4]> =
            SmallVec::from_elem(None, windows.iter().filter(|w| w.axis.is_some()).count());
        for (held, window) in held.iter().zip(windows) {
            if let Some(axis) = held.axis {
                begins.push((axis, window.offset - held.offset));
            }
            if let Some(axis) = window.axis {
                moves[axis] = held.axis;
            }
        }
        Instance { whole, begins, moves }
    }
}
