//! Numbers of fields, and the shortest texts of numbers.

/// Why a field is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Empty,
    NoNumber,
    TooLarge,
}

/// The number of a field, white space around it aside.
pub(super) fn parse(field: &[u8]) -> Result<f64, Unread> {
    let field = field.trim_ascii();
    if field.is_empty() {
        return Err(Unread::Empty);
    }
    let text = std::str::from_utf8(field).map_err(|_| Unread::NoNumber)?;
    let value: f64 = text.parse().map_err(|_| Unread::NoNumber)?;
    // Digits that overflow are read as an infinity, which nobody has written.
    if value.is_infinite() && !text.contains(['i', 'I']) {
        return Err(Unread::TooLarge);
    }
    Ok(value)
}

/// Writes the shortest text that reads back to the same double: `3`, `0.1`, `1e-7`, `NaN`, `inf`, `-inf`.
pub(super) fn write_plain(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
        return;
    }
    let size = value.abs();
    if (1e-5..1e-4).contains(&size) {
        // The one decade where an exponent is shorter and the formatter writes none.
        out.extend_from_slice(format!("{value:e}").as_bytes());
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(value);
    let text = text.strip_suffix(".0").unwrap_or(text);
    match text.split_once("e+") {
        Some((digits, exponent)) => {
            out.extend_from_slice(digits.as_bytes());
            out.push(b'e');
            out.extend_from_slice(exponent.as_bytes());
        }
        None => out.extend_from_slice(text.as_bytes()),
    }
}

/// Writes a number as answers in JSON have it: NaN and infinities are strings.
pub(super) fn write_json(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_nan() {
        out.extend_from_slice(b"\"nan\"");
    } else if value > 0.0 {
        out.extend_from_slice(b"\"inf\"");
    } else {
        out.extend_from_slice(b"\"-inf\"");
    }
}
