//! The objectives of ADBench in notation: values, gradients and Jacobians beside peers.
//!
//! The data are not kept here; `ADBENCH_DATA` names their folder.

mod data;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use agnesi::{Function, Session};

use super::{in_release, least, peers, time};
use data::Case;

/// An objective: its name, where its data lie, how they are read, its notation and its formula.
struct Objective {
    name: &'static str,
    file: &'static str,
    read: fn(&Path) -> Result<Case, String>,
    notation: &'static str,
    formula: &'static str,
    /// Whether the arguments are rows of a batch.
    rows: bool,
}

const fn objective(
    name: &'static str,
    file: &'static str,
    read: fn(&Path) -> Result<Case, String>,
    (notation, formula): (&'static str, &'static str),
) -> Objective {
    Objective { name, file, read, notation, formula, rows: false }
}

const OBJECTIVES: [Objective; 7] = [
    objective("GMM 1k d10 K25", "gmm/1k/gmm_d10_K25.txt", data::gmm, ("gmm.agn", "objective")),
    objective("GMM 1k d10 K50", "gmm/1k/gmm_d10_K50.txt", data::gmm, ("gmm.agn", "objective")),
    objective("GMM 10k d10 K25", "gmm/10k/gmm_d10_K25.txt", data::gmm, ("gmm.agn", "objective")),
    objective("GMM 1k d64 K25", "gmm/1k/gmm_d64_K25.txt", data::gmm, ("gmm.agn", "objective")),
    Objective {
        rows: true,
        ..objective("BA1", "ba/ba1_n49_m7776_p31843.txt", data::ba, ("ba.agn", "residual"))
    },
    objective("LSTM l2 c1024", "lstm/lstm_l2_c1024.txt", data::lstm, ("lstm.agn", "loss")),
    objective(
        "HAND simple c800",
        "hand/simple_small/hand5_t26_c800.txt",
        data::hand,
        ("hand.agn", "residual"),
    ),
];

/// What was measured, in seconds.
struct Row {
    name: &'static str,
    /// Whether rounding was changed for speed.
    fast: bool,
    value: f64,
    derivative: f64,
    /// From the text to the first derivative.
    first: f64,
}

/// Times the objectives whose name has a word that is given, or all of them.
pub fn adbench(root: &Path, words: &[&str]) -> Result<(), String> {
    if in_release("adbench", words)? {
        return Ok(());
    }
    let Some(folder) = std::env::var_os("ADBENCH_DATA").map(PathBuf::from) else {
        return Err("set ADBENCH_DATA to the folder with the data of ADBench (gmm, ba, lstm, hand)".into());
    };
    let wanted: Vec<&&str> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let mut rows = Vec::new();
    for objective in &OBJECTIVES {
        if !wanted.is_empty() && !wanted.iter().all(|word| objective.name.contains(**word)) {
            continue;
        }
        let path = folder.join(objective.file);
        if !path.exists() {
            println!("{}: skipped, {} is not there", objective.name, path.display());
            continue;
        }
        rows.extend(objective.measure(root, &path, false)?);
        rows.extend(objective.measure(root, &path, true)?);
    }
    let others = if words.contains(&"--smoke") { Default::default() } else { peers(root, "adbench.py") };
    println!(
        "{:<23}{:>11}{:>12}{:>7}{:>12}  peers: derivative (times ours), first",
        "objective", "value", "derivative", "ratio", "from text"
    );
    for row in &rows {
        print!(
            "{:<23}{:>11}{:>12}{:>7.1}{:>12}",
            format!("{}{}", row.name, if row.fast { ", fast" } else { "" }),
            time(row.value),
            time(row.derivative),
            row.derivative / row.value,
            time(row.first)
        );
        for (peer, seconds) in others.get(row.name).into_iter().flatten() {
            print!("  {peer} {} ({:.1})", time(*seconds), seconds / row.derivative);
        }
        println!();
    }
    Ok(())
}

