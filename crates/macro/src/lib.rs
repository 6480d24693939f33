//! Formulas in Rust programs, differentiated when Rust compiles them.
//!
//! What [`function!`] is given is read by the same reader as any formula, differentiated by the same calculus and written
//! as the same plain Rust as `agnesi compile --to rust`; nothing of Agnesi is left in the program.

mod expand;
mod pieces;
mod read;
mod rust;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// Functions with their derivatives, as plain Rust.
///
/// `function! { f(x, y) = ... }` makes a function `f` and a module `f` with
///
/// - `gradient` and `value_and_gradient`, where the value is a number: as many numbers as all arguments have, in order;
/// - `hessian`: a row for each of these numbers, where there are at most 256 of them;
/// - `jacobian`, where the value is a vector, a matrix or a tensor: a row for each of its entries.
///
/// An argument is a name, which is an `f64`, or a declaration with sizes that are numbers: `x: vector(3)` is a
/// `&[f64; 3]`, `A: matrix(2, 3)` a `&[[f64; 3]; 2]`. By whole numbers, as in `k: integer`, nothing is differentiated. `pub` and attributes may stand in front; more functions, which
/// may use those before them, follow behind a `;`. Where an index that is computed, or a matrix, may not allow a result,
/// what is returned is a `Result` with the reason.
///
/// The notation is that of all formulas, as far as Rust has tokens for it. What it has none for, such as `'` and `²`, can
/// stand in a string: `f(x: vector(3)) = "x'*x"`.
///
/// # Errors
/// What is wrong with a formula is an error of the compiler, at its place.
///
/// ```
/// use agnesi_macro::function;
///
/// function! { rosen(x, y) = (1 - x)^2 + 100(y - x^2)^2 }
///
/// assert_eq!(rosen(3.0, 5.0), 1604.0);
/// assert_eq!(rosen::gradient(3.0, 5.0), [4804.0, -800.0]);
/// assert_eq!(rosen::hessian(3.0, 5.0), [[8802.0, -1200.0], [-1200.0, 200.0]]);
/// ```
///
/// ```
/// use agnesi_macro::function;
///
/// function! {
///     sigma(z) = 1/(1 + exp(-z));
///     /// The loss of one row.
///     pub loss(w: vector(2), x: vector(2), y) = (sigma(dot(w, x)) - y)^2
/// }
///
/// assert_eq!(loss(&[0.0, 0.0], &[1.0, 2.0], 1.0), 0.25);
/// assert_eq!(loss::gradient(&[0.0, 0.0], &[1.0, 2.0], 1.0), [-0.25, -0.5, 0.0, 0.0, 1.0]);
/// ```
#[proc_macro]
pub fn function(input: TokenStream) -> TokenStream {
    let mut spans = Vec::new();
    let mut pieces = Vec::new();
    flatten(input, &mut pieces, &mut spans);
    let code = expand::expand(&pieces);
    match code {
        // What we wrote is Rust.
        Ok(code) => code.parse().unwrap_or_else(|error| {
            complain(&format!("what was written is no Rust: {error}"), Span::call_site(), Span::call_site())
        }),
        Err(fault) => {
            let at = |piece: usize| spans.get(piece).copied().unwrap_or_else(Span::call_site);
            let (first, last) = fault.pieces;
            complain(&fault.message, at(first), at(last))
        }
    }
}

/// Tokens as pieces of text, those of groups between their brackets.
fn flatten(stream: TokenStream, pieces: &mut Vec<pieces::Piece>, spans: &mut Vec<Span>) {
    for tree in stream {
        let mut add = |text: String, span: Span, joint: bool| {
            let (start, end) = (span.start(), span.end());
            pieces.push(pieces::Piece {
                text,
                start: (start.line(), start.column()),
                end: (end.line(), end.column()),
                joint,
            });
            spans.push(span);
        };
        match tree {
            TokenTree::Group(group) => {
                let brackets = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => {
                        flatten(group.stream(), pieces, spans);
                        continue;
                    }
                };
                add(brackets.0.into(), group.span_open(), true);
                flatten(group.stream(), pieces, spans);
                let (end, span) = (group.span_close().end(), group.span_close());
                let start = span.start();
                pieces.push(pieces::Piece {
                    text: brackets.1.into(),
                    start: (start.line(), start.column()),
                    end: (end.line(), end.column()),
                    joint: false,
                });
                spans.push(span);
            }
            TokenTree::Ident(ident) => add(ident.to_string(), ident.span(), false),
            TokenTree::Punct(punct) => {
                add(punct.as_char().to_string(), punct.span(), punct.spacing() == Spacing::Joint);
            }
            TokenTree::Literal(literal) => add(literal.to_string(), literal.span(), false),
        }
    }
}

/// An error of the compiler that underlines everything from one place to another.
fn complain(message: &str, first: Span, last: Span) -> TokenStream {
    let punct = |c: char, spacing: Spacing| {
        let mut punct = Punct::new(c, spacing);
        punct.set_span(first);
        TokenTree::Punct(punct)
    };
    let mut text = Literal::string(message);
    text.set_span(last);
    let mut body = Group::new(Delimiter::Brace, TokenStream::from(TokenTree::Literal(text)));
    // The compiler underlines a macro from the first to the last of its tokens.
    body.set_span(last);
    TokenStream::from_iter([
        punct(':', Spacing::Joint),
        punct(':', Spacing::Alone),
        TokenTree::Ident(Ident::new("core", first)),
        punct(':', Spacing::Joint),
        punct(':', Spacing::Alone),
        TokenTree::Ident(Ident::new("compile_error", first)),
        punct('!', Spacing::Alone),
        TokenTree::Group(body),
    ])
}
