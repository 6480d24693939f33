//! How long things take, against peers where they are installed.

mod adbench;
mod engine;
mod kernels;
mod losses;
mod native;
mod symbolic;
mod tensors;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use adbench::adbench;
pub use engine::engine;
pub use kernels::kernels;
pub use native::native;
pub use symbolic::symbolic;
pub use tensors::tensors;

/// Runs a benchmark again as a release build, unless we are one or the run is a quick one; whether that was done.
fn in_release(name: &str, words: &[&str]) -> Result<bool, String> {
    if !cfg!(debug_assertions) || words.contains(&"--smoke") {
        return Ok(false);
    }
    let mut all = vec!["run", "--quiet", "--release", "--package", "xtask", "--", "bench", name];
    all.extend(words);
    crate::cargo(&all, &[]).map(|()| true)
}

/// The least of at least five runs, each of at least a millisecond: what the work takes when nothing else runs.
fn least(budget: Duration, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    work();
    let once = begun.elapsed().as_secs_f64().max(1e-9);
    let repeat = ((1e-3 / once) as usize).max(1);
    let mut times = Vec::new();
    while times.len() < 5 || begun.elapsed() < budget {
        let start = Instant::now();
        for _ in 0..repeat {
            work();
        }
        times.push(start.elapsed().as_secs_f64() / repeat as f64);
    }
    times.into_iter().fold(f64::INFINITY, f64::min)
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.0} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} us", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// The peers' times by case, as a script in `benches/peers` prints them, where there is a Python that has any of them.
fn peers(root: &Path, script: &str) -> BTreeMap<String, Vec<(String, f64)>> {
    let mut out: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    let script = root.join("benches/peers").join(script);
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let Ok(ran) = Command::new(python).arg(script).stderr(Stdio::inherit()).output() else { return out };
    for line in String::from_utf8_lossy(&ran.stdout).lines() {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        if let (Some(case), Some(peer), Some(seconds)) =
            (value["case"].as_str(), value["peer"].as_str(), value["seconds"].as_f64())
        {
            out.entry(case.to_string()).or_default().push((peer.to_string(), seconds));
        }
    }
    out
}
