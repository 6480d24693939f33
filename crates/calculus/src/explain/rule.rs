//! The rules that steps are justified by. Closed: a new rule is a list of compile errors.

use std::borrow::Cow;

/// Why a step is right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The derivative as the limit of the difference quotient.
    Definition,
    /// A constant has derivative 0.
    Constant,
    /// The variable itself has derivative 1.
    Identity,
    /// A constant factor stays.
    ConstantMultiple,
    /// Term by term.
    Sum,
    /// A constant power of the variable.
    Power,
    /// A product of two or more factors.
    Product,
    /// A fraction.
    Quotient,
    /// A constant over a function.
    Reciprocal,
    /// A function of a function.
    Chain,
    /// A function of several functions.
    TotalDerivative,
    /// A constant to a variable power.
    Exponential,
    /// A power whose base and exponent both vary.
    LogarithmicDifferentiation,
    /// The derivative column of a row of the table of functions, by the row's title.
    Table(String),
    /// A function that has no derivative of its own is written out.
    Meaning,
    /// The derivative of an integral.
    LeibnizIntegral,
    /// Branch by branch.
    Piecewise,
    /// A vector, component by component.
    Componentwise,
    /// The derivative in one variable while the others are held constant.
    Partial,
    /// All partial derivatives as one vector.
    Gradient,
    /// All partial derivatives of all components as a matrix.
    Jacobian,
    /// All second partial derivatives as a matrix.
    Hessian,
    /// The derivative of a derivative: which order it is.
    HigherOrder(u32),
    /// A derivative that stands inside the formula is worked out first.
    InnerDerivative,
    /// A value put in the place of a variable.
    Substitution,
    /// A vector divided by its length.
    Normalise,
    /// The derivative along a direction.
    Directional,
    /// The same formula in fewer terms.
    Simplify,
    /// Of a limit: the formula is put into the difference quotient.
    DifferenceQuotient,
    /// Of a limit: products and powers are multiplied out.
    Expand,
    /// Of a limit: fractions are brought to one denominator.
    CommonDenominator,
    /// Of a limit: a difference of roots is multiplied by its conjugate.
    Conjugate,
    /// Of a limit: an addition theorem takes the function of `x + h` apart.
    AdditionTheorem,
    /// Of a limit: terms that cancel are left out.
    Cancel,
    /// Of a limit: `h` is divided out.
    DivideByStep,
    /// Of a limit: `h` goes to 0.
    LetStepVanish,
}

