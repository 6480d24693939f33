//! Jacobians and Hessians of which only the entries are computed that can differ from 0.

use std::cell::{OnceCell, RefCell};

use agnesi_engine::ir::Program;
use agnesi_engine::lowering::sparse;

use super::build::Model;
use super::ready::{Given, How, Ready};
use super::real::Real;
use super::{Function, FunctionError, zeros};

/// The entries of a matrix that can differ from 0, whatever the point: its sparsity pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sparsity {
    rows: usize,
    columns: usize,
    entries: Vec<(usize, usize)>,
}

impl Sparsity {
    /// How many rows the matrix has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns the matrix has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Row and column of each entry, counted from 0, row by row.
    pub fn entries(&self) -> &[(usize, usize)] {
        &self.entries
    }
}

/// Where a block of a matrix begins, and how many columns it has.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub row: usize,
    pub column: usize,
    pub columns: usize,
    /// Whether its transpose stands on the other side of the diagonal.
    pub mirrored: bool,
}

/// A program of these entries, ready to run.
pub(super) struct Nonzeros<T: Real> {
    ready: Ready<T>,
    sparsity: Sparsity,
    /// Which numbers of the program are added up where; none where they are the entries in order.
    slots: Option<Vec<(usize, usize)>>,
    numbers: Vec<T>,
}

impl<T: Real> Nonzeros<T> {
    /// Of the program of a matrix in blocks: each output one of them, with the row and the column that it begins at.
    pub fn new(
        program: &Program,
        shape: [usize; 2],
        blocks: &[Block],
        how: How,
    ) -> Result<Nonzeros<T>, FunctionError> {
        let found = sparse(program);
        let mut places: Vec<(usize, (usize, usize))> = Vec::with_capacity(found.entries.len());
        for (number, (block, entry)) in found.entries.iter().enumerate() {
            let Block { row, column, columns, mirrored } = blocks[*block];
            let (row, column) = (row + entry / columns.max(1), column + entry % columns.max(1));
            places.push((number, (row, column)));
            if mirrored {
                places.push((number, (column, row)));
            }
        }
        let mut entries: Vec<(usize, usize)> = places.iter().map(|(_, place)| *place).collect();
        entries.sort_unstable();
        entries.dedup();
        let slot = |(number, place): &(usize, (usize, usize))| {
            entries.binary_search(place).ok().map(|slot| (*number, slot))
        };
        let slots: Vec<(usize, usize)> = places.iter().filter_map(slot).collect();
        let in_order = slots.len() == entries.len() && slots.iter().all(|(number, slot)| number == slot);
        let numbers = if in_order { Vec::new() } else { vec![T::default(); found.entries.len()] };
        let outputs = found.program.outputs.len();
        Ok(Nonzeros {
            ready: Ready::new(found.program, &[outputs], how)?,
            sparsity: Sparsity { rows: shape[0], columns: shape[1], entries },
            slots: (!in_order).then_some(slots),
            numbers,
        })
    }

    pub fn sparsity(&self) -> &Sparsity {
        &self.sparsity
    }

    pub fn ready_mut(&mut self) -> &mut Ready<T> {
        &mut self.ready
    }

    pub fn run(&mut self, point: &[T], given: &[Given<T>], values: &mut [T]) -> Result<(), FunctionError> {
        let Some(slots) = &self.slots else { return self.ready.run(point, given, &mut [values]) };
        let (wanted, given_len) = (self.sparsity.entries.len(), values.len());
        if wanted != given_len {
            return Err(FunctionError::Length { what: "the room for a result", wanted, given: given_len });
        }
        self.ready.run(point, given, &mut [&mut self.numbers])?;
        values.fill(T::default());
        slots.iter().for_each(|(number, slot)| values[*slot] += self.numbers[*number]);
        Ok(())
    }
}

impl<T: Real> Function<T> {
    /// Where the Hessian of a function of numbers can differ from 0.
    ///
    /// # Errors
    /// As [`Function::hessian`].
    ///
    /// ```
    /// let f = agnesi::Session::new().compile("sum(i in 1..3, (x[i+1] - x[i]^2)^2)", &["x: vector(4)"])?;
    /// let sparsity = f.hessian_sparsity()?;
    /// assert_eq!(sparsity.entries().len(), 10); // of 16: three diagonals
    /// assert_eq!(f.hessian_nonzeros(&[1.0; 4])?, [8.0, -4.0, -4.0, 10.0, -4.0, -4.0, 10.0, -4.0, -4.0, 2.0]);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn hessian_sparsity(&self) -> Result<Sparsity, FunctionError> {
        self.scalar()?;
        Ok(self.few(&self.sparse_hessian, Model::sparse_hessian)?.borrow().sparsity().clone())
    }

    /// The entries of the Hessian that can differ from 0, in the order of [`Function::hessian_sparsity`]; the others are
    /// not computed.
    ///
    /// # Errors
    /// As [`Function::hessian`].
    pub fn hessian_nonzeros(&self, point: &[T]) -> Result<Vec<T>, FunctionError> {
        self.scalar()?;
        let few = self.few(&self.sparse_hessian, Model::sparse_hessian)?;
        let mut values = zeros(Some(few.borrow().sparsity().entries().len()))?;
        few.borrow_mut().run(point, &self.given, &mut values)?;
        Ok(values)
    }

    /// The same, written where it is wanted.
    ///
    /// # Errors
    /// As [`Function::hessian`], and room of another length.
    pub fn hessian_nonzeros_into(&self, point: &[T], values: &mut [T]) -> Result<(), FunctionError> {
        self.scalar()?;
        self.few(&self.sparse_hessian, Model::sparse_hessian)?.borrow_mut().run(point, &self.given, values)
    }

    /// Where the Jacobian of the entries of the value can differ from 0.
    ///
    /// # Errors
    /// As [`Function::jacobian`].
    pub fn jacobian_sparsity(&self) -> Result<Sparsity, FunctionError> {
        Ok(self.few(&self.sparse_jacobian, Model::sparse_jacobian)?.borrow().sparsity().clone())
    }

    /// The entries of the Jacobian that can differ from 0, in the order of [`Function::jacobian_sparsity`]; the others are
    /// not computed.
    ///
    /// # Errors
    /// As [`Function::jacobian`].
    pub fn jacobian_nonzeros(&self, point: &[T]) -> Result<Vec<T>, FunctionError> {
        let few = self.few(&self.sparse_jacobian, Model::sparse_jacobian)?;
        let mut values = zeros(Some(few.borrow().sparsity().entries().len()))?;
        few.borrow_mut().run(point, &self.given, &mut values)?;
        Ok(values)
    }

    fn few<'a>(
        &'a self,
        cell: &'a OnceCell<RefCell<Nonzeros<T>>>,
        make: fn(&mut Model) -> Result<Nonzeros<T>, FunctionError>,
    ) -> Result<&'a RefCell<Nonzeros<T>>, FunctionError> {
        if let Some(few) = cell.get() {
            return Ok(few);
        }
        let made = make(&mut self.model.borrow_mut())?;
        Ok(cell.get_or_init(|| RefCell::new(made)))
    }
}
