"""Training stopped in PyTorch goes on here, and the other way round: tensors, modules, optimizers, schedulers."""

import collections
import io
import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")
BOTH = (torch, flambeau)
directions = pytest.mark.parametrize(
    ("writer", "reader"), [(torch, flambeau), (flambeau, torch), (flambeau, flambeau)], ids=["in", "out", "round"]
)
formats = pytest.mark.parametrize("zipped", [True, False], ids=["archive", "older format"])


def carried(writer, reader, value, zipped=True, **options):
    """A value that one library saved, loaded by the other."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        writer.save(value, file, _use_new_zipfile_serialization=zipped)
        file.seek(0)
        return reader.load(file, **options)


def numbers(t):
    """A tensor's numbers, as NumPy has them."""
    t = t.detach()
    if str(t.layout) != "torch.strided":
        t = t.to_dense()
    return np.array((t.float() if t.dtype.itemsize < 4 and t.dtype.is_floating_point else t).tolist())


def close(a, b, rtol=1e-5):
    np.testing.assert_allclose(numbers(a), numbers(b), rtol=rtol, atol=1e-6)


# ---- tensors ---------------------------------------------------------------------------------------------------------

DTYPES = """
    bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex64 complex128
    float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu
""".split()


@directions
@formats
@pytest.mark.parametrize("name", [n for n in DTYPES if hasattr(flambeau, n)])
def test_every_dtype_in_every_form(writer, reader, zipped, name):
    if reader is torch and not zipped and name.startswith(("uint16", "uint32", "uint64", "float8")):
        pytest.skip("PyTorch does not read this, not even its own")
    dtype = getattr(writer, name)
    base = (writer.arange(12).remainder(2) + 1).to(writer.float32).to(dtype).reshape(3, 4)
    forms = {
        "base": base, "row": base[1], "turned": base.t(), "steps": base[:, ::2], "scalar": base[0, 0],
        "empty": base[:0], "expanded": base[:1, :1].expand(2, 3),
    }  # fmt: skip
    found = carried(writer, reader, forms, zipped)
    for key, t in forms.items():
        got = found[key]
        assert (str(got.dtype), tuple(got.shape), got.stride()) == (str(t.dtype), tuple(t.shape), t.stride()), key
        assert got.storage_offset() == t.storage_offset()
        assert [repr(x) for x in numbers(got).ravel().tolist()] == [repr(x) for x in numbers(t).ravel().tolist()], key
    shared = {t.untyped_storage().data_ptr() for key, t in found.items() if t.numel()}
    assert len(shared) == 1


@directions
@formats
def test_plain_values_of_torch(writer, reader, zipped):
    values = {
        "size": writer.Size([2, 3]), "device": writer.device("cpu"), "indexed": writer.device("cuda", 1),
        "dtype": writer.bfloat16, "layout": writer.strided, "none": None, "set": {1, "a"}, "complex": 1 + 2j,
        "counter": collections.Counter("aab"), "bytes": b"\x00\xff", "bytearray": bytearray(b"ab"), "big": -(10**40),
        "nested": [({"a": (1, [2.5, float("inf")])},)], "meta": writer.ones(2, 3, device="meta"),
        "parameter": writer.nn.Parameter(writer.ones(2)), "frozen": writer.nn.Parameter(writer.ones(1), False),
    }  # fmt: skip
    found = carried(writer, reader, values, zipped)
    for key, value in values.items():
        if key in ("meta", "parameter", "frozen"):
            assert (found[key].shape, found[key].requires_grad) == (value.shape, value.requires_grad)
            assert type(found[key]).__name__ == type(value).__name__ and found[key].device.type == value.device.type
        else:
            assert repr(found[key]) == repr(value) and type(found[key]).__name__ == type(value).__name__


