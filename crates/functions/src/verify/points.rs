//! Where rows are tested: special places, places very near and very far, and random ones, the same in every run.

/// A generator of 64 random bits a step (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between `low` and `high`.
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 / (1u64 << 53) as f64)
    }

    fn one_of(&mut self, from: &[f64]) -> f64 {
        from[(self.next() % from.len() as u64) as usize]
    }
}

const SPECIAL: &[f64] = &[
    0.0,
    0.25,
    1.0 / 3.0,
    0.5,
    0.75,
    1.0,
    1.5,
    2.0,
    2.5,
    3.0,
    3.5,
    4.0,
    5.0,
    6.0,
    7.0,
    10.0,
    12.5,
    20.0,
    25.0,
    33.0,
    50.0,
];

const FAR: &[f64] = &[
    1e-300, 1e-150, 1e-40, 1e-16, 1e-9, 1e-5, 1e-3, 0.02, 0.9, 0.99, 0.999_999, 1.000_001, 1.01, 1.1, 75.0,
    100.25, 150.5, 300.0, 700.0, 745.5, 1e3, 12345.678, 1e6, 1e9, 1e16, 1e40, 1e150, 1e300,
];

const WHOLE: &[f64] = &[0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, -1.0, -2.0, -3.0, -6.0];

/// Places for one variable.
pub(super) fn line() -> Vec<f64> {
    let mut random = Random(1);
    let mut places: Vec<f64> = Vec::new();
    for &x in SPECIAL.iter().chain(FAR) {
        places.push(x);
        if x != 0.0 {
            places.push(-x);
        }
    }
    for (low, high, count) in [(-1.0, 1.0, 24), (-4.0, 4.0, 24), (-30.0, 30.0, 16), (-0.36, 0.0, 6)] {
        for _ in 0..count {
            places.push(random.between(low, high));
        }
    }
    for k in 0..24 {
        let exponent = random.between(-12.0, 6.0);
        let size = crate::kernels::elementary::pow(10.0, exponent);
        places.push(if k % 2 == 0 { size } else { -size });
    }
    places
}

/// Places for several variables.
pub(super) fn space(dimensions: usize) -> Vec<Vec<f64>> {
    match dimensions {
        0 => return vec![Vec::new()],
        1 => return line().into_iter().map(|x| vec![x]).collect(),
        _ => {}
    }
    let mut random = Random(2);
    (0..420)
        .map(|_| {
            (0..dimensions)
                .map(|_| match random.next() % 16 {
                    0..=4 => random.one_of(WHOLE),
                    5..=7 => random.one_of(SPECIAL) * random.one_of(&[1.0, -1.0]),
                    8 => random.one_of(FAR) * random.one_of(&[1.0, -1.0]),
                    9..=11 => random.between(-1.0, 1.0),
                    12..=13 => random.between(-8.0, 8.0),
                    _ => random.between(0.0, 6.0),
                })
                .collect()
        })
        .collect()
}
