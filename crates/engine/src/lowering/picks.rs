//! Contractions with indices, as nests: each factor that is 1 at one index settles a label by the others.

use agnesi_graph::{Contract, Factor, Op, Rational};
use smallvec::SmallVec;

use super::body::{Builder, Quotient};
use super::index::Index;
use super::order::{self, Joint, Piece};
use super::{LowerError, Lowering, SMALL, View};
use crate::ir::{How, Step, Value};

/// What a nest costs beside its trips, in trips.
const NEST: u128 = 64;
/// Of more parts than this no products are looked for.
const MAX_PARTS: usize = 8;

/// A contraction whose indices are applied last: what is joined before, and the indices.
struct Last {
    joint: Joint,
    piece: Piece,
    hots: Vec<Factor>,
}

/// A contraction as a nest will read it.
struct Picked<'c> {
    c: &'c Contract,
    factors: &'c [Factor],
    sizes: Vec<usize>,
    /// Which factor settles a label.
    settled: Vec<Option<usize>>,
    /// The labels that are loops.
    loops: SmallVec<[u8; 6]>,
}

/// What a nest multiplies: a factor, or a product of some that is stored.
struct Part {
    source: Source,
    labels: SmallVec<[u8; 6]>,
    /// The loops that it changes with.
    loops: SmallVec<[u8; 6]>,
    /// Whether it is read where an index points.
    picked: bool,
}

/// Where a part is.
enum Source {
    /// A factor, by its place.
    Factor(usize),
    Stored(View),
}

impl Picked<'_> {
    /// The loops that labels follow.
    fn loops_of(&self, labels: &[u8]) -> SmallVec<[u8; 6]> {
        let mut found: SmallVec<[u8; 6]> = SmallVec::new();
        let mut add = |label: u8| {
            if !found.contains(&label) {
                found.push(label);
            }
        };
        for label in labels {
            match self.settled[*label as usize].and_then(|by| self.factors[by].labels.split_last()) {
                Some((_, front)) => front.iter().for_each(|front| add(*front)),
                None => add(*label),
            }
        }
        found
    }

    /// The loops of the nest that is left in any case: those of the result, and those of indices that may point outside.
    fn outside(&self, guarded: bool) -> SmallVec<[u8; 6]> {
        let mut labels = self.c.out.clone();
        if guarded {
            let settled = (0..self.sizes.len() as u8).filter(|l| self.settled[*l as usize].is_some());
            labels.extend(settled);
        }
        self.loops_of(&labels)
    }

    fn trips(&self, labels: impl Iterator<Item = u8>) -> u128 {
        let labels: SmallVec<[u8; 6]> = labels.collect();
        order::trips(labels.iter(), &self.sizes)
    }

    fn extents(&self, loops: &[u8]) -> SmallVec<[usize; 6]> {
        loops.iter().map(|l| self.sizes[*l as usize]).collect()
    }

    /// The parts whose product, summed over the loops that nobody else needs, makes fewest trips in all, where these are
    /// fewer than in one nest: a bit each, and the loops that are left.
    fn cheapest(&self, parts: &[Part], guarded: bool) -> Option<(u32, SmallVec<[u8; 6]>)> {
        if parts.len() < 3 || parts.len() > MAX_PARTS {
            return None;
        }
        let chosen = |set: u32, at: usize| set >> at & 1 == 1;
        let out = self.outside(guarded);
        let all = parts.iter().flat_map(|part| &part.loops).chain(&out).copied();
        let whole = self.trips(all.clone());
        let mut best = None;
        let mut least = whole.saturating_sub(NEST);
        for set in 1..(1u32 << parts.len()) - 1 {
            // Beside what an index may ask for in vain stands what tells whether it was asked for.
            let apart = guarded && (0..parts.len()).any(|at| chosen(set, at) && !parts[at].picked);
            if set.count_ones() < 2 || apart {
                continue;
            }
            let of = |inside: bool| {
                let some = parts.iter().enumerate().filter(move |(at, _)| chosen(set, *at) == inside);
                some.flat_map(|(_, part)| &part.loops).copied()
            };
            let needed = |l: &u8| out.contains(l) || of(false).any(|other| other == *l);
            let kept: SmallVec<[u8; 6]> = of(true).filter(needed).fold(SmallVec::new(), |mut kept, l| {
                if !kept.contains(&l) {
                    kept.push(l);
                }
                kept
            });
            let cost = self.trips(of(true)).saturating_add(self.trips(all.clone().filter(needed)));
            if cost < least {
                (best, least) = (Some((set, kept)), cost);
            }
        }
        best
    }
}

