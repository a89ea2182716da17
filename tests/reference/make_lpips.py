"""Makes tests/golden/lpips_values.h: what the authors' lpips package gives on the pictures of drawn.py.

    python tests/reference/make_lpips.py > tests/golden/lpips_values.h    (needs torch, torchvision, lpips; tests do not)

The trunks are those of `ganime-bench model fetch lpips` and `lpips-vgg`, the heads the package's own.
"""
import os
import pickle
import sys

import lpips
import numpy as np
import torch

from drawn import picture

CACHE = os.environ.get("GANIME_CACHE", os.path.expanduser("~/.cache/ganime-bench"))
NETS = {"alex": ("AlexNet_0", "lpips_alex_v0.1"), "vgg": ("VGG16_0", "lpips_vgg_v0.1")}
CASES = [("truth", "strips", 96, 64), ("truth", "shifted", 96, 64), ("truth", "shifted", 77, 45)]


def load(net):
    """The package's net; torchvision's trunk gets the fetched weights instead of a download."""
    model = lpips.LPIPS(net=net, version="0.1", pnet_rand=True, verbose=False).eval()
    flax, file = NETS[net]
    tree = pickle.load(open(f"{CACHE}/weights/{file}.ckpt", "rb"))
    convs = [m for m in model.net.modules() if isinstance(m, torch.nn.Conv2d)]
    with torch.no_grad():
        for i, conv in enumerate(convs):
            layer = tree.get("params", tree)[flax][f"Conv_{i}"]
            conv.weight.copy_(torch.from_numpy(np.array(layer["kernel"]).transpose(3, 2, 0, 1).copy()))
            conv.bias.copy_(torch.from_numpy(np.array(layer["bias"])))
    return model


def tensor(image, unit_range=False):
    x = torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32))
    return x / 255 if unit_range else x / 127.5 - 1


def main():
    print("/* Made by tests/reference/make_lpips.py with the authors' lpips", lpips.__version__
          if hasattr(lpips, "__version__") else "0.1.4", "*/")
    print("static const lpips_value lpips_values[] = {")
    for net in NETS:
        model = load(net)
        for ref, test, width, height in CASES:
            a, b = picture(ref, width, height), picture(test, width, height)
            with torch.no_grad():
                total, layers = model(tensor(a), tensor(b), retPerLayer=True)
                misused = model(tensor(a, True), tensor(b, True))
            print(f'    {{"{NETS[net][1]}", "{ref}", "{test}", {width}, {height}, {total.item():.9g}, {misused.item():.9g},')
            print("     {" + ", ".join(f"{d.item():.9g}" for d in layers) + "}},")
    print("};")


if __name__ == "__main__":
    sys.exit(main())
