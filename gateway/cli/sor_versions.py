"""`medcom-gateway sor versions | activate | rollback`: which versions of the register there are, and which is in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import click
import orjson

from gateway.cli.opening import actor, clock, examples, with_store
from gateway.cli.sor_import import with_desk
from gateway.cli.tables import printable
from gateway.clock import DENMARK, danish_day
from gateway.register_history import Activation, RegisterVersion, Step, in_force, planned
from gateway.register_import import RegisterDesk, named
from gateway.store import Store

OWN = "indstillingernes register (MEDCOM_REGISTER)"
_STEPS = {Step.ACTIVATED: "aktiveret", Step.ROLLED_BACK: "gået tilbage"}


@click.command(epilog=examples("sor versions", "sor versions --json"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, oldest version first.")
def versions(*, as_json: bool) -> None:
    """List the versions of the register, and what was said of which is in force."""

    async def work(store: Store) -> tuple[Sequence[RegisterVersion], Sequence[Activation]]:
        return await store.registers.versions(), await store.registers.story()

    found, story = with_store(work)
    today = danish_day(clock().now())
    for line in _json_lines(found, story, today) if as_json else _lines(found, story, today):
        click.echo(line)


@click.command(epilog=examples("sor activate 3f9a", "sor activate 3f9a1c02bd77 --from 2027-01-01"))
@click.argument("version")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="From that day on instead of at once.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def activate(version: str, *, since: datetime | None, as_json: bool) -> None:
    """Put VERSION (or the beginning of its name) in force. What was planned for that day or later is set aside."""

    async def work(store: Store) -> Activation:
        desk = RegisterDesk(store.registers, clock(), actor())
        chosen = named(await store.registers.versions(), version)
        return await desk.activate(chosen, since.date() if since else None)

    _tell(with_desk(lambda: with_store(work), as_json=as_json), as_json=as_json)


@click.command(epilog=examples("sor rollback"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def rollback(*, as_json: bool) -> None:
    """Put the version before the one in force in force again, at once. Done twice, it goes back two versions."""

    async def work(store: Store) -> Activation:
        return await RegisterDesk(store.registers, clock(), actor()).roll_back()

    _tell(with_desk(lambda: with_store(work), as_json=as_json), as_json=as_json)


def _tell(line: Activation, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(_shown(line)))
    else:
        click.echo(f"{line.version or OWN} er i kraft fra {line.effective_from}.")


def _shown(line: Activation) -> dict[str, object]:
    return {
        "version": line.version,
        "effective_from": line.effective_from.isoformat(),
        "step": line.step,
        "at": line.at,
        "actor": line.actor,
    }


def _json_lines(found: Sequence[RegisterVersion], story: Sequence[Activation], today: date) -> Iterator[bytes]:
    now, plans = in_force(story, today), planned(story, today)
    for one in found:
        yield orjson.dumps(
            {
                "version": one.version,
                "created_at": one.created_at,
                "created_by": one.created_by,
                "source": one.source,
                "units": one.units,
                "in_force": now is not None and now.version == one.version,
                "planned_from": [line.effective_from.isoformat() for line in plans if line.version == one.version],
                "story": [_shown(line) for line in story if line.version == one.version],
            }
        )


def _lines(found: Sequence[RegisterVersion], story: Sequence[Activation], today: date) -> Iterator[str]:
    now, plans = in_force(story, today), planned(story, today)
    if now is None or now.version is None:
        yield f"I kraft: {OWN}."
    for one in found:
        states = [f"I KRAFT fra {now.effective_from}"] if now and now.version == one.version else []
        states += [f"planlagt fra {line.effective_from}" for line in plans if line.version == one.version]
        made = one.created_at.astimezone(DENMARK).strftime("%Y-%m-%d %H:%M")
        yield f"{one.version}  {made}  {one.units} enheder  {printable(one.source)}  {', '.join(states)}".rstrip()
    for line in story:
        at = line.at.astimezone(DENMARK).strftime("%Y-%m-%d %H:%M")
        yield f"    {at}  {_STEPS[line.step]}: {line.version or OWN} fra {line.effective_from}  {printable(line.actor)}"
