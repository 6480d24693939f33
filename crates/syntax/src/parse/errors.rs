//! The parser's messages: each has its place, its reason and what to write instead.

use super::syntax;
use crate::lex::{T, Token};
use crate::{Code, Diagnostic, Kind, Span, Tree, TreeId};

pub(super) fn too_long(len: usize, limit: usize) -> Diagnostic {
    Diagnostic::error(
        Code::Limit,
        format!("the text has {len} bytes, more than the limit of {limit}"),
        Span::new(0, 0),
        "not read",
    )
    .with_hint("split the text, or raise the limit")
}

pub(super) fn too_deep(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(
        Code::Limit,
        format!("the text is nested deeper than the limit of {limit}"),
        span,
        "the limit is reached here",
    )
    .with_hint("name a part of it first, as in `y = …`, and use the name")
}

pub(super) fn too_many(limit: usize, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Limit,
        format!("there are more than {limit} errors; the rest is not read"),
        span,
        "reading stops here",
    )
    .with_hint("repair the errors above first")
}

pub(super) fn empty(len: usize) -> Diagnostic {
    syntax("there is nothing to read", Span::new(0, len), "a formula is expected here")
        .with_hint("write a formula, such as sin(4w) + 0.1w^2")
}

pub(super) fn several(second: Span) -> Diagnostic {
    syntax("one formula is expected, and here are several statements", second, "a second statement")
        .with_hint("give definitions and declarations apart, with `let`")
}

/// What stands where one expression is expected, if it is none.
pub(super) fn no_expression(tree: &Tree, root: TreeId) -> Option<Diagnostic> {
    let (what, hint) = match tree.kind(root) {
        Kind::Define { .. } => {
            ("a definition", "give it with `let`, or write only what stands right of the `=`")
        }
        Kind::Declare { .. } => ("a declaration", "give it with `let`"),
        Kind::Teach { .. } => ("the definition of a function", "give it with `let`"),
        Kind::Solve { .. } => ("an equation to solve", "ask with `solve`"),
        Kind::Minimize { .. } => ("a problem of optimisation", "ask with `minimize`"),
        _ => return None,
    };
    Some(
        syntax(format!("a formula is expected, and this is {what}"), tree.span(root), "not a formula")
            .with_hint(hint),
    )
}

pub(super) fn star_star(span: Span) -> Diagnostic {
    Diagnostic::note("`**` was read as the power `^`", span, "a power")
}

pub(super) fn double_factorial(span: Span) -> Diagnostic {
    syntax("`!!` has two readings: the double factorial, and the factorial of a factorial", span, "two signs")
        .with_hint("write (n!)! for the factorial of a factorial")
}

pub(super) fn side_by_side(left: Span, right: Span) -> Diagnostic {
    syntax("two numbers stand side by side", right, "a second number")
        .with_label(left, "after this one")
        .with_hint("write `*` for a product, a comma between entries")
}

pub(super) fn entries(span: Span) -> Diagnostic {
    Diagnostic::note("values side by side were read as a product", span, "a product")
        .with_hint("write a comma between the entries of a vector")
}

pub(super) fn power_then_factor(exponent: &str, factor: &str, span: Span) -> Diagnostic {
    Diagnostic::note(
        format!("the exponent was read as {exponent} alone; `{factor}` is a factor after the power"),
        span,
        "a power, then a factor",
    )
    .with_hint(format!("write ^({exponent}*{}) to have both in the exponent", factor_text(factor)))
}

pub(super) fn quotient_then_factor(divisor: &str, factor: &str, span: Span) -> Diagnostic {
    Diagnostic::note(
        format!("the divisor was read as {divisor} alone; `{factor}` is a factor after the quotient"),
        span,
        "a quotient, then a factor",
    )
    .with_hint(format!("write /({divisor}*{}) to divide by both", factor_text(factor)))
}

fn factor_text(factor: &str) -> &str {
    if factor == "(" { "(…)" } else { factor }
}

pub(super) fn two_ranges(first: Span, second: Span) -> Diagnostic {
    syntax("a range has two ends, and this one has three", second, "a second `..`")
        .with_label(first, "the first")
        .with_hint("write first..last; both ends are included")
}

