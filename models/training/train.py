"""Trains one generator on ganime-bench packs.

    python train.py --net lama-fourier --size width=32,blocks=6 --packs toon.h5,penny_and_chip.h5 --out runs/lama --hours 4

Stops after the given compute (counted over all restarts) and can be killed at any moment: run the same command again and
it goes on from the last checkpoint, with the same samples in the same order. Everything random follows from --seed and the
step. Writes <out>/checkpoint.pt (all state), generator.pt (the net alone), log.csv, TensorBoard scalars and pictures."""

import argparse
import contextlib
import csv
import os
import time

import torch
from torch.utils.tensorboard import SummaryWriter

import nets
from data import Frames, mask_like
from perceptual import LPIPS, VGG16
from recipes import RECIPES, composite


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--net", required=True, choices=sorted(RECIPES))
    p.add_argument("--size", default="", help="the net's parameters, e.g. width=32,blocks=6")
    p.add_argument("--packs", required=True, help="comma-separated packs (ganime-bench dataset build or fetch)")
    p.add_argument("--out", required=True)
    p.add_argument("--hours", type=float, required=True, help="compute to spend in all, validation not counted")
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--crop", default="", help="WxH around one strip, e.g. 192x192; empty: whole frames")
    p.add_argument("--whole-after", type=float, default=1.0, help="share of the compute after which whole frames are used")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--bf16", action="store_true", help="autocast to bfloat16 (spectra and norms stay in float32)")
    p.add_argument("--init", help="generator.pt to start from")
    p.add_argument("--val-every", type=float, default=600, help="seconds of compute between validations")
    p.add_argument("--save-every", type=float, default=120, help="seconds of compute between checkpoints")
    p.add_argument("--steps", type=int, default=0, help="stop after so many steps as well (for tests)")
    p.add_argument("--no-validation", action="store_true", help="needs no LPIPS weights then (for tests)")
    return p.parse_args()


def sizes(text):
    out = {}
    for part in filter(None, text.split(",")):
        key, value = part.split("=")
        out[key] = tuple(map(int, value.split("x"))) if "x" in value else int(value)
    return out


def compute_clock():
    """Seconds of compute: on a CPU what this process was given, so that a busy machine costs nothing; else wall time."""
    if torch.cuda.is_available():
        return time.monotonic()
    return time.process_time() / torch.get_num_threads()


class Training:
    def __init__(self, a):
        self.a = a
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(a.seed)
        self.recipe = RECIPES[a.net]()
        self.g = nets.make(a.net, **sizes(a.size)).to(self.device)
        if a.init:
            self.g.load_state_dict(torch.load(a.init, weights_only=True, map_location=self.device))
        self.d = self.recipe.discriminator().to(self.device)
        self.opt_g, self.opt_d = self.recipe.optimizers(self.g, self.d)
        self.vgg = VGG16().to(self.device) if self.recipe.needs_vgg else None
        self.step, self.seconds, self.last_val, self.last_save = 0, 0.0, -1e9, 0.0
        os.makedirs(a.out, exist_ok=True)
        self.resume()

    def path(self, name):
        return os.path.join(self.a.out, name)

    def state(self):
        return {"g": self.g.state_dict(), "d": self.d.state_dict(), "opt_g": self.opt_g.state_dict(),
                "opt_d": self.opt_d.state_dict(), "step": self.step, "seconds": self.seconds,
                "last_val": self.last_val, "arguments": vars(self.a)}

    def resume(self):
        if not os.path.exists(self.path("checkpoint.pt")):
            return
        s = torch.load(self.path("checkpoint.pt"), weights_only=True, map_location=self.device)
        for name in ("g", "d", "opt_g", "opt_d"):
            getattr(self, name).load_state_dict(s[name])
        self.step, self.seconds, self.last_val = s["step"], s["seconds"], s["last_val"]
        self.last_save = self.seconds
        print(f"resumed at step {self.step}, {self.seconds / 3600:.2f} h", flush=True)

    def save(self):
        for name, value in (("checkpoint.pt", self.state()), ("generator.pt", self.g.state_dict())):
            torch.save(value, self.path(name + ".tmp"))
            os.replace(self.path(name + ".tmp"), self.path(name))
        self.last_save = self.seconds

    def autocast(self):
        if not self.a.bf16:
            return contextlib.nullcontext()
        return torch.autocast(self.device, torch.bfloat16)

    def update(self, x, side, one_side):
        """One step of both nets; the values of all loss terms."""
        mask = mask_like(x, side, one_side)
        with self.autocast():
            out = self.recipe.generate(self.g, x, mask)
        out = out.float()
        terms = {}
        if self.step % self.recipe.d_every == 0:
            self.opt_d.zero_grad(set_to_none=True)
            losses = self.recipe.d_losses(out, x, mask, self.d, side)
            sum(losses.values()).backward()
            self.opt_d.step()
            terms.update({f"d/{k}": v.item() for k, v in losses.items()})
        self.d.requires_grad_(False)
        self.opt_g.zero_grad(set_to_none=True)
        with self.autocast():
            losses = self.recipe.g_losses(out, x, mask, self.d, side, self.vgg)
        sum(losses.values()).backward()
        self.opt_g.step()
        self.d.requires_grad_(True)
        terms.update({f"g/{k}": v.item() for k, v in losses.items()})
        if not all(v == v for v in terms.values()):
            raise SystemExit(f"step {self.step}: a loss is not a number: {terms}")
        return terms


