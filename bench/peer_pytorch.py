"""Times the nets in PyTorch and in ganime-bench by turns, on the same machine with as many threads.

PyTorch gives all threads to one frame; ganime-bench gives each thread a frame of its own. What is compared is time per
frame when many frames are to be done, so ours is the inverse of its throughput. Weights are random on both sides: the
time of these nets does not depend on them.

On a card both sides are given the same number of frames a run. PyTorch's input is on the card already and its output
stays there; ours is copied both ways.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEIGHT = 512, 288


def conv(i, o, k, s=1, p=0, d=1, bias=False):
    return nn.Conv2d(i, o, k, s, p, d, bias=bias)


def deconv(i, o, k=4, s=2, p=1, op=0, bias=False):
    return nn.ConvTranspose2d(i, o, k, s, p, op, bias=bias)


def context_encoder(bottleneck=4000):
    layers = [conv(3, 64, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for i, o in ((64, 64), (64, 128), (128, 256), (256, 512)):
        layers += [conv(i, o, 4, 2, 1), nn.BatchNorm2d(o), nn.LeakyReLU(0.2, True)]
    layers += [conv(512, bottleneck, (9, 16)), nn.LeakyReLU(0.2, True)]
    layers += [deconv(bottleneck, 512, (9, 16), 1, 0), nn.ReLU(True)]
    for i, o in ((512, 256), (256, 128), (128, 64), (64, 32)):
        layers += [deconv(i, o), nn.ReLU(True)]
    return nn.Sequential(*layers, deconv(32, 3), nn.Tanh())


def glcic():
    layers = []

    def add(layer, width):
        layers.extend((layer, nn.BatchNorm2d(width), nn.ReLU(True)))

    add(conv(3, 64, 5, 1, 2), 64)
    add(conv(64, 128, 4, 2, 1), 128)
    add(conv(128, 128, 3, 1, 1), 128)
    add(conv(128, 256, 4, 2, 1), 256)
    for d in (1, 1, 2, 4, 8, 16, 1, 1):
        add(conv(256, 256, 3, 1, d, d, bias=d > 1), 256)
    add(deconv(256, 128, bias=True), 128)
    add(conv(128, 128, 3, 1, 1), 128)
    add(deconv(128, 64, bias=True), 64)
    add(conv(64, 32, 3, 1, 1), 32)
    return nn.Sequential(*layers, conv(32, 3, 3, 1, 1), nn.Tanh())


class FourierUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = conv(2 * channels, 2 * channels, 1)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, x):
        n, c, h, w = x.shape
        z = torch.view_as_real(torch.fft.rfft2(x, norm="ortho"))
        z = z.permute(0, 1, 4, 2, 3).reshape(n, 2 * c, h, w // 2 + 1)
        z = F.relu(self.bn(self.conv(z)))
        z = z.reshape(n, c, 2, h, w // 2 + 1).permute(0, 1, 3, 4, 2).contiguous()
        return torch.fft.irfft2(torch.view_as_complex(z), s=(h, w), norm="ortho")


def fourier_lite():
    layers = []
    for i, o in ((3, 64), (64, 128), (128, 256)):
        layers += [conv(i, o, 4, 2, 1), nn.BatchNorm2d(o), nn.ReLU(True)]
    layers += [FourierUnit(256) for _ in range(4)]
    for i, o in ((256, 128), (128, 64)):
        layers += [deconv(i, o), nn.BatchNorm2d(o), nn.ReLU(True)]
    return nn.Sequential(*layers, deconv(64, 3), nn.Tanh())


class Spectral(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.first = nn.Sequential(conv(i, o // 2, 1), nn.BatchNorm2d(o // 2), nn.ReLU(True))
        self.unit = FourierUnit(o // 2)
        self.last = conv(o // 2, o, 1)

    def forward(self, x):
        x = self.first(x)
        return self.last(x + self.unit(x))


def reflected(i, o, k, s=1):
    return nn.Conv2d(i, o, k, s, k // 2, bias=False, padding_mode="reflect")


class FFC(nn.Module):
    """Convolution, batch norm and ReLU on a local and a global part; without a global input, on the local one alone."""

    def __init__(self, from_local, from_global, to_local, to_global, s=1):
        super().__init__()
        self.l2l = reflected(from_local, to_local, 3, s)
        self.l2g = reflected(from_local, to_global, 3, s)
        self.g2l = reflected(from_global, to_local, 3, s) if from_global else None
        self.g2g = Spectral(from_global, to_global) if from_global else None
        self.bn_l, self.bn_g = nn.BatchNorm2d(to_local), nn.BatchNorm2d(to_global)

    def forward(self, pair):
        a, b = pair
        local, far = self.l2l(a), self.l2g(a)
        if self.g2l is not None:
            local, far = local + self.g2l(b), far + self.g2g(b)
        return F.relu(self.bn_l(local)), F.relu(self.bn_g(far))


class Residual(nn.Module):
    def __init__(self, local, far):
        super().__init__()
        self.one, self.two = FFC(local, far, local, far), FFC(local, far, local, far)

    def forward(self, pair):
        a, b = self.two(self.one(pair))
        return pair[0] + a, pair[1] + b


class LaMa(nn.Module):
    def __init__(self, width=64, blocks=9):
        super().__init__()
        stem = [nn.ReflectionPad2d(3), conv(4, width, 7), nn.BatchNorm2d(width), nn.ReLU(True)]
        for i in (width, 2 * width):
            stem += [reflected(i, 2 * i, 3, 2), nn.BatchNorm2d(2 * i), nn.ReLU(True)]
        self.stem = nn.Sequential(*stem)
        local, far = 2 * width, 6 * width
        self.split = FFC(4 * width, 0, local, far, 2)
        self.blocks = nn.Sequential(*(Residual(local, far) for _ in range(blocks)))
        tail = []
        for o in (4 * width, 2 * width, width):
            tail += [deconv(2 * o, o, 3, 2, 1, 1, bias=True), nn.BatchNorm2d(o), nn.ReLU(True)]
        self.tail = nn.Sequential(*tail, nn.ReflectionPad2d(3), conv(width, 3, 7, bias=True), nn.Sigmoid())

    def forward(self, x):
        pair = self.blocks(self.split((self.stem(x), None)))
        return self.tail(torch.cat(pair, 1))


class Lpips(nn.Module):
    """AlexNet's five feature maps of both pictures, unit vectors, weighted squared differences, means."""

    def __init__(self):
        super().__init__()
        pool = nn.MaxPool2d(3, 2)
        self.slices = nn.ModuleList((
            nn.Sequential(conv(3, 64, 11, 4, 2, bias=True), nn.ReLU(True)),
            nn.Sequential(pool, conv(64, 192, 5, 1, 2, bias=True), nn.ReLU(True)),
            nn.Sequential(pool, conv(192, 384, 3, 1, 1, bias=True), nn.ReLU(True)),
            nn.Sequential(conv(384, 256, 3, 1, 1, bias=True), nn.ReLU(True)),
            nn.Sequential(conv(256, 256, 3, 1, 1, bias=True), nn.ReLU(True))))
        self.heads = nn.ModuleList(conv(c, 1, 1) for c in (64, 192, 384, 256, 256))

    def forward(self, x):
        a, b = x[:1], x[1:]
        total = 0
        for layer, head in zip(self.slices, self.heads):
            a, b = layer(a), layer(b)
            difference = F.normalize(a, dim=1, eps=1e-10) - F.normalize(b, dim=1, eps=1e-10)
            total = total + head(difference * difference).mean((2, 3))
        return total


