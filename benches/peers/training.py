"""Times of peers for `cargo xtask bench engine training`: a JSON line for each peer that is installed.

Loss and gradient of a network of three layers for 60,000 rows in batches of 128, single precision, on one core and on two.
"""

import json
import os
import subprocess
import sys
import time

LAYERS = [784, 256, 128, 10]
BATCH = 128
ROWS = 60_000


def least(call, runs=5):
    call()
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def data(np):
    draw = np.random.default_rng(1)
    x = draw.uniform(-1, 1, (ROWS, LAYERS[0])).astype(np.float32)
    classes = draw.integers(0, LAYERS[-1], ROWS)
    pairs = zip(LAYERS, LAYERS[1:])
    weights = [
        (draw.uniform(-0.05, 0.05, pair).astype(np.float32), np.zeros(pair[1], np.float32)) for pair in pairs
    ]
    return x, np.eye(LAYERS[-1], dtype=np.float32)[classes], weights


def begins():
    return (min(row, ROWS - BATCH) for row in range(0, ROWS, BATCH))


def by_numpy(report):
    import numpy as np

    x, t, weights = data(np)

    def gradient(x, t):
        layers = [x]
        for w, b in weights[:-1]:
            layers.append(np.maximum(layers[-1] @ w + b, 0))
        w, b = weights[-1]
        z = layers[-1] @ w + b
        z -= z.max(1, keepdims=True)
        e = np.exp(z)
        total = e.sum(1, keepdims=True)
        loss = (np.log(total).sum() - (t * z).sum()) / np.float32(BATCH)
        slope = (e / total - t) / np.float32(BATCH)
        out = []
        for (w, _), layer in zip(weights[::-1], layers[::-1]):
            out.append((layer.T @ slope, slope.sum(0)))
            if layer is not x:
                slope = slope @ w.T * (layer > 0)
        return loss, out

    def all_rows():
        for at in begins():
            gradient(x[at : at + BATCH], t[at : at + BATCH])

    report("NumPy by hand", least(all_rows))


def by_jax(report):
    import jax
    import numpy as np

    x, t, weights = data(np)
    x, t = jax.numpy.asarray(x), jax.numpy.asarray(t)
    weights = jax.tree.map(jax.numpy.asarray, weights)

    def loss(weights, x, t):
        for w, b in weights[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = weights[-1]
        z = x @ w + b
        return jax.numpy.mean(jax.nn.logsumexp(z, axis=1) - (t * z).sum(1))

    def batch(weights, x, t, at):
        part = lambda a: jax.lax.dynamic_slice_in_dim(a, at, BATCH)
        return jax.value_and_grad(loss)(weights, part(x), part(t))

    compiled = jax.jit(batch)

    def all_rows():
        for at in begins():
            out = compiled(weights, x, t, at)
        jax.block_until_ready(out)

    report("JAX", least(all_rows))


def measure(threads):
    def report(peer, seconds):
        case = f"loss and gradient, network {ROWS} rows, {threads}"
        print(json.dumps({"case": case, "peer": peer, "seconds": seconds}), flush=True)

    for peer in (by_numpy, by_jax):
        try:
            peer(report)
        except ImportError:
            pass


if len(sys.argv) > 1:
    measure(int(sys.argv[1]))
else:
    # Libraries read how many threads to use when they are loaded; some take as many as there are cores for them.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    for threads in (1, 2):
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ[name] = str(threads)
        if cores:
            os.sched_setaffinity(0, cores[:threads])
        subprocess.run([sys.executable, __file__, str(threads)], check=False)
