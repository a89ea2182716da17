"""Makes tests/parity/op_values.h: what PyTorch computes, in double, for some cases of tests/support/parity_cases.c.

    python tests/reference/make_ops.py > tests/parity/op_values.h      (needs torch and numpy; the tests do not)

Weights and inputs are a formula of their names: element i of "<case>/<tensor>" is b + a (2u - 1).
"""
import math
import textwrap

import numpy as np
import torch
import torch.nn.functional as F

GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 & MASK
    return h


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def formula(key, shape, a, b):
    h = fnv1a(key)
    u = [(mix(h + (i + 1) * GOLDEN & MASK) >> 40) / 2**24 for i in range(math.prod(shape))]
    values = np.array([b + a * (2 * x - 1) for x in u]).astype(np.float32)
    return torch.from_numpy(values.reshape(shape)).double()


class Case:
    """One case; activations are N,C,H,W here and N,H,W,C in the tests."""

    def __init__(self, name, n, h, w, c, batch_stats=False):
        self.name, self.batch_stats = name, batch_stats
        self.x = formula(name + "/input", (n, h, w, c), 1.0, 0.0).permute(0, 3, 1, 2)

    def tensor(self, name, shape, a, b):
        return formula(f"{self.name}/{name}", shape, a, b)

    def conv(self, x, name, out, kernel, bias=False, transposed=False, **options):
        kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        i = x.shape[1]
        shape = (i, out, kh, kw) if transposed else (out, i, kh, kw)
        weight = self.tensor(name + ".weight", shape, math.sqrt(3 / (i * kh * kw)), 0.0)
        b = self.tensor(name + ".bias", (out,), 0.5, 0.0) if bias else None
        return (F.conv_transpose2d if transposed else F.conv2d)(x, weight, b, **options)

    def norm(self, x, name):
        c = (x.shape[1],)
        mean = self.tensor(name + ".running_mean", c, 0.5, 0.0)
        var = self.tensor(name + ".running_var", c, 0.4, 0.6)
        gamma, beta = self.tensor(name + ".weight", c, 0.5, 1.0), self.tensor(name + ".bias", c, 0.5, 0.0)
        return F.batch_norm(x, mean, var, gamma, beta, training=self.batch_stats, eps=float(np.float32(1e-5)))


def rfft2(x):
    z = torch.fft.rfft2(x, norm="ortho")
    return torch.stack([z.real, z.imag], dim=2).flatten(1, 2)


def irfft2(x, width):
    pairs = x.unflatten(1, (-1, 2))
    return torch.fft.irfft2(torch.complex(pairs[:, :, 0], pairs[:, :, 1]), s=(x.shape[2], width), norm="ortho")


def reflect(x, pad):
    return F.pad(x, (pad,) * 4, mode="reflect")


def ffc(case):
    """LaMa's block of a local and a global branch, with the spectral transform on the global one."""
    x, conv, norm, relu = case.x, case.conv, case.norm, F.relu
    l, g = relu(conv(x, "l", 3, 1)), relu(conv(x, "g", 4, 1))
    first = relu(norm(conv(g, "s.conv1", 2, 1), "s.bn1"))
    z = relu(norm(conv(rfft2(first), "s.fu", 4, 1), "s.fu_bn"))
    spectral = conv(first + irfft2(z, first.shape[3]), "s.conv2", 4, 1)
    lp, gp = reflect(l, 1), reflect(g, 1)
    out_l = relu(norm(conv(lp, "l2l", 3, 3) + conv(gp, "g2l", 3, 3), "bn_l"))
    out_g = relu(norm(conv(lp, "l2g", 4, 3) + spectral, "bn_g"))
    return torch.cat([l + out_l, g + out_g], dim=1)


