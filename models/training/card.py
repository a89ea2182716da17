"""Writes the model card of a training run: NAME.md and NAME.png (loss curves) beside the weights.

    python card.py RUN models/weights/glcic@ngf32.safetensors

Everything on the card is read from the run (checkpoint.pt, log.csv), its packs and the weights file."""

import collections
import csv
import hashlib
import os
import sys

import h5py
import matplotlib
import torch
from safetensors.torch import load_file

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

NAMES = {"ce": "Context Encoder", "glcic": "GLCIC", "lama-fourier": "LaMa with fast Fourier convolutions"}
SIZES = {"val/": "full size", "val_scale2/": "half size"}


def read_log(path):
    """{term: [(step, value)]}, later rows of a resumed run replacing those that it repeats."""
    curves, seconds = collections.defaultdict(dict), {}
    with open(path, newline="") as file:
        for row in csv.reader(file):
            fields = {k: float(v) for k, v in (cell.split("=") for cell in row)}
            step = int(fields.pop("step"))
            seconds[step] = fields.pop("seconds")
            for name, value in fields.items():
                curves[name][step] = value
    return {name: sorted(values.items()) for name, values in curves.items()}, seconds


def smooth(values, keep=0.9):
    out, mean = [], values[0]
    for v in values:
        mean = keep * mean + (1 - keep) * v
        out.append(mean)
    return out


def validation(curves, term):
    """{(size, pack): points} of one term, e.g. `lpips_sides`, that is kept by size and by pack."""
    return {(size, name[len(prefix + term) + 1 :]): points for prefix, size in SIZES.items() for name, points in curves.items()
            if name.startswith(f"{prefix}{term}/")}


def draw(curves, path):
    losses = {k: v for k, v in curves.items() if k.startswith(("g/", "d/"))}
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    for name, points in sorted(losses.items()):
        steps, values = zip(*points)
        axes[0].plot(steps, smooth(values), linewidth=1, label=name)
    axes[0].set(yscale="log", xlabel="step", title="losses (running mean)")
    axes[0].legend(fontsize=7)
    for (size, pack), points in validation(curves, "lpips_sides").items():
        axes[1].plot(*zip(*points), marker="o", markersize=3, linewidth=1, label=f"{size}, {pack}")
    axes[1].set(xlabel="step", title="LPIPS of validation frames, strips")
    axes[1].legend(fontsize=7)
    figure.savefig(path, dpi=90, metadata={"Software": None})


def judged(curves):
    """What the discriminator was right about at the end; earlier logs do not say."""
    points = [value for _, value in curves.get("judge/told", [])]
    return [f"| discriminator | right about {100 * smooth(points)[-1]:.0f} % of its patches or strips at the end (50 is guessing) |"] if points else []


def pack_rows(packs):
    for path in packs:
        with h5py.File(path) as file:
            text = {k: file.attrs[k].decode() for k in ("id", "title", "source", "licence", "content")}
            counts = collections.Counter()
            for shot in file["shots"][:]:
                counts[shot["split"].decode()] += int(shot["count"])
            yield f"| {text['id']} | {text['source']} | {text['licence']} | {counts['train']} | {counts['val']} | `{text['content'][:12]}` |"


def beginning(a):
    """What the run's weights began as; an earlier run counts."""
    if not a["init"]:
        return "random weights"
    checkpoint = os.path.join(os.path.dirname(a["init"]), "checkpoint.pt")
    if not os.path.exists(checkpoint):
        return f"`{os.path.basename(a['init'])}`"
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    return (f"an earlier run from {beginning(state['arguments'])}: {state['step']} steps, {state['seconds'] / 3600:.2f} h, stages "
            f"`{state['arguments']['stages']}`, seed {state['arguments']['seed']}, commit `{state.get('commit', 'unknown')}`")


def card(run, weights):
    state = torch.load(os.path.join(run, "checkpoint.pt"), weights_only=True, map_location="cpu")
    curves, seconds = read_log(os.path.join(run, "log.csv"))
    a, name = state["arguments"], os.path.splitext(os.path.basename(weights))[0]
    with open(weights, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    draw(curves, os.path.join(os.path.dirname(weights), name + ".png"))
    parameters = sum(v.numel() for k, v in load_file(weights).items() if not k.endswith(("running_mean", "running_var", "tracked")))
    lines = [f"# {name}", "", f"{NAMES[a['net']]}, {a['size'] or 'standard size'}, {parameters / 1e6:.2f} M parameters, stored as "
             "fp16 (safetensors). Trained by models/training; licence: that of ganime-bench, for data see below.", "",
             "| | |", "|---|---|", f"| sha256 | `{digest}` |", f"| began as | {beginning(a)} |",
             f"| steps | {state['step']}, batch {a['batch']} |",
             f"| stages (scale:window:steps:batch) | `{a['stages']}` |",
             f"| L1 alone | the first {a.get('l1_first', 0)} steps{', by ' + state['l1_by'] if 'l1_by' in state else ''} |",
             f"| strips anywhere | {100 * a.get('anywhere', 0):.0f} % of windows |",
             f"| other colours | {100 * a.get('colours', 0):.0f} % of samples |",
             f"| mean of the weights | over {a.get('mean_over', 100)} steps |",
             *judged(curves), f"| seed | {a['seed']} |",
             f"| code | commit `{state.get('commit', 'unknown')}` |",
             f"| compute | {state['seconds'] / 3600:.2f} h on {state.get('machine', 'unknown')} |",
             f"| precision | {'bf16 autocast, spectra and losses fp32' if a['bf16'] else 'fp32'} |", "",
             "| data | source | licence | train frames | val frames | content |", "|---|---|---|---|---|---|", *pack_rows(a["packs"].split(",")), "",
             f"![losses and validation]({name.replace('@', '%40')}.png)", "", "LPIPS (AlexNet v0.1) in the strips of validation frames, as many of each pack, by the running mean of the weights, and "
             "how many times that of `mirror` it is:", "", "| step | compute, h | frames | pack | LPIPS | of `mirror`'s |", "|---|---|---|---|---|---|"]
    of_mirror = {key: dict(points) for key, points in validation(curves, "of_mirror").items()}
    rows = [(step, *key, value) for key, points in validation(curves, "lpips_sides").items() for step, value in points]
    for step, size, pack, value in sorted(rows):
        lines.append(f"| {step} | {seconds[step] / 3600:.2f} | {size} | {pack} | {value:.4f} | {of_mirror[size, pack][step]:.3f} |")
    with open(os.path.join(os.path.dirname(weights), name + ".md"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    card(sys.argv[1], sys.argv[2])
