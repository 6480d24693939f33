//! The command line, as clap reads it.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Agnesi, the calculus engine: a formula in, everything calculus knows about it out.
#[derive(Parser, Debug)]
#[command(
    name = "agnesi",
    version,
    about = "The calculus engine: a formula in, everything calculus knows about it out",
    disable_help_subcommand = true,
    override_usage = "agnesi FORMULA [OPTIONS]\n       agnesi VERB ...\n       agnesi",
    after_help = "Without a verb, `describe` is meant. Without anything, a session begins; formulas on standard input are \
                  read line by line.",
    after_long_help = "Without a verb, `describe` is meant. Without anything, a session begins; formulas on standard \
                       input are read line by line.\n\nExamples:\n  agnesi \"sin(4w) + 0.1w^2\"\n  agnesi diff \"x^2 + \
                       y^3\" --at x=2,y=3\n  agnesi explain \"(3x^2 + 2)^5\"\n  agnesi check \"1/(1+exp(-z))\" --claimed \
                       \"2*s*(1-s)\" --let \"s = 1/(1+exp(-z))\"\n  agnesi plot \"sin(4w) + 0.1w^2\" --at w=0.62 -o \
                       tangent.svg\n\nA formula that begins with a minus or is a verb's name stands behind `--`: agnesi \
                       -- -x^2\n\nExit status: 0 when all is well; 1 when the mathematics says no (a claim is wrong, the \
                       evidence disagrees, a value is outside a domain) or something cannot be done; 2 when the formula \
                       or the command line is wrong."
)]
pub struct Cli {
    /// What is asked for.
    #[command(subcommand)]
    pub verb: VerbArgs,
    /// How it is shown.
    #[command(flatten)]
    pub output: Output,
}

/// How answers are shown.
#[derive(Args, Debug, Clone, Default)]
pub struct Output {
    /// Print the answer as one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    /// Whether to colour the output; NO_COLOR is heeded.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to colour.
#[derive(ValueEnum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is asked for.
#[derive(Subcommand, Debug)]
pub enum VerbArgs {
    /// Everything calculus knows about a formula (the verb that may be left out).
    Describe(DescribeArgs),
    /// The derivative, as a formula and at a point.
    Diff(DiffArgs),
    /// The derivative in the steps a person would take.
    Explain(ExplainArgs),
    /// Whether a claimed derivative is right; with a counterexample if not.
    Check(CheckArgs),
    /// A picture: on the terminal, or as SVG or PNG.
    Plot(PlotArgs),
    /// A function with its derivatives, as source code.
    Compile(CompileArgs),
    /// The value of a formula, at a point or on every row of a table.
    Eval(EvalArgs),
    /// A simpler formula, with the conditions under which it is the same.
    Simplify(PlainArgs),
    /// The Taylor polynomial with its remainder.
    #[command(visible_alias = "series")]
    Taylor(TaylorArgs),
    /// How a formula is understood, and its LaTeX, Typst and MathML.
    Parse(PlainArgs),
    /// An antiderivative or a definite integral (to come).
    #[command(hide = true)]
    Integrate(LaterArgs),
    /// A limit (to come).
    #[command(hide = true)]
    Limit(LaterArgs),
    /// Roots (to come).
    #[command(hide = true)]
    Solve(LaterArgs),
    /// Critical points (to come).
    #[command(hide = true)]
    Critical(LaterArgs),
    /// A minimum (to come).
    #[command(hide = true)]
    Minimize(LaterArgs),
    /// The names that are known.
    Names,
    /// About a verb, a function of the table, or the notation.
    Help {
        /// A verb, a function such as `erf`, or nothing.
        topic: Option<String>,
    },
    /// Answer requests in JSON, one a line, from standard input.
    Batch {
        /// The longest line that is read, in bytes.
        #[arg(long, value_name = "BYTES", default_value_t = agnesi::protocol::DEFAULT_LINE_LIMIT)]
        line_limit: usize,
    },
    /// A session read from standard input; what `agnesi` without a verb does too.
    Session {
        /// Print each line that is read before its answer.
        #[arg(long)]
        echo: bool,
    },
    /// Print completions for a shell: bash, zsh, fish, elvish or powershell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the program or of a verb.
    Man {
        /// The verb.
        verb: Option<String>,
    },
}

/// What every verb with a formula takes.
#[derive(Args, Debug, Clone, Default)]
pub struct Common {
    /// The formula; read from standard input where it is `-` or left out.
    #[arg(value_name = "FORMULA")]
    pub expr: Option<String>,
    /// Values of variables: x=2,y=1/3 or w=pi/4. May be repeated.
    #[arg(long, value_name = "NAME=VALUE,...")]
    pub at: Vec<String>,
    /// Declarations and definitions: "s = 1/(1+exp(-z))", "x > 0". May be repeated.
    #[arg(long = "let", value_name = "STATEMENTS")]
    pub lets: Vec<String>,
    /// A file of declarations and definitions. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub let_file: Vec<String>,
    /// Give up after so many milliseconds.
    #[arg(long, value_name = "MS")]
    pub time_limit: Option<u64>,
}

/// Which derivative.
#[derive(Args, Debug, Clone, Default)]
pub struct Wrt {
    /// With respect to which variables, in which order; all of them if left out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// The order of the derivative.
    #[arg(long, value_name = "N")]
    pub order: Option<u32>,
}

/// Which kind of derivative.
#[derive(Args, Debug, Clone, Default)]
pub struct FormArgs {
    /// Along a direction, such as 2,3,-1; it is normalised.
    #[arg(long, value_name = "VECTOR")]
    pub along: Option<String>,
    /// The kind of derivative, where it should not follow from the formula.
    #[arg(long, value_name = "KIND")]
    pub form: Option<FormWord>,
}

/// The kinds of derivatives.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormWord {
    /// With respect to one variable.
    Partial,
    /// All first derivatives of a scalar.
    Gradient,
    /// All first derivatives of a vector.
    Jacobian,
    /// All second derivatives of a scalar.
    Hessian,
    /// d vec(F) / d vec(X)', columns below one another.
    VecJacobian,
    /// Along a direction.
    Directional,
}

