"""Writes docs/coverage.md: the op table, and PyTorch's public names that are not here, with the reason.

python tests/coverage_table.py
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import flambeau
from flambeau import missing
from flambeau.ops.table import TABLE, Op

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"

# where names are looked up; modules that are not named here are listed as a whole
NAMESPACES = (
    "torch torch.Tensor torch.nn torch.nn.functional torch.nn.init torch.nn.utils torch.nn.utils.rnn "
    "torch.nn.utils.parametrize torch.nn.parallel torch.nn.attention torch.optim torch.optim.lr_scheduler "
    "torch.autograd torch.autograd.functional torch.autograd.graph torch.func torch.linalg torch.fft "
    "torch.special torch.signal.windows torch.distributions torch.utils.data torch.utils.checkpoint "
    "torch.utils.dlpack torch.utils.hooks torch.utils.weak torch.random torch.serialization torch.testing "
    "torch.amp torch.cuda torch.cpu torch.mps torch.accelerator torch.backends torch.backends.cuda "
    "torch.backends.cudnn torch.backends.mps torch.overrides torch.hub torch.types torch.storage torch.masked "
).split()

# name or dotted name -> why it is not here; the first pattern that fits counts
REASONS = [
    (
        r"torch\.(ao|quantization)\b|nn\.(qat|intrinsic)|quant|^q_|int_repr|fbgemm|qint|observer|QInt|QUInt|qscheme|qparams|^per_(channel|tensor)"
        r"|^u?int[1-7]$|^bits|float4|moving_avg_obs",
        "quantized tensors, and dtypes of less than a byte",
    ),
    (r"complex32|chalf|ComplexHalf", "NumPy has no complex numbers of half precision"),
    (
        r"sparse|csr|csc|bsr|bsc|coo|smm$|spmm|sspaddmm|hspmm|dsmm|saddmm|_indices|^indices|coalesce|values_copy|_sp_",
        "sparse tensors of other layouts than coordinates, and rare functions of these",
    ),
    (r"nested|jagged|to_padded", "nested tensors"),
    (
        r"mkldnn|cudnn|miopen|xpu|mtia|ipu|vulkan|hpu|maia|cusparselt|xnnpack|kleidiai|nnpack|XPU|rocm",
        "a device or library other than the CPU's NumPy",
    ),
    (
        r"scaled_(grouped_)?mm|^(Scaling|Swizzle)Type$",
        "products of small floats with scales of their blocks, made for GPUs",
    ),
    (
        r"CheckpointPolicy|[Ss]elective_?[Cc]heckpoint|^SAC_",
        "what to keep, chosen by ATen's operators, which are not ours",
    ),
    (
        r"itt$|nvprof|Kineto|MemRecordsAcc|EnforceUnique|ExecutionTraceObserver",
        "tools of NVIDIA, Intel and PyTorch's own tracer",
    ),
    (r"_notes$|^BackwardHook$", "for PyTorch's own documentation and modules"),
    (
        r"^(cuda|CUDA|nccl|nvtx|gds|Green|cufft|cublas|jiterator|MemPool)|cufft|CUDAGraph|cuFFT|SDPAParams|Pluggable|nn\.parallel\.comm"
        r"|can_use_\w+_attention|varlen",
        "CUDA",
    ),
    (
        r"torch\.(jit|package|monitor|nativert|library|contrib|numa|quasirandom)\b|[Ss]cript|jit|Type$|Graph|Capsule|Logger"
        r"|FunctionSchema|parse_|Storage$|Reader|Writer|merge_type|unify_type|import_ir|CallStack|Dispatch|Ast|JITException"
        r"|^(AliasDb|Argument|ArgumentSpec|Block|BufferDict|Code|CompilationUnit|CompleteArgumentSpec|DeepCopyMemoTable"
        r"|ConcreteModuleTypeBuilder|ErrorReport|ExecutionPlan|FatalError|FileCheck|Gradient|ModuleDict|ParameterDict|Node"
        r"|OperatorInfo|StaticModule|StorageBase|Tag|TracingState|Use|Value|classes|cpp|ops|SerializationStorageContext"
        r"|DeserializationStorageContext|autocast_|DisableTorchFunction|boolean_dispatch)$|^read_vitals|^vitals|^set_vital|^is_vital",
        "TorchScript and the insides of PyTorch's compiled part",
    ),
    (
        r"torch\.(fx|export|compiler|_dynamo)\b|vmap_|sym_|Sym|cond$|while_loop|compile$|Await|Benchmark",
        "programs as objects: not yet",
    ),
    (
        r"torch\.(distributed|multiprocessing|futures)\b|DistributedDataParallel|share_memory|is_shared|rpc|Future|fork$|wait$"
        r"|replicate|parallel_apply|scatter$|gather$|SUM|AVG",
        "several processes: not yet",
    ),
    (
        r"batch_norm_(backward|elemt|gather|stats|update)|_native|native_(group|layer|batch|channel|dropout|norm)|_backward$"
        r"|norm_except_dim",
        "a part of a function, for PyTorch's own back ends",
    ),
    (r"names?$|align_|refine|rename", "named tensors, which PyTorch has given up"),
    (r"DataPipe|datapipe|DataChunk|_validation|determini", "data pipes, which PyTorch has given up"),
    (
        r"^(eig|lstsq|solve|symeig|matrix_rank|reinforce|volatile|resize|resize_as|index|frobenius_norm|nuclear_norm)$",
        "removed or deprecated in PyTorch",
    ),
    (r"Stream|Event|stream|synchronize", "streams of an accelerator"),
    (
        r"^(T|Any|Callable|Optional|Union|TYPE_CHECKING|TypeVar|Sequence|Iterable|np|cast|overload|math|warnings|os|sys|types"
        r"|torch|Tensor|bind|inf|rearrange|handle_torch_function|has_torch_function.*|is_tensor_like|Broadcasting.*"
        r"|classproperty|get_file_path)$",
        "an import that shows",
    ),
]
NOT_YET = "not yet"


def reason(home: str, name: str) -> str:
    """Why a name of PyTorch is not here."""
    for pattern, text in REASONS:
        if re.search(pattern, name) or re.search(pattern, f"{home}.{name}"):
            return text
    return NOT_YET


def find(home: str) -> Any:
    """Our object for one of PyTorch's modules or classes, or None."""
    if home == "torch.Tensor":
        return flambeau.Tensor
    try:
        return importlib.import_module(home.replace("torch", "flambeau", 1))
    except ImportError:
        return None


