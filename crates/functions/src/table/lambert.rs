//! Lambert's W on its two real branches.

use crate::big;
use crate::kernels::lambert;
use crate::{Antiderivative, Big, Derivative, ErrorBound, Function, Kernel, Meaning, Shape};

pub(super) const ROWS: &[Function] = &[
    Function {
        name: "lambertw",
        aliases: &["productlog", "LambertW"],
        args: &["x"],
        title: "Lambert W",
        doc: "The number w of at least -1 with w*exp(w) = x.",
        refs: &["DLMF 4.13.1"],
        latex: "W_0",
        domain: "x >= -1/e",
        range: "y >= -1",
        meaning: Meaning::Primitive { because: "it is what undoes x*exp(x)" },
        derivative: Derivative::Is(&["1/(exp(lambertw(x))*(1 + lambertw(x)))"]),
        antiderivative: Antiderivative::Is("x*(lambertw(x) - 1) + exp(lambertw(x))"),
        laws: &[
            "lambertw(0) => 0",
            "lambertw(e) => 1",
            "lambertw(x)*exp(lambertw(x)) => x",
            "lambertw(x*exp(x)) => x when x >= -1",
            "exp(lambertw(x)) = x/lambertw(x) when x != 0",
        ],
        shape: Shape::Increasing,
        kinks: &[],
        error: ErrorBound::Ulps(1.0),
        kernel: Kernel::One(lambert::lambert_w),
        lanes: None,
        big: Big::Kernel(big::lambertw),
        examples: &[
            "lambertw(0) = 0",
            "lambertw(1) ~ 0.567143290409783873",
            "lambertw(-0.25) ~ -0.357402956181388903069",
            "lambertw(1e10) ~ 20.0286854133049507812",
            "lambertw(-0.3671875) ~ -0.93988639805243454197",
        ],
    },
    Function {
        name: "lambertwm1",
        aliases: &[],
        args: &["x"],
        title: "Lambert W, lower branch",
        doc: "The number w of at most -1 with w*exp(w) = x.",
        refs: &["DLMF 4.13.1"],
        latex: "W_{-1}",
        domain: "-1/e <= x and x < 0",
        range: "y <= -1",
        meaning: Meaning::Primitive { because: "it is what undoes x*exp(x) below -1" },
        derivative: Derivative::Is(&["1/(exp(lambertwm1(x))*(1 + lambertwm1(x)))"]),
        antiderivative: Antiderivative::Is("x*(lambertwm1(x) - 1) + exp(lambertwm1(x))"),
        laws: &["lambertwm1(x)*exp(lambertwm1(x)) => x", "lambertwm1(x*exp(x)) => x when x <= -1"],
        shape: Shape::Decreasing,
        kinks: &[],
        error: ErrorBound::Ulps(1.0),
        kernel: Kernel::One(lambert::lambert_w_minus1),
        lanes: None,
        big: Big::Kernel(big::lambertw_minus1),
        examples: &[
            "lambertwm1(-0.1) ~ -3.57715206395729721841",
            "lambertwm1(-0.25) ~ -2.15329236411034964917",
            "lambertwm1(-1e-10) ~ -26.2952388192469256941",
            "lambertwm1(-0.3671875) ~ -1.0626237132134927642",
        ],
    },
];
