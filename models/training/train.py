"""Trains one generator on ganime-bench packs.

    python train.py --net lama-fourier --size width=32,blocks=6 --packs toon.h5,penny_and_chip.h5 --out runs/lama \\
                    --stages 2:96x96:3000,1:192x192:1000

A schedule is a list of stages SCALE:WxH:STEPS[:BATCH]. SCALE 2 trains on frames of half the size; WxH is a window with a
strip on the left or, if it is more than four strips wide, on both sides (empty: whole frames). The rate falls as a half
cosine over all steps, and the net written is a running mean of the weights: both follow from the step alone. --hours stops
earlier, after that much compute (counted over all restarts).

Can be killed at any moment: run the same command again and it goes on from the last checkpoint, with the same samples in the
same order. Everything random follows from --seed and the step. Writes <out>/checkpoint.pt (all state), generator.pt (the
net alone), log.csv, TensorBoard scalars and pictures."""

import argparse
import contextlib
import copy
import csv
import math
import os
import platform
import subprocess
import time

import torch
from safetensors.torch import load_file
from torch.utils.tensorboard import SummaryWriter

import nets
from data import Frames, mask_like
from muon import Muon
from perceptual import LPIPS, VGG16
from recipes import RECIPES, l1
from validation import Validation


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--net", required=True, choices=sorted(RECIPES))
    p.add_argument("--size", default="", help="the net's parameters, e.g. width=32,blocks=6")
    p.add_argument("--packs", required=True, help="comma-separated packs (ganime-bench dataset build or fetch)")
    p.add_argument("--out", required=True)
    p.add_argument("--stages", required=True, help="SCALE:WxH:STEPS[,...]")
    p.add_argument("--hours", type=float, default=math.inf, help="compute to spend in all, validation not counted")
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--freeze-norms", type=int, default=10**9, metavar="STEP",
                   help="from this step on batch norms use their running statistics, as the finished net does: needed where "
                        "layers share a norm (GLCIC), as its statistics then fit no layer")
    p.add_argument("--l1-first", type=int, default=0, metavar="STEPS",
                   help="so many steps see L1 alone, known picture and strips, and are taken by Muon: the cheap way to colours "
                        "and to what goes on across the seam, before a discriminator has a say")
    p.add_argument("--anywhere", type=float, default=0.7, metavar="SHARE",
                   help="of the windows, how many have their strip anywhere in the picture (default %(default)s)")
    p.add_argument("--colours", type=float, default=0.5, metavar="SHARE",
                   help="of the samples, how many have other colours than they were drawn in (default %(default)s)")
    p.add_argument("--mean-over", type=int, default=100, metavar="STEPS",
                   help="how many steps the running mean of the weights reaches back (default %(default)s)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--bf16", action="store_true", help="autocast to bfloat16 (spectra and norms stay in float32)")
    p.add_argument("--init", help="weights to start from: generator.pt, or a .safetensors that was exported")
    p.add_argument("--val-every", type=float, default=600, help="seconds of compute between validations")
    p.add_argument("--save-every", type=float, default=120, help="seconds of compute between checkpoints")
    p.add_argument("--no-validation", action="store_true", help="needs no LPIPS weights then (for tests)")
    return p.parse_args()


def sizes(text):
    out = {}
    for part in filter(None, text.split(",")):
        key, value = part.split("=")
        out[key] = tuple(map(int, value.split("x"))) if "x" in value else int(value)
    return out


class Stage:
    def __init__(self, text, first, batch):
        scale, crop, steps, *rest = text.split(":")
        self.scale, self.first, self.end = int(scale), first, first + int(steps)
        self.crop = tuple(map(int, crop.split("x"))) if crop else None
        self.batch = int(rest[0]) if rest else batch


def stages(text, batch):
    out = []
    for part in text.split(","):
        out.append(Stage(part, out[-1].end if out else 0, batch))
    return out


def machine():
    """What the compute was spent on, for the model card."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    cores = torch.get_num_threads()
    return f"{cores} core{'s' if cores > 1 else ''} of {model}"


def commit():
    here = os.path.dirname(os.path.abspath(__file__))
    command = ["git", "-C", here, "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True)
    return os.environ.get("GANIME_COMMIT") or done.stdout.strip() or "unknown"


def compute_clock():
    """Seconds of compute: on a CPU what this process was given, so that a busy machine costs nothing; else wall time (losses
    are read every twentieth step, so that much of it may stand in the wrong step, never in the sum)."""
    if torch.cuda.is_available():
        return time.monotonic()
    return time.process_time() / torch.get_num_threads()


def initial(path, net, device):
    """The weights in `path`; what an export leaves out (batch counters) stays as it is in `net`."""
    if path.endswith(".safetensors"):
        return {**net.state_dict(), **{k: v.float() for k, v in load_file(path, device=device).items()}}
    return torch.load(path, weights_only=True, map_location=device)


def turned(pictures, step):
    """Every second sample mirrored, others at every step. Losses want a window's strip on the left; a net has to fill both."""
    second = (torch.arange(len(pictures), device=pictures.device) + step) % 2 == 1
    return torch.where(second.view(-1, 1, 1, 1), pictures.flip(-1), pictures)


