//! The files of ADBench: numbers between blanks or colons.

use std::path::Path;

/// An argument or data of a function: as it is declared, and its numbers.
pub type Tensor = (String, Vec<f64>);

/// What a function is called with.
pub struct Case {
    pub arguments: Vec<Tensor>,
    pub data: Vec<Tensor>,
}

/// A file's numbers as they come.
struct Numbers(std::vec::IntoIter<f64>);

impl Numbers {
    fn read(path: &Path) -> Result<Numbers, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
        Ok(Numbers(numbers.map_err(|error| format!("{}: {error}", path.display()))?.into_iter()))
    }

    fn take(&mut self, count: usize) -> Vec<f64> {
        self.0.by_ref().take(count).collect()
    }

    fn size(&mut self) -> usize {
        self.0.next().unwrap_or(0.0) as usize
    }
}

/// A Gaussian mixture.
pub fn gmm(path: &Path) -> Result<Case, String> {
    let mut file = Numbers::read(path)?;
    let (d, k, n) = (file.size(), file.size(), file.size());
    let (alpha, mu) = (file.take(k), file.take(k * d));
    let (mut q, mut l) = (Vec::new(), Vec::new());
    for _ in 0..k {
        q.extend(file.take(d));
        l.extend(file.take(d * (d - 1) / 2));
    }
    let (x, gamma, m) = (file.take(n * d), file.take(1), file.take(1));
    Ok(Case {
        arguments: vec![
            (format!("alpha: vector({k})"), alpha),
            (format!("mu: matrix({k}, {d})"), mu),
            (format!("q: matrix({k}, {d})"), q),
            (format!("l: matrix({k}, {})", d * (d - 1) / 2), l),
        ],
        data: vec![
            (format!("x: matrix({n}, {d})"), x),
            ("gamma: real".into(), gamma),
            ("m: integer".into(), m),
        ],
    })
}

/// All observations of a bundle adjustment, a row each; the file has one camera, point, weight and observation for all.
pub fn ba(path: &Path) -> Result<Case, String> {
    let mut file = Numbers::read(path)?;
    let (_, _, p) = (file.size(), file.size(), file.size());
    let mut rows = |declared: &str, length: usize| (declared.to_owned(), file.take(length).repeat(p));
    Ok(Case {
        arguments: vec![rows("camera", 11), rows("point", 3), rows("weight", 1), rows("seen", 2)],
        data: Vec::new(),
    })
}

/// A net of long short-term memory.
pub fn lstm(path: &Path) -> Result<Case, String> {
    let mut file = Numbers::read(path)?;
    let (l, t, b) = (file.size(), file.size(), file.size());
    let (mut weights, mut added, mut h, mut c) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..l {
        weights.extend(file.take(4 * b));
        added.extend(file.take(4 * b));
    }
    let a = file.take(3 * b);
    for _ in 0..l {
        h.extend(file.take(b));
        c.extend(file.take(b));
    }
    let x = file.take(t * b);
    Ok(Case {
        arguments: vec![
            (format!("W: tensor({l}, 4, {b})"), weights),
            (format!("B: tensor({l}, 4, {b})"), added),
            (format!("a: matrix(3, {b})"), a),
        ],
        data: vec![
            (format!("h0: matrix({l}, {b})"), h),
            (format!("c0: matrix({l}, {b})"), c),
            (format!("x: matrix({t}, {b})"), x),
        ],
    })
}

/// A hand: the model in the folder `model` beside the file.
pub fn hand(path: &Path) -> Result<Case, String> {
    let model = path.with_file_name("model");
    let bones = lines(&model.join("bones.txt"))?;
    let vertices = lines(&model.join("vertices.txt"))?;
    let (m, n) = (bones.len(), vertices.len());
    let (mut parent, mut rest, mut inverse) = (Vec::new(), Vec::new(), Vec::new());
    for bone in &bones {
        // Counted from 1; the first bone has none.
        parent.push(number(bone, 1)?.max(0.0) + 1.0);
        (2..18).try_for_each(|at| number(bone, at).map(|x| rest.push(x)))?;
        (18..34).try_for_each(|at| number(bone, at).map(|x| inverse.push(x)))?;
    }
    let (mut vertex, mut weight) = (Vec::new(), vec![0.0; n * m]);
    for (v, line) in vertices.iter().enumerate() {
        (0..3).try_for_each(|at| number(line, at).map(|x| vertex.push(x)))?;
        vertex.push(1.0);
        for i in 0..number(line, 8)? as usize {
            weight[v * m + number(line, 9 + 2 * i)? as usize] = number(line, 10 + 2 * i)?;
        }
    }
    let mut file = Numbers::read(path)?;
    let (p, angles) = (file.size(), file.size());
    let (mut hits, mut seen) = (Vec::new(), Vec::new());
    for _ in 0..p {
        hits.push(file.size() as f64 + 1.0);
        seen.extend(file.take(3));
    }
    Ok(Case {
        arguments: vec![(format!("theta: vector({angles})"), file.take(angles))],
        data: vec![
            (format!("parent: integer vector({m})"), parent),
            (format!("rest: tensor({m}, 4, 4)"), rest),
            (format!("inverse: tensor({m}, 4, 4)"), inverse),
            (format!("vertex: matrix({n}, 4)"), vertex),
            (format!("weight: matrix({n}, {m})"), weight),
            (format!("seen: matrix({p}, 3)"), seen),
            (format!("match: integer vector({p})"), hits),
        ],
    })
}

fn lines(path: &Path) -> Result<Vec<Vec<String>>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().map(|line| line.split(':').map(str::to_owned).collect()).collect())
}

fn number(fields: &[String], at: usize) -> Result<f64, String> {
    let field =
        fields.get(at).ok_or_else(|| format!("a line of {} fields has no field {at}", fields.len()))?;
    field.trim().parse().map_err(|error| format!("`{field}`: {error}"))
}
