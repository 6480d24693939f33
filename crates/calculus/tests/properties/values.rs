//! Certified values of trees at rational points, and how they are compared.

use agnesi_engine::exact::{Exact, Limits, Prepared, values};
use agnesi_engine::{EvaluateError, Program, Working};
use agnesi_functions::big::Enclosure;
use agnesi_graph::{Graph, NodeId, Rational, Style};
use agnesi_syntax::{Tree, TreeId, print};
use smol_str::SmolStr;

pub const NAMES: [&str; 3] = ["x", "y", "z"];

pub fn names() -> Vec<SmolStr> {
    NAMES.iter().map(SmolStr::new).collect()
}

/// A point: a value for each of [`NAMES`].
pub type Point = [Rational; 3];

fn r(n: i64, d: i64) -> Rational {
    Rational::new(n, d).expect("a denominator")
}

/// Points where identities of reals tend to break: zeros, signs, ones, and some in general position.
pub fn special_points() -> Vec<Point> {
    let p = |x: (i64, i64), y: (i64, i64), z: (i64, i64)| [r(x.0, x.1), r(y.0, y.1), r(z.0, z.1)];
    vec![
        p((7, 5), (-3, 7), (11, 3)),
        p((-7, 3), (5, 4), (-2, 9)),
        p((0, 1), (2, 1), (1, 1)),
        p((1, 3), (-5, 2), (-1, 1)),
        p((-1, 2), (-1, 3), (3, 2)),
        p((-1, 1), (0, 1), (2, 1)),
        p((1, 1), (-1, 1), (0, 1)),
        p((12, 1), (3, 8), (-5, 1)),
        p((-9, 1), (1, 2), (1, 7)),
        p((2, 1), (-2, 1), (1, 2)),
    ]
}

/// Points in general position that are doubles.
pub fn generic_points() -> Vec<Point> {
    let p = |x: i64, y: i64, z: i64| [r(x, 1024), r(y, 1024), r(z, 1024)];
    vec![
        p(379, -1371, 1913),
        p(-677, 563, -2467),
        p(1551, 2917, 433),
        p(-2903, -311, 1201),
        p(6173, 877, -541),
    ]
}

/// What a tree is at a point.
#[derive(Clone, Debug)]
pub enum Value {
    Real(Box<Exact>),
    Undefined(String),
    /// No limit of precision or work decided it.
    Unknown,
}

const LIMITS: Limits = Limits { bits: 400, work: 150_000, digits: 12 };

/// A tree made ready.
pub struct Evaluator {
    program: Program,
    text: String,
}

impl Evaluator {
    pub fn new(tree: &Tree, root: TreeId) -> Evaluator {
        let program = Program::new(tree, root, &names(), &[]).unwrap_or_else(|e| panic!("no program: {e:?}"));
        Evaluator { program, text: print::text(tree, root) }
    }

    /// A node, by way of the tree that is printed of it.
    pub fn of(g: &mut Graph, node: NodeId) -> Evaluator {
        let (tree, root) = g.raise(node, Style::default());
        Evaluator::new(&tree, root)
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn at(&self, point: &Point) -> Value {
        let inputs: Vec<Prepared> = point.iter().map(|x| Prepared::Exact(x.clone())).collect();
        match values(&self.program, &inputs, &LIMITS) {
            Ok(mut all) => {
                let exact = all.remove(0);
                if exact.removable {
                    Value::Undefined("0/0 with a limit".into())
                } else if exact.error.is_nan() || (exact.error.is_infinite() && exact.value.is_finite()) {
                    Value::Unknown
                } else {
                    Value::Real(Box::new(exact))
                }
            }
            Err(EvaluateError::Domain { function, arguments, condition, .. }) => {
                Value::Undefined(format!("{function}{arguments:?} needs {condition}"))
            }
            Err(EvaluateError::Unbound { name, .. }) => panic!("{name} is free in {}", self.text),
            Err(_) => Value::Unknown,
        }
    }

    /// Whether a condition holds; `None` where that is not decided or it has no truth value.
    pub fn truth(&self, point: &Point) -> Option<bool> {
        let inputs: Vec<Enclosure> = point
            .iter()
            .map(|x| {
                Enclosure::from_fraction(x.numerator(), x.denominator())
                    .expect("a fraction of small integers")
            })
            .collect();
        self.program.truth(&inputs, &Working::new(192, 200_000)).ok()
    }
}

/// Whether two certified values cannot be the same number.
pub fn differ(a: &Exact, b: &Exact) -> bool {
    if a.certain && b.certain {
        return a.value != b.value;
    }
    if a.value.is_infinite() || b.value.is_infinite() {
        // One is beyond the doubles and the other is not known well enough.
        return false;
    }
    (a.value - b.value).abs() > 1.001 * (a.error + b.error) + f64::MIN_POSITIVE
}

pub fn show(point: &Point) -> String {
    let all: Vec<String> = NAMES.iter().zip(point).map(|(n, x)| format!("{n} = {x}")).collect();
    all.join(", ")
}

/// A node as text.
pub fn text_of(g: &mut Graph, node: NodeId) -> String {
    let (tree, root) = g.raise(node, Style::default());
    print::text(&tree, root)
}
