//! Random programs.

use std::collections::HashSet;

use agnesi_engine::ir::{
    Access, Bits, How, Nest, Pick, Program, Record, Repeat, Scalar, State, Step, TensorId, Test, Write,
};
use agnesi_engine::lowering::{short_loops, split};
use agnesi_functions::find;
use smallvec::SmallVec;

/// A small generator of pseudo-random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    /// Between 1/2 and 2, of either sign.
    fn entry(&mut self) -> f64 {
        let size = 0.5 + 1.5 * (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        if self.chance(2) { -size } else { size }
    }
}

struct Making {
    random: Random,
    /// The names of a function that holds numbers to a size and of another one: of such as are rounded, or exact.
    functions: [&'static str; 2],
    program: Program,
    /// Tensors that may be read, and whether their values are exact.
    readable: Vec<(TensorId, bool)>,
    /// Those among them that more may be added to.
    growing: Vec<TensorId>,
    inputs: Vec<Vec<f64>>,
    /// Whether several trips set one entry, in the order of the interpreter or another.
    collides: bool,
}

impl Making {
    fn input(&mut self, count: usize) -> TensorId {
        let id = self.program.declare(vec![count], None);
        self.program.inputs.push((format!("x{}", id.0).into(), id));
        self.inputs.push((0..count).map(|_| self.random.entry()).collect());
        self.readable.push((id, true));
        id
    }

    /// Strides for loops, and how many entries they reach over.
    fn strides(&mut self, extents: &[usize]) -> (SmallVec<[isize; 3]>, isize, usize) {
        let mut far = 1isize;
        let mut strides: SmallVec<[isize; 3]> = extents.iter().map(|_| 0).collect();
        for (stride, extent) in strides.iter_mut().zip(extents).rev() {
            *stride = far;
            far *= *extent as isize;
        }
        for stride in &mut strides {
            match self.random.below(8) {
                0 => *stride = 0,
                1 => *stride = -*stride,
                2 => *stride = 2,
                _ => {}
            }
        }
        let (mut least, mut most) = (0, 0);
        for (stride, extent) in strides.iter().zip(extents) {
            let all = stride * (*extent as isize - 1);
            least += all.min(0);
            most += all.max(0);
        }
        (strides, -least, (most - least) as usize + 1)
    }

    /// A read of something that is large enough; whether it is exact.
    fn read(&mut self, extents: &[usize], inside: Option<TensorId>) -> (Access, bool) {
        let (strides, offset, count) = self.strides(extents);
        let at = self.random.below(self.readable.len().max(1));
        let found = inside.map(|id| (id, true)).or_else(|| self.readable.get(at).copied());
        let found = found.filter(|(id, _)| self.program.tensor(*id).len() >= count);
        let (tensor, exact) = found.unwrap_or_else(|| (self.input(count), true));
        let more = self.random.below(self.program.tensor(tensor).len() - count + 1) as isize;
        (Access { tensor, offset: offset + more, strides, picks: SmallVec::new() }, exact)
    }

