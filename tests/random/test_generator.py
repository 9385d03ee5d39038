"""Generators: their seeds, PyTorch's bytes of their state, and the uniform numbers that they give."""

import copy
import itertools
import pickle
import subprocess
import sys
import zlib

import numpy as np
import pytest

from flambeau.device import device
from flambeau.random import STATE, Generator, default_generator, fill_log_normal, normal, uniform
from flambeau.random.generator import CPU


def assert_same_stream(a, b):
    assert np.array_equal(a.get_state_bytes(), b.get_state_bytes())
    assert np.array_equal(a.words(700), b.words(700))


@pytest.mark.parametrize(
    ("seed", "initial"),
    [(0, 0), (-1, 2**64 - 1), (2**64 - 1, 2**64 - 1), (-(2**63), 2**63), (2**40 + 7, 2**40 + 7)],
)
def test_negative_seeds_are_twos_complements(seed, initial):
    generator = Generator().manual_seed(seed)
    assert generator.initial_seed() == initial
    assert_same_stream(generator, Generator().manual_seed(initial))


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (2**64, ValueError, "^Overflow when unpacking long long"),
        (-(2**63) - 1, ValueError, "^Overflow when unpacking long long"),
        (1.5, RuntimeError, "^manual_seed expected a long, but got float$"),
        (True, RuntimeError, "^manual_seed expected a long, but got bool$"),
        ("a", RuntimeError, "^manual_seed expected a long, but got str$"),
        (np.float64(3), RuntimeError, "^manual_seed expected a long, but got numpy.float64$"),
        (np.int64(3), TypeError, "^an integer is required$"),
    ],
)
def test_a_seed_that_is_no_integer_of_64_bits_is_refused(seed, error, message):
    with pytest.raises(error, match=message):
        Generator().manual_seed(seed)


def test_a_new_generator_starts_from_pytorchs_constant():
    assert Generator().initial_seed() == 67280421310721
    assert Generator("cpu").device == Generator().device == device("cpu")


def test_seed_returns_the_new_seed_which_repeats_the_stream():
    generator = Generator()
    seed = generator.seed()
    assert seed == generator.initial_seed()
    assert seed not in (67280421310721, generator.seed())
    assert_same_stream(Generator().manual_seed(seed), generator.manual_seed(seed))


def test_the_default_generator_has_a_seed_of_its_own():
    assert default_generator.initial_seed() != 67280421310721


def test_the_state_is_what_pytorch_saves():
    """Checksums of `torch.Generator().manual_seed(7).get_state()` after the same draws."""
    generator = Generator().manual_seed(7)
    checksums = [zlib.crc32(generator.get_state_bytes())]
    for count in (3, 620, 1, 1, 623):
        uniform(generator, count)
        checksums.append(zlib.crc32(generator.get_state_bytes()))
    normal(generator, 3, dtype=np.float64)
    checksums.append(zlib.crc32(generator.get_state_bytes()))
    assert checksums == [2460441901, 2148345805, 3578623525, 3753441051, 3389167473, 2015388102, 826240879]


def test_the_state_has_pytorchs_size_and_fields():
    generator = Generator().manual_seed(7)
    fresh = generator.get_state_bytes()
    assert (fresh.dtype, fresh.shape) == (np.uint8, (5056,))
    first = fresh.view(STATE)[0]
    assert (first["seed"], first["left"], first["next"], first["normal_valid"]) == (7, 1, 0, 0)
    normal(generator, 1)
    second = generator.get_state_bytes().view(STATE)[0]
    assert (second["left"], second["next"], second["normal_valid"]) == (621, 4, 1)
    assert second["normal_y"] == generator.cached_normal


@pytest.mark.parametrize("draws", list(itertools.product([0, 1, 623, 624, 1000], [0, 1, 2])))
def test_a_state_carries_everything_over(draws):
    words, normals = draws
    generator = Generator().manual_seed(11)
    generator.words(words)
    normal(generator, normals)
    saved = generator.get_state_bytes()
    other = Generator().manual_seed(5)
    normal(other, 1)
    assert other.set_state_bytes(saved) is other
    assert other.initial_seed() == 11
    assert np.array_equal(other.get_state_bytes(), saved)
    for count in (3, 20):
        assert np.array_equal(normal(other, count), normal(generator, count))
    assert_same_stream(other, generator)


def test_seeding_forgets_the_waiting_normal():
    generator = Generator()
    normal(generator, 1)
    assert generator.cached_normal is not None
    assert_same_stream(generator.manual_seed(1), Generator().manual_seed(1))


