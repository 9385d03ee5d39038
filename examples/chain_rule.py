"""The chain rule, by hand and by autograd.

A computation is a graph of small steps, and every small step has an easy derivative. The chain rule multiplies the
derivatives along the way from the loss back to a parameter. Here each gradient is worked out by hand first; then
autograd is asked for the same number.

    flambeau run examples/chain_rule.py
"""

import argparse
from pathlib import Path

import matplotlib
import torch
from torch.autograd import grad

matplotlib.use("Agg")  # pictures go to files, so no window is needed
import matplotlib.pyplot as plt


def title(text):
    print(f"\n--- {text} ---")


def compare(name, by_hand, by_autograd):
    """Print both gradients, and whether they are the same up to rounding."""
    equal = torch.allclose(torch.as_tensor(by_hand, dtype=torch.float32), by_autograd)
    print(f"{name}: by hand {by_hand:9.4f}, autograd {by_autograd.item():9.4f}, equal: {equal}")


def one_weight():
    title("One weight: L = (w x - y)^2")
    x, y = torch.tensor(1.0), torch.tensor(2.0)
    w = torch.tensor(1.0, requires_grad=True)
    loss = (w * x - y) ** 2
    print("loss", loss)
    loss.backward()
    # outer derivative 2 (w x - y), times inner derivative x
    compare("dL/dw", 2 * (1.0 * 1.0 - 2.0) * 1.0, w.grad)


def small_network():
    title("A small network: u = a w0 + b w1, f = u v, L = (y - f)^2")
    a, b, y = torch.tensor(2.0), torch.tensor(3.0), torch.tensor(10.0)
    w0 = torch.tensor(1.0, requires_grad=True)
    w1 = torch.tensor(1.0, requires_grad=True)
    v = torch.tensor(1.0, requires_grad=True)

    u = a * w0 + b * w1
    f = u * v
    loss = torch.nn.MSELoss()(f, y)
    print("u", u)
    print("f", f)
    print("loss", loss)
    loss.backward()

    # By hand, with u = 5, f = 5 and v = 1: start at the loss and walk back.
    dL_df = 2 * (5.0 - 10.0)
    dL_dv = dL_df * 5.0  # df/dv = u
    dL_du = dL_df * 1.0  # df/du = v
    compare("dL/dv ", dL_dv, v.grad)
    compare("dL/dw0", dL_du * 2.0, w0.grad)  # du/dw0 = a
    compare("dL/dw1", dL_du * 3.0, w1.grad)  # du/dw1 = b
    return {"w0": w0.grad, "w1": w1.grad, "v": v.grad}


def logistic_unit():
    title("A logistic unit: u = w x, z = u + b, p = sigmoid(z), L = binary cross-entropy")
    x, y = torch.tensor([1.23]), torch.tensor([1.0])
    w = torch.tensor([0.23], requires_grad=True)
    b = torch.tensor([0.1], requires_grad=True)

    u = w * x
    z = u + b
    p = torch.sigmoid(z)
    loss = torch.nn.functional.binary_cross_entropy(p, y)
    print(f"z {z.item():.4f}, p {p.item():.4f}, loss {loss.item():.4f}")

    # One factor per edge of the graph. no_grad: this is arithmetic, it needs no graph of its own.
    with torch.no_grad():
        dL_dp = -y / p + (1 - y) / (1 - p)
        dp_dz = p * (1 - p)
        dL_db = dL_dp * dp_dz  # dz/db = 1
        dL_dw = dL_dp * dp_dz * x  # dz/du = 1, du/dw = x
    # Autograd can answer for one parameter; retain_graph keeps the graph for the next question ...
    compare("dL/dw, grad()    ", dL_dw.item(), grad(loss, w, retain_graph=True)[0])
    compare("dL/db, grad()    ", dL_db.item(), grad(loss, b, retain_graph=True)[0])
    # ... or for all parameters at once, into their .grad.
    loss.backward()
    compare("dL/dw, backward()", dL_dw.item(), w.grad)
    compare("dL/db, backward()", dL_db.item(), b.grad)
    # The two middle factors simplify: the whole way from loss to z is just p - y.
    compare("dL/dz = p - y    ", (p - y).item(), b.grad)

    # Last witness: nudge w up and down, and see how much the loss moves.
    def loss_at(weight):
        return torch.nn.functional.binary_cross_entropy(torch.sigmoid(weight * x.double() + 0.1), y.double())

    nudge = 1e-4
    slope = (loss_at(0.23 + nudge) - loss_at(0.23 - nudge)) / (2 * nudge)
    print(f"dL/dw by nudging w: {slope.item():.4f}")


