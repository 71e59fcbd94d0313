"""`medcom-gateway messages`: find messages, and read one's story."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import click
import orjson

from gateway.attachments import Attachment
from gateway.cli.opening import clock, examples, message_by_id, with_store
from gateway.cli.tables import as_json as shown
from gateway.cli.tables import message_lines, story_lines, terminal_width
from gateway.records import MessageRecord, Query, TimelineEntry
from gateway.store import Store
from routing.lifecycle import State

_FIND = (
    "messages find --state dead_letter",
    "messages find --receiver 5790009900024 --json",
    "messages find --thread 6fb927da3be14b9f8875a6326617d20b",
)
_SHOW = ("messages show 01a2002f-ed36-73e1-ae1d-490369a34325",)


@click.group(epilog=examples(*_FIND, *_SHOW))
def command() -> None:
    """Find messages, and read what became of one."""


@command.command(epilog=examples(*_FIND))
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in State]), help="Repeatable.")
@click.option("--sender", help="Lokationsnummer.")
@click.option("--receiver", help="Lokationsnummer.")
@click.option("--type", "type_", help="XDIS91, XCTL03, …")
@click.option("--envelope", help="Envelope id (KuvertNr).")
@click.option("--letter", help="Letter id (BrevNr).")
@click.option("--thread", help="EpisodeOfCareIdentifier.")
@click.option("--overdue", is_flag=True, help="Only those whose receipt has not come in time.")
@click.option("--unpaired", is_flag=True, help="Only those whose attachment, or the letter to it, has not come in time.")
@click.option("--since", type=click.DateTime(), help="Received since then (UTC).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def find(
    *,
    states: tuple[str, ...],
    sender: str | None,
    receiver: str | None,
    type_: str | None,
    envelope: str | None,
    letter: str | None,
    thread: str | None,
    since: datetime | None,
    limit: int,
    overdue: bool,
    unpaired: bool,
    as_json: bool,
) -> None:
    """Find messages, newest first. Exit code 1 where there are none."""
    query = Query(
        states=frozenset(State(state) for state in states) or None,
        sender=sender,
        receiver=receiver,
        type=type_,
        envelope_id=envelope,
        letter_id=letter,
        thread=thread.replace("-", "").lower() if thread else None,
        since=since.replace(tzinfo=clock().now().tzinfo) if since else None,
        overdue=overdue,
        unpaired=unpaired,
        limit=limit,
    )
    print_messages(with_store(lambda store: store.find(query)), as_json=as_json)


@command.command(epilog=examples(*_SHOW))
@click.argument("message_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(message_id: str, *, as_json: bool) -> None:
    """Show one message: its state, its reason, its attachments and its timeline."""
    show_message(message_id, as_json=as_json)


def show_message(message_id: str, *, as_json: bool) -> None:
    """Prints one message with its story."""

    async def work(store: Store) -> tuple[MessageRecord, Sequence[TimelineEntry], Sequence[Attachment]]:
        record = await message_by_id(store, message_id)
        return record, await store.timeline(message_id), await store.of_message(message_id)

    record, timeline, attachments = with_store(work)
    if as_json:
        click.echo(orjson.dumps(shown(record, timeline, attachments), default=str))
    else:
        click.echo("\n".join(story_lines(record, timeline, terminal_width(), attachments)))


def print_messages(records: Sequence[MessageRecord], *, as_json: bool) -> None:
    """Prints them; ends the command with 1 where there are none."""
    if as_json:
        for record in records:
            click.echo(orjson.dumps(shown(record), default=str))
    elif records:
        click.echo("\n".join(message_lines(records, terminal_width())))
    else:
        click.echo("Ingen. / None.", err=True)
    if not records:
        sys.exit(1)