def freeze_norms(net):
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


class Training:
    def __init__(self, a):
        self.a = a
        self.commit = commit()  # now: the tree may change while the run goes on
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.stages = stages(a.stages, a.batch)
        torch.manual_seed(a.seed)
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
        self.recipe = RECIPES[a.net]()
        self.g = nets.make(a.net, **sizes(a.size)).to(self.device, memory_format=torch.channels_last)
        if a.init:
            self.g.load_state_dict(initial(a.init, self.g, self.device))
        self.mean = copy.deepcopy(self.g).eval().requires_grad_(False)
        self.d = self.recipe.discriminator().to(self.device)
        self.opt_first = Muon(self.g.parameters(), 5e-3)  # of the net while --l1-first lasts
        self.opt_g, self.opt_d = self.recipe.optimizers(self.g, self.d)
        self.rates = [(opt, opt.param_groups[0]["lr"]) for opt in (self.opt_first, self.opt_g, self.opt_d)]
        self.vgg = VGG16().to(self.device, memory_format=torch.channels_last) if self.recipe.needs_vgg else None
        self.step, self.seconds, self.last_val, self.last_save = 0, 0.0, -1e9, 0.0
        os.makedirs(a.out, exist_ok=True)
        self.resume()

    def stage(self):
        return next((s for s in self.stages if self.step < s.end), None)

    def set_rate(self):
        """A half cosine to a twentieth over all stages, after a rise over the first thirty steps."""
        done = self.step / self.stages[-1].end
        factor = min(1, (self.step + 1) / 30) * (0.05 + 0.95 * (0.5 + 0.5 * math.cos(math.pi * done)))
        for opt, rate in self.rates:
            opt.param_groups[0]["lr"] = rate * factor

    def average(self):
        """The running mean of weights and statistics, over the last --mean-over steps."""
        keep = min(1 - 1 / self.a.mean_over, (self.step + 1) / (self.step + 10))
        means, nows = (list(net.state_dict().values()) for net in (self.mean, self.g))
        real = [m.is_floating_point() for m in means]
        with torch.no_grad():
            torch._foreach_lerp_([m for m, r in zip(means, real) if r], [n for n, r in zip(nows, real) if r], 1 - keep)
            for m, n, r in zip(means, nows, real):
                if not r:
                    m.copy_(n)

    def path(self, name):
        return os.path.join(self.a.out, name)

    def state(self):
        first = self.opt_first.state_dict() if self.step < self.a.l1_first else None
        return {"g": self.g.state_dict(), "mean": self.mean.state_dict(), "d": self.d.state_dict(),
                "opt_first": first, "opt_g": self.opt_g.state_dict(), "opt_d": self.opt_d.state_dict(),
                "step": self.step, "seconds": self.seconds, "last_val": self.last_val, "arguments": vars(self.a),
                "commit": self.commit, "machine": machine(), "l1_by": type(self.opt_first).__name__}

    def resume(self):
        if not os.path.exists(self.path("checkpoint.pt")):
            return
        s = torch.load(self.path("checkpoint.pt"), weights_only=True, map_location=self.device)
        for name in ("g", "mean", "d", "opt_first", "opt_g", "opt_d"):
            if s[name] is not None:
                getattr(self, name).load_state_dict(s[name])
        self.step, self.seconds, self.last_val = s["step"], s["seconds"], s["last_val"]
        self.last_save = self.seconds
        print(f"resumed at step {self.step}, {self.seconds / 3600:.2f} h", flush=True)

    def save(self):
        for name, value in (("checkpoint.pt", self.state()), ("generator.pt", self.mean.state_dict())):
            torch.save(value, self.path(name + ".tmp"))
            os.replace(self.path(name + ".tmp"), self.path(name))
        self.last_save = self.seconds

    def autocast(self):
        if not self.a.bf16:
            return contextlib.nullcontext()
        return torch.autocast(self.device, torch.bfloat16)

    def generate(self, x, mask, one_side):
        with self.autocast():
            if not one_side:
                return self.recipe.generate(self.g, x, mask).float()
            x, mask = turned(x, self.step), turned(mask, self.step)
            return turned(self.recipe.generate(self.g, x, mask).float(), self.step)

    def update(self, x, side, one_side):
        """One step of both nets; the values of all loss terms."""
        self.set_rate()
        if self.step >= self.a.freeze_norms:
            freeze_norms(self.g)
        mask = mask_like(x, side, one_side)
        out = self.generate(x, mask, one_side)
        terms = {}
        l1_alone = self.step < self.a.l1_first
        if self.step % self.recipe.d_every == 0 and not l1_alone:
            self.opt_d.zero_grad(set_to_none=True)
            with self.autocast():
                losses, terms["judge/told"] = self.recipe.d_losses(out, x, mask, self.d, side, self.step)
            sum(losses.values()).backward()
            self.opt_d.step()
            terms.update({f"d/{k}": v.detach() for k, v in losses.items()})
        self.d.requires_grad_(False)
        opt_g = self.opt_first if l1_alone else self.opt_g
        opt_g.zero_grad(set_to_none=True)
        with self.autocast():
            losses = {"l1": 10 * l1(out, x, mask)} if l1_alone else self.recipe.g_losses(out, x, mask, self.d, side, self.vgg, self.step)
        sum(losses.values()).backward()
        opt_g.step()
        self.average()
        self.d.requires_grad_(True)
        terms.update({f"g/{k}": v.detach() for k, v in losses.items()})
        return terms


