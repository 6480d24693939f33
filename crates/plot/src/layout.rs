//! From a figure to a drawing: where title, axes, legend and colour bar go, and where that leaves the plot.
//!
//! The legend stands below the plot, never upon it, so that it cannot hide the curve; text is measured, wrapped and,
//! as a last resort, shrunk or cut with an ellipsis, so that nothing is cut off.

use crate::colour::{Colour, Paint};
use crate::drawing::{Drawing, Group, Item, Pen, Point, Rect};
use crate::figure::{Anchor, ColourBar, Dash, Figure, Mark, SegmentSide, Shape, Stroke, Symbol};
use crate::font;
use crate::range::usable;
use crate::ticks::{Ticks, ticks};

/// A drawing, and where in it the plot is.
pub(crate) struct Layout {
    pub drawing: Drawing,
    pub plot: Rect,
}

/// Text size for a picture of this width: legible at 300 px, and still so when a wide picture is shrunk to that.
pub(crate) fn base_size(width: f64) -> f64 {
    (width / 34.0).clamp(10.5, 20.0)
}

/// From the units of the axes to pixels.
#[derive(Clone, Copy)]
pub(crate) struct Map {
    pub plot: Rect,
    pub x: (f64, f64),
    pub y: (f64, f64),
}

impl Map {
    /// For a figure's axes; ranges that cannot be drawn give way to one that can.
    pub fn new(plot: Rect, figure: &Figure) -> Map {
        let sound = |r| if usable(r) { r } else { (-1.0, 1.0) };
        Map { plot, x: sound(figure.x.range), y: sound(figure.y.range) }
    }

    pub fn to(self, p: (f64, f64)) -> Point {
        // Far outside is far enough: values near the largest float must not overflow on the way to pixels.
        let share = |v: f64, r: (f64, f64)| {
            let half = 0.5 * r.1 - 0.5 * r.0;
            ((0.5 * v - 0.5 * r.0) / half).clamp(-1e6, 1e6)
        };
        let (u, v) = (share(p.0, self.x), share(p.1, self.y));
        (self.plot.left + u * self.plot.width(), self.plot.bottom - v * self.plot.height())
    }
}

/// Lays out a figure on its own size.
pub(crate) fn layout(figure: &Figure) -> Layout {
    let (width, height) = (figure.size.0.clamp(120.0, 20_000.0), figure.size.1.clamp(90.0, 20_000.0));
    let size = base_size(width);
    let ink = figure.theme.colour(Paint::Ink);
    let pad = 0.55 * size;
    let mut groups: Vec<Group> = Vec::new();

    let mut top = pad;
    let title_size = 1.12 * size;
    let (lines, title_size) = wrap(&figure.title, title_size, width - 2.0 * pad, 2);
    let mut items = Vec::new();
    for line in lines {
        top += title_size;
        items.push(text((0.5 * width, top), line, title_size, Anchor::Middle, ink));
        top += 0.35 * title_size;
    }
    groups.push(Group { class: "title", items });

    let (legend, legend_height) = legend(figure, width, height, size, pad);
    let mut bottom = height - pad - legend_height;

    let mut plot = Rect { left: pad, top, right: width - pad, bottom };
    let mut frame_ticks = None;
    if figure.framed {
        let small = 0.94 * size;
        bottom -= 1.75 * size;
        plot.bottom = bottom;
        let rows = ((plot.bottom - plot.top) / (2.6 * size)).clamp(2.0, 9.0) as usize;
        let y_ticks = ticks(figure.y.range, rows);
        let unnamed = figure.y.label.is_empty() && y_ticks.factor.is_empty() && figure.bar.is_none();
        plot.top += if unnamed { 0.6 * size } else { 1.6 * size };
        let widest = y_ticks.marks.iter().map(|t| font::width(&t.1) * small).fold(0.0, f64::max);
        plot.left += widest + 0.45 * size;
        let name = font::width(&figure.x.label) * size;
        plot.right -= name.min(0.2 * width) + 0.5 * size;
        if let Some(bar) = &figure.bar {
            plot.right -= bar_width(bar, size) - name.min(0.2 * width).min(size);
        }
        let x_ticks = fitting_ticks(figure.x.range, plot.width(), small);
        frame_ticks = Some((x_ticks, y_ticks));
    } else if let Some(bar) = &figure.bar {
        plot.right -= bar_width(bar, size);
    }
    if plot.right - plot.left < 30.0 {
        plot.right = plot.left + 30.0;
    }
    if plot.bottom - plot.top < 30.0 {
        plot.bottom = plot.top + 30.0;
    }
    if figure.equal {
        let map = Map::new(plot, figure);
        make_equal(&mut plot, map.x, map.y);
    }
    let map = Map::new(plot, figure);
    if let Some((x_ticks, y_ticks)) = frame_ticks {
        groups.push(frame(figure, map, &x_ticks, &y_ticks, size));
    }
    for mark in &figure.marks {
        let items = draw(figure, mark, map, size);
        match groups.last_mut() {
            _ if items.is_empty() => {}
            Some(group) if group.class == mark.class => group.items.extend(items),
            _ => groups.push(Group { class: mark.class, items }),
        }
    }
    if let Some(bar) = &figure.bar {
        // Beside the plot, past the name of the axis; the plot may be narrower than there is room for.
        let name = if figure.framed { (font::width(&figure.x.label) * size).min(0.2 * width) } else { 0.0 };
        groups.push(colour_bar(figure, bar, plot, plot.right + name + 1.3 * size, size));
    }
    groups.push(legend);
    let drawing = Drawing {
        title: figure.title.clone(),
        description: figure.description.clone(),
        width,
        height,
        ground: figure.theme.colour(Paint::Ground),
        groups,
    };
    Layout { drawing, plot }
}

