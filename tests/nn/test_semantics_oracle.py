"""On random configurations, classic functions and layers give PyTorch's values, gradients and errors."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")


def plain(value):
    """A result as Python and NumPy values, with the dtypes of tensors."""
    if isinstance(value, (torch.Tensor, flambeau.Tensor)):
        return str(value.dtype).rpartition(".")[2], value.detach().numpy()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def outcome(library, function):
    """What a function of the library gives, or the class and first line of the error that it raises."""
    try:
        return plain(function(library))
    except Exception as error:
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def compare(expected, got, where, tolerance=1e-4):
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for i, (a, b) in enumerate(zip(expected, got, strict=True)):
            compare(a, b, f"{where}.{i}", tolerance)
    elif isinstance(expected, tuple) and isinstance(got, tuple):
        assert expected[0] == got[0], where
        np.testing.assert_allclose(got[1], expected[1], rtol=tolerance, atol=tolerance, err_msg=where)
    else:
        assert got == expected, where


def check(function, where, tolerance=1e-4):
    """Both libraries do the same with `function(library)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compare(outcome(torch, function), outcome(flambeau, function), where, tolerance)


def leaf(library, array):
    return library.tensor(array).requires_grad_()


def gradients(library, result, *leaves):
    """Gradients from a fixed cotangent."""
    cotangent = library.linspace(-1, 1, result.numel(), dtype=result.dtype).reshape(result.shape)
    return library.autograd.grad(result, leaves, cotangent)


class Draws(random.Random):
    """Random configurations."""

    def array(self, *shape):
        return np.random.default_rng(self.getrandbits(32)).standard_normal(shape).astype(np.float32)

    def flip(self, chance=0.5):
        return self.random() < chance

    def sizes(self, count, low, high):
        """One number for all dims, or one for each."""
        return self.randint(low, high) if self.flip() else tuple(self.randint(low, high) for _ in range(count))


def test_ctc_loss_also_where_targets_are_empty_or_do_not_fit():
    draw = Draws(0)
    for case in range(60):
        steps, batch, classes = draw.randint(1, 8), draw.randint(1, 4), draw.randint(2, 6)
        scores, blank = draw.array(steps, batch, classes), draw.randrange(classes)
        labels = [c for c in range(classes) if c != blank]
        lengths = [draw.randint(0, min(6, steps + 2)) for _ in range(batch)]
        times = [draw.randint(draw.choice([0, 1, 1]), steps) for _ in range(batch)]
        shape = (batch, max(*lengths, 1)) if draw.flip() else (sum(lengths),)
        targets = np.array([draw.choice(labels) for _ in range(int(np.prod(shape)))], np.int64).reshape(shape)
        kind, reduction, zero = draw.choice(["int64", "int32"]), draw.choice(["mean", "sum", "none"]), draw.flip()

        def function(library):
            x = leaf(library, scores)  # noqa: B023
            dtype = getattr(library, kind)  # noqa: B023
            sizes = [library.tensor(n, dtype=dtype) for n in (times, lengths)]  # noqa: B023
            loss = library.nn.functional.ctc_loss(
                x.log_softmax(-1), library.tensor(targets).to(dtype), *sizes, blank, reduction, zero  # noqa: B023
            )  # fmt: skip
            return loss, library.autograd.grad(loss.sum(), x)

        check(function, f"case {case}: {times} {lengths} {shape} {kind} {reduction} {zero}")


def test_embedding_bags_of_all_modes():
    draw = Draws(1)
    for case in range(60):
        rows, width = draw.randint(2, 7), draw.randint(1, 4)
        table, mode = draw.array(rows, width), draw.choice(["sum", "mean", "max"])
        last = draw.flip(0.4)
        if draw.flip():
            indices, offsets, last = (
                np.array([[draw.randrange(rows) for _ in range(draw.randint(1, 5))]] * 2),
                None,
                False,
            )
        else:
            count = draw.randint(0, 9)
            indices = np.array([draw.randrange(rows) for _ in range(count)], np.int64)
            offsets = np.array([0, *sorted(draw.randint(0, count) for _ in range(draw.randint(0, 4))), *[count] * last])
        padding, norm = draw.choice([None, None, 0, -1]), draw.choice([None, None, 0.5, 1.5])
        weights = draw.array(*indices.shape) if mode == "sum" and draw.flip() else None

        def function(library):
            leaves = [leaf(library, a) for a in (table, weights) if a is not None]  # noqa: B023
            at = None if offsets is None else library.tensor(offsets)  # noqa: B023
            result = library.nn.functional.embedding_bag(
                library.tensor(indices), leaves[0], at, norm, mode=mode, include_last_offset=last,  # noqa: B023
                per_sample_weights=leaves[1] if len(leaves) > 1 else None, padding_idx=padding,  # noqa: B023
            )  # fmt: skip
            return result, gradients(library, result, *leaves), leaves[0]

        check(function, f"case {case}: {mode} {indices.tolist()} {offsets} {padding} {norm}")


def test_attention_with_all_kinds_of_masks():
    draw = Draws(2)
    for case in range(40):
        heads = draw.randint(1, 3)
        width, length, keys, batch = (
            heads * draw.randint(1, 3),
            draw.randint(1, 4),
            draw.randint(1, 4),
            draw.randint(1, 3),
        )
        options = {
            "bias": draw.flip(0.7), "add_bias_kv": draw.flip(0.3), "add_zero_attn": draw.flip(0.3),
            "kdim": draw.choice([None, 3]), "vdim": draw.choice([None, 2]), "batch_first": draw.flip(),
        }  # fmt: skip
        inputs = [
            draw.array(n, batch, w)
            for n, w in ((length, width), (keys, options["kdim"] or width), (keys, options["vdim"] or width))
        ]
        if options["batch_first"]:
            inputs = [x.swapaxes(0, 1).copy() for x in inputs]
        masks = {}
        for name, shape in (
            ("key_padding_mask", (batch, keys)),
            ("attn_mask", draw.choice([(length, keys), (batch * heads, length, keys)])),
        ):
            if draw.flip(0.7):
                masked = draw.array(*shape) > 0.6
                masked[..., 0] = False
                masks[name] = masked if draw.flip() else np.where(masked, -np.inf, 0.5).astype(np.float32)
        averaged, wanted, training = draw.flip(), draw.flip(0.7), draw.flip()

        def function(library):
            library.manual_seed(0)
            layer = library.nn.MultiheadAttention(width, heads, **options).train(training)  # noqa: B023
            query, *others = [leaf(library, x) for x in inputs]  # noqa: B023
            given = {name: library.tensor(mask) for name, mask in masks.items()}  # noqa: B023
            output, weights = layer(query, *others, need_weights=wanted, average_attn_weights=averaged, **given)  # noqa: B023
            (output.sin().sum() + (weights.cos().sum() if weights is not None else 0)).backward()
            return output, weights, query.grad, [p.grad for p in layer.parameters()]

        check(function, f"case {case}: {options} {masks.keys()} {averaged} {wanted} {training}")


def test_recurrent_layers_on_packed_and_padded_sequences():
    draw = Draws(3)
    for case in range(40):
        kind, width, hidden, layers = draw.choice(["RNN", "GRU", "LSTM"]), draw.randint(1, 4), draw.randint(1, 4), 2
        options = {
            "num_layers": layers,
            "bias": draw.flip(0.7),
            "batch_first": draw.flip(),
            "bidirectional": draw.flip(),
        }
        if kind == "LSTM" and hidden > 1:
            options["proj_size"] = draw.randint(0, hidden - 1)
        if kind == "RNN":
            options["nonlinearity"] = draw.choice(["tanh", "relu"])
        lengths = [draw.randint(1, 5) for _ in range(draw.randint(1, 4))]
        data, packs, dropout = draw.array(len(lengths), max(lengths), width), draw.flip(0.7), draw.choice([0, 0.4])

        def function(library):
            library.manual_seed(0)
            layer = getattr(library.nn, kind)(width, hidden, dropout=dropout, **options)  # noqa: B023
            x = leaf(library, data if options["batch_first"] else data.swapaxes(0, 1))  # noqa: B023
            rnn, first = library.nn.utils.rnn, options["batch_first"]  # noqa: B023
            given = rnn.pack_padded_sequence(x, lengths, first, enforce_sorted=False) if packs else x  # noqa: B023
            output, state = layer(given)
            if packs:  # noqa: B023
                output, _ = rnn.pad_packed_sequence(output, first, padding_value=0.5, total_length=6)
            states = state if isinstance(state, tuple) else (state,)
            (output.sin().sum() + sum(s.cos().sum() for s in states)).backward()
            return output, states, x.grad, [p.grad for p in layer.parameters()]

        check(function, f"case {case}: {kind} {options} {lengths} {packs} {dropout}")


def test_images_seen_through_grids():
    draw = Draws(4)
    for case in range(60):
        dims = draw.choice([2, 2, 3])
        sizes, out = [draw.randint(1, 5) for _ in range(dims)], [draw.randint(1, 5) for _ in range(dims)]
        mode = draw.choice(["bilinear", "nearest", *["bicubic"] * (dims == 2)])
        outside, aligned = draw.choice(["zeros", "border", "reflection"]), draw.flip()
        image, grid = draw.array(2, 1, *sizes), draw.array(2, *out, dims) * draw.choice([0.5, 3.0])
        if draw.flip(0.3):
            grid = np.round(grid)
        elif outside == "zeros" and mode != "bicubic" and draw.flip():
            grid.flat[0] = draw.choice([np.nan, np.inf])

        def function(library):
            x, where = leaf(library, image), leaf(library, grid)  # noqa: B023
            y = library.nn.functional.grid_sample(x, where, mode, outside, aligned)  # noqa: B023
            return y, gradients(library, y, x, where)

        check(function, f"case {case}: {sizes} {out} {mode} {outside} {aligned} {grid.flat[0]}", 1e-3)


def test_images_of_other_sizes():
    draw = Draws(5)
    for case in range(80):
        dims = draw.randint(1, 3)
        smooth = ("linear", "bilinear", "trilinear")[dims - 1]
        mode = draw.choice(["nearest", "nearest-exact", "area", smooth, *["bicubic"] * (dims == 2)])
        aligned = draw.choice([None, True, False]) if mode in (smooth, "bicubic") else None
        softened = mode in ("bilinear", "bicubic") and draw.flip()
        image = draw.array(2, 2, *[draw.randint(2, 6) for _ in range(dims)])
        if draw.flip():
            size, scale, again = draw.sizes(dims, 1, 8), None, None
        else:
            scale = draw.choice([0.5, 2, 1.7, [draw.choice([0.5, 2, 1.7]) for _ in range(dims)]])
            size, again = None, draw.choice([None, True, False])

        def function(library):
            x = leaf(library, image)  # noqa: B023
            y = library.nn.functional.interpolate(x, size, scale, mode, aligned, again, softened)  # noqa: B023
            return y, gradients(library, y, x)

        check(function, f"case {case}: {image.shape} {size} {scale} {mode} {aligned} {again} {softened}", 1e-3)


def test_windows_of_all_kinds():
    draw = Draws(6)
    for case in range(60):
        dims = draw.randint(1, 3)
        image = draw.array(2, 2, *[draw.randint(1, 6) for _ in range(dims)])
        kernel, stride, ceil = draw.sizes(dims, 1, 3), draw.choice([None, draw.sizes(dims, 1, 3)]), draw.flip()
        padding, counts, p = draw.sizes(dims, 0, 1), draw.flip(), draw.choice([2.0, 3.0, float("inf"), -float("inf")])
        dilation = 1 if padding else draw.sizes(dims, 1, 2)

        def call(library, name, *args, **options):
            x = leaf(library, np.abs(image))  # noqa: B023
            found = getattr(library.nn.functional, f"{name}_pool{dims}d")(x, *args, **options)  # noqa: B023
            first = found[0] if isinstance(found, tuple) else found
            return found, gradients(library, first, x)

        def unpooled(library):
            f, x = library.nn.functional, leaf(library, image)  # noqa: B023
            values, places = getattr(f, f"max_pool{dims}d")(x, kernel, stride, return_indices=True)  # noqa: B023
            result = getattr(f, f"max_unpool{dims}d")(values, places, kernel, stride, 0, image.shape[2:])  # noqa: B023
            return result, gradients(library, result, x)

        def fractional(library):
            library.manual_seed(0)
            return call(library, "fractional_max", kernel, output_ratio=(0.6,) * dims, return_indices=True)  # noqa: B023

        where = f"case {case}: {image.shape} {kernel} {stride} {padding} {dilation} {ceil} {counts} {p}"
        check(lambda t: call(t, "max", kernel, stride, padding, dilation, ceil, return_indices=True), where)  # noqa: B023
        check(lambda t: call(t, "avg", kernel, stride, padding, ceil, counts), where)  # noqa: B023
        check(unpooled, where)
        if isinstance(kernel, int) or dims > 1:
            check(lambda t: call(t, "lp", p, kernel, stride, ceil), where, 1e-3)  # noqa: B023
        if dims > 1:
            check(fractional, where)


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_ignored_targets_get_no_gradient(smoothing, weighted):
    """Also where all are ignored, or all that are kept weigh nothing, and the mean itself is 0 / 0."""
    scores = Draws(7).array(3, 2)
    for reduction in ("mean", "sum", "none"):
        for targets, weights in (([1, 1, 1], [0.0, 2.0]), ([1, 0, 1], [0.0, 0.0]), ([1, 0, 1], [2.0, 1.0])):

            def function(library):
                x = leaf(library, scores)
                loss = library.nn.functional.cross_entropy(
                    x, library.tensor(targets), library.tensor(weights) if weighted else None, ignore_index=1,  # noqa: B023
                    reduction=reduction, label_smoothing=smoothing,  # noqa: B023
                )  # fmt: skip
                sign = loss.signbit() if reduction == "none" else loss  # noqa: B023
                return loss, sign, library.autograd.grad(loss.sum(), x)

            check(function, f"{reduction} {targets} {weights}")


@pytest.mark.parametrize("size", [float("inf"), -float("inf"), 100.0, -1e30])
def test_cross_entropy_of_extreme_logits(size):
    for target in (0.0, 1.0, 0.3):
        for factor in (None, [2.0]):

            def function(library):
                x = leaf(library, [size])
                loss = library.nn.functional.binary_cross_entropy_with_logits(
                    x, library.tensor([target]), pos_weight=None if factor is None else library.tensor(factor)  # noqa: B023
                )  # fmt: skip
                return loss, library.autograd.grad(loss, x)

            check(function, f"{size} {target} {factor}")
