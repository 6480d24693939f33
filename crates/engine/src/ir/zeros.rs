//! Which entries of the outputs are 0 whatever the inputs are: a run with numbers that are known or not.

use super::run::{each_trip, joined};
use super::{Access, How, Nest, Product, Program, Repeat, Scalar, Step};

/// A number, where it does not depend on the inputs.
type Known = Option<f64>;

impl Program {
    /// For each output and each of its entries, whether it is 0 for all inputs as the program is written: a product with
    /// a known 0 is one, whatever the other factor. An entry that is 0 for deeper reasons is not found. `None` where a
    /// run has more scalar operations than `limit`; the cost is that of a slow run.
    ///
    /// The program must pass [`Program::check`].
    ///
    /// ```
    /// let text = "t0: 2\nt1: 2 2 = 0.0\nin x t0\nfor 2\n  %0 = t0[0 + 1*#0]\n  t1[0 + 3*#0] = %0\nend\nout y t1\n";
    /// let diagonal = agnesi_engine::ir::parse(text).expect("a program");
    /// assert_eq!(diagonal.known_zeros(100), Some(vec![vec![false, true, true, false]]));
    /// ```
    pub fn known_zeros(&self, limit: u128) -> Option<Vec<Vec<bool>>> {
        let numbers: u128 = self.tensors.iter().map(|tensor| tensor.len() as u128).sum();
        if self.operations() > limit || numbers > limit {
            return None;
        }
        let given = |at: usize| self.inputs.iter().any(|(_, id)| id.index() == at);
        let mut data: Vec<Vec<Known>> = self
            .tensors
            .iter()
            .enumerate()
            .map(|(at, tensor)| {
                let start = tensor.start.map(|start| start.get()).filter(|_| !given(at));
                vec![start; tensor.len()]
            })
            .collect();
        self.follow(&self.steps, &mut data);
        let zeros = |at: usize| data[at].iter().map(|x| *x == Some(0.0)).collect();
        Some(self.outputs.iter().map(|(_, id)| zeros(id.index())).collect())
    }

    fn follow(&self, steps: &[Step], data: &mut [Vec<Known>]) {
        for step in steps {
            match step {
                Step::Nest(nest) => follow_nest(nest, data),
                Step::Product(product) => follow_product(product, data),
                Step::Factorization(f) => data[f.to.index()].fill(None),
                Step::Repeat(repeat) => self.follow_repeat(repeat, data),
            }
        }
    }

    fn follow_repeat(&self, repeat: &Repeat, data: &mut [Vec<Known>]) {
        for state in &repeat.states {
            data[state.current.index()] = data[state.first.index()].clone();
        }
        let mut inside = Vec::new();
        repeat.steps.iter().for_each(|step| step.for_each_write(&mut |id| inside.push(id)));
        for time in 1..=repeat.count {
            data[repeat.number.index()].fill(Some(time as f64));
            for id in &inside {
                if let Some(start) = self.tensor(*id).start {
                    data[id.index()].fill(Some(start.get()));
                }
            }
            self.follow(&repeat.steps, data);
            let next: Vec<Vec<Known>> = repeat.states.iter().map(|s| data[s.next.index()].clone()).collect();
            for (state, next) in repeat.states.iter().zip(next) {
                data[state.current.index()] = next;
            }
            for record in &repeat.records {
                let from = data[repeat.states[record.state].current.index()].clone();
                data[record.to.index()][(time - 1) * from.len()..][..from.len()].copy_from_slice(&from);
            }
        }
    }
}

fn follow_nest(nest: &Nest, data: &mut [Vec<Known>]) {
    let mut values: Vec<Known> = vec![None; nest.body.len()];
    let _ = each_trip(&nest.extents, |trip| {
        for (at, op) in nest.body.iter().enumerate() {
            values[at] = value(op, nest, trip, &values, data);
        }
        for write in &nest.writes {
            let new = values[write.value as usize];
            let to = &mut data[write.to.tensor.index()];
            match address(&write.to, trip, &values) {
                Some(at) => to[at] = join(write.how, to[at], new),
                // It may go anywhere.
                None => to.fill(None),
            }
        }
        Ok::<(), ()>(())
    });
}

