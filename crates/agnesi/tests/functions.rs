//! Formulas called from Rust, against derivatives by hand and each other.

use agnesi::{Function, FunctionError, Session};

fn compile(formula: &str, arguments: &[&str]) -> Function {
    Session::new().compile(formula, arguments).unwrap_or_else(|error| panic!("{formula}: {error}"))
}

#[track_caller]
fn near(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= 1e-12 * y.abs().max(1.0), "{a:?} is not {b:?}");
    }
}

#[test]
fn numbers_and_tensors_side_by_side() {
    let f = compile("a*x'*B*x + sum(B)", &["a", "x: vector(2)", "B: matrix(2, 2)"]);
    let point = [2.0, 1.0, 3.0, 1.0, 2.0, 3.0, 4.0];
    // x'Bx = 1 + 6 + 9 + 36 = 52
    assert_eq!(f.value(&point).expect("a value"), 114.0);
    let gradient = f.gradient(&point).expect("a gradient");
    near(&gradient, &[52.0, 2.0 * (2.0 + 15.0), 2.0 * (5.0 + 24.0), 3.0, 7.0, 7.0, 19.0]);
    let hessian = f.hessian(&point).expect("a Hessian");
    for i in 0..7 {
        for j in 0..7 {
            assert_eq!(hessian[i * 7 + j], hessian[j * 7 + i], "{i} {j}");
        }
    }
    let vector = [1.0, -2.0, 0.5, 0.0, 3.0, -1.0, 2.0];
    let product: Vec<f64> = (0..7).map(|i| (0..7).map(|j| hessian[i * 7 + j] * vector[j]).sum()).collect();
    near(&f.hessian_times(&point, &vector).expect("a product"), &product);
}

#[test]
fn jacobians_have_a_row_for_each_entry() {
    let f = compile("[2*x*y, x^2*y]", &["x", "y"]);
    near(&f.values(&[2.0, 3.0]).expect("values"), &[12.0, 12.0]);
    near(&f.jacobian(&[2.0, 3.0]).expect("a Jacobian"), &[6.0, 4.0, 12.0, 4.0]);
    let g = compile("W*x", &["W: matrix(2, 3)", "x: vector(3)"]);
    let point = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let jacobian = g.jacobian(&point).expect("a Jacobian");
    near(&jacobian[..9], &[7.0, 8.0, 9.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0]);
    near(&jacobian[9..], &[0.0, 0.0, 0.0, 7.0, 8.0, 9.0, 4.0, 5.0, 6.0]);
}

#[test]
fn batches_are_calls_side_by_side() {
    let f = compile("tanh(w'*x + b)^2", &["w: vector(3)", "x: vector(3)", "b"]);
    let rows = 700;
    let (w, b) = ([0.3, -0.2, 0.5], [0.1]);
    let x: Vec<f64> = (0..3 * rows).map(|i| (i as f64 * 0.37).sin()).collect();
    let mut values = vec![0.0; rows];
    let (mut gw, mut gx, mut gb) = (vec![0.0; 3 * rows], vec![0.0; 3 * rows], vec![0.0; rows]);
    f.batch_with_gradient(&[&w, &x, &b], &mut values, &mut [&mut gw, &mut gx, &mut gb]).expect("a batch");
    assert_eq!(f.batch(&[&w, &x, &b]).expect("a batch"), values);
    for row in [0, 1, 255, 256, 699] {
        let point: Vec<f64> = w.iter().chain(&x[3 * row..3 * row + 3]).chain(&b).copied().collect();
        let (value, gradient) = f.value_and_gradient(&point).expect("a gradient");
        near(&[values[row]], &[value]);
        near(&gw[3 * row..3 * row + 3], &gradient[..3]);
        near(&gx[3 * row..3 * row + 3], &gradient[3..6]);
        near(&[gb[row]], &gradient[6..]);
    }
}

