//! Vectors and matrices that are made of nothing but indices: triangles of ones, and others entry by entry.

use super::Raiser;
use super::form::{Dims, Form, Forms, Glue, Id};
use crate::op::{NodeId, Op};

const TRIANGLES: [(&str, bool, bool); 4] = [
    ("lower", false, false),
    ("strictlower", false, true),
    ("upper", true, false),
    ("strictupper", true, true),
];

impl Raiser<'_> {
    /// `lower(ones(n, n))`, or `[i + j for i in 1..n, j in 1..m]`; `None` if more than indices is in it.
    pub(super) fn mask(&mut self, node: NodeId) -> Option<Id> {
        let (mut found, mut only) = (false, true);
        for n in self.g.topological(node) {
            if self.g.is_scalar(n) {
                continue;
            }
            match self.g.op(n) {
                Op::Iota(_) => found = true,
                Op::Symbol(_) | Op::OneHot(..) | Op::Reduce(..) | Op::Linear(..) => only = false,
                Op::Contract(c) => {
                    let distinct = (1..c.out.len()).all(|i| !c.out[..i].contains(&c.out[i]));
                    only &= distinct && (0..c.sizes.len() as u8).all(|l| c.out.contains(&l));
                }
                _ => {}
            }
        }
        if !found || !only {
            return None;
        }
        if let [n, m] = self.g.shape(node)[..]
            && n == m
        {
            for (name, upper, strict) in TRIANGLES {
                if self.g.triangle(n, upper, strict) == node {
                    let ones = self.constant("ones", &[n, n]);
                    return Some(self.forms.call(name, &[ones], Dims::Matrix));
                }
            }
        }
        self.comprehension(node)
    }
}

impl Forms {
    /// The name of a triangle of ones.
    fn as_triangle(&self, id: Id) -> Option<&'static str> {
        let Form::Call(name, args, false) = self.get(id) else { return None };
        let (triangle, ..) = TRIANGLES.into_iter().find(|(t, ..)| t == name)?;
        match self.get(args[0]) {
            Form::Call(ones, ..) if ones == "ones" => Some(triangle),
            _ => None,
        }
    }

    /// `lower(A)` for `A.*lower(ones(n, n))`.
    pub fn in_triangle(&mut self, factors: &[(Glue, Id)], dims: Dims) -> Option<Id> {
        let at =
            factors.iter().position(|(glue, f)| *glue != Glue::Over && self.as_triangle(*f).is_some())?;
        let name = self.as_triangle(factors[at].1)?;
        let mut rest = factors.to_vec();
        rest.remove(at);
        if rest.first().is_none_or(|(glue, _)| *glue == Glue::Over) {
            return None;
        }
        let inner = self.chain(&rest, dims);
        Some(self.call(name, &[inner], dims))
    }
}
