//! Lane kernels: against the correctly rounded scalar kernels, and against themselves on lanes of every width.

use agnesi_functions::lane::{Group, Lane, LaneKernel};
use agnesi_functions::verify::{self, Arguments};
use agnesi_functions::{find, table};

/// Random bits, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Any double, a moderate one, or one between -1 and 1.
    fn double(&mut self) -> f64 {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        match self.next() % 8 {
            0 => f64::from_bits(self.next()),
            1 => (2.0 * unit - 1.0) * 750.0,
            2 => 1.0 + (2.0 * unit - 1.0) * 1e-3,
            3 => (2.0 * unit - 1.0) * 1e6,
            4 | 5 => (2.0 * unit - 1.0) * 30.0,
            _ => 2.0 * unit - 1.0,
        }
    }
}

/// The kernels and how far they may be off, in units in the last place: those that are exact, those that round once,
/// and functions. No bound is above 2.
const KERNELS: [(&str, f64); 17] = [
    ("abs", 0.0),
    ("cos", 2.0),
    ("erf", 2.0),
    ("exp", 1.5),
    ("expm1", 1.5),
    ("log", 1.5),
    ("log1p", 2.0),
    ("normcdf", 2.0),
    ("normpdf", 1.5),
    ("pow", 2.0),
    ("relu", 0.0),
    ("sigmoid", 2.0),
    ("silu", 2.0),
    ("sin", 2.0),
    ("softplus", 2.0),
    ("sqrt", 0.5),
    ("tanh", 2.0),
];

const EDGES: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    1e-320,
    -1e-320,
    5e-324,
    2.3e-308,
    709.7,
    710.0,
    -745.0,
    -745.5,
    1e300,
    -1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
];

fn kernel_of(name: &str) -> LaneKernel {
    find(name).expect(name).row().lanes.expect(name)
}

#[test]
fn every_lane_kernel_is_tested() {
    let named: Vec<&str> = table().iter().filter(|row| row.lanes.is_some()).map(|row| row.name).collect();
    let mut tested = KERNELS.map(|(name, _)| name).to_vec();
    tested.retain(|name| !named.contains(name));
    assert_eq!((named.len(), tested), (KERNELS.len(), vec![]));
    for row in table() {
        if let Some(kernel) = row.lanes {
            assert_eq!(kernel.arity(), row.args.len(), "{}", row.name);
        }
    }
}

/// How many numbers of this kind lie between the two, as far as it matters.
fn ulps64(found: f64, right: f64) -> f64 {
    if found.is_nan() && right.is_nan() || found == right {
        return 0.0;
    }
    if !found.is_finite() || !right.is_finite() {
        return f64::INFINITY;
    }
    let size = right.abs().max(f64::MIN_POSITIVE);
    (found - right).abs() / (f64::from_bits(size.to_bits() + 1) - size)
}

/// How many places of each kernel are measured with big floats; AGNESI_PLACES gives another number.
fn places() -> usize {
    std::env::var("AGNESI_PLACES").ok().and_then(|n| n.parse().ok()).unwrap_or(500)
}

/// Against big floats, at special places, at random ones, and wherever among many more the scalar kernel is another
/// double.
#[test]
fn doubles_are_within_their_bounds() {
    let (mut report, mut failed, places) = (String::new(), false, places());
    for (name, bound) in KERNELS {
        let (kernel, row) = (kernel_of(name), find(name).expect(name).row());
        let edges = EDGES.iter().flat_map(|&x| EDGES.iter().map(move |&y| (x, y)));
        let mut points: Vec<(f64, f64)> = edges.collect();
        let sure = points.len() + places;
        let mut random = Arguments::new(88172645463325252);
        let mut next = || random.next().expect("no end");
        points.extend((0..20 * places).map(|at| match name {
            // Most random powers overflow: results of every size.
            "pow" if at % 3 > 0 => {
                let x = next().abs();
                (x, 7.0 * next() / right_log(x))
            }
            "pow" => (next(), next()),
            _ => (next(), 0.0),
        }));
        let (mut worst, mut at, mut measured) = (0.0, (0.0, 0.0), 0);
        for (i, (x, y)) in points.into_iter().enumerate() {
            let args = &[x, y][..kernel.arity()];
            let (found, scalar) = (kernel.call(x, y), row.kernel.call(args).expect("its arity"));
            if i >= sure && ulps64(found, scalar) == 0.0 {
                continue;
            }
            // What is not finite is compared with the scalar kernel.
            let off = verify::ulps_off(row, args, found).unwrap_or_else(|| ulps64(found, scalar));
            measured += 1;
            if off > worst {
                (worst, at) = (off, (x, y));
            }
        }
        failed |= worst > bound || measured < places;
        report += &format!("{name:10} {worst:6.3} at {at:?}, {measured} places\n");
    }
    println!("{report}");
    assert!(!failed, "\n{report}");
}

