"""Where a net loses to `mirror`: the distance of its strips to the truth, tap by tap, over that of mirrored strips.

    python taps.py NET SIZE WEIGHTS PACK[,PACK...] [SCALE]      # e.g. lama-fourier width=32,blocks=6 runs/lama/generator.pt toon.h5

Of 32 validation frames of each pack. AlexNet's taps make up LPIPS, the metric; VGG16's are the perceptual loss of lama-fourier: a net
that does well by these alone has learned them and not the picture. Early taps see strokes, late ones see things."""

import sys

import torch

import nets
from data import Frames, mask_like, mirrored
from perceptual import LPIPS, VGG16, perceptual_maps
from recipes import RECIPES, composite
from train import initial, sizes

COUNT, BATCH = 32, 4


def in_strips(d, width, side):
    """The mean over the columns of a VGG16 tap, (N,h,w), that lie in the strips."""
    columns = max(1, side * d.shape[-1] // width)
    return torch.cat([d[..., :columns], d[..., -columns:]], -1).mean((1, 2))


def distances(y, x, side, lpips, vgg):
    """Sums over the frames of a batch: AlexNet's five taps, then VGG16's."""
    alex = [sides.sum() for _, sides in lpips.by_tap(y, x, side)]
    deep = [in_strips(d, x.shape[-1], side).sum() for d in perceptual_maps(vgg, y, x)]
    return torch.stack(alex + deep)


@torch.no_grad()
def compare(recipe, net, frames, lpips, vgg):
    """(net's, mirror's) mean distances."""
    totals = [0, 0]
    for x in frames.evenly(COUNT).split(BATCH):
        mask = mask_like(x, frames.side, False)
        y = composite(recipe.generate(net, x, mask).clamp(0, 1), x, mask)
        for k, picture in enumerate((y, mirrored(x, frames.side))):
            totals[k] = totals[k] + distances(picture, x, frames.side, lpips, vgg)
    return [total / COUNT for total in totals]


def row(label, values):
    print(f"{label:<24}", *(f"{v:8.3f}" for v in values), flush=True)


def main():
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    name, size, weights, packs, *scale = sys.argv[1:]
    net = nets.make(name, **sizes(size)).eval()
    net.load_state_dict(initial(weights, net, "cpu"))
    lpips, vgg = LPIPS(), VGG16()
    print(f"{'':<24}", *(f"{n:>8}" for n in [f"alex {i}" for i in range(1, 6)] + [f"vgg {i}" for i in range(1, 6)] + ["alex", "vgg"]))
    for path in packs.split(","):
        mine, theirs = compare(RECIPES[name](), net, Frames([path], "val", int((scale or [1])[0])), lpips, vgg)
        sums = [torch.stack([v[:5].sum(), v[5:].sum()]) for v in (mine, theirs)]
        print(path)
        row("  mirror", torch.cat([theirs, sums[1]]))
        row("  net", torch.cat([mine, sums[0]]))
        row("  net / mirror", torch.cat([mine / theirs, sums[0] / sums[1]]))


if __name__ == "__main__":
    main()
