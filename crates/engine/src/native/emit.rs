//! A function being made: addresses, loads and stores, loops, calls, faults.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, ConstantData, Endianness, FuncRef, InstBuilder, MemFlagsData, SigRef,
    Signature, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;
use rustc_hash::FxHashMap;

use super::NativeError;
use super::layout::{FAULT, Layout, Place};
use crate::ir::{Access, Program, TensorId};

/// Bytes of a number.
pub(super) const SIZE: i64 = 8;

/// Which trip of a loop it is, from 0: `counter + plus`.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    pub(super) counter: Option<Value>,
    pub(super) plus: usize,
}

impl Cursor {
    /// So many trips further on.
    pub(super) fn after(self, trips: usize) -> Cursor {
        Cursor { plus: self.plus + trips, ..self }
    }
}

/// A number, or two of them for two trips.
#[derive(Clone, Copy)]
pub(super) enum Lanes {
    /// The same at both trips.
    Uniform(Value),
    /// A vector.
    Wide(Value),
}

/// What the code may use of the machine.
#[derive(Clone, Copy)]
pub(super) struct Abilities {
    pub(super) fma: bool,
    pub(super) rounds: bool,
    pub(super) convention: CallConv,
}

/// A function being made. All code dominates what is made after it: loops make at least one trip, and the only way out is
/// a fault.
pub(super) struct Emit<'a> {
    pub(super) b: FunctionBuilder<'a>,
    pub(super) program: &'a Program,
    pub(super) layout: &'a Layout,
    pub(super) can: Abilities,
    /// The addresses of inputs, outputs and workspace.
    pub(super) arguments: [Value; 3],
    bases: FxHashMap<TensorId, (Value, i64)>,
    addresses: FxHashMap<(Value, Value, isize), Value>,
    splats: FxHashMap<Value, Value>,
    constants: FxHashMap<u64, Value>,
    signatures: [Option<SigRef>; 4],
    /// Where an index that is outside ends, with the index and the size.
    fault: Block,
    /// Whether anything leads there.
    pub(super) faults: bool,
    /// Where the fault of a function called ends.
    failed: Block,
}