/// Signs of zeros, values at infinity, and what must not be exceeded, whatever is rounded.
#[test]
fn edges_are_kept() {
    for (name, _) in KERNELS {
        let (kernel, row) = (kernel_of(name), find(name).expect(name).row());
        for x in [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let (found, single) = (kernel.call(x, 2.0), kernel.call(x as f32, 2.0));
            let right = row.kernel.call(&[x, 2.0][..kernel.arity()]).expect("its arity");
            let same = |found: f64| {
                let near = found == right || (found - right).abs() <= 1e-7 * right.abs();
                // It says nothing of the sign of a zero.
                let free = right == 0.0 && name == "silu" && x < 0.0;
                let sign = free || found.is_sign_negative() == right.is_sign_negative();
                near && sign || found.is_nan() && right.is_nan()
            };
            assert!(same(found) && same(f64::from(single)), "{name}({x}): {found} and {single} for {right}");
        }
    }
    let mut random = Random(362436069);
    for _ in 0..100_000 {
        // Near the extrema.
        let near = 1e-8 * ((random.next() >> 11) as f64 / (1u64 << 53) as f64 - 0.5);
        let x = (random.next() % 4096) as f64 * std::f64::consts::FRAC_PI_2 + near;
        for kernel in [LaneKernel::Sin, LaneKernel::Cos, LaneKernel::Tanh, LaneKernel::Erf] {
            assert!(
                kernel.call(x, x).abs() <= 1.0 && kernel.call(x as f32, 0.0).abs() <= 1.0,
                "{kernel:?}({x})"
            );
        }
    }
}

fn right_log(x: f64) -> f64 {
    find("log").expect("log").row().kernel.call(&[x]).expect("its arity")
}

#[test]
fn singles_are_within_their_bounds() {
    let (mut report, mut failed) = (String::new(), false);
    for (name, bound) in KERNELS {
        let kernel = kernel_of(name);
        let right = find(name).expect(name).row().kernel;
        let mut random = Random(88172645463325252);
        let (mut worst, mut at) = (0.0, (0.0, 0.0));
        let edges = EDGES.iter().flat_map(|&x| EDGES.iter().map(move |&y| (x as f32, y as f32)));
        let mut points: Vec<(f32, f32)> = edges.collect();
        points.extend((0..60_000).map(|_| (random.double() as f32, random.double() as f32)));
        for (x, y) in points {
            let args = [f64::from(x), f64::from(y)];
            let expected = right.call(&args[..kernel.arity()]).expect("its arity");
            let found = kernel.call(x, y);
            let rounded = expected as f32;
            let off = if found.is_nan() && expected.is_nan() || found == rounded {
                0.0
            } else if !found.is_finite() || !rounded.is_finite() {
                f64::INFINITY
            } else {
                let size = rounded.abs().max(f32::MIN_POSITIVE);
                let ulp = f64::from(f32::from_bits(size.to_bits() + 1)) - f64::from(size);
                (f64::from(found) - expected).abs() / ulp
            };
            if off > worst {
                (worst, at) = (off, (f64::from(x), f64::from(y)));
            }
        }
        failed |= worst > bound + 0.01;
        report += &format!("{name:10} {worst:6.3} at {at:?}\n");
    }
    println!("{report}");
    assert!(!failed, "\n{report}");
}

#[test]
fn every_width_gives_the_same_bits() {
    let mut random = Random(2463534242);
    for (name, _) in KERNELS {
        let kernel = kernel_of(name);
        for _ in 0..500 {
            let x: [f64; 8] = std::array::from_fn(|_| random.double());
            let y: [f64; 8] = std::array::from_fn(|_| random.double());
            let group = kernel.call(Group(x), Group(y)).0;
            let singles: [f32; 8] = x.map(|x| x as f32);
            let narrow = kernel.call(Group(singles), Group(y.map(|y| y as f32))).0;
            for i in 0..8 {
                let one = kernel.call(x[i], y[i]);
                assert!(
                    one.to_bits() == group[i].to_bits() || one.is_nan() && group[i].is_nan(),
                    "{name}({})",
                    x[i]
                );
                let one = kernel.call(singles[i], y[i] as f32);
                assert!(
                    one.to_bits() == narrow[i].to_bits() || one.is_nan() && narrow[i].is_nan(),
                    "{name}({})",
                    x[i]
                );
            }
        }
    }
}

#[test]
fn exponents_are_split_and_made() {
    for k in -1022..=1023 {
        let power = f64::from(k).exp2i();
        assert_eq!(power, f64::from_bits(((k + 1023) as u64) << 52));
        let (m, e) = (1.25 * power).split();
        assert_eq!((m, e), (1.25, f64::from(k)));
    }
    let (m, e) = 1.5f32.split();
    assert_eq!((m, e), (0.75, 1.0));
}
