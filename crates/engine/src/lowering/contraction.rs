//! Contractions that sum: as one nest, or factor by factor in a cheap order, by matrix products where they are large.

use agnesi_graph::{Contract, NodeId, Op};
use smallvec::SmallVec;

use super::body::{Builder, Quotient};
use super::index::Index;
use super::order::{self, Piece, Tree};
use super::{LowerError, Lowering, View};
use crate::ir::{Access, How, Product, Step, Strides, TensorId, Value};

/// Products with fewer terms than this are nests: what a library spends before it multiplies would be lost.
const MIN_PRODUCT: usize = 4096;
/// Contractions with no more trips than this are one nest in any case.
const SMALL: u128 = 256;

impl Lowering<'_> {
    /// A contraction with summed labels, as a tensor.
    pub(super) fn contraction(&mut self, node: NodeId, c: &Contract) -> Result<View, LowerError> {
        let shape = self.shape(node)?;
        let picks = c.factors.iter().any(|f| matches!(self.graph.op(f.node), Op::OneHot(..)));
        if !picks && c.factors.len() > 1 && c.coefficient.is_one() {
            let sizes: Vec<usize> = c.sizes.iter().map(|size| self.size(*size)).collect::<Result<_, _>>()?;
            let pieces: Vec<Piece> = (0..c.factors.len()).map(|at| Piece::factor(c, at)).collect();
            let all = order::trips(pieces.iter().flat_map(|p| &p.labels), &sizes);
            if all > SMALL {
                let tree = order::best(&pieces, &c.out, &sizes, |set, kept| {
                    self.joins.contains_key(&order::key(c, set, kept))
                });
                // A library multiplies several times faster than a nest.
                if tree.cost <= all.saturating_mul(2) {
                    let piece = self.join(c, &pieces, &tree, &c.out, &sizes)?;
                    return self.whole_piece(c, &piece, &c.out, &sizes);
                }
            }
        }
        if picks && let Some(view) = self.picked_last(c)? {
            return Ok(view);
        }
        let loops = !self.is_plain_output(c);
        let start = loops.then_some(0.0);
        let view = if self.dense.contains(&node) {
            let tensor = self.declare(shape, start)?;
            self.whole(tensor)
        } else {
            self.lay(&shape, start)?
        };
        let how = if loops { How::Add } else { How::Set };
        self.nest_of(c, c.coefficient.to_f64(), &view, how)?;
        Ok(view)
    }

    /// A contraction of whose result entries are picked, `(A*B)[p,:]`: the result is made first, where that has fewer trips.
    fn picked_last(&mut self, c: &Contract) -> Result<Option<View>, LowerError> {
        let sizes: Vec<usize> = c.sizes.iter().map(|size| self.size(*size)).collect::<Result<_, _>>()?;
        let is_hot = |at: &usize| matches!(self.graph.op(c.factors[*at].node), Op::OneHot(..));
        let (hots, others): (Vec<usize>, Vec<usize>) = (0..c.factors.len()).partition(is_hot);
        let mut rest = c.clone();
        rest.factors = others.iter().map(|at| c.factors[*at].clone()).collect();
        let pieces: Vec<Piece> = (0..others.len()).map(|at| Piece::factor(&rest, at)).collect();
        let own = order::trips(pieces.iter().flat_map(|p| &p.labels), &sizes);
        let there = |label: &u8| pieces.iter().any(|piece| piece.labels.contains(label));
        // What is picked by the indices of the result, once each, and is no axis of the result itself.
        let mut kept: SmallVec<[u8; 6]> = c.out.iter().copied().filter(|l| there(l)).collect();
        for hot in &hots {
            let Some((last, front)) = c.factors[*hot].labels.split_last() else { return Ok(None) };
            let plain = front.iter().all(|l| c.out.contains(l)) && !c.out.contains(last) && there(last);
            if !plain || kept.contains(last) {
                return Ok(None);
            }
            kept.push(*last);
        }
        let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
        let direct = order::trips((0..sizes.len() as u8).collect::<Vec<_>>().iter(), &sizes);
        let settled: u128 = hots
            .iter()
            .filter_map(|at| c.factors[*at].labels.last())
            .map(|l| sizes[*l as usize] as u128)
            .product();
        if others.len() < 2 || repeated || own <= SMALL {
            return Ok(None);
        }
        let tree = order::best(&pieces, &kept, &sizes, |set, kept| {
            self.joins.contains_key(&order::key(&rest, set, kept))
        });
        let last = order::trips(c.out.iter(), &sizes);
        if tree.cost.saturating_add(last) >= direct / settled.max(1) {
            return Ok(None);
        }
        let piece = self.join(&rest, &pieces, &tree, &kept, &sizes)?;
        let shape: Vec<usize> = c.out.iter().map(|l| sizes[*l as usize]).collect();
        let tensor = self.declare(shape.clone(), None)?;
        let mut builder = Builder::new(&shape);
        let mut at = vec![Index::fixed(0); sizes.len()];
        c.out.iter().enumerate().for_each(|(axis, l)| at[*l as usize] = Index::of_loop(axis));
        let mut inside = None;
        for hot in hots {
            let f = &c.factors[hot];
            if let (Op::OneHot(index, _), Some((last, front))) =
                (self.graph.op(f.node), f.labels.split_last())
            {
                let front: SmallVec<[Index; 3]> = front.iter().map(|l| at[*l as usize].clone()).collect();
                let (index, within) = self.safe_index(&mut builder, *index, &front, sizes[*last as usize])?;
                inside = builder.both(inside, within);
                at[*last as usize] = index;
            }
        }
        let value = self.piece_value(&mut builder, &rest, &piece, &at, &sizes)?;
        let value = builder.scale(value, c.coefficient.to_f64());
        let value = builder.defined(inside, value, None);
        let to = builder.whole(tensor, &shape);
        builder.write(value, to, How::Set);
        self.steps.push(Step::Nest(builder.nest));
        Ok(Some(self.whole(tensor)))
    }

    /// Whether each entry of the result is set once: no axis of the result is picked or repeated, and nothing is summed
    /// but what is picked.
    fn is_plain_output(&self, c: &Contract) -> bool {
        let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
        let picked = |label: u8| {
            c.factors.iter().any(|f| {
                matches!(self.graph.op(f.node), Op::OneHot(..))
                    && f.labels.split_last().is_some_and(|(last, front)| {
                        *last == label && front.iter().all(|l| c.out.contains(l))
                    })
            })
        };
        let summed = (0..c.sizes.len() as u8).any(|l| !c.out.contains(&l) && !picked(l));
        !(summed || repeated || c.out.iter().any(|l| picked(*l)))
    }

    /// One nest that adds a contraction, times a number, to a tensor of its shape, or sets it.
    pub(super) fn nest_of(
        &mut self,
        c: &Contract,
        scale: f64,
        view: &View,
        how: How,
    ) -> Result<(), LowerError> {
        let sizes: Vec<usize> = c.sizes.iter().map(|size| self.size(*size)).collect::<Result<_, _>>()?;
        // A factor that is 1 at one index settles its last label by the others.
        let mut settled: Vec<Option<usize>> = vec![None; sizes.len()];
        let mut needed = vec![false; sizes.len()];
        for (at, f) in c.factors.iter().enumerate() {
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
        let mut loops: SmallVec<[usize; 6]> = SmallVec::new();
        let all = c.out.iter().map(|l| *l as usize).chain(0..sizes.len());
        all.filter(|l| settled[*l].is_none()).for_each(|l| {
            if !loops.contains(&l) {
                loops.push(l);
            }
        });
        let extents: SmallVec<[usize; 6]> = loops.iter().map(|l| sizes[*l]).collect();
        let mut builder = Builder::new(&extents);
        let mut at: Vec<Index> = vec![Index::fixed(0); sizes.len()];
        for (axis, label) in loops.iter().enumerate() {
            at[*label] = Index::of_loop(axis);
        }
        let mut inside = None;
        for (label, by) in settled.iter().enumerate() {
            let Some(f) = by.map(|by| &c.factors[by]) else { continue };
            if let (Op::OneHot(index, _), Some((_, front))) = (self.graph.op(f.node), f.labels.split_last()) {
                let front: SmallVec<[Index; 3]> = front.iter().map(|l| at[*l as usize].clone()).collect();
                let (index, within) = self.safe_index(&mut builder, *index, &front, sizes[label])?;
                inside = builder.both(inside, within);
                at[label] = index;
            }
        }
        let mut quotient = Quotient::default();
        for (place, f) in c.factors.iter().enumerate() {
            if settled.contains(&Some(place)) {
                continue;
            }
            let places: SmallVec<[Index; 3]> = f.labels.iter().map(|l| at[*l as usize].clone()).collect();
            let base = self.value(&mut builder, f.node, &places)?;
            quotient.take(&mut builder, base, &f.exponent, &places);
        }
        let value = quotient.value(&mut builder, scale);
        let value = builder.defined(inside, value, quotient.beside);
        let out: SmallVec<[Index; 3]> = c.out.iter().map(|l| at[*l as usize].clone()).collect();
        let shape: SmallVec<[usize; 6]> = c.out.iter().map(|l| sizes[*l as usize]).collect();
        let to = builder.access(view, &out, &shape);
        builder.write(value, to, how);
        self.steps.push(Step::Nest(builder.nest));
        Ok(())
    }

    /// The product of the factors of a tree; labels that nothing outside needs are summed over.
    fn join(
        &mut self,
        c: &Contract,
        pieces: &[Piece],
        tree: &Tree,
        kept: &[u8],
        sizes: &[usize],
    ) -> Result<Piece, LowerError> {
        let Some((left, right)) = &tree.halves else {
            let piece = pieces[tree.set.trailing_zeros() as usize].clone();
            return self.reduced(c, piece, kept, sizes);
        };
        let key = order::key(c, tree.set, kept);
        if let Some(view) = self.joins.get(&key) {
            let labels = order::canonical(c, tree.set, kept);
            return Ok(Piece::stored(labels, view.clone()));
        }
        let outside = |half: &Tree, other: &Tree| -> SmallVec<[u8; 6]> {
            let labels = order::labels(pieces, half.set);
            let needed = |l: &u8| kept.contains(l) || order::labels(pieces, other.set).contains(l);
            labels.into_iter().filter(needed).collect()
        };
        let (keep_left, keep_right) = (outside(left, right), outside(right, left));
        let left_piece = self.join(c, pieces, left, &keep_left, sizes)?;
        let right_piece = self.join(c, pieces, right, &keep_right, sizes)?;
        let all: Vec<u8> = left_piece.labels.iter().chain(&right_piece.labels).copied().collect();
        if all.iter().all(|l| kept.contains(l)) {
            return Ok(Piece::both(left_piece, right_piece));
        }
        let whole = tree.set.count_ones() as usize == pieces.len();
        let out = if whole { kept.into() } else { order::canonical(c, tree.set, kept) };
        let symmetric = whole && order::is_symmetric(c);
        // What is joined entry by entry with a factor next lies as that does.
        let mut others = (0..c.factors.len()).filter(|at| !whole && tree.set >> at & 1 == 0);
        let beside = others.find_map(|at| order::like(&out, &c.factors[at].labels));
        let lain = beside.as_ref().unwrap_or(&out);
        let view = match self.product_of(c, &left_piece, &right_piece, lain, sizes, symmetric)? {
            Some(view) => view,
            None => {
                let piece = Piece::both(left_piece, right_piece);
                self.sum_of(c, &piece, lain, sizes)?
            }
        };
        let view = view.turned(lain, &out);
        if !whole {
            self.joins.insert(key, view.clone());
        }
        Ok(Piece::stored(out, view))
    }

    /// A piece with the labels that nobody needs summed over.
    fn reduced(
        &mut self,
        c: &Contract,
        piece: Piece,
        kept: &[u8],
        sizes: &[usize],
    ) -> Result<Piece, LowerError> {
        if piece.labels.iter().all(|l| kept.contains(l)) {
            return Ok(piece);
        }
        let out: SmallVec<[u8; 6]> = piece.labels.iter().copied().filter(|l| kept.contains(l)).collect();
        let view = self.sum_of(c, &piece, &out, sizes)?;
        Ok(Piece::stored(out, view))
    }

    /// The value of a piece at a place, as part of a body.
    fn piece_value(
        &mut self,
        builder: &mut Builder,
        c: &Contract,
        piece: &Piece,
        at: &[Index],
        sizes: &[usize],
    ) -> Result<Value, LowerError> {
        let mut product = None;
        for factor in &piece.factors {
            let f = &c.factors[*factor];
            let at: SmallVec<[Index; 3]> = f.labels.iter().map(|l| at[*l as usize].clone()).collect();
            let base = self.value(builder, f.node, &at)?;
            let value = builder.power(base, &f.exponent);
            product = Some(product.map_or(value, |before| builder.mul(before, value)));
        }
        for (labels, view) in &piece.tensors {
            let at: SmallVec<[Index; 3]> = labels.iter().map(|l| at[*l as usize].clone()).collect();
            let sizes: SmallVec<[usize; 3]> = labels.iter().map(|l| sizes[*l as usize]).collect();
            let access = builder.access(view, &at, &sizes);
            let value = builder.read(access);
            product = Some(product.map_or(value, |before| builder.mul(before, value)));
        }
        Ok(product.unwrap_or_else(|| builder.number(1.0)))
    }

    /// A nest over all labels of a piece that adds up those that are not in `out`.
    fn sum_of(
        &mut self,
        c: &Contract,
        piece: &Piece,
        out: &[u8],
        sizes: &[usize],
    ) -> Result<View, LowerError> {
        let mut loops: SmallVec<[u8; 6]> = out.into();
        for label in &piece.labels {
            if !loops.contains(label) {
                loops.push(*label);
            }
        }
        let sums = loops.len() > out.len();
        let shape: Vec<usize> = out.iter().map(|l| sizes[*l as usize]).collect();
        let view = self.lay(&shape, sums.then_some(0.0))?;
        let extents: SmallVec<[usize; 6]> = loops.iter().map(|l| sizes[*l as usize]).collect();
        let mut builder = Builder::new(&extents);
        let mut at = vec![Index::fixed(0); sizes.len()];
        for (axis, label) in loops.iter().enumerate() {
            at[*label as usize] = Index::of_loop(axis);
        }
        let value = self.piece_value(&mut builder, c, piece, &at, sizes)?;
        let places: SmallVec<[Index; 6]> = (0..out.len()).map(Index::of_loop).collect();
        let to = builder.access(&view, &places, &shape);
        builder.write(value, to, if sums { How::Add } else { How::Set });
        self.steps.push(Step::Nest(builder.nest));
        Ok(view)
    }

    /// A piece as a tensor: where each label steps.
    fn piece_view(
        &mut self,
        c: &Contract,
        piece: &Piece,
        sizes: &[usize],
    ) -> Result<(View, Vec<isize>), LowerError> {
        let mut steps = vec![0; sizes.len()];
        let (labels, view): (SmallVec<[u8; 6]>, View) = match (&piece.factors[..], &piece.tensors[..]) {
            ([factor], []) if c.factors[*factor].exponent.is_one() => {
                let f = &c.factors[*factor];
                (f.labels.clone(), self.view(f.node)?)
            }
            ([], [(labels, view)]) => (labels.clone(), view.clone()),
            _ => {
                let mut factors = piece.factors.iter().map(|at| &c.factors[*at].labels);
                let labels = factors.find_map(|labels| order::like(&piece.labels, labels));
                let labels = labels.unwrap_or_else(|| piece.labels.clone());
                let view = self.sum_of(c, piece, &labels, sizes)?;
                (labels, view)
            }
        };
        for (label, stride) in labels.iter().zip(&view.strides) {
            steps[*label as usize] += stride;
        }
        Ok((view, steps))
    }

    /// The product of two pieces by a matrix product, where it has the form of one and is large enough.
    fn product_of(
        &mut self,
        c: &Contract,
        left: &Piece,
        right: &Piece,
        out: &[u8],
        sizes: &[usize],
        symmetric: bool,
    ) -> Result<Option<View>, LowerError> {
        let (mut rows, mut columns, mut inner) = (Vec::new(), Vec::new(), Vec::new());
        let mut batch: Vec<u8> = Vec::new();
        for label in left.labels.iter().chain(right.labels.iter().filter(|l| !left.labels.contains(l))) {
            match (left.labels.contains(label), right.labels.contains(label), out.contains(label)) {
                (true, true, true) => batch.push(*label),
                (true, true, false) => inner.push(*label),
                (true, false, true) => rows.push(*label),
                (false, true, true) => columns.push(*label),
                _ => return Ok(None),
            }
        }
        let count = |labels: &[u8]| labels.iter().map(|l| sizes[*l as usize]).product::<usize>();
        let (m, n, k) = (count(&rows), count(&columns), count(&inner));
        if m < 2 || n < 2 || k < 2 || m.saturating_mul(n).saturating_mul(k) < MIN_PRODUCT {
            return Ok(None);
        }
        let (left_view, left_steps) = self.piece_view(c, left, sizes)?;
        let (right_view, right_steps) = self.piece_view(c, right, sizes)?;
        let shape: Vec<usize> = out.iter().map(|l| sizes[*l as usize]).collect();
        let mut to_steps = vec![0; sizes.len()];
        let view = self.lay(&shape, None)?;
        out.iter().zip(&view.strides).for_each(|(label, stride)| to_steps[*label as usize] = *stride);
        let all = [&left_steps, &right_steps, &to_steps];
        // Axes that lie behind each other in both tensors count as one.
        let Some(inner) = one_axis(&inner, &all[..2], sizes) else { return Ok(None) };
        let rows = self.split(&rows, &[&left_steps, &to_steps], sizes, &mut batch);
        let columns = self.split(&columns, &[&right_steps, &to_steps], sizes, &mut batch);
        let mut extents: SmallVec<[usize; 3]> = batch.iter().map(|l| sizes[*l as usize]).collect();
        extents.extend([rows.0, columns.0, inner.0]);
        let access = |tensor: TensorId, offset: isize, steps: &[isize], last: [Option<u8>; 3]| {
            let mut strides: Strides = batch.iter().map(|l| steps[*l as usize]).collect();
            strides.extend(last.map(|label| label.map_or(0, |l| steps[l as usize])));
            Access { tensor, offset, strides, picks: SmallVec::new() }
        };
        let (r, n, k) = (Some(rows.1), Some(columns.1), Some(inner.1));
        let product = Product {
            left: access(left_view.tensor, left_view.offset, &left_steps, [r, None, k]),
            right: access(right_view.tensor, right_view.offset, &right_steps, [None, n, k]),
            to: access(view.tensor, 0, &to_steps, [r, n, None]),
            symmetric: symmetric && batch.is_empty() && rows.0 == columns.0,
            extents,
            scale: 1.0,
        };
        self.steps.push(Step::Product(product));
        Ok(Some(view))
    }

    /// The labels as one axis: how long it is, and the label that steps along it. Labels that do not join become batch axes.
    fn split(
        &self,
        labels: &[u8],
        steps: &[&Vec<isize>],
        sizes: &[usize],
        batch: &mut Vec<u8>,
    ) -> (usize, u8) {
        if let Some(joined) = one_axis(labels, steps, sizes) {
            return joined;
        }
        let longest = labels.iter().copied().max_by_key(|l| sizes[*l as usize]).unwrap_or(0);
        batch.extend(labels.iter().filter(|l| **l != longest));
        (sizes[longest as usize], longest)
    }

    /// A piece as a tensor that lies as the node's axes say.
    fn whole_piece(
        &mut self,
        c: &Contract,
        piece: &Piece,
        out: &[u8],
        sizes: &[usize],
    ) -> Result<View, LowerError> {
        if let ([], [(labels, view)]) = (&piece.factors[..], &piece.tensors[..])
            && labels[..] == *out
        {
            return Ok(view.clone());
        }
        self.sum_of(c, piece, out, sizes)
    }
}

/// Labels as one axis, where in each tensor a step of one is as far as all steps of the next.
fn one_axis(labels: &[u8], steps: &[&Vec<isize>], sizes: &[usize]) -> Option<(usize, u8)> {
    let mut ordered = labels.to_vec();
    ordered.sort_by_key(|l| std::cmp::Reverse(steps.first().map_or(0, |s| s[*l as usize].abs())));
    let joins = ordered.windows(2).all(|pair| {
        let (outer, inner) = (pair[0] as usize, pair[1] as usize);
        steps.iter().all(|s| s[outer] == s[inner] * sizes[inner] as isize)
    });
    let last = *ordered.last()?;
    joins.then(|| (labels.iter().map(|l| sizes[*l as usize]).product(), last))
}
