//! NumPy, with SciPy where NumPy has no counterpart.

use super::python::Python;

pub(super) static NUMPY: Python = Python {
    name: "NumPy",
    module: "np",
    axis: "axis",
    strict: false,
    function,
    definition,
    renamed: &[],
    imports: &[
        ("np.", "import numpy as np"),
        ("scipy.linalg.", "import scipy.linalg"),
        ("scipy.special.", "import scipy.special"),
    ],
    note: None,
    guard: Some("np.float64({})"),
};

fn function(row: &str) -> Option<&'static str> {
    Some(match row {
        "exp" => "np.exp",
        "log" => "np.log",
        "log2" => "np.log2",
        "log10" => "np.log10",
        "log1p" => "np.log1p",
        "expm1" => "np.expm1",
        "exp2" => "np.exp2",
        "logaddexp" => "np.logaddexp",
        "softplus" => "np.logaddexp({0}, 0)",
        "sqrt" => "np.sqrt",
        "cbrt" => "np.cbrt",
        "pow" => "np.power",
        "hypot" => "np.hypot",
        "sin" => "np.sin",
        "cos" => "np.cos",
        "tan" => "np.tan",
        "asin" => "np.arcsin",
        "acos" => "np.arccos",
        "atan" => "np.arctan",
        "atan2" => "np.arctan2",
        "sinh" => "np.sinh",
        "cosh" => "np.cosh",
        "tanh" => "np.tanh",
        "asinh" => "np.arcsinh",
        "acosh" => "np.arccosh",
        "atanh" => "np.arctanh",
        "abs" => "np.abs",
        "sign" => "np.sign",
        "min" => "np.minimum",
        "max" => "np.maximum",
        "relu" => "np.maximum({0}, 0)",
        "clamp" => "np.clip",
        "floor" => "np.floor",
        "ceil" => "np.ceil",
        "trunc" => "np.trunc",
        "mod" => "np.mod",
        "erf" => "scipy.special.erf",
        "erfc" => "scipy.special.erfc",
        "erfcx" => "scipy.special.erfcx",
        "erfinv" => "scipy.special.erfinv",
        "erfcinv" => "scipy.special.erfcinv",
        "normcdf" => "scipy.special.ndtr",
        "norminv" => "scipy.special.ndtri",
        "gamma" => "scipy.special.gamma",
        "lgamma" => "scipy.special.gammaln",
        "digamma" => "scipy.special.digamma",
        "polygamma" => "scipy.special.polygamma",
        "beta" => "scipy.special.beta",
        "binomial" => "scipy.special.binom",
        "zeta" => "scipy.special.zeta",
        "besselj0" => "scipy.special.j0",
        "besselj1" => "scipy.special.j1",
        "besselj" => "scipy.special.jv",
        "besseli0" => "scipy.special.i0",
        "besseli1" => "scipy.special.i1",
        "besseli" => "scipy.special.iv",
        "sphericalbesselj" => "scipy.special.spherical_jn",
        "lambertw" => "scipy.special.lambertw({0}).real",
        "lambertwm1" => "scipy.special.lambertw({0}, -1).real",
        "Ei" => "scipy.special.expi",
        "Si" => "scipy.special.sici({0})[0]",
        "Ci" => "scipy.special.sici({0})[1]",
        "dilog" => "scipy.special.spence(1 - ({0}))",
        "elliptick" => "scipy.special.ellipk",
        "elliptice" => "scipy.special.ellipe",
        "ellipticb" => "ellipticb",
        "ellipticd" => "ellipticd",
        "expm" => "scipy.linalg.expm",
        _ => return None,
    })
}

fn definition(name: &str) -> Option<&'static str> {
    Some(match name {
        "logsumexp" => {
            r#"def logsumexp(x, axis=None):
    """log(sum(exp(x))) without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)
"#
        }
        "ellipticb" => {
            r#"def ellipticb(m):
    """(E(m) - (1 - m) * K(m)) / m without cancellation."""
    return (1 - m) / 3 * scipy.special.elliprd(0, 1, 1 - m)
"#
        }
        "ellipticd" => {
            r#"def ellipticd(m):
    """(K(m) - E(m)) / m without cancellation."""
    return scipy.special.elliprd(0, 1 - m, 1) / 3
"#
        }
        "logdet" => {
            r#"def logdet(a):
    """The logarithm of a positive determinant."""
    sign, value = np.linalg.slogdet(a)
    return np.where(sign > 0, value, np.nan)
"#
        }
        "sqrtm" => {
            r#"def sqrtm(a):
    """The square root of a symmetric positive semidefinite matrix."""
    w, v = np.linalg.eigh(a)
    noise = w.shape[-1] * np.finfo(w.dtype).eps * np.max(np.abs(w), axis=-1, keepdims=True)
    w = np.where(np.abs(w) <= noise, 0.0, w)
    return (v * np.sqrt(w)[..., None, :]) @ np.swapaxes(v, -1, -2)
"#
        }
        "logm" => {
            r#"def logm(a):
    """The logarithm of a symmetric positive definite matrix."""
    w, v = np.linalg.eigh(a)
    return (v * np.log(w)[..., None, :]) @ np.swapaxes(v, -1, -2)
"#
        }
        "eigenvectors" => {
            r#"def eigenvectors(a):
    """Unit eigenvectors of a symmetric matrix as columns, the largest entry of each positive."""
    v = np.linalg.eigh(a)[1]
    top = np.expand_dims(np.argmax(np.abs(v), axis=-2), -2)
    return v * np.sign(np.take_along_axis(v, top, axis=-2))
"#
        }
        _ => return None,
    })
}
