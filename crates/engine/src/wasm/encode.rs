//! Code as the bytes of a module.

use smol_str::SmolStr;
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    InstructionSink, MemArg, MemArgTarget, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use super::WasmFunction;
use crate::code::lower::Main;
use crate::code::{Argument, Binary, Expr, Kernel, Native, Param, Place, Relation, Stmt, Store, Type};

const PAGE: u32 = 65536;

/// The module, and what it imports.
pub(super) fn module(
    mains: &[Main],
    functions: &[WasmFunction],
    kernels: &[Kernel],
    scratch: u32,
    end: u32,
) -> (Vec<u8>, Vec<&'static str>) {
    let imports = imports(mains, kernels);
    let mut types = TypeSection::new();
    let mut imported = ImportSection::new();
    let mut declared = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    for native in &imports {
        imported.import("env", native.c(), EntityType::Function(types.len()));
        types.ty().function(vec![ValType::F64; native.arity()], [ValType::F64]);
    }
    let calls = Calls { imports: &imports, kernels };
    for kernel in kernels {
        declared.function(types.len());
        let params: Vec<ValType> = kernel.params.iter().map(|param| value_type(param_type(param))).collect();
        let result = if kernel.routine { ValType::I32 } else { ValType::F64 };
        types.ty().function(params, [result]);
        code.function(&kernel_code(kernel, &calls));
    }
    exports.export("memory", ExportKind::Memory, 0);
    for (at, (main, function)) in mains.iter().zip(functions).enumerate() {
        declared.function(types.len());
        let params = function.inputs.iter().filter(|port| port.address.is_none()).map(|_| ValType::F64);
        let results = match function.returns_code {
            true => vec![ValType::I32],
            false => vec![ValType::F64; function.outputs.len()],
        };
        types.ty().function(params.collect::<Vec<_>>(), results);
        code.function(&main_code(main, function, scratch, &calls));
        exports.export(&function.name, ExportKind::Func, (imports.len() + kernels.len() + at) as u32);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: u64::from(end.div_ceil(PAGE).max(1)),
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types);
    module.section(&imported).section(&declared).section(&memories).section(&exports).section(&code);
    (module.finish(), imports.iter().map(|native| native.c()).collect())
}

/// Whether it is an instruction.
fn is_instruction(native: Native) -> bool {
    matches!(
        native,
        Native::Abs | Native::Sqrt | Native::Floor | Native::Ceil | Native::Trunc | Native::Copysign
    )
}

fn imports(mains: &[Main], kernels: &[Kernel]) -> Vec<Native> {
    let mut found = Vec::new();
    let mut look = |e: &Expr| {
        e.walk(&mut |e| {
            if let Expr::Native(native, _) = e
                && !is_instruction(*native)
            {
                found.push(*native);
            }
        });
    };
    mains.iter().flat_map(|main| main.results.iter().flatten()).for_each(&mut look);
    let bodies = mains.iter().map(|main| &main.body).chain(kernels.iter().map(|kernel| &kernel.body));
    for stmt in bodies.flatten() {
        stmt.walk(&mut |stmt| stmt.expressions().into_iter().for_each(&mut look));
    }
    found.sort();
    found.dedup();
    found
}

struct Calls<'a> {
    imports: &'a [Native],
    kernels: &'a [Kernel],
}

impl Calls<'_> {
    fn native(&self, native: Native) -> u32 {
        self.imports.iter().position(|other| *other == native).unwrap_or(0) as u32
    }

    fn kernel(&self, name: &str) -> u32 {
        let at = self.kernels.iter().position(|kernel| kernel.name == name).unwrap_or(0);
        (self.imports.len() + at) as u32
    }
}

fn param_type(param: &Param) -> Type {
    match param {
        Param::Real(_) => Type::Real,
        Param::Int(_) | Param::Array(..) => Type::Int,
    }
}

fn value_type(kind: Type) -> ValType {
    match kind {
        Type::Real => ValType::F64,
        Type::Int | Type::Truth => ValType::I32,
    }
}

fn kernel_code(kernel: &Kernel, calls: &Calls) -> Function {
    let locals = kernel.params.iter().map(|param| match param {
        Param::Real(name) | Param::Int(name) | Param::Array(name, _) => (name.clone(), param_type(param)),
    });
    let mut coder = Coder::new(locals.collect(), Vec::new(), calls, &kernel.body);
    coder.block(&kernel.body);
    if kernel.routine {
        coder.sink().i32_const(0);
    }
    coder.finish()
}

