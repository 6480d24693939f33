//! Nodes as text, LaTeX and conditions, the same way in every answer.

use agnesi_calculus::lost_conditions;
use agnesi_graph::NodeId;
use agnesi_syntax::{Tree, TreeId, print};

use super::understand::Understood;
use crate::protocol::Note;

/// LaTeX of a tree, with the table's own names of functions.
pub(crate) fn latex(tree: &Tree, root: TreeId) -> String {
    let names = |name: &str| {
        agnesi_functions::find(name)
            .map(|f| f.row().latex)
            .or_else(|| agnesi_functions::constant(name).map(|c| c.latex))
    };
    let options = print::Options { latex_name: Some(&names), ..print::Options::default() };
    print::latex(tree, root, &options).text
}

impl Understood {
    /// A scalar, vector or matrix of nodes in canonical notation and in LaTeX.
    pub(crate) fn formula_of(&mut self, entries: &[NodeId], shape: &[usize]) -> (String, String) {
        let style = self.style();
        let (tree, root) = match shape {
            [] => self.graph.raise(entries[0], style),
            [_] => self.graph.raise_vector(entries, style),
            [_, columns, ..] => {
                let rows: Vec<Vec<NodeId>> =
                    entries.chunks((*columns).max(1)).map(<[NodeId]>::to_vec).collect();
                self.graph.raise_matrix(&rows, style)
            }
        };
        (print::text(&tree, root), latex(&tree, root))
    }

    /// The conditions under which `formulas` say what was asked, that are not evident from the formulas themselves.
    pub(crate) fn conditions(&mut self, formulas: &[NodeId]) -> Vec<String> {
        let lost = match formulas {
            [one] => lost_conditions(&mut self.graph, self.domain, *one),
            _ => self.graph.conjuncts(self.domain),
        };
        lost.into_iter().map(|c| self.text_of(c)).collect()
    }

    /// The domain as text; `None` if it is everything.
    pub(crate) fn domain_text(&mut self) -> Option<String> {
        let parts = self.graph.conjuncts(self.domain);
        if parts.is_empty() {
            return None;
        }
        Some(parts.into_iter().map(|c| self.text_of(c)).collect::<Vec<_>>().join(" and "))
    }

    /// The notes, without repetition.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        for note in std::mem::take(&mut self.notes) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
    }
}

/// The conventions that a value at a point rests on: those of the kinks that the point lies on.
pub(crate) fn conventions(
    u: &mut Understood,
    formulas: &[NodeId],
    point: &super::point::Point,
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in u.variables() {
        let Some(x) = u.graph.find_symbol(&name) else { continue };
        for node in formulas {
            for (condition, convention) in agnesi_calculus::kinks(&mut u.graph, *node, x) {
                if u.holds(condition, point) == Some(true) && !found.iter().any(|c| c == convention) {
                    found.push(convention.to_string());
                }
            }
        }
    }
    found
}

/// All conventions that a derivative of these formulas rests on, each with its place.
pub(crate) fn kink_conventions(
    u: &mut Understood,
    formulas: &[NodeId],
    names: &[smol_str::SmolStr],
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        let Some(x) = u.graph.find_symbol(name) else { continue };
        for node in formulas {
            for (condition, convention) in agnesi_calculus::kinks(&mut u.graph, *node, x) {
                // A kink outside the domain is none.
                let inside = u.graph.and(&[condition, u.domain]);
                if u.graph.as_truth(inside) == Some(false) {
                    continue;
                }
                let text = format!("{convention} (where {})", u.text_of(condition));
                if !found.contains(&text) {
                    found.push(text);
                }
            }
        }
    }
    found
}
