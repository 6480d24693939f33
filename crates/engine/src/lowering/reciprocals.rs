//! Quotients as products with reciprocals, where that saves divisions.

use crate::ir::{Bits, Nest, Program, Scalar, Step, Value, steady};

/// Divides once where several quotients have one divisor, or factors of theirs, or where a divisor is the same on every trip,
/// and multiplies with the reciprocals; with that of a number at once. A quotient is then rounded two times or more, and is
/// infinite where a reciprocal is: for divisors below some 1e-308. Says in the program that it rounds otherwise.
///
/// Cost: linear in the operations.
///
/// ```
/// use agnesi_engine::ir::parse;
/// use agnesi_engine::lowering::share_reciprocals;
///
/// let text = "t0: 9\nt1: 9\nin x t0\nfor 9\n  %0 = t0[0 + 1*#0]\n  %1 = 3.0\n  %2 = div %0 %1\n  t1[0 + 1*#0] = %2\nend\nout y t1\n";
/// let mut program = parse(text).expect("a program");
/// share_reciprocals(&mut program);
/// assert!(program.regrouped && !program.to_string().contains("div"));
/// ```
pub fn share_reciprocals(program: &mut Program) {
    program.regrouped |= in_steps(&mut program.steps);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
}

/// Whether something was done.
fn in_steps(steps: &mut [Step]) -> bool {
    let mut done = false;
    for step in steps {
        done |= match step {
            Step::Nest(nest) => in_nest(nest),
            Step::Repeat(repeat) => in_steps(&mut repeat.steps),
            Step::Product(_) | Step::Factorization(_) => false,
        };
    }
    done
}

/// What stands for a divisor.
#[derive(Clone, Copy, PartialEq)]
enum Instead {
    /// Nothing: it is divided by.
    Nothing,
    /// The reciprocal, which is a number.
    Number(f64),
    /// The reciprocal.
    Reciprocal,
    /// The product of the reciprocals of two values whose product it is.
    Product(Value, Value),
}

fn in_nest(nest: &mut Nest) -> bool {
    if !nest.body.iter().any(|op| matches!(op, Scalar::Div(..))) {
        return false;
    }
    let instead = instead(nest);
    if instead.iter().all(|instead| *instead == Instead::Nothing) {
        return false;
    }
    let count = nest.body.len();
    let mut maker = Maker {
        instead,
        made: vec![None; count],
        now: Vec::with_capacity(count),
        body: Vec::with_capacity(2 * count),
    };
    for op in &nest.body {
        let value = maker.operation(op);
        maker.now.push(value);
    }
    let Maker { now, body, .. } = maker;
    nest.body = body;
    let accesses = nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|write| &mut write.to));
    accesses
        .for_each(|access| access.picks.iter_mut().for_each(|pick| pick.index = now[pick.index as usize]));
    nest.writes.iter_mut().for_each(|write| write.value = now[write.value as usize]);
    super::fuse::sweep(nest);
    true
}

/// For each value what stands for it as a divisor.
fn instead(nest: &Nest) -> Vec<Instead> {
    let steady = steady(nest);
    let count = nest.body.len();
    // How many quotients each value divides, alone or as a factor, and whether it is the same on every trip where one of
    // them is not.
    let mut quotients = vec![0; count];
    let mut same = vec![false; count];
    for op in &nest.body {
        let Scalar::Div(a, b) = *op else { continue };
        same[b as usize] |= steady[b as usize] && !steady[a as usize];
        let mut factors = vec![b];
        factors_of(nest, b, DEEPEST, &mut factors);
        factors.into_iter().for_each(|factor| quotients[factor as usize] += 1);
    }
    let mut all: Vec<Instead> = Vec::with_capacity(count);
    for (at, op) in nest.body.iter().enumerate() {
        all.push(match *op {
            _ if quotients[at] == 0 => Instead::Nothing,
            Scalar::Number(bits) => {
                let reciprocal = 1.0 / bits.get();
                if reciprocal.is_normal() { Instead::Number(reciprocal) } else { Instead::Nothing }
            }
            Scalar::Mul(a, b) if [a, b].iter().all(|a| all[*a as usize] != Instead::Nothing) => {
                Instead::Product(a, b)
            }
            _ if quotients[at] > 1 || same[at] => Instead::Reciprocal,
            _ => Instead::Nothing,
        });
    }
    all
}

/// Products in products are looked at so deep.
const DEEPEST: usize = 3;

/// Adds what a product consists of, each value once.
fn factors_of(nest: &Nest, product: Value, deepest: usize, factors: &mut Vec<Value>) {
    if let Scalar::Mul(a, b) = nest.body[product as usize]
        && deepest > 0
    {
        for factor in [a, b] {
            if !factors.contains(&factor) {
                factors.push(factor);
                factors_of(nest, factor, deepest - 1, factors);
            }
        }
    }
}

