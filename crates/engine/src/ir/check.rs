//! What must hold of a program; looked at after every pass in debug builds.

use smallvec::SmallVec;

use super::run::each_trip;
use super::{Access, How, Nest, Product, Program, Repeat, Scalar, Step, TensorId};

/// What is wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// A tensor that is not declared.
    NoTensor(TensorId),
    /// A tensor that is read before anything is known of its entries.
    Unwritten(TensorId),
    /// A tensor that begins with nothing, of which the step that sets it does not set every entry, or not as far as
    /// can be told.
    Unset(TensorId),
    /// A tensor that is an input, or one that a step has set, and is written again.
    Overwritten(TensorId),
    /// A product that writes a factor of its own.
    Factor(TensorId),
    /// An address outside a tensor.
    Outside(TensorId),
    /// A value that is used before it is made, or a read, loop or state that is not there.
    NoValue(u32),
    /// Operands of shapes that do not fit, by the word for the step.
    Shapes(&'static str),
    /// A function of another number of arguments.
    Arity(&'static str),
    /// A size that a machine word does not hold.
    Size,
}

impl std::fmt::Display for CheckError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CheckError::NoTensor(id) => write!(f, "{id} is not declared"),
            CheckError::Unwritten(id) => write!(f, "{id} is read before it is written"),
            CheckError::Unset(id) => {
                write!(
                    f,
                    "{id} begins with nothing, and it is not clear that every entry is set: give it a start"
                )
            }
            CheckError::Overwritten(id) => write!(f, "{id} is written again"),
            CheckError::Factor(id) => write!(f, "{id} is a factor of the product that is written to it"),
            CheckError::Outside(id) => write!(f, "an address outside of {id}"),
            CheckError::NoValue(value) => write!(f, "%{value} is used before it is made"),
            CheckError::Shapes(what) => write!(f, "shapes that do not fit: {what}"),
            CheckError::Arity(name) => write!(f, "`{name}` takes another number of arguments"),
            CheckError::Size => write!(f, "a size beyond what memory can hold"),
        }
    }
}

impl std::error::Error for CheckError {}

/// The most entries of one tensor, and trips of one nest.
pub const MAX_ENTRIES: usize = 1 << 40;

/// Entries beyond this many are not looked at one by one.
const MAX_LOOKED_AT: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    /// Parts are written; more may be added.
    Partly,
    Set,
    /// A state that the steps of a loop join to.
    Grows,
}

impl Program {
    /// Whether a backend may run it: every tensor is declared and written before it is read, in every entry where it
    /// begins with nothing, every address lies inside, every value is made before it is used, shapes fit. Costs one look
    /// at each operation; one at each entry too of tensors whose entries several writes set in turns.
    ///
    /// # Errors
    /// The first thing found that does not hold.
    pub fn check(&self) -> Result<(), CheckError> {
        for tensor in &self.tensors {
            volume(&tensor.shape)?;
        }
        let mut known = vec![Known::Nothing; self.tensors.len()];
        for (_, id) in &self.inputs {
            let entry = known.get_mut(id.index()).ok_or(CheckError::NoTensor(*id))?;
            if *entry == Known::Set {
                return Err(CheckError::Overwritten(*id));
            }
            *entry = Known::Set;
        }
        self.steps(&self.steps, &mut known)?;
        self.outputs.iter().try_for_each(|(_, id)| self.readable(*id, &known))
    }

