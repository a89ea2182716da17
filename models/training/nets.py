"""The study's generators in PyTorch, with the state-dict names that its checkpoints have and ganime-bench reads.

Sizes are parameters: `width` is the number of channels after the first layer (64 in the study)."""

import torch
from torch import nn


def conv(i, o, k, s=1, p=0, d=1, bias=False, mode="zeros"):
    return nn.Conv2d(i, o, k, s, p, d, bias=bias, padding_mode=mode)


class ContextEncoder(nn.Module):
    """Pathak et al. 2016, as in the study: an encoder, a fully connected bottleneck written as a convolution over the
    whole feature map, a decoder. `kernel` is that map's size: frame / 32."""

    def __init__(self, width=64, bottleneck=4000, kernel=(9, 16)):
        super().__init__()
        w = width
        act = lambda: nn.LeakyReLU(0.2)
        layers = [conv(3, w, 4, 2, 1), act()]
        for i, o in ((w, w), (w, 2 * w), (2 * w, 4 * w), (4 * w, 8 * w)):
            layers += [conv(i, o, 4, 2, 1), nn.BatchNorm2d(o), act()]
        layers += [conv(8 * w, bottleneck, kernel), act()]
        layers += [nn.ConvTranspose2d(bottleneck, 8 * w, kernel, bias=False), nn.ReLU()]
        for i, o in ((8 * w, 4 * w), (4 * w, 2 * w), (2 * w, w), (w, w // 2)):
            layers += [nn.ConvTranspose2d(i, o, 4, 2, 1, bias=False), nn.ReLU()]
        layers += [nn.ConvTranspose2d(w // 2, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return self.main(x)


class GLCIC(nn.Module):
    """Iizuka et al. 2017, the study's variant: batch norms shared by width, tanh output, no mask channel."""

    def __init__(self, width=64):
        super().__init__()
        w = width
        self.conv1 = conv(3, w, 5, 1, 2)
        self.conv2 = conv(w, 2 * w, 4, 2, 1)
        self.conv3 = conv(2 * w, 2 * w, 3, 1, 1)
        self.conv4 = conv(2 * w, 4 * w, 4, 2, 1)
        self.conv5 = conv(4 * w, 4 * w, 3, 1, 1)
        self.conv6 = conv(4 * w, 4 * w, 3, 1, 1)
        for i, d in enumerate((2, 4, 8, 16), 1):
            setattr(self, f"dilconv{i}", conv(4 * w, 4 * w, 3, 1, d, d, bias=True))
        self.conv7 = conv(4 * w, 4 * w, 3, 1, 1)
        self.conv8 = conv(4 * w, 4 * w, 3, 1, 1)
        self.deconv1 = nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1)
        self.conv9 = conv(2 * w, 2 * w, 3, 1, 1)
        self.deconv2 = nn.ConvTranspose2d(2 * w, w, 4, 2, 1)
        self.conv10 = conv(w, w // 2, 3, 1, 1)
        self.conv11 = conv(w // 2, 3, 3, 1, 1)
        self.batch_norm3 = nn.BatchNorm2d(3)
        self.batch_norm32 = nn.BatchNorm2d(w // 2)
        self.batch_norm64 = nn.BatchNorm2d(w)
        self.batch_norm128 = nn.BatchNorm2d(2 * w)
        self.batch_norm256 = nn.BatchNorm2d(4 * w)

    def forward(self, x):
        n32, n64, n128, n256 = self.batch_norm32, self.batch_norm64, self.batch_norm128, self.batch_norm256
        steps = [(self.conv1, n64), (self.conv2, n128), (self.conv3, n128), (self.conv4, n256), (self.conv5, n256),
                 (self.conv6, n256), (self.dilconv1, n256), (self.dilconv2, n256), (self.dilconv3, n256),
                 (self.dilconv4, n256), (self.conv7, n256), (self.conv8, n256), (self.deconv1, n128),
                 (self.conv9, n128), (self.deconv2, n64), (self.conv10, n32)]
        for layer, norm in steps:
            x = torch.relu(norm(layer(x)))
        return torch.tanh(self.conv11(x))


class FourierUnit(nn.Module):
    """Chi et al. 2020 (fast Fourier convolution), as in LaMa: a 1x1 convolution over the spectrum's re/im channels."""

    def __init__(self, channels):
        super().__init__()
        self.conv_layer = conv(2 * channels, 2 * channels, 1)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, x):
        with torch.autocast("cpu", enabled=False), torch.autocast("cuda", enabled=False):  # spectra stay in float32
            n, c, h, w = x.shape
            f = torch.view_as_real(torch.fft.rfft2(x.float(), norm="ortho"))
            f = f.permute(0, 1, 4, 2, 3).reshape(n, 2 * c, h, w // 2 + 1)
            f = torch.relu(self.bn(self.conv_layer(f)))
            f = f.view(n, c, 2, h, w // 2 + 1).permute(0, 1, 3, 4, 2).contiguous()
            return torch.fft.irfft2(torch.view_as_complex(f), s=(h, w), norm="ortho")


class SpectralTransform(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Sequential(conv(channels, channels // 2, 1), nn.BatchNorm2d(channels // 2), nn.ReLU())
        self.fu = FourierUnit(channels // 2)
        self.conv2 = conv(channels // 2, channels, 1)

    def forward(self, x):
        x = self.conv1(x)
        return self.conv2(x + self.fu(x))


class FFC(nn.Module):
    """Two branches, local and global; a global width of 0 leaves that branch out."""

    def __init__(self, in_l, in_g, out_l, out_g, k, s=1, p=0):
        super().__init__()
        make = lambda i, o: conv(i, o, k, s, p, mode="reflect")
        self.convl2l = make(in_l, out_l)
        if out_g:
            self.convl2g = make(in_l, out_g)
        if in_g:
            self.convg2l = make(in_g, out_l)
        if in_g and out_g:
            self.convg2g = SpectralTransform(in_g)
        self.in_g, self.out_g = in_g, out_g

    def forward(self, x):
        l, g = x
        out_l = self.convl2l(l) + (self.convg2l(g) if self.in_g else 0)
        out_g = None
        if self.out_g:
            out_g = self.convl2g(l) + (self.convg2g(g) if self.in_g else 0)
        return out_l, out_g


class FFCBlock(nn.Module):
    """FFC, batch norm, ReLU."""

    def __init__(self, in_l, in_g, out_l, out_g, k, s=1, p=0):
        super().__init__()
        self.ffc = FFC(in_l, in_g, out_l, out_g, k, s, p)
        self.bn_l = nn.BatchNorm2d(out_l)
        if out_g:
            self.bn_g = nn.BatchNorm2d(out_g)

    def forward(self, x):
        l, g = self.ffc(x)
        return torch.relu(self.bn_l(l)), None if g is None else torch.relu(self.bn_g(g))


class FFCResnetBlock(nn.Module):
    def __init__(self, l, g):
        super().__init__()
        self.conv1 = FFCBlock(l, g, l, g, 3, 1, 1)
        self.conv2 = FFCBlock(l, g, l, g, 3, 1, 1)

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return x[0] + y[0], x[1] + y[1]


class Pair(nn.Module):
    def forward(self, x):
        return x, None


class ConcatTuple(nn.Module):
    def forward(self, x):
        return torch.cat(x, 1)


class LaMa(nn.Module):
    """Suvorov et al. 2021, FFCResNetGenerator: 4 channels in (masked RGB in [0,1], mask), sigmoid out."""

    def __init__(self, width=64, blocks=9):
        super().__init__()
        w, l, g = width, 2 * width, 6 * width
        first = nn.Sequential(nn.ReflectionPad2d(3), Pair())
        layers = [first, FFCBlock(4, 0, w, 0, 7), FFCBlock(w, 0, 2 * w, 0, 3, 2, 1), FFCBlock(2 * w, 0, 4 * w, 0, 3, 2, 1),
                  FFCBlock(4 * w, 0, l, g, 3, 2, 1)]
        layers += [FFCResnetBlock(l, g) for _ in range(blocks)]
        layers += [ConcatTuple()]
        for i in (8 * w, 4 * w, 2 * w):
            layers += [nn.ConvTranspose2d(i, i // 2, 3, 2, 1, 1), nn.BatchNorm2d(i // 2), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(w, 3, 7), nn.Sigmoid()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


def make(net, **sizes):
    """`net` is ganime-bench's id."""
    return {"ce": ContextEncoder, "glcic": GLCIC, "lama-fourier": LaMa}[net](**sizes)
