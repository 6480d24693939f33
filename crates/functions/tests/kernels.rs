//! Every kernel against values of twice a double's precision, computed elsewhere (mpmath; see `kernels.tsv`).

use agnesi_functions::{ErrorBound, Function, table};

/// The error in units of the last place, and the absolute one.
fn error(found: f64, value: f64, rest: f64) -> (f64, f64) {
    if found.to_bits() == value.to_bits() || found == value && rest == 0.0 {
        return (rest.abs() / ulp(value), rest.abs());
    }
    let absolute = ((found - value) - rest).abs();
    (absolute / ulp(value), absolute)
}

/// The distance between neighbouring doubles at `x`.
fn ulp(x: f64) -> f64 {
    let size = x.abs().max(f64::MIN_POSITIVE);
    f64::from_bits(size.to_bits() + 1) - size
}

// The rest has four digits, so an error of half a unit may look slightly larger.
const SLACK: f64 = 1e-3;

fn within(function: &Function, ulps: f64, absolute: f64) -> bool {
    match function.error {
        ErrorBound::Exact => ulps == 0.0,
        ErrorBound::Ulps(bound) => ulps <= bound + SLACK,
        ErrorBound::UlpsOrAbsolute(bound, tiny) => ulps <= bound + SLACK || absolute <= tiny,
    }
}

#[test]
fn kernels_keep_their_error_bounds() {
    let (mut failures, mut report) = (String::new(), String::new());
    for function in table() {
        let (mut worst, mut count) = ((0.0, String::new()), 0);
        for line in include_str!("kernels.tsv").lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [name, arguments @ .., value, rest] = fields.as_slice() else {
                panic!("malformed line: {line}")
            };
            if *name != function.name {
                continue;
            }
            let number =
                |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("malformed number: {line}"));
            let args: Vec<f64> =
                arguments.iter().filter(|&&text| text != "-").map(|text| number(text)).collect();
            let found = function.kernel.call(&args).unwrap_or_else(|| panic!("wrong arity: {line}"));
            let (ulps, absolute) = error(found, number(value), number(rest));
            count += 1;
            if !within(function, ulps, absolute) {
                failures += &format!("{}({args:?}) = {found:e}, not {value}: {ulps:.2} ulp\n", function.name);
            }
            if ulps > worst.0 || ulps.is_nan() {
                worst = (ulps, format!("{args:?}"));
            }
        }
        assert!(count >= 10, "{} has {count} reference values", function.name);
        report +=
            &format!("{:20} {count:4} points, at most {:.3} ulp at {}\n", function.name, worst.0, worst.1);
    }
    println!("{report}");
    assert!(failures.is_empty(), "\n{failures}");
}
