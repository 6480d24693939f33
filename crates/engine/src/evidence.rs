//! Evidence: a derivative at a point by three ways that share little, compared.
//!
//! The exact value is the formula's, evaluated until its double is certain; the automatic one pushes numbers through
//! the expression as written; the numeric one sees nothing but values. Each comes with an error, and they agree if they
//! differ by no more than these allow.

use crate::jets::{self, Automatic, NoDerivative};
use crate::noisy::Noisy;
use crate::numeric::{self, Numeric, Slopes};
use crate::{EvaluateError, Program};

/// The exact column: a value and a bound on its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// The value.
    pub value: f64,
    /// The bound.
    pub error: f64,
}

/// One of the three ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The formula.
    Exact,
    /// Automatic differentiation.
    Automatic,
    /// Differences.
    Numeric,
}

impl Source {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Exact => "exact",
            Source::Automatic => "automatic",
            Source::Numeric => "numeric",
        }
    }
}

/// What the comparison says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All values that there are agree; there are two at least.
    Agree,
    /// The one-sided derivatives differ: the value is that of a convention.
    Kink,
    /// They differ beyond their errors.
    Disagree {
        /// The one that stands alone.
        odd: Source,
        /// The one to trust.
        trust: Source,
        /// Why.
        because: &'static str,
    },
    /// There is one value, and nothing to hold against it.
    Alone(Source),
    /// There is no value at all.
    Nothing,
}

/// Three values of one derivative, and what to think of them.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The formula's value.
    pub exact: Option<Claim>,
    /// The value of automatic differentiation, or why there is none.
    pub automatic: Result<Automatic, NoDerivative>,
    /// The value from differences; none if they do not settle.
    pub numeric: Result<Option<Numeric>, EvaluateError>,
    /// The one-sided derivatives, where they were looked at.
    pub slopes: Option<Slopes>,
    /// The comparison.
    pub verdict: Verdict,
}

impl Evidence {
    /// Whether nothing speaks against the value.
    pub fn agree(&self) -> bool {
        matches!(self.verdict, Verdict::Agree | Verdict::Kink)
    }

    /// The value to trust, if there is one.
    pub fn trusted(&self) -> Option<f64> {
        let of = |source: Source| match source {
            Source::Exact => self.exact.map(|exact| exact.value),
            Source::Automatic => self.automatic.as_ref().ok().map(|automatic| automatic.value),
            Source::Numeric => self.numeric.as_ref().ok().copied().flatten().map(|numeric| numeric.value),
        };
        match self.verdict {
            Verdict::Disagree { trust, .. } => of(trust),
            _ => of(Source::Exact).or_else(|| of(Source::Automatic)).or_else(|| of(Source::Numeric)),
        }
    }

    /// What is to be said to a person, unless all is well.
    pub fn message(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Agree => None,
            Verdict::Kink => {
                let side =
                    |slope: Option<Numeric>| slope.map_or("none".to_owned(), |s| short(s.value, s.error));
                let slopes = self.slopes.as_ref()?;
                Some(format!(
                    "a kink: the slope is {} from the left and {} from the right; the value is a convention",
                    side(slopes.left),
                    side(slopes.right)
                ))
            }
            Verdict::Disagree { odd, trust, because } => Some(format!(
                "the {} value disagrees with the others beyond its error: {because}; trust the {} one",
                odd.as_str(),
                trust.as_str()
            )),
            Verdict::Alone(source) => Some(format!(
                "only the {} value could be computed: nothing is held against it",
                source.as_str()
            )),
            Verdict::Nothing => Some("there is no derivative here".to_owned()),
        }
    }
}

