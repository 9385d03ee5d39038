"""The language of native kernels: a small part of Python, translated into LLVM's intermediate code.

A kernel is a Python function over flat memory. Its parameters are whole numbers, unless annotated: `Real` is a number,
`Array` (of reals) and `Ints` (64 bits) are memory. It may assign, loop (`for` over a `range`, `while`), branch with
`if`, and call other functions of the language, which may return one value. Because it is Python, a kernel can also be
run as it stands, on NumPy arrays: that is how the tests know what the native code should do.

The first three parameters of a kernel, `begin`, `end` and `part`, say which share of its work it is to do.

- Both sides of `a if c else b`, of `and` and of `or` are evaluated, so neither may read outside an array.
- Arrays given to one kernel must not overlap.
- Sums written as `total += term` may be reordered, and products contracted with sums; all else is computed as written.
"""

from __future__ import annotations

import ast
import platform
import sys
from collections.abc import Callable
from typing import Any

from llvmlite import ir

from . import tiles

INT, BIT, DOUBLE, SINGLE = ir.IntType(64), ir.IntType(1), ir.DoubleType(), ir.FloatType()
POINTER = ir.PointerType()
# begin, end, part, and where the other arguments lie
ENTRY = ir.FunctionType(ir.VoidType(), [INT, INT, INT, POINTER])
ENTRY_NAME = "flambeau_kernel"
# what native functions are called, so that none is taken for one of the C library
PREFIX = "flambeau_"
# functions that are compiled once, for all that call them
OUTLINED = ("tiled_product", "tiled_convolution")
REORDER = ("reassoc", "contract", "nsz")
CONTRACT = ("contract",)

_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_FLOAT_BINARY = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_INT_BINARY = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "sdiv", ast.Mod: "srem"}
# names of the language -> LLVM's intrinsics
_INTRINSICS = {"sqrt": "llvm.sqrt", "round": "llvm.rint", "maximum": "llvm.maximum", "minimum": "llvm.minimum"}


class Unsupported(Exception):
    """Something that is Python but not of the language."""


class Memory:
    """A pointer and the type of what it points to."""

    def __init__(self, pointer: Any, element: Any) -> None:
        self.pointer, self.element = pointer, element


class Translation:
    """A module of native code for one function, `root`, and those that it calls."""

    def __init__(self, functions: dict[str, ast.FunctionDef], real: Any, root: str) -> None:
        self.functions, self.real, self.root = functions, real, root
        self.module = ir.Module("kernel")
        self.done: dict[str, Any] = {}
        self.sizes = tiles.sizes(real)

    def function(self, name: str) -> Any:
        """The native function of that name, which is inlined into what calls it, or is in another module."""
        if name in OUTLINED and name != self.root:
            kinds = [self.type_of(a.annotation)[0] for a in self.functions[name].args.args]
            return self.external(symbol(name, self.real == SINGLE), ir.VoidType(), kinds)
        if name not in self.done:
            self.done[name] = Body(self, self.functions[name]).function
        return self.done[name]

    def type_of(self, annotation: Any) -> tuple[Any, Any]:
        """The native type that an annotation means, and the type of its elements if it is memory."""
        kind = kind_of(annotation)
        if kind in ("Int", "Real"):
            return INT if kind == "Int" else self.real, None
        return POINTER, {"Array": self.real, "Ints": INT}[kind]

    def external(self, name: str, result: Any, parameters: list[Any]) -> Any:
        if name not in self.module.globals:
            ir.Function(self.module, ir.FunctionType(result, parameters), name)
        return self.module.globals[name]


