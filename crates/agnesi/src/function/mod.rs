//! Functions for Rust programs: a formula made ready to be called with numbers, with its derivatives.
//!
//! Nothing is compiled, so that the first call comes at once; derivatives are made when they are asked for first.

mod build;
mod error;
#[cfg(test)]
mod golden;
mod ready;
mod real;
mod rows;
mod sizes;
mod sparsity;

pub use error::FunctionError;
pub use real::Real;
pub use sparsity::Sparsity;

use std::cell::{OnceCell, RefCell};
use std::num::NonZeroUsize;

use agnesi_engine::ir::Program;
use smol_str::SmolStr;

use crate::Session;
use crate::protocol::Failure;
use build::Model;
use ready::{Given, Ready};
use sparsity::Nonzeros;

/// A formula made ready to be called.
///
/// Arguments are given as one slice: the numbers of the first, then those of the second and so on, those of a matrix row
/// by row. Each derivative is made and kept when it is asked for first. A function is [`Send`]; clone it for other threads.
///
/// ```
/// let session = agnesi::Session::new();
/// let f = session.compile("x^2 + y^3", &["x", "y"])?;
/// assert_eq!(f.value(&[2.0, 3.0])?, 31.0);
/// assert_eq!(f.value_and_gradient(&[2.0, 3.0])?, (31.0, vec![4.0, 27.0]));
/// assert_eq!(f.hessian(&[2.0, 3.0])?, [2.0, 0.0, 0.0, 18.0]);
///
/// let g = session.compile("sum(i in 1..2, (x[i+1] - x[i]^2)^2)", &["x: vector(3)"])?;
/// assert_eq!(g.gradient(&[1.0, 2.0, 3.0])?, [-4.0, 10.0, -2.0]);
/// # Ok::<(), agnesi::FunctionError>(())
/// ```
pub struct Function<T: Real = f64> {
    model: RefCell<Model>,
    value: OnceCell<RefCell<Ready<T>>>,
    gradient: OnceCell<RefCell<Ready<T>>>,
    jacobian: OnceCell<RefCell<Ready<T>>>,
    hessian: OnceCell<RefCell<Ready<T>>>,
    hessian_vector: OnceCell<RefCell<Ready<T>>>,
    sparse_jacobian: OnceCell<RefCell<Nonzeros<T>>>,
    sparse_hessian: OnceCell<RefCell<Nonzeros<T>>>,
    batches: RefCell<Vec<(ready::Batch, Ready<T>)>>,
    arguments: Vec<(SmolStr, Vec<usize>)>,
    /// What is given beside the arguments.
    given: Vec<Given<T>>,
    length: usize,
    shape: Vec<usize>,
}

impl<T: Real> Clone for Function<T> {
    fn clone(&self) -> Function<T> {
        let mut function = Function::of(self.model.borrow().clone());
        function.given.clone_from(&self.given);
        function
    }
}

impl<T: Real> std::fmt::Debug for Function<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function").field("arguments", &self.arguments).field("shape", &self.shape).finish()
    }
}

