"""A program under `flambeau run` sees, prints and returns what it would under `python`; audit and info are right."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from flambeau import audit, cli, missing, version

ROOT = Path(__file__).parents[1]


@pytest.fixture
def write(tmp_path):
    """write(name, source): a file in the test's folder."""

    def write(name, source):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
        return file

    return write


@pytest.fixture
def start(tmp_path):
    """start(*words): the finished process of a command line, from the test's folder."""
    # with the paths of this process, a source tree stands in for an installed package
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def start(*words, flags=()):
        command = [sys.executable, *flags, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=120)

    return start


@pytest.fixture
def both(start):
    """both(*words): (exit code, output, errors) by `python` and by `python -m flambeau run`."""

    def both(*words):
        runs = start(*words), start("-m", "flambeau", "run", *words)
        return tuple((run.returncode, run.stdout, run.stderr) for run in runs)

    return both


# ---- run: the same as python --------------------------------------------------------------------------------------

SEES_ITSELF = """
    import os, sys
    import __main__
    print(__name__, __file__, __spec__ if __spec__ is None else __spec__.name, __package__, __doc__)
    print(sys.argv, [p for p in sys.path[:1]], __main__.__dict__ is globals())
    print(sorted(set(globals()) - {"__annotations__"}))
"""
LIKE_PYTHON = {
    "sees itself as __main__": SEES_ITSELF,
    "fails": "def f():\n    return 1 / 0\n\nf()\n",
    "fails with a cause": """
        def f():
            try:
                {}["a"]
            except KeyError as error:
                raise ValueError("no a") from error
        f()
        """,
    "fails while it handles a failure": """
        try:
            import nothing_here
        except ImportError:
            raise RuntimeError("x")
        """,
    "has no valid syntax": "x = 1\ny = = 2\n",
    "imports what is not there": "import nothing_here\n",
    "returns a code": "import sys\nsys.exit(7)\n",
    "returns a sentence": "import sys\nsys.exit('that was wrong')\n",
    "returns None": "raise SystemExit\n",
    "has its own hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0], a[2].tb_lineno)\n\n1 / 0\n",
    "has handlers for its exit": """
        import atexit, pickle
        class Thing: pass
        atexit.register(lambda: print(type(pickle.loads(pickle.dumps(Thing()))) is Thing))
        """,
    "starts a thread that outlives it": """
        import threading, pickle, time
        class Thing: pass
        def later():
            time.sleep(0.1)
            print(pickle.dumps(Thing) is not None)
        threading.Thread(target=later).start()
        """,
    "raises a group": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])\n",
    "says its encoding": "# -*- coding: latin-1 -*-\nprint(ascii('\u00e9'))\n",
}


@pytest.mark.parametrize("source", LIKE_PYTHON.values(), ids=LIKE_PYTHON.keys())
def test_a_script_does_what_it_does_under_python(source, write, both):
    python, ours = both(write("script.py", source).name, "a", "-h", "--", "-m", "run")
    assert ours == python


def test_a_script_in_another_folder_imports_its_neighbours(write, both):
    write("inner/neighbour.py", "print('neighbour', __name__)\n")
    write("inner/script.py", SEES_ITSELF + "    import neighbour\n")
    python, ours = both("inner/script.py", "x")
    assert ours == python
    assert "neighbour neighbour" in ours[1]


def test_a_link_to_a_script_counts_as_the_script(write, both, tmp_path):
    write("inner/neighbour.py", "print('neighbour')\n")
    script = write("inner/script.py", SEES_ITSELF + "    import neighbour\n")
    (tmp_path / "link.py").symlink_to(script)
    python, ours = both("link.py")
    assert ours == python


def test_a_folder_runs_its_main(write, both):
    write("program/__main__.py", SEES_ITSELF + "    import neighbour\n")
    write("program/neighbour.py", "")
    python, ours = both("program", "x")
    assert ours == python


