"""VGG16 features for the perceptual loss, and LPIPS (AlexNet) for validation curves.

Weights are the flax pickles that `ganime-bench model fetch` puts into the cache: read with an unpickler that allows
numpy arrays and nothing else."""

import os
import pickle

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ALLOWED = {("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"), ("numpy", "ndarray"),
           ("numpy", "dtype")}


class ArraysOnly(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"expected numpy arrays, found the global {module}.{name}")
        return super().find_class(module, name)


def cache(name):
    base = os.environ.get("GANIME_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ganime-bench")
    return os.path.join(base, "weights", name)


def load(name):
    with open(cache(name), "rb") as file:
        return ArraysOnly(file).load()


def kernel(layer):
    return torch.from_numpy(np.ascontiguousarray(layer["kernel"].transpose(3, 2, 0, 1), np.float32))


def bias(layer):
    return torch.from_numpy(np.array(layer["bias"], np.float32))


def vgg_layers(tree):
    """Conv layers in order, whatever they are called in the tree."""
    name = next(k for k in tree if k.lower().startswith("vgg"))
    layers = tree[name]
    return [layers[k] for k in sorted(layers, key=lambda k: int(k.split("_")[-1])) if "kernel" in layers[k]]


class VGG16(nn.Module):
    """relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3 of an image in [0, 1]."""

    STAGES = (2, 2, 3, 3, 3)

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        tree = load("lpips_vgg_v0.1.ckpt")
        for i, layer in enumerate(vgg_layers(tree)[: sum(self.STAGES)]):
            self.register_buffer(f"w{i}", kernel(layer))
            self.register_buffer(f"b{i}", bias(layer))
        for i in range(len(self.STAGES)):
            self.register_buffer(f"h{i}", kernel(tree[f"NetLinLayer_{i}"]["Conv_0"]))

    def heads(self):
        return [getattr(self, f"h{i}") for i in range(len(self.STAGES))]

    def forward(self, x):
        x, taps, i = (x - self.mean) / self.std, [], 0
        for stage, count in enumerate(self.STAGES):
            if stage:
                x = F.max_pool2d(x, 2)
            for _ in range(count):
                x = F.relu(F.conv2d(x, getattr(self, f"w{i}"), getattr(self, f"b{i}"), padding=1))
                i += 1
            taps.append(x)
        return taps


def unit(x):
    """Unit length over channels."""
    x = x.float()
    return x / (x.pow(2).sum(1, keepdim=True) + 1e-8).sqrt()


def perceptual_maps(vgg, a, b):
    """Differences of unit-length features, weighed by channel as LPIPS through VGG16 does: (N,h,w) for each tap."""
    with torch.no_grad():
        target = vgg(b)
    pairs = zip(vgg(a), target, vgg.heads())
    return [((unit(x) - unit(y)) ** 2 * head.float()).sum(1) for x, y, head in pairs]


def perceptual_loss(vgg, a, b):
    return sum(d.mean() for d in perceptual_maps(vgg, a, b))


class LPIPS(nn.Module):
    """LPIPS v0.1, AlexNet, of images in [0, 1]."""

    CENTRES = ((4, 3), (8, 7), (16, 15), (16, 15), (16, 15))  # column i of a tap sees the picture around step * i + first
    STRIDE, PAD, POOL = (4, 1, 1, 1, 1), (2, 2, 1, 1, 1), (False, True, True, False, False)

    def __init__(self):
        super().__init__()
        tree = load("lpips_alex_v0.1.ckpt")
        for i in range(5):
            self.register_buffer(f"w{i}", kernel(tree["AlexNet_0"][f"Conv_{i}"]))
            self.register_buffer(f"b{i}", bias(tree["AlexNet_0"][f"Conv_{i}"]))
            self.register_buffer(f"h{i}", kernel(tree[f"NetLinLayer_{i}"]["Conv_0"]))
        self.register_buffer("shift", torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1))

    def features(self, x):
        x, taps = (2 * x - 1 - self.shift) / self.scale, []
        for i in range(5):
            if self.POOL[i]:
                x = F.max_pool2d(x, 3, 2)
            x = F.relu(F.conv2d(x, getattr(self, f"w{i}"), getattr(self, f"b{i}"), self.STRIDE[i], self.PAD[i]))
            taps.append(x / (x.pow(2).sum(1, keepdim=True).sqrt() + 1e-10))
        return taps

    def maps(self, a, b):
        pairs = zip(self.features(a), self.features(b))
        return [F.conv2d((x - y) ** 2, getattr(self, f"h{i}")) for i, (x, y) in enumerate(pairs)]

    @torch.no_grad()
    def by_tap(self, a, b, side):
        """(full, sides) of each tap, each (N): over all positions, and over those whose footprint's centre lies in a strip."""
        out = []
        for d, (step, first) in zip(self.maps(a, b), self.CENTRES):
            centre = torch.arange(d.shape[-1], device=d.device) * step + first
            inside = (centre < side) | (centre >= a.shape[-1] - side)
            out.append((d.mean((1, 2, 3)), d[..., inside].mean((1, 2, 3))))
        return out

    def forward(self, a, b, side):
        """(full, sides), each (N)."""
        return tuple(sum(values) for values in zip(*self.by_tap(a, b, side)))
