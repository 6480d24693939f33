//! Nodes lowered to programs: the program's values are those of the interpreter of nodes.

use agnesi_engine::ir;
use agnesi_engine::lowering::{batch, lower, multiply_add, short_loops};
use agnesi_engine::machine::Machine;
use agnesi_engine::tensors::{Tensor, bind, interpret};
use agnesi_graph::{Graph, NodeId, SymbolId};
use smol_str::{SmolStr, format_smolstr};

/// Whether the program of some nodes gives the values that the interpreter of nodes gives; where that has none, nothing is
/// said.
pub fn agrees(g: &Graph, nodes: &[NodeId], values: &[(SymbolId, Tensor)]) -> Result<(), String> {
    let Ok(wanted) = interpret(g, nodes, values) else { return Ok(()) };
    let bound = bind(g, values).map_err(|e| e.to_string())?;
    let name = |symbol: SymbolId| g.symbol_info(symbol).name.clone();
    let mut sizes = Vec::new();
    let mut inputs: Vec<(SmolStr, SymbolId)> = Vec::new();
    let mut data: Vec<&[f64]> = Vec::new();
    for (symbol, tensor) in &bound {
        match tensor.as_scalar() {
            Some(size) if size.fract() == 0.0 && size >= 0.0 && is_size(g, *symbol) => {
                sizes.push((*symbol, size as usize));
            }
            _ => {
                inputs.push((name(*symbol), *symbol));
                data.push(tensor.data());
            }
        }
    }
    let outputs: Vec<(SmolStr, NodeId)> =
        nodes.iter().enumerate().map(|(i, node)| (format_smolstr!("y{i}"), *node)).collect();
    let mut program = lower(g, &inputs, &sizes, &outputs).map_err(|e| format!("not lowered: {e}"))?;
    program.check().map_err(|e| format!("{e}\n{program}"))?;
    if ir::parse(&program.to_string()).as_ref() != Ok(&program) {
        return Err(format!("printed, it reads back differently:\n{program}"));
    }
    for _ in 0..2 {
        let found = program.run(&data).map_err(|e| format!("lowered: {e}\n{program}"))?;
        for (found, wanted) in found.iter().zip(&wanted) {
            let scale =
                wanted.data().iter().filter(|x| x.is_finite()).fold(1.0f64, |most, x| most.max(x.abs()));
            let close = |(x, y): (&f64, &f64)| x == y || !y.is_finite() || (x - y).abs() <= 1e-7 * scale;
            if found.len() != wanted.data().len() || !found.iter().zip(wanted.data()).all(close) {
                return Err(format!("lowered: {found:?} is not {:?}\n{program}", wanted.data()));
            }
        }
        on_machine(&program, &data, &found)?;
        short_loops(&mut program);
        multiply_add(&mut program);
    }
    // Three rows, of which the first input's are the same.
    const ROWS: usize = 3;
    let varies: Vec<bool> = (0..data.len()).map(|at| at > 0).collect();
    let rows: Vec<Vec<f64>> =
        data.iter().zip(&varies).map(|(list, varies)| list.repeat(if *varies { ROWS } else { 1 })).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let wanted: Vec<Vec<f64>> =
        program.run(&data).map_err(|e| e.to_string())?.iter().map(|list| list.repeat(ROWS)).collect();
    on_machine(&batch(&program, ROWS, &varies), &rows, &wanted)
}

/// Whether the virtual machine gives what the program's own interpreter gives, twice.
fn on_machine(program: &ir::Program, data: &[&[f64]], wanted: &[Vec<f64>]) -> Result<(), String> {
    let mut machine = Machine::<f64>::new(program.clone()).map_err(|e| e.to_string())?;
    let mut outputs: Vec<Vec<f64>> = wanted.iter().map(|list| vec![0.5; list.len()]).collect();
    for _ in 0..2 {
        let mut rooms: Vec<&mut [f64]> = outputs.iter_mut().map(|list| &mut list[..]).collect();
        machine.run(data, &mut rooms).map_err(|e| format!("on the machine: {e}\n{program}"))?;
        for (found, wanted) in outputs.iter().zip(wanted) {
            let scale = wanted.iter().filter(|x| x.is_finite()).fold(1.0f64, |most, x| most.max(x.abs()));
            let close = |(x, y): (&f64, &f64)| {
                x.to_bits() == y.to_bits()
                    || x == y
                    || x.is_nan() && y.is_nan()
                    || (x - y).abs() <= 1e-9 * scale
            };
            if !found.iter().zip(wanted).all(close) {
                return Err(format!("on the machine: {found:?} is not {wanted:?}\n{program}"));
            }
        }
    }
    Ok(())
}

/// Whether some tensor has an axis of this size, or it is a declared size.
fn is_size(g: &Graph, symbol: SymbolId) -> bool {
    let info = g.symbol_info(symbol);
    info.shape.is_empty() && ["n", "m"].contains(&info.name.as_str())
}
