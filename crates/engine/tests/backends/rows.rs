//! A program for each row of the table, over points that matter.

use agnesi_engine::ir::{Program, parse};
use agnesi_functions::{find, table};

use super::cases::Case;

/// Rows that no backend here writes.
pub const REFUSED: &str = "erfcx erfinv erfcinv polygamma beta binomial zeta zetaderiv besselj0 besselj1 besselj besseli0 besseli1 \
besseli sphericalbesselj lambertw lambertwm1 Ei Si Ci li dilog elliptice ellipticb ellipticd norminv";

const POINTS: [f64; 50] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    3.0,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2.5,
    -2.5,
    3.5,
    0.49999999999999994,
    1e-8,
    -1e-8,
    0.3,
    -0.3,
    0.7,
    0.9,
    0.99,
    1.01,
    -0.99,
    1.2,
    1.9,
    2.2,
    4.5,
    5.3,
    -3.7,
    7.3,
    -7.3,
    11.9,
    15.4,
    -20.6,
    25.5,
    33.0,
    60.2,
    -60.2,
    100.5,
    150.25,
    -170.3,
    700.5,
    -800.0,
    1e15,
    // A half, which is rounded away from 0.
    4503599627370495.5,
    -1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

const FEW: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    3.0,
    -2.5,
    7.25,
    1e-3,
    -1e10,
    60.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// A row, entry by entry.
pub fn program(name: &str) -> Program {
    let count = find(name).expect(name).row().args.len();
    let points = points(count).len();
    let mut text = String::new();
    for at in 0..=count {
        text += &format!("t{at}: {points}\n");
    }
    for at in 0..count {
        text += &format!("in {} t{at}\n", ["x", "y", "z"][at]);
    }
    text += &format!("for {points}\n");
    for at in 0..count {
        text += &format!("  %{at} = t{at}[0 + 1*#0]\n");
    }
    let args: Vec<String> = (0..count).map(|at| format!("%{at}")).collect();
    text += &format!("  %{count} = call {name} {}\n  t{count}[0 + 1*#0] = %{count}\nend\n", args.join(" "));
    text += &format!("out value t{count}\n");
    parse(&text).expect(name)
}

fn points(count: usize) -> Vec<Vec<f64>> {
    match count {
        1 => POINTS.map(|x| vec![x]).to_vec(),
        2 => FEW.iter().flat_map(|x| FEW.map(|y| vec![*x, y])).collect(),
        _ => FEW.iter().flat_map(|x| FEW.iter().flat_map(|y| FEW.map(|z| vec![*x, *y, z]))).collect(),
    }
}

/// Those that a backend has.
pub fn cases(has: impl Fn(&Program) -> bool) -> Vec<Case> {
    const EXACT: &str = " abs sign step min max clamp floor ceil round frac mod relu leaky_relu hardtanh sqrt softsign hardsigmoid ";
    let rows = table().iter().filter(|row| has(&program(row.name)));
    rows.map(|row| {
        let points = points(row.args.len());
        let inputs = (0..row.args.len()).map(|at| points.iter().map(|p| p[at]).collect()).collect();
        Case::new(row.name, program(row.name), vec![inputs], EXACT.contains(&format!(" {} ", row.name)))
    })
    .collect()
}
