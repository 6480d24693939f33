//! Functions at many points at once: a program whose tensors have an axis of rows in front.

use super::ready::{Batch, Ready};
use super::{Function, FunctionError, Real, zeros};

impl<T: Real> Function<T> {
    /// The values at many points: each argument is given with a row for each point, or once for all of them. A row of the
    /// result is the value at a point.
    ///
    /// # Errors
    /// As [`Function::values`]; another number of arguments; arguments whose numbers of rows disagree.
    ///
    /// ```
    /// let f = agnesi::Session::new().compile("a*x^2", &["a", "x"])?;
    /// assert_eq!(f.batch(&[&[3.0], &[1.0, 2.0, 4.0]])?, [3.0, 12.0, 48.0]);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn batch(&self, arguments: &[&[T]]) -> Result<Vec<T>, FunctionError> {
        let rows = self.rows(arguments)?;
        let mut values = zeros(rows.checked_mul(self.shape.iter().product()))?;
        self.run_batch(false, arguments, rows, &mut [&mut values])?;
        Ok(values)
    }

    /// Values and gradients of a function of numbers at many points, given as for [`Function::batch`]: a number a row, and for
    /// each argument a list with a row as long as it for each point.
    ///
    /// # Errors
    /// As [`Function::batch`] and [`Function::gradient`].
    ///
    /// ```
    /// let f = agnesi::Session::new().compile("x^2*y", &["x", "y"])?;
    /// let (values, gradients) = f.batch_and_gradient(&[&[1.0, 2.0], &[3.0, 4.0]])?;
    /// assert_eq!(values, [3.0, 16.0]);
    /// assert_eq!(gradients, [[6.0, 16.0], [1.0, 4.0]]);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn batch_and_gradient(&self, arguments: &[&[T]]) -> Result<(Vec<T>, Vec<Vec<T>>), FunctionError> {
        let rows = self.rows(arguments)?;
        let mut values = zeros(Some(rows))?;
        let lengths = self.arguments.iter().map(|(_, shape)| shape.iter().product::<usize>());
        let mut gradients: Vec<Vec<T>> =
            lengths.map(|length| zeros(rows.checked_mul(length))).collect::<Result<_, _>>()?;
        let mut rooms: Vec<&mut [T]> = gradients.iter_mut().map(|room| &mut room[..]).collect();
        self.batch_with_gradient(arguments, &mut values, &mut rooms)?;
        Ok((values, gradients))
    }

    /// Values and gradients of a function of numbers at many points, given as for [`Function::batch`]: `values` has room
    /// for a number a row, each of `gradients` for a row as long as its argument.
    ///
    /// # Errors
    /// As [`Function::batch`] and [`Function::gradient`]; room of another length.
    pub fn batch_with_gradient(
        &self,
        arguments: &[&[T]],
        values: &mut [T],
        gradients: &mut [&mut [T]],
    ) -> Result<(), FunctionError> {
        self.scalar()?;
        self.batch_with_jacobian(arguments, values, gradients)
    }

    /// Values and Jacobians at many points, given as for [`Function::batch`]: `values` has room for the entries of a value
    /// a row, each of `jacobians` for the derivatives by its argument: a row for each entry of each value, as long as the
    /// argument.
    ///
    /// # Errors
    /// As [`Function::batch`] and [`Function::jacobian`]; room of another length.
    ///
    /// ```
    /// let f = agnesi::Session::new().compile("a*[x[1], x[1]*x[2]]", &["a", "x: vector(2)"])?;
    /// let (mut values, mut by_a, mut by_x) = ([0.0; 4], [0.0; 4], [0.0; 8]);
    /// let points = [1.0, 2.0, 3.0, 4.0];
    /// f.batch_with_jacobian(&[&[10.0], &points], &mut values, &mut [&mut by_a, &mut by_x])?;
    /// assert_eq!(values, [10.0, 20.0, 30.0, 120.0]);
    /// assert_eq!(by_a, [1.0, 2.0, 3.0, 12.0]);
    /// assert_eq!(by_x, [10.0, 0.0, 20.0, 10.0, 10.0, 0.0, 40.0, 30.0]);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn batch_with_jacobian(
        &self,
        arguments: &[&[T]],
        values: &mut [T],
        jacobians: &mut [&mut [T]],
    ) -> Result<(), FunctionError> {
        let rows = self.rows(arguments)?;
        let mut rooms: Vec<&mut [T]> = vec![values];
        rooms.extend(jacobians.iter_mut().map(|room| &mut **room));
        self.run_batch(true, arguments, rows, &mut rooms)
    }

    /// How many rows the arguments have.
    fn rows(&self, given: &[&[T]]) -> Result<usize, FunctionError> {
        if given.len() != self.arguments.len() {
            return Err(FunctionError::Length {
                what: "the list of arguments",
                wanted: self.arguments.len(),
                given: given.len(),
            });
        }
        let mut rows: Option<usize> = None;
        for ((name, shape), given) in self.arguments.iter().zip(given) {
            let one: usize = shape.iter().product();
            if given.len() == one {
                continue;
            }
            let count = given.len().checked_div(one).filter(|count| count * one == given.len());
            let count = count.ok_or_else(|| FunctionError::Rows {
                name: name.clone(),
                length: given.len(),
                one,
                rows: rows.unwrap_or(0),
            })?;
            if rows.is_some_and(|rows| rows != count) {
                let rows = rows.unwrap_or(0);
                return Err(FunctionError::Rows { name: name.clone(), length: given.len(), one, rows });
            }
            rows = Some(count);
        }
        Ok(rows.unwrap_or(1))
    }

    fn run_batch(
        &self,
        gradient: bool,
        arguments: &[&[T]],
        rows: usize,
        rooms: &mut [&mut [T]],
    ) -> Result<(), FunctionError> {
        let varies = self
            .arguments
            .iter()
            .zip(arguments)
            .map(|((_, shape), given)| rows != 1 && given.len() != shape.iter().product::<usize>());
        let wanted = Batch { gradient, rows, varies: varies.collect() };
        let mut batches = self.batches.borrow_mut();
        let at = match batches.iter().position(|(known, _)| *known == wanted) {
            Some(at) => at,
            None => {
                let made = Ready::for_rows(&self.program(gradient)?, &wanted, self.model.borrow().how)?;
                // The few numbers of rows that a caller uses again and again.
                if batches.len() >= 8 {
                    batches.remove(0);
                }
                batches.push((wanted, made));
                batches.len() - 1
            }
        };
        let mut inputs: Vec<&[T]> = arguments.to_vec();
        for given in &self.given {
            inputs.push(given.numbers()?);
        }
        batches[at].1.run_each(&inputs, rooms)
    }
}
