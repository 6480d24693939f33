//! `explain`, and `diff` with its steps.

mod common;

use agnesi::protocol::{Form, Request, Verb};
use common::{answered, request, vector};
use expect_test::{Expect, expect};

fn explain(expr: &str) -> Request {
    request(Verb::Explain, expr)
}

fn shows(request: &Request, expected: Expect) {
    expected.assert_eq(&answered(request));
}

#[test]
fn the_walk_throughs_of_teachers() {
    shows(
        &explain("(3x^2 + 2)^5"),
        expect![[r#"
        1 chain rule and power rule [d/dx u^n = n*u^(n - 1)*du/dx]
          Outer: u^5, inner: u = 3*x^2 + 2.
          d/dx ((3*x^2 + 2)^5) = 5*(3*x^2 + 2)^4*d/dx (3*x^2 + 2) = 30*x*(3*x^2 + 2)^4
          1.1 sum rule, constant multiple rule and power rule [d/dx (u + v) = du/dx + dv/dx; d/dx (c*u) = c*du/dx; d/dx x^n = n*x^(n - 1)]
            The constant 2 has derivative 0. The constant factor 3 stays. Bring the exponent down and lower it by one.
            d/dx (3*x^2 + 2) = 3*2*x = 6*x
        = 30*x*(3*x^2 + 2)^4
    "#]],
    );
    shows(
        &Request { definition: true, ..explain("x^2") },
        expect![[r#"
        1 definition of the derivative [d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)]
          The derivative is the limit of the difference quotient.
          d/dx (x^2) = limit(((x + h)^2 - x^2)/h, h -> 0) = 2*x
          1.1 expand [a*(b + c) = a*b + a*c]
            Multiply out.
            ((x + h)^2 - x^2)/h = (x^2 + 2*x*h + h^2 - x^2)/h
          1.2 cancel [a - a = 0]
            The terms without h cancel.
            (x^2 + 2*x*h + h^2 - x^2)/h = (2*x*h + h^2)/h
          1.3 divide by h [(h*a)/h = a when h != 0]
            Every term that is left has a factor h.
            (2*x*h + h^2)/h = 2*x + h
          1.4 let h go to 0 [limit(g(h), h -> 0) = g(0) for continuous g]
            Nothing is divided by h any more, so put 0 in its place.
            limit(2*x + h, h -> 0) = 2*x
        = 2*x
    "#]],
    );
    shows(
        &explain("2 z^3 x^2"),
        expect![[r#"
            1 partial derivative, constant multiple rule and power rule [∂/∂x (c*u) = c*∂u/∂x; ∂/∂x x^n = n*x^(n - 1)]
              z is held constant. The constant factor 2*z^3 stays. Bring the exponent down and lower it by one.
              ∂/∂x (2*z^3*x^2) = 2*z^3*2*x = 4*x*z^3
            2 partial derivative, constant multiple rule and power rule [∂/∂z (c*u) = c*∂u/∂z; ∂/∂z z^n = n*z^(n - 1)]
              x is held constant. The constant factor 2*x^2 stays. Bring the exponent down and lower it by one.
              ∂/∂z (2*z^3*x^2) = 2*x^2*3*z^2 = 6*x^2*z^2
            3 gradient [∇f = [∂f/∂x, ∂f/∂z]]
              The partial derivatives in the order x, z.
              grad(2*z^3*x^2) = [4*x*z^3, 6*x^2*z^2]
            = [4*x*z^3, 6*x^2*z^2]
        "#]],
    );
    shows(
        &explain("(x^2)^3"),
        expect![[r#"
        1 chain rule and power rule [d/dx u^n = n*u^(n - 1)*du/dx]
          Outer: u^3, inner: u = x^2.
          d/dx ((x^2)^3) = 3*(x^2)^2*d/dx (x^2) = 6*x*(x^2)^2
          1.1 power rule [d/dx x^n = n*x^(n - 1)]
            Bring the exponent down and lower it by one.
            d/dx (x^2) = 2*x
        2 simplify [the same value in fewer terms]
          6*x*(x^2)^2 = 6*x^5
        = 6*x^5
    "#]],
    );
    shows(
        &explain("sin((4x)^2)"),
        expect![[r#"
        1 chain rule and derivative of sine [d/dx sin(u) = cos(u)*du/dx]
          Outer: sin(u), inner: u = (4*x)^2.
          d/dx sin((4*x)^2) = cos((4*x)^2)*d/dx ((4*x)^2) = 32*x*cos((4*x)^2)
          1.1 chain rule and power rule [d/dx u^n = n*u^(n - 1)*du/dx]
            Outer: u^2, inner: u = 4*x.
            d/dx ((4*x)^2) = 2*(4*x)*d/dx (4*x) = 32*x
        2 simplify [the same value in fewer terms]
          32*x*cos((4*x)^2) = 32*x*cos(16*x^2)
        = 32*x*cos(16*x^2)
    "#]],
    );
    shows(
        &explain("x^2*sin(x)"),
        expect![[r#"
        1 product rule [d/dx (u*v) = du/dx*v + u*dv/dx]
          The factors are u = x^2 and v = sin(x).
          d/dx (x^2*sin(x)) = d/dx (x^2)*sin(x) + x^2*d/dx (sin(x)) = 2*x*sin(x) + x^2*cos(x)
          1.1 power rule [d/dx x^n = n*x^(n - 1)]
            Bring the exponent down and lower it by one.
            d/dx (x^2) = 2*x
          1.2 derivative of sine [d/dx sin(x) = cos(x)]
            It stands in the table of derivatives.
            d/dx sin(x) = cos(x)
        = 2*x*sin(x) + x^2*cos(x)
    "#]],
    );
    shows(
        &explain("sin(x)/x"),
        expect![[r#"
            1 quotient rule [d/dx (u/v) = (du/dx*v - u*dv/dx)/v^2]
              The numerator is u = sin(x), the denominator v = x.
              d/dx (sin(x)/x) = (d/dx (sin(x))*x - sin(x)*1)/x^2 = (x*cos(x) - sin(x))/x^2
              1.1 derivative of sine [d/dx sin(x) = cos(x)]
                It stands in the table of derivatives.
                d/dx sin(x) = cos(x)
            2 simplify
              The same value, written another way.
              (x*cos(x) - sin(x))/x^2 = cos(x)/x - sin(x)/x^2
            = cos(x)/x - sin(x)/x^2
        "#]],
    );
    shows(
        &explain("x^7"),
        expect![[r#"
        1 power rule [d/dx x^n = n*x^(n - 1)]
          Bring the exponent down and lower it by one.
          d/dx (x^7) = 7*x^6
        = 7*x^6
    "#]],
    );
}

#[test]
fn orders_forms_and_directions() {
    shows(
        &Request { order: Some(2), ..explain("x^4") },
        expect![[r#"
        1 first derivative [d^n/dx^n f = d/dx (d^(n - 1)/dx^(n - 1) f)]
          First the derivative itself.
          d/dx (x^4) = 4*x^3
          1.1 power rule [d/dx x^n = n*x^(n - 1)]
            Bring the exponent down and lower it by one.
            d/dx (x^4) = 4*x^3
        2 second derivative [d^n/dx^n f = d/dx (d^(n - 1)/dx^(n - 1) f)]
          Differentiate the first derivative, 4*x^3.
          d^2/dx^2 (x^4) = 12*x^2
          2.1 constant multiple rule and power rule [d/dx (c*u) = c*du/dx; d/dx x^n = n*x^(n - 1)]
            The constant factor 4 stays. Bring the exponent down and lower it by one.
            d/dx (4*x^3) = 4*3*x^2 = 12*x^2
        = 12*x^2
    "#]],
    );
    shows(
        &Request { order: Some(2), ..explain("x^2*y") },
        expect![[r#"
            1 partial derivative, constant multiple rule and power rule [∂/∂x (c*u) = c*∂u/∂x; ∂/∂x x^n = n*x^(n - 1)]
              y is held constant. The constant factor y stays. Bring the exponent down and lower it by one.
              ∂/∂x (x^2*y) = y*2*x = 2*x*y
            2 partial derivative and constant multiple rule [∂/∂y (c*u) = c*∂u/∂y]
              x is held constant. The constant factor x^2 stays.
              ∂/∂y (x^2*y) = x^2
            3 second derivative [∂^2/∂x^2 f = ∂/∂x (∂/∂x f)]
              Differentiate 2*x*y once more in the same variable.
              ∂^2/∂x^2 (x^2*y) = 2*y
              3.1 partial derivative and constant multiple rule [∂/∂x (c*u) = c*∂u/∂x]
                y is held constant. The constant factor 2*y stays.
                ∂/∂x (2*x*y) = 2*y
            4 second derivative [∂^2/(∂y ∂x) f = ∂/∂y (∂/∂x f)]
              Differentiate 2*x*y in y. The order does not matter where the result is continuous.
              ∂^2/(∂y ∂x) (x^2*y) = 2*x
              4.1 partial derivative and constant multiple rule [∂/∂y (c*u) = c*∂u/∂y]
                x is held constant. The constant factor 2*x stays.
                ∂/∂y (2*x*y) = 2*x
            5 second derivative [∂^2/∂y^2 f = ∂/∂y (∂/∂y f)]
              Differentiate x^2 once more in the same variable.
              ∂^2/∂y^2 (x^2*y) = 0
              5.1 partial derivative and constant rule [∂/∂y c = 0]
                x is held constant. x^2 does not depend on y.
                ∂/∂y (x^2) = 0
            6 Hessian matrix [one row and one column for each variable: ∂^2f/(∂x ∂y)]
              Rows and columns in the order x, y.
              hessian(x^2*y) = [2*y, 2*x; 2*x, 0]
            = [2*y, 2*x; 2*x, 0]
        "#]],
    );
    shows(
        &Request { along: vector("3,4"), ..explain("x^2 + y") },
        expect![[r#"
            1 partial derivative, sum rule and power rule [∂/∂x (u + v) = ∂u/∂x + ∂v/∂x; ∂/∂x x^n = n*x^(n - 1)]
              y is held constant. The constant y has derivative 0. Bring the exponent down and lower it by one.
              ∂/∂x (x^2 + y) = 2*x
            2 partial derivative and sum rule [∂/∂y (u + v) = ∂u/∂y + ∂v/∂y]
              x is held constant. A linear function changes at a constant rate, its slope.
              ∂/∂y (x^2 + y) = 1
            3 gradient [∇f = [∂f/∂x, ∂f/∂y]]
              The partial derivatives in the order x, y.
              grad(x^2 + y) = [2*x, 1]
            4 normalise the direction [u = v/norm2(v)]
              A direction has length 1: divide [3, 4] by its length 5.
              [3, 4]/norm2([3, 4]) = [3, 4]/5 = [3/5, 4/5]
            5 directional derivative [the derivative of f along u is dot(∇f, u), where norm2(u) = 1]
              The derivative along a direction is the dot product of the gradient and the direction.
              along(x^2 + y, [3, 4]) = dot([2*x, 1], [3/5, 4/5]) = 6*x/5 + 4/5
            = 6*x/5 + 4/5
            note: (3, 4) has length 5, so it was divided by it: a direction is a unit vector"#]],
    );
    let mixed = Request {
        form: Some(Form::Partial),
        wrt: vec!["x".into(), "y".into()],
        steps: true,
        ..request(Verb::Diff, "x^2*y^3")
    };
    shows(
        &mixed,
        expect![[r#"
            6*x*y^2
            1 constant multiple rule and power rule [∂/∂y (c*u) = c*∂u/∂y; ∂/∂y y^n = n*y^(n - 1)]
              The constant factor x^2 stays. Bring the exponent down and lower it by one.
              ∂/∂y (x^2*y^3) = x^2*3*y^2 = 3*x^2*y^2
            2 constant multiple rule and power rule [∂/∂x (c*u) = c*∂u/∂x; ∂/∂x x^n = n*x^(n - 1)]
              The constant factor 3*y^2 stays. Bring the exponent down and lower it by one.
              ∂/∂x (3*x^2*y^2) = 3*y^2*2*x = 6*x*y^2
        "#]],
    );
    shows(
        &Request { definition: true, ..explain("x*y^2") },
        expect![[r#"
            1 definition of the derivative [∂/∂x f(x) = limit((f(x + h) - f(x))/h, h -> 0)]
              The derivative is the limit of the difference quotient.
              ∂/∂x (x*y^2) = limit(((x + h)*y^2 - x*y^2)/h, h -> 0) = y^2
              1.1 expand [a*(b + c) = a*b + a*c]
                Multiply out.
                ((x + h)*y^2 - x*y^2)/h = (y^2*x + y^2*h - y^2*x)/h
              1.2 cancel [a - a = 0]
                The terms without h cancel.
                (y^2*x + y^2*h - y^2*x)/h = y^2*h/h
              1.3 divide by h [(h*a)/h = a when h != 0]
                Every term that is left has a factor h.
                y^2*h/h = y^2
              1.4 let h go to 0 [limit(g(h), h -> 0) = g(0) for continuous g]
                Nothing is divided by h any more, so put 0 in its place.
                limit(y^2, h -> 0) = y^2
            2 definition of the derivative [∂/∂y f(y) = limit((f(y + h) - f(y))/h, h -> 0)]
              The derivative is the limit of the difference quotient.
              ∂/∂y (x*y^2) = limit((x*(y + h)^2 - x*y^2)/h, h -> 0) = 2*x*y
              2.1 expand [a*(b + c) = a*b + a*c]
                Multiply out.
                (x*(y + h)^2 - x*y^2)/h = (x*y^2 + 2*x*y*h + x*h^2 - x*y^2)/h
              2.2 cancel [a - a = 0]
                The terms without h cancel.
                (x*y^2 + 2*x*y*h + x*h^2 - x*y^2)/h = (2*x*y*h + x*h^2)/h
              2.3 divide by h [(h*a)/h = a when h != 0]
                Every term that is left has a factor h.
                (2*x*y*h + x*h^2)/h = 2*x*y + x*h
              2.4 let h go to 0 [limit(g(h), h -> 0) = g(0) for continuous g]
                Nothing is divided by h any more, so put 0 in its place.
                limit(2*x*y + x*h, h -> 0) = 2*x*y
            3 gradient [∇f = [∂f/∂x, ∂f/∂y]]
              The partial derivatives in the order x, y.
              grad(x*y^2) = [y^2, 2*x*y]
            = [y^2, 2*x*y]
        "#]],
    );
    shows(
        &Request { definition: true, order: Some(2), ..explain("x^2") },
        expect![[r#"
        1 definition of the derivative [d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)]
          The derivative is the limit of the difference quotient.
          d/dx (x^2) = limit(((x + h)^2 - x^2)/h, h -> 0) = 2*x
          1.1 expand [a*(b + c) = a*b + a*c]
            Multiply out.
            ((x + h)^2 - x^2)/h = (x^2 + 2*x*h + h^2 - x^2)/h
          1.2 cancel [a - a = 0]
            The terms without h cancel.
            (x^2 + 2*x*h + h^2 - x^2)/h = (2*x*h + h^2)/h
          1.3 divide by h [(h*a)/h = a when h != 0]
            Every term that is left has a factor h.
            (2*x*h + h^2)/h = 2*x + h
          1.4 let h go to 0 [limit(g(h), h -> 0) = g(0) for continuous g]
            Nothing is divided by h any more, so put 0 in its place.
            limit(2*x + h, h -> 0) = 2*x
        2 definition of the derivative [d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)]
          The derivative is the limit of the difference quotient.
          d/dx (2*x) = limit((2*(x + h) - 2*x)/h, h -> 0) = 2
          2.1 expand [a*(b + c) = a*b + a*c]
            Multiply out.
            (2*(x + h) - 2*x)/h = (2*x + 2*h - 2*x)/h
          2.2 cancel [a - a = 0]
            The terms without h cancel.
            (2*x + 2*h - 2*x)/h = 2*h/h
          2.3 divide by h [(h*a)/h = a when h != 0]
            Every term that is left has a factor h.
            2*h/h = 2
          2.4 let h go to 0 [limit(g(h), h -> 0) = g(0) for continuous g]
            Nothing is divided by h any more, so put 0 in its place.
            limit(2, h -> 0) = 2
        = 2
    "#]],
    );
    shows(
        &Request { order: Some(0), ..explain("x^2") },
        expect![[r#"
        = x^2
    "#]],
    );
}

#[test]
fn derivatives_as_they_stand() {
    shows(
        &explain("d/dx x^3"),
        expect![[r#"
        1 power rule [d/dx x^n = n*x^(n - 1)]
          Bring the exponent down and lower it by one.
          d/dx (x^3) = 3*x^2
        = 3*x^2
    "#]],
    );
    shows(
        &Request { lets: Some("f(x) = x^2".into()), ..explain("f'(3)") },
        expect![[r#"
            1 power rule [d/dx x^n = n*x^(n - 1)]
              Bring the exponent down and lower it by one.
              d/dx (x^2) = 2*x
            2 substitution [f(t) at t = a is f(a)]
              The value is put in only after differentiating.
              2*x where x = 3 = 2*3
            3 simplify
              The same value, written another way.
              2*3 = 6
            = 6
        "#]],
    );
    shows(
        &Request { lets: Some("f(x) = x^2".into()), ..explain("f(2x)") },
        expect![[r#"
        1 chain rule and power rule [d/dx u^n = n*u^(n - 1)*du/dx]
          Outer: u^2, inner: u = 2*x.
          d/dx ((2*x)^2) = 2*(2*x)*d/dx (2*x) = 8*x
        = 8*x
    "#]],
    );
}

#[test]
fn functions_that_were_taught() {
    let lets = "function g(x) = exp(2x) with derivative 2*g(x)";
    shows(
        &Request { lets: Some(lets.into()), ..explain("g(x^2)") },
        expect![[r#"
        1 chain rule and derivative of g [d/dx g(u) = 2*g(u)*du/dx]
          Outer: g(u), inner: u = x^2.
          d/dx g(x^2) = 2*g(x^2)*d/dx (x^2) = 4*x*g(x^2)
          1.1 power rule [d/dx x^n = n*x^(n - 1)]
            Bring the exponent down and lower it by one.
            d/dx (x^2) = 2*x
        = 4*x*g(x^2)
    "#]],
    );
}

#[test]
fn the_last_line_is_the_derivative() {
    use agnesi::protocol::{Outcome, Reply};
    for expr in [
        "sin(4w) + 0.1w^2",
        "x*exp(-x^2)",
        "1/(1+exp(-z))",
        "log(1+exp(x))",
        "(x^2+1)/(x^2-1)",
        "x^x",
        "abs(x)*x",
        "if x > 0 then x^2 else 0",
        "sqrt(1 - x^2)",
        "x^2*y^3 + sin(x*y)",
        "[2*x*y, x^2*y]",
        "tanh(a*x + b)",
        "sin(x)^2 + cos(x)^2",
        "exp(2x)/exp(x)",
    ] {
        let formula = |verb: Verb| {
            let outcome = agnesi::Session::new().answer(&request(verb, expr)).outcome;
            match outcome {
                Outcome::Ok(success) => match success.reply {
                    Reply::Diff(reply) => (reply.formula, None),
                    Reply::Explain(reply) => {
                        (reply.formula, reply.steps.last().map(|step| step.after.clone()))
                    }
                    other => panic!("{other:?}"),
                },
                Outcome::Failed(failure) => panic!("{expr}: {failure:?}"),
            }
        };
        let (derivative, _) = formula(Verb::Diff);
        assert_eq!(formula(Verb::Explain), (derivative.clone(), Some(derivative)), "{expr}");
    }
}

#[test]
fn what_cannot_be_explained() {
    shows(
        &explain("7"),
        expect![[r#"
        error[name]: there is no variable to differentiate by
         --> formula:1:1
          |
        1 | 7
          | ^ the same number everywhere
          |
          = help: name one with --wrt, as in --wrt x: the derivative is then 0
    "#]],
    );
    shows(
        &explain(""),
        expect![[r#"
        error[syntax]: there is nothing to read
         --> formula:1:1
          |
        1 |
          | ^ a formula is expected here
          |
          = help: write a formula, such as sin(4w) + 0.1w^2
    "#]],
    );
    shows(
        &explain("x +"),
        expect![[r#"
        error[syntax]: a value is missing after `+`
         --> formula:1:3
          |
        1 | x +
          |   ^ nothing follows
          |
          = help: write what belongs after `+`, or remove it
    "#]],
    );
    shows(
        &Request { definition: true, ..explain("tan(x)") },
        expect![[r#"
        error[unsupported]: the limit of the difference quotient of `tan(x)` is not worked out here: that is done for polynomials, fractions of polynomials, square roots of polynomials, sin, cos and exp of the variable
         --> formula:1:1
          |
        1 | tan(x)
          | ^^^^^^ not one of these
          |
          = help: explain it by the rules of differentiation instead; they follow from the same limit
    "#]],
    );
    shows(
        &Request { along: vector("0,0"), ..explain("x*y") },
        expect![[r#"
        error[domain]: the zero vector is no direction
         |
         = help: give a vector that is not 0
    "#]],
    );
    shows(
        &Request { along: vector("1,2,3"), ..explain("x*y") },
        expect![[r#"
        error[shape]: the direction has 3 entries and there are 2 variables
         |
         = help: give one number for each of x, y
    "#]],
    );
    shows(
        &Request { order: Some(3), ..explain("x*y") },
        expect![[r#"
        error[unsupported]: derivatives of order 3 in 2 variables at once come with a later version
         |
         = help: name one variable with --wrt, or ask for order 1 or 2
    "#]],
    );
    shows(
        &Request { wrt: vec!["2".into()], ..explain("x*y") },
        expect![[r#"
        error[name]: `2` is no variable to differentiate by
         --> wrt:1:1
          |
        1 | 2
          | ^ not a variable
          |
          = help: the formula has x, y
    "#]],
    );
    shows(
        &explain("beta(x, y)"),
        expect![[r#"
        1 partial derivative and derivative of beta function [∂/∂x beta(x, y) = beta(x, y)*(digamma(x) - digamma(x + y))]
          y is held constant. It stands in the table of derivatives.
          ∂/∂x beta(x, y) = beta(x, y)*(digamma(x) - digamma(x + y))
        2 partial derivative and derivative of beta function [∂/∂y beta(x, y) = beta(x, y)*(digamma(y) - digamma(x + y))]
          x is held constant. It stands in the table of derivatives.
          ∂/∂y beta(x, y) = beta(x, y)*(digamma(y) - digamma(x + y))
        3 gradient [∇f = [∂f/∂x, ∂f/∂y]]
          The partial derivatives in the order x, y.
          grad(beta(x, y)) = [beta(x, y)*(digamma(x) - digamma(x + y)), beta(x, y)*(digamma(y) - digamma(x + y))]
        = [beta(x, y)*(digamma(x) - digamma(x + y)), beta(x, y)*(digamma(y) - digamma(x + y))]
        when x > 0
        when y > 0
    "#]],
    );
}
