//! The numbers that names of sizes stand for: a session declares `x: matrix(n, d)`, an argument `x: matrix(100, 3)`.

use agnesi_graph::{Scope, Size};
use smol_str::SmolStr;

use super::FunctionError;

/// The names of sizes in what a scope declares, with the numbers that arguments declared anew have in their place.
///
/// # Errors
/// Two arguments that give a name different numbers.
pub(super) fn known(
    before: &Scope,
    declared: &Scope,
    arguments: &[SmolStr],
) -> Result<Vec<(SmolStr, u64)>, FunctionError> {
    let mut known: Vec<(SmolStr, u64, &SmolStr)> = Vec::new();
    for argument in arguments {
        let (Some(open), Some(fixed)) = (before.type_of(argument), declared.type_of(argument)) else {
            continue;
        };
        if open.shape.len() != fixed.shape.len() {
            continue;
        }
        for sizes in open.shape.iter().zip(&fixed.shape) {
            let (Size::Name(name), Size::Number(number)) = sizes else { continue };
            if before.definition(name).is_some() || arguments.contains(name) {
                continue;
            }
            match known.iter().find(|(other, ..)| other == name) {
                Some((_, same, _)) if same == number => {}
                Some((_, other, first)) => {
                    return Err(FunctionError::Sizes {
                        name: name.clone(),
                        first: ((*first).clone(), *other),
                        second: (argument.clone(), *number),
                    });
                }
                None => known.push((name.clone(), *number, argument)),
            }
        }
    }
    Ok(known.into_iter().map(|(name, number, _)| (name, number)).collect())
}