pub(super) fn where_without(word: Span, next: Span) -> Diagnostic {
    syntax("`where` needs a definition after it", word, "nothing is defined")
        .with_label(next, "`name = value` is expected here")
        .with_hint("write where a = 1, b = 2")
}

pub(super) fn no_value(text: &str, before: Option<Token>, token: Token) -> Diagnostic {
    let written = |t: Token| &text[t.start as usize..t.end as usize];
    if let Some(error) = unreadable(text, token) {
        return error;
    }
    let behind = before.filter(|t| !matches!(t.kind, T::End));
    match token.kind {
        T::Eof
        | T::End
        | T::RParen
        | T::RBracket
        | T::RBrace
        | T::Comma
        | T::Row
        | T::Then
        | T::Else
        | T::For => match behind {
            Some(last) if last.kind != T::Comma && operator(last.kind) => {
                let sign = written(last);
                syntax(format!("a value is missing after `{sign}`"), last.span(), "nothing follows")
                    .with_hint(format!("write what belongs after `{sign}`, or remove it"))
            }
            _ if matches!(token.kind, T::RParen | T::RBracket | T::RBrace) && !opens(behind) => {
                closes_nothing(written(token), token.span())
            }
            _ if token.kind == T::Comma => {
                syntax("a value is missing before the comma", token.span(), "nothing stands before it")
                    .with_hint("remove the comma, or write what belongs before it")
            }
            _ => {
                let at = Span { start: token.start, end: token.start };
                syntax("a value is missing", at, "a value is expected here")
                    .with_hint("write a number, a name or a bracket")
            }
        },
        T::Equal => syntax("`=` has nothing on its left", token.span(), "what does it define?")
            .with_hint("write name = value"),
        T::Bang => syntax("`!` is written after a value", token.span(), "nothing stands before it")
            .with_hint("write n! for a factorial, not c for the negation of a condition"),
        T::Prime => syntax("`'` is written after a value", token.span(), "nothing stands before it")
            .with_hint("write f'(x) for a derivative, A' for a transpose; strings stand in double quotes"),
        T::Super => syntax("an exponent needs a base before it", token.span(), "nothing stands before it")
            .with_hint("write the base first, as in x²"),
        T::Colon => syntax("`:` alone is an index", token.span(), "not inside an index")
            .with_hint("write A[i,:] for a row, x: real to declare"),
        T::Where | T::In | T::And | T::Or => {
            let word = written(token);
            syntax(format!("a value is missing before `{word}`"), token.span(), "nothing stands before it")
                .with_hint(format!("write what belongs before `{word}`"))
        }
        _ if operator(token.kind) => {
            let sign = written(token);
            match behind {
                Some(last) if operator(last.kind) => {
                    let first = written(last);
                    let error = syntax(
                        format!("`{sign}` follows `{first}` with no value between them"),
                        token.span(),
                        "a value is expected here",
                    )
                    .with_label(last.span(), "after this operator");
                    error.with_hint(match (first, sign) {
                        ("=", "<") => "write <= for less or equal".to_string(),
                        ("=", ">") => "write >= for greater or equal".to_string(),
                        _ => "remove one of the two operators".to_string(),
                    })
                }
                _ => syntax(
                    format!("`{sign}` has nothing on its left"),
                    token.span(),
                    "a value is expected before it",
                )
                .with_hint(format!("write what belongs before `{sign}`, or remove it")),
            }
        }
        _ => syntax("a value is expected here", token.span(), "not a value")
            .with_hint("write a number, a name or a bracket"),
    }
}

fn opens(token: Option<Token>) -> bool {
    matches!(token, Some(t) if matches!(t.kind, T::LParen | T::LBracket | T::LBrace))
}

fn operator(kind: T) -> bool {
    matches!(
        kind,
        T::Plus
            | T::Minus
            | T::Star
            | T::Slash
            | T::Cross
            | T::DotStar
            | T::DotSlash
            | T::Caret
            | T::DotCaret
            | T::StarStar
            | T::Less
            | T::LessEqual
            | T::Greater
            | T::GreaterEqual
            | T::EqualEqual
            | T::NotEqual
            | T::Equal
            | T::Arrow
            | T::FatArrow
            | T::DotDot
            | T::In
            | T::And
            | T::Or
            | T::Not
            | T::Sqrt
            | T::Cbrt
            | T::Nabla
            | T::If
            | T::Then
            | T::Else
            | T::For
    )
}

