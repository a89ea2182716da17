"""Muon: gradient descent with momentum, each layer's step made orthogonal (Jordan et al. 2024, kellerjordan.github.io/posts/muon).

What a step of Adam changes in a convolution is a few directions, over and over; an orthogonal step changes all of them alike. The
nets here learn in a hundred steps so what took them a thousand (README)."""

import torch

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan's quintic: singular values end between .7 and 1.2, which is near enough


def orthogonal(m):
    """Matrices (N,r,c) with their singular values all about one."""
    a, b, c = NEWTON_SCHULZ
    x = m.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return (x.transpose(1, 2) if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Weights of two and more dimensions as matrices (first dimension by all others) by Muon, everything else by Adam; a step has
    the root mean square of Adam's (0.2, Liu et al. 2025, arXiv 2502.16982), so that one rate serves both."""

    def __init__(self, params, lr, momentum=0.95, betas=(0.9, 0.99)):
        super().__init__(params, dict(lr=lr, momentum=momentum, betas=betas))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            by_shape = {}
            for p in params:
                if p.ndim >= 2:
                    by_shape.setdefault((len(p), p[0].numel()), []).append(p)
            for alike in by_shape.values():
                self.step_matrices(alike, group)
            for p in (p for p in params if p.ndim < 2):
                self.step_vector(p, group)

    def step_matrices(self, params, group):
        """Layers of one shape at once: the products are small."""
        pushed = []
        for p in params:
            state = self.state[p]
            if not state:
                state["mean"] = torch.zeros_like(p)
            mean = state["mean"]
            mean.lerp_(p.grad, 1 - group["momentum"])
            pushed.append(p.grad.lerp(mean, group["momentum"]).reshape(len(p), -1))
        scale = 0.2 * max(pushed[0].shape) ** 0.5
        for p, step in zip(params, orthogonal(torch.stack(pushed))):
            p.add_(step.view(p.shape), alpha=-group["lr"] * scale)

    def step_vector(self, p, group):
        state, (b1, b2) = self.state[p], group["betas"]
        if not state:
            state.update(count=torch.zeros(()), mean=torch.zeros_like(p), square=torch.zeros_like(p))
        state["count"] += 1
        state["mean"].lerp_(p.grad, 1 - b1)
        state["square"].lerp_(p.grad.square(), 1 - b2)
        count = state["count"].item()
        mean, square = state["mean"] / (1 - b1**count), state["square"] / (1 - b2**count)
        p.addcdiv_(mean, square.sqrt() + 1e-8, value=-group["lr"])
