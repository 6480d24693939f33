//! Expressions as read, and every message.

use agnesi_syntax::{Code, parse_expression, print, render};
use expect_test::{Expect, expect};

use super::*;
use crate::facts::Facts;
use crate::types::{Element, Size, Structure};

/// The settled text, inputs and notes; or the messages.
fn read(given: &str, text: &str) -> String {
    let mut scope = Scope::new();
    if let Err(errors) = scope.read(given) {
        return errors.iter().map(|error| render(error, given, "let", false)).collect();
    }
    let parsed = parse_expression(text, &scope);
    if parsed.has_errors() {
        let shown = parsed.diagnostics.iter().filter(|d| d.is_error());
        return shown.map(|error| render(error, text, "expr", false)).collect();
    }
    match settle(&parsed.tree, parsed.root, &scope) {
        Err(errors) => errors.iter().map(|error| render(error, text, "expr", false)).collect(),
        Ok(settled) => {
            let mut out = print::text(&settled.tree, settled.root);
            out += &format!("\n  in {}", settled.inputs.join(", "));
            for note in &settled.notes {
                out += &format!("\n  note: {}", note.message);
            }
            out
        }
    }
}

fn check(given: &str, text: &str, expected: Expect) {
    expected.assert_eq(&read(given, text));
}

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

