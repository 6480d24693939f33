//! PyTorch. Its functions take tensors only, so that numbers among their arguments are made tensors. Its Bessel
//! functions of the first kind keep 8 digits or so and are not used.

use super::python::Python;

pub(super) static TORCH: Python = Python {
    name: "PyTorch",
    module: "torch",
    axis: "dim",
    strict: true,
    function,
    definition,
    renamed: &[("max", "amax"), ("min", "amin"), ("transpose", "permute")],
    imports: &[("torch.", "import torch")],
    note: None,
    guard: None,
};

fn function(row: &str) -> Option<&'static str> {
    Some(match row {
        "exp" => "torch.exp",
        "log" => "torch.log",
        "log2" => "torch.log2",
        "log10" => "torch.log10",
        "log1p" => "torch.log1p",
        "expm1" => "torch.expm1",
        "exp2" => "torch.exp2",
        "xlogy" => "torch.xlogy",
        "logaddexp" => "torch.logaddexp",
        "sigmoid" => "torch.sigmoid",
        "relu" => "torch.relu",
        "logit" => "torch.logit",
        "sinc" => "torch.sinc(({0}) / torch.pi)",
        "sqrt" => "torch.sqrt",
        "pow" => "torch.pow",
        "hypot" => "torch.hypot",
        "sin" => "torch.sin",
        "cos" => "torch.cos",
        "tan" => "torch.tan",
        "asin" => "torch.asin",
        "acos" => "torch.acos",
        "atan" => "torch.atan",
        "atan2" => "torch.atan2",
        "sinh" => "torch.sinh",
        "cosh" => "torch.cosh",
        "tanh" => "torch.tanh",
        "asinh" => "torch.asinh",
        "acosh" => "torch.acosh",
        "atanh" => "torch.atanh",
        "abs" => "torch.abs",
        "sign" => "torch.sign",
        "min" => "torch.minimum",
        "max" => "torch.maximum",
        "clamp" => "torch.clamp",
        "floor" => "torch.floor",
        "ceil" => "torch.ceil",
        "trunc" => "torch.trunc",
        "mod" => "torch.remainder",
        "erf" => "torch.erf",
        "erfc" => "torch.erfc",
        "erfcx" => "torch.special.erfcx",
        "erfinv" => "torch.erfinv",
        "normcdf" => "torch.special.ndtr",
        "norminv" => "torch.special.ndtri",
        "lgamma" => "torch.lgamma",
        "digamma" => "torch.digamma",
        "polygamma" => "torch.polygamma",
        "zeta" => "torch.special.zeta({0}, 1.0)",
        "besseli0" => "torch.special.i0",
        "besseli1" => "torch.special.i1",
        "logsumexp" => "torch.logsumexp",
        "logdet" => "torch.logdet",
        "expm" => "torch.linalg.matrix_exp",
        _ => return None,
    })
}

fn definition(name: &str) -> Option<&'static str> {
    Some(match name {
        "sqrtm" => {
            r#"def sqrtm(a):
    """The square root of a symmetric positive semidefinite matrix."""
    w, v = torch.linalg.eigh(a)
    noise = w.shape[-1] * torch.finfo(w.dtype).eps * torch.amax(torch.abs(w), dim=-1, keepdim=True)
    w = torch.where(torch.abs(w) <= noise, 0.0, w)
    return (v * torch.sqrt(w)[..., None, :]) @ v.mT
"#
        }
        "logm" => {
            r#"def logm(a):
    """The logarithm of a symmetric positive definite matrix."""
    w, v = torch.linalg.eigh(a)
    return (v * torch.log(w)[..., None, :]) @ v.mT
"#
        }
        "eigenvectors" => {
            r#"def eigenvectors(a):
    """Unit eigenvectors of a symmetric matrix as columns, the largest entry of each positive."""
    v = torch.linalg.eigh(a)[1]
    top = torch.argmax(torch.abs(v), dim=-2, keepdim=True)
    return v * torch.sign(torch.gather(v, -2, top))
"#
        }
        _ => return None,
    })
}
