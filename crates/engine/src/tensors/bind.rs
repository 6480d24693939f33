//! Numbers for sizes, from the shapes of the tensors that have them.

use agnesi_graph::{Graph, SymbolId};
use smol_str::SmolStr;

use super::error::InterpretError;
use super::tensor::Tensor;

/// The symbols given, and values for the sizes that follow from the shapes of the tensors given.
///
/// A size that is a name takes the number that the first tensor with such an axis has; sizes that are other expressions
/// are left to be compared when they are evaluated.
///
/// # Errors
/// [`InterpretError::Conflict`] where two tensors, or a tensor and the value given for the size, disagree;
/// [`InterpretError::Shape`] where a tensor has another number of axes than it was declared with.
///
/// ```
/// use agnesi_engine::tensors::{Tensor, bind};
/// use agnesi_graph::{Facts, Graph};
///
/// let mut graph = Graph::new();
/// let n = graph.symbol("n");
/// let x = graph.declare("x", Facts::REAL, [n].into_iter().collect());
/// let (n, x) = (graph.as_symbol(n).expect("a symbol"), graph.as_symbol(x).expect("a symbol"));
/// let three = Tensor::new(vec![3], vec![1.0, 2.0, 3.0]).expect("as many entries");
/// let bound = bind(&graph, &[(x, three)]).expect("they fit");
/// assert!(bound.iter().any(|(symbol, value)| *symbol == n && value.as_scalar() == Some(3.0)));
/// ```
pub fn bind(graph: &Graph, given: &[(SymbolId, Tensor)]) -> Result<Vec<(SymbolId, Tensor)>, InterpretError> {
    let mut all = given.to_vec();
    // By what a size got its number.
    let mut sources: Vec<(SymbolId, SmolStr)> = Vec::new();
    for (symbol, tensor) in given {
        let info = graph.symbol_info(*symbol);
        if info.shape.len() != tensor.shape().len() {
            let known = |size| {
                let number = |id| all.iter().find(|(s, _)| *s == id).and_then(|(_, t)| t.as_scalar());
                match graph.as_symbol(size) {
                    Some(id) => number(id).map(|x| x as usize),
                    None => graph.as_number(size).map(|x| x.to_f64() as usize),
                }
            };
            let declared = info.shape.iter().map(|size| known(*size).unwrap_or(0)).collect();
            let (name, given) = (info.name.clone(), tensor.shape().to_vec());
            return Err(InterpretError::Shape { name, declared, given });
        }
        for (size, number) in info.shape.iter().zip(tensor.shape()) {
            let Some(id) = graph.as_symbol(*size) else { continue };
            match all.iter().find(|(s, _)| *s == id) {
                None => {
                    all.push((id, Tensor::scalar(*number as f64)));
                    sources.push((id, info.name.clone()));
                }
                Some((_, value)) => {
                    let before = value.as_scalar().unwrap_or(f64::NAN);
                    if before != *number as f64 {
                        let source = sources.iter().find(|(s, _)| *s == id).map(|(_, name)| name.clone());
                        return Err(InterpretError::Conflict {
                            size: graph.symbol_info(id).name.clone(),
                            first: (source.unwrap_or_default(), before as usize),
                            second: (info.name.clone(), *number),
                        });
                    }
                }
            }
        }
    }
    Ok(all)
}
