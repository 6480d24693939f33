//! Every message of the parser, as a user sees it.

mod common;

use agnesi_syntax::{Limits, parse, parse_expression, parse_within, render};
use expect_test::{Expect, expect};

/// Inputs and what is said about them.
fn check(inputs: &[&str], expected: Expect) {
    let mut out = String::new();
    for input in inputs {
        let parsed = parse(input, &common::names);
        assert!(!parsed.diagnostics.is_empty(), "{input}: nothing said");
        for diagnostic in &parsed.diagnostics {
            out.push_str(&render(diagnostic, input, "input", false));
            out.push_str("\n\n");
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn missing_values() {
    check(
        &[
            "2x^",
            "5..",
            "x ==",
            "(x + )",
            "f(,x)",
            "[1, , 2]",
            "[1, 2;; 3, 4]",
            "[;]",
            "x +* y",
            "x =< y",
            "* x",
            "== 3",
            "= 3",
            "x =",
            "x + ",
            "()",
            "!x",
            "'x",
            "² + 1",
            "x + :",
            "where a = 1",
            "and x",
            "x and",
            "x where",
            "x where 3",
            "sum(i in , x)",
            "if",
            "x -> ",
            "1 + then",
        ],
        expect![[r#"
            error[syntax]: a value is missing after `^`
             --> input:1:3
              |
            1 | 2x^
              |   ^ nothing follows
              |
              = help: write what belongs after `^`, or remove it

            error[syntax]: a value is missing after `..`
             --> input:1:2
              |
            1 | 5..
              |  ^^ nothing follows
              |
              = help: write what belongs after `..`, or remove it

            error[syntax]: a value is missing after `==`
             --> input:1:3
              |
            1 | x ==
              |   ^^ nothing follows
              |
              = help: write what belongs after `==`, or remove it

            error[syntax]: a value is missing after `+`
             --> input:1:4
              |
            1 | (x + )
              |    ^ nothing follows
              |
              = help: write what belongs after `+`, or remove it

            error[syntax]: a value is missing before the comma
             --> input:1:3
              |
            1 | f(,x)
              |   ^ nothing stands before it
              |
              = help: remove the comma, or write what belongs before it

            error[syntax]: a value is missing before the comma
             --> input:1:5
              |
            1 | [1, , 2]
              |     ^ nothing stands before it
              |
              = help: remove the comma, or write what belongs before it

            error[syntax]: a row of the matrix is empty
             --> input:1:7
              |
            1 | [1, 2;; 3, 4]
              |       ^ nothing stands before it
              |
              = help: write the row's entries, or remove the `;`

            error[syntax]: a row of the matrix is empty
             --> input:1:2
              |
            1 | [;]
              |  ^ nothing stands before it
              |
              = help: write the row's entries, or remove the `;`

            error[syntax]: `*` follows `+` with no value between them
             --> input:1:4
              |
            1 | x +* y
              |   -^ a value is expected here
              |   |
              |   after this operator
              |
              = help: remove one of the two operators

            error[syntax]: `<` follows `=` with no value between them
             --> input:1:4
              |
            1 | x =< y
              |   -^ a value is expected here
              |   |
              |   after this operator
              |
              = help: write <= for less or equal

            error[syntax]: `*` has nothing on its left
             --> input:1:1
              |
            1 | * x
              | ^ a value is expected before it
              |
              = help: write what belongs before `*`, or remove it

            error[syntax]: `==` has nothing on its left
             --> input:1:1
              |
            1 | == 3
              | ^^ a value is expected before it
              |
              = help: write what belongs before `==`, or remove it

            error[syntax]: `=` has nothing on its left
             --> input:1:1
              |
            1 | = 3
              | ^ what does it define?
              |
              = help: write name = value

            error[syntax]: a definition has no value
             --> input:1:3
              |
            1 | x =
              | --^
              | | |
              | | nothing follows
              | this is defined
              |
              = help: write name = value

            error[syntax]: a value is missing after `+`
             --> input:1:3
              |
            1 | x + 
              |   ^ nothing follows
              |
              = help: write what belongs after `+`, or remove it

            error[syntax]: there is nothing between these brackets
             --> input:1:1
              |
            1 | ()
              | ^^ a value is expected inside
              |
              = help: write the value, or remove the brackets

            error[syntax]: `!` is written after a value
             --> input:1:1
              |
            1 | !x
              | ^ nothing stands before it
              |
              = help: write n! for a factorial, not c for the negation of a condition

            error[syntax]: `'` is written after a value
             --> input:1:1
              |
            1 | 'x
              | ^ nothing stands before it
              |
              = help: write f'(x) for a derivative, A' for a transpose; strings stand in double quotes

            error[syntax]: an exponent needs a base before it
             --> input:1:1
              |
            1 | ² + 1
              | ^ nothing stands before it
              |
              = help: write the base first, as in x²

            error[syntax]: `:` alone is an index
             --> input:1:5
              |
            1 | x + :
              |     ^ not inside an index
              |
              = help: write A[i,:] for a row, x: real to declare

            error[syntax]: a value is missing before `where`
             --> input:1:1
              |
            1 | where a = 1
              | ^^^^^ nothing stands before it
              |
              = help: write what belongs before `where`

            error[syntax]: a value is missing before `and`
             --> input:1:1
              |
            1 | and x
              | ^^^ nothing stands before it
              |
              = help: write what belongs before `and`

            error[syntax]: a value is missing after `and`
             --> input:1:3
              |
            1 | x and
              |   ^^^ nothing follows
              |
              = help: write what belongs after `and`, or remove it

            error[syntax]: `where` needs a definition after it
             --> input:1:3
              |
            1 | x where
              |   ^^^^^- `name = value` is expected here
              |   |
              |   nothing is defined
              |
              = help: write where a = 1, b = 2

            error[syntax]: `where` needs a definition after it
             --> input:1:3
              |
            1 | x where 3
              |   ^^^^^ - `name = value` is expected here
              |   |
              |   nothing is defined
              |
              = help: write where a = 1, b = 2

            error[syntax]: a value is missing after `in`
             --> input:1:7
              |
            1 | sum(i in , x)
              |       ^^ nothing follows
              |
              = help: write what belongs after `in`, or remove it

            error[syntax]: a value is missing after `if`
             --> input:1:1
              |
            1 | if
              | ^^ nothing follows
              |
              = help: write what belongs after `if`, or remove it

            error[syntax]: a value is missing after `->`
             --> input:1:3
              |
            1 | x -> 
              |   ^^ nothing follows
              |
              = help: write what belongs after `->`, or remove it

            error[syntax]: a value is missing after `+`
             --> input:1:3
              |
            1 | 1 + then
              |   ^ nothing follows
              |
              = help: write what belongs after `+`, or remove it

        "#]],
    );
}

#[test]
fn brackets() {
    check(
        &[
            "(x + 1",
            "x + 1)",
            "[1, 2",
            "[1, 2)",
            "(x]",
            "f(x",
            "x[i",
            "|x + 1",
            "x|",
            "‖x",
            "||x|",
            "{x",
            "(x; y)",
            "(x + 1\ny = 2",
        ],
        expect![[r#"
            error[syntax]: `(` is never closed
             --> input:1:1
              |
            1 | (x + 1
              | ^     - `)` is expected by here
              | |
              | opened here
              |
              = help: write `)` where it ends

            error[syntax]: `)` closes a bracket that was never opened
             --> input:1:6
              |
            1 | x + 1)
              |      ^ no `(` before it
              |
              = help: remove it, or write `(` where the bracket begins

            error[syntax]: `[` is never closed
             --> input:1:1
              |
            1 | [1, 2
              | ^    - `]` is expected by here
              | |
              | opened here
              |
              = help: write `]` where it ends

            error[syntax]: `[` is closed by `)`
             --> input:1:6
              |
            1 | [1, 2)
              | -    ^ closed here
              | |
              | opened here
              |
              = help: write `]` instead of `)`

            error[syntax]: `(` is closed by `]`
             --> input:1:3
              |
            1 | (x]
              | - ^ closed here
              | |
              | opened here
              |
              = help: write `)` instead of `]`

            error[syntax]: `(` is never closed
             --> input:1:2
              |
            1 | f(x
              |  ^ - `)` is expected by here
              |  |
              |  opened here
              |
              = help: write `)` where it ends

            error[syntax]: `[` is never closed
             --> input:1:2
              |
            1 | x[i
              |  ^ - `]` is expected by here
              |  |
              |  opened here
              |
              = help: write `]` where it ends

            error[syntax]: `|` is never closed
             --> input:1:1
              |
            1 | |x + 1
              | ^     - `|` is expected by here
              | |
              | opened here
              |
              = help: write `|` where it ends

            error[syntax]: a value is missing
             --> input:1:3
              |
            1 | x|
              |   ^ a value is expected here
              |
              = help: write a number, a name or a bracket

            error[syntax]: `‖` is never closed
             --> input:1:1
              |
            1 | ‖x
              | ^ - `‖` is expected by here
              | |
              | opened here
              |
              = help: write `‖` where it ends

            error[syntax]: `|` is never closed
             --> input:1:1
              |
            1 | ||x|
              | ^   - `|` is expected by here
              | |
              | opened here
              |
              = help: write `|` where it ends

            note: braces were read as round brackets
             --> input:1:1
              |
            1 | {x
              | ^ a bracket

            error[syntax]: `{` is never closed
             --> input:1:1
              |
            1 | {x
              | ^ - `}` is expected by here
              | |
              | opened here
              |
              = help: write `}` where it ends

            error[syntax]: `;` separates the rows of a matrix, and here is none
             --> input:1:3
              |
            1 | (x; y)
              | - ^ not expected here
              | |
              | inside this bracket
              |
              = help: write a comma between arguments

            error[syntax]: `=` defines, and inside these brackets nothing is defined
             --> input:2:3
              |
            1 | (x + 1
              | - inside this bracket
            2 | y = 2
              |   ^ not here
              |
              = help: write == to compare, or close the bracket before a definition

        "#]],
    );
}

#[test]
fn unreadable_characters() {
    check(
        &[
            "x @ y",
            "\\frac{1}{2}",
            "$x$",
            "100%",
            "x & y",
            "x ? y : z",
            "a.b",
            "f ∘ g",
            "x \0 y",
            "“x”",
            "±x",
            "⟨x⟩",
            "Δx + ∆x",
            "☺",
            "\"abc",
            "1.2.3",
            "x \u{fffd}",
        ],
        expect![[r#"
            error[syntax]: `@` is no part of the notation
             --> input:1:3
              |
            1 | x @ y
              |   ^ not readable
              |
              = help: write `*` for a matrix product

            error[syntax]: `\` is no part of the notation
             --> input:1:1
              |
            1 | \frac{1}{2}
              | ^ not readable
              |
              = help: LaTeX commands are not read: write sqrt(x), a/b, alpha

            error[syntax]: `$` is no part of the notation
             --> input:1:1
              |
            1 | $x$
              | ^ not readable
              |
              = help: leave out the dollar signs of LaTeX

            error[syntax]: `%` is no part of the notation
             --> input:1:4
              |
            1 | 100%
              |    ^ not readable
              |
              = help: write mod(a, b) for a remainder, x/100 for per cent, # for a comment

            error[syntax]: `&` is no part of the notation
             --> input:1:3
              |
            1 | x & y
              |   ^ not readable
              |
              = help: write `and`

            error[syntax]: `?` is no part of the notation
             --> input:1:3
              |
            1 | x ? y : z
              |   ^ not readable
              |
              = help: write if c then a else b

            error[syntax]: `.` is no part of the notation
             --> input:1:2
              |
            1 | a.b
              |  ^ not readable
              |
              = help: write digits on one side of a decimal point, `..` for a range

            error[syntax]: `∘` is no part of the notation
             --> input:1:3
              |
            1 | f ∘ g
              |   ^ not readable
              |
              = help: write f(g(x)) for a composition, .* for a product of entries

            error[syntax]: the control character U+0000 is no part of the notation
             --> input:1:3
              |
            1 | x ␀ y
              |   ^ not readable
              |
              = help: remove it; the text must be UTF-8

            error[syntax]: `“` is no part of the notation
             --> input:1:1
              |
            1 | “x”
              | ^ not readable
              |
              = help: write straight double quotes

            error[syntax]: `±` is no part of the notation
             --> input:1:1
              |
            1 | ±x
              | ^ not readable
              |
              = help: write the two signs as two formulas

            error[syntax]: `⟨` is no part of the notation
             --> input:1:1
              |
            1 | ⟨x⟩
              | ^ not readable
              |
              = help: write dot(x, y)

            error[syntax]: `∆` is no part of the notation
             --> input:1:6
              |
            1 | Δx + ∆x
              |      ^ not readable
              |
              = help: write laplacian(f)

            error[syntax]: `☺` is no part of the notation
             --> input:1:1
              |
            1 | ☺
              | ^ not readable
              |
              = help: remove it, or write it in words

            error[syntax]: a string has no end on its line
             --> input:1:1
              |
            1 | "abc
              | ^^^^ it begins here
              |
              = help: close it with a double quote

            error[syntax]: a number has more than one decimal point
             --> input:1:1
              |
            1 | 1.2.3
              | ^^^^^ not a number
              |
              = help: write one point; commas separate arguments, `_` may group digits

            error[syntax]: `�` is no part of the notation
             --> input:1:3
              |
            1 | x �
              |   ^ not readable
              |
              = help: remove it; the text must be UTF-8

        "#]],
    );
}

#[test]
fn equations_and_definitions() {
    check(
        &[
            "2x = 4",
            "x^2 + y^2 = 1",
            "f(1) = 2",
            "(x + 1) = 2",
            "x = y = 3",
            "(x = 3)",
            "x = 3, y = 4",
            "x:",
            "x: real, y: real",
            "x + y: real",
            "f(x) = x^2 for i",
            "[x for 3]",
            "x => y",
            "x ~ y",
            "function f = 3",
            "function f(x) = x^2 with derivatve 2x",
            "function f(x) = x^2 with 3",
            "minimize x subject x > 0",
            "solve x^2 = 1 over",
        ],
        expect![[r#"
            error[syntax]: `=` defines a name, and what stands on its left is none
             --> input:1:4
              |
            1 | 2x = 4
              | -- ^ not a definition
              | |
              | neither a name nor f(x)
              |
              = help: write solve 2x = … to solve it, 2x == … to compare

            error[syntax]: `=` defines a name, and what stands on its left is none
             --> input:1:11
              |
            1 | x^2 + y^2 = 1
              | --------- ^ not a definition
              | |
              | neither a name nor f(x)
              |
              = help: write solve x^2 + y^2 = … to solve it, x^2 + y^2 == … to compare

            error[syntax]: the arguments of a definition are names
             --> input:1:3
              |
            1 | f(1) = 2
              |   ^ not a name
              |
              = help: write f(x) = … to define, solve f(1) = … to solve

            error[syntax]: `=` defines a name, and what stands on its left is none
             --> input:1:9
              |
            1 | (x + 1) = 2
              |  -----  ^ not a definition
              |  |
              |  neither a name nor f(x)
              |
              = help: write solve x + 1 = … to solve it, x + 1 == … to compare

            error[syntax]: a definition has one `=`, and this one has two
             --> input:1:7
              |
            1 | x = y = 3
              |   -   ^ a second one
              |   |
              |   the first
              |
              = help: write == to compare; separate definitions with `;`

            error[syntax]: `=` defines, and inside these brackets nothing is defined
             --> input:1:4
              |
            1 | (x = 3)
              | -  ^ not here
              | |
              | inside this bracket
              |
              = help: write == to compare, or close the bracket before a definition

            error[syntax]: a comma stands outside brackets
             --> input:1:6
              |
            1 | x = 3, y = 4
              |      ^ not expected here
              |
              = help: put the list into brackets, as in (a, b) or [a, b]; separate statements with `;`

            error[syntax]: a declaration has no type
             --> input:1:2
              |
            1 | x:
              |  ^ nothing follows
              |
              = help: write x: real, v: vector(n), A: matrix(n, m)

            error[syntax]: a comma stands between two declarations
             --> input:1:8
              |
            1 | x: real, y: real
              |        ^ not expected here
              |
              = help: write x, y: real for one type, x: real; n: integer for two

            error[syntax]: `:` stands where nothing is declared
             --> input:1:6
              |
            1 | x + y: real
              |      ^ not expected here
              |
              = help: write x: real to declare, a..b for a range, A[i,:] for a row

            error[syntax]: `for` needs a name and its range
             --> input:1:16
              |
            1 | f(x) = x^2 for i
              |                ^ no range is given
              |
              = help: write for i in 1..n

            error[syntax]: `for` needs a name and its range
             --> input:1:8
              |
            1 | [x for 3]
              |        ^ no range is given
              |
              = help: write for i in 1..n

            error[syntax]: `=>` is used only in laws
             --> input:1:3
              |
            1 | x => y
              |   ^^ not expected here
              |
              = help: write >= for greater or equal

            error[syntax]: `~` is no operator here
             --> input:1:3
              |
            1 | x ~ y
              |   ^ not expected here
              |
              = help: write == to compare

            error[syntax]: `function` needs a definition after it
             --> input:1:1
              |
            1 | function f = 3
              | ^^^^^^^^^^ no definition
              |
              = help: write function f(x) = x^2 with derivative 2*x

            error[syntax]: `with` needs a column of the table after it
             --> input:1:26
              |
            1 | function f(x) = x^2 with derivatve 2x
              |                          ^^^^^^^^^ not a column
              |
              = help: did you mean `derivative`?

            error[syntax]: `with` needs a column of the table after it
             --> input:1:26
              |
            1 | function f(x) = x^2 with 3
              |                          ^ not a column
              |
              = help: write derivative, antiderivative, domain, range, meaning, law or example

            error[syntax]: `subject` needs `to` after it
             --> input:1:12
              |
            1 | minimize x subject x > 0
              |            ^^^^^^^^^ `to` is missing
              |
              = help: write minimize f subject to g >= 0 over x, y

            error[syntax]: a value is missing
             --> input:1:19
              |
            1 | solve x^2 = 1 over
              |                   ^ a value is expected here
              |
              = help: write a number, a name or a bracket

        "#]],
    );
}

#[test]
fn words_out_of_place() {
    check(
        &[
            "x then y",
            "x else y",
            "if x then y",
            "if x",
            "if (x, y)",
            "x for i in 1..n",
            "x if y then z else w",
            "x not y",
            "x \"y\"",
            "1 2",
            "1..2..3",
            "n!!",
            "x -> 0 -> 1",
            "x⁺",
            "2 x: 3",
        ],
        expect![[r#"
            error[syntax]: `then` without its `if`
             --> input:1:3
              |
            1 | x then y
              |   ^^^^ not expected here
              |
              = help: write if c then a else b

            error[syntax]: `else` without its `if`
             --> input:1:3
              |
            1 | x else y
              |   ^^^^ not expected here
              |
              = help: write if c then a else b

            error[syntax]: `if` has no `else`
             --> input:1:1
              |
            1 | if x then y
              | ^^         - `else` is expected here
              | |
              | this `if`
              |
              = help: write if c then a else b; both values are needed

            error[syntax]: `if` has no `then`
             --> input:1:1
              |
            1 | if x
              | ^^  - `then` is expected here
              | |
              | this `if`
              |
              = help: write if c then a else b; both values are needed

            error[syntax]: `if(…)` takes a condition and two values
             --> input:1:1
              |
            1 | if (x, y)
              | ^^^^^^^^^ not three arguments
              |
              = help: write if(c, a, b), or if c then a else b

            error[syntax]: `for` stands where nothing runs over a range
             --> input:1:3
              |
            1 | x for i in 1..n
              |   ^^^ not expected here
              |
              = help: write [x[i] for i in 1..n], or T[i] = … for i in 2..m

            error[syntax]: `if` stands after a value with no operator between them
             --> input:1:3
              |
            1 | x if y then z else w
              |   ^^ not expected here
              |
              = help: write an operator before it

            error[syntax]: `not` stands after a value
             --> input:1:3
              |
            1 | x not y
              |   ^^^ not expected here
              |
              = help: write `and not`, or != for unequal

            error[syntax]: a string stands after a value
             --> input:1:3
              |
            1 | x "y"
              |   ^^^ not expected here
              |
              = help: separate arguments with commas

            error[syntax]: two numbers stand side by side
             --> input:1:3
              |
            1 | 1 2
              | - ^ a second number
              | |
              | after this one
              |
              = help: write `*` for a product, a comma between entries

            error[syntax]: a range has two ends, and this one has three
             --> input:1:5
              |
            1 | 1..2..3
              |  -- ^^ a second `..`
              |  |
              |  the first
              |
              = help: write first..last; both ends are included

            error[syntax]: `!!` has two readings: the double factorial, and the factorial of a factorial
             --> input:1:2
              |
            1 | n!!
              |  ^^ two signs
              |
              = help: write (n!)! for the factorial of a factorial

            error[syntax]: `->` stands where nothing approaches a limit
             --> input:1:8
              |
            1 | x -> 0 -> 1
              |        ^^ not expected here
              |
              = help: write limit(sin(x)/x, x -> 0)

            error[syntax]: a raised sign stands where nothing approaches a limit
             --> input:1:2
              |
            1 | x⁺
              |  ^ not expected here
              |
              = help: write limit(1/x, x -> 0+)

            error[syntax]: `:` stands where nothing is declared
             --> input:1:4
              |
            1 | 2 x: 3
              |    ^ not expected here
              |
              = help: write x: real to declare, a..b for a range, A[i,:] for a row

        "#]],
    );
}

#[test]
fn calculus() {
    check(
        &["∂x", "∂", "∫ x^2", "∫_0 x dx", "∫_2a^b x dx", "∫ x d2", "∫ x^2 dx dy)", "d/dx", "∇"],
        expect![[r#"
            error[syntax]: `∂` is part of a derivative
             --> input:1:1
              |
            1 | ∂x
              | ^ no derivative follows
              |
              = help: write ∂/∂x f(x, y)

            error[syntax]: `∂` is part of a derivative
             --> input:1:1
              |
            1 | ∂
              | ^ no derivative follows
              |
              = help: write ∂/∂x f(x, y)

            error[syntax]: an integral has no `dx` at its end
             --> input:1:1
              |
            1 | ∫ x^2
              | ^    - `dx` is expected by here
              | |
              | this integral
              |
              = help: write ∫ x^2 dx, or integral(x^2, x)

            error[syntax]: an integral with a lower bound needs an upper one
             --> input:1:2
              |
            1 | ∫_0 x dx
              |  ^^ - `^` and the upper bound are expected here
              |  |
              |  the lower bound
              |
              = help: write ∫_0^1 x^2 dx, or integral(x^2, x, 0, 1)

            error[syntax]: a bound is a number, a name or a bracket
             --> input:1:2
              |
            1 | ∫_2a^b x dx
              |  ^^^ none of these
              |
              = help: write ∫_(2*a)^b x^2 dx, or integral(x^2, x, 2*a, b)

            error[syntax]: an integral has no `dx` at its end
             --> input:1:1
              |
            1 | ∫ x d2
              | ^     - `dx` is expected by here
              | |
              | this integral
              |
              = help: write ∫ x^2 dx, or integral(x^2, x)

            error[syntax]: `)` closes a bracket that was never opened
             --> input:1:12
              |
            1 | ∫ x^2 dx dy)
              |            ^ no `(` before it
              |
              = help: remove it, or write `(` where the bracket begins

            error[syntax]: a value is missing
             --> input:1:5
              |
            1 | d/dx
              |     ^ a value is expected here
              |
              = help: write a number, a name or a bracket

            error[syntax]: a value is missing after `∇`
             --> input:1:1
              |
            1 | ∇
              | ^ nothing follows
              |
              = help: write what belongs after `∇`, or remove it

        "#]],
    );
}

#[test]
fn notes() {
    check(
        &[
            "sin x^2",
            "sin -x",
            "√2x",
            "x(x+1)",
            "A(1, 2)",
            "A[1:2]",
            "1/2x",
            "1/x(y + 1)",
            "e^2x",
            "x**2",
            "{x}",
            "[a b]",
            "d/dx x*sin(x)",
            "y = x^2; dy/dx",
            "f(x) = x; x(2)",
        ],
        expect![[r#"
            note: this was read as sin(x^2)
             --> input:1:1
              |
            1 | sin x^2
              | ^^^^^^^ the function takes all of this
              |
              = help: write the function's bracket, as in sin(x)^2, for the power of its value

            note: this was read as sin(-x)
             --> input:1:1
              |
            1 | sin -x
              | ^^^^^^ the function takes all of this

            note: this was read as sqrt(2)
             --> input:1:1
              |
            1 | √2x
              | ^^ the function takes all of this

            note: `x(…)` was read as the product x*(…)
             --> input:1:1
              |
            1 | x(x+1)
              | ^^ a product
              |
              = help: write x*(…) to say so; if x is a function, define it first, as in x(t) = …

            note: round brackets after an array were read as an index
             --> input:1:1
              |
            1 | A(1, 2)
              | ^^^^^^^ an index
              |
              = help: write square brackets to say so

            note: `:` between two indices was read as the range `..`
             --> input:1:4
              |
            1 | A[1:2]
              |    ^ a range

            note: the divisor was read as 2 alone; `x` is a factor after the quotient
             --> input:1:2
              |
            1 | 1/2x
              |  ^^^ a quotient, then a factor
              |
              = help: write /(2*x) to divide by both

            note: `x(…)` was read as the product x*(…)
             --> input:1:3
              |
            1 | 1/x(y + 1)
              |   ^^ a product
              |
              = help: write x*(…) to say so; if x is a function, define it first, as in x(t) = …

            note: the divisor was read as x alone; `(` is a factor after the quotient
             --> input:1:2
              |
            1 | 1/x(y + 1)
              |  ^^^ a quotient, then a factor
              |
              = help: write /(x*(…)) to divide by both

            note: the exponent was read as 2 alone; `x` is a factor after the power
             --> input:1:2
              |
            1 | e^2x
              |  ^^^ a power, then a factor
              |
              = help: write ^(2*x) to have both in the exponent

            note: `**` was read as the power `^`
             --> input:1:2
              |
            1 | x**2
              |  ^^ a power

            note: braces were read as round brackets
             --> input:1:1
              |
            1 | {x}
              | ^ a bracket

            note: values side by side were read as a product
             --> input:1:2
              |
            1 | [a b]
              |  ^^^ a product
              |
              = help: write a comma between the entries of a vector

            note: `d/dx` was taken of the whole product x*sin(x)
             --> input:1:1
              |
            1 | d/dx x*sin(x)
              | ^^^^^^^^^^^^^ all of this
              |
              = help: write (d/dx f)*g for the derivative of one factor

            note: `dy/dx` was read as a derivative
             --> input:1:10
              |
            1 | y = x^2; dy/dx
              |          ^^^^^ a derivative

            note: `x(…)` was read as the product x*(…)
             --> input:1:11
              |
            1 | f(x) = x; x(2)
              |           ^^ a product
              |
              = help: write x*(…) to say so; if x is a function, define it first, as in x(t) = …

        "#]],
    );
}

#[test]
fn one_expression() {
    let mut out = String::new();
    for text in [
        "",
        "  # nothing",
        "x; y",
        "f(x) = x^2",
        "x: real",
        "solve x = 1",
        "minimize x",
        "function f(x) = x with range y > 0",
    ] {
        let read = parse_expression(text, &common::names);
        for diagnostic in &read.diagnostics {
            out.push_str(&render(diagnostic, text, "input", false));
            out.push_str("\n\n");
        }
    }
    expect![[r#"
        error[syntax]: there is nothing to read
         --> input:1:1
          |
        1 |
          | ^ a formula is expected here
          |
          = help: write a formula, such as sin(4w) + 0.1w^2

        error[syntax]: there is nothing to read
         --> input:1:1
          |
        1 |   # nothing
          | ^^^^^^^^^^^ a formula is expected here
          |
          = help: write a formula, such as sin(4w) + 0.1w^2

        error[syntax]: one formula is expected, and here are several statements
         --> input:1:4
          |
        1 | x; y
          |    ^ a second statement
          |
          = help: give definitions and declarations apart, with `let`

        error[syntax]: a formula is expected, and this is a definition
         --> input:1:1
          |
        1 | f(x) = x^2
          | ^^^^^^^^^^ not a formula
          |
          = help: give it with `let`, or write only what stands right of the `=`

        error[syntax]: a formula is expected, and this is a declaration
         --> input:1:1
          |
        1 | x: real
          | ^^^^^^^ not a formula
          |
          = help: give it with `let`

        error[syntax]: a formula is expected, and this is an equation to solve
         --> input:1:1
          |
        1 | solve x = 1
          | ^^^^^^^^^^^ not a formula
          |
          = help: ask with `solve`

        error[syntax]: a formula is expected, and this is a problem of optimisation
         --> input:1:1
          |
        1 | minimize x
          | ^^^^^^^^^^ not a formula
          |
          = help: ask with `minimize`

        error[syntax]: a formula is expected, and this is the definition of a function
         --> input:1:1
          |
        1 | function f(x) = x with range y > 0
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not a formula
          |
          = help: give it with `let`

    "#]]
    .assert_eq(&out);
}

#[test]
fn limits() {
    let mut out = String::new();
    for (text, limits) in [
        ("((((x))))", Limits { depth: 3, ..Limits::default() }),
        ("x + y + z", Limits { bytes: 5, ..Limits::default() }),
        (&"@\n".repeat(60)[..], Limits::default()),
    ] {
        let parsed = parse_within(text, &common::names, limits);
        let last = parsed.diagnostics.last().unwrap();
        out.push_str(&render(last, text, "input", false));
        out.push_str("\n\n");
    }
    expect![[r#"
        error[limit]: the text is nested deeper than the limit of 3
         --> input:1:4
          |
        1 | ((((x))))
          |    ^ the limit is reached here
          |
          = help: name a part of it first, as in `y = …`, and use the name

        error[limit]: the text has 9 bytes, more than the limit of 5
         --> input:1:1
          |
        1 | x + y + z
          | ^ not read
          |
          = help: split the text, or raise the limit

        error[limit]: there are more than 50 errors; the rest is not read
          --> input:51:1
           |
        51 | @
           | ^ reading stops here
           |
           = help: repair the errors above first

    "#]]
    .assert_eq(&out);
}

#[test]
fn long_lines_and_several_lines() {
    let line = format!("{} @ {}", "x + ".repeat(100), "y + ".repeat(100));
    check(
        &[&line, "(x\n+ y\n+ z", "a = 1\nb = (a +\n  2*@ + 3)\nc = 4"],
        expect![[r#"
        error[syntax]: `@` is no part of the notation
         --> input:1:402
          |
         ::: 
        1 | … x + x + x + x + x + x + x + x + x + x + x + x +  @ y + y + y + y + y + y + y + y + y + y + y + y + y + y + y + y + y + y + y + y …
          |                                                    ^ not readable
          |
          = help: write `*` for a matrix product

        error[syntax]: `(` is never closed
         --> input:1:1
          |
        1 | (x
          | ^ opened here
        2 | + y
        3 | + z
          |    - `)` is expected by here
          |
          = help: write `)` where it ends

        error[syntax]: `@` is no part of the notation
         --> input:3:5
          |
        3 |   2*@ + 3)
          |     ^ not readable
          |
          = help: write `*` for a matrix product

    "#]],
    );
}

#[test]
fn colours() {
    let parsed = parse("2x^", &common::names);
    let said = render(&parsed.diagnostics[0], "2x^", "input", true);
    assert!(said.contains("\u{1b}["), "{said:?}");
}
