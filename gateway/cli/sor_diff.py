"""`medcom-gateway sor diff`: what another version of the register changes, and which late messages it would have sent elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import click
import orjson

from gateway.cli.opening import actor, clock, examples, settings, with_store
from gateway.cli.sor_import import CHANGES, SHOWN, with_desk
from gateway.cli.tables import printable
from gateway.clock import danish_day
from gateway.register_effects import Diverted, diverted
from gateway.register_import import RegisterDesk, named
from gateway.registers import register_of
from gateway.store import Store
from sor.comparison import ChangeKind, UnitChange, Whither, changes
from sor.register import Register
from sor.units import Unit

SETTINGS = "settings"
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Difference:
    """All that the command says."""

    before: Register
    after: Register
    day: date
    changes: Sequence[UnitChange]
    messages: Sequence[Diverted]


@click.command(epilog=examples("sor diff 3f9a 77b0", "sor diff settings 3f9a --json", "sor diff 3f9a 77b0 --on 2027-01-01"))
@click.argument("before")
@click.argument("after")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Compare the units as they are on that day instead of today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(before: str, after: str, *, on: datetime | None, as_json: bool) -> None:
    """Say what changes from version BEFORE to AFTER: units, and the messages of the last 30 days that would have gone elsewhere.

    A version is named by the beginning of its name; `settings` is the register of the settings.
    """
    now = clock().now()
    day = on.date() if on else danish_day(now)

    async def work(store: Store) -> _Difference:
        old, new = [await _version(store, name) for name in (before, after)]
        return _Difference(
            old, new, day, list(changes(old.units, new.units, day)), await diverted(store, old, new, now - LATELY)
        )

    found = with_desk(lambda: with_store(work), as_json=as_json)
    if as_json:
        click.echo(orjson.dumps(_as_json(found)))
        return
    for line in (*_change_lines(found), *_message_lines(found)):
        click.echo(line)


async def _version(store: Store, name: str) -> Register:
    if name == SETTINGS:
        return register_of(settings())
    chosen = named(await store.registers.versions(), name)
    return await RegisterDesk(store.registers, clock(), actor()).loaded(chosen)


def _change_lines(found: _Difference) -> Iterator[str]:
    counted = Counter(change.kind for change in found.changes)
    counts = ", ".join(f"{counted[kind]} {word}" for kind, word in CHANGES.items())
    yield f"Enheder fra {found.before.version} til {found.after.version} den {found.day}: {counts}"
    for kind, group in groupby(sorted(found.changes, key=lambda one: list(ChangeKind).index(one.kind)), lambda one: one.kind):
        of_kind = list(group)
        yield f"{CHANGES[kind]}:"
        for change in of_kind[:SHOWN]:
            yield "    " + " → ".join(_unit_text(unit) for unit in (change.before, change.after) if unit)
        if len(of_kind) > SHOWN:
            yield f"    … og {len(of_kind) - SHOWN} til (alle med --json)"


def _message_lines(found: _Difference) -> Iterator[str]:
    total = sum(one.messages for one in found.messages)
    yield f"Meddelelser fra de sidste {LATELY.days} dage, der ville have mødt noget andet: {total}"
    for one in found.messages[:SHOWN]:
        decided = ", ".join(f"{count} {what}" for what, count in one.decided.items())
        yield f"    {printable(one.receiver)}: {one.messages} ({one.first} til {one.last}; {decided}), senest {one.example}"
        yield f"        {_whither_text(one.before)} → {_whither_text(one.after)}"
    if len(found.messages) > SHOWN:
        yield f"    … og {len(found.messages) - SHOWN} adresser til (alle med --json)"


_HOW = {"closed": "lukket", "future": "ikke åben endnu", "unknown": "ukendt"}


def _whither_text(one: Whither) -> str:
    text = _unit_text(one.unit) if one.unit and one.how == "found" else _HOW[one.how]
    return text + (f", afløst af {one.instead}" if one.instead else "")


def _unit_text(unit: Unit) -> str:
    return printable(", ".join(part for part in (unit.gln or "uden adresse", unit.name, unit.kommune, unit.area) if part))


def _as_json(found: _Difference) -> dict[str, object]:
    counted = Counter(change.kind for change in found.changes)
    return {
        "before": found.before.version,
        "after": found.after.version,
        "on": found.day.isoformat(),
        "counts": {kind.value: counted[kind] for kind in ChangeKind},
        "changes": [
            {"kind": one.kind, "before": _unit_json(one.before), "after": _unit_json(one.after)} for one in found.changes
        ],
        "messages": [_diverted_json(one) for one in found.messages],
    }


def _diverted_json(one: Diverted) -> dict[str, object]:
    return {
        "receiver": one.receiver,
        "messages": one.messages,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "decided": dict(one.decided),
        "example": one.example,
        "before": _whither_json(one.before),
        "after": _whither_json(one.after),
    }


def _whither_json(one: Whither) -> dict[str, object]:
    return {"answer": one.how, "unit": _unit_json(one.unit), "instead": one.instead}


def _unit_json(unit: Unit | None) -> dict[str, object] | None:
    if unit is None:
        return None
    return {
        "gln": unit.gln,
        "sor": unit.sor,
        "sector": unit.sector,
        "area": unit.area,
        "kommune": unit.kommune,
        "name": unit.name,
        "parent": unit.parent,
    }
