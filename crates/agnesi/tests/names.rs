//! `enter`, `define`, `names`, `forget` and `help`, and functions that are taught.

mod common;

use agnesi::Session;
use agnesi::protocol::{Claimed, Outcome, Reply, Request, Verb};
use common::{answered, answered_in, request};
use expect_test::{Expect, expect};

const SWISH: &str =
    "function swish2(x) = x*sigmoid(2x) with derivative sigmoid(2x) + 2*x*sigmoid(2x)*sigmoid(-2x)";

fn define(text: &str) -> Request {
    Request { lets: Some(text.into()), ..request_without(Verb::Define) }
}

fn request_without(verb: Verb) -> Request {
    Request { verb, ..Request::default() }
}

fn about(verb: Verb, topic: &str) -> Request {
    Request { topic: Some(topic.into()), ..request_without(verb) }
}

fn shows(request: &Request, expected: Expect) {
    expected.assert_eq(&answered(request));
}

#[test]
fn a_session_remembers() {
    let mut session = Session::new();
    let mut out = String::new();
    for line in [
        "f(x) = x^2",
        "a: positive",
        "a > 1; g(t) = f(t) + a",
        "function h(x) = exp(2x) with derivative 2*h(x)",
    ] {
        out += &answered_in(&mut session, &request(Verb::Enter, line));
    }
    for line in ["f'(3)", "g(x)", "h(3x)", "sqrt(a^2)*x"] {
        out += &answered_in(&mut session, &request(Verb::Diff, line));
    }
    if let Outcome::Ok(success) = session.answer(&request_without(Verb::Names)).outcome
        && let Reply::Names(names) = success.reply
    {
        for known in names.defined {
            out += &format!("{}: {}\n", known.name, known.text);
        }
    }
    out += &answered_in(&mut session, &about(Verb::Forget, "f"));
    out += &answered_in(&mut session, &about(Verb::Forget, "f"));
    out += &answered_in(&mut session, &about(Verb::Forget, "hh"));
    out += &answered_in(&mut session, &request_without(Verb::Forget));
    expect![[r#"
        f(x) = x^2
        a: positive
        a > 1
        g(t) = f(t) + a
        function h(x) = exp(2*x) with derivative 2*h(x)
        error[name]: there is no variable to differentiate by
         --> formula:1:1
          |
        1 | f'(3)
          | ^^^^^ the same number everywhere
          |
          = help: name one with --wrt, as in --wrt x: the derivative is then 0
        [1, 2*x]
        6*h(3*x)
        [x, a]
        f: f(x) = x^2
        a: a: positive
        g: g(t) = f(t) + a
        h: function h(x) = exp(2x) with derivative 2*h(x)
        forgotten: f
        error[name]: `f` is not defined here
         |
         = help: `:names` lists the names that are known
        error[name]: `hh` is not defined here
         |
         = help: `:names` lists the names that are known
        forgotten: a
        forgotten: g
        forgotten: h
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_is_wrong_is_not_kept() {
    let mut session = Session::new();
    let mut out = String::new();
    for line in [
        "f(x) = x^",
        "f(x) = g(x)",
        "f(x, x) = x",
        "a: positiv",
        "x > 0; x < 0",
        "3",
        "f(x) = 1; g(x) = qq(x)",
    ] {
        out += &answered_in(&mut session, &define(line));
    }
    expect![[r#"
        error[syntax]: a value is missing after `^`
         --> let:1:9
          |
        1 | f(x) = x^
          |         ^ nothing follows
          |
          = help: write what belongs after `^`, or remove it
        error[name]: the function `g` is not known
         --> let:1:8
          |
        1 | f(x) = g(x)
          |        ^ not known here
          |
          = help: define it first: `g(x) = ...`; for a product write `g*(...)`
        error[name]: `f` has two arguments of the name `x`
         --> let:1:6
          |
        1 | f(x, x) = x
          |      ^ the second one
          |
          = help: give each argument a name of its own
        error[type]: `positiv` is no type
         --> let:1:4
          |
        1 | a: positiv
          |    ^^^^^^^ a type is expected here
          |
          = help: did you mean `positive`?
        error[domain]: the facts about `x` contradict each other
         --> let:1:8
          |
        1 | x > 0; x < 0
          |        ^^^^^ this cannot hold beside what was said before
          |
          = help: declare `x: real` anew to forget what was said of it
        error[input]: this expression binds nothing
         --> let:1:1
          |
        1 | 3
          | ^ a declaration, a definition or a fact is expected here
          |
          = help: give it a name, as in `a = ...`, declare with `x: real`, or state a fact such as `x > 0`
        error[name]: the function `qq` is not known
         --> let:1:18
          |
        1 | f(x) = 1; g(x) = qq(x)
          |                  ^^ not known here
          |
          = help: define it first: `qq(x) = ...`; for a product write `qq*(...)`
    "#]]
    .assert_eq(&out);
    let Outcome::Ok(success) = session.answer(&request_without(Verb::Names)).outcome else { panic!() };
    let Reply::Names(names) = success.reply else { panic!() };
    assert!(names.defined.is_empty());
}

#[test]
fn a_taught_function_works_in_every_verb() {
    let with = |verb: Verb, expr: &str| Request { lets: Some(SWISH.into()), ..request(verb, expr) };
    let at = |verb: Verb, expr: &str| {
        let mut request = with(verb, expr);
        request.at.insert("x".into(), 0.5.into());
        answered(&request)
    };
    shows(
        &with(Verb::Simplify, "swish2(x) + swish2(x)"),
        expect![[r#"
        2*swish2(x)
    "#]],
    );
    assert_eq!(at(Verb::Eval, "swish2(x)"), at(Verb::Eval, "x*sigmoid(2x)"));
    // How the formula is written is the simplifier's business; what it is worth is not.
    let value = |text: String| text.lines().find(|line| line.starts_with("value: ")).map(str::to_string);
    assert_eq!(
        value(at(Verb::Diff, "swish2(3x)")).expect("there is a value"),
        value(at(Verb::Diff, "3x*sigmoid(6x)")).expect("there is a value")
    );
    let check = Request {
        claimed: Some(Claimed::Formula("sigmoid(2x) + 2x*sigmoid(2x)*(1 - sigmoid(2x))".into())),
        ..with(Verb::Check, "swish2(x)")
    };
    assert!(answered(&check).starts_with("Equal"), "{}", answered(&check));
    // Without the column the derivative comes from the meaning.
    let plain =
        Request { lets: Some("function swish2(x) = x*sigmoid(2x) with title \"a swish\"".into()), ..check };
    assert!(answered(&plain).starts_with("Equal"), "{}", answered(&plain));
}

#[test]
fn a_false_derivative_is_refused() {
    let text = "function swish2(x) = x*sigmoid(2x) with derivative sigmoid(2x) + x*sigmoid(2x)*sigmoid(-2x)";
    let said = answered(&define(text));
    for part in [
        "error[input]: this is not the derivative of `swish2` in x: at x = 1 it gives 0.985790663381389, and the slope \
         there is 1.0907842487848955",
        "false at x = 1",
        "help: the chain rule: sigmoid(2*x) has the inner function 2*x, and its derivative 2 is missing as a factor",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_false_column_is_refused_where_it_fails() {
    let mut out = String::new();
    for text in [
        "function g(x) = sin(x)^2 with derivative 2*cos(x)",
        "function g(x, y) = x*y^2 with derivative y^2, x*y",
        "function g(x, y) = x*y^2 with derivative y^2",
        "function g(x) = x^2 with derivative 2*x*t",
        "function g(x) = exp(2x) with antiderivative g(x)",
        "function g(x) = exp(2x) with range y > 1",
        "function g(x) = log(x) with domain x >= 1",
        "function g(x) = log(x) with domain x > -1",
        "function g(x) = exp(2x) with law g(-x) => -g(x)",
        "function g(x) = exp(2x) with example g(1) ~ 7.399",
        "function g(x) = exp(2x) with laws g(0) = 1, g(1) = 2",
        "function g(x) = sqrt(x^2) with law g(x) => x when x > -1",
        "function g(x) = x^2 with shape increasing",
        "function g(x) = x^2 with shape up",
        "function g(x) = x^2 with meaning x^3",
        "function g(x) = x^2 with derivatve 2x",
        "function g(x) = [x, x^2] with title \"two\"",
        "function g(x) = g(x) + 1 with derivative 1",
    ] {
        out += &answered(&define(text));
    }
    expect![[r#"
        error[input]: this is not the derivative of `g` in x: at x = 0 it gives 2, and the slope there is 0
         --> let:1:42
          |
        1 | function g(x) = sin(x)^2 with derivative 2*cos(x)
          |                                          ^^^^^^^^ false at x = 0
          |
          = help: the power rule: the exponent of sin(x)^2 was lowered by two, not by one; the derivative is 2*sin(x)*cos(x)
        error[input]: this is not the derivative of `g` in y: at x = 1, y = 1 it gives 1, and the slope there is 2
         --> let:1:47
          |
        1 | function g(x, y) = x*y^2 with derivative y^2, x*y
          |                                               ^^^ false at x = 1, y = 1
          |
          = help: the power rule: the exponent 2 of y^2 is missing as a factor; the derivative is 2*x*y
        error[type]: `g` has 2 arguments, and 1 derivatives are given
         --> let:1:42
          |
        1 | function g(x, y) = x*y^2 with derivative y^2
          |                                          ^^^ one for each argument is needed
          |
          = help: separate them by commas, in the order of the arguments
        error[name]: `t` is no argument of `g`
         --> let:1:37
          |
        1 | function g(x) = x^2 with derivative 2*x*t
          |                                     ^^^^^ `t` has no meaning here
          |
          = help: its arguments are x
        error[input]: this is no antiderivative of `g`: at x = 0 its derivative is 2, and g is 1 there
         --> let:1:45
          |
        1 | function g(x) = exp(2x) with antiderivative g(x)
          |                                             ^^^^ false at x = 0
          |
          = help: its derivative in the first argument must be the function itself
        error[input]: this range does not hold at x = 0: `g` is 1 there
         --> let:1:36
          |
        1 | function g(x) = exp(2x) with range y > 1
          |                                    ^^^^^ false at x = 0
          |
          = help: state a condition on the value y that holds everywhere, such as y > 0
        error[input]: this domain is too narrow: it does not hold at x = 0.5, but there is a value there
         --> let:1:36
          |
        1 | function g(x) = log(x) with domain x >= 1
          |                                    ^^^^^^ false at x = 0.5
          |
          = help: state where the definition has a value; or leave the column out, it is found
        error[input]: this domain is too wide: it holds at x = 0, and there is no value there
         --> let:1:36
          |
        1 | function g(x) = log(x) with domain x > -1
          |                                    ^^^^^^ false at x = 0
          |
          = help: state where the definition has a value; or leave the column out, it is found
        error[input]: this does not hold at x = 0: the left side is 1, the right side -1
         --> let:1:34
          |
        1 | function g(x) = exp(2x) with law g(-x) => -g(x)
          |                                  ^^^^^^^^^^^^^^ false at x = 0
          |
          = help: state only what holds wherever the left side has a value; `when` adds a condition
        error[input]: this does not hold: the left side is 7.38905609893065, the right side 7.399
         --> let:1:38
          |
        1 | function g(x) = exp(2x) with example g(1) ~ 7.399
          |                                      ^^^^^^^^^^^^ false
          |
          = help: state only what holds wherever the left side has a value; `when` adds a condition
        error[input]: this does not hold: the left side is 7.38905609893065, the right side 2
         --> let:1:45
          |
        1 | function g(x) = exp(2x) with laws g(0) = 1, g(1) = 2
          |                                             ^^^^^^^^ false
          |
          = help: state only what holds wherever the left side has a value; `when` adds a condition
        error[input]: this does not hold at x = -0.5: the left side is 0.5, the right side -0.5
         --> let:1:36
          |
        1 | function g(x) = sqrt(x^2) with law g(x) => x when x > -1
          |                                    ^^^^^^^^^^^^^^^^^^^^^ false at x = -0.5
          |
          = help: state only what holds wherever the left side has a value; `when` adds a condition
        error[input]: `g` is not increasing everywhere: its slope at x = -1 is -2
         --> let:1:32
          |
        1 | function g(x) = x^2 with shape increasing
          |                                ^^^^^^^^^^ false at x = -1
          |
          = help: leave the column out where the function rises and falls
        error[input]: this is no shape
         --> let:1:32
          |
        1 | function g(x) = x^2 with shape up
          |                                ^^ not a word for one
          |
          = help: write `increasing` or `decreasing`, or leave the column out
        error[input]: this is not what `g` means: at x = -1 it is -1, and the definition gives 1
         --> let:1:34
          |
        1 | function g(x) = x^2 with meaning x^3
          |                                  ^^^ false at x = -1
          |
          = help: the definition is the meaning: leave this column out
        error[syntax]: `with` needs a column of the table after it
         --> let:1:26
          |
        1 | function g(x) = x^2 with derivatve 2x
          |                          ^^^^^^^^^ not a column
          |
          = help: did you mean `derivative`?
        error[unsupported]: only functions with one value can be taught so far
         --> let:1:17
          |
        1 | function g(x) = [x, x^2] with title "two"
          |                 ^^^^^^^^ several values
          |
          = help: teach a function for each component, or define it without columns
        error[name]: `g` is defined by itself
         --> let:1:17
          |
        1 | function g(x) = g(x) + 1 with derivative 1
          |                 ^ the definition comes back to itself here
          |
          = help: a definition may use only what does not depend on it
    "#]].assert_eq(&out);
}

#[test]
fn true_columns_are_kept() {
    let text = "function g(x) = exp(2x) with title \"double exponential\"; derivative 2*g(x); antiderivative g(x)/2; \
                range y > 0; laws g(0) = 1, g(x + a) = g(x)*g(a); law sqrt(g(x)) => exp(x)";
    let mut session = Session::new();
    let mut out = answered_in(&mut session, &define(text));
    out += &answered_in(
        &mut session,
        &define("function k(x) = sqrt(x^2) with law k(x) => x when x > 0; example k(-2) = 2"),
    );
    out += &answered_in(&mut session, &about(Verb::Help, "g"));
    out += &answered_in(&mut session, &request(Verb::Diff, "k(x)"));
    expect![[r#"
        function g(x) = exp(2*x) with title "double exponential"; derivative 2*g(x); antiderivative g(x)/2; range y > 0; laws g(0) = 1, g(x + a) = g(x)*g(a); law "sqrt(g(x)) => exp(x)"
        function k(x) = sqrt(x^2) with law "k(x) => x when x > 0"; example k(-2) = 2
        g: double exponential
        function g(x) = exp(2x) with title "double exponential"; derivative 2*g(x); antiderivative g(x)/2; range y > 0; laws g(0) = 1, g(x + a) = g(x)*g(a); law sqrt(g(x)) => exp(x)
        d/dx: 2*g(x)
        range: y > 0
        integral: g(x)/2
        laws: g(0) = 1
        : g(x + a) = g(x)*g(a)
        : sqrt(g(x)) => exp(x)
        sign(x)
    "#]].assert_eq(&out);
}

#[test]
fn a_taught_function_has_the_domain_and_the_kinks_of_its_meaning() {
    let lets =
        "function g(x) = log(x - 1) with title \"later\"; function h(x) = abs(g(x)) with title \"folded\"";
    let at = |verb: Verb, expr: &str, x: f64| {
        let mut request = Request { lets: Some(lets.into()), ..request(verb, expr) };
        request.at.insert("x".into(), x.into());
        answered(&request)
    };
    let mut out = at(Verb::Diff, "g(2x)", 0.5);
    out += &at(Verb::Eval, "h(x)", 1.0);
    out += &at(Verb::Eval, "h(x)", 2.0);
    out += &answered(&Request { lets: Some(lets.into()), ..request(Verb::Describe, "h(x + 1)") })
        .split("\"domain\":")
        .nth(1)
        .map_or(String::new(), |rest| rest.chars().take(20).collect::<String>() + "\n");
    expect![[r#"
        error[domain]: this is not defined at x = 0.5
         --> formula:1:1
          |
        1 | g(2x)
          | ^^^^^ defined only where 2*x > 1
          |
          = help: choose a point inside the domain
        error[domain]: this is not defined at x = 1
         --> formula:1:1
          |
        1 | h(x)
          | ^^^^ defined only where x > 1
          |
          = help: choose a point inside the domain
        0
        "x > 0","range":"y >
    "#]]
    .assert_eq(&out);
}

#[test]
fn help_about_everything() {
    shows(
        &about(Verb::Help, "erf"),
        expect![[r#"
        erf: Error function
        The probability that a normal variable of variance 1/2 lies between -x and x, for positive x.
        written: erf(x)
        domain: all reals
        range: -1 <= y and y <= 1
        meaning: 2/sqrt(pi)*integral(exp(-t^2), t, 0, x)
        d/dx: 2*exp(-x^2)/sqrt(pi)
        integral: x*erf(x) + exp(-x^2)/sqrt(pi)
        shape: increasing
        laws: erf(0) => 0
        : erf(-x) => -erf(x)
        : erf(erfinv(x)) => x
        : erf(x) + erfc(x) = 1
        : erf(x) = 1 - erfc(x)
        error: at most 1 units in the last place
        examples: erf(0) = 0
        : erf(1) ~ 0.842700792949714869341
        : erf(1e-10) ~ 1.12837916709551257389e-10
        : erf(-3) ~ -0.999977909503001414559
        see: DLMF 7.2.1
    "#]],
    );
    shows(
        &about(Verb::Help, "arcsin"),
        expect![[r#"
        asin: Inverse sine
        The angle between -pi/2 and pi/2 whose sine is x.
        written: asin(x)
        also written: arcsin
        domain: -1 <= x and x <= 1
        range: -pi/2 <= y and y <= pi/2
        meaning: it is what undoes sin
        d/dx: 1/sqrt(1 - x^2)
        integral: x*asin(x) + sqrt(1 - x^2)
        shape: increasing
        laws: asin(0) => 0
        : asin(1/2) => pi/6
        : asin(1) => pi/2
        : asin(-x) => -asin(x)
        : asin(sin(x)) => x when -pi/2 <= x and x <= pi/2
        : asin(x) + acos(x) = pi/2
        error: at most 1 units in the last place
        examples: asin(0) = 0
        : asin(1) ~ 1.57079632679489661923
        : asin(0.5) ~ 0.523598775598298873077
        : asin(-0.999) ~ -1.52607123962616318798
        see: DLMF 4.23.16
    "#]],
    );
    shows(
        &about(Verb::Help, "pi"),
        expect![[r#"
        pi: Pi
        The ratio of a circle's circumference to its diameter.
        value: 3.141592653589793
        meaning: 4*atan(1)
        also written: π, Pi, PI
    "#]],
    );
    shows(
        &about(Verb::Help, "check"),
        expect![[r#"
        check: a verb
        Whether a claimed derivative is right; if not, a point where it fails and what the mistake probably is.
        examples: check "1/(1+exp(-z))" --claimed "2*s*(1-s)" --let "s = 1/(1+exp(-z))"
        : check "x^2 + y^3" --claimed "[2x, 2y]"
        fields: expr, claimed, wrt, order, form, along
    "#]],
    );
    shows(
        &about(Verb::Help, "sigmod"),
        expect![[r#"
        error[name]: there is no help about `sigmod`
         |
         = help: did you mean `sigmoid`?
    "#]],
    );
    shows(
        &about(Verb::Help, "explian"),
        expect![[r#"
        error[name]: there is no help about `explian`
         |
         = help: did you mean `explain`?
    "#]],
    );
    shows(
        &about(Verb::Help, "\u{0}\n"),
        expect![[r#"
        error[name]: there is no help about `\0`
         |
         = help: `names` lists the functions and constants; without a topic, help begins
    "#]],
    );
    shows(
        &about(Verb::Help, &"x".repeat(1000)),
        expect![[r#"
        error[name]: there is no help about `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...`
         |
         = help: `names` lists the functions and constants; without a topic, help begins
    "#]],
    );
    shows(
        &request_without(Verb::Help),
        expect![[r#"
            agnesi: the calculus engine
            Give a formula, and everything calculus knows about it comes out.
            functions: `names` lists them; help about `erf` shows its row of the table
            definitions: f(x) = x^2, then f'(3), f''(x), d/dx f(x)
            teaching: function g(x) = exp(2x) with derivative 2*g(x); range y > 0
            products: 2x, 2(x+1), x*y; 1/2x is (1/2)*x
            branches: if x > 0 then x else 0
            verbs: describe, diff, explain, check, simplify, eval, taylor, plot, compile, parse, names, define, forget, help
        "#]],
    );
    let mut session = Session::new();
    let mut out = answered_in(&mut session, &define("f(x, y) = x^2*y; a: positive; c = 3"));
    for topic in ["f", "a", "c", "ff"] {
        out += &answered_in(&mut session, &about(Verb::Help, topic));
    }
    expect![[r#"
        f(x, y) = x^2*y
        a: positive
        c = 3
        f: defined in this session
        f(x, y) = x^2*y
        d/dx: 2*x*y
        d/dy: x^2
        a: declared in this session
        a: positive
        c: defined in this session
        c = 3
        error[name]: there is no help about `ff`
         |
         = help: `names` lists the functions and constants; without a topic, help begins
    "#]]
    .assert_eq(&out);
}

#[test]
fn every_function_constant_and_verb_has_help() {
    let mut session = Session::new();
    let Outcome::Ok(success) = session.answer(&request_without(Verb::Names)).outcome else { panic!() };
    let Reply::Names(names) = success.reply else { panic!() };
    for known in names.functions.iter().chain(&names.constants) {
        let answer = session.answer(&about(Verb::Help, &known.name));
        assert!(matches!(answer.outcome, Outcome::Ok(_)), "{}", known.name);
    }
}