    /// A nest that writes new tensors, into `program.steps` of the caller. `state` is a tensor of the scope.
    fn nest(&mut self, state: Option<TensorId>, target: Option<TensorId>) -> Nest {
        let extents: SmallVec<[usize; 3]> = match target {
            Some(to) => SmallVec::from_slice(&[self.program.tensor(to).len()]),
            // Often the loops of others, with a short one more or less.
            None if self.random.chance(2) => SmallVec::from_slice(
                [&[6][..], &[6, 2], &[2, 6], &[6, 3], &[6, 6], &[]][self.random.below(6)],
            ),
            None => (0..self.random.below(4)).map(|_| 1 + self.random.below(13)).collect(),
        };
        let mut nest = Nest { extents: extents.clone(), ..Nest::default() };
        let mut exact = true;
        for at in 0..1 + self.random.below(3) {
            let inside = state.filter(|_| at == 0);
            let (access, sure) = self.read(&extents, inside);
            exact &= sure;
            nest.reads.push(access);
            nest.body.push(Scalar::Read(at as u32));
        }
        if !extents.is_empty() && self.random.chance(2) {
            let axis = self.random.below(extents.len());
            nest.body.push(Scalar::Trip(axis as u32));
            if self.random.chance(2) {
                let size = extents[axis];
                let tensor = self.input(size);
                let pick = Pick { index: nest.body.len() as u32 - 1, stride: 1, size };
                let strides = SmallVec::from_elem(0, extents.len());
                nest.reads.push(Access { tensor, offset: 0, strides, picks: SmallVec::from_elem(pick, 1) });
                nest.body.push(Scalar::Read(nest.reads.len() as u32 - 1));
            }
        }
        nest.body.push(Scalar::Number(Bits::new(self.random.entry())));
        for _ in 0..self.random.below(14) {
            let of = nest.body.len();
            let [a, b, c] = [(); 3].map(|()| self.random.below(of) as u32);
            // What rounding may have changed must not decide anything.
            let op = match self.random.below(if exact { 18 } else { 6 }) {
                0 => Scalar::Neg(a),
                1 => Scalar::Add(a, b),
                2 => Scalar::Sub(a, b),
                3 => Scalar::Fma(a, b, c),
                4 => Scalar::Call1(find(self.functions[0]).expect("a row"), a),
                5 => Scalar::Call1(find(self.functions[1]).expect("a row"), a),
                6 => Scalar::Div(a, b),
                7 => Scalar::Mul(a, b),
                8 => Scalar::Compare(Test::Less, a, b),
                9 => Scalar::Compare(Test::LessEqual, a, b),
                10 => Scalar::Compare(Test::Equal, a, b),
                11 => Scalar::Not(a),
                12 => Scalar::And(a, b),
                13 => Scalar::Or(a, b),
                14 => Scalar::Call2(find(["max", "min"][a as usize % 2]).expect("a row"), a, b),
                15 => Scalar::Call1(
                    find(["floor", "ceil", "abs", "sqrt", "relu"][a as usize % 5]).expect("a row"),
                    b,
                ),
                16 => Scalar::Call3(find("clamp").expect("a row"), a, b, c),
                _ => Scalar::Select(a, b, c),
            };
            nest.body.push(op);
        }
        if let Some(to) = target {
            // Held to a size that does not grow from time to time.
            let value = nest.body.len() as u32;
            nest.body.push(Scalar::Call1(find(self.functions[0]).expect("a row"), value - 1));
            let to =
                Access { tensor: to, offset: 0, strides: SmallVec::from_slice(&[1]), picks: SmallVec::new() };
            nest.writes.push(Write { value, to, how: How::Set });
            return nest;
        }
        for _ in 0..1 + self.random.below(2) {
            self.write(&mut nest, exact);
        }
        nest
    }

    fn write(&mut self, nest: &mut Nest, exact: bool) {
        let mut value = nest.body.len() as u32 - 1;
        if self.random.chance(3) {
            let dense: usize = nest.extents.iter().product();
            let mut strides: SmallVec<[isize; 3]> = nest.extents.iter().map(|_| 0).collect();
            let mut far = 1isize;
            for (stride, extent) in strides.iter_mut().zip(&nest.extents).rev() {
                *stride = far;
                far *= *extent as isize;
            }
            let tensor = self.program.declare(vec![dense], None);
            self.readable.push((tensor, exact));
            let to = Access { tensor, offset: 0, strides, picks: SmallVec::new() };
            nest.writes.push(Write { value, to, how: How::Set });
            return;
        }
        let (strides, offset, count) = self.strides(&nest.extents);
        let how =
            [How::Add, How::Add, How::Add, How::Multiply, How::Max, How::Min, How::Set][self.random.below(7)];
        if how == How::Multiply {
            // Many factors must not overflow.
            nest.body.push(Scalar::Call1(find(self.functions[0]).expect("a row"), value));
            value += 1;
        }
        let trips: usize = nest.extents.iter().product();
        self.collides |= how == How::Set && count_of(&nest.extents, &strides) < trips;
        let (tensor, more) = self.target(nest, how, count, exact);
        let members = if how == How::Add { 1 + self.random.below(3) } else { 1 };
        for _ in 0..members {
            let offset = offset + self.random.below(more + 1) as isize;
            let to = Access { tensor, offset, strides: strides.clone(), picks: SmallVec::new() };
            nest.writes.push(Write { value, to, how });
            value = self.random.below(value as usize + 1) as u32;
        }
    }

