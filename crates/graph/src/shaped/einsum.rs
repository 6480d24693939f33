//! Einstein's notation as it is written: `einsum("ij,jk->ik", A, B)`.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};

use super::functions::usage;
use super::reader::{Frame, Read, Reader};
use super::value::{Form, Value};
use crate::op::{Label, Labels, NodeId};

impl<'a> Reader<'a> {
    /// `einsum("ij,jk->ik", A, B)`.
    pub(super) fn einsum(&mut self, frame: &Frame<'a>, args: &[TreeId], span: Span) -> Read {
        let pattern = match args.first().map(|a| frame.tree.kind(*a)) {
            Some(Kind::Text(text)) => text.as_str(),
            _ => return Err(self.arity("einsum", &usage("einsum"), args.len(), span)),
        };
        let at = frame.at(args[0]);
        let wrong = |why: String| {
            Diagnostic::error(Code::Shape, why, at, "this pattern")
                .with_hint("write `einsum(\"ij,jk->ik\", A, B)`")
        };
        let (inputs, output) =
            pattern.split_once("->").ok_or_else(|| wrong("the pattern has no `->`".into()))?;
        let inputs: Vec<&str> = inputs.split(',').map(str::trim).collect();
        let values = self.numbers(frame, &args[1..])?;
        if inputs.len() != values.len() {
            return Err(wrong(format!(
                "the pattern speaks of {} tensors, and {} are given",
                inputs.len(),
                values.len()
            )));
        }
        let mut letters: Vec<(char, NodeId)> = Vec::new();
        let mut parts: Vec<(Value, Labels)> = Vec::new();
        for ((input, value), id) in inputs.iter().zip(&values).zip(&args[1..]) {
            let shape = self.own_shape(value);
            if input.chars().count() != shape.len() || !input.chars().all(char::is_alphabetic) {
                let is = self.shape_words(value);
                return Err(wrong(format!("`{input}` has not one letter for each axis of {is}")));
            }
            let mut labels = Labels::new();
            for (letter, size) in input.chars().zip(&shape) {
                let place = match letters.iter().position(|(l, _)| *l == letter) {
                    Some(place) if letters[place].1 == *size => place,
                    Some(place) => {
                        let (a, b) = (letters[place].1, *size);
                        let (a, b) = (super::sizes::text(self.g, a), super::sizes::text(self.g, b));
                        return Err(wrong(format!(
                            "the axis `{letter}` has {a} entries in one place and {b} in another"
                        ))
                        .with_label(frame.at(*id), format!("{b} here")));
                    }
                    None => {
                        letters.push((letter, *size));
                        letters.len() - 1
                    }
                };
                labels.push(place as Label);
            }
            parts.push((value.clone(), labels));
        }
        let mut out = Labels::new();
        for letter in output.trim().chars() {
            match letters.iter().position(|(l, _)| *l == letter) {
                Some(place) => out.push(place as Label),
                None => return Err(wrong(format!("`{letter}` stands behind the arrow and in no tensor"))),
            }
        }
        let borrowed: Vec<(&Value, &[Label])> = parts.iter().map(|(v, l)| (v, &l[..])).collect();
        let form = Form::of_rank(out.len());
        Ok(self.contraction(&borrowed, &out, form))
    }
}
