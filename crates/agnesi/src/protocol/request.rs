//! What can be asked.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Number;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Verb {
    /// How the text is understood, and its forms in other notations.
    Parse,
    /// The value at a point.
    Eval,
    /// A simpler formula for the same function.
    Simplify,
    /// The derivative, as a formula and at a point.
    Diff,
    /// Whether a claimed derivative is right.
    Check,
    /// The derivative in the steps a person would take.
    Explain,
    /// The Taylor polynomial with its remainder.
    Taylor,
    /// A limit.
    Limit,
    /// An antiderivative or a definite integral.
    Integrate,
    /// Roots.
    Solve,
    /// Critical points.
    Critical,
    /// A minimum, with or without constraints.
    Minimize,
    /// A picture.
    Plot,
    /// Source code.
    Compile,
    /// Everything calculus knows about the function.
    #[default]
    Describe,
    /// A line of a session: definitions are kept, a formula is described.
    Enter,
    /// Definitions and declarations to keep, in `let`.
    Define,
    /// The names known so far.
    Names,
    /// Forget a name, or all of them.
    Forget,
    /// About a function of the table, a name, or the notation.
    Help,
}

impl Verb {
    /// All of them.
    pub const ALL: &'static [Verb] = &[
        Verb::Parse,
        Verb::Eval,
        Verb::Simplify,
        Verb::Diff,
        Verb::Check,
        Verb::Explain,
        Verb::Taylor,
        Verb::Limit,
        Verb::Integrate,
        Verb::Solve,
        Verb::Critical,
        Verb::Minimize,
        Verb::Plot,
        Verb::Compile,
        Verb::Describe,
        Verb::Enter,
        Verb::Define,
        Verb::Names,
        Verb::Forget,
        Verb::Help,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Parse => "parse",
            Verb::Eval => "eval",
            Verb::Simplify => "simplify",
            Verb::Diff => "diff",
            Verb::Check => "check",
            Verb::Explain => "explain",
            Verb::Taylor => "taylor",
            Verb::Limit => "limit",
            Verb::Integrate => "integrate",
            Verb::Solve => "solve",
            Verb::Critical => "critical",
            Verb::Minimize => "minimize",
            Verb::Plot => "plot",
            Verb::Compile => "compile",
            Verb::Describe => "describe",
            Verb::Enter => "enter",
            Verb::Define => "define",
            Verb::Names => "names",
            Verb::Forget => "forget",
            Verb::Help => "help",
        }
    }

    /// The verb for a word; `series` is `taylor`.
    pub fn from_word(word: &str) -> Option<Verb> {
        if word == "series" {
            return Some(Verb::Taylor);
        }
        Verb::ALL.iter().copied().find(|verb| verb.as_str() == word)
    }

    /// The fields it takes beside `id`, `verb`, `let`, `at` and `limits`; the first ones are needed as
    /// [`Verb::needs`] says.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Verb::Parse => &["expr"],
            Verb::Eval => &["expr", "wrt"],
            Verb::Simplify => &["expr"],
            Verb::Diff => &["expr", "wrt", "order", "form", "along", "side", "steps", "definition", "layout"],
            Verb::Check => &["expr", "claimed", "wrt", "order", "form", "along"],
            Verb::Explain => &["expr", "wrt", "order", "along", "definition"],
            Verb::Taylor => &["expr", "var", "wrt", "point", "order"],
            Verb::Limit => &["expr", "var", "point", "direction"],
            Verb::Integrate => &["expr", "var", "from", "to", "steps"],
            Verb::Solve => &["expr", "equations", "var", "from", "to"],
            Verb::Critical => &["expr", "wrt", "box"],
            Verb::Minimize => &["expr", "wrt", "subject_to", "method"],
            Verb::Plot => &[
                "expr", "scene", "kind", "wrt", "order", "from", "to", "out", "width", "height", "columns",
                "rows", "colour",
            ],
            Verb::Compile => &["expr", "wrt", "order", "to", "name", "fast"],
            Verb::Describe => &["expr", "wrt", "order", "from", "to", "picture", "columns", "rows", "colour"],
            Verb::Enter => &["expr", "picture", "columns", "rows", "colour"],
            Verb::Define => &[],
            Verb::Names => &[],
            Verb::Forget => &["topic"],
            Verb::Help => &["topic"],
        }
    }

    /// The fields it cannot do without.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Verb::Check => &["expr", "claimed"],
            Verb::Compile => &["expr", "to"],
            Verb::Define => &["let"],
            Verb::Solve | Verb::Names | Verb::Forget | Verb::Help => &[],
            _ => &["expr"],
        }
    }
}