fn main_code(main: &Main, function: &WasmFunction, scratch: u32, calls: &Calls) -> Function {
    let numbers = main.inputs.iter().filter(|port| port.is_number());
    let locals = numbers.map(|port| (port.name.clone(), Type::Real)).collect();
    let mut arrays = Vec::new();
    let ports = main.inputs.iter().zip(&function.inputs).chain(main.outputs.iter().zip(&function.outputs));
    for (port, place) in ports {
        if let (false, Some(address)) = (port.is_number(), place.address) {
            arrays.push((port.name.clone(), address));
        }
    }
    let mut next = scratch;
    for array in &main.arrays {
        arrays.push((array.name.clone(), next));
        next += array.len as u32 * 8;
    }
    let mut coder = Coder::new(locals, arrays, calls, &main.body);
    coder.block(&main.body);
    for (result, place) in main.results.iter().zip(&function.outputs) {
        let Some(result) = result else { continue };
        match place.address {
            Some(address) => {
                coder.sink().i32_const(address as i32);
                coder.expr(result);
                coder.sink().f64_store(memory(0));
            }
            None => coder.expr(result),
        }
    }
    if function.returns_code {
        coder.sink().i32_const(0);
    }
    coder.finish()
}

fn memory(offset: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align: 3, target: MemArgTarget::Memory(0), ordering: None }
}

/// One function while it is written.
struct Coder<'a> {
    calls: &'a Calls<'a>,
    /// Parameters, then the other locals.
    locals: Vec<(SmolStr, Type)>,
    /// Where arrays lie that are no parameters.
    arrays: Vec<(SmolStr, u32)>,
    function: Function,
}

/// A local of the coder's own; no name of a program looks so.
const OWN: &str = "%";

