//! The examples that teachers use, as they come out.

use agnesi_calculus::explain::{Options, TableRows, along, by_limit};
use expect_test::{Expect, expect};

use crate::{explained, read};

fn shows(text: &str, variables: &[&str], expected: Expect) {
    expected.assert_eq(&explained(text, variables, |_| {}).text());
}

fn limit_shows(text: &str, expected: Expect) {
    let rows = TableRows::new();
    let (tree, root) = read(text);
    expected.assert_eq(&by_limit(&tree, root, "x", &Options::new(&rows)).unwrap().text());
}

#[test]
fn a_square_by_its_limit() {
    limit_shows(
        "x^2",
        expect![[r#"
        1. Definition of the derivative: d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)
           The derivative is the limit of the difference quotient.
           d/dx (x^2) = limit(((x + h)^2 - x^2)/h, h -> 0)
           1.1. Expand: a*(b + c) = a*b + a*c
              Multiply out.
              ((x + h)^2 - x^2)/h = (x^2 + 2*x*h + h^2 - x^2)/h
           1.2. Cancel: a - a = 0
              The terms without h cancel.
              (x^2 + 2*x*h + h^2 - x^2)/h = (2*x*h + h^2)/h
           1.3. Divide by h: (h*a)/h = a when h != 0
              Every term that is left has a factor h.
              (2*x*h + h^2)/h = 2*x + h
           1.4. Let h go to 0: limit(g(h), h -> 0) = g(0) for continuous g
              Nothing is divided by h any more, so put 0 in its place.
              limit(2*x + h, h -> 0) = 2*x
           So d/dx (x^2) = 2*x
    "#]],
    );
}

#[test]
fn other_limits() {
    limit_shows(
        "1/x",
        expect![[r#"
        1. Definition of the derivative: d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)
           The derivative is the limit of the difference quotient.
           d/dx (1/x) = limit((1/(x + h) - 1/x)/h, h -> 0)
           1.1. Common denominator: a/p - b/q = (a*q - b*p)/(p*q)
              Bring the two fractions to one denominator.
              (1/(x + h) - 1/x)/h = (x - (x + h))/(h*x*(x + h))
           1.2. Cancel: a - a = 0
              Multiply out above; the terms without h cancel.
              (x - (x + h))/(h*x*(x + h)) = -h/(h*x*(x + h))
           1.3. Divide by h: (h*a)/h = a when h != 0
              Every term that is left has a factor h.
              -h/(h*x*(x + h)) = -1/(x*(x + h))
           1.4. Let h go to 0: limit(g(h), h -> 0) = g(0) for continuous g
              Nothing is divided by h any more, so put 0 in its place.
              limit(-1/(x*(x + h)), h -> 0) = -1/x^2
           So d/dx (1/x) = -1/x^2
    "#]],
    );
    limit_shows(
        "sqrt(x)",
        expect![[r#"
        1. Definition of the derivative: d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)
           The derivative is the limit of the difference quotient.
           d/dx sqrt(x) = limit((sqrt(x + h) - sqrt(x))/h, h -> 0)
           1.1. Multiply by the conjugate: sqrt(a) - sqrt(b) = (a - b)/(sqrt(a) + sqrt(b))
              Multiply above and below by sqrt(x + h) + sqrt(x): the roots above vanish.
              (sqrt(x + h) - sqrt(x))/h = (x + h - x)/(h*(sqrt(x + h) + sqrt(x)))
           1.2. Cancel: a - a = 0
              The terms without h cancel.
              (x + h - x)/(h*(sqrt(x + h) + sqrt(x))) = h/(h*(sqrt(x + h) + sqrt(x)))
           1.3. Divide by h: (h*a)/h = a when h != 0
              Every term that is left has a factor h.
              h/(h*(sqrt(x + h) + sqrt(x))) = 1/(sqrt(x + h) + sqrt(x))
           1.4. Let h go to 0: limit(g(h), h -> 0) = g(0) for continuous g
              Nothing is divided by h any more, so put 0 in its place.
              limit(1/(sqrt(x + h) + sqrt(x)), h -> 0) = 1/(2*sqrt(x))
           So d/dx sqrt(x) = 1/(2*sqrt(x))
    "#]],
    );
    limit_shows(
        "sin(x)",
        expect![[r#"
        1. Definition of the derivative: d/dx f(x) = limit((f(x + h) - f(x))/h, h -> 0)
           The derivative is the limit of the difference quotient.
           d/dx sin(x) = limit((sin(x + h) - sin(x))/h, h -> 0)
           1.1. Addition theorem: f(x + h) in terms of f(x) and f(h)
              (sin(x + h) - sin(x))/h = (sin(x)*cos(h) + cos(x)*sin(h) - sin(x))/h
           1.2. Expand: a*(b + c) = a*b + a*c
              Collect what belongs to each function of x.
              (sin(x)*cos(h) + cos(x)*sin(h) - sin(x))/h = sin(x)*((cos(h) - 1)/h) + cos(x)*(sin(h)/h)
           1.3. Let h go to 0: limit(g(h), h -> 0) = g(0) for continuous g
              Two limits are known: limit((cos(h) - 1)/h, h -> 0) = 0 and limit(sin(h)/h, h -> 0) = 1.
              limit(sin(x)*((cos(h) - 1)/h) + cos(x)*(sin(h)/h), h -> 0) = cos(x)
           So d/dx sin(x) = cos(x)
    "#]],
    );
}

#[test]
fn powers_and_sums() {
    shows(
        "3x^2",
        &["x"],
        expect![[r#"
        1. Constant multiple rule and power rule: d/dx (c*u) = c*du/dx; d/dx x^n = n*x^(n - 1)
           The constant factor 3 stays. Bring the exponent down and lower it by one.
           d/dx (3*x^2) = 3*2*x
                        = 6*x
    "#]],
    );
    shows(
        "sin(x) + x^3 + 2x^2 - 5x + 7",
        &["x"],
        expect![[r#"
        1. Sum rule: d/dx (u + v) = du/dx + dv/dx
           Differentiate term by term. The constant 7 has derivative 0.
           d/dx (sin(x) + x^3 + 2*x^2 - 5*x + 7) = d/dx sin(x) + d/dx (x^3) + d/dx (2*x^2) - d/dx (5*x)
           1.1. Derivative of sine: d/dx sin(x) = cos(x)
           1.2. Power rule: d/dx (x^3) = 3*x^2
           1.3. Constant multiple rule and power rule: d/dx (2*x^2) = 2*2*x = 4*x
           So d/dx (sin(x) + x^3 + 2*x^2 - 5*x + 7) = cos(x) + 3*x^2 + 4*x - 5
    "#]],
    );
    shows(
        "3x + 2",
        &["x"],
        expect![[r#"
        1. Sum rule: d/dx (u + v) = du/dx + dv/dx
           A linear function changes at a constant rate, its slope.
           d/dx (3*x + 2) = 3
    "#]],
    );
    shows(
        "x",
        &["x"],
        expect![[r#"
        1. Derivative of the variable: d/dx x = 1
           x changes at rate 1 with itself.
           d/dx x = 1
    "#]],
    );
    shows(
        "7",
        &["x"],
        expect![[r#"
        1. Constant rule: d/dx c = 0
           7 does not depend on x.
           d/dx (7) = 0
    "#]],
    );
    shows(
        "5/x^3",
        &["x"],
        expect![[r#"
        1. Constant multiple rule and power rule: d/dx (c*u) = c*du/dx; d/dx x^n = n*x^(n - 1)
           Write 1/x^3 as x^(-3). Bring the exponent down and lower it by one.
           d/dx (5/x^3) = -15*x^(-4)
                        = -15/x^4
    "#]],
    );
    shows(
        "x^(1/3)",
        &["x"],
        expect![[r#"
        1. Power rule: d/dx x^n = n*x^(n - 1)
           Bring the exponent down and lower it by one.
           d/dx (x^(1/3)) = 1/3*x^(-2/3)
                          = 1/(3*x^(2/3))
    "#]],
    );
}

#[test]
fn chains() {
    shows(
        "(x^2)^3",
        &["x"],
        expect![[r#"
        1. Chain rule and power rule: d/dx u^n = n*u^(n - 1)*du/dx
           Outer: u^3, inner: u = x^2.
           d/dx ((x^2)^3) = 3*(x^2)^2*d/dx (x^2)
           1.1. Power rule: d/dx (x^2) = 2*x
           So d/dx ((x^2)^3) = 6*x*(x^2)^2
    "#]],
    );
    shows(
        "sin((4x)^2)",
        &["x"],
        expect![[r#"
        1. Chain rule and derivative of sine: d/dx sin(u) = cos(u)*du/dx
           Outer: sin(u), inner: u = (4*x)^2.
           d/dx sin((4*x)^2) = cos((4*x)^2)*d/dx ((4*x)^2)
           1.1. Chain rule and power rule: d/dx u^n = n*u^(n - 1)*du/dx
              Outer: u^2, inner: u = 4*x.
              d/dx ((4*x)^2) = 2*(4*x)*d/dx (4*x)
                             = 32*x
           So d/dx sin((4*x)^2) = 32*x*cos((4*x)^2)
    "#]],
    );
    shows(
        "(3x^2 + 2)^5",
        &["x"],
        expect![[r#"
        1. Chain rule and power rule: d/dx u^n = n*u^(n - 1)*du/dx
           Outer: u^5, inner: u = 3*x^2 + 2.
           d/dx ((3*x^2 + 2)^5) = 5*(3*x^2 + 2)^4*d/dx (3*x^2 + 2)
           1.1. Sum rule, constant multiple rule and power rule: d/dx (3*x^2 + 2) = 3*2*x = 6*x
           So d/dx ((3*x^2 + 2)^5) = 30*x*(3*x^2 + 2)^4
    "#]],
    );
    shows(
        "sin(4w) + 0.1w^2",
        &["w"],
        expect![[r#"
        1. Sum rule: d/dw (u + v) = du/dw + dv/dw
           Differentiate term by term.
           d/dw (sin(4*w) + 0.1*w^2) = d/dw sin(4*w) + d/dw (0.1*w^2)
           1.1. Chain rule and derivative of sine: d/dw sin(u) = cos(u)*du/dw
              Outer: sin(u), inner: u = 4*w.
              d/dw sin(4*w) = cos(4*w)*d/dw (4*w)
                            = 4*cos(4*w)
           1.2. Constant multiple rule and power rule: d/dw (0.1*w^2) = 0.1*2*w = 0.2*w
           So d/dw (sin(4*w) + 0.1*w^2) = 4*cos(4*w) + 0.2*w
    "#]],
    );
    shows(
        "1/(1 + exp(-z))",
        &["z"],
        expect![[r#"
        1. Reciprocal rule: d/dz (c/v) = -c*dv/dz/v^2
           The numerator is constant, the denominator is v = 1 + exp(-z).
           d/dz (1/(1 + exp(-z))) = -d/dz (1 + exp(-z))/(1 + exp(-z))^2
           1.1. Sum rule, chain rule and derivative of exponential function: d/dz (u + v) = du/dz + dv/dz; d/dz exp(u) = exp(u)*du/dz
              The constant 1 has derivative 0. Outer: exp(u), inner: u = -z.
              d/dz (1 + exp(-z)) = exp(-z)*d/dz (-z)
                                 = -exp(-z)
           So d/dz (1/(1 + exp(-z))) = exp(-z)/(1 + exp(-z))^2
    "#]],
    );
}

#[test]
fn products_and_quotients() {
    shows(
        "x^2*sin(x)",
        &["x"],
        expect![[r#"
        1. Product rule: d/dx (u*v) = du/dx*v + u*dv/dx
           The factors are u = x^2 and v = sin(x).
           d/dx (x^2*sin(x)) = d/dx (x^2)*sin(x) + x^2*d/dx (sin(x))
           1.1. Power rule: d/dx (x^2) = 2*x
           1.2. Derivative of sine: d/dx sin(x) = cos(x)
           So d/dx (x^2*sin(x)) = 2*x*sin(x) + x^2*cos(x)
    "#]],
    );
    shows(
        "3*x*exp(x)*cos(x)",
        &["x"],
        expect![[r#"
        1. Constant multiple rule and product rule: d/dx (c*u) = c*du/dx; d/dx (u*v) = du/dx*v + u*dv/dx
           The constant factor 3 stays. There are 3 factors, x, exp(x) and cos(x): each is differentiated once while the others stay.
           d/dx (3*x*exp(x)*cos(x)) = 3*(1*exp(x)*cos(x) + x*d/dx (exp(x))*cos(x) + x*exp(x)*d/dx (cos(x)))
           1.1. Derivative of exponential function: d/dx exp(x) = exp(x)
           1.2. Derivative of cosine: d/dx cos(x) = -sin(x)
           So d/dx (3*x*exp(x)*cos(x)) = 3*exp(x)*cos(x) + 3*x*exp(x)*cos(x) - 3*x*exp(x)*sin(x)
    "#]],
    );
    shows(
        "(x + 1)/(x^2 + 1)",
        &["x"],
        expect![[r#"
        1. Quotient rule: d/dx (u/v) = (du/dx*v - u*dv/dx)/v^2
           The numerator is u = x + 1, the denominator v = x^2 + 1.
           d/dx ((x + 1)/(x^2 + 1)) = (d/dx (x + 1)*(x^2 + 1) - (x + 1)*d/dx (x^2 + 1))/(x^2 + 1)^2
           1.1. Sum rule and power rule: d/dx (x^2 + 1) = 2*x
           So d/dx ((x + 1)/(x^2 + 1)) = (x^2 + 1 - 2*x*(x + 1))/(x^2 + 1)^2
    "#]],
    );
    shows(
        "sin(x)/x",
        &["x"],
        expect![[r#"
        1. Quotient rule: d/dx (u/v) = (du/dx*v - u*dv/dx)/v^2
           The numerator is u = sin(x), the denominator v = x.
           d/dx (sin(x)/x) = (d/dx (sin(x))*x - sin(x)*1)/x^2
           1.1. Derivative of sine: d/dx sin(x) = cos(x)
           So d/dx (sin(x)/x) = (x*cos(x) - sin(x))/x^2
    "#]],
    );
}

#[test]
fn several_variables() {
    shows(
        "2*z^3*x^2",
        &["x", "z"],
        expect![[r#"
        1. Partial derivative, constant multiple rule and power rule: ∂/∂x (c*u) = c*∂u/∂x; ∂/∂x x^n = n*x^(n - 1)
           z is held constant. The constant factor 2*z^3 stays. Bring the exponent down and lower it by one.
           ∂/∂x (2*z^3*x^2) = 2*z^3*2*x
                            = 4*z^3*x
        2. Partial derivative, constant multiple rule and power rule: ∂/∂z (c*u) = c*∂u/∂z; ∂/∂z z^n = n*z^(n - 1)
           x is held constant. The constant factor 2*x^2 stays. Bring the exponent down and lower it by one.
           ∂/∂z (2*z^3*x^2) = 2*x^2*3*z^2
                            = 6*x^2*z^2
        3. Gradient: ∇f = [∂f/∂x, ∂f/∂z]
           The partial derivatives in the order x, z.
           grad(2*z^3*x^2) = [4*z^3*x, 6*x^2*z^2]
    "#]],
    );
    shows(
        "2*z^3*x^2",
        &["z"],
        expect![[r#"
        1. Partial derivative, constant multiple rule and power rule: ∂/∂z (c*u) = c*∂u/∂z; ∂/∂z z^n = n*z^(n - 1)
           x is held constant. The constant factor 2*x^2 stays. Bring the exponent down and lower it by one.
           ∂/∂z (2*z^3*x^2) = 2*x^2*3*z^2
                            = 6*x^2*z^2
    "#]],
    );
    shows(
        "[2*x*y, x^2*y]",
        &["x", "y"],
        expect![[r#"
        1. Partial derivative and component by component: ∂/∂x [u, v] = [∂u/∂x, ∂v/∂x]
           y is held constant. Each of the 2 components is differentiated by itself.
           ∂/∂x ([2*x*y, x^2*y]) = [∂/∂x (2*x*y), ∂/∂x (x^2*y)]
           1.1. Constant multiple rule and power rule: ∂/∂x (x^2*y) = y*2*x = 2*y*x
           So ∂/∂x ([2*x*y, x^2*y]) = [2*y, 2*y*x]
        2. Partial derivative and component by component: ∂/∂y [u, v] = [∂u/∂y, ∂v/∂y]
           x is held constant. Each of the 2 components is differentiated by itself.
           ∂/∂y ([2*x*y, x^2*y]) = [∂/∂y (2*x*y), ∂/∂y (x^2*y)]
                                 = [2*x, x^2]
        3. Jacobian matrix: one row for each component, one column for each variable
           One row for each component, one column for each of x, y.
           jacobian([2*x*y, x^2*y]) = [2*y, 2*x; 2*y*x, x^2]
    "#]],
    );
}

#[test]
fn a_direction() {
    let rows = TableRows::new();
    let (tree, root) = read("2x + 3y - z");
    let components = [read("2"), read("3"), read("-1")];
    let direction: Vec<_> = components.iter().map(|(t, i)| (t, *i)).collect();
    let options = Options::new(&rows);
    let derivation = along(&tree, root, &["x", "y", "z"], &direction, &options).unwrap();
    expect![[r#"
        1. Partial derivative and sum rule: ∂/∂x (u + v) = ∂u/∂x + ∂v/∂x
           y and z are held constant. A linear function changes at a constant rate, its slope.
           ∂/∂x (2*x + 3*y - z) = 2
        2. Partial derivative and sum rule: ∂/∂y (u + v) = ∂u/∂y + ∂v/∂y
           x and z are held constant. A linear function changes at a constant rate, its slope.
           ∂/∂y (2*x + 3*y - z) = 3
        3. Partial derivative and sum rule: ∂/∂z (u + v) = ∂u/∂z + ∂v/∂z
           x and y are held constant. A linear function changes at a constant rate, its slope.
           ∂/∂z (2*x + 3*y - z) = -1
        4. Gradient: ∇f = [∂f/∂x, ∂f/∂y, ∂f/∂z]
           The partial derivatives in the order x, y, z.
           grad(2*x + 3*y - z) = [2, 3, -1]
        5. Normalise the direction: u = v/norm2(v)
           A direction has length 1: divide [2, 3, -1] by its length sqrt(14).
           [2, 3, -1]/norm2([2, 3, -1]) = [2, 3, -1]/sqrt(14)
                                        = [2/sqrt(14), 3/sqrt(14), -1/sqrt(14)]
        6. Directional derivative: the derivative of f along u is dot(∇f, u), where norm2(u) = 1
           The derivative along a direction is the dot product of the gradient and the direction.
           along(2*x + 3*y - z, [2, 3, -1]) = dot([2, 3, -1], [2/sqrt(14), 3/sqrt(14), -1/sqrt(14)])
                                            = 14/sqrt(14)
    "#]]
    .assert_eq(&derivation.text());
}

#[test]
fn orders() {
    expect![[r#"
        1. First derivative: d^n/dx^n f = d/dx (d^(n - 1)/dx^(n - 1) f)
           First the derivative itself.
           1.1. Power rule: d/dx (x^4) = 4*x^3
           So d/dx (x^4) = 4*x^3
        2. Second derivative: d^n/dx^n f = d/dx (d^(n - 1)/dx^(n - 1) f)
           Differentiate the first derivative, 4*x^3.
           2.1. Constant multiple rule and power rule: d/dx (4*x^3) = 4*3*x^2 = 12*x^2
           So d^2/dx^2 (x^4) = 12*x^2
        3. Third derivative: d^n/dx^n f = d/dx (d^(n - 1)/dx^(n - 1) f)
           Differentiate the second derivative, 12*x^2.
           3.1. Constant multiple rule and power rule: d/dx (12*x^2) = 12*2*x = 24*x
           So d^3/dx^3 (x^4) = 24*x
    "#]]
    .assert_eq(&explained("x^4", &["x"], |o| o.order = 3).text());
    expect![[r#"
        1. Partial derivative, constant multiple rule and power rule: ∂/∂x (c*u) = c*∂u/∂x; ∂/∂x x^n = n*x^(n - 1)
           y is held constant. The constant factor y^3 stays. Bring the exponent down and lower it by one.
           ∂/∂x (x^2*y^3) = y^3*2*x
                          = 2*y^3*x
        2. Partial derivative, constant multiple rule and power rule: ∂/∂y (c*u) = c*∂u/∂y; ∂/∂y y^n = n*y^(n - 1)
           x is held constant. The constant factor x^2 stays. Bring the exponent down and lower it by one.
           ∂/∂y (x^2*y^3) = x^2*3*y^2
                          = 3*x^2*y^2
        3. Second derivative: ∂^2/∂x^2 f = ∂/∂x (∂/∂x f)
           Differentiate 2*y^3*x once more in the same variable.
           3.1. Partial derivative and constant multiple rule: ∂/∂x (2*y^3*x) = 2*y^3
           So ∂^2/∂x^2 (x^2*y^3) = 2*y^3
        4. Second derivative: ∂^2/(∂y ∂x) f = ∂/∂y (∂/∂x f)
           Differentiate 2*y^3*x in y. The order does not matter where the result is continuous.
           4.1. Partial derivative, constant multiple rule and power rule: ∂/∂y (2*y^3*x) = 2*x*3*y^2 = 6*x*y^2
           So ∂^2/(∂y ∂x) (x^2*y^3) = 6*x*y^2
        5. Second derivative: ∂^2/∂y^2 f = ∂/∂y (∂/∂y f)
           Differentiate 3*x^2*y^2 once more in the same variable.
           5.1. Partial derivative, constant multiple rule and power rule: ∂/∂y (3*x^2*y^2) = 3*x^2*2*y = 6*x^2*y
           So ∂^2/∂y^2 (x^2*y^3) = 6*x^2*y
        6. Hessian matrix: one row and one column for each variable: ∂^2f/(∂x ∂y)
           Rows and columns in the order x, y.
           hessian(x^2*y^3) = [2*y^3, 6*x*y^2; 6*x*y^2, 6*x^2*y]
    "#]].assert_eq(&explained("x^2*y^3", &["x", "y"], |o| o.order = 2).text());
}

#[test]
fn powers_whose_exponent_varies() {
    shows(
        "x^x",
        &["x"],
        expect![[r#"
        1. Logarithmic differentiation: d/dx u^v = u^v*d/dx (v*log(u))
           Base and exponent both vary: with y = x^x take logarithms, log(y) = x*log(x), and differentiate both sides: y'/y is the derivative of the right side. The base must be positive.
           d/dx (x^x) = x^x*d/dx (x*log(x))
           1.1. Product rule: d/dx (u*v) = du/dx*v + u*dv/dx
              The factors are u = x and v = log(x).
              d/dx (x*log(x)) = 1*log(x) + x*d/dx (log(x))
              1.1.1. Derivative of natural logarithm: d/dx log(x) = 1/x
              So d/dx (x*log(x)) = log(x) + 1
           So d/dx (x^x) = x^x*(log(x) + 1)
    "#]],
    );
    shows(
        "2^(3x)",
        &["x"],
        expect![[r#"
        1. Chain rule and exponential rule: d/dx a^u = a^u*log(a)*du/dx
           Outer: 2^u, inner: u = 3*x. The base 2 is constant and must be positive.
           d/dx (2^(3*x)) = 2^(3*x)*log(2)*d/dx (3*x)
                          = 3*log(2)*2^(3*x)
    "#]],
    );
}

#[test]
fn kinks_and_branches_are_said_aloud() {
    shows(
        "abs(x)",
        &["x"],
        expect![[r#"
            1. Derivative of absolute value: d/dx abs(x) = sign(x)
               It stands in the table of derivatives. Kink where x == 0; convention: abs'(0) = 0.
               d/dx abs(x) = sign(x)
        "#]],
    );
    shows(
        "max(x^2, x)",
        &["x"],
        expect![[r#"
            1. Chain rule for several arguments and derivative of larger of two: d/dx f(u, v) = ∂f/∂u*du/dx + ∂f/∂v*dv/dx
               The arguments of max that vary are x^2 and x: add the change through each. Kink where x^2 == x; convention for max(x, y): where x and y are equal the derivative is that of y: max(x, 0)' at 0 is 0.
               d/dx max(x^2, x) = (if x^2 > x then 1 else 0)*d/dx (x^2) + (if x^2 > x then 0 else 1)*1
               1.1. Power rule: d/dx (x^2) = 2*x
               So d/dx max(x^2, x) = 2*x*(if x^2 > x then 1 else 0) + (if x^2 > x then 0 else 1)
        "#]],
    );
    shows(
        "if x > 0 then x^2 else 0",
        &["x"],
        expect![[r#"
        1. Branch by branch: d/dx (if c then u else v) = if c then du/dx else dv/dx
           Each branch is differentiated by itself; the same condition chooses between them. Where the condition changes the function may have a kink or a jump: there, by convention, the branch that the condition chooses gives the value.
           d/dx (if x > 0 then x^2 else 0) = if x > 0 then d/dx (x^2) else 0
           1.1. Power rule: d/dx (x^2) = 2*x
           So d/dx (if x > 0 then x^2 else 0) = if x > 0 then 2*x else 0
    "#]],
    );
    shows(
        "if x == 0 then 0 else x^3",
        &["x"],
        expect![[r#"
        1. Branch by branch: d/dx (if c then u else v) = if c then du/dx else dv/dx
           A branch for a single point does not define a derivative: the other branch, x^3, gives it, there too if the function is continuous.
           d/dx (if x == 0 then 0 else x^3) = d/dx (x^3)
           1.1. Power rule: d/dx (x^3) = 3*x^2
           So d/dx (if x == 0 then 0 else x^3) = 3*x^2
    "#]],
    );
}

#[test]
fn integrals_and_derivatives_inside() {
    shows(
        "integral(exp(-t^2), t, 0, x)",
        &["x"],
        expect![[r#"
        1. Fundamental theorem of calculus (Leibniz rule): d/dx integral(f, t, a, b) = f(b)*db/dx - f(a)*da/dx + integral(∂f/∂x, t, a, b)
           Add what each contributes: the upper end x moves.
           d/dx integral(exp(-t^2), t, 0, x) = exp(-x^2)
    "#]],
    );
    shows(
        "integral(sin(t*x), t, x, x^2)",
        &["x"],
        expect![[r#"
        1. Fundamental theorem of calculus (Leibniz rule): d/dx integral(f, t, a, b) = f(b)*db/dx - f(a)*da/dx + integral(∂f/∂x, t, a, b)
           Add what each contributes: the upper end x^2 moves, the lower end x moves, the integrand depends on x.
           d/dx integral(sin(t*x), t, x, x^2) = sin(x^2*x)*d/dx (x^2) - sin(x*x) + integral(d/dx sin(t*x), t, x, x^2)
           1.1. Power rule: d/dx (x^2) = 2*x
           1.2. Chain rule and derivative of sine: d/dx sin(u) = cos(u)*du/dx
              Outer: sin(u), inner: u = t*x.
              d/dx sin(t*x) = cos(t*x)*d/dx (t*x)
                            = t*cos(t*x)
           So d/dx integral(sin(t*x), t, x, x^2) = 2*x*sin(x^2*x) - sin(x*x) + integral(t*cos(t*x), t, x, x^2)
    "#]],
    );
    shows(
        "x*d/dx (x^3)",
        &["x"],
        expect![[r#"
        1. Power rule: d/dx x^n = n*x^(n - 1)
           Bring the exponent down and lower it by one.
           d/dx (x^3) = 3*x^2
        2. Constant multiple rule and product rule: d/dx (c*u) = c*du/dx; d/dx (u*v) = du/dx*v + u*dv/dx
           The constant factor 3 stays. The factors are u = x and v = x^2.
           d/dx (x*(3*x^2)) = 3*(1*x^2 + x*d/dx (x^2))
           2.1. Power rule: d/dx (x^2) = 2*x
           So d/dx (x*(3*x^2)) = 9*x^2
    "#]],
    );
    shows(
        "d/dx (x^3)",
        &[],
        expect![[r#"
        1. Power rule: d/dx x^n = n*x^(n - 1)
           Bring the exponent down and lower it by one.
           d/dx (x^3) = 3*x^2
    "#]],
    );
}

#[test]
fn latex() {
    expect![[r#"
        \paragraph{1 Chain rule and power rule.} Outer: \(u^{5}\), inner: \(u = 3 x^{2} + 2\).
        \begin{align*}
        \frac{d}{dx} \left(3 x^{2} + 2\right)^{5} &= 5 \left(3 x^{2} + 2\right)^{4} \frac{d}{dx} \left(3 x^{2} + 2\right)
        \end{align*}
        \paragraph{1.1 Sum rule, constant multiple rule and power rule.} The constant \(2\) has derivative 0. The constant factor \(3\) stays. Bring the exponent down and lower it by one.
        \begin{align*}
        \frac{d}{dx} \left(3 x^{2} + 2\right) &= 3 \cdot 2 x \\
         &= 6 x
        \end{align*}
        So
        \begin{align*}
        \frac{d}{dx} \left(3 x^{2} + 2\right)^{5} &= 30 x \left(3 x^{2} + 2\right)^{4}
        \end{align*}
    "#]].assert_eq(&explained("(3x^2 + 2)^5", &["x"], |_| {}).latex());
}