/// The name of a request, echoed in its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(String),
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Id::Number(number) => number.serialize(serializer),
            Id::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// A value given in a request: a number, a formula for one such as `pi/4`, or an array of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A double.
    Number(Number),
    /// A formula without variables.
    Text(String),
    /// A vector, or a matrix by its rows.
    Array(Vec<Given>),
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Given::Number(number) => number.serialize(serializer),
            Given::Text(text) => serializer.serialize_str(text),
            Given::Array(items) => items.serialize(serializer),
        }
    }
}

/// A number where the text is one, and a formula where it is not.
impl From<&str> for Given {
    fn from(text: &str) -> Given {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        match text.parse::<f64>() {
            Ok(value) if plain && value.is_finite() => Given::Number(Number(value)),
            _ => Given::Text(text.to_string()),
        }
    }
}

impl From<f64> for Given {
    fn from(value: f64) -> Given {
        Given::Number(Number(value))
    }
}

/// As it would be written in the notation.
impl std::fmt::Display for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Given::Number(number) => number.fmt(f),
            Given::Text(text) => f.write_str(text),
            Given::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

/// A claimed derivative: a formula, or its components.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// `2*x`, or `[2*x, 3*y^2]`.
    Formula(String),
    /// `["2*x", "3*y^2"]`; a matrix by its rows.
    Components(Vec<Claimed>),
}

impl Claimed {
    /// One formula for all of it: components become a vector, rows a matrix.
    pub fn formula(&self) -> String {
        match self {
            Claimed::Formula(text) => text.clone(),
            Claimed::Components(items) => {
                let matrix =
                    !items.is_empty() && items.iter().all(|item| matches!(item, Claimed::Components(_)));
                let parts: Vec<String> = items
                    .iter()
                    .map(|item| match item {
                        Claimed::Components(row) if matrix => {
                            row.iter().map(Claimed::formula).collect::<Vec<_>>().join(", ")
                        }
                        item => item.formula(),
                    })
                    .collect();
                format!("[{}]", parts.join(if matrix { "; " } else { ", " }))
            }
        }
    }
}

impl Serialize for Claimed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Claimed::Formula(text) => serializer.serialize_str(text),
            Claimed::Components(items) => items.serialize(serializer),
        }
    }
}

/// Which derivative is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// With respect to one variable.
    Partial,
    /// All first derivatives of a scalar.
    Gradient,
    /// All first derivatives of a vector, a row for each component.
    Jacobian,
    /// All second derivatives of a scalar.
    Hessian,
    /// d vec F / d vec X', column-major.
    VecJacobian,
    /// Along a direction, normalised.
    Directional,
}

/// The words for [`Form`].
pub(super) const FORMS: &[(&str, Form)] = &[
    ("partial", Form::Partial),
    ("gradient", Form::Gradient),
    ("jacobian", Form::Jacobian),
    ("hessian", Form::Hessian),
    ("vec_jacobian", Form::VecJacobian),
    ("directional", Form::Directional),
];

/// How the axes of derivatives of tensors are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// A gradient has the shape of its variable, `J[i, j] = d f_i / d x_j`.
    #[default]
    Usual,
    /// The axes of the function first: the gradient by a matrix is transposed.
    Numerator,
    /// The axes of the variable first: the Jacobian is transposed.
    Denominator,
}

/// The words for [`Layout`].
pub(super) const LAYOUTS: &[(&str, Layout)] =
    &[("usual", Layout::Usual), ("numerator", Layout::Numerator), ("denominator", Layout::Denominator)];

