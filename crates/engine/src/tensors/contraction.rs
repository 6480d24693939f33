//! Contractions: factors are joined two at a time, the pair first that leaves the least behind. One-hot factors are never
//! stored: along a label that they are joined by they gather, along an output they scatter.

use std::borrow::Cow;

use super::entry::Entry;
use super::error::InterpretError;
use super::interpret::limit;
use super::tensor::{Tensor, volume, walk};

/// The most products in one join.
const MOST_PRODUCTS: f64 = (1u64 << 34) as f64;

/// A dense factor under way.
pub(super) struct Piece<'a, E: Clone> {
    pub labels: Vec<u8>,
    pub data: Cow<'a, [E]>,
}

/// A factor that is 1 where `label` is the index at `labels`, else 0. Indices are counted from 0.
#[derive(Clone)]
pub(super) struct Hot<'a> {
    pub labels: Vec<u8>,
    pub index: Cow<'a, [usize]>,
    pub label: u8,
}

/// How far a step along each label goes in a tensor with these labels.
pub(super) fn strides(sizes: &[usize], labels: &[u8]) -> Vec<usize> {
    let mut steps = vec![0; sizes.len()];
    let mut step = 1;
    for l in labels.iter().rev() {
        steps[*l as usize] += step;
        step *= sizes[*l as usize];
    }
    steps
}

fn chosen(all: &[usize], labels: &[u8]) -> Vec<usize> {
    labels.iter().map(|l| all[*l as usize]).collect()
}

fn distinct(labels: &[u8]) -> Vec<u8> {
    let mut found: Vec<u8> = Vec::with_capacity(labels.len());
    labels.iter().for_each(|l| {
        if !found.contains(l) {
            found.push(*l);
        }
    });
    found
}

fn entries<E: Entry>(sizes: &[usize], labels: &[u8]) -> Result<usize, InterpretError> {
    volume(&chosen(sizes, labels)).filter(|n| *n <= limit::<E>()).ok_or(InterpretError::Limit)
}

/// The value of `scalar * sum over labels not in out of the product of the factors`.
///
/// # Errors
/// Too many entries or products.
pub(super) fn contract<E: Entry>(
    scalar: E,
    pieces: Vec<Piece<'_, E>>,
    hots: Vec<Hot<'_>>,
    out: &[u8],
    sizes: &[usize],
) -> Result<Tensor<E>, InterpretError> {
    let mut work = Work { scalar, pieces, hots, dropped: Vec::new(), out, sizes };
    while work.resolve_hots()? {}
    work.drop_hots();
    work.count_absent();
    work.join_all()?;
    work.finish()
}

struct Work<'a, 'b, E: Entry> {
    scalar: E,
    pieces: Vec<Piece<'a, E>>,
    hots: Vec<Hot<'a>>,
    /// Labels whose sum a one-hot factor has taken.
    dropped: Vec<u8>,
    out: &'b [u8],
    sizes: &'b [usize],
}

