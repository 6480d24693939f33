//! Colours, and what they mean.
//!
//! Figures name roles ([`Paint`]); a [`Theme`] turns roles into colours. The hues are those of Okabe and Ito, which
//! people with any of the common colour vision deficiencies tell apart, some darkened so that every line has a
//! contrast of 3:1 or more against the ground. Colour is never the only difference: roles also differ by dash or
//! shape.

/// An opaque colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, 0 to 255.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Colour {
    /// From 0xRRGGBB.
    pub const fn hex(value: u32) -> Colour {
        Colour { r: (value >> 16) as u8, g: (value >> 8) as u8, b: value as u8 }
    }

    /// As `#rrggbb`.
    pub fn to_hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }

    /// The share `t` of `other` mixed in.
    pub fn mix(self, other: Colour, t: f64) -> Colour {
        let t = t.clamp(0.0, 1.0);
        let channel = |a: u8, b: u8| (f64::from(a) * (1.0 - t) + f64::from(b) * t).round() as u8;
        Colour { r: channel(self.r, other.r), g: channel(self.g, other.g), b: channel(self.b, other.b) }
    }

    /// Relative luminance after WCAG 2, from 0 (black) to 1 (white).
    pub fn luminance(self) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// Contrast ratio after WCAG 2, from 1 to 21.
    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// The n-th curve; 0 is the blue of the function itself. Counts on from the start after the last.
    Series(usize),
    /// Tangents.
    Tangent,
    /// Taylor polynomials.
    Taylor,
    /// Inputs and outputs: the marked point.
    Mark,
    /// Guides such as the riser.
    Guide,
    /// Grids.
    Faint,
    /// Text and axes.
    Ink,
    /// The ground of the picture.
    Ground,
    /// A place on the viridis scale, 0 to 1; for surfaces and fills.
    Scale(f64),
    /// A place on the viridis scale without its end nearest to the ground; for lines and arrows.
    ScaleLine(f64),
    /// A darker shade of a place on the viridis scale; for the mesh of a surface.
    ScaleEdge(f64),
}

/// Light for paper and most screens, or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near-black.
    Dark,
}

impl Theme {
    /// The colour of a role.
    pub fn colour(self, paint: Paint) -> Colour {
        let pick = |light: u32, dark: u32| Colour::hex(if self == Theme::Light { light } else { dark });
        match paint {
            Paint::Series(n) => match n % 6 {
                0 => pick(0x0072B2, 0x56B4E9),
                1 => pick(0xC65600, 0xE69F00),
                2 => pick(0x8A4F8F, 0xCC79A7),
                3 => pick(0x00795A, 0x2BC79A),
                4 => pick(0x5A5A5A, 0xB0B0B0),
                _ => pick(0x8F6D00, 0xF0E442),
            },
            Paint::Tangent => pick(0x008F68, 0x1EC796),
            Paint::Taylor => pick(0x8A3F96, 0xD58BD0),
            // Vermilion moved towards red, since the marks are to be called red.
            Paint::Mark => pick(0xD3250B, 0xFF6B4A),
            Paint::Guide => pick(0x767676, 0x9A9A9A),
            Paint::Faint => pick(0xDADADC, 0x3A3C42),
            Paint::Ink => pick(0x1B1B1F, 0xEAEAEE),
            Paint::Ground => pick(0xFFFFFF, 0x15171C),
            Paint::Scale(t) => viridis(t),
            Paint::ScaleEdge(t) => viridis(t).mix(Colour::hex(0), 0.35),
            Paint::ScaleLine(t) => {
                let t = t.clamp(0.0, 1.0);
                viridis(if self == Theme::Light { 0.72 * t } else { 0.3 + 0.7 * t })
            }
        }
    }
}

/// Viridis: even steps look even, in grey too. `t` is clamped to 0..1.
pub fn viridis(t: f64) -> Colour {
    // Knots of the published map at sixteenths.
    const KNOTS: [u32; 17] = [
        0x440154, 0x481A6C, 0x472F7D, 0x414487, 0x39568C, 0x31688E, 0x2A788E, 0x23888E, 0x1F988B, 0x22A884,
        0x35B779, 0x54C568, 0x7AD151, 0xA5DB36, 0xD2E21B, 0xEAE51A, 0xFDE725,
    ];
    let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) } * (KNOTS.len() - 1) as f64;
    let i = (t as usize).min(KNOTS.len() - 2);
    Colour::hex(KNOTS[i]).mix(Colour::hex(KNOTS[i + 1]), t - i as f64)
}
