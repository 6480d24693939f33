//! Memory for numbers that kernels read and write in whole vectors.

use std::ops::{Deref, DerefMut};

use super::Real;
use crate::ir::RunError;
use crate::memory::zeros;

/// What a line of the caches holds, in bytes: a vector that begins at a multiple of its size lies in one of them.
const LINE: usize = 64;

/// Numbers that begin with a line of the caches. A list of the standard library begins at a multiple of 16 bytes alone, and
/// every second vector would lie in two lines.
pub(super) struct Room<T> {
    list: Vec<T>,
    start: usize,
}

impl<T: Real> Room<T> {
    /// So many zeros.
    pub fn new(count: usize) -> Result<Room<T>, RunError> {
        let all = count.saturating_add(Self::SPARE);
        let list = zeros(all).map_err(|_| RunError::Memory { numbers: count })?;
        Ok(Room::within(list, count))
    }

    /// The same for few, for which there is memory.
    pub fn few(count: usize) -> Room<T> {
        Room::within(vec![T::default(); count + Self::SPARE], count)
    }

    const SPARE: usize = LINE / size_of::<T>();

    /// So many of the numbers of a list that has some to spare.
    fn within(mut list: Vec<T>, count: usize) -> Room<T> {
        let start = list.as_ptr().align_offset(LINE).min(Self::SPARE);
        list.truncate(start + count);
        Room { list, start }
    }
}

impl<T> Deref for Room<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.list[self.start..]
    }
}

impl<T> DerefMut for Room<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.list[self.start..]
    }
}