def _has(found: Any, name: str) -> bool:
    try:
        return hasattr(found, name)
    except ImportError:
        return False


def _mark(yes: Any) -> str:
    return "yes" if yes else ""


def gradient(row: Op) -> str:
    """How a row is differentiated."""
    if row.composite:
        return "through its body"
    return "joint" if row.joint is not None else ", ".join(row.rules) if row.rules else ""


def op_table() -> list[str]:
    """The rows of the op table, by family."""
    families: dict[str, list[Op]] = {}
    for row in TABLE.values():
        families.setdefault(row.family, []).append(row)
    lines = []
    for family in sorted(families):
        lines += [
            f"### {family}",
            "",
            "| row | also | promote | in place | out= | view | gradient |",
            "|---|---|---|---|---|---|---|",
        ]
        for row in sorted(families[family], key=lambda r: r.name):
            cells = [
                row.name,
                ", ".join(row.aliases),
                row.promote or "",
                _mark(row.inplace),
                _mark(row.public),
                row.view or "",
            ]
            lines.append(f"| {' | '.join([*cells, gradient(row)])} |")
        lines.append("")
    return lines


def absences() -> list[str]:
    """PyTorch's public names that are not here, with the reason, by namespace."""
    names = missing.torch_names()
    summary = ["| namespace | here | of | |", "|---|---:|---:|---:|"]
    details = []
    for home in NAMESPACES:
        # what a module of PyTorch's imports is not all public; its submodules have rows of their own
        wanted = sorted(n for n in names.get(home, ()) if not n.startswith("_") and f"{home}.{n}" not in names)
        found = find(home)
        absent = wanted if found is None else [n for n in wanted if not _has(found, n)]
        here = len(wanted) - len(absent)
        if wanted:
            summary.append(f"| {home} | {here} | {len(wanted)} | {here / len(wanted):.0%} |")
        by_reason: dict[str, list[str]] = {}
        for name in absent:
            by_reason.setdefault(reason(home, name), []).append(name)
        if by_reason:
            details += [f"### {home}", ""]
            details += [
                f"- {why}: {', '.join(f'`{n}`' for n in several)}" for why, several in sorted(by_reason.items())
            ]
            details.append("")
    return [*summary, "", *details, *modules(names)]


def modules(names: Any) -> list[str]:
    """The modules of PyTorch that are not here, the outermost of each."""
    lacking: list[str] = []
    for home in sorted(names):
        last = home.rpartition(".")[2]
        is_module = "." in home and last[0].islower() and last not in ("finfo", "iinfo", "dtype", "device")
        if is_module and not any(home.startswith(f"{m}.") for m in lacking) and find(home) is None:
            lacking.append(home)
    by_reason: dict[str, list[str]] = {}
    for home in lacking:
        parent, _, name = home.rpartition(".")
        by_reason.setdefault(reason(parent, name), []).append(home)
    lines = [f"- {why}: {', '.join(f'`{m}`' for m in several)}" for why, several in sorted(by_reason.items())]
    return ["### Modules", "", *lines, ""]


def page() -> str:
    """The text of docs/coverage.md."""
    lines = [
        "# What is here, and what is not",
        "",
        "Written by `tests/coverage_table.py`; `tests/test_coverage.py` checks that it is up to date.",
        "",
        f"The op table has {len(TABLE)} rows; {sum(r.differentiable or r.composite for r in TABLE.values())} of them "
        "can "
        "be differentiated. Functions with overloads or options are written over rows "
        "(`src/flambeau/tensor/functions/`), so PyTorch's names are more than the rows.",
        "",
        "## PyTorch's public names",
        "",
        *absences(),
        "## The op table",
        "",
        "promote: how the dtypes of the inputs meet. out=: the row's function is PyTorch's own and takes `out=`. "
        "view: the "
        "result shares memory with the input. gradient: the inputs that have a rule.",
        "",
        *op_table(),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
