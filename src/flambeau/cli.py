"""The command `flambeau`: run a PyTorch script as it is, ask what a script needs, say what is installed.

    flambeau run train.py --epochs 3      # also: python -m flambeau train.py --epochs 3
    flambeau run -m package.train
    flambeau audit train.py src/
    flambeau inspect model.pt              # what is in a file, and what it would import; nothing is loaded
    flambeau info

A program under `flambeau run` sees what it would see under `python`: its own `__main__`, `sys.argv` and `sys.path[0]`,
tracebacks that start at its own first line, and its own exit code. Only `import torch` gives another library.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from . import compat, version

HERE = Path(__file__).parent
CANNOT_START = 2  # the exit code of `python missing.py`
INTERRUPTED = 130  # what shells report after Ctrl-C: 128 + SIGINT
# The frames of these files are ours, not the program's: a traceback leaves them out.
OUR_FRAMES = {str(HERE / name) for name in ("cli.py", "compat.py", "__main__.py")}
# What each extra of pyproject.toml brings: the module to look for, and the names of the distribution that has it.
EXTRAS = {
    "jit": ("llvmlite", ("llvmlite",)),
    "cuda": ("cupy", ("cupy-cuda12x", "cupy-cuda13x", "cupy")),
    "xla": ("jax", ("jax",)),
    "distributed": ("mpi4py", ("mpi4py",)),
    "onnx": ("onnx", ("onnx",)),
    "viz": ("matplotlib", ("matplotlib",)),
    "vision": ("PIL", ("pillow",)),
    "safetensors": ("safetensors", ("safetensors",)),
    "sentences": ("tokenizers", ("tokenizers",)),
    "examples": ("sklearn", ("scikit-learn",)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # `python -m flambeau train.py`, and all words behind the script are the script's, so argparse must not see them
    if words and words[0] not in COMMANDS and (words[0] == "-m" or not words[0].startswith("-")):
        words.insert(0, "run")
    if words and words[0] == "run" and words[1:2] not in ([], ["-h"], ["--help"]):
        return run(words[1:])
    options = parser().parse_args(words)
    if options.command == "audit":
        from . import audit

        return audit.main(options.paths, as_json=options.json)
    if options.command == "inspect":
        return inspect(options.files)
    if options.command == "info":
        print("\n".join(info()))
        return 0
    parser().print_help(sys.stderr)
    return CANNOT_START


def parser() -> argparse.ArgumentParser:
    """The commands and their help."""
    top = argparse.ArgumentParser(
        prog="flambeau",
        description="PyTorch's programming model in Python on NumPy.",
        epilog="`flambeau train.py` and `python -m flambeau train.py` are short for `flambeau run train.py`.",
    )
    release = f"flambeau {version.FLAMBEAU} (the API of PyTorch {version.API})"
    top.add_argument("--version", action="version", version=release)
    commands = top.add_subparsers(dest="command", metavar="command")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == "run":
            command.usage = "flambeau run [-m] script [arguments ...]"
            command.add_argument("-m", action="store_true", help="the script is a module's name, as in `python -m`")
            command.add_argument("script", help="a file, a folder with a __main__.py, or with -m a module")
            command.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")
        elif name == "audit":
            command.add_argument(
                "paths", nargs="+", type=Path, metavar="path", help="a .py or .ipynb file, or a folder"
            )
            command.add_argument("--json", action="store_true", help="print every name and place as JSON")
            command.epilog = "Exit code: 0 all names are here, 1 some are missing, 2 a file could not be read."
        elif name == "inspect":
            command.add_argument("files", nargs="+", metavar="file", help="a file of torch.save, or of safetensors")
            command.epilog = "Exit code: 0 read, 1 it names something that load refuses, 2 it could not be read."
    return top


COMMANDS = {
    "run": "run a script with `import torch` meaning Flambeau",
    "audit": "list the PyTorch names that scripts use, and which of them Flambeau has; nothing is run",
    "inspect": "list what is in a saved file, and every name that it would import; nothing is loaded",
    "info": "show versions, threads and which optional parts are installed",
}


# ---- run ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """What `python` knows about the program that it starts."""

    code: CodeType
    file: str
    argv0: str
    folder: str  # goes to sys.path[0]
    package: str | None
    loader: Any
    spec: ModuleSpec | None


class NoProgram(Exception):
    """There is nothing to run: the sentence to show, and the exit code that `python` would give."""

    def __init__(self, sentence: str, code: int):
        super().__init__(sentence)
        self.code = code


def run(words: Sequence[str]) -> int:
    """`flambeau run [-m] target [arguments ...]`, from the word behind `run` on."""
    as_module = words[0] == "-m"
    target, arguments = (words[1:2], words[2:]) if as_module else (words[:1], words[1:])
    if not target or (target[0].startswith("-") and not as_module):
        unknown = f", not the option {target[0]}" if target else ""
        print(f"flambeau run: give {'a module behind -m' if as_module else 'a script'}{unknown}", file=sys.stderr)
        return CANNOT_START
    try:
        compat.install()
    except ImportError as error:  # something that runs before us, a `.pth` file say, has imported PyTorch
        print(f"flambeau: {error}", file=sys.stderr)
        return 1
    try:
        # finding a program can already run its code: the packages around a module
        program = module_program(target[0]) if as_module else script_program(target[0])
        execute(program, arguments)
    except NoProgram as error:
        print(f"flambeau: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt as error:
        show(error)
        return INTERRUPTED
    except Exception as error:
        show(error)
        return 1
    return 0


def script_program(path: str) -> Program:
    """The program in a file, or in the `__main__.py` of a folder."""
    inside = os.path.join(path, "__main__.py")
    is_folder = os.path.isdir(path)
    file = os.path.abspath(inside if is_folder else path)
    try:
        source = Path(file).read_bytes()
    except OSError as error:
        if is_folder:
            raise NoProgram(f"can't find '__main__' module in '{os.path.abspath(path)}'", 1) from None
        message = f"can't open file '{file}': [Errno {error.errno}] {error.strerror}"
        raise NoProgram(message, CANNOT_START) from None
    return Program(
        code=compile(source, file, "exec", dont_inherit=True),
        file=file,
        argv0=path,
        folder=os.path.abspath(path) if is_folder else os.path.dirname(os.path.realpath(path)),
        package="" if is_folder else None,
        loader=SourceFileLoader("__main__", file),
        spec=importlib.util.spec_from_file_location("__main__", file) if is_folder else None,
    )


def module_program(name: str) -> Program:
    """The program `python -m name` would run: a module, or a package's `__main__`."""
    enter(os.getcwd())
    spec = importlib.util.find_spec(name) if name.strip(".") == name and parent_exists(name) else None
    if spec is not None and spec.submodule_search_locations is not None:
        name += ".__main__"
        if (inner := importlib.util.find_spec(name)) is None:
            package = name.removesuffix(".__main__")
            raise NoProgram(f"No module named {name}; '{package}' is a package and cannot be directly executed", 1)
        spec = inner
    if spec is None:
        raise NoProgram(f"No module named {name}", 1)
    get_code = getattr(spec.loader, "get_code", None)
    code = get_code(name) if get_code else None
    if code is None:
        raise NoProgram(f"No code object available for {name}", 1)
    file = spec.origin or name
    return Program(code, file, file, os.getcwd(), spec.parent, spec.loader, spec)