#[test]
fn what_is_wrong_is_said() {
    let session = Session::new();
    let message = |error: FunctionError| error.to_string();
    let fails =
        |formula: &str, arguments: &[&str]| message(session.compile(formula, arguments).expect_err(formula));
    assert_eq!(
        fails("sin(x) + z", &["x"]),
        "`z`: it is in the formula, and is no argument (name it among the arguments, or define it: they are x)"
    );
    assert_eq!(fails("sin(", &["x"]), "a value is missing (write a number, a name or a bracket)");
    assert_eq!(
        fails("x'*x", &["x: vector(n)"]),
        "`x: vector(n)` has a size without a number (write one, as in `vector(3)`)"
    );
    assert_eq!(
        fails("x", &["x", "x"]),
        "`x`: an argument is named twice (give each argument a name of its own)"
    );
    assert!(fails("x > 0", &["x"]).starts_with("a condition is no function of numbers"));
    let f = compile("x^2", &["x"]);
    assert_eq!(message(f.value(&[]).expect_err("too few")), "the point needs 1 numbers, 0 were given");
    let mut short = [0.0; 2];
    assert_eq!(
        message(f.gradient_into(&[1.0], &mut short).expect_err("too much room")),
        "the room for a result needs 1 numbers, 2 were given"
    );
    let g = compile("[x, x^2]", &["x"]);
    assert_eq!(
        message(g.value(&[1.0]).expect_err("two numbers")),
        "the value has sizes (2), and is no number (ask for `values` and `jacobian`)"
    );
    let h = compile("x*y", &["x", "y"]);
    assert_eq!(
        message(h.batch(&[&[1.0, 2.0], &[1.0, 2.0, 3.0]]).expect_err("rows")),
        "`y` has 3 numbers; 2 rows of 1 are needed, or one for all"
    );
    let inverse = compile("inv(A)", &["A: matrix(2, 2)"]);
    let error = message(inverse.values(&[1.0, 2.0, 2.0, 4.0]).expect_err("singular"));
    assert!(error.contains("inv"), "{error}");
}

#[test]
fn an_entry_at_an_index_outside_its_axis_is_nan() {
    let f = compile("x[k]", &["x: vector(3)", "k: integer"]);
    let guarded = compile("if k <= 3 then x[k] else 0", &["x: vector(3)", "k: integer"]);
    for (k, wanted) in [(2.0, Some(5.0)), (0.0, None), (4.0, None), (1.5, None), (f64::NAN, None)] {
        let value = f.value(&[4.0, 5.0, 6.0, k]).expect("a value");
        assert_eq!((!value.is_nan()).then_some(value), wanted, "{k}");
    }
    assert_eq!(guarded.value(&[4.0, 5.0, 6.0, 4.0]).expect("a value"), 0.0);
}

#[test]
fn definitions_of_the_session_are_known() {
    use agnesi::protocol::{Request, Verb};
    let mut session = Session::new();
    let mut define = Request::new(Verb::Define, "g(t) = t^2 + 1");
    define.lets = Some("g(t) = t^2 + 1".into());
    session.answer(&define);
    let f = session.compile("g(x)*c", &["x", "c"]).expect("a function");
    assert_eq!(f.gradient(&[2.0, 3.0]).expect("a gradient"), [12.0, 5.0]);
    // A clone stands alone.
    assert_eq!(f.clone().value(&[1.0, 1.0]).expect("a value"), 2.0);
}

#[test]
fn sizes_beyond_memory_are_errors() {
    let session = Session::new();
    let error = session.compile("sum(A)", &["A: matrix(9999999999, 9999999999)"]).expect_err("too large");
    assert_eq!(error.to_string(), "a tensor of 9999999999 x 9999999999 numbers is too large");
    // A Hessian of 10^18 numbers, of an argument that fits.
    let n = 1_000_000_000usize;
    let f = compile("sum(x.^2)", &[&format!("x: vector({n})")]);
    let error = f.hessian(&[]).expect_err("too large");
    assert_eq!(error.to_string(), "1000000000000000000 numbers need more memory than there is");
}

#[test]
fn data_that_nobody_gave_are_missed() {
    let f = Session::new().compile_given("a*x", &["x"], &["a"]).expect("a function");
    let message = |error: FunctionError| error.to_string();
    assert_eq!(
        message(f.value(&[1.0]).expect_err("no a")),
        "`a` has no numbers yet (say what they are with `give`)"
    );
    assert!(message(f.batch(&[&[1.0, 2.0]]).expect_err("no a")).contains("`a` has no numbers yet"));
}

