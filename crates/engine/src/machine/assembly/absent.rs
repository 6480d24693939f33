//! Where there are no instructions to assemble: no such memory is ever given.

use std::sync::Arc;

pub(super) enum Executable {}

impl Executable {
    pub fn new(_: &[u8]) -> Option<Arc<Executable>> {
        None
    }
}

/// No function.
pub(in crate::machine) enum Assembled {}

// The functions that others have here are unsafe to call.
#[allow(unsafe_code)]
impl Assembled {
    /// # Safety
    /// There is no such memory.
    pub(super) unsafe fn new(memory: &Arc<Executable>, _: usize) -> Assembled {
        match **memory {}
    }

    /// # Safety
    /// There is no such function.
    pub unsafe fn call<T>(&self, _: &[*mut T], _: usize) {
        match *self {}
    }
}
