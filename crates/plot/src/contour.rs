//! Level lines of f(x, y) by marching squares, with each crossing polished on the function itself.
//!
//! A crossing where the function jumps over the level instead of taking it gives no line. Cells at the edge of the
//! domain are subdivided, so that lines reach up to it.

use std::collections::HashMap;

/// The lines of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Contour {
    /// The level.
    pub level: f64,
    /// Its lines; a closed one ends where it begins.
    pub lines: Vec<Vec<(f64, f64)>>,
}

/// Halvings of a cell at the edge of the domain, and the lattice that has all their corners.
const DEPTH: u32 = 3;
const FINE: usize = 1 << DEPTH;

/// A crossing: the edge it lies on, by its lower corner on the fine lattice, its length and whether it is upright.
type Key = (usize, usize, usize, bool);

/// The level lines of `f` on a rectangle, on a grid of `cells` columns and rows (each at most 1000).
pub fn contours(
    f: &dyn Fn(f64, f64) -> f64,
    x: (f64, f64),
    y: (f64, f64),
    levels: &[f64],
    cells: (usize, usize),
) -> Vec<Contour> {
    let (nx, ny) = (cells.0.clamp(2, 1000), cells.1.clamp(2, 1000));
    let mut grid = Grid { f, x, y, nx, ny, values: HashMap::new() };
    let corners: Vec<f64> = (0..=ny)
        .flat_map(|j| (0..=nx).map(move |i| (i, j)))
        .map(|(i, j)| (grid.f)(grid.px(i * FINE), grid.py(j * FINE)))
        .collect();
    let at = |i: usize, j: usize| corners[j * (nx + 1) + i];
    levels
        .iter()
        .map(|&level| {
            let mut trace = Trace { level, crossings: HashMap::new(), segments: Vec::new() };
            for j in 0..ny {
                for i in 0..nx {
                    let values = [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
                    trace.cell(&mut grid, (i * FINE, j * FINE), FINE, values);
                }
            }
            Contour { level, lines: trace.join() }
        })
        .collect()
}

struct Grid<'f> {
    f: &'f dyn Fn(f64, f64) -> f64,
    x: (f64, f64),
    y: (f64, f64),
    nx: usize,
    ny: usize,
    /// Values at the corners of subdivided cells.
    values: HashMap<(usize, usize), f64>,
}

impl Grid<'_> {
    fn px(&self, i: usize) -> f64 {
        let t = i as f64 / (self.nx * FINE) as f64;
        self.x.0 * (1.0 - t) + self.x.1 * t
    }

    fn py(&self, j: usize) -> f64 {
        let t = j as f64 / (self.ny * FINE) as f64;
        self.y.0 * (1.0 - t) + self.y.1 * t
    }

    fn value(&mut self, i: usize, j: usize) -> f64 {
        let (x, y) = (self.px(i), self.py(j));
        let f = self.f;
        *self.values.entry((i, j)).or_insert_with(|| f(x, y))
    }
}

struct Trace {
    level: f64,
    crossings: HashMap<Key, Option<(f64, f64)>>,
    segments: Vec<(Key, Key)>,
}

