//! Which coefficients a jet has, and which pairs of them make up a product.

use std::rc::Rc;

use crate::Fault;

/// Jets larger than this are refused.
const MOST_COEFFICIENTS: usize = 4096;

/// The monomials of truncated power series in several variables: each variable to an order of its own, sorted by
/// total degree, so that a lower degree is a prefix.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) orders: Vec<usize>,
    indices: Vec<Vec<usize>>,
    degrees: Vec<usize>,
    /// How many monomials have at most this degree.
    ends: Vec<usize>,
    /// The position of a monomial by its place in the box.
    positions: Vec<usize>,
    /// For each monomial, the pairs whose product it is.
    pairs: Vec<Vec<(u32, u32)>>,
}

impl Layout {
    pub(super) fn new(orders: Vec<usize>) -> Result<Rc<Layout>, Fault> {
        let size = orders.iter().try_fold(1usize, |size, order| size.checked_mul(order + 1));
        let size = size.filter(|size| *size <= MOST_COEFFICIENTS).ok_or(Fault::Limit)?;
        let mut indices: Vec<Vec<usize>> = (0..size)
            .map(|mut at| {
                orders
                    .iter()
                    .map(|order| {
                        let digit = at % (order + 1);
                        at /= order + 1;
                        digit
                    })
                    .collect()
            })
            .collect();
        indices.sort_by_key(|index| index.iter().sum::<usize>());
        let degrees: Vec<usize> = indices.iter().map(|index| index.iter().sum()).collect();
        let most = degrees.last().copied().unwrap_or(0);
        let ends = (0..=most).map(|degree| degrees.partition_point(|d| *d <= degree)).collect();
        let mut layout =
            Layout { orders, indices, degrees, ends, positions: vec![0; size], pairs: Vec::new() };
        for at in 0..size {
            let place = layout.place(&layout.indices[at]);
            layout.positions[place] = at;
        }
        layout.pairs = (0..size).map(|at| layout.pairs_of(at)).collect();
        Ok(Rc::new(layout))
    }

    fn place(&self, index: &[usize]) -> usize {
        index.iter().zip(&self.orders).rev().fold(0, |place, (digit, order)| place * (order + 1) + digit)
    }

    fn pairs_of(&self, at: usize) -> Vec<(u32, u32)> {
        let whole = &self.indices[at];
        let mut pairs = Vec::new();
        let mut rest = vec![0; whole.len()];
        for (left, index) in self.indices[..=at].iter().enumerate() {
            if index.iter().zip(whole).all(|(digit, most)| digit <= most) {
                for (rest, (digit, most)) in rest.iter_mut().zip(index.iter().zip(whole)) {
                    *rest = most - digit;
                }
                pairs.push((left as u32, self.positions[self.place(&rest)] as u32));
            }
        }
        pairs
    }

    /// How many coefficients a jet of this degree has.
    pub(super) fn count(&self, degree: usize) -> usize {
        self.ends.get(degree).copied().unwrap_or(self.indices.len())
    }

    /// The highest total degree.
    pub(super) fn degree(&self) -> usize {
        self.ends.len() - 1
    }

    /// The total degree of a monomial.
    pub(super) fn degree_of(&self, at: usize) -> usize {
        self.degrees[at]
    }

    /// The pairs of monomials whose product is this one.
    pub(super) fn pairs(&self, at: usize) -> &[(u32, u32)] {
        &self.pairs[at]
    }

    /// The position of a monomial; `None` outside the box.
    pub(super) fn position(&self, index: &[usize]) -> Option<usize> {
        let inside = index.len() == self.orders.len() && index.iter().zip(&self.orders).all(|(d, o)| d <= o);
        inside.then(|| self.positions[self.place(index)])
    }

    /// The exponents of a monomial.
    pub(super) fn index(&self, at: usize) -> &[usize] {
        &self.indices[at]
    }
}
