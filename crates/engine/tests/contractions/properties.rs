//! What must hold of every contraction and every sum of tensors.

use agnesi_engine::tensors::{Tensor, interpret};
use agnesi_graph::{Factor, NodeId, Rational};

use crate::random::{Random, Sum, World};

/// How many cases a property runs: `PROPTEST_CASES` up to a limit, or so many.
fn cases(default: u32) -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    given.unwrap_or(default).min(50_000)
}

fn close(a: &Tensor, b: &Tensor) -> bool {
    a.shape() == b.shape()
        && a.data().iter().zip(b.data()).all(|(x, y)| (x - y).abs() <= 1e-9 * (1.0 + x.abs() + y.abs()))
}

fn value(world: &World, node: NodeId) -> Tensor {
    let values = interpret(&world.g, &[node], &world.values);
    let ops =
        || world.g.topological(node).into_iter().map(|n| (n, world.g.op(n).clone())).collect::<Vec<_>>();
    values.unwrap_or_else(|error| panic!("{error} in {:?}", ops())).remove(0)
}

#[test]
fn contractions_mean_what_they_say() {
    for seed in 0..cases(3000) as u64 {
        let mut random = Random(seed);
        let mut world = World::new(&mut random);
        let sum = Sum::random(&world, &mut random, None);
        let direct = sum.direct(&world);
        let node = sum.build(&mut world);
        let found = value(&world, node);
        assert!(
            close(&found, &direct),
            "seed {seed}: {sum:?}\n{:?}\nis {found:?}\nnot {direct:?}",
            world.g.op(node)
        );
    }
}

#[test]
fn contractions_written_differently_are_one_node() {
    let cases = cases(3000);
    let mut misses = Vec::new();
    for seed in 0..cases as u64 {
        let mut random = Random(seed ^ 0xabcd_0000);
        let mut world = World::new(&mut random);
        let sum = Sum::random(&world, &mut random, None);
        let node = sum.build(&mut world);
        let wanted = value(&world, node);
        for _ in 0..3 {
            let again = sum.rebuild(&mut world, &mut random);
            let found = value(&world, again);
            assert!(
                close(&found, &wanted),
                "seed {seed}: {sum:?}\n{:?}\nis {found:?}\nnot {wanted:?}",
                world
                    .g
                    .topological(again)
                    .into_iter()
                    .map(|n| (n, world.g.op(n).clone()))
                    .collect::<Vec<_>>()
            );
            if again != node {
                misses.push((seed, sum.clone()));
                break;
            }
        }
    }
    println!("{} of {cases} contractions are more than one node", misses.len());
    // Where a power of a contraction arises, flattening is not confluent: a missed equality, never a wrong value.
    let allowed = cases as usize / 100;
    assert!(
        misses.len() <= allowed,
        "{} of {cases}, such as\n{:#?}",
        misses.len(),
        &misses[..misses.len().min(5)]
    );
}

