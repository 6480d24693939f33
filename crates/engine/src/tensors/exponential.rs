//! The exponential of a matrix.

use super::elimination::{Factors, identity};
use super::entry::Entry;
use super::error::InterpretError;
use super::linear::product;

/// The coefficients of the numerator of the Padé approximant of degree 13.
const PADE: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];
/// Up to this norm the approximant is right to rounding.
const LARGEST: f64 = 5.37;

/// By scaling, a Padé approximant and squaring.
pub(super) fn exponential<E: Entry>(a: &[E], n: usize) -> Result<Vec<E>, InterpretError> {
    let column = |j: usize| (0..n).map(|i| a[i * n + j].primal().abs()).sum::<f64>();
    let norm = (0..n).map(column).fold(0.0, |most: f64, x| if x > most || x.is_nan() { x } else { most });
    if !norm.is_finite() {
        return Ok(vec![E::lift(f64::NAN); n * n]);
    }
    let halvings = (norm / LARGEST).log2().ceil().clamp(0.0, 1100.0) as u32;
    // In two steps, since one factor may be below the smallest double.
    let half = 0.5f64.powi((halvings / 2) as i32);
    let rest = 0.5f64.powi((halvings - halvings / 2) as i32);
    let a: Vec<E> = a.iter().map(|x| x.scale(half).scale(rest)).collect();
    let a2 = product(&a, &a, n);
    let a4 = product(&a2, &a2, n);
    let a6 = product(&a4, &a2, n);
    let one: Vec<E> = identity(n);
    let mix = |c: [f64; 4]| -> Vec<E> {
        let terms = |i: usize| one[i].scale(c[0]) + a2[i].scale(c[1]) + a4[i].scale(c[2]) + a6[i].scale(c[3]);
        (0..n * n).map(terms).collect()
    };
    let add = |x: Vec<E>, y: Vec<E>| -> Vec<E> { x.iter().zip(&y).map(|(x, y)| *x + *y).collect() };
    let b = &PADE;
    let odd = add(product(&a6, &mix([0.0, b[9], b[11], b[13]]), n), mix([b[1], b[3], b[5], b[7]]));
    let odd = product(&a, &odd, n);
    let even = add(product(&a6, &mix([0.0, b[8], b[10], b[12]]), n), mix([b[0], b[2], b[4], b[6]]));
    let sum: Vec<E> = even.iter().zip(&odd).map(|(v, u)| *v + *u).collect();
    let difference: Vec<E> = even.iter().zip(&odd).map(|(v, u)| *v - *u).collect();
    let mut result = Factors::new(&difference, n).regular("expm")?.solve(&sum, n);
    for _ in 0..halvings {
        result = product(&result, &result, n);
    }
    Ok(result)
}
