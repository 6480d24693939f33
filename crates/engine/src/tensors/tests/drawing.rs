//! Random tensors satisfy what they are declared to be.

use super::*;
use crate::tensors::violation;

#[test]
fn what_is_drawn_satisfies_its_declaration() {
    let s = |parts: &[Structure]| parts.iter().fold(Structure::NONE, |all, one| all.and(*one));
    let structures = [
        Structure::NONE,
        Structure::SYMMETRIC,
        Structure::SKEW,
        Structure::LOWER,
        Structure::UPPER,
        Structure::INVERTIBLE,
        s(&[Structure::ORTHOGONAL, Structure::INVERTIBLE]),
        s(&[Structure::SYMMETRIC, Structure::DEFINITE, Structure::INVERTIBLE]),
        s(&[Structure::SYMMETRIC, Structure::LOWER, Structure::UPPER]),
        s(&[Structure::LOWER, Structure::INVERTIBLE]),
        s(&[Structure::SYMMETRIC, Structure::ORTHOGONAL]),
    ];
    for seed in 0..30 {
        for structure in structures {
            let mut random = Random::new(seed);
            let mut w = World::new();
            let n = w.size("n", 1 + random.below(6) as usize);
            let a = w.drawn("A", Facts::REAL, structure, &[n, n], &mut random);
            assert_eq!(violation(structure, &w.value(a).expect("drawn")), None, "{structure:?}");
            let p = w.drawn("p", Facts::POSITIVE, Structure::NONE, &[n, n], &mut random);
            assert!(w.entries(p).iter().all(|x| (0.3..=2.0).contains(x)));
        }
    }
}

#[test]
fn indices_stay_inside() {
    let mut w = World::new();
    let n = w.size("n", 50);
    let p = w.g.declare("p", Facts::INTEGER, [n].into_iter().collect());
    let id = w.symbol(p);
    let drawn = draw(&w.g, &[id], &w.values, &[(id, 4)], &mut Random::new(3)).expect("drawn");
    let entries = drawn[0].1.data();
    assert!(entries.iter().all(|x| [1.0, 2.0, 3.0, 4.0].contains(x)));
    assert!((1..=4).all(|k| entries.contains(&(k as f64))));
}

#[test]
fn violations_say_where() {
    let why = |structure, entries: [f64; 4]| {
        violation(structure, &Tensor::new(vec![2, 2], entries.to_vec()).expect("as many")).expect("violated")
    };
    assert_eq!(why(Structure::SYMMETRIC, [1.0, 5.0, 3.0, 1.0]), "entry (2, 1) is 3 and entry (1, 2) is 5");
    assert_eq!(why(Structure::SKEW, [1.0, 5.0, -5.0, 0.0]), "entry (1, 1) is 1");
    assert_eq!(why(Structure::SKEW, [0.0, 5.0, 5.0, 0.0]), "entry (2, 1) is 5 and entry (1, 2) is 5");
    assert_eq!(why(Structure::LOWER, [1.0, 2.0, 0.0, 1.0]), "entry (1, 2), above the diagonal, is 2");
    assert_eq!(why(Structure::UPPER, [1.0, 2.0, 4.0, 1.0]), "entry (2, 1), below the diagonal, is 4");
    assert_eq!(why(Structure::ORTHOGONAL, [1.0, 0.0, 0.0, 2.0]), "column 2 has length 2");
    assert_eq!(why(Structure::DEFINITE, [1.0, 0.0, 0.0, -2.0]), "it is not positive definite: pivot 2 is -2");
    assert_eq!(why(Structure::INVERTIBLE, [1.0, 2.0, 2.0, 4.0]), "column 2 depends on those before it");
}
