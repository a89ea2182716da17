"""The small pictures of tests/support/drawn.c, by the same whole-number formula."""
import numpy as np

KINDS = ("truth", "strips", "shifted", "dim truth", "dim shifted")


def noise(x, y, c):
    h = (x * 73856093 ^ y * 19349663 ^ c * 83492791) & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0x5BD1E995 & 0xFFFFFFFF
    return (h ^ h >> 15) & 0xFF


def truth(x, y, c):
    value = 5 * x + 3 * y * (c + 1)
    if (x - 20) ** 2 + (y - 18) ** 2 < 150:
        value = 200 - 60 * c
    if x // 4 % 3 == 0 and y > 28:
        value = 30 + 70 * c
    return value % 256


def pixel(kind, width, x, y, c):
    if kind.startswith("dim "):
        return pixel(kind[4:], width, x, y, c) // 2 + 40
    value = truth(x, y, c)
    if kind == "strips" and (x < width // 8 or x >= width - width // 8):
        value = truth(2 * (width // 8) - x if x < width // 8 else x, y, c) + noise(x, y, c) % 41 - 20
    if kind == "shifted":
        value = truth(x + 1, y, c) + noise(x, y, c) % 7 + 5
    return min(max(value, 0), 255)


def picture(kind, width, height):
    """height, width, 3 of uint8."""
    return np.array([[[pixel(kind, width, x, y, c) for c in range(3)] for x in range(width)] for y in range(height)],
                    dtype=np.uint8)
