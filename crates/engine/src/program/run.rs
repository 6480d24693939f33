//! Running a program.

use rustc_hash::FxHashMap;

use crate::{Fault, Number};

use super::{Program, Step, constant};

/// Where a run stopped, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stop {
    pub step: u32,
    pub fault: Fault,
}

/// The values of one run, to be used again for the next.
#[derive(Clone, Debug)]
pub struct Scratch<N> {
    values: Vec<Option<N>>,
    truths: Vec<bool>,
    /// The run in which a step that is not always needed was computed last.
    stamps: Vec<u32>,
    run: u32,
    /// The step that is computed whatever branches are taken: such steps before it are there.
    front: u32,
    stack: Vec<u32>,
    /// The conjunctions and disjunctions on the stack, as places there.
    junctions: Vec<usize>,
    /// Operands of conjunctions and disjunctions that have no value in this run.
    without: FxHashMap<u32, Stop>,
    /// Whether the exact numbers and constants, which are the same in every run, are in place.
    constants: bool,
}

/// What computing a step gives.
enum Outcome<N> {
    Number(N),
    Truth(bool),
    /// The value of this step, once it is there, is the value.
    Same(u32),
    /// This step is to be computed first, if it can be.
    Needs(u32),
}

impl<N: Number> Scratch<N> {
    /// Room for the values of a program.
    pub fn new(program: &Program, _context: &N::Context) -> Scratch<N> {
        let length = program.steps.len();
        Scratch {
            values: vec![None; length],
            truths: vec![false; length],
            stamps: vec![0; length],
            run: 0,
            front: 0,
            stack: Vec::new(),
            junctions: Vec::new(),
            without: FxHashMap::default(),
            constants: false,
        }
    }

    /// The value of a step, if it is a number and was computed.
    pub(crate) fn number(&self, step: u32) -> Option<N> {
        self.values[step as usize].clone()
    }

    /// The value of an output, if it is a number and was computed.
    pub(crate) fn output(&self, program: &Program, index: usize) -> Option<&N> {
        self.values[*program.outputs.get(index)? as usize].as_ref()
    }

    /// The truth of a step that is a condition.
    pub(crate) fn truth(&self, step: u32) -> Option<bool> {
        self.values[step as usize].is_none().then_some(self.truths[step as usize])
    }

    /// Computes the outputs and what they need.
    pub(crate) fn run(&mut self, program: &Program, inputs: &[N], context: &N::Context) -> Result<(), Stop> {
        if self.run == u32::MAX {
            self.stamps.fill(0);
            self.run = 0;
        }
        self.run += 1;
        self.without.clear();
        for &index in &program.strict {
            self.front = index;
            match program.steps[index as usize] {
                Step::Rational(_) | Step::Constant(_) if self.constants => continue,
                Step::And(..) | Step::Or(..) => {
                    self.demand(program, index, inputs, context)?;
                    continue;
                }
                _ => {}
            }
            let outcome = self.compute(program, index, inputs, context)?;
            match outcome {
                Outcome::Same(other) => {
                    if !self.is_done(program, other) {
                        self.demand(program, other, inputs, context)?;
                    }
                    self.copy(index, other);
                }
                outcome => self.store(index, outcome),
            }
        }
        self.constants = true;
        Ok(())
    }

    fn is_done(&self, program: &Program, step: u32) -> bool {
        program.is_strict[step as usize] && step < self.front || self.stamps[step as usize] == self.run
    }

    fn store(&mut self, step: u32, outcome: Outcome<N>) {
        match outcome {
            Outcome::Number(value) => self.values[step as usize] = Some(value),
            Outcome::Truth(truth) => self.truths[step as usize] = truth,
            Outcome::Same(_) | Outcome::Needs(_) => {}
        }
    }

    fn copy(&mut self, to: u32, from: u32) {
        self.values[to as usize] = self.values[from as usize].clone();
        self.truths[to as usize] = self.truths[from as usize];
    }

    /// Computes a step that is needed after all, and what it needs that is not there yet.
    fn demand(
        &mut self,
        program: &Program,
        step: u32,
        inputs: &[N],
        context: &N::Context,
    ) -> Result<(), Stop> {
        let mut stack = std::mem::take(&mut self.stack);
        let mut junctions = std::mem::take(&mut self.junctions);
        stack.clear();
        junctions.clear();
        stack.push(step);
        let mut result = Ok(());
        while let Some(&top) = stack.last() {
            if self.is_done(program, top) {
                stack.pop();
                continue;
            }
            let is_junction = matches!(program.steps[top as usize], Step::And(..) | Step::Or(..));
            if is_junction && junctions.last() != Some(&(stack.len() - 1)) {
                junctions.push(stack.len() - 1);
            }
            let outcome = match self.without.get(&top) {
                Some(stop) => Err(stop.clone()),
                None => {
                    let waiting = stack.len();
                    program.each_operand(program.steps[top as usize], |operand| {
                        if !self.is_done(program, operand) {
                            stack.push(operand);
                        }
                    });
                    if stack.len() > waiting {
                        continue;
                    }
                    self.compute(program, top, inputs, context)
                }
            };
            let stop = match outcome {
                Ok(Outcome::Needs(other)) => {
                    stack.push(other);
                    continue;
                }
                Ok(Outcome::Same(other)) if !self.is_done(program, other) => {
                    stack.push(other);
                    continue;
                }
                Ok(Outcome::Same(other)) => {
                    self.copy(top, other);
                    None
                }
                Ok(outcome) => {
                    self.store(top, outcome);
                    None
                }
                Err(stop) => Some(stop),
            };
            if is_junction {
                junctions.pop();
            }
            let Some(stop) = stop else {
                self.stamps[top as usize] = self.run;
                stack.pop();
                continue;
            };
            // Where an operand of `and` or `or` has no value, the other one may still decide.
            let Some(&place) = junctions.last() else {
                result = Err(stop);
                break;
            };
            self.without.insert(stack[place + 1], stop);
            stack.truncate(place + 1);
        }
        (self.stack, self.junctions) = (stack, junctions);
        result
    }

