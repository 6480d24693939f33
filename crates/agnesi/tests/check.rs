//! `check`: claims that are right, claims that are wrong, and what is said of them.

mod common;

use agnesi::Session;
use agnesi::protocol::{Claimed, Given, Outcome, Reply, Request, Verb, Verdict};
use common::{answered, request, vector};
use expect_test::{Expect, expect};

fn claim(expr: &str, claimed: &str) -> Request {
    Request { claimed: Some(Claimed::Formula(claimed.to_string())), ..request(Verb::Check, expr) }
}

fn shows(request: &Request, expected: Expect) {
    expected.assert_eq(&answered(request));
}

fn verdict(request: &Request) -> (Verdict, Option<String>) {
    match Session::new().answer(request).outcome {
        Outcome::Ok(success) => match success.reply {
            Reply::Check(reply) => (reply.verdict, reply.reason),
            other => panic!("{other:?}"),
        },
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

// The three mistakes that stand in published courses.

#[test]
fn the_sigmoid_is_not_twice_as_steep() {
    let request = Request { lets: Some("s = 1/(1+exp(-z))".into()), ..claim("1/(1+exp(-z))", "2*s*(1-s)") };
    shows(
        &request,
        expect![[r#"
            Different: 2*(1/(1 + exp(-z)))*(1 - 1/(1 + exp(-z))) claimed for sigmoid(z)*sigmoid(-z)
            reason: the claim is twice too large: divide it by 2
            at z = 0: 0.25 and not 0.5
            difference: sigmoid(z)*sigmoid(-z)
            method: both were evaluated exactly at a point
        "#]],
    );
    let right = Request { claimed: Some(Claimed::Formula("s*(1-s)".into())), ..request };
    shows(
        &right,
        expect![[r#"
        Equal: 1/(1 + exp(-z))*(1 - 1/(1 + exp(-z))) claimed for sigmoid(z)*sigmoid(-z)
        method: the difference simplifies to 0
    "#]],
    );
}

#[test]
fn the_gradient_has_a_cube_in_it() {
    shows(
        &claim("x^2 + y^3", "(2x, 2y)"),
        expect![[r#"
        Different: [2*x, 2*y] claimed for [2*x, 3*y^2]
        reason: ∂/∂y: that is the derivative of y^2; the formula has y^3
        at x = 0, y = 1: [0, 3] and not [0, 2]
        difference: [0, 2*y - 3*y^2]
        method: both were evaluated exactly at a point
    "#]],
    );
    let parts = ["2x", "3y^2"].map(|text| Claimed::Formula(text.into())).to_vec();
    let right = Request { claimed: Some(Claimed::Components(parts)), ..request(Verb::Check, "x^2 + y^3") };
    shows(
        &right,
        expect![[r#"
        Equal: [2*x, 3*y^2] claimed for [2*x, 3*y^2]
        method: the difference simplifies to 0
    "#]],
    );
}

#[test]
fn a_direction_is_a_unit_vector() {
    let request = Request { along: vector("2,3,-1"), ..claim("2x + 3y - z", "14") };
    shows(
        &request,
        expect![[r#"
        Different: 14 claimed for sqrt(14)
        reason: (2, 3, -1) is no unit vector: its length is sqrt(14), and the claim is the gradient times the vector as given, so divide by the length
        at x = 0, y = 0, z = 0: 3.7416573867739413 and not 14
        difference: 14 - sqrt(14)
        method: both were evaluated exactly at a point
        note: (2, 3, -1) has length sqrt(14), so it was divided by it: a direction is a unit vector"#]],
    );
    let right = Request { along: vector("2,3,-1"), ..claim("2x + 3y - z", "sqrt(14)") };
    shows(
        &right,
        expect![[r#"
        Equal: sqrt(14) claimed for sqrt(14)
        method: the difference simplifies to 0
        note: (2, 3, -1) has length sqrt(14), so it was divided by it: a direction is a unit vector"#]],
    );
}

#[test]
fn each_usual_mistake_is_named() {
    let mut out = String::new();
    for (expr, claimed) in [
        ("(3x^2+2)^5", "5(3x^2+2)^4"),
        ("sin(4x)", "cos(4x)"),
        ("exp(-x^2)", "exp(-x^2)"),
        ("cos(x)", "sin(x)"),
        ("3x + cos(2x)", "3 + 2 sin(2x)"),
        ("x*sin(x)", "cos(x)"),
        ("x*sin(x)", "sin(x)"),
        ("x*sin(x)", "x*cos(x)"),
        ("sin(x)/x", "cos(x)"),
        ("sin(x)/(1+x)", "(sin(x) - (1+x)*cos(x))/(1+x)^2"),
        ("sin(x)/(1+x)", "((1+x)*cos(x) + sin(x))/(1+x)^2"),
        ("sin(x)/(1+x)", "((1+x)*cos(x) - sin(x))/(1+x)"),
        ("x^5", "5x^5"),
        ("x^5", "x^4"),
        ("x^5", "4x^4"),
        ("x^5", "5x^3"),
        ("x^5", "3x^2"),
        ("x^-2", "-2x^-1"),
        ("2^x", "x*2^(x-1)"),
        ("2^x", "2^x"),
        ("x^x", "x^x*log(x)"),
        ("x^2 + 3", "2x + 3"),
        ("x^2", "x^3/3"),
        ("x^3", "6x"),
        ("tan(x)", "tan(x)"),
        ("x^3 + sin(x)", "3x^2"),
        ("x^3 + 5x + 1", "3x^2"),
        ("x^2 - x^3", "2x + 3x^2"),
        ("x^2", "2y"),
        ("sqrt(x)", "1/sqrt(x)"),
        ("log10(x)", "1/x"),
        ("x^2 + x", "0"),
        ("x^2", "2x + 1"),
        ("-x^2/2", "x"),
        ("1/(x^2+1)", "-1/(x^2+1)^2"),
        ("exp(sin(x^2))", "2x*cos(x^2)"),
        ("pi^2*x", "pi^2 + 2*pi*x"),
        ("tanh(x)", "1 + tanh(x)^2"),
        ("atan(x)", "1/(1 - x^2)"),
        ("x^2*sin(x)", "2x*sin(x) + x^2*sin(x)"),
        ("x^4*exp(x)", "(4x^3 + x^3)*exp(x)"),
        ("log(x)*x^2", "2x*log(x) + x^2"),
        ("1/x^2", "-2/x^2"),
    ] {
        let (verdict, reason) = verdict(&claim(expr, claimed));
        assert_eq!(verdict, Verdict::Different, "{expr}: {claimed}");
        out += &format!("({expr})' = {claimed}: {}\n", reason.unwrap_or_default());
    }
    expect![[r#"
        ((3x^2+2)^5)' = 5(3x^2+2)^4: the chain rule: (3*x^2 + 2)^5 has the inner function 3*x^2 + 2, and its derivative 6*x is missing as a factor
        (sin(4x))' = cos(4x): the chain rule: sin(4*x) has the inner function 4*x, and its derivative 4 is missing as a factor
        (exp(-x^2))' = exp(-x^2): the chain rule: exp(-x^2) has the inner function -x^2, and its derivative -2*x is missing as a factor
        (cos(x))' = sin(x): the sign: the derivative of cos(x) is -sin(x)
        (3x + cos(2x))' = 3 + 2 sin(2x): the sign: the derivative of cos(2*x) is -2*sin(2*x)
        (x*sin(x))' = cos(x): the product rule: the derivative of u*v is u'*v + u*v', not u'*v', for u = x and v = sin(x)
        (x*sin(x))' = sin(x): the product rule: the derivative of u*v is u'*v + u*v', and u*v' is missing, for u = x and v = sin(x)
        (x*sin(x))' = x*cos(x): the product rule: the derivative of u*v is u'*v + u*v', and u'*v is missing, for u = x and v = sin(x)
        (sin(x)/x)' = cos(x): the quotient rule: the derivative of u/v is (u'*v - u*v')/v^2, not u'/v', for u = sin(x) and v = x
        (sin(x)/(1+x))' = (sin(x) - (1+x)*cos(x))/(1+x)^2: the quotient rule: it is u'*v - u*v' above, not u*v' - u'*v, for u = sin(x) and v = 1 + x
        (sin(x)/(1+x))' = ((1+x)*cos(x) + sin(x))/(1+x)^2: the quotient rule: it is u'*v - u*v' above, with a minus, for u = sin(x) and v = 1 + x
        (sin(x)/(1+x))' = ((1+x)*cos(x) - sin(x))/(1+x): the quotient rule: the denominator must be squared, for u = sin(x) and v = 1 + x
        (x^5)' = 5x^5: the power rule: the exponent of x^5 was not lowered by one
        (x^5)' = x^4: the power rule: the exponent 5 of x^5 is missing as a factor
        (x^5)' = 4x^4: the power rule: the factor is the exponent 5 of x^5 itself, not the lowered one
        (x^5)' = 5x^3: the power rule: the exponent of x^5 was lowered by two, not by one
        (x^5)' = 3x^2: that is the derivative of x^3; the formula has x^5
        (x^-2)' = -2x^-1: the power rule: the exponent of x^(-2) was raised, not lowered
        (2^x)' = x*2^(x-1): x stands in the exponent of 2^x, so the power rule does not apply: an exponential keeps its exponent
        (2^x)' = 2^x: the derivative of 2^x has the factor log(2), which is 1 only for the base e
        (x^x)' = x^x*log(x): x stands in the base and in the exponent of x^x: the rule for exponentials alone does not do; write it as exp(x*log(x))
        (x^2 + 3)' = 2x + 3: the derivative of the constant 3 is 0, and the claim keeps it
        (x^2)' = x^3/3: the claim is an antiderivative in x: it was integrated instead of differentiated
        (x^3)' = 6x: the claim was differentiated in x once more than was asked for
        (tan(x))' = tan(x): the claim is the formula itself, not its derivative
        (x^3 + sin(x))' = 3x^2: the term cos(x) is missing
        (x^3 + 5x + 1)' = 3x^2: the term 5 is missing
        (x^2 - x^3)' = 2x + 3x^2: the term -3*x^2 has the wrong sign
        (x^2)' = 2y: the claim has y, which the formula does not have
        (sqrt(x))' = 1/sqrt(x): the claim is twice too large: divide it by 2
        (log10(x))' = 1/x: the claim is too large by the factor log(10): log is the natural logarithm
        (x^2 + x)' = 0: the claim is 0, but the formula is not constant
        (x^2)' = 2x + 1: the claim is too large by 1 everywhere
        (-x^2/2)' = x: the claim is of the wrong sign
        (1/(x^2+1))' = -1/(x^2+1)^2: the chain rule: 1/(x^2 + 1) has the inner function x^2 + 1, and its derivative 2*x is missing as a factor
        (exp(sin(x^2)))' = 2x*cos(x^2): the chain rule: the derivative of sin(x^2) alone is not that of exp(sin(x^2)): the derivative of the outer function is missing as a factor
        (pi^2*x)' = pi^2 + 2*pi*x: pi^2 does not depend on x, so its derivative is 0
        (tanh(x))' = 1 + tanh(x)^2: with 1 - tanh(x)^2 in place of 1 + tanh(x)^2 the claim would be right
        (atan(x))' = 1/(1 - x^2): with 1 + x^2 in place of 1 - x^2 the claim would be right
        (x^2*sin(x))' = 2x*sin(x) + x^2*sin(x): with cos(x) in place of sin(x) the claim would be right
        (x^4*exp(x))' = (4x^3 + x^3)*exp(x): with x^4 in place of x^3 the claim would be right
        (log(x)*x^2)' = 2x*log(x) + x^2: with x in place of x^2 the claim would be right
        (1/x^2)' = -2/x^2: the power rule: the exponent of x^2 was not lowered by one
    "#]].assert_eq(&out);
}

#[test]
fn mistakes_in_several_variables() {
    shows(
        &claim("x^2*y", "[x^2, 2*x*y]"),
        expect![[r#"
        Different: [x^2, 2*x*y] claimed for [2*x*y, x^2]
        reason: the components are right and in another order; they belong in the order x, y
        at x = 1, y = 0: [0, 1] and not [1, 0]
        difference: [x^2 - 2*x*y, 2*x*y - x^2]
        method: both were evaluated exactly at a point
    "#]],
    );
    shows(
        &claim("x^2*y", "[4*x*y, 2*x^2]"),
        expect![[r#"
        Different: [4*x*y, 2*x^2] claimed for [2*x*y, x^2]
        reason: each component is twice too large: divide it by 2
        at x = 1, y = 0: [0, 1] and not [0, 2]
        difference: [2*x*y, x^2]
        method: both were evaluated exactly at a point
    "#]],
    );
    shows(
        &Request { wrt: vec!["x".into()], ..claim("x^2*y", "x^2") },
        expect![[r#"
        Different: x^2 claimed for 2*x*y
        reason: the claim is the derivative in y, not in x
        at x = 1, y = 0: 0 and not 1
        difference: x^2 - 2*x*y
        method: both were evaluated exactly at a point
    "#]],
    );
    shows(
        &Request { order: Some(2), ..claim("x^2*y", "[2y, 2x; 2x, 1]") },
        expect![[r#"
        Different: [2*y, 2*x; 2*x, 1] claimed for [2*y, 2*x; 2*x, 0]
        reason: row 2, column 2: the claim is too large by 1 everywhere
        at x = 0, y = 0: [0, 0; 0, 0] and not [0, 0; 0, 1]
        difference: [0, 0; 0, 1]
        method: both were evaluated exactly at a point
    "#]],
    );
    let wrt = vec!["x".to_string(), "y".to_string()];
    shows(
        &Request { wrt, ..claim("[x*y, x^2]", "[[y, 2x], [x, 0]]") },
        expect![[r#"
        Different: [y, 2*x; x, 0] claimed for [y, x; 2*x, 0]
        reason: rows and columns are exchanged
        at x = 1, y = 0: [0, 1; 2, 0] and not [0, 2; 1, 0]
        difference: [0, x; -x, 0]
        method: both were evaluated exactly at a point
    "#]],
    );
    shows(
        &Request { order: Some(3), ..claim("x^4", "12x^2") },
        expect![[r#"
        Different: 12*x^2 claimed for 24*x
        reason: the claim is the derivative of one order less
        at x = 1: 24 and not 12
        difference: 12*x^2 - 24*x
        method: both were evaluated exactly at a point
    "#]],
    );
}

#[test]
fn no_mistake_is_named_that_was_not_made() {
    // Rosenbrock's function of 20 variables, whose gradient is not twice the point.
    let terms: Vec<String> = (1..20).map(|i| format!("100*(x{} - x{i}^2)^2 + (1 - x{i})^2", i + 1)).collect();
    let claims: Vec<String> = (1..=20).map(|i| format!("2*x{i}")).collect();
    let request = claim(&terms.join(" + "), &format!("[{}]", claims.join(", ")));
    assert_eq!(verdict(&request), (Verdict::Different, None));
    for (expr, claimed) in [
        ("x^3 + y^2 + z", "[x, 7y + x, z^2]"),
        ("sin(x)*exp(x)", "log(x^2 + 1)"),
        ("x^2*y^3*z^4*w", "[x, y, z, w]"),
        ("sqrt(x)", "x^3 - 1"),
        ("log(log(log(x)))", "1/x^3"),
    ] {
        assert_eq!(verdict(&claim(expr, claimed)), (Verdict::Different, None), "{expr}: {claimed}");
    }
}

#[test]
fn claims_that_are_right() {
    for (expr, claimed) in [
        ("x^2", "2x"),
        ("x^2", "x + x"),
        ("(x+1)^2", "2x + 2"),
        ("tan(x)", "1 + tan(x)^2"),
        ("tan(x)", "1/cos(x)^2"),
        ("tanh(x)", "1 - tanh(x)^2"),
        ("tanh(x)", "4/(exp(x) + exp(-x))^2"),
        ("sin(x)^2", "sin(2x)"),
        ("log(x)", "1/abs(x)"),
        ("abs(x)", "x/abs(x)"),
        ("abs(x)", "if x >= 0 then 1 else -1"),
        ("relu(x)", "if x > 0 then 1 else 0"),
        ("gamma(x)", "gamma(x)*digamma(x)"),
        ("x^x", "x^x*(1 + log(x))"),
        ("atan(x)", "1/(1+x^2)"),
        ("asin(x)", "1/sqrt(1-x^2)"),
        ("sqrt(x)", "x^(-1/2)/2"),
        ("besselj(2, x)", "(besselj(1, x) - besselj(3, x))/2"),
        ("softplus(x)", "1/(1+exp(-x))"),
        ("0.1x^2", "x/5"),
        ("erf(x)", "2exp(-x^2)/sqrt(pi)"),
    ] {
        let (verdict, reason) = verdict(&claim(expr, claimed));
        assert_eq!((verdict, reason), (Verdict::Equal, None), "{expr}: {claimed}");
    }
}

#[test]
fn what_is_close_is_not_equal() {
    for (expr, claimed) in [
        ("exp(x)", "2.718281828459045^x"),
        ("x^2", "2.0000000000000001x"),
        ("sin(x)", "cos(x) + 1e-20"),
        ("x^2", "2x + 1e-25*x^9"),
    ] {
        assert_eq!(verdict(&claim(expr, claimed)).0, Verdict::Different, "{expr}: {claimed}");
    }
}

#[test]
fn at_a_point() {
    let at = |expr: &str, claimed: &str, x: &str| {
        let mut request = claim(expr, claimed);
        request.at.insert("x".into(), Given::from(x));
        request
    };
    shows(
        &at("x^2", "6", "3"),
        expect![[r#"
        Equal: 6 claimed for 2*x
        method: the difference simplifies to 0
    "#]],
    );
    shows(
        &at("sin(x)", "1/2", "pi/3"),
        expect![[r#"
        Equal: 1/2 claimed for cos(x)
        method: the difference simplifies to 0
    "#]],
    );
    shows(
        &at("x^2", "5", "3"),
        expect![[r#"
        Different: 5 claimed for 2*x
        at x = 3: 6 and not 5
        method: both were evaluated exactly at a point
    "#]],
    );
    let mut request = at("x^2", "6", "3");
    request.at.insert("y".into(), Given::from(1.0));
    shows(
        &request,
        expect![[r#"
        error[name]: the formula has no variable `y`
         --> at.y:1:1
          |
        1 | 1
          | ^ a value for nothing
          |
          = help: its variables are x
    "#]],
    );
    shows(
        &at("log(x)", "1", "-1"),
        expect![[r#"
        error[domain]: this is not defined at x = -1
         --> formula:1:1
          |
        1 | log(x)
          | ^^^^^^ defined only where x > 0
          |
          = help: choose a point inside the domain
    "#]],
    );
}

#[test]
fn facts_and_conditions_count() {
    shows(
        &claim("x^2", "2*x^2/x"),
        expect![[r#"
        Equal: 2*x^2/x claimed for 2*x
        method: the difference simplifies to 0
        when x != 0
    "#]],
    );
    let positive = |claimed: &str| Request { lets: Some("x > 0".into()), ..claim("x*abs(x)", claimed) };
    shows(
        &positive("2x"),
        expect![[r#"
        Equal: 2*x claimed for 2*x
        method: the difference simplifies to 0
    "#]],
    );
    shows(
        &claim("x*abs(x)", "2x"),
        expect![[r#"
            Different: 2*x claimed for 2*abs(x)
            reason: the claim is right for positive x only: mind the sign of what is inside a root or |...|
            at x = -1: 2 and not -2
            difference: 2*x - 2*abs(x)
            method: both were evaluated exactly at a point
        "#]],
    );
    let whole =
        Request { lets: Some("n: positive integer".into()), wrt: vec!["x".into()], ..claim("x^n", "n*x^n") };
    shows(
        &whole,
        expect![[r#"
        Different: n*x^n claimed for n*x^(n - 1)
        reason: the power rule: the exponent of x^n was not lowered by one
        at n = 1, x = 0: 1 and not 0
        difference: n*x^n - n*x^(n - 1)
        method: both were evaluated exactly at a point
    "#]],
    );
}

#[test]
fn claims_that_cannot_be_compared() {
    shows(
        &claim("x^2 + y^3", "2x"),
        expect![[r#"
        error[shape]: the gradient in x, y has 2 components, and the claim has another shape
         --> claimed:1:1
          |
        1 | 2x
          | ^^ one formula
          |
          = help: write [∂f/∂x, ∂f/∂y], in the order x, y; or ask for one variable, as in --wrt x
    "#]],
    );
    shows(
        &claim("x^2", "[2x, 0]"),
        expect![[r#"
        error[shape]: the derivative in x is one formula, and the claim has another shape
         --> claimed:1:1
          |
        1 | [2x, 0]
          | ^^^^^^^ 2 components
          |
          = help: claim one formula, in x
    "#]],
    );
    shows(
        &Request { along: vector("1,1"), ..claim("x*y", "[y, x]") },
        expect![[r#"
        error[shape]: a directional derivative is one number, and the claim has another shape
         --> claimed:1:1
          |
        1 | [y, x]
          | ^^^^^^ 2 components
          |
          = help: the gradient times the unit vector is a sum: write one formula
    "#]],
    );
    shows(
        &Request { order: Some(2), ..claim("x*y", "[y, x]") },
        expect![[r#"
        error[shape]: the derivative is a matrix of 2 by 2, and the claim has another shape
         --> claimed:1:1
          |
        1 | [y, x]
          | ^^^^^^ 2 components
          |
          = help: write its rows with semicolons between them, as in [a, b; c, d]
    "#]],
    );
    shows(
        &claim("x^2", ""),
        expect![[r#"
        error[syntax]: there is nothing to read
         --> claimed:1:1
          |
        1 |
          | ^ a formula is expected here
          |
          = help: write a formula, such as sin(4w) + 0.1w^2
    "#]],
    );
    shows(
        &claim("x^2", "2x +"),
        expect![[r#"
        error[syntax]: a value is missing after `+`
         --> claimed:1:4
          |
        1 | 2x +
          |    ^ nothing follows
          |
          = help: write what belongs after `+`, or remove it
    "#]],
    );
    shows(
        &claim("x^2", "sinn(x)"),
        expect![[r#"
        error[name]: the function `sinn` is not known
         --> claimed:1:1
          |
        1 | sinn(x)
          | ^^^^ not known here
          |
          = help: did you mean `sin`?
    "#]],
    );
    shows(
        &claim("x^2", "[2x"),
        expect![[r#"
        error[syntax]: `[` is never closed
         --> claimed:1:1
          |
        1 | [2x
          | ^  - `]` is expected by here
          | |
          | opened here
          |
          = help: write `]` where it ends
    "#]],
    );
    shows(
        &claim("x^2", "sqrt(-1-x^2)"),
        expect![[r#"
        error[domain]: sqrt is not defined here
         --> claimed:1:1
          |
        1 | sqrt(-1-x^2)
          | ^^^^^^^^^^^^ outside the domain
          |
          = help: sqrt is defined where x >= 0
    "#]],
    );
    shows(
        &claim("x^2", "2x = y"),
        expect![[r#"
        error[syntax]: `=` defines a name, and what stands on its left is none
         --> claimed:1:4
          |
        1 | 2x = y
          | -- ^ not a definition
          | |
          | neither a name nor f(x)
          |
          = help: write solve 2x = … to solve it, 2x == … to compare
    "#]],
    );
    shows(
        &claim("x^2", "x > 0"),
        expect![[r#"
            error[type]: a claim is a formula, not a condition
             --> claimed:1:1
              |
            1 | x > 0
              | ^^^^^ true or false
              |
              = help: write the formula alone, as in 2*x
        "#]],
    );
    shows(
        &claim("3", "0"),
        expect![[r#"
        error[name]: there is no variable to differentiate by
         --> formula:1:1
          |
        1 | 3
          | ^ the same number everywhere
          |
          = help: name one with --wrt, as in --wrt x: the derivative is then 0
    "#]],
    );
    shows(
        &claim("x^2", "integral(t, t, 0, 2x)"),
        expect![[r#"
            Undecided: integral(t, t, 0, 2*x) claimed for 2*x
            difference: integral(t, t, 0, 2*x) - 2*x
            method: integral(...) cannot be evaluated yet
        "#]],
    );
}

/// Functions, their arguments and what the table says of each derivative, by `names` and `help`.
fn derivatives_of_the_table() -> Vec<(String, String, String)> {
    let mut session = Session::new();
    let ask = |session: &mut Session, request: &Request| match session.answer(request).outcome {
        Outcome::Ok(success) => success.reply,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    };
    let Reply::Names(names) = ask(&mut session, &Request { verb: Verb::Names, ..Request::default() }) else {
        panic!("no names");
    };
    let mut found = Vec::new();
    for function in names.functions {
        let about = Request { verb: Verb::Help, topic: Some(function.name), ..Request::default() };
        let Reply::Help(help) = ask(&mut session, &about) else { panic!("no help") };
        let Some(call) = help.rows.iter().find(|row| row.label == "written") else { continue };
        for row in &help.rows {
            if let Some(argument) = row.label.strip_prefix("d/d").filter(|_| !row.text.starts_with("none")) {
                found.push((call.text.clone(), argument.to_string(), row.text.clone()));
            }
        }
    }
    found
}

#[test]
fn what_the_table_says_is_never_refuted() {
    let all = derivatives_of_the_table();
    assert!(all.len() > 100, "{} derivatives", all.len());
    let mut undecided = String::new();
    for (call, argument, derivative) in all {
        let request = Request { wrt: vec![argument.clone()], ..claim(&call, &derivative) };
        let answer = Session::new().answer(&request);
        let Outcome::Ok(success) = answer.outcome else {
            undecided += &format!("{call}: {}\n", answer.to_json());
            continue;
        };
        let Reply::Check(reply) = success.reply else { panic!("{call}") };
        assert_ne!(reply.verdict, Verdict::Different, "{call}: {reply:?}");
        if reply.verdict == Verdict::Undecided {
            undecided += &format!("{call} by {argument}: {}\n", reply.method.unwrap_or_default());
        }
        if derivative != "0" {
            let (verdict, reason) = verdict(&Request {
                wrt: vec![argument.clone()],
                ..claim(&call, &format!("3*({derivative})"))
            });
            assert_eq!(verdict, Verdict::Different, "three times {derivative} for {call}");
            assert!(
                reason.as_ref().is_some_and(|reason| reason.contains("3 times")),
                "{call} by {argument}: {reason:?}"
            );
        }
    }
    expect![[""]].assert_eq(&undecided);
}
