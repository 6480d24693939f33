//! Emitted code is run, where its language is installed, and held against the interpreter.

use agnesi_engine::emit::{EmitError, Language, emit};
use agnesi_engine::interpret::Tensor;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::cases::Case;
use crate::examples::cases;

/// One function, the inputs, and what it should give.
pub struct Job {
    pub name: String,
    pub code: String,
    pub inputs: Vec<Tensor>,
    /// Whether each input counts things.
    pub whole: Vec<bool>,
    pub truth: Vec<Tensor>,
    /// How far a value may be away, times one more than its size.
    pub tolerance: f64,
}

impl Job {
    pub fn new(case: &mut Case, language: Language) -> Result<Job, EmitError> {
        let code = emit(&mut case.graph, language, "f", &case.inputs, &case.outputs)?;
        let whole = |id| case.graph.symbol_info(id).facts.has(agnesi_graph::Facts::INTEGER);
        Ok(Job {
            name: case.name.to_owned(),
            code,
            inputs: case.values.clone(),
            whole: case.inputs.iter().map(|id| whole(*id)).collect(),
            truth: case.truth(),
            tolerance: 1e-10,
        })
    }
}

fn float(x: f64) -> String {
    match x {
        _ if x.is_nan() => "nan".to_owned(),
        _ if x.is_infinite() => if x > 0.0 { "inf" } else { "-inf" }.to_owned(),
        _ => format!("{x:?}"),
    }
}

fn numbers(data: &[f64]) -> String {
    data.iter().map(|x| float(*x)).collect::<Vec<_>>().join(" ")
}

const PYTHON: &str = r#"
import sys, warnings
import numpy as np
warnings.simplefilter("ignore")
LIBRARY = sys.argv[1]
if LIBRARY == "jax":
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
if LIBRARY == "torch":
    import torch

def read(shape, data, whole):
    array = np.array(data, dtype=float).reshape(shape)
    if whole:
        array = array.astype(int)
    if LIBRARY == "torch":
        return torch.tensor(array)
    if LIBRARY == "jax":
        return jnp.asarray(array) if array.ndim else array.item()
    return array if array.ndim else array.item()

lines = iter(sys.stdin.read().split("\n"))
for line in lines:
    if not line:
        continue
    count, inputs = map(int, line.split())
    code = "\n".join(next(lines) for _ in range(count))
    values = []
    for _ in range(inputs):
        whole, shape, data = next(lines).split("|")
        values.append(read([int(n) for n in shape.split()], [float(x) for x in data.split()], whole == "1"))
    try:
        space = {}
        exec(code, space)
        result = space["f"](*values)
        if not isinstance(result, tuple):
            result = (result,)
        parts = []
        for part in result:
            array = np.asarray(part, dtype=float)
            parts.append(" ".join(map(str, array.shape)) + "|" + " ".join(map(repr, map(float, array.ravel()))))
        print("ok|" + "|".join(parts))
    except Exception as error:
        print("no|" + repr(error).replace("\n", " "))
"#;

const JULIA: &str = r#"
lines = Iterators.Stateful(eachline(stdin))
function read_tensor(line)
    whole, shape, data = split(line, "|")
    sizes = parse.(Int, split(shape))
    flat = parse.(Float64, split(data))
    if whole == "1"
        flat = Int.(flat)
    end
    isempty(sizes) && return flat[1]
    # The last axis is the fastest.
    return permutedims(reshape(flat, reverse(sizes)...), length(sizes):-1:1)
end
for line in lines
    isempty(line) && continue
    count, inputs = parse.(Int, split(line))
    code = join([popfirst!(lines) for _ in 1:count], "\n")
    values = [read_tensor(popfirst!(lines)) for _ in 1:inputs]
    values = [ndims(v) == 1 ? vec(v) : v for v in values]
    try
        space = Module()
        Base.include_string(space, code)
        result = Base.invokelatest(getfield(space, :f), values...)
        result isa Tuple || (result = (result,))
        parts = map(result) do part
            array = part isa Number || part isa Bool ? fill(float(part)) : float.(Array(part))
            flat = ndims(array) > 1 ? permutedims(array, ndims(array):-1:1) : array
            join(size(array), " ") * "|" * join(vec(flat), " ")
        end
        println("ok|" * join(parts, "|"))
    catch error
        println("no|" * replace(sprint(showerror, error), "\n" => " "))
    end
