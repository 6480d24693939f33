//! Functions of the macro against values that are known, and their derivatives against differences of the values.

use agnesi_macro::function;

function! { rosen(x, y) = (1-x)^2 + 100(y-x^2)^2 }

function! { rosen10(x: vector(10)) = sum(i in 1..9, (1 - x[i])^2 + 100(x[i+1] - x[i]^2)^2) }

#[test]
fn numbers() {
    assert_eq!(rosen(3.0, 5.0), 1604.0);
    assert_eq!(rosen::gradient(3.0, 5.0), [4804.0, -800.0]);
    assert_eq!(rosen::value_and_gradient(1.0, 1.0), (0.0, [0.0, 0.0]));
    assert_eq!(rosen::hessian(3.0, 5.0), [[8802.0, -1200.0], [-1200.0, 200.0]]);
}

/// Rosenbrock's function, its gradient and its Hessian, written by hand.
fn by_hand(x: &[f64; 10]) -> (f64, [f64; 10], [[f64; 10]; 10]) {
    let (mut f, mut g, mut h) = (0.0, [0.0; 10], [[0.0; 10]; 10]);
    for i in 0..9 {
        let (u, v) = (1.0 - x[i], x[i + 1] - x[i] * x[i]);
        f += u * u + 100.0 * v * v;
        g[i] += -2.0 * u - 400.0 * x[i] * v;
        g[i + 1] += 200.0 * v;
        h[i][i] += 2.0 - 400.0 * v + 800.0 * x[i] * x[i];
        h[i][i + 1] -= 400.0 * x[i];
        h[i + 1][i] -= 400.0 * x[i];
        h[i + 1][i + 1] += 200.0;
    }
    (f, g, h)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-10 * b.abs().max(1.0)
}

#[test]
fn a_vector_of_known_size() {
    let x: [f64; 10] = std::array::from_fn(|i| 0.3 + 0.2 * (i as f64).sin());
    let (f, g, h) = by_hand(&x);
    assert!(near(rosen10(&x), f));
    let (value, gradient) = rosen10::value_and_gradient(&x);
    assert!(near(value, f));
    assert!(gradient.iter().zip(&g).all(|(a, b)| near(*a, *b)), "{gradient:?} {g:?}");
    let hessian = rosen10::hessian(&x);
    let pairs = hessian.as_flattened().iter().zip(h.as_flattened());
    assert!(pairs.into_iter().all(|(a, b)| near(*a, *b)), "{hessian:?}");
    assert_eq!(rosen10::gradient(&x), gradient);
}

function! {
    sigma(z) = 1/(1 + exp(-z));
    /// The loss of one row.
    pub(crate) loss(w: vector(2), X: matrix(3, 2), y: vector(3), c) =
        sum(i in 1..3, (sigma(dot(X[i,:], w)) - y[i])^2)
        + c*norm2(w)^2
}

#[test]
fn arguments_of_all_shapes() {
    let (w, x, y, c) = ([0.3, -0.2], [[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]], [1.0, 0.0, 1.0], 0.1);
    let point = |at: usize, step: f64| {
        let (mut w, mut x, mut y, mut c) = (w, x, y, c);
        match at {
            0..2 => w[at] += step,
            2..8 => x[(at - 2) / 2][at % 2] += step,
            8..11 => y[at - 8] += step,
            _ => c += step,
        }
        (w, x, y, c)
    };
    let value = |at: usize, step: f64| {
        let (w, x, y, c) = point(at, step);
        loss(&w, &x, &y, c)
    };
    let gradient = loss::gradient(&w, &x, &y, c);
    let hessian = loss::hessian(&w, &x, &y, c);
    assert_eq!(gradient.len(), 12);
    for at in 0..12 {
        let step = 1e-5;
        let slope = (value(at, step) - value(at, -step)) / (2.0 * step);
        assert!((gradient[at] - slope).abs() < 1e-8, "{at}: {} {slope}", gradient[at]);
        let gradient_at = |step: f64| {
            let (w, x, y, c) = point(at, step);
            loss::gradient(&w, &x, &y, c)
        };
        let (after, before) = (gradient_at(step), gradient_at(-step));
        for other in 0..12 {
            let bend = (after[other] - before[other]) / (2.0 * step);
            assert!((hessian[other][at] - bend).abs() < 1e-8, "{other} {at}: {} {bend}", hessian[other][at]);
        }
    }
}

