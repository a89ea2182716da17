"""Makes tests/golden/dialect_values.h: what other tools measure on the pictures of drawn.py.

    python tests/reference/make_dialects.py > tests/golden/dialect_values.h
        (needs scikit-image, torchmetrics, lpips, torch, opencv-python and the program ffmpeg; the tests do not)

Each tool is called as its documentation shows; torchmetrics' SSIM and PSNR in double, so that its formula is compared
and not its rounding.
"""
import os
import re
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import skimage
import torch
import torchmetrics
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torchmetrics.functional.image import lpips as tm_lpips
from torchmetrics.functional.image import structural_similarity_index_measure
from torchmetrics.image import PeakSignalNoiseRatio

from drawn import picture
from make_lpips import CASES, load, tensor

PLANES = {"rgb": "format=gbrp", "yuv420p": "scale=flags=bicubic+accurate_rnd+bitexact,format=yuv420p"}


def ffmpeg(kind, planes, refs, tests):
    """The filter's summary over all pairs: SSIM's All, PSNR's average."""
    with tempfile.TemporaryDirectory() as folder:
        for name, images in (("r", refs), ("t", tests)):
            for i, image in enumerate(images):
                cv2.imwrite(f"{folder}/{name}{i}.png", image[:, :, ::-1])
        graph = f"[0:v]{PLANES[planes]}[a];[1:v]{PLANES[planes]}[b];[b][a]{kind}"
        log = subprocess.run(["ffmpeg", "-hide_banner", "-i", f"{folder}/r%d.png", "-i", f"{folder}/t%d.png",
                              "-filter_complex", graph, "-f", "null", "-"], capture_output=True, text=True, check=True)
    return float(re.search({"ssim": r"All:([\d.]+)", "psnr": r"average:([\d.]+)"}[kind], log.stderr)[1])


def double(image):
    return torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float64))


def torchmetrics_lpips():
    """Its own net and distance, with the trunk's weights that were fetched."""
    package = load("alex")
    net = tm_lpips._LPIPS(pretrained=False, net="alex", pnet_rand=True).eval()
    with torch.no_grad():
        for to, of in zip([m for m in net.net.modules() if isinstance(m, torch.nn.Conv2d)],
                          [m for m in package.net.modules() if isinstance(m, torch.nn.Conv2d)]):
            to.weight.copy_(of.weight)
            to.bias.copy_(of.bias)
        for to, of in zip(net.lins, package.lins):
            to.model[-1].weight.copy_(of.model[-1].weight)
    return net


def main():
    package, own = load("alex"), torchmetrics_lpips()
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split()[2]
    print(f"/* Made by tests/reference/make_dialects.py with scikit-image {skimage.__version__}, torchmetrics "
          f"{torchmetrics.__version__}, lpips 0.1.4,\n * FFmpeg {version}. */")
    print("static const dialect_value dialect_values[] = {")
    for ref, test, w, h in CASES + [("dim truth", "dim shifted", 96, 64)]:
        a, b = picture(ref, w, h), picture(test, w, h)
        psnr = PeakSignalNoiseRatio(data_range=255.0).set_dtype(torch.float64)
        with torch.no_grad():
            values = {
                "psnr_skimage": peak_signal_noise_ratio(a, b),
                "ssim_skimage": structural_similarity(a, b, channel_axis=2),
                "ssim_skimage_gauss": structural_similarity(a, b, channel_axis=2, gaussian_weights=True),
                "psnr_torchmetrics": psnr(double(b), double(a)).item(),
                "ssim_torchmetrics": structural_similarity_index_measure(double(b), double(a)).item(),
                "ssim_torchmetrics_255": structural_similarity_index_measure(double(b), double(a),
                                                                             data_range=255.0).item(),
                "lpips_torchmetrics": own(tensor(b), tensor(a)).item(),
                "lpips_alex_unit_range": package(tensor(a, True), tensor(b, True)).item(),
            }
        for kind in ("psnr", "ssim"):
            for planes in PLANES:
                values[f"{kind}_ffmpeg_{planes}"] = ffmpeg(kind, planes, [a], [b])
        for name, value in values.items():
            print(f'    {{"{name}", "{ref}", "{test}", {w}, {h}, {value:.10g}}},')
    print("};\n/* Two frames, the truth beside strips and shifted, 96x64: the tools' one number for both. */")
    print("static const dialect_pooled dialect_pooled_values[] = {")
    truth, tests = picture("truth", 96, 64), [picture("strips", 96, 64), picture("shifted", 96, 64)]
    psnr = PeakSignalNoiseRatio(data_range=255.0).set_dtype(torch.float64)
    for test in tests:
        psnr.update(double(test), double(truth))
    print(f'    {{"psnr_torchmetrics", {psnr.compute().item():.10g}}},')
    for kind in ("psnr", "ssim"):
        for planes in PLANES:
            print(f'    {{"{kind}_ffmpeg_{planes}", {ffmpeg(kind, planes, [truth] * 2, tests):.10g}}},')
    print("};")


if __name__ == "__main__":
    sys.exit(main())
