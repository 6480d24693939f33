//! Programs with lines and words changed at random.

mod body;

use proptest::prelude::*;

macro_rules! programs {
    ($($name:literal),*) => {
        [$(include_str!(concat!("../programs/", $name, ".txt"))),*]
    };
}

const PROGRAMS: [&str; 21] = programs![
    "branches",
    "elementwise",
    "every_scalar",
    "fma_close",
    "given_back",
    "linear_cholesky",
    "linear_det",
    "linear_det_one",
    "linear_inv",
    "linear_logdet",
    "names",
    "pick",
    "products",
    "reductions",
    "repeat",
    "repeat_vectors",
    "scalar_two",
    "scatter",
    "started",
    "strides",
    "workspace"
];

/// What a word is replaced by.
const WORDS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "7",
    "-1",
    "1.5",
    "-0.0",
    "inf",
    "-NaN",
    "1e308",
    "99999999999",
    "t0",
    "t1",
    "t2",
    "t3",
    "t9",
    "%0",
    "%1",
    "%2",
    "%3",
    "%9",
    "#0",
    "#1",
    "mul",
    "add",
    "sub",
    "div",
    "neg",
    "not",
    "and",
    "or",
    "less",
    "lessequal",
    "equal",
    "select",
    "fma",
    "=",
    "+=",
    "*=",
    "max=",
    "min=",
    "for",
    "end",
    "in",
    "out",
    "of",
    "repeat",
    "state",
    "record",
    "product",
    "symmetric",
    "inv",
    "det",
    "cholesky",
    "call",
    "sin",
    "floor",
    "pow",
    "clamp",
    "x",
    "*",
    "+",
    "]",
];

/// One change: of which kind, where, and with what.
type Change = (u8, prop::sample::Index, prop::sample::Index);

fn changed(text: &str, (kind, at, with): &Change) -> String {
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    if lines.is_empty() {
        return String::new();
    }
    let (i, j) = (at.index(lines.len()), with.index(lines.len()));
    match kind {
        0 => drop(lines.remove(i)),
        1 => lines.swap(i, j),
        2 => lines.insert(j, lines[i].clone()),
        _ => {
            // Words are what blanks and the signs of addresses part.
            let line = &lines[i];
            let mut parts: Vec<&str> = line.split_inclusive([' ', '[', '*', ']']).collect();
            let k = with.index(parts.len().max(1));
            if let Some(part) = parts.get(k).copied() {
                let end = part.trim_end_matches(|c| !" [*]".contains(c));
                let sign = end.chars().last().map_or(String::new(), String::from);
                let word = format!("{}{sign}", WORDS[at.index(WORDS.len())]);
                parts[k] = &word;
                lines[i] = parts.concat();
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_no_program_or_a_sound_one(
        at in 0..PROGRAMS.len(),
        changes in prop::collection::vec((0u8..8, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..5),
    ) {
        let text = changes.iter().fold(PROGRAMS[at].to_string(), |text, change| changed(&text, change));
        body::check(&text);
    }
}