fn text(at: Point, text: String, size: f64, anchor: Anchor, colour: Colour) -> Item {
    Item::Text { at, text, size, anchor, colour, halo: None }
}

/// Breaks a line at spaces into at most `most` lines; shrinks by up to a quarter first, and cuts what is left over.
fn wrap(line: &str, size: f64, width: f64, most: usize) -> (Vec<String>, f64) {
    if line.is_empty() {
        return (Vec::new(), size);
    }
    for share in [1.0, 0.9, 0.8, 0.75] {
        let size = share * size;
        for count in 1..=most {
            // A second line is better than a small one, a small one better than a cut.
            if let Some(lines) = break_lines(line, width / size, count)
                && (lines.len() == 1 || share <= 0.9 || most == 1)
            {
                return (lines, size);
            }
        }
    }
    let size = 0.75 * size;
    let mut lines = break_lines(line, width / size, usize::MAX).unwrap_or_else(|| vec![line.to_owned()]);
    let over = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        *last = shorten(last, width / size, over);
    }
    let rest = lines.len();
    for line in lines.iter_mut().take(rest.saturating_sub(1)) {
        *line = shorten(line, width / size, false);
    }
    (lines, size)
}

fn break_lines(line: &str, width: f64, most: usize) -> Option<Vec<String>> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut()?;
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if font::width(&longer) <= width || last.is_empty() {
            *last = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    let fits = lines.len() <= most && lines.iter().all(|l| font::width(l) <= width);
    (fits || most == usize::MAX).then_some(lines)
}

