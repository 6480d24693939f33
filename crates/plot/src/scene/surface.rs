//! A function of two variables as a surface in space: parallel projection, nearer parts painted over farther ones.

use super::{Canvas, Plane, range_words};
use crate::colour::Paint;
use crate::figure::{Anchor, Axis, ColourBar, Dash, Figure, Mark, Shape, Stroke, Symbol};
use crate::range;
use crate::ticks::{number, ticks};

/// A surface.
#[derive(Clone)]
pub struct SurfaceScene<'f> {
    /// The function, and a point with its tangent plane if wished.
    pub plane: Plane<'f>,
    /// The range of heights, or one found by itself.
    pub z: Option<(f64, f64)>,
    /// Where the eye stands: degrees about the vertical axis, from the axis of x towards that of y.
    pub azimuth: f64,
    /// How high the eye stands: degrees above the horizon.
    pub elevation: f64,
    /// Size and look.
    pub canvas: Canvas,
}

impl<'f> SurfaceScene<'f> {
    /// A surface seen from the usual side.
    pub fn new(plane: Plane<'f>) -> SurfaceScene<'f> {
        SurfaceScene { plane, z: None, azimuth: -58.0, elevation: 28.0, canvas: Canvas::default() }
    }

    /// The picture.
    pub fn figure(&self) -> Figure {
        let plane = &self.plane;
        let (x, y) = plane.ranges();
        let heights = self.z.filter(|z| range::usable(*z)).or_else(|| plane.heights(x, y));
        let z = heights.unwrap_or((-1.0, 1.0));
        let view = View::new(x, y, z, self.azimuth, self.elevation);
        let mut marks = view.box_marks(self);
        marks.extend(self.mesh(&view));
        marks.extend(self.point(&view));
        let (u, v) = view.extent();
        let mut description = format!(
            "Surface of {} for {}, {}, with heights {}.",
            plane.label,
            range_words(&plane.variables.0, x),
            range_words(&plane.variables.1, y),
            range_words("", z).trim()
        );
        if let (Some(p), Some(g)) = (plane.at, plane.slope()) {
            description += &format!(
                " The tangent plane at ({}, {}) has slopes {} and {}.",
                number(p.0, 4),
                number(p.1, 4),
                number(g.0, 4),
                number(g.1, 4)
            );
        }
        let notes =
            if heights.is_none() { vec!["not defined anywhere in view".to_owned()] } else { Vec::new() };
        Figure {
            title: plane.label.clone(),
            description,
            size: (self.canvas.width, self.canvas.height),
            theme: self.canvas.theme,
            x: Axis { label: String::new(), range: u },
            y: Axis { label: String::new(), range: v },
            framed: false,
            equal: true,
            marks,
            bar: Some(ColourBar { label: String::new(), range: z, log: false, lines: false }),
            notes,
        }
    }

    /// The patches of the surface, the farthest first.
    fn mesh(&self, view: &View) -> Vec<Mark> {
        const N: usize = 40;
        let f = self.plane.f;
        let place = |r: (f64, f64), i: usize| r.0 + (r.1 - r.0) * i as f64 / N as f64;
        let heights: Vec<f64> = (0..=N)
            .flat_map(|j| (0..=N).map(move |i| (i, j)))
            .map(|(i, j)| f(place(view.x, i), place(view.y, j)))
            .collect();
        let corner = |i: usize, j: usize| {
            [
                2.0 * i as f64 / N as f64 - 1.0,
                2.0 * j as f64 / N as f64 - 1.0,
                view.height(heights[j * (N + 1) + i]),
            ]
        };
        let mut patches: Vec<(f64, Vec<[f64; 3]>)> = Vec::new();
        for k in 0..N * N {
            let (i, j) = (k % N, k / N);
            let corners = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
            if corners.iter().any(|c| !c[2].is_finite()) {
                continue;
            }
            let (above, below) = (corners.iter().any(|c| c[2] > 1.0), corners.iter().any(|c| c[2] < -1.0));
            // From beyond the top to beyond the bottom within one cell: that is a pole, and no wall is drawn.
            if above && below {
                continue;
            }
            let patch = clip_height(&clip_height(&corners, 1.0), -1.0);
            if patch.len() >= 3 {
                patches
                    .push((view.depth(corners[0][0] + corners[2][0], corners[0][1] + corners[2][1]), patch));
            }
        }
        // Over a grid seen in parallel projection the depth of the ground settles what hides what.
        patches.sort_by(|a, b| a.0.total_cmp(&b.0));
        let width = 0.5 * self.canvas.unit();
        patches
            .into_iter()
            .map(|(_, patch)| {
                let mean = patch.iter().map(|c| c[2]).sum::<f64>() / patch.len() as f64;
                let t = 0.5 * (mean + 1.0);
                let edge = Some(Stroke { paint: Paint::ScaleEdge(t), width, dash: Dash::Solid });
                let points = patch.iter().map(|c| view.project(*c)).collect();
                Mark::new("patch", Shape::Polygon { points, fill: Paint::Scale(t), opacity: 1.0, edge })
            })
            .collect()
    }

    /// The marked point: input on the ground, output on the surface, tangent plane, gradient on the ground.
    fn point(&self, view: &View) -> Vec<Mark> {
        let plane = &self.plane;
        let Some(p) = plane.at else { return Vec::new() };
        let value = (plane.f)(p.0, p.1);
        if !value.is_finite() {
            return Vec::new();
        }
        let unit = self.canvas.unit();
        let scaled = |v: f64, r: (f64, f64)| (v - r.0) / (r.1 - r.0) * 2.0 - 1.0;
        let (a, b, c) = (scaled(p.0, view.x), scaled(p.1, view.y), view.height(value));
        let ground = view.project([a, b, -1.0]);
        let top = view.project([a, b, c]);
        let mut marks = Vec::new();
        if let Some(g) = plane.slope() {
            // Slopes in units of the box.
            let rise = 0.5 * (view.z.1 - view.z.0);
            let (sx, sy) =
                (g.0 * 0.5 * (view.x.1 - view.x.0) / rise, g.1 * 0.5 * (view.y.1 - view.y.0) / rise);
            let r = 0.34 / (1.0 + 0.25 * sx.hypot(sy));
            let at = |dx: f64, dy: f64| view.project([a + dx, b + dy, c + sx * dx + sy * dy]);
            let points = vec![at(-r, -r), at(r, -r), at(r, r), at(-r, r)];
            let edge = Some(Stroke { paint: Paint::Tangent, width: 1.8 * unit, dash: Dash::Solid });
            let patch = Shape::Polygon { points, fill: Paint::Tangent, opacity: 0.45, edge };
            let words = format!("tangent plane, slopes {}, {}", number(g.0, 4), number(g.1, 4));
            marks.push(Mark::new("tangent-plane", patch).legend(words));
        }
        let stroke = Stroke { paint: Paint::Mark, width: 1.6 * unit, dash: Dash::Dashed };
        marks.push(Mark::new("riser", Shape::Lines { lines: vec![vec![ground, top]], stroke }));
        let (paint, radius) = (Paint::Mark, 5.4 * unit);
        let cross = Shape::Markers { at: vec![ground], symbol: Symbol::Cross, paint, radius };
        let (m, n) = &plane.variables;
        let words = format!("input ({m}, {n}) = ({}, {})", number(p.0, 4), number(p.1, 4));
        marks.push(Mark::new("input", cross).legend(words));
        let ring = Shape::Markers { at: vec![top], symbol: Symbol::Ring, paint, radius };
        marks.push(Mark::new("output", ring).legend(format!("output {}", number(value, 6))));
        marks
    }
}

/// The part of a polygon in the box below height 1 (`side` 1) or above -1 (`side` -1).
fn clip_height(points: &[[f64; 3]], side: f64) -> Vec<[f64; 3]> {
    let inside = |p: &[f64; 3]| 1.0 - side * p[2];
    let mut kept = Vec::with_capacity(points.len() + 2);
    for (i, b) in points.iter().enumerate() {
        let a = &points[if i == 0 { points.len() - 1 } else { i - 1 }];
        let (da, db) = (inside(a), inside(b));
        if (da >= 0.0) != (db >= 0.0) {
            let t = da / (da - db);
            kept.push([0, 1, 2].map(|k| a[k] + t * (b[k] - a[k])));
        }
        if db >= 0.0 {
            kept.push(*b);
        }
    }
    kept
}

/// Parallel projection of the box [-1, 1]³, whose height is drawn shorter than its sides.
struct View {
    x: (f64, f64),
    y: (f64, f64),
    z: (f64, f64),
    azimuth: (f64, f64),
    elevation: (f64, f64),
}

const TALL: f64 = 0.78;

impl View {
    fn new(x: (f64, f64), y: (f64, f64), z: (f64, f64), azimuth: f64, elevation: f64) -> View {
        let elevation = elevation.clamp(5.0, 85.0).to_radians();
        View { x, y, z, azimuth: azimuth.to_radians().sin_cos(), elevation: elevation.sin_cos() }
    }

