"""Times differentiation in SymPy, SymEngine, Symbolica and CasADi, those of them that are installed.

Prints one JSON object a line: {"case", "peer", "seconds"}. The expressions are built before the clock starts; only
differentiation is timed, as the least favourable comparison for Agnesi, whose times begin with the text.
"""
import json
import time

DEPTH = 30
VARIABLES = 20


def clock(work, before=None, patience=6.0):
    """The least of some runs, each repeated until it lasts a few milliseconds."""
    if before:
        before()
    begun = time.perf_counter()
    work()
    once = time.perf_counter() - begun
    repeat = 1 if before or once > 0.01 else max(1, int(0.01 / max(once, 1e-9)))
    times = []
    while len(times) < 7 and (not times or time.perf_counter() - begun < patience):
        if before:
            before()
        start = time.perf_counter()
        for _ in range(repeat):
            work()
        times.append((time.perf_counter() - start) / repeat)
    return min(times)


def say(case, peer, seconds):
    print(json.dumps({"case": case, "peer": peer, "seconds": seconds}), flush=True)


def fourth(expression, step):
    for _ in range(4):
        expression = step(expression)
    return expression


def nested(x, sin, exp, depth):
    for _ in range(depth):
        x = sin(x) * exp(x) + x * x
    return x


def rosenbrock(v):
    total = 0
    for i in range(VARIABLES - 1):
        total = total + 100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2
    return total


def with_sympy():
    import sympy as s
    from sympy.core.cache import clear_cache

    w, x = s.symbols("w x")
    wave = s.sin(4 * w) + s.Rational(1, 10) * w**2
    say("wave", "sympy", clock(lambda: wave.diff(w), clear_cache))
    factors = [s.sin(x), s.cos(x), s.exp(x), s.log(x), s.tan(x), s.sinh(x), s.cosh(x), s.tanh(x), s.atan(x),
               s.sqrt(x), x**3 + 1, 1 / (1 + x)]
    product = s.Mul(*factors)
    say("product", "sympy", clock(lambda: fourth(product, lambda e: e.diff(x)), clear_cache))
    v = s.symbols("x1:%d" % (VARIABLES + 1))
    valley = rosenbrock(v)
    say("rosenbrock", "sympy",
        clock(lambda: [[g.diff(b) for b in v] for g in [valley.diff(a) for a in v]], clear_cache))


def with_symengine():
    import symengine as s

    w, x = s.symbols("w x")
    wave = s.sin(4 * w) + s.Rational(1, 10) * w**2
    say("wave", "symengine", clock(lambda: wave.diff(w)))
    product = s.Integer(1)
    for factor in [s.sin(x), s.cos(x), s.exp(x), s.log(x), s.tan(x), s.sinh(x), s.cosh(x), s.tanh(x), s.atan(x),
                   s.sqrt(x), x**3 + 1, 1 / (1 + x)]:
        product = product * factor
    say("product", "symengine", clock(lambda: fourth(product, lambda e: e.diff(x))))
    v = [s.Symbol("x%d" % (i + 1)) for i in range(VARIABLES)]
    valley = rosenbrock(v)
    say("rosenbrock", "symengine", clock(lambda: [[g.diff(b) for b in v] for g in [valley.diff(a) for a in v]]))


def with_symbolica():
    from symbolica import E, S

    w, x = S("w", "x")
    wave = E("sin(4*w)+w^2/10")
    say("wave", "symbolica", clock(lambda: wave.derivative(w)))
    product = E("sin(x)*cos(x)*exp(x)*log(x)*tan(x)*sinh(x)*cosh(x)*tanh(x)*atan(x)*sqrt(x)*(x^3+1)*(1+x)^-1")
    say("product", "symbolica", clock(lambda: fourth(product, lambda e: e.derivative(x))))
    v = [S("x%d" % (i + 1)) for i in range(VARIABLES)]
    valley = rosenbrock(v)
    say("rosenbrock", "symbolica",
        clock(lambda: [[g.derivative(b) for b in v] for g in [valley.derivative(a) for a in v]]))


def with_casadi():
    import casadi as c

    w, x = c.SX.sym("w"), c.SX.sym("x")
    wave = c.sin(4 * w) + 0.1 * w**2
    say("wave", "casadi", clock(lambda: c.gradient(wave, w)))
    deep = nested(x, c.sin, c.exp, DEPTH)
    say("nested", "casadi", clock(lambda: c.gradient(deep, x)))
    product = 1
    for factor in [c.sin(x), c.cos(x), c.exp(x), c.log(x), c.tan(x), c.sinh(x), c.cosh(x), c.tanh(x), c.atan(x),
                   c.sqrt(x), x**3 + 1, 1 / (1 + x)]:
        product = product * factor
    say("product", "casadi", clock(lambda: fourth(product, lambda e: c.gradient(e, x))))
    v = c.SX.sym("v", VARIABLES)
    valley = rosenbrock([v[i] for i in range(VARIABLES)])
    say("rosenbrock", "casadi", clock(lambda: c.hessian(valley, v)))


for peer in (with_sympy, with_symengine, with_symbolica, with_casadi):
    try:
        peer()
    except ImportError:
        pass