class Body:
    """The translation of one function."""

    def __init__(self, translation: Translation, tree: ast.FunctionDef) -> None:
        self.translation, self.real = translation, translation.real
        types = [translation.type_of(a.annotation) for a in tree.args.args]
        result = translation.type_of(tree.returns)[0] if _returns(tree) else ir.VoidType()
        kind = ir.FunctionType(result, [t for t, _ in types])
        self.function = ir.Function(translation.module, kind, symbol(tree.name, self.real == SINGLE))
        if tree.name not in OUTLINED:
            self.function.linkage = "internal"
            self.function.attributes.add("alwaysinline")
        self.entry = self.function.append_basic_block("entry")
        self.code = ir.IRBuilder(self.function.append_basic_block("body"))
        self.names: dict[str, Any] = {}
        for argument, parameter, (_, element) in zip(self.function.args, tree.args.args, types, strict=True):
            if element is not None:
                argument.add_attribute("noalias")
            self.assign(parameter.arg, argument if element is None else Memory(argument, element))
        self.block(tree.body)
        if not self.code.block.is_terminated:
            self.code.ret_void()
        ir.IRBuilder(self.entry).branch(self.function.basic_blocks[1])

    # ---- statements --------------------------------------------------------------------------------------------------

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            handler = getattr(self, f"do_{type(statement).__name__}", None)
            if handler is None:
                raise Unsupported(f"line {statement.lineno}: {ast.unparse(statement)}")
            handler(statement)

    def do_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def do_Return(self, node: ast.Return) -> None:
        self.code.ret(self.convert(self.value(node.value), self.function.function_type.return_type))

    def do_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(target, ast.Name):
            self.assign(target.id, self.value(node.value))
        else:
            pointer, element = self.place(target)
            self.code.store(self.convert(self.value(node.value), element), pointer)

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        name = node.target.id if isinstance(node.target, ast.Name) else None
        if name is None:
            pointer, element = self.place(node.target)
            old = self.code.load(pointer, typ=element)
        else:
            old = self.value(ast.Name(name))
        flags = REORDER if name and isinstance(node.op, ast.Add) else CONTRACT
        result = self.binary(node.op, old, self.value(node.value), flags)
        if name is None:
            self.code.store(self.convert(result, element), pointer)
        else:
            self.assign(name, result)

    def do_For(self, node: ast.For) -> None:
        bounds = [self.value(a) for a in node.iter.args]  # type: ignore[attr-defined]
        start, stop = (ir.Constant(INT, 0), bounds[0]) if len(bounds) == 1 else bounds[:2]
        step = bounds[2] if len(bounds) == 3 else ir.Constant(INT, 1)
        name = node.target.id  # type: ignore[attr-defined]
        before, body, after = (self.function.append_basic_block(f"{part}.{name}") for part in ("if", "for", "end"))
        self.assign(name, start)
        self.code.branch(before)
        self.code.position_at_end(before)
        self.code.cbranch(self.code.icmp_signed("<", self.value(ast.Name(name)), stop), body, after)
        self.code.position_at_end(body)
        self.block(node.body)
        self.assign(name, self.code.add(self.value(ast.Name(name)), step, flags=("nsw",)))
        self.code.branch(before)
        self.code.position_at_end(after)

    def do_While(self, node: ast.While) -> None:
        before, body, after = (self.function.append_basic_block(f"{part}.while") for part in ("if", "do", "end"))
        self.code.branch(before)
        self.code.position_at_end(before)
        self.code.cbranch(self.value(node.test), body, after)
        self.code.position_at_end(body)
        self.block(node.body)
        self.code.branch(before)
        self.code.position_at_end(after)

    def do_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TILES":
            # known beforehand
            self.block(node.body if "LANES" in self.translation.sizes else node.orelse)
            return
        condition = self.value(node.test)
        if node.orelse:
            with self.code.if_else(condition) as (then, otherwise):
                with then:
                    self.block(node.body)
                with otherwise:
                    self.block(node.orelse)
        else:
            with self.code.if_then(condition):
                self.block(node.body)

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value, in a slot that is made for the first one and has its type."""
        element = value.element if isinstance(value, Memory) else None
        kind = POINTER if element is not None else value.type
        if name not in self.names:
            self.names[name] = ir.IRBuilder(self.entry).alloca(kind, name=name), kind, element
        slot, kind, known = self.names[name]
        if known is not element:
            raise Unsupported(f"{name} is memory of one kind, or a number")
        self.code.store(self.convert(value, kind) if element is None else value.pointer, slot)

    def place(self, node: Any) -> tuple[Any, Any]:
        """The address of `array[i]`, and the type there."""
        memory = self.value(node.value)
        index = self.value(node.slice)
        pointer = self.code.gep(memory.pointer, [index], inbounds=True, source_etype=memory.element)
        return pointer, memory.element

    # ---- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: Any) -> Any:
        handler = getattr(self, f"of_{type(node).__name__}", None)
        if handler is None:
            raise Unsupported(f"line {node.lineno}: {ast.unparse(node)}")
        return handler(node)

    def of_Name(self, node: ast.Name) -> Any:
        if node.id in self.translation.sizes:
            return INT(self.translation.sizes[node.id])
        slot, kind, element = self.names[node.id]
        loaded = self.code.load(slot, typ=kind)
        return loaded if element is None else Memory(loaded, element)

    def of_Constant(self, node: ast.Constant) -> Any:
        return ir.Constant(INT if isinstance(node.value, int) else self.real, node.value)

    def of_Subscript(self, node: ast.Subscript) -> Any:
        if isinstance(node.slice, ast.Slice):
            # array[i:] is the memory from there on
            memory = self.value(node.value)
            index = self.value(node.slice.lower)
            pointer = self.code.gep(memory.pointer, [index], inbounds=True, source_etype=memory.element)
            return Memory(pointer, memory.element)
        pointer, element = self.place(node)
        return self.code.load(pointer, typ=element)

    def of_BinOp(self, node: ast.BinOp) -> Any:
        return self.binary(node.op, self.value(node.left), self.value(node.right), CONTRACT)

    def of_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return self.code.not_(value)
        return self.code.neg(value) if value.type == INT else self.code.fneg(value)

    def of_Compare(self, node: ast.Compare) -> Any:
        left, right = self.alike(self.value(node.left), self.value(node.comparators[0]))
        sign = _COMPARISONS[type(node.ops[0])]
        if left.type == INT:
            return self.code.icmp_signed(sign, left, right)
        return (self.code.fcmp_unordered if sign == "!=" else self.code.fcmp_ordered)(sign, left, right)

    def of_BoolOp(self, node: ast.BoolOp) -> Any:
        combine = self.code.and_ if isinstance(node.op, ast.And) else self.code.or_
        result = self.value(node.values[0])
        for operand in node.values[1:]:
            result = combine(result, self.value(operand))
        return result

    def of_IfExp(self, node: ast.IfExp) -> Any:
        condition = self.value(node.test)
        return self.code.select(condition, *self.alike(self.value(node.body), self.value(node.orelse)))

    def of_Call(self, node: ast.Call) -> Any:
        name = node.func.id  # type: ignore[attr-defined]
        arguments = [self.value(a) for a in node.args]
        builtin: Callable | None = getattr(self, f"call_{name}", None)
        if builtin is not None:
            return builtin(*arguments)
        if name in _INTRINSICS:
            arguments = list(self.alike(*arguments)) if len(arguments) == 2 else arguments
            kind = arguments[0].type
            suffix = "f64" if kind == DOUBLE else "f32"
            function = self.translation.external(f"{_INTRINSICS[name]}.{suffix}", kind, [kind] * len(arguments))
            return self.code.call(function, arguments)
        function = self.translation.function(name)
        given = [
            a.pointer if isinstance(a, Memory) else self.convert(a, t)
            for a, t in zip(arguments, function.function_type.args, strict=True)
        ]
        return self.code.call(function, given)

    def call_local(self, count: Any) -> Any:
        """Memory of the function's own, for a number of reals that is known beforehand."""
        memory = ir.IRBuilder(self.entry).alloca(self.real, size=count.constant)
        memory.align = tiles.CACHE_LINE
        return Memory(memory, self.real)

    def call_tile(self, height: Any, *arguments: Any) -> Any:
        function = tiles.tile(self.translation.module, self.real, self.translation.sizes["LANES"], height.constant)
        return self.code.call(function, [a.pointer if isinstance(a, Memory) else a for a in arguments])

    def call_turned(self, *arguments: Any) -> Any:
        function = tiles.turned(self.translation.module, self.real, self.translation.sizes["LANES"])
        return self.code.call(function, [a.pointer if isinstance(a, Memory) else a for a in arguments])

    def call_abs(self, x: Any) -> Any:
        suffix = "f64" if x.type == DOUBLE else "f32"
        return self.code.call(self.translation.external(f"llvm.fabs.{suffix}", x.type, [x.type]), [x])

    def call_larger(self, x: Any, y: Any) -> Any:
        x, y = self.alike(x, y)
        flags = ("nnan", "nsz")
        return self.code.select(self.code.fcmp_ordered(">", x, y, flags=flags), x, y, flags=flags)

    def call_real(self, x: Any) -> Any:
        return self.convert(x, self.real)

    def call_double(self, x: Any) -> Any:
        return self.convert(x, DOUBLE)

    def call_whole(self, x: Any) -> Any:
        """The whole number that a real is, without fraction."""
        return self.code.sext(self.code.fptosi(x, ir.IntType(32)), INT)

    def call_power_of_two(self, x: Any) -> Any:
        """2 to a whole number from -126 to 127, which is given as a float32: its exponent's bits."""
        word = ir.IntType(32)
        biased = self.code.add(self.code.fptosi(x, word), ir.Constant(word, 127))
        return self.code.bitcast(self.code.shl(biased, ir.Constant(word, 23)), SINGLE)

    def call_product(
        self, transpose_a: Any, transpose_b: Any, m: Any, n: Any, k: Any, a: Any, lda: Any, b: Any, ldb: Any, beta: Any,
        c: Any, ldc: Any,
    ) -> Any:  # fmt: skip
        """c ← a·b + beta·c by NumPy's BLAS; matrices lie row by row, `ld` elements apart; 1 as a flag transposes."""
        word = ir.IntType(32)
        kinds = [word] * 3 + [INT] * 3 + [self.real, POINTER, INT, POINTER, INT, self.real, POINTER, INT]
        name = "cblas_sgemm" if self.real == SINGLE else "cblas_dgemm"
        function = self.translation.external(name, ir.VoidType(), kinds)
        plain = ir.Constant(word, 111)
        flags = [self.code.add(plain, self.code.trunc(flag, word)) for flag in (transpose_a, transpose_b)]
        one = ir.Constant(self.real, 1.0)
        return self.code.call(
            function,
            [ir.Constant(word, 101), *flags, m, n, k, one, a.pointer, lda, b.pointer, ldb,
             self.convert(beta, self.real), c.pointer, ldc],
        )  # fmt: skip

    # ---- between threads ---------------------------------------------------------------------------------------------

    def element(self, memory: Any, index: Any) -> Any:
        return self.code.gep(memory.pointer, [index], inbounds=True, source_etype=memory.element)

    def call_atomic_load(self, memory: Any, index: Any) -> Any:
        return self.code.load_atomic(self.element(memory, index), "seq_cst", 8, typ=INT)

    def call_atomic_swap(self, memory: Any, index: Any, value: Any) -> Any:
        return self.code.atomic_rmw("xchg", self.element(memory, index), value, "seq_cst")

    def call_atomic_add(self, memory: Any, index: Any, value: Any) -> Any:
        return self.code.atomic_rmw("add", self.element(memory, index), value, "seq_cst")

    def call_pause(self) -> Any:
        """Tell the processor that this is a waiting loop, where there is a way."""
        machine = platform.machine().lower()
        if machine in ("x86_64", "amd64"):
            self.code.call(self.translation.external("llvm.x86.sse2.pause", ir.VoidType(), []), [])
        elif machine in ("aarch64", "arm64"):
            word = ir.IntType(32)
            hint = self.translation.external("llvm.aarch64.hint", ir.VoidType(), [word])
            self.code.call(hint, [ir.Constant(word, 1)])

    def call_give_way(self) -> None:
        if sys.platform == "win32":
            self.call_pause()
        else:
            self.code.call(self.translation.external("sched_yield", ir.IntType(32), []), [])

    def call_run(self, address: Any, begin: Any, end: Any, part: Any, given: Any) -> Any:
        """Call the entry of a kernel by its address."""
        function = self.code.inttoptr(address, ENTRY.as_pointer())
        self.code.call(function, [begin, end, part, self.code.inttoptr(given, POINTER)])

    # ---- types -------------------------------------------------------------------------------------------------------

    def binary(self, op: ast.operator, left: Any, right: Any, flags: tuple) -> Any:
        left, right = self.alike(left, right)
        if left.type == INT:
            name = _INT_BINARY[type(op)]
            if isinstance(op, ast.Mult | ast.Add) and isinstance(left, ir.Constant) and isinstance(right, ir.Constant):
                x, y = left.constant, right.constant
                return INT(x * y if isinstance(op, ast.Mult) else x + y)
            return getattr(self.code, name)(
                left, right, **({"flags": ("nsw",)} if name in ("add", "sub", "mul") else {})
            )
        return getattr(self.code, _FLOAT_BINARY[type(op)])(left, right, flags=flags)

    def alike(self, left: Any, right: Any) -> tuple[Any, Any]:
        """Both values in the wider of their types: whole numbers, reals, double reals."""
        if left.type == right.type:
            return left, right
        kind = DOUBLE if DOUBLE in (left.type, right.type) else self.real
        return self.convert(left, kind), self.convert(right, kind)

    def convert(self, value: Any, kind: Any) -> Any:
        if value.type == kind:
            return value
        if isinstance(value, ir.Constant) and kind in (SINGLE, DOUBLE):
            return ir.Constant(kind, float(value.constant))
        if value.type == BIT:
            return self.code.uitofp(value, kind) if kind in (SINGLE, DOUBLE) else self.code.zext(value, kind)
        if value.type == INT:
            return self.code.sitofp(value, kind)
        if kind == INT:
            raise Unsupported("a real number where a whole one is wanted")
        return self.code.fpext(value, kind) if kind == DOUBLE else self.code.fptrunc(value, kind)


