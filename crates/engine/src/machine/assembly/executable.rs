//! Memory that holds instructions.

// Code is called that no compiler has looked at.
#![allow(unsafe_code)]

use std::sync::Arc;

use memmap2::{Mmap, MmapMut};

/// A function of code that was [assembled](super): of a table of addresses and how many bytes its loop goes.
type Function = unsafe extern "sysv64" fn(*const *mut u8, usize);

/// Instructions, in memory of their own that nobody writes any more.
pub(super) struct Executable {
    memory: Mmap,
}

impl Executable {
    /// `None` where the system gives no such memory.
    pub fn new(code: &[u8]) -> Option<Arc<Executable>> {
        let mut memory = MmapMut::map_anon(code.len()).ok()?;
        memory.copy_from_slice(code);
        Some(Arc::new(Executable { memory: memory.make_exec().ok()? }))
    }
}

/// A function over vectors, and the memory that it is in.
pub(in crate::machine) struct Assembled {
    function: Function,
    _memory: Arc<Executable>,
}

impl Assembled {
    /// The function that begins at a byte of the code.
    ///
    /// # Safety
    /// [`emit`](super::registers::emit) has written one there, for an instruction set that this machine has.
    pub(super) unsafe fn new(memory: &Arc<Executable>, at: usize) -> Assembled {
        let start = memory.memory[at..].as_ptr();
        // Safety: there is a function of this type, by the condition, and the memory stays where it is as long as it is kept.
        let function = unsafe { std::mem::transmute::<*const u8, Function>(start) };
        Assembled { function, _memory: Arc::clone(memory) }
    }

    /// Computes some whole vectors, of so many bytes in all, at least one.
    ///
    /// # Safety
    /// The table is that of the nest whose steps were assembled, with room for whole vectors where its operands are.
    #[inline(always)]
    pub unsafe fn call<T>(&self, table: &[*mut T], bytes: usize) {
        // Safety: the function reads the addresses of its places alone, and at these what the kernels did.
        unsafe { (self.function)(table.as_ptr().cast(), bytes) }
    }
}