impl Session {
    /// Keeps declarations and definitions, one a line or separated by `;`, for the formulas that come after.
    ///
    /// # Errors
    /// The first statement that does not read; nothing is kept then.
    ///
    /// ```
    /// let mut session = agnesi::Session::new();
    /// session.define("x: vector(n); square = norm2(x)^2/n")?;
    /// assert_eq!(session.compile("square", &["x: vector(2)"])?.value(&[3.0, 1.0])?, 5.0);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn define(&mut self, statements: &str) -> Result<(), FunctionError> {
        Ok(self.keep(statements, "let").map(drop)?)
    }

    /// Makes a formula ready to be called. Each argument is a name, or a name with its type as in `x: vector(3)`; sizes
    /// are numbers. Where the session declares the name with sizes that are names, as in `x: vector(n)`, those names are
    /// these numbers.
    ///
    /// # Errors
    /// A formula that does not read, or speaks of a name that is no argument; an argument that is no declaration; a size
    /// that is not known, or is two numbers.
    ///
    /// ```
    /// let session = agnesi::Session::new();
    /// let error = session.compile("sin(x) + z", &["x"]).expect_err("z is no argument");
    /// assert!(error.to_string().contains("`z`"));
    /// ```
    pub fn compile(&self, formula: &str, arguments: &[&str]) -> Result<Function, FunctionError> {
        self.compile_given(formula, arguments, &[])
    }

    /// The same for a formula that also speaks of data: derivatives are by the arguments alone, and
    /// [`Function::give`] says what the data are.
    ///
    /// # Errors
    /// As [`Session::compile`].
    ///
    /// ```
    /// let session = agnesi::Session::new();
    /// let mut loss =
    ///     session.compile_given("norm2(X*w - y)^2", &["w: vector(2)"], &["X: matrix(3, 2)", "y: vector(3)"])?;
    /// loss.give("X", &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0])?;
    /// loss.give("y", &[1.0, 2.0, 3.0])?;
    /// assert_eq!(loss.value_and_gradient(&[0.0, 0.0])?, (14.0, vec![-8.0, -10.0]));
    /// assert_eq!(loss.hessian(&[0.0, 0.0])?, [4.0, 2.0, 2.0, 4.0]);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn compile_given(
        &self,
        formula: &str,
        arguments: &[&str],
        given: &[&str],
    ) -> Result<Function, FunctionError> {
        Ok(Function::of(Model::read(self, formula, arguments, given)?))
    }
}

impl Function {
    /// The same function over single precision: arguments, data and results are `f32`, half as long in memory and twice as
    /// many in an instruction. Each operation rounds to some 7 digits. Numbers of the formula and data that were given are
    /// rounded once; machine code is of doubles only, so that these functions stay with the virtual machine.
    ///
    /// ```
    /// let session = agnesi::Session::new();
    /// let mut loss =
    ///     session.compile_given("norm2(X*w - y)^2", &["w: vector(2)"], &["X: matrix(3, 2)", "y: vector(3)"])?.single();
    /// loss.give("X", &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0])?;
    /// loss.give("y", &[1.0, 2.0, 3.0])?;
    /// let (value, gradient): (f32, Vec<f32>) = loss.value_and_gradient(&[0.0, 0.0])?;
    /// assert_eq!((value, gradient), (14.0, vec![-8.0, -10.0]));
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    #[must_use]
    pub fn single(self) -> Function<f32> {
        let mut model = self.model.into_inner();
        model.how.native = false;
        let round = |numbers: Vec<f64>| numbers.into_iter().map(|x| x as f32).collect();
        let given = self.given.into_iter();
        Function {
            given: given
                .map(|Given { name, length, numbers }| Given { name, length, numbers: numbers.map(round) })
                .collect(),
            ..Function::of(model)
        }
    }

    /// The same function as machine code: several times faster for points, for some milliseconds of compiling at the first
    /// call of each derivative. Operations of linear algebra, large matrix products and batches stay with the virtual
    /// machine. Sums may be taken in another order, so that results can differ in the last places.
    ///
    /// ```
    /// let f = agnesi::Session::new().compile("x^2 + y^3", &["x", "y"])?.native();
    /// assert!(f.is_native()?);
    /// assert_eq!(f.value_and_gradient(&[2.0, 3.0])?, (31.0, vec![4.0, 27.0]));
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    #[cfg(feature = "native")]
    #[must_use]
    pub fn native(self) -> Function {
        let mut model = self.model.into_inner();
        model.how.native = true;
        Function { given: self.given, ..Function::of(model) }
    }
}

