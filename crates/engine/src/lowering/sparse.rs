//! Programs whose outputs have few entries that are not 0, made to compute those alone.

use smol_str::format_smolstr;

use super::dense;
use crate::ir::{Access, How, Program, Step, Strides, TensorId};

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
    for (at, (name, output)) in program.outputs.iter().enumerate() {
        let before = (small.clone(), entries.len());
        if !only_written(program, *output) || !small.shorten(*output, at, &mut entries) {
            (small, _) = before;
            entries.truncate(before.1);
            entries.extend((0..program.tensor(*output).len()).map(|entry| (at, entry)));
            small.outputs.push((name.clone(), *output));
        }
    }
    for (at, (name, _)) in small.outputs.iter_mut().enumerate() {
        *name = format_smolstr!("y{at}");
    }
    debug_assert_eq!(small.check(), Ok(()), "{small}");
    Sparse { program: small, entries }
}

/// Whether a tensor begins with zeros, is one output, and nothing reads it.
fn only_written(program: &Program, output: TensorId) -> bool {
    let mut read = program.inputs.iter().any(|(_, id)| *id == output);
    program.steps.iter().for_each(|step| step.for_each_read(&mut |id| read |= id == output));
    let once = program.outputs.iter().filter(|(_, id)| *id == output).count() == 1;
    once && !read && program.tensor(output).start.is_some_and(|start| start.get() == 0.0)
}

impl Program {
    /// Writes a tensor's entries into tensors of their own, which become outputs; whether that can be done.
    fn shorten(&mut self, output: TensorId, number: usize, entries: &mut Vec<(usize, usize)>) -> bool {
        for at in 0..self.steps.len() {
            let mut written = false;
            self.steps[at].for_each_write(&mut |id| written |= id == output);
            if !written {
                continue;
            }
            let Step::Nest(nest) = &self.steps[at] else { return false };
            let mut nest = nest.clone();
            for write in nest.writes.iter_mut().filter(|write| write.to.tensor == output) {
                if !write.to.picks.is_empty() || !matches!(write.how, How::Set | How::Add) {
                    return false;
                }
                let axes = nest.extents.iter().zip(&write.to.strides).filter(|(_, stride)| **stride != 0);
                let (shape, strides): (Vec<usize>, Vec<isize>) = axes.map(|(n, s)| (*n, *s)).unzip();
                list(write.to.offset, &shape, &strides, &mut |address| entries.push((number, address)));
                // A loop that does not move the write adds up.
                write.how = if shape.len() < nest.extents.len() { How::Add } else { How::Set };
                let start = (write.how == How::Add).then_some(0.0);
                let id = self.declare(shape.clone(), start);
                let mut own = dense(&shape).into_iter();
                let strides: Strides = write
                    .to
                    .strides
                    .iter()
                    .map(|stride| if *stride == 0 { 0 } else { own.next().unwrap_or(0) })
                    .collect();
                write.to = Access { tensor: id, offset: 0, strides, picks: smallvec::SmallVec::new() };
                self.outputs.push((format_smolstr!("y{}", self.outputs.len()), id));
            }
            self.steps[at] = Step::Nest(nest);
        }
        true
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
