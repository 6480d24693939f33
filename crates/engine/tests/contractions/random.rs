//! Random contractions, the tensors in them, and direct sums over indices.

use agnesi_engine::tensors::Tensor;
use agnesi_graph::{Factor, Facts, Graph, Labels, NodeId, Rational, SymbolId};

/// A small generator of pseudo-random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }

    /// Between 1/2 and 2, of either sign.
    pub fn entry(&mut self) -> f64 {
        let size = 0.5 + 1.5 * (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        if self.chance(2) { -size } else { size }
    }
}

/// Numbers for the sizes n and m.
pub const NUMBERS: [usize; 2] = [3, 2];

/// Tensors as leaves: their names, and for each axis which size it has.
const LEAVES: [(&str, &[usize]); 9] = [
    ("a", &[]),
    ("b", &[]),
    ("u", &[0]),
    ("v", &[0]),
    ("w", &[1]),
    ("A", &[0, 0]),
    ("B", &[0, 0]),
    ("C", &[0, 1]),
    ("T", &[0, 1, 0]),
];

/// A graph with sizes and leaves, and values for them.
pub struct World {
    pub g: Graph,
    pub sizes: [NodeId; 2],
    pub leaves: Vec<(NodeId, &'static [usize])>,
    pub values: Vec<(SymbolId, Tensor)>,
}

impl World {
    pub fn new(random: &mut Random) -> World {
        let mut g = Graph::new();
        let whole = Facts::INTEGER.and(Facts::POSITIVE);
        let sizes = ["n", "m"].map(|name| g.declare(name, whole, Default::default()));
        let mut values = Vec::new();
        for (size, number) in sizes.iter().zip(NUMBERS) {
            values.push((g.as_symbol(*size).expect("a symbol"), Tensor::scalar(number as f64)));
        }
        let mut leaves = Vec::new();
        for (name, axes) in LEAVES {
            let shape = axes.iter().map(|a| sizes[*a]).collect();
            let node = g.declare(name, Facts::REAL, shape);
            let numbers: Vec<usize> = axes.iter().map(|a| NUMBERS[*a]).collect();
            let data = (0..numbers.iter().product()).map(|_| random.entry()).collect();
            let tensor = Tensor::new(numbers, data).expect("as many entries");
            values.push((g.as_symbol(node).expect("a symbol"), tensor));
            leaves.push((node, axes));
        }
        World { g, sizes, leaves, values }
    }

    pub fn value(&self, node: NodeId) -> &Tensor {
        let symbol = self.g.as_symbol(node).expect("a leaf");
        &self.values.iter().find(|(id, _)| *id == symbol).expect("bound").1
    }

    pub fn size_nodes(&self, kinds: &[usize]) -> Vec<NodeId> {
        kinds.iter().map(|k| self.sizes[*k]).collect()
    }
}

/// A leaf with labels and an exponent.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub node: NodeId,
    pub labels: Vec<u8>,
    pub exponent: i64,
}

/// `coefficient * sum over labels not in out of prod part`, as the definition has it.
#[derive(Clone, Debug)]
pub struct Sum {
    pub coefficient: Rational,
    pub parts: Vec<Part>,
    pub out: Vec<u8>,
    /// For each label which size it has.
    pub kinds: Vec<usize>,
}

impl Sum {
    /// Up to five leaves whose labels coincide often: diagonals, traces, deltas, broadcasts, labels in no factor.
    pub fn random(world: &World, random: &mut Random, free: Option<&[usize]>) -> Sum {
        // Labels 0, 1, 2 have the size n; 3 and 4 have the size m.
        let kinds = [0, 0, 0, 1, 1];
        let pick = |random: &mut Random, kind: usize| match kind {
            0 => random.below(3) as u8,
            _ => 3 + random.below(2) as u8,
        };
        let mut parts: Vec<Part> = Vec::new();
        for _ in 0..1 + random.below(5) {
            let (node, axes) = world.leaves[random.below(world.leaves.len())];
            let labels: Vec<u8> = axes.iter().map(|kind| pick(random, *kind)).collect();
            let exponent = [1, 1, 1, 1, 1, 2, -1][random.below(7)];
            parts.push(Part { node, labels, exponent });
        }
        let out: Vec<u8> = match free {
            Some(free) => free.iter().map(|kind| pick(random, *kind)).collect(),
            None => (0..random.below(4))
                .map(|_| {
                    let kind = random.below(3) / 2;
                    pick(random, kind)
                })
                .collect(),
        };
        // Labels in use get small numbers; now and then one stands nowhere.
        let extra = random.chance(8);
        let used: Vec<u8> = (0..5)
            .filter(|l| out.contains(l) || parts.iter().any(|p| p.labels.contains(l)) || (extra && *l == 4))
            .collect();
        let number = |l: &u8| used.iter().position(|u| u == l).expect("in use") as u8;
        let coefficient = [(1, 1), (1, 1), (2, 1), (-1, 1), (-3, 2), (0, 1)][random.below(6)];
        Sum {
            coefficient: Rational::new(coefficient.0, coefficient.1).expect("not 0"),
            out: out.iter().map(number).collect(),
            kinds: used.iter().map(|l| kinds[*l as usize]).collect(),
            parts: parts
                .iter()
                .map(|p| Part { labels: p.labels.iter().map(number).collect(), ..p.clone() })
                .collect(),
        }
    }

