//! Numbers that instructions need beside those of the program.

/// A number of the code's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pool {
    Zero,
    One,
    /// The bit of the sign alone.
    Sign,
    /// All bits but that of the sign.
    Magnitude,
}

impl Pool {
    /// Its bytes, as a double or a single.
    pub fn bytes(self, double: bool) -> impl Iterator<Item = u8> + Clone {
        let long = match self {
            Pool::Zero => 0,
            Pool::One => 1f64.to_bits(),
            Pool::Sign => 1 << 63,
            Pool::Magnitude => u64::MAX >> 1,
        };
        let short = match self {
            Pool::Zero => 0,
            Pool::One => 1f32.to_bits(),
            Pool::Sign => 1 << 31,
            Pool::Magnitude => u32::MAX >> 1,
        };
        let (bytes, size) =
            if double { (long.to_le_bytes(), 8) } else { (u64::from(short).to_le_bytes(), 4) };
        bytes.into_iter().take(size)
    }
}
