//! Every message once.

use expect_test::expect;

use super::check;

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
        error[name]: `T` is defined by entries of itself, and nothing gives `T[1]`
         --> let:1:1
          |
        1 | T[i] = T[i-1] for i in 2..3
          | ^^^^ a recurrence
          |
          = help: write `T[1] = ...; T[i] = ... for i in 2..m`"#]],
    );
}

#[test]
fn recurrence_with_a_gap() {
    check(
        "T[1] = 1; T[i] = T[i-1] for i in 3..5",
        "1",
        expect![[r#"
        error[name]: entries 1 to 1 of `T` are given, and the rule begins at 3
         --> let:1:11
          |
        1 | T[1] = 1; T[i] = T[i-1] for i in 3..5
          |           ^^^^ a recurrence
          |
          = help: begin where they end: `for i in 2..m`"#]],
    );
}

#[test]
fn recurrence_in_two_indices() {
    check(
        "T[i, j] = T[i, j] for i in 2..3, j in 1..2",
        "1",
        expect![[r#"
        error[unsupported]: `T` is defined by entries of itself in 2 indices
         --> let:1:1
          |
        1 | T[i, j] = T[i, j] for i in 2..3, j in 1..2
          | ^^^^^^^ a recurrence
          |
          = help: recurrences have one index; rows may be vectors: `T[i,:] = ... T[i-1,:] ... for i in 2..m`"#]],
    );
}

#[test]
fn single_entry() {
    check(
        "T[1] = 5",
        "1",
        expect![[r#"
        error[unsupported]: single entries are defined as the beginning of a recurrence alone
         --> let:1:1
          |
        1 | T[1] = 5
          | ^^^^ only this entry of `T` is given a value
          |
          = help: define all entries by a rule, `T[i] = ... for i in 1..n`, or the whole, `T = [...]`"#]],
    );
}

#[test]
fn index_without_range() {
    check(
        "r[i] = 1 for j in 1..3",
        "1",
        expect![[r#"
        error[name]: nothing says how far `i` runs
         --> let:1:3
          |
        1 | r[i] = 1 for j in 1..3
          |   ^ no range is given for this index
          |
          = help: end the definition with `for i in 1..n`"#]],
    );
}

#[test]
fn range_without_index() {
    check(
        "r[i] = 1 for i in 1..3, j in 1..3",
        "1",
        expect![[r#"
            error[name]: `j` is no index of `r`
             --> let:1:25
              |
            1 | r[i] = 1 for i in 1..3, j in 1..3
              | ---- defined here       ^^^^^^^^^ runs here, and stands for no axis
              |
              = help: write it as an index of `r`, or sum over it: `sum(j in 1..n, ...)`"#]],
    );
}

#[test]
fn index_twice() {
    check(
        "r[i, i] = 1 for i in 1..3",
        "1",
        expect![[r#"
        error[name]: `i` stands for two axes of `r`
         --> let:1:6
          |
        1 | r[i, i] = 1 for i in 1..3
          |      ^ the second one
          |
          = help: give each axis an index of its own"#]],
    );
}

#[test]
fn no_index_for_a_range() {
    check(
        "r = 1 for i in 1..3",
        "1",
        expect![[r#"
        error[syntax]: the name on the left has no index that `for` could run through
         --> let:1:1
          |
        1 | r = 1 for i in 1..3
          | ^ no index here
          |
          = help: write `v[i] = ... for i in 1..n`, or `v = [... for i in 1..n]`"#]],
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
