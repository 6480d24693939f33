//! Functions to figures.
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
pub mod ticks;

pub use figure::Figure;
pub use png::PngError;
