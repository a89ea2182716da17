"""Writes tests/fixtures/checkpoints/ with PyTorch, safetensors, h5py and numpy themselves.

Every float tensor holds the formula of src/core/random.h under its own flattened name, so that the C test needs no
other values; expected.txt lists file, name, element type and shape. Run: python tests/reference/make_checkpoints.py
"""

import argparse
import collections
import io
import os
import pathlib
import pickle
import struct
import zipfile

import h5py
import numpy as np
import safetensors.torch
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "checkpoints"
MASK = (1 << 64) - 1
expected = []


def formula(name, shape):
    """b + a (2u - 1) with a = 1, b = 0, as src/core/random.c has it."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    values = []
    for i in range(int(np.prod(shape, dtype=np.int64))):
        x = (h + (i + 1) * 0x9E3779B97F4A7C15) & MASK
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
        x ^= x >> 31
        values.append(2.0 * (x >> 40) / 2**24 - 1.0)
    return np.array(values, dtype=np.float64).astype(np.float32).reshape(shape)


def note(file, name, kind, shape):
    expected.append(f"{file} {name} {kind} {'x'.join(map(str, shape)) or '-'}")


def tensor(file, name, shape, dtype=torch.float32):
    note(file, name, str(dtype).split(".")[1], shape)
    return torch.from_numpy(formula(name, shape)).to(dtype)


def array(file, name, shape, dtype="float32"):
    note(file, name, np.dtype(dtype).name, shape)
    return formula(name, shape).astype(dtype)


def counter(file, name):
    note(file, name, "int64", ())
    return torch.tensor(7)


def net_state(file, prefix):
    """A state_dict as a module gives it: an OrderedDict with _metadata, parameters, buffers, a counter."""
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ConvTranspose2d(4, 2, (2, 4)))
    state = net.state_dict()
    for key, value in state.items():
        if value.dtype == torch.int64:
            value.copy_(counter(file, prefix + key))
        else:
            value.copy_(tensor(file, prefix + key, tuple(value.shape)))
    return state


def adam_state(file, prefix):
    """Adam's own state_dict after a step, its tensors replaced by the formula."""
    parameters = [torch.nn.Parameter(torch.ones(2, 3)), torch.nn.Parameter(torch.ones(3))]
    adam = torch.optim.Adam(parameters, lr=2e-4, betas=(0.5, 0.999))
    sum(p.sum() for p in parameters).backward()
    adam.step()
    state = adam.state_dict()
    for i, slots in state["state"].items():
        for key, value in slots.items():
            value.copy_(tensor(file, f"{prefix}state.{i}.{key}", tuple(value.shape)))
    return state


def training(file):
    """All that a training script may leave in one file."""
    wide = torch.zeros(6, 8)
    wide[1:4, 2:7] = tensor(file, "views.slice", (3, 5))
    return {
        "epoch": 3,
        "step": 1 << 40,
        "huge": -(1 << 90),
        "loss": 0.25,
        "name": "näme",
        "none": None,
        "done": True,
        "args": argparse.Namespace(lr=2e-4, out=pathlib.PurePosixPath("runs/a"), sizes=(512, 288), kept=tensor(file, "args.kept", (2,))),
        "gen_state": net_state(file, "gen_state."),
        "gen_optimizer": adam_state(file, "gen_optimizer."),
        "dtypes": {
            "half": tensor(file, "dtypes.half", (5, 3), torch.float16),
            "bfloat16": tensor(file, "dtypes.bfloat16", (5, 3), torch.bfloat16),
            "double": tensor(file, "dtypes.double", (5, 3), torch.float64),
            "bool": (note(file, "dtypes.bool", "bool", (2,)), torch.tensor([True, False]))[1],
            "byte": (note(file, "dtypes.byte", "uint8", (3,)), torch.zeros(3, dtype=torch.uint8))[1],
        },
        "views": {
            "transposed": tensor(file, "views.transposed", (4, 6)).t().contiguous().t(),
            "permuted": tensor(file, "views.permuted", (2, 3, 4, 5)).permute(3, 1, 0, 2).contiguous().permute(2, 1, 3, 0),
            "channels_last": tensor(file, "views.channels_last", (2, 3, 4, 4)).to(memory_format=torch.channels_last),
            "slice": wide[1:4, 2:7],
            "scalar": tensor(file, "views.scalar", ()),
            "empty": tensor(file, "views.empty", (0, 3)),
            "half_transposed": tensor(file, "views.half_transposed", (3, 7), torch.float16).t().contiguous().t(),
        },
        "list": [tensor(file, "list.0", (2,)), (tensor(file, "list.1.0", (1, 2)), "text"), None],
        "parameter": torch.nn.Parameter(tensor(file, "parameter", (3,))),
        7: {-1: tensor(file, "7.-1", (2,))},
        "plain": [torch.Size([1, 2]), torch.device("cpu"), torch.float32, {1, 2}, frozenset({3}),
                  collections.defaultdict(list, a=[1]), np.float64(1.5), b"bytes", 2.5, slice(1, 2)],
        "array": array(file, "array", (2, 3)),
    }


