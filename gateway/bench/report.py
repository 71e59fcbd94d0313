"""The results: a table for people and a JSON object a line for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import orjson
from rich.table import Table

from gateway.bench.measure import Result


def table(results: Iterable[Result]) -> Table:
    """One row a scenario and stack."""
    heads = (
        "scenario",
        "store",
        "broker",
        "messages/s",
        "limit/s",
        "ratio",
        "accept p50",
        "p99 ms",
        "delivery p99 ms",
        "RSS MB",
    )
    found = Table(box=None, header_style="bold")
    for place, head in enumerate((*heads, "all arrived")):
        found.add_column(head, justify="left" if place < 3 else "right", no_wrap=True)
    for one in results:
        memory = f"{one.rss_start_mb:.0f} → {one.rss_mb:.0f}"
        times = (one.accept_p50_ms, one.accept_p99_ms, one.delivery_p99_ms)
        found.add_row(
            one.scenario,
            one.store,
            one.broker,
            f"{one.messages_per_s:.0f}",
            f"{one.limit_per_s:.0f}",
            f"{one.ratio:.2f}",
            *("-" if time is None else f"{time:.1f}" for time in times),
            memory,
            "yes" if one.ok else ", ".join(f"{kind} {number}" for kind, number in one.faults.items() if number),
        )
    return found


def line(result: Result) -> bytes:
    """The result as one JSON object, times and memory to a tenth."""
    row = {
        name: round(value, 3 if name == "ratio" else 1) if isinstance(value, float) else value
        for name, value in asdict(result).items()
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