struct Maker {
    instead: Vec<Instead>,
    /// The reciprocals that were made, by what they are of in the old body.
    made: Vec<Option<Value>>,
    /// Where each value of the old body is in the new one.
    now: Vec<Value>,
    body: Vec<Scalar>,
}

impl Maker {
    fn push(&mut self, op: Scalar) -> Value {
        self.body.push(op);
        self.body.len() as Value - 1
    }

    fn operation(&mut self, op: &Scalar) -> Value {
        let Scalar::Div(a, b) = *op else {
            return self.push(op.map_operands(|value| self.now[value as usize]));
        };
        let dividend = self.now[a as usize];
        let Some(reciprocal) = self.reciprocal(b) else {
            return self.push(Scalar::Div(dividend, self.now[b as usize]));
        };
        match self.body[dividend as usize] {
            Scalar::Number(bits) if bits.get() == 1.0 => reciprocal,
            _ => self.push(Scalar::Mul(dividend, reciprocal)),
        }
    }

    fn reciprocal(&mut self, of: Value) -> Option<Value> {
        if let Some(made) = self.made[of as usize] {
            return Some(made);
        }
        let made = match self.instead[of as usize] {
            Instead::Nothing => return None,
            Instead::Number(reciprocal) => self.push(Scalar::Number(Bits::new(reciprocal))),
            Instead::Reciprocal => {
                let one = self.push(Scalar::Number(Bits::new(1.0)));
                self.push(Scalar::Div(one, self.now[of as usize]))
            }
            Instead::Product(a, b) => {
                let (a, b) = (self.reciprocal(a)?, self.reciprocal(b)?);
                self.push(Scalar::Mul(a, b))
            }
        };
        self.made[of as usize] = Some(made);
        Some(made)
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::parse;

    use super::*;

    #[test]
    fn divisions_are_saved() {
        let text = "t0: 2 9\nt1: 9\nt2:\nt3: 2 9\nin x t0\nin y t1\nin z t2\nfor 2 9\n  %0 = t0[0 + 9*#0 + 1*#1]\n  \
                    %1 = t1[0 + 1*#1]\n  %2 = t2[0]\n  %3 = 7.0\n  %4 = 0.0\n  %5 = div %0 %3\n  %6 = div %5 %2\n  \
                    %7 = div %6 %1\n  %8 = div %2 %1\n  %9 = sub %7 %8\n  %10 = div %9 %4\n  %11 = div %9 %0\n  \
                    %12 = 1.0\n  %13 = div %12 %1\n  %14 = add %11 %13\n  %15 = max %10 %14\n  \
                    t3[0 + 9*#0 + 1*#1] = %14\nend\nout w t3\n";
        let text = text.replace("max %10 %14", "call max %10 %14");
        let program = parse(&text).expect("a program");
        let mut shared = program.clone();
        share_reciprocals(&mut shared);
        assert!(shared.regrouped);
        // By what is the same on every trip, by what divides three times, and by what divides once; by 0 as before.
        assert_eq!(shared.to_string().matches("= div").count(), 3, "{shared}");
        let x: Vec<f64> = (0..18).map(|i| 1.3 - f64::from(i)).collect();
        let y: Vec<f64> = (0..9).map(|i| f64::from(i) - 4.0).collect();
        let inputs: [&[f64]; 3] = [&x, &y, &[3.0]];
        let (found, wanted) = (shared.run(&inputs).expect("a run"), program.run(&inputs).expect("a run"));
        for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
            let near = (found - wanted).abs() <= 1e-14 * wanted.abs().max(1.0);
            assert!(near || found == wanted || found.is_nan() && wanted.is_nan(), "{found} is not {wanted}");
        }
        // Factors of what divides: 1/(a*a), 1/(a*(a*a)) and 1/(a*b) of 1/a and 1/b, the last of which divides twice.
        let text = "t0: 9\nt1: 9\nt2: 9\nin x t0\nin y t1\nfor 9\n  %0 = t0[0 + 1*#0]\n  %1 = t1[0 + 1*#0]\n  %2 = mul %0 %0\n  \
                    %3 = mul %0 %2\n  %4 = mul %0 %1\n  %5 = div %1 %2\n  %6 = div %5 %3\n  %7 = div %6 %4\n  \
                    %8 = div %7 %1\n  t2[0 + 1*#0] = %8\nend\nout w t2\n";
        let program = parse(text).expect("a program");
        let mut shared = program.clone();
        share_reciprocals(&mut shared);
        assert_eq!(shared.to_string().matches("= div").count(), 2, "{shared}");
        let inputs: [&[f64]; 2] = [&x[..9], &x[9..]];
        let (found, wanted) = (shared.run(&inputs).expect("a run"), program.run(&inputs).expect("a run"));
        for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
            assert!((found - wanted).abs() <= 1e-14 * wanted.abs(), "{found} is not {wanted}");
        }
        // Nothing to save.
        let mut single = parse(&text.replace("div", "add")).expect("a program");
        share_reciprocals(&mut single);
        assert!(!single.regrouped);
    }
}
