//! A nest that takes others in.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::ir::{Access, Bits, How, Nest, Scalar, TensorId, Value, Write};

/// Beside more writes to one tensor than this a place is not compared with each.
const MAX_WRITES: usize = 128;

/// A nest that may still take others in, with what has been made in it.
pub(super) struct Open {
    pub nest: Nest,
    values: FxHashMap<Scalar, Value>,
    reads: FxHashMap<Access, u32>,
    /// What has been set in it, so that reading it again is no read.
    pub set: FxHashMap<Access, Value>,
    /// The last write to each place, and the writes to each tensor.
    places: FxHashMap<Access, usize>,
    pub writes: FxHashMap<TensorId, SmallVec<[usize; 4]>>,
    /// What the entries are that nobody wrote, of the tensors that are written here first.
    pub starts: FxHashMap<TensorId, Bits>,
    /// Whether what is added to such an entry is set.
    begins: bool,
}

impl Open {
    pub fn new(nest: &Nest, begins: bool) -> Open {
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
    pub fn take(&mut self, other: &Nest) {
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
    pub fn is_at_hand(&self, access: &Access) -> bool {
        let set = self.set.contains_key(access);
        (set || self.starts.contains_key(&access.tensor))
            && access.picks.is_empty()
            && self.all_writes(access.tensor, |w| {
                set && w.to == *access || w.to.is_apart(access, &self.nest.extents)
            })
    }

    /// Whether a write to a tensor may stand beside those here: it joins as they do, or to other entries.
    pub fn lets_in(&self, write: &Write) -> bool {
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
