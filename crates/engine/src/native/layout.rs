//! Where tensors lie: in what the caller gives, or in the workspace.

use crate::ir::{Program, TensorId};

/// Where the first entry of a tensor lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In an input.
    Input(usize),
    /// In an output.
    Output(usize),
    /// In the workspace, so many numbers from its start.
    Work(usize),
}

/// Where the workspace holds the index of a fault, and the size of its axis after it.
pub(super) const FAULT: usize = 0;
const RESERVED: usize = 2;

/// Where all tensors lie.
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// Outputs that are copied in the end, since their tensors lie elsewhere.
    pub(super) copies: Vec<(TensorId, usize)>,
    /// How many numbers the workspace holds.
    pub(super) work: usize,
}

impl Layout {
    pub(super) fn new(program: &Program) -> Layout {
        let mut layout = Layout { places: Vec::new(), copies: Vec::new(), work: RESERVED };
        let mut places: Vec<Option<Place>> = vec![None; program.tensors.len()];
        for (at, (_, id)) in program.inputs.iter().enumerate() {
            places[id.index()] = Some(Place::Input(at));
        }
        for (at, (_, id)) in program.outputs.iter().enumerate() {
            match &mut places[id.index()] {
                place @ None => *place = Some(Place::Output(at)),
                Some(_) => layout.copies.push((*id, at)),
            }
        }
        for (place, tensor) in places.into_iter().zip(&program.tensors) {
            let place = place.unwrap_or_else(|| Place::Work(layout.room(tensor.len())));
            layout.places.push(place);
        }
        layout
    }

    /// Room for so many more numbers in the workspace.
    pub(super) fn room(&mut self, numbers: usize) -> usize {
        let at = self.work;
        // A size beyond memory is found when the workspace is asked for.
        self.work = self.work.saturating_add(numbers);
        at
    }
}
