"""Can a recipe's discriminator learn at all? A fresh one is taught against a net that stands still.

    python discriminator_alone.py NET SIZE WEIGHTS PACK[,PACK...] WINDOW [R1_WEIGHT] [RATE] [STEPS]    # e.g. ... toon.h5 384x96 0.001

Every 50 steps, their mean share of patches (of pictures, where it gives one logit each) that it is right about: a half is guessing.
In training a discriminator that never learned and one whose net has caught up with it look alike; here they do not."""

import sys

import torch

import nets
from data import Frames, mask_like
from recipes import RECIPES
from train import initial, sizes

BATCH, SEED = 4, 99


def main():
    if len(sys.argv) not in range(6, 10):
        sys.exit(__doc__)
    (name, size, weights, packs, window), rest = sys.argv[1:6], [float(v) for v in sys.argv[6:]]
    torch.manual_seed(SEED)
    recipe, net = RECIPES[name](), nets.make(name, **sizes(size)).requires_grad_(False)
    net.load_state_dict(initial(weights, net, "cpu"))
    d = recipe.discriminator()
    optimizer = recipe.optimizers(net, d)[1]
    if len(rest) > 0:
        recipe.r1_weight = rest[0]
    if len(rest) > 1:
        optimizer.param_groups[0]["lr"] = rest[1]
    frames, shares = Frames(packs.split(","), "train"), []
    crop = tuple(int(v) for v in window.split("x"))
    for step in range(int(rest[2]) if len(rest) > 2 else 200):
        x = frames.sample(SEED, step, BATCH, crop)
        mask = mask_like(x, frames.side, frames.one_side(crop))
        with torch.autocast("cpu", torch.bfloat16):
            out = recipe.generate(net, x, mask).float()
            losses, told = recipe.d_losses(out, x, mask, d, frames.side, step)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
        shares.append(told.item())
        if (step + 1) % 50 == 0:
            print(f"step {step + 1:4d}: right about {100 * sum(shares[-50:]) / 50:.0f} %", flush=True)


if __name__ == "__main__":
    main()