/// What is to be said about characters that are no part of the notation.
fn unreadable(text: &str, token: Token) -> Option<Diagnostic> {
    let written = &text[token.start as usize..token.end as usize];
    match token.kind {
        T::OpenText => Some(
            syntax("a string has no end on its line", token.span(), "it begins here")
                .with_hint("close it with a double quote"),
        ),
        T::BadNumber => Some(
            syntax("a number has more than one decimal point", token.span(), "not a number")
                .with_hint("write one point; commas separate arguments, `_` may group digits"),
        ),
        T::Stray => {
            let c = written.chars().next().unwrap_or('\0');
            let message = if c.is_control() {
                format!("the control character U+{:04X} is no part of the notation", c as u32)
            } else {
                format!("`{c}` is no part of the notation")
            };
            let hint = match c {
                '\\' => "LaTeX commands are not read: write sqrt(x), a/b, alpha",
                '$' => "leave out the dollar signs of LaTeX",
                '%' => "write mod(a, b) for a remainder, x/100 for per cent, # for a comment",
                '&' => "write `and`",
                '@' => "write `*` for a matrix product",
                '?' => "write if c then a else b",
                '.' => "write digits on one side of a decimal point, `..` for a range",
                '∘' => "write f(g(x)) for a composition, .* for a product of entries",
                '\u{201c}' | '\u{201d}' | '\u{201e}' => "write straight double quotes",
                '±' => "write the two signs as two formulas",
                '⟨' | '⟩' => "write dot(x, y)",
                '∆' | '△' => "write laplacian(f)",
                c if c.is_control() || c == char::REPLACEMENT_CHARACTER => {
                    "remove it; the text must be UTF-8"
                }
                _ => "remove it, or write it in words",
            };
            Some(syntax(message, token.span(), "not readable").with_hint(hint))
        }
        _ => None,
    }
}

fn closes_nothing(close: &str, span: Span) -> Diagnostic {
    let open = match close {
        ")" => "(",
        "]" => "[",
        _ => "{",
    };
    syntax(
        format!("`{close}` closes a bracket that was never opened"),
        span,
        format!("no `{open}` before it"),
    )
    .with_hint(format!("remove it, or write `{open}` where the bracket begins"))
}

/// A token behind a complete expression, where it cannot stand.
pub(super) fn unexpected(text: &str, before: Option<Token>, token: Token, open: Option<&str>) -> Diagnostic {
    let written = &text[token.start as usize..token.end as usize];
    if let Some(error) = unreadable(text, token) {
        return error;
    }
    let span = token.span();
    match token.kind {
        T::RParen | T::RBracket | T::RBrace => closes_nothing(written, span),
        T::Comma => syntax("a comma stands outside brackets", span, "not expected here")
            .with_hint("put the list into brackets, as in (a, b) or [a, b]; separate statements with `;`"),
        T::Row => syntax("`;` separates the rows of a matrix, and here is none", span, "not expected here")
            .with_hint("write a comma between arguments"),
        T::Equal if open.is_some() => {
            syntax("`=` defines, and inside these brackets nothing is defined", span, "not here")
                .with_hint("write == to compare, or close the bracket before a definition")
        }
        T::Equal => syntax("`=` stands where nothing can be defined", span, "not here")
            .with_hint("write == to compare, or `solve` before an equation"),
        T::Colon => syntax("`:` stands where nothing is declared", span, "not expected here")
            .with_hint("write x: real to declare, a..b for a range, A[i,:] for a row"),
        T::Bar | T::Norm => {
            syntax(format!("`{written}` closes bars that were never opened"), span, "not expected here")
                .with_hint("write abs(x) or norm2(x)")
        }
        T::Then | T::Else => syntax(format!("`{written}` without its `if`"), span, "not expected here")
            .with_hint("write if c then a else b"),
        T::For => syntax("`for` stands where nothing runs over a range", span, "not expected here")
            .with_hint("write [x[i] for i in 1..n], or T[i] = … for i in 2..m"),
        T::FatArrow => syntax("`=>` is used only in laws", span, "not expected here")
            .with_hint("write >= for greater or equal"),
        T::Tilde => {
            syntax("`~` is no operator here", span, "not expected here").with_hint("write == to compare")
        }
        T::Text => syntax("a string stands after a value", span, "not expected here")
            .with_hint("separate arguments with commas"),
        T::Arrow => syntax("`->` stands where nothing approaches a limit", span, "not expected here")
            .with_hint("write limit(sin(x)/x, x -> 0)"),
        T::If => syntax("`if` stands after a value with no operator between them", span, "not expected here")
            .with_hint("write an operator before it"),
        T::Not => syntax("`not` stands after a value", span, "not expected here")
            .with_hint("write `and not`, or != for unequal"),
        T::SuperSign => {
            syntax("a raised sign stands where nothing approaches a limit", span, "not expected here")
                .with_hint("write limit(1/x, x -> 0+)")
        }
        _ => {
            let error = syntax(format!("`{written}` is not expected here"), span, "not expected here");
            match before {
                Some(last) => {
                    error.with_label(last.span(), "after this").with_hint("write an operator between them")
                }
                None => error.with_hint("remove it"),
            }
        }
    }
}