#[test]
fn sums_of_tensors_in_any_order_of_axes_are_one_node() {
    let mut missed = 0;
    let cases = cases(1000);
    for seed in 0..cases as u64 {
        let mut random = Random(seed ^ 0x1234_0000);
        let mut world = World::new(&mut random);
        let free: &[usize] = [&[0, 0][..], &[0, 1], &[0, 0, 1], &[0]][random.below(4)];
        let sums: Vec<Sum> =
            (0..2 + random.below(2)).map(|_| Sum::random(&world, &mut random, Some(free))).collect();
        let shares: Vec<Rational> =
            sums.iter().map(|_| Rational::from([1, 2, -1, 3][random.below(4)])).collect();
        let mut direct = vec![0.0; sums[0].direct(&world).data().len()];
        for (sum, share) in sums.iter().zip(&shares) {
            let part = sum.direct(&world);
            direct.iter_mut().zip(part.data()).for_each(|(d, x)| *d += share.to_f64() * x);
        }
        let shape = sums[0].direct(&world).shape().to_vec();
        let direct = Tensor::new(shape, direct).expect("as many entries");
        let terms: Vec<(Rational, NodeId)> =
            sums.iter().zip(&shares).map(|(sum, c)| (c.clone(), sum.build(&mut world))).collect();
        let node = world.g.sum(&terms);
        let found = value(&world, node);
        assert!(close(&found, &direct), "seed {seed}: {sums:?}\nis {found:?}\nnot {direct:?}");
        // Other orders of terms and of axes.
        let mut order: Vec<usize> = (0..free.len()).collect();
        random.shuffle(&mut order);
        let back: Vec<usize> =
            (0..order.len()).map(|i| order.iter().position(|o| *o == i).expect("all")).collect();
        let mut turned: Vec<(Rational, NodeId)> =
            terms.iter().map(|(c, n)| (c.clone(), world.g.permute(*n, &order))).collect();
        random.shuffle(&mut turned);
        let turned = world.g.sum(&turned);
        let again = world.g.permute(turned, &back);
        assert!(close(&value(&world, again), &direct), "seed {seed}: {sums:?} turned");
        missed += (again != node) as u32;
        // In a product of matrices the sum has one value whichever way it stands.
        if free == [0, 0] {
            let sizes = vec![world.sizes[0]; 2];
            let square = |g: &mut agnesi_graph::Graph, a: &[u8], b: &[u8]| {
                let factor = |labels: &[u8]| Factor {
                    node,
                    labels: labels.iter().copied().collect(),
                    exponent: Rational::ONE,
                };
                g.contract(Rational::ONE, vec![factor(a), factor(b)], Default::default(), sizes.clone())
            };
            let one = square(&mut world.g, &[0, 1], &[1, 0]);
            let other = square(&mut world.g, &[1, 0], &[0, 1]);
            assert_eq!(one, other, "seed {seed}: {sums:?}");
            let n = direct.shape()[0];
            let at = |i, j| direct.at(&[i, j]).expect("inside");
            let trace: f64 =
                (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| at(i, j) * at(j, i)).sum();
            assert!(close(&value(&world, one), &Tensor::scalar(trace)), "seed {seed}: {sums:?}");
        }
    }
    println!("{missed} of {cases} sums are more than one node");
    // Where the first coefficient changes its sign with the order of the axes; the value is the same.
    assert!(missed <= cases / 10, "{missed} of {cases} sums are more than one node");
}

#[test]
fn the_diagonal_as_a_matrix_is_not_the_matrix() {
    let mut random = Random(0);
    let mut world = World::new(&mut random);
    let matrix = world.leaves[5].0;
    let labels = || [0u8, 0].into_iter().collect();
    let factor = Factor { node: matrix, labels: labels(), exponent: Rational::ONE };
    let size = world.sizes[0];
    let diagonal = world.g.contract(Rational::ONE, vec![factor], labels(), vec![size]);
    assert_ne!(diagonal, matrix);
    let found = value(&world, diagonal);
    assert_eq!(found.at(&[0, 1]), Some(0.0));
    assert_eq!(found.at(&[1, 1]), world.value(matrix).at(&[1, 1]));
}

#[test]
fn a_multiple_of_the_diagonal_keeps_its_zeros_in_sums() {
    let mut random = Random(1300);
    let mut world = World::new(&mut random);
    let (matrix, other) = (world.leaves[5].0, world.leaves[6].0);
    let labels = || [0u8, 0].into_iter().collect();
    let factor = Factor { node: matrix, labels: labels(), exponent: Rational::ONE };
    let size = world.sizes[0];
    let diagonal = world.g.contract(Rational::from(-3), vec![factor], labels(), vec![size]);
    let sum = world.g.sum(&[(Rational::ONE, diagonal), (Rational::ONE, other)]);
    let found = value(&world, sum);
    assert_eq!(found.at(&[0, 1]), world.value(other).at(&[0, 1]));
}