/// A one-sided derivative or limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OneSide {
    /// From below.
    Left,
    /// From above.
    Right,
}

/// The words for [`OneSide`].
pub(super) const SIDES: &[(&str, OneSide)] =
    &[("left", OneSide::Left), ("right", OneSide::Right), ("-", OneSide::Left), ("+", OneSide::Right)];

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scene {
    /// A curve, with the tangent and the Taylor polynomial at a point where one is given.
    Curve,
    /// A function of two variables as a surface.
    Surface,
    /// A function of two variables by its level lines.
    Contour,
    /// The gradients of a function of two variables as arrows.
    Field,
}

/// The words for [`Scene`].
pub(super) const SCENES: &[(&str, Scene)] = &[
    ("curve", Scene::Curve),
    ("tangent", Scene::Curve),
    ("surface", Scene::Surface),
    ("contour", Scene::Contour),
    ("field", Scene::Field),
];

/// The word of a table for a value: the first one that stands for it.
fn word<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, candidate)| candidate == value).map_or("", |(word, _)| word)
}

/// Bounds on the work of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Limits {
    /// Milliseconds.
    pub ms: Option<u64>,
    /// Nodes of the graph.
    pub nodes: Option<u64>,
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(ms) = self.ms {
            map.serialize_entry("ms", &ms)?;
        }
        if let Some(nodes) = self.nodes {
            map.serialize_entry("nodes", &nodes)?;
        }
        map.end()
    }
}

/// One request. Fields that the verb does not take are [`None`] or empty.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Request {
    /// Echoed in the answer.
    pub id: Option<Id>,
    /// What is asked for.
    pub verb: Verb,
    /// Declarations and definitions for this request, separated by `;` or newlines.
    pub lets: Option<String>,
    /// The formula.
    pub expr: Option<String>,
    /// Values of variables.
    pub at: BTreeMap<String, Given>,
    /// Bounds on the work.
    pub limits: Limits,
    /// With respect to which variables; empty: those of the formula.
    pub wrt: Vec<String>,
    /// The order of the derivative, or the degree of the Taylor polynomial.
    pub order: Option<u32>,
    /// Which derivative is meant.
    pub form: Option<Form>,
    /// The direction of a directional derivative, in the order of `wrt`.
    pub along: Vec<Given>,
    /// A one-sided derivative or limit.
    pub side: Option<OneSide>,
    /// Whether the steps are wanted too.
    pub steps: bool,
    /// Explain by the limit of the difference quotient.
    pub definition: bool,
    /// Whether source code may round otherwise than the formula is written, where that is cheaper.
    pub fast: bool,
    /// How the axes of a derivative of tensors are laid out.
    pub layout: Option<Layout>,
    /// The derivative that is claimed.
    pub claimed: Option<Claimed>,
    /// The one variable of a series, limit or integral.
    pub var: Option<String>,
    /// Where a series is developed or a limit is taken.
    pub point: Option<Given>,
    /// Where an interval or view begins.
    pub from: Option<Given>,
    /// Where it ends.
    pub to: Option<Given>,
    /// The language of source code; the field `to` of `compile`.
    pub language: Option<String>,
    /// The name of the function in source code.
    pub name: Option<String>,
    /// What a picture shows.
    pub scene: Option<Scene>,
    /// The file for a picture, whose ending says the format, or for source code.
    pub out: Option<String>,
    /// The width of a picture in pixels.
    pub width: Option<u32>,
    /// The height of a picture in pixels.
    pub height: Option<u32>,
    /// The width of a terminal's picture in characters.
    pub columns: Option<u32>,
    /// The height of a terminal's picture in lines.
    pub rows: Option<u32>,
    /// Whether a terminal's picture may hold colours.
    pub colour: bool,
    /// Whether a terminal's picture is wanted with the description.
    pub picture: bool,
    /// What help is asked about, or which name is to be forgotten.
    pub topic: Option<String>,
}

impl Request {
    /// A request with a formula and nothing else.
    pub fn new(verb: Verb, expr: impl Into<String>) -> Request {
        Request { verb, expr: Some(expr.into()), ..Request::default() }
    }

