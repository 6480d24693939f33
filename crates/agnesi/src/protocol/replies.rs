//! What each verb gives.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::{Number, Value};

/// What a verb gives; in JSON its fields stand beside `ok`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To `parse`.
    Parse(ParseReply),
    /// To `eval`.
    Eval(EvalReply),
    /// To `simplify`.
    Simplify(SimplifyReply),
    /// To `diff`.
    Diff(Box<DiffReply>),
    /// To `check`.
    Check(CheckReply),
    /// To `explain`.
    Explain(ExplainReply),
    /// To `taylor`.
    Taylor(TaylorReply),
    /// To `plot`.
    Plot(PlotReply),
    /// To `compile`.
    Compile(CompileReply),
    /// To `describe`, and to `enter` with a formula.
    Describe(Box<DescribeReply>),
    /// To `define` and `forget`, and to `enter` with definitions.
    Define(DefineReply),
    /// To `names`.
    Names(NamesReply),
    /// To `help`.
    Help(HelpReply),
}

/// A name and its type.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The type: `real`, `vector(n)`.
    #[serde(rename = "type")]
    pub ty: String,
}

/// A formula.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Formula {
    /// What it is: `derivative`, `gradient`, `jacobian`, `hessian`, `second derivative`.
    pub name: String,
    /// In canonical notation.
    pub formula: String,
    /// In LaTeX.
    pub latex: String,
    /// Sizes of its axes; none for a scalar.
    pub shape: Vec<Size>,
}

/// A value found in three ways.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Evidence {
    /// The formula, evaluated with rising precision until the double is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<Value>,
    /// How far `exact` may be off, where it is not the nearest double.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact_error: Option<Value>,
    /// Dual numbers through the expression as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic: Option<Value>,
    /// Extrapolated differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numeric: Option<Value>,
    /// How far `numeric` may be off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numeric_error: Option<Value>,
    /// Whether they agree within their errors.
    pub agree: bool,
    /// Where they do not, which one to trust and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<String>,
}

/// To `parse`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ParseReply {
    /// In canonical notation.
    pub text: String,
    /// In LaTeX.
    pub latex: String,
    /// In Typst's notation.
    pub typst: String,
    /// In MathML.
    pub mathml: String,
    /// The free names and their types.
    pub variables: Vec<Variable>,
}

/// To `eval`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct EvalReply {
    /// The value.
    pub value: Value,
    /// The value as an exact formula, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// How far the value may be off, where it is not the nearest double.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// Under which conditions this holds.
    pub conditions: Vec<String>,
    /// The conventions that were used.
    pub conventions: Vec<String>,
}

/// To `simplify`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SimplifyReply {
    /// In canonical notation.
    pub formula: String,
    /// In LaTeX.
    pub latex: String,
    /// The value at the point, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Under which conditions it equals what was written.
    pub conditions: Vec<String>,
}

/// To `diff`.
#[derive(Clone, Debug, PartialEq, Default, serde::Serialize)]
pub struct DiffReply {
    /// In canonical notation.
    pub formula: String,
    /// In LaTeX.
    pub latex: String,
    /// Sizes of its axes; none for a scalar.
    pub shape: Vec<Size>,
    /// The variables of differentiation, in order.
    pub wrt: Vec<String>,
    /// The value at the point, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The value in three ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The unit vector along which it was taken, as an exact formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Under which conditions the formula holds.
    pub conditions: Vec<String>,
    /// The conventions that were used, such as `abs'(0) = 0`.
    pub conventions: Vec<String>,
    /// The steps, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Step>>,
    /// How the axes of a derivative of tensors are laid out, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// At how many random points the formula was held against dual numbers and differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// Why it was not checked so, where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<String>,
    /// With several tensors as variables, the derivative by each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Formula>,
    /// The Hessian times a direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<Formula>,
    /// What the Hessian says of convexity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curvature: Option<Curvature>,
}

