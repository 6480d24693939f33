//! The table as a whole: names, texts, columns that nothing else reads.

use std::collections::HashSet;

use agnesi_functions::big::Enclosure;
use agnesi_functions::{
    Antiderivative, Big, Derivative, Kernel, Law, Meaning, Parity, constant, constants, find, table,
};

#[test]
fn names_are_unique_and_each_is_found() {
    let mut seen = HashSet::new();
    for (i, row) in table().iter().enumerate() {
        for name in row.aliases.iter().chain([&row.name]) {
            assert!(seen.insert(*name), "{name} names two things");
            assert_eq!(find(name).map(|id| id.0 as usize), Some(i), "{name} does not find its row");
            assert_eq!(find(name).map(|id| id.row().name), Some(row.name));
        }
    }
    for known in constants() {
        for name in known.aliases.iter().chain([&known.name]) {
            assert!(seen.insert(*name), "{name} names two things");
            assert_eq!(constant(name).map(|found| found.name), Some(known.name));
        }
    }
    for unknown in ["", "sine", "Sin", "xyzzy", "logs", "e1"] {
        assert_eq!(find(unknown), None, "{unknown}");
    }
}

#[test]
fn no_row_lacks_documentation() {
    for row in table() {
        let sentence = |text: &str| text.len() > 10 && text.ends_with('.');
        assert!(!row.title.is_empty() && !row.title.ends_with('.'), "{}: {:?}", row.name, row.title);
        assert!(
            row.title
                .chars()
                .next()
                .is_some_and(|c| c.is_uppercase() || row.name == "xlogx" || row.name == "xlogy")
        );
        assert!(sentence(row.doc), "{}: {:?}", row.name, row.doc);
        assert!(!row.latex.is_empty() && !row.args.is_empty() && !row.examples.is_empty(), "{}", row.name);
        let reasons = [
            match row.meaning {
                Meaning::Primitive { because } => Some(because),
                Meaning::Is(_) => None,
            },
            match row.derivative {
                Derivative::None { because } => Some(because),
                _ => None,
            },
            match row.antiderivative {
                Antiderivative::None { because } => Some(because),
                Antiderivative::Is(_) => None,
            },
            match row.big {
                Big::None { because } => Some(because),
                _ => None,
            },
        ];
        for reason in reasons.into_iter().flatten() {
            assert!(reason.len() > 10, "{}: {reason:?} is no reason", row.name);
        }
        for kink in row.kinks {
            assert!(kink.convention.len() > 8, "{}: {:?}", row.name, kink);
        }
        let arity = match row.kernel {
            Kernel::One(_) => 1,
            Kernel::Two(_) => 2,
            Kernel::Three(_) => 3,
            Kernel::Meaning => panic!("{} has no kernel", row.name),
        };
        assert_eq!(arity, row.args.len(), "{}", row.name);
    }
}

#[test]
fn laws_tell_parity_and_period() {
    let row = |name: &str| find(name).expect(name).row();
    for (name, parity) in [
        ("sin", Some(Parity::Odd)),
        ("cos", Some(Parity::Even)),
        ("exp", None),
        ("abs", Some(Parity::Even)),
        ("erf", Some(Parity::Odd)),
        ("besselj1", Some(Parity::Odd)),
        ("hypot", None),
    ] {
        assert_eq!(row(name).parity(), parity, "{name}");
    }
    for (name, period) in
        [("sin", Some("2*pi")), ("tan", Some("pi")), ("frac", Some("1")), ("exp", None), ("mod", None)]
    {
        assert_eq!(row(name).period(), period, "{name}");
    }
    let law = Law::split("asin(sin(x)) => x when -pi/2 <= x and x <= pi/2").expect("a law");
    assert_eq!((law.left, law.right, law.rewrite), ("asin(sin(x))", "x", true));
    assert_eq!(law.guard, Some("-pi/2 <= x and x <= pi/2"));
    let law = Law::split("floor(x) => x when x == floor(x)").expect("a law");
    assert_eq!((law.left, law.right, law.guard), ("floor(x)", "x", Some("x == floor(x)")));
    assert_eq!(Law::split("sin(x)"), None);
}

#[test]
fn constants_have_the_value_of_their_digits() {
    for known in constants() {
        assert_eq!(known.digits.parse::<f64>(), Ok(known.value), "{}", known.name);
        match known.big {
            Big::Kernel(kernel) => {
                let value = kernel(&[], 240).expect("a constant has a value");
                let digits = Enclosure::from_decimal(known.digits).expect("digits");
                // The digits are cut off after the sixtieth.
                let (off, doubt) = value.sub(&digits, 240).approximate();
                assert!(off.abs() + doubt < 1e-58, "{}", known.name);
            }
            Big::Meaning => assert!(known.meaning.is_some(), "{}", known.name),
            Big::None { because } => panic!("{}: {because}", known.name),
        }
    }
}

#[test]
fn kernels_take_anything() {
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        f64::MAX,
        f64::MIN,
        1.5,
        -2.0,
    ];
    for row in table() {
        for x in odd {
            for y in odd {
                for z in odd {
                    let value = row.kernel.call(&[x, y, z][..row.args.len()]).expect("its arity");
                    let given = [x, y, z];
                    let lost = given[..row.args.len()].iter().any(|x| x.is_nan());
                    assert!(!lost || value.is_nan(), "{}({given:?}) = {value}", row.name);
                    if row.args.len() < 3 {
                        break;
                    }
                }
                if row.args.len() < 2 {
                    break;
                }
            }
        }
    }
}
