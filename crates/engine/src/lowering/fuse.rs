//! Nests over the same loops made one, and what nobody reads left out.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::ir::{Access, Bits, Declaration, How, Nest, Program, Scalar, Step, TensorId, Value, Write};

/// A body beyond this many operations takes no other in.
const MAX_BODY: usize = 4096;
/// A nest is moved behind no more steps than this.
const MAX_MOVE: usize = 64;
/// Beside more writes to one tensor than this a place is not compared with each.
const MAX_WRITES: usize = 128;

/// Fuses nests, and drops steps, operations and tensors that no output needs.
pub(super) fn fuse(program: &mut Program) {
    fuse_as(program, false);
}

/// The same, in which nests set what they would add to what nobody wrote before: so it is at hand for others.
pub(super) fn fuse_begun(program: &mut Program) {
    fuse_as(program, true);
}

fn fuse_as(program: &mut Program, begins: bool) {
    let steps = std::mem::take(&mut program.steps);
    let mut needed = vec![false; program.tensors.len()];
    program.outputs.iter().for_each(|(_, id)| needed[id.index()] = true);
    let steps = live(steps, &mut needed);
    let steps = Fuser { tensors: &program.tensors, begins }.fused(steps);
    // A tensor that is read in the nest alone that makes it is not stored.
    let mut read = vec![false; program.tensors.len()];
    program.outputs.iter().for_each(|(_, id)| read[id.index()] = true);
    steps.iter().for_each(|step| step.for_each_read(&mut |id| read[id.index()] = true));
    let mut steps = swept(steps, &read);
    renumber(program, &mut steps);
    program.steps = steps;
}

/// The steps that something needs, from the last to the first.
fn live(steps: Vec<Step>, needed: &mut [bool]) -> Vec<Step> {
    let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps.into_iter().rev() {
        let mut wanted = false;
        step.for_each_write(&mut |id| wanted |= needed[id.index()]);
        if !wanted {
            continue;
        }
        step.for_each_read(&mut |id| needed[id.index()] = true);
        kept.push(match step {
            Step::Repeat(mut repeat) => {
                repeat.steps = live(std::mem::take(&mut repeat.steps), needed);
                Step::Repeat(repeat)
            }
            step => step,
        });
    }
    kept.reverse();
    kept
}

/// A nest that may still take others in, with what has been made in it.
struct Open {
    nest: Nest,
    values: FxHashMap<Scalar, Value>,
    reads: FxHashMap<Access, u32>,
    /// What has been set in it, so that reading it again is no read.
    set: FxHashMap<Access, Value>,
    /// The last write to each place, and the writes to each tensor.
    places: FxHashMap<Access, usize>,
    writes: FxHashMap<TensorId, SmallVec<[usize; 4]>>,
    /// What the entries are that nobody wrote, of the tensors that are written here first.
    starts: FxHashMap<TensorId, Bits>,
    /// Whether what is added to such an entry is set.
    begins: bool,
}

impl Open {
    fn new(nest: &Nest, begins: bool) -> Open {
        Open {
            nest: Nest { extents: nest.extents.clone(), ..Nest::default() },
            values: FxHashMap::default(),
            reads: FxHashMap::default(),
            set: FxHashMap::default(),
            places: FxHashMap::default(),
            writes: FxHashMap::default(),
            starts: FxHashMap::default(),
            begins,
        }
    }

    fn push(&mut self, op: Scalar) -> Value {
        let next = self.nest.body.len() as Value;
        let value = *self.values.entry(op).or_insert(next);
        if value == next {
            self.nest.body.push(op);
        }
        value
    }

    /// Takes a nest over the same loops in: what it reads of what is written here is at hand, and its writes go on from
    /// those here.
    fn take(&mut self, other: &Nest) {
        let mut renamed: Vec<Value> = Vec::with_capacity(other.body.len());
        let rename = |access: &Access, renamed: &[Value]| {
            let mut access = access.clone();
            access.picks.iter_mut().for_each(|pick| pick.index = renamed[pick.index as usize]);
            access
        };
        for op in &other.body {
            let op = match *op {
                Scalar::Read(read) => {
                    let access = rename(&other.reads[read as usize], &renamed);
                    if let Some(value) = self.set.get(&access) {
                        renamed.push(*value);
                        continue;
                    }
                    let start = self.starts.get(&access.tensor);
                    match start.filter(|_| self.writes.contains_key(&access.tensor)) {
                        Some(start) => Scalar::Number(*start),
                        None => {
                            let next = self.nest.reads.len() as u32;
                            let at = *self.reads.entry(access.clone()).or_insert(next);
                            if at == next {
                                self.nest.reads.push(access);
                            }
                            Scalar::Read(at)
                        }
                    }
                }
                op => op.map_operands(|value| renamed[value as usize]),
            };
            let value = self.push(op);
            renamed.push(value);
        }
        for write in &other.writes {
            let to = rename(&write.to, &renamed);
            let mut others = other.writes.iter().filter(|w| w.to.tensor == write.to.tensor);
            let alone = self.starts.contains_key(&to.tensor)
                && self.begins
                && other.writes.len() <= MAX_WRITES
                && others.all(|w| w.to == write.to || w.to.is_apart(&write.to, &other.extents));
            self.write(Write { value: renamed[write.value as usize], to, how: write.how }, alone);
        }
    }

