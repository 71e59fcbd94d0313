"""What an operator may write in a partner's entry, and how the entry changes: shared by the commands under `partners`.

A command reads all partners and their revision once, makes new values of them, and stores those only if the revision is still the
same, each change with its line in the partner's story: who, when and what, and never a token or a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import IO
from urllib.parse import urlsplit

import click

from gateway.cli.opening import Misuse, Refusal, actor, clock
from gateway.clock import danish_day
from gateway.directory import REFRESH_SECONDS
from gateway.records import Former, Mode, Partner, PartnerEntry
from gateway.signatures import new_secret
from gateway.store import Store
from sor.identifiers import check_gln, normal_gln
from sor.register import Register

AUTO = "auto"
SEEN_BY_ALL = timedelta(seconds=2 * REFRESH_SECONDS)
"""When every gateway has seen a change of partners. What waits is not tried again before, for it would be tried in the old way."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_SPAN = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, 2.1: what a bearer token is made of


class Span(click.ParamType[timedelta]):
    """How long: `90s`, `30m`, `24h`, `7d`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no time such as 30m, 24h or 7d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@dataclass(frozen=True, slots=True)
class Book:
    """All partners by name, as they were at one revision."""

    partners: Mapping[str, Partner]
    revision: int

    def named(self, name: str) -> Partner:
        """The partner. Raises Refusal where there is none."""
        found = self.partners.get(name)
        if found is None:
            raise Refusal(f"Der er intet system, der hedder {name}. / There is no system named {name}.")
        return found

    def givers(self, taken: Iterable[str], taker: str) -> tuple[list[Partner], list[PartnerEntry]]:
        """The partners that these lokationsnumre are taken from, without them, and what that adds to their stories."""
        lost: dict[str, set[str]] = {}
        for gln in taken:
            holder = next((one for one in self.partners.values() if gln in one.glns and one.name != taker), None)
            if holder is None:
                raise Refusal(f"Ingen anden har {gln}: brug --gln eller --add-gln. / Nobody else has {gln}.")
            lost.setdefault(holder.name, set()).add(gln)
        without = [replace(self.partners[name], glns=self.partners[name].glns - glns) for name, glns in lost.items()]
        return without, [entry(name, "changed", removed=sorted(glns), taken_by=taker) for name, glns in lost.items()]


async def book_of(store: Store) -> Book:
    """The partners as they are now."""
    revision = await store.revision()
    return Book({partner.name: partner for partner in await store.all()}, revision)


async def store_changed(store: Store, book: Book, changed: Iterable[Partner], story: Iterable[PartnerEntry]) -> None:
    """Stores the changed partners with what is told of it. Raises Refusal where somebody else has what they want."""
    try:
        await store.replace(*changed, story=tuple(story), expected=book.revision, retry_at=clock().now() + SEEN_BY_ALL)
    except ValueError as refused:
        raise Refusal(str(refused)) from refused


def entry(name: str, what: str, **detail: object) -> PartnerEntry:
    """A line of a partner's story, by whoever is at the terminal, now."""
    return PartnerEntry(name, clock().now(), what, actor(), {key: value for key, value in detail.items() if value})


def with_secret(partner: Partner, wish: str | None, keep_old: timedelta | None, now: datetime) -> Partner:
    """The partner with a new secret for its pushes (`auto`), without one (`none`), or as it is (None)."""
    if wish is None:
        return partner
    new = new_secret() if wish == AUTO else None
    former = Former(partner.push_secret, now + keep_old) if new and partner.push_secret and keep_old else None
    return replace(partner, push_secret=new, former_push_secret=former)


def bearer_in(file: IO[str]) -> str:
    """The token on the first line of a file. Raises Misuse where it is none."""
    token = file.readline().strip()
    if not _TOKEN68.fullmatch(token):
        raise Misuse("--push-bearer: the file's first line is no bearer token (RFC 6750).")
    return token


def check_push(partner: Partner) -> None:
    """Raises Misuse for a proof that nobody is sent."""
    if partner.mode is not Mode.PUSH and (partner.push_secret or partner.push_bearer):
        raise Misuse("--push-secret and --push-bearer are for systems that the hub posts to: give --push URL.")


def check_name(name: str) -> None:
    """Raises Misuse for what can be no name."""
    if not _NAME.fullmatch(name):
        raise Misuse("NAME: lower-case letters, digits and dashes, 40 at the most.")


def check_push_url(url: str) -> None:
    """Raises Misuse for a URL that letters may not be sent to: anything in the clear, but on this machine itself."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return
    raise Misuse("--push: an https:// URL (http:// only to this machine itself).")


def addresses(glns: Iterable[str]) -> frozenset[str]:
    """Lokationsnumre as they are stored."""
    return frozenset(normal_gln(gln) for gln in glns)


def warn_of(glns: Iterable[str], register: Register) -> None:
    """A mistyped lokationsnummer is a mailbox that nobody writes to; but real ones have been seen whose check digit is wrong."""
    for gln in sorted(glns):
        if register.by_gln(gln, danish_day(clock().now())) is None:
            digit = "" if check_gln(gln).ok else " og har ikke et gyldigt kontrolciffer"
            click.echo(f"advarsel: {gln} er ikke i registeret{digit}. / warning: {gln} is not in the register.", err=True)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