@pytest.mark.parametrize("name", ["package", "package.inner", "package.plain", "alone"])
def test_a_module_does_what_it_does_under_python(name, write, both):
    write("package/__init__.py", "print('package')\n")
    write("package/__main__.py", SEES_ITSELF + "    from . import plain\n    raise KeyError('x')\n")
    write("package/inner/__init__.py", "")
    write("package/inner/__main__.py", SEES_ITSELF)
    write("package/plain.py", SEES_ITSELF)
    write("alone.py", SEES_ITSELF)
    python, ours = both("-m", name, "a", "-m")
    assert ours[:2] == python[:2]
    # python's own traceback of a module begins with the frames of runpy, which ours has not
    runpy = re.compile(r'  File "<frozen runpy>", line \d+, in \w+\n')
    assert ours[2] == runpy.sub("", python[2])


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["absent.py"], 2, "can't open file '{folder}/absent.py': [Errno 2] No such file or directory"),
        (["."], 1, "can't find '__main__' module in '{folder}'"),
        (["-m", "absent"], 1, "No module named absent"),
        (["-m", "absent.inner"], 1, "No module named absent.inner"),
        (["-m", "json"], 1, "No module named json.__main__; 'json' is a package and cannot be directly executed"),
        (["-m"], 2, "give a module behind -m"),
        (["--fast", "script.py"], 2, "give a script, not the option --fast"),
    ],
)
def test_nothing_to_run_is_one_sentence(words, code, sentence, start, tmp_path):
    done = start("-m", "flambeau", "run", *words)
    assert done.returncode == code
    assert done.stdout == ""
    assert re.fullmatch(r"flambeau( run)?: .*\n", done.stderr)
    assert sentence.format(folder=os.path.realpath(tmp_path)) in done.stderr


def test_interrupting_ends_with_the_code_of_an_interrupt(write, start):
    script = write("script.py", "raise KeyboardInterrupt\n")
    done = start("-m", "flambeau", "run", script)
    assert done.returncode == 130
    assert done.stderr == f'Traceback (most recent call last):\n  File "{script}", line 1, in <module>\n' + (
        "    raise KeyboardInterrupt\nKeyboardInterrupt\n"
    )


# ---- run: torch is Flambeau ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [["-m", "flambeau", "run"], ["-m", "flambeau"], ["-c", "from flambeau.cli import main; main()"]]
)
def test_torch_means_flambeau(words, write, start):
    script = write(
        "script.py",
        """
        import sys, torch
        import torch.nn.functional as F
        from torch import nn
        print(torch.__name__, F.__name__, nn.__name__, torch.__version__, sys.argv[1:])
        """,
    )
    done = start(*words, script, "--flag")
    assert done.stderr == ""
    assert done.stdout == (
        f"torch flambeau.nn.functional flambeau.nn {version.API}+flambeau{version.FLAMBEAU} ['--flag']\n"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import torch.no_such_module", ["ModuleNotFoundError: No module named 'torch.no_such_module'"]),
        (
            "from torch.nn import Linaer",
            ["ImportError: cannot import name 'Linaer' from 'torch.nn'", "torch.nn.Linear."],
        ),
        ("from torch.nn.functional import sofmax", ["ImportError: cannot import name 'sofmax'", "functional.softmax."]),
        (
            "import torch; torch.nn.Linaer",
            ["AttributeError: module 'torch.nn' has no attribute 'Linaer'", "nn.Linear."],
        ),
    ],
)
def test_what_is_missing_is_explained_at_the_scripts_own_line(line, words, write, start):
    script = write("script.py", f"x = 1\n{line}\n")
    done = start("-m", "flambeau", "run", script)
    assert done.returncode == 1
    assert all(word in done.stderr for word in words), done.stderr
    assert f'File "{script}", line 2, in <module>' in done.stderr
    assert not [name for name in ("cli.py", "compat.py", "importlib", "__main__.py") if name in done.stderr]


def test_a_pytorch_that_is_there_first_is_one_sentence(write, start):
    code = "import sys, types; sys.modules['torch'] = types.ModuleType('torch'); from flambeau import cli; "
    done = start("-c", code + "sys.exit(cli.main(['run', 'script.py']))")
    assert done.returncode == 1
    assert done.stderr.startswith("flambeau: 'torch' is already imported, and it is not Flambeau\n")


# ---- the other commands -------------------------------------------------------------------------------------------