/// Layouts of derivatives of tensors.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutWord {
    /// The gradient has the shape of the variable, J[i, j] = d f_i / d x_j.
    Usual,
    /// The axes of the function first.
    Numerator,
    /// The axes of the variable first.
    Denominator,
}

/// Sides.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideWord {
    /// From below.
    Left,
    /// From above.
    Right,
}

/// What pictures show.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SceneWord {
    /// A curve, with the tangent at a point.
    Curve,
    /// A surface over two variables.
    Surface,
    /// Level lines.
    Contour,
    /// Gradients as arrows.
    Field,
}

/// Where to look.
#[derive(Args, Debug, Clone, Default)]
pub struct View {
    /// Where the view begins.
    #[arg(long, value_name = "VALUE")]
    pub from: Option<String>,
    /// Where it ends.
    #[arg(long, value_name = "VALUE")]
    pub to: Option<String>,
}

/// Of `describe`.
#[derive(Args, Debug, Clone, Default)]
pub struct DescribeArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// With respect to which variables.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// The degree of the Taylor polynomial.
    #[arg(long, value_name = "N")]
    pub order: Option<u32>,
    /// Where to look.
    #[command(flatten)]
    pub view: View,
    /// Draw a picture although the output is no terminal.
    #[arg(long, overrides_with = "no_picture")]
    pub picture: bool,
    /// Draw no picture.
    #[arg(long)]
    pub no_picture: bool,
}

/// Of `diff`.
#[derive(Args, Debug, Clone)]
pub struct DiffArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// Which derivative.
    #[command(flatten)]
    pub wrt: Wrt,
    /// Which kind.
    #[command(flatten)]
    pub form: FormArgs,
    /// A one-sided derivative.
    #[arg(long, value_name = "SIDE")]
    pub side: Option<SideWord>,
    /// How the axes of a derivative of vectors and matrices are laid out.
    #[arg(long, value_name = "LAYOUT")]
    pub layout: Option<LayoutWord>,
    /// Show the steps too.
    #[arg(long)]
    pub steps: bool,
}

/// Of `explain`.
#[derive(Args, Debug, Clone)]
pub struct ExplainArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// Which derivative.
    #[command(flatten)]
    pub wrt: Wrt,
    /// Along a direction, such as 2,3,-1; it is normalised.
    #[arg(long, value_name = "VECTOR")]
    pub along: Option<String>,
    /// By the limit of the difference quotient.
    #[arg(long)]
    pub limit_definition: bool,
    /// Accepted for symmetry with `diff`; `explain` always shows the steps.
    #[arg(long, hide = true)]
    pub steps: bool,
}

/// Of `check`.
#[derive(Args, Debug, Clone)]
pub struct CheckArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// The derivative that is claimed: a formula, or [a, b] for several.
    #[arg(long, value_name = "FORMULA", required = true)]
    pub claimed: String,
    /// Which derivative.
    #[command(flatten)]
    pub wrt: Wrt,
    /// Which kind.
    #[command(flatten)]
    pub form: FormArgs,
}

