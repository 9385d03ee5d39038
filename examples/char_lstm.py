"""A network that learns to write, letter by letter: an LSTM reads Python's own manual.

It sees one character at a time and guesses the next. What it knows of the text so far it must carry along in its state.
After training it writes by itself: each character is drawn from its own guesses and fed back.

    flambeau run examples/char_lstm.py
    flambeau run examples/char_lstm.py --text my_book.txt --start "Once upon"
"""

import argparse
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


class CharLSTM(nn.Module):
    """Numbers of characters (batch, length) to scores for the characters that follow (batch, length, vocabulary)."""

    def __init__(self, n_chars, width=128):
        super().__init__()
        self.embed = nn.Embedding(n_chars, 32)
        self.lstm = nn.LSTM(32, width, batch_first=True)
        self.out = nn.Linear(width, n_chars)

    def forward(self, chars, state=None):
        seen, state = self.lstm(self.embed(chars), state)
        return self.out(seen), state


def cut(numbers, batch_size, length):
    """The text as rows that are read side by side, in pieces: a list of (batch, length), and what follows each."""
    n_steps = (len(numbers) - 1) // (batch_size * length)
    used = n_steps * batch_size * length
    inputs, targets = (
        numbers[shift : used + shift].view(batch_size, n_steps * length).split(length, dim=1) for shift in (0, 1)
    )
    return list(zip(inputs, targets, strict=True))


def train(model, pieces, steps):
    """Returns the loss of every step, in nats per character."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    with tqdm(range(steps), desc="steps") as bar:
        for step in bar:
            place = step % len(pieces)
            if place == 0:
                state = None  # back at the start of the text
            inputs, targets = pieces[place]
            logits, state = model(inputs, state)
            state = tuple(part.detach() for part in state)  # the values go on, but gradients stop at this piece's start
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            bar.set_postfix(loss=f"{losses[-1]:.3f}")
            if step in (0, steps // 4, steps // 2, steps - 1):
                tqdm.write(f"step {step + 1}: {losses[-1]:.4f} nats per character")
    return losses


@torch.no_grad()
def write(model, chars, start, length, temperature=0.6):
    """A text that begins with `start`, and the probabilities that each was drawn from: (length, vocabulary)."""
    text, state, guesses = start, None, []
    unread = start
    for _ in range(length):
        numbers = torch.tensor([[chars.index(c) for c in unread]])
        logits, state = model(numbers, state)
        probabilities = F.softmax(logits[0, -1] / temperature, dim=0)
        guesses.append(probabilities)
        unread = chars[torch.multinomial(probabilities, 1).item()]
        text += unread
    return text, torch.stack(guesses)


def draw(losses, written, guesses, chars, path, columns=60, rows=6):
    """The loss, and for some written characters (bold) what else the network held possible."""
    figure, (curve, table) = plt.subplots(2, 1, figsize=(13, 7.5), height_ratios=[5, 4], layout="constrained")
    curve.plot(range(1, len(losses) + 1), losses, linewidth=1)
    curve.axhline(torch.tensor(len(chars)).log().item(), color="grey", linestyle=":")
    curve.set(title="Training (dotted: guessing blindly)", xlabel="step", ylabel="nats per character", ylim=(0, None))
    curve.grid(alpha=0.3)

    best = guesses[:columns].topk(rows, dim=1)
    table.imshow(best.values.T.numpy(), cmap="Blues", vmin=0, vmax=2, aspect="auto")
    for x, (column, char) in enumerate(zip(best.indices.tolist(), written, strict=False)):
        for y, number in enumerate(column):
            picked = chars[number] == char
            table.text(
                x, y, visible(chars[number]), ha="center", va="center", fontsize=11 if picked else 9,
                color="tab:red" if picked else "black", weight="bold" if picked else "normal",
            )  # fmt: skip
    table.set(title="Most likely next characters, from top to bottom; red: the one that was drawn", yticks=[])
    table.set_xticks(range(columns), [visible(c) for c in written[:columns]], family="monospace")
    figure.savefig(path, dpi=120)
    print("Picture:", path)


def visible(char):
    return {" ": "␣", "\n": "¶"}.get(char, "$\\$$" if char == "$" else char)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="60 steps, and a short text written")
    parser.add_argument("--steps", type=int, help="how many steps of training (default: 2000)")
    parser.add_argument("--seed", type=int, default=42, help="seed of the initial weights and of what it writes")
    parser.add_argument("--text", type=Path, help="another text to learn from (default: the Python manual)")
    parser.add_argument("--start", default="The ", help="how the written text begins")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    text = args.text.read_text(encoding="utf-8") if args.text else manual()
    chars = sorted(set(text) | set(args.start))
    number_of = {char: number for number, char in enumerate(chars)}
    pieces = cut(torch.tensor([number_of[char] for char in text]), batch_size=32, length=64)
    if not pieces:
        raise SystemExit("The text is too short: it needs more than 2048 characters.")
    print(f"{len(text)} characters, {len(chars)} different ones, in {len(pieces)} pieces of 32 by 64")

    model = CharLSTM(len(chars))
    print(f"parameters: {sum(p.numel() for p in model.parameters())}")
    losses = train(model, pieces, steps=args.steps or (60 if args.fast else 2000))
    print(f"loss: {losses[0]:.3f} at first, {sum(losses[-10:]) / 10:.3f} in the end")
    written, guesses = write(model, chars, args.start, length=120 if args.fast else 600)
    print(f"\nThe network writes:\n{written}\n")
    draw(losses, written[len(args.start) :], guesses, chars, args.output / "char_lstm.png")


if __name__ == "__main__":
    main()