/// A value with the digits that its error leaves.
fn short(value: f64, error: f64) -> String {
    let size = value.abs().max(error);
    if size == 0.0 {
        return "0".to_owned();
    }
    let digits = (size / error.max(size * 1e-15)).log10().floor().clamp(1.0, 15.0);
    let places = (digits - 1.0 - size.log10().floor()).clamp(0.0, 300.0);
    if !(1e-5..1e15).contains(&size) {
        return format!("{value:.*e}", digits as usize - 1);
    }
    let text = format!("{value:.*}", places as usize);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The evidence for a partial derivative of an output of a program, the expression as written, at a point. `orders`
/// tells of each input that is differentiated in how many times. The exact value is that of the formula, at the exact
/// point to which `at` are the nearest doubles.
pub fn compare(
    program: &Program,
    output: usize,
    at: &[f64],
    orders: &[(usize, usize)],
    exact: Option<Claim>,
) -> Evidence {
    // The exact point may lie half a unit in the last place beside the double.
    let near: Vec<Noisy> = at
        .iter()
        .map(|x| {
            let error = if x.fract() == 0.0 { 0.0 } else { x.abs() * (f64::EPSILON / 2.0) };
            Noisy { value: *x, error }
        })
        .collect();
    let automatic = jets::partial_near(program, &near, orders).and_then(|all| {
        let missing = || NoDerivative::Jump { span: program.span() };
        all.get(output).copied().ok_or_else(missing)
    });
    let numeric = numeric::partial(program, output, at, orders);
    let exact = exact.filter(|exact| exact.value.is_finite());
    let mut evidence = Evidence { exact, automatic, numeric, slopes: None, verdict: Verdict::Nothing };
    evidence.verdict = judge(&evidence);
    let doubtful = matches!(evidence.verdict, Verdict::Disagree { .. } | Verdict::Agree)
        || matches!(evidence.verdict, Verdict::Alone(source) if source != Source::Numeric);
    let used: Vec<&(usize, usize)> = orders.iter().filter(|(_, order)| *order > 0).collect();
    if doubtful && let [(input, 1)] = used[..] {
        let slopes = numeric::slopes(program, output, at, *input);
        if slopes.differ() {
            evidence.slopes = Some(slopes);
            let value = evidence.exact.map(|e| e.value).or(evidence.automatic.as_ref().ok().map(|a| a.value));
            let apart =
                matches!(evidence.verdict, Verdict::Disagree { odd: Source::Exact | Source::Automatic, .. });
            if let (Some(value), false) = (value, apart)
                && between(value, &slopes)
            {
                evidence.verdict = Verdict::Kink;
            }
        }
    }
    evidence
}

/// Whether a value is a subgradient: no less than one slope and no more than the other.
fn between(value: f64, slopes: &Slopes) -> bool {
    let (Some(left), Some(right)) = (slopes.left, slopes.right) else { return false };
    let room = 2.0 * (left.error + right.error);
    let (low, high) = (left.value.min(right.value) - room, left.value.max(right.value) + room);
    (low..=high).contains(&value)
}

fn judge(evidence: &Evidence) -> Verdict {
    let exact = evidence.exact.map(|e| (e.value, e.error));
    let automatic = evidence.automatic.as_ref().ok().map(|a| (a.value, a.error));
    let numeric = evidence.numeric.as_ref().ok().copied().flatten().map(|n| (n.value, n.error));
    match (exact, automatic, numeric) {
        (None, None, None) => Verdict::Nothing,
        (Some(_), None, None) => Verdict::Alone(Source::Exact),
        (None, Some(_), None) => Verdict::Alone(Source::Automatic),
        (None, None, Some(_)) => Verdict::Alone(Source::Numeric),
        (Some(e), Some(a), None) if agree(e, a) => Verdict::Agree,
        (Some(_), Some(_), None) => Verdict::Disagree {
            odd: Source::Exact,
            trust: Source::Automatic,
            because: "the formula and the expression as written give different values, and differences do not settle \
                      which; this is a fault worth reporting",
        },
        (Some(e), None, Some(n)) if agree(e, n) => Verdict::Agree,
        (None, Some(a), Some(n)) if agree(a, n) => Verdict::Agree,
        (Some(_), None, Some(_)) => differences(Source::Exact),
        (None, Some(_), Some(_)) => differences(Source::Automatic),
        (Some(e), Some(a), Some(n)) => match (agree(e, a), agree(e, n), agree(a, n)) {
            (true, true, _) | (true, _, true) => Verdict::Agree,
            (true, false, false) => differences(Source::Exact),
            (false, true, false) => Verdict::Disagree {
                odd: Source::Automatic,
                trust: Source::Exact,
                because: "pushed through as written, its digits are lost to rounding or its branches do not define the \
                          derivative",
            },
            (false, false, true) => Verdict::Disagree {
                odd: Source::Exact,
                trust: Source::Automatic,
                because: "two independent ways give another value than the formula; this is a fault worth reporting",
            },
            (false, true, true) => Verdict::Disagree {
                odd: Source::Automatic,
                trust: Source::Exact,
                because: "the differences are too coarse to decide, and the formula was evaluated to certain digits",
            },
            (false, false, false) => Verdict::Disagree {
                odd: Source::Exact,
                trust: Source::Automatic,
                because: "no two values agree; the point is close to a singularity, or there is a fault worth reporting",
            },
        },
    }
}

fn differences(trust: Source) -> Verdict {
    Verdict::Disagree {
        odd: Source::Numeric,
        trust,
        because: "differences meet a kink, a jump or an oscillation finer than their steps",
    }
}

fn agree(one: (f64, f64), other: (f64, f64)) -> bool {
    let size = one.0.abs().max(other.0.abs());
    (one.0 - other.0).abs() <= 2.0 * (one.1 + other.1) + 8.0 * f64::EPSILON * size + f64::MIN_POSITIVE
}

#[cfg(test)]
mod tests {
    use agnesi_graph::{Scope, TableNames, settle};
    use agnesi_syntax::parse_expression;

    use super::*;

    fn program(text: &str) -> Program {
        let parsed = parse_expression(text, &TableNames);
        let settled = settle(&parsed.tree, parsed.root, &Scope::new())
            .unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        Program::new(&settled.tree, settled.root, &["x".into()], &[])
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn first(text: &str, x: f64, exact: f64) -> Evidence {
        let exact = Claim { value: exact, error: exact.abs() * f64::EPSILON };
        compare(&program(text), 0, &[x], &[(0, 1)], Some(exact))
    }

    #[test]
    fn three_ways_agree() {
        let x = 0.62f64;
        let evidence = first("sin(4x) + 0.1x^2", x, 4.0 * (4.0 * x).cos() + 0.2 * x);
        assert_eq!(evidence.verdict, Verdict::Agree, "{evidence:?}");
        assert_eq!(evidence.message(), None);
        assert!(evidence.slopes.is_none());
    }

    #[test]
    fn a_wrong_formula_is_found() {
        let evidence = first("x*exp(x)", 1.0, 1f64.exp());
        assert!(matches!(
            evidence.verdict,
            Verdict::Disagree { odd: Source::Exact, trust: Source::Automatic, .. }
        ));
        assert!(evidence.trusted().is_some_and(|value| (value - 2.0 * 1f64.exp()).abs() < 1e-14));
        assert!(!evidence.agree());
    }

    #[test]
    fn kinks_are_conventions() {
        let evidence = first("relu(x)", 0.0, 0.0);
        assert_eq!(evidence.verdict, Verdict::Kink, "{evidence:?}");
        assert_eq!(
            evidence.message().as_deref(),
            Some("a kink: the slope is 0 from the left and 1 from the right; the value is a convention")
        );
        assert_eq!(first("abs(x)", 0.0, 0.0).verdict, Verdict::Kink);
        assert_eq!(first("x*abs(x)", 0.0, 0.0).verdict, Verdict::Agree);
    }

    #[test]
    fn lost_digits_are_told_from_wrong_formulas() {
        // The table's form of the derivative of tanh loses nothing at 20.
        let evidence = first("tanh(x)", 20.0, 1.699_341_702_116_635_6e-17);
        assert_eq!(evidence.verdict, Verdict::Agree, "{evidence:?}");
        // exp(800) is beyond the doubles: the expression as written has no value there, the formula has.
        let evidence = first("log(1 + exp(x))", 800.0, 1.0);
        assert_eq!(evidence.trusted(), Some(1.0));
        assert_eq!(evidence.verdict, Verdict::Alone(Source::Exact), "{evidence:?}");
    }

    #[test]
    fn removable_singularities_have_the_formula_alone() {
        let evidence = first("(1 - cos(x))/x^2", 0.0, 0.0);
        assert_eq!(evidence.verdict, Verdict::Alone(Source::Exact), "{evidence:?}");
        assert!(evidence.automatic.is_err());
    }

    #[test]
    fn values_are_shown_with_the_digits_they_have() {
        assert_eq!(short(0.0, 0.0), "0");
        assert_eq!(short(1.0, 1e-14), "1");
        assert_eq!(short(-2.500_000_1, 1e-4), "-2.5");
        assert_eq!(short(123_456.0, 1e-3), "123456");
        assert_eq!(short(1.5e-9, 1e-12), "1.50e-9");
    }
}
