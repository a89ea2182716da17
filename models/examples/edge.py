#!/usr/bin/env python3
"""A generator for `ganime-bench run --exec`: repeats the picture's outermost column into each strip.
Usage: edge.py IN OUT, the two pipes. models/README.md describes the stream."""
import sys


def widen(frame, width, side):
    """`frame`: rows of RGB bytes, strips black. Returns it with the strips filled."""
    pitch, strip = width * 3, side * 3
    for row in range(0, len(frame), pitch):
        frame[row:row + strip] = frame[row + strip:row + strip + 3] * side
        frame[row + pitch - strip:row + pitch] = frame[row + pitch - strip - 3:row + pitch - strip] * side
    return frame


with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as sink:
    header = source.readline().split()  # GANIME-FRAMES 1 pixels rgb24 width 512 height 288 side 64
    size = {key: int(value) for key, value in zip(header[4::2], header[5::2])}
    for line in source:  # FRAME toon-000012, then the pixels
        pixels = bytearray(source.read(size[b"width"] * size[b"height"] * 3))
        sink.write(line + widen(pixels, size[b"width"], size[b"side"]))
        sink.flush()
