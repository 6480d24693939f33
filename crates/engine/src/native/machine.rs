//! The machine: what it can do, functions made into code, and the memory that holds the code.

use cranelift_codegen::Context;
use cranelift_codegen::ir::{AbiParam, ExternalName, Function, Signature, UserFuncName, types};
use cranelift_codegen::isa::CallConv;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, ModuleError};

use super::{Effort, NativeError};

/// What every function made here takes: the inputs, the outputs, the workspace. It gives 0, or 1 for a fault.
pub(super) type Entry = unsafe extern "C" fn(*const *const f64, *const *mut f64, *mut f64) -> i32;
/// The same for inputs and outputs that lie one after the other.
pub(super) type FlatEntry = unsafe extern "C" fn(*const f64, *mut f64, *mut f64) -> i32;

/// Code in memory; the memory is given back on drop.
pub(super) struct Code {
    module: Option<JITModule>,
}

// SAFETY: the module is looked at while code is made, through `&mut`, and on drop; nothing reads it through `&`.
unsafe impl Sync for Code {}

impl Drop for Code {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: the addresses of the code are kept beside this value in one struct alone, which is being dropped,
            // so that none of it runs or will run.
            unsafe { module.free_memory() }
        }
    }
}

/// Makes functions into code.
pub(super) struct Machine {
    code: Code,
    context: Context,
    pub(super) frontend: FunctionBuilderContext,
    /// Whether it multiplies and adds in one instruction.
    pub(super) fma: bool,
    /// Whether it rounds to whole numbers in one instruction.
    pub(super) rounds: bool,
    /// Whether vectors are worth it: every operation on them is an instruction.
    pub(super) wide: bool,
    pub(super) convention: CallConv,
}

fn wrong(error: impl std::fmt::Display) -> NativeError {
    NativeError::Machine(error.to_string())
}

impl Machine {
    pub(super) fn new(effort: Effort) -> Result<Machine, NativeError> {
        let mut flags = settings::builder();
        let (level, allocator) = match effort {
            Effort::Quick => ("none", "single_pass"),
            Effort::Optimised => ("speed", "backtracking"),
        };
        let verifier = if cfg!(debug_assertions) { "true" } else { "false" };
        let all = [
            ("opt_level", level),
            ("regalloc_algorithm", allocator),
            ("enable_verifier", verifier),
            ("use_colocated_libcalls", "false"),
            ("is_pic", "false"),
            ("unwind_info", "false"),
        ];
        for (name, value) in all {
            flags.set(name, value).map_err(wrong)?;
        }
        let isa = cranelift_native::builder().map_err(wrong)?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(wrong)?;
        let has = |name: &str| {
            cfg!(target_arch = "aarch64")
                || isa.isa_flags().iter().any(|flag| flag.name == name && flag.as_bool() == Some(true))
        };
        let (fma, rounds) = (has("has_fma"), has("has_sse41"));
        let convention = isa.default_call_conv();
        let module = JITModule::new(JITBuilder::with_isa(isa, cranelift_module::default_libcall_names()));
        Ok(Machine {
            context: module.make_context(),
            code: Code { module: Some(module) },
            frontend: FunctionBuilderContext::new(),
            fma,
            rounds,
            wide: fma && rounds,
            convention,
        })
    }

    /// A new function of three addresses.
    pub(super) fn function(&mut self) -> Function {
        let mut signature = Signature::new(self.convention);
        signature.params.extend([AbiParam::new(types::I64); 3]);
        signature.returns.push(AbiParam::new(types::I32));
        Function::with_name_signature(UserFuncName::default(), signature)
    }

    fn module(&mut self) -> Result<&mut JITModule, NativeError> {
        self.code.module.as_mut().ok_or_else(|| wrong("no module"))
    }

    /// What calls another function of ours inside of `function`.
    pub(super) fn reference(
        &mut self,
        function: &mut Function,
        callee: FuncId,
    ) -> Result<cranelift_codegen::ir::FuncRef, NativeError> {
        let reference = self.module()?.declare_func_in_func(callee, function);
        let data = &mut function.dfg.ext_funcs[reference];
        debug_assert!(matches!(data.name, ExternalName::User(_)));
        // Pieces of code may lie farther apart than a short call goes.
        data.colocated = false;
        Ok(reference)
    }

    /// Makes code of a function.
    pub(super) fn define(&mut self, function: Function) -> Result<FuncId, NativeError> {
        let said = |error: ModuleError| match error {
            ModuleError::Compilation(error) => wrong(format!("{error:?}")),
            error => wrong(error),
        };
        self.context.clear();
        self.context.func = function;
        let Some(module) = self.code.module.as_mut() else { return Err(wrong("no module")) };
        let signature = self.context.func.signature.clone();
        let id = module.declare_anonymous_function(&signature).map_err(said)?;
        module.define_function(id, &mut self.context).map_err(said)?;
        Ok(id)
    }

    /// What the maker of functions must know of the machine.
    pub(super) fn target(&mut self) -> Result<cranelift_codegen::isa::TargetFrontendConfig, NativeError> {
        Ok(self.module()?.target_config())
    }

    /// The code, ready to run, and where its two entries lie.
    pub(super) fn finish(
        mut self,
        entry: FuncId,
        flat: FuncId,
    ) -> Result<(Code, Entry, FlatEntry), NativeError> {
        let module = self.module()?;
        module.finalize_definitions().map_err(wrong)?;
        let (entry, flat) = (module.get_finalized_function(entry), module.get_finalized_function(flat));
        // SAFETY: both functions were made with these very signatures (`Machine::function`) and the calling convention
        // of C on this machine; the memory they lie in lives as long as the code that is returned with them.
        let (entry, flat) = unsafe {
            (
                std::mem::transmute::<*const u8, Entry>(entry),
                std::mem::transmute::<*const u8, FlatEntry>(flat),
            )
        };
        Ok((self.code, entry, flat))
    }
}
