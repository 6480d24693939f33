//! Whether two formulas have the same value everywhere: by the same normal form, else at points, with enclosures, so
//! that a difference that is found is certain.

use agnesi_engine::{EvaluateError, Program, Working};
use agnesi_functions::big::Enclosure;
use agnesi_graph::{Facts, Graph, NodeId, Rational, Style, Taught};
use smol_str::SmolStr;

use super::exponentials;
use super::understand::Tools;

/// How many points are enough.
const ENOUGH: usize = 40;
/// How many points are tried until there are enough inside the domain.
const TRIED: usize = 480;
/// Digits to which two values must agree to count as equal without a proof.
pub(crate) const DIGITS: f64 = 30.0;
/// The precisions that are tried, in bits.
const PRECISIONS: [usize; 3] = [192, 384, 768];
/// The work that one point may take, in additions of 64 bits.
const WORK: u64 = 3_000_000;
/// Where a function is known as a double only, smaller differences are not counted.
const DOUBTFUL: f64 = 1e-8;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Finding {
    /// They have the same normal form.
    Proved,
    /// They agree at so many points to so many digits.
    Agree {
        /// How many points.
        points: usize,
        /// The digits at the point where they are fewest.
        digits: f64,
    },
    /// They differ, without doubt.
    Differ {
        /// Which place.
        place: usize,
        /// Which of the formulas.
        entry: usize,
    },
    /// There is no point where both have a value; and why, where it is not the point.
    Nowhere(Option<String>),
}

impl Finding {
    /// Whether they count as equal.
    pub(crate) fn is_equal(&self) -> bool {
        match self {
            Finding::Proved => true,
            Finding::Agree { digits, .. } => *digits >= DIGITS,
            _ => false,
        }
    }
}

/// Points, the simplest first, at which formulas of one graph are compared.
pub(crate) struct Comparison<'a> {
    /// The graph of the formulas.
    pub graph: &'a mut Graph,
    /// Its differentiator and simplifier.
    pub tools: &'a mut Tools,
    /// The functions taught.
    pub taught: &'a [Taught],
    /// The variables.
    pub names: Vec<SmolStr>,
    /// The points: a value for each variable.
    pub places: Vec<Vec<Rational>>,
}

impl<'a> Comparison<'a> {
    /// The points at which all conditions hold.
    pub(crate) fn new(
        graph: &'a mut Graph,
        tools: &'a mut Tools,
        taught: &'a [Taught],
        names: Vec<SmolStr>,
        facts: &[Facts],
        conditions: &[NodeId],
    ) -> Comparison<'a> {
        let programs: Vec<Program> = conditions
            .iter()
            .filter_map(|condition| {
                let (tree, root) = graph.raise(*condition, Style::default());
                Program::new(&tree, root, &names, taught).ok()
            })
            .collect();
        let mut places: Vec<Vec<Rational>> = Vec::new();
        for place in candidates(facts) {
            if places.len() >= ENOUGH {
                break;
            }
            if places.contains(&place) {
                continue;
            }
            let Some(inputs) = enclosures(&place) else { continue };
            let holds = |program: &Program| {
                let working = Working::new(128, WORK);
                program.truth::<Enclosure>(&inputs, &working) == Ok(true)
            };
            if programs.iter().all(holds) {
                places.push(place);
            }
        }
        Comparison { graph, tools, taught, names, places }
    }

    /// Whether two lists of formulas have the same values.
    pub(crate) fn compare(&mut self, left: &[NodeId], right: &[NodeId]) -> Finding {
        let zero = left.iter().zip(right).all(|(a, b)| {
            let difference = self.graph.sub(*a, *b);
            let difference = self.tools.simplifier.simplify(self.graph, difference);
            self.graph.is_zero(difference) || {
                let rational = exponentials::rational(self.graph, difference);
                rational.is_some_and(|node| {
                    let node = self.tools.simplifier.simplify(self.graph, node);
                    self.graph.is_zero(node)
                })
            }
        });
        if zero {
            return Finding::Proved;
        }
        self.sample(left, right)
    }

    /// The same, at the points only.
    pub(crate) fn sample(&mut self, left: &[NodeId], right: &[NodeId]) -> Finding {
        let nodes = [left, right].concat();
        let (tree, root) = self.graph.raise_vector(&nodes, Style::default());
        let program = match Program::new(&tree, root, &self.names, self.taught) {
            Ok(program) => program,
            Err(error) => return Finding::Nowhere(Some(error.diagnostic().message)),
        };
        let mut why = None;
        let (mut points, mut digits) = (0, f64::INFINITY);
        for (place, values) in self.places.iter().enumerate() {
            let Some(inputs) = enclosures(values) else { continue };
            match at_point(&program, &inputs, left.len()) {
                Ok(Agreement::Differ(entry)) => return Finding::Differ { place, entry },
                Ok(Agreement::Digits(found)) => {
                    points += 1;
                    digits = f64::min(digits, found);
                }
                Err(error @ (EvaluateError::Unsupported { .. } | EvaluateError::Limit { .. })) => {
                    why = Some(error.diagnostic().message);
                }
                Err(_) => {}
            }
        }
        if points == 0 { Finding::Nowhere(why) } else { Finding::Agree { points, digits } }
    }

    /// A program for several formulas.
    pub(crate) fn program(&mut self, nodes: &[NodeId]) -> Option<Program> {
        let (tree, root) = self.graph.raise_vector(nodes, Style::default());
        Program::new(&tree, root, &self.names, self.taught).ok()
    }

    /// The doubles of several formulas at a point.
    pub(crate) fn doubles(&mut self, nodes: &[NodeId], place: usize) -> Option<Vec<f64>> {
        let program = self.program(nodes)?;
        let inputs = enclosures(self.places.get(place)?)?;
        let working = Working::new(PRECISIONS[0], WORK);
        let values = program.values::<Enclosure>(&inputs, &working).ok()?;
        Some(values.iter().map(nearest).collect())
    }

    /// The formula simplified.
    pub(crate) fn simplify(&mut self, node: NodeId) -> NodeId {
        self.tools.simplifier.simplify(self.graph, node)
    }
}