/// Cuts a line to a width in ems; with an ellipsis if anything is missing.
fn shorten(line: &str, width: f64, missing: bool) -> String {
    if !missing && font::width(line) <= width {
        return line.to_owned();
    }
    let mut kept = String::new();
    for c in line.chars() {
        kept.push(c);
        if font::width(&kept) + 1.0 > width {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// As many ticks as their labels leave room for.
fn fitting_ticks(range: (f64, f64), width: f64, size: f64) -> Ticks {
    let mut found = ticks(range, 2);
    for count in 3..=10 {
        let more = ticks(range, count);
        let taken: f64 = more.marks.iter().map(|t| (font::width(&t.1) + 1.4) * size).sum();
        if taken > width {
            break;
        }
        found = more;
    }
    found
}

fn make_equal(plot: &mut Rect, x: (f64, f64), y: (f64, f64)) {
    let (w, h) = (x.1 - x.0, y.1 - y.0);
    let unit = (plot.width() / w).min(plot.height() / h);
    let (spare_x, spare_y) = (plot.width() - unit * w, plot.height() - unit * h);
    plot.left += 0.5 * spare_x;
    plot.right -= 0.5 * spare_x;
    plot.top += 0.5 * spare_y;
    plot.bottom -= 0.5 * spare_y;
}

/// Grid, axes through the origin where it is in view, ticks and names.
fn frame(figure: &Figure, map: Map, x_ticks: &Ticks, y_ticks: &Ticks, size: f64) -> Group {
    let ground = figure.theme.colour(Paint::Ground);
    let ink = figure.theme.colour(Paint::Ink);
    let plot = map.plot;
    let mut items = Vec::new();
    let line = |a: Point, b: Point, strength: f64, width: f64| Item::Path {
        lines: vec![vec![a, b]],
        closed: false,
        fill: None,
        stroke: Some(Pen { colour: ground.mix(ink, strength), width, dash: Dash::Solid }),
    };
    let small = 0.94 * size;
    for (value, label) in &x_ticks.marks {
        let x = map.to((*value, figure.y.range.0)).0;
        items.push(line((x, plot.top), (x, plot.bottom), 0.13, 1.0));
        // A wide label at the end that would be cut off is left out, unless no other is there to read.
        let half = 0.5 * font::width(label) * small;
        if x + half <= figure.size.0.clamp(120.0, 20_000.0) || x_ticks.marks.len() < 3 {
            let at = (x, plot.bottom + 1.22 * size);
            items.push(text(at, label.clone(), small, Anchor::Middle, ink));
        }
    }
    for (value, label) in &y_ticks.marks {
        let y = map.to((figure.x.range.0, *value)).1;
        items.push(line((plot.left, y), (plot.right, y), 0.13, 1.0));
        let at = (plot.left - 0.4 * size, y + 0.35 * small);
        items.push(text(at, label.clone(), small, Anchor::End, ink));
    }
    let zero = map.to((0.0, 0.0));
    let within = |r: (f64, f64)| r.0 <= 0.0 && r.1 >= 0.0;
    let axis_y = if within(figure.y.range) { zero.1 } else { plot.bottom };
    let axis_x = if within(figure.x.range) { zero.0 } else { plot.left };
    items.push(line((plot.left, axis_y), (plot.right, axis_y), 0.62, 1.3));
    items.push(line((axis_x, plot.top), (axis_x, plot.bottom), 0.62, 1.3));
    let name = |label: &str, factor: &str| format!("{label} {factor}").trim().to_owned();
    let x_name = name(&figure.x.label, &x_ticks.factor);
    let (at, anchor) = if x_ticks.factor.is_empty() {
        // Beside its axis, and above the labels of the ticks: the last of them may reach below the name.
        ((plot.right + 0.35 * size, (axis_y + 0.35 * size).min(plot.bottom + 0.3 * size)), Anchor::Start)
    } else {
        ((plot.right, plot.bottom - 0.4 * size), Anchor::End)
    };
    let y_name = name(&figure.y.label, &y_ticks.factor);
    // Above its axis, unless that is too near to a side for the words.
    let half = 0.5 * font::width(&y_name) * size;
    let centre = axis_x.min(plot.right - half).max(half + 2.0);
    let names = [(x_name, at, anchor), (y_name, (centre, plot.top - 0.64 * size), Anchor::Middle)];
    for (name, at, anchor) in names.into_iter().filter(|n| !n.0.is_empty()) {
        items.push(text(at, name, size, anchor, ink));
    }
    Group { class: "axes", items }
}

fn pen(figure: &Figure, stroke: &Stroke) -> Pen {
    Pen { colour: figure.theme.colour(stroke.paint), width: stroke.width, dash: stroke.dash }
}

/// The items of one mark, clipped to the plot.
fn draw(figure: &Figure, mark: &Mark, map: Map, size: f64) -> Vec<Item> {
    let plot = map.plot;
    let path = |lines: Vec<Vec<Point>>, stroke: &Stroke| {
        let stroke = Some(pen(figure, stroke));
        if lines.is_empty() {
            Vec::new()
        } else {
            vec![Item::Path { lines, closed: false, fill: None, stroke }]
        }
    };
    match &mark.shape {
        Shape::Lines { lines, stroke } => {
            let clipped = lines.iter().flat_map(|line| {
                let pixels: Vec<Point> = line.iter().map(|p| map.to(*p)).collect();
                plot.clip_line(&pixels)
            });
            path(clipped.collect(), stroke)
        }
        Shape::Bands { bands, paint } => {
            let outline = |band: &Vec<(f64, f64, f64)>| {
                let upper = band.iter().map(|b| map.to((b.0, b.2)));
                let lower = band.iter().rev().map(|b| map.to((b.0, b.1)));
                let level = |p: Point| (p.0.clamp(plot.left, plot.right), p.1.clamp(plot.top, plot.bottom));
                upper.chain(lower).map(level).collect::<Vec<Point>>()
            };
            let lines: Vec<_> = bands.iter().map(outline).filter(|l| l.len() > 2).collect();
            let colour = figure.theme.colour(*paint);
            // The rim keeps a band of a pixel's width in sight.
            let stroke = Some(Pen { colour, width: 1.0, dash: Dash::Solid });
            if lines.is_empty() {
                Vec::new()
            } else {
                vec![Item::Path { lines, closed: true, fill: Some((colour, 0.55)), stroke }]
            }
        }
        Shape::Polygon { points, fill, opacity, edge } => {
            let pixels: Vec<Point> = points.iter().map(|p| map.to(*p)).collect();
            let inside = plot.clip_polygon(&pixels);
            if inside.len() < 3 {
                return Vec::new();
            }
            let stroke = edge.as_ref().map(|e| pen(figure, e));
            let fill = Some((figure.theme.colour(*fill), *opacity));
            vec![Item::Path { lines: vec![inside], closed: true, fill, stroke }]
        }
        Shape::Markers { at, symbol, paint, radius } => {
            let places = at.iter().map(|p| map.to(*p)).filter(|p| plot.contains(*p, 0.75));
            places.flat_map(|p| marker(figure, p, *symbol, *paint, *radius)).collect()
        }
        Shape::Segment { at, slope, length, side, stroke } => {
            let (a, b) = segment(map, *at, *slope, *length, *side);
            path(plot.clip_line(&[a, b]), stroke)
        }
        Shape::Arrow { from, to, stroke } => arrow(figure, map, *from, *to, stroke),
        Shape::Label { at, text, paint, anchor, size: share } => {
            let p = map.to(*at);
            // A surface has no frame, and its labels stand around it.
            if figure.framed && !plot.contains(p, 0.75) {
                return Vec::new();
            }
            let halo = Some(figure.theme.colour(Paint::Ground));
            let colour = figure.theme.colour(*paint);
            let at = (p.0, p.1 + 0.35 * size * share);
            vec![Item::Text { at, text: text.clone(), size: size * share, anchor: *anchor, colour, halo }]
        }
    }
}

/// Both ends of a segment of fixed length, in pixels.
pub(crate) fn segment(
    map: Map,
    at: (f64, f64),
    slope: f64,
    length: f64,
    side: SegmentSide,
) -> (Point, Point) {
    let p = map.to(at);
    let half = 0.5 * length * map.plot.width();
    // Pixels a unit on each axis; a slope in units becomes one in pixels.
    let ux = map.plot.width() / (map.x.1 - map.x.0);
    let uy = map.plot.height() / (map.y.1 - map.y.0);
    let steep = slope * (uy / ux);
    let (dx, dy) = if steep.is_finite() {
        (1.0 / steep.hypot(1.0), -steep / steep.hypot(1.0))
    } else {
        (0.0, -slope.signum())
    };
    let (dx, dy) = if dx.is_finite() && dy.is_finite() { (dx, dy) } else { (0.0, -slope.signum()) };
    let end = |t: f64| (p.0 + t * half * dx, p.1 + t * half * dy);
    match side {
        SegmentSide::Both => (end(-1.0), end(1.0)),
        SegmentSide::Left => (end(-1.0), p),
        SegmentSide::Right => (p, end(1.0)),
    }
}

fn marker(figure: &Figure, p: Point, symbol: Symbol, paint: Paint, radius: f64) -> Vec<Item> {
    let colour = figure.theme.colour(paint);
    let ground = figure.theme.colour(Paint::Ground);
    let solid = |colour, width| Pen { colour, width, dash: Dash::Solid };
    match symbol {
        Symbol::Dot => vec![Item::Circle { centre: p, radius, fill: Some(colour), stroke: None }],
        Symbol::Ring => {
            let stroke = Some(solid(colour, 0.42 * radius));
            vec![Item::Circle { centre: p, radius, fill: Some(ground), stroke }]
        }
        Symbol::Cross => {
            let r = 0.95 * radius;
            let lines = vec![
                vec![(p.0 - r, p.1 - r), (p.0 + r, p.1 + r)],
                vec![(p.0 - r, p.1 + r), (p.0 + r, p.1 - r)],
            ];
            let path =
                |pen| Item::Path { lines: lines.clone(), closed: false, fill: None, stroke: Some(pen) };
            // A rim of ground sets it off from the axis it stands on.
            vec![path(solid(ground, 0.95 * radius)), path(solid(colour, 0.5 * radius))]
        }
    }
}

fn arrow(figure: &Figure, map: Map, from: (f64, f64), to: (f64, f64), stroke: &Stroke) -> Vec<Item> {
    let (a, b) = (map.to(from), map.to(to));
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx.hypot(dy);
    let slack = 0.5 * map.plot.width().min(map.plot.height());
    if length < 0.5 || length.is_nan() || !map.plot.contains(a, slack) || !map.plot.contains(b, slack) {
        return Vec::new();
    }
    let (ux, uy) = (dx / length, dy / length);
    let head = (2.2 * stroke.width + 2.5).min(0.6 * length).max(1.5);
    let neck = (b.0 - ux * head * 0.8, b.1 - uy * head * 0.8);
    let wing = 0.48 * head;
    let base = (b.0 - ux * head, b.1 - uy * head);
    let pen = pen(figure, stroke);
    let tip = vec![b, (base.0 - uy * wing, base.1 + ux * wing), (base.0 + uy * wing, base.1 - ux * wing)];
    vec![
        Item::Path { lines: vec![vec![a, neck]], closed: false, fill: None, stroke: Some(pen) },
        Item::Path { lines: vec![tip], closed: true, fill: Some((pen.colour, 1.0)), stroke: None },
    ]
}

/// The legend and the notes below it, standing on the bottom edge; and their height.
fn legend(figure: &Figure, width: f64, height: f64, size: f64, pad: f64) -> (Group, f64) {
    let ink = figure.theme.colour(Paint::Ink);
    let entries: Vec<(&Mark, &str)> =
        figure.marks.iter().filter_map(|m| m.legend.as_deref().map(|l| (m, l))).collect();
    let room = width - 2.0 * pad;
    let mut small = 0.96 * size;
    let key = 2.3;
    let gap = 1.1;
    // Rows of (entry, x); the text gets smaller when the legend would take a third of the picture.
    let mut rows: Vec<Vec<(usize, f64)>>;
    loop {
        let widths: Vec<f64> =
            entries.iter().map(|(_, words)| ((key + font::width(words)) * small).min(room)).collect();
        rows = flow(&widths, gap * small, room);
        // As narrow as as many rows allow: no last row with a single entry.
        for share in [0.45, 0.55, 0.65, 0.75, 0.85] {
            let narrow = flow(&widths, gap * small, share * room);
            if narrow.len() == rows.len() {
                rows = narrow;
                break;
            }
        }
        if small <= 0.8 * size || (rows.len() + figure.notes.len()) as f64 * 1.45 * small <= 0.3 * height {
            break;
        }
        small *= 0.93;
    }
    let mut notes = Vec::new();
    for note in &figure.notes {
        let (lines, size) = wrap(note, 0.92 * small, room, 2);
        notes.extend(lines.into_iter().map(|l| (l, size)));
    }
    let line = 1.45 * small;
    let mut used = (rows.len() + notes.len()) as f64 * line;
    if used > 0.0 {
        used += 0.35 * size;
    }
    let mut y = height - pad - used + 0.35 * size;
    let mut items = Vec::new();
    for row in &rows {
        let middle = y + 0.5 * line;
        let wide =
            row.last().map_or(0.0, |(i, x)| x + ((key + font::width(entries[*i].1)) * small).min(room));
        let left = pad + 0.5 * (room - wide);
        for (i, x) in row {
            let (mark, words) = entries[*i];
            items.extend(legend_key(figure, &mark.shape, (left + x, middle), small));
            let words = shorten(words, room / small - key, false);
            let at = (left + x + key * small, middle + 0.35 * small);
            items.push(text(at, words, small, Anchor::Start, ink));
        }
        y += line;
    }
    for (note, size) in notes {
        items.push(text((0.5 * width, y + 0.5 * line + 0.35 * size), note, size, Anchor::Middle, ink));
        y += line;
    }
    (Group { class: "legend", items }, used)
}

/// Sets entries of these widths in rows: (entry, place) of each.
fn flow(widths: &[f64], gap: f64, room: f64) -> Vec<Vec<(usize, f64)>> {
    let mut rows: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut x = 0.0;
    for (i, wide) in widths.iter().enumerate() {
        match rows.last_mut() {
            Some(row) if x + wide <= room => row.push((i, x)),
            _ => {
                x = 0.0;
                rows.push(vec![(i, 0.0)]);
            }
        }
        x += wide + gap;
    }
    rows
}

/// The sample of a mark in the legend, left of `at`'s text and centred on its height.
fn legend_key(figure: &Figure, shape: &Shape, at: Point, size: f64) -> Vec<Item> {
    let (a, b) = (at, (at.0 + 1.9 * size, at.1));
    let centre = (at.0 + 0.95 * size, at.1);
    let line = |stroke: &Stroke| Item::Path {
        lines: vec![vec![a, b]],
        closed: false,
        fill: None,
        stroke: Some(pen(figure, stroke)),
    };
    let block = |colour: Colour, opacity: f64| Item::Path {
        lines: vec![vec![
            (a.0, a.1 - 0.35 * size),
            (b.0, b.1 - 0.35 * size),
            (b.0, b.1 + 0.35 * size),
            (a.0, a.1 + 0.35 * size),
        ]],
        closed: true,
        fill: Some((colour, opacity)),
        stroke: None,
    };
    match shape {
        Shape::Lines { stroke, .. } | Shape::Segment { stroke, .. } => vec![line(stroke)],
        Shape::Bands { paint, .. } => vec![block(figure.theme.colour(*paint), 0.55)],
        Shape::Polygon { fill, opacity, .. } => vec![block(figure.theme.colour(*fill), *opacity)],
        Shape::Markers { symbol, paint, radius, .. } => {
            marker(figure, centre, *symbol, *paint, radius.min(0.45 * size))
        }
        Shape::Arrow { stroke, .. } => {
            let plot = Rect { left: a.0, top: a.1 - size, right: b.0, bottom: a.1 + size };
            let map = Map { plot, x: (0.0, 1.0), y: (-1.0, 1.0) };
            arrow(figure, map, (0.0, 0.0), (1.0, 0.0), stroke)
        }
        Shape::Label { .. } => Vec::new(),
    }
}

/// Ticks of a colour bar: shares of its height from below, with labels; and the factor.
fn bar_ticks(bar: &ColourBar) -> (Vec<(f64, String)>, String) {
    if bar.log && bar.range.0 > 0.0 {
        let (a, b) = (bar.range.0.log10(), bar.range.1.log10());
        let powers = ticks((a, b), 4).marks.into_iter();
        let label = |v: f64| crate::ticks::number(10f64.powf(v), 2);
        return (powers.map(|(v, _)| ((v - a) / (b - a), label(v))).collect(), String::new());
    }
    let (a, b) = bar.range;
    let found = ticks(bar.range, 5);
    let marks =
        found.marks.into_iter().map(|(v, l)| ((0.5 * v - 0.5 * a) / (0.5 * b - 0.5 * a), l)).collect();
    (marks, found.factor)
}

fn bar_title(bar: &ColourBar) -> String {
    format!("{} {}", bar.label, bar_ticks(bar).1).trim().to_owned()
}

fn bar_width(bar: &ColourBar, size: f64) -> f64 {
    let labels = bar_ticks(bar).0.iter().map(|t| font::width(&t.1)).fold(0.0, f64::max);
    ((labels * 0.94 + 1.5) * size).max(font::width(&bar_title(bar)) * size) + 1.3 * size
}

fn colour_bar(figure: &Figure, bar: &ColourBar, plot: Rect, left: f64, size: f64) -> Group {
    const STEPS: usize = 48;
    let ink = figure.theme.colour(Paint::Ink);
    let (top, bottom) = (plot.top, plot.bottom);
    let mut items = Vec::new();
    for i in 0..STEPS {
        let share = |i: usize| bottom + (top - bottom) * i as f64 / STEPS as f64;
        let t = (i as f64 + 0.5) / STEPS as f64;
        let paint = if bar.lines { Paint::ScaleLine(t) } else { Paint::Scale(t) };
        // Half a pixel of overlap leaves no seams.
        let (low, high) = (share(i), share(i + 1) - if i + 1 < STEPS { 0.5 } else { 0.0 });
        let corners = vec![(left, low), (left + 0.9 * size, low), (left + 0.9 * size, high), (left, high)];
        let fill = Some((figure.theme.colour(paint), 1.0));
        items.push(Item::Path { lines: vec![corners], closed: true, fill, stroke: None });
    }
    for (share, label) in bar_ticks(bar).0 {
        let y = bottom + (top - bottom) * share;
        let mark = vec![(left + 0.9 * size, y), (left + 1.15 * size, y)];
        let stroke = Some(Pen { colour: ink, width: 1.0, dash: Dash::Solid });
        items.push(Item::Path { lines: vec![mark], closed: false, fill: None, stroke });
        items.push(text((left + 1.35 * size, y + 0.33 * size), label, 0.94 * size, Anchor::Start, ink));
    }
    items.push(text((left, top - 0.45 * size), bar_title(bar), size, Anchor::Start, ink));
    Group { class: "colour-bar", items }
}

#[cfg(test)]
mod tests;
