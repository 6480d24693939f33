//! A nest as code: its loops, and sums kept in registers.
//!
//! The innermost loop takes two trips at once where its writes allow it. What stays in one place over that loop is kept
//! in registers, a vector for each copy of the body in the code: trip `i` goes to the vector `i/2 mod copies`. In the
//! end the vectors are joined, neighbours first, then the two numbers of the last one, then a trip left over, and the
//! result with what stood there. With one trip at a time the order is that of the interpreter. A sum into neighbouring
//! entries is added up before it is added to what stood there, its members in the order in which they are written. Zeros
//! that are sums have their sign: registers begin with -0, which changes nothing that is added to it.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use rustc_hash::FxHashMap;

use super::NativeError;
use super::body::Values;
use super::emit::{Cursor, Emit, Lanes, SIZE};
use super::plan::{Kind, Plan};
use crate::ir::{How, TensorId};

/// One number of a trip before: in a vector, or by itself.
#[derive(Clone, Copy)]
enum Past {
    Lane(Value, u8),
    Single(Value),
}

/// What goes from one trip of the innermost loop to the next.
struct State {
    /// For each reduced write, what each copy of the body has joined so far.
    joined: Vec<Vec<Option<Value>>>,
    /// For each reduced write, the trip left over.
    left: Vec<Option<Value>>,
    /// For each group and member, its values, the latest last.
    past: Vec<Vec<Vec<Past>>>,
}

