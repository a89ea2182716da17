"""Makes tests/golden/shipped_nets.h: what PyTorch computes with the weights in models/weights, on frames of a formula.

    python tests/reference/make_shipped.py > tests/golden/shipped_nets.h      (needs torch and safetensors; the tests do not)

Run it whenever weights are replaced; the modules are those that were trained (models/training/nets.py).
"""
import glob
import os
import sys

import numpy as np
import torch
from safetensors.torch import load_file

from make_nets import literal, run, stream, table

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "models", "training"))
import nets  # noqa: E402

FRAME = {"ce": (288, 512, 64)}  # its bottleneck spans this; the others take anything
SMALL = (72, 128, 16)
SAMPLES = 240


def size_of(net, state):
    if net == "ce":
        weight = state["main.14.weight"]
        return dict(width=state["main.0.weight"].shape[0], bottleneck=weight.shape[0], kernel=tuple(weight.shape[2:]))
    if net == "glcic":
        return dict(width=state["conv1.weight"].shape[0])
    blocks = len({name.split(".")[1] for name in state if ".conv1.ffc.convl2l.weight" in name})
    return dict(width=state["model.1.ffc.convl2l.weight"].shape[0], blocks=blocks)


def strips(output, side):
    """(3,H,2*side): the columns that count."""
    return np.concatenate((output[0, :, :, :side], output[0, :, :, -side:]), 2)


def main():
    torch.set_num_threads(1)
    print("/* Made by tests/reference/make_shipped.py with PyTorch", torch.__version__.split("+")[0] + ". */")
    print('#include "support/formula.h"\n')
    entries = []
    for path in sorted(glob.glob(os.path.join(ROOT, "models", "weights", "*.safetensors"))):
        name = os.path.basename(path)[: -len(".safetensors")]
        generator, c = name.split("@")[0], name.replace("-", "_").replace("@", "_")
        state = {k: v.float() for k, v in load_file(path).items()}
        net = nets.make(generator, **size_of(generator, state)).eval()
        net.load_state_dict({**net.state_dict(), **state})
        h, w, side = FRAME.get(generator, SMALL)
        u8 = (stream(f"shipped/{name}/input", 3 * h * w) >> np.uint64(56)).astype(np.uint8).reshape(1, 3, h, w)
        values = strips(run(net, generator.startswith("lama"), u8, side), side).ravel()
        stride = values.size // SAMPLES
        table(f"static const float {c}_samples[] = {{", [literal(v) for v in values[::stride]])
        entries.append(f'{{"{name}", "{generator}", {c}_samples, {len(values[::stride])}, {stride}, {h}, {w}, {side}}}')
        print(name, "mean", values.mean(), "std", values.std(), file=sys.stderr)
    table("static const shipped_net shipped_nets[] = {", entries)


if __name__ == "__main__":
    main()