end
"#;

/// What a language is run with; `None`, and said, where it is not there.
fn command(language: Language) -> Option<Command> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let (program, check, run): (String, Vec<&str>, Vec<&str>) = match language {
        Language::NumPy => (python, vec!["-c", "import numpy, scipy"], vec!["-c", PYTHON, "numpy"]),
        Language::Jax => (python, vec!["-c", "import numpy, jax"], vec!["-c", PYTHON, "jax"]),
        Language::PyTorch => (python, vec!["-c", "import numpy, torch"], vec!["-c", PYTHON, "torch"]),
        Language::Julia => {
            let julia = std::env::var("JULIA").unwrap_or_else(|_| "julia".to_owned());
            (
                julia,
                vec!["--startup-file=no", "-e", "using SpecialFunctions"],
                vec!["--startup-file=no", "-e", JULIA],
            )
        }
    };
    let found = Command::new(&program).args(&check).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("skipped: {} is not installed for {program}", language.name());
        return None;
    }
    let mut command = Command::new(program);
    command.args(run);
    Some(command)
}

/// Runs all jobs in one process and says what differs; nothing where the language is not there.
pub fn differences(language: Language, jobs: &[Job]) -> Vec<String> {
    let Some(mut command) = command(language) else { return Vec::new() };
    let mut input = String::new();
    for job in jobs {
        input += &format!("{} {}\n{}\n", job.code.lines().count(), job.inputs.len(), job.code.trim_end());
        for (tensor, whole) in job.inputs.iter().zip(&job.whole) {
            let shape: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
            input += &format!("{}|{}|{}\n", *whole as u8, shape.join(" "), numbers(tensor.data()));
        }
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a program that was there");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Written beside reading, or both sides wait for the other.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("output");
    writer.join().expect("a writer").expect("a program that reads");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.lines().count(), jobs.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut found = Vec::new();
    for (job, line) in jobs.iter().zip(text.lines()) {
        if let Some(complaint) = complaint(job, line) {
            found.push(format!("{} in {}: {complaint}\n{}", job.name, language.name(), job.code));
        }
    }
    found
}

fn complaint(job: &Job, line: &str) -> Option<String> {
    let mut parts = line.split('|');
    if parts.next() != Some("ok") {
        return Some(line.to_owned());
    }
    for (at, truth) in job.truth.iter().enumerate() {
        let (Some(shape), Some(data)) = (parts.next(), parts.next()) else {
            return Some("too few results".to_owned());
        };
        let shape: Vec<usize> = shape.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        if shape != truth.shape() {
            return Some(format!("result {at} has shape {shape:?}, not {:?}", truth.shape()));
        }
        let data: Vec<f64> = data.split_whitespace().filter_map(|x| x.parse().ok()).collect();
        for (now, then) in data.iter().zip(truth.data()) {
            let same = now == then || now.is_nan() && then.is_nan();
            let near = (now - then).abs() <= job.tolerance * (1.0 + then.abs());
            if !same && !near {
                return Some(format!("result {at} is {data:?}, not {:?}", truth.data()));
            }
        }
        if data.len() != truth.data().len() {
            return Some(format!("result {at} has {} entries", data.len()));
        }
    }
    parts.next().map(|_| "too many results".to_owned())
}

fn run(language: Language) {
    let mut jobs = Vec::new();
    for mut case in cases() {
        match Job::new(&mut case, language) {
            Ok(job) => jobs.push(job),
            Err(error) => panic!("{}: {error}", case.name),
        }
    }
    let found = differences(language, &jobs);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn numpy_computes_the_same() {
    run(Language::NumPy);
}

#[test]
fn jax_computes_the_same() {
    run(Language::Jax);
}

#[test]
fn pytorch_computes_the_same() {
    run(Language::PyTorch);
}

#[test]
fn julia_computes_the_same() {
    run(Language::Julia);
}
