//! Loss and gradient of a network over all rows of its data, batch by batch, in single precision.

use std::hint::black_box;
use std::path::Path;

use agnesi::{Function, Session};
use agnesi_engine::ir::{Program, Step};
use agnesi_engine::machine::Machine;

use super::{Effort, Row};
use crate::bench::least;

/// The sizes of the layers, the rows of a batch, and all rows.
struct Sizes {
    layers: [usize; 4],
    batch: usize,
    rows: usize,
}

const FULL: Sizes = Sizes { layers: [784, 256, 128, 10], batch: 128, rows: 60_000 };
const SMALL: Sizes = Sizes { layers: [7, 6, 5, 4], batch: 8, rows: 20 };

/// Numbers between -1 and 1, drawn at random.
struct Draw(u64);

impl Draw {
    fn numbers(&mut self, count: usize, scale: f32) -> Vec<f32> {
        let mut next = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
        };
        (0..count).map(|_| next()).collect()
    }
}

/// Times the network with one and with two threads, and the matrix products of its program alone.
pub fn training(root: &Path, effort: Effort, rows: &mut Vec<Row>) -> Result<(), String> {
    let sizes = if effort.smoke { SMALL } else { FULL };
    let mut double = network(root, &sizes)?;
    let program = double.program(true).map_err(|error| error.to_string())?;
    let mut draw = Draw(1);
    let [d, .., c] = sizes.layers;
    let x = draw.numbers(sizes.rows * d, 1.0);
    let classes = draw.numbers(sizes.rows, 1.0);
    let mut t = vec![0.0; sizes.rows * c];
    for (row, class) in t.chunks_mut(c).zip(classes) {
        row[(((class + 1.0) / 2.0 * c as f32) as usize).min(c - 1)] = 1.0;
    }
    let point = draw.numbers(double.point_len(), 0.05);
    // The last batch ends with the last row.
    let last = sizes.rows - sizes.batch;
    let begins = (0..sizes.rows).step_by(sizes.batch).map(move |row| row.min(last));
    let batch = |list: &[f32], at: usize, width: usize| list[at * width..][..sizes.batch * width].to_vec();
    let in_doubles = |list: &[f32]| -> Vec<f64> { list.iter().map(|x| f64::from(*x)).collect() };

    let mut check = || -> Result<(f64, Vec<f64>), agnesi::FunctionError> {
        double.give("X", &in_doubles(&batch(&x, 0, d)))?;
        double.give("T", &in_doubles(&batch(&t, 0, c)))?;
        double.value_and_gradient(&in_doubles(&point))
    };
    let (_, expected) = check().map_err(|error| error.to_string())?;
    let mut single = network(root, &sizes)?.single();
    let mut gradient = vec![0.0f32; point.len()];
    let mut run = |threads: usize, at: usize, gradient: &mut [f32]| -> Result<f32, agnesi::FunctionError> {
        single.set_threads(threads)?;
        single.give("X", &x[at * d..][..sizes.batch * d])?;
        single.give("T", &t[at * c..][..sizes.batch * c])?;
        single.gradient_into(&point, gradient)
    };
    run(1, 0, &mut gradient).map_err(|error| error.to_string())?;
    let scale = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if gradient.iter().zip(&expected).any(|(x, y)| (f64::from(*x) - y).abs() > 1e-4 * scale) {
        return Err("the gradient in single precision is far from that of doubles".into());
    }

    let products = only_products(program);
    let inputs: Vec<Vec<f32>> =
        products.inputs.iter().map(|(_, id)| draw.numbers(products.tensor(*id).len(), 1.0)).collect();
    let mut outputs: Vec<Vec<f32>> =
        products.outputs.iter().map(|(_, id)| vec![0.0; products.tensor(*id).len()]).collect();
    let mut machine = Machine::<f32>::new(products).map_err(|error| error.to_string())?;
    let inputs: Vec<&[f32]> = inputs.iter().map(|list| &list[..]).collect();
    let mut outputs: Vec<&mut [f32]> = outputs.iter_mut().map(|list| &mut list[..]).collect();

    for threads in [1, 2] {
        let ours = least(effort.budget, || {
            for at in begins.clone() {
                let _ = black_box(run(threads, at, black_box(&mut gradient)));
            }
        });
        let size = format!("{} rows, {threads}", sizes.rows);
        rows.push(Row { work: "loss and gradient, network", size: size.clone(), ours, by_hand: None });
        machine.set_threads(threads.try_into().map_err(|_| "no threads")?);
        let ours = least(effort.budget, || {
            for _ in begins.clone() {
                let _ = black_box(machine.run(&inputs, &mut outputs));
            }
        });
        rows.push(Row { work: "its matrix products alone", size, ours, by_hand: None });
    }
    Ok(())
}

/// The matrix products of a program: what they read is given, what they write is asked for.
fn only_products(mut program: Program) -> Program {
    program.steps.retain(|step| matches!(step, Step::Product(_)));
    (program.inputs, program.outputs) = (Vec::new(), Vec::new());
    for step in &program.steps {
        let Step::Product(product) = step else { continue };
        for id in [product.left.tensor, product.right.tensor] {
            if program.inputs.iter().chain(&program.outputs).all(|(_, known)| *known != id) {
                program.inputs.push((format!("x{}", program.inputs.len()).into(), id));
            }
        }
        program.outputs.push((format!("y{}", program.outputs.len()).into(), product.to.tensor));
    }
    program
}

fn network(root: &Path, sizes: &Sizes) -> Result<Function, String> {
    let path = root.join("benches/training/network.agn");
    let notation = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let wrong = |error: agnesi::FunctionError| format!("{}: {error}", path.display());
    let mut session = Session::new();
    session.define(&notation).map_err(wrong)?;
    let mut arguments = Vec::new();
    for (layer, pair) in sizes.layers.windows(2).enumerate() {
        arguments.push(format!("W{}: matrix({}, {})", layer + 1, pair[0], pair[1]));
        arguments.push(format!("b{}: vector({})", layer + 1, pair[1]));
    }
    let [d, .., c] = sizes.layers;
    let given = [("X", d), ("T", c)].map(|(name, width)| format!("{name}: matrix({}, {width})", sizes.batch));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    session.compile_given("loss", &arguments, &[&given[0], &given[1]]).map_err(wrong)
}