    fn steps(&self, steps: &[Step], known: &mut [Known]) -> Result<(), CheckError> {
        for step in steps {
            match step {
                Step::Nest(nest) => self.nest(nest, known)?,
                Step::Product(p) => {
                    volume(&p.extents)?;
                    let k = p.extents.len().wrapping_sub(1);
                    let (m, n) = (k.wrapping_sub(2), k.wrapping_sub(1));
                    let still = |access: &Access, axis| access.strides.get(axis).is_some_and(|s| *s == 0);
                    if p.extents.len() < 3 || !(still(&p.left, n) && still(&p.right, m) && still(&p.to, k)) {
                        return Err(CheckError::Shapes("product"));
                    }
                    for access in [&p.left, &p.right] {
                        self.readable(access.tensor, known)?;
                        self.inside(access, &p.extents, 0)?;
                    }
                    if [p.left.tensor, p.right.tensor].contains(&p.to.tensor) {
                        return Err(CheckError::Factor(p.to.tensor));
                    }
                    // A sum of nothing is written too.
                    let mut once = p.extents.clone();
                    once[k] = 1;
                    self.inside(&p.to, &once, 0)?;
                    if self.tensor(p.to.tensor).start.is_none() && !self.sets_all(p) {
                        return Err(CheckError::Unset(p.to.tensor));
                    }
                    self.written(p.to.tensor, How::Set, known)?;
                    if !(p.left.picks.is_empty() && p.right.picks.is_empty() && p.to.picks.is_empty()) {
                        return Err(CheckError::Shapes("product"));
                    }
                }
                Step::Factorization(f) => {
                    self.readable(f.from, known)?;
                    let from = &self.tensor(f.from).shape;
                    let to = self.tensors.get(f.to.index()).ok_or(CheckError::NoTensor(f.to))?;
                    let Some((batch, [m, n])) = from.split_last_chunk::<2>() else {
                        return Err(CheckError::Shapes(f.op.name()));
                    };
                    let fits = to.shape.starts_with(batch)
                        && to.shape.len() == batch.len() + f.op.rank()
                        && to.shape[batch.len()..].iter().all(|size| size == n);
                    if m != n || !fits {
                        return Err(CheckError::Shapes(f.op.name()));
                    }
                    self.written(f.to, How::Set, known)?;
                }
                Step::Repeat(repeat) => self.repeat(repeat, known)?,
            }
        }
        Ok(())
    }

    fn repeat(&self, repeat: &Repeat, known: &mut [Known]) -> Result<(), CheckError> {
        let shape = |id: TensorId| match self.tensors.get(id.index()) {
            Some(tensor) => Ok(&tensor.shape),
            None => Err(CheckError::NoTensor(id)),
        };
        if !shape(repeat.number)?.is_empty() {
            return Err(CheckError::Shapes("repeat"));
        }
        // What states begin with is there before the loop.
        repeat.states.iter().try_for_each(|state| self.readable(state.first, known))?;
        self.written(repeat.number, How::Set, known)?;
        for state in &repeat.states {
            if shape(state.first)? != shape(state.current)? || shape(state.next)? != shape(state.current)? {
                return Err(CheckError::Shapes("repeat"));
            }
            self.written(state.current, How::Set, known)?;
        }
        let outside = known.to_vec();
        for state in repeat.states.iter().filter(|state| state.next == state.current) {
            known[state.current.index()] = Known::Grows;
        }
        self.steps(&repeat.steps, known)?;
        // Each time begins with the start values: parts that were written before would be lost.
        let mut lost = None;
        let mut inside = |id: TensorId| {
            if outside.get(id.index()) == Some(&Known::Partly) {
                lost = Some(CheckError::Overwritten(id));
            }
        };
        repeat.steps.iter().for_each(|step| step.for_each_write(&mut inside));
        if let Some(lost) = lost {
            return Err(lost);
        }
        repeat.states.iter().try_for_each(|state| self.readable(state.next, known))?;
        // What the steps make is gone after the last time, or was never made.
        for (now, before) in known.iter_mut().zip(outside) {
            *now = before;
        }
        if repeat.count == 0 {
            known[repeat.number.index()] = Known::Nothing;
        }
        for record in &repeat.records {
            let state = repeat.states.get(record.state).ok_or(CheckError::NoValue(record.state as u32))?;
            let wanted = shape(state.current)?;
            let Some((count, rest)) = shape(record.to)?.split_first() else {
                return Err(CheckError::Shapes("record"));
            };
            if *count != repeat.count || rest != &wanted[..] {
                return Err(CheckError::Shapes("record"));
            }
            self.written(record.to, How::Set, known)?;
        }
        Ok(())
    }

