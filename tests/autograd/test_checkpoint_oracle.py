"""Checkpointed functions behave as PyTorch's where the second run differs, and run in the surroundings of the first."""

import contextlib
from importlib import import_module

import pytest


def checkpoints(torch):
    return import_module(torch.__name__ + ".utils.checkpoint")


def leaf(torch):
    return torch.arange(4.0).requires_grad_()


def passed(torch, function, *args, **options):
    """The gradient of a leaf through a checkpointed function of it and of other arguments."""
    x = leaf(torch)
    checkpoints(torch).checkpoint(function, x, *args, use_reentrant=False, **options).sum().backward()
    return x.grad


def changing(first, then):
    """A function whose second run is another."""
    runs = iter([first, then])
    return lambda *args: next(runs)(*args)


def test_a_second_run_that_differs_is_an_error(agree):
    @agree
    def session(torch, error):
        def squared(a):
            return (a * a).sin()

        others = {
            "shape": lambda a: (a[:2] * a[:2]).sin(),
            "dtype": lambda a: (a.double() * a.double()).sin(),
            "fewer": lambda a: a * a,
            "more": lambda a: (a * a).sin().cos(),
        }
        for other in others.values():
            for options in ({}, {"early_stop": False}):
                yield error(lambda: passed(torch, changing(squared, other), **options))  # noqa: B023
        yield passed(torch, changing(squared, others["dtype"]), determinism_check="none")
        yield error(lambda: passed(torch, squared, determinism_check="maybe"))


def test_inputs_that_were_overwritten_are_an_error(agree):
    @agree
    def session(torch, error):
        for reentrant in (True, False):
            a, w = torch.arange(4.0), leaf(torch)
            y = checkpoints(torch).checkpoint(lambda a, w: a * w.sin(), a, w, use_reentrant=reentrant)
            a.add_(1)
            yield error(lambda: y.sum().backward())  # noqa: B023


def test_the_second_run_has_the_casts_and_the_random_numbers_of_the_first(agree):
    @agree
    def session(torch, error):
        for reentrant in (True, False):
            for preserve in (True, False):
                torch.manual_seed(0)
                seen = []

                def noisy(a):
                    b = a @ a
                    seen.append((b.dtype, torch.rand(2).tolist()))  # noqa: B023
                    return b.sin()

                a = torch.ones(3, 3, requires_grad=True)
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    y = checkpoints(torch).checkpoint(noisy, a, use_reentrant=reentrant, preserve_rng_state=preserve)
                y.float().sum().backward()
                yield (
                    [str(d).rpartition(".")[2] for d, _ in seen],
                    seen[0][1] == seen[1][1],
                    torch.rand(1),
                    a.grad.dtype,
                )


def test_early_stop_and_groups_say_how_much_runs_again(agree):
    @agree
    def session(torch, error):
        c = checkpoints(torch)

        def counted(early_stop, block):
            lines = []

            def function(a):
                lines.append(1)
                b = a.sin().exp()
                lines.append(2)
                return b + 1

            with block:
                return passed(torch, function, early_stop=early_stop), lines

        for block in (contextlib.nullcontext, lambda: c.set_checkpoint_early_stop(False)):
            yield counted(True, block()), counted(False, block())
        runs = []
        x = leaf(torch)
        y = c.checkpoint(lambda a: (runs.append(1), (a * a).sin())[1], x, use_reentrant=False)
        with c.GraphExecGroup():
            y[0].backward(retain_graph=True)
            yield runs, error(lambda: c.GraphExecGroup().__enter__()).partition(".")[0]


def test_options_of_one_kind_of_checkpoint(agree):
    @agree
    def session(torch, error):
        c = checkpoints(torch)
        x, plain = leaf(torch), torch.nn.Sequential(torch.nn.ReLU())
        yield error(lambda: c.checkpoint(torch.sin, x, use_reentrant=True, debug=True))
        yield error(lambda: c.checkpoint(torch.sin, x, use_reentrant=True, context_fn=lambda: 3))
        yield error(lambda: c.checkpoint_sequential(plain, 1, x, use_reentrant=False, other=3))
        log = []

        @contextlib.contextmanager
        def noted(name):
            log.append("into " + name)
            yield
            log.append("out of " + name)

        yield passed(torch, lambda a: (a * a).sin(), context_fn=lambda: (noted("first"), noted("second"))), log
        yield c.get_device_states(x), c.set_device_states([], []), c.DefaultDeviceType.get_device_type()


def test_debug_tells_the_lines_that_differ():
    import flambeau

    c = checkpoints(flambeau)
    with (
        c.set_checkpoint_debug_enabled(True),
        pytest.raises(c.CheckpointError, match="test_checkpoint_oracle.py, line"),
    ):
        passed(flambeau, changing(lambda a: (a * a).sin(), lambda a: (a[:2] * a[:2]).sin()))


def test_a_region_may_end_in_any_function(agree):
    @agree
    def session(torch, error):
        x, w = leaf(torch), torch.ones(2, 3, requires_grad=True)
        functions = {
            "linear": lambda a: torch.nn.functional.linear(torch.ones(1, 3) * a.sum(), w),
            "matmul": lambda a: (torch.ones(1, 3) * a.sum()) @ w.T,
            "softmax": lambda a: a.softmax(0),
            "layer_norm": lambda a: torch.nn.functional.layer_norm(a, a.shape[-1:]),
            "mul": lambda a: a * a,
            "cat": lambda a: torch.cat([a, a * 2]),
        }
        for name, f in functions.items():
            x.grad = w.grad = None
            checkpoints(torch).checkpoint(f, x, use_reentrant=False).pow(2).sum().backward()
            yield name, x.grad, w.grad