pub(super) fn product_not_call(name: &str, span: Span) -> Diagnostic {
    Diagnostic::note(format!("`{name}(…)` was read as the product {name}*(…)"), span, "a product").with_hint(
        format!("write {name}*(…) to say so; if {name} is a function, define it first, as in {name}(t) = …"),
    )
}

pub(super) fn index_in_parens(span: Span) -> Diagnostic {
    Diagnostic::note("round brackets after an array were read as an index", span, "an index")
        .with_hint("write square brackets to say so")
}

pub(super) fn colon_range(span: Span) -> Diagnostic {
    Diagnostic::note("`:` between two indices was read as the range `..`", span, "a range")
}

pub(super) fn no_range(span: Span) -> Diagnostic {
    syntax("`for` needs a name and its range", span, "no range is given").with_hint("write for i in 1..n")
}

pub(super) fn unclosed(open: &str, span: Span, end: Span) -> Diagnostic {
    let close = match open {
        "(" => ")",
        "[" => "]",
        "{" => "}",
        other => other,
    };
    syntax(format!("`{open}` is never closed"), span, "opened here")
        .with_label(Span { start: end.start, end: end.start }, format!("`{close}` is expected by here"))
        .with_hint(format!("write `{close}` where it ends"))
}

pub(super) fn mismatched(open: &str, close: &str, from: Span, to: Span) -> Diagnostic {
    let right = match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    syntax(format!("`{open}` is closed by `{close}`"), to, "closed here")
        .with_label(from, "opened here")
        .with_hint(format!("write `{right}` instead of `{close}`"))
}

pub(super) fn braces(span: Span) -> Diagnostic {
    Diagnostic::note("braces were read as round brackets", span, "a bracket")
}

pub(super) fn empty_brackets(span: Span) -> Diagnostic {
    syntax("there is nothing between these brackets", span, "a value is expected inside")
        .with_hint("write the value, or remove the brackets")
}

pub(super) fn empty_row(span: Span) -> Diagnostic {
    syntax("a row of the matrix is empty", span, "nothing stands before it")
        .with_hint("write the row's entries, or remove the `;`")
}

pub(super) fn if_of_three(span: Span) -> Diagnostic {
    syntax("`if(…)` takes a condition and two values", span, "not three arguments")
        .with_hint("write if(c, a, b), or if c then a else b")
}

pub(super) fn no_branch(word: &str, start: Span, at: Span) -> Diagnostic {
    syntax(format!("`if` has no `{word}`"), start, "this `if`")
        .with_label(Span { start: at.start, end: at.start }, format!("`{word}` is expected here"))
        .with_hint("write if c then a else b; both values are needed")
}

