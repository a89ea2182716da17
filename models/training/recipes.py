"""The three training recipes: how a batch becomes losses. A recipe owns nothing; train.py owns nets and optimizers.

Each `generate(net, x, mask)` gives the raw output in [0, 1]; `*_losses` give a dictionary of named terms whose sum is
minimised. x: truth (N,3,H,W) in [0,1]; mask: 1 in the strips."""

import torch
from torch import nn
from torch.nn import functional as F

import discriminators
from perceptual import perceptual_loss


def composite(output, x, mask):
    return output * mask + x * (1 - mask)


def bce(logits, real):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, 1.0 if real else 0.0))


class Signed:
    """Input in [-1, 1] with strips of -1, tanh output."""

    def generate(self, net, x, mask):
        return (net((2 * x - 1) * (1 - mask) - mask) + 1) / 2


class ContextEncoderRecipe(Signed):
    """The study's model 1: .999 MSE + .001 BCE; Adam 1e-3 and 1e-4, betas (.5, .9), weight decay .05 on D."""

    needs_vgg = False
    d_every = 1
    d_bf16 = True

    def discriminator(self):
        return discriminators.GlobalDiscriminator()

    def optimizers(self, g, d):
        return (torch.optim.Adam(g.parameters(), 1e-3, (0.5, 0.9)),
                torch.optim.Adam(d.parameters(), 1e-4, (0.5, 0.9), weight_decay=0.05))

    def judge(self, d, picture, side):
        return d(picture)

    def g_losses(self, out, x, mask, d, side, vgg):
        fake = self.judge(d, composite(out, x, mask), side)
        return {"mse": 0.999 * F.mse_loss(2 * out, 2 * x), "adversarial": 0.001 * bce(fake, True)}

    def d_losses(self, out, x, mask, d, side):
        fake = composite(out.detach(), x, mask)
        return {"real": bce(self.judge(d, x, side), True), "fake": bce(self.judge(d, fake, side), False)}


class GLCICRecipe(ContextEncoderRecipe):
    """The study's model 2: (MSE + .0004 BCE) / 2, Adadelta, D every 9th batch, a global and two local discriminators."""

    d_every = 9

    def discriminator(self):
        return discriminators.GlobalAndStrips()

    def optimizers(self, g, d):
        return torch.optim.Adadelta(g.parameters()), torch.optim.Adadelta(d.parameters())

    def judge(self, d, picture, side):
        return d(picture, side)

    def g_losses(self, out, x, mask, d, side, vgg):
        fake = self.judge(d, composite(out, x, mask), side)
        return {"mse": F.mse_loss(2 * out, 2 * x) / 2, "adversarial": 0.0002 * bce(fake, True)}


class LaMaRecipe:
    """LaMa's: L1 on known pixels x10, non-saturating adversarial x10 with R1 .001, feature matching x100, perceptual x30
    (VGG16 in place of the segmentation ResNet50, weighed so that both terms have about the same size). Windows around one
    strip are judged near the strip alone: farther away, output and truth are the same pixels."""

    needs_vgg = True
    d_every = 1
    d_bf16 = False  # R1 is a small difference of gradients

    def generate(self, net, x, mask):
        return net(torch.cat([x * (1 - mask), mask], 1))

    def discriminator(self):
        return discriminators.PatchDiscriminator()

    def near(self, picture, side):
        """The strip of a window and as many columns again beside it; whole frames as they are."""
        return picture[..., : 2 * side] if picture.shape[-1] <= 4 * side else picture

    def optimizers(self, g, d):
        return torch.optim.Adam(g.parameters(), 1e-3), torch.optim.Adam(d.parameters(), 1e-4)

    def g_losses(self, out, x, mask, d, side, vgg):
        l1 = 10 * ((out - x).abs() * (1 - mask)).mean()
        out, x, mask = (self.near(v, side) for v in (out, x, mask))
        fake = composite(out, x, mask)
        logits, features = d(fake)
        with torch.no_grad():
            _, target = d(x)
        weight = F.interpolate(mask, logits.shape[-2:])
        matching = sum(F.mse_loss(a, b) for a, b in zip(features, target)) / len(features)
        return {"l1": l1,
                "adversarial": 10 * 0.1 * (F.softplus(-logits) * weight).mean() / weight.mean(),
                "matching": matching,
                "perceptual": 0.3 * perceptual_loss(vgg, fake, x)}

    def d_losses(self, out, x, mask, d, side):
        out, x, mask = (self.near(v, side) for v in (out, x, mask))
        real = x.detach().requires_grad_(True)
        real_logits, _ = d(real)
        (gradient,) = torch.autograd.grad(real_logits.sum(), real, create_graph=True)
        penalty = gradient.pow(2).flatten(1).sum(1).mean()
        fake_logits, _ = d(composite(out.detach(), x, mask))
        weight = F.interpolate(mask, fake_logits.shape[-2:])
        # Known patches of a generated picture are real: only patches over the strips are fake.
        fake = F.softplus(fake_logits) * weight + F.softplus(-fake_logits) * (1 - weight)
        return {"real": F.softplus(-real_logits).mean(), "fake": fake.mean(), "r1": 0.001 * penalty}


RECIPES = {"ce": ContextEncoderRecipe, "glcic": GLCICRecipe, "lama-fourier": LaMaRecipe}
