"""How well strips would score that show the truth itself, out of focus, over what mirrored strips score.

    python blurred_truth.py PACK[,PACK...]

What a mean square error teaches is the mean of all that may be there, so nets that learn from it paint blurred strips. This is
the best that such a net could ever do: the blur alone, nothing in the wrong place. PSNR of the strips says how near to that a net
is. Of 32 validation frames of each pack, full size."""

import math
import sys

import torch
from torch.nn import functional as F

from data import Frames, mask_like, mirrored
from perceptual import LPIPS
from recipes import composite

COUNT, BATCH = 32, 4
SIGMAS = (1, 1.5, 2, 3, 4, 6, 8, 12, 16)


def blurred(x, sigma):
    """By a Gaussian of `sigma` pixels, cut off at three of them; the picture is reflected at its edges."""
    reach = math.ceil(3 * sigma)
    kernel = torch.exp(-torch.arange(-reach, reach + 1).float().square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).view(1, 1, -1, 1)
    planes = F.pad(x, (reach,) * 4, "reflect").flatten(0, 1)[:, None]
    return F.conv2d(F.conv2d(planes, kernel), kernel.transpose(2, 3)).view(x.shape)


@torch.no_grad()
def score(paint, frames, lpips):
    """Mean (LPIPS, PSNR of the mean square error) of the strips that `paint(x, side)` gives."""
    distance, error = 0, 0
    for x in frames.evenly(COUNT).split(BATCH):
        mask, side = mask_like(x, frames.side, False), frames.side
        y = (composite(paint(x, side), x, mask) * 255).round() / 255
        distance += lpips(y, x, side)[1].sum().item()
        error += ((y - x).square().sum() / (3 * mask[0].sum())).item()
    return distance / COUNT, -10 * math.log10(error / COUNT)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lpips = LPIPS()
    for path in sys.argv[1].split(","):
        frames = Frames([path], "val")
        mirror, psnr = score(mirrored, frames, lpips)
        print(f"{path}\n  mirror: LPIPS {mirror:.3f}, {psnr:.1f} dB")
        for sigma in SIGMAS:
            distance, psnr = score(lambda x, side: blurred(x, sigma), frames, lpips)
            print(f"  truth blurred by {sigma}: {distance / mirror:.2f} of that, {psnr:.1f} dB", flush=True)


if __name__ == "__main__":
    main()
