//! Golden digits (computed with mpmath 1.3 at 150 digits and more, written with 60) and properties.

use super::float::{Float, LIMIT};
use super::*;

/// The kernels by the names that `golden.tsv` uses.
const KERNELS: &[(&str, BigKernel)] = &[
    ("exp", exp),
    ("log", log),
    ("log2", log2),
    ("log10", log10),
    ("log1p", log1p),
    ("expm1", expm1),
    ("sqrt", sqrt),
    ("cbrt", cbrt),
    ("sin", sin),
    ("cos", cos),
    ("tan", tan),
    ("cot", cot),
    ("sec", sec),
    ("csc", csc),
    ("asin", asin),
    ("acos", acos),
    ("atan", atan),
    ("acot", acot),
    ("asec", asec),
    ("acsc", acsc),
    ("atan2", atan2),
    ("sinh", sinh),
    ("cosh", cosh),
    ("tanh", tanh),
    ("coth", coth),
    ("sech", sech),
    ("csch", csch),
    ("asinh", asinh),
    ("acosh", acosh),
    ("atanh", atanh),
    ("acoth", acoth),
    ("asech", asech),
    ("acsch", acsch),
    ("hypot", hypot),
    ("sinc", sinc),
    ("sigmoid", sigmoid),
    ("softplus", softplus),
    ("xlogx", xlogx),
    ("xlogy", xlogy),
    ("erf", erf),
    ("erfc", erfc),
    ("normal_cdf", normal_cdf),
    ("erfinv", erfinv),
    ("gamma", gamma),
    ("lgamma", lgamma),
    ("digamma", digamma),
    ("trigamma", trigamma),
    ("polygamma", polygamma),
    ("zeta", zeta),
    ("zetaderiv", zetaderiv),
    ("beta", beta),
    ("factorial", factorial),
    ("binomial", binomial),
    ("bessel_j0", bessel_j0),
    ("bessel_j1", bessel_j1),
    ("bessel_jn", bessel_jn),
    ("bessel_i0", bessel_i0),
    ("bessel_i1", bessel_i1),
    ("bessel_in", bessel_in),
    ("spherical_jn", spherical_jn),
    ("erfcinv", erfcinv),
    ("elliptic_b", elliptic_b),
    ("elliptic_d", elliptic_d),
    ("lambertw", lambertw),
    ("lambertw_minus1", lambertw_minus1),
    ("ei", ei),
    ("si", si),
    ("ci", ci),
    ("li", li),
    ("dilog", dilog),
    ("elliptic_k", elliptic_k),
    ("elliptic_e", elliptic_e),
    ("pi", pi),
    ("e", e),
    ("euler_gamma", euler_gamma),
    ("catalan", catalan),
];

fn kernel(name: &str) -> BigKernel {
    KERNELS.iter().find(|(own, _)| *own == name).unwrap_or_else(|| panic!("no kernel {name}")).1
}

fn number(text: &str) -> Enclosure {
    Enclosure::from_decimal(text).unwrap_or_else(|| panic!("no number {text}"))
}

/// `|value - golden| <= 2^-bits |golden|`, allowing for the golden value's own rounding.
fn agrees(value: &Enclosure, golden: &Enclosure, bits: i64) -> bool {
    let power = |n: i64| Enclosure::from_int(2).pow_int(&n.into(), 64).expect("a power");
    let error = value.sub(golden, 256).abs();
    let allowed = golden.abs().mul(&power(-bits), 256);
    matches!(error.compare(&allowed, 256), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal))
        || error.is_exactly_zero()
}

/// Whether the golden value, to its own accuracy, may be the enclosed one.
fn encloses(value: &Enclosure, golden: &Enclosure) -> bool {
    let slack = golden.abs().mul(&number("1e-58"), 256);
    golden.widen(&slack, 256).compare(value, 256).is_none_or(|ordering| ordering.is_eq())
}

/// The lines of the golden values: each with the kernel's name, its arguments and the value.
fn goldens() -> impl Iterator<Item = (&'static str, &'static str, Vec<Enclosure>, Enclosure)> {
    include_str!("golden.tsv").lines().skip(1).map(|line| {
        let [name, args, golden] = line.split('\t').take(3).collect::<Vec<_>>()[..] else {
            panic!("three columns in {line}");
        };
        (line, name, args.split_whitespace().map(number).collect(), number(golden))
    })
}