impl<'a, E: Entry> Work<'a, '_, E> {
    /// One step towards one-hot factors whose label stands nowhere else but in the output; whether there was one.
    fn resolve_hots(&mut self) -> Result<bool, InterpretError> {
        for at in 0..self.hots.len() {
            let hot = &self.hots[at];
            let label = hot.label;
            if hot.labels.contains(&label) || distinct(&hot.labels).len() != hot.labels.len() {
                let hot = self.hots.remove(at);
                self.simplify(hot)?;
                return Ok(true);
            }
            let elsewhere = self.pieces.iter().any(|p| p.labels.contains(&label))
                || self
                    .hots
                    .iter()
                    .enumerate()
                    .any(|(i, h)| i != at && (h.labels.contains(&label) || h.label == label));
            if !elsewhere {
                continue;
            }
            let hot = hot.clone();
            for piece in &mut self.pieces {
                if piece.labels.contains(&label) {
                    let (labels, data) = gather::<E, E>(&piece.labels, &piece.data, &hot, self.sizes)?;
                    *piece = Piece { labels, data: Cow::Owned(data) };
                }
            }
            let mut others = Vec::with_capacity(self.hots.len());
            for (i, mut other) in std::mem::take(&mut self.hots).into_iter().enumerate() {
                if i != at && other.labels.contains(&label) {
                    let (labels, index) = gather::<usize, E>(&other.labels, &other.index, &hot, self.sizes)?;
                    other = Hot { labels, index: Cow::Owned(index), label: other.label };
                }
                if i != at && other.label == label {
                    let piece = self.equal(&hot, &other)?;
                    self.pieces.push(piece);
                } else {
                    others.push(other);
                }
            }
            self.hots = others;
            return Ok(true);
        }
        Ok(false)
    }

    /// A one-hot factor with a label repeated: the diagonal of its index, or, where the label itself is among those of
    /// the index, a dense factor.
    fn simplify(&mut self, hot: Hot<'a>) -> Result<(), InterpretError> {
        let labels = distinct(&hot.labels);
        entries::<E>(self.sizes, &labels)?;
        let steps = chosen(&strides(self.sizes, &hot.labels), &labels);
        let mut index = Vec::new();
        walk(&chosen(self.sizes, &labels), [&steps], |[i]| index.push(hot.index[i]));
        if !labels.contains(&hot.label) {
            self.hots.push(Hot { labels, index: Cow::Owned(index), label: hot.label });
            return Ok(());
        }
        let own = chosen(&strides(self.sizes, &[hot.label]), &labels);
        let mut data = Vec::with_capacity(index.len());
        let mut next = index.iter();
        walk(&chosen(self.sizes, &labels), [&own], |[i]| {
            data.push(E::lift((next.next() == Some(&i)) as u8 as f64));
        });
        self.pieces.push(Piece { labels, data: Cow::Owned(data) });
        Ok(())
    }

    /// Where two indices agree.
    fn equal(&self, a: &Hot<'_>, b: &Hot<'_>) -> Result<Piece<'a, E>, InterpretError> {
        let mut labels = a.labels.clone();
        labels.extend(&b.labels);
        let labels = distinct(&labels);
        let mut data = Vec::with_capacity(entries::<E>(self.sizes, &labels)?);
        let first = chosen(&strides(self.sizes, &a.labels), &labels);
        let second = chosen(&strides(self.sizes, &b.labels), &labels);
        walk(&chosen(self.sizes, &labels), [&first, &second], |[i, j]| {
            data.push(E::lift((a.index[i] == b.index[j]) as u8 as f64));
        });
        Ok(Piece { labels, data: Cow::Owned(data) })
    }

    /// A one-hot factor whose label is nowhere else sums to 1.
    fn drop_hots(&mut self) {
        let out = self.out;
        let dropped = &mut self.dropped;
        self.hots.retain(|hot| {
            let kept = out.contains(&hot.label);
            if !kept {
                dropped.push(hot.label);
            }
            kept
        });
    }

    /// A summed label in no factor counts its size.
    fn count_absent(&mut self) {
        for label in 0..self.sizes.len() as u8 {
            let present = self.out.contains(&label)
                || self.dropped.contains(&label)
                || self.pieces.iter().any(|p| p.labels.contains(&label))
                || self.hots.iter().any(|h| h.labels.contains(&label));
            if !present {
                self.scalar = self.scalar.scale(self.sizes[label as usize] as f64);
            }
        }
    }

    /// Whether a label is wanted beside these pieces.
    fn wanted(&self, label: u8, beside: &[usize]) -> bool {
        self.out.contains(&label)
            || self.hots.iter().any(|h| h.labels.contains(&label))
            || self.pieces.iter().enumerate().any(|(i, p)| !beside.contains(&i) && p.labels.contains(&label))
    }

    fn join_all(&mut self) -> Result<(), InterpretError> {
        for at in 0..self.pieces.len() {
            let labels = distinct(&self.pieces[at].labels);
            let kept: Vec<u8> = labels.iter().copied().filter(|l| self.wanted(*l, &[at])).collect();
            if kept.len() < self.pieces[at].labels.len() {
                let summed: Vec<u8> = labels.iter().copied().filter(|l| !kept.contains(l)).collect();
                let data = reduced(&self.pieces[at], &kept, &summed, self.sizes);
                self.pieces[at] = Piece { labels: kept, data: Cow::Owned(data) };
            }
        }
        let mut at = 0;
        while at < self.pieces.len() {
            if self.pieces[at].labels.is_empty() {
                let piece = self.pieces.swap_remove(at);
                if let Some(value) = piece.data.first() {
                    self.scalar = self.scalar * *value;
                }
            } else {
                at += 1;
            }
        }
        while self.pieces.len() > 1 {
            let mut best: Option<((f64, f64), usize, usize)> = None;
            for i in 0..self.pieces.len() {
                for j in i + 1..self.pieces.len() {
                    let cost = self.cost(i, j);
                    if best.is_none_or(|(least, _, _)| cost < least) {
                        best = Some((cost, i, j));
                    }
                }
            }
            let Some(((_, products), i, j)) = best else { break };
            if products > MOST_PRODUCTS {
                return Err(InterpretError::Limit);
            }
            let kept = self.kept(i, j);
            let second = self.pieces.swap_remove(j);
            let first = self.pieces.swap_remove(i);
            let joined = join(first, second, &kept, self.sizes)?;
            self.pieces.push(joined);
        }
        Ok(())
    }

    fn kept(&self, i: usize, j: usize) -> Vec<u8> {
        let mut all = self.pieces[i].labels.clone();
        all.extend(&self.pieces[j].labels);
        distinct(&all).into_iter().filter(|l| self.wanted(*l, &[i, j])).collect()
    }

    /// What a join adds to what is stored, and how many products it takes.
    fn cost(&self, i: usize, j: usize) -> (f64, f64) {
        let (a, b) = (&self.pieces[i], &self.pieces[j]);
        let count = |labels: &[u8]| labels.iter().map(|l| self.sizes[*l as usize] as f64).product::<f64>();
        let mut all = a.labels.clone();
        all.extend(&b.labels);
        let all = distinct(&all);
        let kept: Vec<u8> = all.iter().copied().filter(|l| self.wanted(*l, &[i, j])).collect();
        (count(&kept) - a.data.len() as f64 - b.data.len() as f64, count(&all))
    }

    /// The one piece that is left, spread over the output.
    fn finish(self) -> Result<Tensor<E>, InterpretError> {
        let shape = chosen(self.sizes, self.out);
        let count = entries::<E>(self.sizes, self.out)?;
        let (labels, mut data) = match self.pieces.into_iter().next() {
            Some(piece) => (piece.labels, piece.data.into_owned()),
            None => (Vec::new(), vec![E::lift(1.0)]),
        };
        data.iter_mut().for_each(|x| *x = self.scalar * *x);
        if labels == self.out && self.hots.is_empty() {
            return Ok(Tensor { shape, data });
        }
        let mut over = self.out.to_vec();
        over.retain(|l| !self.hots.iter().any(|h| h.label == *l));
        self.hots.iter().for_each(|h| over.extend(&h.labels));
        let over = distinct(&over);
        entries::<E>(self.sizes, &over)?;
        let sizes = chosen(self.sizes, &over);
        let source = chosen(&strides(self.sizes, &labels), &over);
        let all = strides(self.sizes, self.out);
        let target = chosen(&all, &over);
        let mut result = vec![E::lift(0.0); count];
        let mut moved: Vec<usize> = Vec::new();
        for hot in &self.hots {
            let steps = chosen(&strides(self.sizes, &hot.labels), &over);
            let mut at = 0;
            let first = moved.is_empty();
            walk(&sizes, [&steps], |[i]| {
                let step = hot.index[i] * all[hot.label as usize];
                if first {
                    moved.push(step);
                } else {
                    moved[at] += step;
                }
                at += 1;
            });
        }
        let mut at = 0;
        walk(&sizes, [&source, &target], |[from, to]| {
            let to = to + moved.get(at).copied().unwrap_or(0);
            result[to] = result[to] + data[from];
            at += 1;
        });
        Ok(Tensor { shape, data: result })
    }
}