impl Lowering<'_> {
    /// The factors of a contraction that are no indices, joined as far as that makes fewer trips than the nest that reads
    /// them where the indices point; beside it the indices.
    fn indices_last(&mut self, c: &Contract) -> Result<Option<Last>, LowerError> {
        let mut joint = self.joint(c)?;
        let (hots, others): (Vec<Factor>, Vec<Factor>) =
            joint.c.factors.iter().cloned().partition(|f| self.is_hot(f));
        if others.len() < 2 {
            return Ok(None);
        }
        joint.c.factors = others.into();
        let pieces: Vec<Piece> = (0..joint.c.factors.len()).map(|at| Piece::factor(&joint, at)).collect();
        let own = order::all_labels(&pieces);
        let pointed = |l: &u8| hots.iter().any(|f| f.labels.contains(l));
        let kept: SmallVec<[u8; 6]> =
            own.iter().copied().filter(|l| c.out.contains(l) || pointed(l)).collect();
        if kept.len() == own.len() || order::trips(own.iter(), &joint.sizes) <= SMALL {
            return Ok(None);
        }
        // Labels that an index settles are no loops.
        let loops = |labels: &[u8]| {
            let all = c.out.iter().chain(hots.iter().flat_map(|f| &f.labels)).chain(labels);
            let settled = |l: &&u8| hots.iter().any(|f| f.labels.last() == Some(*l));
            order::trips(all.filter(|l| !settled(l)), &joint.sizes)
        };
        let tree = self.best_order(&joint, &pieces, &kept);
        if tree.cost.saturating_add(loops(&kept)) >= loops(&own) {
            return Ok(None);
        }
        let piece = self.join(&joint, &pieces, &tree, &kept)?;
        Ok(Some(Last { joint, piece, hots }))
    }

    /// A nest that adds a contraction, times a number, to a tensor of its shape, or sets it. Whether it comes to each entry
    /// once.
    pub(super) fn nest_of(
        &mut self,
        c: &Contract,
        scale: f64,
        view: &View,
        how: How,
    ) -> Result<bool, LowerError> {
        let sizes: Vec<usize> = c.sizes.iter().map(|size| self.size(*size)).collect::<Result<_, _>>()?;
        let joined = self.indices_last(c)?;
        let factors = joined.as_ref().map_or(&c.factors[..], |last| &last.hots);
        let settled = self.settled(factors, &sizes);
        // What is summed up already is no loop.
        let gone = |label: u8| {
            joined.as_ref().is_some_and(|last| {
                !c.out.contains(&label)
                    && !last.piece.labels.contains(&label)
                    && !last.hots.iter().any(|f| f.labels.contains(&label))
            })
        };
        let mut loops: SmallVec<[u8; 6]> = SmallVec::new();
        let all = c.out.iter().copied().chain(0..sizes.len() as u8);
        all.filter(|l| settled[*l as usize].is_none() && !gone(*l)).for_each(|l| {
            if !loops.contains(&l) {
                loops.push(l);
            }
        });
        let mut picked = Picked { c, factors, sizes, settled, loops };
        let (parts, guarded) = self.parts(&mut picked, joined.is_some())?;
        let read: SmallVec<[u8; 6]> =
            parts.iter().flat_map(|part| &part.labels).chain(&c.out).copied().collect();
        let (mut builder, at, inside) = self.opened(&picked, &picked.loops, (!guarded).then_some(&read))?;
        let mut quotient = Quotient::default();
        self.multiply(&mut builder, &picked, &parts, &at, &mut quotient)?;
        if let Some(Last { joint, piece, .. }) = &joined {
            let computed = |l: &u8| matches!(at[*l as usize], Index::Computed(_));
            let value = self.piece_value(&mut builder, joint, piece, &joint.places(at.clone()))?;
            quotient.take(&mut builder, value, &Rational::ONE, piece.labels.iter().any(computed));
        }
        let value = quotient.value(&mut builder, scale);
        let value = builder.defined(inside, value, quotient.beside);
        let out: SmallVec<[Index; 3]> = c.out.iter().map(|l| at[*l as usize].clone()).collect();
        let to = builder.access(view, &out, &picked.extents(&c.out));
        builder.write(value, to, how);
        let once = picked.loops.len() == c.out.len() && c.out.iter().all(|l| picked.loops.contains(l));
        self.steps.push(Step::Nest(builder.nest));
        Ok(once)
    }

    /// Which factor settles each label: one that is 1 at one index settles its last label by the others.
    fn settled(&self, factors: &[Factor], sizes: &[usize]) -> Vec<Option<usize>> {
        let mut settled: Vec<Option<usize>> = vec![None; sizes.len()];
        let mut needed = vec![false; sizes.len()];
        for (at, f) in factors.iter().enumerate() {
            if let (Op::OneHot(..), Some((last, front))) = (self.graph.op(f.node), f.labels.split_last())
                && !front.contains(last)
                && settled[*last as usize].is_none()
                && !needed[*last as usize]
                && front.iter().all(|l| settled[*l as usize].is_none())
            {
                settled[*last as usize] = Some(at);
                front.iter().for_each(|l| needed[*l as usize] = true);
            }
        }
        settled
    }

    /// What a nest multiplies. Where that makes fewer trips, some of it are multiplied, and summed, before: each is read
    /// where its index points, and whether it points inside is asked where the rest is read.
    ///
    /// Beside the parts whether all indices are to be looked at where they are multiplied.
    fn parts(&mut self, picked: &mut Picked, joined: bool) -> Result<(Vec<Part>, bool), LowerError> {
        let others = (0..picked.factors.len()).filter(|at| !picked.settled.contains(&Some(*at)));
        let mut parts: Vec<Part> = others
            .map(|at| {
                let labels = SmallVec::from(&picked.factors[at].labels[..]);
                let loops = picked.loops_of(&labels);
                Part { source: Source::Factor(at), labels, loops, picked: false }
            })
            .collect();
        if joined || parts.len() < 3 || picked.trips(picked.loops.iter().copied()) <= NEST {
            return Ok((parts, true));
        }
        let (_, at, inside) = self.opened(picked, &picked.loops, None)?;
        for part in &mut parts {
            part.picked = part.labels.iter().any(|l| matches!(at[*l as usize], Index::Computed(_)));
        }
        let guarded = inside.is_some();
        while let Some((set, kept)) = picked.cheapest(&parts, guarded) {
            let (mut own, mut rest) = (Vec::new(), Vec::new());
            for (at, part) in parts.into_iter().enumerate() {
                if set >> at & 1 == 1 { own.push(part) } else { rest.push(part) }
            }
            picked.loops.retain(|l| kept.contains(l) || own.iter().all(|part| !part.loops.contains(l)));
            rest.push(self.summed(picked, &own, kept)?);
            parts = rest;
        }
        Ok((parts, guarded))
    }

    /// The product of some parts, summed over the loops that are not kept.
    fn summed(
        &mut self,
        picked: &Picked,
        parts: &[Part],
        kept: SmallVec<[u8; 6]>,
    ) -> Result<Part, LowerError> {
        let mut loops = kept.clone();
        for label in parts.iter().flat_map(|part| &part.loops) {
            if !loops.contains(label) {
                loops.push(*label);
            }
        }
        let shape = picked.extents(&kept);
        let view = self.lay(&shape, Some(0.0))?;
        let labels: SmallVec<[u8; 6]> = parts.iter().flat_map(|part| part.labels.iter().copied()).collect();
        let (mut builder, at, _) = self.opened(picked, &loops, Some(&labels))?;
        let mut quotient = Quotient::default();
        self.multiply(&mut builder, picked, parts, &at, &mut quotient)?;
        let value = quotient.value(&mut builder, 1.0);
        let places: SmallVec<[Index; 6]> = (0..kept.len()).map(Index::of_loop).collect();
        let to = builder.access(&view, &places, &shape);
        builder.write(value, to, How::Add);
        self.steps.push(Step::Nest(builder.nest));
        let any = parts.iter().any(|part| part.picked);
        Ok(Part { source: Source::Stored(view), labels: kept.clone(), loops: kept, picked: any })
    }

    /// A nest of these loops: the index of each label (of those that are asked for), and whether all of them are inside.
    #[allow(clippy::type_complexity, reason = "three things that are made in one go")]
    fn opened(
        &mut self,
        picked: &Picked,
        loops: &[u8],
        asked: Option<&[u8]>,
    ) -> Result<(Builder, Vec<Index>, Option<Value>), LowerError> {
        let mut builder = Builder::new(&picked.extents(loops));
        let mut at: Vec<Index> = vec![Index::fixed(0); picked.sizes.len()];
        for (axis, label) in loops.iter().enumerate() {
            at[*label as usize] = Index::of_loop(axis);
        }
        let mut inside = None;
        for (label, by) in picked.settled.iter().enumerate() {
            let Some(f) = by.map(|by| &picked.factors[by]) else { continue };
            if asked.is_some_and(|asked| !asked.contains(&(label as u8))) {
                continue;
            }
            if let (Op::OneHot(index, _), Some((_, front))) = (self.graph.op(f.node), f.labels.split_last()) {
                let front: SmallVec<[Index; 3]> = front.iter().map(|l| at[*l as usize].clone()).collect();
                let (index, within) = self.safe_index(&mut builder, *index, &front, picked.sizes[label])?;
                inside = builder.both(inside, within);
                at[label] = index;
            }
        }
        Ok((builder, at, inside))
    }

    /// Multiplies parts at a place.
    fn multiply(
        &mut self,
        builder: &mut Builder,
        picked: &Picked,
        parts: &[Part],
        at: &[Index],
        quotient: &mut Quotient,
    ) -> Result<(), LowerError> {
        for part in parts {
            let places: SmallVec<[Index; 3]> = part.labels.iter().map(|l| at[*l as usize].clone()).collect();
            match &part.source {
                Source::Factor(at) => {
                    let f = &picked.factors[*at];
                    let computed = places.iter().any(|index| matches!(index, Index::Computed(_)));
                    let base = self.value(builder, f.node, &places)?;
                    quotient.take(builder, base, &f.exponent, computed);
                }
                Source::Stored(view) => {
                    let access = builder.access(view, &places, &picked.extents(&part.labels));
                    let value = builder.read(access);
                    quotient.take(builder, value, &Rational::ONE, part.picked);
                }
            }
        }
        Ok(())
    }
}
