//! Dense tensors.

/// A dense tensor, its last axis the fastest; of doubles unless said otherwise.
///
/// ```
/// use agnesi_engine::tensors::Tensor;
///
/// let matrix = Tensor::new(vec![2, 2], vec![1.0, 2.0, 3.0, 4.0]).expect("as many entries");
/// assert_eq!(matrix.at(&[1, 0]), Some(3.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<E = f64> {
    pub(super) shape: Vec<usize>,
    pub(super) data: Vec<E>,
}

impl<E: Clone> Tensor<E> {
    /// A tensor from its entries; `None` if there are not as many as the shape says.
    pub fn new(shape: Vec<usize>, data: Vec<E>) -> Option<Tensor<E>> {
        (volume(&shape)? == data.len()).then_some(Tensor { shape, data })
    }

    /// A number.
    pub fn scalar(value: E) -> Tensor<E> {
        Tensor { shape: Vec::new(), data: vec![value] }
    }

    /// The sizes of its axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Its entries, the last axis the fastest.
    pub fn data(&self) -> &[E] {
        &self.data
    }

    /// Its entries, the tensor being given up.
    pub fn into_data(self) -> Vec<E> {
        self.data
    }

    /// The value, if it has no axes.
    pub fn as_scalar(&self) -> Option<E> {
        match (&self.shape[..], &self.data[..]) {
            ([], [value]) => Some(value.clone()),
            _ => None,
        }
    }

    /// The entry at these indices, counted from 0, where they are inside.
    pub fn at(&self, indices: &[usize]) -> Option<E> {
        if indices.len() != self.shape.len() || indices.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return None;
        }
        self.data.get(indices.iter().zip(&self.shape).fold(0, |at, (i, n)| at * n + i)).cloned()
    }

    pub(super) fn map<T>(&self, f: impl Fn(&E) -> T) -> Tensor<T> {
        Tensor { shape: self.shape.clone(), data: self.data.iter().map(f).collect() }
    }
}

/// How many entries a shape has; `None` where a machine word does not hold it.
pub(super) fn volume(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n))
}

/// Visits all indices within `sizes`, the last the fastest, each as its places in `K` arrays: `steps[k][axis]` is how
/// far a step along the axis goes in array `k`.
pub(super) fn walk<const K: usize>(sizes: &[usize], steps: [&[usize]; K], mut visit: impl FnMut([usize; K])) {
    if sizes.contains(&0) {
        return;
    }
    let mut index = vec![0usize; sizes.len()];
    let mut at = [0usize; K];
    loop {
        visit(at);
        let mut axis = sizes.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            for (at, steps) in at.iter_mut().zip(&steps) {
                *at += steps[axis];
            }
            if index[axis] < sizes[axis] {
                break;
            }
            for (at, steps) in at.iter_mut().zip(&steps) {
                *at -= steps[axis] * sizes[axis];
            }
            index[axis] = 0;
        }
    }
}
