"""`medcom-gateway partners`: the connected systems."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import click
import orjson

from gateway.cli.opening import Misuse, Refusal, clock, directory_of, examples, settings, with_store
from gateway.cli.tables import INDENT
from gateway.clock import danish_day
from gateway.directory import new_token, token_hash
from gateway.records import Mode, Partner
from gateway.store import Store
from sor.identifiers import check_gln, normal_gln
from sor.register import Register

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")

_ADD = (
    "partners add epj-midt --gln 5790009900017",
    "partners add skive --gln 5790009900024 --push https://omsorg.example/medcom",
    "partners add aarhus --gln 5790009900031 --gln 5790009900048 --amqp",
)
_LIST = ("partners list", "partners list --json")


@click.group(epilog=examples(*_ADD, *_LIST))
def command() -> None:
    """The connected systems: who may send as which lokationsnummer, and how each gets its mail."""


@command.command(epilog=examples(*_ADD))
@click.argument("name")
@click.option("--gln", "glns", multiple=True, required=True, help="A lokationsnummer it sends as and reads. Repeatable.")
@click.option("--pull", "mode", flag_value="pull", default="pull", help="It fetches from its mailbox over HTTP (the default).")
@click.option("--push", "push_url", help="The hub posts to this URL.")
@click.option("--amqp", "mode", flag_value="amqp", help="It consumes its own queue on RabbitMQ.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(name: str, glns: tuple[str, ...], mode: str, push_url: str | None, *, as_json: bool) -> None:
    """Add a system NAME and print its token, which is shown this once and stored hashed."""
    if not _NAME.fullmatch(name):
        raise Misuse("NAME: lower-case letters, digits and dashes, 40 at the most.")
    if push_url is not None:
        _check_push_url(push_url)
    if mode == Mode.AMQP and settings().embedded_broker:
        raise Misuse("--amqp needs RabbitMQ: set MEDCOM_BROKER_URL to amqp(s)://…")
    token = new_token()
    addresses = frozenset(normal_gln(gln) for gln in glns)
    chosen = Mode.PUSH if push_url else Mode(mode)
    partner = Partner(name, addresses, chosen, token_hash(token), push_url)

    async def work(store: Store) -> None:
        register = (await directory_of(store)).register
        for gln in sorted(addresses):
            _warn_of(gln, register)
        try:
            await store.add(partner)
        except ValueError as taken:
            raise Refusal(str(taken)) from taken

    with_store(work)
    if as_json:
        click.echo(orjson.dumps({"name": name, "glns": sorted(addresses), "mode": chosen, "token": token}))
    else:
        click.echo(f"{name}: {', '.join(sorted(addresses))} ({chosen})")
        click.echo(f"Token: {token}\nGem det nu; det vises ikke igen. / Keep it now; it is not shown again.")
    if chosen is Mode.AMQP and not as_json:
        click.echo(_amqp_advice(name))


@command.command("list", epilog=examples(*_LIST))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(*, as_json: bool) -> None:
    """List the systems."""
    partners = with_store(lambda store: store.all())
    if as_json:
        for partner in partners:
            click.echo(orjson.dumps(_shown(partner)))
        return
    for partner in partners:
        where = f" {partner.push_url}" if partner.push_url else ""
        click.echo(f"{partner.name}  {partner.mode}{where}{'' if partner.active else '  (ikke aktiv)'}")
        for gln in sorted(partner.glns):
            click.echo(f"{INDENT}{gln}")


def _shown(partner: Partner) -> dict[str, object]:
    return {
        "name": partner.name,
        "glns": sorted(partner.glns),
        "mode": partner.mode,
        "push_url": partner.push_url,
        "active": partner.active,
    }


def _check_push_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return
    raise Misuse("--push: an https:// URL (http:// only to this machine itself).")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _warn_of(gln: str, register: Register) -> None:
    """A mistyped lokationsnummer is a mailbox that nobody writes to; but real ones have been seen whose check digit is wrong."""
    if register.by_gln(gln, danish_day(clock().now())) is None:
        digit = "" if check_gln(gln).ok else " og har ikke et gyldigt kontrolciffer"
        click.echo(f"advarsel: {gln} er ikke i registeret{digit}. / warning: {gln} is not in the register.", err=True)


def _amqp_advice(name: str) -> str:
    return (
        "RabbitMQ-bruger til partneren (kør på brokeren) / the partner's RabbitMQ user (run at the broker):\n"
        f"  rabbitmqctl add_user {name} ADGANGSKODE\n"
        f"  rabbitmqctl set_permissions {name} '^$' '^medcom\\.inbox$' '^medcom\\.endpoint\\.{name}$'"
    )
