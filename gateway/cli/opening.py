"""What the commands share: settings with a clear refusal, and a store that is opened and closed around a coroutine."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from pydantic import ValidationError

from gateway.clock import SystemClock, danish_day
from gateway.directory import Directory
from gateway.mending import CannotMend
from gateway.ports import JournalUnavailable
from gateway.records import MessageRecord
from gateway.register_watch import RegisterWatch
from gateway.registers import register_of
from gateway.settings import Settings, unknown_names
from gateway.store import SchemaMismatch, Store, open_store
from routing.headings import bundled
from schemas.official import OfficialSchemasError
from schemas.validator import Schemas, load_schemas
from sor.register import RegisterError
from sor.snapshot import SnapshotError

T = TypeVar("T")


class Refusal(click.ClickException):
    """A command that cannot be done, said in a line or two; exit code 1."""

    exit_code = 1

    def show(self, file: object = None) -> None:
        """On standard error, without click's `Error:`."""
        del file
        click.echo(self.message, err=True)


class Misuse(Refusal):
    """A command that was called wrongly; exit code 2."""

    exit_code = 2


def settings() -> Settings:
    """The settings. Raises Misuse, naming each setting that is wrong and each that does not exist."""
    if unknown := unknown_names(os.environ):
        raise Misuse("\n".join(f"{name}: no such setting{f'; {meant}?' if meant else ''}" for name, meant in unknown.items()))
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [f"MEDCOM_{'.'.join(map(str, error['loc'])).upper()}: {error['msg']}" for error in wrong.errors()]
        raise Misuse("\n".join(lines).replace("MEDCOM_MEDCOM_", "MEDCOM_")) from wrong
    except (OSError, ValueError) as wrong:  # missing, or no TOML
        raise Misuse(f"MEDCOM_CONFIG: {wrong}") from wrong


def schemas_of(chosen: Settings) -> Schemas:
    """The schemas that the settings name. Raises Refusal where the folder cannot be used."""
    try:
        return load_schemas(chosen.schemas)
    except OfficialSchemasError as wrong:
        raise Refusal(f"MEDCOM_SCHEMAS: {wrong}") from wrong


def examples(*lines: str) -> str:
    """The end of a command's help: its examples, a line each."""
    return "\b\nExamples:\n" + "\n".join(f"  medcom-gateway {line}" for line in lines)


def with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    """Opens the journal that the settings name, does the work, closes it. The embedded journal is made if it is not there."""
    chosen = settings()

    async def run() -> T:
        store = await open_store(
            chosen.store_url, receipt_within=chosen.receipt_deadline, migrate=chosen.store_url.startswith("sqlite")
        )
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except JournalUnavailable as away:
        raise Refusal(f"Journalen svarer ikke ({away.reason}). / The journal does not answer.") from away
    except CannotMend as why:
        raise Refusal(f"{why.text_da}\n{why.text_en}") from why
    except (RegisterError, SnapshotError, SchemaMismatch, OSError) as wrong:
        raise Refusal(str(wrong)) from wrong


async def directory_of(store: Store) -> Directory:
    """The directory as a gateway with these settings would see it now."""
    watch = RegisterWatch(store.registers, register_of(settings()))
    await watch.refresh(danish_day(clock().now()))
    return Directory(await store.all(), watch.current, bundled(), await store.revision())


async def message_by_id(store: Store, message_id: str) -> MessageRecord:
    """The message. Raises Refusal where there is none."""
    record = await store.record(message_id)
    if record is None:
        raise Refusal(f"Der er ingen meddelelse med id {message_id}. / There is no message with that id.")
    return record


def actor() -> str:
    """Who is at the terminal, for the timeline."""
    return f"operator:{getpass.getuser()}"


def clock() -> SystemClock:
    """The clock of a command."""
    return SystemClock()
