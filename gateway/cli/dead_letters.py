"""`medcom-gateway dead-letters`: what could not be delivered, why, and the means to mend it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import click
import orjson

from gateway.cli.messages import print_messages, show_message
from gateway.cli.opening import Refusal, actor, clock, directory_of, examples, with_store
from gateway.cli.tables import STATES
from gateway.mending import DeadLetters, Mended
from gateway.records import Query
from gateway.store import Store
from routing.decisions import Fault
from routing.lifecycle import State
from sor.identifiers import normal_gln

_ID = "01a2002f-ed36-73e1-ae1d-490369a34325"
_LIST = ("dead-letters list", "dead-letters list --fault no_reader --json")
_SHOW = (f"dead-letters show {_ID}",)
_RETRY = (f"dead-letters retry {_ID}",)
_REDIRECT = (f'dead-letters redirect {_ID} \\\n      --to 5790009900024 --reason "enheden er flyttet"',)
_DISCARD = (f'dead-letters discard {_ID} --reason "ringet igennem"',)
_SOON = "\n\nA gateway that runs on the same journal sends the message within a second or two."

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_REASON = click.option("--reason", required=True, help="Why; it stays in the timeline. No person's name or number.")


@click.group(epilog=examples(*_LIST, *_SHOW, *_RETRY, *_REDIRECT, *_DISCARD))
def command() -> None:
    """What could not be delivered, with the reason, and the means to mend it."""


@command.command("list", epilog=examples(*_LIST))
@click.option("--fault", type=click.Choice([fault.value for fault in Fault]), help="Only those with this reason.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@_JSON
def list_(fault: str | None, limit: int, *, as_json: bool) -> None:
    """List the dead letters, newest first. Exit code 1 where there are none."""
    query = Query(states=frozenset({State.DEAD_LETTER}), fault=Fault(fault) if fault else None, limit=limit)
    print_messages(with_store(lambda store: store.find(query)), as_json=as_json)


@command.command(epilog=examples(*_SHOW))
@click.argument("message_id")
@_JSON
def show(message_id: str, *, as_json: bool) -> None:
    """Show one dead letter: its reason and its timeline."""
    show_message(message_id, as_json=as_json)


@command.command(epilog=examples(*_RETRY) + _SOON)
@click.argument("message_ids", nargs=-1, required=True)
@_JSON
def retry(message_ids: tuple[str, ...], *, as_json: bool) -> None:
    """Send dead letters again, to the receivers that they name. One that cannot be sent does not stop the others."""
    refused = False
    for message_id in message_ids:
        try:
            _retry(message_id, as_json=as_json)
        except Refusal as why:
            click.echo(f"{message_id}: {why.message}", err=True)
            refused = True
    sys.exit(1 if refused else 0)


def _retry(message_id: str, *, as_json: bool) -> None:
    _mend(lambda letters: letters.retry(message_id, actor()), as_json=as_json)


@command.command(epilog=examples(*_REDIRECT) + _SOON)
@click.argument("message_id")
@click.option("--to", "gln", required=True, help="The lokationsnummer to send it to instead.")
@_REASON
@_JSON
def redirect(message_id: str, gln: str, reason: str, *, as_json: bool) -> None:
    """Send a dead letter, as it is, to another lokationsnummer."""
    _mend(lambda letters: letters.redirect(message_id, normal_gln(gln), actor(), reason), as_json=as_json)


@command.command(epilog=examples(*_DISCARD))
@click.argument("message_id")
@_REASON
@_JSON
def discard(message_id: str, reason: str, *, as_json: bool) -> None:
    """End a dead letter. Its bytes and its story stay in the journal."""
    _mend(lambda letters: letters.discard(message_id, actor(), reason), as_json=as_json)


def _mend(action: Callable[[DeadLetters], Awaitable[Mended]], *, as_json: bool) -> None:
    async def work(store: Store) -> Mended:
        return await action(DeadLetters(store, store, await directory_of(store), clock()))

    done = with_store(work)
    if as_json:
        row = {"id": done.message_id, "state": done.state, "endpoint": done.endpoint, "address": done.address}
        click.echo(orjson.dumps(row))
    else:
        where = f", til {done.address} hos {done.endpoint}" if done.endpoint else ""
        click.echo(f"{done.message_id}: {STATES[done.state]}{where}")