/// A check at random points that satisfy the declarations.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Checked {
    /// How many points.
    pub points: usize,
    /// Whether formula, dual numbers and differences agreed at all of them.
    pub agree: bool,
    /// The largest difference between formula and dual numbers, relative to the largest entry.
    pub worst: Number,
}

/// What a Hessian says of convexity.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Curvature {
    /// `convex`, `concave`, `affine` or `undecided`.
    pub verdict: String,
    /// The decomposition that shows it, in words.
    pub because: String,
}

/// The size of an axis: a number, or an expression of declared sizes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Size {
    /// A number.
    Number(usize),
    /// A name or expression.
    Text(String),
}

impl From<usize> for Size {
    fn from(size: usize) -> Size {
        Size::Number(size)
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Size::Number(size) => size.fmt(f),
            Size::Text(text) => f.write_str(text),
        }
    }
}

/// What `check` found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The claim is right.
    Equal,
    /// It is not.
    Different,
    /// Neither could be shown.
    Undecided,
}

/// A point where a claim fails.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Counterexample {
    /// The point.
    pub at: BTreeMap<String, Value>,
    /// What is right there.
    pub expected: Value,
    /// What the claim gives there.
    pub claimed: Value,
}

/// To `check`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CheckReply {
    /// What was found.
    pub verdict: Verdict,
    /// The right derivative.
    pub derivative: String,
    /// The claim, as it was understood.
    pub claimed: String,
    /// A point where the claim fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    /// How claim and derivative differ: the simplified difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// What the mistake probably is, such as a factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How it was decided: by the same normal form, or at how many points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Under which conditions it holds.
    pub conditions: Vec<String>,
}

/// One step of a derivation, with those that it stands on.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct Step {
    /// The name of the rule.
    pub rule: String,
    /// The rule in general, with what its letters stand for.
    pub statement: String,
    /// What is said about this instance, in a sentence or two.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// The formula before.
    pub before: String,
    /// The rule applied and nothing worked out yet; empty where that is not worth a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub applied: String,
    /// The formula after.
    pub after: String,
    /// Whether a practised person does it at a glance: it is shown in one line.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub glance: bool,
    /// The steps that it stands on.
    pub children: Vec<Step>,
}

/// To `explain`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExplainReply {
    /// The derivative.
    pub formula: String,
    /// In LaTeX.
    pub latex: String,
    /// A tree for each variable.
    pub steps: Vec<Step>,
    /// Under which conditions the derivation holds.
    pub conditions: Vec<String>,
}

/// A coefficient of a polynomial; in JSON `[exponent, exact text, value]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    /// The exponent.
    pub exponent: i64,
    /// The coefficient as an exact formula.
    pub exact: String,
    /// Its value.
    pub value: Number,
}

impl Serialize for Coefficient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(3)?;
        tuple.serialize_element(&self.exponent)?;
        tuple.serialize_element(&self.exact)?;
        tuple.serialize_element(&self.value)?;
        tuple.end()
    }
}

/// What is left out by a Taylor polynomial.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Remainder {
    /// Its form, such as `f''''(xi)*x^4/24`.
    pub formula: String,
    /// A bound on its size over the interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<Number>,
    /// The interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[Number; 2]>,
    /// Whether the bound is proved, and not an estimate.
    pub proved: bool,
}

/// To `taylor`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TaylorReply {
    /// The polynomial.
    pub formula: String,
    /// In LaTeX.
    pub latex: String,
    /// The variable.
    pub var: String,
    /// Where it is developed, as an exact formula.
    pub point: String,
    /// Its degree.
    pub order: u32,
    /// The coefficients that are not zero.
    pub coefficients: Vec<Coefficient>,
    /// What is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remainder: Option<Remainder>,
    /// Under which conditions it holds.
    pub conditions: Vec<String>,
}

/// To `plot`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PlotReply {
    /// What the picture shows, in a sentence or two.
    pub description: String,
    /// The picture as SVG, where no file was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub svg: Option<String>,
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The picture as text, where `columns` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// To `compile`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CompileReply {
    /// The source; for WebAssembly that of an ES module which loads the module.
    pub source: String,
    /// The declarations, for C.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The module, for WebAssembly; base64 in JSON.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::base64::serialize")]
    pub module: Option<Vec<u8>>,
    /// The language that it is written in, as the request names it.
    pub language: String,
    /// What the function takes, in order.
    pub inputs: Vec<Variable>,
}

