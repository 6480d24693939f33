//! Factors that are 1 at an index and 0 elsewhere: they say where a label stands, and are not written themselves.

use super::Raiser;
use super::contraction::{Labelled, Place, Stuck};
use super::form::{Dims, Id};
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
                // What no label can be placed by is a vector or matrix like others: `onehot(p, n)`.
                Some(_) if !changed && along && self.can_stand(c, labelled) => return Ok(()),
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
                    Place::At(other) => self.same_place(value, other, &mut labelled.guards),
                    Place::Along(_, k) => return Err(stuck(k)),
                    Place::Free => return Err(Stuck::Axis),
                }
                Ok(true)
            }
            [k] => {
                let shift = self.as_shift(index, &binds);
                match here {
                    Place::Free if summed(last) && last != k && led(last, &labelled.places) => {
                        Err(Stuck::Name(last))
                    }
                    Place::Free if summed(last) && last != k && !along => Ok(false),
                    Place::Free if summed(last) && last != k => {
                        let value = match shift {
                            Some((size, by)) => self.shifted_range(size, by).ok_or(Stuck::Axis)?,
                            None => self.entry(index, &binds).ok_or(Stuck::Axis)?,
                        };
                        labelled.places[last as usize] = Place::Along(value, k);
                        Ok(true)
                    }
                    Place::At(_) if summed(k) && led(k, &labelled.places) => Err(Stuck::Name(k)),
                    Place::At(i) if summed(k) => {
                        let Some((size, by)) = shift else { return Err(Stuck::Name(k)) };
                        let value = self.less(i, by).ok_or(Stuck::Name(k))?;
                        self.within(value, size, &mut labelled.guards).ok_or(Stuck::Name(k))?;
                        labelled.places[k as usize] = Place::At(value);
                        Ok(true)
                    }
                    Place::Along(..) | Place::Free | Place::At(_) => Err(stuck(k)),
                }
            }
            _ => Err(open.iter().copied().find(|l| summed(*l)).map_or(Stuck::Axis, Stuck::Name)),
        }
    }

    /// Whether all tensors of ones that are left are vectors or matrices with a name.
    fn can_stand(&self, c: &Contract, labelled: &Labelled) -> bool {
        c.factors.iter().enumerate().all(|(at, f)| {
            let Op::OneHot(index, _) = *self.g.op(f.node) else { return true };
            if labelled.used[at] || !self.is_one_hot(f) {
                return true;
            }
            let Some((last, places)) = f.labels.split_last() else { return true };
            let place = |l: &Label| labelled.places[*l as usize];
            let open = places.iter().filter(|l| place(l) == Place::Free).count();
            place(last) == Place::Free
                && open <= 1
                && !places.contains(last)
                && places.iter().all(|l| !matches!(place(l), Place::Along(..)))
                && !self.has_iota(index)
        })
    }

    /// Whether a node contains a vector of indices.
    pub(super) fn has_iota(&self, node: NodeId) -> bool {
        self.g.topological(node).iter().any(|n| matches!(self.g.op(*n), Op::Iota(_)))
    }

    /// `onehot(p, n)`, with the axes of the index at places.
    pub(super) fn one_hot_form(&mut self, index: NodeId, size: NodeId, places: &[Option<Id>]) -> Option<Id> {
        let open = places.iter().filter(|b| b.is_none()).count();
        if open > 1 || self.has_iota(index) {
            return None;
        }
        let index = if places.is_empty() { self.form(index) } else { self.entry(index, places)? };
        let size = self.scalar(size);
        Some(self.forms.call("onehot", &[index, size], Dims::of_rank(open + 1)))
    }
}
