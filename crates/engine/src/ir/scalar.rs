//! Scalar operations: what the body of a nest is made of.

use agnesi_functions::FunctionId;

/// A value of a body: the place of the operation that makes it.
pub type Value = u32;

/// A double that is compared by its bits; all NaN are one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bits(u64);

impl Bits {
    /// Of a double.
    pub fn new(x: f64) -> Bits {
        Bits(if x.is_nan() { f64::NAN } else { x }.to_bits())
    }

    /// The double.
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.get().fmt(f)
    }
}

/// What a comparison asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// `a < b`.
    Less,
    /// `a <= b`.
    LessEqual,
    /// `a = b`.
    Equal,
}

/// One operation. Conditions are 1 where they hold, else 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// An entry, by the place of its access in the nest.
    Read(u32),
    /// A number.
    Number(Bits),
    /// Which trip of a loop it is, from 1.
    Trip(u32),
    /// `-a`.
    Neg(Value),
    /// `a + b`.
    Add(Value, Value),
    /// `a - b`.
    Sub(Value, Value),
    /// `a * b`.
    Mul(Value, Value),
    /// `a / b`.
    Div(Value, Value),
    /// `a*b + c`, rounded once.
    Fma(Value, Value, Value),
    /// A row of the table of one argument.
    Call1(FunctionId, Value),
    /// A row of two arguments.
    Call2(FunctionId, Value, Value),
    /// A row of three arguments.
    Call3(FunctionId, Value, Value, Value),
    /// A comparison.
    Compare(Test, Value, Value),
    /// Logical negation.
    Not(Value),
    /// Both.
    And(Value, Value),
    /// Either.
    Or(Value, Value),
    /// The second where the first holds, else the third.
    Select(Value, Value, Value),
}

impl Scalar {
    /// Calls `visit` with each operand.
    pub fn for_each_operand(&self, mut visit: impl FnMut(Value)) {
        self.map_operands(|value| {
            visit(value);
            value
        });
    }

    /// The same operation of other operands.
    pub fn map_operands(&self, mut of: impl FnMut(Value) -> Value) -> Scalar {
        match *self {
            Scalar::Read(_) | Scalar::Number(_) | Scalar::Trip(_) => *self,
            Scalar::Neg(a) => Scalar::Neg(of(a)),
            Scalar::Add(a, b) => Scalar::Add(of(a), of(b)),
            Scalar::Sub(a, b) => Scalar::Sub(of(a), of(b)),
            Scalar::Mul(a, b) => Scalar::Mul(of(a), of(b)),
            Scalar::Div(a, b) => Scalar::Div(of(a), of(b)),
            Scalar::Fma(a, b, c) => Scalar::Fma(of(a), of(b), of(c)),
            Scalar::Call1(f, a) => Scalar::Call1(f, of(a)),
            Scalar::Call2(f, a, b) => Scalar::Call2(f, of(a), of(b)),
            Scalar::Call3(f, a, b, c) => Scalar::Call3(f, of(a), of(b), of(c)),
            Scalar::Compare(test, a, b) => Scalar::Compare(test, of(a), of(b)),
            Scalar::Not(a) => Scalar::Not(of(a)),
            Scalar::And(a, b) => Scalar::And(of(a), of(b)),
            Scalar::Or(a, b) => Scalar::Or(of(a), of(b)),
            Scalar::Select(a, b, c) => Scalar::Select(of(a), of(b), of(c)),
        }
    }

    /// Whether it computes anything.
    pub fn is_work(&self) -> bool {
        !matches!(self, Scalar::Read(_) | Scalar::Number(_) | Scalar::Trip(_))
    }

    /// Its value, by the definitions that every backend must meet.
    ///
    /// `read` gives an entry, `trip` the number of a loop's trip, `of` a value computed before.
    #[inline]
    pub fn evaluate(
        &self,
        read: impl Fn(u32) -> f64,
        trip: impl Fn(u32) -> f64,
        of: impl Fn(Value) -> f64,
    ) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        match *self {
            Scalar::Read(at) => read(at),
            Scalar::Number(bits) => bits.get(),
            Scalar::Trip(axis) => trip(axis),
            Scalar::Neg(a) => -of(a),
            Scalar::Add(a, b) => of(a) + of(b),
            Scalar::Sub(a, b) => of(a) - of(b),
            Scalar::Mul(a, b) => of(a) * of(b),
            Scalar::Div(a, b) => of(a) / of(b),
            Scalar::Fma(a, b, c) => of(a).mul_add(of(b), of(c)),
            Scalar::Call1(f, a) => call(f, &[of(a)]),
            Scalar::Call2(f, a, b) => call(f, &[of(a), of(b)]),
            Scalar::Call3(f, a, b, c) => call(f, &[of(a), of(b), of(c)]),
            Scalar::Compare(test, a, b) => truth(match test {
                Test::Less => of(a) < of(b),
                Test::LessEqual => of(a) <= of(b),
                Test::Equal => of(a) == of(b),
            }),
            Scalar::Not(a) => truth(of(a) == 0.0),
            Scalar::And(a, b) => truth(of(a) != 0.0 && of(b) != 0.0),
            Scalar::Or(a, b) => truth(of(a) != 0.0 || of(b) != 0.0),
            Scalar::Select(c, a, b) => {
                if of(c) != 0.0 {
                    of(a)
                } else {
                    of(b)
                }
            }
        }
    }
}

/// The value of a row; NaN outside its domain.
fn call(function: FunctionId, args: &[f64]) -> f64 {
    function.row().kernel.call(args).unwrap_or(f64::NAN)
}