    /// The request as one line of JSON, without the newline, which [`Request`] reads back.
    pub fn to_json(&self) -> String {
        // Only a map with keys that are no strings could fail to be written, and there is none.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The text of a field that holds notation, for showing where a label points: `expr`, `let`, `claimed`,
    /// `point`, `from`, `to`, `name`, `wrt`, `along`, `topic`, or `at.x`.
    pub fn text_of(&self, field: &str) -> Option<String> {
        match field {
            "expr" => self.expr.clone(),
            "let" => self.lets.clone(),
            "claimed" => self.claimed.as_ref().map(Claimed::formula),
            "point" => self.point.as_ref().map(Given::to_string),
            "from" => self.from.as_ref().map(Given::to_string),
            "to" if self.verb == Verb::Compile => self.language.clone(),
            "name" => self.name.clone(),
            "to" => self.to.as_ref().map(Given::to_string),
            "wrt" => (!self.wrt.is_empty()).then(|| self.wrt.join(", ")),
            "along" => (!self.along.is_empty())
                .then(|| self.along.iter().map(Given::to_string).collect::<Vec<_>>().join(", ")),
            "topic" => self.topic.clone(),
            _ => field.strip_prefix("at.").and_then(|name| self.at.get(name)).map(Given::to_string),
        }
    }
}

/// The fields that are set, in a fixed order, as a line that [`Request`] reads back.
impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = &self.id {
            map.serialize_entry("id", id)?;
        }
        map.serialize_entry("verb", self.verb.as_str())?;
        if let Some(lets) = &self.lets {
            map.serialize_entry("let", lets)?;
        }
        if let Some(expr) = &self.expr {
            map.serialize_entry("expr", expr)?;
        }
        if let Some(claimed) = &self.claimed {
            map.serialize_entry("claimed", claimed)?;
        }
        if !self.wrt.is_empty() {
            map.serialize_entry("wrt", &self.wrt)?;
        }
        if let Some(var) = &self.var {
            map.serialize_entry("var", var)?;
        }
        if let Some(point) = &self.point {
            map.serialize_entry("point", point)?;
        }
        if let Some(order) = &self.order {
            map.serialize_entry("order", order)?;
        }
        if let Some(form) = &self.form {
            map.serialize_entry("form", word(FORMS, form))?;
        }
        if let Some(layout) = &self.layout {
            map.serialize_entry("layout", word(LAYOUTS, layout))?;
        }
        if !self.along.is_empty() {
            map.serialize_entry("along", &self.along)?;
        }
        if let Some(side) = &self.side {
            let field = if self.verb == Verb::Limit { "direction" } else { "side" };
            map.serialize_entry(field, word(SIDES, side))?;
        }
        if !self.at.is_empty() {
            map.serialize_entry("at", &self.at)?;
        }
        for (field, value) in [("from", &self.from), ("to", &self.to)] {
            if let Some(value) = value {
                map.serialize_entry(field, value)?;
            }
        }
        if let Some(language) = &self.language {
            map.serialize_entry("to", language)?;
        }
        if let Some(name) = &self.name {
            map.serialize_entry("name", name)?;
        }
        if let Some(scene) = &self.scene {
            map.serialize_entry("scene", word(SCENES, scene))?;
        }
        if let Some(out) = &self.out {
            map.serialize_entry("out", out)?;
        }
        if let Some(topic) = &self.topic {
            map.serialize_entry("topic", topic)?;
        }
        for (field, value) in
            [("width", self.width), ("height", self.height), ("columns", self.columns), ("rows", self.rows)]
        {
            if let Some(value) = value {
                map.serialize_entry(field, &value)?;
            }
        }
        for (field, value) in [
            ("steps", self.steps),
            ("definition", self.definition),
            ("fast", self.fast),
            ("picture", self.picture),
            ("colour", self.colour),
        ] {
            if value {
                map.serialize_entry(field, &value)?;
            }
        }
        if self.limits != Limits::default() {
            map.serialize_entry("limits", &self.limits)?;
        }
        map.end()
    }
}