    fn height(&self, value: f64) -> f64 {
        // Beyond a few heights of the box only the direction matters, and large values must not overflow.
        ((0.5 * value - 0.5 * self.z.0) / (0.5 * self.z.1 - 0.5 * self.z.0) * 2.0 - 1.0).clamp(-1e6, 1e6)
    }

    /// How near to the eye a place on the ground is.
    fn depth(&self, x: f64, y: f64) -> f64 {
        x * self.azimuth.1 + y * self.azimuth.0
    }

    fn project(&self, p: [f64; 3]) -> (f64, f64) {
        let (sin, cos) = self.azimuth;
        let u = -p[0] * sin + p[1] * cos;
        let v = TALL * p[2] * self.elevation.1 - self.depth(p[0], p[1]) * self.elevation.0;
        (u, v)
    }

    /// The ranges of the picture, with room for the labels.
    fn extent(&self) -> ((f64, f64), (f64, f64)) {
        let corners = [-1.0, 1.0].into_iter().flat_map(|x| [-1.0, 1.0].into_iter().map(move |y| (x, y)));
        let all: Vec<(f64, f64)> =
            corners.flat_map(|(x, y)| [-1.0, 1.0].map(|z| self.project([x, y, z]))).collect();
        let span = |of: &dyn Fn(&(f64, f64)) -> f64| {
            all.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |s, v| (s.0.min(v), s.1.max(v)))
        };
        let (u, v) = (span(&|p| p.0), span(&|p| p.1));
        ((u.0 - 0.34, u.1 + 0.16), (v.0 - 0.16, v.1 + 0.06))
    }