/// A tensor with the axis of the hot label replaced by the axes of the index.
fn gather<T: Copy, E: Entry>(
    labels: &[u8],
    data: &[T],
    hot: &Hot<'_>,
    sizes: &[usize],
) -> Result<(Vec<u8>, Vec<T>), InterpretError> {
    let mut kept: Vec<u8> = labels.iter().copied().filter(|l| *l != hot.label).collect();
    kept.extend(&hot.labels);
    let kept = distinct(&kept);
    let mut found = Vec::with_capacity(entries::<E>(sizes, &kept)?);
    let all = strides(sizes, labels);
    let along = all[hot.label as usize];
    let (source, index) = (chosen(&all, &kept), chosen(&strides(sizes, &hot.labels), &kept));
    walk(&chosen(sizes, &kept), [&source, &index], |[i, j]| found.push(data[i + along * hot.index[j]]));
    Ok((kept, found))
}

/// Diagonals taken and labels summed.
fn reduced<E: Entry>(piece: &Piece<'_, E>, kept: &[u8], summed: &[u8], sizes: &[usize]) -> Vec<E> {
    let all = strides(sizes, &piece.labels);
    let (outer, inner) = (chosen(&all, kept), chosen(&all, summed));
    let inner_sizes = chosen(sizes, summed);
    let mut data = Vec::new();
    walk(&chosen(sizes, kept), [&outer], |[start]| {
        let mut sum = E::lift(0.0);
        walk(&inner_sizes, [&inner], |[i]| sum = sum + piece.data[start + i]);
        data.push(sum);
    });
    data
}

