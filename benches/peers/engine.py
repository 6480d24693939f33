"""Times of peers for `cargo xtask bench engine`: a JSON line for each case and peer that is installed.

The gradient of Rosenbrock's function at a NumPy vector, a function with its derivative at 10 million points, and the
Hessian of logistic regression.
"""

import json
import os
import time

# NumPy chooses its own kernels: a fixed core type halves its speed.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ.setdefault("OMP_NUM_THREADS", "1")

SIZES = [2, 10, 100, 1000]
COLUMNS = [50, 200, 800]
ROWS = 10_000_000


def least(call, budget=0.3):
    call()
    begun, best = time.perf_counter(), float("inf")
    start = time.perf_counter()
    call()
    repeat = max(1, int(1e-3 / max(time.perf_counter() - start, 1e-9)))
    while time.perf_counter() - begun < budget or best == float("inf"):
        start = time.perf_counter()
        for _ in range(repeat):
            call()
        best = min(best, (time.perf_counter() - start) / repeat)
    return best


def report(case, peer, seconds):
    print(json.dumps({"case": case, "peer": peer, "seconds": seconds}), flush=True)


def point(np, n):
    return np.array([0.1 + 0.01 * (i % 7) for i in range(n)])


def logistic(np, n):
    m = 2 * n
    data = np.sin(0.7 * np.arange(m * n)).reshape(m, n)
    return data, np.where(np.arange(m) % 3 == 0, 1.0, -1.0), np.sin(0.7 * np.arange(n))


def by_blas():
    import numpy as np
    from scipy.linalg.blas import dsyrk

    for n in COLUMNS:
        data, y, w = logistic(np, n)

        def hessian():
            s = 1 / (1 + np.exp(y * (data @ w)))
            h = dsyrk(1.0, (data * np.sqrt(s * (1 - s))[:, None]).T)
            h[np.diag_indices(n)] += 0.1
            return h

        report(f"Hessian, logistic regression n={n}", "by hand with dsyrk, one triangle", least(hessian))


def by_numpy():
    import numpy as np

    for n in SIZES:
        x = point(np, n)

        def gradient():
            a = x[1:] - x[:-1] ** 2
            g = np.zeros_like(x)
            g[:-1] = -400 * x[:-1] * a - 2 * (1 - x[:-1])
            g[1:] += 200 * a
            return g

        report(f"gradient of Rosenbrock n={n}", "NumPy by hand", least(gradient))
    w = -3.0 + 6.0 * np.arange(ROWS) / ROWS
    both = lambda: (np.sin(4 * w) + 0.1 * w**2, 4 * np.cos(4 * w) + 0.2 * w)
    report(f"f, f' of sin(4w) + 0.1w^2 {ROWS} fresh", "NumPy by hand", least(both))


def by_jax():
    import jax
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    f = lambda x: jax.numpy.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    for n in SIZES:
        x = jax.numpy.asarray(point(np, n))
        gradient = jax.jit(jax.grad(f))
        start = time.perf_counter()
        gradient(x).block_until_ready()
        if n <= 10:
            report(f"text to first gradient n={n}", "JAX", time.perf_counter() - start)
        report(f"gradient of Rosenbrock n={n}", "JAX", least(lambda: gradient(x).block_until_ready()))
    for n in COLUMNS:
        data, y, w = map(jax.numpy.asarray, logistic(np, n))
        loss = lambda w: jax.numpy.sum(jax.numpy.log1p(jax.numpy.exp(-y * (data @ w)))) + w @ w / 20
        hessian = jax.jit(jax.hessian(loss))
        report(f"Hessian, logistic regression n={n}", "JAX", least(lambda: hessian(w).block_until_ready()))
    w = jax.numpy.asarray(-3.0 + 6.0 * np.arange(ROWS) / ROWS)
    both = jax.jit(jax.vmap(jax.value_and_grad(lambda w: jax.numpy.sin(4 * w) + 0.1 * w**2)))
    report(f"f, f' of sin(4w) + 0.1w^2 {ROWS} fresh", "JAX", least(lambda: jax.block_until_ready(both(w))))


def by_casadi():
    import casadi
    import numpy as np

    for n in SIZES:
        v = casadi.SX.sym("v", n)
        f = sum(100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(n - 1))
        call = casadi.Function("g", [v], [casadi.gradient(f, v)])
        buffer, run = call.buffer()
        x, out = point(np, n), np.zeros(n)
        buffer.set_arg(0, memoryview(x))
        buffer.set_res(0, memoryview(out))
        report(f"gradient of Rosenbrock n={n}", "CasADi", least(run))


for peer in (by_numpy, by_blas, by_jax, by_casadi):
    try:
        peer()
    except ImportError:
        pass
