//! Programs whose outputs have few entries that are not 0, made to compute those alone.

use smol_str::{SmolStr, format_smolstr};

use super::{dense, zero_signs};
use crate::ir::{Access, Bits, How, Program, Scalar, Step, Strides, TensorId, Value};

/// A program of the entries of some tensors that can differ from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse {
    /// Its outputs together hold the entries.
    pub program: Program,
    /// For each number of the outputs, one after the other, which output of the program before it belongs to, and to which
    /// entry, counted with the last axis the fastest. The numbers of one entry are added.
    pub entries: Vec<(usize, usize)>,
}

/// The entries of a program's outputs that something is written to, and a program that computes these alone. Where it is
/// not known before which these are, an output is taken whole.
///
/// The tensor of a contraction with a delta or a one-hot factor begins with zeros and is written where these are 1, so that
/// what is written is the sparsity pattern. Cost: linear in the numbers written at each run.
///
/// ```
/// use agnesi_engine::ir::parse;
/// use agnesi_engine::lowering::sparse;
///
/// let text = "t0: 3\nt1: 3 3 = 0.0\nin x t0\nfor 3\n  %0 = t0[0 + 1*#0]\n  t1[0 + 4*#0] += %0\nend\nout y t1\n";
/// let diagonal = sparse(&parse(text).expect("a program"));
/// assert_eq!(diagonal.entries, [(0, 0), (0, 4), (0, 8)]);
/// assert_eq!(diagonal.program.output_len(), 3);
/// ```
pub fn sparse(program: &Program) -> Sparse {
    let mut small = Program { outputs: Vec::new(), ..program.clone() };
    let mut entries = Vec::new();
    for (at, (_, output)) in program.outputs.iter().enumerate() {
        if is_summed_up(program, *output) {
            small.shorten(*output, &mut |entry| entries.push((at, entry)));
        } else {
            entries.extend((0..program.tensor(*output).len()).map(|entry| (at, entry)));
            small.outputs.push((SmolStr::default(), *output));
        }
    }
    for (at, (name, _)) in small.outputs.iter_mut().enumerate() {
        *name = format_smolstr!("y{at}");
    }
    debug_assert_eq!(small.check(), Ok(()), "{small}");
    Sparse { program: small, entries }
}

/// Whether a tensor begins with zeros, is one output, and nothing is done with it but that nests outside loops add to
/// entries whose places are known.
fn is_summed_up(program: &Program, output: TensorId) -> bool {
    let begins = program.tensor(output).start.is_some_and(|start| start.get() == 0.0);
    let once = program.outputs.iter().filter(|(_, id)| *id == output).count() == 1;
    let given = program.inputs.iter().any(|(_, id)| *id == output);
    begins && once && !given && program.steps.iter().all(|step| only_adds(step, output))
}

fn only_adds(step: &Step, output: TensorId) -> bool {
    let (mut read, mut written) = (false, false);
    step.for_each_read(&mut |id| read |= id == output);
    step.for_each_write(&mut |id| written |= id == output);
    let adds = match step {
        Step::Nest(nest) => nest
            .writes
            .iter()
            .filter(|write| write.to.tensor == output)
            .all(|write| write.how == How::Add && write.to.picks.is_empty()),
        Step::Product(_) | Step::Factorization(_) | Step::Repeat(_) => false,
    };
    !read && (adds || !written)
}

impl Program {
    /// Writes what is added to a tensor into tensors of their own, which become outputs.
    fn shorten(&mut self, output: TensorId, found: &mut impl FnMut(usize)) {
        let mut steps = std::mem::take(&mut self.steps);
        let start = self.tensor(output).start.map_or(0.0, |start| start.get());
        for step in &mut steps {
            let Step::Nest(nest) = step else { continue };
            let never_negative = zero_signs::never_negative_zero(nest);
            for write in nest.writes.iter_mut().filter(|write| write.to.tensor == output) {
                let axes = nest.extents.iter().zip(&write.to.strides).filter(|(_, stride)| **stride != 0);
                let (shape, strides): (Vec<usize>, Vec<isize>) = axes.map(|(n, s)| (*n, *s)).unzip();
                list(write.to.offset, &shape, &strides, found);
                // Loops that do not move the write add up.
                let sums = shape.len() < nest.extents.len();
                write.how = if sums { How::Add } else { How::Set };
                if !sums && !never_negative[write.value as usize] && start.is_sign_positive() {
                    // What is set has been added to 0, which makes 0 of -0.
                    let zero = nest.body.len() as Value;
                    nest.body.extend([Scalar::Number(Bits::new(start)), Scalar::Add(write.value, zero)]);
                    write.value = zero + 1;
                }
                let mut own = dense(&shape).into_iter();
                let id = self.declare(shape, sums.then_some(start));
                let strides: Strides = write
                    .to
                    .strides
                    .iter()
                    .map(|stride| if *stride == 0 { 0 } else { own.next().unwrap_or(0) })
                    .collect();
                write.to = Access { tensor: id, offset: 0, strides, picks: smallvec::SmallVec::new() };
                self.outputs.push((SmolStr::default(), id));
            }
        }
        self.steps = steps;
    }
}

/// The addresses of all trips, the last loop the fastest.
fn list(offset: isize, shape: &[usize], strides: &[isize], found: &mut impl FnMut(usize)) {
    match (shape.split_first(), strides.split_first()) {
        (Some((size, shape)), Some((stride, strides))) => {
            (0..*size).for_each(|i| list(offset + stride * i as isize, shape, strides, found));
        }
        _ => found(offset as usize),
    }
}
