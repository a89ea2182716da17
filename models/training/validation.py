"""How a net in training does on frames that it is not trained on."""

import numpy as np
import torch

from data import Frames, has_split, mask_like, mirrored, name_of
from recipes import composite


class Validation:
    """Mean LPIPS (full, sides) of composited whole validation frames, evenly spread over each pack: packs are told apart, as a
    net can get better on one while it gets worse on another. With what `mirror` has on them, for a sense of proportion."""

    COUNT = 32  # frames in all

    def __init__(self, packs, scale, device, lpips):
        self.lpips, self.parts, self.mirror = lpips, {}, {}
        for path in (p for p in packs if has_split(p, "val")):
            frames = Frames([path], "val", scale, device)
            x = frames.evenly(max(4, self.COUNT // len(packs)))
            name = name_of(path) if name_of(path) not in self.parts else path
            self.parts[name] = x, mask_like(x, frames.side, False), frames.side
        if not self.parts:
            raise SystemExit(f"no frames of split 'val' in {packs}")
        for name, (x, mask, side) in self.parts.items():
            self.mirror[name] = self.score(mirrored(x, side), x, side)[1]

    def score(self, y, x, side):
        y = (y * 255).round() / 255
        parts = [self.lpips(y[i : i + 4], x[i : i + 4], side) for i in range(0, len(x), 4)]
        return [torch.cat(values).mean().item() for values in zip(*parts)]

    @torch.no_grad()
    def of(self, recipe, net):
        """{"lpips": ..., "lpips_sides": ..., "lpips_sides/PACK": ..., "of_mirror/PACK": ...}, packs weighing the same, and
        the first frames as pictures."""
        full, sides, pictures = [], {}, None
        for name, (x, mask, side) in self.parts.items():
            y = torch.cat([recipe.generate(net, x[i : i + 4], mask[i : i + 4]) for i in range(0, len(x), 4)])
            y = composite(y.clamp(0, 1), x, mask)
            whole, sides[name] = self.score(y, x, side)
            full.append(whole)
            pictures = pictures if pictures is not None else torch.cat([x[:4], y[:4]], 2)
        terms = {"lpips": np.mean(full), "lpips_sides": np.mean(list(sides.values()))}
        terms.update({f"lpips_sides/{name}": value for name, value in sides.items()})
        terms.update({f"of_mirror/{name}": value / self.mirror[name] for name, value in sides.items()})
        return terms, pictures
