//! Functions to figures: sampling, scenes, and SVG, PNG and text for terminals.
//!
//! ```
//! use agnesi_plot::scene::{Graph, Slope, TangentScene};
//!
//! let f = |w: f64| w * w;
//! let mut scene = TangentScene::new(Graph::new(&f, "g(w) = w²"), "w", 1.0, Slope::Derivative(2.0));
//! scene.x = Some((-2.0, 2.0));
//! let figure = scene.figure();
//! assert!(figure.svg().contains("<title"));
//! ```
//!
//! Functions arrive as closures that give NaN where they are undefined; this crate knows nothing of expressions.
//! It works in four steps, each plain data that can be used alone:
//!
//! 1. [`sample`] turns y = f(x) into continuous pieces, with poles, jumps, edges and holes known for what they are, and
//!    [`contour`] turns f(x, y) into level lines.
//! 2. [`scene`] makes a [`Figure`] of them: marks in the units of the axes, with words for those who do not see it.
//! 3. A layout (private) measures text and settles pixels.
//! 4. [`Figure::svg`], [`Figure::png`] and [`Figure::terminal`] write it. None of them reads a clock, a font of the
//!    machine or anything else outside the figure: the same figure gives the same bytes.
//!
//! # Why no plotting crate draws this
//!
//! kuva 0.6 was tried as the back end. It ignores clipping in PNG and in the terminal, so that a curve through a pole
//! runs over title and legend; its sizes of text are whole numbers; its layout knows neither a symbol upon an axis nor
//! a tangent of fixed length nor ends that are open or closed; and it takes some 50 s to build. Drawing on its
//! primitives would have left layout, clipping and colours to us all the same. What is hard and well understood is not
//! ours: tiny-skia, the rasteriser of resvg, fills and strokes the pixels, ttf-parser reads the font (a subset of
//! DejaVu Sans within this crate, since a bare machine has none), and the two build in a few seconds.

pub mod colour;
pub mod contour;
mod drawing;
pub mod figure;
mod font;
mod layout;
mod png;
pub mod range;
pub mod sample;
pub mod scene;
mod svg;
mod terminal;
pub mod ticks;

pub use colour::Theme;
pub use figure::Figure;
pub use png::PngError;
pub use scene::Canvas;
pub use terminal::Terminal;
