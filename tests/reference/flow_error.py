"""How far estimated optical flow is from the exact flow of a drawn pack: mean end-point error in pixels.

    python tests/reference/flow_error.py PACK.h5 [EVERY]    (needs h5py, numpy, opencv-python; tests do not)

Over pixels whose exact flow is valid; "moving": of these, those that move by 0.25 px and more. EVERY: of pairs, 1 by default.
"""
import sys
import time

import cv2
import h5py
import numpy as np

cv2.setNumThreads(1)


def farneback(a, b):
    return cv2.calcOpticalFlowFarneback(a, b, None, .5, 3, 15, 3, 5, 1.2, 0)


def dis(preset):
    engine = cv2.DISOpticalFlow_create(preset)
    return lambda a, b: engine.calc(a, b, None)


METHODS = {"Farnebäck": farneback, "DIS ultrafast": dis(0), "DIS fast": dis(1), "DIS medium": dis(2)}


def errors(pack, every):
    frames, shots, flow, side = pack["wide"], pack["shots"], pack["flow"], int(np.ravel(pack.attrs["side"])[0])
    found = {name: [] for name in METHODS}
    spent = dict.fromkeys(METHODS, 0.0)
    count = 0
    for shot in shots[...]:
        if shot["split"] != b"test":
            continue
        for i in range(int(shot["first"]), int(shot["first"] + shot["count"]) - 1):
            count += 1
            if count % every:
                continue
            a, b = (cv2.cvtColor(frames[k], cv2.COLOR_RGB2GRAY) for k in (i, i + 1))
            exact = flow[i].astype(np.float32) / 64
            valid = flow[i][..., 0] != -32768
            columns = np.zeros_like(valid)
            columns[:, :side] = columns[:, -side:] = True
            moving = np.hypot(exact[..., 0], exact[..., 1]) >= .25
            for name, method in METHODS.items():
                start = time.perf_counter()
                e = np.linalg.norm(method(a, b) - exact, axis=-1)
                spent[name] += time.perf_counter() - start
                found[name].append([(e * m).sum() if s else m.sum() for m in (valid, valid & columns, valid & columns & moving)
                                    for s in (1, 0)])
    return found, spent


def main():
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with h5py.File(sys.argv[1]) as pack:
        found, spent = errors(pack, every)
    print("| method | pairs | frame | strips | strips, moving | ms a pair |\n|---|---|---|---|---|---|")
    for name, rows in found.items():
        s = np.array(rows, dtype=np.float64).sum(axis=0)
        print(f"| {name} | {len(rows)} | {s[0] / s[1]:.3f} | {s[2] / s[3]:.3f} | {s[4] / s[5]:.3f} | {1e3 * spent[name] / len(rows):.1f} |")


if __name__ == "__main__":
    main()