def test_version_names_both_releases(start):
    done = start("-m", "flambeau", "--version")
    assert (done.returncode, done.stdout) == (0, f"flambeau {version.FLAMBEAU} (the API of PyTorch {version.API})\n")


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["audit", "-h"], ["info", "-h"]])
def test_help_names_the_command(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 0
    assert f"usage: flambeau {words[0] if len(words) > 1 else ''}".strip() in capsys.readouterr().out


def test_no_command_shows_the_help(capsys):
    assert cli.main([]) == 2
    assert "usage: flambeau" in capsys.readouterr().err


def test_info_lists_versions_and_every_extra(capsys):
    assert cli.main(["info"]) == 0
    text = capsys.readouterr().out
    assert version.FLAMBEAU in text
    assert re.search(r"^numpy +\d+\.\d+\S*, BLAS \S+", text, re.MULTILINE)
    assert re.search(r"^threads +\d+", text, re.MULTILINE)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(cli.EXTRAS) == set(extras) - {"test"}
    for extra in cli.EXTRAS:
        assert re.search(rf"^  {extra} +\S", text, re.MULTILINE)
    assert re.search(r"^torchvision here$", text, re.MULTILINE), "a clone has it"


# ---- audit --------------------------------------------------------------------------------------------------------


def names_in(write, source, name="script.py"):
    """{name: the lines where it is used} that audit reads in a source."""
    file = write(name, source)
    uses = audit.read([file])
    assert not uses.unread
    return {name: [int(place.rpartition(":")[2]) for place in places] for name, places in uses.names.items()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import torch\ntorch.add(1, 2)", "torch torch.add"),
        ("import torch as t\nt.nn.Linear", "torch torch.nn.Linear"),
        ("import torch.nn as nn\nnn.Linear", "torch.nn torch.nn.Linear"),
        ("import torch.nn.functional\ntorch.relu", "torch.nn.functional torch.relu"),
        ("from torch import nn as n\nn.init.zeros_", "torch torch.nn torch.nn.init.zeros_"),
        ("from torch.utils.data import DataLoader as D\nD(3)", "torch.utils.data torch.utils.data.DataLoader"),
        ("import torchvision.transforms as T\nT.ToTensor", "torchvision.transforms torchvision.transforms.ToTensor"),
        ("import torch\nF = torch.nn.functional\nF.relu", "torch torch.nn.functional torch.nn.functional.relu"),
        ("import torch\ngetattr(torch, 'add')", "torch torch.add"),
        ("import torch\ngetattr(torch, 'add', None)\nhasattr(torch, 'b')", "torch"),
        ("from torch.nn import *\nLinear, print, other", "torch.nn torch.nn.Linear"),
        ("def f():\n    import torch\n    torch.add\ntorch.sub", "torch torch.add"),
        ("import torch\ndef f(torch):\n    torch.add", "torch"),
        ("import torch\ndef f():\n    torch = 1\n    torch.add", "torch"),
        ("import torch\ndef f(x=torch.add, *, y: torch.sub) -> torch.mul: ...", "torch torch.add torch.sub torch.mul"),
        (
            "import torch\nclass A(torch.nn.Module):\n    torch = 1\n    def f(self): torch.add",
            "torch torch.nn.Module torch.add",
        ),
        ("import torch\n[torch.add for torch in x]\ntorch.sub", "torch torch.sub"),
        ("import torch\n[torch.add for x in torch.sub]", "torch torch.add torch.sub"),
        ("import torch\nlambda torch: torch.add", "torch"),
        ("import torch\ntry:\n    1\nexcept E as torch:\n    torch.add", "torch torch.add"),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\ntorch.add", "torch torch.add"),
        ("import torch\ntorch.add(1).sub(2)", "torch torch.add"),
        ("from . import torch\nfrom .torch import x\nimport torchaudio, numpy as torch2\ntorch.x, torchaudio.y", ""),
        ("torch.add", ""),
        ("'import torch'\n# import torch\n", ""),
    ],
)
def test_audit_reads_the_names_that_the_source_spells(source, expected, write):
    used = set(names_in(write, source))
    # a module that is named on the way to something else is used too
    assert used - set(expected.split()) == set()
    assert set(expected.split()) - used == set()


def test_audit_gives_every_line(write):
    assert names_in(write, "import torch\ntorch.add\n\ntorch.add\n") == {"torch": [1], "torch.add": [2, 4]}


@pytest.mark.parametrize(
    ("dotted", "judged", "status", "near"),
    [
        ("torch.nn.Linear", "torch.nn.Linear", audit.PRESENT, None),
        ("torch.nn.Linear.__name__", "torch.nn.Linear.__name__", audit.PRESENT, None),
        ("torch.__version__.split", "torch.__version__", audit.PRESENT, None),
        ("torch.nn.Linaer", "torch.nn.Linaer", audit.UNKNOWN, "torch.nn.Linear"),
        ("torch.quantization.fx.graph", "torch.quantization", audit.MISSING, None),
        ("torch.no_such_thing.at_all", "torch.no_such_thing", audit.UNKNOWN, None),
    ],
)
def test_audit_judges_the_part_that_is_pytorchs(dotted, judged, status, near):
    name, found, nearest = audit.judge(dotted)
    assert (name[: len(judged)], found) == (judged, status)
    assert near in (None, nearest)


