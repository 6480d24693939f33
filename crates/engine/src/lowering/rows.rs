//! States of loops to which each step adds few entries, as a recurrence does: rows that are computed, then added in place.

use agnesi_graph::{Contract, LoopState, NodeId, Op, Rational};
use smallvec::SmallVec;

use super::body::Builder;
use super::index::Index;
use super::{LowerError, Lowering, View};
use crate::ir::{How, Step};

/// What a step adds to a row of a state.
pub(super) struct Row {
    /// The row.
    value: Contract,
    scale: f64,
    /// Which row it is: an axis, the index on it, and how long it is. The axes are those that are left by the picks before.
    picks: SmallVec<[(usize, NodeId, usize); 2]>,
}

impl Lowering<'_> {
    /// What is added to rows of a state in each step, where that is all that happens to it.
    pub(super) fn rows(
        &self,
        state: &LoopState,
        states: &[LoopState],
    ) -> Result<Option<Vec<Row>>, LowerError> {
        let graph = self.graph;
        let symbol = graph.symbol_node(state.symbol);
        let Op::Add(sum) = graph.op(state.next) else { return Ok(None) };
        let (own, others): (Vec<_>, Vec<_>) = sum.terms.iter().partition(|(_, term)| *term == symbol);
        if !matches!(own[..], [(one, _)] if one.is_one()) {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for (c, term) in others {
            let Some(row) = self.row(*term, c.to_f64(), states)? else { return Ok(None) };
            rows.push(row);
        }
        Ok(Some(rows))
    }

    /// A term that is 0 but in one row, whose number depends on no state.
    fn row(&self, term: NodeId, scale: f64, states: &[LoopState]) -> Result<Option<Row>, LowerError> {
        let Op::Contract(c) = self.graph.op(term) else { return Ok(None) };
        let mut value = Contract::clone(c);
        let scale = scale * value.coefficient.to_f64();
        value.coefficient = Rational::ONE;
        let mut picks = SmallVec::new();
        while let Some((at, index, label)) = self.pick_of(&value) {
            if states.iter().any(|state| self.graph.contains(index, state.symbol)) {
                return Ok(None);
            }
            value.factors.remove(at);
            let axis = value.out.iter().position(|l| *l == label).unwrap_or(0);
            value.out.remove(axis);
            picks.push((axis, index, self.size(value.sizes.remove(label as usize))?));
            let labels = value.factors.iter_mut().flat_map(|f| &mut f.labels).chain(&mut value.out);
            labels.filter(|l| **l > label).for_each(|l| *l -= 1);
        }
        Ok((!picks.is_empty()).then_some(Row { value, scale, picks }))
    }

    /// A factor that is 1 at one index of an axis of the result, and the only one on that axis: its place, the index and the
    /// label of the axis.
    fn pick_of(&self, c: &Contract) -> Option<(usize, NodeId, u8)> {
        let count = |label: u8| {
            let labels = c.factors.iter().flat_map(|f| &f.labels);
            (labels.filter(|l| **l == label).count(), c.out.iter().filter(|l| **l == label).count())
        };
        c.factors.iter().enumerate().find_map(|(at, f)| match (self.graph.op(f.node), &f.labels[..]) {
            (Op::OneHot(index, _), [label]) if f.exponent.is_one() && count(*label) == (1, 1) => {
                Some((at, *index, *label))
            }
            _ => None,
        })
    }

    /// A row that a step adds, computed before anything is added.
    pub(super) fn row_value(&mut self, row: &Row) -> Result<View, LowerError> {
        let sizes = row.value.out.iter().map(|label| row.value.sizes[*label as usize]);
        let shape = sizes.map(|size| self.size(size)).collect::<Result<Vec<_>, _>>()?;
        self.contraction_of(&row.value, &shape, false)
    }

    /// Adds a row to its place in a state.
    pub(super) fn add_row(&mut self, row: &Row, view: &View, current: &View) -> Result<(), LowerError> {
        let sizes = row.value.out.iter().map(|label| row.value.sizes[*label as usize]);
        let extents = sizes.map(|size| self.size(size)).collect::<Result<Vec<_>, _>>()?;
        let mut shape = extents.clone();
        row.picks.iter().rev().for_each(|(axis, _, size)| shape.insert(*axis, *size));
        let mut builder = Builder::new(&extents);
        let places: SmallVec<[Index; 3]> = (0..extents.len()).map(Index::of_loop).collect();
        let from = builder.access(view, &places, &extents);
        let value = builder.read(from);
        let value = builder.scale(value, row.scale);
        let (mut at, mut inside) = (places, None);
        for (axis, index, size) in row.picks.iter().rev() {
            let (index, within) = self.safe_index(&mut builder, *index, &[], *size)?;
            inside = builder.both(inside, within);
            at.insert(*axis, index);
        }
        // As everywhere, nothing is asked of an index beside a value that is 0.
        let value = builder.defined(inside, value, Some(value));
        let to = builder.access(current, &at, &shape);
        builder.write(value, to, How::Add);
        self.steps.push(Step::Nest(builder.nest));
        Ok(())
    }
}
