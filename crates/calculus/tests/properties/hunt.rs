//! Runs a check over random cases, shrinks what fails, and tells all of it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How many cases a property runs: all of them where `PROPTEST_CASES` asks for as many, else an eighth.
pub fn cases(all: u32) -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    given.map_or(all / 8, |n: u32| n.min(all))
}

/// A failure past this number is not shrunk any more.
const MAX_FAILURES: usize = 12;
/// How long shrinking one failure may take.
const SHRINKING: Duration = Duration::from_secs(20);

fn run<T>(check: &dyn Fn(&T) -> Result<(), String>, case: &T) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| check(case))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

/// Checks `cases` random values; panics with the smallest failing ones that were found.
///
/// The seed is fixed, so that a run can be repeated, unless `AGNESI_SEED` gives another.
pub fn hunt<T: Clone + std::fmt::Display + std::fmt::Debug + 'static>(
    cases: u32,
    strategy: BoxedStrategy<T>,
    simpler: impl Fn(&T) -> Vec<T>,
    check: impl Fn(&T) -> Result<(), String>,
) {
    let seed: u64 = std::env::var("AGNESI_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut bytes = [7u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut failures: BTreeMap<String, String> = BTreeMap::new();
    let (begun, mut slowest) = (Instant::now(), (Duration::ZERO, String::new()));
    let mut failed = 0;
    for _ in 0..cases {
        let mut case = strategy.new_tree(&mut runner).expect("a value").current();
        let started = Instant::now();
        let result = run(&check, &case);
        if started.elapsed() > slowest.0 {
            slowest = (started.elapsed(), case.to_string());
        }
        let Err(mut why) = result else { continue };
        failed += 1;
        if failures.len() >= MAX_FAILURES {
            continue;
        }
        let started = Instant::now();
        'shrinking: while started.elapsed() < SHRINKING {
            for candidate in simpler(&case) {
                if candidate.to_string().len() > case.to_string().len() {
                    continue;
                }
                if let Err(reason) = run(&check, &candidate) {
                    if candidate.to_string() == case.to_string() {
                        continue;
                    }
                    (case, why) = (candidate, reason);
                    continue 'shrinking;
                }
            }
            break;
        }
        failures.insert(case.to_string(), why);
    }
    println!("{cases} cases in {:?}; the slowest took {:?}: {}", begun.elapsed(), slowest.0, slowest.1);
    assert!(
        failures.is_empty(),
        "{failed} of {cases} cases fail, such as\n{}",
        failures.iter().map(|(case, why)| format!("{case}\n    {why}\n")).collect::<String>()
    );
}
