"""`medcom-gateway partners`: the connected systems. What changes one that is there is in `partner_changes`."""

from __future__ import annotations

from typing import IO

import click
import orjson

from gateway.cli import partner_changes, partner_entries, partner_pages
from gateway.cli.opening import Misuse, Refusal, clock, directory_of, examples, settings, with_store
from gateway.cli.partner_entries import AUTO, SEEN_BY_ALL, addresses, book_of, entry
from gateway.directory import new_token, token_hash
from gateway.records import MessageRecord, Mode, Partner, PartnerEntry, Query
from gateway.settings import masked
from gateway.store import Store
from routing.lifecycle import UNSETTLED

_ADD = (
    "partners add epj-midt --gln 5790009900017",
    "partners add skive --gln 5790009900024 --push https://omsorg.example/medcom --push-secret auto",
    "partners add aarhus --gln 5790009900031 --gln 5790009900048 --amqp",
    "partners add skive-ny --take-gln 5790009900024 --pull",
)
_LIST = ("partners list", "partners list --json")
_SHOW = ("partners show skive", "partners show skive --json")
_WAITING_LIMIT = 10_000


@click.group(epilog=examples(*_ADD, *_LIST, *_SHOW, *partner_changes.EXAMPLES))
def command() -> None:
    """The connected systems: who may send as which lokationsnummer, and how each gets its mail."""


for change in partner_changes.COMMANDS:
    command.add_command(change)


@command.command(epilog=examples(*_ADD))
@click.argument("name")
@click.option("--gln", "glns", multiple=True, help="A lokationsnummer it sends as and reads. Repeatable.")
@click.option("--take-gln", "taken", multiple=True, help="One that it takes over from the system that has it now. Repeatable.")
@click.option("--pull", "mode", flag_value="pull", default="pull", help="It fetches from its mailbox over HTTP (the default).")
@click.option("--push", "push_url", help="The hub posts to this URL.")
@click.option("--push-secret", type=click.Choice([AUTO]), help="Sign each push (Standard Webhooks), with a secret made now.")
@click.option("--push-bearer", type=click.File(), help="File with a bearer token to send with each push; - reads it here.")
@click.option("--amqp", "mode", flag_value="amqp", help="It consumes its own queue on RabbitMQ.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(
    name: str,
    *,
    glns: tuple[str, ...],
    taken: tuple[str, ...],
    mode: str,
    push_url: str | None,
    push_secret: str | None,
    push_bearer: IO[str] | None,
    as_json: bool,
) -> None:
    """Add a system NAME and print its token, which is shown this once and stored hashed.

    The name is for good: the queue, the user on RabbitMQ and the history are known by it.
    """
    partner_entries.check_name(name)
    if not (glns or taken):
        raise Misuse("Give at least one lokationsnummer with --gln or --take-gln.")
    if push_url is not None:
        partner_entries.check_push_url(push_url)
    if mode == Mode.AMQP and settings().embedded_broker:
        raise Misuse("--amqp needs RabbitMQ: set MEDCOM_BROKER_URL to amqp(s)://…")
    token, now = new_token(), clock().now()
    chosen = Mode.PUSH if push_url else Mode(mode)
    bearer = partner_entries.bearer_in(push_bearer) if push_bearer else None
    partner = Partner(name, addresses(glns) | addresses(taken), chosen, token_hash(token), push_url, push_bearer=bearer)
    partner = partner_entries.with_secret(partner, push_secret, None, now)
    partner_entries.check_push(partner)
    with_store(lambda store: _add(store, partner, addresses(taken)))
    partner_pages.print_made(partner, now, as_json_object=as_json, token=token, secret=partner.push_secret)
    if chosen is Mode.AMQP and not as_json:
        click.echo(_amqp_advice(name))


async def _add(store: Store, partner: Partner, taken: frozenset[str]) -> None:
    book = await book_of(store)
    givers, story = book.givers(taken, partner.name)
    partner_entries.warn_of(partner.glns, (await directory_of(store)).register)
    added = entry(partner.name, "added", glns=sorted(partner.glns), mode=partner.mode, push_url=masked(partner.push_url or ""))
    try:
        await store.add(partner, *givers, story=[added, *story], retry_at=clock().now() + SEEN_BY_ALL)
    except ValueError as refused:
        raise Refusal(str(refused)) from refused


@command.command("list", epilog=examples(*_LIST))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(*, as_json: bool) -> None:
    """List the systems."""
    now = clock().now()
    for partner in with_store(lambda store: store.all()):
        if as_json:
            click.echo(orjson.dumps(partner_pages.as_json(partner, now)))
            continue
        for line in partner_pages.lines(partner, now):
            click.echo(line)


@command.command(epilog=examples(*_SHOW))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(name: str, *, as_json: bool) -> None:
    """Show one system: how it is reached, what is on its way to it, and what was done to it by whom."""
    now = clock().now()

    async def work(store: Store) -> tuple[Partner, list[MessageRecord], list[PartnerEntry]]:
        partner = (await book_of(store)).named(name)
        waiting = await store.find(Query(endpoint=name, states=UNSETTLED, limit=_WAITING_LIMIT))
        return partner, list(waiting), list(await store.story(name))

    partner, waiting, story = with_store(work)
    if as_json:
        told = [{"at": one.at, "what": one.what, "actor": one.actor, "detail": one.detail} for one in story]
        click.echo(orjson.dumps(partner_pages.as_json(partner, now) | {"on_the_way": len(waiting), "story": told}))
        return
    for line in (*partner_pages.lines(partner, now), *partner_pages.story_lines(waiting, story)):
        click.echo(line)


def _amqp_advice(name: str) -> str:
    return (
        "RabbitMQ-bruger til partneren (kør på brokeren) / the partner's RabbitMQ user (run at the broker):\n"
        f"  rabbitmqctl add_user {name} ADGANGSKODE\n"
        f"  rabbitmqctl set_permissions {name} '^$' '^medcom\\.inbox$' '^medcom\\.endpoint\\.{name}$'"
    )
