//! Which entries accesses meet on the trips of loops: what may be told without looking at each.

use smallvec::SmallVec;

use super::Access;

/// So many ways to be looked at, and no more.
const MAX_WAYS: usize = 64;

impl Access {
    /// Whether each trip of these loops is at an entry of its own, as far as can be told.
    pub(crate) fn is_own(&self, extents: &[usize]) -> bool {
        self.picks.is_empty()
            && self.strides.iter().zip(extents).all(|(stride, n)| *stride != 0 || *n <= 1)
            && nested(&mut moving(self, extents))
    }

    /// Whether no trip is at an entry that `other`, of the same tensor, is at on this trip or another one, as far as can be
    /// told.
    pub(crate) fn is_apart(&self, other: &Access, extents: &[usize]) -> bool {
        if !self.picks.is_empty() || !other.picks.is_empty() {
            return false;
        }
        let ([least, most], [other_least, other_most]) = (self.range(extents), other.range(extents));
        if most < other_least || other_most < least {
            return true;
        }
        let (mut steps, mut ways) = (moving(self, extents), MAX_WAYS);
        steps.sort_unstable();
        self.strides == other.strides
            && !reaches(self.offset.abs_diff(other.offset) as isize, &steps, &mut ways)
    }

    /// The first and the last entry that it is at.
    fn range(&self, extents: &[usize]) -> [isize; 2] {
        let far = self.strides.iter().zip(extents).map(|(stride, n)| stride * (*n as isize - 1).max(0));
        far.fold([self.offset; 2], |[least, most], far| [least + far.min(0), most + far.max(0)])
    }
}

/// How far and how often the loops go that move an access.
fn moving(access: &Access, extents: &[usize]) -> SmallVec<[(usize, usize); 4]> {
    let steps = access.strides.iter().zip(extents).filter(|(stride, n)| **stride != 0 && **n > 1);
    steps.map(|(stride, n)| (stride.unsigned_abs(), *n)).collect()
}

/// Whether each step is longer than all trips of the shorter ones reach, so that no two trips meet.
pub(crate) fn nested(steps: &mut [(usize, usize)]) -> bool {
    steps.sort_unstable();
    let mut reach = 0usize;
    steps.iter().all(|(step, n)| {
        let apart = *step > reach;
        reach = reach.saturating_add(step.saturating_mul(n.saturating_sub(1)));
        apart
    })
}

/// Whether so far a way can be gone by these steps, the longest last, each at most so many times less one in either
/// direction; yes where too many ways would have to be tried.
fn reaches(far: isize, steps: &[(usize, usize)], ways: &mut usize) -> bool {
    let Some(((step, n), shorter)) = steps.split_last() else { return far == 0 };
    let (step, most) = (*step as isize, *n as isize - 1);
    let rest: isize = shorter.iter().map(|(step, n)| (step * (n - 1)) as isize).sum();
    // Those after which the shorter steps can make up for what is left.
    let first = (-((rest - far).div_euclid(step))).max(-most);
    let last = (far + rest).div_euclid(step).min(most);
    (first..=last).any(|times| {
        if *ways == 0 {
            return true;
        }
        *ways -= 1;
        reaches(far - times * step, shorter, ways)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::TensorId;
    use crate::ir::run::each_trip;
    use crate::tensors::Random;

    fn entries(access: &Access, extents: &[usize]) -> Vec<isize> {
        let mut found = Vec::new();
        let _ = each_trip(extents, |trip| {
            let far: isize = access.strides.iter().zip(trip).map(|(stride, at)| stride * *at as isize).sum();
            found.push(access.offset + far);
            Ok::<(), ()>(())
        });
        found
    }

    #[test]
    fn what_is_said_of_entries_holds_for_each_trip() {
        let mut random = Random::new(5);
        let (mut apart, mut own) = (0, 0);
        for _ in 0..20_000 {
            let rank = random.below(4) as usize;
            let extents: Vec<usize> = (0..rank).map(|_| 1 + random.below(4) as usize).collect();
            let mut any = |below| random.below(below) as isize;
            let strides: SmallVec<[isize; 3]> = (0..rank).map(|_| any(13) - 4).collect();
            let access =
                |offset, strides| Access { tensor: TensorId(0), offset, strides, picks: SmallVec::new() };
            let one = access(any(20), strides.clone());
            let other =
                access(any(20), if any(4) == 0 { (0..rank).map(|_| any(9)).collect() } else { strides });
            let (ones, others) = (entries(&one, &extents), entries(&other, &extents));
            if one.is_apart(&other, &extents) {
                apart += 1;
                assert!(ones.iter().all(|entry| !others.contains(entry)), "{one:?} {other:?} {extents:?}");
            }
            if one.is_own(&extents) {
                own += 1;
                let mut each = ones.clone();
                each.sort_unstable();
                each.dedup();
                assert_eq!(each.len(), ones.len(), "{one:?} {extents:?}");
            }
        }
        assert!(apart > 3000 && own > 3000, "{apart} {own}");
    }
}
