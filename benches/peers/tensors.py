"""Times SymPy's derivatives of matrix expressions, on the rows of tests/cases/matrix_derivatives.tsv that it can do.

Prints one JSON object a line: {"case", "peer", "seconds"}. The expressions are built before the clock starts and nothing
is simplified or printed: only differentiation is timed. A row is left out if SymPy has no expression for it, leaves its
derivative standing, or says 0, as it does for functions of determinants and traces; no row has the derivative 0.
"""
import json
import pathlib
import re
import time

TABLE = pathlib.Path(__file__).parents[2] / "tests" / "cases" / "matrix_derivatives.tsv"


def clock(work, before, patience=0.5):
    """The least of some runs."""
    begun = time.perf_counter()
    times = []
    while len(times) < 5 and (not times or time.perf_counter() - begun < patience):
        before()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    import sympy as s
    from sympy.core.cache import clear_cache

    sizes = {name: s.Symbol(name, integer=True, positive=True) for name in "nmpqk"}

    def size(text):
        return sizes.get(text) or s.Integer(text)

    def symbol(declared):
        name, rest = declared.strip().split(":")
        shape = rest.split()[0]
        axes = re.findall(r"\w+", shape.partition("(")[2])
        if not axes:
            return name, s.Symbol(name)
        return name, s.MatrixSymbol(name, size(axes[0]), size(axes[1]) if len(axes) > 1 else 1)

    def entrywise(f):
        return lambda x: x.applyfunc(f) if getattr(x, "is_Matrix", False) else f(x)

    def total(x):
        rows, columns = x.shape
        return s.OneMatrix(1, rows) * x * s.OneMatrix(columns, 1)

    functions = {
        "det": s.Determinant, "inv": s.Inverse, "tr": s.Trace, "logdet": lambda x: s.log(s.Determinant(x)),
        "log": entrywise(s.log), "exp": entrywise(s.exp), "sin": entrywise(s.sin), "cos": entrywise(s.cos),
        "tanh": entrywise(s.tanh), "abs": s.Abs, "sum": total, "eye": lambda n: s.Identity(n),
        "ones": lambda n, m=1: s.OneMatrix(n, m), "kron": s.KroneckerProduct, "diag": s.diagonalize_vector,
        "norm2": lambda x: s.sqrt((x.T * x)), "normF": lambda x: s.sqrt(s.Trace(x.T * x)),
    }
    for line in TABLE.read_text().splitlines()[1:]:
        row, kind, text, variable, _, types = line.split("\t")[:6]
        if re.search(r"\.[*/^]", text):
            continue
        names = dict(symbol(declared) for declared in types.split(";"))
        try:
            code = text.replace("'", ".T").replace("^", "**")
            expression = eval(code, {**functions, **sizes, **names})
            x = names[variable]
            step = (lambda: expression.diff(x).diff(x)) if kind == "hess" else (lambda: expression.diff(x))
            found = step()
            if found == 0 or found.has(s.Derivative):
                continue
            seconds = clock(step, clear_cache)
        except Exception:
            # There are many ways to say that something is not implemented.
            continue
        print(json.dumps({"case": row, "peer": "sympy", "seconds": seconds}), flush=True)


try:
    main()
except ImportError:
    pass
