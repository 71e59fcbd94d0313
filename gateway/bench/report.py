"""The results: a table for people and a JSON object a line for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import orjson
from rich.table import Table

from gateway.bench.measure import Result
from gateway.bench.stalls import Stall
from gateway.bench.validation import Timing


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


def timings_table(timings: Iterable[Timing]) -> Table:
    """One row an example; times in microseconds."""
    found = _numbers(
        ("type", "version"), ("bytes", "parse", "schema", "reading", "rules", "examine", "document", "lxml", "ratio")
    )
    for one in timings:
        steps = (one.parse_us, one.schema_us, one.reading_us, one.rules_us, one.examine_us, one.document_us, one.lxml_us)
        times = ("-" if time is None else f"{time:.0f}" for time in steps)
        found.add_row(one.type, one.version, str(one.bytes), *times, f"{one.ratio:.2f}")
    found.title = "Times in µs. Ratio is document to lxml alone."
    return found


def stalls_table(stalls: Iterable[Stall]) -> Table:
    """One row a document."""
    found = _numbers((), ("bytes", "examine ms", "stall ms", "held ms", "idle ms"))
    for one in stalls:
        times = (one.examine_ms, one.stall_ms, one.held_ms, one.idle_ms)
        found.add_row(str(one.bytes), *(f"{time:.1f}" for time in times))
    found.title = "The event loop's longest gap"
    return found


def _numbers(names: Iterable[str], numbers: Iterable[str]) -> Table:
    found = Table(box=None, header_style="bold", title_style="", title_justify="left")
    for head in names:
        found.add_column(head, no_wrap=True)
    for head in numbers:
        found.add_column(head, justify="right", no_wrap=True)
    return found


def line(result: Result | Timing | Stall) -> bytes:
    """The result as one JSON object, times and memory to a tenth."""
    row = {
        name: round(value, 3 if name == "ratio" else 1) if isinstance(value, float) else value
        for name, value in asdict(result).items()
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
