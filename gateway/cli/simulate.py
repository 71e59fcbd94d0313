"""`medcom-gateway simulate`: an EPJ or an omsorgssystem to try the hub against, with a partner's token, over its interfaces alone."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

import click

from gateway.signatures import key_of
from gateway.simulate import Entry, Epj, Omsorgssystem, Temper
from gateway.simulate.documents import party
from gateway.simulate.telling import line

_EPJ_EPILOG = """\b
Examples:
  export MEDCOM_SIMULATE_TOKEN=medcom_…      (printed by: medcom-gateway partners add epj --gln 5790009920014)
  medcom-gateway simulate epj send --gln 5790009920014 --to 5790009911739 --heading Indlæggelse --text "Indlagt i nat."
  medcom-gateway simulate epj send --gln 5790009920014 besked.xml
  medcom-gateway example XREF15 | medcom-gateway simulate epj send --gln 5790009920014 --vans -
  medcom-gateway simulate epj watch --gln 5790009920014 --store epj.jsonl"""

_OMSORG_EPILOG = """\b
Examples:
  export MEDCOM_SIMULATE_TOKEN=medcom_…      (printed by: medcom-gateway partners add skive --gln 5790009911739)
  medcom-gateway simulate omsorgssystem --gln 5790009911739 --store skive.jsonl
  medcom-gateway simulate omsorgssystem --gln 5790009911739 --reply "Tak, vi kommer til udskrivningsmødet."
  medcom-gateway simulate omsorgssystem --gln 5790009911739 --fail 3 --slow 5
\b
By push: partners add skive --gln 5790009911739 --push http://127.0.0.1:9001/medcom
  medcom-gateway simulate omsorgssystem --gln 5790009911739 --port 9001
  (with --push-secret auto: MEDCOM_SIMULATE_PUSH_SECRET=whsec_… makes it verify every push)
\b
From its own queue: partners add skive --gln 5790009911739 --amqp
  medcom-gateway simulate omsorgssystem --gln 5790009911739 --amqp amqp://skive:…@127.0.0.1/ --endpoint skive"""

_Command = Callable[..., Any]


def _connection(command: _Command) -> _Command:
    """The options that every simulated system has."""
    options = [
        click.option("--hub", default="http://127.0.0.1:8080", show_default=True, help="The hub's address."),
        click.option("--token", envvar="MEDCOM_SIMULATE_TOKEN", required=True, help="Or MEDCOM_SIMULATE_TOKEN."),
        click.option("--gln", required=True, help="The system's own lokationsnummer."),
        click.option("--name", default="Syntetisk system", show_default=True, help="Its organisation, in letters it writes."),
        click.option(
            "--store", type=click.Path(dir_okay=False, path_type=Path), help="File that it remembers in (JSON lines)."
        ),
        click.option("--json", "as_json", is_flag=True, help="One JSON object an event."),
    ]

    @wraps(command)
    def with_system(*, hub: str, token: str, gln: str, name: str, store: Path | None, as_json: bool, **own: Any) -> Any:
        def listener(entry: Entry) -> None:
            click.echo(entry.line(whole=False) if as_json else line(entry))

        common = {"hub_url": hub, "token": token, "gln": gln, "name": name, "store": store, "listener": listener}
        return command(common, **own)

    for option in reversed(options):
        with_system = option(with_system)
    return with_system


