//! Products of matrices and vectors along a path of labels.

use agnesi_graph::{Label, Labels, Linear, Op};

use super::contract::Operand;
use super::lower::Lowering;
use super::value::{Kind, Value};

impl Lowering<'_> {
    /// The product of matrices that a path of labels makes of the operands, or its trace.
    pub fn chain(&mut self, operands: &[Operand], out: &Labels) -> Option<Value> {
        let mut labels: Vec<Label> = operands.iter().flat_map(|o| o.labels.iter().copied()).collect();
        labels.extend(out.iter().copied());
        labels.sort_unstable();
        let in_pairs = labels.chunks(2).all(|pair| matches!(pair, [a, b] if a == b))
            && labels.chunks(2).zip(labels.chunks(2).skip(1)).all(|(a, b)| a[0] != b[0]);
        if !in_pairs || operands.iter().any(|o| o.labels.is_empty() || o.labels.len() > 2) {
            return None;
        }
        let vectors = operands.iter().filter(|o| o.labels.len() == 1).count();
        if vectors + out.len() == 0 {
            return self.cycle(operands);
        }
        if out.is_empty() {
            // From either end: the one that transposes less, the first at par.
            let ends: Vec<usize> = (0..operands.len()).filter(|&i| operands[i].labels.len() == 1).collect();
            let ways = ends.iter().map(|&end| self.walk(operands, operands[end].labels[0], Some(end)));
            let best = ways.flatten().min_by_key(|(_, transposed)| *transposed)?;
            return Some(self.matrix_product(best.0));
        }
        let (items, _) = self.walk(operands, out[0], None)?;
        Some(self.matrix_product(items))
    }

    /// The trace of a product that ends where it began, its first factor first.
    fn cycle(&mut self, operands: &[Operand]) -> Option<Value> {
        let mut ways = Vec::new();
        for turned in [false, true] {
            let first = Item::of(self, &operands[0], turned);
            let next = operands[0].labels[usize::from(!turned)];
            let (rest, transposed) = self.walk(&operands[1..], next, None)?;
            let count = transposed + first.transposed as usize;
            let items: Vec<Item> = std::iter::once(first).chain(rest).collect();
            ways.push((items, count));
        }
        let (items, _) = ways.into_iter().min_by_key(|(_, transposed)| *transposed)?;
        let product = self.matrix_product(items);
        Some(Value::scalar(Kind::Trace(product)))
    }

    /// The operands in the order of a path from a label, and how many are transposed on it.
    fn walk(
        &mut self,
        operands: &[Operand],
        from: Label,
        first: Option<usize>,
    ) -> Option<(Vec<Item>, usize)> {
        let mut left: Vec<&Operand> = operands.iter().collect();
        let mut items = Vec::new();
        let (mut at, mut transposed) = (from, 0);
        if let Some(first) = first {
            items.push(Item::of(self, left.remove(first), false));
        }
        while !left.is_empty() {
            let next = left.iter().position(|o| o.has(at))?;
            let operand = left.remove(next);
            match operand.labels[..] {
                [_] => {
                    items.push(Item::of(self, operand, false));
                    return left.is_empty().then_some((items, transposed));
                }
                [a, b] => {
                    let turned = b == at;
                    let item = Item::of(self, operand, turned);
                    transposed += item.transposed as usize;
                    items.push(item);
                    at = if turned { a } else { b };
                }
                _ => return None,
            }
        }
        Some((items, transposed))
    }

    /// The product of a path. An inverse on it solves for what stands beside it.
    fn matrix_product(&self, items: Vec<Item>) -> Value {
        let mut items = items;
        if items.len() == 1
            && let Some(item) = items.pop()
        {
            return item.plain();
        }
        // The last inverse of those with something on the right first: the rest is then smaller.
        if let Some(at) = items.iter().position(|item| item.inner.is_some()) {
            let mut right = items.split_off(at + 1);
            if let Some(Item { inner: Some(inner), transposed, value }) = items.pop() {
                let matrix = if transposed { inner.clone().transposed() } else { inner.clone() };
                let solved = match right.is_empty() {
                    false => {
                        let right = self.matrix_product(std::mem::take(&mut right));
                        let rank = right.rank();
                        Value::full(Kind::Solve(matrix, right), rank)
                    }
                    true if items.is_empty() => value,
                    true => {
                        // L*inv(A) is the transpose of the solution of A'*Z = L'.
                        let left = self.matrix_product(std::mem::take(&mut items));
                        let rank = left.rank();
                        let left = if rank == 2 { left.transposed() } else { left };
                        let solved = Value::full(Kind::Solve(matrix.transposed(), left), rank);
                        if rank == 2 { solved.transposed() } else { solved }
                    }
                };
                items.push(Item { value: solved, transposed: false, inner: None });
                return self.matrix_product(items);
            }
        }
        let mut values: Vec<Value> = items.into_iter().map(Item::plain).collect();
        let towards_right = values.last().is_some_and(|v| v.rank() == 1) && values[0].rank() == 2;
        let times = |a: Value, b: Value| {
            let rank = a.rank() + b.rank() - 2;
            Value::full(Kind::MatMul(a, b), rank)
        };
        match towards_right {
            true => {
                let last = values.pop();
                values.into_iter().rev().fold(last, |right, left| right.map(|right| times(left, right)))
            }
            false => values.into_iter().reduce(times),
        }
        .unwrap_or_else(|| Value::integer(1))
    }
}

/// A factor of a product of matrices.
struct Item {
    value: Value,
    transposed: bool,
    /// Of an inverse, what it is the inverse of.
    inner: Option<Value>,
}

impl Item {
    fn of(lowering: &mut Lowering, operand: &Operand, turned: bool) -> Item {
        let symmetric = operand.node.is_some_and(|node| lowering.graph.is_symmetric(node));
        let inner = match operand.node.map(|node| lowering.graph.op(node)) {
            Some(&Op::Linear(Linear::Inverse, inner)) => lowering.full(inner).ok(),
            _ => None,
        };
        Item { value: operand.value.clone(), transposed: turned && !symmetric, inner }
    }

    fn plain(self) -> Value {
        if self.transposed { self.value.transposed() } else { self.value }
    }
}