impl Emit<'_> {
    /// Makes a nest. `fresh` holds tensors that this nest is the first to write, and what they start as: it need not read
    /// them.
    pub(super) fn nest(&mut self, plan: &Plan, fresh: &FxHashMap<TensorId, f64>) -> Result<(), NativeError> {
        let values = Values::new(plan.nest.body.len());
        self.level(plan, fresh, values, &mut Vec::new())
    }

    fn level(
        &mut self,
        plan: &Plan,
        fresh: &FxHashMap<TensorId, f64>,
        mut values: Values,
        trips: &mut Vec<Cursor>,
    ) -> Result<(), NativeError> {
        let (level, loops) = (trips.len(), plan.nest.extents.len());
        for at in 0..plan.nest.body.len() {
            if plan.levels[at] == level {
                self.op(&plan.nest, &mut values, at, trips, false)?;
            }
        }
        if level == loops {
            for write in &plan.nest.writes {
                let start = fresh.get(&write.to.tensor).copied();
                self.write(write, &mut values, trips, false, start)?;
            }
            return Ok(());
        }
        if level + 1 == loops {
            return self.innermost(plan, fresh, &mut values, trips);
        }
        if level >= plan.straight {
            for plus in 0..plan.nest.extents[level] {
                trips.push(Cursor { counter: None, plus });
                self.level(plan, fresh, values.clone(), trips)?;
                trips.pop();
            }
            return Ok(());
        }
        self.repeat(plan.nest.extents[level], 1, &[], |emit, counter, _| {
            trips.push(Cursor { counter: Some(counter), plus: 0 });
            emit.level(plan, fresh, values, trips)?;
            trips.pop();
            Ok(Vec::new())
        })?;
        Ok(())
    }

    fn innermost(
        &mut self,
        plan: &Plan,
        fresh: &FxHashMap<TensorId, f64>,
        values: &mut Values,
        trips: &mut Vec<Cursor>,
    ) -> Result<(), NativeError> {
        let nest = &plan.nest;
        let loops = nest.extents.len();
        let count = nest.extents[loops - 1];
        let reduced: Vec<&crate::ir::Write> = plan
            .kinds
            .iter()
            .zip(&nest.writes)
            .filter(|(kind, _)| matches!(kind, Kind::Reduced(_)))
            .map(|(_, write)| write)
            .collect();
        let mut state = State {
            joined: reduced.iter().map(|_| vec![None; plan.unroll]).collect(),
            left: vec![None; reduced.len()],
            past: plan.groups.iter().map(|group| vec![Vec::new(); group.distances.len()]).collect(),
        };
        if plan.width == 1 {
            for (write, joined) in reduced.iter().zip(&mut state.joined) {
                joined[0] = Some(self.standing(write, fresh, trips));
            }
        }
        let block = plan.unroll * plan.width;
        let mut done = 0;
        if plan.straight == loops && count / block > 1 {
            done = count / block * block;
            nest.reads.iter().for_each(|read| self.warm(read, trips));
            nest.writes.iter().for_each(|write| self.warm(&write.to, trips));
            if plan.width == 2 {
                self.widened(plan, values)?;
            }
            let entry = self.enter(plan, &reduced, &mut state);
            let exit = self.repeat(done, block, &entry, |emit, counter, inside| {
                emit.inside(plan, &mut state, inside);
                for copy in 0..plan.unroll {
                    trips.push(Cursor { counter: Some(counter), plus: copy * plan.width });
                    emit.trip_block(plan, values, trips, plan.width == 2, copy, &mut state, fresh)?;
                    trips.pop();
                }
                Ok(emit.leave(plan, &state))
            })?;
            self.inside(plan, &mut state, &exit);
        }
        let mut copy = 0;
        while done < count {
            let wide = plan.width == 2 && done + 2 <= count;
            trips.push(Cursor { counter: None, plus: done });
            self.trip_block(plan, values, trips, wide, copy % plan.unroll, &mut state, fresh)?;
            trips.pop();
            copy += 1;
            done += if wide { 2 } else { 1 };
        }
        for (at, write) in reduced.iter().enumerate() {
            self.settle(plan, write, &mut state, at, fresh, trips)?;
        }
        self.rest(plan, &state, count, fresh, trips);
        Ok(())
    }

    /// What stands where a write goes that stays in one place.
    fn standing(
        &mut self,
        write: &crate::ir::Write,
        fresh: &FxHashMap<TensorId, f64>,
        trips: &[Cursor],
    ) -> Value {
        match fresh.get(&write.to.tensor) {
            Some(start) => self.number(*start),
            None => {
                let (base, far) = self.address(&write.to, trips);
                self.load(types::F64, base, far, false)
            }
        }
    }

    /// Vectors of what does not depend on the innermost loop and is read in it.
    fn widened(&mut self, plan: &Plan, values: &mut Values) -> Result<(), NativeError> {
        let loops = plan.nest.extents.len();
        let mut read = Vec::new();
        for (at, op) in plan.nest.body.iter().enumerate() {
            if plan.levels[at] == loops {
                op.for_each_operand(|value| read.push(value));
            }
        }
        read.extend(plan.nest.writes.iter().map(|write| write.value));
        for at in read {
            if let Some(Lanes::Uniform(value)) = values.numbers[at as usize] {
                self.wide(Lanes::Uniform(value));
            }
        }
        Ok(())
    }

    /// The state as a loop takes it in.
    fn enter(&mut self, plan: &Plan, reduced: &[&crate::ir::Write], state: &mut State) -> Vec<Value> {
        let mut all = Vec::new();
        for (write, joined) in reduced.iter().zip(&state.joined) {
            let neutral = match write.how {
                How::Set | How::Add => -0.0,
                How::Multiply => 1.0,
                How::Max => f64::NEG_INFINITY,
                How::Min => f64::INFINITY,
            };
            for value in joined {
                all.push(match value {
                    Some(value) => *value,
                    None => self.pair(neutral, neutral),
                });
            }
        }
        for group in &plan.groups {
            for distance in &group.distances {
                (0..distance.div_ceil(2)).for_each(|_| all.push(self.pair(-0.0, -0.0)));
            }
        }
        all
    }

    /// The state from its values, in the order of [`Emit::enter`].
    fn inside(&mut self, plan: &Plan, state: &mut State, values: &[Value]) {
        let mut values = values.iter().copied();
        state.joined.iter_mut().flatten().for_each(|joined| *joined = values.next());
        for (group, past) in plan.groups.iter().zip(&mut state.past) {
            for (distance, past) in group.distances.iter().zip(past) {
                let vectors = values.by_ref().take(distance.div_ceil(2));
                *past = vectors.flat_map(|value| [Past::Lane(value, 0), Past::Lane(value, 1)]).collect();
            }
        }
    }

    /// The values of a state, in the order of [`Emit::enter`].
    fn leave(&self, plan: &Plan, state: &State) -> Vec<Value> {
        let mut all: Vec<Value> = state.joined.iter().flatten().flatten().copied().collect();
        for (group, past) in plan.groups.iter().zip(&state.past) {
            for (distance, past) in group.distances.iter().zip(past) {
                let kept = past.len() - 2 * distance.div_ceil(2);
                all.extend(past[kept..].iter().step_by(2).map(|past| match past {
                    Past::Lane(value, _) | Past::Single(value) => *value,
                }));
            }
        }
        all
    }

    /// The body and its writes at one trip, or at two.
    #[allow(clippy::too_many_arguments)]
    fn trip_block(
        &mut self,
        plan: &Plan,
        outer: &Values,
        trips: &[Cursor],
        wide: bool,
        copy: usize,
        state: &mut State,
        fresh: &FxHashMap<TensorId, f64>,
    ) -> Result<(), NativeError> {
        let nest = &plan.nest;
        let mut values = outer.clone();
        for at in 0..nest.body.len() {
            if plan.levels[at] == nest.extents.len() {
                self.op(nest, &mut values, at, trips, wide)?;
            }
        }
        for (write, kind) in nest.writes.iter().zip(&plan.kinds) {
            match *kind {
                Kind::Plain => self.write(write, &mut values, trips, wide, None)?,
                Kind::Reduced(at) => {
                    let mut new = self.value(&mut values, write.value)?;
                    let to = if plan.width == 2 && !wide {
                        &mut state.left[at]
                    } else {
                        &mut state.joined[at][copy]
                    };
                    if wide {
                        new = Lanes::Wide(self.wide(new));
                    }
                    let lanes = |value| if wide { Lanes::Wide(value) } else { Lanes::Uniform(value) };
                    let joined = match *to {
                        Some(old) => self.joined(write.how, lanes(old), new),
                        None => new,
                    };
                    let (Lanes::Uniform(joined) | Lanes::Wide(joined)) = joined;
                    *to = Some(joined);
                }
                Kind::Grouped { group, member } => {
                    let new = self.value(&mut values, write.value)?;
                    let past = &mut state.past[group][member];
                    if wide {
                        let new = self.wide(new);
                        past.extend([Past::Lane(new, 0), Past::Lane(new, 1)]);
                    } else {
                        past.push(Past::Single(self.lane(new, 0)));
                    }
                }
            }
        }
        for (group, past) in plan.groups.iter().zip(&state.past) {
            let mut sum = None;
            for (distance, past) in group.distances.iter().zip(past) {
                let new = if wide {
                    let Some(second) = past.len().checked_sub(1 + distance) else { continue };
                    self.two(second.checked_sub(1).map(|first| past[first]), past[second])
                } else {
                    let Some(at) = past.len().checked_sub(1 + distance) else { continue };
                    Lanes::Uniform(self.single(past[at]))
                };
                sum = Some(match sum {
                    Some(sum) => self.joined(How::Add, sum, new),
                    None => new,
                });
            }
            let (base, far) = self.address(&group.to, trips);
            self.added(fresh.get(&group.to.tensor).copied(), sum, base, far, wide);
        }
        Ok(())
    }

    /// Adds a sum to what stands in an entry, or in two.
    fn added(&mut self, start: Option<f64>, sum: Option<Lanes>, base: Value, far: i64, wide: bool) {
        let kind = if wide { types::F64X2 } else { types::F64 };
        let made = match (start, sum) {
            // What begins as 0 is added to it, since 0 + -0 is 0; what begins as -0 is not, since -0 + x is x.
            (Some(start), Some(sum)) if start.to_bits() == (-0.0f64).to_bits() => sum,
            (start, sum) => {
                let old = match start {
                    Some(start) => Lanes::Uniform(self.number(start)),
                    None if wide => Lanes::Wide(self.load(kind, base, far, false)),
                    None => Lanes::Uniform(self.load(kind, base, far, false)),
                };
                match sum {
                    Some(sum) => self.joined(How::Add, old, sum),
                    None => old,
                }
            }
        };
        let made = if wide { self.wide(made) } else { self.lane(made, 0) };
        self.store(made, base, far);
    }

    fn single(&mut self, past: Past) -> Value {
        match past {
            Past::Single(value) => value,
            Past::Lane(value, lane) => self.b.ins().extractlane(value, lane),
        }
    }

    /// The numbers of two trips one after the other as a vector; before the first trip there is nothing.
    fn two(&mut self, first: Option<Past>, second: Past) -> Lanes {
        Lanes::Wide(match (first, second) {
            (Some(Past::Lane(x, 0)), Past::Lane(y, 1)) if x == y => x,
            (Some(Past::Lane(x, 1)), Past::Lane(y, 0)) => self.shifted(x, y),
            (None, Past::Lane(y, 0)) => {
                let nothing = self.pair(-0.0, -0.0);
                self.shifted(nothing, y)
            }
            (first, second) => {
                let first = match first {
                    Some(first) => self.single(first),
                    None => self.number(-0.0),
                };
                let second = self.single(second);
                self.join(first, second)
            }
        })
    }

    /// Joins what a reduced write has kept with what stands in its place.
    fn settle(
        &mut self,
        plan: &Plan,
        write: &crate::ir::Write,
        state: &mut State,
        at: usize,
        fresh: &FxHashMap<TensorId, f64>,
        trips: &[Cursor],
    ) -> Result<(), NativeError> {
        let (base, far) = self.address(&write.to, trips);
        let mut all: Vec<Value> = state.joined[at].iter().flatten().copied().collect();
        if plan.width == 1 {
            if let Some(all) = all.first() {
                self.store(*all, base, far);
            }
            return Ok(());
        }
        while all.len() > 1 {
            all = all
                .chunks(2)
                .map(|pair| match *pair {
                    [x, y] => match self.joined(write.how, Lanes::Wide(x), Lanes::Wide(y)) {
                        Lanes::Wide(value) | Lanes::Uniform(value) => value,
                    },
                    _ => pair[0],
                })
                .collect();
        }
        let mut total = None;
        if let Some(vector) = all.first() {
            let (x, y) = (self.lane(Lanes::Wide(*vector), 0), self.lane(Lanes::Wide(*vector), 1));
            total = Some(self.joined(write.how, Lanes::Uniform(x), Lanes::Uniform(y)));
        }
        if let Some(left) = state.left[at] {
            let left = Lanes::Uniform(left);
            total = Some(match total {
                Some(total) => self.joined(write.how, total, left),
                None => left,
            });
        }
        if let Some(total) = total {
            let old = self.standing(write, fresh, trips);
            let total = self.joined(write.how, Lanes::Uniform(old), total);
            let total = self.lane(total, 0);
            self.store(total, base, far);
        }
        Ok(())
    }

    /// What the last trips add to entries behind the place of the last trip.
    fn rest(
        &mut self,
        plan: &Plan,
        state: &State,
        count: usize,
        fresh: &FxHashMap<TensorId, f64>,
        trips: &mut Vec<Cursor>,
    ) {
        for (group, past) in plan.groups.iter().zip(&state.past) {
            for behind in 0..group.span() {
                let mut sum = None;
                for (distance, past) in group.distances.iter().zip(past) {
                    let ago = distance.saturating_sub(behind);
                    // Values that never were are those of trips before the first.
                    if ago == 0 || ago > past.len() {
                        continue;
                    }
                    let new = Lanes::Uniform(self.single(past[past.len() - ago]));
                    sum = Some(match sum {
                        Some(sum) => self.joined(How::Add, sum, new),
                        None => new,
                    });
                }
                trips.push(Cursor { counter: None, plus: count });
                let (base, far) = self.address(&group.to, trips);
                trips.pop();
                let start = fresh.get(&group.to.tensor).copied();
                self.added(start, sum, base, far + behind as i64 * SIZE, false);
            }
        }
    }
}