def test_audit_agrees_with_what_a_program_finds(write, start):
    """Names of PyTorch's list, judged one by one, are here exactly if Python can reach them."""
    names = [f"torch.nn.functional.{name}" for name in sorted(missing.torch_names()["torch.nn.functional"])]
    names += [f"torch.{name}" for name in sorted(missing.torch_names()["torch"])[::20]]
    script = write("script.py", "import torch, operator\nprint([n for n in " + repr(names) + " if reach(n)])")
    reach = "def reach(n):\n    try:\n        return operator.attrgetter(n[6:])(torch) is not reach\n"
    script.write_text(reach + "    except AttributeError:\n        return False\n" + script.read_text())
    done = start("-m", "flambeau", "run", script)
    assert done.returncode == 0, done.stderr
    here = {name for name in names if audit.judge(name)[1] == audit.PRESENT}
    assert here == set(eval(done.stdout))


def test_audit_reports_methods_only_where_nothing_else_can_be_meant(write):
    source = """
        import torch
        def f(x, y):
            x.append(1), x.split(), x.mean(), x.items()
            y.no_such_method_of_anyones()
            y.sparse_resize_and_clear_()
            y.sparse_resize_()
        class A:
            def sparse_resize_(self): ...
        """
    lacking = audit.lacking_methods(audit.read([write("script.py", source)]))
    assert [name for name in lacking if "append" in name or "split" in name or "mean" in name] == []
    assert "torch.Tensor.no_such_method_of_anyones" not in lacking
    assert "torch.Tensor.sparse_resize_" not in lacking


def test_audit_finds_a_missing_method(write, monkeypatch):
    import flambeau

    class Bare:
        pass

    monkeypatch.setattr(flambeau, "Tensor", Bare)
    file = write("script.py", "def f(x):\n    return x.scatter_add_(0)\n")
    assert audit.lacking_methods(audit.read([file])) == {"torch.Tensor.scatter_add_": [f"{file}:2"]}


def test_audit_ends_with_0_where_all_is_here_and_1_where_not(write, capsys):
    assert cli.main(["audit", str(write("good.py", "import torch\ntorch.nn.Linear\n"))]) == 0
    assert "2 of 2 PyTorch names that 1 file uses are here." in capsys.readouterr().out
    bad = write("bad.py", "import torch\ntorch.nn.Linaer\ntorch.quantization.fx\n")
    assert cli.main(["audit", str(bad)]) == 1
    text = capsys.readouterr().out
    assert f"torch.nn.Linaer  {bad}:2; nearest: torch.nn.Linear" in text
    assert "Missing; PyTorch has these, Flambeau has not yet:\n  torch.quantization" in text


def test_audit_says_how_to_install_torchvision_where_it_is_absent():
    row = {"name": "torchvision", "status": audit.MISSING, "places": ["a.py:1"], "nearest": None}
    found = {"names": [row], "methods": [], "files": 1, "counts": {audit.PRESENT: 0}}
    assert f"    {missing.APART['torchvision']}" in list(audit.lines(found))


def test_audit_reads_folders_and_notebooks(write, tmp_path, capsys):
    write("a/one.py", "import torch\ntorch.add\n")
    cells = [
        {"cell_type": "markdown", "source": ["import torch.wrong"]},
        {"cell_type": "code", "source": ["import torch\n", "if 1:\n", "    !pip install x\n"]},
        {"cell_type": "code", "source": "%matplotlib inline\ntorch.sub"},
    ]
    write("a/b/two.ipynb", json.dumps({"cells": cells}))
    write("a/.hidden/three.py", "import torch.wrong\n")
    write("a/site-packages/four.py", "import torch.wrong\n")
    uses = audit.read([tmp_path / "a"])
    assert (uses.files, uses.unread) == (2, [])
    assert set(uses.names) == {"torch", "torch.add", "torch.sub"}


@pytest.mark.parametrize(("name", "source"), [("bad.py", "x = = 1\n"), ("bad.ipynb", "{}"), ("bad.py", "\0")])
def test_audit_says_which_file_it_cannot_read(name, source, write, capsys):
    file = write(name, source)
    assert cli.main(["audit", str(file), str(file.parent / "absent.py")]) == 2
    error = capsys.readouterr().err
    assert f"cannot read {file}: " in error
    assert f"cannot read {file.parent / 'absent.py'}: [Errno 2] No such file or directory" in error


def test_audit_prints_json(write, capsys):
    file = write("script.py", "import torch\ntorch.nn.Linaer\n")
    assert cli.main(["audit", "--json", str(file)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == 1
    assert found["counts"] == {"present": 1, "missing": 0, "unknown": 1}
    assert {
        "name": "torch.nn.Linaer",
        "status": "unknown",
        "nearest": "torch.nn.Linear",
        "places": [f"{file}:2"],
    } in found["names"]


def test_audit_runs_nothing(write, tmp_path):
    file = write("script.py", "import torch, pathlib\npathlib.Path(__file__).with_name('ran').touch()\n")
    audit.read([file])
    assert not (tmp_path / "ran").exists()