    /// Writes; `alone` says that no other write that comes with it meets its entries.
    fn write(&mut self, mut write: Write, alone: bool) {
        let before = self.places.get(&write.to).map(|at| (*at, &self.nest.writes[*at]));
        let joined = match (before, write.how) {
            // The same place added to twice, or added to after it was set.
            (Some((at, w)), How::Add) if w.how == How::Add || self.goes_on(w, &write) => {
                Some((at, Scalar::Add(w.value.min(write.value), w.value.max(write.value))))
            }
            (Some((at, w)), How::Multiply) if self.goes_on(w, &write) => {
                Some((at, Scalar::Mul(w.value.min(write.value), w.value.max(write.value))))
            }
            _ => None,
        };
        if let Some((at, op)) = joined {
            let value = self.push(op);
            self.nest.writes[at].value = value;
            if self.nest.writes[at].how == How::Set {
                self.set.insert(write.to, value);
            }
            return;
        }
        if alone && let Some(value) = self.begun(&write) {
            (write.how, write.value) = (How::Set, value);
        }
        if write.how == How::Set {
            self.set.insert(write.to.clone(), write.value);
        }
        let at = self.nest.writes.len();
        self.places.insert(write.to.clone(), at);
        self.writes.entry(write.to.tensor).or_default().push(at);
        self.nest.writes.push(write);
    }

    /// What stands in entries after a write joins to what they are before anybody writes them, each on one trip.
    fn begun(&mut self, write: &Write) -> Option<Value> {
        let start = *self.starts.get(&write.to.tensor)?;
        let extents = &self.nest.extents;
        let alone = write.to.is_own(extents)
            && self.all_writes(write.to.tensor, |w| w.to.is_apart(&write.to, extents));
        match write.how {
            How::Add if alone => {
                let start = self.push(Scalar::Number(start));
                Some(self.push(Scalar::Add(start.min(write.value), start.max(write.value))))
            }
            How::Multiply if alone => {
                let start = self.push(Scalar::Number(start));
                Some(self.push(Scalar::Mul(start.min(write.value), start.max(write.value))))
            }
            How::Set | How::Add | How::Multiply | How::Max | How::Min => None,
        }
    }

    /// Whether a write joins to what another one has just set, on each trip at an entry of its own.
    fn goes_on(&self, before: &Write, write: &Write) -> bool {
        before.how == How::Set
            && matches!(write.how, How::Add | How::Multiply)
            && before.to == write.to
            && write.to.is_own(&self.nest.extents)
    }

    /// Whether what a nest reads is known here without reading it: it was set at its own place, or nobody wrote it.
    fn is_at_hand(&self, access: &Access) -> bool {
        let set = self.set.contains_key(access);
        (set || self.starts.contains_key(&access.tensor))
            && access.picks.is_empty()
            && self.all_writes(access.tensor, |w| {
                set && w.to == *access || w.to.is_apart(access, &self.nest.extents)
            })
    }

    /// Whether a write to a tensor may stand beside those here: it joins as they do, or to other entries.
    fn lets_in(&self, write: &Write) -> bool {
        self.all_writes(write.to.tensor, |w| {
            w.how == write.how && w.how != How::Set
                || self.goes_on(w, write)
                || w.to.is_apart(&write.to, &self.nest.extents)
        })
    }

    fn all_writes(&self, id: TensorId, holds: impl Fn(&Write) -> bool) -> bool {
        let list = self.writes.get(&id).map_or(&[][..], |list| list);
        list.len() <= MAX_WRITES && list.iter().all(|at| holds(&self.nest.writes[*at]))
    }
}

enum Slot {
    Nest(Box<Open>),
    Other(Box<Step>),
    /// What was here stands further behind.
    Moved,
}

