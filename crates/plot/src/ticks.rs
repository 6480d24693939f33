//! Ticks at round numbers, and their labels.

/// The ticks of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// Value and label of each, ascending.
    pub marks: Vec<(f64, String)>,
    /// A factor that all labels leave out, such as `×10³⁰⁰`; empty when there is none.
    pub factor: String,
}

/// Some `count` ticks at multiples of 1, 2 or 5 times a power of ten, within the range.
pub fn ticks(range: (f64, f64), count: usize) -> Ticks {
    let none = Ticks { marks: Vec::new(), factor: String::new() };
    let (a, b) = range;
    if !crate::range::usable(range) || count == 0 {
        return none;
    }
    // Dividing by the largest power of ten first keeps 1e300 and 1e-300 within range.
    let power = a.abs().max(b.abs()).log10().floor() as i32;
    let scale = |x: f64, p: i32| x / 10f64.powi(p / 2) / 10f64.powi(p - p / 2);
    let factor = if (-4..=5).contains(&power) { 0 } else { power };
    let (a, b) = (scale(a, factor), scale(b, factor));
    let step = nice((b - a) / count as f64);
    if step <= 0.0 || !step.is_finite() || (b - a) / step > 1000.0 {
        return none;
    }
    let decimals = (-step.log10().floor()).clamp(0.0, 17.0) as usize;
    let (first, last) = ((a / step - 1e-9).ceil() as i64, (b / step + 1e-9).floor() as i64);
    let unscale = |x: f64| x * 10f64.powi(factor / 2) * 10f64.powi(factor - factor / 2);
    let marks = (first..=last)
        .map(|i| {
            let value = i as f64 * step;
            (unscale(value), label(value, decimals))
        })
        .collect();
    Ticks { marks, factor: if factor == 0 { String::new() } else { format!("×10{}", superscript(factor)) } }
}

/// The nearest of 1, 2, 5 times a power of ten, not below `x`.
pub fn nice(x: f64) -> f64 {
    let power = x.log10().floor();
    let unit = 10f64.powf(power);
    let digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(|d| d * unit >= x * (1.0 - 1e-9)).unwrap_or(10.0);
    digit * unit
}

fn label(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    // The minus sign proper is as wide as the digits; and no negative zero.
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A number of up to `digits` significant digits for a label, with a proper minus sign.
pub fn number(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "undefined".to_owned()
        } else {
            format!("{}∞", if value < 0.0 { "−" } else { "" })
        };
    }
    let digits = digits.clamp(1, 17);
    let text = format!("{:.*e}", digits - 1, value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| {
        if s.contains('.') { s.trim_end_matches('0').trim_end_matches('.').to_owned() } else { s.to_owned() }
    };
    let body = if (-4..digits.max(6) as i32).contains(&power) {
        let decimals = (digits as i32 - 1 - power).max(0) as usize;
        trim(&format!("{:.decimals$}", value.abs()))
    } else {
        format!("{}×10{}", trim(mantissa), superscript(power))
    };
    if value < 0.0 { format!("−{body}") } else { body }
}

/// An integer in superscript digits.
fn superscript(n: i32) -> String {
    let raise = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32('⁰' as u32 + c as u32 - '0' as u32).unwrap_or(c),
    };
    n.to_string().chars().map(raise).collect()
}
