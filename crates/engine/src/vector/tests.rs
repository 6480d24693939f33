use super::{Binary, Input, InstructionSet, Kernels, Reduce, Ternary, Unary, cells};
use crate::machine::Real;
use crate::tensors::Random;

/// Numbers with the edges of their type.
trait Edges: Real {
    /// Any number there is.
    fn of_bits(bits: u64) -> Self;
    /// Where something changes: zero, the least number, the least normal one, 1, large angles, what overflows when it is
    /// squared, the largest number, infinity, and what has a subnormal exponential below 0.
    const SIZES: [Self; 9];
}

impl Edges for f64 {
    fn of_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    const SIZES: [f64; 9] =
        [0.0, 5e-324, f64::MIN_POSITIVE, 1.0, 1e10, 1e300, f64::MAX, f64::INFINITY, 744.2];
}

impl Edges for f32 {
    fn of_bits(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
    const SIZES: [f32; 9] = [0.0, 1e-45, f32::MIN_POSITIVE, 1.0, 3e4, 1e38, f32::MAX, f32::INFINITY, 103.2];
}

/// Ordinary numbers, with some of those that are not among them: edges of either sign, NaN and any bits.
fn numbers<T: Edges>(random: &mut Random, count: usize) -> Vec<T> {
    let edge = |random: &mut Random| {
        let size = T::SIZES[random.below(T::SIZES.len() as u64) as usize].to_f64();
        T::from_f64(if random.below(2) == 0 { size } else { -size })
    };
    (0..count)
        .map(|_| match random.below(8) {
            0 => edge(random),
            1 if random.below(4) == 0 => T::from_f64(f64::NAN),
            1 => T::of_bits(random.bits()),
            _ => T::from_f64(random.between(-20.0, 20.0)),
        })
        .collect()
}

fn same<T: Real>(a: T, b: T) -> bool {
    let (a, b) = (a.to_f64(), b.to_f64());
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// The lengths below and above those of vectors and of pairs of them, and a chunk's; a few where an interpreter of Rust
/// runs the tests.
fn lengths() -> impl Iterator<Item = usize> {
    let few = [0, 1, 3, 8, 17].into_iter().filter(|_| cfg!(miri));
    few.chain((0..=70).chain([256]).filter(|_| !cfg!(miri)))
}

/// Runs something on the kernels of each set: all must give what the first does.
fn agree<T: Real>(what: &str, run: impl Fn(&Kernels<T>) -> Vec<T>) {
    let mut first: Option<Vec<T>> = None;
    for set in InstructionSet::available() {
        let found = run(&Kernels::new(set).expect("it is available"));
        let wanted = first.get_or_insert_with(|| found.clone());
        for (at, (x, y)) in found.iter().zip(wanted.iter()).enumerate() {
            assert!(same(*x, *y), "{what} on {}, number {at}: {x:?} is not {y:?}", set.name());
        }
    }
}

#[test]
fn every_set_gives_the_same_bits() {
    all_agree::<f64>();
    all_agree::<f32>();
}

fn all_agree<T: Edges>() {
    let mut random = Random::new(7);
    let one = Input::One(T::from_f64(1.5));
    for length in lengths() {
        let lists: Vec<Vec<T>> = (0..3).map(|_| numbers(&mut random, length + 3)).collect();
        // Not where vectors begin.
        let [x, y, z] = [0, 1, 2].map(|i| Input::Shared(&lists[i][1 + i..][..length]));
        let result = |run: &dyn Fn(&[std::cell::Cell<T>])| {
            let mut out = vec![T::from_f64(0.5); length + 1];
            run(&cells(&mut out)[1..]);
            out
        };
        for op in Unary::ALL {
            agree(op.name(), |k| result(&|out| k.unary(*op).call([x], out)));
        }
        for op in Binary::ALL {
            agree(op.name(), |k| result(&|out| k.binary(*op).call([x, y], out)));
            agree(op.name(), |k| result(&|out| k.binary(*op).call([x, one], out)));
        }
        for op in Ternary::ALL {
            agree(op.name(), |k| result(&|out| k.ternary(*op).call([x, y, z], out)));
        }
        for how in Reduce::ALL {
            // Ordinary numbers as well, since most sums of the others are NaN.
            let ordinary: Vec<T> = (0..length).map(|_| T::from_f64(random.between(-2.0, 2.0))).collect();
            agree(how.name(), |k| vec![k.reduce(*how).call(Input::Shared(&ordinary), length)]);
            agree(how.name(), |k| vec![k.reduce(*how).call(x, length)]);
            agree(how.name(), |k| vec![k.reduce(*how).call(one, length)]);
        }
        agree("sine and cosine", |k| {
            let mut both = [0, 1].map(|_| vec![T::from_f64(0.5); length]);
            let [sine, cosine] = &mut both;
            k.sin_cos().call(x, cells(sine), cells(cosine));
            both.concat()
        });
    }
}

#[test]
fn an_output_may_be_an_input() {
    let mut random = Random::new(8);
    let kernels = Kernels::<f64>::best();
    for length in lengths() {
        let (x, y): (Vec<f64>, Vec<f64>) = (numbers(&mut random, length), numbers(&mut random, length));
        let mut apart = vec![0.0; length];
        kernels.binary(Binary::Mul).call([x[..].into(), y[..].into()], cells(&mut apart));
        let mut within = x.clone();
        let cells = cells(&mut within);
        kernels.binary(Binary::Mul).call([cells.into(), y[..].into()], cells);
        assert!(within.iter().zip(&apart).all(|(a, b)| same(*a, *b)));
    }
}

#[test]
fn sine_and_cosine_at_once_are_those_apart() {
    let mut random = Random::new(9);
    let x: Vec<f64> = numbers(&mut random, if cfg!(miri) { 40 } else { 1000 });
    let kernels = Kernels::<f64>::best();
    let (mut sine, mut cosine) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    kernels.sin_cos().call(x[..].into(), cells(&mut sine), cells(&mut cosine));
    for (op, both) in [(Unary::Sin, &sine), (Unary::Cos, &cosine)] {
        let mut apart = vec![0.0; x.len()];
        kernels.unary(op).call([x[..].into()], cells(&mut apart));
        assert!(apart.iter().zip(both).all(|(a, b)| same(*a, *b)));
    }
}

#[test]
fn reductions_take_all_numbers_and_no_other() {
    let kernels = Kernels::<f64>::best();
    for length in lengths() {
        let x: Vec<f64> = (1..=length).map(|i| i as f64).collect();
        let of = |how: Reduce| kernels.reduce(how).call(x[..].into(), length);
        assert_eq!(of(Reduce::Sum), (length * (length + 1) / 2) as f64);
        assert_eq!(of(Reduce::Max), x.last().copied().unwrap_or(f64::NEG_INFINITY));
        assert_eq!(of(Reduce::Min), x.first().copied().unwrap_or(f64::INFINITY));
    }
}

#[test]
fn halves_are_rounded_away_from_zero() {
    // Up to 2^52 there are halves, and up to 2^49 quarters.
    let sizes: [f64; 10] = [
        0.5,
        1.5,
        2.5,
        3.0,
        1e3 + 0.5,
        1101643000000000.5,
        562949953421311.75,
        4503599627370495.5,
        1e16,
        1e300,
    ];
    let x: Vec<f64> =
        sizes.iter().flat_map(|x| [*x, -x, x.next_down(), -x.next_down(), f64::INFINITY]).collect();
    for set in InstructionSet::available() {
        let mut out = vec![0.0; x.len()];
        let kernel = Kernels::<f64>::new(set).expect("it is available").unary(Unary::Round);
        kernel.call([x[..].into()], cells(&mut out));
        for (x, found) in x.iter().zip(&out) {
            assert!(same(*found, x.round()), "{x} on {}: {found}", set.name());
        }
    }
}