    fn nest(&self, nest: &Nest, known: &mut [Known]) -> Result<(), CheckError> {
        volume(&nest.extents)?;
        for read in &nest.reads {
            self.readable(read.tensor, known)?;
            self.inside(read, &nest.extents, nest.body.len())?;
        }
        for (at, op) in nest.body.iter().enumerate() {
            let mut wrong = None;
            op.for_each_operand(|value| {
                if value as usize >= at {
                    wrong = Some(CheckError::NoValue(value));
                }
            });
            match *op {
                Scalar::Read(read) => match nest.reads.get(read as usize) {
                    None => wrong = Some(CheckError::NoValue(read)),
                    Some(access) => {
                        let late = access.picks.iter().find(|pick| pick.index as usize >= at);
                        wrong = late.map(|pick| CheckError::NoValue(pick.index));
                    }
                },
                Scalar::Trip(axis) if axis as usize >= nest.extents.len() => {
                    wrong = Some(CheckError::NoValue(axis));
                }
                Scalar::Call1(f, ..) | Scalar::Call2(f, ..) | Scalar::Call3(f, ..) => {
                    let mut count = 0;
                    op.for_each_operand(|_| count += 1);
                    if f.row().args.len() != count {
                        wrong = Some(CheckError::Arity(f.row().name));
                    }
                }
                Scalar::Number(_)
                | Scalar::Trip(_)
                | Scalar::Neg(_)
                | Scalar::Add(..)
                | Scalar::Sub(..)
                | Scalar::Mul(..)
                | Scalar::Div(..)
                | Scalar::Fma(..)
                | Scalar::Compare(..)
                | Scalar::Not(_)
                | Scalar::And(..)
                | Scalar::Or(..)
                | Scalar::Select(..) => {}
            }
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
        }
        for write in &nest.writes {
            if write.value as usize >= nest.body.len() {
                return Err(CheckError::NoValue(write.value));
            }
            self.inside(&write.to, &nest.extents, nest.body.len())?;
        }
        // Now that all of them are known to lie inside.
        for write in &nest.writes {
            // A nest may set parts of one tensor in several writes; the steps after it may not set it again.
            let earlier = nest.writes.iter().take_while(|w| !std::ptr::eq(*w, write));
            if earlier.clone().all(|w| w.to.tensor != write.to.tensor) {
                self.written(write.to.tensor, write.how, known)?;
                if known[write.to.tensor.index()] != Known::Grows {
                    self.set_whole(nest, write.to.tensor)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a nest sets every entry of a tensor that begins with nothing.
    fn set_whole(&self, nest: &Nest, id: TensorId) -> Result<(), CheckError> {
        if self.tensor(id).start.is_some() {
            return Ok(());
        }
        let mut writes = nest.writes.iter().filter(|write| write.to.tensor == id);
        if writes.any(|write| write.how != How::Set) {
            return Err(CheckError::Unwritten(id));
        }
        if self.sets_whole(nest, id) { Ok(()) } else { Err(CheckError::Unset(id)) }
    }

    /// Whether what a nest writes to a tensor meets every entry.
    pub(crate) fn sets_whole(&self, nest: &Nest, id: TensorId) -> bool {
        let writes = nest.writes.iter().filter(|write| write.to.tensor == id);
        self.covers(&writes.map(|write| &write.to).collect::<Vec<_>>(), &nest.extents)
    }

    /// Whether a product sets every entry of its tensor.
    pub(crate) fn sets_all(&self, product: &Product) -> bool {
        let outer = product.extents.len().saturating_sub(1);
        self.covers(&[&product.to], &product.extents[..outer])
    }

    /// Whether these accesses of one tensor, all inside it, meet every entry. Where one says no because another meets
    /// entries between its own, that is looked up entry by entry, up to [`MAX_LOOKED_AT`] of them.
    fn covers(&self, accesses: &[&Access], extents: &[usize]) -> bool {
        let Some(first) = accesses.first() else { return true };
        let len = self.tensor(first.tensor).len();
        if len == 0 {
            return true;
        }
        if extents.contains(&0) || accesses.iter().any(|access| !access.picks.is_empty()) {
            return false;
        }
        let mut runs: Vec<(usize, usize)> = Vec::with_capacity(accesses.len());
        for access in accesses {
            match run(access, extents) {
                Some(run) => runs.push(run),
                None if accesses.len() == 1 || len > MAX_LOOKED_AT => return false,
                None => return meet(accesses, extents, len),
            }
        }
        runs.sort_unstable();
        let end = runs.iter().try_fold(0, |end, (from, to)| (*from <= end).then_some(end.max(*to)));
        end == Some(len)
    }

    fn readable(&self, id: TensorId, known: &[Known]) -> Result<(), CheckError> {
        match known.get(id.index()) {
            None => Err(CheckError::NoTensor(id)),
            Some(Known::Nothing) if !self.tensor(id).is_empty() => Err(CheckError::Unwritten(id)),
            Some(_) => Ok(()),
        }
    }

    fn written(&self, id: TensorId, how: How, known: &mut [Known]) -> Result<(), CheckError> {
        let entry = known.get_mut(id.index()).ok_or(CheckError::NoTensor(id))?;
        let starts = self.tensor(id).start.is_some();
        *entry = match (*entry, how, starts) {
            (Known::Grows, How::Add | How::Multiply | How::Max | How::Min, _) => Known::Grows,
            (Known::Set | Known::Grows, ..) => return Err(CheckError::Overwritten(id)),
            (_, _, true) => Known::Partly,
            (Known::Nothing, How::Set, false) => Known::Set,
            (_, _, false) => return Err(CheckError::Unwritten(id)),
        };
        Ok(())
    }

    /// Whether every address of an access lies inside its tensor.
    fn inside(&self, access: &Access, extents: &[usize], values: usize) -> Result<(), CheckError> {
        let id = access.tensor;
        let tensor = self.tensors.get(id.index()).ok_or(CheckError::NoTensor(id))?;
        if access.strides.len() != extents.len() {
            return Err(CheckError::Shapes("access"));
        }
        if let Some(pick) = access.picks.iter().find(|pick| pick.index as usize >= values) {
            return Err(CheckError::NoValue(pick.index));
        }
        if extents.contains(&0) {
            return Ok(());
        }
        let (mut least, mut most) = (access.offset as i128, access.offset as i128);
        let picks = access.picks.iter().map(|pick| (pick.stride, pick.size));
        for (stride, size) in access.strides.iter().copied().zip(extents.iter().copied()).chain(picks) {
            let far = stride as i128 * (size as i128 - 1).max(0);
            least += far.min(0);
            most += far.max(0);
        }
        if least < 0 || most >= tensor.len() as i128 { Err(CheckError::Outside(id)) } else { Ok(()) }
    }
}

/// The entries that an access meets, from the first to the one behind the last, where they have no gap.
fn run(access: &Access, extents: &[usize]) -> Option<(usize, usize)> {
    let mut from = access.offset;
    let mut steps: SmallVec<[(usize, usize); 4]> = SmallVec::new();
    for (stride, n) in access.strides.iter().zip(extents).filter(|(stride, n)| **stride != 0 && **n > 1) {
        from += (stride * (*n as isize - 1)).min(0);
        steps.push((stride.unsigned_abs(), *n));
    }
    // Runs of the smaller strides must reach as far as the next one steps: nothing else meets what is between.
    steps.sort_unstable();
    let length = steps
        .iter()
        .try_fold(1usize, |length, (stride, n)| (*stride <= length).then(|| length + stride * (n - 1)))?;
    let from = usize::try_from(from).ok()?;
    Some((from, from + length))
}

/// Whether accesses meet every entry of so many, by marking those that they meet.
fn meet(accesses: &[&Access], extents: &[usize], len: usize) -> bool {
    let mut met = vec![false; len];
    for access in accesses {
        // Loops that stand still meet the same entries again.
        let moving =
            access.strides.iter().copied().zip(extents.iter().copied()).filter(|(stride, _)| *stride != 0);
        let (strides, extents): (SmallVec<[isize; 4]>, SmallVec<[usize; 4]>) = moving.unzip();
        // Of more trips than entries many meet what others met.
        if extents.iter().try_fold(1usize, |all, n| all.checked_mul(*n)).is_none_or(|all| all > MAX_LOOKED_AT)
        {
            return false;
        }
        let _ = each_trip(&extents, |trip| {
            let far: isize = strides.iter().zip(trip).map(|(stride, at)| stride * *at as isize).sum();
            met[(access.offset + far) as usize] = true;
            Ok::<(), ()>(())
        });
    }
    met.iter().all(|met| *met)
}

fn volume(sizes: &[usize]) -> Result<usize, CheckError> {
    let all = sizes.iter().try_fold(1usize, |all, n| all.checked_mul(*n));
    all.filter(|all| *all <= MAX_ENTRIES).ok_or(CheckError::Size)
}
