"""`medcom-gateway check`: everything that could keep the gateway from working, found in one go and before the night."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator

import click
import orjson

from gateway.broker import make_broker
from gateway.cli.opening import clock, directory_of, examples, settings
from gateway.clock import danish_day
from gateway.ports import BrokerUnavailable, JournalUnavailable
from gateway.register_history import in_force, planned
from gateway.registers import register_of
from gateway.settings import Settings, masked
from gateway.store import SchemaMismatch, Store, open_store
from schemas.comparison import compare
from schemas.official import OfficialSchemasError
from schemas.validator import Schemas, load_schemas
from schemas.vans import NAMESPACE as VANS
from sor.register import Register, RegisterError
from sor.snapshot import SnapshotError


@click.command(epilog=examples("check", "check --json"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(*, as_json: bool) -> None:
    """Check settings, register, schemas, journal and broker. Exit code 1 where something is wrong.

    With MEDCOM_SCHEMAS it tells for each namespace whether the official schemas or our own decide, and on which of our own examples
    the two differ.
    """
    rows = asyncio.run(_collect(settings()))
    for what, good, text in rows:
        if as_json:
            click.echo(orjson.dumps({"check": what, "ok": good, "text": text}))
        else:
            click.echo(f"{'ok  ' if good else 'FEJL'}  {what:<10} {text}")
    sys.exit(0 if all(good for _, good, _ in rows) else 1)


async def _collect(chosen: Settings) -> list[tuple[str, bool, str]]:
    rows = [("settings", True, ", ".join(f"{key}={value}" for key, value in chosen.shown().items() if value is not None))]
    rows += [row async for row in _checks(chosen)]
    return rows


async def _checks(chosen: Settings) -> AsyncIterator[tuple[str, bool, str]]:
    try:
        yield "register", True, f"of the settings: {_told(register_of(chosen))}"
    except (OSError, RegisterError) as wrong:
        yield "register", False, str(wrong)
    for good, text in _schemas(chosen):
        yield "schemas", good, text
    async for row in _services(chosen):
        yield row


async def _services(chosen: Settings) -> AsyncIterator[tuple[str, bool, str]]:
    try:
        store = await open_store(
            chosen.store_url, receipt_within=chosen.receipt_deadline, migrate=chosen.store_url.startswith("sqlite")
        )
        try:
            directory = await directory_of(store)
            yield "journal", True, f"{masked(chosen.store_url)}, {len(directory.partners)} partners"
            yield "register", True, await _in_force(store, directory.register)
        finally:
            await store.close()
    except SnapshotError as wrong:
        yield "register", False, f"in force: {wrong}"
    except (JournalUnavailable, SchemaMismatch, RegisterError, OSError) as away:
        yield "journal", False, f"{masked(chosen.store_url)}: {away}"
    broker = make_broker(chosen.broker_url)
    try:
        await broker.open()
        yield "broker", True, masked(chosen.broker_url)
    except BrokerUnavailable as away:
        yield "broker", False, f"{masked(chosen.broker_url)}: {away.reason}"
    finally:
        await broker.close()


async def _in_force(store: Store, register: Register) -> str:
    """Which register decides now, and which is planned."""
    story, today = await store.registers.story(), danish_day(clock().now())
    line = in_force(story, today)
    now = f"{_told(register)}, since {line.effective_from}" if line and line.version else "the settings' own"
    plans = "".join(f"; planned: {each.version or 'the own'} from {each.effective_from}" for each in planned(story, today))
    return f"in force: {now}{plans}"


def _told(register: Register) -> str:
    warnings = f", {len(register.warnings)} warnings" if register.warnings else ""
    return f"version {register.version}, {len(register.units)} units{warnings}"


def _schemas(chosen: Settings) -> Iterator[tuple[bool, str]]:
    ours = load_schemas()
    if chosen.schemas is None:
        yield True, f"our own for all {len(ours.namespaces)} namespaces"
        return
    try:
        theirs = load_schemas(chosen.schemas)
    except OfficialSchemasError as wrong:
        yield False, f"MEDCOM_SCHEMAS: {wrong}"
        return
    lacking = len(theirs.namespaces) - len(theirs.official)
    yield True, f"official for {len(theirs.official)} namespaces, from {chosen.schemas}; our own for {lacking} that it lacks"
    for namespace in sorted(theirs.namespaces):
        schema = theirs.official.get(namespace)
        versions = ", ".join(sorted({row.version for row in ours.catalogue.rows if row.namespace == namespace}))
        of = f"official {schema.path.relative_to(chosen.schemas)}" if schema else "our own"
        yield True, f"{namespace} ({'VANSEnvelope 1.0.4' if namespace == VANS else versions}): {of}"
    yield from ((True, text) for text in _differences(ours, theirs))


def _differences(ours: Schemas, theirs: Schemas) -> Iterator[str]:
    """How the two differ on our examples: what a difference means is for a person to judge, and it is no fault of the installation."""
    judged = list(compare(ours, theirs))
    apart = [one for one in judged if one.ours != one.theirs]
    yield f"official and our own judge {len(judged) - len(apart)} of {len(judged)} examples alike, {len(apart)} differently"
    for one in apart:
        words = {True: "valid", False: "not valid"}
        yield f"{one.example}: official {words[one.theirs]}, our own {words[one.ours]} ({one.namespace})"
