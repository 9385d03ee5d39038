"""A small GPT: a Transformer that learns to write from Python's own manual.

The network is that of the large language models, only small: four layers, four heads, 128 numbers for each character.
It sees the last 96 characters and guesses the next one, at all 96 places at once. After training it writes by itself.

    flambeau run examples/gpt.py
    flambeau run examples/gpt.py --text my_book.txt --start "Once upon"
"""

import argparse
import math
import re
from pathlib import Path

import matplotlib
import torch
import torch.nn.functional as F
from torch import nn
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def manual():
    """The prose of the language reference that every Python brings along for its function `help`."""
    from pydoc_data.topics import topics

    pages = re.sub(r'[*"“”]', "", "\n\n".join(topics[name] for name in sorted(topics))).replace("’", "'")
    paragraphs = [" ".join(paragraph.split()) for paragraph in pages.split("\n\n")]
    return "\n".join(p for p in paragraphs if re.fullmatch(r"[A-Z][a-z][\w ,.;:'()/=-]{60,}\.", p, re.ASCII))


class Attention(nn.Module):
    """Every place gathers from those before it what its queries ask for: (batch, length, width) to the same."""

    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)

    def heads(self, x):
        """Queries, keys and values, each (batch, heads, length, width / heads)."""
        parts = self.query_key_value(x).chunk(3, dim=-1)
        return tuple(part.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for part in parts)

    def forward(self, x):
        seen = F.scaled_dot_product_attention(*self.heads(x), is_causal=True)
        return self.mix(seen.transpose(1, 2).flatten(2))

    def weights(self, x):
        """How much each place looks at each before it: (batch, heads, length, length), rows sum to 1."""
        query, key, _ = self.heads(x)
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(diagonal=1)
        return scores.masked_fill(future, -math.inf).softmax(dim=-1)


class Block(nn.Module):
    def __init__(self, width, n_heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, n_heads)
        self.norm2 = nn.LayerNorm(width)
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.think(self.norm2(x))


class GPT(nn.Module):
    """Numbers of characters (batch, length) to scores for the characters that follow (batch, length, vocabulary)."""

    def __init__(self, n_chars, context, width=128, n_layers=4, n_heads=4):
        super().__init__()
        self.context = context
        self.chars, self.places = nn.Embedding(n_chars, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, n_heads) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, n_chars, bias=False)
        self.out.weight = self.chars.weight  # a character is read and written with the same vector
        self.apply(self.start_small)

    @staticmethod
    def start_small(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, chars):
        x = self.chars(chars) + self.places(torch.arange(chars.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))


def optimizer_for(model, learning_rate):
    """AdamW that pulls matrices towards zero, but not biases and the norms' scales."""
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.99))


def train(model, numbers, steps, batch_size=16):
    """Returns the loss of every step in nats per character, and the learning rates."""
    optimizer = optimizer_for(model, learning_rate=0.002)
    warm_up = max(10, steps // 20)

    def factor(step):
        """Up in a line, down in half a wave to a tenth."""
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    windows = numbers.unfold(0, model.context + 1, 1)  # every piece of the text: a view, so no memory
    losses, rates = [], []
    with tqdm(range(steps), desc="steps") as bar:
        for step in bar:
            batch = windows[torch.randint(len(windows), (batch_size,))]
            logits = model(batch[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            rates.append(schedule.get_last_lr()[0])
            schedule.step()
            losses.append(loss.item())
            bar.set_postfix(loss=f"{losses[-1]:.3f}")
            if step in (0, steps // 4, steps // 2, steps - 1):
                tqdm.write(f"step {step + 1}: {losses[-1]:.4f} nats per character")
    return losses, rates


@torch.no_grad()
def write(model, numbers, length, temperature=0.7, n_best=10):
    """Go on from the numbers of some characters (n,); each next one is drawn from the likeliest few."""
    for _ in tqdm(range(length), desc="writing"):
        scores = model(numbers[None, -model.context :])[0, -1] / temperature
        best = scores.topk(n_best)
        drawn = torch.multinomial(best.values.softmax(dim=0), 1)
        numbers = torch.cat((numbers, best.indices[drawn]))
    return numbers


@torch.no_grad()
def attention_maps(model, numbers):
    """The attention of every layer and head over a text: (layers, heads, length, length)."""
    x, maps = model.chars(numbers[None]) + model.places(torch.arange(len(numbers))), []
    for block in model.blocks:
        maps.append(block.attention.weights(block.norm1(x))[0])
        x = block(x)
    return torch.stack(maps)


def draw(losses, rates, maps, text, n_chars, path):
    """The loss and the learning rate, and where each head of each layer looks."""
    figure = plt.figure(figsize=(16, 8), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[6, 8])
    top, bottom = left.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    top.plot(losses, linewidth=1)
    top.axhline(math.log(n_chars), color="grey", linestyle=":")
    top.set(title="Training (dotted: guessing blindly)", ylabel="nats per character", ylim=(0, None))
    bottom.plot(rates, color="tab:orange")
    bottom.set(xlabel="step", ylabel="learning rate", ylim=(0, None))
    for axis in (top, bottom):
        axis.grid(alpha=0.3)

    right.suptitle(f"Where each place looks back to, in “{text.strip()}”\n(across: four heads; down: four layers)")
    for axis, weights in zip(right.subplots(*maps.shape[:2]).flat, maps.flatten(0, 1), strict=True):
        axis.imshow(weights.sqrt().numpy(), cmap="magma", vmin=0, vmax=1)  # the root shows the small ones, too
        axis.set_xticks(range(len(text)), text, fontsize=6)
        axis.set_yticks(range(len(text)), text, fontsize=6)
        axis.tick_params(length=0)
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="40 steps, and a short text written")
    parser.add_argument("--steps", type=int, help="how many steps of training (default: 1500)")
    parser.add_argument("--seed", type=int, default=42, help="seed of the initial weights and of what it writes")
    parser.add_argument("--text", type=Path, help="another text to learn from (default: the Python manual)")
    parser.add_argument("--start", default="The ", help="how the written text begins")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    if not args.start:
        parser.error("--start must not be empty")
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    text = args.text.read_text(encoding="utf-8") if args.text else manual()
    chars = sorted(set(text) | set(args.start))
    number_of = {char: number for number, char in enumerate(chars)}
    numbers = torch.tensor([number_of[char] for char in text])
    print(f"{len(text)} characters, {len(chars)} different ones")
    model = GPT(len(chars), context=96)
    if len(numbers) <= model.context or len(chars) < 10:
        raise SystemExit("The text is too short: it needs more than 96 characters, and 10 different ones.")
    print(f"parameters: {sum(p.numel() for p in model.parameters())}")

    losses, rates = train(model, numbers, steps=args.steps or (40 if args.fast else 1500))
    print(f"loss: {losses[0]:.3f} at first, {sum(losses[-10:]) / 10:.3f} in the end")
    begun = torch.tensor([number_of[char] for char in args.start])
    written = write(model, begun, length=80 if args.fast else 600)
    print(f"\nThe network writes:\n{''.join(chars[i] for i in written.tolist())}\n")

    shown = written[:24]
    maps = attention_maps(model, shown)
    draw(losses, rates, maps, "".join(chars[i] for i in shown.tolist()), len(chars), args.output / "gpt.png")


if __name__ == "__main__":
    main()