function! { polar(r, t) = [r*cos(t), r*sin(t), r^2] }

#[test]
fn a_vector_as_value() {
    let (r, t) = (2.0f64, 0.7f64);
    let (s, c) = t.sin_cos();
    assert_eq!(polar(r, t), [r * c, r * s, 4.0]);
    let jacobian = polar::jacobian(r, t);
    for (row, wanted) in jacobian.iter().zip([[c, -r * s], [s, r * c], [2.0 * r, 0.0]]) {
        assert!(near(row[0], wanted[0]) && near(row[1], wanted[1]), "{jacobian:?}");
    }
}

function! { twice(A: matrix(2, 3)) = 2A; quadratic(x: vector(2), A: matrix(2, 2)) = "x'*A*x" }

#[test]
fn matrices_and_strings() {
    let a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    assert_eq!(twice(&a), [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]);
    assert_eq!(twice::jacobian(&a)[4], [0.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
    let (x, a) = ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(quadratic(&x, &a), 27.0);
    assert_eq!(quadratic::gradient(&x, &a), [12.0, 21.0, 1.0, 2.0, 2.0, 4.0]);
}

function! {
    wave(w) = sin 2w cos w + 0.1w^2;
    slope(x) = d/dx (x^2*exp(-x));
    volume(A: spd(2)) = logdet(A);
    pick(x: vector(3), k: integer) = x[k]^2;
    in_rust(type, fn) = type*fn
}

#[test]
fn notation_and_results_that_may_fail() {
    let w = 0.62f64;
    assert!(near(wave(w), (2.0 * w).sin() * w.cos() + 0.1 * w * w));
    assert!(near(slope(2.0), 0.0) && near(slope::gradient(1.0)[0], -(-1.0f64).exp()));
    assert!(near(volume(&[[2.0, 0.0], [0.0, 3.0]]).expect("it is definite"), 6.0f64.ln()));
    assert!(volume(&[[-2.0, 0.0], [0.0, 3.0]]).is_err());
    let half = volume::gradient(&[[2.0, 0.0], [0.0, 4.0]]).expect("it is definite");
    assert!(near(half[0], 0.5) && near(half[3], 0.25), "{half:?}");
    assert_eq!(pick(&[1.0, 2.0, 3.0], 2.0), Ok(4.0));
    assert!(pick(&[1.0, 2.0, 3.0], 4.0).is_ok_and(f64::is_nan));
    assert_eq!(pick::gradient(&[1.0, 2.0, 3.0], 2.0), Ok([0.0, 4.0, 0.0]));
    assert_eq!(in_rust::gradient(2.0, 3.0), [3.0, 2.0]);
}

function! { log_gamma(x) = lgamma(x) }

#[test]
fn first_derivatives_without_second() {
    // Its second derivative is not written in Rust.
    assert!(near(log_gamma(5.0), 24.0f64.ln()));
    assert!((log_gamma::gradient(1.0)[0] + 0.5772156649015329).abs() < 1e-12);
}

#[test]
fn a_function_inside_a_function() {
    function! { cube(x) = x^3 }
    assert_eq!(cube::hessian(2.0), [[12.0]]);
}

macro_rules! twisted {
    ($name:ident, $n:literal, $formula:expr) => {
        function! { $name(x) = $n*x*$formula }
    };
}

twisted!(made, 3, 2.0 + 4.0);

#[test]
fn tokens_of_another_macro() {
    assert_eq!(made(1.0), 18.0);
}