def parent_exists(name: str) -> bool:
    """Whether the packages around a module are there; those around the last one are imported to see it."""
    parent = name.rpartition(".")[0]
    return not parent or (parent_exists(parent) and importlib.util.find_spec(parent) is not None)


def enter(folder: str) -> None:
    """Make a folder the first place to import from, in place of the one that came with our own start."""
    if not sys.flags.safe_path:
        sys.path[:1] = [folder]


def execute(program: Program, arguments: Sequence[str]) -> None:
    """Run a program as the process's `__main__`, and leave it there: threads and exit handlers may outlive its code."""
    module = ModuleType("__main__")
    module.__dict__.update(
        __builtins__=__builtins__,
        __file__=program.file,
        __cached__=None,
        __loader__=program.loader,
        __package__=program.package,
        __spec__=program.spec,
    )
    sys.argv[:] = [program.argv0, *arguments]
    enter(program.folder)
    # processes that multiprocessing spawns inherit sys.path; the file there gives `torch` its meaning again
    sys.path.insert(0 if sys.flags.safe_path else 1, str(HERE / "spawned"))
    sys.modules["__main__"] = module
    exec(program.code, module.__dict__)


def show(error: BaseException) -> None:
    """Print the traceback of an error that nothing caught, as `python` would, through the program's own hook if any."""
    error = compat.explained(error)
    for link in chain(error):
        link.__traceback__ = program_frames(link.__traceback__)
    sys.excepthook(type(error), error, error.__traceback__)


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it came from."""
    waiting, seen = [error], set()
    while waiting:
        link = waiting.pop()
        if id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [other for other in (link.__cause__, link.__context__) if other is not None]


def program_frames(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without our own frames, at its start and wherever an import went through us."""
    first: TracebackType | None = None
    last: TracebackType | None = None
    while traceback is not None:
        following = traceback.tb_next
        name = traceback.tb_frame.f_code.co_filename
        # the import system hides its own frames, but not those below which ours stood
        if name not in OUR_FRAMES and not (first is None and name.startswith("<frozen ")):
            if last is None:
                first = traceback
            else:
                last.tb_next = traceback
            last = traceback
        traceback = following
    if last is not None:
        last.tb_next = None
    return first