#[test]
fn far_out_values_are_there() {
    let softplus = compile("log(1 + exp(x))", &["x"]);
    assert_eq!(softplus.value_and_gradient(&[800.0]).expect("a gradient"), (800.0, vec![1.0]));
    assert_eq!(softplus.gradient(&[-800.0]).expect("a gradient"), [0.0]);
    // What the branch that is not taken would be does no harm.
    let branch = compile("if x > 0 then x*log(x) else x^2", &["x"]);
    assert_eq!(branch.value_and_gradient(&[-2.0]).expect("a gradient"), (4.0, vec![-4.0]));
    assert_eq!(compile("x^0.5", &["x"]).gradient(&[4.0]).expect("a gradient"), [0.25]);
    assert_eq!(compile("cbrt(x)", &["x"]).value(&[-8.0]).expect("a value"), -2.0);
}

#[test]
fn machine_code_gives_what_the_virtual_machine_gives() {
    let cases: [(&str, &[&str]); 4] = [
        ("sum(i in 1..9, (1-x[i])^2 + 100(x[i+1]-x[i]^2)^2)", &["x: vector(10)"]),
        ("sin(a*b) + exp(-a)*tanh(b)", &["a", "b"]),
        ("log(1 + exp(-w'*x))", &["w: vector(3)", "x: vector(3)"]),
        ("norm2(A*x)^2", &["A: matrix(2, 3)", "x: vector(3)"]),
    ];
    for (formula, arguments) in cases {
        let f = compile(formula, arguments);
        let g = f.clone().native();
        assert!(g.is_native().expect("a program") && !f.is_native().expect("a program"), "{formula}");
        let point: Vec<f64> = (0..f.point_len()).map(|i| 0.3 + (i as f64 * 0.7).sin()).collect();
        let (value, gradient) = f.value_and_gradient(&point).expect("a gradient");
        let (native, slopes) = g.value_and_gradient(&point).expect("a gradient");
        near(&[native], &[value]);
        near(&slopes, &gradient);
        near(&g.hessian(&point).expect("a Hessian"), &f.hessian(&point).expect("a Hessian"));
        assert!(g.clone().is_native().expect("a program"), "a clone is machine code too");
    }
    // Linear algebra stays with the library.
    let inverse = compile("tr(inv(A))", &["A: matrix(2, 2)"]).native();
    assert!(!inverse.is_native().expect("a program"));
    assert_eq!(inverse.value(&[2.0, 0.0, 0.0, 4.0]).expect("a value"), 0.75);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (rows, columns) = (20_000, 20);
    let x: Vec<f64> = (0..rows * columns).map(|i| (i as f64 * 0.7).sin()).collect();
    let y: Vec<f64> = (0..rows).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect();
    let w: Vec<f64> = (0..columns).map(|i| (i as f64 * 0.3).cos()).collect();
    let declared = [format!("X: matrix({rows}, {columns})"), format!("y: vector({rows})")];
    let mut loss = Session::new()
        .compile_given(
            "sum(log(1 + exp(-y.*(X*w)))) + norm2(w)^2",
            &[&format!("w: vector({columns})")],
            &[&declared[0], &declared[1]],
        )
        .expect("a function");
    loss.give("X", &x).expect("data");
    loss.give("y", &y).expect("data");
    let bits = |(value, gradient): (f64, Vec<f64>)| -> Vec<u64> {
        [value].iter().chain(&gradient).map(|x| x.to_bits()).collect()
    };
    let mut all = Vec::new();
    for threads in [1, 2, 3] {
        loss.set_threads(threads).expect("threads");
        let hessian: Vec<u64> = loss.hessian(&w).expect("a Hessian").iter().map(|x| x.to_bits()).collect();
        all.push((bits(loss.value_and_gradient(&w).expect("a gradient")), hessian));
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(matches!(loss.set_threads(0), Err(FunctionError::NoThreads)));
}

#[test]
fn what_data_alone_decide_follows_the_data() {
    let declared = (["w: vector(3)"], ["X: matrix(5, 3)", "y: vector(5)"]);
    let formula = "norm2(X'*X*w - X'*y)^2 + w'*inv(X'*X)*w";
    let matrix = |seed: usize| -> Vec<f64> { (0..15).map(|i| ((i * i + seed) as f64 * 0.7).sin()).collect() };
    let y = [1.0, -1.0, 0.5, 2.0, 0.0];
    let w = [0.3, -0.2, 0.9];
    let session = Session::new();
    // The same, with the data among the arguments.
    let all =
        session.compile(formula, &["w: vector(3)", "X: matrix(5, 3)", "y: vector(5)"]).expect("a function");
    let wanted = |x: &[f64]| {
        let (value, gradient) = all.value_and_gradient(&[&w[..], x, &y].concat()).expect("a value");
        (value, gradient[..3].to_vec())
    };
    let near = |(a, b): ((f64, Vec<f64>), (f64, Vec<f64>))| {
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-9 * (1.0 + y.abs());
        assert!(close(a.0, b.0) && a.1.iter().zip(&b.1).all(|(x, y)| close(*x, *y)), "{a:?} is not {b:?}");
    };
    let f = session.compile_given(formula, &declared.0, &declared.1).expect("a function");
    for mut f in [f.clone(), f.native()] {
        f.give("y", &y).expect("data");
        // Of a matrix that is not invertible, nothing is kept.
        f.give("X", &[0.0; 15]).expect("data");
        assert!(f.value(&w).is_err());
        for seed in [1, 2] {
            let x = matrix(seed);
            f.give("X", &x).expect("data");
            for _ in 0..2 {
                near((f.value_and_gradient(&w).expect("a gradient"), wanted(&x)));
            }
            let (values, gradients) = f.batch_and_gradient(&[&[&w[..], &w].concat()]).expect("a batch");
            near(((values[1], gradients[0][3..].to_vec()), wanted(&x)));
            let hessian = f.hessian(&w).expect("a Hessian");
            let product = f.hessian_times(&w, &[1.0, 0.0, 0.0]).expect("a product");
            near(((hessian[0], product), (hessian[0], hessian[..3].to_vec())));
        }
    }
}

#[test]
fn nonzeros_are_the_entries_of_the_whole_matrix() {
    let cases: [(&str, &[&str], usize); 7] = [
        ("sum(i in 1..9, (1-x[i])^2 + 100(x[i+1]-x[i]^2)^2)", &["x: vector(10)"], 28),
        ("sum(sin(x)) + a*x[1]", &["x: vector(5)", "a"], 7),
        ("normF(R - U*V')^2/2", &["R: matrix(3, 4)", "U: matrix(3, 2)", "V: matrix(4, 2)"], 232),
        ("sum(i in 1..6, exp(x[i]*x[7-i]))", &["x: vector(6)"], 12),
        ("norm2(x)^2 + x'*A*x", &["x: vector(3)", "A: matrix(3, 3)"], 39),
        ("sum(x)^2", &["x: vector(4)"], 16),
        ("x[1]^2*x[4]", &["x: vector(6)"], 3),
    ];
    for (formula, arguments, count) in cases {
        let f = compile(formula, arguments);
        let n = f.point_len();
        let point: Vec<f64> = (0..n).map(|i| 0.3 + (i as f64 * 0.7).sin()).collect();
        let dense = f.hessian(&point).expect("a Hessian");
        let sparsity = f.hessian_sparsity().expect("a pattern");
        assert_eq!((sparsity.rows(), sparsity.columns()), (n, n));
        let values = f.hessian_nonzeros(&point).expect("values");
        let mut rebuilt = vec![0.0; n * n];
        for ((row, column), value) in sparsity.entries().iter().zip(&values) {
            rebuilt[row * n + column] = *value;
        }
        near(&rebuilt, &dense);
        assert!(sparsity.entries().windows(2).all(|pair| pair[0] < pair[1]), "{formula}");
        let found = sparsity.entries().len();
        assert_eq!(found, count, "{formula}");
    }
    // A Hessian without entries, and an argument that does not occur.
    for (formula, count) in [("x + 2y", 0), ("x^2", 1)] {
        let f = compile(formula, &["x", "y"]);
        assert_eq!(f.hessian_sparsity().expect("a pattern").entries().len(), count);
        assert_eq!(f.hessian_nonzeros(&[1.0, 2.0]).expect("values").len(), count);
        assert_eq!(f.native().hessian_nonzeros(&[1.0, 2.0]).expect("values").len(), count);
    }
    let f = compile("sin(x) .* y + x[1]", &["x: vector(4)", "y: vector(4)"]);
    let point: Vec<f64> = (0..8).map(|i| 0.2 * i as f64).collect();
    let (dense, sparsity) =
        (f.jacobian(&point).expect("a Jacobian"), f.jacobian_sparsity().expect("a pattern"));
    let values = f.jacobian_nonzeros(&point).expect("values");
    let mut rebuilt = vec![0.0; 32];
    for ((row, column), value) in sparsity.entries().iter().zip(&values) {
        rebuilt[row * 8 + column] = *value;
    }
    near(&rebuilt, &dense);
    assert_eq!(sparsity.entries().len(), 11);
    assert!(f.hessian_sparsity().is_err());
    let mut short = [0.0; 3];
    assert!(compile("sum(x)^2", &["x: vector(4)"]).hessian_nonzeros_into(&[1.0; 4], &mut short).is_err());
}

#[test]
fn loops_that_record_run_over_rows() {
    let f = compile("sum(scan(s = x, t in 1..4, sin(s) + t*y))", &["x", "y"]);
    // As many rows as steps, and other numbers of rows.
    for rows in [4, 3, 300] {
        let x: Vec<f64> = (0..rows).map(|i| 0.1 * i as f64).collect();
        let y: Vec<f64> = (0..rows).map(|i| (0.3 * i as f64).cos()).collect();
        let (mut values, mut gx, mut gy) = (vec![0.0; rows], vec![0.0; rows], vec![0.0; rows]);
        f.batch_with_gradient(&[&x, &y], &mut values, &mut [&mut gx, &mut gy]).expect("a batch");
        for row in 0..rows {
            let (value, gradient) = f.value_and_gradient(&[x[row], y[row]]).expect("a gradient");
            near(&[values[row], gx[row], gy[row]], &[value, gradient[0], gradient[1]]);
        }
    }
    let all = compile("scan(s = x, t in 1..4, sin(s) + t)", &["x"]);
    let x = [0.1, 0.2, 0.3, 0.4];
    let rows = all.batch(&[&x]).expect("a batch");
    for (x, row) in x.iter().zip(rows.chunks(4)) {
        near(row, &all.values(&[*x]).expect("values"));
    }
}

#[test]
fn fast_functions_differ_by_rounding_alone() {
    let cases: [(&str, &[&str], bool); 7] = [
        (
            "sum(i in 1..60, norm2(Q*(X[i,:] - m))^2)",
            &["Q: matrix(9, 9)", "X: matrix(60, 9)", "m: vector(9)"],
            true,
        ),
        ("sum(sin(A*X + A*Y))", &["A: matrix(20, 20)", "X: matrix(20, 20)", "Y: matrix(20, 20)"], true),
        ("sum(cos(X'*A - 3*Y'*A))", &["A: matrix(20, 20)", "X: matrix(20, 20)", "Y: matrix(20, 20)"], true),
        ("sum(sin(A*X + A'*X))", &["A: matrix(20, 20)", "X: matrix(20, 20)"], true),
        // Each factor stands on the left once, and on the right once.
        ("sum(sin(A*X + X*A))", &["A: matrix(20, 20)", "X: matrix(20, 20)"], false),
        // Products of differences are left as they are.
        ("sum(i in 1..60, norm2(X[i,:] - m)^2)", &["X: matrix(60, 9)", "m: vector(9)"], false),
        ("norm2(A*x - b)^2", &["A: matrix(30, 20)", "x: vector(20)", "b: vector(30)"], false),
    ];
    for (formula, arguments, regrouped) in cases {
        let f = Session::new().compile(formula, arguments).unwrap_or_else(|e| panic!("{formula}: {e}"));
        let fast = f.clone().fast();
        assert_eq!(fast.program(false).expect("a program").regrouped, regrouped, "{formula}");
        let again = fast.clone().fast();
        assert_eq!(again.program(false).expect("a program").regrouped, regrouped, "{formula}");
        let point: Vec<f64> = (0..f.point_len()).map(|i| (1.0 + 0.7 * i as f64).sin()).collect();
        let (value, gradient) = f.value_and_gradient(&point).expect("a gradient");
        let (fast_value, fast_gradient) = fast.value_and_gradient(&point).expect("a gradient");
        assert!(
            (value - fast_value).abs() <= 1e-11 * value.abs().max(1.0),
            "{formula}: {fast_value} is not {value}"
        );
        let scale = gradient.iter().fold(1.0f64, |most, x| most.max(x.abs()));
        for (x, y) in gradient.iter().zip(&fast_gradient) {
            assert!((x - y).abs() <= 1e-11 * scale, "{formula}: {y} is not {x}");
        }
    }
}

#[test]
fn what_a_recurrence_has_not_made_yet_has_no_value() {
    let mut session = Session::new();
    let rule = "B: vector(5); parent: integer vector(5); T[1] = B[1]; T[i] = T[parent[i]]*B[i] for i in 2..5";
    session.define(rule).expect("definitions");
    let f = session.compile("sum(T)", &["B", "parent"]).expect("a function");
    let b = [2.0, 3.0, 4.0, 5.0, 6.0];
    for (parent, sum) in
        [([1.0, 1.0, 1.0, 2.0, 4.0], Some(2.0 + 6.0 + 8.0 + 30.0 + 180.0)), ([1.0, 1.0, 3.0, 1.0, 1.0], None)]
    {
        let point = [b, parent].concat();
        let found = f.value(&point).expect("a number");
        assert_eq!((!found.is_nan()).then_some(found), sum, "{parent:?}");
    }
}

/// The gradient of a recurrence of the second order, with as many entries as would fill memory if each step kept the vector.
#[test]
fn recurrences_are_as_long_as_their_entries() {
    let n = 100_000;
    let mut session = Session::new();
    let rule = "F[1] = x[1]; F[2] = x[2]; F[i] = F[i-1]*x[i] + sin(F[i-2]) for i in 3..n";
    session.define(&format!("x: vector(n); {rule}")).expect("a recurrence");
    let f = session.compile("sum(F)", &[&format!("x: vector({n})")]).expect("a function");
    let x: Vec<f64> = (0..n).map(|i| 0.5 + 0.01 * (i % 7) as f64).collect();
    let (value, gradient) = f.value_and_gradient(&x).expect("a gradient");

    let mut made = x[..2].to_vec();
    (2..n).for_each(|i| made.push(made[i - 1] * x[i] + made[i - 2].sin()));
    near(&[value], &[made.iter().sum()]);
    let (mut adjoint, mut wanted) = (vec![1.0; n], vec![0.0; n]);
    for i in (2..n).rev() {
        wanted[i] = adjoint[i] * made[i - 1];
        adjoint[i - 1] += adjoint[i] * x[i];
        adjoint[i - 2] += adjoint[i] * made[i - 2].cos();
    }
    wanted[..2].copy_from_slice(&adjoint[..2]);
    near(&gradient, &wanted);
}

/// Rows of a state that a step adds to are computed before anything is added, whichever of them are read.
#[test]
fn rows_are_added_at_the_end_of_a_step() {
    let n = 7;
    let formulas = [
        // Each of two rows is made of the other.
        ("onehot(i, 7)*F[i+1]^2 + onehot(i+1, 7)*sin(F[i])", 0),
        // The row itself, a row behind it, and all of them.
        ("onehot(i, 7)*F[i]*F[i+1]", 1),
        ("onehot(i+1, 7)*sum(F)*x[i]/9", 2),
    ];
    let x: Vec<f64> = (0..n).map(|i| 0.4 + 0.1 * i as f64).collect();
    let by_hand = |x: &[f64], which: i32| -> f64 {
        let mut f = x.to_vec();
        for i in 0..n - 1 {
            let before = f.clone();
            match which {
                0 => {
                    f[i] += before[i + 1] * before[i + 1];
                    f[i + 1] += before[i].sin();
                }
                1 => f[i] += before[i] * before[i + 1],
                _ => f[i + 1] += before.iter().sum::<f64>() * x[i] / 9.0,
            }
        }
        f.iter().map(|y| y * y).sum()
    };
    for (added, which) in formulas {
        let f = compile(&format!("norm2(fold(F = x, i in 1..6, F + {added}))^2"), &["x: vector(7)"]);
        let (value, gradient) = f.value_and_gradient(&x).expect("a gradient");
        near(&[value], &[by_hand(&x, which)]);
        for (at, slope) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut x = x.clone();
                x[at] += by;
                by_hand(&x, which)
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!(
                (slope - difference).abs() <= 1e-6 * slope.abs().max(1.0),
                "{added}: {slope}, {difference}"
            );
        }
    }
}

