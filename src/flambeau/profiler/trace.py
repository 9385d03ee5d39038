"""Events as a file that chrome://tracing, Perfetto and TensorBoard show (Google's "Trace Event Format")."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .. import version


def write_trace(path: str, events: Iterable[Any], name: str = "", metadata: Mapping[str, Any] | None = None) -> None:
    """Write events to a JSON file, compressed where its name ends in `.gz`."""
    process = os.getpid()
    written = [
        {"ph": "M", "name": "process_name", "pid": process, "tid": 0, "ts": 0, "args": {"name": name or "python"}}
    ]
    for event in events:
        written.append(
            {
                "ph": "X",
                "cat": event.category,
                "name": event.name,
                "pid": process,
                "tid": event.thread,
                "ts": event.time_range.start,
                "dur": event.time_range.elapsed_us(),
                "args": {"External id": event.id, **({"Input Dims": event.input_shapes} if event.input_shapes else {})},
            }
        )
    content = {
        "schemaVersion": 1,
        "deviceProperties": [],
        "flambeau_version": version.FLAMBEAU,
        **(metadata or {}),
        "displayTimeUnit": "ms",
        "baseTimeNanoseconds": time.time_ns(),
        "traceEvents": written,
        "traceName": str(path),
    }
    text = json.dumps(content)
    if str(path).endswith(".gz"):
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        with open(path, "w", encoding="utf-8") as plain:
            plain.write(text)