@directions
@pytest.mark.parametrize("layout", ["coo", "uncoalesced"])
def test_sparse_tensors(writer, reader, layout):
    dense = writer.tensor([[0.0, 2.0, 0.0], [3.0, 0.0, 4.0]])
    made = {
        "coo": lambda: dense.to_sparse(),
        "uncoalesced": lambda: writer.sparse_coo_tensor([[0, 0], [1, 1]], [1.0, 2.0], (2, 3)),
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sparse = made[layout]()
        found = carried(writer, reader, sparse)
    assert str(found.layout) == str(sparse.layout)
    assert found.is_coalesced() == sparse.is_coalesced()
    close(found, sparse)


@directions
def test_generators_in_the_middle_of_a_stream(writer, reader):
    writer.manual_seed(3)
    writer.rand(5)
    state = carried(writer, reader, writer.get_rng_state())
    reader.set_rng_state(state)
    assert [x.item() for x in reader.rand(3)] == [x.item() for x in writer.rand(3)] or writer is reader


# ---- modules ---------------------------------------------------------------------------------------------------------


def modules(library):
    """Modules with parameters and buffers, and an input for each."""
    nn = library.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
            self.by_name = nn.ModuleDict({"norm": nn.LayerNorm(4), "drop": nn.Dropout(0.1)})
            self.list = nn.ParameterList([nn.Parameter(library.ones(4))])
            self.dict = nn.ParameterDict({"scale": nn.Parameter(library.full((4,), 0.5))})
            self.register_buffer("offset", library.arange(4.0))
            self.register_buffer("hidden", library.ones(1), persistent=False)
            self.tied = self.layers[0].weight

        def forward(self, x):
            x = self.by_name["norm"](self.layers[1](self.layers[0](x)) + self.offset)
            return x * self.list[0] * self.dict["scale"]

    def ones(*shape):
        return library.arange(float(np.prod(shape))).reshape(shape) / 10 % 1

    conv = nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3, 2)
    )
    conv[1](ones(2, 3, 4, 4))
    return {
        "net": (Net(), (ones(2, 4),)), "conv": (conv, (ones(2, 2, 4, 4),)),
        "lstm": (nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True), (ones(2, 5, 3),)),
        "gru": (nn.GRU(3, 4), (ones(5, 2, 3),)),
        "embedding": (nn.Embedding(5, 3, padding_idx=0), (library.tensor([1, 0]),)),
        "transformer": (nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), (ones(2, 3, 4),)),
        "attention": (nn.MultiheadAttention(4, 2), (ones(3, 2, 4),) * 3),
        "group": (nn.Sequential(nn.GroupNorm(2, 4), nn.PReLU(), nn.Conv1d(4, 2, 1)), (ones(2, 4, 3),)),
    }  # fmt: skip


def output(module, inputs):
    result = module.eval()(*inputs)
    return result[0] if isinstance(result, tuple) else result


NAMES = ("net", "conv", "lstm", "gru", "embedding", "transformer", "attention", "group")


@directions
@pytest.mark.parametrize("name", NAMES)
def test_a_state_dict_makes_the_same_module(writer, reader, name):
    source, inputs = modules(writer)[name]
    target, same_inputs = modules(reader)[name]
    state = carried(writer, reader, {"model": source.state_dict(), "epoch": 3})["model"]
    assert list(state) == list(source.state_dict())
    outcome = target.load_state_dict(state)
    assert not outcome.missing_keys and not outcome.unexpected_keys
    close(output(target, same_inputs), output(source, inputs))


@directions
@formats
@pytest.mark.parametrize("name", [n for n in NAMES if n != "net"])
def test_a_whole_module_computes_the_same(writer, reader, zipped, name):
    """`net` is of a class of this file, which the other library does not have."""
    source, inputs = modules(writer)[name]
    found = carried(writer, reader, source, zipped, weights_only=False)
    assert type(found).__module__ == type(reader.nn.Linear(1, 1)).__module__.replace(
        "linear", type(found).__module__.split(".")[-1]
    )
    assert repr(found) == repr(source)
    close(output(found, modules(reader)[name][1]), output(source, inputs))


@directions
def test_lists_of_parameters_and_trained_modules_arrive_whole(writer, reader):
    """After a backward pass, with hooks of PyTorch's own tables unused."""
    nn = writer.nn
    model = nn.ModuleDict(
        {"a": nn.ModuleList([nn.Linear(2, 2)]), "p": nn.ParameterList([nn.Parameter(writer.ones(2))])}
    )
    model["a"][0](writer.ones(2)).sum().backward()
    found = carried(writer, reader, model, weights_only=False)
    assert [n for n, _ in found.named_parameters()] == [n for n, _ in model.named_parameters()]
    calls = []
    found["a"][0].register_forward_hook(lambda *_: calls.append(1))
    found["a"][0](reader.ones(2)).sum().backward()
    assert calls == [1]
    found.requires_grad_(False).double().train(False)
    assert not found.training


class Own:
    """Modules of classes that both libraries can find: this file's, made for each of them."""


for library in BOTH:

    class Part(library.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = type(self).library.nn.Linear(2, 1)
            self.note = "kept"

        def forward(self, x):
            return self.linear(x)

    Part.library = library
    Part.__qualname__ = f"Own.{library.__name__}_Part"
    setattr(Own, f"{library.__name__}_Part", Part)


def test_modules_of_the_users_classes_have_what_pytorch_needs():
    """A file of ours, read where the same class stands on PyTorch."""
    model = Own.flambeau_Part()
    data = io.BytesIO()
    flambeau.save(model, data)
    before = Own.flambeau_Part
    Own.flambeau_Part = Own.torch_Part
    try:
        data.seek(0)
        found = torch.load(data, weights_only=False)
    finally:
        Own.flambeau_Part = before
    assert type(found) is Own.torch_Part and found.note == "kept"
    close(found(torch.ones(2)), model(flambeau.ones(2)))


@directions
def test_a_whole_module_is_refused_without_trust(writer, reader):
    with pytest.raises(Exception, match="Weights only load failed") as caught:
        carried(writer, reader, writer.nn.Linear(2, 2))
    assert type(caught.value).__name__ == "UnpicklingError"


# ---- optimizers ------------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, "Adam": {"amsgrad": True},
    "AdamW": {}, "Adagrad": {"lr_decay": 0.1}, "Adadelta": {}, "Adamax": {}, "NAdam": {}, "RAdam": {}, "Rprop": {},
    "RMSprop": {"momentum": 0.5, "centered": True}, "ASGD": {"t0": 1.0}, "LBFGS": {"lr": 0.2, "max_iter": 3},
    "SparseAdam": {}, "Adafactor": {},
}  # fmt: skip


