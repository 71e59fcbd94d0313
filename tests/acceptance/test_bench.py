"""The benchmark as an operator runs it, on a few hundred messages: that it works and counts right, not how fast anything is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from gateway.bench.ledger import ACCEPTED, Ledger, faults_of
from gateway.bench.scenarios import QUICK
from gateway.bench.services import Missing, PostgreSQL, RabbitMQ
from gateway.bench.stalls import QUICK_SIZES
from schemas.catalogue import load_catalogue

KEYS = {
    "scenario",
    "store",
    "broker",
    "messages_per_s",
    "limit_per_s",
    "ratio",
    "accept_p50_ms",
    "accept_p99_ms",
    "delivery_p99_ms",
    "rss_mb",
}
FEW = 120


def bench(tmp_path, *options: str, environment: dict[str, str] | None = None):
    """Runs the command in a folder of the test's own; its exit code, its JSON lines on standard output, and all it said."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "bench", "--quick", "--messages", str(FEW), *options],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment or os.environ.copy(),
        timeout=110,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done, lines


def check_line(line, *, receipts: bool) -> None:
    """What every line must say whatever the speed."""
    assert line.keys() >= KEYS
    assert line["scenario"] == ("deliver-receipts" if receipts else "deliver")
    assert line["ok"], line["faults"]
    assert not any(line["faults"].values())
    warm_up = min(QUICK.warm_up, FEW)
    assert line["messages"] == 2 * warm_up + 3 * FEW
    assert line["messages_per_s"] > 0 < line["limit_per_s"]
    assert line["ratio"] == pytest.approx(line["messages_per_s"] / line["limit_per_s"], rel=0.05)
    assert 0 < line["accept_p50_ms"] <= line["accept_p99_ms"]
    assert 0 < line["delivery_p50_ms"] <= line["delivery_p99_ms"]
    assert (line["receipt_p99_ms"] is not None) == receipts
    assert line["rss_mb"] > 10


def test_embedded_run_counts_every_message_and_receipt(tmp_path):
    """A run on the embedded gateway prints a table and a right JSON line a scenario, writes the same lines to a file, exits 0."""
    file = tmp_path / "results.jsonl"
    done, lines = bench(tmp_path, "--broker", "embedded", "--json", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(line["store"], line["broker"]) for line in lines] == [("sqlite", "embedded")] * 2
    check_line(lines[0], receipts=False)
    check_line(lines[1], receipts=True)
    assert [json.loads(line) for line in file.read_text().splitlines()] == lines
    assert "messages/s" in done.stdout


def test_run_on_rabbitmq_and_postgresql_counts_every_message(tmp_path):
    """A run on RabbitMQ and PostgreSQL starts both by itself, measures with every message accounted for, and exits 0."""
    try:
        PostgreSQL(tmp_path), RabbitMQ(tmp_path)
    except Missing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    done, lines = bench(tmp_path, "--broker", "rabbitmq", "--scenario", "deliver")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(line["store"], line["broker"]) for line in lines] == [("postgresql", "rabbitmq")]
    check_line(lines[0], receipts=False)


@pytest.mark.parametrize(
    ("fault", "break_it"),
    [
        ("not_accepted", lambda ledger: ledger.status.__setitem__(1, 503)),
        ("missing", lambda ledger: ledger.copies.__setitem__(1, 0)),
        ("repeated", lambda ledger: ledger.copies.__setitem__(1, 2)),
        ("altered", lambda ledger: ledger.altered.__setitem__(1, 1)),
        ("receipts_missing", lambda ledger: ledger.receipt_copies.__setitem__(1, 0)),
        ("receipts_repeated", lambda ledger: ledger.receipt_copies.__setitem__(1, 2)),
    ],
)
def test_ledger_shows_whatever_is_not_exactly_once(tmp_path, fault, break_it):
    """A message that was refused, lost, repeated or altered, and a receipt that is lost or repeated, is counted as just that."""
    ledger = Ledger(tmp_path / "ledger", 3)
    for number in range(3):
        ledger.status[number], ledger.copies[number], ledger.receipt_copies[number] = ACCEPTED, 1, 1
    assert not faults_of(ledger, 0, 3, receipts=True).any
    break_it(ledger)
    found = faults_of(ledger, 0, 3, receipts=True)
    assert getattr(found, fault) == 1
    assert sum(getattr(found, name) for name in found.__dataclass_fields__) == 1


def test_validate_times_every_type_and_measures_the_loop(tmp_path):
    """`--validate` prints a JSON line for every version in the catalogue, one for a VANSEnvelope and one a size of document, with
    times that add up, writes the same lines to a file, and exits 0.
    """
    file = tmp_path / "results.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "bench", "--validate", "--quick", "--json", str(file)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")] == lines
    timed = [line for line in lines if line["scenario"] == "validate"]
    rows = [(row.code, row.version) for row in load_catalogue().rows]
    assert [(line["type"], line["version"]) for line in timed] == [*rows, ("VANSEnvelope", "1.0.4")]
    for line in timed:
        assert min(line[name] for name in ("parse_us", "schema_us", "reading_us", "lxml_us")) > 0
        assert line["ratio"] == pytest.approx(line["document_us"] / line["lxml_us"], rel=0.05)
        assert line["document_us"] > line["lxml_us"]
    stalled = [line for line in lines if line["scenario"] == "stall"]
    assert [line["bytes"] for line in stalled] == pytest.approx(list(QUICK_SIZES), abs=4)
    assert all(line["valid"] and 0 <= line["held_ms"] <= line["stall_ms"] for line in stalled)


def test_validate_goes_with_no_option_of_the_other_benchmark(tmp_path):
    """`--validate` with a scenario is misuse, and nothing is measured."""
    done, lines = bench(tmp_path, "--validate", "--scenario", "deliver")
    assert (done.returncode, lines) == (2, [])
    assert "--validate" in done.stderr
