"""python test_training.py: one step of each recipe, and that a run killed and resumed is the run that was not."""

import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np
import torch

import nets
from data import Frames, mask_like, mirrored
from muon import Muon, orthogonal
from recipes import RECIPES, composite
from train import turned
from validation import Validation

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = {"ce": dict(width=8, bottleneck=8, kernel=(2, 4)), "glcic": dict(width=64), "lama-fourier": dict(width=8, blocks=1)}


def write_pack(path):
    random = np.random.default_rng(0)
    base = random.integers(0, 255, (9, 16, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    frames = np.stack([np.roll(base, 3 * i, 1) for i in range(12)])[:, :64]
    kinds = [("clip", "S64"), ("split", "S8"), ("first", "i4"), ("count", "i4")]
    with h5py.File(path, "w") as file:
        file.attrs["side"] = 16
        file["wide"] = frames
        file["shots"] = np.array([(b"a", b"train", 0, 8), (b"b", b"val", 8, 4)], dtype=kinds)


class NoVGG(torch.nn.Module):
    def forward(self, x):
        return [x, torch.nn.functional.avg_pool2d(x, 2)]

    def heads(self):
        return [torch.ones(1, 3, 1, 1)] * 2


class OneStep(unittest.TestCase):
    """A step of each recipe lowers that recipe's own loss on the same batch, and every term is a finite number."""

    def run_recipe(self, name):
        torch.manual_seed(0)
        recipe = RECIPES[name]()
        g, d = nets.make(name, **SMALL[name]), recipe.discriminator()
        opt_g, opt_d = torch.optim.Adam(g.parameters(), 1e-3), torch.optim.Adam(d.parameters(), 1e-4)
        x, side = torch.rand(2, 3, 64, 128), 16
        mask, vgg = mask_like(x, side, False), NoVGG()
        first, last = {}, {}
        for step in range(2 * getattr(recipe, "perceptual_every", 3)):  # terms that are not taken at every step come twice
            out = recipe.generate(g, x, mask)
            self.assertEqual(out.shape, x.shape)
            terms, told = recipe.d_losses(out, x, mask, d, side, step)
            self.assertTrue(0 <= told.item() <= 1)
            self.assertTrue(all(torch.isfinite(v) for v in terms.values()))
            opt_d.zero_grad()
            sum(terms.values()).backward()
            opt_d.step()
            terms = recipe.g_losses(out, x, mask, d, side, vgg, step)
            self.assertTrue(all(torch.isfinite(v) for v in terms.values()))
            last.update({k: v.item() for k, v in terms.items() if k != "adversarial"})
            first = {**last, **first}
            opt_g.zero_grad()
            sum(terms.values()).backward()
            opt_g.step()
        self.assertLess(sum(last.values()), sum(first.values()))

    def test_ce(self):
        self.run_recipe("ce")

    def test_glcic(self):
        self.run_recipe("glcic")

    def test_lama(self):
        self.run_recipe("lama-fourier")


class Optimizer(unittest.TestCase):
    def test_steps_are_orthogonal(self):
        """Whatever the singular values were, over six powers of two, they end near one; tall, wide and square, in one batch."""
        for rows, columns in ((24, 8), (8, 24), (16, 16)):
            u, _, v = torch.linalg.svd(torch.randn(3, rows, columns, generator=torch.Generator().manual_seed(1)), full_matrices=False)
            values = torch.linalg.svdvals(orthogonal(u @ torch.diag_embed(2.0 ** -torch.linspace(0, 6, min(rows, columns))) @ v))
            self.assertGreater(values.min().item(), 0.5)
            self.assertLess(values.max().item(), 1.3)

    def test_a_step_is_of_the_size_of_the_rate(self):
        torch.manual_seed(0)
        weight, bias = torch.nn.Parameter(torch.zeros(16, 8, 3, 3)), torch.nn.Parameter(torch.zeros(16))
        muon = Muon([weight, bias], lr=0.01)
        weight.grad, bias.grad = torch.randn_like(weight), torch.randn_like(bias)
        muon.step()
        self.assertTrue(0.5 * 0.002 < weight.pow(2).mean().sqrt().item() < 1.5 * 0.002)
        self.assertTrue(torch.allclose(bias.abs(), torch.full((16,), 0.01), rtol=1e-3))


class Data(unittest.TestCase):
    def test_samples_follow_from_seed_and_step(self):
        with tempfile.TemporaryDirectory() as folder:
            write_pack(os.path.join(folder, "p.h5"))
            frames = Frames([os.path.join(folder, "p.h5")], "train")
            self.assertEqual(len(frames), 8)
            a, b, c = (frames.sample(1, step, 3, (48, 32)) for step in (5, 5, 6))
            self.assertTrue(torch.equal(a, b))
            self.assertFalse(torch.equal(a, c))
            self.assertEqual(tuple(a.shape), (3, 3, 32, 48))

    def test_strips_anywhere(self):
        """Windows that begin at the picture's edge come from `anywhere` 0 alone; of 1 they begin at many places."""
        with tempfile.TemporaryDirectory() as folder:
            write_pack(os.path.join(folder, "p.h5"))
            frames = Frames([os.path.join(folder, "p.h5")], "train")
            wide = torch.cat([frames.frames, frames.frames.flip(2)]).permute(0, 3, 1, 2).float() / 255
            edge = lambda window: any(torch.equal(w[..., :24], window) for w in wide)
            at_edge = [[edge(w) for w in frames.sample(2, 0, 32, (24, 64), share)] for share in (0.0, 1.0)]
            self.assertTrue(all(at_edge[0]))
            self.assertLess(sum(at_edge[1]), 16)

    def test_other_colours(self):
        """The share that is asked for is repainted, the same way for the same step; lines stay where they are."""
        with tempfile.TemporaryDirectory() as folder:
            write_pack(os.path.join(folder, "p.h5"))
            frames = Frames([os.path.join(folder, "p.h5")], "train")
            plain, half, again, every = (frames.sample(3, 0, 32, (48, 32), 0.0, share) for share in (0.0, 0.5, 0.5, 1.0))
        same = lambda a: [torch.equal(x, y) for x, y in zip(a, plain)]
        self.assertTrue(torch.equal(half, again))
        self.assertTrue(4 < sum(same(half)) < 28)
        self.assertFalse(any(same(every)))
        self.assertTrue(0 <= every.min() and every.max() <= 1)
        edges = lambda x: (x[..., 1:] - x[..., :-1]).abs().sum(1) > 0
        self.assertTrue(torch.equal(edges(every), edges(plain)))

    def test_narrow_windows_have_one_strip_and_wide_ones_two(self):
        with tempfile.TemporaryDirectory() as folder:
            write_pack(os.path.join(folder, "p.h5"))
            frames = Frames([os.path.join(folder, "p.h5")], "train")
        self.assertEqual([frames.one_side(crop) for crop in ((64, 32), (65, 32), None)], [True, False, False])

    def test_mirror_scores_one_of_mirror(self):
        class Mirror:
            def generate(self, net, x, mask):
                return mirrored(x, 16)

        far = lambda a, b, side: ((a - b).abs().mean((1, 2, 3)), (a - b)[..., :side].abs().mean((1, 2, 3)))
        with tempfile.TemporaryDirectory() as folder:
            write_pack(os.path.join(folder, "p.h5"))
            terms, pictures = Validation([os.path.join(folder, "p.h5")], 1, "cpu", far).of(Mirror(), None)
        self.assertEqual(terms["of_mirror/p"], 1)
        self.assertEqual(terms["lpips_sides"], terms["lpips_sides/p"])
        self.assertEqual(tuple(pictures.shape), (4, 3, 128, 128))

    def test_windows_reach_the_net_with_the_strip_on_either_side(self):
        mask = mask_like(torch.rand(4, 3, 8, 16), 4, True)
        for step in (0, 1):
            left = [turned(mask, step)[i, 0, 0, 0].item() for i in range(4)]
            right = [turned(mask, step)[i, 0, 0, -1].item() for i in range(4)]
            self.assertEqual(left, [1.0 - step, float(step)] * 2)
            self.assertEqual(right, [float(step), 1.0 - step] * 2)
            self.assertTrue(torch.equal(turned(turned(mask, step), step), mask))

    def test_composite_keeps_the_centre(self):
        x = torch.rand(1, 3, 8, 16)
        y = composite(torch.zeros_like(x), x, mask_like(x, 4, False))
        self.assertTrue(torch.equal(y[..., 4:-4], x[..., 4:-4]))
        self.assertEqual(y[..., :4].abs().sum().item(), 0)


class FirstSteps(unittest.TestCase):
    def test_l1_alone_leaves_the_discriminator(self):
        """Three steps of L1 alone and three of the recipe: the discriminator learns in the second three, the net in all."""
        states = {}
        with tempfile.TemporaryDirectory() as folder:
            pack = os.path.join(folder, "p.h5")
            write_pack(pack)
            for steps in (1, 3, 6):
                out = os.path.join(folder, str(steps))
                subprocess.run([sys.executable, os.path.join(HERE, "train.py"), "--net", "ce", "--size", "width=8,bottleneck=8,kernel=2x4",
                                "--packs", pack, "--out", out, "--batch", "2", "--stages", f"1::{steps}", "--l1-first", "3",
                                "--no-validation"], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})
                states[steps] = torch.load(os.path.join(out, "checkpoint.pt"), weights_only=True)
        same = lambda part, a, b: all(torch.equal(v, states[b][part][k]) for k, v in states[a][part].items())
        self.assertTrue(same("d", 1, 3))
        self.assertFalse(same("d", 3, 6))
        self.assertFalse(same("g", 1, 3))


class Resume(unittest.TestCase):
    """Forty steps at once, against a run killed somewhere on the way and started again: the same weights bit for bit."""

    STEPS = 40

    def command(self, pack, out):
        return [sys.executable, os.path.join(HERE, "train.py"), "--net", "glcic", "--size", "width=8",
                "--packs", pack, "--out", out, "--batch", "2", "--stages", f"2:16x16:{self.STEPS // 2},1::{self.STEPS // 2}",
                "--l1-first", "10", "--save-every", "0", "--no-validation"]

    def checkpoint(self, out):
        return torch.load(os.path.join(out, "checkpoint.pt"), weights_only=True)

    def run_and_kill(self, pack, out):
        with subprocess.Popen(self.command(pack, out), stdout=subprocess.DEVNULL, env=self.environment) as process:
            while process.poll() is None:
                if os.path.exists(os.path.join(out, "checkpoint.pt")) and self.checkpoint(out)["step"] >= 3:
                    process.kill()
        self.assertLess(self.checkpoint(out)["step"], self.STEPS)

    def test_resumed_equals_uninterrupted(self):
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with tempfile.TemporaryDirectory() as folder:
            pack = os.path.join(folder, "p.h5")
            write_pack(pack)
            once, twice = os.path.join(folder, "once"), os.path.join(folder, "twice")
            subprocess.run(self.command(pack, once), check=True, stdout=subprocess.DEVNULL, env=self.environment)
            self.run_and_kill(pack, twice)
            subprocess.run(self.command(pack, twice), check=True, stdout=subprocess.DEVNULL, env=self.environment)
            a, b = (torch.load(os.path.join(o, "generator.pt"), weights_only=True) for o in (once, twice))
            for name in a:
                self.assertTrue(torch.equal(a[name], b[name]), name)


if __name__ == "__main__":
    unittest.main()