class Training:
    """A small least-squares problem; with sparse gradients for SparseAdam."""

    def __init__(self, library, name):
        self.library = library
        self.sparse = name == "SparseAdam"
        if self.sparse:
            self.model = library.nn.Embedding(6, 2, sparse=True)
            start = library.arange(12.0).reshape(6, 2) / 10
            self.inputs = library.tensor([0, 2, 2, 5])
        else:
            self.model = library.nn.Linear(3, 2)
            start = library.arange(6.0).reshape(2, 3) / 10
            self.inputs = library.arange(12.0).reshape(4, 3) / 7 % 1
        with library.no_grad():
            self.model.weight.copy_(start)
            if not self.sparse:
                self.model.bias.zero_()
        self.optimizer = getattr(library.optim, name)(self.model.parameters(), **OPTIMIZERS[name])
        self.scheduler = library.optim.lr_scheduler.StepLR(self.optimizer, 2, 0.5)

    def loss(self):
        self.optimizer.zero_grad()
        loss = ((self.model(self.inputs) - 1) ** 2).sum()
        loss.backward()
        return loss

    def steps(self, count):
        for _ in range(count):
            if type(self.optimizer).__name__ == "LBFGS":
                self.optimizer.step(self.loss)
            else:
                self.loss()
                self.optimizer.step()
            self.scheduler.step()
        return self.model.weight

    def state(self):
        parts = (self.model, self.optimizer, self.scheduler)
        return {type(p).__name__: p.state_dict() for p in parts}

    def resume(self, state):
        for part in (self.model, self.optimizer, self.scheduler):
            part.load_state_dict(state[type(part).__name__])


@directions
@formats
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_in_the_other_library(writer, reader, zipped, name):
    """The same steps as without the interruption, learning rate included."""
    first, second = Training(writer, name), Training(reader, name)
    first.steps(3)
    second.resume(carried(writer, reader, first.state(), zipped))
    close(second.steps(3), first.steps(3), rtol=1e-4)
    assert second.optimizer.param_groups[0]["lr"] == pytest.approx(first.optimizer.param_groups[0]["lr"])
    ours, theirs = second.optimizer.state_dict(), first.optimizer.state_dict()
    assert [list(s) for s in ours["state"].values()] == [list(s) for s in theirs["state"].values()]


@pytest.mark.parametrize("name", ["CosineAnnealingLR", "OneCycleLR", "ReduceLROnPlateau", "LambdaLR", "SequentialLR"])
@directions
def test_schedulers_go_on(writer, reader, name):
    def made(library):
        schedulers = library.optim.lr_scheduler
        optimizer = library.optim.SGD([library.nn.Parameter(library.ones(1))], lr=1.0)
        if name == "SequentialLR":
            parts = [schedulers.ConstantLR(optimizer, 0.1, 2), schedulers.ExponentialLR(optimizer, 0.9)]
            return optimizer, schedulers.SequentialLR(optimizer, parts, [2])
        options = {
            "CosineAnnealingLR": {"T_max": 8}, "OneCycleLR": {"max_lr": 2.0, "total_steps": 9},
            "ReduceLROnPlateau": {"patience": 1}, "LambdaLR": {"lr_lambda": lambda epoch: 0.9**epoch},
        }[name]  # fmt: skip
        return optimizer, getattr(schedulers, name)(optimizer, **options)

    def rates(optimizer, scheduler, count):
        found = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(count):
                optimizer.step()
                scheduler.step(*((1.0,) if name == "ReduceLROnPlateau" else ()))
                found.append(optimizer.param_groups[0]["lr"])
        return found

    first, second = made(writer), made(reader)
    rates(*first, 3)
    state = carried(writer, reader, [part.state_dict() for part in first], weights_only=False)
    for part, saved in zip(second, state, strict=True):
        part.load_state_dict(saved)
    assert rates(*second, 5) == pytest.approx(rates(*first, 5))


@directions
@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("location", [None, "cpu", "device", {"cuda:0": "cpu"}, "function", "meta"], ids=str)
def test_where_tensors_go(tmp_path, writer, reader, mapped, location):
    path = tmp_path / "model.pt"
    writer.save({"a": writer.arange(1000.0), "p": writer.nn.Parameter(writer.ones(2))}, path)
    asked = {"device": reader.device("cpu"), "function": lambda storage, where: storage if where == "cpu" else None}
    chosen = location if not isinstance(location, str) else asked.get(location, location)
    found = reader.load(path, map_location=chosen, mmap=mapped)
    assert found["a"].device.type == found["p"].device.type == ("meta" if location == "meta" else "cpu")
    assert found["p"].requires_grad and found["a"].shape == (1000,)
    if location != "meta":
        assert found["a"][999] == 999.0
