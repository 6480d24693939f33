//! Few states give the same bits, where they are read backwards; else all are kept.

use super::*;
use crate::ir::parse;
use crate::machine::Machine;

/// A fold over `count` times of three numbers, `s = tanh(A s)`, and its adjoint by `A`; `row` is which row the
/// adjoint reads, of the number of its time `%0` and of `%1`, which is one more than all times.
fn adjoint_of_a_fold(count: usize, row: &str) -> Program {
    let text = include_str!("fold.txt").replace("COUNT", &count.to_string());
    let text = text.replace("ALL", &(count + 1).to_string()).replace("ROW", row);
    parse(&text).expect("a program")
}

/// The most numbers that any loop keeps.
fn kept(program: &Program) -> usize {
    fn of(steps: &[Step], program: &Program) -> usize {
        let each = steps.iter().map(|step| match step {
            Step::Repeat(repeat) => {
                let records = repeat.records.iter().map(|record| program.tensor(record.to).len());
                records.sum::<usize>().max(of(&repeat.steps, program))
            }
            Step::Nest(_) | Step::Product(_) | Step::Factorization(_) => 0,
        });
        each.max().unwrap_or(0)
    }
    of(&program.steps, program)
}

const H: [f64; 3] = [0.3, -0.7, 0.2];
const A: [f64; 9] = [0.9, -0.4, 0.3, 0.2, 0.8, -0.6, 0.5, 0.1, 0.7];

#[test]
fn few_states_give_the_same_bits() {
    for count in (4..40).chain([97, 100]) {
        let before = adjoint_of_a_fold(count, "sub %1 %0");
        let mut after = before.clone();
        keep_few(&mut after, 3);
        assert_eq!(after.check(), Ok(()), "{after}");
        assert!(kept(&after) < kept(&before) || count < 8, "{count}: {after}");
        let segments = (count as f64).sqrt().ceil() as usize + 1;
        assert!(kept(&after) <= 6 * segments, "{count}: {} numbers kept", kept(&after));
        let wanted = before.run(&[&H, &A]).expect("it runs");
        assert_eq!(after.run(&[&H, &A]).expect("it runs"), wanted, "{count}");
        let on_machine = |program: &Program| {
            let (mut v, mut g) = ([0.0; 3], [0.0; 9]);
            let mut machine = Machine::<f64>::new(program.clone()).expect("ready");
            machine.run(&[&H, &A], &mut [&mut v, &mut g]).expect("it runs");
            (v, g)
        };
        assert_eq!(on_machine(&after), on_machine(&before), "{count}");
        // The text says the same.
        let text = after.to_string();
        assert!(parse(&text).is_ok_and(|read| read.to_string() == text), "{text}");
    }
}

#[test]
fn what_is_read_in_another_way_stays() {
    let unchanged = |program: Program, most: usize| {
        let mut after = program.clone();
        keep_few(&mut after, most);
        assert_eq!(after, program);
    };
    // No more than may be kept.
    unchanged(adjoint_of_a_fold(20, "sub %1 %0"), 60);
    // Forwards.
    unchanged(adjoint_of_a_fold(20, "add %0 %0"), 3);
    let mut program = adjoint_of_a_fold(20, "sub %1 %0");
    program.outputs.push(("all".into(), TensorId(7)));
    unchanged(program, 3);
    // The numbers that the loop reads are others when it would be done again.
    let text = adjoint_of_a_fold(20, "sub %1 %0").to_string();
    let text = text
        .replace("t1: 3 3\n", "t1: 3 3 = 1.0\n")
        .replace("in A t1\n", "for 3\n  %0 = 0.5\n  t1[0 + 4*#0] += %0\nend\n");
    let again = "for 3\n  %0 = 1.0\n  t9[0 + 1*#0] = %0\n  t1[0 + 4*#0] += %0\nend\n";
    let text = text.replacen("for 3\n  %0 = 1.0\n  t9[0 + 1*#0] = %0\nend\n", again, 1);
    assert!(text.contains(again));
    unchanged(parse(&text).expect("a program"), 3);
}