def cases():
    def single(name, shape, compute, **options):
        case = Case(name, *shape, **options)
        return name, compute(case)

    yield single("conv 3x3 dilation 2", (1, 6, 7, 3),
                 lambda c: c.conv(c.x, "c", 4, 3, bias=True, padding=2, dilation=2))
    yield single("conv 4x4 stride 2", (2, 5, 6, 3), lambda c: c.conv(c.x, "c", 2, 4, stride=2, padding=1))
    yield single("conv 2x5", (1, 4, 7, 4), lambda c: c.conv(c.x, "c", 3, (2, 5)))
    yield single("deconv 3x3 output pad 1", (1, 3, 4, 3), lambda c: c.conv(
        c.x, "c", 2, 3, bias=True, transposed=True, stride=2, padding=1, output_padding=1))
    yield single("deconv 4x4 stride 2", (2, 3, 2, 4),
                 lambda c: c.conv(c.x, "c", 3, 4, transposed=True, stride=2, padding=1))
    yield single("deconv dilation 2", (1, 4, 3, 3),
                 lambda c: c.conv(c.x, "c", 4, 3, transposed=True, stride=2, padding=1, dilation=2))
    yield single("deconv 2x2 stride 3", (1, 3, 3, 4),
                 lambda c: c.conv(c.x, "c", 1, 2, transposed=True, stride=3, output_padding=2))
    yield single("batchnorm", (2, 3, 5, 4), lambda c: c.norm(c.x, "n"))
    yield single("batchnorm of the batch", (2, 3, 5, 4), lambda c: c.norm(c.x, "n"), batch_stats=True)
    yield single("leaky relu", (1, 2, 5, 3), lambda c: F.leaky_relu(c.x, float(np.float32(0.2))))
    yield single("tanh", (1, 2, 5, 3), lambda c: torch.tanh(c.x))
    yield single("sigmoid", (1, 2, 5, 3), lambda c: torch.sigmoid(c.x))
    yield single("maxpool 3x3 stride 2", (1, 6, 7, 2), lambda c: F.max_pool2d(c.x, 3, 2))
    yield single("reflect 3", (1, 4, 5, 2), lambda c: reflect(c.x, 3))
    yield single("concat", (2, 3, 5, 3), lambda c: torch.cat([c.x, c.conv(c.x, "c", 5, 1)], dim=1))
    yield single("rfft2 even", (1, 4, 6, 2), lambda c: rfft2(c.x))
    yield single("rfft2 odd", (1, 5, 7, 2), lambda c: rfft2(c.x))
    yield single("irfft2 even", (1, 4, 4, 4), lambda c: irfft2(c.x, 6))
    yield single("irfft2 odd", (1, 5, 4, 4), lambda c: irfft2(c.x, 7))
    yield single("irfft2 one row", (1, 1, 5, 2), lambda c: irfft2(c.x, 8))
    yield single("irfft2 one column", (1, 6, 1, 2), lambda c: irfft2(c.x, 1))
    yield single("irfft2 two columns", (1, 3, 2, 2), lambda c: irfft2(c.x, 2))
    yield single("ffc even", (1, 6, 8, 3), ffc)
    yield single("ffc odd", (2, 5, 7, 3), ffc)
    yield single("ffc on statistics of the batch", (2, 4, 6, 3), ffc, batch_stats=True)


def main():
    print(f"/* Made by tests/reference/make_ops.py with PyTorch {torch.__version__.split('+')[0]}, in double. */")
    rows = []
    for index, (name, y) in enumerate(cases()):
        values = y.permute(0, 2, 3, 1).reshape(-1).numpy()
        print(f"\n/* {name} */\nstatic const float values_{index}[] = {{")
        text = " ".join(np.format_float_positional(np.float32(v), trim="0") + "f," for v in values)
        print("\n".join(textwrap.wrap(text, 120, initial_indent="    ", subsequent_indent="    ")))
        print("};")
        rows.append(f'    {{"{name}", values_{index}, sizeof values_{index} / sizeof(float)}},')
    fields = "const char *name;\n    const float *values;\n    size_t count;"
    print(f"\nstatic const struct {{\n    {fields}\n}} op_values[] = {{")
    print("\n".join(rows))
    print("};")


main()