impl<'a> Coder<'a> {
    fn new(
        params: Vec<(SmolStr, Type)>,
        arrays: Vec<(SmolStr, u32)>,
        calls: &'a Calls<'a>,
        body: &[Stmt],
    ) -> Coder<'a> {
        let count = params.len();
        let mut locals = params;
        let mut declare = |name: &SmolStr, kind: Type| {
            if !locals.iter().any(|(other, k)| other == name && value_type(*k) == value_type(kind)) {
                locals.push((name.clone(), kind));
            }
        };
        declare(&SmolStr::new(OWN), Type::Int);
        for stmt in body {
            stmt.walk(&mut |stmt| match stmt {
                Stmt::Let(name, value) | Stmt::Var(name, value) => declare(name, value.kind()),
                Stmt::For(name, ..) => declare(name, Type::Int),
                Stmt::Store(..)
                | Stmt::If(..)
                | Stmt::While(..)
                | Stmt::Fill(..)
                | Stmt::Copy(..)
                | Stmt::Run(..)
                | Stmt::Return(_)
                | Stmt::Fail(_) => {}
            });
        }
        let function =
            Function::new_with_locals_types(locals[count..].iter().map(|(_, kind)| value_type(*kind)));
        Coder { calls, locals, arrays, function }
    }

    fn finish(mut self) -> Function {
        self.sink().end();
        self.function
    }

    fn sink(&mut self) -> InstructionSink<'_> {
        self.function.instructions()
    }

    fn local(&self, name: &str, kind: Type) -> u32 {
        let same = |(other, k): &(SmolStr, Type)| other == name && value_type(*k) == value_type(kind);
        self.locals.iter().position(same).unwrap_or(0) as u32
    }

    /// The local of a variable that is stored to, by what is stored.
    fn get(&mut self, name: &str, kind: Type) {
        let local = self.local(name, kind);
        self.sink().local_get(local);
    }

    fn set(&mut self, name: &str, kind: Type) {
        let local = self.local(name, kind);
        self.sink().local_set(local);
    }

    /// Pushes the address of an entry but for the returned offset.
    fn address(&mut self, name: &str, at: &Expr) -> u32 {
        let base = self.arrays.iter().find(|(other, _)| other == name).map(|(_, base)| *base);
        if let (Some(base), Expr::Int(at)) = (base, at) {
            self.sink().i32_const((base + *at as u32 * 8) as i32);
            return 0;
        }
        if base.is_none() {
            self.get(name, Type::Int);
            if *at == Expr::Int(0) {
                return 0;
            }
        }
        self.expr(at);
        self.sink().i32_const(3).i32_shl();
        match base {
            Some(base) => base,
            None => {
                self.sink().i32_add();
                0
            }
        }
    }

    /// Pushes a whole address.
    fn pointer(&mut self, name: &str, at: &Expr) {
        let offset = self.address(name, at);
        if offset != 0 {
            self.sink().i32_const(offset as i32).i32_add();
        }
    }

    fn block(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(name, value) | Stmt::Var(name, value) => {
                self.expr(value);
                self.set(name, value.kind());
            }
            Stmt::Store(Place::Variable(name), how, value) => {
                if *how != Store::Set {
                    self.get(name, Type::Real);
                }
                self.expr(value);
                self.join(*how);
                self.set(name, value.kind());
            }
            Stmt::Store(Place::Entry(name, at), how, value) => {
                let offset = self.address(name, at);
                if *how != Store::Set {
                    let offset = self.address(name, at);
                    self.sink().f64_load(memory(offset));
                }
                self.expr(value);
                self.join(*how);
                self.sink().f64_store(memory(offset));
            }
            Stmt::If(condition, yes, no) => {
                self.expr(condition);
                self.sink().if_(BlockType::Empty);
                self.block(yes);
                if !no.is_empty() {
                    self.sink().else_();
                    self.block(no);
                }
                self.sink().end();
            }
            Stmt::While(condition, body) => self.repeat(condition, |this| this.block(body)),
            Stmt::For(name, from, to, body) => {
                self.expr(from);
                self.set(name, Type::Int);
                let below = Expr::compare(Relation::Less, Expr::int(name), to.clone());
                self.repeat(&below, |this| {
                    this.block(body);
                    this.get(name, Type::Int);
                    this.sink().i32_const(1).i32_add();
                    this.set(name, Type::Int);
                });
            }
            Stmt::Fill(name, value, len) => {
                let below = Expr::compare(Relation::Less, Expr::int(OWN), Expr::Int(*len as u64));
                self.sink().i32_const(0);
                self.set(OWN, Type::Int);
                self.repeat(&below, |this| {
                    let offset = this.address(name, &Expr::int(OWN));
                    this.sink().f64_const((*value).into()).f64_store(memory(offset));
                    this.get(OWN, Type::Int);
                    this.sink().i32_const(1).i32_add();
                    this.set(OWN, Type::Int);
                });
            }
            Stmt::Copy(to, at, from, len) => {
                self.pointer(to, at);
                self.pointer(from, &Expr::Int(0));
                self.sink().i32_const((*len * 8) as i32).memory_copy(0, 0);
            }
            Stmt::Run(name, args) => {
                for arg in args {
                    match arg {
                        Argument::Array { name, from, .. } => self.pointer(name, from),
                        Argument::Size(n) => {
                            self.sink().i32_const(*n as i32);
                        }
                        Argument::Passed(name) => self.get(name, Type::Int),
                    }
                }
                let (callee, code) = (self.calls.kernel(name), self.local(OWN, Type::Int));
                self.sink().call(callee).local_tee(code).if_(BlockType::Empty);
                self.sink().local_get(code).return_().end();
            }
            Stmt::Return(value) => {
                self.expr(value);
                self.sink().return_();
            }
            Stmt::Fail(failure) => {
                self.sink().i32_const(failure.code()).return_();
            }
        }
    }

    /// As long as a condition holds.
    fn repeat(&mut self, condition: &Expr, body: impl FnOnce(&mut Self)) {
        self.sink().block(BlockType::Empty).loop_(BlockType::Empty);
        self.expr(condition);
        self.sink().i32_eqz().br_if(1);
        body(self);
        self.sink().br(0).end().end();
    }

    fn join(&mut self, how: Store) {
        match how {
            Store::Set => {}
            Store::Add => {
                self.sink().f64_add();
            }
            Store::Multiply => {
                self.sink().f64_mul();
            }
        }
    }

    /// Pushes a value.
    fn expr(&mut self, e: &Expr) {
        match e {
            Expr::Real(x) => {
                self.sink().f64_const((*x).into());
            }
            Expr::Int(n) => {
                self.sink().i32_const(*n as u32 as i32);
            }
            Expr::Variable(name, kind) => self.get(name, *kind),
            Expr::Entry(name, at) => {
                let offset = self.address(name, at);
                self.sink().f64_load(memory(offset));
            }
            Expr::Neg(a) => {
                self.expr(a);
                self.sink().f64_neg();
            }
            Expr::Not(a) => {
                self.expr(a);
                self.sink().i32_eqz();
            }
            Expr::Binary(op, a, b) => {
                self.expr(a);
                self.expr(b);
                let real = a.kind() == Type::Real;
                let mut sink = self.sink();
                match (op, real) {
                    (Binary::Add, true) => sink.f64_add(),
                    (Binary::Sub, true) => sink.f64_sub(),
                    (Binary::Mul, true) => sink.f64_mul(),
                    (Binary::Div, true) => sink.f64_div(),
                    (Binary::Add, false) => sink.i32_add(),
                    (Binary::Sub, false) => sink.i32_sub(),
                    (Binary::Mul, false) => sink.i32_mul(),
                    (Binary::Div, false) => sink.i32_div_u(),
                };
            }
            Expr::Compare(relation, a, b) => {
                self.expr(a);
                self.expr(b);
                let real = a.kind() == Type::Real;
                let mut sink = self.sink();
                match (relation, real) {
                    (Relation::Less, true) => sink.f64_lt(),
                    (Relation::LessEqual, true) => sink.f64_le(),
                    (Relation::Greater, true) => sink.f64_gt(),
                    (Relation::GreaterEqual, true) => sink.f64_ge(),
                    (Relation::Equal, true) => sink.f64_eq(),
                    (Relation::NotEqual, true) => sink.f64_ne(),
                    (Relation::Less, false) => sink.i32_lt_u(),
                    (Relation::LessEqual, false) => sink.i32_le_u(),
                    (Relation::Greater, false) => sink.i32_gt_u(),
                    (Relation::GreaterEqual, false) => sink.i32_ge_u(),
                    (Relation::Equal, false) => sink.i32_eq(),
                    (Relation::NotEqual, false) => sink.i32_ne(),
                };
            }
            Expr::And(a, b) => {
                self.expr(a);
                self.expr(b);
                self.sink().i32_and();
            }
            Expr::Or(a, b) => {
                self.expr(a);
                self.expr(b);
                self.sink().i32_or();
            }
            Expr::Choose(condition, a, b) => {
                self.expr(condition);
                let kind = value_type(a.kind());
                self.sink().if_(BlockType::Result(kind));
                self.expr(a);
                self.sink().else_();
                self.expr(b);
                self.sink().end();
            }
            Expr::Native(native, args) => self.native(*native, args),
            Expr::Helper(name, args) => {
                args.iter().for_each(|arg| self.expr(arg));
                let callee = self.calls.kernel(name);
                self.sink().call(callee);
            }
            Expr::Real64(a) => {
                self.expr(a);
                self.sink().f64_convert_i32_u();
            }
            Expr::Index(a) => {
                self.expr(a);
                self.sink().i32_trunc_f64_u().i32_const(1).i32_sub();
            }
        }
    }

    fn native(&mut self, native: Native, args: &[Expr]) {
        args.iter().for_each(|arg| self.expr(arg));
        let callee = if is_instruction(native) { 0 } else { self.calls.native(native) };
        let mut sink = self.sink();
        match native {
            Native::Abs => sink.f64_abs(),
            Native::Sqrt => sink.f64_sqrt(),
            Native::Floor => sink.f64_floor(),
            Native::Ceil => sink.f64_ceil(),
            Native::Trunc => sink.f64_trunc(),
            Native::Copysign => sink.f64_copysign(),
            Native::Exp
            | Native::Expm1
            | Native::Log
            | Native::Log2
            | Native::Log10
            | Native::Log1p
            | Native::Pow
            | Native::Cbrt
            | Native::Hypot
            | Native::Sin
            | Native::Cos
            | Native::Tan
            | Native::Asin
            | Native::Acos
            | Native::Atan
            | Native::Atan2
            | Native::Sinh
            | Native::Cosh
            | Native::Tanh
            | Native::Asinh
            | Native::Acosh
            | Native::Atanh
            | Native::Exp2
            | Native::Round
            | Native::Fma
            | Native::Fmod
            | Native::Erf
            | Native::Erfc
            | Native::Tgamma
            | Native::Lgamma => sink.call(callee),
        };
    }
}
