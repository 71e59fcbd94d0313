"""`medcom-gateway serve`: runs the gateway until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import click
import uvloop

from gateway.app import Gateway, real_parts
from gateway.cli.opening import Refusal, settings
from gateway.events import FromLibraries, Telemetry
from gateway.ports import JournalUnavailable
from gateway.settings import Settings
from gateway.store import SchemaMismatch
from schemas.official import OfficialSchemasError
from sor.register import RegisterError
from sor.snapshot import SnapshotError

_EPILOG = """\b
Examples:
  medcom-gateway serve
  MEDCOM_HTTP_PORT=9000 MEDCOM_DATA_DIR=/var/lib/medcom medcom-gateway serve
  MEDCOM_DATABASE_URL=postgresql://medcom@db/medcom MEDCOM_BROKER_URL=amqp://medcom@mq/ medcom-gateway serve

SIGTERM and Ctrl-C stop it in order: it takes nothing new, ends what is under way, and is gone within ten seconds."""


@click.command(epilog=_EPILOG)
def command() -> None:
    """Run the gateway: HTTP interface, queues and deliveries. Logs one JSON line an event to standard output."""
    chosen = settings()
    try:
        uvloop.run(_serve(chosen))
    except JournalUnavailable as away:
        raise Refusal(f"The journal does not answer: {away.reason}") from away
    except OfficialSchemasError as wrong:
        raise Refusal(f"MEDCOM_SCHEMAS: {wrong}") from wrong
    except (RegisterError, SnapshotError, SchemaMismatch, OSError) as wrong:
        raise Refusal(str(wrong)) from wrong


async def _serve(chosen: Settings) -> None:
    telemetry = Telemetry(sys.stdout, level=chosen.log_level)
    logging.basicConfig(handlers=[FromLibraries(telemetry)], level=logging.WARNING)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with real_parts(chosen, telemetry) as parts:
            await Gateway(chosen, parts, telemetry).run(stop)
    finally:
        telemetry.flush()