pub(super) fn applied(read: &str, span: Span, power: bool) -> Diagnostic {
    let note = Diagnostic::note(format!("this was read as {read}"), span, "the function takes all of this");
    if power {
        note.with_hint("write the function's bracket, as in sin(x)^2, for the power of its value")
    } else {
        note
    }
}

pub(super) fn lone_partial(span: Span) -> Diagnostic {
    syntax("`∂` is part of a derivative", span, "no derivative follows").with_hint("write ∂/∂x f(x, y)")
}

pub(super) fn quotient_of_differentials(written: &str, span: Span) -> Diagnostic {
    Diagnostic::note(format!("`{written}` was read as a derivative"), span, "a derivative")
}

pub(super) fn derivative_of_product(operator: &str, read: &str, span: Span) -> Diagnostic {
    Diagnostic::note(format!("`{operator}` was taken of the whole product {read}"), span, "all of this")
        .with_hint(format!("write ({operator} f)*g for the derivative of one factor"))
}

pub(super) fn no_differential(sign: Span, at: Span) -> Diagnostic {
    syntax("an integral has no `dx` at its end", sign, "this integral")
        .with_label(Span { start: at.start, end: at.start }, "`dx` is expected by here")
        .with_hint("write ∫ x^2 dx, or integral(x^2, x)")
}

pub(super) fn no_upper_bound(lower: Span, at: Span) -> Diagnostic {
    syntax("an integral with a lower bound needs an upper one", lower, "the lower bound")
        .with_label(Span { start: at.start, end: at.start }, "`^` and the upper bound are expected here")
        .with_hint("write ∫_0^1 x^2 dx, or integral(x^2, x, 0, 1)")
}

pub(super) fn lower_bound(span: Span) -> Diagnostic {
    syntax("a bound is a number, a name or a bracket", span, "none of these")
        .with_hint("write ∫_(2*a)^b x^2 dx, or integral(x^2, x, 2*a, b)")
}

pub(super) fn not_a_target(written: &str, left: Span, equal: Span) -> Diagnostic {
    let short = written.chars().count() <= 40 && !written.contains('\n');
    let left_text = if short { written } else { "…" };
    syntax("`=` defines a name, and what stands on its left is none", equal, "not a definition")
        .with_label(left, "neither a name nor f(x)")
        .with_hint(format!("write solve {left_text} = … to solve it, {left_text} == … to compare"))
}

pub(super) fn nothing_defined(target: Span, equal: Span) -> Diagnostic {
    syntax("a definition has no value", equal, "nothing follows")
        .with_label(target, "this is defined")
        .with_hint("write name = value")
}

pub(super) fn second_equal(first: Span, second: Span) -> Diagnostic {
    syntax("a definition has one `=`, and this one has two", second, "a second one")
        .with_label(first, "the first")
        .with_hint("write == to compare; separate definitions with `;`")
}

pub(super) fn parameter(span: Span, target: &str) -> Diagnostic {
    let short = target.chars().count() <= 40 && !target.contains('\n');
    let target = if short { target } else { "f(…)" };
    syntax("the arguments of a definition are names", span, "not a name")
        .with_hint(format!("write f(x) = … to define, solve {target} = … to solve"))
}

pub(super) fn no_type(colon: Span) -> Diagnostic {
    syntax("a declaration has no type", colon, "nothing follows")
        .with_hint("write x: real, v: vector(n), A: matrix(n, m)")
}

pub(super) fn comma_between_declarations(span: Span) -> Diagnostic {
    syntax("a comma stands between two declarations", span, "not expected here")
        .with_hint("write x, y: real for one type, x: real; n: integer for two")
}

pub(super) fn subject_without_to(span: Span) -> Diagnostic {
    syntax("`subject` needs `to` after it", span, "`to` is missing")
        .with_hint("write minimize f subject to g >= 0 over x, y")
}

pub(super) fn teach_without_function(span: Span) -> Diagnostic {
    syntax("`function` needs a definition after it", span, "no definition")
        .with_hint("write function f(x) = x^2 with derivative 2*x")
}

pub(super) fn no_column(span: Span, near: Option<&str>) -> Diagnostic {
    let error = syntax("`with` needs a column of the table after it", span, "not a column");
    match near {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("write derivative, antiderivative, domain, range, meaning, law or example"),
    }
}
