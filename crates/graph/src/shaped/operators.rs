//! The names of what is done with whole vectors and matrices.

use agnesi_syntax::{Kind, Tree, TreeId};

use crate::op::{Linear, Reduction};

/// An operation on tensors that a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Sum,
    Mean,
    Reduce(Reduction),
    ArgMin,
    Softmax { log: bool },
    Linear(Linear),
    PseudoInverse,
    Solve,
    Trace,
    Diagonal,
    DiagonalPart,
    Norm(Norm),
    Kronecker,
    Vec,
    Unvec,
    Commutation,
    Identity,
    Filled(i64),
    CumulativeSum,
    Outer,
    Dot,
    Cross,
    Hadamard,
    Transpose,
    Triangle { upper: bool, strict: bool },
    Einsum,
    Convolution,
    Iota,
    OneHot,
    Loop,
    Calculus,
}

/// The norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Norm {
    One,
    Two,
    Infinity,
    Frobenius,
    Nuclear,
}

impl Operator {
    /// The operation of a name.
    pub(super) fn of(name: &str) -> Option<Operator> {
        Some(match name {
            "sum" => Operator::Sum,
            "mean" => Operator::Mean,
            "max" => Operator::Reduce(Reduction::Max),
            "min" => Operator::Reduce(Reduction::Min),
            "prod" | "product" => Operator::Reduce(Reduction::Product),
            "logsumexp" => Operator::Reduce(Reduction::LogSumExp),
            "argmax" => Operator::Reduce(Reduction::ArgMax),
            "argmin" => Operator::ArgMin,
            "softmax" => Operator::Softmax { log: false },
            "logsoftmax" => Operator::Softmax { log: true },
            "inv" => Operator::Linear(Linear::Inverse),
            "det" => Operator::Linear(Linear::Determinant),
            "logdet" => Operator::Linear(Linear::LogDeterminant),
            "cholesky" | "chol" => Operator::Linear(Linear::Cholesky),
            "expm" => Operator::Linear(Linear::Exponential),
            "sqrtm" => Operator::Linear(Linear::SquareRoot),
            "logm" => Operator::Linear(Linear::Logarithm),
            "eigenvalues" | "eig" | "eigvals" => Operator::Linear(Linear::Eigenvalues),
            "eigenvectors" => Operator::Linear(Linear::Eigenvectors),
            "pinv" => Operator::PseudoInverse,
            "solve" => Operator::Solve,
            "tr" | "trace" => Operator::Trace,
            "diag" => Operator::Diagonal,
            "diagpart" => Operator::DiagonalPart,
            "norm1" => Operator::Norm(Norm::One),
            "norm2" | "norm" => Operator::Norm(Norm::Two),
            "normInf" | "norminf" => Operator::Norm(Norm::Infinity),
            "normF" | "normf" => Operator::Norm(Norm::Frobenius),
            "normNuc" | "normnuc" => Operator::Norm(Norm::Nuclear),
            "kron" => Operator::Kronecker,
            "vec" => Operator::Vec,
            "unvec" => Operator::Unvec,
            "commut" => Operator::Commutation,
            "eye" => Operator::Identity,
            "ones" => Operator::Filled(1),
            "zeros" => Operator::Filled(0),
            "cumsum" => Operator::CumulativeSum,
            "outer" => Operator::Outer,
            "dot" => Operator::Dot,
            "cross" => Operator::Cross,
            "hadamard" => Operator::Hadamard,
            "transpose" => Operator::Transpose,
            "strictlower" => Operator::Triangle { upper: false, strict: true },
            "strictupper" => Operator::Triangle { upper: true, strict: true },
            "lower" | "tril" => Operator::Triangle { upper: false, strict: false },
            "upper" | "triu" => Operator::Triangle { upper: true, strict: false },
            "einsum" => Operator::Einsum,
            "conv" => Operator::Convolution,
            "iota" => Operator::Iota,
            "onehot" => Operator::OneHot,
            "fold" | "scan" => Operator::Loop,
            "grad" | "gradient" | "∇" | "jacobian" | "hessian" | "laplacian" | "along" | "integral"
            | "limit" | "taylor" | "div" | "divergence" | "diff" | "derivative" => Operator::Calculus,
            _ => return None,
        })
    }

    /// Whether it makes one number of all entries of its argument.
    pub(super) fn takes_all(self) -> bool {
        matches!(
            self,
            Operator::Sum | Operator::Mean | Operator::Reduce(_) | Operator::ArgMin | Operator::Norm(_)
        )
    }

    /// Whether a call says by itself that shapes are needed; sums and norms of numbers do not.
    pub(super) fn always_shaped(self, tree: &Tree, args: &[TreeId]) -> bool {
        match self {
            Operator::Calculus => false,
            Operator::Sum | Operator::Mean | Operator::Reduce(_) | Operator::ArgMin => {
                // A sum over a range whose ends are names is a sum over an axis.
                let Some(Kind::In(_, set)) = args.first().map(|a| tree.kind(*a)) else {
                    return matches!(self, Operator::Reduce(Reduction::LogSumExp | Reduction::ArgMax));
                };
                match tree.kind(*set) {
                    Kind::Range(_, end) => !matches!(tree.kind(*end), Kind::Number(_)),
                    _ => false,
                }
            }
            Operator::Norm(Norm::One | Norm::Two) => false,
            Operator::Softmax { .. }
            | Operator::Linear(_)
            | Operator::PseudoInverse
            | Operator::Solve
            | Operator::Trace
            | Operator::Diagonal
            | Operator::DiagonalPart
            | Operator::Norm(_)
            | Operator::Kronecker
            | Operator::Vec
            | Operator::Unvec
            | Operator::Commutation
            | Operator::Identity
            | Operator::Filled(_)
            | Operator::CumulativeSum
            | Operator::Outer
            | Operator::Dot
            | Operator::Cross
            | Operator::Hadamard
            | Operator::Transpose
            | Operator::Triangle { .. }
            | Operator::Einsum
            | Operator::Convolution
            | Operator::Iota
            | Operator::OneHot
            | Operator::Loop => true,
        }
    }
}
