"""Can a recipe's discriminator learn at all? A fresh one is taught against a net that stands still.

    python discriminator_alone.py NET SIZE WEIGHTS PACK[,PACK...] STAGE [R1_WEIGHT [RATE]]    # STAGE as in train.py, e.g. 1:384x96:250:4

Every 50 steps, their mean share of patches (of pictures, where it gives one logit each) that it is right about: a half is guessing.
In training a discriminator that never learned and one whose net has caught up with it look alike; here they do not."""

import sys

import torch

import nets
from data import Frames, mask_like
from recipes import RECIPES
from train import initial, sizes, stages

BATCH, SEED = 4, 99  # of a stage that names no batch


def main():
    if len(sys.argv) not in (6, 7, 8):
        sys.exit(__doc__)
    name, size, weights, packs, schedule, *weight_and_rate = sys.argv[1:]
    torch.manual_seed(SEED)
    recipe, net, (stage,) = RECIPES[name](), nets.make(name, **sizes(size)).requires_grad_(False), stages(schedule, BATCH)
    net.load_state_dict(initial(weights, net, "cpu"))
    d = recipe.discriminator()
    optimizer = recipe.optimizers(net, d)[1]
    if weight_and_rate:
        recipe.r1_weight = float(weight_and_rate[0])
    if weight_and_rate[1:]:
        optimizer.param_groups[0]["lr"] = float(weight_and_rate[1])
    frames, shares = Frames(packs.split(","), "train", stage.scale), []
    for step in range(stage.end):
        x = frames.sample(SEED, step, stage.batch, stage.crop)
        mask = mask_like(x, frames.side, frames.one_side(stage.crop))
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
