//! Names for what a formula says several times: `X'*diag(sigmoid(v).*sigmoid(-v))*X where v = y.*(X*w)`.

use agnesi_syntax::{Kind, Tree, TreeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::form::{Dims, Form, Id, children};
use super::{Raiser, Style};
use crate::graph::Graph;
use crate::op::NodeId;

/// Names for vectors and scalars, then for matrices.
const SMALL: [&str; 12] = ["v", "u", "z", "w", "s", "r", "h", "g", "c", "d", "y", "x"];
const LARGE: [&str; 12] = ["S", "M", "Z", "P", "Q", "R", "U", "V", "W", "H", "G", "B"];
/// No more names than these.
const MAX_NAMES: usize = 8;

/// Formulas whose common parts have names.
pub struct Raised {
    /// All of them.
    pub tree: Tree,
    /// The formulas, with the names in them.
    pub roots: Vec<TreeId>,
    /// The names and what they stand for; each uses only those before it.
    pub bindings: Vec<(SmolStr, TreeId)>,
    /// The formula, or the tuple of formulas, with its `where`.
    pub whole: TreeId,
}

impl Graph {
    /// Nodes as trees in which parts of at least `min_cost` tokens that come several times have names.
    pub fn raise_named(&mut self, nodes: &[NodeId], style: Style, min_cost: u32) -> Raised {
        let mut raiser = Raiser::new(self, style);
        let mut forms = Vec::with_capacity(nodes.len());
        for node in nodes {
            raiser.find_tensors(*node);
            forms.push(raiser.form(*node));
        }
        let named = raiser.name_parts(&forms, min_cost.max(2));
        let mut bindings = Vec::new();
        for (id, name) in named {
            raiser.forms.names.remove(&id);
            let value = raiser.render(id);
            raiser.forms.names.insert(id, name.clone());
            bindings.push((name, value));
        }
        let roots: Vec<TreeId> = forms.iter().map(|f| raiser.render(*f)).collect();
        let mut whole = match roots[..] {
            [only] => only,
            _ => {
                let list = raiser.tree.list(&roots);
                raiser.push(Kind::Tuple(list))
            }
        };
        if !bindings.is_empty() {
            let none = raiser.tree.list(&[]);
            let mut definitions = Vec::new();
            for (name, value) in &bindings {
                let target = raiser.tree.name(name.clone());
                definitions.push(raiser.push(Kind::Define { target, value: *value, binders: none }));
            }
            let definitions = raiser.tree.list(&definitions);
            whole = raiser.push(Kind::Where(whole, definitions));
        }
        Raised { tree: raiser.tree, roots, bindings, whole }
    }
}

impl Raiser<'_> {
    /// Chooses parts to name, the one that saves most first; returns them in the order in which they are defined.
    fn name_parts(&mut self, roots: &[Id], min_cost: u32) -> Vec<(Id, SmolStr)> {
        let mut named: Vec<(Id, SmolStr)> = Vec::new();
        let outside = self.outside_branches(roots);
        while named.len() < MAX_NAMES {
            let uses = self.uses(roots, &named);
            let mut best: Option<(u32, Id)> = None;
            for (&id, &count) in &uses {
                let info = self.forms.info(id);
                if count < 2 || info.open != 0 || info.cost < min_cost || roots.contains(&id) {
                    continue;
                }
                if matches!(self.forms.get(id), Form::Colon | Form::Range(..) | Form::Neg(_)) {
                    continue;
                }
                // An entry that a branch asks for only where there is one.
                if !outside.contains(&id) && self.picks(id) {
                    continue;
                }
                // Written once and named: `v = ...` is the part, the name and two more.
                let saved = (count - 1) * info.cost;
                let paid = count + 3;
                if saved > paid && best.is_none_or(|(most, b)| (saved - paid, b) > (most, id)) {
                    best = Some((saved - paid, id));
                }
            }
            let Some((_, id)) = best else { break };
            let Some(name) = self.free_name(id) else { break };
            self.forms.names.insert(id, name.clone());
            named.push((id, name));
        }
        // A part is made before what it is part of.
        let order = |id: Id, r: &Self| {
            let mut below = FxHashSet::default();
            let mut stack = vec![id];
            while let Some(at) = stack.pop() {
                children(r.forms.get(at), |c| {
                    if below.insert(c) {
                        stack.push(c);
                    }
                });
            }
            named.iter().filter(|(other, _)| below.contains(other)).count()
        };
        let mut sorted: Vec<(usize, (Id, SmolStr))> =
            named.iter().map(|n| (order(n.0, self), n.clone())).collect();
        sorted.sort_by_key(|(below, _)| *below);
        sorted.into_iter().map(|(_, n)| n).collect()
    }

    /// The parts of pieces that stand in no branch of theirs, nor beside a condition that may decide without them.
    fn outside_branches(&self, roots: &[Id]) -> FxHashSet<Id> {
        let mut seen = FxHashSet::default();
        let mut stack = roots.to_vec();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.forms.get(id) {
                Form::If(condition, ..) => stack.push(*condition),
                Form::Both(..) => {}
                form => children(form, |c| stack.push(c)),
            }
        }
        seen
    }

    /// Whether a piece takes entries at computed places outside branches of its own.
    fn picks(&self, id: Id) -> bool {
        let computed = |slot: &Id| matches!(self.forms.get(*slot), Form::Range(..) | Form::Sum(_));
        let parts = self.outside_branches(&[id]);
        parts
            .iter()
            .any(|part| matches!(self.forms.get(*part), Form::At(_, slots) if slots.iter().any(computed)))
    }

    /// How often each part is written; what has a name is written once, where it is defined.
    fn uses(&self, roots: &[Id], named: &[(Id, SmolStr)]) -> FxHashMap<Id, u32> {
        let mut uses: FxHashMap<Id, u32> = FxHashMap::default();
        let mut entered: FxHashSet<Id> = FxHashSet::default();
        let mut stack: Vec<Id> = roots.to_vec();
        stack.extend(named.iter().map(|(id, _)| *id));
        while let Some(id) = stack.pop() {
            if !entered.insert(id) {
                continue;
            }
            children(self.forms.get(id), |child| {
                if !self.forms.names.contains_key(&child) {
                    *uses.entry(child).or_default() += 1;
                    stack.push(child);
                }
            });
        }
        uses
    }

    fn free_name(&self, id: Id) -> Option<SmolStr> {
        let names = if self.forms.dims(id) == Dims::Matrix { &LARGE } else { &SMALL };
        names.iter().map(SmolStr::new).find(|n| {
            let mut taken = self.forms.names.values().chain(self.bound.values());
            self.g.find_symbol(n).is_none() && !taken.any(|taken| taken == n)
        })
    }
}
