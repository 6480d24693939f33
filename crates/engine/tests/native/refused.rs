//! What is not compiled, and calls that do not fit, are refused by name.

use agnesi_engine::ir::{RunError, parse};
use agnesi_engine::native::{Compiled, NativeError};

#[test]
fn steps_for_libraries() {
    let text = "t0: 3 3\nt1: 3 3\nin x t0\ninv t1 = t0\nout y t1\n";
    let program = parse(text).expect("a program");
    let error = Compiled::new(&program).expect_err("refused");
    assert_eq!(error, NativeError::Linear { step: 1, name: "inv" });
    assert_eq!(error.to_string(), "step 1: `inv` is not compiled");
    let text = "t0: 40 40\nt1: 40 40\nin x t0\nproduct t1[0 + 40*#0 + 1*#1] = t0[0 + 40*#0 + 1*#2] * t0[0 + 1*#1 + 40*#2] for 40 40 40\nout y t1\n";
    let error = Compiled::new(&parse(text).expect("a program")).expect_err("refused");
    assert_eq!(error, NativeError::Product { step: 1 });
    let text = "t0: 3\nt1: 3\nin x t0\nout y t1\n";
    let error = Compiled::new(&parse(text).expect("a program")).expect_err("refused");
    assert_eq!(error.to_string(), "t1 is read before it is written");
}

#[test]
fn calls_that_do_not_fit() {
    let text =
        "t0: 3\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  %1 = t0[0 + 1*%0 in 3]\n  t1[0] = %1\nend\nout y t1\n";
    let mut compiled = Compiled::new(&parse(text).expect("a program")).expect("code");
    let mut y = [0.0];
    assert_eq!(compiled.call(&[2.0, 5.0, 6.0], &mut y), Ok(()));
    assert_eq!(y, [5.0]);
    for value in [0.0, 4.0, 1.5, -1.0, 1e300, f64::INFINITY] {
        assert_eq!(compiled.call(&[value, 5.0, 6.0], &mut y), Err(RunError::Index { value, size: 3 }));
    }
    assert!(matches!(compiled.call(&[f64::NAN, 5.0, 6.0], &mut y), Err(RunError::Index { size: 3, .. })));
    assert!(matches!(compiled.call(&[1.0], &mut y), Err(RunError::Length { wanted: 3, given: 1, .. })));
    let mut workspace = compiled.workspace().expect("memory");
    let run = compiled.run(&[], &mut [&mut y], &mut workspace);
    assert_eq!(run, Err(RunError::Inputs { wanted: 1, given: 0 }));
    let run = compiled.run(&[&[1.0, 2.0]], &mut [&mut y], &mut workspace);
    assert!(matches!(run, Err(RunError::Length { wanted: 3, given: 2, .. })));
}