/// Of `plot`.
#[derive(Args, Debug, Clone)]
pub struct PlotArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// With respect to which variables: the axes.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// What to draw.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<SceneWord>,
    /// The degree of the Taylor polynomial to draw at the point.
    #[arg(long, value_name = "N")]
    pub order: Option<u32>,
    /// Where to look.
    #[command(flatten)]
    pub view: View,
    /// The file to write; its ending, .svg or .png, says the format. `-` writes SVG to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<String>,
    /// Width in pixels; a PNG has twice as many, for sharp screens.
    #[arg(long, value_name = "PIXELS")]
    pub width: Option<u32>,
    /// Height in pixels; twice as many in a PNG.
    #[arg(long, value_name = "PIXELS")]
    pub height: Option<u32>,
}

/// Of `compile`.
#[derive(Args, Debug, Clone)]
#[command(
    after_long_help = "C, Rust and WebAssembly have functions for sizes that are numbers: f for the value, f_gradient or \
                       f_jacobian with --wrt, f_hessian with --order 2. Sizes get numbers where they are declared, or \
                       with --let \"n = 3\".\n\nExamples:\n  agnesi compile \"sin(4w) + 0.1w^2\" --wrt w --to jax\n  \
                       agnesi compile \"norm2(X*w - y)^2\" --let \"X: matrix(n,m); w: vector(m); y: vector(n); n = 9; m = \
                       2\" --wrt w --order 2 --to c -o loss.c --name loss"
)]
pub struct CompileArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// With respect to which variables; the value alone if left out, and all of them with an order.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// 2 for the second derivatives too, 0 for the value alone.
    #[arg(long, value_name = "N")]
    pub order: Option<u32>,
    /// The language: numpy, jax, pytorch, julia, c, rust, wasm, latex or typst.
    #[arg(long, value_name = "LANGUAGE")]
    pub to: Option<String>,
    /// Round otherwise than the formula is written where that is cheaper: products over sums are multiplied out,
    /// common factors taken out of sums, and quotients share reciprocals. For C, Rust and WebAssembly.
    #[arg(long)]
    pub fast: bool,
    /// The name of the function; f if left out.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The file to write; standard output if left out. Beside f.c stands its header f.h, beside f.wasm the module f.mjs
    /// that loads it.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<String>,
}

/// Of `taylor`.
#[derive(Args, Debug, Clone)]
pub struct TaylorArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// The variable.
    #[arg(long, value_name = "NAME", visible_alias = "wrt")]
    pub var: Option<String>,
    /// Where it is developed; 0 if left out. `--at x=1` says it too.
    #[arg(long, value_name = "VALUE")]
    pub point: Option<String>,
    /// The degree.
    #[arg(long, value_name = "N")]
    pub order: Option<u32>,
}

/// Of `eval`.
#[derive(Args, Debug, Clone)]
#[command(
    after_long_help = "A table is a file of comma-separated values whose first row names the columns; a column is \
                             the variable of its name, and variables that are no columns are given with --at. Written \
                             is a column `value`, and with --grad a column `d/dx` for each variable that is a column. \
                             Fields may be NaN, inf and -inf; one that is empty or no number is an error that names its \
                             row, counted from the header as 1. Tables of any size are read and written in blocks.\n\n\
                             Examples:\n  agnesi eval \"x^2*y\" --at x=3,y=2\n  agnesi eval --csv data.csv \"price*qty\" \
                             --grad\n  agnesi eval --csv - \"a*x^2\" --at a=2 --keep -o out.csv < data.csv"
)]
pub struct EvalArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
    /// A file of comma-separated values with a header: the value on every row. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<String>,
    /// A column `d/dx` for each variable x that is a column.
    #[arg(long, requires = "csv")]
    pub grad: bool,
    /// Repeat the columns of the table in front of the results.
    #[arg(long, requires = "csv")]
    pub keep: bool,
    /// The file to write; standard output if left out.
    #[arg(short, long, value_name = "FILE", requires = "csv")]
    pub out: Option<String>,
    /// How many threads share the rows; as many as there are processors if left out. Results are the same with any.
    #[arg(long, value_name = "N", requires = "csv")]
    pub threads: Option<usize>,
}

/// Of verbs with nothing of their own.
#[derive(Args, Debug, Clone)]
pub struct PlainArgs {
    /// The formula.
    #[command(flatten)]
    pub common: Common,
}

/// Of verbs to come: whatever stands behind them is heard, and answered kindly.
#[derive(Args, Debug, Clone)]
pub struct LaterArgs {
    /// The formula, and what may stand behind it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
}
