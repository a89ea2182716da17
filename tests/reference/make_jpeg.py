"""Prints what OpenCV's imwrite (default quality) makes of pictures of drawn.py: sha256 of the pixels read back.

    python tests/reference/make_jpeg.py      (needs opencv-python; the values stand in tests/unit/test_protocol.c)
"""
import hashlib

import cv2

from drawn import picture

for kind, width, height in (("truth", 96, 64), ("shifted", 77, 45), ("strips", 512, 288)):
    ok, data = cv2.imencode(".jpg", picture(kind, width, height)[:, :, ::-1])
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1]
    print(kind, width, height, hashlib.sha256(back.tobytes()).hexdigest(), cv2.__version__)
