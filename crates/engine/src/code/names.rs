//! Names that are free in every target.

use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use super::{Native, kernels};

/// Words of C, C++, Rust and JavaScript, and names that generated code uses itself.
const RESERVED: &str = "\
abstract alignas alignof and and_eq arguments as asm async auto await become bitand bitor bool box break case catch char \
class compl const const_cast constexpr continue crate debugger decltype default delete do double dyn dynamic_cast else \
enum eval explicit export extends extern false final finally float fn for friend function gen goto if impl implements \
import in inline instanceof int interface let long loop macro match memory mod module move mut mutable namespace new \
noexcept not not_eq nullptr null operator or or_eq override package priv private protected pub public ref register \
reinterpret_cast restrict return self Self short signed sizeof static static_assert static_cast struct super switch \
template this thread_local throw trait true try type typedef typeid typename typeof union unsafe unsized unsigned use \
using var virtual void volatile wchar_t where while with xor xor_eq yield undefined NaN Infinity NAN INFINITY NULL main \
work code rest size_t memcpy f64 usize Ok Err Result j0 j1 jn y0 y1 yn gamma signgam index env instance values Math min \
max abs div exit time errno std core at memory";

/// Gives out names.
#[derive(Clone, Default)]
pub(crate) struct Names {
    taken: Vec<SmolStr>,
}

/// Whether a target has another use for a name.
pub(crate) fn reserved(name: &str) -> bool {
    RESERVED.split_whitespace().any(|word| word == name) || Native::ALL.iter().any(|n| n.c() == name)
}

impl Names {
    /// A name like this one that no other thing has, nor any kernel: letters of other scripts by their number.
    pub fn fresh(&mut self, wanted: &str) -> SmolStr {
        let mut name = String::new();
        for c in wanted.chars() {
            match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => name.push(c),
                '\'' | '′' => name.push_str("_prime"),
                other => name.push_str(&format!("u{:x}", other as u32)),
            }
        }
        let begins_badly = |c: char| c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.starts_with(begins_badly) || name.starts_with(kernels::PREFIX) {
            name.insert(0, 'x');
        }
        if !self.is_free(&name) {
            let tries = (1..).map(|n| format_smolstr!("{name}_{n}"));
            let free = tries.into_iter().find(|name| self.is_free(name));
            name = free.map(String::from).unwrap_or(name);
        }
        let name = name.to_smolstr();
        self.taken.push(name.clone());
        name
    }

    /// Keeps a name for something else.
    pub fn reserve(&mut self, name: &str) {
        self.taken.push(name.into());
    }

    fn is_free(&self, name: &str) -> bool {
        !reserved(name) && !kernels::is_printed(name) && !self.taken.iter().any(|taken| taken == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_free_and_found() {
        let mut names = Names::default();
        let fresh = |wanted: &str| names.fresh(wanted).to_string();
        let wanted = ["x", "x", "while", "real_x", "real_x", "", "_a", "σ'"];
        assert_eq!(
            wanted.map(fresh),
            ["x", "x_1", "while_1", "xreal_x", "xreal_x_1", "x_2", "x_a", "u3c3_prime"]
        );
    }
}
