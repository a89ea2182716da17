"""Training samples from ganime-bench packs. What sample k is depends on the seed and k alone, so that a run killed and
resumed sees what an uninterrupted one would have seen."""

import os

import h5py
import numpy as np
import torch


def shrink(frames, scale):
    if scale == 1:
        return frames
    n, h, w, c = frames.shape
    blocks = frames.reshape(n, h // scale, scale, w // scale, scale, c)
    return np.rint(blocks.mean((2, 4), dtype=np.float32)).astype(np.uint8)


def read_split(path, split, scale):
    """The shots of `split` in one pack, and a weight for each of their frames."""
    shots, weight = [], [np.zeros(0)]
    with h5py.File(path) as file:
        for shot in file["shots"][:]:
            if shot["split"].decode() != split:
                continue
            first, count = int(shot["first"]), int(shot["count"])
            shots.append(shrink(file["wide"][first : first + count], scale))
            weight.append(np.full(count, count**-0.5))
    return shots, np.concatenate(weight)


class Frames:
    """The frames of one split of some packs, as uint8 (N,H,W,3) in the memory of `device`. Packs weigh the same; within
    a pack, shots weigh by the root of their length, so that long held shots do not drown the rest. `scale` 2: frames and
    strips of half the size, each pixel the mean of four."""

    def __init__(self, packs, split, scale=1, device="cpu"):
        parts, weights = [], []
        for path in packs:
            shots, weight = read_split(path, split, scale)
            if shots:
                parts += shots
                weights.append(weight / weight.sum())
        if not parts:
            raise SystemExit(f"no frames of split '{split}' in {packs}")
        with h5py.File(packs[0]) as file:
            self.side = int(file.attrs["side"]) // scale
        self.frames = torch.from_numpy(np.concatenate(parts)).to(device)
        self.cumulative = np.cumsum(np.concatenate(weights)) / len(weights)

    def __len__(self):
        return len(self.frames)

    def evenly(self, count):
        """`count` whole frames, evenly spread: (N,3,H,W) float32 in [0,1]."""
        return as_pictures(self.frames[torch.linspace(0, len(self) - 1, count).long()])

    def one_side(self, crop):
        """Whether a window of this size has one strip, on the left; wider ones, as whole frames, have one on each side."""
        return crop is not None and crop[0] <= 4 * self.side

    def sample(self, seed, step, count, crop, anywhere=0.0, colours=0.0):
        """`count` frames for `step`: (N,3,H,W) float32 in [0,1]. `crop` None: whole frames, mirrored half of the time;
        (w, h): a window of the picture that begins with a strip, mirrored half of the time. `anywhere`: the share of
        windows that are any part of the picture, as if the frame ended there: a few scenes go farther so. `colours`: the share
        of samples in `other_colours`."""
        random = np.random.Generator(np.random.PCG64([seed, step]))
        index = np.minimum(np.searchsorted(self.cumulative, random.random(count)), len(self.frames) - 1)
        out = []
        for i in index:
            frame = self.frames[int(i)]
            if random.random() < 0.5:
                frame = frame.flip(1)
            if crop:
                top = int(random.integers(0, frame.shape[0] - crop[1] + 1))
                left = int(random.integers(0, frame.shape[1] - crop[0] + 1)) if random.random() < anywhere else 0
                frame = frame[top : top + crop[1], left : left + crop[0]]
            out.append(frame)
        pictures = as_pictures(torch.stack(out))
        if colours:
            pictures = torch.stack([other_colours(p, random) if random.random() < colours else p for p in pictures])
        return pictures.contiguous(memory_format=torch.channels_last)


def other_colours(picture, random):
    """The same drawing by a painter with another palette: channels in any order, each to a power of its own, so that a
    net cannot learn what colours a few scenes have."""
    order = torch.from_numpy(random.permutation(3))
    power = torch.from_numpy(np.exp(random.uniform(-0.5, 0.5, (3, 1, 1))).astype(np.float32))
    return picture[order.to(picture.device)] ** power.to(picture.device)


def as_pictures(frames):
    """uint8 (N,H,W,3) to float32 (N,3,H,W) in [0,1], channels last in memory."""
    return frames.permute(0, 3, 1, 2).float() / 255


def mask_like(x, side, one_side):
    """1 where the picture is to be invented."""
    mask = torch.zeros_like(x[:, :1])
    mask[..., :side] = 1
    if not one_side:
        mask[..., -side:] = 1
    return mask


def mirrored(x, side):
    """What the baseline `mirror` paints: the picture reflected about each seam."""
    y = x.clone()
    y[..., :side] = torch.flip(x[..., side : 2 * side], [-1])
    y[..., -side:] = torch.flip(x[..., -2 * side : -side], [-1])
    return y


def name_of(path):
    """A pack's id, or its file's name."""
    with h5py.File(path) as file:
        return file.attrs.get("id", b"").decode() or os.path.splitext(os.path.basename(path))[0]


def has_split(path, split):
    with h5py.File(path) as file:
        return split.encode() in file["shots"]["split"]
