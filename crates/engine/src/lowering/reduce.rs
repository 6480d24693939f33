//! Reductions: what is left of many numbers.

use agnesi_functions::FunctionId;
use agnesi_graph::{NodeId, Reduction, known};
use smallvec::SmallVec;

use super::body::Builder;
use super::index::Index;
use super::{LowerError, Lowering, View};
use crate::ir::{How, Scalar, Step, TensorId, Test, Value};

impl Lowering<'_> {
    /// The last axes of a node taken together.
    pub(super) fn reduction(
        &mut self,
        node: NodeId,
        how: Reduction,
        inner: NodeId,
        axes: usize,
    ) -> Result<View, LowerError> {
        let all = self.shape(inner)?;
        let kept = self.shape(node)?;
        let one_by_one = |_: &mut Builder, x: Value, _: usize| x;
        let tensor = match how {
            Reduction::Max => self.reduce_with(inner, &all, axes, How::Max, one_by_one)?,
            Reduction::Min => self.reduce_with(inner, &all, axes, How::Min, one_by_one)?,
            Reduction::Product => self.reduce_with(inner, &all, axes, How::Multiply, one_by_one)?,
            Reduction::ArgMax => {
                self.keep(inner)?;
                let top = self.reduce_with(inner, &all, axes, How::Max, one_by_one)?;
                // The first place at which the largest stands; NaN where an entry is.
                let shape = kept.clone();
                self.reduce_with(inner, &all, axes, How::Min, move |builder, x, last| {
                    let access = builder.whole(top, &shape);
                    let top = builder.read(access);
                    let here = builder.push(Scalar::Compare(Test::Equal, x, top));
                    let trip = builder.push(Scalar::Trip(last as u32));
                    let known = builder.push(Scalar::Compare(Test::Equal, top, top));
                    let (inf, nan) = (builder.number(f64::INFINITY), builder.number(f64::NAN));
                    let elsewhere = builder.push(Scalar::Select(known, inf, nan));
                    builder.push(Scalar::Select(here, trip, elsewhere))
                })?
            }
            Reduction::LogSumExp => {
                self.keep(inner)?;
                let top = self.reduce_with(inner, &all, axes, How::Max, one_by_one)?;
                let shape = kept.clone();
                // Shifted by the largest, unless that is infinite.
                let shift = move |builder: &mut Builder| {
                    let access = builder.whole(top, &shape);
                    let top = builder.read(access);
                    let size = builder.push(Scalar::Call1(known().abs, top));
                    let (inf, zero) = (builder.number(f64::INFINITY), builder.number(0.0));
                    let finite = builder.push(Scalar::Compare(Test::Less, size, inf));
                    builder.push(Scalar::Select(finite, top, zero))
                };
                let exponential: FunctionId = known().exp;
                let shifted = shift.clone();
                let sum = self.reduce_with(inner, &all, axes, How::Add, move |builder, x, _| {
                    let shift = shifted(builder);
                    let difference = builder.push(Scalar::Sub(x, shift));
                    builder.push(Scalar::Call1(exponential, difference))
                })?;
                let tensor = self.declare(kept.clone(), None)?;
                let mut builder = Builder::new(&kept);
                let access = builder.whole(sum, &kept);
                let sum = builder.read(access);
                let log = builder.push(Scalar::Call1(known().log, sum));
                let shift = shift(&mut builder);
                let value = builder.add(log, shift);
                let to = builder.whole(tensor, &kept);
                builder.write(value, to, How::Set);
                self.steps.push(Step::Nest(builder.nest));
                tensor
            }
        };
        Ok(self.whole(tensor))
    }

    /// Stores what is read more than once, where it is computed at all.
    fn keep(&mut self, node: NodeId) -> Result<(), LowerError> {
        if self.is_work(node) { self.view(node).map(drop) } else { Ok(()) }
    }

    /// One pass over the entries of a node: `of` makes of each, at the loop that counts along the last axis, what is joined.
    fn reduce_with(
        &mut self,
        inner: NodeId,
        all: &[usize],
        axes: usize,
        how: How,
        of: impl FnOnce(&mut Builder, Value, usize) -> Value,
    ) -> Result<TensorId, LowerError> {
        let kept = &all[..all.len().saturating_sub(axes)];
        let start = match how {
            How::Set | How::Add => 0.0,
            How::Multiply => 1.0,
            How::Max => f64::NEG_INFINITY,
            How::Min => f64::INFINITY,
        };
        let tensor = self.declare(kept.to_vec(), Some(start))?;
        let mut builder = Builder::new(all);
        let at: SmallVec<[Index; 3]> = (0..all.len()).map(Index::of_loop).collect();
        let value = self.value(&mut builder, inner, &at)?;
        let value = of(&mut builder, value, all.len().saturating_sub(1));
        let to = builder.whole(tensor, kept);
        builder.write(value, to, how);
        self.steps.push(Step::Nest(builder.nest));
        Ok(tensor)
    }
}
