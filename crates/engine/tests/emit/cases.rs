//! Expressions with inputs and, where the interpreter does not know an operation, values.

use agnesi_engine::interpret::{Tensor, interpret};
use agnesi_functions::find;
use agnesi_graph::{Factor, Facts, Graph, NodeId, Rational, Structure, SymbolId};

/// A function of tensors, inputs for it, and what it should give.
pub struct Case {
    pub name: &'static str,
    pub graph: Graph,
    pub inputs: Vec<SymbolId>,
    pub outputs: Vec<(&'static str, NodeId)>,
    pub values: Vec<Tensor>,
    /// Values known by other means.
    pub expected: Option<Vec<Tensor>>,
    /// The sizes' values.
    pub sizes: Vec<(SymbolId, Tensor)>,
}

impl Case {
    pub fn new(name: &'static str) -> Case {
        Case {
            name,
            graph: Graph::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            values: Vec::new(),
            expected: None,
            sizes: Vec::new(),
        }
    }

    /// A size, of 4 for n, 3 for m and 2 for others.
    pub fn size(&mut self, name: &str) -> NodeId {
        let node = self.graph.declare(name, Facts::INTEGER.and(Facts::POSITIVE), Default::default());
        let symbol = self.graph.as_symbol(node).expect("a symbol");
        let value = match name {
            "n" => 4.0,
            "m" => 3.0,
            _ => 2.0,
        };
        if !self.sizes.iter().any(|(known, _)| *known == symbol) {
            self.sizes.push((symbol, Tensor::scalar(value)));
        }
        node
    }

    fn value_of(&self, size: NodeId) -> usize {
        if let Some(n) = self.graph.as_number(size).and_then(|n| n.as_integer()) {
            return n as usize;
        }
        let symbol = self.graph.as_symbol(size).expect("a symbol");
        let found = self.sizes.iter().find(|(known, _)| *known == symbol);
        found.and_then(|(_, value)| value.as_scalar()).expect("a size") as usize
    }

    /// An input with given values.
    pub fn given(
        &mut self,
        name: &str,
        shape: &[NodeId],
        structure: Structure,
        facts: Facts,
        data: Vec<f64>,
    ) -> NodeId {
        let node = self.graph.declare_tensor(name, facts, structure, shape.iter().copied().collect());
        self.inputs.push(self.graph.as_symbol(node).expect("a symbol"));
        let sizes: Vec<usize> = shape.iter().map(|size| self.value_of(*size)).collect();
        self.values.push(Tensor::new(sizes, data).expect("as many as fit"));
        node
    }

    /// An input of other numbers for each name, between -1 and 1.
    pub fn input(&mut self, name: &str, shape: &[NodeId]) -> NodeId {
        let count = shape.iter().map(|size| self.value_of(*size)).product();
        let data = noise(self.inputs.len() as u64 + 1, count);
        self.given(name, shape, Structure::NONE, Facts::REAL, data)
    }

    /// A symmetric positive definite input.
    pub fn spd(&mut self, name: &str, size: NodeId) -> NodeId {
        let n = self.value_of(size);
        let b = noise(97, n * n);
        let mut data = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                data[i * n + j] =
                    (0..n).map(|k| b[i * n + k] * b[j * n + k]).sum::<f64>() + (i == j) as u8 as f64;
            }
        }
        let structure = Structure::SYMMETRIC.and(Structure::DEFINITE).and(Structure::INVERTIBLE);
        self.given(name, &[size, size], structure, Facts::REAL, data)
    }

    /// An entrywise function.
    pub fn f(&mut self, name: &str, args: &[NodeId]) -> NodeId {
        self.graph.call(find(name).expect("a row"), args)
    }

    /// `coefficient * sum factors[labels]^exponent` with the labels of the result.
    pub fn contract(
        &mut self,
        c: Rational,
        factors: &[(NodeId, &[u8])],
        out: &[u8],
        sizes: &[NodeId],
    ) -> NodeId {
        let factors = factors
            .iter()
            .map(|(node, labels)| Factor {
                node: *node,
                labels: labels.iter().copied().collect(),
                exponent: Rational::ONE,
            })
            .collect();
        self.graph.contract(c, factors, out.iter().copied().collect(), sizes.to_vec())
    }

    pub fn returns(mut self, outputs: &[(&'static str, NodeId)]) -> Case {
        self.outputs = outputs.to_vec();
        self
    }

    pub fn giving(mut self, expected: Vec<(Vec<usize>, Vec<f64>)>) -> Case {
        let tensors =
            expected.into_iter().map(|(shape, data)| Tensor::new(shape, data).expect("as many as fit"));
        self.expected = Some(tensors.collect());
        self
    }

    /// What the outputs are.
    pub fn truth(&self) -> Vec<Tensor> {
        if let Some(expected) = &self.expected {
            return expected.clone();
        }
        let roots: Vec<NodeId> = self.outputs.iter().map(|(_, node)| *node).collect();
        let mut symbols = self.sizes.clone();
        symbols.extend(self.inputs.iter().copied().zip(self.values.iter().cloned()));
        interpret(&self.graph, &roots, &symbols).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// Numbers between -1 and 1, the same for the same seed.
pub fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}

/// The solution of a small system.
pub fn solve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut a = a.to_vec();
    let mut x = b.to_vec();
    for k in 0..n {
        let best = (k..n).max_by(|i, j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs())).expect("a row");
        for j in 0..n {
            a.swap(k * n + j, best * n + j);
        }
        x.swap(k, best);
        for i in k + 1..n {
            let f = a[i * n + k] / a[k * n + k];
            for j in k..n {
                a[i * n + j] -= f * a[k * n + j];
            }
            x[i] -= f * x[k];
        }
    }
    for k in (0..n).rev() {
        for j in k + 1..n {
            x[k] -= a[k * n + j] * x[j];
        }
        x[k] /= a[k * n + k];
    }
    x
}
