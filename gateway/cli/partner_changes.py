"""What an operator does to a system that is connected: `partners change`, `rotate-token`, `disable` and `enable`.

A gateway that runs on the same journal follows within a second or two. Everything is in the partner's story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import IO, Any

import click

from gateway.cli import partner_entries, partner_pages
from gateway.cli.opening import Misuse, Refusal, clock, directory_of, examples, with_store
from gateway.cli.partner_entries import AUTO, Book, Span, addresses, book_of, entry, store_changed
from gateway.directory import new_token, token_hash
from gateway.records import Former, Mode, Partner, PartnerEntry
from gateway.settings import masked
from gateway.store import Store

_CHANGE = (
    "partners change skive --push https://ny.example/medcom",
    "partners change skive --pull",
    "partners change skive --add-gln 5790009900055 --remove-gln 5790009900024",
    "partners change skive --take-gln 5790009900031",
    "partners change skive --push-secret auto --keep-old 24h",
    "partners change skive --push-bearer - < token.txt",
)
_ROTATE = ("partners rotate-token skive", "partners rotate-token skive --keep-old 24h --json")
_DISABLE = ('partners disable skive --reason "nedlukning hos leverandøren"',)
_ENABLE = ("partners enable skive",)
EXAMPLES = (*_CHANGE[:1], *_ROTATE[:1], *_DISABLE, *_ENABLE)
_SOON = "\n\nA gateway that runs on the same journal follows within a second or two."

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
_Change = Callable[[Book, Partner], tuple[Partner, list[Partner], list[PartnerEntry]]]


@click.command(epilog=examples(*_CHANGE) + _SOON)
@click.argument("name")
@click.option("--push", "push_url", help="The hub posts to this URL from now on.")
@click.option("--pull", is_flag=True, help="It fetches from its mailbox from now on.")
@click.option("--amqp", is_flag=True, help="It consumes its own queue (only one that does already).")
@click.option("--add-gln", "added", multiple=True, help="A lokationsnummer more. Repeatable.")
@click.option("--remove-gln", "removed", multiple=True, help="A lokationsnummer less. Repeatable.")
@click.option("--take-gln", "taken", multiple=True, help="One that it takes over from the system that has it now. Repeatable.")
@click.option("--push-secret", type=click.Choice([AUTO, "none"]), help="Sign pushes with a new secret, or sign no more.")
@click.option("--keep-old", type=Span(), help="Sign with the old secret too, for so long (24h, 7d).")
@click.option("--push-bearer", type=click.File(), help="File with a bearer token to send with each push; - reads it here.")
@click.option("--no-push-bearer", is_flag=True, help="Send no bearer token any more.")
@_JSON
def change(name: str, *, as_json: bool, **wishes: Any) -> None:
    """Change how a system is reached, and its lokationsnumre.

    Mail that waits for another attempt is tried at once in the new way. What waits for a number that is taken over goes with it; to a
    number that is removed, nothing more can be sent, and what has not been fetched from its mailbox becomes a dead letter.
    """
    if not any(wishes.values()):
        raise Misuse("Nothing to change: see --help.")
    if wishes["keep_old"] and wishes["push_secret"] != AUTO:
        raise Misuse("--keep-old goes with --push-secret auto.")
    now = clock().now()

    def changed(book: Book, before: Partner) -> tuple[Partner, list[Partner], list[PartnerEntry]]:
        gone, taken = addresses(wishes["removed"]), addresses(wishes["taken"])
        if strange := sorted(gone - before.glns):
            raise Refusal(f"{name} har ikke {', '.join(strange)}. / {name} does not have that lokationsnummer.")
        givers, story = book.givers(taken, name)
        partner = _reached(before, wishes, now)
        partner = replace(partner, glns=(partner.glns - gone) | addresses(wishes["added"]) | taken)
        told = _difference(before, partner)
        return partner, givers, [*([entry(name, "changed", **told)] if told else []), *story]

    partner = with_store(lambda store: _change(store, name, changed))
    made = partner.push_secret if wishes["push_secret"] == AUTO else None
    partner_pages.print_made(partner, now, as_json_object=as_json, secret=made)


@click.command("rotate-token", epilog=examples(*_ROTATE) + _SOON)
@click.argument("name")
@click.option("--keep-old", type=Span(), help="Let the old token in too, for so long (30m, 24h, 7d). Otherwise it ends now.")
@_JSON
def rotate_token(name: str, *, keep_old: timedelta | None, as_json: bool) -> None:
    """Give a system a new token, which is shown this once and stored hashed."""
    token, now = new_token(), clock().now()

    def rotated(_: Book, before: Partner) -> tuple[Partner, list[Partner], list[PartnerEntry]]:
        former = Former(before.token_hash, now + keep_old) if keep_old else None
        told = entry(name, "token_rotated", old_until=former.until.isoformat() if former else None)
        return replace(before, token_hash=token_hash(token), former_token=former), [], [told]

    partner = with_store(lambda store: _change(store, name, rotated))
    partner_pages.print_made(partner, now, as_json_object=as_json, token=token)
    partner_pages.amqp_advice(partner)


@click.command(epilog=examples(*_DISABLE) + _SOON)
@click.argument("name")
@click.option("--reason", help="Why; it stays in the system's story. No person's name or number.")
@_JSON
def disable(name: str, *, reason: str | None, as_json: bool) -> None:
    """Shut a system out: its token gets 403, and its mail waits for it.

    Letters to it are still accepted. They wait, with the reason in their timeline, until it is enabled; what has waited for
    MEDCOM_GIVE_UP_AFTER becomes a dead letter and its sender is told. To have letters refused, remove its lokationsnumre.
    """
    _set_active(name, active=False, reason=reason, as_json=as_json)


@click.command(epilog=examples(*_ENABLE) + _SOON)
@click.argument("name")
@_JSON
def enable(name: str, *, as_json: bool) -> None:
    """Let a disabled system in again. Its mail that waits is tried at once."""
    _set_active(name, active=True, reason=None, as_json=as_json)


COMMANDS = (change, rotate_token, disable, enable)


def _set_active(name: str, *, active: bool, reason: str | None, as_json: bool) -> None:
    def switched(_: Book, before: Partner) -> tuple[Partner, list[Partner], list[PartnerEntry]]:
        told = [entry(name, "enabled" if active else "disabled", reason=reason)] if before.active is not active else []
        return replace(before, active=active), [], told

    partner = with_store(lambda store: _change(store, name, switched))
    partner_pages.print_made(partner, clock().now(), as_json_object=as_json)
    if not active:
        partner_pages.amqp_advice(partner)


async def _change(store: Store, name: str, make: _Change) -> Partner:
    """Stores what `make` makes of the partner and of others, with what it tells."""
    book = await book_of(store)
    before = book.named(name)
    partner, others, story = make(book, before)
    partner_entries.warn_of(partner.glns - before.glns, (await directory_of(store)).register)
    await store_changed(store, book, [partner, *others], story)
    return partner


def _reached(before: Partner, wishes: dict[str, Any], now: datetime) -> Partner:
    """The partner as it is to be reached. Raises Misuse for what does not go together."""
    push_url: str | None = wishes["push_url"]
    bearer: IO[str] | None = wishes["push_bearer"]
    if sum(map(bool, (push_url, wishes["pull"], wishes["amqp"]))) > 1:
        raise Misuse("Choose one of --push, --pull and --amqp.")
    mode = Mode.PUSH if push_url else Mode.PULL if wishes["pull"] else Mode.AMQP if wishes["amqp"] else before.mode
    if mode is not before.mode and Mode.AMQP in {mode, before.mode}:
        raise Refusal(_new_name_for_queue(before.name))
    if push_url:
        partner_entries.check_push_url(push_url)
    partner = replace(before, mode=mode, push_url=push_url or before.push_url)
    if mode is not Mode.PUSH:
        partner = replace(partner, push_url=None, push_secret=None, former_push_secret=None, push_bearer=None)
    if bearer is not None or wishes["no_push_bearer"]:
        partner = replace(partner, push_bearer=partner_entries.bearer_in(bearer) if bearer else None)
    partner = partner_entries.with_secret(partner, wishes["push_secret"], wishes["keep_old"], now)
    partner_entries.check_push(partner)
    return partner


def _difference(before: Partner, after: Partner) -> dict[str, object]:
    """What a change changed, for the story: secrets by their being exchanged alone."""
    told: dict[str, object] = {}
    if after.glns - before.glns:
        told["added"] = sorted(after.glns - before.glns)
    if before.glns - after.glns:
        told["removed"] = sorted(before.glns - after.glns)
    if after.mode is not before.mode:
        told["mode"] = after.mode
    if after.push_url != before.push_url:
        told["push_url"] = masked(after.push_url or "")
    if after.push_secret != before.push_secret:
        told["push_secret"] = "new" if after.push_secret else "removed"
    if after.former_push_secret not in {None, before.former_push_secret}:
        told["old_push_secret_until"] = after.former_push_secret.until.isoformat()
    if after.push_bearer != before.push_bearer:
        told["push_bearer"] = "new" if after.push_bearer else "removed"
    return told


def _new_name_for_queue(name: str) -> str:
    return (
        f"Køen hedder efter systemet, så {name} kan ikke skifte til eller fra sin egen kø uden at breve går tabt undervejs. "
        f"Tilføj et nyt navn, der overtager: medcom-gateway partners add NYTNAVN --take-gln GLN …\n"
        f"The queue is named after the system: {name} cannot change to or from a queue of its own without losing letters on the way. "
        "Add a new name that takes over."
    )