def _secret(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            key_of(value)
        except ValueError as wrong:
            raise click.BadParameter(str(wrong), context, option) from wrong
    return value


@click.group()
def command() -> None:
    """Simulate a system that talks to the hub: an EPJ, or a kommunalt omsorgssystem."""


@command.group()
def epj() -> None:
    """A hospital's system: sends letters, fetches its receipts and replies."""


@epj.command(epilog=_EPJ_EPILOG)
@click.argument("file", required=False, type=click.File("rb"))
@click.option("--to", help="The receiver's lokationsnummer, for a letter written here.")
@click.option("--heading", default="", help="Its heading (Subject).")
@click.option("--text", default="", help="Its text.")
@click.option("--thread", help="Its EpisodeOfCareIdentifier, to go on in a thread.")
@click.option("--vans", is_flag=True, help="Put it into a VANSEnvelope.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for the receipt; 0 does not wait.")
@_connection
def send(
    common: dict[str, Any],
    *,
    file: BinaryIO | None,
    to: str | None,
    heading: str,
    text: str,
    thread: str | None,
    vans: bool,
    wait: float,
) -> None:
    """Send FILE (- for standard input) as it is, byte for byte, or a letter written here, about a patient who does not exist.

    Exit code 0: the hub took it, and a positive receipt came where one was asked for. 1: it was refused, or no receipt came in time.
    """
    if (file is None) == (to is None):
        raise click.UsageError("Give either a FILE or --to GLN.")
    system = Epj(**common)
    try:
        document = file.read() if file else system.write(party(to or "", "Modtager"), heading, text, thread)
        if vans:
            document = system.enveloped(document)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from wrong

    async def work() -> bool:
        async with system:
            number = system.post(document)
            sent = await system.book.until(lambda: one if (one := system.sent(number)).status else None, None)
            if sent.state == "accepted" and sent.wants_receipt and wait > 0:
                with contextlib.suppress(TimeoutError):
                    await system.receipted(number, wait)
                return system.sent(number).state == "acknowledged"
            return sent.state in {"accepted", "acknowledged"}

    sys.exit(0 if asyncio.run(work()) else 1)


@epj.command(epilog=_EPJ_EPILOG)
@_connection
def watch(common: dict[str, Any]) -> None:
    """Fetch receipts and letters, and show them, until Ctrl-C."""
    asyncio.run(_run(Epj(**common)))


@command.command(epilog=_OMSORG_EPILOG)
@click.option("--port", type=click.IntRange(0, 65535), help="Listen for pushes on this port; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--push-secret", envvar="MEDCOM_SIMULATE_PUSH_SECRET", callback=_secret, help="Take only pushes signed with this secret."
)
@click.option("--push-bearer", envvar="MEDCOM_SIMULATE_PUSH_BEARER", help="Take only pushes with this bearer token.")
@click.option("--amqp", help="Consume its own queue on the broker with this URL.")
@click.option("--endpoint", help="The partner's name at the hub, which names the queue.")
@click.option("--reply", help="Text to answer the first letter of each thread with.")
@click.option("--fail", default=0, show_default=True, type=click.IntRange(0), help="Fail the first so many documents.")
@click.option("--slow", default=0.0, show_default=True, type=click.FloatRange(0), help="Seconds to wait before answering.")
@click.option("--garbage", is_flag=True, help="Answer pushes with what is no HTTP.")
@click.option("--reject", is_flag=True, help="Take no document: 422, or rejected to the queue.")
@click.option("--negative", is_flag=True, help="Refuse letters with a negative receipt (XCTL02).")
@click.option("--no-receipt", is_flag=True, help="Send no receipts.")
@_connection
def omsorgssystem(
    common: dict[str, Any],
    *,
    port: int | None,
    host: str,
    amqp: str | None,
    endpoint: str | None,
    push_secret: str | None,
    push_bearer: str | None,
    no_receipt: bool,
    **temper: Any,
) -> None:
    """A kommune's system: receives letters, judges and keeps them, and answers with receipts; or misbehaves, when told to.

    It fetches from its mailbox, unless --port or --amqp says otherwise. Runs until Ctrl-C or SIGTERM.
    """
    if (amqp is None) != (endpoint is None):
        raise click.UsageError("--amqp and --endpoint go together.")
    if amqp is not None and port is not None:
        raise click.UsageError("Choose one of --port and --amqp.")
    if port is None and (push_secret or push_bearer):
        raise click.UsageError("--push-secret and --push-bearer are for pushes: give a --port.")
    if temper["garbage"] and port is None:
        raise click.UsageError("--garbage is for pushes: give a --port.")
    own_queue = (amqp, endpoint) if amqp and endpoint else None
    chosen = Temper(receipts=not no_receipt, **temper)
    ways: dict[str, Any] = {
        "host": host,
        "port": port,
        "amqp": own_queue,
        "push_secret": push_secret,
        "push_bearer": push_bearer,
    }
    asyncio.run(_run(Omsorgssystem(**common, **ways, temper=chosen)))


async def _run(system: Epj | Omsorgssystem) -> None:
    """Runs the system until a signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with system:
            await stop.wait()
    except OSError as taken:
        raise click.ClickException(str(taken)) from taken
