//! Where the output goes, and what it can show.

use std::io::IsTerminal;

use crate::args::Color;

/// Where the output goes.
#[derive(Clone, Debug)]
pub struct Screen {
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Whether standard output is coloured.
    pub colour: bool,
    /// Whether standard error is coloured.
    pub error_colour: bool,
    /// Characters a line.
    pub columns: u32,
    /// Lines.
    pub rows: u32,
}

impl Screen {
    /// The screen of this process.
    pub fn new(color: Color) -> Screen {
        let terminal = std::io::stdout().is_terminal();
        let wanted = |auto: anstream::ColorChoice| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => auto != anstream::ColorChoice::Never,
        };
        let size = terminal_size::terminal_size().filter(|_| terminal);
        Screen {
            terminal,
            colour: wanted(anstream::AutoStream::choice(&std::io::stdout())),
            error_colour: wanted(anstream::AutoStream::choice(&std::io::stderr())),
            columns: size.map_or(80, |(width, _)| u32::from(width.0).clamp(40, 400)),
            rows: size.map_or(28, |(_, height)| u32::from(height.0)),
        }
    }
}
