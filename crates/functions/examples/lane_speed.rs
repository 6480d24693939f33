//! Nanoseconds a value of every lane kernel: one at a time, and eight side by side.
//!
//! `RUSTFLAGS="-C target-cpu=native" cargo run --release -p agnesi-functions --example lane_speed`

use std::hint::black_box;
use std::time::Instant;

use agnesi_functions::lane::{Group, LaneKernel};
use agnesi_functions::table;

const VALUES: usize = 4096;
const ROUNDS: usize = 200;

fn run<const N: usize>(kernel: LaneKernel, input: &[f64], output: &mut [f64]) {
    // The kernel is chosen once, outside the loop over the numbers.
    macro_rules! each {
        ($($name:ident)*) => {
            match kernel {
                $(LaneKernel::$name => {
                    for (from, to) in input.chunks_exact(N).zip(output.chunks_exact_mut(N)) {
                        let x = Group::<f64, N>(from.try_into().unwrap_or([0.0; N]));
                        to.copy_from_slice(&LaneKernel::$name.call(x, x).0);
                    }
                })*
            }
        };
    }
    each!(Abs Cos Erf Exp Expm1 Log Log1p Normcdf Normpdf Pow Relu Sigmoid Silu Sin Softplus Sqrt Tanh);
}

fn time(mut work: impl FnMut()) -> f64 {
    work();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    start.elapsed().as_secs_f64() * 1e9 / (ROUNDS * VALUES) as f64
}

fn main() {
    let input: Vec<f64> = (0..VALUES).map(|i| 0.01 + 7.0 * i as f64 / VALUES as f64).collect();
    let mut output = vec![0.0; VALUES];
    println!("{:10} {:>9} {:>9} {:>9}", "", "scalar", "1 lane", "8 lanes");
    for row in table() {
        let Some(kernel) = row.lanes else { continue };
        let args = |x: f64| if row.args.len() == 2 { vec![x, x] } else { vec![x] };
        let packed: Vec<Vec<f64>> = input.iter().map(|&x| args(x)).collect();
        let scalar = time(|| {
            for (args, to) in packed.iter().zip(&mut output) {
                *to = row.kernel.call(black_box(args)).unwrap_or(f64::NAN);
            }
        });
        let one = time(|| run::<1>(kernel, black_box(&input), black_box(&mut output)));
        let eight = time(|| run::<8>(kernel, black_box(&input), black_box(&mut output)));
        println!("{:10} {scalar:9.2} {one:9.2} {eight:9.2}", row.name);
    }
}
