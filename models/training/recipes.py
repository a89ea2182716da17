"""The three training recipes: how a batch becomes losses. A recipe owns nothing; train.py owns nets and optimizers.

Each `generate(net, x, mask)` gives the raw output in [0, 1]; `*_losses` give a dictionary of named terms whose sum is
minimised, `d_losses` beside them what share the discriminator `told` rightly. x: truth (N,3,H,W) in [0,1]; mask: 1 in the
strips."""

import torch
from torch import nn
from torch.nn import functional as F

import discriminators
from perceptual import perceptual_loss


def composite(output, x, mask):
    return output * mask + x * (1 - mask)


def bce(logits, real):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, 1.0 if real else 0.0))


def l1(out, x, mask):
    """Mean absolute difference, by half in the strips."""
    return ((out - x).abs() * (1 - mask / 2)).mean()


def told(real, fake, weight=None):
    """The share of logits that are on the right side of zero; a half is guessing. A curve to look at, not a loss: losses near
    log 2 are what a discriminator that is level with its generator has, and what one has that never learned anything."""
    with torch.no_grad():
        right = ((real > 0).float() + (fake < 0).float()) / 2
        return right.mean() if weight is None else (right * weight).sum() / weight.sum()


class Signed:
    """Input in [-1, 1] with strips of -1, tanh output."""

    def generate(self, net, x, mask):
        return (net((2 * x - 1) * (1 - mask) - mask) + 1) / 2


class ContextEncoderRecipe(Signed):
    """The study's model 1: .999 MSE + .001 BCE; Adam 1e-3 and 1e-4, betas (.5, .9), weight decay .05 on D."""

    needs_vgg = False
    d_every = 1

    def discriminator(self):
        return discriminators.GlobalDiscriminator()

    def optimizers(self, g, d):
        return (torch.optim.Adam(g.parameters(), 1e-3, (0.5, 0.9)),
                torch.optim.Adam(d.parameters(), 1e-4, (0.5, 0.9), weight_decay=0.05))

    def judge(self, d, picture, side):
        return d(picture)

    def g_losses(self, out, x, mask, d, side, vgg, step):
        fake = self.judge(d, composite(out, x, mask), side)
        return {"mse": 0.999 * F.mse_loss(2 * out, 2 * x), "adversarial": 0.001 * bce(fake, True)}

    def d_losses(self, out, x, mask, d, side, step):
        real, fake = (self.judge(d, picture, side) for picture in (x, composite(out.detach(), x, mask)))
        return {"real": bce(real, True), "fake": bce(fake, False)}, told(real, fake)


class GLCICRecipe(ContextEncoderRecipe):
    """The study's model 2: (MSE + .0004 BCE) / 2, Adadelta, D every 9th batch, a global and two local discriminators."""

    d_every = 9

    def discriminator(self):
        return discriminators.GlobalAndStrips()

    def optimizers(self, g, d):
        return torch.optim.Adadelta(g.parameters()), torch.optim.Adadelta(d.parameters())

    def judge(self, d, picture, side):
        return d(picture, side)

    def g_losses(self, out, x, mask, d, side, vgg, step):
        fake = self.judge(d, composite(out, x, mask), side)
        return {"mse": F.mse_loss(2 * out, 2 * x) / 2, "adversarial": 0.0002 * bce(fake, True)}


class LaMaRecipe:
    """LaMa's: L1, non-saturating adversarial with R1 .001, feature matching and perceptual loss. LPIPS through VGG16
    stands in for the segmentation ResNet50, and weighs less than feature matching does: where it was the largest term, nets
    learned one texture that suits VGG16 and painted it everywhere. L1 counts in the strips, too, by half, where LaMa leaves it
    out: unit-length features know little of colour, and a short training does not find it otherwise. Strips are judged with
    half as many known columns beside them: farther away, output and truth are the same."""

    needs_vgg = True
    d_every = 1
    r1_weight = 0.001  # LaMa's; with less the discriminator sees far more, and LPIPS is worse for it (README.md)
    r1_every = 8  # its gradient is taken so often, and weighs as much more (Karras et al. 2020)
    perceptual_every = 4  # steps: VGG16 costs many times what a narrow net does, so it is asked that often and weighs as much more;
    # every other time it sees pictures of half the size, so that what suits one size of its filters alone does not pay
    rows = 96  # of a window that the perceptual loss looks at in one step

    def generate(self, net, x, mask):
        return net(torch.cat([x * (1 - mask), mask], 1))

    def discriminator(self):
        return discriminators.PatchDiscriminator()

    def near(self, picture, side, known=0.5):
        """Windows with the strip on the left and `known` times as many known columns, one a strip: both strips of a whole frame,
        the right one mirrored."""
        width = side + int(side * known)
        left = picture[..., :width]
        whole = picture.shape[-1] > 4 * side
        return torch.cat([left, torch.flip(picture[..., -width:], [-1])]) if whole else left

    def optimizers(self, g, d):
        return torch.optim.Adam(g.parameters(), 1e-3, fused=True), torch.optim.Adam(d.parameters(), 1e-4, fused=True)

    def some_rows(self, step, *pictures):
        height = pictures[0].shape[-2]
        top = (step * 37) % (height - self.rows + 1) if height > self.rows else 0
        return (p[..., top : top + self.rows, :] for p in pictures)

    def g_losses(self, out, x, mask, d, side, vgg, step):
        near_and_far = 5 * l1(out, x, mask)
        seen = [self.near(v, side, 1) for v in (composite(out, x, mask), x)]
        out, x, mask = (self.near(v, side) for v in (out, x, mask))
        logits, features = d(composite(out, x, mask))
        with torch.no_grad():
            _, target = d(x)
        weight = F.interpolate(mask, logits.shape[-2:])
        matching = sum(F.l1_loss(a, b) for a, b in zip(features, target)) / len(features)
        terms = {"l1": near_and_far, "adversarial": (F.softplus(-logits) * weight).mean() / weight.mean(), "matching": 10 * matching}
        if (step + 1) % self.perceptual_every == 0:  # so that the steps that are logged have it
            halved = (step + 1) // self.perceptual_every % 2 == 0
            seen = [F.avg_pool2d(v, 2) for v in seen] if halved else self.some_rows(step, *seen)
            terms["perceptual"] = 2 * self.perceptual_every * perceptual_loss(vgg, *seen)
        return terms

    def penalty(self, d, x):
        """R1: the discriminator's squared gradient on real pictures."""
        real = x.detach().requires_grad_(True)
        with torch.autocast(x.device.type, enabled=False):  # a small difference of gradients
            (gradient,) = torch.autograd.grad(d(real)[0].sum(), real, create_graph=True)
        return gradient.pow(2).flatten(1).sum(1).mean()

    def d_losses(self, out, x, mask, d, side, step):
        out, x, mask = (self.near(v, side) for v in (out, x, mask))
        fake, real = d(composite(out.detach(), x, mask))[0], d(x)[0]
        weight = F.interpolate(mask, fake.shape[-2:])
        # Known patches of a generated picture are real: only patches over the strips are fake.
        terms = {"real": F.softplus(-real).mean(), "fake": (F.softplus(fake) * weight + F.softplus(-fake) * (1 - weight)).mean()}
        if step % self.r1_every == 0:
            terms["r1"] = self.r1_weight * self.r1_every * self.penalty(d, x)
        return terms, told(real, fake, weight)


RECIPES = {"ce": ContextEncoderRecipe, "glcic": GLCICRecipe, "lama-fourier": LaMaRecipe}