/// An entry before the first, behind a condition that keeps it from being read, is not asked for by the adjoint either.
#[test]
fn what_a_recurrence_reads_behind_a_condition() {
    let mut session = Session::new();
    let rule = "F[1] = x[1]; F[i] = F[i-1]*x[i] + (if i > 2 then F[i-2] else 0) for i in 2..n";
    session.define(&format!("x: vector(n); {rule}")).expect("a recurrence");
    let f = session.compile("F[4]", &["x: vector(4)"]).expect("a function");
    // F = a, ab, abc + a, abcd + ad + ab
    let (a, b, c, d) = (0.5, 2.0, 3.0, 0.7);
    let (value, gradient) = f.value_and_gradient(&[a, b, c, d]).expect("a gradient");
    near(&[value], &[a * b * c * d + a * d + a * b]);
    near(&gradient, &[b * c * d + d + b, a * c * d + a, a * b * d, a * b * c + a]);
}

/// What an index picks is multiplied by its neighbours, and summed, before the rest: that asks for as much as one sum of all.
#[test]
fn products_of_what_indices_pick() {
    let formula = "[sum(k in 1..6, sum(l in 1..7, A[i,k]*B[q[i],k,l]*c[j,l])) for i in 1..8, j in 1..9]";
    let data = ["A: matrix(8, 6)", "B: tensor(5, 6, 7)", "q: integer vector(8)"];
    let mut f = Session::new().compile_given(formula, &["c: matrix(9, 7)"], &data).expect("a function");
    let wave = |n: usize, far: f64| -> Vec<f64> { (0..n).map(|i| (far * i as f64).sin()).collect() };
    let (mut a, b, mut c) = (wave(48, 0.7), wave(210, 0.9), wave(63, 1.1));
    // One row of `c` is 0, and one of `A`.
    c[14..21].fill(0.0);
    a[24..30].fill(0.0);
    let q = [1.0, 5.0, 0.0, 3.0, -2.0, 6.0, 2.0, 4.0];
    f.give("A", &a).expect("a matrix");
    f.give("B", &b).expect("a tensor");
    f.give("q", &q).expect("a vector");
    let value = f.values(&c).expect("values");
    for (i, q) in q.iter().enumerate() {
        for j in 0..9 {
            let mut wanted = 0.0;
            for (k, l) in (0..6).flat_map(|k| (0..7).map(move |l| (k, l))) {
                let beside = a[6 * i + k] * c[7 * j + l];
                let inside = (1.0..=5.0).contains(q);
                wanted += match inside {
                    true => beside * b[42 * (*q as usize - 1) + 7 * k + l],
                    false if beside == 0.0 => 0.0,
                    false => f64::NAN,
                };
            }
            let found = value[9 * i + j];
            let same = found.is_nan() && wanted.is_nan() || (found - wanted).abs() < 1e-12;
            assert!(same, "{i}, {j}: {found}, {wanted}");
        }
    }
}

/// A hundred thousand states of a thousand numbers would be 0.8 gigabytes: few are kept, and the others computed again, with
/// the bits of a loop that keeps all of its two.
#[test]
fn long_folds_keep_few_states() {
    let gradient = |x: &[f64]| {
        let text = "sum(fold(s = x, t in 1..100000, s + (1 - s).*s/100000))";
        let f = Session::new().compile(text, &[&format!("x: vector({})", x.len())]).expect("a function");
        f.gradient(x).expect("a gradient")
    };
    let x: Vec<f64> = (0..1000).map(|i| 0.2 + 0.6 * (i % 7) as f64 / 7.0).collect();
    let all = gradient(&x);
    for at in [0, 5, 900] {
        assert_eq!(all[at..at + 2], gradient(&x[at..at + 2]), "{at}");
        // The flow of s' = s(1 - s) at 1: its derivative by the start is e/(1 + (e - 1) s)^2.
        let (e, s) = (std::f64::consts::E, x[at]);
        let near = e / (1.0 + (e - 1.0) * s).powi(2);
        assert!((all[at] - near).abs() < 1e-5, "{}, {near}", all[at]);
    }
}
