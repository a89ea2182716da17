"""Trains the three generators at once on one card, within a time limit; on a processor too, to try it.

    python gpu/train_all.py OUT MINUTES [--small]

Draws the show, times a few steps of every stage with all three running, sizes the stages so that they fill the time, trains,
and leaves in OUT, small enough to carry home: NAME.safetensors (float16, the running mean of the weights) and runs.tar.gz with
each run's log and facts for card.py. --small: tiny nets and a handful of shots."""

import concurrent.futures
import csv
import io
import os
import shutil
import subprocess
import sys
import tarfile
import time

import h5py
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

# net, name, size, stages as (scale:window, batch, share of the time), the share after which norms are frozen, and how much of the
# first stage sees L1 alone.
PLANS = [
    ("lama-fourier", "lama-fourier@ngf32", "width=32", [("2:192x128", 24, 0.35), ("1:384x160", 16, 0.5), ("1:", 8, 0.15)], None, 0.1),
    ("glcic", "glcic", "width=64", [("2:192x128", 24, 0.3), ("1:384x160", 8, 0.5), ("1:", 8, 0.2)], 0.6, 0),
    ("ce", "ce@ngf32b64", "width=32,bottleneck=64", [("1:", 32, 1.0)], None, 0),
]
SMALL = [
    ("lama-fourier", "lama-fourier@ngf8b1", "width=8,blocks=1", [("2:192x64", 2, 0.5), ("1:", 1, 0.5)], None, 0.3),
    ("glcic", "glcic@ngf8", "width=8", [("2:192x64", 2, 0.5), ("1:", 1, 0.5)], 0.6, 0),
    ("ce", "ce@ngf8b8", "width=8,bottleneck=8", [("1:", 2, 1.0)], None, 0),
]
PROBE = 40  # steps that a stage is timed with; the first half is not counted


def unpack(source, target):
    """A pack with frames as JPEG becomes one with pixels."""
    with h5py.File(source) as file, h5py.File(target, "w") as out:
        for name, value in file.attrs.items():
            out.attrs[name] = value
        out["shots"] = file["shots"][:]
        out["wide"] = np.stack([np.asarray(Image.open(io.BytesIO(row.tobytes()))) for row in file["jpeg"][:]])


def draw(target, shots):
    environment = {**os.environ, "LD_LIBRARY_PATH": os.path.join(ROOT, "lib")}
    subprocess.run([os.path.join(HERE, "draw_pack"), "toon", str(shots), "6", str(os.cpu_count()), target], check=True, env=environment)


def train(plan, out, packs, stages, *more):
    net, name, size = plan[:3]
    command = [sys.executable, os.path.join(ROOT, "train.py"), "--net", net, "--size", size, "--packs", ",".join(packs), "--bf16",
               "--out", os.path.join(out, name), "--stages", stages, *more]
    environment = {**os.environ, "GANIME_CACHE": os.path.join(ROOT, "cache"), "GANIME_COMMIT": open(os.path.join(ROOT, "commit")).read().strip()}
    if not torch.cuda.is_available():
        environment["OMP_NUM_THREADS"] = "1"  # three at once: threads of one would wait for cores that another has
    with open(os.path.join(out, name + ".txt"), "a") as log:
        done = subprocess.run(command, stdout=log, stderr=log, env=environment)
    if done.returncode:
        raise SystemExit(f"{name}: " + open(os.path.join(out, name + ".txt")).read()[-2000:])


def seconds_at(path):
    rows = (dict(cell.split("=") for cell in row) for row in csv.reader(open(path, newline="")))
    return {int(row["step"]): float(row["seconds"]) for row in rows}


def time_stages(plan, work, packs):
    """Seconds a step of each stage."""
    out = []
    for i, (stage, batch, _) in enumerate(plan[3]):
        folder = os.path.join(work, f"probe{i}")
        os.makedirs(folder, exist_ok=True)
        train(plan, folder, packs, f"{stage}:{PROBE}:{batch}", "--no-validation")
        at = seconds_at(os.path.join(folder, plan[1], "log.csv"))
        out.append((at[PROBE] - at[PROBE // 2]) / (PROBE - PROBE // 2))
    return out


def schedule(plan, times, seconds):
    """The stages with as many steps as fill `seconds`, and as options the steps that see L1 alone and that from which norms are
    frozen."""
    steps = [max(1, int(seconds * share / t)) for (_, _, share), t in zip(plan[3], times)]
    text = ",".join(f"{stage}:{n}:{batch}" for (stage, batch, _), n in zip(plan[3], steps))
    freeze, before = [], 0.0
    if plan[4] is not None:
        for (_, _, share), n in zip(plan[3], steps):
            part = min(1, max(0, (plan[4] - before) / share))
            freeze.append(int(part * n))
            before += share
    options = ["--l1-first", str(int(plan[5] * steps[0]))]
    return text, options + (["--freeze-norms", str(sum(freeze))] if freeze else [])


def keep(plan, work, out, archive):
    folder, name = os.path.join(work, plan[1]), plan[1]
    weights = torch.load(os.path.join(folder, "generator.pt"), weights_only=True, map_location="cpu")
    real = {k: v.half().contiguous() for k, v in weights.items() if v.is_floating_point()}
    if not all(torch.isfinite(v).all() for v in real.values()):
        raise SystemExit(f"{name}: a weight is not a finite half")
    save_file(real, os.path.join(out, name.replace("@", "_") + ".safetensors"))
    state = torch.load(os.path.join(folder, "checkpoint.pt"), weights_only=True, map_location="cpu")
    facts = {k: state[k] for k in ("step", "seconds", "last_val", "arguments", "commit", "machine", "l1_by")}
    torch.save(facts, os.path.join(folder, "facts.pt"))
    for file, kept in (("facts.pt", "checkpoint.pt"), ("log.csv", "log.csv")):
        archive.add(os.path.join(folder, file), f"{name}/{kept}")
    archive.add(os.path.join(work, name + ".txt"), f"{name}/output.txt")


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["--small"]):
        sys.exit(__doc__)
    out, deadline, small = sys.argv[1], time.monotonic() + 60 * float(sys.argv[2]), "--small" in sys.argv
    plans = SMALL if small else PLANS
    work = os.path.join(out, "work") if small else "/tmp/ganime-train"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    packs = []
    for name in sorted(os.listdir(os.path.join(ROOT, "frames"))):
        packs.append(os.path.join(work, name))
        unpack(os.path.join(ROOT, "frames", name), packs[-1])
    show = os.path.join(work, "toon.h5")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        drawing = pool.submit(draw, show, 4 if small else 2400)
        if not packs:
            drawing.result()
        probed = list(pool.map(lambda plan: time_stages(plan, work, packs or [show]), plans))
        drawing.result()
        packs.insert(0, show)
        left = deadline - time.monotonic() - (15 if small else 45)  # the last validation, and what is kept
        if left <= 0:
            raise SystemExit(f"{sys.argv[2]} minutes are too few: drawing the show and timing the stages took {-left:.0f} s more")
        jobs = []
        for plan, times in zip(plans, probed):
            text, options = schedule(plan, times, left)
            print(f"{plan[1]}: {', '.join(f'{t * 1e3:.0f}' for t in times)} ms a step; {text}; {left:.0f} s", flush=True)
            more = ["--hours", str(left / 3600), "--val-every", str(left / 8), "--save-every", "60"]
            jobs.append(pool.submit(train, plan, work, packs, text, *more, *options))
        for job in jobs:
            job.result()
    with tarfile.open(os.path.join(out, "runs.tar.gz"), "w:gz") as archive:
        for plan in plans:
            keep(plan, work, out, archive)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
