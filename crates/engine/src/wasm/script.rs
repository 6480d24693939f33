//! How to call a module from JavaScript.

use std::fmt::Write as _;

use super::{WasmFunction, WasmPort};
use crate::code::Failure;

/// An ES module.
pub(super) fn script(functions: &[WasmFunction], imports: &[&'static str]) -> String {
    let mut text = String::new();
    let messages: Vec<String> = Failure::ALL.iter().map(|f| format!("\"{}\"", f.message())).collect();
    if functions.iter().any(|f| f.returns_code) {
        let _ = writeln!(text, "const reasons = [{}];\n", messages.join(", "));
    }
    text.push_str("// The functions of the module: ");
    text.push_str("numbers and arrays of numbers in, row by row; numbers and Float64Arrays out.\n");
    text.push_str("export async function load(bytes) {\n");
    let env: Vec<String> = imports.iter().map(|name| format!("{name}: Math.{name}")).collect();
    let env = if env.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", env.join(", ")) };
    let _ =
        writeln!(text, "  const {{ instance }} = await WebAssembly.instantiate(bytes, {{ env: {env} }});");
    text.push_str("  const { exports } = instance;\n");
    if functions.iter().any(|f| f.inputs.iter().chain(&f.outputs).any(|port| port.address.is_some())) {
        text.push_str("  const view = (at, n) => new Float64Array(exports.memory.buffer, at, n);\n");
    }
    if functions.iter().any(|f| f.inputs.iter().any(|port| port.address.is_some())) {
        text.push_str("  const put = (at, n, x) => {\n");
        text.push_str("    if (x.length !== n) throw new RangeError(`${n} numbers are needed, ${x.length} were given`);\n");
        text.push_str("    view(at, n).set(x);\n  };\n");
    }
    text.push_str("  return {\n");
    for function in functions {
        one(&mut text, function);
    }
    text.push_str("  };\n}\n");
    text
}

fn one(text: &mut String, function: &WasmFunction) {
    let params: Vec<String> = (0..function.inputs.len()).map(|at| format!("x{at}")).collect();
    let words: Vec<String> =
        function.inputs.iter().zip(&params).map(|(port, x)| format!("{x}: {}", port.name)).collect();
    if !words.is_empty() {
        let _ = writeln!(text, "    // {}", words.join(", "));
    }
    let _ = writeln!(text, "    {}({}) {{", function.name, params.join(", "));
    let mut passed = Vec::new();
    for (port, x) in function.inputs.iter().zip(&params) {
        match port.address {
            Some(at) => {
                let _ = writeln!(text, "      put({at}, {}, {x});", length(port));
            }
            None => passed.push(x.as_str()),
        }
    }
    let call = format!("exports.{}({})", function.name, passed.join(", "));
    let results: Vec<String> = if function.returns_code {
        let _ = writeln!(text, "      const code = {call};");
        text.push_str("      if (code !== 0) throw new Error(reasons[code - 1]);\n");
        let read = |port: &WasmPort| match (port.address, port.shape.is_empty()) {
            (Some(at), true) => format!("view({at}, 1)[0]"),
            (at, _) => format!("view({}, {}).slice()", at.unwrap_or(0), length(port)),
        };
        function.outputs.iter().map(read).collect()
    } else if function.outputs.len() == 1 {
        vec![call]
    } else {
        let _ = writeln!(text, "      const values = {call};");
        (0..function.outputs.len()).map(|at| format!("values[{at}]")).collect()
    };
    match &results[..] {
        [one] => {
            let _ = writeln!(text, "      return {one};");
        }
        many => {
            let fields: Vec<String> = function
                .outputs
                .iter()
                .zip(many)
                .map(|(port, value)| format!("{:?}: {value}", port.name.as_str()))
                .collect();
            let _ = writeln!(text, "      return {{ {} }};", fields.join(", "));
        }
    }
    text.push_str("    },\n");
}

fn length(port: &WasmPort) -> usize {
    port.shape.iter().product()
}
