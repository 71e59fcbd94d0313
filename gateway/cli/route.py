"""`medcom-gateway route`: the decision about a document, without sending it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from gateway.cli.opening import Misuse, clock, directory_of, schemas_of, settings, with_store
from gateway.clock import danish_day
from gateway.directory import Directory
from gateway.judging import FAULT_OF
from gateway.store import Store
from gateway.verdicts import shown
from routing.decide import decide
from routing.decisions import Decision, Refuse
from routing.faults import FAULTS
from routing.headings import heading_finding
from schemas.examine import examine
from schemas.findings import Finding

_EPILOG = """\b
Examples:
  medcom-gateway route besked.xml
  medcom-gateway route --json - < besked.xml

Exit status: 0 it would be delivered, 1 it would be refused, 2 it cannot be read."""


@click.command(epilog=_EPILOG)
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(file: str, *, as_json: bool) -> None:
    """Say where FILE ('-' is standard input) would go, and which rule says so, without sending it."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as missing:
        raise Misuse(f"{file}: {missing.strerror}") from missing

    async def work(store: Store) -> Directory:
        return await directory_of(store)

    decision, findings = _decide(raw, with_store(work))
    verdict = shown(decision, findings)
    if as_json:
        click.echo(orjson.dumps(verdict))
    else:
        _print(decision, verdict)
    sys.exit(1 if isinstance(decision, Refuse) else 0)


def _decide(raw: bytes, directory: Directory) -> tuple[Decision, tuple[Finding, ...]]:
    """The decision that intake would make for a sender who may send it. A receipt's depends on what it is about, so it has none."""
    examination = examine(raw, schemas_of(settings()), limit=settings().max_document)
    envelope = examination.envelope
    heading = directory.headings.recognise(envelope.first.subject if envelope else None)
    if envelope is None or examination.obstacle is not None:
        obstacle = examination.obstacle
        assert obstacle is not None  # noqa: S101 - what could not be read has an obstacle
        return Refuse(FAULT_OF[obstacle], heading, ("V1-readable",), directory.register.version), examination.findings
    if envelope.first.receipt is not None:
        raise Misuse("En kvittering følger den meddelelse, den handler om. / A receipt goes where its original came from.")
    decision = decide(
        envelope,
        register=directory.register,
        endpoints=directory.endpoints,
        headings=directory.headings,
        on=danish_day(clock().now()),
    )
    warning = heading_finding(envelope.first, heading)
    return decision, (*examination.findings, *((warning,) if warning else ()))


def _print(decision: Decision, verdict: dict[str, object]) -> None:
    if isinstance(decision, Refuse):
        row = FAULTS[decision.fault]
        instead = f" Afløst af {decision.instead}." if decision.instead else ""
        click.echo(f"afvises: {row.text_da} {row.todo_da}{instead}")
    recipients = verdict["recipients"]
    assert isinstance(recipients, list)  # noqa: S101 - gateway.verdicts makes it so
    for recipient in recipients:
        place = ", ".join(part for part in (recipient["kommune"], recipient["unit"]) if part)
        click.echo(f"leveres: {recipient['gln']} {place} hos {recipient['endpoint']}")
    heading = decision.heading
    click.echo(f"overskrift: {heading.text or 'ingen genkendt'} ({heading.how})")
    click.echo(f"regler: {', '.join(decision.rules)}; register {decision.register_version}")
