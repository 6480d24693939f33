//! Bernoulli numbers, for the asymptotic series of the gamma function and its kin.

use std::cell::RefCell;
use std::rc::Rc;

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

thread_local! {
    static NUMBERS: RefCell<Rc<[RBig]>> = RefCell::new(Rc::new([]));
}

/// B(2), B(4), ..., at least `count` of them.
pub(super) fn bernoulli(count: usize) -> Rc<[RBig]> {
    let known = NUMBERS.with_borrow(Rc::clone);
    if known.len() >= count {
        return known;
    }
    let numbers: Rc<[RBig]> = compute(count.next_power_of_two().max(32)).into();
    NUMBERS.set(numbers.clone());
    numbers
}

/// From the tangent numbers, which a recurrence in integers gives (Brent and Harvey 2011, algorithm TangentNumbers).
fn compute(count: usize) -> Vec<RBig> {
    let mut tangent = vec![UBig::ONE; count + 1];
    for k in 2..=count {
        tangent[k] = &tangent[k - 1] * UBig::from(k - 1);
    }
    for k in 2..=count {
        for j in k..=count {
            tangent[j] = &tangent[j - 1] * UBig::from(j - k) + &tangent[j] * UBig::from(j - k + 2);
        }
    }
    (1..=count)
        .map(|n| {
            let top = IBig::from(&tangent[n] * UBig::from(2 * n));
            let power = UBig::ONE << (2 * n);
            let bottom = &power * (&power - UBig::ONE);
            RBig::from_parts(if n % 2 == 0 { -top } else { top }, bottom)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers() {
        let numbers = bernoulli(10);
        let fraction = |n: i64, d: u64| RBig::from_parts(IBig::from(n), UBig::from(d));
        assert_eq!(
            numbers[..5],
            [fraction(1, 6), fraction(-1, 30), fraction(1, 42), fraction(-1, 30), fraction(5, 66)]
        );
        assert_eq!(numbers[9], fraction(-174611, 330));
    }
}
