//! Memory for results.

// Zeros come from the system without being written, which safe code can ask for only where a failure may end the process.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed};

use crate::ir::RunError;
use crate::machine::Real;

/// So many zeros. Those of large lists are not written: the system gives pages of zeros when they are first used, and on
/// Linux is asked for large ones, of which there are fewer to give.
///
/// # Errors
/// [`RunError::Memory`] where there is not so much.
///
/// ```
/// use agnesi_engine::{ir::RunError, memory::zeros};
///
/// assert_eq!(zeros::<f64>(3)?, [0.0; 3]);
/// assert_eq!(zeros::<f64>(usize::MAX), Err(RunError::Memory { numbers: usize::MAX }));
/// # Ok::<(), RunError>(())
/// ```
pub fn zeros<T: Real>(count: usize) -> Result<Vec<T>, RunError> {
    let memory = || RunError::Memory { numbers: count };
    let layout = Layout::array::<T>(count).map_err(|_| memory())?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // Safety: the size is not 0.
    let start = unsafe { alloc_zeroed(layout) }.cast::<T>();
    if start.is_null() {
        return Err(memory());
    }
    advise(start.cast(), layout.size());
    // Safety: allocated just now with the layout of so many numbers, of which bytes of 0 make one that is 0.
    Ok(unsafe { Vec::from_raw_parts(start, count, count) })
}

/// Asks for large pages where memory is large. Miri cannot ask.
#[cfg(all(target_os = "linux", not(miri)))]
fn advise(start: *mut u8, bytes: usize) {
    const PAGE: usize = 4096;
    const LARGE: usize = 1 << 22;
    if bytes < LARGE {
        return;
    }
    let skip = start.align_offset(PAGE);
    // Safety: whole pages within what was allocated. Advice changes no number, and need not be taken.
    unsafe {
        libc::madvise(start.add(skip).cast(), (bytes - skip) / PAGE * PAGE, libc::MADV_HUGEPAGE);
    }
}

#[cfg(any(not(target_os = "linux"), miri))]
fn advise(_: *mut u8, _: usize) {}

#[cfg(test)]
mod tests {
    use super::zeros;

    #[test]
    fn large_lists_are_zeros_and_may_be_written() {
        let mut list = zeros::<f32>((1 << 20) + 100).expect("4 MB");
        assert_eq!((list[0], list[(1 << 20) + 99]), (0.0, 0.0));
        list[(1 << 20) + 99] = 1.0;
        list.push(2.0);
        assert_eq!(list[(1 << 20) + 99..], [1.0, 2.0]);
    }
}
