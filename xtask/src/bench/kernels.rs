//! The vector kernels: how far they are off, measured with big floats, and how long a number takes on each instruction
//! set.

use std::hint::black_box;
use std::time::Duration;

use agnesi_engine::vector::{Binary, Input, InstructionSet, Kernels, Unary, cells};
use agnesi_functions::verify::{Arguments, ulps_off};
use agnesi_functions::{Function, find};

use super::{in_release, least};

/// What the virtual machine runs at a time: it stays in the nearest cache.
const CHUNK: usize = 256;

/// A kernel of one or two arguments.
#[derive(Clone, Copy)]
enum Kernel {
    One(Unary),
    Two(Binary),
}

impl Kernel {
    fn name(self) -> &'static str {
        match self {
            Kernel::One(op) => op.name(),
            Kernel::Two(op) => op.name(),
        }
    }

    fn arity(self) -> usize {
        match self {
            Kernel::One(_) => 1,
            Kernel::Two(_) => 2,
        }
    }

    fn call(self, kernels: &Kernels<f64>, lists: &[Vec<f64>; 2], out: &mut [f64]) {
        let [x, y] = lists.each_ref().map(|list| Input::Shared(&list[..]));
        match self {
            Kernel::One(op) => kernels.unary(op).call([x], cells(out)),
            Kernel::Two(op) => kernels.binary(op).call([x, y], cells(out)),
        }
    }
}

/// Prints a line for each kernel that is a function of the table.
pub fn kernels(words: &[&str]) -> Result<(), String> {
    if in_release("kernels", words)? {
        return Ok(());
    }
    let smoke = words.contains(&"--smoke");
    let (places, budget) = if smoke { (200, Duration::ZERO) } else { (20_000, Duration::from_millis(200)) };
    let sets: Vec<InstructionSet> = InstructionSet::available().collect();
    println!("{CHUNK} numbers at a time, in ns a number; errors in units in the last place\n");
    print!("{:<10}{:>8}  {:<24}", "kernel", "error", "at");
    sets.iter().for_each(|set| print!("{:>12}", set.name()));
    println!();
    let ones = Unary::ALL.iter().map(|op| Kernel::One(*op));
    let twos = Binary::ALL.iter().map(|op| Kernel::Two(*op));
    for kernel in ones.chain(twos) {
        let Some(row) = find(kernel.name()).map(|id| id.row()) else { continue };
        if row.args.len() != kernel.arity() {
            continue;
        }
        let (worst, at) = error(kernel, row, places);
        let at = at[..kernel.arity()].iter().map(|x| format!("{x:.6e}")).collect::<Vec<_>>().join(", ");
        print!("{:<10}{worst:>8.3}  {at:<24}", kernel.name());
        for set in &sets {
            let Some(kernels) = Kernels::<f64>::new(*set) else { continue };
            // Ordinary numbers, on which no kernel takes the way for what is rare.
            let list =
                |shift: f64| (0..CHUNK).map(|i| 0.1 + shift + 4.0 * (i as f64 * 0.7).fract()).collect();
            let (lists, mut out) = ([list(0.0), list(-1.5)], vec![0.0; CHUNK]);
            let seconds = least(budget, || kernel.call(&kernels, black_box(&lists), black_box(&mut out)));
            print!("{:>12.2}", seconds * 1e9 / CHUNK as f64);
        }
        println!();
    }
    Ok(())
}

/// The largest error and where it is: at as many places by big floats, and among twenty times as many where the kernel
/// and the scalar kernel of the table are different doubles.
fn error(kernel: Kernel, row: &Function, places: usize) -> (f64, [f64; 2]) {
    let best = Kernels::<f64>::best();
    let mut arguments = Arguments::new(20261129);
    let (mut worst, mut at) = (0.0, [0.0; 2]);
    for first in (0..20 * places).step_by(CHUNK) {
        let mut lists = [const { Vec::new() }; 2];
        for i in 0..CHUNK {
            let mut next = || arguments.next().unwrap_or_default();
            let (mut x, mut y) = (next(), next());
            if kernel.arity() == 2 && i % 3 > 0 {
                // Powers of every size that there is; most of random ones overflow.
                x = x.abs();
                y *= 7.0 / x.ln();
            }
            lists[0].push(x);
            lists[1].push(y);
        }
        let mut out = vec![0.0; CHUNK];
        kernel.call(&best, &lists, &mut out);
        for (i, ((x, y), found)) in lists[0].iter().zip(&lists[1]).zip(&out).enumerate() {
            let args = [*x, *y];
            let args = &args[..kernel.arity()];
            let scalar = row.kernel.call(args).unwrap_or(f64::NAN);
            if first + i >= places && (*found == scalar || found.is_nan() && scalar.is_nan()) {
                continue;
            }
            if let Some(off) = ulps_off(row, args, *found)
                && off > worst
            {
                (worst, at) = (off, [*x, *y]);
            }
        }
    }
    (worst, at)
}