impl<T: Real> Function<T> {
    fn of(model: Model) -> Function<T> {
        let arguments: Vec<(SmolStr, Vec<usize>)> =
            model.arguments.iter().map(|a| (a.name.clone(), a.shape.clone())).collect();
        let length = arguments.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
        let unknown = |a: &build::Argument| Given { name: a.name.clone(), length: a.len(), numbers: None };
        Function {
            given: model.given.iter().map(unknown).collect(),
            shape: model.shape.clone(),
            model: RefCell::new(model),
            value: OnceCell::new(),
            gradient: OnceCell::new(),
            jacobian: OnceCell::new(),
            hessian: OnceCell::new(),
            hessian_vector: OnceCell::new(),
            sparse_jacobian: OnceCell::new(),
            sparse_hessian: OnceCell::new(),
            batches: RefCell::new(Vec::new()),
            arguments,
            length,
        }
    }

    /// The same function, with leave to round otherwise than its formula is written where that is cheaper: products are
    /// multiplied out over sums, and common factors of products taken out of sums. `Q*(x[i,:] - m)` for all rows `i` becomes
    /// a product of two matrices less a vector, which loses digits where `x` and `m` are large and nearly equal. Quotients
    /// with one divisor share its reciprocal, which is infinite below some 1e-308. The [program](Function::program) begins
    /// with `regrouped` where something was done.
    ///
    /// ```
    /// let session = agnesi::Session::new();
    /// let arguments = ["Q: matrix(10, 10)", "m: vector(10)"];
    /// let formula = "sum(i in 1..500, norm2(Q*(X[i,:] - m))^2)";
    /// let f = session.compile_given(formula, &arguments, &["X: matrix(500, 10)"])?;
    /// assert!(!f.program(false)?.regrouped);
    /// assert!(f.fast().program(false)?.regrouped);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    #[must_use]
    pub fn fast(self) -> Function<T> {
        Function { given: self.given, ..Function::of(self.model.into_inner().fast()) }
    }

    /// Says how many threads share what is large; without this it is as many as there are processors for this process.
    /// Results are the same bits with any number, and nothing is shared that takes less than some 50 microseconds.
    ///
    /// # Errors
    /// [`FunctionError::NoThreads`] for 0.
    ///
    /// ```
    /// let mut f = agnesi::Session::new().compile("sin(4w) + 0.1w^2", &["w"])?;
    /// f.set_threads(1)?;
    /// let w: Vec<f64> = (0..100_000).map(|i| i as f64 / 1e4).collect();
    /// let one = f.batch(&[&w])?;
    /// f.set_threads(2)?;
    /// assert_eq!(f.batch(&[&w])?, one);
    /// # Ok::<(), agnesi::FunctionError>(())
    /// ```
    pub fn set_threads(&mut self, threads: usize) -> Result<(), FunctionError> {
        let threads = NonZeroUsize::new(threads).ok_or(FunctionError::NoThreads)?;
        self.model.get_mut().how.threads = threads;
        self.for_each_ready(|ready| ready.set_threads(threads));
        Ok(())
    }

    /// Calls `visit` with all that is ready to run.
    fn for_each_ready(&mut self, mut visit: impl FnMut(&mut Ready<T>)) {
        let cells = [
            &mut self.value,
            &mut self.gradient,
            &mut self.jacobian,
            &mut self.hessian,
            &mut self.hessian_vector,
        ];
        cells.into_iter().filter_map(OnceCell::get_mut).for_each(|ready| visit(ready.get_mut()));
        let few = [&mut self.sparse_jacobian, &mut self.sparse_hessian];
        few.into_iter().filter_map(OnceCell::get_mut).for_each(|few| visit(few.get_mut().ready_mut()));
        self.batches.get_mut().iter_mut().for_each(|(_, ready)| visit(ready));
    }

    /// Whether values are computed by machine code.
    ///
    /// # Errors
    /// As [`Function::values`] has for any point.
    pub fn is_native(&self) -> Result<bool, FunctionError> {
        Ok(self.ready(&self.value, Model::value)?.borrow().is_native())
    }

    /// The arguments: names and sizes of axes.
    pub fn arguments(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.arguments.iter().map(|(name, shape)| (name.as_str(), &shape[..]))
    }

