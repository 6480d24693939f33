//! What is assembled computes the same bits as the kernels, however many values there are at once.

use crate::ir::{Access, Bits, How, Nest, Program, Scalar, Step as ProgramStep, Test, Write};
use crate::machine::nest::{Slow, Step};
use crate::machine::{Machine, Ready, Real};
use crate::vector::{InstructionSet, LINE};
use agnesi_functions::find;
use smallvec::SmallVec;

/// A small generator of pseudo-random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// A nest of three turns over rows of `length` numbers, or of one turn of single numbers where that is 1: `reads` of rows and
/// of numbers that are the same for a row or for all, so many operations on any of what is there, and `writes`. In some,
/// functions that are not assembled are between.
fn program(random: &mut Random, length: usize, reads: usize, operations: usize, writes: usize) -> Program {
    let mut program = Program::default();
    let turns = if length == 1 { 1 } else { 3 };
    let mut nest = Nest::default();
    if length > 1 {
        nest.extents.extend([turns, length]);
    }
    let access = |tensor, offset, strides: [isize; 2]| Access {
        tensor,
        offset,
        strides: strides.into_iter().take(if length == 1 { 0 } else { 2 }).collect(),
        picks: SmallVec::new(),
    };
    let row = |tensor| access(tensor, 0, [length as isize, 1]);
    for at in 0..reads {
        let id = program.declare(vec![turns * length], None);
        program.inputs.push((format!("x{at}").into(), id));
        nest.reads.push(match random.below(4) {
            0 => access(id, 0, [1, 0]),
            1 => access(id, 0, [0, 0]),
            _ => row(id),
        });
        nest.body.push(Scalar::Read(at as u32));
    }
    for number in [0.0, -0.0, 1.5, f64::INFINITY] {
        nest.body.push(Scalar::Number(Bits::new(number)));
    }
    let function = |name: &str| find(name).expect("a row");
    // Without, there is one long run of steps.
    let functions = random.below(2) == 0;
    for _ in 0..operations {
        let count = nest.body.len();
        let [a, b, c] = [(); 3].map(|()| random.below(count) as u32);
        nest.body.push(match random.below(26) {
            0..=2 => Scalar::Add(a, b),
            3..=5 => Scalar::Sub(a, b),
            6..=8 => Scalar::Mul(a, b),
            9 => Scalar::Mul(a, a),
            10 => Scalar::Div(a, b),
            11..=13 => Scalar::Fma(a, b, c),
            14 => Scalar::Neg(a),
            15 => Scalar::Call1(function(["abs", "sqrt", "floor", "ceil", "relu"][random.below(5)]), a),
            16 => Scalar::Call2(function(["min", "max"][random.below(2)]), a, b),
            17 => Scalar::Compare([Test::Less, Test::LessEqual, Test::Equal][random.below(3)], a, b),
            18 => Scalar::Not(a),
            19 => Scalar::And(a, b),
            20 => Scalar::Or(a, b),
            21 | 22 => Scalar::Select(a, b, c),
            23 if functions => {
                Scalar::Call1(function(["sign", "round", "sin", "cos", "exp"][random.below(5)]), a)
            }
            _ => Scalar::Add(a, count as u32 - 1),
        });
    }
    // Entries of one tensor, or tensors.
    let all = program.declare(vec![writes], Some(0.25));
    if length == 1 {
        program.outputs.push(("y".into(), all));
    }
    for at in 0..writes {
        let back = random.below(nest.body.len().min(3 * writes));
        let value = (nest.body.len() - 1 - back) as u32;
        if length == 1 {
            let how = [How::Set, How::Set, How::Add, How::Max][random.below(4)];
            nest.writes.push(Write { value, to: access(all, at as isize, [0, 0]), how });
            continue;
        }
        let id = program.declare(vec![turns * length], None);
        program.outputs.push((format!("y{at}").into(), id));
        nest.writes.push(Write { value, to: row(id), how: How::Set });
    }
    program.steps.push(ProgramStep::Nest(nest));
    program
}

