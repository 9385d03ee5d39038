"""What products of matrices do with vectors: tiles of the result that stay in registers, and panels turned round.

A tile is the sum, over `depth`, of a column of the left matrix times a line of the right one. Lines are two vectors
wide and have been copied to lie densely; the left matrix is read where it lies.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir

INT, WORD, POINTER, VOID = ir.IntType(64), ir.IntType(32), ir.PointerType(), ir.VoidType()
VECTORS = 2
CACHE_LINE = 64


# of blocks that stay in the caches; their rows are padded, since rows a power of two apart drive each other out
BLOCKS = {"DEPTH": 512, "ROWS": 256, "PADDED": 528}


def known() -> bool:
    """Whether there are tiles for this processor's vectors."""
    return "LANES" in sizes(ir.FloatType())


def sizes(real: Any) -> dict[str, int]:
    """The sizes that suit this processor: numbers of a vector (LANES) and of a line (WIDTH), heights of tiles, and
    BLOCKS; only these on a processor whose vectors are not known."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        size, heights = 64, (14, 8, 4)
    elif features.get("avx2") and features.get("fma"):
        size, heights = 32, (6, 4, 2)
    elif features.get("neon"):
        size, heights = 16, (12, 8, 4)
    else:
        return BLOCKS
    lanes = size // (8 if isinstance(real, ir.DoubleType) else 4)
    named = {f"HEIGHT{i + 1}": h for i, h in enumerate(heights)}
    return {"LANES": lanes, "WIDTH": VECTORS * lanes, **BLOCKS, **named}


def _vector(code: ir.IRBuilder, pointer: Any, kind: Any) -> Any:
    loaded = code.load(pointer, typ=kind)
    loaded.align = 4
    return loaded


def tile(module: Any, real: Any, lanes: int, height: int) -> Any:
    """The function `(depth, a, row, column, rows, panel, c, ldc, add)`.

    `a`: the left matrix, whose neighbours are `row` and `column` apart; of the tile's rows only `rows` are there.
    `panel`: `depth` lines of the right matrix. `c`: where the tile goes, in rows that are `ldc` apart; it is added to
    what is there if `add` is not 0.
    """
    name = f"tile_{height}"
    if name in module.globals:
        return module.globals[name]
    vector = ir.VectorType(real, lanes)
    kind = ir.FunctionType(VOID, [INT, POINTER, INT, INT, INT, POINTER, POINTER, INT, INT])
    function = ir.Function(module, kind, name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    depth, a, row, column, rows, panel, c, ldc, add = function.args
    for memory in (a, panel, c):
        memory.add_attribute("noalias")
    intrinsic = f"llvm.fma.v{lanes}{'f64' if isinstance(real, ir.DoubleType) else 'f32'}"
    fma = module.globals.get(intrinsic) or ir.Function(module, ir.FunctionType(vector, [vector] * 3), intrinsic)
    entry, loop, after = (function.append_basic_block(n) for n in ("entry", "loop", "after"))
    code = ir.IRBuilder(entry)
    zero, one = INT(0), INT(1)
    last = code.sub(rows, one)
    starts = []
    for r in range(height):
        # rows that are not there repeat the last one, and are not stored
        there = code.select(code.icmp_signed("<", INT(r), rows), INT(r), last)
        starts.append(code.gep(a, [code.mul(there, row)], source_etype=real))
    code.branch(loop)

    code.position_at_end(loop)
    step = code.phi(INT)
    sums = [[code.phi(vector) for _ in range(VECTORS)] for _ in range(height)]
    line = code.gep(panel, [code.mul(step, INT(VECTORS * lanes))], source_etype=real)
    right = [_vector(code, code.gep(line, [INT(v * lanes)], source_etype=real), vector) for v in range(VECTORS)]
    offset = code.mul(step, column)
    undefined, spread = ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(WORD, lanes), [0] * lanes)
    results = []
    for r in range(height):
        number = code.load(code.gep(starts[r], [offset], source_etype=real), typ=real)
        left = code.shuffle_vector(code.insert_element(undefined, number, WORD(0)), undefined, spread)
        results.append([code.call(fma, [left, right[v], sums[r][v]]) for v in range(VECTORS)])
    following = code.add(step, one)
    step.add_incoming(zero, entry)
    step.add_incoming(following, loop)
    for old, new in zip(sums, results, strict=True):
        for phi, value in zip(old, new, strict=True):
            phi.add_incoming(ir.Constant(vector, [0.0] * lanes), entry)
            phi.add_incoming(value, loop)
    code.cbranch(code.icmp_signed("<", following, depth), loop, after)

    code.position_at_end(after)
    adds = code.icmp_signed("!=", add, zero)
    for r in range(height):
        with code.if_then(code.icmp_signed("<", INT(r), rows)):
            target = code.gep(c, [code.mul(ldc, INT(r))], source_etype=real)
            for v in range(VECTORS):
                pointer = code.gep(target, [INT(v * lanes)], source_etype=real)
                with code.if_else(adds) as (then, otherwise):
                    with then:
                        code.store(code.fadd(_vector(code, pointer, vector), results[r][v]), pointer, align=4)
                    with otherwise:
                        code.store(results[r][v], pointer, align=4)
    code.ret_void()
    return function


def turned(module: Any, real: Any, lanes: int) -> Any:
    """The function `(x, row, out, out_row)`: a square of `lanes` rows, transposed, in registers."""
    name = "turned"
    if name in module.globals:
        return module.globals[name]
    vector = ir.VectorType(real, lanes)
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER, INT, POINTER, INT]), name)
    function.linkage = "internal"
    x, row, out, out_row = function.args
    x.add_attribute("noalias")
    out.add_attribute("noalias")
    code = ir.IRBuilder(function.append_basic_block("entry"))
    lines = [_vector(code, code.gep(x, [code.mul(INT(r), row)], source_etype=real), vector) for r in range(lanes)]
    # swap the blocks off the diagonal, of half the size, then of a quarter, …
    half = lanes // 2
    while half:
        low = [i if not i & half else lanes + (i ^ half) for i in range(lanes)]
        high = [i | half if not i & half else lanes + i for i in range(lanes)]
        masks = [ir.Constant(ir.VectorType(WORD, lanes), m) for m in (low, high)]
        for r in range(lanes):
            if not r & half:
                pair = lines[r], lines[r | half]
                lines[r], lines[r | half] = (code.shuffle_vector(*pair, mask) for mask in masks)
        half //= 2
    for r, line in enumerate(lines):
        code.store(line, code.gep(out, [code.mul(INT(r), out_row)], source_etype=real), align=4)
    code.ret_void()
    return function
