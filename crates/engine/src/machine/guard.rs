//! Branches that nobody takes: where a condition is the same along the vector, what only the other branch needs is left out.

use smallvec::SmallVec;

use crate::ir::{Nest, Scalar, Value};

/// Conditions that are the same along the vector, and which way they must go.
pub(super) type Guard = SmallVec<[(Value, bool); 2]>;

/// Operations that are needed where conditions go one way alone: those of a branch.
pub(super) struct Guarded {
    pub steps: std::ops::Range<usize>,
    pub guard: Guard,
}

impl Guarded {
    /// Whether they are needed.
    #[inline]
    pub fn holds(&self, values: &[f64]) -> bool {
        self.guard.iter().all(|(value, holds)| (values[*value as usize] != 0.0) == *holds)
    }
}

/// Of each value the conditions under which it is needed: those of the branches in which alone it stands. What nobody needs
/// is computed all the same, since an index may be at fault, and so needs its operands.
pub(super) fn guards(nest: &Nest, varies: &[bool]) -> Vec<Option<Guard>> {
    fn need(guards: &mut [Option<Guard>], value: Value, guard: &Guard) {
        match &mut guards[value as usize] {
            Some(known) => known.retain(|condition| guard.contains(condition)),
            unknown => *unknown = Some(guard.clone()),
        }
    }
    let mut guards: Vec<Option<Guard>> = vec![None; nest.body.len()];
    for write in &nest.writes {
        need(&mut guards, write.value, &Guard::new());
        write.to.picks.iter().for_each(|pick| need(&mut guards, pick.index, &Guard::new()));
    }
    for (at, op) in nest.body.iter().enumerate().rev() {
        let guard = guards[at].get_or_insert_default().clone();
        match *op {
            Scalar::Select(condition, a, b) if varies[at] && !varies[condition as usize] => {
                need(&mut guards, condition, &Guard::new());
                for (value, holds) in [(a, true), (b, false)] {
                    let mut guard = guard.clone();
                    guard.push((condition, holds));
                    need(&mut guards, value, &guard);
                }
            }
            Scalar::Read(read) => {
                let picks = &nest.reads[read as usize].picks;
                picks.iter().for_each(|pick| need(&mut guards, pick.index, &guard));
            }
            op => op.for_each_operand(|value| need(&mut guards, value, &guard)),
        }
    }
    guards
}
