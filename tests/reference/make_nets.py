"""Makes tests/golden/tiny_nets.h: what PyTorch computes for small nets with weights and inputs given by a formula.

    python tests/reference/make_nets.py > tests/golden/tiny_nets.h      (needs torch and numpy; the tests do not)

The modules are written from the papers and the published code, with the layer names of the checkpoints.
"""
import math
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

TAG = "tiny"
GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


class ContextEncoder(nn.Module):
    def __init__(self, bottleneck, kernel, w=64):
        super().__init__()

        def conv(i, o):
            return nn.Conv2d(i, o, 4, 2, 1, bias=False)

        def deconv(i, o):
            return nn.ConvTranspose2d(i, o, 4, 2, 1, bias=False)

        layers = [conv(3, w), nn.LeakyReLU(0.2)]
        for i, o in [(w, w), (w, 2 * w), (2 * w, 4 * w), (4 * w, 8 * w)]:
            layers += [conv(i, o), nn.BatchNorm2d(o), nn.LeakyReLU(0.2)]
        layers += [nn.Conv2d(8 * w, bottleneck, kernel, bias=False), nn.LeakyReLU(0.2)]
        layers += [nn.ConvTranspose2d(bottleneck, 8 * w, kernel, bias=False), nn.ReLU()]
        for i, o in [(8 * w, 4 * w), (4 * w, 2 * w), (2 * w, w), (w, w // 2)]:
            layers += [deconv(i, o), nn.ReLU()]
        layers += [deconv(w // 2, 3), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return self.main(x)


class Glcic(nn.Module):
    def __init__(self, w=64):
        super().__init__()
        self.w = w
        self.conv1 = nn.Conv2d(3, w, 5, 1, 2, bias=False)
        self.conv2 = nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False)
        self.conv3 = nn.Conv2d(2 * w, 2 * w, 3, 1, 1, bias=False)
        self.conv4 = nn.Conv2d(2 * w, 4 * w, 4, 2, 1, bias=False)
        self.conv5 = nn.Conv2d(4 * w, 4 * w, 3, 1, 1, bias=False)
        self.conv6 = nn.Conv2d(4 * w, 4 * w, 3, 1, 1, bias=False)
        for i in range(1, 5):
            setattr(self, f"dilconv{i}", nn.Conv2d(4 * w, 4 * w, 3, 1, 2**i, dilation=2**i))
        self.conv7 = nn.Conv2d(4 * w, 4 * w, 3, 1, 1, bias=False)
        self.conv8 = nn.Conv2d(4 * w, 4 * w, 3, 1, 1, bias=False)
        self.deconv1 = nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1)
        self.conv9 = nn.Conv2d(2 * w, 2 * w, 3, 1, 1, bias=False)
        self.deconv2 = nn.ConvTranspose2d(2 * w, w, 4, 2, 1)
        self.conv10 = nn.Conv2d(w, w // 2, 3, 1, 1, bias=False)
        self.conv11 = nn.Conv2d(w // 2, 3, 3, 1, 1, bias=False)
        for width in (3, 32, 64, 128, 256):
            setattr(self, f"batch_norm{width}", nn.BatchNorm2d(width * w // 64 if width > 3 else 3))  # named as in the study

    def forward(self, x):
        names = "conv1 conv2 conv3 conv4 conv5 conv6 dilconv1 dilconv2 dilconv3 dilconv4 conv7 conv8 deconv1 conv9 deconv2 conv10"
        for name in names.split():
            x = getattr(self, name)(x)
            x = F.relu(getattr(self, f"batch_norm{x.shape[1] * 64 // self.w}")(x))
        return torch.tanh(self.conv11(x))


class FourierUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv_layer = nn.Conv2d(2 * channels, 2 * channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, x):
        n, c, h, w = x.shape
        spectrum = torch.fft.rfft2(x, norm="ortho")
        y = torch.stack((spectrum.real, spectrum.imag), 2).reshape(n, 2 * c, h, -1)
        y = F.relu(self.bn(self.conv_layer(y))).reshape(n, c, 2, h, -1)
        return torch.fft.irfft2(torch.complex(y[:, :, 0], y[:, :, 1]), s=(h, w), norm="ortho")


class FourierLite(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for i, o in [(3, 64), (64, 128), (128, 256)]:
            layers += [nn.Conv2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        layers += [FourierUnit(256) for _ in range(4)]
        for i, o in [(256, 128), (128, 64)]:
            layers += [nn.ConvTranspose2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        layers += [nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class SpectralTransform(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(i, o // 2, 1, bias=False), nn.BatchNorm2d(o // 2), nn.ReLU())
        self.fu = FourierUnit(o // 2)
        self.conv2 = nn.Conv2d(o // 2, o, 1, bias=False)

    def forward(self, x):
        x = self.conv1(x)
        return self.conv2(x + self.fu(x))


class Ffc(nn.Module):
    def __init__(self, i, o, kernel, stride):
        super().__init__()

        def conv(a, b):
            return nn.Conv2d(a, b, kernel, stride, kernel // 2, bias=False, padding_mode="reflect")

        (il, ig), (ol, og) = i, o
        self.convl2l = conv(il, ol)
        if og:
            self.convl2g = conv(il, og)
        if ig:
            self.convg2l = conv(ig, ol)
            self.convg2g = SpectralTransform(ig, og)

    def forward(self, x):
        local, far = x
        out_l, out_g = self.convl2l(local), None
        if hasattr(self, "convl2g"):
            out_g = self.convl2g(local)
        if far is not None:
            out_l = out_l + self.convg2l(far)
            out_g = out_g + self.convg2g(far)
        return out_l, out_g


class FfcBnAct(nn.Module):
    def __init__(self, i, o, kernel, stride):
        super().__init__()
        self.ffc = Ffc(i, o, kernel, stride)
        if kernel == 7:
            self.ffc.convl2l = nn.Conv2d(i[0], o[0], 7, bias=False)
        self.bn_l = nn.BatchNorm2d(o[0])
        if o[1]:
            self.bn_g = nn.BatchNorm2d(o[1])

    def forward(self, x):
        local, far = self.ffc(x if isinstance(x, tuple) else (x, None))
        return F.relu(self.bn_l(local)), None if far is None else F.relu(self.bn_g(far))


class FfcResnetBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = FfcBnAct(channels, channels, 3, 1)
        self.conv2 = FfcBnAct(channels, channels, 3, 1)

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return x[0] + y[0], x[1] + y[1]


class ConcatTuple(nn.Module):
    def forward(self, x):
        return torch.cat(x, 1)


class Lama(nn.Module):
    def __init__(self, ngf, blocks):
        super().__init__()
        deep = (2 * ngf, 6 * ngf)
        layers = [nn.ReflectionPad2d(3), FfcBnAct((4, 0), (ngf, 0), 7, 1), FfcBnAct((ngf, 0), (2 * ngf, 0), 3, 2),
                  FfcBnAct((2 * ngf, 0), (4 * ngf, 0), 3, 2), FfcBnAct((4 * ngf, 0), deep, 3, 2)]
        layers += [FfcResnetBlock(deep) for _ in range(blocks)] + [ConcatTuple()]
        for i in (8, 4, 2):
            o = i * ngf // 2
            layers += [nn.ConvTranspose2d(i * ngf, o, 3, 2, 1, output_padding=1), nn.BatchNorm2d(o), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Sigmoid()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        h, w = x.shape[2:]
        x = F.pad(x, (0, -w % 8, 0, -h % 8), mode="reflect")
        return self.model(x)[:, :, :h, :w]


def stream(key, count):
    """splitmix64 at FNV-1a 64 of the key, as uint64."""
    h = 0xCBF29CE484222325
    for byte in key.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        x = np.uint64(h) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def formula(key, shape, a, b):
    u = (stream(key, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / 2**24
    return torch.from_numpy((b + a * (2 * u - 1)).astype(np.float32).reshape(shape))


def spread(net, name, shape, last):
    """a and b of a tensor: activations stay near 1, the last layer's near `last`. Variances are small, so that the
    batch norms' epsilon matters."""
    if len(shape) > 1:
        layer = net.get_submodule(name.rpartition(".")[0])
        transposed = isinstance(layer, nn.ConvTranspose2d)
        fan = layer.in_channels * shape[2] * shape[3] / (layer.stride[0] ** 2 if transposed else 1)
        gain = last if layer.out_channels == 3 else 1.5
        return round(gain * math.sqrt(3 / fan), 6), 0.0
    if name.endswith("running_var"):
        return 0.015, 0.02
    if name.endswith("running_mean") or name.endswith("bias"):
        return 0.03, 0.0
    return 0.04, 0.14


def fill(net, prefix, last):
    """Sets every parameter by the formula; returns rows of the C table."""
    rows, state = [], net.state_dict()
    for name, tensor in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        a, b = spread(net, name, tensor.shape, last)
        state[name] = formula(f"{prefix}/{name}", tuple(tensor.shape), a, b)
        rows.append((name, tuple(tensor.shape), a, b))
    net.load_state_dict(state)
    return rows


def run(net, masked, frames, side):
    x = torch.from_numpy(frames).float()
    if masked:
        mask = torch.zeros_like(x[:, :1])
        mask[..., :side] = mask[..., -side:] = 1
        x = torch.cat((x / 255 * (1 - mask), mask), 1)
    else:
        x = x / 127.5 - 1
        x[..., :side] = x[..., -side:] = -1
    with torch.no_grad():
        return net(x).numpy()


CASES = [  # name, generator, net, masked, frames, height, width, side, batch statistics, scale of the last layer
    ("ce", "ce", lambda: ContextEncoder(8, (1, 2)), False, 1, 32, 64, 8, False, 1.5),
    ("ce-narrow", "ce", lambda: ContextEncoder(4, (2, 1)), False, 1, 64, 96, 12, False, 1.5),
    ("glcic", "glcic", Glcic, False, 1, 16, 24, 4, False, 4.0),
    ("glcic-batch", "glcic", Glcic, False, 2, 16, 24, 4, True, 4.0),
    ("fourier-lite", "fourier-lite", FourierLite, False, 1, 24, 40, 5, False, 0.4),
    ("lama", "lama-fourier", lambda: Lama(8, 1), True, 1, 24, 40, 5, False, 0.15),
    ("lama-reflected", "lama-fourier", lambda: Lama(8, 1), True, 1, 21, 35, 5, False, 0.15),
    ("ce-width", "ce", lambda: ContextEncoder(6, (1, 2), 16), False, 1, 32, 64, 8, False, 1.5),
    ("glcic-width", "glcic", lambda: Glcic(16), False, 1, 16, 24, 4, False, 4.0),
]
SAMPLES = 120


def table(text, items):
    """As many items a line as fit into 116 columns."""
    print(text)
    line = "   "
    for item in items:
        if len(line) > 3 and len(line) + len(item) + 2 > 116:
            print(line)
            line = "   "
        line += f" {item},"
    print(line + "\n};")


def literal(value):
    text = f"{value:.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")


def main():
    torch.set_num_threads(1)
    print("/* Made by tests/reference/make_nets.py with PyTorch", torch.__version__.split("+")[0] + ". */")
    print('#include "support/formula.h"\n')
    entries, tables = [], {}
    for name, generator, make, masked, frames, h, w, side, batch, last in CASES:
        net = make().train(batch)
        prefix, c = f"{TAG}/{name}", name.replace("-", "_")
        rows = tuple(fill(net, prefix, last))
        u8 = (stream(f"{prefix}/input", frames * 3 * h * w) >> np.uint64(56)).astype(np.uint8).reshape(frames, 3, h, w)
        output = run(net, masked, u8, side)
        assert np.isfinite(output).all()
        if rows not in tables:
            tables[rows] = f"{c}_tensors"
            table(f"static const formula_tensor {c}_tensors[] = {{",
                  [f'{{"{n}", {len(s)}, {{{", ".join(map(str, s))}}}, {a}, {b}}}' for n, s, a, b in rows])
        stride = output.size // SAMPLES
        samples = output.ravel()[::stride]
        table(f"static const float {c}_samples[] = {{", [literal(v) for v in samples])
        entries.append(f'{{"{prefix}", "{generator}", {tables[rows]}, {len(rows)}, {c}_samples, {len(samples)}, {stride},'
                       f' {frames}, {h}, {w}, {side}, {str(batch).lower()}}}')
        print(name, "mean", output.mean(), "std", output.std(), file=sys.stderr)
    table("static const tiny_net tiny_nets[] = {", entries)


if __name__ == "__main__":
    main()