    /// Says what data are: the numbers of a tensor, its last axis the fastest. Until all are given there are no values. What
    /// a value or a derivative needs of the data alone is computed once, with the first point after they are given.
    ///
    /// # Errors
    /// A name that is not among the data; another length.
    pub fn give(&mut self, name: &str, numbers: &[T]) -> Result<(), FunctionError> {
        let names = || self.given.iter().map(|given| given.name.as_str()).collect::<Vec<_>>().join(", ");
        let Some(at) = self.given.iter().position(|given| given.name == name) else {
            return Err(FunctionError::NoData { name: name.into(), known: names() });
        };
        let held = &mut self.given[at];
        if held.length != numbers.len() {
            let (wanted, given) = (held.length, numbers.len());
            return Err(FunctionError::Length { what: "the data", wanted, given });
        }
        // Batch after batch is given: the room is used again.
        let room = held.numbers.get_or_insert_default();
        room.clear();
        room.extend_from_slice(numbers);
        self.for_each_ready(Ready::forget_data);
        Ok(())
    }

    /// How many numbers all arguments have together: the length of a point.
    pub fn point_len(&self) -> usize {
        self.length
    }

    /// The sizes of the axes of the value; none for a number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The value of a function of numbers at a point. Outside its domain, as for an entry at an index outside its axis, it is
    /// NaN, or infinite at a pole.
    ///
    /// # Errors
    /// A point of another length; a value that is no number ([`Function::values`] gives those); an operation of linear
    /// algebra without a result.
    pub fn value(&self, point: &[T]) -> Result<T, FunctionError> {
        self.scalar()?;
        let mut value = [T::default()];
        self.values_into(point, &mut value)?;
        Ok(value[0])
    }

    /// The entries of the value, the last axis the fastest. Outside the domain of the formula they are NaN, or infinite at
    /// a pole.
    ///
    /// # Errors
    /// As [`Function::value`], for any shape.
    pub fn values(&self, point: &[T]) -> Result<Vec<T>, FunctionError> {
        let mut values = zeros(Some(self.shape.iter().product()))?;
        self.values_into(point, &mut values)?;
        Ok(values)
    }

    /// The same, written where it is wanted.
    ///
    /// # Errors
    /// As [`Function::values`], and room of another length.
    pub fn values_into(&self, point: &[T], values: &mut [T]) -> Result<(), FunctionError> {
        self.ready(&self.value, Model::value)?.borrow_mut().run(point, &self.given, &mut [values])
    }

    /// The gradient of a function of numbers, as long as the point.
    ///
    /// # Errors
    /// As [`Function::value`]; a formula without a derivative, with the reason.
    pub fn gradient(&self, point: &[T]) -> Result<Vec<T>, FunctionError> {
        self.value_and_gradient(point).map(|(_, gradient)| gradient)
    }

    /// The value and the gradient of a function of numbers, computed together.
    ///
    /// # Errors
    /// As [`Function::gradient`].
    pub fn value_and_gradient(&self, point: &[T]) -> Result<(T, Vec<T>), FunctionError> {
        let mut gradient = zeros(Some(self.length))?;
        let value = self.gradient_into(point, &mut gradient)?;
        Ok((value, gradient))
    }

    /// The value; the gradient is written where it is wanted.
    ///
    /// # Errors
    /// As [`Function::gradient`], and room of another length than the point's.
    pub fn gradient_into(&self, point: &[T], gradient: &mut [T]) -> Result<T, FunctionError> {
        self.scalar()?;
        let ready = self.ready(&self.gradient, Model::gradient)?;
        let mut value = [T::default()];
        ready.borrow_mut().run(point, &self.given, &mut [&mut value, gradient])?;
        Ok(value[0])
    }