fn follow_product(product: &Product, data: &mut [Vec<Known>]) {
    let Some((k, outer)) = product.extents.split_last() else { return };
    let place = |access: &Access, trip: &[usize], j: usize| {
        let far: isize = access.strides.iter().zip(trip).map(|(s, i)| s * *i as isize).sum();
        (access.offset + far + access.strides[outer.len()] * j as isize) as usize
    };
    let _ = each_trip(outer, |trip| {
        let term = |j: usize| {
            let left = data[product.left.tensor.index()][place(&product.left, trip, j)];
            times(left, data[product.right.tensor.index()][place(&product.right, trip, j)])
        };
        let sum = (0..*k).map(term).try_fold(0.0, |sum, x| x.map(|x| sum + x));
        data[product.to.tensor.index()][place(&product.to, trip, 0)] =
            sum.map(|sum: f64| sum * product.scale);
        Ok::<(), ()>(())
    });
}

/// The address of an access at a trip, where no unknown index picks it.
fn address(access: &Access, trip: &[usize], values: &[Known]) -> Option<usize> {
    let mut at = access.offset;
    for (stride, index) in access.strides.iter().zip(trip) {
        at += stride * *index as isize;
    }
    for pick in &access.picks {
        let value = values[pick.index as usize]?;
        if !(value.fract() == 0.0 && value >= 1.0 && value <= pick.size as f64) {
            return None;
        }
        at += (value as isize - 1) * pick.stride;
    }
    usize::try_from(at).ok()
}

fn times(a: Known, b: Known) -> Known {
    match (a, b) {
        (Some(0.0), _) | (_, Some(0.0)) => Some(0.0),
        (Some(a), Some(b)) => Some(a * b),
        (None, _) | (_, None) => None,
    }
}

fn join(how: How, old: Known, new: Known) -> Known {
    match how {
        How::Set => new,
        How::Multiply => times(old, new),
        How::Add | How::Max | How::Min => Some(joined(how, old?, new?)),
    }
}

fn value(op: &Scalar, nest: &Nest, trip: &[usize], values: &[Known], data: &[Vec<Known>]) -> Known {
    let of = |at: u32| values[at as usize];
    let truth = |known: Known| known.map(|x| x != 0.0);
    match *op {
        Scalar::Read(read) => {
            let access = &nest.reads[read as usize];
            data[access.tensor.index()][address(access, trip, values)?]
        }
        Scalar::Mul(a, b) => times(of(a), of(b)),
        Scalar::Div(a, b) => match (of(a), of(b)) {
            (Some(0.0), None) => Some(0.0),
            (a, b) => Some(a? / b?),
        },
        Scalar::Fma(a, b, c) => Some(times(of(a), of(b))? + of(c)?),
        Scalar::And(a, b) => match (truth(of(a)), truth(of(b))) {
            (Some(false), _) | (_, Some(false)) => Some(0.0),
            (a, b) => Some(f64::from(u8::from(a? && b?))),
        },
        Scalar::Or(a, b) => match (truth(of(a)), truth(of(b))) {
            (Some(true), _) | (_, Some(true)) => Some(1.0),
            (a, b) => Some(f64::from(u8::from(a? || b?))),
        },
        Scalar::Select(c, a, b) => match truth(of(c)) {
            Some(true) => of(a),
            Some(false) => of(b),
            None => of(a).filter(|a| of(b) == Some(*a)),
        },
        Scalar::Number(_)
        | Scalar::Trip(_)
        | Scalar::Neg(_)
        | Scalar::Add(..)
        | Scalar::Sub(..)
        | Scalar::Call1(..)
        | Scalar::Call2(..)
        | Scalar::Call3(..)
        | Scalar::Compare(..)
        | Scalar::Not(_) => {
            let mut known = true;
            op.for_each_operand(|at| known &= of(at).is_some());
            let number = |at: u32| of(at).unwrap_or(f64::NAN);
            known.then(|| op.evaluate(|_| f64::NAN, |axis| trip[axis as usize] as f64 + 1.0, number))
        }
    }
}