# ---- inspect ------------------------------------------------------------------------------------------------------


def inspect(files: Sequence[str]) -> int:
    """The command `flambeau inspect`; returns the exit code."""
    from . import inspection

    code = 0
    for name in files:
        try:
            lines, refused = inspection.report(name)
        except (OSError, inspection.Unreadable) as error:
            print(f"flambeau inspect: {name}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
            code = CANNOT_START
            continue
        print("\n".join([f"{name}: {lines[0]}", *lines[1:]]))
        code = max(code, int(refused))
    return code


# ---- info ---------------------------------------------------------------------------------------------------------


def info() -> Iterator[str]:
    """The lines of `flambeau info`."""
    yield f"flambeau    {version.FLAMBEAU}, the API of PyTorch {version.API}, in {HERE}"
    yield f"python      {platform.python_version()} in {sys.executable}, {platform.platform()}"
    yield f"numpy       {distribution('numpy')}, {blas()}"
    yield f"ml_dtypes   {distribution('ml_dtypes')}"
    yield f"threads     {threads()}"
    yield "extras"
    for extra, (module, names) in EXTRAS.items():
        there = importlib.util.find_spec(module) is not None
        found = f"{module} {distribution(*names)}" if there else f"not installed: pip install 'flambeau[{extra}]'"
        yield f"  {extra:<11} {found}"
    vision = importlib.util.find_spec(f"{__package__}.vision") is not None
    yield f"torchvision {'here' if vision else 'not installed: pip install ./packages/vision, in a clone'}"
    if distribution("torch") != "not installed":
        yield f"PyTorch     {distribution('torch')} is installed too; Flambeau does not use it"


def distribution(*names: str) -> str:
    """The version of the first of these distributions that is installed."""
    from importlib import metadata  # slow to import, and only this command needs it

    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


def blas() -> str:
    """The library behind NumPy's matrix product."""
    import numpy

    found = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"BLAS {found['name']} {found['version']}"


def threads() -> str:
    """How many threads we use, how many cores there are, and the settings that say so."""
    package = sys.modules[__package__]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    used = f"{package.get_num_threads()} of {cores} cores" if hasattr(package, "get_num_threads") else f"{cores} cores"
    settings = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return ", ".join([used, *(f"{name}={os.environ[name]}" for name in settings if name in os.environ)])
