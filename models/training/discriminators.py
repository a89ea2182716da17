"""Discriminators of the three recipes. All give logits."""

import torch
from torch import nn


class GlobalDiscriminator(nn.Module):
    """Strided convolutions to one logit (Context Encoder; GLCIC's global one)."""

    def __init__(self, width=16, depth=5):
        super().__init__()
        layers, i = [], 3
        for d in range(depth):
            o = width * min(2**d, 8)
            layers += [nn.Conv2d(i, o, 5, 2, 2), nn.BatchNorm2d(o) if d else nn.Identity(), nn.LeakyReLU(0.2)]
            i = o
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.out = nn.Linear(i, 1)

    def forward(self, x):
        return self.out(self.features(x))


class GlobalAndStrips(nn.Module):
    """The study's GLCIC discriminator: one over the frame, one over each strip, joined by a linear layer. The right
    strip is mirrored, so that both strips see one discriminator with the seam on the same side."""

    def __init__(self, width=16):
        super().__init__()
        self.whole = GlobalDiscriminator(width, 5)
        self.strip = GlobalDiscriminator(width, 4)

    def forward(self, x, side):
        left, right = x[..., :side], torch.flip(x[..., -side:], [-1])
        return torch.cat([self.whole(x), self.strip(left), self.strip(right)], 1)


class PatchDiscriminator(nn.Module):
    """pix2pix's NLayerDiscriminator as LaMa uses it: a logit a patch, and the features in between."""

    def __init__(self, width=24, layers=3):
        super().__init__()
        blocks, i = [], 3
        for d in range(layers + 1):
            o = width * min(2**d, 8)
            norm = nn.BatchNorm2d(o) if d else nn.Identity()
            blocks.append(nn.Sequential(nn.Conv2d(i, o, 4, 2 if d < layers else 1, 2), norm, nn.LeakyReLU(0.2)))
            i = o
        self.blocks = nn.ModuleList(blocks)
        self.out = nn.Conv2d(i, 1, 4, 1, 2)

    def forward(self, x):
        features = []
        for block in self.blocks:
            x = block(x)
            features.append(x)
        return self.out(x), features