    /// A tensor with room for so many entries and some more, a new one or one that others have written.
    fn target(&mut self, nest: &Nest, how: How, count: usize, exact: bool) -> (TensorId, usize) {
        if how == How::Add && self.random.chance(2) {
            let takes = |id: &TensorId| {
                // What a nest sets at one place and adds to at another depends on the order of its trips.
                let other = nest.reads.iter().chain(nest.writes.iter().map(|write| &write.to));
                self.program.tensor(*id).len() >= count
                    && other.into_iter().all(|access| access.tensor != *id)
            };
            if let Some(id) = self.growing.iter().copied().rfind(takes) {
                let own = self.readable.iter_mut().filter(|(other, _)| *other == id);
                own.for_each(|(_, exact)| *exact = false);
                return (id, self.program.tensor(id).len() - count);
            }
        }
        let more = self.random.below(8);
        let start = [0.0, 0.0, 1.5][self.random.below(3)];
        let tensor = self.program.declare(vec![count + more], Some(start));
        self.readable.push((tensor, exact && how == How::Set));
        if matches!(how, How::Add | How::Set) {
            self.growing.push(tensor);
        }
        (tensor, more)
    }

    fn repeat(&mut self) -> Step {
        let size = 1 + self.random.below(20);
        let count = 1 + self.random.below(5);
        let first = self.input(size);
        let [current, next] = [(); 2].map(|()| self.program.declare(vec![size], None));
        let number = self.program.declare(Vec::new(), None);
        let to = self.program.declare(vec![count, size], None);
        let steps = vec![Step::Nest(self.nest(Some(current), Some(next)))];
        self.readable.extend([(current, false), (to, false)]);
        let states = vec![State { first, current, next }];
        Step::Repeat(Box::new(Repeat {
            count,
            number,
            states,
            steps,
            records: vec![Record { state: 0, to }],
        }))
    }
}

/// How many entries loops meet.
fn count_of(extents: &[usize], strides: &[isize]) -> usize {
    let mut met = HashSet::from([0]);
    for (extent, stride) in extents.iter().zip(strides) {
        met = met.iter().flat_map(|at| (0..*extent as isize).map(move |i| at + stride * i)).collect();
    }
    met.len()
}

/// A program, what it is run with, and which of its outputs are exact.
struct Made {
    program: Program,
    inputs: Vec<Vec<f64>>,
    exact: Vec<bool>,
    /// Whether it needs no functions.
    plain: bool,
    /// Whether several trips set one entry.
    collides: bool,
}

fn made(seed: u64) -> Result<Made, String> {
    let mut random = Random(seed);
    // Kernels of the virtual machine round their own way.
    let plain = random.chance(2);
    let mut making = Making {
        random,
        functions: if plain { ["hardtanh", "relu"] } else { ["tanh", "sin"] },
        program: Program::default(),
        readable: Vec::new(),
        growing: Vec::new(),
        inputs: Vec::new(),
        collides: false,
    };
    let mut steps = Vec::new();
    for _ in 0..1 + making.random.below(6) {
        let step =
            if making.random.chance(5) { making.repeat() } else { Step::Nest(making.nest(None, None)) };
        steps.push(step);
    }
    making.program.steps = steps;
    let mut exact = Vec::new();
    for (id, sure) in &making.readable {
        if making.random.chance(2) || making.program.outputs.is_empty() {
            making.program.outputs.push((format!("y{}", id.0).into(), *id));
            exact.push(*sure);
        }
    }
    let Making { program, inputs, collides, .. } = making;
    program.check().map_err(|error| format!("{error}\n{program}"))?;
    Ok(Made { program, inputs, exact, plain, collides })
}

/// One program, on every backend that needs no compiler of others.
pub fn case(seed: u64) -> Result<(), String> {
    let Made { program, inputs, exact, plain, collides } = made(seed)?;
    short_case(seed)?;
    crate::compare::agrees(&program, &inputs, &exact)?;
    crate::rows::agrees(&program, &inputs, (plain && !collides).then_some(&exact[..]))
}

/// One program without its short loops; whether that is another one.
fn short_case(seed: u64) -> Result<bool, String> {
    let Made { program, inputs, exact, collides, .. } = made(seed)?;
    let mut written_out = program.clone();
    short_loops(&mut written_out);
    written_out.check().map_err(|error| format!("{error}\n{program}\nas\n{written_out}"))?;
    let run = |program: &Program| program.run(&inputs.iter().map(Vec::as_slice).collect::<Vec<_>>());
    match (run(&program), run(&written_out)) {
        // The last trip of several that set an entry may be another one.
        (Ok(_), Ok(_)) if collides => {}
        (Ok(wanted), Ok(found)) => {
            let signs = !crate::compare::has_extrema(&program.steps);
            for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                crate::compare::close(found, wanted, exact[at], signs)
                    .map_err(|error| format!("output {at}: {error}\n{program}\nas\n{written_out}"))?;
            }
        }
        (Err(_), Err(_)) => {}
        (wanted, found) => return Err(format!("{found:?} is not {wanted:?}\n{program}\nas\n{written_out}")),
    }
    Ok(written_out != program)
}

