"""Times of peers for `cargo xtask bench adbench`: a JSON line for each objective and peer that is installed.

The mixture by NumPy with its gradient by hand, and by JAX as it is written in the notation; bundle adjustment and the net
by JAX. ADBENCH_DATA names the folder with the data.
"""

import json
import math
import os
import sys
import time

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

DATA = os.environ.get("ADBENCH_DATA", "")
MIXTURES = [("1k", 10, 25), ("1k", 10, 50), ("10k", 10, 25), ("1k", 64, 25)]


def least(call, budget=0.5):
    call()
    begun, best = time.perf_counter(), float("inf")
    while time.perf_counter() - begun < budget or best == float("inf"):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def report(case, peer, seconds):
    print(json.dumps({"case": case, "peer": peer, "seconds": seconds}), flush=True)


def numbers(np, *path):
    file = os.path.join(DATA, *path)
    return np.array(open(file).read().split(), float) if os.path.exists(file) else None


def mixture(np, count, d, k):
    v = numbers(np, "gmm", count, f"gmm_d{d}_K{k}.txt")
    if v is None:
        return None
    n, parts = int(v[2]), []
    at = 3
    for shape in ((k,), (k, d), (k, d * (d + 1) // 2), (n, d)):
        size = math.prod(shape)
        parts.append(v[at : at + size].reshape(shape))
        at += size
    return parts, v[at], v[at + 1]


def below(np, d):
    columns, rows = np.triu_indices(d, 1)
    return rows, columns


def by_numpy():
    import numpy as np

    for count, d, k in MIXTURES:
        found = mixture(np, count, d, k)
        if found is None:
            continue
        (alpha, mu, root, x), gamma, m = found
        rows, columns, diagonal = *below(np, d), np.arange(d)

        def gradient():
            # (x - mu) Q' of all points and components is one matrix product, less Q mu.
            scale = np.exp(root[:, :d])
            Q = np.zeros((k, d, d))
            Q[:, diagonal, diagonal], Q[:, rows, columns] = scale, root[:, d:]
            y = (x @ Q.reshape(k * d, d).T - (Q @ mu[:, :, None]).reshape(-1)).reshape(len(x), k, d)
            w = alpha + root[:, :d].sum(1) - 0.5 * np.einsum("nki,nki->nk", y, y)
            top = w.max(1, keepdims=True)
            p = np.exp(w - top)
            total = p.sum(1, keepdims=True)
            p /= total
            a = np.exp(alpha - alpha.max())
            share = p.sum(0)
            y *= p[:, :, None]
            s = y.sum(0)
            dQ = (y.reshape(len(x), -1).T @ x).reshape(k, d, d) - s[:, :, None] * mu[:, None, :]
            dq = -dQ[:, diagonal, diagonal] * scale + share[:, None] + gamma**2 * scale**2 - m
            dl = -dQ[:, rows, columns] + gamma**2 * root[:, d:]
            value = (np.log(total) + top).sum()
            return value, share - len(x) * a / a.sum(), (Q.swapaxes(1, 2) @ s[:, :, None])[:, :, 0], dq, dl

        report(f"GMM {count} d{d} K{k}", "NumPy by hand", least(gradient))


def by_jax():
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", True)

    def run(case, f, *arguments):
        arguments = [jnp.asarray(a) for a in arguments]
        start = time.perf_counter()
        compiled = jax.jit(f)
        jax.block_until_ready(compiled(*arguments))
        first = time.perf_counter() - start
        report(case, "JAX", least(lambda: jax.block_until_ready(compiled(*arguments))))
        report(case, "JAX from text", first)

    for count, d, k in MIXTURES:
        found = mixture(np, count, d, k)
        if found is None:
            continue
        (alpha, mu, root, x), gamma, m = found
        rows, columns, diagonal = *below(np, d), np.arange(d)

        def objective(alpha, mu, root):
            q, l = root[:, :d], root[:, d:]
            Q = jnp.zeros((k, d, d)).at[:, diagonal, diagonal].set(jnp.exp(q)).at[:, rows, columns].set(l)
            y = jnp.einsum("kij,nkj->nki", Q, x[:, None, :] - mu)
            inner = jax.nn.logsumexp(alpha + q.sum(1) - 0.5 * (y * y).sum(-1), axis=1).sum()
            prior = 0.5 * gamma**2 * ((jnp.exp(q) ** 2).sum() + (l**2).sum()) - m * q.sum()
            return inner - len(x) * jax.nn.logsumexp(alpha) + prior

        run(f"GMM {count} d{d} K{k}", jax.value_and_grad(objective, (0, 1, 2)), alpha, mu, root)

    v = numbers(np, "ba", "ba1_n49_m7776_p31843.txt")
    if v is not None:
        p = int(v[2])

        def residual(camera, point, weight, seen):
            r, X = camera[:3], point - camera[3:6]
            angle = jnp.sqrt(r @ r)
            u = r / angle
            Y = X * jnp.cos(angle) + jnp.cross(u, X) * jnp.sin(angle) + u * (u @ X) * (1 - jnp.cos(angle))
            plane = Y[:2] / Y[2]
            s = plane @ plane
            return weight * (camera[6] * (1 + camera[9] * s + camera[10] * s**2) * plane + camera[7:9] - seen)

        rows = [np.tile(v[a:b], (p, 1)) for a, b in ((3, 14), (14, 17))]
        jacobian = jax.vmap(jax.jacrev(residual, (0, 1, 2)))
        run("BA1", jacobian, *rows, np.full(p, v[17]), np.tile(v[18:20], (p, 1)))

    v = numbers(np, "lstm", "lstm_l2_c1024.txt")
    if v is not None:
        layers, count, b = (int(n) for n in v[:3])
        cuts = np.cumsum([3, 8 * layers * b, 3 * b, 2 * layers * b, count * b])
        main, extra, state, text = (v[a:z] for a, z in zip(cuts, cuts[1:]))
        main, extra = main.reshape(layers, 2, 4, b), extra.reshape(3, b)
        state, text = state.reshape(layers, 2, b), text.reshape(count, b)

        def loss(main, extra):
            def step(state, pair):
                z, new = pair[0] * extra[0], []
                for (W, B), (h, c) in zip(main, state):
                    gate = lambda j, z: z * W[j] + B[j]
                    forget, take, give = (jax.nn.sigmoid(gate(j, z)) for j, z in ((0, z), (1, h), (2, z)))
                    c = forget * c + take * jnp.tanh(gate(3, h))
                    z = give * jnp.tanh(c)
                    new.append(jnp.stack([z, c]))
                y = z * extra[1] + extra[2]
                return jnp.stack(new), pair[1] @ (y - jnp.log(2 + jnp.exp(y).sum()))

            return -jax.lax.scan(step, state, (text[:-1], text[1:]))[1].sum() / ((count - 1) * b)

        run("LSTM l2 c1024", jax.value_and_grad(loss, (0, 1)), main, extra)


if not DATA:
    sys.exit("ADBENCH_DATA is not set")
for peer in (by_numpy, by_jax):
    try:
        peer()
    except ImportError:
        pass
