//! What of a body is arithmetic of trips: conditions on them that always or never hold, and computed indices that go
//! along with the loops.

use smallvec::SmallVec;

use crate::ir::{Access, Bits, Nest, Scalar, Test, Value};

/// A whole number: `constant` and so many times the trip of each loop, counted from 1.
#[derive(Clone, Debug, PartialEq)]
struct Affine {
    constant: i64,
    along: SmallVec<[i64; 3]>,
}

/// Beyond it doubles are not all whole numbers.
const EXACT: i64 = 1 << 50;

impl Affine {
    fn constant(constant: i64, loops: usize) -> Affine {
        Affine { constant, along: SmallVec::from_elem(0, loops) }
    }

    /// `self + sign*other`, where doubles would give it exactly.
    fn plus(&self, other: &Affine, sign: i64, nest: &Nest) -> Option<Affine> {
        let join = |a: i64, b: i64| a.checked_add(sign.checked_mul(b)?);
        let along: Option<_> = self.along.iter().zip(&other.along).map(|(a, b)| join(*a, *b)).collect();
        let sum = Affine { constant: join(self.constant, other.constant)?, along: along? };
        let (least, most) = sum.range(nest);
        (least > -i128::from(EXACT) && most < i128::from(EXACT)).then_some(sum)
    }

    fn is_constant(&self) -> bool {
        self.along.iter().all(|along| *along == 0)
    }

    /// The least and the largest value.
    fn range(&self, nest: &Nest) -> (i128, i128) {
        let (mut least, mut most) = (i128::from(self.constant), i128::from(self.constant));
        for (along, count) in self.along.iter().zip(&nest.extents) {
            let (first, last) = (i128::from(*along), i128::from(*along) * *count as i128);
            least += first.min(last);
            most += first.max(last);
        }
        (least, most)
    }
}