def _returns(tree: ast.FunctionDef) -> bool:
    return isinstance(tree.body[-1], ast.Return)


def functions_of(source: str) -> dict[str, ast.FunctionDef]:
    """The functions that a piece of source defines."""
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def entry(translation: Translation, name: str) -> None:
    """The function through which all kernels are called: it takes what they are given, 8 bytes each, from memory."""
    kernel = translation.function(name)
    function = ir.Function(translation.module, ENTRY, ENTRY_NAME)
    code = ir.IRBuilder(function.append_basic_block("entry"))
    *shares, given = function.args
    arguments = list(shares)
    for i, kind in enumerate(kernel.function_type.args[3:]):
        pointer = code.gep(given, [ir.Constant(INT, i)], inbounds=True, source_etype=INT)
        arguments.append(code.load(pointer, typ=kind))
    code.call(kernel, arguments)
    code.ret_void()


def kind_of(annotation: Any) -> str:
    """What an annotation means: "Int" (also where there is none), "Real", "Array" or "Ints"."""
    return "Int" if annotation is None or annotation.id == "int" else annotation.id


def parameters(function: ast.FunctionDef) -> list[str]:
    """The kinds of a function's parameters."""
    return [kind_of(a.annotation) for a in function.args.args]


def symbol(name: str, single: bool) -> str:
    """What a function is called in native code."""
    return f"{PREFIX}{name}_{'f32' if single else 'f64'}"


def outlined(name: str, functions: dict[str, ast.FunctionDef]) -> set[str]:
    """The functions of other modules that a function needs, by way of those that it calls."""
    found: set[str] = set()
    waiting, seen = [name], {name}
    while waiting:
        for node in ast.walk(functions[waiting.pop()]):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
            if called in functions and called not in seen:
                seen.add(called)
                found.update({called} & set(OUTLINED))
                waiting += [] if called in OUTLINED else [called]
    return found


def translate(name: str, functions: dict[str, ast.FunctionDef], single: bool) -> str:
    """The intermediate code of a kernel with its entry, or of an outlined function, for float32 (single) or float64."""
    translation = Translation(functions, SINGLE if single else DOUBLE, name)
    if name in OUTLINED:
        translation.function(name)
    else:
        entry(translation, name)
    return str(translation.module)