/// The entries with the axes in another order.
fn ordered<'p, E: Entry>(piece: &'p Piece<'_, E>, order: &[u8], sizes: &[usize]) -> Cow<'p, [E]> {
    if piece.labels == order {
        return Cow::Borrowed(&piece.data);
    }
    let steps = chosen(&strides(sizes, &piece.labels), order);
    let mut data = Vec::with_capacity(piece.data.len());
    walk(&chosen(sizes, order), [&steps], |[i]| data.push(piece.data[i]));
    Cow::Owned(data)
}

fn join<'a, E: Entry>(
    a: Piece<'a, E>,
    b: Piece<'a, E>,
    kept: &[u8],
    sizes: &[usize],
) -> Result<Piece<'a, E>, InterpretError> {
    let part = |from: &Piece<'_, E>, other: &Piece<'_, E>, shared: bool, wanted: bool| -> Vec<u8> {
        let fits = |l: &u8| other.labels.contains(l) == shared && kept.contains(l) == wanted;
        from.labels.iter().copied().filter(fits).collect()
    };
    let batch = part(&a, &b, true, true);
    let inner = part(&a, &b, true, false);
    let (left, right) = (part(&a, &b, false, true), part(&b, &a, false, true));
    let labels: Vec<u8> = batch.iter().chain(&left).chain(&right).copied().collect();
    let count = entries::<E>(sizes, &labels)?;
    let number = |labels: &[u8]| chosen(sizes, labels).iter().product::<usize>();
    let (batches, rows, columns, depth) = (number(&batch), number(&left), number(&right), number(&inner));
    let order = |parts: [&[u8]; 3]| parts.concat();
    let first = ordered(&a, &order([&batch, &left, &inner]), sizes);
    let mut data = vec![E::lift(0.0); count];
    if rows == 1 && columns == 1 && depth == 1 {
        let second = ordered(&b, &order([&batch, &right, &inner]), sizes);
        let pairs = first.iter().zip(second.iter());
        data.iter_mut().zip(pairs).for_each(|(c, (x, y))| *c = *x * *y);
    } else if columns < 4 {
        // Rows of one by rows of the other.
        let second = ordered(&b, &order([&batch, &right, &inner]), sizes);
        for group in 0..batches {
            for i in 0..rows {
                let row = &first[(group * rows + i) * depth..][..depth];
                for j in 0..columns {
                    let other = &second[(group * columns + j) * depth..][..depth];
                    let sum = row.iter().zip(other).fold(E::lift(0.0), |sum, (x, y)| sum + *x * *y);
                    data[(group * rows + i) * columns + j] = sum;
                }
            }
        }
    } else {
        // Multiples of rows added up, so that the innermost loop runs along memory.
        let second = ordered(&b, &order([&batch, &inner, &right]), sizes);
        for group in 0..batches {
            for i in 0..rows {
                let target = &mut data[(group * rows + i) * columns..][..columns];
                for k in 0..depth {
                    let x = first[(group * rows + i) * depth + k];
                    let row = &second[(group * depth + k) * columns..][..columns];
                    target.iter_mut().zip(row).for_each(|(c, y)| *c = *c + x * *y);
                }
            }
        }
    }
    Ok(Piece { labels, data: Cow::Owned(data) })
}