impl Rule {
    /// The name that a teacher would use.
    pub fn name(&self) -> Cow<'static, str> {
        let fixed = match self {
            Rule::Definition => "definition of the derivative",
            Rule::Constant => "constant rule",
            Rule::Identity => "derivative of the variable",
            Rule::ConstantMultiple => "constant multiple rule",
            Rule::Sum => "sum rule",
            Rule::Power => "power rule",
            Rule::Product => "product rule",
            Rule::Quotient => "quotient rule",
            Rule::Reciprocal => "reciprocal rule",
            Rule::Chain => "chain rule",
            Rule::TotalDerivative => "chain rule for several arguments",
            Rule::Exponential => "exponential rule",
            Rule::LogarithmicDifferentiation => "logarithmic differentiation",
            Rule::Table(title) => return Cow::Owned(format!("derivative of {}", in_a_sentence(title))),
            Rule::Meaning => "write out the function",
            Rule::LeibnizIntegral => "fundamental theorem of calculus (Leibniz rule)",
            Rule::Piecewise => "branch by branch",
            Rule::Componentwise => "component by component",
            Rule::Partial => "partial derivative",
            Rule::Gradient => "gradient",
            Rule::Jacobian => "Jacobian matrix",
            Rule::Hessian => "Hessian matrix",
            Rule::HigherOrder(n) => return Cow::Owned(format!("{} derivative", ordinal(*n))),
            Rule::InnerDerivative => "the inner derivative first",
            Rule::Substitution => "substitution",
            Rule::Normalise => "normalise the direction",
            Rule::Directional => "directional derivative",
            Rule::Simplify => "simplify",
            Rule::DifferenceQuotient => "difference quotient",
            Rule::Expand => "expand",
            Rule::CommonDenominator => "common denominator",
            Rule::Conjugate => "multiply by the conjugate",
            Rule::AdditionTheorem => "addition theorem",
            Rule::Cancel => "cancel",
            Rule::DivideByStep => "divide by h",
            Rule::LetStepVanish => "let h go to 0",
        };
        Cow::Borrowed(fixed)
    }

    /// The general formula, for the variable `x`.
    pub fn statement(&self) -> String {
        self.statement_in("x", false)
    }

    /// The general formula, for a variable, with `∂` where others are held constant.
    pub(crate) fn statement_in(&self, variable: &str, partial: bool) -> String {
        let text = match self {
            Rule::Definition => "D f(x) = limit((f(x + h) - f(x))/h, h -> 0)",
            Rule::Constant => "D c = 0",
            Rule::Identity => "D x = 1",
            Rule::ConstantMultiple => "D (c*u) = c*D u",
            Rule::Sum => "D (u + v) = D u + D v",
            Rule::Power => "D x^n = n*x^(n - 1)",
            Rule::Product => "D (u*v) = D u*v + u*D v",
            Rule::Quotient => "D (u/v) = (D u*v - u*D v)/v^2",
            Rule::Reciprocal => "D (c/v) = -c*D v/v^2",
            Rule::Chain => "D f(u) = f'(u)*D u",
            Rule::TotalDerivative => "D f(u, v) = ∂f/∂u*D u + ∂f/∂v*D v",
            Rule::Exponential => "D a^x = a^x*log(a)",
            Rule::LogarithmicDifferentiation => "D u^v = u^v*D (v*log(u))",
            Rule::Table(_) => return String::new(),
            Rule::Meaning => "f(x) as it was defined",
            Rule::LeibnizIntegral => {
                "D integral(f, t, a, b) = f(b)*D b - f(a)*D a + integral(∂f/∂x, t, a, b)"
            }
            Rule::Piecewise => "D (if c then u else v) = if c then D u else D v",
            Rule::Componentwise => "D [u, v] = [D u, D v]",
            Rule::Partial => "∂f/∂x: all variables but x are held constant",
            Rule::Gradient => "∇f = [∂f/∂x, ∂f/∂y, ...]",
            Rule::Jacobian => "one row for each component, one column for each variable",
            Rule::Hessian => "one row and one column for each variable: ∂^2f/(∂x ∂y)",
            Rule::HigherOrder(_) => "d^n/dx^n f = d/dx (d^(n - 1)/dx^(n - 1) f)",
            Rule::InnerDerivative => "f'(x) = d/dx f(x)",
            Rule::Substitution => "f(t) at t = a is f(a)",
            Rule::Normalise => "u = v/norm2(v)",
            Rule::Directional => "the derivative of f along u is dot(∇f, u), where norm2(u) = 1",
            Rule::Simplify => "the same value in fewer terms",
            Rule::DifferenceQuotient => "(f(x + h) - f(x))/h",
            Rule::Expand => "a*(b + c) = a*b + a*c",
            Rule::CommonDenominator => "a/p - b/q = (a*q - b*p)/(p*q)",
            Rule::Conjugate => "sqrt(a) - sqrt(b) = (a - b)/(sqrt(a) + sqrt(b))",
            Rule::AdditionTheorem => "f(x + h) in terms of f(x) and f(h)",
            Rule::Cancel => "a - a = 0",
            Rule::DivideByStep => "(h*a)/h = a when h != 0",
            Rule::LetStepVanish => "limit(g(h), h -> 0) = g(0) for continuous g",
        };
        let renamed = match variable {
            "x" => text.to_string(),
            // A letter of the formula that is the variable makes room.
            "u" | "v" | "n" | "c" | "a" | "b" | "f" if text.contains("D ") => {
                let other = match variable {
                    "u" => "p",
                    "v" => "q",
                    "f" => "g",
                    _ => "k",
                };
                rename(&rename(text, variable.chars().next().unwrap_or('u'), other), 'x', variable)
            }
            _ => rename(text, 'x', variable),
        };
        // `D u` stands for du/dx of a letter and for d/dx of a longer formula.
        let d = if partial { "∂" } else { "d" };
        let mut out = String::new();
        let mut rest = renamed.as_str();
        while let Some(at) = rest.find("D ") {
            out.push_str(&rest[..at]);
            let after = &rest[at + 2..];
            let mut letters = after.chars();
            let (first, second) = (letters.next(), letters.next());
            match (first, second) {
                (Some(c @ ('u' | 'v' | 'a' | 'b' | 'p' | 'q' | 'k')), next)
                    if !matches!(next, Some('^' | '(')) && variable.chars().ne([c]) =>
                {
                    out.push_str(&format!("{d}{c}/{d}{variable}"));
                    rest = &after[c.len_utf8()..];
                }
                _ => {
                    out.push_str(&format!("{d}/{d}{variable} "));
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// A letter replaced where it stands alone.
fn rename(text: &str, from: char, variable: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let letter = |j: Option<usize>| j.and_then(|j| chars.get(j)).is_some_and(|c| c.is_alphanumeric());
        // After `d` or `∂` it is the variable of a derivative.
        let differential = i > 0 && matches!(chars[i - 1], 'd' | '∂') && !letter(i.checked_sub(2));
        if c == from && !letter(Some(i + 1)) && (!letter(i.checked_sub(1)) || differential) {
            out.push_str(variable);
        } else {
            out.push(c);
        }
    }
    out
}

/// `first`, `second`, ..., `11th`.
pub(crate) fn ordinal(n: u32) -> String {
    const WORDS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    match (n as usize).checked_sub(1).and_then(|i| WORDS.get(i)) {
        Some(word) => word.to_string(),
        None => {
            let ending = match (n % 10, n % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{n}{ending}")
        }
    }
}

/// A title as it stands inside a sentence: `Sine` as `sine`, `Bessel function` as it is.
fn in_a_sentence(title: &str) -> String {
    const PROPER: [&str; 12] = [
        "Bessel",
        "Lambert",
        "Laplace",
        "Gauss",
        "Gaussian",
        "Euler",
        "Dirac",
        "Heaviside",
        "Riemann",
        "Spence",
        "Jacobi",
        "Legendre",
    ];
    let first = title.split([' ', '-', '\'']).next().unwrap_or("");
    let mut letters = title.chars();
    match letters.next() {
        Some(c)
            if !PROPER.contains(&first)
                && !first.chars().skip(1).any(char::is_uppercase)
                && first.len() > 1 =>
        {
            c.to_lowercase().chain(letters).collect()
        }
        _ => title.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_take_the_variable() {
        assert_eq!(Rule::Product.statement(), "d/dx (u*v) = du/dx*v + u*dv/dx");
        assert_eq!(Rule::Power.statement_in("w", false), "d/dw w^n = n*w^(n - 1)");
        assert_eq!(Rule::Power.statement_in("n", false), "d/dn n^k = k*n^(k - 1)");
        assert_eq!(Rule::Product.statement_in("u", false), "d/du (p*v) = dp/du*v + p*dv/du");
        assert_eq!(Rule::Chain.statement_in("z", true), "∂/∂z f(u) = f'(u)*∂u/∂z");
        assert_eq!(Rule::LogarithmicDifferentiation.statement(), "d/dx u^v = u^v*d/dx (v*log(u))");
        assert_eq!(Rule::Exponential.statement_in("t", false), "d/dt a^t = a^t*log(a)");
        assert_eq!(
            Rule::Definition.statement_in("t", false),
            "d/dt f(t) = limit((f(t + h) - f(t))/h, h -> 0)"
        );
    }

    #[test]
    fn titles_and_ordinals_read_as_in_a_sentence() {
        assert_eq!(Rule::Table("Sine".into()).name(), "derivative of sine");
        assert_eq!(
            Rule::Table("Bessel function of order 0".into()).name(),
            "derivative of Bessel function of order 0"
        );
        assert_eq!(ordinal(2), "second");
        assert_eq!((ordinal(11), ordinal(21), ordinal(112)), ("11th".into(), "21st".into(), "112th".into()));
    }
}
