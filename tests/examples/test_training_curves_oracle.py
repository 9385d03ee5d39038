"""With one seed, twenty steps of training lose what they lose in PyTorch: the same weights, batches and dropout."""

import pytest

torch = pytest.importorskip("torch")

import flambeau

STEPS = 20


def mlp(lib):
    """A perceptron with dropout, trained by Adam."""
    nn = lib.nn
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 5))
    inputs, targets = lib.randn(STEPS, 32, 20), lib.randint(5, (STEPS, 32))
    return (
        model,
        lib.optim.Adam(model.parameters(), lr=1e-3),
        lambda step: nn.functional.cross_entropy(model(inputs[step]), targets[step]),
    )


def cnn(lib):
    """Convolutions with batch norm and pooling, trained by SGD with momentum."""
    nn = lib.nn
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.GroupNorm(4, 16), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 10),
    )  # fmt: skip
    inputs, targets = lib.randn(STEPS, 16, 1, 12, 12), lib.randint(10, (STEPS, 16))
    return (
        model,
        lib.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4),
        lambda step: nn.functional.nll_loss(model(inputs[step]).log_softmax(1), targets[step]),
    )


def lstm(lib):
    """A two-layer LSTM over characters that carries its state along, trained by RMSprop with clipping."""
    nn = lib.nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.out = nn.Embedding(30, 16), nn.Linear(32, 30)
            self.lstm = nn.LSTM(16, 32, num_layers=2, batch_first=True)
            self.state = None

        def forward(self, x):
            seen, state = self.lstm(self.embed(x), self.state)
            self.state = tuple(part.detach() for part in state)
            return self.out(seen)

    model = Model()
    text = lib.randint(30, (8, STEPS * 12 + 1))

    def loss(step):
        part = text[:, step * 12 : step * 12 + 13]
        return nn.functional.cross_entropy(model(part[:, :-1]).flatten(0, 1), part[:, 1:].flatten())

    return model, lib.optim.RMSprop(model.parameters(), lr=2e-3), loss


def gpt(lib):
    """A Transformer with tied weights, trained by AdamW."""
    nn, functional = lib.nn, lib.nn.functional

    class Block(nn.Module):
        def __init__(self, width=32):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.drop = nn.Dropout(0.1)

        def forward(self, x):
            heads = (t.unflatten(-1, (4, -1)).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, dim=-1))
            seen = functional.scaled_dot_product_attention(*heads, is_causal=True)
            x = x + self.drop(self.mix(seen.transpose(1, 2).flatten(2)))
            return x + self.drop(self.think(self.norm2(x)))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.chars, self.places = nn.Embedding(40, 32), nn.Embedding(16, 32)
            self.blocks = nn.Sequential(Block(), Block())
            self.norm, self.out = nn.LayerNorm(32), nn.Linear(32, 40, bias=False)
            self.out.weight = self.chars.weight

        def forward(self, x):
            return self.out(self.norm(self.blocks(self.chars(x) + self.places(lib.arange(x.shape[1])))))

    model = Model()
    windows = lib.randint(40, (400,)).unfold(0, 17, 1)

    def loss(step):
        batch = windows[lib.randint(len(windows), (8,))]
        return functional.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())

    return model, lib.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99)), loss


def curve(lib, build):
    """The losses and the gradients' norms of twenty steps, and the sum of the weights' sizes at the end."""
    lib.manual_seed(0)
    model, optimizer, loss_of = build(lib)
    schedule = lib.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    losses, norms = [], []
    for step in range(STEPS):
        loss = loss_of(step)
        optimizer.zero_grad()
        loss.backward()
        norms.append(lib.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses, norms, sum(p.detach().abs().sum().item() for p in model.parameters())


@pytest.mark.parametrize("build", [mlp, cnn, lstm, gpt], ids=lambda build: build.__name__)
def test_twenty_steps_of_training_are_those_of_pytorch(build):
    (ours, our_norms, our_weights), (theirs, their_norms, their_weights) = (
        curve(lib, build) for lib in (flambeau, torch)
    )
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert our_norms == pytest.approx(their_norms, rel=1e-3)
    assert our_weights == pytest.approx(their_weights, rel=1e-4)
    assert len({round(loss, 3) for loss in theirs}) > STEPS // 2, "the curve is flat, so it shows nothing"