/// The outputs of a run, each of which begins so many numbers further behind a line of the caches than the one before.
fn run<T: Real>(machine: &mut Machine<T>, inputs: &[Vec<T>], shift: usize) -> Vec<u64> {
    let program = machine.program();
    let lengths: Vec<usize> = program.outputs.iter().map(|(_, id)| program.tensor(*id).len()).collect();
    let room = |at: usize, length: &usize| vec![T::default(); length + LINE / size_of::<T>() + at * shift];
    let mut outputs: Vec<Vec<T>> = lengths.iter().enumerate().map(|(at, length)| room(at, length)).collect();
    let lists: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
    let part = |(at, (room, length)): (usize, (&'_ mut Vec<T>, &usize))| {
        let begin = room.as_ptr().align_offset(LINE) + at * shift;
        begin..begin + length
    };
    let parts: Vec<_> = outputs.iter_mut().zip(&lengths).enumerate().map(part).collect();
    let mut rooms: Vec<&mut [T]> =
        outputs.iter_mut().zip(&parts).map(|(room, part)| &mut room[part.clone()]).collect();
    machine.run(&lists, &mut rooms).expect("a run");
    let bits = |x: &T| if x.to_f64().is_nan() { f64::NAN.to_bits() } else { x.to_f64().to_bits() };
    rooms.iter().flat_map(|room| room.iter()).map(bits).collect()
}

fn functions<T: Real>(machine: &Machine<T>) -> usize {
    let of = |step: &Ready<T>| match step {
        Ready::Nest(code, ..) => {
            let steps = code.steps.iter().filter(|step| matches!(step, Step::Assembled(..))).count();
            steps + code.scalars.iter().filter(|slow| matches!(slow, Slow::Assembled(_))).count()
        }
        _ => 0,
    };
    machine.steps.iter().map(of).sum()
}

/// How many writes go past the caches from registers.
fn direct<T: Real>(machine: &Machine<T>) -> usize {
    let of = |step: &Ready<T>| match step {
        Ready::Nest(code, ..) => code.direct.len(),
        _ => 0,
    };
    machine.steps.iter().map(of).sum()
}

/// How many functions there are, and how many writes past the caches.
fn agrees<T: Real>(seed: u64, set: InstructionSet, size: [usize; 4]) -> [usize; 2] {
    let mut random = Random(seed);
    let [length, reads, operations, writes] = size;
    let program = program(&mut random, length, reads, operations, writes);
    let entries = program.input_len() / reads;
    let special = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-320, -0.5, 2.5];
    let mut number = || match random.below(12) {
        at if at < special.len() => special[at],
        _ => (random.below(4000) as f64 - 2000.0) / 256.0,
    };
    let inputs: Vec<Vec<T>> =
        (0..reads).map(|_| (0..entries).map(|_| T::from_f64(number())).collect()).collect();
    let mut machine = Machine::<T>::for_set(program.clone(), set).expect("ready");
    let wanted = run(&mut machine, &inputs, 1);
    machine.assemble();
    for shift in [0, 1] {
        let found = run(&mut machine, &inputs, shift);
        assert!(found == wanted, "{}, {}, seed {seed}, {size:?}:\n{program}", set.name(), T::NAME);
    }
    [functions(&machine), direct(&machine)]
}

#[test]
#[cfg_attr(miri, ignore = "no instructions are assembled")]
fn as_by_kernels() {
    // Few and many values at once, more than registers, and more than are put aside; short rows and such as are written past
    // the caches. For each so many programs.
    let sizes = [
        ([5, 1, 3, 1], 200),
        ([300, 3, 20, 2], 200),
        ([1100, 3, 25, 4], 200),
        ([1, 12, 60, 7], 200),
        ([40, 12, 120, 9], 200),
        ([9, 70, 400, 60], 20),
        ([17, 40, 1900, 90], 20),
        ([1100, 40, 1400, 90], 5),
        ([1, 40, 1900, 200], 20),
    ];
    for set in InstructionSet::available() {
        let [mut functions, mut direct] = [0, 0];
        for (size, seeds) in sizes {
            for seed in 0..seeds {
                for [made, past] in [agrees::<f64>(seed, set, size), agrees::<f32>(seed, set, size)] {
                    functions += made;
                    direct += past;
                }
            }
        }
        let assembles = matches!(set, InstructionSet::Avx2 | InstructionSet::Avx512);
        assert_eq!(functions > 1000, assembles, "{}: {functions} functions", set.name());
        assert_eq!(direct > 100, assembles, "{}: {direct} writes past the caches", set.name());
    }
}

/// After some runs what takes long is assembled, and what takes no time is not.
#[test]
#[cfg_attr(miri, ignore = "no instructions are assembled")]
fn after_some_runs() {
    let set = InstructionSet::best();
    if !matches!(set, InstructionSet::Avx2 | InstructionSet::Avx512) {
        eprintln!("no instructions are assembled for {}", set.name());
        return;
    }
    let mut random = Random(1);
    let program = program(&mut random, 64, 2, 30, 1);
    let inputs = vec![vec![0.5; 3 * 64]; 2];
    let mut machine = Machine::<f64>::for_set(program, set).expect("ready");
    run(&mut machine, &inputs, 0);
    assert_eq!(functions(&machine), 0);
    (0..1000).for_each(|_| drop(run(&mut machine, &inputs, 0)));
    assert!(functions(&machine) > 0);
}