impl<'a> Emit<'a> {
    /// Begins a function that looks at these tensors.
    pub(super) fn new(
        mut b: FunctionBuilder<'a>,
        program: &'a Program,
        layout: &'a Layout,
        can: Abilities,
        tensors: &[TensorId],
    ) -> Emit<'a> {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        let (fault, failed) = (b.create_block(), b.create_block());
        b.append_block_param(fault, types::F64);
        b.append_block_param(fault, types::F64);
        b.set_cold_block(fault);
        b.set_cold_block(failed);
        let params = b.block_params(entry);
        let arguments = [params[0], params[1], params[2]];
        let mut emit = Emit {
            b,
            program,
            layout,
            can,
            arguments,
            bases: FxHashMap::default(),
            addresses: FxHashMap::default(),
            splats: FxHashMap::default(),
            constants: FxHashMap::default(),
            signatures: [None; 4],
            fault,
            faults: false,
            failed,
        };
        for id in tensors {
            if !emit.bases.contains_key(id) {
                let base = emit.base(layout.places[id.index()]);
                emit.bases.insert(*id, base);
            }
        }
        emit
    }

    /// Ends the function; whether it can fail.
    pub(super) fn finish(mut self, frontend: cranelift_codegen::isa::TargetFrontendConfig) -> bool {
        let zero = self.b.ins().iconst(types::I32, 0);
        self.b.ins().return_(&[zero]);
        self.b.switch_to_block(self.fault);
        let (value, size) = (self.b.block_params(self.fault)[0], self.b.block_params(self.fault)[1]);
        let at = FAULT as i64 * SIZE;
        self.store(value, self.arguments[2], at);
        self.store(size, self.arguments[2], at + SIZE);
        self.b.ins().jump(self.failed, &[]);
        self.b.switch_to_block(self.failed);
        let one = self.b.ins().iconst(types::I32, 1);
        self.b.ins().return_(&[one]);
        self.b.seal_all_blocks();
        self.b.finalize(frontend);
        self.faults
    }

    fn base(&mut self, place: Place) -> (Value, i64) {
        let pointer = |emit: &mut Emit, from: Value, at: usize| {
            // The addresses are the caller's, and stay as they are.
            let flags = MemFlagsData::trusted().with_readonly();
            emit.b.ins().load(types::I64, flags, from, (at as i64 * SIZE) as i32)
        };
        match place {
            Place::Input(at) => (pointer(self, self.arguments[0], at), 0),
            Place::Output(at) => (pointer(self, self.arguments[1], at), 0),
            Place::Work(at) => (self.arguments[2], at as i64 * SIZE),
        }
    }

    /// Where an output lies.
    pub(super) fn output(&mut self, at: usize) -> (Value, i64) {
        self.base(Place::Output(at))
    }

    /// Where the first entry of a tensor lies.
    pub(super) fn tensor(&self, id: TensorId) -> (Value, i64) {
        self.bases[&id]
    }

    /// Whether nothing in the program writes a tensor.
    pub(super) fn is_input(&self, id: TensorId) -> bool {
        matches!(self.layout.places[id.index()], Place::Input(_))
    }

    /// Where an entry lies, what is computed of its address left out.
    pub(super) fn address(&mut self, access: &Access, trips: &[Cursor]) -> (Value, i64) {
        let (mut base, mut far) = self.bases[&access.tensor];
        far += access.offset as i64 * SIZE;
        for (stride, trip) in access.strides.iter().zip(trips) {
            far += *stride as i64 * SIZE * trip.plus as i64;
            if let Some(counter) = trip.counter.filter(|_| *stride != 0) {
                base = self.along(base, counter, *stride);
            }
        }
        (base, far)
    }

    /// Computes what does not depend on the innermost loop, so that it stands before that loop.
    pub(super) fn warm(&mut self, access: &Access, trips: &[Cursor]) {
        self.address(access, trips);
    }

    /// `base + stride*counter`, once.
    pub(super) fn along(&mut self, base: Value, counter: Value, stride: isize) -> Value {
        if let Some(found) = self.addresses.get(&(base, counter, stride)) {
            return *found;
        }
        let bytes = stride as i64 * SIZE;
        let size = bytes.unsigned_abs();
        let scaled = if size.is_power_of_two() {
            let by = self.b.ins().iconst(types::I64, i64::from(size.trailing_zeros()));
            self.b.ins().ishl(counter, by)
        } else {
            let by = self.b.ins().iconst(types::I64, size as i64);
            self.b.ins().imul(counter, by)
        };
        let sum = if bytes < 0 { self.b.ins().isub(base, scaled) } else { self.b.ins().iadd(base, scaled) };
        self.addresses.insert((base, counter, stride), sum);
        sum
    }

    /// An address whose distance fits into an instruction.
    fn near(&mut self, base: Value, far: i64) -> (Value, i32) {
        match i32::try_from(far) {
            Ok(near) => (base, near),
            Err(_) => {
                let far = self.b.ins().iconst(types::I64, far);
                (self.b.ins().iadd(base, far), 0)
            }
        }
    }

    /// Loads a number, or a vector of two.
    pub(super) fn load(&mut self, kind: types::Type, base: Value, far: i64, readonly: bool) -> Value {
        let (base, near) = self.near(base, far);
        // Addresses inside are proved by the checker; vectors need not lie at multiples of their size.
        let flags = MemFlagsData::new().with_notrap();
        let flags = if readonly { flags.with_readonly().with_can_move() } else { flags };
        self.b.ins().load(kind, flags, base, near)
    }

    pub(super) fn store(&mut self, value: Value, base: Value, far: i64) {
        let (base, near) = self.near(base, far);
        self.b.ins().store(MemFlagsData::new().with_notrap(), value, base, near);
    }

    /// A number.
    pub(super) fn number(&mut self, x: f64) -> Value {
        if let Some(found) = self.constants.get(&x.to_bits()) {
            return *found;
        }
        let value = self.b.ins().f64const(x);
        self.constants.insert(x.to_bits(), value);
        value
    }

    /// Two numbers.
    pub(super) fn pair(&mut self, x: f64, y: f64) -> Value {
        let bytes: Vec<u8> = x.to_le_bytes().into_iter().chain(y.to_le_bytes()).collect();
        let constant = self.b.func.dfg.constants.insert(ConstantData::from(bytes));
        self.b.ins().vconst(types::F64X2, constant)
    }

    /// A vector of the same number twice.
    pub(super) fn wide(&mut self, lanes: Lanes) -> Value {
        match lanes {
            Lanes::Wide(value) => value,
            Lanes::Uniform(value) => {
                if let Some(found) = self.splats.get(&value) {
                    return *found;
                }
                let splat = self.b.ins().splat(types::F64X2, value);
                self.splats.insert(value, splat);
                splat
            }
        }
    }

    /// The number of one trip.
    pub(super) fn lane(&mut self, lanes: Lanes, lane: usize) -> Value {
        match lanes {
            Lanes::Uniform(value) => value,
            Lanes::Wide(value) => self.b.ins().extractlane(value, lane as u8),
        }
    }

    /// A vector of two numbers.
    pub(super) fn join(&mut self, x: Value, y: Value) -> Value {
        let first = self.b.ins().scalar_to_vector(types::F64X2, x);
        self.b.ins().insertlane(first, y, 1)
    }

    /// The second number of a vector, then the first of another.
    pub(super) fn shifted(&mut self, before: Value, after: Value) -> Value {
        let bytes: Vec<u8> = (8..24).collect();
        let mask = self.b.func.dfg.immediates.push(ConstantData::from(bytes));
        let (before, after) = (self.cast(types::I8X16, before), self.cast(types::I8X16, after));
        let mixed = self.b.ins().shuffle(before, after, mask);
        self.cast(types::F64X2, mixed)
    }

    /// The same bits as another kind of vector.
    pub(super) fn cast(&mut self, kind: types::Type, value: Value) -> Value {
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.b.ins().bitcast(kind, flags, value)
    }

    /// A loop of at least one trip; the counter goes from 0 in steps and stays below `trips`, and what the body makes of
    /// the state goes into the next trip. Gives the last state.
    pub(super) fn repeat(
        &mut self,
        trips: usize,
        step: usize,
        state: &[Value],
        body: impl FnOnce(&mut Emit<'a>, Value, &[Value]) -> Result<Vec<Value>, NativeError>,
    ) -> Result<Vec<Value>, NativeError> {
        let (head, after) = (self.b.create_block(), self.b.create_block());
        let counter = self.b.append_block_param(head, types::I64);
        let kinds: Vec<types::Type> = state.iter().map(|value| self.b.func.dfg.value_type(*value)).collect();
        let inside: Vec<Value> =
            kinds.into_iter().map(|kind| self.b.append_block_param(head, kind)).collect();
        let zero = self.b.ins().iconst(types::I64, 0);
        let given: Vec<BlockArg> = [zero].iter().chain(state).map(|value| BlockArg::Value(*value)).collect();
        self.b.ins().jump(head, &given);
        self.b.switch_to_block(head);
        let made = body(self, counter, &inside)?;
        let by = self.b.ins().iconst(types::I64, step as i64);
        let next = self.b.ins().iadd(counter, by);
        let end = self.b.ins().iconst(types::I64, trips as i64);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, next, end);
        let given: Vec<BlockArg> = [next].iter().chain(&made).map(|value| BlockArg::Value(*value)).collect();
        self.b.ins().brif(more, head, &given, after, &[]);
        self.b.switch_to_block(after);
        Ok(made)
    }

    /// An index that is computed, from 0; a fault where it is none of 1 to `size`.
    pub(super) fn index(&mut self, value: Value, size: usize) -> Value {
        let whole = self.b.ins().fcvt_to_sint_sat(types::I64, value);
        let back = self.b.ins().fcvt_from_sint(types::F64, whole);
        let exact = self.b.ins().fcmp(FloatCC::Equal, back, value);
        let one = self.b.ins().iconst(types::I64, 1);
        let index = self.b.ins().isub(whole, one);
        let end = self.b.ins().iconst(types::I64, size as i64);
        let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, index, end);
        let right = self.b.ins().band(exact, inside);
        let size = self.number(size as f64);
        let next = self.b.create_block();
        self.b.ins().brif(right, next, &[], self.fault, &[BlockArg::Value(value), BlockArg::Value(size)]);
        self.b.switch_to_block(next);
        self.faults = true;
        index
    }

    /// Calls a function of ours; its fault is ours.
    pub(super) fn piece(&mut self, callee: FuncRef, fails: bool) {
        let call = self.b.ins().call(callee, &self.arguments);
        if fails {
            let result = self.b.inst_results(call)[0];
            let next = self.b.create_block();
            self.b.ins().brif(result, self.failed, &[], next, &[]);
            self.b.switch_to_block(next);
            self.faults = true;
        }
    }

    /// Calls a shim with a kernel.
    pub(super) fn kernel(&mut self, shim: usize, kernel: usize, args: &[Value]) -> Value {
        let convention = self.can.convention;
        let signature = match self.signatures[args.len()] {
            Some(signature) => signature,
            None => {
                let mut signature = Signature::new(convention);
                signature.params.push(AbiParam::new(types::I64));
                signature.params.extend(args.iter().map(|_| AbiParam::new(types::F64)));
                signature.returns.push(AbiParam::new(types::F64));
                let signature = self.b.import_signature(signature);
                self.signatures[args.len()] = Some(signature);
                signature
            }
        };
        let shim = self.b.ins().iconst(types::I64, shim as i64);
        let kernel = self.b.ins().iconst(types::I64, kernel as i64);
        let given: Vec<Value> = [kernel].into_iter().chain(args.iter().copied()).collect();
        let call = self.b.ins().call_indirect(signature, shim, &given);
        self.b.inst_results(call)[0]
    }
}
