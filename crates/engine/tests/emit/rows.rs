//! Every row of the table: in each language it is computed right, or said to have no counterpart.

use agnesi_engine::emit::{EmitError, Language};
use agnesi_engine::interpret::Tensor;
use agnesi_functions::{FunctionId, table};
use agnesi_graph::{Facts, Structure};

use crate::cases::Case;
use crate::run::{Job, differences};

/// Points at which a row's kernel has a moderate value.
fn points(row: usize) -> Vec<Vec<f64>> {
    const AT: [f64; 14] = [0.0, 0.25, -0.25, 0.6, -0.75, 1.0, -1.0, 1.5, -2.5, 2.0, 3.0, -3.0, 7.25, -20.5];
    let f = table()[row];
    let whole_first = f.args.first() == Some(&"n");
    let mut points = Vec::new();
    let each: Vec<Vec<f64>> = match f.args.len() {
        1 => AT.iter().map(|x| vec![*x]).collect(),
        2 => AT.iter().flat_map(|x| AT.iter().map(|y| vec![*x, *y])).collect(),
        _ => AT.iter().map(|x| vec![*x, -1.0, 2.0]).collect(),
    };
    for point in each {
        if whole_first && (point[0].fract() != 0.0 || point[0] < 0.0) {
            continue;
        }
        let value = f.kernel.call(&point).unwrap_or(f64::NAN);
        if value.is_finite() && value.abs() < 1e8 {
            points.push(point);
        }
    }
    points
}

fn run(language: Language, missing_here: &[&str]) {
    let mut jobs = Vec::new();
    let mut missing = Vec::new();
    for (row, f) in table().iter().enumerate() {
        // An order is a number in the code, for its language may want one: a job for each.
        let orders: Vec<Option<f64>> =
            if f.args.first() == Some(&"n") && f.args.len() == 2 && f.name != "binomial" {
                vec![Some(1.0), Some(2.0), Some(3.0)]
            } else {
                vec![None]
            };
        for order in orders {
            let points: Vec<Vec<f64>> =
                points(row).into_iter().filter(|p| order.is_none_or(|n| p[0] == n)).collect();
            let mut c = Case::new(f.name);
            let size = c.graph.integer(points.len() as i64);
            let mut args = Vec::new();
            for (at, name) in f.args.iter().enumerate() {
                if let (0, Some(n)) = (at, order) {
                    args.push(c.graph.integer(n as i64));
                    continue;
                }
                let data = points.iter().map(|p| p[at]).collect();
                args.push(c.given(name, &[size], Structure::NONE, Facts::REAL, data));
            }
            let node = c.graph.call(FunctionId(row as u16), &args);
            let data: Vec<f64> = points.iter().map(|p| f.kernel.call(p).expect("a kernel")).collect();
            let mut c = c.returns(&[("value", node)]);
            c.expected = Tensor::new(vec![points.len()], data).map(|tensor| vec![tensor]);
            match Job::new(&mut c, language) {
                Ok(job) => jobs.push(job),
                Err(EmitError::Unsupported { what, .. }) => {
                    // The order 1 has a row of its own.
                    let named = what == f.name || what == format!("{}1", f.name);
                    assert!(named, "{what} is named, not {}", f.name);
                    if !missing.contains(&f.name) {
                        missing.push(f.name);
                    }
                }
                Err(error) => panic!("{}: {error}", f.name),
            }
        }
    }
    assert_eq!(missing, missing_here, "the rows without counterpart in {}", language.name());
    let found = differences(language, &jobs);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn numpy_has_the_rows() {
    run(Language::NumPy, &["zetaderiv"]);
}

#[test]
fn jax_has_the_rows() {
    run(
        Language::Jax,
        &[
            "erfcx",
            "erfcinv",
            "polygamma",
            "binomial",
            "zetaderiv",
            "besselj0",
            "besselj1",
            "besselj",
            "besseli",
            "sphericalbesselj",
            "lambertw",
            "lambertwm1",
            "Si",
            "Ci",
            "dilog",
            "elliptick",
            "elliptice",
            "ellipticb",
            "ellipticd",
        ],
    );
}

#[test]
fn pytorch_has_the_rows() {
    run(
        Language::PyTorch,
        &[
            "erfcinv",
            "gamma",
            "factorial",
            "binomial",
            "zetaderiv",
            "besselj0",
            "besselj1",
            "besselj",
            "besseli",
            "sphericalbesselj",
            "lambertw",
            "lambertwm1",
            "Ei",
            "Si",
            "Ci",
            "li",
            "dilog",
            "elliptick",
            "elliptice",
            "ellipticb",
            "ellipticd",
        ],
    );
}

#[test]
fn julia_has_the_rows() {
    run(
        Language::Julia,
        &["binomial", "zetaderiv", "lambertw", "lambertwm1", "dilog", "ellipticb", "ellipticd"],
    );
}