impl Trace {
    /// Adds the segments of one cell; `values` are counter-clockwise from the lower left corner.
    fn cell(&mut self, grid: &mut Grid, corner: (usize, usize), size: usize, values: [f64; 4]) {
        let (i, j) = corner;
        if values.iter().any(|v| !v.is_finite()) {
            if size > 1 && values.iter().any(|v| v.is_finite()) {
                let half = size / 2;
                for (di, dj) in [(0, 0), (half, 0), (half, half), (0, half)] {
                    let (a, b) = (i + di, j + dj);
                    let inner = [(a, b), (a + half, b), (a + half, b + half), (a, b + half)];
                    let values = inner.map(|(i, j)| grid.value(i, j));
                    self.cell(grid, (a, b), half, values);
                }
            }
            return;
        }
        let above = values.map(|v| v >= self.level);
        let case = above.iter().enumerate().fold(0, |c, (k, a)| c | (usize::from(*a) << k));
        // Edges of the cell: 0 bottom, 1 right, 2 top, 3 left.
        let pairs: &[(usize, usize)] = match case {
            0 | 15 => return,
            1 | 14 => &[(3, 0)],
            2 | 13 => &[(0, 1)],
            3 | 12 => &[(3, 1)],
            4 | 11 => &[(1, 2)],
            6 | 9 => &[(0, 2)],
            7 | 8 => &[(2, 3)],
            _ => {
                // A saddle: the value in the middle says which corners hang together.
                let half = size / 2;
                let middle =
                    if half > 0 { grid.value(i + half, j + half) } else { 0.25 * values.iter().sum::<f64>() };
                if (middle >= self.level) == (case == 5) { &[(0, 1), (2, 3)] } else { &[(3, 0), (1, 2)] }
            }
        };
        let keys =
            [(i, j, size, false), (i + size, j, size, true), (i, j + size, size, false), (i, j, size, true)];
        let ends =
            [(values[0], values[1]), (values[1], values[2]), (values[3], values[2]), (values[0], values[3])];
        for &(a, b) in pairs {
            if self.crossing(grid, keys[a], ends[a]) && self.crossing(grid, keys[b], ends[b]) {
                self.segments.push((keys[a], keys[b]));
            }
        }
    }

    /// Finds where the level is taken on an edge, once; false where the function jumps over it.
    fn crossing(&mut self, grid: &Grid, key: Key, values: (f64, f64)) -> bool {
        let level = self.level;
        let found = self.crossings.entry(key).or_insert_with(|| {
            let (i, j, size, upright) = key;
            let place = |t: f64| {
                if upright {
                    let (a, b) = (grid.py(j), grid.py(j + size));
                    (grid.px(i), a + t * (b - a))
                } else {
                    let (a, b) = (grid.px(i), grid.px(i + size));
                    (a + t * (b - a), grid.py(j))
                }
            };
            let (mut a, mut b) = ((0.0, values.0 - level), (1.0, values.1 - level));
            let step = (b.1 - a.1).abs();
            for _ in 0..12 {
                let t = a.0 + (b.0 - a.0) * (a.1 / (a.1 - b.1)).clamp(0.0, 1.0);
                let p = place(t);
                if ((grid.f)(p.0, p.1) - level).abs() <= 0.01 * step {
                    return Some(p);
                }
                let m = 0.5 * (a.0 + b.0);
                let q = place(m);
                let v = (grid.f)(q.0, q.1) - level;
                if !v.is_finite() {
                    return None;
                }
                if (v >= 0.0) == (b.1 >= 0.0) { b = (m, v) } else { a = (m, v) }
            }
            None
        });
        found.is_some()
    }

    /// Strings the segments together.
    fn join(self) -> Vec<Vec<(f64, f64)>> {
        let mut at: HashMap<Key, Vec<usize>> = HashMap::new();
        for (s, (a, b)) in self.segments.iter().enumerate() {
            at.entry(*a).or_default().push(s);
            at.entry(*b).or_default().push(s);
        }
        let mut used = vec![false; self.segments.len()];
        let mut lines = Vec::new();
        // Open lines first, from their ends; what is left are rings.
        let is_end = |k: &Key| at.get(k).is_some_and(|s| s.len() == 1);
        let ends =
            (0..self.segments.len()).filter(|s| is_end(&self.segments[*s].0) || is_end(&self.segments[*s].1));
        let order: Vec<usize> = ends.chain(0..self.segments.len()).collect();
        for start in order {
            if used[start] {
                continue;
            }
            let (a, b) = self.segments[start];
            let (mut from, mut tip) = if is_end(&b) { (b, a) } else { (a, b) };
            used[start] = true;
            let mut line = vec![from, tip];
            while let Some(next) = at.get(&tip).and_then(|all| all.iter().copied().find(|s| !used[*s])) {
                used[next] = true;
                let (a, b) = self.segments[next];
                (from, tip) = (tip, if a == tip { b } else { a });
                debug_assert!(from != tip || a == b);
                line.push(tip);
            }
            let points = line.iter().filter_map(|k| self.crossings.get(k).copied().flatten());
            let mut points: Vec<(f64, f64)> = points.collect();
            points.dedup();
            if points.len() > 1 {
                lines.push(points);
            }
        }
        lines
    }
}
