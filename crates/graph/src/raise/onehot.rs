//! Factors that are 1 at an index and 0 elsewhere: they say where a label stands, and are not written themselves.

use agnesi_syntax::Relation;

use super::Raiser;
use super::contraction::{Labelled, Place, Stuck};
use super::form::{Dims, Form, Id};
use crate::Rational;
use crate::op::{Contract, Label, NodeId, Op};

impl Raiser<'_> {
    /// Puts labels where the tensors of ones say, until nothing is left to do.
    pub(super) fn place_indices(&mut self, c: &Contract, labelled: &mut Labelled) -> Result<(), Stuck> {
        // A label is put along another only where nothing says that the other stands at an index.
        let mut along = false;
        loop {
            let (mut changed, mut stuck) = (false, None);
            for (at, f) in c.factors.iter().enumerate() {
                if labelled.used[at] || !self.is_one_hot(f) {
                    continue;
                }
                match self.place_one(c, at, labelled, along) {
                    Ok(false) => stuck = stuck.or(Some(Stuck::Axis)),
                    Ok(true) => {
                        labelled.used[at] = true;
                        changed = true;
                        if along {
                            break;
                        }
                    }
                    Err(Stuck::Axis) => stuck = stuck.or(Some(Stuck::Axis)),
                    Err(Stuck::Name(l)) => stuck = Some(Stuck::Name(l)),
                }
            }
            match stuck {
                None if !changed || !along => return Ok(()),
                Some(stuck) if !changed && along => return Err(stuck),
                _ => along = !changed,
            }
        }
    }

    /// Puts the label of one of them where it says; whether it could, a label along another only if that is asked for.
    fn place_one(
        &mut self,
        c: &Contract,
        at: usize,
        labelled: &mut Labelled,
        along: bool,
    ) -> Result<bool, Stuck> {
        let f = &c.factors[at];
        let Op::OneHot(index, _) = *self.g.op(f.node) else { return Ok(true) };
        let Some((&last, places)) = f.labels.split_last() else { return Ok(true) };
        let summed = |l: Label| !c.out.contains(&l);
        let stuck = |l: Label| if summed(l) { Stuck::Name(l) } else { Stuck::Axis };
        let mut binds = Vec::new();
        let mut open = Vec::new();
        for l in places {
            match labelled.places[*l as usize] {
                Place::At(index) => binds.push(Some(index)),
                Place::Free => {
                    open.push(*l);
                    binds.push(None);
                }
                Place::Along(_, k) => return Err(stuck(k)),
            }
        }
        let here = labelled.places[last as usize];
        // What stands along a label cannot be moved with it any more.
        let led = |label: Label, places: &[Place]| {
            places.iter().any(|p| matches!(p, Place::Along(_, l) if *l == label))
        };
        match open[..] {
            [] => {
                let value = self.entry(index, &binds).ok_or(Stuck::Axis)?;
                match here {
                    Place::Free if summed(last) && led(last, &labelled.places) => {
                        return Err(Stuck::Name(last));
                    }
                    Place::Free if summed(last) => labelled.places[last as usize] = Place::At(value),
                    Place::At(other) => {
                        let equal = Form::Compare(Relation::Equal, value, other);
                        labelled.guards.push(self.forms.make(equal, Dims::Scalar));
                    }
                    Place::Along(_, k) => return Err(stuck(k)),
                    Place::Free => return Err(Stuck::Axis),
                }
                Ok(true)
            }
            [k] => {
                let shift = if binds.len() == 1 { self.as_shift(index) } else { None };
                match here {
                    Place::Free if summed(last) && last != k && led(last, &labelled.places) => {
                        Err(Stuck::Name(last))
                    }
                    Place::Free if summed(last) && last != k && !along => Ok(false),
                    Place::Free if summed(last) && last != k => {
                        let value = match shift {
                            Some((size, by)) => self.shifted_range(size, by),
                            None => self.entry(index, &binds).ok_or(Stuck::Axis)?,
                        };
                        labelled.places[last as usize] = Place::Along(value, k);
                        Ok(true)
                    }
                    Place::At(_) if summed(k) && led(k, &labelled.places) => Err(Stuck::Name(k)),
                    Place::At(i) if summed(k) => {
                        let Some((size, by)) = shift else { return Err(Stuck::Name(k)) };
                        let value = self.less(i, by);
                        let one = self.forms.number(Rational::ONE);
                        let size = self.scalar(size);
                        for (a, b) in [(one, value), (value, size)] {
                            let guard = Form::Compare(Relation::LessEqual, a, b);
                            labelled.guards.push(self.forms.make(guard, Dims::Scalar));
                        }
                        labelled.places[k as usize] = Place::At(value);
                        Ok(true)
                    }
                    Place::Along(..) | Place::Free | Place::At(_) => Err(stuck(k)),
                }
            }
            _ => Err(open.iter().copied().find(|l| summed(*l)).map_or(Stuck::Axis, Stuck::Name)),
        }
    }

    /// The size and the shift c of `1 + c, 2 + c, ..., n + c`.
    fn as_shift(&mut self, index: NodeId) -> Option<(NodeId, NodeId)> {
        if let Op::Iota(size) = *self.g.op(index) {
            return Some((size, self.g.zero()));
        }
        let (mut size, mut by) = (None, self.g.zero());
        for (c, node) in self.g.terms(index) {
            match *self.g.op(node) {
                Op::Iota(n) if c.is_one() && size.is_none() => size = Some(n),
                _ => {
                    let (k, scalar) = self.g.as_constant_tensor(node)?;
                    let one = self.g.one();
                    let term = self.g.scale(&c * &k, scalar.unwrap_or(one));
                    by = self.g.add(by, term);
                }
            }
        }
        Some((size?, by))
    }

    /// `c+1..c+n`
    fn shifted_range(&mut self, size: NodeId, by: NodeId) -> Id {
        let one = self.g.one();
        let number = self.g.as_number(by).is_some();
        let from = self.g.add(by, one);
        let to = if number { self.g.add(size, by) } else { self.g.add(by, size) };
        let (from, to) = (self.scalar(from), self.scalar(to));
        self.forms.make(Form::Range(from, to), Dims::Column)
    }

    /// `i - c`
    fn less(&mut self, i: Id, by: NodeId) -> Id {
        if self.g.is_zero(by) {
            return i;
        }
        let negative = self.g.as_number(by).is_some_and(Rational::is_negative);
        let magnitude = if negative { self.g.neg(by) } else { by };
        let magnitude = self.scalar(magnitude);
        self.forms.make(Form::Sum(Box::new([(false, i), (!negative, magnitude)])), Dims::Scalar)
    }
}
