"""Event files say what was added, when they are read by the format's rules."""

from __future__ import annotations

import os
import re
import struct
import zlib

import numpy as np
import pytest

import flambeau as torch
from flambeau.utils.tensorboard import SummaryWriter

from .reading import doubles, event_files, events, fields, floats, records, values


def test_the_file_is_named_as_tensorboard_looks_for_it(tmp_path):
    SummaryWriter(tmp_path, filename_suffix=".mine").close()
    (file,) = event_files(tmp_path)
    assert re.fullmatch(rf"events\.out\.tfevents\.\d{{10}}\..+\.{os.getpid()}\.\d+\.mine", file.name)


def test_the_usual_folder_has_the_date_and_the_comment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="_lr1") as writer:
        assert re.match(r"runs/[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+_lr1$", writer.log_dir)
        assert writer.get_logdir() == writer.log_dir


def test_scalars_keep_tag_step_value_and_time(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 0.5, 3, walltime=12.5)
        writer.add_scalar("loss", torch.tensor(0.25), torch.tensor(4))
        writer.add_scalar("loss", np.float32(0.0))
        writer.add_scalar("new", 2, 5, new_style=True)
        writer.add_scalar("exact", 0.1, 6, new_style=True, double_precision=True)
    found = values(tmp_path)
    assert [(step, tag) for step, tag, _ in found] == [(3, "loss"), (4, "loss"), (0, "loss"), (5, "new"), (6, "exact")]
    assert [value[2] for _, _, value in found[:3]] == [[0.5], [0.25], [0.0]]
    assert events(tmp_path)[0][1] == [12.5]
    new, exact = (fields(value[8][0]) for _, _, value in found[3:])
    assert new[1] == [1] and floats(new[5][0]) == [2.0]
    assert exact[1] == [2] and doubles(exact[6][0]) == [0.1]
    assert fields(fields(found[3][2][9][0])[1][0])[1] == [b"scalars"]


def test_only_numbers_are_scalars(tmp_path):
    with SummaryWriter(tmp_path) as writer, pytest.raises(AssertionError, match="should contain one element"):
        writer.add_scalar("loss", torch.ones(2))


def test_events_reach_the_disk_by_number_by_flush_and_by_close(tmp_path):
    writer = SummaryWriter(tmp_path, max_queue=3, flush_secs=1000)
    writer.add_scalar("a", 1.0)
    assert len(events(tmp_path)) == 0
    writer.add_scalar("a", 1.0)
    writer.add_scalar("a", 1.0)
    assert len(events(tmp_path)) == 3
    writer.add_scalar("a", 1.0)
    writer.flush()
    assert len(events(tmp_path)) == 4
    writer.close()
    writer.close()
    writer.add_scalar("a", 2.0)
    writer.close()
    assert len(event_files(tmp_path)) == 2


def test_purging_restarts_the_run_at_a_step(tmp_path):
    SummaryWriter(tmp_path, purge_step=7).close()
    version, start = events(tmp_path)
    assert version[2] == start[2] == [7] and version[3] == [b"brain.Event:2"]
    assert fields(start[7][0]) == {1: [1]}


