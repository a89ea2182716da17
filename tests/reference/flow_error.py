"""How far estimated optical flow is from the exact flow of a drawn pack, and what `e_warp` makes of it.

    python tests/reference/flow_error.py PACK.h5 [EVERY]    (needs h5py, numpy, opencv-python; tests do not)

First table: mean end-point error in pixels over pixels whose exact flow is valid; "moving": of these, those that move by 0.25 px
and more. Second: `e_warp` over the strips of `mirror`, `edge`, `blur` and the truth itself, its mean and, in brackets, how far a
pair's is from the one by exact flow, on average. EVERY: of pairs, 1 by default.
"""
import sys
import time

import cv2
import h5py
import numpy as np

cv2.setNumThreads(1)


def farneback(a, b):
    return cv2.calcOpticalFlowFarneback(a, b, None, .5, 3, 15, 3, 5, 1.2, 0)


def dis(preset, stride=None, steps=None, refinements=None):
    engine = cv2.DISOpticalFlow_create(preset)
    if stride:
        engine.setPatchStride(stride)
        engine.setGradientDescentIterations(steps)
        engine.setVariationalRefinementIterations(refinements)
    return lambda a, b: engine.calc(a, b, None)


# Forwards, and backwards for what is occluded. Numbers: patches so far apart, so many steps each, so many refinements; DIS
# medium has 3, 25, 5.
METHODS = {"Farnebäck (`tof`)": (farneback,) * 2, "DIS ultrafast": (dis(0),) * 2, "DIS fast": (dis(1),) * 2,
           "DIS medium": (dis(2),) * 2, "DIS medium, fast": (dis(2), dis(1)), "4, 8, 5": (dis(2, 4, 8, 5),) * 2,
           "4, 8, 5, fast": (dis(2, 4, 8, 5), dis(1)), "5, 8, 5": (dis(2, 5, 8, 5),) * 2, "5, 8, 3": (dis(2, 5, 8, 3),) * 2,
           "5, 8, 5, then 5, 8, 2 (`e_warp`)": (dis(2, 5, 8, 5), dis(2, 5, 8, 2))}


def blurred(centre, width):
    """`blur` up to its rounding: the centre, box-blurred three times and enlarged to the frame's width."""
    height, narrow = centre.shape[:2]
    for _ in range(3):
        centre = cv2.blur(centre, (2 * (height // 20) + 1,) * 2, borderType=cv2.BORDER_REPLICATE)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    u, v = ((2 * x + 1) * narrow / width - 1) / 2, (height - 1 + (2 * y + 1 - height) * narrow / width) / 2
    return cv2.remap(centre, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def widened(frame, side):
    centre = np.ascontiguousarray(frame[:, side:-side])
    behind = blurred(centre, frame.shape[1])
    strips = {"mirror": (centre[:, side - 1::-1], centre[:, :-side - 1:-1]), "edge": (centre[:, :1], centre[:, -1:]),
              "blur": (behind[:, :side], behind[:, -side:])}
    made = {"truth": frame}
    for name, (left, right) in strips.items():
        made[name] = frame.copy()
        made[name][:, :side], made[name][:, -side:] = left, right
    return made


def followed(flow, back, valid, side):
    """Where `e_warp` looks, of the strips, and where each pixel goes; `valid`: of exact flow, else None."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    to = x + flow[..., 0], y + flow[..., 1]
    seen = (to[0] >= 0) & (to[1] >= 0) & (to[0] <= width - 1) & (to[1] <= height - 1)
    if valid is not None:
        seen &= valid
    else:
        b = cv2.remap(back, *to, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        size = (flow ** 2).sum(-1)
        seen &= ((flow + b) ** 2).sum(-1) <= .01 * (size + (b ** 2).sum(-1)) + .5
        dx, dy = (np.diff(flow, axis=k, append=np.take(flow, [-1], axis=k)) for k in (1, 0))
        seen &= (dx ** 2 + dy ** 2).sum(-1) <= .01 * size + .002
    end = np.floor(to[0] + .5)
    return seen & ((x < side) | (x >= width - side) | (end < side) | (end >= width - side)), to


def e_warp(first, second, mask, to):
    moved = cv2.remap(second.astype(np.float32), *to, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return (((first - moved) ** 2).sum(-1) * mask).sum() / 255 ** 2 / max(mask.sum(), 1)


class Found:
    def __init__(self):
        self.errors, self.warps, self.seconds = [], [], 0.0

    def add(self, flow, back, valid, exact, side, frames):
        columns = np.zeros_like(valid)
        columns[:, :side] = columns[:, -side:] = True
        moving = np.hypot(exact[..., 0], exact[..., 1]) >= .25
        e = np.linalg.norm(flow - exact, axis=-1)
        self.errors.append([(e * m).sum() if s else m.sum() for m in (valid, valid & columns, valid & columns & moving) for s in (1, 0)])
        self.warp(*followed(flow, back, None, side), frames)

    def warp(self, mask, to, frames):
        self.warps.append([mask.mean()] + [e_warp(frames[0][name], frames[1][name], mask, to) for name in frames[0]])


def measure(pack, every):
    frames, side, count = pack["wide"], int(np.ravel(pack.attrs["side"])[0]), 0
    found = {name: Found() for name in ["exact", *METHODS]}
    for shot in pack["shots"][...]:
        if shot["split"] != b"test":
            continue
        for i in range(int(shot["first"]), int(shot["first"] + shot["count"]) - 1):
            count += 1
            if count % every:
                continue
            a, b = (cv2.cvtColor(frames[k], cv2.COLOR_RGB2GRAY) for k in (i, i + 1))
            made = widened(frames[i], side), widened(frames[i + 1], side)
            valid = pack["flow"][i][..., 0] != -32768
            exact = np.where(valid[..., None], pack["flow"][i].astype(np.float32) / 64, 0)
            found["exact"].warp(*followed(exact, None, valid, side), made)
            for name, (forwards, backwards) in METHODS.items():
                start = time.process_time()
                flow, back = forwards(a, b), backwards(b, a)
                found[name].seconds += time.process_time() - start
                found[name].add(flow, back, valid, exact, side, made)
    return found


def main():
    with h5py.File(sys.argv[1]) as pack:
        found = measure(pack, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    right, unit = np.array(found["exact"].warps), found["DIS medium"].seconds
    print("| method | pairs | frame | strips | strips, moving | time, DIS medium = 1 |\n|---|---|--:|--:|--:|--:|")
    for name in METHODS:
        s = np.array(found[name].errors, dtype=np.float64).sum(axis=0)
        print(f"| {name} | {len(right)} | {s[0] / s[1]:.3f} | {s[2] / s[3]:.3f} | {s[4] / s[5]:.3f} | {found[name].seconds / unit:.2f} |")
    print("\n| method | of the strips followed | truth | mirror | edge | blur |\n|---|--:|--:|--:|--:|--:|")
    for name, each in found.items():
        warps = np.array(each.warps)
        mean, off = warps.mean(axis=0), np.abs(warps - right).mean(axis=0)
        print(f"| {name} | {mean[0]:.3f} | " + " | ".join(f"{m:.4f} ({o:.4f})" for m, o in zip(mean[1:], off[1:])) + " |")
    print(f"\nDIS medium: {1e3 * unit / len(right):.1f} ms a pair")


if __name__ == "__main__":
    main()
