//! Work shared by threads, without waiting for any that has not begun.
//!
//! A thread of a pool that sleeps takes some ten microseconds to wake, as long as small work takes in all. So the calling
//! thread goes on with whatever is left, and when nothing is, it closes the gate: a helper that comes later finds it closed.
//! It waits for those alone that are inside, each at its last piece.

// Helpers run a closure that the caller lends for as long as the gate is open.
#![allow(unsafe_code)]

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Thread;

/// Runs `block` for each of so many blocks, by so many threads: the calling one and those of the pool that are free. Each has
/// a scratch of its own.
///
/// # Panics
/// Where a block does.
pub(super) fn share<S>(
    count: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    block: impl Fn(&mut S, usize) + Sync,
) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut own = None;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return;
            }
            block(own.get_or_insert_with(&scratch), at);
        }
    };
    let helpers = threads.min(count).saturating_sub(1);
    if helpers == 0 {
        return work();
    }
    let lent: *const (dyn Fn() + Sync + '_) = &work;
    // Safety: the lifetime is that of `work`, which outlives the gate: it is closed below, whatever happens, before `work`
    // ends, and nobody calls it then.
    let lent = Lent(unsafe {
        std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync + 'static)>(lent)
    });
    let gate = Arc::new(Gate { state: AtomicUsize::new(0), caller: std::thread::current(), lent });
    let closing = Closing(&gate);
    for _ in 0..helpers {
        let gate = Arc::clone(&gate);
        rayon::spawn(move || gate.help());
    }
    work();
    drop(closing);
    assert!(gate.state.load(Ordering::Relaxed) & PANICKED == 0, "a block of shared work panicked");
}

struct Lent(*const (dyn Fn() + Sync));

// Safety: what it points to is `Sync`; when it may be called is said where it is.
unsafe impl Send for Lent {}
// Safety: as above.
unsafe impl Sync for Lent {}

struct Gate {
    /// Whether it is closed, whether a helper panicked, and how many are inside.
    state: AtomicUsize,
    caller: Thread,
    lent: Lent,
}

const CLOSED: usize = 1;
const PANICKED: usize = 2;
const INSIDE: usize = 4;

impl Gate {
    /// Does what is left, if it is not too late.
    fn help(&self) {
        let entered = self.state.fetch_update(Ordering::Acquire, Ordering::Relaxed, |state| {
            (state & CLOSED == 0).then_some(state + INSIDE)
        });
        if entered.is_err() {
            return;
        }
        // Safety: the caller waits until those who entered have left.
        let lent = || unsafe { (*self.lent.0)() };
        // A pool ends the process where a task of its own panics.
        let left = if std::panic::catch_unwind(AssertUnwindSafe(lent)).is_ok() { 0 } else { PANICKED };
        self.state.fetch_or(left, Ordering::Relaxed);
        let before = self.state.fetch_sub(INSIDE, Ordering::Release);
        if before & CLOSED != 0 {
            self.caller.unpark();
        }
    }
}

/// Closes the gate, though there be a panic, and waits for those inside.
struct Closing<'a>(&'a Gate);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        /// So often it is looked again before the thread sleeps.
        const LOOKS: usize = 2000;
        let mut state = self.0.state.fetch_or(CLOSED, Ordering::Acquire);
        let mut looks = 0;
        while state >= INSIDE {
            looks += 1;
            if looks < LOOKS {
                std::hint::spin_loop();
            } else {
                std::thread::park();
            }
            state = self.0.state.load(Ordering::Acquire);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn pool() -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool")
    }

    #[test]
    fn each_block_once() {
        for (count, threads) in [(0, 3), (1, 3), (7, 1), (40, 3), (200, 2)] {
            let done = Mutex::new(vec![0; count]);
            let block = |own: &mut usize, at: usize| {
                *own += 1;
                done.lock().expect("no panic")[at] += 1;
            };
            pool().install(|| share(count, threads, || 0, block));
            assert!(done.into_inner().expect("no panic").iter().all(|times| *times == 1));
        }
    }

    #[test]
    fn a_panic_of_a_helper_is_one_of_the_caller() {
        let run = || {
            let wait = std::sync::Barrier::new(2);
            let caller = std::thread::current().id();
            let block = |(): &mut (), _| {
                // Both threads are inside.
                wait.wait();
                assert_eq!(std::thread::current().id(), caller);
            };
            share(2, 2, || (), block);
        };
        assert!(std::panic::catch_unwind(|| pool().install(run)).is_err());
    }
}