    /// The Jacobian of the entries of the value: a row for each entry, a column for each number of the point, row by row.
    ///
    /// # Errors
    /// As [`Function::values`]; a formula without a derivative, with the reason.
    pub fn jacobian(&self, point: &[T]) -> Result<Vec<T>, FunctionError> {
        let rows: usize = self.shape.iter().product();
        let mut jacobian = zeros(rows.checked_mul(self.length))?;
        self.jacobian_into(point, &mut jacobian)?;
        Ok(jacobian)
    }

    /// The Hessian of a function of numbers: symmetric, as many rows and columns as the point has numbers, row by row.
    ///
    /// # Errors
    /// As [`Function::gradient`].
    pub fn hessian(&self, point: &[T]) -> Result<Vec<T>, FunctionError> {
        let mut hessian = zeros(self.length.checked_mul(self.length))?;
        self.hessian_into(point, &mut hessian)?;
        Ok(hessian)
    }

    /// The same, written where it is wanted.
    ///
    /// # Errors
    /// As [`Function::hessian`], and room of another length.
    pub fn hessian_into(&self, point: &[T], hessian: &mut [T]) -> Result<(), FunctionError> {
        self.scalar()?;
        self.ready(&self.hessian, Model::hessian)?.borrow_mut().run(point, &self.given, &mut [hessian])
    }

    /// The Hessian of a function of numbers times a vector as long as the point, without the Hessian itself.
    ///
    /// # Errors
    /// As [`Function::gradient`], and a vector of another length.
    pub fn hessian_times(&self, point: &[T], vector: &[T]) -> Result<Vec<T>, FunctionError> {
        self.scalar()?;
        if vector.len() != self.length {
            return Err(FunctionError::Length {
                what: "the vector",
                wanted: self.length,
                given: vector.len(),
            });
        }
        let mut product = zeros(Some(self.length))?;
        let ready = self.ready(&self.hessian_vector, Model::hessian_vector)?;
        let both: Vec<T> = point.iter().chain(vector).copied().collect();
        ready.borrow_mut().run(&both, &self.given, &mut [&mut product])?;
        Ok(product)
    }

    /// The Jacobian, written where it is wanted.
    ///
    /// # Errors
    /// As [`Function::jacobian`], and room of another length.
    pub fn jacobian_into(&self, point: &[T], jacobian: &mut [T]) -> Result<(), FunctionError> {
        self.ready(&self.jacobian, Model::jacobian)?.borrow_mut().run(point, &self.given, &mut [jacobian])
    }

    /// The program of the value, and of the gradient if asked for: what a call does, step by step, as text.
    ///
    /// # Errors
    /// As [`Function::gradient`].
    pub fn program(&self, with_gradient: bool) -> Result<Program, FunctionError> {
        let ready = match with_gradient {
            true => self.ready(&self.gradient, Model::gradient)?,
            false => self.ready(&self.value, Model::value)?,
        };
        Ok(ready.borrow().program().clone())
    }

    fn scalar(&self) -> Result<(), FunctionError> {
        if self.shape.is_empty() {
            Ok(())
        } else {
            Err(FunctionError::NotANumber { shape: self.shape.clone() })
        }
    }

    fn ready<'a>(
        &'a self,
        cell: &'a OnceCell<RefCell<Ready<T>>>,
        make: fn(&mut Model) -> Result<Ready<T>, FunctionError>,
    ) -> Result<&'a RefCell<Ready<T>>, FunctionError> {
        if let Some(ready) = cell.get() {
            return Ok(ready);
        }
        let made = make(&mut self.model.borrow_mut())?;
        Ok(cell.get_or_init(|| RefCell::new(made)))
    }
}

/// Room for so many numbers, where there is as much; `None` is more than a machine word counts.
fn zeros<T: Real>(length: Option<usize>) -> Result<Vec<T>, FunctionError> {
    Ok(agnesi_engine::memory::zeros(length.unwrap_or(usize::MAX))?)
}

impl From<Failure> for FunctionError {
    fn from(failure: Failure) -> FunctionError {
        FunctionError::Formula(Box::new(failure))
    }
}
