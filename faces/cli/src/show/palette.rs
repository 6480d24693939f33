//! Colours, each for one meaning.

use agnesi::TokenClass;
use clap::builder::styling::{AnsiColor, Style};

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    on: bool,
}

impl Palette {
    /// Colours if `on`.
    pub fn new(on: bool) -> Palette {
        Palette { on }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.on && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// A heading, and what is said first.
    pub fn heading(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What a row is about.
    pub fn label(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// A formula.
    pub fn formula(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What stands aside.
    pub fn aside(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// What is well.
    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default().bold(), text)
    }

    /// What is not.
    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// What deserves attention.
    pub fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }
}

/// The style of a piece of a formula as it is typed; `known` where it is the name of a function.
pub fn token_style(class: TokenClass, known: bool) -> Style {
    match class {
        TokenClass::Number => AnsiColor::Magenta.on_default(),
        TokenClass::Name if known => AnsiColor::Blue.on_default().bold(),
        TokenClass::Name => Style::new(),
        TokenClass::Keyword => AnsiColor::Yellow.on_default().bold(),
        TokenClass::Operator | TokenClass::Bracket => AnsiColor::Cyan.on_default(),
        TokenClass::String => AnsiColor::Green.on_default(),
        TokenClass::Comment => Style::new().dimmed(),
        TokenClass::Error => AnsiColor::Red.on_default().underline(),
    }
}
