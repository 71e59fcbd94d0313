"""How partners look at the terminal and as JSON: never a token, never a secret, but for the one time that one is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import click
import orjson

from gateway.cli.tables import INDENT, STATES, folded, printable, terminal_width
from gateway.clock import DENMARK
from gateway.records import Former, MessageRecord, Mode, Partner, PartnerEntry
from gateway.settings import masked

_WHAT = {
    "added": "tilføjet",
    "changed": "ændret",
    "token_rotated": "nyt token",
    "disabled": "sat ud af drift",
    "enabled": "sat i drift",
}

AMQP_HOLDS = (
    "Køen på RabbitMQ og dens bruger styres på brokeren (rabbitmqctl clear_permissions / change_password {name}). / "
    "Its queue and user on RabbitMQ are the broker's to close."
)


def as_json(partner: Partner, now: datetime) -> dict[str, Any]:
    """A partner for programs."""
    return {
        "name": partner.name,
        "glns": sorted(partner.glns),
        "mode": partner.mode,
        "push_url": masked(partner.push_url) if partner.push_url else None,
        "active": partner.active,
        "push_signed": partner.push_secret is not None,
        "push_bearer": partner.push_bearer is not None,
        "old_token_until": _until(partner.former_token, now),
        "old_push_secret_until": _until(partner.former_push_secret, now),
    }


def lines(partner: Partner, now: datetime) -> Iterator[str]:
    """A partner for people: how it is reached, its addresses, and what is out of the ordinary."""
    where = f" {masked(partner.push_url)}" if partner.push_url else ""
    yield f"{partner.name}  {partner.mode}{where}{'' if partner.active else '  (sat ud af drift)'}"
    for gln in sorted(partner.glns):
        yield f"{INDENT}{gln}"
    proofs = [word for word, has in (("signatur", partner.push_secret), ("bearer-token", partner.push_bearer)) if has]
    if proofs:
        yield f"{INDENT}hubben beviser sig med {' og '.join(proofs)}"
    for word, former in (("det gamle token", partner.former_token), ("den gamle hemmelighed", partner.former_push_secret)):
        if (until := _until(former, now)) is not None:
            yield f"{INDENT}{word} gælder til {_told(until)}"


def story_lines(waiting: Sequence[MessageRecord], story: Sequence[PartnerEntry]) -> Iterator[str]:
    """What is on its way to a partner, by state, and what was done to it, by whom."""
    counted = Counter(record.state for record in waiting)
    if counted:
        oldest = min(record.received_at for record in waiting)
        states = ", ".join(f"{count} {STATES[state]}" for state, count in counted.items())
        yield f"{INDENT}på vej: {states}; den ældste fra {_told(oldest)}"
    for one in story:
        yield f"{_told(one.at)}  {_WHAT.get(one.what, one.what)}"
        detail = "  ".join(f"{key}={printable(_plain(value))}" for key, value in one.detail.items())
        yield from folded(f"{printable(one.actor)}  {detail}".rstrip(), terminal_width())


def print_made(
    partner: Partner, now: datetime, *, as_json_object: bool, token: str | None = None, secret: str | None = None
) -> None:
    """A partner after a change, with the token and the secret that were made, this once."""
    made = {key: value for key, value in (("token", token), ("push_secret", secret)) if value}
    if as_json_object:
        click.echo(orjson.dumps(as_json(partner, now) | made))
        return
    for line in lines(partner, now):
        click.echo(line)
    if token:
        click.echo(f"Token: {token}")
    if secret:
        click.echo(f"Hemmelighed til signaturer / push secret: {secret}")
    if made:
        click.echo("Gem det nu; det vises ikke igen. / Keep it now; it is not shown again.")


def amqp_advice(partner: Partner) -> None:
    """What the hub cannot do for a system that consumes its own queue."""
    if partner.mode is Mode.AMQP:
        click.echo(AMQP_HOLDS.format(name=partner.name), err=True)


def _until(former: Former | None, now: datetime) -> datetime | None:
    return former.until if former and now < former.until else None


def _told(moment: datetime) -> str:
    return moment.astimezone(DENMARK).strftime("%d.%m. %H:%M")


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