/// One program, with each number of its last inputs taken for data; whether it is split for any.
fn split_case(seed: u64) -> Result<bool, String> {
    let Made { program, inputs, .. } = made(seed)?;
    let run = |program: &Program, inputs: &[Vec<f64>]| {
        program.run(&inputs.iter().map(Vec::as_slice).collect::<Vec<_>>()).map_err(|error| error.to_string())
    };
    let Ok(whole) = run(&program, &inputs) else { return Ok(false) };
    let mut any = false;
    for data in 0..=inputs.len() {
        let Some(parts) = split(&program, data) else { continue };
        any = true;
        for part in [&parts.once, &parts.each] {
            part.check().map_err(|error| format!("{data} data: {error}\n{part}"))?;
        }
        let kept = run(&parts.once, &inputs[inputs.len() - data..])?;
        let found = run(&parts.each, &[&inputs[..], &kept].concat())?;
        let bits = |all: &[Vec<f64>]| all.concat().iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
        if bits(&found) != bits(&whole) {
            return Err(format!("{data} data: {found:?} is not {whole:?}\n{program}\n{}", parts.each));
        }
    }
    Ok(any)
}

/// The seeds to be tried.
fn seeds() -> impl ExactSizeIterator<Item = u64> {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let first = number("AGNESI_SEED").unwrap_or(20);
    (0..number("PROPTEST_CASES").unwrap_or(300) as u32).map(move |at| first + u64::from(at) * 1_000_003)
}

#[test]
fn programs() {
    for seed in seeds() {
        case(seed).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn programs_without_short_loops() {
    let count = seeds().len();
    let other = seeds()
        .filter(|&seed| short_case(seed).unwrap_or_else(|error| panic!("seed {seed}: {error}")))
        .count();
    assert!(other * 3 > count, "{other} of {count} are written out");
}

#[test]
fn programs_split_by_data() {
    let count = seeds().len();
    let split = seeds()
        .filter(|&seed| split_case(seed).unwrap_or_else(|error| panic!("seed {seed}: {error}")))
        .count();
    assert!(split * 4 > count, "{split} of {count} are split");
}
