"""Holds ganime-bench's output to PyTorch's, with the very weights that are shipped, on real frames.

    python check_export.py build/ganime-bench NET SIZE models/weights/NAME.safetensors PACK [FRAMES]

Exits 1 when any value differs by more than 1e-4."""

import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import torch
from safetensors.torch import load_file

import nets
from data import Frames, as_pictures, mask_like
from recipes import RECIPES
from train import sizes

LIMIT = 1e-4


def torch_output(net, size, weights, x, side):
    g = nets.make(net, **sizes(size)).eval()
    state = {k: v.float() for k, v in load_file(weights).items()}
    missing, unexpected = g.load_state_dict(state, strict=False)
    if unexpected or [m for m in missing if not m.endswith("num_batches_tracked")]:
        raise SystemExit(f"{weights}: missing {missing}, unexpected {unexpected}")
    with torch.no_grad():
        return RECIPES[net]().generate(g, x, mask_like(x, side, False)).numpy()


def native_output(program, net, weights, frames, side):
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "in.h5"), os.path.join(folder, "out.h5")
        with h5py.File(source, "w") as file:
            file["input_u8"] = frames
        subprocess.run([program, "model", "run", net, "--weights", weights, "--input", source, "--output", result, "--side",
                        str(side), "--quiet"], check=True)
        with h5py.File(result) as file:
            return file["output"][:]


def main():
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    program, net, size, weights, pack = sys.argv[1:6]
    val = Frames([pack], "val")
    pick = np.linspace(0, len(val) - 1, int((sys.argv[6:] or ["4"])[0])).astype(int)
    frames = val.frames[torch.from_numpy(pick)]
    expected = torch_output(net, size, weights, as_pictures(frames), val.side)
    found = native_output(program, net, weights, frames.permute(0, 3, 1, 2).contiguous().numpy(), val.side)
    if RECIPES[net].__mro__[-2].__name__ == "Signed":
        found = (found + 1) / 2
    worst = np.abs(found - expected).max()
    print(f"{weights}: {len(pick)} frames, worst difference {worst:.2e} (limit {LIMIT:g})")
    sys.exit(0 if worst <= LIMIT else 1)


if __name__ == "__main__":
    main()
