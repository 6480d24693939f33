//! Derivatives that stand inside a formula, as in `x*f'(x)`, are worked out first.

use agnesi_syntax::{Diagnostic, TreeId};
use rustc_hash::FxHashMap;

use super::forge::Node;
use super::work::{Draft, Work};
use super::{Rule, Step, Words};

impl Work<'_> {
    /// The formula without derivatives and without values put in for a bound name, and the steps that led there.
    pub(crate) fn resolve(&mut self, root: TreeId, steps: &mut Vec<Step>) -> Result<TreeId, Diagnostic> {
        let mut made: FxHashMap<TreeId, TreeId> = FxHashMap::default();
        for id in self.forge.reachable(root) {
            let node = self.forge.node(id).map(|child| made.get(&child).copied().unwrap_or(child));
            let new = match node {
                Node::Derivative(partial, variables, body) => {
                    let mut current = body;
                    for variable in variables.into_iter().rev() {
                        let Some(name) = self.forge.name_of(variable).map(str::to_string) else { continue };
                        self.turn_to(&name, partial);
                        current = self.differentiate(current, steps)?;
                    }
                    current
                }
                Node::Where(body, defines) => {
                    let before = self.forge.put(Node::Where(body, defines.clone()));
                    let mut after = body;
                    for define in defines {
                        if let Node::Define(target, value) = self.forge.node(define)
                            && let Some(name) = self.forge.name_of(target).map(str::to_string)
                        {
                            after = self.forge.substitute(after, &name, value);
                        }
                    }
                    let draft = Draft {
                        rules: vec![Rule::Substitution],
                        statement: None,
                        words: Words::say("The value is put in only after differentiating."),
                        applied: None,
                        children: vec![],
                    };
                    let step = self.step_from(before, after, draft);
                    steps.push(step);
                    after
                }
                node => {
                    let span = self.forge.tree.span(id);
                    self.forge.put_at(node, span)
                }
            };
            made.insert(id, new);
        }
        Ok(made.get(&root).copied().unwrap_or(root))
    }

    /// One derivative with its steps, brought to its final form.
    pub(crate) fn differentiate(&mut self, e: TreeId, steps: &mut Vec<Step>) -> Result<TreeId, Diagnostic> {
        let outcome = self.derive(e)?;
        match outcome.step {
            Some(step) => steps.push(step),
            None if self.depends(e) && !self.is_variable(e) => {}
            None => {
                let step = self.basic_step(e, outcome.after);
                steps.push(step);
            }
        }
        Ok(self.simplified(outcome.after, steps))
    }

    /// The final form of a result, with a step if that is another one.
    pub(crate) fn simplified(&mut self, e: TreeId, steps: &mut Vec<Step>) -> TreeId {
        let Some(simplify) = self.options.simplify else { return e };
        let Some((tree, root)) = simplify(&self.forge.tree, e) else { return e };
        let Ok(simple) = self.forge.import(&tree, root) else { return e };
        let (before, after) = (self.text(e), self.text(simple));
        if simple == e || before == after {
            return e;
        }
        // The same factors in another order are no step that a person would write.
        if let Some(last) = steps.last_mut().filter(|last| last.after == e)
            && letters(&before) == letters(&after)
        {
            last.after = simple;
            return simple;
        }
        let draft = Draft {
            rules: vec![Rule::Simplify],
            statement: None,
            words: Words::default(),
            applied: None,
            children: vec![],
        };
        let step = self.step_from(e, simple, draft);
        steps.push(step);
        simple
    }
}

/// The characters of a formula, in no order.
fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    letters.sort_unstable();
    letters
}
