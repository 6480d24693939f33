//! JAX.

use super::python::Python;

pub(super) static JAX: Python = Python {
    name: "JAX",
    module: "jnp",
    axis: "axis",
    strict: false,
    function,
    definition,
    renamed: &[],
    imports: &[
        ("jax.nn.", "import jax"),
        ("jnp.", "import jax.numpy as jnp"),
        ("jax.scipy.linalg.", "import jax.scipy.linalg"),
        ("jax.scipy.special.", "import jax.scipy.special"),
    ],
    note: Some("In double precision after jax.config.update(\"jax_enable_x64\", True)."),
    guard: Some("jnp.asarray({}, dtype=float)"),
};

fn function(row: &str) -> Option<&'static str> {
    Some(match row {
        "exp" => "jnp.exp",
        "log" => "jnp.log",
        "log2" => "jnp.log2",
        "log10" => "jnp.log10",
        "log1p" => "jnp.log1p",
        "expm1" => "jnp.expm1",
        "exp2" => "jnp.exp2",
        "xlogy" => "jax.scipy.special.xlogy",
        "logaddexp" => "jnp.logaddexp",
        "sigmoid" => "jax.nn.sigmoid",
        "softplus" => "jax.nn.softplus",
        "relu" => "jax.nn.relu",
        "silu" => "jax.nn.silu",
        "sqrt" => "jnp.sqrt",
        "cbrt" => "jnp.cbrt",
        "pow" => "jnp.power",
        "hypot" => "jnp.hypot",
        "sin" => "jnp.sin",
        "cos" => "jnp.cos",
        "tan" => "jnp.tan",
        "asin" => "jnp.arcsin",
        "acos" => "jnp.arccos",
        "atan" => "jnp.arctan",
        "atan2" => "jnp.arctan2",
        "sinh" => "jnp.sinh",
        "cosh" => "jnp.cosh",
        "tanh" => "jnp.tanh",
        "asinh" => "jnp.arcsinh",
        "acosh" => "jnp.arccosh",
        "atanh" => "jnp.arctanh",
        "abs" => "jnp.abs",
        "sign" => "jnp.sign",
        "min" => "jnp.minimum",
        "max" => "jnp.maximum",
        "clamp" => "jnp.clip",
        "floor" => "jnp.floor",
        "ceil" => "jnp.ceil",
        "trunc" => "jnp.trunc",
        "mod" => "jnp.mod",
        "erf" => "jax.scipy.special.erf",
        "erfc" => "jax.scipy.special.erfc",
        "erfinv" => "jax.scipy.special.erfinv",
        "normcdf" => "jax.scipy.special.ndtr",
        "norminv" => "jax.scipy.special.ndtri",
        "gamma" => "jax.scipy.special.gamma",
        "lgamma" => "jax.scipy.special.gammaln",
        "digamma" => "jax.scipy.special.digamma",
        "polygamma" => "jax.scipy.special.polygamma",
        "zeta" => "jax.scipy.special.zeta({0}, 1.0)",
        "besseli0" => "jax.scipy.special.i0",
        "besseli1" => "jax.scipy.special.i1",
        "Ei" => "jax.scipy.special.expi",
        "logsumexp" => "jax.scipy.special.logsumexp",
        "expm" => "jax.scipy.linalg.expm",
        _ => return None,
    })
}

fn definition(name: &str) -> Option<&'static str> {
    Some(match name {
        "trigamma" => {
            r#"def trigamma(x):
    """The derivative of digamma."""
    above = jax.scipy.special.zeta(2.0, jnp.where(x > 0, x, 1 - x))
    return jnp.where(x > 0, above, (jnp.pi / jnp.sin(jnp.pi * x)) ** 2 - above)
"#
        }
        "logdet" => {
            r#"def logdet(a):
    """The logarithm of a positive determinant."""
    sign, value = jnp.linalg.slogdet(a)
    return jnp.where(sign > 0, value, jnp.nan)
"#
        }
        "sqrtm" => {
            r#"def sqrtm(a):
    """The square root of a symmetric positive semidefinite matrix."""
    w, v = jnp.linalg.eigh(a)
    noise = w.shape[-1] * jnp.finfo(w.dtype).eps * jnp.max(jnp.abs(w), axis=-1, keepdims=True)
    w = jnp.where(jnp.abs(w) <= noise, 0.0, w)
    return (v * jnp.sqrt(w)[..., None, :]) @ jnp.swapaxes(v, -1, -2)
"#
        }
        "logm" => {
            r#"def logm(a):
    """The logarithm of a symmetric positive definite matrix."""
    w, v = jnp.linalg.eigh(a)
    return (v * jnp.log(w)[..., None, :]) @ jnp.swapaxes(v, -1, -2)
"#
        }
        "eigenvectors" => {
            r#"def eigenvectors(a):
    """Unit eigenvectors of a symmetric matrix as columns, the largest entry of each positive."""
    v = jnp.linalg.eigh(a)[1]
    top = jnp.expand_dims(jnp.argmax(jnp.abs(v), axis=-2), -2)
    return v * jnp.sign(jnp.take_along_axis(v, top, axis=-2))
"#
        }
        _ => return None,
    })
}
