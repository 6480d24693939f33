//! What a formula of tensors needs to be defined, read off the formula.

use agnesi_graph::{Graph, Linear, Need, NodeId, Op, known, power_domain};

/// The conditions under which a node is defined, those that the declarations say left out. Inside branches nothing is
/// asked: only the branch that is taken needs to be defined.
pub fn needs(g: &mut Graph, root: NodeId) -> Vec<Need> {
    let mut found = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        if !seen.insert(node) {
            continue;
        }
        match g.op(node).clone() {
            Op::Select(c, ..) => {
                stack.push(c);
                continue;
            }
            // What the steps need depends on the states.
            Op::Loop(made) => {
                stack.extend(made.states.iter().map(|s| s.first));
                continue;
            }
            Op::Contract(c) => {
                for f in &c.factors {
                    let fine = f.exponent.is_integer() && !f.exponent.is_negative();
                    if !fine {
                        let e = f.exponent.clone();
                        let condition = by_entry(g, f.node, |g, x| {
                            let e = g.number(e);
                            power_domain(g, x, e)
                        });
                        found.push(Need::Entries(condition));
                    }
                }
            }
            Op::Call(f, args) if g.taught(f).is_none() => {
                let row = f.row();
                if f == known().pow || row.domain != "true" {
                    let shape = args.iter().map(|a| g.shape(*a)).find(|s| !s.is_empty()).cloned();
                    let entries: Vec<NodeId> =
                        args.iter().map(|a| if g.is_scalar(*a) { *a } else { g.entry(*a) }).collect();
                    let condition = if f == known().pow {
                        Some(power_domain(g, entries[0], entries[1]))
                    } else {
                        let names: Vec<(&'static str, NodeId)> =
                            row.args.iter().copied().zip(entries.iter().copied()).collect();
                        g.instantiate(row.domain, &names)
                    };
                    if let Some(condition) = condition {
                        let condition = g.lift(condition, &shape.unwrap_or_default());
                        found.push(Need::Entries(condition));
                    }
                }
            }
            Op::Linear(op, inner) if g.shape(inner).len() == 2 => match op {
                Linear::Inverse => found.push(Need::Invertible(inner)),
                Linear::LogDeterminant => found.push(Need::PositiveDeterminant(inner)),
                Linear::Cholesky | Linear::Logarithm => found.push(Need::Definite(inner)),
                Linear::Eigenvectors => {
                    found.push(Need::Symmetric(inner));
                    found.push(Need::DistinctEigenvalues(inner));
                }
                Linear::Eigenvalues => found.push(Need::Symmetric(inner)),
                Linear::Determinant | Linear::Exponential | Linear::SquareRoot => {}
            },
            Op::Call(..)
            | Op::Symbol(_)
            | Op::Constant(_)
            | Op::Truth(_)
            | Op::Add(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Integral { .. } => {}
        }
        g.for_each_child(node, |c| stack.push(c));
    }
    found.sort_unstable();
    found.dedup();
    let mut open: Vec<Need> = found.into_iter().filter(|need| !g.is_met(*need)).collect();
    // A positive determinant and definiteness say that there is an inverse.
    let stronger = open.clone();
    open.retain(|need| match need {
        Need::Invertible(n) => {
            !stronger.contains(&Need::PositiveDeterminant(*n)) && !stronger.contains(&Need::Definite(*n))
        }
        _ => true,
    });
    open
}

fn by_entry(g: &mut Graph, node: NodeId, condition: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> NodeId {
    let shape = g.shape(node).clone();
    let entry = g.outline(node);
    let made = condition(g, entry);
    g.lift(made, &shape)
}
