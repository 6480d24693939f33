//! Programs as WebAssembly: a module that exports its memory and a function for each program.
//!
//! Numbers go in as parameters; tensors lie in the memory, where [`WasmFunction`] says. A function whose inputs and
//! outputs are numbers and that cannot fail returns its outputs; any other returns 0, or a code where an index or a matrix
//! does not allow a result. What the host's `Math` has (`sin`, `exp`, `log`, `pow`, ...) is imported from `env` by its
//! name there; what it lacks (`erf`, `gamma`, `fma`, ...) is part of the module. Values are those of
//! [`crate::ir::Program::run`], to the last bit where nothing is imported, and so are the limits of [`crate::source`].

mod encode;
mod script;

use smol_str::SmolStr;

use crate::code::kernels::Library;
use crate::code::lower::{Main, Port, lower};
use crate::code::names::Names;
use crate::code::{Refusal, Target};
use crate::ir::{CheckError, Program};

/// Why a program is no module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WasmError {
    /// A function that neither hosts nor this crate have for WebAssembly, by its name in the table.
    Function(&'static str),
    /// An operation of linear algebra that is not written for WebAssembly, by its name in formulas.
    Linear(&'static str),
    /// It is no program that can be run.
    Check(CheckError),
    /// Tensors that do not fit in 4 GiB.
    Memory,
}

impl std::fmt::Display for WasmError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WasmError::Function(name) => write!(f, "the function `{name}` is not written in WebAssembly"),
            WasmError::Linear(name) => {
                write!(f, "the matrix operation `{name}` is not written in WebAssembly")
            }
            WasmError::Check(error) => write!(f, "no program that can be run: {error}"),
            WasmError::Memory => write!(f, "the tensors do not fit in the memory of WebAssembly"),
        }
    }
}

impl std::error::Error for WasmError {}

/// An input or an output of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmPort {
    /// Its name in the program.
    pub name: SmolStr,
    /// The sizes of its axes; its entries lie row by row.
    pub shape: Vec<usize>,
    /// The address of its first entry, a little-endian double; `None` for a parameter or a returned number.
    pub address: Option<u32>,
}

/// A function of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmFunction {
    /// The name that it is exported by.
    pub name: SmolStr,
    /// Its inputs in order; those without an address are its parameters.
    pub inputs: Vec<WasmPort>,
    /// Its outputs in order; those without an address are what it returns.
    pub outputs: Vec<WasmPort>,
    /// Whether it returns a code in place of numbers: 0 where all went well.
    pub returns_code: bool,
}

/// A module and how to call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmModule {
    /// The module in its binary form.
    pub bytes: Vec<u8>,
    /// What it exports besides `memory`.
    pub functions: Vec<WasmFunction>,
    /// What it imports from `env`: functions of JavaScript's `Math`, by their names there.
    pub imports: Vec<&'static str>,
    /// An ES module whose `load(bytes)` gives an object of functions of numbers and arrays.
    pub script: String,
}

/// Programs as one module, by the names of its functions.
///
/// # Errors
/// A program that does not pass [`Program::check`], that needs more memory than there is, or a function or operation that
/// is not written for WebAssembly.
///
/// ```
/// let text = "t0:\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  %1 = call sin %0\n  %2 = mul %0 %1\n  t1[0] = %2\nend\nout y t1\n";
/// let program = agnesi_engine::ir::parse(text).expect("a program");
/// let module = agnesi_engine::wasm::module(&[("f", &program)]).expect("a module");
/// assert_eq!(module.imports, ["sin"]);
/// assert!(module.bytes.starts_with(b"\0asm"));
/// assert!(module.script.contains("export async function load(bytes)"));
/// ```
pub fn module(programs: &[(&str, &Program)]) -> Result<WasmModule, WasmError> {
    let (mut names, mut library) = (Names::default(), Library::new(Target::Wasm));
    let mut mains = Vec::new();
    for (name, program) in programs {
        program.check().map_err(WasmError::Check)?;
        let main = lower(name, program, &mut names, &mut library).map_err(|refusal| match refusal {
            Refusal::Function(name) => WasmError::Function(name),
            Refusal::Linear(name) => WasmError::Linear(name),
        })?;
        mains.push(main);
    }
    let mut layout = Layout { next: 0 };
    let mut functions = Vec::new();
    for main in &mains {
        functions.push(layout.function(main)?);
    }
    // What lives during one call alone is shared by all functions.
    let scratch = layout.next;
    let mut end = scratch;
    for main in &mains {
        layout.next = scratch;
        for array in &main.arrays {
            layout.place(array.len)?;
        }
        end = end.max(layout.next);
    }
    let (bytes, imports) = encode::module(&mains, &functions, &library.needed, scratch, end);
    let script = script::script(&functions, &imports);
    Ok(WasmModule { bytes, functions, imports, script })
}

struct Layout {
    next: u32,
}

impl Layout {
    /// Room for so many doubles.
    fn place(&mut self, len: usize) -> Result<u32, WasmError> {
        let at = self.next;
        let bytes =
            len.checked_mul(8).and_then(|bytes| u32::try_from(bytes).ok()).ok_or(WasmError::Memory)?;
        self.next = at.checked_add(bytes).filter(|end| *end <= u32::MAX - 0xffff).ok_or(WasmError::Memory)?;
        Ok(at)
    }

    fn function(&mut self, main: &Main) -> Result<WasmFunction, WasmError> {
        let returns_code = main.fails || main.outputs.iter().any(|port| !port.is_number());
        let mut ports = |ports: &[Port], numbers: bool| -> Result<Vec<WasmPort>, WasmError> {
            let place = |port: &Port| {
                let apart = port.is_number() && !numbers;
                let address = if apart { None } else { Some(self.place(port.len())?) };
                Ok(WasmPort { name: port.label.clone(), shape: port.shape.clone(), address })
            };
            ports.iter().map(place).collect()
        };
        let (inputs, outputs) = (ports(&main.inputs, false)?, ports(&main.outputs, returns_code)?);
        Ok(WasmFunction { name: main.name.clone(), inputs, outputs, returns_code })
    }
}
