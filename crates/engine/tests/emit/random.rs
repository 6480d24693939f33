//! Random contractions, sums and functions of them: whatever labels meet, the code computes what the interpreter does.

use agnesi_engine::emit::Language;
use agnesi_graph::{Factor, Graph, NodeId, Rational};

use crate::cases::Case;
use crate::run::{Job, differences};

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }
}

/// A contraction of some of the nodes, its result of no more than three axes.
fn contraction(dice: &mut Dice, c: &mut Case, pool: &[NodeId], sizes: &[NodeId]) -> NodeId {
    let mut label_sizes: Vec<NodeId> = Vec::new();
    let mut factors = Vec::new();
    for _ in 0..1 + dice.below(4) {
        let node = pool[dice.below(pool.len())];
        let mut labels = agnesi_graph::Labels::new();
        for size in c.graph.shape(node).to_vec() {
            let known: Vec<usize> = (0..label_sizes.len()).filter(|&l| label_sizes[l] == size).collect();
            let label = match known.len() {
                0 => None,
                _ if dice.below(3) == 0 && label_sizes.len() < 6 => None,
                count => Some(known[dice.below(count)]),
            };
            let label = label.unwrap_or_else(|| {
                label_sizes.push(size);
                label_sizes.len() - 1
            });
            labels.push(label as u8);
        }
        let exponent = [1, 1, 1, 1, 2, 3][dice.below(6)];
        factors.push(Factor { node, labels, exponent: Rational::from(exponent) });
    }
    let mut out = agnesi_graph::Labels::new();
    for _ in 0..dice.below(4) {
        if dice.below(6) == 0 || label_sizes.is_empty() {
            label_sizes.push(sizes[dice.below(sizes.len())]);
            out.push(label_sizes.len() as u8 - 1);
        } else {
            out.push(dice.below(label_sizes.len()) as u8);
        }
    }
    let coefficient = [Rational::ONE, Rational::MINUS_ONE, Rational::TWO, Rational::HALF];
    let c0 = coefficient[dice.below(4)].clone();
    c.graph.contract(c0, factors, out, label_sizes)
}

fn same_shape(graph: &Graph, pool: &[NodeId], node: NodeId) -> Vec<NodeId> {
    pool.iter().copied().filter(|other| graph.shape(*other) == graph.shape(node)).collect()
}

fn expression(seed: u64) -> Case {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..10 {
        dice.below(2);
    }
    let mut c = Case::new("random");
    let sizes = [c.size("n"), c.size("m"), c.size("k")];
    let (n, m, k) = (sizes[0], sizes[1], sizes[2]);
    let mut pool = vec![
        c.input("a", &[]),
        c.input("x", &[n]),
        c.input("y", &[n]),
        c.input("z", &[m]),
        c.input("A", &[n, n]),
        c.input("B", &[n, n]),
        c.input("C", &[n, m]),
        c.input("T", &[k, n, m]),
    ];
    for _ in 0..2 + dice.below(5) {
        let made = match dice.below(4) {
            0 => {
                let node = pool[dice.below(pool.len())];
                let name = ["sin", "exp", "tanh", "sigmoid", "cos"][dice.below(5)];
                c.f(name, &[node])
            }
            1 => {
                let node = pool[dice.below(pool.len())];
                let like = same_shape(&c.graph, &pool, node);
                let other = like[dice.below(like.len())];
                let weight = Rational::from(dice.below(5) as i64 - 2);
                c.graph.sum(&[(Rational::ONE, node), (weight, other)])
            }
            _ => contraction(&mut dice, &mut c, &pool, &sizes),
        };
        pool.push(made);
    }
    let last = pool.len() - 1;
    c.returns(&[("first", pool[last]), ("second", pool[last - 1])])
}

fn run(language: Language, count: u64) {
    let mut jobs = Vec::new();
    for seed in 0..count {
        let mut case = expression(seed);
        match Job::new(&mut case, language) {
            Ok(mut job) => {
                job.name = format!("random {seed}");
                // Powers of sums of exponentials grow; so does what rounding leaves.
                job.tolerance = 1e-9;
                jobs.push(job);
            }
            Err(error) => panic!("random {seed}: {error}"),
        }
    }
    let found = differences(language, &jobs);
    let first: Vec<&str> = found.iter().take(5).map(String::as_str).collect();
    assert!(found.is_empty(), "{} of {count}\n{}", found.len(), first.join("\n"));
}

#[test]
fn numpy_computes_random_expressions() {
    run(Language::NumPy, 400);
}

#[test]
fn jax_computes_random_expressions() {
    run(Language::Jax, 40);
}

#[test]
fn pytorch_computes_random_expressions() {
    run(Language::PyTorch, 400);
}

#[test]
fn julia_computes_random_expressions() {
    run(Language::Julia, 100);
}
