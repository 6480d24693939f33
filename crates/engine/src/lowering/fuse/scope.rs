//! Steps in order, nests over the same loops brought together.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::open::Open;
use crate::ir::{Bits, Declaration, How, Nest, Step, TensorId};

/// A body beyond this many operations takes no other in.
const MAX_BODY: usize = 4096;
/// A nest is moved behind no more steps than this.
const MAX_MOVE: usize = 64;

enum Slot {
    Nest(Box<Open>),
    Other(Box<Step>),
    /// What was here stands further behind.
    Moved,
}

/// Fuses the steps of a program, or of a loop; `begins` says whether nests set what they would add to what nobody wrote.
#[derive(Clone, Copy)]
pub(super) struct Fuser<'a> {
    pub tensors: &'a [Declaration],
    pub begins: bool,
}

/// The steps so far.
#[derive(Default)]
struct Scope {
    slots: Vec<Slot>,
    /// The slot that wrote a tensor last, and the one that read it last.
    written: FxHashMap<TensorId, usize>,
    read: FxHashMap<TensorId, usize>,
    /// The slot that wrote a tensor first, and the slots that joined to it last, by how they did.
    first: FxHashMap<TensorId, usize>,
    joined: FxHashMap<TensorId, SmallVec<[(How, usize); 2]>>,
    by_extents: FxHashMap<SmallVec<[usize; 3]>, Vec<usize>>,
}

impl Fuser<'_> {
    /// Nests over the same loops as one, where what the later one reads is there already.
    pub fn fused(self, steps: Vec<Step>) -> Vec<Step> {
        let mut scope = Scope::default();
        for step in steps {
            match step {
                Step::Nest(nest) => self.nest(nest, &mut scope),
                Step::Repeat(mut repeat) => {
                    repeat.steps = self.fused(std::mem::take(&mut repeat.steps));
                    scope.push(Step::Repeat(repeat));
                }
                step @ (Step::Product(_) | Step::Factorization(_)) => scope.push(step),
            }
        }
        let step = |slot| match slot {
            Slot::Nest(open) => Some(Step::Nest(open.nest)),
            Slot::Other(step) => Some(*step),
            Slot::Moved => None,
        };
        scope.slots.into_iter().filter_map(step).collect()
    }

    fn nest(self, nest: Nest, scope: &mut Scope) {
        let first = nest.writes.iter().map(|w| w.to.tensor).filter(|id| !scope.written.contains_key(id));
        let starts: SmallVec<[(TensorId, Bits); 2]> =
            first.filter_map(|id| Some((id, self.tensors[id.index()].start?))).collect();
        let at = match scope.place(&nest) {
            Some(at) => at,
            None => {
                let at = scope.slots.len();
                scope.by_extents.entry(nest.extents.clone()).or_default().push(at);
                scope.slots.push(Slot::Nest(Box::new(Open::new(&nest, self.begins))));
                at
            }
        };
        if let Slot::Nest(open) = &mut scope.slots[at] {
            open.starts.extend(starts);
            open.take(&nest);
        }
        scope.note(at, &nest);
    }
}

/// Notes that something is done with a tensor in a slot.
fn note(last: &mut FxHashMap<TensorId, usize>, id: TensorId, at: usize) {
    let last = last.entry(id).or_insert(at);
    *last = (*last).max(at);
}

impl Scope {
    fn push(&mut self, step: Step) {
        let at = self.slots.len();
        step.for_each_read(&mut |id| note(&mut self.read, id, at));
        step.for_each_write(&mut |id| self.note_write(id, How::Set, at));
        self.slots.push(Slot::Other(Box::new(step)));
    }

    /// Notes what a slot does for a nest that it took in.
    fn note(&mut self, at: usize, nest: &Nest) {
        nest.reads.iter().for_each(|access| note(&mut self.read, access.tensor, at));
        for write in &nest.writes {
            // What is added to what nobody wrote may have become one that sets.
            let set = matches!(&self.slots[at], Slot::Nest(open) if open.set.contains_key(&write.to));
            self.note_write(write.to.tensor, if set { How::Set } else { write.how }, at);
        }
    }

    fn note_write(&mut self, id: TensorId, how: How, at: usize) {
        note(&mut self.written, id, at);
        self.first.entry(id).or_insert(at);
        let list = self.joined.entry(id).or_default();
        match list.iter_mut().find(|(other, _)| *other == how) {
            Some((_, last)) => *last = at.max(*last),
            None => list.push((how, at)),
        }
    }