/// The same nest with what is known beforehand left out. Every loop makes a trip.
pub(super) fn folded(nest: &Nest) -> Nest {
    let mut nest = nest.clone();
    let loops = nest.extents.len();
    let mut known: Vec<Option<Affine>> = Vec::with_capacity(nest.body.len());
    let mut same: Vec<Value> = Vec::with_capacity(nest.body.len());
    for at in 0..nest.body.len() {
        let op = nest.body[at].map_operands(|value| same[value as usize]);
        let of = |value: Value| known[value as usize].as_ref();
        let constant = |value: Value| of(value).filter(|a| a.is_constant()).map(|a| a.constant);
        let truth = |holds: bool| Some(Affine::constant(i64::from(holds), loops));
        let mut instead = None;
        let value = match op {
            Scalar::Number(bits) => {
                let x = bits.get();
                let whole = x.fract() == 0.0 && x.abs() < EXACT as f64 && x.to_bits() != (-0.0f64).to_bits();
                whole.then(|| Affine::constant(x as i64, loops))
            }
            Scalar::Trip(axis) => {
                let mut trip = Affine::constant(0, loops);
                trip.along[axis as usize] = 1;
                Some(trip)
            }
            Scalar::Add(a, b) => of(a).zip(of(b)).and_then(|(a, b)| a.plus(b, 1, &nest)),
            Scalar::Sub(a, b) => of(a).zip(of(b)).and_then(|(a, b)| a.plus(b, -1, &nest)),
            Scalar::Compare(test, a, b) => of(a).zip(of(b)).and_then(|(a, b)| {
                let (least, most) = a.plus(b, -1, &nest)?.range(&nest);
                match test {
                    Test::Less if most < 0 => truth(true),
                    Test::Less if least >= 0 => truth(false),
                    Test::LessEqual if most <= 0 => truth(true),
                    Test::LessEqual if least > 0 => truth(false),
                    Test::Equal if least == 0 && most == 0 => truth(true),
                    Test::Equal if least > 0 || most < 0 => truth(false),
                    Test::Less | Test::LessEqual | Test::Equal => None,
                }
            }),
            Scalar::Not(a) => constant(a).and_then(|a| truth(a == 0)),
            Scalar::And(a, b) => match (constant(a), constant(b)) {
                (Some(0), _) | (_, Some(0)) => truth(false),
                (Some(_), Some(_)) => truth(true),
                _ => None,
            },
            Scalar::Or(a, b) => match (constant(a), constant(b)) {
                (Some(0), Some(0)) => truth(false),
                (Some(c), _) | (_, Some(c)) if c != 0 => truth(true),
                _ => None,
            },
            Scalar::Select(c, a, b) => constant(c).and_then(|c| {
                let chosen = if c != 0 { a } else { b };
                instead = Some(chosen);
                of(chosen).cloned()
            }),
            Scalar::Call1(f, a) if ["floor", "ceil"].contains(&f.row().name) => {
                of(a).cloned().inspect(|_| instead = Some(a))
            }
            Scalar::Read(_)
            | Scalar::Neg(_)
            | Scalar::Mul(..)
            | Scalar::Div(..)
            | Scalar::Fma(..)
            | Scalar::Call1(..)
            | Scalar::Call2(..)
            | Scalar::Call3(..) => None,
        };
        nest.body[at] = match &value {
            Some(value) if value.is_constant() => Scalar::Number(Bits::new(value.constant as f64)),
            _ => op,
        };
        same.push(instead.unwrap_or(at as Value));
        known.push(value);
    }
    let ranges: Vec<Option<(Affine, (i128, i128))>> =
        known.into_iter().map(|value| value.map(|value| (value.clone(), value.range(&nest)))).collect();
    let settle = |access: &mut Access| {
        let mut kept = SmallVec::new();
        for mut pick in std::mem::take(&mut access.picks) {
            pick.index = same[pick.index as usize];
            match &ranges[pick.index as usize] {
                Some((value, (least, most))) if *least >= 1 && *most <= pick.size as i128 => {
                    // Trips count from 1 in values and from 0 in addresses.
                    let first = value.constant + value.along.iter().sum::<i64>() - 1;
                    access.offset += first as isize * pick.stride;
                    for (stride, along) in access.strides.iter_mut().zip(&value.along) {
                        *stride += *along as isize * pick.stride;
                    }
                }
                _ => kept.push(pick),
            }
        }
        access.picks = kept;
    };
    nest.reads.iter_mut().for_each(settle);
    for write in &mut nest.writes {
        write.value = same[write.value as usize];
        settle(&mut write.to);
    }
    swept(nest)
}

/// The nest without operations that nothing reads; computed indices that may be wrong stay.
fn swept(mut nest: Nest) -> Nest {
    let mut live = vec![false; nest.body.len()];
    for write in &nest.writes {
        live[write.value as usize] = true;
        write.to.picks.iter().for_each(|pick| live[pick.index as usize] = true);
    }
    for at in (0..nest.body.len()).rev() {
        let op = nest.body[at];
        if let Scalar::Read(read) = op {
            let picks = &nest.reads[read as usize].picks;
            live[at] |= !picks.is_empty();
            picks.iter().for_each(|pick| live[pick.index as usize] = true);
        }
        if live[at] {
            op.for_each_operand(|value| live[value as usize] = true);
        }
    }
    let mut place: Vec<Value> = vec![0; live.len()];
    let mut reads = Vec::new();
    let mut body = Vec::new();
    for (at, op) in nest.body.iter().enumerate().filter(|(at, _)| live[*at]) {
        place[at] = body.len() as Value;
        let mut op = op.map_operands(|value| place[value as usize]);
        if let Scalar::Read(read) = &mut op {
            let mut access = nest.reads[*read as usize].clone();
            access.picks.iter_mut().for_each(|pick| pick.index = place[pick.index as usize]);
            *read = reads.len() as u32;
            reads.push(access);
        }
        body.push(op);
    }
    for write in &mut nest.writes {
        write.value = place[write.value as usize];
        write.to.picks.iter_mut().for_each(|pick| pick.index = place[pick.index as usize]);
    }
    (nest.reads, nest.body) = (reads, body);
    nest
}
