//! Expressions as they are read.

use expect_test::expect;

use super::check;

#[test]
fn plain() {
    check(
        "",
        "sin(4w) + 0.1w^2",
        expect![[r#"
        sin(4*w) + 0.1*w^2
          in w"#]],
    );
}

#[test]
fn aliases() {
    check(
        "",
        "ln(x) + arcsin(y)",
        expect![[r#"
        log(x) + asin(y)
          in x, y"#]],
    );
}

#[test]
fn constants() {
    check(
        "",
        "E^x + π",
        expect![[r#"
        e^x + pi
          in x"#]],
    );
}

#[test]
fn letters() {
    check(
        "",
        "xy^2 + x + y",
        expect![[r#"
        x*y^2 + x + y
          in x, y
          note: `xy` is read as the product x*y"#]],
    );
}

#[test]
fn letters_declared() {
    check(
        "a, b: real",
        "3ab",
        expect![[r#"
        3*(a*b)
          in a, b
          note: `ab` is read as the product a*b"#]],
    );
}

#[test]
fn spelt_greek() {
    check(
        "",
        "sin(theta)*x_1",
        expect![[r#"
        sin(theta)*x_1
          in theta, x_1"#]],
    );
}

#[test]
fn power_of_function() {
    check(
        "",
        "sin^2(x) + sin^-1(x)",
        expect![[r#"
        sin(x)^2 + asin(x)
          in x
          note: `sin^-1` is read as the inverse function, asin"#]],
    );
}

#[test]
fn factorial() {
    check(
        "",
        "n! + |x|",
        expect![[r#"
        factorial(n) + abs(x)
          in n, x"#]],
    );
}

#[test]
fn chain() {
    check(
        "",
        "if 0 < x <= 1 then x else 0",
        expect![[r#"
        if 0 < x and x <= 1 then x else 0
          in x"#]],
    );
}

#[test]
fn log_base() {
    check(
        "",
        "log(x, 2) + log_3(x)",
        expect![[r#"
        log(x)/log(2) + log(x)/log(3)
          in x"#]],
    );
}

#[test]
fn many_max() {
    check(
        "",
        "max(a, b, c)",
        expect![[r#"
        max(max(a, b), c)
          in a, b, c"#]],
    );
}

#[test]
fn product_not_call() {
    check(
        "",
        "x(x+1)",
        expect![[r#"
        x*(x + 1)
          in x"#]],
    );
}

#[test]
fn definition() {
    check(
        "f(x) = x^2; a = 3",
        "f(a*y) + a",
        expect![[r#"
        (3*y)^2 + 3
          in y"#]],
    );
}

#[test]
fn prime() {
    check(
        "f(x) = x^2",
        "f'(3) + f''(x) + f'(x^2)",
        expect![[r#"
        (d/dx_1 (x_1^2) where x_1 = 3) + d^2/dx^2 (x^2) + (d/dx_2 (x_2^2) where x_2 = x^2)
          in x"#]],
    );
}

#[test]
fn prime_of_row() {
    check(
        "",
        "sin'(x) + exp''(2)",
        expect![[r#"
        d/dx sin(x) + (d^2/dx_1^2 exp(x_1) where x_1 = 2)
          in x"#]],
    );
}

#[test]
fn leibniz() {
    check(
        "f(x) = x^2",
        "d/dx f(x) + d^2/dx^2 (x^3)",
        expect![[r#"
        d/dx (x^2) + d^2/dx^2 (x^3)
          in x"#]],
    );
}

#[test]
fn leibniz_of_name() {
    check(
        "f(x, y) = x^2*y",
        "∂/∂y f",
        expect![[r#"
        d/dy (x^2*y)
          in x, y"#]],
    );
}

#[test]
fn chain_through_name() {
    check(
        "y = x^2",
        "d/dx sin(y)",
        expect![[r#"
        d/dx sin(x^2)
          in x"#]],
    );
}

#[test]
fn variable_with_value() {
    check(
        "x = 3; a = x^2",
        "d/dx (a*x)",
        expect![[r#"
        d/dx_1 (x_1^2*x_1) where x_1 = 3
          in "#]],
    );
}

#[test]
fn inside_a_function() {
    check(
        "g(y) = d/dx (x*y)",
        "g(x)",
        expect![[r#"
        d/dx_1 (x_1*x) where x_1 = x
          in x"#]],
    );
}

#[test]
fn derivative_by_argument() {
    check(
        "g(x) = d/dx (x^2*a); a = 5",
        "g(3)",
        expect![[r#"
        d/dx_1 (x_1^2*5) where x_1 = 3
          in "#]],
    );
}

#[test]
fn gradient() {
    check(
        "f(x, y) = x^2 + y^3",
        "∇f",
        expect![[r#"
        [d/dx (x^2 + y^3), d/dy (x^2 + y^3)]
          in x, y"#]],
    );
}

#[test]
fn gradient_at() {
    check(
        "f(x, y) = x^2 + y^3",
        "∇f(1, 2)",
        expect![[r#"
        [(d/dx_1 (x_1^2 + y_1^3) where x_1 = 1, y_1 = 2), (d/dy_1 (x_1^2 + y_1^3) where x_1 = 1, y_1 = 2)]
          in "#]],
    );
}

#[test]
fn gradient_of_formula() {
    check(
        "",
        "grad(x^2 + y^3)",
        expect![[r#"
        [d/dx (x^2 + y^3), d/dy (x^2 + y^3)]
          in x, y
          note: differentiated in the order x, y"#]],
    );
}

#[test]
fn jacobian() {
    check(
        "",
        "jacobian([2*x*y, x^2*y])",
        expect![[r#"
        [d/dx (2*x*y), d/dy (2*x*y); d/dx (x^2*y), d/dy (x^2*y)]
          in x, y
          note: differentiated in the order x, y"#]],
    );
}

#[test]
fn hessian() {
    check(
        "",
        "hessian(x^2*y)",
        expect![[r#"
        [d^2/dx^2 (x^2*y), d^2/(dx dy) (x^2*y); d^2/(dx dy) (x^2*y), d^2/dy^2 (x^2*y)]
          in x, y
          note: differentiated in the order x, y"#]],
    );
}

#[test]
fn laplacian() {
    check(
        "u(x, y) = x^2 - y^2",
        "laplacian(u)",
        expect![[r#"
        d^2/dx^2 (x^2 - y^2) + d^2/dy^2 (x^2 - y^2)
          in x, y"#]],
    );
}

#[test]
fn divergence() {
    check(
        "",
        "div([x*y, y^2])",
        expect![[r#"
        d/dx (x*y) + d/dy (y^2)
          in x, y
          note: differentiated in the order x, y"#]],
    );
}

#[test]
fn along() {
    check(
        "",
        "along(2x + 3y - z, [2, 3, -1])",
        expect![[r#"
        (2*d/dx (2*x + 3*y - z) + 3*d/dy (2*x + 3*y - z) + (-1*d/dz (2*x + 3*y - z)))/sqrt(14)
          in x, y, z
          note: differentiated in the order x, y, z
          note: the direction is divided by its length"#]],
    );
}

#[test]
fn along_unit() {
    check(
        "",
        "along(x^2 + y, [0, 1])",
        expect![[r#"
        d/dy (x^2 + y)
          in x, y
          note: differentiated in the order x, y"#]],
    );
}

#[test]
fn integral() {
    check(
        "",
        "integral(exp(-t^2), t, 0, x)",
        expect![[r#"
        integral(exp(-t^2), t, 0, x)
          in x"#]],
    );
}

#[test]
fn integral_sign() {
    check(
        "",
        "∫ x^2 dx",
        expect![[r#"
        integral(x^2, x)
          in x"#]],
    );
}

#[test]
fn integral_captures_nothing() {
    check(
        "f(x) = integral(x*t, t, 0, 1)",
        "f(t)",
        expect![[r#"
        integral(t*t_1, t_1, 0, 1)
          in t"#]],
    );
}

#[test]
fn limit() {
    check(
        "",
        "limit(sin(x)/x, x -> 0+)",
        expect![[r#"
        limit(sin(x)/x, x, 0, 1)
          in "#]],
    );
}

#[test]
fn taylor() {
    check(
        "",
        "taylor(sin(x), x = 0, 7)",
        expect![[r#"
        taylor(sin(x), x, 0, 7)
          in x"#]],
    );
}

#[test]
fn sum() {
    check(
        "",
        "sum(i in 1..3, x^i)",
        expect![[r#"
        x^1 + x^2 + x^3
          in x"#]],
    );
}

#[test]
fn sum_of_list() {
    check(
        "",
        "sum([x, y]) + mean([1, 2])",
        expect![[r#"
        x + y + (1 + 2)/2
          in x, y"#]],
    );
}

#[test]
fn double_sum() {
    check(
        "n = 2",
        "prod(i in 1..n, j in i..n, x + i*j)",
        expect![[r#"
        (x + 1*1)*(x + 1*2)*(x + 2*2)
          in x"#]],
    );
}

#[test]
fn where_order() {
    check(
        "",
        "u*v where u = v^2, v = x + 1",
        expect![[r#"
        (x + 1)^2*(x + 1)
          in x"#]],
    );
}

#[test]
fn where_function() {
    check(
        "",
        "f(f(x)) where f(t) = t*x",
        expect![[r#"
        x*x*x
          in x"#]],
    );
}

#[test]
fn where_in_derivative() {
    check(
        "g(x) = d/dx y where y = x^2",
        "g(3)",
        expect![[r#"
        d/dx_1 (x_1^2) where x_1 = 3
          in "#]],
    );
}

#[test]
fn vector() {
    check(
        "F(t) = [cos(t), sin(t)]",
        "F'(t)",
        expect![[r#"
        [d/dt cos(t), d/dt sin(t)]
          in t"#]],
    );
}

#[test]
fn taught() {
    check(
        "function swish2(x) = x*sigmoid(2x) with derivative sigmoid(2x) + 2x*sigmoid(2x)*(1 - sigmoid(2x))",
        "swish2(y) + swish2'(1)",
        expect![[r#"
        swish2(y) + (d/dx_1 swish2(x_1) where x_1 = 1)
          in y"#]],
    );
}

#[test]
fn entry() {
    check(
        "v = [a, b]",
        "v[2]^2",
        expect![[r#"
        b^2
          in a, b"#]],
    );
}

#[test]
fn names_for_functions() {
    check(
        "f(x) = x^2; g = f'; s = sin",
        "g(3) + s(x)",
        expect![[r#"
        (d/dx_1 (x_1^2) where x_1 = 3) + sin(x)
          in x"#]],
    );
}

#[test]
fn norm_of_number() {
    check(
        "",
        "norm2(x) + ‖y‖",
        expect![[r#"
        abs(x) + abs(y)
          in x, y"#]],
    );
}

#[test]
fn euler() {
    check(
        "",
        "golden_ratio",
        expect![[r#"
        (1 + sqrt(5))/2
          in "#]],
    );
}

#[test]
fn if_call() {
    check(
        "",
        "if(x > 0, sqrt(x), 0)",
        expect![[r#"
        if x > 0 then sqrt(x) else 0
          in x"#]],
    );
}

#[test]
fn interval() {
    check(
        "",
        "if x in [0, 1] then 1 else 0",
        expect![[r#"
        if 0 <= x and x <= 1 then 1 else 0
          in x"#]],
    );
}

#[test]
fn diff_call() {
    check(
        "",
        "diff(x^2*y, x) + diff(x^4, x, 2)",
        expect![[r#"
        d/dx (x^2*y) + d^2/dx^2 (x^4)
          in x, y"#]],
    );
}

#[test]
fn prime_of_formula() {
    check(
        "",
        "(x^2)'",
        expect![[r#"
        d/dx (x^2)
          in x
          note: the prime is read as the derivative in `x`"#]],
    );
}

#[test]
fn given_as_definition() {
    check(
        "",
        "f(x) = x^2 + a",
        expect![[r#"
        error[syntax]: a formula is expected, and this is a definition
         --> expr:1:1
          |
        1 | f(x) = x^2 + a
          | ^^^^^^^^^^^^^^ not a formula
          |
          = help: give it with `let`, or write only what stands right of the `=`"#]],
    );
}
