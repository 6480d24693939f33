//! Scenes: from functions to figures.
//!
//! Each scene is a struct of plain fields with a method `figure`. Functions are closures that give NaN where they are
//! undefined; what is known about them beyond their values travels beside them.

mod curve;
mod plane;
mod surface;
mod tangent;

pub use curve::{CurveScene, Graph};
pub use plane::{ContourScene, FieldScene, Plane};
pub use surface::SurfaceScene;
pub use tangent::{Slope, TangentScene};

use crate::colour::Theme;
use crate::layout::base_size;

/// The size and look of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// Light or dark.
    pub theme: Theme,
}

impl Default for Canvas {
    /// 560 by 420, light: still legible when shrunk to 300 pixels, and right for print.
    fn default() -> Canvas {
        Canvas { width: 560.0, height: 420.0, theme: Theme::Light }
    }
}

impl Canvas {
    /// A canvas for [`crate::Figure::terminal`] of this many columns and lines: functions are sampled as finely as
    /// its dots.
    pub fn terminal(columns: usize, lines: usize) -> Canvas {
        Canvas {
            width: 2.0 * columns.clamp(20, 1000) as f64,
            height: 4.0 * lines.clamp(6, 1000) as f64,
            theme: Theme::Dark,
        }
    }

    /// Sizes of lines and symbols grow with the text.
    fn unit(&self) -> f64 {
        base_size(self.width) / 16.5
    }
}

/// Words for a range, for descriptions.
fn range_words(name: &str, range: (f64, f64)) -> String {
    let number = |v| crate::ticks::number(v, 4);
    format!("{name} from {} to {}", number(range.0), number(range.1))
}