def validate(t, val, lpips, count=32):
    """Mean LPIPS of composited whole validation frames, evenly spread, and the first of them as pictures."""
    t.g.eval()
    index = torch.linspace(0, len(val) - 1, count).long()
    total, pictures = 0.0, None
    with torch.no_grad():
        for i in range(0, count, 4):
            x = torch.from_numpy(val.frames[index[i : i + 4]].transpose(0, 3, 1, 2).copy()).float().to(t.device) / 255
            mask = mask_like(x, val.side, False)
            y = composite(t.recipe.generate(t.g, x, mask).clamp(0, 1), x, mask)
            y = (y * 255).round() / 255
            total += lpips(y, x).sum().item()
            pictures = pictures if pictures is not None else torch.cat([x, y], 2)
    t.g.train()
    return total / count, pictures


def log(t, writer, file, terms, value=None):
    for name, term in terms.items():
        writer.add_scalar(name, term, t.step)
    row = {"step": t.step, "seconds": round(t.seconds, 1), "lpips": value, **terms}
    csv.writer(file).writerow([f"{k}={v}" for k, v in row.items() if v is not None])
    file.flush()


def main():
    a = arguments()
    t = Training(a)
    train, val = Frames(a.packs.split(","), "train"), Frames(a.packs.split(","), "val")
    lpips = None if a.no_validation else LPIPS().to(t.device)
    writer, file = SummaryWriter(t.path("tensorboard"), purge_step=t.step), open(t.path("log.csv"), "a")
    crop = tuple(map(int, a.crop.split("x"))) if a.crop else None
    print(f"{a.net} {a.size}: {sum(p.numel() for p in t.g.parameters()) / 1e6:.2f} M parameters, {len(train)} train "
          f"frames, {len(val)} val frames, {t.device}", flush=True)
    while t.seconds < a.hours * 3600 and not (a.steps and t.step >= a.steps):
        if lpips and t.seconds - t.last_val >= a.val_every:
            t.last_val = t.seconds
            value, pictures = validate(t, val, lpips)
            writer.add_scalar("val/lpips", value, t.step)
            writer.add_images("val/truth_and_output", pictures, t.step)
            log(t, writer, file, {}, value)
            print(f"step {t.step} {t.seconds / 3600:.3f} h  val LPIPS {value:.4f}", flush=True)
        start = compute_clock()
        cropped = crop if crop and t.seconds < a.whole_after * a.hours * 3600 else None
        x = train.sample(a.seed, t.step, a.batch, cropped).to(t.device)
        terms = t.update(x, train.side, cropped is not None)
        t.step += 1
        t.seconds += compute_clock() - start
        if t.step % 20 == 0:
            log(t, writer, file, terms)
        if t.seconds - t.last_save >= a.save_every:
            t.save()
    t.save()
    value = validate(t, val, lpips)[0] if lpips else float("nan")
    log(t, writer, file, {}, value)
    print(f"done: step {t.step} {t.seconds / 3600:.3f} h  val LPIPS {value:.4f}", flush=True)


if __name__ == "__main__":
    main()