def test_several_scalars_have_a_folder_each(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalars("a/b", {"x": 1.0, "y": 2.0}, 1)
        writer.add_scalars("a/b", {"x": 3.0}, 2)
    assert [(step, tag, v[2]) for step, tag, v in values(tmp_path / "a_b_x")] == [(1, "a/b", [1.0]), (2, "a/b", [3.0])]
    assert [v[2] for _, _, v in values(tmp_path / "a_b_y")] == [[2.0]]


@pytest.mark.parametrize("bins", ["tensorflow", "auto", 5])
def test_histograms_count_every_value_once_between_their_limits(tmp_path, bins):
    data = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", data, 1, bins=bins)
    histogram = fields(values(tmp_path)[0][2][5][0])
    array = data.numpy().astype(float)
    assert histogram[1] == [array.min()] and histogram[2] == [array.max()] and histogram[3] == [1000.0]
    assert histogram[4] == [pytest.approx(array.sum())] and histogram[5] == [pytest.approx((array**2).sum())]
    limits, buckets = doubles(histogram[6][0]), doubles(histogram[7][0])
    assert len(limits) == len(buckets) and buckets[0] == 0 and buckets[-1] > 0 and sum(buckets) == 1000
    for i in range(1, len(limits) - 1):
        assert buckets[i] == ((array >= limits[i - 1]) & (array < limits[i])).sum()


def test_a_histogram_may_have_fewer_bins(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", np.arange(100.0), bins=range(101), max_bins=10)
        writer.add_histogram_raw("r", 0, 1, 2, 3, 4, [0.5, 1.0], [1, 1])
    histogram, raw = (fields(value[5][0]) for _, _, value in values(tmp_path))
    assert doubles(histogram[6][0]) == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert doubles(histogram[7][0]) == [0] + [10] * 10
    assert 1 not in raw and raw[2] == [1.0] and doubles(raw[7][0]) == [1.0, 1.0]


def pixels_of(png):
    """The pixels of a PNG file whose rows have no filter."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", png, place + 8 + length) == (zlib.crc32(kind + data),)
        chunks[kind] = data
        place += 12 + length
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert depth == 8
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, {2: 3, 6: 4}[colour])


def test_pictures_are_png_files_of_the_right_pixels(tmp_path):
    grey = torch.arange(12, dtype=torch.uint8).reshape(3, 4)
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("grey", grey, dataformats="HW")
        writer.add_image("colour", torch.linspace(-0.5, 1.5, 24).reshape(3, 2, 4))
        writer.add_image("alpha", torch.zeros(2, 3, 4), dataformats="HWC")
        writer.add_images("grid", torch.stack([torch.full((1, 2, 2), i / 10) for i in range(10)]))
    grey_image, colour, alpha, grid = (fields(value[4][0]) for _, _, value in values(tmp_path))
    assert (grey_image[1], grey_image[2], grey_image[3]) == ([3], [4], [3])
    assert (pixels_of(grey_image[4][0]) == grey.numpy()[:, :, None]).all()
    expected = (np.linspace(-0.5, 1.5, 24, dtype="f4") * np.float32(255)).clip(0, 255).astype("u1").reshape(3, 2, 4)
    assert (pixels_of(colour[4][0]) == expected.transpose(1, 2, 0)).all()
    assert alpha[3] == [4] and pixels_of(alpha[4][0]).shape == (2, 3, 4)
    cells = pixels_of(grid[4][0])
    assert cells.shape == (4, 16, 3)
    assert cells[0, ::2, 0].tolist() == [int(np.float32(i / 10) * np.float32(255)) for i in range(8)]
    assert cells[2, ::2, 0].tolist() == [int(np.float32(i / 10) * 255) for i in (8, 9)] + [0] * 6


def test_a_picture_needs_one_letter_for_each_dim(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        with pytest.raises(AssertionError, match="input format are different"):
            writer.add_image("x", torch.zeros(2, 2))
        with pytest.raises(AssertionError, match="same dimension shorthand twice"):
            writer.add_image("x", torch.zeros(2, 2), dataformats="HH")


def test_figures_are_drawn_and_closed(tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(1, 0.5), dpi=100, facecolor="red")
    with SummaryWriter(tmp_path) as writer:
        writer.add_figure("f", figure)
    assert not pyplot.fignum_exists(figure.number)
    pixels = pixels_of(fields(values(tmp_path)[0][2][4][0])[4][0])
    assert pixels.shape == (50, 100, 3) and pixels[0, 0].tolist() == [255, 0, 0]


def test_texts_sounds_and_tensors_are_kept(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_text("note", "# Grüße", 1)
        writer.add_audio("sound", torch.tensor([[0.0, 0.5, -0.5]]), sample_rate=8000)
        writer.add_tensor("whole", torch.arange(6, dtype=torch.int32).reshape(2, 3))
    text, sound, whole = values(tmp_path)
    assert text[:2] == (1, "note/text_summary")
    tensor = fields(text[2][8][0])
    assert tensor[1] == [7] and tensor[8] == ["# Grüße".encode()]
    audio = fields(sound[2][6][0])
    assert audio[1] == [8000.0] and audio[2] == [1] and audio[3] == [3] and audio[5] == [b"audio/wav"]
    assert audio[4][0][:4] == b"RIFF" and np.frombuffer(audio[4][0][-6:], "<i2").tolist() == [0, 16383, -16383]
    tensor = fields(whole[2][8][0])
    assert tensor[1] == [3] and np.frombuffer(tensor[4][0], "<i4").tolist() == list(range(6))
    assert [fields(dim)[1] for dim in fields(tensor[2][0])[2]] == [[2], [3]]


def test_precision_and_recall_are_right_at_every_threshold(tmp_path):
    labels = torch.tensor([0, 1, 1, 0, 1])
    predictions = torch.tensor([0.1, 0.4, 0.9, 0.6, 1.0])
    with SummaryWriter(tmp_path) as writer:
        writer.add_pr_curve("pr", labels, predictions, num_thresholds=11)
    value = values(tmp_path)[0][2]
    plugin = fields(fields(value[9][0])[1][0])
    assert plugin[1] == [b"pr_curves"] and fields(plugin[2][0]) == {2: [11]}
    curve = np.array(floats(fields(value[8][0])[5][0])).reshape(6, 11)
    reached = np.floor(predictions.numpy() * 10).astype(int)
    for threshold in range(11):
        yes = reached >= threshold
        truth = labels.numpy() == 1
        counts = [(yes & truth).sum(), (yes & ~truth).sum(), (~yes & ~truth).sum(), (~yes & truth).sum()]
        assert curve[:4, threshold].tolist() == counts
        assert curve[4, threshold] == pytest.approx(counts[0] / max(yes.sum(), 1e-7))
        assert curve[5, threshold] == pytest.approx(counts[0] / truth.sum())


def test_hyperparameters_have_a_run_of_their_own(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_hparams({"lr": 0.1, "name": "sgd", "none": None}, {"accuracy": 0.9}, {"lr": [0.1, 1.0]}, "run")
        with pytest.raises(TypeError, match="should be dictionary"):
            writer.add_hparams([], {})
        with pytest.raises(TypeError, match=r"hparam_domain_discrete\[lr\] should be a list of same type"):
            writer.add_hparams({"lr": 0.1}, {}, {"lr": ["a"]})
    experiment, start, end, metric = values(tmp_path / "run")
    assert [v[1] for v in (experiment, start, end)] == [
        "_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info",
    ]  # fmt: skip

    def content(value):
        return fields(fields(fields(value[2][9][0])[1][0])[2][0])

    described = fields(content(experiment)[2][0])
    infos = [fields(info) for info in described[4]]
    assert [(info[1], info[4]) for info in infos] == [([b"lr"], [3]), ([b"name"], [1])]
    assert [fields(v) for v in fields(infos[0][5][0])[1]] == [{2: [0.1]}, {2: [1.0]}]
    assert fields(fields(described[5][0])[1][0]) == {2: [b"accuracy"]}
    entries = [fields(entry) for entry in fields(content(start)[3][0])[1]]
    assert {e[1][0]: fields(e[2][0]) for e in entries} == {b"lr": {2: [0.1]}, b"name": {3: [b"sgd"]}}
    assert fields(content(end)[4][0]) == {1: [1]}
    assert metric[1] == "accuracy" and metric[2][2] == [pytest.approx(0.9)]


def test_points_are_tables_with_labels_and_pictures(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        points = torch.tensor([[1.0, 2.5], [3.0, -4.0]])
        writer.add_embedding(points, ["a", "b"], torch.ones(2, 3, 4, 5), global_step=2, tag="my/tag")
        writer.add_embedding(points, [["a", "x"], ["b", "y"]], metadata_header=["one", "two"])
        with pytest.raises(AssertionError, match="#labels should equal with #data points"):
            writer.add_embedding(points, ["a"], global_step=9)
    folder = tmp_path / "00002" / "my%2ftag"
    assert (folder / "tensors.tsv").read_text() == "1.0\t2.5\n3.0\t-4.0\n"
    assert (folder / "metadata.tsv").read_text() == "a\nb\n"
    assert pixels_of((folder / "sprite.png").read_bytes()).shape == (10, 10, 3)
    assert (tmp_path / "00000" / "default" / "metadata.tsv").read_text() == "one\ttwo\na\tx\nb\ty\n"
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert config.count("embeddings {") == 2
    assert 'tensor_path: "00002/my%2ftag/tensors.tsv"' in config and "single_image_dim: 5" in config


def test_what_cannot_be_written_is_said(tmp_path):
    with SummaryWriter(tmp_path) as writer, pytest.raises(NotImplementedError, match=r"add_graph is not available"):
        writer.add_graph(torch.nn.Linear(1, 1))
    assert len(records(event_files(tmp_path)[0])) == 1


def test_tensorboard_itself_reads_the_file(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 0.5, 3)
        writer.add_scalar("new", 1.5, 3, new_style=True)
        writer.add_histogram("h", torch.arange(5.0), 1)
        writer.add_image("i", torch.ones(3, 2, 2), 1)
        writer.add_text("t", "hello", 1)
        writer.add_pr_curve("p", torch.tensor([0, 1]), torch.tensor([0.1, 0.9]), 1)
        writer.add_audio("a", torch.zeros(3), 1)
        writer.add_custom_scalars_multilinechart(["loss"])
        writer.add_hparams({"lr": 0.1, "kind": "x"}, {"loss": 1.0}, run_name="run")
        writer.add_embedding(torch.ones(2, 2), ["a", "b"])
    events = accumulator.EventAccumulator(str(tmp_path)).Reload()
    assert events.Scalars("loss")[0].value == 0.5 and events.Scalars("loss")[0].step == 3
    assert events.Histograms("h")[0].histogram_value.num == 5
    assert (events.Images("i")[0].width, events.Images("i")[0].height) == (2, 2)
    assert events.Audio("a")[0].length_frames == 3
    tags = events.Tags()["tensors"]
    assert {"new", "t/text_summary", "p", "custom_scalars__config__"} <= set(tags)
    assert events.Tensors("t/text_summary")[0].tensor_proto.string_val == [b"hello"]

    from google.protobuf import text_format
    from tensorboard.plugins.custom_scalar import layout_pb2
    from tensorboard.plugins.hparams import plugin_data_pb2
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    layout = layout_pb2.Layout.FromString(events.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0])
    assert layout.category[0].chart[0].multiline.tag == ["loss"]
    run = accumulator.EventAccumulator(str(tmp_path / "run")).Reload()
    contents = run.PluginTagToContent("hparams")
    start = plugin_data_pb2.HParamsPluginData.FromString(contents["_hparams_/session_start_info"])
    assert start.session_start_info.hparams["lr"].number_value == 0.1
    experiment = plugin_data_pb2.HParamsPluginData.FromString(contents["_hparams_/experiment"]).experiment
    assert [info.name for info in experiment.hparam_infos] == ["lr", "kind"]
    assert experiment.metric_infos[0].name.tag == "loss"
    config = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), ProjectorConfig())
    assert config.embeddings[0].tensor_path == "00000/default/tensors.tsv"
