//! "Did you mean …?"

/// The candidate nearest to `name` by restricted Damerau-Levenshtein distance (one insertion, deletion, substitution or
/// exchange of neighbours each count one; a difference of case alone counts nothing), if it is near enough to be a slip:
/// at most a third of the longer name's letters, and at least one. Among equals the first one wins.
///
/// A name of one letter has no near names, since any other would be one slip away.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    if wanted.len() < 2 || wanted.len() > 64 {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        let allowed = (wanted.len().max(other.len()) / 3).max(1);
        if other.len() < 2 || wanted.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = distance(&wanted, &other);
        // Two letters that share none are no slip of each other.
        let shares = distance < wanted.len().max(other.len());
        if distance <= allowed && shares && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut older = vec![0; b.len() + 1];
    let mut old: Vec<usize> = (0..=b.len()).collect();
    let mut new = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        new[0] = i;
        for j in 1..=b.len() {
            let substitution = old[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            new[j] = substitution.min(old[j] + 1).min(new[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                new[j] = new[j].min(older[j - 2] + 1);
            }
        }
        std::mem::swap(&mut older, &mut old);
        std::mem::swap(&mut old, &mut new);
    }
    old[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_repaired() {
        let names = ["sin", "sinh", "cos", "sqrt", "sigmoid", "softplus", "log", "ln", "erf"];
        for (typed, meant) in [
            ("sni", Some("sin")),
            ("sigmiod", Some("sigmoid")),
            ("sigmod", Some("sigmoid")),
            ("sqr", Some("sqrt")),
            ("Sin", Some("sin")),
            ("softpluss", Some("softplus")),
            ("lg", Some("log")),
            ("xyz", None),
            ("q", None),
            ("banana", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
    }
}
