"""Training samples from ganime-bench packs. What sample k is depends on the seed and k alone, so that a run killed and
resumed sees what an uninterrupted one would have seen."""

import h5py
import numpy as np
import torch


class Frames:
    """The frames of one split of some packs, as uint8 (N,H,W,3) in memory. Shots weigh by the root of their length, so
    that long held shots do not drown the rest."""

    def __init__(self, packs, split):
        parts, weight = [], []
        for path in packs:
            with h5py.File(path) as file:
                self.side = int(file.attrs["side"])
                for shot in file["shots"][:]:
                    name = shot["split"].decode() if isinstance(shot["split"], bytes) else shot["split"]
                    if name != split:
                        continue
                    first, count = int(shot["first"]), int(shot["count"])
                    parts.append(file["wide"][first : first + count])
                    weight += [count**-0.5] * count
        if not parts:
            raise SystemExit(f"no frames of split '{split}' in {packs}")
        self.frames = np.concatenate(parts)
        self.cumulative = np.cumsum(weight) / np.sum(weight)

    def __len__(self):
        return len(self.frames)

    def sample(self, seed, step, count, crop):
        """`count` frames for `step`: (N,3,H,W) float32 in [0,1]. `crop` None: whole frames, mirrored half of the time;
        (w, h): a window of the picture around one strip, mirrored so that the strip is on the left."""
        random = np.random.Generator(np.random.PCG64([seed, step]))
        index = np.minimum(np.searchsorted(self.cumulative, random.random(count)), len(self.frames) - 1)
        out = []
        for i in index:
            frame = self.frames[i]
            if random.random() < 0.5:
                frame = frame[:, ::-1]
            if crop:
                top = int(random.integers(0, frame.shape[0] - crop[1] + 1))
                frame = frame[top : top + crop[1], : crop[0]]
            out.append(frame)
        batch = np.ascontiguousarray(np.stack(out).transpose(0, 3, 1, 2))
        return torch.from_numpy(batch).float() / 255


def mask_like(x, side, one_side):
    """1 where the picture is to be invented."""
    mask = torch.zeros_like(x[:, :1])
    mask[..., :side] = 1
    if not one_side:
        mask[..., -side:] = 1
    return mask
