//! Contractions that sum: as one nest, or factor by factor in a cheap order, by matrix products where they are large.

use agnesi_graph::{Contract, Factor, NodeId, Op};
use smallvec::SmallVec;

use super::body::Builder;
use super::index::Index;
use super::order::{self, Joint, Piece, Slice, Tree};
use super::{LowerError, Lowering, SMALL, View};
use crate::ir::{Access, How, Product, Step, Strides, TensorId, Value};

/// Products with fewer terms than this are nests: what a library spends before it multiplies would be lost.
const MIN_PRODUCT: usize = 4096;

impl Lowering<'_> {
    /// A contraction with summed labels, as a tensor.
    pub(super) fn contraction(&mut self, node: NodeId, c: &Contract) -> Result<View, LowerError> {
        let shape = self.shape(node)?;
        self.contraction_of(c, &shape, self.dense.contains(&node))
    }

    /// The same of any contraction: its shape, and whether it is needed as it lies.
    pub(super) fn contraction_of(
        &mut self,
        c: &Contract,
        shape: &[usize],
        dense: bool,
    ) -> Result<View, LowerError> {
        let joint = self.joint(c)?;
        let picks = joint.c.factors.iter().any(|f| self.is_hot(f));
        if !picks && joint.c.factors.len() > 1 && c.coefficient.is_one() {
            let pieces: Vec<Piece> = (0..joint.c.factors.len()).map(|at| Piece::factor(&joint, at)).collect();
            let all = order::trips(pieces.iter().flat_map(|p| &p.labels), &joint.sizes);
            if all > SMALL {
                let tree = self.best_order(&joint, &pieces, &c.out);
                // A library multiplies several times faster than a nest.
                if tree.cost <= all.saturating_mul(2) {
                    let piece = self.join(&joint, &pieces, &tree, &c.out)?;
                    return self.whole_piece(&joint, &piece, &c.out);
                }
            }
        }
        let loops = !self.is_plain_output(c);
        let start = loops.then_some(0.0);
        let view = if dense {
            let tensor = self.declare(shape.to_vec(), start)?;
            self.whole(tensor)
        } else {
            self.lay(shape, start)?
        };
        let how = if loops { How::Add } else { How::Set };
        let once = self.nest_of(c, c.coefficient.to_f64(), &view, how)?;
        // What is summed before the indices are applied leaves nothing to add up.
        if once && let Some(Step::Nest(nest)) = self.steps.last_mut() {
            nest.writes.iter_mut().for_each(|write| write.how = How::Set);
            self.program.tensors[view.tensor.index()].start = None;
        }
        Ok(view)
    }

    pub(super) fn is_hot(&self, f: &Factor) -> bool {
        matches!(self.graph.op(f.node), Op::OneHot(..))
    }

    pub(super) fn best_order(&self, joint: &Joint, pieces: &[Piece], kept: &[u8]) -> Tree {
        order::best(pieces, kept, &joint.sizes, |set, kept| {
            self.joins.contains_key(&order::key(joint, set, kept))
        })
    }

    /// A contraction without its slices: where an axis is picked by numbers that are known, it moves with the labels that
    /// these depend on.
    pub(super) fn joint(&self, c: &Contract) -> Result<Joint, LowerError> {
        let sizes: Vec<usize> = c.sizes.iter().map(|size| self.size(*size)).collect::<Result<_, _>>()?;
        let mut settled: Vec<Option<Slice>> = vec![None; sizes.len()];
        let mut rest = c.clone();
        let mut factors: Vec<Factor> = Vec::with_capacity(c.factors.len());
        for (at, f) in c.factors.iter().enumerate() {
            let others = || c.factors.iter().enumerate().filter(|(i, g)| *i != at && self.is_hot(g));
            // No other index has to do with the label, or points at one that it follows.
            let apart = |last: u8, slice: &Slice| {
                !c.out.contains(&last)
                    && others().all(|(_, g)| {
                        let points = g.labels.last();
                        !g.labels.contains(&last) && slice.terms.iter().all(|(l, _)| points != Some(l))
                    })
            };
            match self.slice(f, &sizes)?.filter(|(last, slice)| apart(*last, slice)) {
                Some((last, slice)) => settled[last as usize] = Some(slice),
                None => factors.push(f.clone()),
            }
        }
        rest.factors = factors.into();
        Ok(Joint { c: rest, sizes, settled })
    }

    /// The label that a factor settles, where it does so by numbers that are known.
    fn slice(&self, f: &Factor, sizes: &[usize]) -> Result<Option<(u8, Slice)>, LowerError> {
        let (Op::OneHot(index, size), Some((last, front))) = (self.graph.op(f.node), f.labels.split_last())
        else {
            return Ok(None);
        };
        if front.contains(last) || !f.exponent.is_one() {
            return Ok(None);
        }
        let at: SmallVec<[Index; 3]> = front.iter().map(|l| Index::of_loop(*l as usize)).collect();
        let Some((offset, terms)) = self.affine(*index, &at) else { return Ok(None) };
        let index = Index::Affine { offset: offset - 1, terms: terms.clone() };
        if !index.within(sizes, self.size(*size)?) {
            return Ok(None);
        }
        let terms = terms.into_iter().map(|(label, far)| (label as u8, far)).collect();
        Ok(Some((*last, Slice { offset: offset - 1, terms })))
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

    /// The product of the factors of a tree; labels that nothing outside needs are summed over.
    pub(super) fn join(
        &mut self,
        joint: &Joint,
        pieces: &[Piece],
        tree: &Tree,
        kept: &[u8],
    ) -> Result<Piece, LowerError> {
        let Some((left, right)) = &tree.halves else {
            let piece = pieces[tree.set.trailing_zeros() as usize].clone();
            return self.reduced(joint, piece, kept);
        };
        let key = order::key(joint, tree.set, kept);
        if let Some(view) = self.joins.get(&key) {
            let labels = order::canonical(joint, tree.set, kept);
            return Ok(Piece::stored(labels, view.clone()));
        }
        let outside = |half: &Tree, other: &Tree| -> SmallVec<[u8; 6]> {
            let labels = order::labels(pieces, half.set);
            let needed = |l: &u8| kept.contains(l) || order::labels(pieces, other.set).contains(l);
            labels.into_iter().filter(needed).collect()
        };
        let (keep_left, keep_right) = (outside(left, right), outside(right, left));
        let left_piece = self.join(joint, pieces, left, &keep_left)?;
        let right_piece = self.join(joint, pieces, right, &keep_right)?;
        let all: Vec<u8> = left_piece.labels.iter().chain(&right_piece.labels).copied().collect();
        if all.iter().all(|l| kept.contains(l)) {
            return Ok(Piece::both(left_piece, right_piece));
        }
        let whole = tree.set.count_ones() as usize == pieces.len();
        let out = if whole { kept.into() } else { order::canonical(joint, tree.set, kept) };
        let symmetric = whole && joint.is_plain() && order::is_symmetric(&joint.c);
        // What is joined entry by entry with a factor next lies as that does.
        let mut others = (0..joint.c.factors.len()).filter(|at| !whole && tree.set >> at & 1 == 0);
        let beside = others.find_map(|at| order::like(&out, &joint.c.factors[at].labels));
        let lain = beside.as_ref().unwrap_or(&out);
        let view = match self.product_of(joint, &left_piece, &right_piece, lain, symmetric)? {
            Some(view) => view,
            None => {
                let piece = Piece::both(left_piece, right_piece);
                self.sum_of(joint, &piece, lain)?
            }
        };
        let view = view.turned(lain, &out);
        let named = order::canonical(joint, tree.set, kept);
        self.joins.insert(key, view.clone().turned(&out, &named));
        Ok(Piece::stored(out, view))
    }

    /// A piece with the labels that nobody needs summed over.
    fn reduced(&mut self, joint: &Joint, piece: Piece, kept: &[u8]) -> Result<Piece, LowerError> {
        if piece.labels.iter().all(|l| kept.contains(l)) {
            return Ok(piece);
        }
        let out: SmallVec<[u8; 6]> = piece.labels.iter().copied().filter(|l| kept.contains(l)).collect();
        let view = self.sum_of(joint, &piece, &out)?;
        Ok(Piece::stored(out, view))
    }

    /// The value of a piece at a place, as part of a body.
    pub(super) fn piece_value(
        &mut self,
        builder: &mut Builder,
        joint: &Joint,
        piece: &Piece,
        at: &[Index],
    ) -> Result<Value, LowerError> {
        let mut product = None;
        for factor in &piece.factors {
            let f = &joint.c.factors[*factor];
            let at: SmallVec<[Index; 3]> = f.labels.iter().map(|l| at[*l as usize].clone()).collect();
            let base = self.value(builder, f.node, &at)?;
            let value = builder.power(base, &f.exponent);
            product = Some(product.map_or(value, |before| builder.mul(before, value)));
        }
        for (labels, view) in &piece.tensors {
            let at: SmallVec<[Index; 3]> = labels.iter().map(|l| at[*l as usize].clone()).collect();
            let sizes: SmallVec<[usize; 3]> = labels.iter().map(|l| joint.sizes[*l as usize]).collect();
            let access = builder.access(view, &at, &sizes);
            let value = builder.read(access);
            product = Some(product.map_or(value, |before| builder.mul(before, value)));
        }
        Ok(product.unwrap_or_else(|| builder.number(1.0)))
    }

    /// A nest over all labels of a piece that adds up those that are not in `out`.
    fn sum_of(&mut self, joint: &Joint, piece: &Piece, out: &[u8]) -> Result<View, LowerError> {
        let mut loops: SmallVec<[u8; 6]> = out.into();
        for label in &piece.labels {
            if !loops.contains(label) {
                loops.push(*label);
            }
        }
        let sums = loops.len() > out.len();
        let shape: Vec<usize> = out.iter().map(|l| joint.sizes[*l as usize]).collect();
        let view = self.lay(&shape, sums.then_some(0.0))?;
        let extents: SmallVec<[usize; 6]> = loops.iter().map(|l| joint.sizes[*l as usize]).collect();
        let mut builder = Builder::new(&extents);
        let mut at = vec![Index::fixed(0); joint.sizes.len()];
        for (axis, label) in loops.iter().enumerate() {
            at[*label as usize] = Index::of_loop(axis);
        }
        let value = self.piece_value(&mut builder, joint, piece, &joint.places(at))?;
        let places: SmallVec<[Index; 6]> = (0..out.len()).map(Index::of_loop).collect();
        let to = builder.access(&view, &places, &shape);
        builder.write(value, to, if sums { How::Add } else { How::Set });
        self.steps.push(Step::Nest(builder.nest));
        Ok(view)
    }

    /// A piece as a tensor: where each label steps.
    fn piece_view(&mut self, joint: &Joint, piece: &Piece) -> Result<(View, Vec<isize>), LowerError> {
        let mut steps = vec![0; joint.sizes.len()];
        let (labels, mut view): (SmallVec<[u8; 6]>, View) = match (&piece.factors[..], &piece.tensors[..]) {
            ([factor], []) if joint.c.factors[*factor].exponent.is_one() => {
                let f = &joint.c.factors[*factor];
                (f.labels.clone(), self.view(f.node)?)
            }
            ([], [(labels, view)]) => (labels.clone(), view.clone()),
            _ => {
                let mut factors = piece.factors.iter().map(|at| &joint.c.factors[*at].labels);
                let labels = factors.find_map(|labels| order::like(&piece.labels, labels));
                let labels = labels.unwrap_or_else(|| piece.labels.clone());
                let view = self.sum_of(joint, piece, &labels)?;
                (labels, view)
            }
        };
        let mut offset = view.offset;
        for (label, stride) in labels.iter().zip(&view.strides) {
            match joint.slice(*label) {
                Some(slice) => {
                    offset += slice.offset * stride;
                    slice.terms.iter().for_each(|(label, far)| steps[*label as usize] += far * stride);
                }
                None => steps[*label as usize] += stride,
            }
        }
        view.offset = offset;
        Ok((view, steps))
    }

    /// The product of two pieces by a matrix product, where it has the form of one and is large enough.
    fn product_of(
        &mut self,
        joint: &Joint,
        left: &Piece,
        right: &Piece,
        out: &[u8],
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
        let count = |labels: &[u8]| labels.iter().map(|l| joint.sizes[*l as usize]).product::<usize>();
        let (m, n, k) = (count(&rows), count(&columns), count(&inner));
        if m < 2 || n < 2 || k < 2 || m.saturating_mul(n).saturating_mul(k) < MIN_PRODUCT {
            return Ok(None);
        }
        let (left_view, left_steps) = self.piece_view(joint, left)?;
        let (right_view, right_steps) = self.piece_view(joint, right)?;
        let shape: Vec<usize> = out.iter().map(|l| joint.sizes[*l as usize]).collect();
        let mut to_steps = vec![0; joint.sizes.len()];
        let view = self.lay(&shape, None)?;
        out.iter().zip(&view.strides).for_each(|(label, stride)| to_steps[*label as usize] = *stride);
        let all = [&left_steps, &right_steps, &to_steps];
        // Axes that lie behind each other in both tensors count as one.
        let sizes = &joint.sizes[..];
        let Some(inner) = one_axis(&inner, &all[..2], sizes) else { return Ok(None) };
        let rows = self.split(&rows, &[&left_steps, &to_steps], sizes, &mut batch);
        let columns = self.split(&columns, &[&right_steps, &to_steps], sizes, &mut batch);
        let mut extents: SmallVec<[usize; 3]> = batch.iter().map(|l| joint.sizes[*l as usize]).collect();
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
    fn whole_piece(&mut self, joint: &Joint, piece: &Piece, out: &[u8]) -> Result<View, LowerError> {
        if let ([], [(labels, view)]) = (&piece.factors[..], &piece.tensors[..])
            && labels.len() == out.len()
            && labels.iter().all(|label| out.contains(label))
        {
            return Ok(view.clone().turned(labels, out));
        }
        self.sum_of(joint, piece, out)
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