@pytest.mark.parametrize("twin", [Generator.clone, copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_copies_continue_the_stream_on_their_own(twin):
    generator = Generator().manual_seed(2)
    generator.normal_profile = "libm"
    normal(generator, 5)
    other = twin(generator)
    assert (other.device, other.normal_profile, other.cached_normal) == (CPU, "libm", generator.cached_normal)
    before = generator.get_state_bytes()
    other.words(10)
    assert np.array_equal(generator.get_state_bytes(), before)
    generator.words(10)
    assert_same_stream(other, generator)


def test_what_cannot_be_a_state_is_refused():
    generator = Generator()
    state = generator.get_state_bytes()
    for change, error, message in [
        (state.astype(np.float32), TypeError, "RNG state must be a torch.ByteTensor"),
        (np.repeat(state, 2)[::2], RuntimeError, "RNG state must be contiguous"),
        (
            state[:10],
            RuntimeError,
            "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 10",
        ),
        (np.zeros_like(state), RuntimeError, "Invalid mt19937 state"),
    ]:
        with pytest.raises(error) as raised:
            generator.set_state_bytes(change)
        assert str(raised.value) == message
    assert np.array_equal(generator.get_state_bytes(), state)


def test_offsets_are_for_other_devices():
    for call in (Generator().get_offset, lambda: Generator().set_offset(1)):
        with pytest.raises(RuntimeError, match="^CPU Generator does not use offset$"):
            call()


@pytest.mark.parametrize("skipped", [0, 1, 623, 600, 365])
def test_uniform_numbers_are_the_same_one_by_one_or_at_once(skipped):
    count = 700
    at_once, listed, streamed = (Generator().manual_seed(9) for _ in range(3))
    for generator in (at_once, listed, streamed):
        generator.words(skipped)
    expected = at_once.uniform53(count)
    assert [number for size in (3, 10, 11, count - 24) for number in listed.uniform_list(size)] == expected.tolist()
    stream = streamed.uniform_stream()
    for number in expected.tolist():
        assert next(stream) == number
    for generator in (listed, streamed):
        assert np.array_equal(generator.get_state_bytes(), at_once.get_state_bytes())


def test_the_place_is_exact_after_every_number_of_a_stream():
    generator, words = Generator().manual_seed(1), Generator().manual_seed(1)
    stream = generator.uniform_stream()
    for _ in range(320):
        next(stream)
        words.words(2)
        assert generator.twister.position == words.twister.position


def test_uniform_numbers_take_the_low_bits_of_words():
    words = Generator().manual_seed(4).words(20).astype(np.int64)
    assert np.array_equal(Generator().manual_seed(4).uniform24(20) * 2.0**24, words % 2**24)
    high, low = words[0::2], words[1::2]
    assert np.array_equal(Generator().manual_seed(4).uniform53(10) * 2.0**53, (high * 2**32 + low) % 2**53)
    assert Generator().manual_seed(4).words64(3).tolist() == [
        int(a) * 2**32 + int(b) for a, b in zip(high[:3], low[:3], strict=True)
    ]


def test_one_thread_draws_at_a_time():
    """Threads that share a generator get different numbers, which together are those of one thread."""
    from concurrent.futures import ThreadPoolExecutor

    shared, alone = Generator().manual_seed(0), Generator().manual_seed(0)
    with ThreadPoolExecutor(4) as pool:
        pieces = list(pool.map(lambda _: fill_log_normal(shared, np.empty(50)), range(40)))
    expected = fill_log_normal(alone, np.empty(2000)).reshape(40, 50)
    assert sorted(piece[0] for piece in pieces) == pytest.approx(sorted(expected[:, 0]), rel=1e-14)


def test_numpys_generators_are_not_imported_before_the_first_draw():
    code = (
        "import sys, numpy; before = 'numpy.random' in sys.modules; from flambeau import random; "
        "random.default_generator.manual_seed(0); sys.exit('numpy.random' in sys.modules and not before)"
    )
    path = [entry for entry in sys.path if entry]
    subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"], check=True)


def test_the_device_is_the_one_it_has_in_pytorch(agree):
    @agree
    def _(torch, error):
        yield repr(torch.Generator().device), repr(torch.Generator(torch.device("cpu")).device)
        yield repr(torch.Generator("cpu:1").device), error(lambda: torch.Generator("meta"))