    /// The slot that a nest joins, if there is one; it may have been moved behind all others for that.
    fn place(&mut self, nest: &Nest) -> Option<usize> {
        let candidates = self.by_extents.get(&nest.extents)?;
        let earliest = self.earliest(nest);
        let fits = |at: &usize| match &self.slots[*at] {
            Slot::Nest(open) => open.nest.body.len() + nest.body.len() <= MAX_BODY,
            Slot::Other(_) | Slot::Moved => false,
        };
        let mut found = candidates.iter().rev().copied().take_while(|at| *at >= earliest);
        if let Some(at) = found.find(&fits) {
            return Some(at);
        }
        let last = *candidates.last()?;
        (fits(&last) && self.goes_with(last, nest) && self.may_move(last)).then(|| self.moved(last))
    }

    /// Whether a nest may join a slot over the same loops if that is moved, and reads what is written or read there.
    fn goes_with(&self, at: usize, nest: &Nest) -> bool {
        let Slot::Nest(open) = &self.slots[at] else { return false };
        let from = |id: &TensorId| self.written.get(id) == Some(&at);
        let reads = |id: TensorId| open.nest.reads.iter().any(|read| read.tensor == id);
        nest.reads.iter().any(|access| from(&access.tensor) || reads(access.tensor))
            && nest.reads.iter().all(|access| !from(&access.tensor) || open.is_at_hand(access))
            && nest.writes.iter().all(|write| {
                let id = write.to.tensor;
                (!from(&id) || open.lets_in(write)) && !reads(id)
            })
    }

    /// Whether a slot's nest may be done after all that follows it.
    fn may_move(&self, at: usize) -> bool {
        let Slot::Nest(open) = &self.slots[at] else { return false };
        let behind = &self.slots[at + 1..];
        let reads = |id: TensorId| open.nest.reads.iter().any(|access| access.tensor == id);
        let writes = |id: TensorId| open.writes.contains_key(&id);
        behind.len() <= MAX_MOVE
            && behind.iter().all(|slot| {
                let mut free = true;
                match slot {
                    Slot::Nest(other) => {
                        free = other.nest.reads.iter().all(|access| !writes(access.tensor))
                            && other.writes.keys().all(|id| !writes(*id) && !reads(*id));
                    }
                    Slot::Other(step) => {
                        step.for_each_read(&mut |id| free &= !writes(id));
                        step.for_each_write(&mut |id| free &= !writes(id) && !reads(id));
                    }
                    Slot::Moved => {}
                }
                free
            })
    }

    /// Moves a slot's nest behind all others.
    fn moved(&mut self, at: usize) -> usize {
        let to = self.slots.len();
        let slot = std::mem::replace(&mut self.slots[at], Slot::Moved);
        if let Slot::Nest(open) = &slot {
            open.nest.reads.iter().for_each(|access| note(&mut self.read, access.tensor, to));
            let writes: Vec<(TensorId, How)> =
                open.nest.writes.iter().map(|w| (w.to.tensor, w.how)).collect();
            for (id, how) in writes {
                self.note_write(id, how, to);
                self.first.entry(id).and_modify(|first| *first = if *first == at { to } else { *first });
            }
            let list = self.by_extents.entry(open.nest.extents.clone()).or_default();
            list.retain(|other| *other != at);
            list.push(to);
        }
        self.slots.push(slot);
        to
    }

    /// The first slot that a nest may join or come after.
    fn earliest(&self, nest: &Nest) -> usize {
        let mut earliest = 0;
        let open = |at: usize| match &self.slots[at] {
            Slot::Nest(open) if open.nest.extents == nest.extents => Some(open),
            Slot::Nest(_) | Slot::Other(_) | Slot::Moved => None,
        };
        for access in &nest.reads {
            let Some(at) = self.written.get(&access.tensor) else { continue };
            let at_hand = open(*at).is_some_and(|open| open.is_at_hand(access));
            earliest = earliest.max(if at_hand { *at } else { at + 1 });
        }
        for write in &nest.writes {
            // What adds to a tensor comes with or after who began to write it, and who joined to it in another way.
            let id = write.to.tensor;
            earliest = earliest.max(self.first.get(&id).copied().unwrap_or(0));
            for (how, at) in self.joined.get(&id).into_iter().flatten() {
                if *how == How::Set || *how != write.how {
                    let beside = open(*at).is_some_and(|open| open.lets_in(write));
                    earliest = earliest.max(if beside { *at } else { at + 1 });
                }
            }
            if let Some(at) = self.read.get(&write.to.tensor) {
                earliest = earliest.max(at + 1);
            }
        }
        earliest
    }
}