def vectors():
    title("Vectors: z = 2 (x + 2)^2")
    x = torch.tensor([-0.8022, 1.0610, 1.1878], requires_grad=True)
    y = x + 2
    (y * y * 2).mean().backward()
    by_hand = 4 * (x.detach() + 2) / 3  # the mean divides each share by 3
    print(f"d mean(z) / dx: by hand {by_hand}, autograd {x.grad}, equal: {torch.allclose(by_hand, x.grad)}")

    # A vector has no single gradient: backward asks for the weights v of the sum v . z to differentiate.
    z = y * y * 2
    try:
        z.backward()
    except RuntimeError as error:
        print("z.backward():", str(error).splitlines()[0])
    x.grad = None
    v = torch.tensor([0.1, 1.0, 0.001])
    z.backward(v)
    by_hand = v * 4 * (x.detach() + 2)
    print(f"z.backward(v): by hand {by_hand}, autograd {x.grad}, equal: {torch.allclose(by_hand, x.grad)}")


def habits():
    title("Three habits of autograd")
    weights = torch.ones(2, requires_grad=True)
    for _ in range(3):
        (weights * 3).sum().backward()
        print("gradients add up:", weights.grad)
    weights.grad.zero_()
    print("until they are zeroed:", weights.grad)

    plain, tracked = torch.randn(2), torch.randn(2, requires_grad=True)
    print(f"one tracked input is enough: {(plain + plain).requires_grad = }, {(plain + tracked).requires_grad = }")
    with torch.no_grad():
        print(f"no_grad() looks away: {(tracked * 2).requires_grad = }")
    print(f"detach() cuts one tensor loose: {(tracked * 2).detach().requires_grad = }")


def draw_graph(gradients, path):
    """The small network: values flow to the right (blue), gradients flow back to the left (red)."""
    figure, axis = plt.subplots(figsize=(10, 4.6))
    nodes = {  # position and value
        "a": ((0, 3), 2), "w0": ((0, 2), 1), "b": ((0, 1), 3), "w1": ((0, 0), 1),
        "a w0": ((1.5, 2.5), 2), "b w1": ((1.5, 0.5), 3), "u": ((3, 1.5), 5), "v": ((3, 0.2), 1),
        "f": ((4.5, 1.5), 5), "y": ((4.5, 0.2), 10), "L": ((6, 1.5), 25),
    }  # fmt: skip
    edges = ["a>a w0", "w0>a w0", "b>b w1", "w1>b w1", "a w0>u", "b w1>u", "u>f", "v>f", "f>L", "y>L"]
    for start, end in (edge.split(">") for edge in edges):
        arrow = {"arrowstyle": "->", "color": "gray", "shrinkA": 21, "shrinkB": 21, "linewidth": 1.5}
        axis.annotate("", xy=nodes[end][0], xytext=nodes[start][0], arrowprops=arrow)
    for name, ((x, y), value) in nodes.items():
        colour = "moccasin" if name in gradients else "white"
        axis.scatter([x], [y], s=1300, color=colour, edgecolors="black", zorder=3)
        axis.text(x, y + 0.09, name, ha="center", va="center", zorder=4)
        axis.text(x, y - 0.16, value, ha="center", va="center", color="tab:blue", zorder=4)
        if name in gradients:
            axis.text(x, y - 0.48, f"gradient {gradients[name].item():.0f}", ha="center", color="tab:red")
    axis.set_title("u = a w0 + b w1,  f = u v,  L = (y - f)²\nblue: values, forward;  red: gradients dL/d·, backward")
    axis.set(xlim=(-0.6, 6.6), ylim=(-0.7, 3.5))
    axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print("\nPicture:", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="accepted by every example; this one is always fast")
    parser.add_argument("--seed", type=int, default=42, help="seed of the random numbers")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output", help="folder for the picture")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    one_weight()
    gradients = small_network()
    logistic_unit()
    vectors()
    habits()
    draw_graph(gradients, args.output / "chain_rule.png")


if __name__ == "__main__":
    main()