def finite(terms, step):
    """The values of the terms; they wait for the device, so they are not asked for at every step."""
    values = {name: term.item() for name, term in terms.items()}
    if not all(math.isfinite(v) for v in values.values()):
        raise SystemExit(f"step {step}: a loss is not a number: {values}")
    return values


class Log:
    def __init__(self, t):
        self.t = t
        self.writer = SummaryWriter(t.path("tensorboard"), purge_step=t.step)
        self.file = open(t.path("log.csv"), "a")

    def write(self, terms):
        for name, term in terms.items():
            self.writer.add_scalar(name, term, self.t.step)
        row = {"step": self.t.step, "seconds": round(self.t.seconds, 1), **terms}
        csv.writer(self.file).writerow([f"{k}={v:.6g}" for k, v in row.items()])
        self.file.flush()

    def validation(self, scale, terms, pictures):
        """Frames of half the size have a distance of their own, so they have curves of their own."""
        suffix = "" if scale == 1 else f"_scale{scale}"
        terms = {f"val{suffix}/{name}": value for name, value in terms.items()}
        self.writer.add_images("val/truth_and_output", pictures, self.t.step)
        self.write(terms)
        print(f"step {self.t.step} {self.t.seconds / 3600:.3f} h ", *(f"{k} {v:.4f}" for k, v in terms.items()), flush=True)


def train_stage(t, stage, log, lpips):
    """Until the end of the stage or of the compute; false when there is no compute left."""
    packs, budget = t.a.packs.split(","), t.a.hours * 3600
    train = Frames(packs, "train", stage.scale, t.device)
    validation = Validation(packs, stage.scale, t.device, lpips) if lpips else None
    print(f"scale {stage.scale}, {stage.crop or 'whole frames'}: {len(train)} train frames", flush=True)
    while t.step < stage.end and t.seconds < budget:
        if validation and t.seconds - t.last_val >= t.a.val_every:
            t.last_val = t.seconds
            log.validation(stage.scale, *validation.of(t.recipe, t.mean))
        start = compute_clock()
        x = train.sample(t.a.seed, t.step, stage.batch, stage.crop, t.a.anywhere, t.a.colours)
        terms = t.update(x, train.side, train.one_side(stage.crop))
        t.step += 1
        if t.step % 20 == 0:
            terms = finite(terms, t.step)
        t.seconds += compute_clock() - start
        if t.step % 20 == 0:
            log.write(terms)
        if t.seconds - t.last_save >= t.a.save_every:
            t.save()
    t.save()
    if validation:
        log.validation(stage.scale, *validation.of(t.recipe, t.mean))
    return t.seconds < budget


def main():
    a = arguments()
    t = Training(a)
    lpips = None if a.no_validation else LPIPS().to(t.device)
    log = Log(t)
    parameters = sum(p.numel() for p in t.g.parameters()) / 1e6
    print(f"{a.net} {a.size}: {parameters:.2f} M parameters, {t.device}", flush=True)
    while (stage := t.stage()) is not None and train_stage(t, stage, log, lpips):
        pass
    t.save()
    print(f"stopped at step {t.step} of {t.stages[-1].end}, {t.seconds / 3600:.3f} h", flush=True)


if __name__ == "__main__":
    main()
