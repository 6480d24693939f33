//! Which lines differ.

/// Lines taken away behind `-`, lines added behind `+`, and three lines around them.
pub fn lines(old: &str, new: &str) -> String {
    let a: Vec<&str> = old.lines().collect();
    let b: Vec<&str> = new.lines().collect();
    let width = b.len() + 1;
    // The longest common part of what is left of both, from each place on.
    let mut common = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out: Vec<(char, &str)> = Vec::new();
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push((' ', a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || (i < a.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            out.push(('-', a[i]));
            i += 1;
        } else {
            out.push(('+', b[j]));
            j += 1;
        }
    }
    let near = |at: usize| out.iter().enumerate().any(|(k, (sign, _))| *sign != ' ' && k.abs_diff(at) <= 3);
    (0..out.len()).filter(|&k| near(k)).map(|k| format!("{} {}\n", out[k].0, out[k].1)).collect()
}

#[test]
fn a_changed_line_is_shown_twice() {
    assert_eq!(lines("a\nb\nc\n", "a\nx\nc\n"), "  a\n- b\n+ x\n  c\n");
    assert_eq!(lines("a\n", "a\n"), "");
}