fn nearest(value: &Enclosure) -> f64 {
    value.round_f64().unwrap_or_else(|| value.approximate().0)
}

enum Agreement {
    /// This entry differs.
    Differ(usize),
    /// All agree to so many digits.
    Digits(f64),
}

/// How the first `count` outputs of a program agree with the others.
fn at_point(program: &Program, inputs: &[Enclosure], count: usize) -> Result<Agreement, EvaluateError> {
    let mut best = None;
    let mut obstacle = None;
    for bits in PRECISIONS {
        let working = Working::new(bits, WORK);
        let values = match program.values::<Enclosure>(inputs, &working) {
            Ok(values) => values,
            Err(error) => {
                // More digits may decide a comparison.
                let goes_on = matches!(error, EvaluateError::Undecided { .. });
                obstacle = Some(error);
                if goes_on {
                    continue;
                }
                break;
            }
        };
        let (left, right) = values.split_at(count.min(values.len()));
        let mut digits = f64::INFINITY;
        for (entry, (a, b)) in left.iter().zip(right).enumerate() {
            let difference = a.sub(b, bits);
            let (near, error) = difference.approximate();
            let size = f64::max(a.approximate().0.abs(), b.approximate().0.abs());
            let size = if size > 0.0 && size.is_finite() { size } else { 1.0 };
            match difference.signum() {
                Some(0) => {}
                Some(_) if !working.in_doubt() || near.abs() > DOUBTFUL * size => {
                    return Ok(Agreement::Differ(entry));
                }
                _ => digits = digits.min(-((near.abs() + error) / size).log10()),
            }
        }
        best = Some(Agreement::Digits(digits));
        if digits >= DIGITS || working.in_doubt() {
            break;
        }
    }
    match (best, obstacle) {
        (Some(best), _) => Ok(best),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(Agreement::Digits(0.0)),
    }
}

/// A point as exact enclosures.
pub(crate) fn enclosures(place: &[Rational]) -> Option<Vec<Enclosure>> {
    place.iter().map(|x| Enclosure::from_fraction(x.numerator(), x.denominator())).collect()
}

/// Values that a person would try, the simplest first.
const SIMPLE: [(i64, i64); 14] = [
    (0, 1),
    (1, 1),
    (-1, 1),
    (2, 1),
    (1, 2),
    (-1, 2),
    (3, 1),
    (-2, 1),
    (1, 4),
    (3, 2),
    (-3, 1),
    (5, 1),
    (10, 1),
    (-10, 1),
];

/// Points to try: simple ones first, then points that fill boxes of several sizes evenly.
fn candidates(facts: &[Facts]) -> Vec<Vec<Rational>> {
    let count = facts.len();
    let simple = |choice: usize| {
        let (n, d) = SIMPLE.get(choice).copied().unwrap_or((0, 1));
        Rational::new(n, d).unwrap_or(Rational::ZERO)
    };
    let mut all: Vec<Vec<Rational>> = match count {
        0 => return vec![Vec::new()],
        1 => (0..SIMPLE.len()).map(|k| vec![simple(k)]).collect(),
        // All combinations of 0, 1 and -1.
        2 => (0..9).map(|k| vec![simple(k % 3), simple(k / 3)]).collect(),
        // Zeros, ones, and one at a time.
        _ => {
            let each = (0..count.min(12)).map(|i| (0..count).map(|j| simple(usize::from(i == j))).collect());
            let same = [0, 1, 2].map(|choice| vec![simple(choice); count]);
            let [zeros, ones, minus] = same;
            std::iter::once(zeros).chain(each).chain([ones, minus]).collect()
        }
    };
    // Additive recurrences with the powers of the root of x^(d + 1) = x + 1: even in any number of dimensions.
    let root = (0..40).fold(1.5_f64, |x, _| (1.0 + x).powf(1.0 / (count as f64 + 1.0)));
    let boxes = [4.0, 1.0, 12.0, 8.0, 0.25, 60.0];
    for k in 1..=TRIED {
        let size: f64 = boxes[k % boxes.len()];
        let coordinate = |j: usize| {
            let part = (0.5 + k as f64 * root.powi(-(j as i32 + 1))).fract();
            // Some functions are defined for whole numbers only, in some of their arguments.
            let whole = k % 12 == 9 || (k % 12 == 3 && j == 0);
            let parts = if whole { 1 } else { 128 };
            let value = ((2.0 * part - 1.0) * size * parts as f64).round() as i64;
            Rational::new(value, parts).unwrap_or(Rational::ZERO)
        };
        all.push((0..count).map(coordinate).collect());
    }
    let fitted = |place: Vec<Rational>| -> Option<Vec<Rational>> {
        place.into_iter().zip(facts).map(|(value, facts)| fitting(value, *facts)).collect()
    };
    all.into_iter().filter_map(fitted).collect()
}

/// The value, or one like it, that the facts allow.
fn fitting(value: Rational, facts: Facts) -> Option<Rational> {
    let mut value = value;
    if facts.has(Facts::INTEGER) {
        value = value.floor();
    }
    if (facts.has(Facts::NONNEGATIVE) && value.is_negative())
        || (facts.has(Facts::NONPOSITIVE) && value.is_positive())
    {
        value = -&value;
    }
    (!(facts.has(Facts::NONZERO) && value.is_zero())).then_some(value)
}