/// Fuses the steps of a program, or of a loop's steps.
#[derive(Clone, Copy)]
struct Fuser<'a> {
    tensors: &'a [Declaration],
    begins: bool,
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
    fn fused(self, steps: Vec<Step>) -> Vec<Step> {
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

/// The steps without writes that nobody reads.
fn swept(steps: Vec<Step>, read: &[bool]) -> Vec<Step> {
    let mut kept = Vec::with_capacity(steps.len());
    for step in steps {
        kept.push(match step {
            Step::Nest(mut nest) => {
                nest.writes.retain(|write| read[write.to.tensor.index()]);
                if nest.writes.is_empty() {
                    continue;
                }
                sweep(&mut nest);
                Step::Nest(nest)
            }
            Step::Repeat(mut repeat) => {
                repeat.steps = swept(std::mem::take(&mut repeat.steps), read);
                Step::Repeat(repeat)
            }
            step => step,
        });
    }
    kept
}

/// How often each value of a body is read.
pub(super) fn uses(nest: &Nest) -> Vec<u32> {
    let mut uses = vec![0; nest.body.len()];
    for op in &nest.body {
        op.for_each_operand(|value| uses[value as usize] += 1);
    }
    let picks = nest.reads.iter().chain(nest.writes.iter().map(|w| &w.to)).flat_map(|access| &access.picks);
    picks.for_each(|pick| uses[pick.index as usize] += 1);
    nest.writes.iter().for_each(|write| uses[write.value as usize] += 1);
    uses
}

/// Leaves out the values and reads of a nest that no write needs.
pub(super) fn sweep(nest: &mut Nest) {
    let mut live = vec![false; nest.body.len()];
    let mut live_reads = vec![false; nest.reads.len()];
    for write in &nest.writes {
        live[write.value as usize] = true;
        write.to.picks.iter().for_each(|pick| live[pick.index as usize] = true);
    }
    for at in (0..nest.body.len()).rev() {
        if live[at] {
            mark(nest, at, &mut live, &mut live_reads);
        }
    }
    if live.iter().all(|l| *l) && live_reads.iter().all(|l| *l) {
        return;
    }
    let mut renamed: Vec<Value> = vec![0; nest.body.len()];
    let mut reads_renamed: Vec<u32> = vec![0; nest.reads.len()];
    let mut next = 0;
    for (renamed, live) in reads_renamed.iter_mut().zip(&live_reads) {
        *renamed = next;
        next += u32::from(*live);
    }
    let mut body = Vec::with_capacity(nest.body.len());
    for (at, op) in nest.body.iter().enumerate().filter(|(at, _)| live[*at]) {
        renamed[at] = body.len() as Value;
        body.push(match *op {
            Scalar::Read(read) => Scalar::Read(reads_renamed[read as usize]),
            op => op.map_operands(|value| renamed[value as usize]),
        });
    }
    nest.body = body;
    let mut keep = live_reads.iter();
    nest.reads.retain(|_| keep.next().is_some_and(|live| *live));
    let accesses = nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|w| &mut w.to));
    accesses.flat_map(|a| a.picks.iter_mut()).for_each(|pick| pick.index = renamed[pick.index as usize]);
    nest.writes.iter_mut().for_each(|write| write.value = renamed[write.value as usize]);
}

/// Puts other values for those that writes and indices read.
pub(super) fn rename(nest: &mut Nest, name: impl Fn(Value) -> Value) {
    nest.writes.iter_mut().for_each(|write| write.value = name(write.value));
    let accesses = nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|write| &mut write.to));
    accesses.flat_map(|access| &mut access.picks).for_each(|pick| pick.index = name(pick.index));
}

fn mark(nest: &Nest, at: usize, live: &mut [bool], live_reads: &mut [bool]) {
    nest.body[at].for_each_operand(|value| live[value as usize] = true);
    if let Scalar::Read(read) = nest.body[at] {
        live_reads[read as usize] = true;
        nest.reads[read as usize].picks.iter().for_each(|pick| live[pick.index as usize] = true);
    }
}

/// Declares the tensors alone that are left.
fn renumber(program: &mut Program, steps: &mut [Step]) {
    let mut live = vec![false; program.tensors.len()];
    program.inputs.iter().chain(&program.outputs).for_each(|(_, id)| live[id.index()] = true);
    for step in steps.iter() {
        step.for_each_read(&mut |id| live[id.index()] = true);
        step.for_each_write(&mut |id| live[id.index()] = true);
    }
    let mut names: Vec<TensorId> = Vec::with_capacity(live.len());
    let mut next = 0;
    for live in &live {
        names.push(TensorId(next));
        next += u32::from(*live);
    }
    let mut keep = live.iter();
    program.tensors.retain(|_| keep.next().is_some_and(|live| *live));
    let rename = |id: &mut TensorId| *id = names[id.index()];
    program.inputs.iter_mut().chain(&mut program.outputs).for_each(|(_, id)| rename(id));
    rename_all(steps, &rename);
}

fn rename_all(steps: &mut [Step], rename: &impl Fn(&mut TensorId)) {
    for step in steps {
        match step {
            Step::Nest(nest) => {
                nest.reads.iter_mut().for_each(|access| rename(&mut access.tensor));
                nest.writes.iter_mut().for_each(|write| rename(&mut write.to.tensor));
            }
            Step::Product(p) => {
                [&mut p.left, &mut p.right, &mut p.to].into_iter().for_each(|a| rename(&mut a.tensor));
            }
            Step::Factorization(f) => [&mut f.from, &mut f.to].into_iter().for_each(rename),
            Step::Repeat(repeat) => {
                rename(&mut repeat.number);
                for state in &mut repeat.states {
                    [&mut state.first, &mut state.current, &mut state.next].into_iter().for_each(rename);
                }
                repeat.records.iter_mut().for_each(|record| rename(&mut record.to));
                rename_all(&mut repeat.steps, rename);
            }
        }
    }
}