#[test]
fn unknown_name() {
    check(
        "",
        "foo + 1",
        expect![[r#"
        error[name]: the name `foo` is not known
         --> expr:1:1
          |
        1 | foo + 1
          | ^^^ not known here
          |
          = help: declare it: `foo: real`, or put `*` between the letters if a product is meant"#]],
    );
}

#[test]
fn near_name() {
    check(
        "alpha_rate: real",
        "alpha_rates + 1",
        expect![[r#"
        error[name]: the name `alpha_rates` is not known
         --> expr:1:1
          |
        1 | alpha_rates + 1
          | ^^^^^^^^^^^ not known here
          |
          = help: did you mean `alpha_rate`? Else declare it: `alpha_rates: real`"#]],
    );
}

#[test]
fn unknown_function() {
    check(
        "",
        "sine(x)",
        expect![[r#"
        error[name]: the function `sine` is not known
         --> expr:1:1
          |
        1 | sine(x)
          | ^^^^ not known here
          |
          = help: did you mean `sin`?"#]],
    );
}

#[test]
fn unknown_function_of_letter() {
    check(
        "",
        "f(x) + 1",
        expect![[r#"
        error[name]: the function `f` is not known
         --> expr:1:1
          |
        1 | f(x) + 1
          | ^ not known here
          |
          = help: define it first: `f(x) = ...`; for a product write `f*(...)`"#]],
    );
}

#[test]
fn product_with_function() {
    check(
        "",
        "xsin(x)",
        expect![[r#"
        error[name]: the function `xsin` is not known
         --> expr:1:1
          |
        1 | xsin(x)
          | ^^^^ not known here
          |
          = help: for a product write `x*sin(...)`"#]],
    );
}

#[test]
fn call_of_number() {
    check(
        "x: real",
        "x(1, 2)",
        expect![[r#"
        error[type]: `x` is a number, not a function of 2 arguments
         --> expr:1:1
          |
        1 | x(1, 2)
          | ^ called here
          |
          = help: define it first, as in `f(x, y) = ...`, or write `*` for a product"#]],
    );
}

#[test]
fn wrong_arity() {
    check(
        "",
        "atan(y, x)",
        expect![[r#"
        error[type]: `atan` takes 1 argument, and 2 are given
         --> expr:1:1
          |
        1 | atan(y, x)
          | ^^^^^^^^^^ 2 arguments here
          |
          = help: the angle of the point (x, y) is `atan2(y, x)`"#]],
    );
}

#[test]
fn wrong_arity_of_row() {
    check(
        "",
        "hypot(x)",
        expect![[r#"
        error[type]: `hypot` takes 2 arguments, and 1 is given
         --> expr:1:1
          |
        1 | hypot(x)
          | ^^^^^^^^ 1 argument here
          |
          = help: write `hypot(x, y)`, for example `hypot(3, 4)`"#]],
    );
}

#[test]
fn wrong_arity_of_definition() {
    check(
        "f(x, y) = x*y",
        "f(2)",
        expect![[r#"
        error[type]: `f` takes 2 arguments, and 1 is given
         --> expr:1:1
          |
        1 | f(2)
          | ^^^^ 1 argument here
          |
          = help: write `f(x, y)`"#]],
    );
}

#[test]
fn function_without_argument() {
    check(
        "",
        "sin + 1",
        expect![[r#"
        error[type]: `sin` is a function and needs its arguments
         --> expr:1:1
          |
        1 | sin + 1
          | ^^^ no argument follows
          |
          = help: write `sin(x)`"#]],
    );
}

#[test]
fn condition_as_number() {
    check(
        "",
        "(x > 0) + 1",
        expect![[r#"
        error[type]: a condition is not a number
         --> expr:1:2
          |
        1 | (x > 0) + 1
          |  ^^^^^ true or false, not a number
          |
          = help: write `if condition then 1 else 0`"#]],
    );
}

#[test]
fn number_as_condition() {
    check(
        "",
        "if x then 1 else 0",
        expect![[r#"
        error[type]: a number is not a condition
         --> expr:1:4
          |
        1 | if x then 1 else 0
          |    ^ a comparison is expected here
          |
          = help: write for example `x > 0`, or `x != 0`"#]],
    );
}

#[test]
fn vector_in_arithmetic() {
    check(
        "",
        "2*[x, y]",
        expect![[r#"
        error[unsupported]: operations on vectors and matrices come with a later version
         --> expr:1:3
          |
        1 | 2*[x, y]
          |   ^^^^^^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn vector_declared() {
    check(
        "v: vector(3)",
        "v*2",
        expect![[r#"
        error[unsupported]: `v` is a vector or matrix, and these come with a later version
         --> expr:1:1
          |
        1 | v*2
          | ^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars, such as `x_1^2 + x_2^2`"#]],
    );
}

#[test]
fn matrix() {
    check(
        "",
        "det(A)",
        expect![[r#"
        error[unsupported]: vectors and matrices come with a later version
         --> expr:1:1
          |
        1 | det(A)
          | ^^^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn matrix_literal() {
    check(
        "",
        "[1, 2; 3, 4]",
        expect![[r#"
        error[unsupported]: matrices come with a later version
         --> expr:1:1
          |
        1 | [1, 2; 3, 4]
          | ^^^^^^^^^^^^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn index() {
    check(
        "",
        "x[1] + 1",
        expect![[r#"
        error[unsupported]: entries of vectors and matrices come with a later version
         --> expr:1:1
          |
        1 | x[1] + 1
          | ^^^^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn index_outside() {
    check(
        "v = [a, b]",
        "v[3]",
        expect![[r#"
        error[shape]: this vector has 2 entries, and there is none with number 3
         --> expr:1:3
          |
        1 | v[3]
          |   ^ outside the vector
          |
          = help: entries are numbered from 1 to 2"#]],
    );
}

#[test]
fn comprehension() {
    check(
        "",
        "[i^2 for i in 1..3]",
        expect![[r#"
        error[unsupported]: vectors by rule come with a later version
         --> expr:1:1
          |
        1 | [i^2 for i in 1..3]
          | ^^^^^^^^^^^^^^^^^^^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn symbolic_range() {
    check(
        "",
        "sum(i in 1..n, i)",
        expect![[r#"
        error[unsupported]: ranges with symbolic ends come with a later version
         --> expr:1:13
          |
        1 | sum(i in 1..n, i)
          |             ^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn long_range() {
    check(
        "",
        "sum(i in 1..100000, i)",
        expect![[r#"
        error[limit]: this runs over more than 1000 values
         --> expr:1:10
          |
        1 | sum(i in 1..100000, i)
          |          ^^^^^^^^^ here the limit was reached
          |
          = help: take a shorter formula or range"#]],
    );
}

#[test]
fn empty_range() {
    check(
        "",
        "max(i in 2..1, i)",
        expect![[r#"
        error[domain]: there is nothing in this range
         --> expr:1:1
          |
        1 | max(i in 2..1, i)
          | ^^^^^^^^^^^^^^^^^ an empty range has no value
          |
          = help: a range `a..b` holds numbers when a <= b"#]],
    );
}

#[test]
fn sum_of_number() {
    check(
        "",
        "sum(3)",
        expect![[r#"
        error[type]: `sum` needs a list or a range
         --> expr:1:1
          |
        1 | sum(3)
          | ^^^ it runs over several values
          |
          = help: write `sum(i in 1..5, i^2)` or `sum([a, b, c])`"#]],
    );
}

#[test]
fn fold() {
    check(
        "",
        "fold(h = 0, t in 1..3, h + t)",
        expect![[r#"
        error[unsupported]: loops come with a later version
         --> expr:1:1
          |
        1 | fold(h = 0, t in 1..3, h + t)
          | ^^^^ understood, but not yet computed
          |
          = help: this version takes formulas in scalars"#]],
    );
}

#[test]
fn tuple() {
    check(
        "",
        "(1, 2)",
        expect![[r#"
        error[unsupported]: pairs and tuples of values come with a later version
         --> expr:1:1
          |
        1 | (1, 2)
          | ^^^^^^ this is a tuple
          |
          = help: for a vector-valued function write `[a, b]`"#]],
    );
}

#[test]
fn recursion() {
    check(
        "f(x) = f(x - 1)",
        "f(3)",
        expect![[r#"
        error[name]: `f` is defined by itself
         --> let:1:8
          |
        1 | f(x) = f(x - 1)
          |        ^^^^^^^^ the definition comes back to itself here
          |
          = help: a definition may use only what does not depend on it"#]],
    );
}

#[test]
fn recursion_of_values() {
    check(
        "a = b; b = a",
        "a",
        expect![[r#"
        error[name]: `a` is defined by itself: `a` needs `b` needs `a` (in the definition of `b`)
         --> let:1:5
          |
        1 | a = b; b = a
          |     ^ the definition comes back to itself here
          |
          = help: a definition may use only what does not depend on iterror[name]: `b` is defined by itself: `b` needs `a` needs `b` (in the definition of `a`)
         --> let:1:12
          |
        1 | a = b; b = a
          |            ^ the definition comes back to itself here
          |
          = help: a definition may use only what does not depend on it"#]],
    );
}

#[test]
fn recursion_in_where() {
    check(
        "",
        "x where x = x + 1",
        expect![[r#"
        error[name]: `x` is defined by itself
         --> expr:1:9
          |
        1 | x where x = x + 1
          |         ^ its value needs it already
          |
          = help: a definition may use only what does not depend on it"#]],
    );
}

#[test]
fn error_in_definition() {
    check(
        "f(x) = x + foo",
        "f(3)",
        expect![[r#"
        error[name]: the name `foo` is not known
         --> let:1:12
          |
        1 | f(x) = x + foo
          |            ^^^ not known here
          |
          = help: declare it: `foo: real`, or put `*` between the letters if a product is meant"#]],
    );
}

#[test]
fn parameter_no_name() {
    check(
        "f(2) = 3",
        "1",
        expect![[r#"
        error[syntax]: the arguments of a definition are names
         --> let:1:3
          |
        1 | f(2) = 3
          |   ^ not a name
          |
          = help: write f(x) = … to define, solve f(2) = … to solve"#]],
    );
}

#[test]
fn parameter_twice() {
    check(
        "f(x, x) = 3",
        "1",
        expect![[r#"
        error[name]: `f` has two arguments of the name `x`
         --> let:1:6
          |
        1 | f(x, x) = 3
          |      ^ the second one
          |
          = help: give each argument a name of its own"#]],
    );
}

#[test]
fn statement_binds_nothing() {
    check(
        "x + 1",
        "1",
        expect![[r#"
        error[input]: this expression binds nothing
         --> let:1:1
          |
        1 | x + 1
          | ^^^^^ a declaration, a definition or a fact is expected here
          |
          = help: give it a name, as in `a = ...`, declare with `x: real`, or state a fact such as `x > 0`"#]],
    );
}

#[test]
fn recurrence() {
    check(
        "T[i] = T[i-1] for i in 2..3",
        "1",
        expect![[r#"
        error[unsupported]: definitions by index, and recurrences, come with a later version
         --> let:1:1
          |
        1 | T[i] = T[i-1] for i in 2..3
          | ^^^^ defined by index here
          |
          = help: for now define scalars: `f(x) = ...` or `a = ...`"#]],
    );
}

#[test]
fn no_type() {
    check(
        "x: rael",
        "1",
        expect![[r#"
        error[type]: `rael` is no type
         --> let:1:4
          |
        1 | x: rael
          |    ^^^^ a type is expected here
          |
          = help: did you mean `real`?"#]],
    );
}

#[test]
fn wrong_size() {
    check(
        "A: matrix(n)",
        "1",
        expect![[r#"
        error[shape]: `matrix` takes one size for each axis
         --> let:1:4
          |
        1 | A: matrix(n)
          |    ^^^^^^^^^ 1 given
          |
          = help: write `matrix(n, m)`"#]],
    );
}

#[test]
fn size_of_number() {
    check(
        "x: real(3)",
        "1",
        expect![[r#"
        error[shape]: `real` is the type of a number and has no size
         --> let:1:4
          |
        1 | x: real(3)
          |    ^^^^^^^ a size is given here
          |
          = help: write `real`, or `vector(n)` for n numbers"#]],
    );
}

#[test]
fn contradiction() {
    check(
        "x > 0; x < 0",
        "x",
        expect![[r#"
        error[domain]: the facts about `x` contradict each other
         --> let:1:8
          |
        1 | x > 0; x < 0
          |        ^^^^^ this cannot hold beside what was said before
          |
          = help: declare `x: real` anew to forget what was said of it"#]],
    );
}

#[test]
fn prime_of_two() {
    check(
        "f(x, y) = x*y",
        "f'(1, 2)",
        expect![[r#"
        error[type]: `f(x, y)` has 2 arguments, and a prime does not say which
         --> expr:1:1
          |
        1 | f'(1, 2)
          | ^^ by which argument?
          |
          = help: write `∂/∂x f(x, y)`, or `grad`"#]],
    );
}

#[test]
fn prime_of_number() {
    check(
        "",
        "x'",
        expect![[r#"
        error[type]: `x` is a number: it has neither a derivative nor a transpose of its own
         --> expr:1:1
          |
        1 | x'
          | ^^ a prime stands behind a number
          |
          = help: define `x(t) = ...` first for a function, or write `d/dx` before a formula"#]],
    );
}

#[test]
fn prime_of_two_variables() {
    check(
        "",
        "(x*y)'",
        expect![[r#"
        error[type]: a prime does not say whether to differentiate by `x`, `y`
         --> expr:1:2
          |
        1 | (x*y)'
          |  ^^^^^ a prime behind a formula
          |
          = help: write `∂/∂x (...)`"#]],
    );
}

#[test]
fn derivative_by_constant() {
    check(
        "",
        "d/dpi (x^2)",
        expect![[r#"
        error[name]: `pi` is the constant pi, not a variable
         --> expr:1:4
          |
        1 | d/dpi (x^2)
          |    ^^ a variable is expected here
          |
          = help: use another letter, or declare `pi: real`"#]],
    );
}

#[test]
fn derivative_by_function() {
    check(
        "f(x) = x",
        "∂/∂f (x^2)",
        expect![[r#"
        error[name]: `f` is a function, not a variable
         --> expr:1:4
          |
        1 | ∂/∂f (x^2)
          |    ^ a variable is expected here
          |
          = help: use another letter, or declare `f: real`"#]],
    );
}

#[test]
fn derivative_of_wrong_argument() {
    check(
        "f(t) = t^2",
        "d/dx f",
        expect![[r#"
        error[name]: `f(t)` has no argument `x`
         --> expr:1:4
          |
        1 | d/dx f
          |    ^ its arguments are `t`
          |
          = help: apply it first, as in `d/dx f(t)`, or use its own names"#]],
    );
}

#[test]
fn gradient_of_constant() {
    check(
        "",
        "grad(3)",
        expect![[r#"
        error[type]: there is nothing to differentiate by
         --> expr:1:6
          |
        1 | grad(3)
          |      ^ this has no variable
          |
          = help: write a formula with variables, such as `grad(x^2 + y^3)`"#]],
    );
}

#[test]
fn hessian_of_vector() {
    check(
        "",
        "hessian([x, y])",
        expect![[r#"
        error[shape]: this is taken of a scalar function
         --> expr:1:1
          |
        1 | hessian([x, y])
          | ^^^^^^^^^^^^^^^ the value is a vector
          |
          = help: for vector-valued functions there is `jacobian`"#]],
    );
}

#[test]
fn divergence_of_number() {
    check(
        "",
        "div(x*y)",
        expect![[r#"
        error[shape]: the divergence needs as many entries as variables: here 1 and 2
         --> expr:1:1
          |
        1 | div(x*y)
          | ^^^^^^^^ of a vector-valued function
          |
          = help: write `div([x*y, y^2], [x, y])`"#]],
    );
}

#[test]
fn along_wrong_count() {
    check(
        "",
        "along(x*y, [1, 2, 3])",
        expect![[r#"
        error[shape]: the direction has 3 entries, and the function 2 variables (x, y)
         --> expr:1:12
          |
        1 | along(x*y, [1, 2, 3])
          |            ^^^^^^^^^ the direction
          |
          = help: give one entry for each variable, in this order"#]],
    );
}

#[test]
fn along_zero() {
    check(
        "",
        "along(x*y, [0, 0])",
        expect![[r#"
        error[domain]: the zero vector has no direction
         --> expr:1:12
          |
        1 | along(x*y, [0, 0])
          |            ^^^^^^ all its entries are 0
          |
          = help: give a direction that is not zero"#]],
    );
}

#[test]
fn integral_arguments() {
    check(
        "",
        "integral(x^2, 0, 1)",
        expect![[r#"
        error[type]: `integral` is not written so
         --> expr:1:1
          |
        1 | integral(x^2, 0, 1)
          | ^^^^^^^^^^^^^^^^^^^ its arguments are missing or of another kind
          |
          = help: write for example `integral(exp(-x^2), x, 0, inf)`"#]],
    );
}

#[test]
fn limit_arguments() {
    check(
        "",
        "limit(x^2)",
        expect![[r#"
        error[type]: `limit` is not written so
         --> expr:1:1
          |
        1 | limit(x^2)
          | ^^^^^^^^^^ its arguments are missing or of another kind
          |
          = help: write for example `limit(sin(x)/x, x -> 0)`"#]],
    );
}

#[test]
fn taylor_order() {
    check(
        "",
        "taylor(sin(x), x = 0, n)",
        expect![[r#"
        error[type]: the order of a Taylor polynomial is a whole number from 0 to 1000
         --> expr:1:23
          |
        1 | taylor(sin(x), x = 0, n)
          |                       ^ not such a number
          |
          = help: write `taylor(sin(x), x = 0, 7)`"#]],
    );
}

#[test]
fn inverse_unknown() {
    check(
        "",
        "gamma^-1(x)",
        expect![[r#"
        error[unsupported]: the inverse function of `gamma` is not known
         --> expr:1:1
          |
        1 | gamma^-1(x)
          | ^^^^^^^^ read as the inverse function
          |
          = help: for the reciprocal write `1/gamma(x)`"#]],
    );
}

#[test]
fn range_alone() {
    check(
        "",
        "(1..3) + 1",
        expect![[r#"
        error[type]: a range is not a number
         --> expr:1:2
          |
        1 | (1..3) + 1
          |  ^^^^ a range stands here
          |
          = help: ranges go with a binder: `sum(i in 1..5, i^2)`"#]],
    );
}

#[test]
fn equation_alone() {
    check(
        "",
        "sin(x = 2)",
        expect![[r#"
        error[syntax]: an equation is not a number
         --> expr:1:5
          |
        1 | sin(x = 2)
          |     ^^^^^ `=` stands here
          |
          = help: to compare, write `==`; to name a value, write `a = ...` before, or `where a = ...`"#]],
    );
}

#[test]
fn membership() {
    check(
        "",
        "if x in y then 1 else 0",
        expect![[r#"
        error[type]: `in` needs an interval here
         --> expr:1:9
          |
        1 | if x in y then 1 else 0
          |         ^ not an interval
          |
          = help: write `x in [0, 1]`, or `0 <= x <= 1`"#]],
    );
}

#[test]
fn solve() {
    check(
        "",
        "solve x^2 = 1",
        expect![[r#"
        error[syntax]: a formula is expected, and this is an equation to solve
         --> expr:1:1
          |
        1 | solve x^2 = 1
          | ^^^^^^^^^^^^^ not a formula
          |
          = help: ask with `solve`"#]],
    );
}

#[test]
fn minimize() {
    check(
        "",
        "minimize x^2",
        expect![[r#"
        error[syntax]: a formula is expected, and this is a problem of optimisation
         --> expr:1:1
          |
        1 | minimize x^2
          | ^^^^^^^^^^^^ not a formula
          |
          = help: ask with `minimize`"#]],
    );
}

#[test]
fn long_number() {
    check(
        "",
        "1e99999",
        expect![[r#"
        error[limit]: this number is too long to be kept exact
         --> expr:1:1
          |
        1 | 1e99999
          | ^^^^^^^ more than 10,000 digits
          |
          = help: take fewer digits, or a smaller exponent"#]],
    );
}

#[test]
fn text_in_quotes() {
    check(
        "",
        "1 + \"a\"",
        expect![[r#"
        error[type]: a text in quotes is not a number
         --> expr:1:5
          |
        1 | 1 + "a"
          |     ^^^ a text stands here
          |
          = help: names are written without quotes"#]],
    );
}

#[test]
fn log_base_unknown() {
    check(
        "",
        "log_foo(x)",
        expect![[r#"
        error[name]: the base `foo` is not known
         --> expr:1:1
          |
        1 | log_foo(x)
          | ^^^^^^^ no number
          |
          = help: write `log(x, base)`"#]],
    );
}

#[test]
fn no_type_near() {
    check(
        "x: banana",
        "1",
        expect![[r#"
        error[type]: `banana` is no type
         --> let:1:4
          |
        1 | x: banana
          |    ^^^^^^ a type is expected here
          |
          = help: types are real, integer, positive, nonnegative, negative, nonzero, boolean, vector(n), matrix(n, m), tensor(n, m, k), symmetric(n), spd(n), skew(n), orthogonal(n), diagonal(n), lower(n), upper(n), invertible(n)"#]],
    );
}

#[test]
fn declarations_and_facts() {
    let mut scope = Scope::new();
    let given =
        "x, y: positive real; n: integer; A: spd(n); v: vector(2*n); z >= 0; 0 < p <= 1; w in [-1, -0.5]";
    assert!(scope.read(given).is_ok());
    assert_eq!(scope.facts("x"), Facts::POSITIVE);
    assert_eq!(scope.facts("z"), Facts::NONNEGATIVE);
    assert_eq!(scope.facts("p"), Facts::POSITIVE);
    assert_eq!(scope.facts("w"), Facts::NEGATIVE);
    assert_eq!(scope.facts("unheard"), Facts::REAL);
    assert_eq!(scope.type_of("n").map(|ty| ty.element), Some(Element::Integer));
    let spd = scope.type_of("A").cloned().unwrap_or_default();
    assert_eq!(spd.shape, [Size::Name("n".into()), Size::Name("n".into())]);
    assert!(spd.structure.has(Structure::SYMMETRIC.and(Structure::DEFINITE)));
    assert_eq!(scope.type_of("v").map(|ty| ty.shape.clone()), Some(vec![Size::Expression("2*n".into())]));
    assert_eq!(scope.conditions().len(), 3);
}

#[test]
fn a_text_with_an_error_changes_nothing() {
    let mut scope = Scope::new();
    assert!(scope.read("a = 1; b = foo").is_err());
    assert!(scope.is_empty());
    assert!(scope.read("b = a; a = 1").is_ok());
    assert!(scope.read("a = 2").is_ok());
    assert_eq!(scope.definition("a").map(|a| a.text().to_owned()), Some("a = 2".to_owned()));
    assert_eq!(scope.names().collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn nested_calls_share() {
    let mut scope = Scope::new();
    assert!(scope.read("f(x) = sin(x)*exp(x) + x^2").is_ok());
    let text = format!("{}x{}", "f(".repeat(60), ")".repeat(60));
    let parsed = parse_expression(&text, &scope);
    let settled = settle(&parsed.tree, parsed.root, &scope).unwrap_or_else(|e| panic!("{e:?}"));
    assert!(settled.tree.len() < 60 * 12, "{} nodes", settled.tree.len());
    assert_eq!(settled.inputs, ["x"]);
    assert!(!settled.has_decimals);
}

#[test]
fn growth_is_limited() {
    let mut scope = Scope::new();
    assert!(scope.read("g(x) = x*x + f(x)*f(2x); f(x) = x^2").is_ok());
    // Each level calls the one below twice, with different arguments.
    let mut given = String::from("h_0(x) = x + 1\n");
    for level in 1..40 {
        given += &format!("h_{level}(x) = h_{0}(2x) + h_{0}(3x)\n", level - 1);
    }
    let errors = scope.read(&given).err().unwrap_or_default();
    assert!(errors.iter().any(|error| error.code == Code::Limit), "{errors:?}");
}

#[test]
fn long_chains_and_deep_definitions() {
    let mut scope = Scope::new();
    let sum = vec!["x"; 20_000].join(" + ");
    let parsed = parse_expression(&sum, &scope);
    assert!(settle(&parsed.tree, parsed.root, &scope).is_ok());
    let mut given = String::from("k_0(x) = x\n");
    for level in 1..400 {
        given += &format!("k_{level}(x) = k_{}(x)\n", level - 1);
    }
    let errors = scope.read(&given).err().unwrap_or_default();
    assert!(errors.iter().any(|error| error.code == Code::Limit), "{errors:?}");
}

#[test]
fn decimals_are_noticed() {
    for (text, expected) in [("0.1x", true), ("2x", false), ("1e3", true), ("x/10", false)] {
        let scope = Scope::new();
        let parsed = parse_expression(text, &scope);
        let settled = settle(&parsed.tree, parsed.root, &scope);
        assert_eq!(settled.map(|s| s.has_decimals).ok(), Some(expected), "{text}");
    }
}

#[test]
fn a_shared_node_is_settled_once() {
    // x + x, squared over and over: 60 levels of sharing are 2^60 leaves written out.
    let mut tree = Tree::new();
    let mut node = tree.name("x");
    for _ in 0..60 {
        node = tree.binary(agnesi_syntax::Binary::Add, node, node);
    }
    let settled = settle(&tree, node, &Scope::new());
    assert_eq!(settled.map(|s| s.tree.len()).ok(), Some(61));
}

#[test]
fn taught_functions_are_settled() {
    let mut scope = Scope::new();
    let given = "k = 2; function swish2(x) = x*sigmoid(k*x) with derivative sigmoid(2x) + 2x*sigmoid(2x)*sigmoid(-2x)";
    assert!(scope.read(given).is_ok());
    let taught = scope.taught().unwrap_or_default();
    let [swish] = &taught[..] else { panic!("{taught:?}") };
    assert_eq!(swish.name, "swish2");
    assert_eq!(swish.args, ["x"]);
    assert_eq!(print::text(&swish.meaning.0, swish.meaning.1), "x*sigmoid(2*x)");
    assert_eq!(swish.derivative.as_ref().map(Vec::len), Some(1));
}

#[test]
fn taught_by_itself() {
    check(
        "function s(x) = 1 + s(x)",
        "1",
        expect![[r#"
        error[name]: `s` is defined by itself
         --> let:1:21
          |
        1 | function s(x) = 1 + s(x)
          |                     ^ the definition comes back to itself here
          |
          = help: a definition may use only what does not depend on it"#]],
    );
}

#[test]
fn taught_with_too_few_derivatives() {
    check(
        "function s(x, y) = x*y with derivative y",
        "1",
        expect![[r#"
        error[type]: `s` has 2 arguments, and 1 derivatives are given
         --> let:1:40
          |
        1 | function s(x, y) = x*y with derivative y
          |                                        ^ one for each argument is needed
          |
          = help: separate them by commas, in the order of the arguments"#]],
    );
}

/// Texts with something of everything, to be cut up.
const PIECES: &[&str] = &[
    "f(x, y) = x^2 + y^3; f(1, 2) + ∂/∂y f(x, y) + ∇f(1, 2)",
    "g(t) = integral(exp(-s^2), s, 0, t); g'(3) + d/dt g(t^2)",
    "sum(i in 1..4, prod(j in i..4, x^i*y^j)) where y = d/dx x^3",
    "along(2x + 3y - z, [2, 3, -1]) + laplacian(x^2*y) + div([x, y])",
    "if 0 < x <= 1 and not y == 2 then |x|! else √(x) where x = f(a), f(t) = t*b",
    "limit(sin(x)/x, x -> 0+) + taylor(log(1 + x), x = 0, 3) + sin^-1(x) + log_2(x)",
    "function h(x) = x*sigmoid(2x) with derivative sigmoid(2x); h'(h(1)) + h''(q)",
    "x: positive real; A: spd(n); v = [a, b]; v[2]*x + max([x, 2]) + hessian(x*a) + A[1, :]*v",
    "jacobian([2*x*y, x^2*y])(1, 2) + (d/dx f)(3) + f'' + x' + (x*y)' + xy^2 + xsin(x)",
    "T[i] = T[i - 1]*B[i] for i in 2..m; fold(h = h0, t in 1..3, tanh(h)); [i^2 for i in 1..n]",
    "a = b; b = a; c(x) = c(x - 1); x > 0; x in [0, 1]; (p, q) = (1, 2); \"text\"; 1e99999; solve x = 1",
];

#[test]
fn nothing_panics() {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let words: Vec<&str> =
        PIECES.iter().flat_map(|piece| piece.split_inclusive([' ', '(', ')', ',', ';'])).collect();
    let mut settled = 0;
    for round in 0..6000 {
        let mut text = String::new();
        if round % 2 == 0 {
            let piece: Vec<&str> =
                PIECES[random(PIECES.len())].split_inclusive([' ', '(', ')', ',', ';']).collect();
            for word in &piece {
                match random(12) {
                    0 => {}
                    1 => text += words[random(words.len())],
                    _ => text += word,
                }
            }
        } else {
            for _ in 0..random(24) + 1 {
                text += words[random(words.len())];
            }
        }
        let (given, expression) = text.rsplit_once(';').unwrap_or(("", &text));
        let mut scope = Scope::new();
        let _ = scope.read(given);
        let parsed = agnesi_syntax::parse(expression, &scope);
        for &root in &parsed.statements {
            if let Ok(done) = settle(&parsed.tree, root, &scope) {
                settled += 1;
                let kinds = walk::below(&done.tree, done.root);
                assert!(kinds.iter().all(|id| is_settled(&done.tree, *id)), "{text}");
            }
        }
    }
    assert!(settled > 500, "{settled}");
}

/// Whether a node is of a kind that settled trees hold.
fn is_settled(tree: &Tree, id: TreeId) -> bool {
    use agnesi_syntax::{Binary, Kind, Prefix};
    match tree.kind(id) {
        Kind::Number(_) | Kind::Name(_) | Kind::If(..) | Kind::Vector(_) | Kind::Matrix(_) => true,
        Kind::Derivative { .. } | Kind::Where(..) => true,
        Kind::Prefix(op, _) => *op != Prefix::Plus,
        Kind::Binary(op, ..) => matches!(
            op,
            Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::Pow | Binary::And | Binary::Or
        ),
        Kind::Compare { operands, relations } => operands.len() == 2 && relations.len() == 1,
        Kind::Call { head, .. } => matches!(tree.kind(*head), Kind::Name(_)),
        Kind::Define { target, binders, .. } => {
            matches!(tree.kind(*target), Kind::Name(_)) && binders.is_empty()
        }
        _ => false,
    }
}