impl Objective {
    /// Times it; fast, only if that changes it.
    fn measure(&self, root: &Path, path: &Path, fast: bool) -> Result<Option<Row>, String> {
        let case = (self.read)(path)?;
        let notation = std::fs::read_to_string(root.join("benches/adbench").join(self.notation))
            .map_err(|error| format!("{}: {error}", self.notation))?;
        let budget = Duration::from_millis(500);
        let mut first = f64::INFINITY;
        let mut found = None;
        for _ in 0..3 {
            let begun = Instant::now();
            let mut function = self.compile(&notation, &case)?;
            if fast {
                function = function.fast();
                if !function.program(false).map_err(|error| error.to_string())?.regrouped {
                    return Ok(None);
                }
            }
            let mut call = Call::new(function, &case, self.rows);
            call.derivative()?;
            first = first.min(begun.elapsed().as_secs_f64());
            found = Some(call);
        }
        let mut call = found.ok_or("nothing was measured")?;
        call.value()?;
        let value = least(budget, || drop(black_box(call.value())));
        let derivative = least(budget, || drop(black_box(call.derivative())));
        Ok(Some(Row { name: self.name, fast, value, derivative, first }))
    }

    fn compile(&self, notation: &str, case: &Case) -> Result<Function, String> {
        let wrong = |error: agnesi::FunctionError| format!("{}: {error}", self.name);
        let mut session = Session::new();
        session.define(notation).map_err(wrong)?;
        let declared = |list: &[data::Tensor]| list.iter().map(|(d, _)| d.clone()).collect::<Vec<_>>();
        let (arguments, given) = (declared(&case.arguments), declared(&case.data));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let mut function = session.compile_given(self.formula, &arguments, &given).map_err(wrong)?;
        for (declared, numbers) in &case.data {
            let name = declared.split(':').next().unwrap_or_default();
            function.give(name, numbers).map_err(wrong)?;
        }
        Ok(function)
    }
}

/// A function with what it is called with, and room for what it gives.
struct Call<'a> {
    function: Function,
    /// The point, or the rows of each argument.
    point: Vec<f64>,
    rows: Option<Vec<&'a [f64]>>,
    values: Vec<f64>,
    derivatives: Vec<Vec<f64>>,
}

impl<'a> Call<'a> {
    fn new(function: Function, case: &'a Case, rows: bool) -> Call<'a> {
        let entries: usize = function.shape().iter().product();
        let lengths: Vec<usize> = function.arguments().map(|(_, shape)| shape.iter().product()).collect();
        if !rows {
            let derivatives = vec![vec![0.0; entries * lengths.iter().sum::<usize>()]];
            let point = case.arguments.iter().flat_map(|(_, numbers)| numbers.iter().copied()).collect();
            return Call { function, point, rows: None, values: vec![0.0; entries], derivatives };
        }
        let given: Vec<&[f64]> = case.arguments.iter().map(|(_, numbers)| &numbers[..]).collect();
        let count = given.first().map_or(0, |first| first.len()) / lengths.first().copied().unwrap_or(1);
        Call {
            function,
            point: Vec::new(),
            rows: Some(given),
            values: vec![0.0; count * entries],
            derivatives: lengths.iter().map(|length| vec![0.0; count * entries * length]).collect(),
        }
    }

    fn value(&mut self) -> Result<(), String> {
        match &self.rows {
            Some(rows) => self.function.batch(rows).map(|values| self.values = values),
            None => self.function.values_into(&self.point, &mut self.values),
        }
        .map_err(|error| error.to_string())
    }

    fn derivative(&mut self) -> Result<(), String> {
        match &self.rows {
            Some(rows) => {
                let mut rooms: Vec<&mut [f64]> =
                    self.derivatives.iter_mut().map(|room| &mut room[..]).collect();
                self.function.batch_with_jacobian(rows, &mut self.values, &mut rooms)
            }
            None if self.function.shape().is_empty() => {
                self.function.gradient_into(&self.point, &mut self.derivatives[0]).map(drop)
            }
            None => self.function.jacobian_into(&self.point, &mut self.derivatives[0]),
        }
        .map_err(|error| error.to_string())
    }
}
