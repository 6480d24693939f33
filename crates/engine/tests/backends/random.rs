//! Random programs of arithmetic and functions that are exact, so that every backend must agree to the last bit.

use agnesi_engine::ir::{
    Access, Bits, How, Nest, Pick, Product, Program, Record, Repeat, Scalar, State, Step, TensorId, Test,
    Write,
};
use agnesi_functions::find;

use super::cases::{Case, Dice};

/// So many programs.
pub fn programs(count: usize, seed: u64) -> Vec<Case> {
    (0..count as u64)
        .map(|at| {
            let mut dice = Dice(seed.wrapping_mul(2 * at + 1));
            let program = Maker::program(&mut dice);
            let inputs = (0..4)
                .map(|_| {
                    let lengths = program.inputs.iter().map(|(_, id)| program.tensor(*id).len());
                    lengths.map(|len| (0..len).map(|_| dice.number()).collect()).collect()
                })
                .collect();
            Case::new(&format!("random_{at}"), program, inputs, true)
        })
        .collect()
}

struct Maker<'a> {
    dice: &'a mut Dice,
    program: Program,
    /// Those that can be read.
    known: Vec<TensorId>,
}

impl Maker<'_> {
    fn program(dice: &mut Dice) -> Program {
        let mut maker = Maker { dice, program: Program::default(), known: Vec::new() };
        for at in 0..1 + maker.dice.below(3) {
            let shape = maker.shape();
            let id = maker.program.declare(shape, None);
            maker.program.inputs.push((["x", "A", "while"][at].into(), id));
            maker.known.push(id);
        }
        let mut made = Vec::new();
        for _ in 0..1 + maker.dice.below(4) {
            let step = match maker.dice.below(6) {
                0 => maker.repeat(&mut made),
                1 => maker.product(&mut made),
                _ => maker.nest(&mut made),
            };
            maker.program.steps.push(step);
            maker.known = [&maker.known[..], &made[..]].concat();
            maker.known.sort();
            maker.known.dedup();
        }
        for (at, id) in made.into_iter().enumerate() {
            maker.program.outputs.push((format!("out{at}").into(), id));
        }
        maker.program
    }

    fn shape(&mut self) -> Vec<usize> {
        (0..self.dice.below(3)).map(|_| 1 + self.dice.below(4)).collect()
    }

    fn access(&mut self, extents: &[usize], tensor: TensorId) -> Access {
        let len = self.program.tensor(tensor).len() as isize;
        let (mut least, mut most) = (0, 0);
        let mut strides = Vec::new();
        for extent in extents {
            let stride = self.dice.below(7) as isize - 3;
            let far = stride * (*extent as isize - 1);
            let fits = (most + far.max(0)) - (least + far.min(0)) < len;
            let stride = if fits { stride } else { 0 };
            let far = if fits { far } else { 0 };
            least += far.min(0);
            most += far.max(0);
            strides.push(stride);
        }
        let offset = -least + self.dice.below((len - (most - least)) as usize) as isize;
        Access { tensor, offset, strides: strides.into_iter().collect(), picks: Default::default() }
    }

    fn body(&mut self, extents: &[usize]) -> (Vec<Access>, Vec<Scalar>) {
        let (mut reads, mut body) = (Vec::new(), Vec::new());
        for _ in 0..1 + self.dice.below(3) {
            let tensor = self.known[self.dice.below(self.known.len())];
            let mut access = self.access(extents, tensor);
            let left = self.program.tensor(tensor).len() as isize - 1;
            let still = access.strides.iter().all(|s| *s == 0);
            if still && left > 0 && self.dice.below(2) == 0 {
                // An index that is computed, most of the time inside.
                let size = left as usize + 1;
                let beyond = usize::from(self.dice.below(20) == 0);
                let index = self.dice.below(size + beyond) as f64 + 1.0;
                body.push(Scalar::Number(Bits::new(index)));
                let forwards = self.dice.below(2) == 0;
                access.offset = if forwards { 0 } else { left };
                let stride = if forwards { 1 } else { -1 };
                access.picks.push(Pick { index: body.len() as u32 - 1, stride, size });
            }
            reads.push(access);
            body.push(Scalar::Read(reads.len() as u32 - 1));
        }
        let number = self.dice.number();
        body.push(Scalar::Number(Bits::new(number)));
        if !extents.is_empty() {
            body.push(Scalar::Trip(self.dice.below(extents.len()) as u32));
        }
        for _ in 0..2 + self.dice.below(12) {
            let count = body.len();
            let mut any = || self.dice.below(count) as u32;
            let (a, b, c) = (any(), any(), any());
            let row = |name: &str| find(name).expect(name);
            const ONE: [&str; 10] =
                ["abs", "floor", "ceil", "round", "frac", "sign", "step", "relu", "sqrt", "hardtanh"];
            let test = [Test::Less, Test::LessEqual, Test::Equal][self.dice.below(3)];
            body.push(match self.dice.below(17) {
                0 => Scalar::Neg(a),
                1 | 2 => Scalar::Add(a, b),
                3 | 4 => Scalar::Sub(a, b),
                5 | 6 => Scalar::Mul(a, b),
                7 => Scalar::Div(a, b),
                8 => Scalar::Fma(a, b, c),
                9 => Scalar::Compare(test, a, b),
                10 => Scalar::Not(a),
                11 => Scalar::And(a, b),
                12 => Scalar::Or(a, b),
                13 => Scalar::Select(a, b, c),
                14 => Scalar::Call1(row(ONE[self.dice.below(10)]), a),
                15 => Scalar::Call2(row(["mod", "max", "min", "leaky_relu"][self.dice.below(4)]), a, b),
                _ => Scalar::Call3(row("clamp"), a, b, c),
            });
        }
        (reads, body)
    }

    fn nest(&mut self, made: &mut Vec<TensorId>) -> Step {
        let extents: Vec<usize> = (0..self.dice.below(4)).map(|_| 1 + self.dice.below(3)).collect();
        let (reads, body) = self.body(&extents);
        let mut writes = Vec::new();
        for _ in 0..1 + self.dice.below(2) {
            let how = [How::Set, How::Add, How::Multiply, How::Max, How::Min][self.dice.below(5)];
            let value = (body.len() - 1 - self.dice.below(3.min(body.len()))) as u32;
            let kept: Vec<bool> =
                extents.iter().map(|_| how == How::Set || self.dice.below(2) == 0).collect();
            let shape: Vec<usize> =
                extents.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(n, _)| *n).collect();
            let start = (how != How::Set).then(|| self.dice.number());
            let to = self.program.declare(shape.clone(), start);
            let mut strides: Vec<isize> = Vec::new();
            let mut far = shape.iter().product::<usize>() as isize;
            for (n, kept) in extents.iter().zip(&kept) {
                if *kept {
                    far /= *n as isize;
                }
                strides.push(if *kept { far } else { 0 });
            }
            let to = Access {
                tensor: to,
                offset: 0,
                strides: strides.into_iter().collect(),
                picks: Default::default(),
            };
            made.push(to.tensor);
            writes.push(Write { value, to, how });
        }
        Step::Nest(Nest { extents: extents.into_iter().collect(), reads, body, writes })
    }

    fn product(&mut self, made: &mut Vec<TensorId>) -> Step {
        let [m, n, k] = [0; 3].map(|_| 1 + self.dice.below(3));
        let extents = [m, n, k];
        let mut factor = |still: usize| {
            let tensor = self.known[self.dice.below(self.known.len())];
            let mut held = extents;
            held[still] = 1;
            let mut access = self.access(&held, tensor);
            access.strides[still] = 0;
            access
        };
        let (left, right) = (factor(1), factor(0));
        let to = self.program.declare(vec![m, n], None);
        made.push(to);
        let strides = [n as isize, 1, 0].into_iter().collect();
        let to = Access { tensor: to, offset: 0, strides, picks: Default::default() };
        let scale = [1.0, -1.0, 0.5][self.dice.below(3)];
        Step::Product(Product {
            extents: extents.into_iter().collect(),
            left,
            right,
            to,
            symmetric: false,
            scale,
        })
    }

    fn repeat(&mut self, made: &mut Vec<TensorId>) -> Step {
        let count = 1 + self.dice.below(3);
        let number = self.program.declare(vec![], None);
        let first: Vec<TensorId> =
            (0..1 + self.dice.below(2)).map(|_| self.known[self.dice.below(self.known.len())]).collect();
        let mut current = Vec::new();
        for first in &first {
            let shape = self.program.tensor(*first).shape.clone();
            current.push(self.program.declare(shape, None));
        }
        let outside = self.known.clone();
        self.known.extend(current.iter().copied().chain([number]));
        let (mut steps, mut states) = (Vec::new(), Vec::new());
        for (first, current) in first.iter().zip(&current) {
            let shape = self.program.tensor(*first).shape.clone();
            let (reads, body) = self.body(&shape);
            let next = self.program.declare(shape.clone(), None);
            let mut far = shape.iter().product::<usize>() as isize;
            let strides = shape.iter().map(|n| {
                far /= *n as isize;
                far
            });
            let to =
                Access { tensor: next, offset: 0, strides: strides.collect(), picks: Default::default() };
            let write = Write { value: body.len() as u32 - 1, to, how: How::Set };
            steps.push(Step::Nest(Nest {
                extents: shape.into_iter().collect(),
                reads,
                body,
                writes: vec![write],
            }));
            states.push(State { first: *first, current: *current, next });
        }
        if let [a, b] = &mut states[..]
            && self.program.tensor(a.next).shape == self.program.tensor(b.current).shape
            && self.dice.below(2) == 0
        {
            a.next = b.current;
            steps.remove(0);
        }
        self.known = outside;
        let shape = [&[count][..], &self.program.tensor(first[0]).shape].concat();
        let to = self.program.declare(shape, None);
        made.extend(current.iter().copied().chain([to]));
        let records = vec![Record { state: 0, to }];
        Step::Repeat(Box::new(Repeat { count, number, states, steps, records }))
    }
}
