"""Worker processes and threads (draft)."""
from typing import Any
def start_context(c: Any) -> Any: return c
def start(loader: Any) -> Any: raise NotImplementedError
def warn_of_many(n: int) -> None: pass