    /// Floor and back walls with their grid, ticks and names.
    fn box_marks(&self, scene: &SurfaceScene) -> Vec<Mark> {
        let unit = scene.canvas.unit();
        // Sides of the box nearest to the eye, and the upright edge farthest left.
        let near_x = if self.azimuth.1 >= 0.0 { 1.0 } else { -1.0 };
        let near_y = if self.azimuth.0 >= 0.0 { 1.0 } else { -1.0 };
        let upright = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)]
            .into_iter()
            .min_by(|a, b| self.project([a.0, a.1, 0.0]).0.total_cmp(&self.project([b.0, b.1, 0.0]).0))
            .unwrap_or((-1.0, -1.0));
        let mut grid: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut labels = Vec::new();
        let mut label = |at: (f64, f64), text: String, anchor, size| {
            let shape = Shape::Label { at, text, paint: Paint::Ink, anchor, size };
            labels.push(Mark::new("tick", shape));
        };
        let line = |points: &[[f64; 3]]| points.iter().map(|p| self.project(*p)).collect::<Vec<_>>();
        let share = |v: f64, r: (f64, f64)| (0.5 * v - 0.5 * r.0) / (0.5 * r.1 - 0.5 * r.0) * 2.0 - 1.0;
        let (name_x, name_y) = &scene.plane.variables;
        let side = |u: f64| if u > 0.0 { Anchor::Start } else { Anchor::End };
        let x_ticks = ticks(self.x, 4);
        for (value, text) in x_ticks.marks {
            let s = share(value, self.x);
            grid.push(line(&[[s, near_y, -1.0], [s, -near_y, -1.0], [s, -near_y, 1.0]]));
            let p = self.project([s, 1.1 * near_y, -1.0]);
            label((p.0, p.1 - 0.05), text, side(p.0 - self.project([s, 0.0, -1.0]).0), 0.85);
        }
        let y_ticks = ticks(self.y, 4);
        for (value, text) in y_ticks.marks {
            let s = share(value, self.y);
            grid.push(line(&[[near_x, s, -1.0], [-near_x, s, -1.0], [-near_x, s, 1.0]]));
            let p = self.project([1.1 * near_x, s, -1.0]);
            label((p.0, p.1 - 0.05), text, side(p.0 - self.project([0.0, s, -1.0]).0), 0.85);
        }
        let z_ticks = ticks(self.z, 5);
        for (value, text) in z_ticks.marks {
            let s = self.height(value);
            grid.push(line(&[[near_x, -near_y, s], [-near_x, -near_y, s], [-near_x, near_y, s]]));
            let p = self.project([upright.0, upright.1, s]);
            label((p.0 - 0.06, p.1), text, Anchor::End, 0.85);
        }
        let name = |name: &str, factor: &str| format!("{name} {factor}").trim().to_owned();
        let p = self.project([0.0, 1.36 * near_y, -1.0]);
        label(
            (p.0, p.1 - 0.06),
            name(name_x, &x_ticks.factor),
            side(p.0 - self.project([0.0, 0.0, -1.0]).0),
            1.0,
        );
        let p = self.project([1.36 * near_x, 0.0, -1.0]);
        label(
            (p.0, p.1 - 0.06),
            name(name_y, &y_ticks.factor),
            side(p.0 - self.project([0.0, 0.0, -1.0]).0),
            1.0,
        );
        let (a, b) = (near_x, near_y);
        let floor = line(&[
            [1.0, 1.0, -1.0],
            [-1.0, 1.0, -1.0],
            [-1.0, -1.0, -1.0],
            [1.0, -1.0, -1.0],
            [1.0, 1.0, -1.0],
        ]);
        let walls = line(&[[a, -b, -1.0], [a, -b, 1.0], [-a, -b, 1.0], [-a, b, 1.0], [-a, b, -1.0]]);
        let corner = line(&[[-a, -b, -1.0], [-a, -b, 1.0]]);
        let thin = Stroke { paint: Paint::Faint, width: 0.8 * unit, dash: Dash::Solid };
        let firm = Stroke { paint: Paint::Guide, width: 1.0 * unit, dash: Dash::Solid };
        let mut marks = vec![
            Mark::new("grid", Shape::Lines { lines: grid, stroke: thin }),
            Mark::new("box", Shape::Lines { lines: vec![floor, walls, corner], stroke: firm }),
        ];
        marks.append(&mut labels);
        marks
    }
}
