"""Run a text file as a doctest: flambeau run tests/golden/compare.py FILE

Like `python -m doctest FILE`, but a number that is written with six decimals or more may differ by one in the last.
float32 carries no more: after 25 epochs on the breast-cancer data the loss is 0.4711795 up to its last bit, and which
way the sixth decimal is rounded depends on the processor, in PyTorch too. And an error must begin with the line that is
written; below it may stand the indented lines that teach.
"""

from __future__ import annotations

import doctest
import re
import sys
from decimal import Decimal
from pathlib import Path

ERROR = re.compile(r"[A-Z]\w*(Error|Exception): ")
NUMBER = re.compile(r"(-?\d+\.\d{6,}(?:e[+-]?\d+)?)")


def nearly_equal(want: str, got: str) -> bool:
    """Whether two outputs have the same words, and numbers that differ by no more than one in the last digit."""
    wanted, found = NUMBER.split(want), NUMBER.split(got)
    if wanted[::2] != found[::2]:
        return False
    pairs = [(Decimal(a), Decimal(b)) for a, b in zip(wanted[1::2], found[1::2], strict=True)]
    return all(a.as_tuple().exponent == b.as_tuple().exponent and abs(a - b) <= last_digit(a) for a, b in pairs)


def last_digit(number: Decimal) -> Decimal:
    """One unit in the last place that a number is written with."""
    return Decimal((0, (1,), int(number.as_tuple().exponent)))


def same_error(want: str, got: str) -> bool:
    """Whether both are the same error in its first line, and whatever else the second says is indented below it."""
    first, *rest = got.splitlines() or [""]
    return ERROR.match(want) is not None and first == want.strip() and all(line.startswith("  ") for line in rest)


class Checker(doctest.OutputChecker):
    """Doctest's judge with these two allowances."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got, optionflags) or nearly_equal(want, got) or same_error(want, got)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    test = doctest.DocTestParser().get_doctest(file.read_text(encoding="utf-8"), {}, file.name, str(file), 0)
    outcome = doctest.DocTestRunner(checker=Checker()).run(test)
    print(f"{file.name}: {outcome.attempted - outcome.failed} of {outcome.attempted} examples as written")
    sys.exit(bool(outcome.failed))
