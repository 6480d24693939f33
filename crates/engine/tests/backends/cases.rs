//! Programs with inputs, and what the interpreter makes of them.

use agnesi_engine::ir::{Program, parse};

/// The numbers of each input or output.
pub type Tensors = Vec<Vec<f64>>;

/// A program, inputs for some runs, and the results.
pub struct Case {
    pub name: String,
    pub program: Program,
    pub runs: Vec<(Tensors, Option<Tensors>)>,
    /// Whether nothing but arithmetic is involved.
    pub exact: bool,
}

impl Case {
    pub fn new(name: &str, program: Program, inputs: Vec<Tensors>, exact: bool) -> Case {
        if let Err(error) = program.check() {
            panic!("{name}: {error}\n{program}");
        }
        let run = |given: Tensors| {
            let slices: Vec<&[f64]> = given.iter().map(Vec::as_slice).collect();
            let result = program.run(&slices).ok();
            (given, result)
        };
        let runs = inputs.into_iter().map(run).collect();
        Case { name: name.to_owned(), program, runs, exact }
    }

    /// Whether numbers are those of the interpreter.
    pub fn compare(&self, target: &str, run: usize, got: Option<&[f64]>) {
        let (inputs, wanted) = &self.runs[run];
        let wanted: Option<Vec<f64>> = wanted.as_ref().map(|outputs| outputs.concat());
        let same = |(a, b): (&f64, &f64)| {
            let near = (a - b).abs() <= 1e-13 * b.abs().max(1e-2);
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan() || !self.exact && (near || a == b)
        };
        let right = match (&wanted, got) {
            (None, None) => true,
            (Some(wanted), Some(got)) => wanted.len() == got.len() && got.iter().zip(wanted).all(same),
            _ => false,
        };
        if right {
            return;
        }
        let mut text = String::new();
        if let (Some(wanted), Some(got)) = (&wanted, got) {
            for (at, pair) in got.iter().zip(wanted).enumerate().filter(|(_, pair)| !same(*pair)) {
                let of: Vec<f64> = inputs.iter().filter_map(|x| x.get(at).copied()).collect();
                text += &format!("number {at}: got {:?}, wanted {:?}; there {of:?}\n", pair.0, pair.1);
            }
        } else {
            text = format!("got {got:?}, wanted {wanted:?}");
        }
        panic!("{target}, run {run} of {}:\n{text}{}", self.name, self.program);
    }
}

/// A source of numbers that is the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % n.max(1) as u64) as usize
    }

    pub fn number(&mut self) -> f64 {
        const SPECIAL: [f64; 7] = [0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        match self.below(12) {
            0 => SPECIAL[self.below(7)],
            1 | 2 => self.below(7) as f64 - 3.0,
            _ => self.plain(),
        }
    }

    /// From -4 to 4.
    pub fn plain(&mut self) -> f64 {
        self.below(1 << 30) as f64 / (1u64 << 27) as f64 - 4.0
    }
}

/// The programs of the folder.
pub fn corpus() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the folder").flatten().map(|e| e.path()).collect();
    files.sort();
    assert!(files.len() >= 15);
    files
        .iter()
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let program = parse(&std::fs::read_to_string(path).expect("a text")).expect(&name);
            let mut dice =
                Dice(name.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte)));
            let exact = !program.to_string().contains("call ") && !name.starts_with("linear");
            let inputs = (0..6).map(|run| {
                let each = program.inputs.iter().map(|(label, id)| {
                    let len = program.tensor(*id).len();
                    (0..len)
                        .map(|_| match (label.as_str(), run) {
                            ("which" | "row" | "columns", 5) => dice.below(9) as f64 * 0.5,
                            ("which" | "row" | "columns", _) => dice.below(4) as f64 + 1.0,
                            (_, 0) => dice.below(2) as f64,
                            (_, 1..=3) => dice.plain(),
                            _ if exact => dice.number(),
                            _ => dice.plain(),
                        })
                        .collect()
                });
                each.collect()
            });
            let inputs: Vec<_> = inputs.collect();
            Case::new(&name, program, inputs, exact)
        })
        .collect()
}