    /// The sum written out, index by index.
    pub fn direct(&self, world: &World) -> Tensor {
        let sizes: Vec<usize> = self.kinds.iter().map(|k| NUMBERS[*k]).collect();
        let shape: Vec<usize> = self.out.iter().map(|l| sizes[*l as usize]).collect();
        let mut data = vec![0.0; shape.iter().product()];
        let all: usize = sizes.iter().product();
        for number in 0..all {
            let mut rest = number;
            let index: Vec<usize> = sizes
                .iter()
                .map(|n| {
                    let i = rest % n;
                    rest /= n;
                    i
                })
                .collect();
            let place = |labels: &[u8]| -> Vec<usize> { labels.iter().map(|l| index[*l as usize]).collect() };
            let mut product = self.coefficient.to_f64();
            for p in &self.parts {
                product *= world.value(p.node).at(&place(&p.labels)).expect("inside").powi(p.exponent as i32);
            }
            let at = self.out.iter().fold(0, |at, l| at * sizes[*l as usize] + index[*l as usize]);
            data[at] += product;
        }
        Tensor::new(shape, data).expect("as many entries")
    }

    /// All at once.
    pub fn build(&self, world: &mut World) -> NodeId {
        let factors = self
            .parts
            .iter()
            .map(|p| Factor {
                node: p.node,
                labels: p.labels.iter().copied().collect(),
                exponent: Rational::from(p.exponent),
            })
            .collect();
        let sizes = world.size_nodes(&self.kinds);
        let out: Labels = self.out.iter().copied().collect();
        world.g.contract(self.coefficient.clone(), factors, out, sizes)
    }

    /// The same in another way: factors shuffled, labels renamed, some factors contracted first, some axes by way of an
    /// identity, the coefficient shared out, outputs in another order that is undone at last.
    pub fn rebuild(&self, world: &mut World, random: &mut Random) -> NodeId {
        let mut kinds = self.kinds.clone();
        let mut coefficient = self.coefficient.clone();
        let mut factors: Vec<Loose> =
            self.parts.iter().map(|p| (p.node, p.labels.clone(), Rational::from(p.exponent))).collect();
        // Labels that stand nowhere count their size.
        let nowhere: Vec<u8> = (0..kinds.len() as u8)
            .filter(|l| !self.out.contains(l) && !factors.iter().any(|f| f.1.contains(l)))
            .collect();
        random.shuffle(&mut factors);
        // An identity in front of an axis.
        if random.chance(3)
            && let Some(at) = (0..factors.len()).find(|i| !factors[*i].1.is_empty() && factors[*i].2.is_one())
        {
            let axis = random.below(factors[at].1.len());
            let old = factors[at].1[axis];
            let new = kinds.len() as u8;
            kinds.push(kinds[old as usize]);
            factors[at].1[axis] = new;
            let size = world.sizes[kinds[old as usize]];
            let out: Labels = [0, 0].into_iter().collect();
            let identity = world.g.contract(Rational::ONE, vec![], out, vec![size]);
            factors.push((identity, vec![old, new], Rational::ONE));
        }
        // Some of the factors first, keeping the labels that are needed later.
        for _ in 0..random.below(3) {
            if factors.len() < 2 {
                break;
            }
            random.shuffle(&mut factors);
            let inner = factors.split_off(factors.len() - 1 - random.below(factors.len() - 1));
            let mut kept: Vec<u8> = inner.iter().flat_map(|f| f.1.iter().copied()).collect();
            kept.retain(|l| self.out.contains(l) || factors.iter().any(|f| f.1.contains(l)));
            kept.sort_unstable();
            kept.dedup();
            random.shuffle(&mut kept);
            let share = if random.chance(2) { Rational::TWO } else { Rational::ONE };
            coefficient = &coefficient * &share.recip().expect("not 0");
            let node = contract(world, random, share, inner, &kept, &[], &kinds);
            factors.push((node, kept, Rational::ONE));
        }
        random.shuffle(&mut factors);
        let mut order: Vec<usize> = (0..self.out.len()).collect();
        random.shuffle(&mut order);
        let out: Vec<u8> = order.iter().map(|i| self.out[*i]).collect();
        let node = contract(world, random, coefficient, factors, &out, &nowhere, &kinds);
        let back: Vec<usize> =
            (0..order.len()).map(|i| order.iter().position(|o| *o == i).expect("all")).collect();
        world.g.permute(node, &back)
    }
}

/// A factor whose labels have no final numbers yet.
type Loose = (NodeId, Vec<u8>, Rational);

/// A contraction whose labels are given new numbers in random order.
fn contract(
    world: &mut World,
    random: &mut Random,
    coefficient: Rational,
    factors: Vec<Loose>,
    out: &[u8],
    nowhere: &[u8],
    kinds: &[usize],
) -> NodeId {
    let mut used: Vec<u8> = factors.iter().flat_map(|f| f.1.iter().copied()).collect();
    used.extend_from_slice(out);
    used.extend_from_slice(nowhere);
    used.sort_unstable();
    used.dedup();
    random.shuffle(&mut used);
    let number = |l: &u8| used.iter().position(|u| u == l).expect("in use") as u8;
    let list = factors
        .iter()
        .map(|(node, labels, e)| Factor {
            node: *node,
            labels: labels.iter().map(number).collect(),
            exponent: e.clone(),
        })
        .collect();
    let sizes = used.iter().map(|l| world.sizes[kinds[*l as usize]]).collect();
    world.g.contract(coefficient, list, out.iter().map(number).collect(), sizes)
}
