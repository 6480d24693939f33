//! Formulas in Rust programs, differentiated when Rust compiles them.
//!
//! What [`function!`] is given is read by the same reader as any formula, differentiated by the same calculus and written
//! as the same plain Rust as `agnesi compile --to rust`; nothing of Agnesi is left in the program.

mod expand;
mod pieces;
mod read;
mod rust;

use pieces::Piece;
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
    let mut flat = Flat::default();
    flat.stream(input);
    match expand::expand(&flat.pieces) {
        // What we wrote is Rust.
        Ok(code) => code.parse().unwrap_or_else(|error| {
            complain(&format!("what was written is no Rust: {error}"), Span::call_site(), Span::call_site())
        }),
        Err(fault) => {
            let at = |piece: usize| flat.spans.get(piece).copied().unwrap_or_else(Span::call_site);
            let (first, last) = fault.pieces;
            complain(&fault.message, at(first), at(last))
        }
    }
}

/// Tokens as pieces of text, those of groups between their brackets.
#[derive(Default)]
struct Flat {
    pieces: Vec<Piece>,
    spans: Vec<Span>,
}

impl Flat {
    fn stream(&mut self, stream: TokenStream) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => {
                    let brackets = match group.delimiter() {
                        Delimiter::Parenthesis => ["(", ")"],
                        Delimiter::Bracket => ["[", "]"],
                        Delimiter::Brace => ["{", "}"],
                        // What another macro was given, and binds tightest there.
                        Delimiter::None if group.stream().into_iter().count() > 1 => ["(", ")"],
                        Delimiter::None => {
                            self.stream(group.stream());
                            continue;
                        }
                    };
                    self.add(brackets[0].to_owned(), group.span_open(), true);
                    self.stream(group.stream());
                    self.add(brackets[1].to_owned(), group.span_close(), false);
                }
                TokenTree::Ident(ident) => self.add(ident.to_string(), ident.span(), false),
                TokenTree::Punct(punct) => {
                    let joint = punct.spacing() == Spacing::Joint;
                    self.add(punct.as_char().to_string(), punct.span(), joint);
                }
                TokenTree::Literal(literal) => self.add(literal.to_string(), literal.span(), false),
            }
        }
    }

    fn add(&mut self, text: String, span: Span, joint: bool) {
        let place = |span: Span| (span.line(), span.column());
        let (start, end) = (place(span.start()), place(span.end()));
        self.pieces.push(Piece { text, start, end, joint });
        self.spans.push(span);
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