def shared(file):
    """Several tensors over one storage, as tied weights and views are saved."""
    note(file, "whole", "float32", (24,))
    base = torch.from_numpy(formula("whole", (24,)))
    note(file, "tied", "-whole", (24,))
    note(file, "tail", "-whole+20", (4,))
    return {"whole": base, "tied": base, "tail": base[20:], "unused": tensor(file, "unused", (0,))}


def rezip(source, target, folder, method, force_zip64=False, swap=False):
    """The same PyTorch zip, packed by someone else."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", method) as new:
        for info in old.infolist():
            leaf = info.filename.split("/", 1)[1]
            data = old.read(info)
            if swap and leaf == "byteorder":
                data = b"big"
            if swap and leaf.startswith("data/"):
                data = np.frombuffer(data, "<u4").astype(">u4").tobytes()
            entry = zipfile.ZipInfo(f"{folder}/{leaf}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            with new.open(entry, "w", force_zip64=force_zip64) as out:
                out.write(data)


def floats(file):
    return {name: tensor(file, name, shape) for name, shape in {"a.weight": (4, 3), "a.bias": (4,)}.items()}


def write_torch():
    torch.save(net_state("zip.pt", ""), OUT / "zip.pt")
    torch.save(net_state("legacy.pth", ""), OUT / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(training("training.ckpt"), OUT / "training.ckpt")
    torch.save(training("training_legacy.pth"), OUT / "training_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(training("training_p4.ckpt"), OUT / "training_p4.ckpt", pickle_protocol=4)
    torch.save(shared("shared.pt"), OUT / "shared.pt")
    torch.save(shared("shared_legacy.pth"), OUT / "shared_legacy.pth", _use_new_zipfile_serialization=False)
    for name, folder, options in (("deflated.pt", "дом", {"method": zipfile.ZIP_DEFLATED}),
                                  ("zip64.pt", "a", {"method": zipfile.ZIP_STORED, "force_zip64": True}),
                                  ("big_endian.pt", "b", {"method": zipfile.ZIP_STORED, "swap": True})):
        memory = io.BytesIO()
        torch.save(floats(name), memory)
        rezip(memory, OUT / name, folder, **options)


def write_safetensors():
    file = "state.safetensors"
    state = {"w": tensor(file, "w", (2, 3, 4)), "half": tensor(file, "half", (5,), torch.float16),
             "bfloat16": tensor(file, "bfloat16", (5,), torch.bfloat16), "double": tensor(file, "double", (3,), torch.float64),
             "scalar": tensor(file, "scalar", ()), "empty": tensor(file, "empty", (0, 2)), "n": counter(file, "n")}
    safetensors.torch.save_file(state, OUT / file, metadata={"made": "for tests"})


def write_numpy():
    for protocol in range(6):
        file = f"numpy_p{protocol}.pkl"
        tree = {"Net_0": {"Conv_0": {"kernel": array(file, "Net_0.Conv_0.kernel", (3, 3, 2, 4)), "bias": array(file, "Net_0.Conv_0.bias", (4,))}},
                "fortran": np.asfortranarray(array(file, "fortran", (3, 5))), "big": array(file, "big", (3,), ">f4"),
                "double": array(file, "double", (3,), "float64"), "half": array(file, "half", (3,), "float16"),
                "ints": (note(file, "ints", "int64", (3,)), np.arange(3))[1], "scalar": np.float32(1), "view": array(file, "view", (8, 2)).T.copy().T,
                "zero": array(file, "zero", ()), "text": "it's", "number": -5, "long": 1 << 70, "real": 0.1, "flag": True}
        data = pickle.dumps(tree, protocol)
        if protocol == 3:  # what numpy 1 wrote
            data = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
        (OUT / file).write_bytes(data)


def write_h5():
    file = "state.h5"
    with h5py.File(OUT / file, "w") as h5:
        h5.attrs["made"] = "for tests"
        h5["trunk/features.0.weight"] = array(file, "trunk.features.0.weight", (2, 3, 2, 2))
        h5["double"] = array(file, "double", (3,), "float64")
        h5["half"] = array(file, "half", (3,), "float16")
        h5["big"] = array(file, "big", (3,), ">f4")
        h5["scalar"] = array(file, "scalar", ())
        h5.create_dataset("packed", data=array(file, "packed", (16, 16)), chunks=(8, 8), compression="gzip")
        h5["count"] = (note(file, "count", "int64", ()), np.int64(3))[1]
        h5["text"] = "not a tensor"


class Evil:
    """Leaves a file behind when something unpickles it."""

    def __reduce__(self):
        return os.system, ("touch ganime-evil-was-here",)


def lying_zip(path, method):
    """A file of a few hundred bytes that says it holds a tensor of 64 TiB."""
    count = 1 << 44
    tensor_of = (b"ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nL%dL\ntQ"
                 b"I0\n(L%dL\nt(I1\ntI00\n}tR" % (count, count))
    entries = [(b"a/data.pkl", b"\x80\x02}S'w'\n" + tensor_of + b"s.", 0, None), (b"a/data/0", b"\x03\0", method, 4 * count)]
    body, directory = b"", b""
    for name, data, how, claim in entries:
        size = claim or len(data)
        packed = size if how == 0 else len(data)
        extra = struct.pack("<HHQQ", 1, 16, size, packed)
        common = struct.pack("<HHHHHLLLHH", 45, 0, how, 0, 33, zipfile.crc32(data), 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
        directory += b"PK\1\2" + struct.pack("<H", 45) + common + struct.pack("<HHHLL", 0, 0, 0, 0, len(body)) + name + extra
        body += b"PK\3\4" + common + name + extra + data
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    path.write_bytes(body + directory + end)


def write_bad():
    bad = OUT / "bad"
    os.makedirs(bad, exist_ok=True)
    state = {"weight": torch.zeros(2), "hook": Evil()}
    torch.save(state, bad / "evil.pt")
    torch.save(state, bad / "evil_legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in range(6):
        (bad / f"evil_p{protocol}.pkl").write_bytes(pickle.dumps({"weight": np.zeros(2), "hook": Evil()}, protocol))
    torch.save(torch.nn.ReLU(), bad / "module.pt")
    torch.jit.script(torch.nn.ReLU()).save(bad / "script.pt")
    (bad / "objects.pkl").write_bytes(pickle.dumps({"a": np.array([{}, None], dtype=object)}, 4))
    lying_zip(bad / "lying_stored.pt", 0)
    lying_zip(bad / "lying_deflated.pt", 8)
    with zipfile.ZipFile(bad / "no_pickle.zip", "w") as z:
        z.writestr(zipfile.ZipInfo("readme.txt"), "no tensors here")


def main():
    os.makedirs(OUT, exist_ok=True)
    torch.manual_seed(0)
    write_torch()
    write_safetensors()
    write_numpy()
    write_h5()
    write_bad()
    (OUT / "state.safetensors").chmod(0o644)
    (OUT / "expected.txt").write_text("\n".join(expected) + "\n")


main()
