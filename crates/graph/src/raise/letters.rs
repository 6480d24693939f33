//! Letters of indices: one that runs inside another has a letter of its own.

use super::form::{Form, Forms, Id, binders, children};

/// Deeper pieces keep their letters.
const MAX_DEPTH: u32 = 200;

impl Forms {
    /// The piece with no index running inside one of the same letter. What has a name is written elsewhere.
    pub fn with_fresh_letters(&mut self, id: Id) -> Id {
        self.fresh(id, 0, &mut [None; 32], 0)
    }

    /// `taken` are the indices around a piece, `renamed` what those that had to change are now.
    fn fresh(&mut self, id: Id, taken: u64, renamed: &mut [Option<u8>; 32], depth: u32) -> Id {
        let info = self.info(id);
        let changes = (0..32).any(|i| info.open & (1u64 << i) != 0 && renamed[i].is_some());
        if depth > MAX_DEPTH || (info.bound == 0 && !changes) || (depth > 0 && self.names.contains_key(&id)) {
            return id;
        }
        let form = self.get(id).clone();
        if let Form::Index(i) = form {
            return match renamed[i as usize] {
                Some(j) => self.make(Form::Index(j), info.dims),
                None => id,
            };
        }
        // Sizes stand outside of what runs, but have no letters of their own.
        let own = binders(&form);
        let mut open = 0;
        children(&form, |child| open |= self.info(child).open);
        for (i, now) in renamed.iter().enumerate() {
            if open & (1 << i) != 0 && !own.contains(&(i as u8)) {
                open |= now.map_or(0, |j| 1 << j);
            }
        }
        let (mut around, mut inner) = (taken, *renamed);
        for &i in &own {
            let mut now = i;
            if around & (1 << i) != 0 {
                let free = |j: &u8| (around | open) & (1 << j) == 0 && !own.contains(j);
                now = (0..32).find(free).unwrap_or(i);
            }
            inner[i as usize] = (now != i).then_some(now);
            around |= 1 << now;
        }
        let mut part = |id: Id| self.fresh(id, around, &mut inner, depth + 1);
        let list = |ids: &[Id], part: &mut dyn FnMut(Id) -> Id| ids.iter().map(|a| part(*a)).collect();
        let form = match form {
            // A loop keeps its letters: its names are its own.
            Form::Written(_)
            | Form::Name(_)
            | Form::Index(_)
            | Form::Number(_)
            | Form::Colon
            | Form::Loop(_) => return id,
            Form::Neg(a) => Form::Neg(part(a)),
            Form::Prime(a) => Form::Prime(part(a)),
            Form::Not(a) => Form::Not(part(a)),
            Form::Sum(terms) => Form::Sum(terms.iter().map(|(s, t)| (*s, part(*t))).collect()),
            Form::Chain(factors) => Form::Chain(factors.iter().map(|(g, f)| (*g, part(*f))).collect()),
            Form::Power(a, b, entrywise) => Form::Power(part(a), part(b), entrywise),
            Form::Range(a, b) => Form::Range(part(a), part(b)),
            Form::Compare(relation, a, b) => Form::Compare(relation, part(a), part(b)),
            Form::Call(name, args, map) => Form::Call(name, list(&args, &mut part), map),
            Form::Both(op, args) => Form::Both(op, list(&args, &mut part)),
            Form::At(base, slots) => Form::At(part(base), list(&slots, &mut part)),
            Form::If(c, a, b) => Form::If(part(c), part(a), part(b)),
            Form::For(body, binders) => {
                let body = part(body);
                let letters = binders.iter().map(|(i, n)| (inner[*i as usize].unwrap_or(*i), *n));
                Form::For(body, letters.collect())
            }
            Form::Over(name, i, size, body) => {
                let body = part(body);
                Form::Over(name, inner[i as usize].unwrap_or(i), size, body)
            }
        };
        self.make(form, info.dims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raise::Style;
    use crate::raise::form::Dims;

    #[test]
    fn an_inner_index_has_its_own_letter() {
        let mut f = Forms::new(Style::default());
        let (n, x) = (f.name("n", Dims::Scalar), f.name("x", Dims::Column));
        // [x[i] - sum(l in 1..n, x[l]) for i in 1..n]
        let mut formula = |l: u8| {
            let (outer, inner) = (Form::Index(0), Form::Index(l));
            let (outer, inner) = (f.make(outer, Dims::Scalar), f.make(inner, Dims::Scalar));
            let entry = f.make(Form::At(x, Box::new([outer])), Dims::Scalar);
            let part = f.make(Form::At(x, Box::new([inner])), Dims::Scalar);
            let sum = f.make(Form::Over("sum", l, n, part), Dims::Scalar);
            let body = f.make(Form::Sum(Box::new([(false, entry), (true, sum)])), Dims::Scalar);
            f.make(Form::For(body, Box::new([(0, n)])), Dims::Column)
        };
        let (same, other) = (formula(0), formula(1));
        assert_ne!(same, other);
        assert_eq!(f.with_fresh_letters(same), other);
        assert_eq!(f.with_fresh_letters(other), other);
    }
}