#[test]
fn golden_digits() {
    let mut failures = Vec::new();
    for (line, name, args, golden) in goldens() {
        for precision in [64usize, 128, 180] {
            match kernel(name)(&args, precision) {
                Ok(value) => {
                    if !encloses(&value, &golden) {
                        failures.push(format!("{line} at {precision}: {:?} misses", value.digits(60)));
                    } else if !agrees(&value, &golden, precision as i64 - 48) {
                        failures.push(format!("{line} at {precision}: too wide, {:?}", value.approximate()));
                    }
                }
                Err(error) => failures.push(format!("{line} at {precision}: {error:?}")),
            }
        }
        let value = kernel(name)(&args, 256).unwrap_or_else(|error| panic!("{line}: {error:?}"));
        if !agrees(&value, &golden, 185) {
            failures.push(format!("{line} at 256: too wide or wrong, {:?}", value.digits(60)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Kernels end, and enclose the value, for arguments that are known roughly; also where their middle is zero.
#[test]
fn wide_arguments_enclose_the_value() {
    let mut failures = Vec::new();
    for (line, name, args, golden) in goldens() {
        let mut wide: Vec<Vec<Enclosure>> = Vec::new();
        for radius in ["1e-10", "0.5", "3"] {
            wide.push(args.iter().map(|arg| arg.widen(&number(radius), 128)).collect());
        }
        wide.push(args.iter().map(|arg| arg.hull(&arg.neg(), 128)).collect());
        for at in 0..args.len() {
            let mut one = args.clone();
            one[at] = args[at].hull(&args[at].neg(), 128);
            wide.push(one);
        }
        for wide in wide {
            if let Ok(value) = kernel(name)(&wide, 128)
                && !encloses(&value, &golden)
            {
                let ends: Vec<_> = wide.iter().map(Enclosure::approximate).collect();
                failures.push(format!("{line} at {ends:?}: {:?} misses", value.approximate()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn exact_arguments_decide() {
    let third = Enclosure::one().div(&number("3"), 64).expect("not zero");
    assert_eq!(floor(&[third.times(3, 64)], 64).expect("decided").as_int(), Some(&1.into()));
    assert_eq!(mod_floor(&[number("0.3"), number("0.1")], 64).expect("decided").as_int(), Some(&0.into()));
    assert_eq!(round(&[number("-2.5")], 64).expect("decided").as_int(), Some(&(-3).into()));
    assert_eq!(round(&[number("0.49999999999999994")], 64).expect("decided").as_int(), Some(&0.into()));
    assert_eq!(sign(&[number("0")], 64).expect("decided").as_int(), Some(&0.into()));
    assert_eq!(step(&[number("0")], 64).expect("decided").as_int(), Some(&0.into()));
    assert_eq!(gamma(&[number("5")], 64).expect("decided").as_int(), Some(&24.into()));
    assert_eq!(log2(&[number("0.125")], 64).expect("decided").as_int(), Some(&(-3).into()));
    assert_eq!(log10(&[number("1e30")], 64).expect("decided").as_int(), Some(&30.into()));
    assert_eq!(sqrt(&[number("0.25")], 64).expect("decided").digits(20).expect("digits").text, "0.5");
    assert_eq!(cbrt(&[number("-0.001")], 64).expect("decided").digits(20).expect("digits").text, "-0.1");
}

#[test]
fn jumps_within_an_enclosure_are_undecided() {
    let nearly = |precision| sin(&[pi(&[], precision).expect("pi")], precision).expect("a sine");
    for f in [sign, step, floor, ceil, frac] as [BigKernel; 5] {
        assert_eq!(f(&[nearly(64)], 64).err(), Some(BigError::Undecided));
    }
    assert_eq!(Enclosure::one().div(&nearly(64), 64).err(), Some(BigError::Undecided));
    assert_eq!(Enclosure::one().div(&Enclosure::zero(), 64).err(), Some(BigError::Domain));
    assert_eq!(log(&[nearly(64)], 64).err(), Some(BigError::Undecided));
    // An enclosure that is narrow enough rounds to zero.
    assert_eq!(nearly(64).round_f64(), None);
    assert_eq!(nearly(1200).round_f64(), Some(0.0));
}

#[test]
fn outside_the_domain() {
    let cases: &[(BigKernel, &[&str])] = &[
        (log, &["0"]),
        (log, &["-1"]),
        (log1p, &["-1"]),
        (sqrt, &["-0.1"]),
        (asin, &["1.1"]),
        (acos, &["-1.1"]),
        (acosh, &["0.9"]),
        (atanh, &["1"]),
        (gamma, &["0"]),
        (gamma, &["-3"]),
        (lgamma, &["-1"]),
        (digamma, &["0"]),
        (zeta, &["1"]),
        (zetaderiv, &["2", "1"]),
        (zetaderiv, &["1.5", "2"]),
        (zetaderiv, &["101", "2"]),
        (lambertw, &["-0.4"]),
        (erfinv, &["1"]),
        (ei, &["0"]),
        (ci, &["0"]),
        (dilog, &["1.1"]),
        (elliptic_k, &["1"]),
        (cot, &["0"]),
        (csc, &["0"]),
        (acot, &["0"]),
        (mod_floor, &["1", "0"]),
    ];
    for (index, (f, args)) in cases.iter().enumerate() {
        let args: Vec<Enclosure> = args.iter().map(|text| number(text)).collect();
        assert_eq!(f(&args, 96).err(), Some(BigError::Domain), "case {index}");
    }
}

#[test]
fn real_roots_and_powers() {
    use dashu_ratio::RBig;
    let power = |x: &str, p: i64, q: u64| {
        number(x).pow_rational(&RBig::from_parts(p.into(), q.into()), 128).map(|value| value.round_f64())
    };
    assert_eq!(power("-8", 1, 3), Ok(Some(-2.0)));
    assert_eq!(power("-8", 2, 3), Ok(Some(4.0)));
    assert_eq!(power("-8", -1, 3), Ok(Some(-0.5)));
    assert_eq!(power("-8", 1, 2), Err(BigError::Domain));
    assert_eq!(power("0", -1, 3), Err(BigError::Domain));
    assert_eq!(power("0", 0, 1), Ok(Some(1.0)));
    assert_eq!(power("2", 1, 2), Ok(Some(std::f64::consts::SQRT_2)));
    assert_eq!(power("2", 3, 1001), Ok(Some(1.0020795233933657)));
    assert_eq!(power("-2", 3, 1001), Ok(Some(-1.0020795233933657)));
    assert_eq!(number("-2").pow(&number("2"), 64).err(), Some(BigError::Domain));
    assert_eq!(number("0").pow(&number("2"), 64).map(|value| value.is_exactly_zero()), Ok(true));
    // Far beyond the doubles, quickly.
    assert_eq!(power("9", 387_420_489, 1), Ok(Some(f64::INFINITY)));
    assert_eq!(power("9", -387_420_489, 1), Ok(Some(0.0)));
}

#[test]
fn unbounded_values_go_through() {
    let huge = exp(&[number("1e20")], 64).expect("unbounded");
    assert_eq!(huge.round_f64(), Some(f64::INFINITY));
    assert_eq!(sigmoid(&[number("-1e20")], 64).expect("next to zero").round_f64(), Some(0.0));
    assert_eq!(sigmoid(&[number("1e20")], 64).expect("next to one").round_f64(), Some(1.0));
    assert_eq!(tanh(&[number("-1e30")], 64).expect("next to -1").round_f64(), Some(-1.0));
    assert_eq!(atan(&[huge], 64).expect("next to pi/2").round_f64(), Some(std::f64::consts::FRAC_PI_2));
    assert_eq!(gamma(&[number("1e18")], 64).expect("unbounded").round_f64(), Some(f64::INFINITY));
    assert_eq!(bessel_i0(&[number("1e6")], 64).expect("between").round_f64(), Some(f64::INFINITY));
    assert_eq!(
        bessel_in(&[number("3"), number("-1e5")], 64).expect("between").round_f64(),
        Some(-f64::INFINITY)
    );
    assert_eq!(beta(&[number("1e18"), number("1e18")], 64).expect("next to zero").round_f64(), Some(0.0));
    assert_eq!(sin(&[number("1e90000")], 64).err(), Some(BigError::Overflow));
}

#[test]
fn digits_are_certain() {
    let text = |x: &Enclosure| x.digits(20).expect("digits").text;
    assert_eq!(text(&sin(&[number("1")], 128).expect("a sine")), "0.84147098480789650665");
    assert_eq!(text(&pi(&[], 128).expect("pi").neg()), "-3.1415926535897932385");
    assert_eq!(text(&number("1e-3")), "0.001");
    assert_eq!(text(&number("120")), "120");
    assert_eq!(text(&number("1e30")), "1e30");
    assert_eq!(text(&number("-1.25e-9")), "-1.25e-9");
    assert_eq!(text(&Enclosure::one().div(&number("3"), 64).expect("not zero")), "0.33333333333333333333");
    assert_eq!(text(&number("999999999999999999999999.9")), "1.0000000000000000000e24");
    let rough = pi(&[], 40).expect("pi").digits(20).expect("digits");
    assert!(
        rough.count < 13 && rough.count > 9 && "3.14159265358979".starts_with(&rough.text[..rough.count])
    );
    assert_eq!(number("0.1").round_f64(), Some(0.1));
    assert_eq!(number("0").digits(20).expect("digits").text, "0");
    for wrong in ["", ".", "1e", "1e999999999999", "0x10", "1_000", "--1", "nan", "inf"] {
        assert!(Enclosure::from_decimal(wrong).is_none(), "{wrong}");
    }
}

proptest::proptest! {
    /// Inexact arithmetic encloses the exact result.
    #[test]
    fn arithmetic_encloses(a in -1_000_000i64..1_000_000, b in 1i64..1_000_000, c in -1_000_000i64..1_000_000,
                           d in 1i64..1_000_000, n in -9i64..9) {
        let fraction = |top: i64, bottom: i64| number(&top.to_string()).div(&number(&bottom.to_string()), 64).expect("exact");
        let (x, y) = (fraction(a, b), fraction(c, d));
        let (u, v) = (x.inexact(40), y.inexact(30));
        let holds = |value: &Enclosure, exact: &Enclosure| value.compare(exact, 4000).is_none_or(|o| o.is_eq());
        proptest::prop_assert!(holds(&u.add(&v, 32), &x.add(&y, 64)));
        proptest::prop_assert!(holds(&u.sub(&v, 32), &x.sub(&y, 64)));
        proptest::prop_assert!(holds(&u.mul(&v, 32), &x.mul(&y, 64)));
        proptest::prop_assert!(holds(&u.square(32), &x.mul(&x, 64)));
        if let (Ok(rough), Ok(exact)) = (u.div(&v, 32), x.div(&y, 64)) {
            proptest::prop_assert!(holds(&rough, &exact));
        }
        if let (Ok(rough), Ok(exact)) = (u.pow_int(&n.into(), 32), x.pow_int(&n.into(), 64)) {
            proptest::prop_assert!(holds(&rough, &exact));
        }
        proptest::prop_assert!(holds(&u.min(&v, 32), &x.min(&y, 64)));
        proptest::prop_assert!(holds(&u.max(&v, 32), &x.max(&y, 64)));
        proptest::prop_assert!(holds(&u.abs(), &x.abs()));
    }

    /// A double survives, and the nearest double to a decimal is the one Rust reads.
    #[test]
    fn doubles_survive(bits in proptest::num::u64::ANY) {
        let x = f64::from_bits(bits);
        if let Some(value) = Enclosure::from_f64(x) {
            proptest::prop_assert_eq!(value.round_f64(), Some(x + 0.0));
            let (near, error) = value.approximate();
            proptest::prop_assert!(near == x && error == 0.0);
            let text = format!("{x:e}");
            proptest::prop_assert_eq!(number(&text).round_f64(), Some(x + 0.0));
        }
    }
}

/// Arguments at and beyond the ends of what is held, and next to one: `exp(-exp(30))` and its like.
fn extremes() -> Vec<Enclosure> {
    let mut all = Vec::new();
    for magnitude in [60, 1100, 19_000, 1 << 30, LIMIT - 1, LIMIT] {
        let (large, small) = (Float::power_of_two(magnitude), Float::power_of_two(-magnitude));
        for x in [Enclosure::from_float(large), Enclosure::from_float(small)] {
            all.extend([x.inexact(64), x.neg().inexact(64)]);
        }
    }
    for magnitude in [50, 1100, 4000] {
        let small = Enclosure::from_float(Float::power_of_two(-magnitude));
        for whole in [1, 2, -1, -2] {
            let whole = Enclosure::from_int(whole);
            all.extend([whole.add(&small, 5000), whole.sub(&small, 5000)]);
        }
    }
    let unbounded = exp(&[number("1e20")], 64).expect("unbounded");
    let next_to_zero = exp(&[number("-1e20")], 64).expect("next to zero");
    for x in [unbounded, next_to_zero] {
        all.extend([x.neg(), x.hull(&x.neg(), 64), x.add(&Enclosure::one(), 64), x]);
    }
    all
}

#[test]
fn extreme_arguments_end() {
    let mut slow = Vec::new();
    for (name, kernel) in KERNELS {
        let Some(arity) = goldens().find(|(_, own, ..)| own == name).map(|(_, _, args, _)| args.len()) else {
            panic!("no golden value of {name}");
        };
        let mut all: Vec<Vec<Enclosure>> = Vec::new();
        for x in extremes() {
            match arity {
                0 => {}
                1 => all.push(vec![x]),
                _ => {
                    for other in ["0", "2", "-0.5", "7.25", "40"] {
                        all.push(vec![x.clone(), number(other)]);
                        all.push(vec![number(other), x.clone()]);
                    }
                    all.push(vec![x.clone(), x.clone()]);
                    all.push(vec![x.clone(), x.neg()]);
                }
            }
        }
        for args in all {
            for precision in [64, 300] {
                let begun = std::time::Instant::now();
                let _ = kernel(&args, precision);
                if begun.elapsed().as_secs() > 1 {
                    slow.push(format!("{name} took {:?} at {args:?}", begun.elapsed()));
                }
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}
