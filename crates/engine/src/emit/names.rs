//! Names in the code: words that the language takes, each only once.

use rustc_hash::FxHashSet;

use super::spelling::Spelling;

/// Names of functions that languages define by texts of their own.
const DEFINED: [&str; 10] = [
    "logsumexp",
    "logdet",
    "sqrtm",
    "logm",
    "eigenvectors",
    "lgamma",
    "or_nan",
    "trigamma",
    "ellipticb",
    "ellipticd",
];

/// The names that are taken.
pub(super) struct Names {
    spelling: &'static dyn Spelling,
    taken: FxHashSet<String>,
}

/// Whether a text is a name in all of the languages.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

impl Names {
    pub fn new(spelling: &'static dyn Spelling) -> Names {
        Names { spelling, taken: FxHashSet::default() }
    }

    /// A name that is like this one and not taken yet: with other signs than letters and digits replaced, and a line
    /// behind it where the word is taken.
    pub fn fresh(&mut self, like: &str) -> String {
        let mut name: String =
            like.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
        if !is_name(&name) {
            name.insert(0, 'x');
        }
        while self.is_taken(&name) {
            name.push('_');
        }
        self.taken.insert(name.clone());
        name
    }

    /// The next of `t1`, `t2`, ...
    pub fn temporary(&mut self, count: &mut usize) -> String {
        loop {
            *count += 1;
            let name = format!("t{count}");
            if !self.is_taken(&name) {
                self.taken.insert(name.clone());
                return name;
            }
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(name) || DEFINED.contains(&name) || self.spelling.is_reserved(name)
    }
}