/// A symmetry that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Symmetry {
    /// f(-x) = f(x).
    Even,
    /// f(-x) = -f(x).
    Odd,
}

/// A period that was shown.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Period {
    /// As an exact formula.
    pub exact: String,
    /// Its value.
    pub value: Number,
}

/// A zero.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Zero {
    /// Where.
    pub at: Number,
    /// Whether the graph touches the axis there without crossing it.
    pub touches: bool,
}

/// What a critical point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CriticalKind {
    /// A local minimum.
    Minimum,
    /// A local maximum.
    Maximum,
    /// Of several variables: neither.
    Saddle,
    /// Of one variable: neither.
    Inflection,
    /// The second derivative does not decide.
    Undecided,
}

/// A critical point.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CriticalPoint {
    /// Where.
    pub at: BTreeMap<String, Number>,
    /// The value there.
    pub value: Number,
    /// What it is.
    pub kind: CriticalKind,
    /// The eigenvalues of the second derivative, ascending.
    pub eigenvalues: Vec<Number>,
}

/// The function at one point.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PointReply {
    /// The point.
    pub at: BTreeMap<String, Number>,
    /// The value there.
    pub value: Value,
    /// The derivative there, in three ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derivative: Option<Evidence>,
    /// The tangent line or plane, as a formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tangent: Option<String>,
}

/// To `describe`: what is known; what is not is left out.
#[derive(Clone, Debug, PartialEq, serde::Serialize, Default)]
pub struct DescribeReply {
    /// In LaTeX.
    pub latex: String,
    /// The free names and their types.
    pub variables: Vec<Variable>,
    /// The value of a formula without variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// A simpler form, where it differs from what was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simplified: Option<String>,
    /// Where it is defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Which values it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The derivative, gradient or Jacobian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derivative: Option<Formula>,
    /// The second derivative or Hessian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_derivative: Option<Formula>,
    /// A symmetry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symmetry: Option<Symmetry>,
    /// A period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The Taylor polynomial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taylor: Option<TaylorReply>,
    /// What was searched for zeros and critical points, by variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<BTreeMap<String, [Number; 2]>>,
    /// The zeros in view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zeros: Option<Vec<Zero>>,
    /// The critical points in view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<Vec<CriticalPoint>>,
    /// How they were searched for, and what that does not promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The function at the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<PointReply>,
    /// Under which conditions all this holds.
    pub conditions: Vec<String>,
    /// The conventions that were used.
    pub conventions: Vec<String>,
    /// The picture as text, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The sizes of the axes of an expression of tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<Size>>,
    /// The derivative of an expression of tensors by each of its variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gradients: Vec<Formula>,
    /// What the Hessians say of convexity, one sentence a variable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curvature: Vec<String>,
}

/// To `define` and `forget`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DefineReply {
    /// What is known from now on, as it was understood: `f(x) = x^2`.
    pub defined: Vec<String>,
    /// What is known no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<String>,
}

/// A name that is known.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct KnownName {
    /// The name.
    pub name: String,
    /// Its definition as text, or its title in the table.
    pub text: String,
}

/// To `names`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NamesReply {
    /// Those of this session.
    pub defined: Vec<KnownName>,
    /// Those of the table.
    pub functions: Vec<KnownName>,
    /// Constants.
    pub constants: Vec<KnownName>,
}

/// A line of help.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HelpRow {
    /// What it says: `domain`, `derivative`, `law`.
    pub label: String,
    /// The text.
    pub text: String,
}

/// To `help`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HelpReply {
    /// What it is about.
    pub topic: String,
    /// As a heading.
    pub title: String,
    /// In a sentence or two.
    pub doc: String,
    /// What is known about it.
    pub rows: Vec<HelpRow>,
}
