"""What training on another machine needs of this one, made small.

    python carry.py OUT [PACK...]

OUT/frames/NAME.h5: the training and validation shots of each pack, every twelfth frame as a JPEG of quality 95 without
subsampling. OUT/cache/weights: the loss networks' weights as float16, without the layers that no loss looks at."""

import io
import os
import pickle
import sys

import h5py
import numpy as np
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from perceptual import VGG16, load, vgg_layers  # noqa: E402

STRIDE = 12


def jpeg(frame):
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=95, subsampling=0)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def carry_frames(pack, out):
    with h5py.File(pack) as source, h5py.File(out, "w") as target:
        rows, pictures = [], []
        for shot in source["shots"][:]:
            if shot["split"] not in (b"train", b"val"):
                continue
            first, frames = int(shot["first"]), range(0, int(shot["count"]), STRIDE)
            rows.append((shot["clip"], shot["split"], len(pictures), len(frames)))
            pictures += [jpeg(source["wide"][first + i]) for i in frames]
        for name, value in source.attrs.items():
            target.attrs[name] = value
        target["shots"] = np.array(rows, [("clip", "S64"), ("split", "S8"), ("first", "i4"), ("count", "i4")])
        data = target.create_dataset("jpeg", (len(pictures),), h5py.vlen_dtype(np.uint8))
        for i, picture in enumerate(pictures):
            data[i] = picture
    print(f"{out}: {len(pictures)} frames, {os.path.getsize(out) / 1e6:.1f} MB")


def halved(tree):
    return {k: halved(v) for k, v in tree.items()} if isinstance(tree, dict) else np.asarray(tree, np.float16)


def carry_weights(out):
    os.makedirs(out, exist_ok=True)
    vgg = load("lpips_vgg_v0.1.ckpt")
    layers = {f"Conv_{i}": layer for i, layer in enumerate(vgg_layers(vgg)[: sum(VGG16.STAGES)])}
    heads = {k: v for k, v in vgg.items() if k.startswith("NetLinLayer_")}
    for name, tree in (("lpips_vgg_v0.1.ckpt", {"VGG16_0": layers, **heads}), ("lpips_alex_v0.1.ckpt", load("lpips_alex_v0.1.ckpt"))):
        with open(os.path.join(out, name), "wb") as file:
            pickle.dump(halved(tree), file, 3)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.makedirs(os.path.join(sys.argv[1], "frames"), exist_ok=True)
    carry_weights(os.path.join(sys.argv[1], "cache", "weights"))
    for pack in sys.argv[2:]:
        carry_frames(pack, os.path.join(sys.argv[1], "frames", os.path.basename(pack)))
