use super::{CheckError, TensorId, parse};

const SQUARES: &str = "\
t0: 2 3
t1: 3 = 0.0
t2:
t3: 2 3
t4: 3 3
in x t0
for 2 3
  %0 = t0[0 + 3*#0 + 1*#1]
  %1 = mul %0 %0
  %2 = call sin %1
  t1[0 + 1*#1] += %2
end
symmetric t4[0 + 3*#0 + 1*#1] = t0[0 + 1*#0 + 3*#2] * t0[0 + 1*#1 + 3*#2] for 3 3 2
repeat 4 t2
  state t3 = t0 then t0
  for
  end
end
out y t1
out z t4
";

#[test]
fn printing_reads_back() {
    let program = parse(SQUARES).expect("a program");
    assert_eq!(program.to_string(), SQUARES);
    program.check().expect("a right one");
    let values = program.run(&[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]).expect("it runs");
    assert_eq!(values[1], [17.0, 22.0, 27.0, 22.0, 29.0, 36.0, 27.0, 36.0, 45.0]);
    assert_eq!(values[0][0], 1f64.sin() + 16f64.sin());
}

#[test]
fn a_product_over_nothing_is_zero() {
    let text =
        "t0: 1 0\nt1: 0 1\nt2: 1 1\nin x t0\nin y t1\nproduct t2[0] = t0[0] * t1[0] for 1 1 0\nout z t2\n";
    let values = parse(text).expect("a program").run(&[&[], &[]]).expect("it runs");
    assert_eq!(values[0][0].to_bits(), 0);
}

#[test]
fn what_does_not_hold_is_found() {
    let wrong = [
        (
            "t0: 3\nin x t0\nt1: 3\nfor 3\n  %0 = t0[1 + 1*#0]\n  t1[0 + 1*#0] = %0\nend\nout y t1\n",
            "an address outside of t0",
        ),
        (
            "t0: 2 0\nt1: 0 2\nin x t0\nproduct t1[0 + 2*#0 + 1*#1] = t0[0] * t0[0] for 2 2 0\nout y t1\n",
            "an address outside of t1",
        ),
        ("t0: 3\nin x t0\nt1: 3\nout y t1\n", "t1 is read before it is written"),
        ("t0: 3\nin x t0\nfor 3\n  %0 = t0[0]\n  t0[0 + 1*#0] = %0\nend\n", "t0 is written again"),
        (
            "t0: 3\nin x t0\nt1: 3\nfor 3\n  %0 = add %0 %0\n  t1[0 + 1*#0] = %0\nend\n",
            "%0 is used before it is made",
        ),
        ("t0: 3\nt1: 3 3\nin x t0\ninv t1 = t0\n", "shapes that do not fit: inv"),
        (
            "t0:\nt1: = 0.0\nt2:\nin x t0\nfor\n  %0 = t0[0]\n  t1[0] += %0\nend\nrepeat 2 t2\n  for\n    %0 = t0[0]\n    t1[0] += %0\n  end\nend\nout y t1\n",
            "t1 is written again",
        ),
        (
            "t0:\nt1:\nt2:\nrepeat 2 t0\n  state t1 = t0 then t2\n  for\n    %0 = t1[0]\n    t2[0] = %0\n  end\nend\nout y t1\n",
            "t0 is read before it is written",
        ),
        ("t0:\nrepeat 0 t0\nend\nout y t0\n", "t0 is read before it is written"),
        (
            "t0: 2\nt1: 2 = 0.0\nin x t0\nfor 0\n  %0 = t0[0]\n  t1[0 + 1*%1 in 2] += %0\nend\nout y t1\n",
            "%1 is used before it is made",
        ),
        ("t0: 99999999 99999999 99999999\n", "a size beyond what memory can hold"),
    ];
    for (text, message) in wrong {
        let error = parse(text).expect("a program").check().expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn what_is_no_program_says_where() {
    let wrong = [
        ("t0: 3\nt2: 3\n", "line 2: expected tensors in order"),
        ("for 3\n  %0 = frob %1\nend\n", "line 2: expected an operation"),
        ("for 3\n", "line 1: expected `end`"),
        ("t0: x\n", "line 1: expected a size"),
        ("for 1\n  %0 = call sin %0 %0\nend\n", "line 2: expected as many operands as the function takes"),
    ];
    for (text, message) in wrong {
        assert_eq!(parse(text).expect_err(text).to_string(), message);
    }
}

#[test]
fn what_begins_with_nothing_is_set_in_every_entry() {
    let checked = |size: &str, nest: &str| {
        let text = format!("t0: 2\nt1: {size}\nin x t0\n{nest}out y t1\n");
        parse(&text).unwrap_or_else(|error| panic!("{text}: {error}")).check()
    };
    let unset = Err(CheckError::Unset(TensorId(1)));
    // (size of t1, the loops, the places written, whether every entry is met)
    let cases = [
        ("6", "2 3", &["0 + 3*#0 + 1*#1"][..], true),
        ("6", "3 2", &["0 + 1*#0 + 3*#1"], true),
        ("6", "2 3", &["5 + -3*#0 + -1*#1"], true),
        ("4", "3 2", &["0 + 1*#0 + 1*#1"], true),
        ("7", "3 2", &["0 + 1*#0 + 4*#1"], false),
        ("7", "2 3", &["0 + 3*#0 + 1*#1"], false),
        ("7", "2 3", &["1 + 3*#0 + 1*#1"], false),
        ("6", "3", &["0 + 2*#0"], false),
        ("6", "3", &["0 + 2*#0", "1 + 2*#0"], true),
        ("6", "3", &["0 + 1*#0", "3 + 1*#0"], true),
        ("7", "3", &["0 + 1*#0", "4 + 1*#0"], false),
        ("3", "", &["2", "0", "1"], true),
        ("2", "0 2", &["0 + 1*#1"], false),
        ("0", "0", &["0 + 1*#0"], true),
        ("2", "2", &["0 + 1*%0 in 2"], false),
        // Beyond what is looked at entry by entry.
        ("4000000", "2000000", &["0 + 2*#0", "1 + 2*#0"], false),
        ("4000000", "2 2000000", &["0 + 2000000*#0 + 1*#1"], true),
    ];
    for (size, loops, places, met) in cases {
        let head = if loops.is_empty() { "for".to_string() } else { format!("for {loops}") };
        let writes: String = places.iter().map(|place| format!("  t1[{place}] = %0\n")).collect();
        let found = checked(size, &format!("{head}\n  %0 = t0[0]\n{writes}end\n"));
        let wanted = if met { Ok(()) } else { unset.clone() };
        assert_eq!(found, wanted, "{size}: {loops}: {places:?}");
    }
    let joined = "for 2\n  %0 = t0[0 + 1*#0]\n  t1[0 + 1*#0] = %0\n  t1[0] += %0\nend\n";
    assert_eq!(checked("2", joined), Err(CheckError::Unwritten(TensorId(1))));
    let product = "product t1[0 + 2*#0 + 1*#1] = t0[0 + 1*#2] * t0[0 + 1*#2] for 2 1 2\n";
    assert!(checked("2 2", product).is_err());
}

#[test]
fn a_later_write_outside_its_tensor_is_refused() {
    let text = "t0: 2\nt1: 2 2\nin x t0\nfor 2\n  %0 = t0[0 + 1*#0]\n  t1[0 + 2*#0] = %0\n  t1[5 + 2*#0] = %0\nend\nout y t1\n";
    let program = parse(text).expect("a program");
    assert_eq!(program.check(), Err(CheckError::Outside(TensorId(1))));
}