    /// `a and b`, or `a or b`: one operand may decide whatever the other is, even where that one has no value.
    fn junction(&self, program: &Program, all: bool, a: u32, b: u32) -> Result<Outcome<N>, Stop> {
        let state = |step: u32| {
            if self.is_done(program, step) {
                return Some(Ok(self.truths[step as usize]));
            }
            self.without.get(&step).map(Err)
        };
        let Some(first) = state(a) else { return Ok(Outcome::Needs(a)) };
        if first == Ok(!all) {
            return Ok(Outcome::Truth(!all));
        }
        let Some(second) = state(b) else { return Ok(Outcome::Needs(b)) };
        match (first, second) {
            (_, Ok(truth)) if truth != all => Ok(Outcome::Truth(!all)),
            (Ok(_), Ok(_)) => Ok(Outcome::Truth(all)),
            // More digits may find a value for what is not settled, never for what is outside a domain.
            (Err(Stop { fault: Fault::Domain(_), .. }), Err(stop)) | (Err(stop), _) | (_, Err(stop)) => {
                Err(stop.clone())
            }
        }
    }

    fn value(&self, step: u32) -> Result<&N, Fault> {
        self.values[step as usize].as_ref().ok_or(Fault::Unsupported("a condition as a number"))
    }

    fn compute(
        &mut self,
        program: &Program,
        index: u32,
        inputs: &[N],
        context: &N::Context,
    ) -> Result<Outcome<N>, Stop> {
        match program.steps[index as usize] {
            Step::And(a, b) => self.junction(program, true, a, b),
            Step::Or(a, b) => self.junction(program, false, a, b),
            _ => {
                let outcome = self.compute_unplaced(program, index, inputs, context);
                outcome.map_err(|fault| Stop { step: index, fault })
            }
        }
    }

    fn compute_unplaced(
        &self,
        program: &Program,
        index: u32,
        inputs: &[N],
        context: &N::Context,
    ) -> Result<Outcome<N>, Fault> {
        let truth = |step: u32| self.truths[step as usize];
        let number = match program.steps[index as usize] {
            Step::Input(input) => {
                inputs.get(input as usize).cloned().ok_or(Fault::Unsupported("a missing input"))?
            }
            Step::Rational(rational) => N::from_rational(&program.rationals[rational as usize], context),
            Step::Constant(name) => {
                let constant = constant(name).ok_or(Fault::Unsupported("this constant"))?;
                N::from_constant(constant, context)?
            }
            Step::Infinity => N::infinity(context)?,
            Step::Add(a, b) => self.value(a)?.add(self.value(b)?, context)?,
            Step::Sub(a, b) => self.value(a)?.sub(self.value(b)?, context)?,
            Step::Mul(a, b) => self.value(a)?.mul(self.value(b)?, context)?,
            Step::Div(a, b) => self.value(a)?.div(self.value(b)?, context)?,
            Step::Neg(a) => self.value(a)?.neg(context),
            Step::Power(base, exponent) => {
                self.value(base)?.power(&program.exponents[exponent as usize], context)?
            }
            Step::Pow(base, exponent) => self.value(base)?.pow(self.value(exponent)?, context)?,
            Step::Call(function, start, length) => {
                let args = &program.lists[start as usize..(start + length) as usize];
                match *args {
                    [a] => N::call(function, &[self.value(a)?], context)?,
                    [a, b] => N::call(function, &[self.value(a)?, self.value(b)?], context)?,
                    [a, b, c] => {
                        N::call(function, &[self.value(a)?, self.value(b)?, self.value(c)?], context)?
                    }
                    _ => return Err(Fault::Unsupported("a function of so many arguments")),
                }
            }
            Step::Derivative(inner) => {
                let inner = &program.inner[inner as usize];
                let values: Result<Vec<N>, Fault> =
                    inner.captured.iter().map(|step| self.value(*step).cloned()).collect();
                N::derivative(inner, &values?, context)?
            }
            Step::If(condition, yes, no) | Step::IfTruth(condition, yes, no) => {
                return Ok(Outcome::Same(if truth(condition) { yes } else { no }));
            }
            Step::Truth(truth) => return Ok(Outcome::Truth(truth)),
            Step::Compare(relation, a, b) => {
                return Ok(Outcome::Truth(self.value(a)?.holds(relation, self.value(b)?, context)?));
            }
            Step::Not(a) => return Ok(Outcome::Truth(!truth(a))),
            Step::And(..) | Step::Or(..) | Step::Fail(_) => return Err(Fault::Unsupported("this")),
        };
        Ok(Outcome::Number(number))
    }
}
