"""Makes tests/golden/temporal_values.h: tOF and the warping error of small pictures, by OpenCV and NumPy in float64.

    python tests/reference/make_temporal.py > tests/golden/temporal_values.h    (needs numpy, opencv-python; tests do not)

Two frames of the truth and two of a test, WIDTH x HEIGHT with strips of SIDE: a texture that moves, as scene() has it in
tests/golden/test_temporal.c. The exact flow is that of the truth; see metrics/e_warp.c for the formula.
"""
import cv2
import numpy as np

WIDTH, HEIGHT, SIDE, SEAM = 96, 64, 20, 16


def scene(shift_x, shift_y, kind):
    """Integer arithmetic alone, so that C draws the same bytes."""
    out = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            u, v = x + shift_x, y + shift_y
            disc = (u % 48 - 24) ** 2 + (v % 40 - 20) ** 2
            for c in range(3):
                value = 60 + 2 * (u % 32 if u % 64 < 32 else 32 - u % 32) + (v % 32 if v % 64 < 32 else 32 - v % 32) * (c + 1)
                if disc < 130:
                    value = 220 - 50 * c - disc // 4
                if kind and (x < SIDE or x >= WIDTH - SIDE):
                    value += (x * 7 + y * 13 + shift_x * 29) % 23 - 11
                out[y, x, c] = min(max(value, 0), 255)
    return out


def grey(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def bilinear(field, x, y):
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    x1, y1 = np.minimum(x0 + 1, WIDTH - 1), np.minimum(y0 + 1, HEIGHT - 1)
    fx, fy = (x - x0)[..., None], (y - y0)[..., None]
    return ((1 - fy) * ((1 - fx) * field[y0, x0] + fx * field[y0, x1])
            + fy * ((1 - fx) * field[y1, x0] + fx * field[y1, x1]))


def columns_of(region):
    x = np.arange(WIDTH) + .5
    if region == "full":
        return np.ones(WIDTH, bool)
    if region == "sides":
        return (x < SIDE) | (x >= WIDTH - SIDE)
    return (abs(x - SIDE) <= SEAM) | (abs(x - (WIDTH - SIDE)) <= SEAM)


def e_warp(test, flow, valid, region):
    gy, gx = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    tx, ty = gx + flow[..., 0], gy + flow[..., 1]
    inside = (tx >= 0) & (ty >= 0) & (tx <= WIDTH - 1) & (ty <= HEIGHT - 1)
    cx, cy = np.clip(tx, 0, WIDTH - 1), np.clip(ty, 0, HEIGHT - 1)
    columns = columns_of(region)
    touches = columns[None, :] | columns[np.floor(cx + .5).astype(int)]
    mask = inside & touches & valid(cx, cy)
    warped = bilinear(test[1].astype(np.float64) / 255, cx, cy)
    error = ((test[0] / 255.0 - warped) ** 2).sum(axis=-1)
    return (error * mask).sum() / mask.sum(), mask.sum()


def lai_mask(forward, backward):
    def valid(cx, cy):
        back = bilinear(backward, cx, cy)
        total = ((forward + back) ** 2).sum(axis=-1)
        occluded = total > .01 * ((forward ** 2).sum(axis=-1) + (back ** 2).sum(axis=-1)) + .5
        dx, dy = np.zeros_like(forward), np.zeros_like(forward)
        dx[:, :-1] = forward[:, 1:] - forward[:, :-1]
        dy[:-1] = forward[1:] - forward[:-1]
        boundary = (dx ** 2 + dy ** 2).sum(axis=-1) > .01 * (forward ** 2).sum(axis=-1) + .002
        return ~occluded & ~boundary
    return valid


def main():
    cv2.setNumThreads(1)
    truth = [scene(0, 0, 0), scene(3, 1, 0)]
    test = [scene(0, 0, 1), scene(3, 1, 1)]

    def farneback(pair):
        return cv2.calcOpticalFlowFarneback(grey(pair[0]), grey(pair[1]), None, .5, 3, 15, 3, 5, 1.2, 0)

    difference = np.linalg.norm((farneback(truth) - farneback(test)).astype(np.float64), axis=-1)
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    dis.setPatchStride(5)
    dis.setGradientDescentIterations(8)
    forward = dis.calc(grey(truth[0]), grey(truth[1]), None).astype(np.float64)
    dis.setVariationalRefinementIterations(2)
    backward = dis.calc(grey(truth[1]), grey(truth[0]), None).astype(np.float64)
    exact = np.zeros_like(forward)
    exact[...] = (-3.25, -1.5)

    def stripes(cx, cy):
        return np.broadcast_to(np.arange(WIDTH)[None, :] % 5 != 0, (HEIGHT, WIDTH))

    print("/* Made by tests/reference/make_temporal.py */")
    print(f'static const char opencv_version[] = "{cv2.__version__}";')
    print("static const temporal_value temporal_values[GB_REGION_COUNT] = {")
    for region in ("full", "sides", "seam"):
        tof = difference[:, columns_of(region)].mean()
        estimated, _ = e_warp(test, forward, lai_mask(forward, backward), region)
        known, _ = e_warp(test, exact, stripes, region)
        print(f'    [GB_REGION_{region.upper()}] = {{{tof:.9g}, {estimated:.9g}, {known:.9g}}},')
    print("};")
    print(f"static const unsigned scene_sum = {int(sum(int(f.astype(np.uint32).sum()) for f in truth + test))};")


if __name__ == "__main__":
    main()
