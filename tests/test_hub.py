"""Models are loaded from a directory with a hubconf.py."""

from __future__ import annotations

import pytest

from flambeau import hub


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "hubconf.py").write_text(
        'dependencies = ["json"]\n\ndef twice(x):\n    """Doubles."""\n    return 2 * x\n\n_hidden = len\n'
    )
    return tmp_path


def test_a_directory_lists_explains_and_gives_its_models(repository):
    assert hub.list(repository, source="local") == ["twice"]
    assert hub.help(repository, "twice", source="local") == "Doubles."
    assert hub.load(repository, "twice", 4, source="local") == 8


def test_a_model_that_is_not_there_is_an_error(repository):
    with pytest.raises(RuntimeError, match="Cannot find callable thrice in hubconf"):
        hub.load(repository, "thrice", source="local")


def test_repositories_are_not_fetched():
    with pytest.raises(NotImplementedError, match="source='local'"):
        hub.load("owner/repository", "model")


def test_weights_are_kept_where_the_user_says(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "_directory", {})
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert hub.get_dir() == str(tmp_path / "hub")
    hub.set_dir(tmp_path / "mine")
    assert hub.get_dir() == str(tmp_path / "mine")


def test_the_digest_in_the_name_of_a_file_is_found():
    assert hub.HASH_REGEX.search("resnet18-f37072fd.pth").group(1) == "f37072fd"
    assert hub.HASH_REGEX.search("weights.pth") is None