# Name here: how to make it, channels and pictures of its input, how ganime-bench is asked for it.
NETS = {
    "lpips": (Lpips, 3, 2, ("--metric", "lpips_alex_v0.1")),
    "glcic": (glcic, 3, 1, ("--generator", "glcic")),
    "lama-fourier": (LaMa, 4, 1, ("--generator", "lama-fourier")),
    "ce": (context_encoder, 3, 1, ("--generator", "ce")),
    "fourier-lite": (fourier_lite, 3, 1, ("--generator", "fourier-lite")),
}


def wait(x):
    if x.is_cuda:
        torch.cuda.synchronize()


def time_one(net, x, seconds):
    """Times of single runs, at least three, in milliseconds."""
    samples = []
    end = time.perf_counter() + seconds
    with torch.inference_mode():
        while len(samples) < 3 or time.perf_counter() < end:
            wait(x)
            start = time.perf_counter()
            net(x)
            wait(x)
            samples.append((time.perf_counter() - start) * 1e3)
    return samples


def set_precision(precision):
    """float32 with or without TF32; the narrow ones by autocast, which is what PyTorch's users do."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    narrow = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(precision)
    return torch.autocast("cuda", dtype=narrow) if narrow else contextlib.nullcontext()


def peers(make, channels, pictures, options):
    """(way, net, input), warmed up."""
    device, compiled = options.device, options.compile
    x = torch.rand(pictures * options.batch, channels, HEIGHT, WIDTH, device=device) * 2 - 1
    net = make().eval().to(device)
    ways = [("eager", net, x)]
    if compiled:
        ways.append(("compiled", torch.compile(net), x))
    last = make().eval().to(device).to(memory_format=torch.channels_last)
    ways.append(("channels_last", last, x.contiguous(memory_format=torch.channels_last)))
    ready = []
    for way, model, data in ways:
        try:
            with torch.inference_mode():
                model(data)
            ready.append((way, model, data))
        except Exception as error:  # a compiler that cannot build is no reason to stop
            print(f"{way}: left out: {str(error).splitlines()[0]}", file=sys.stderr)
    return ready


def time_ours(program, which, options):
    """{stage: (ms per frame on all threads, ms of one frame on one thread)}, or None where the device cannot."""
    command = [program, "perf", "--precision", options.precision, *which, "--threads", str(options.threads), "--device",
               options.device, "--batch", str(options.batch), "--json", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"ganime-bench {' '.join(which)}: left out: {done.stderr.strip()}", file=sys.stderr)
        return {}
    times = {}
    for row in json.loads(done.stdout)["throughput"]:
        alone = times[row["stage"]][1] if row["stage"] in times else row["p50_ms"]
        times[row["stage"]] = (1e3 / row["fps"], alone)
    return times


def ways_of_ours(name, which, device):
    """What of ours is timed: (label, options, stage)."""
    if name == "lpips":
        return (("ganime-bench", which, "score"), ("one more generator", which, "score next"))
    if device == "cuda":  # its precision is an option
        return (("ganime-bench", which, "generate"),)
    return (("ganime-bench", which, "generate"), ("bf16", (*which, "--precision", "bf16"), "generate"))


def compare(name, options):
    make, channels, pictures, which = NETS[name]
    ready = peers(make, channels, pictures, options)
    times = {way: [] for way, _, _ in ready}
    ours = {}
    for _ in range(options.rounds):
        for way, net, x in ready:
            times[way] += [ms / options.batch for ms in time_one(net, x, options.seconds)]
        asked = {}
        for label, asks, stage in ways_of_ours(name, which, options.device):
            if asks not in asked:
                asked[asks] = time_ours(options.program, asks, options)
            if stage in asked[asks]:
                ours.setdefault(label, []).append(asked[asks][stage])
    peer = {way: statistics.median(samples) for way, samples in times.items()}
    own = {label: tuple(statistics.median(values) for values in zip(*samples)) for label, samples in ours.items()}
    return {"net": name, "pytorch_ms": peer, "ours_ms": own}


def print_head(ways):
    print("| net | " + " | ".join(f"PyTorch {way} ms" for way in ways) + " | ours | ms | ours / best | one thread ms |")
    print("|---|" + "--:|" * len(ways) + "---|--:|--:|--:|", flush=True)


def print_row(row, ways):
    peer = row["pytorch_ms"]
    cells = [f"{peer[way]:.1f}" if way in peer else "-" for way in ways]
    for label, (both, one) in row["ours_ms"].items():
        print(f"| {row['net']} | " + " | ".join(cells) +
              f" | {label} | {both:.1f} | {both / min(peer.values()):.2f} | {one:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the ganime-bench binary")
    parser.add_argument("--nets", default=",".join(NETS), help="some of " + ", ".join(NETS))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3, help="turns that each side gets")
    parser.add_argument("--seconds", type=float, default=2.0, help="a PyTorch turn, at least three runs")
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--batch", type=int, default=1, help="frames a run, on cuda")
    parser.add_argument("--precision", choices=("fp32", "tf32", "fp16", "bf16"), default="fp32", help="on cuda")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.device == "cpu" and (options.batch != 1 or options.precision != "fp32"):
        parser.error("--batch and --precision are for --device cuda")
    names = options.nets.split(",")
    for name in names:
        if name not in NETS:
            parser.error(f"unknown net {name} (choose from {', '.join(NETS)})")
    options.compile = options.compile and shutil.which("c++") is not None
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    ways = ["eager", "compiled", "channels_last"]
    if not options.json:
        print(f"PyTorch {torch.__version__}, {options.device}, {options.precision}, {options.batch} frames a run, "
              f"{options.threads} threads, {WIDTH}x{HEIGHT}, medians of {options.rounds} turns\n")
        print_head(ways)
    rows = []
    with set_precision(options.precision):
        for name in names:
            rows.append(compare(name, options))
            if not options.json:
                print_row(rows[-1], ways)
    if options.json:
        print(json.dumps({"torch": torch.__version__, "threads": options.threads, "device": options.device,
                          "batch": options.batch, "precision": options.precision, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
