"""`medcom-gateway sor import`: a file becomes a version of the register, at once in force or from a day on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

import click
import orjson

from gateway.cli.opening import Misuse, Refusal, actor, clock, examples, with_store
from gateway.register_import import Imported, RegisterDesk, RegisterRefused
from gateway.register_sources import read_register
from gateway.store import Store
from sor.comparison import ChangeKind
from sor.register import Register, RegisterError
from sor.rows import RowProblem

T = TypeVar("T")
CHANGES = {
    ChangeKind.NEW: "nye",
    ChangeKind.GONE: "væk",
    ChangeKind.RENAMED: "omdøbt",
    ChangeKind.MOVED: "flyttet",
    ChangeKind.READDRESSED: "anden adresse",
}
SHOWN = 20
_EPILOG = (
    examples("sor import register.csv", "sor import register.csv --dry-run", "sor import register.csv --from 2027-01-01")
    + "\n\n\b\nExit status: 0 it is taken in, 1 it is refused whole and nothing is changed, 2 misuse."
)


class Share(click.ParamType[float]):
    """A share such as 5%, as a number from 0 to 1."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share."""
        try:
            share = float(str(value).removesuffix("%")) / 100
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is no share such as 5%", param, ctx)
        return share


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="What the columns of FILE are called."
)
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="In force from that day on instead of at once.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--max-gone", type=Share(), default="5%", show_default=True, help="Refuse where more of the units are gone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(file: Path, *, mapping: Path | None, since: datetime | None, dry_run: bool, max_gone: float, as_json: bool) -> None:
    """Take FILE in as a version of the register and put it in force.

    A file with a fault in it is refused whole, and so is one that is suspiciously small. The same content is the same version.
    """
    register = _read(file, mapping, as_json=as_json)

    async def work(store: Store) -> Imported:
        desk = RegisterDesk(store.registers, clock(), actor())
        day = since.date() if since else None
        return await desk.take_in(register, file.name, since=day, max_gone=max_gone, dry_run=dry_run)

    done = with_desk(lambda: with_store(work), as_json=as_json)
    if as_json:
        click.echo(orjson.dumps(_as_json(done, file, register, dry_run=dry_run)))
    else:
        for line in _lines(done, register, dry_run=dry_run):
            click.echo(line)


def _read(file: Path, mapping: Path | None, *, as_json: bool) -> Register:
    try:
        with _opened(file) as opened:
            return read_register(opened, file.name, mapping)
    except RegisterError as wrong:
        if as_json:
            problems = [_problem(one) for one in wrong.problems]
            click.echo(orjson.dumps({"refused": "Filen er afvist.", "problems": problems}))
            sys.exit(1)
        rest = len(wrong.problems) - SHOWN
        more = [f"… og {rest} til."] if rest > 0 else []
        lines = [
            f"{file.name} er afvist, og intet er ændret. / It is refused, and nothing was changed.",
            *_told(wrong.problems),
        ]
        raise Refusal("\n".join([*lines, *more])) from wrong
    except OSError as wrong:
        raise Misuse(f"{file}: {wrong.strerror}") from wrong


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, with a bar of how far it is read where somebody sits at a terminal."""
    if not sys.stderr.isatty():
        with file.open("rb") as opened:
            yield opened
        return
    from rich import progress  # noqa: PLC0415 - a tenth of a second that only a terminal has to pay
    from rich.console import Console  # noqa: PLC0415

    with progress.open(file, "rb", description=file.name, console=Console(stderr=True), transient=True) as followed:
        yield followed


def with_desk(work: Callable[[], T], *, as_json: bool) -> T:
    """Does the work. What the desk refuses ends the command with exit code 1."""
    try:
        return work()
    except RegisterRefused as refused:
        if as_json:
            click.echo(orjson.dumps({"refused": refused.text_da, "refused_en": refused.text_en}))
            sys.exit(1)
        raise Refusal(f"{refused.text_da}\n{refused.text_en}") from refused


def _told(problems: Iterable[RowProblem]) -> list[str]:
    return [str(one) for one in tuple(problems)[:SHOWN]]


def _problem(one: RowProblem) -> dict[str, object]:
    return {"line": one.line, "column": one.column, "code": one.code, "text_da": one.text_da, "text_en": one.text_en}


def _as_json(done: Imported, file: Path, register: Register, *, dry_run: bool) -> dict[str, object]:
    return {
        "version": done.version,
        "source": file.name,
        "units": done.units,
        "against": done.against,
        "changes": {kind.value: done.changed.get(kind, 0) for kind in ChangeKind},
        "gone": round(done.gone, 6),
        "new_version": done.published,
        "activated": done.activated,
        "effective_from": done.effective_from.isoformat(),
        "dry_run": dry_run,
        "warnings": [_problem(one) for one in register.warnings],
    }


def _lines(done: Imported, register: Register, *, dry_run: bool) -> Iterator[str]:
    if register.warnings:
        yield f"{len(register.warnings)} bemærkninger:"
        yield from _told(register.warnings)
    known = "" if done.published else " (den er her allerede)"
    yield f"version {done.version}{known}: {done.units} enheder"
    if done.against is not None:
        counts = ", ".join(f"{done.changed.get(kind, 0)} {word}" for kind, word in CHANGES.items())
        yield f"i forhold til {done.against}: {counts}"
    if dry_run:
        yield "Intet er ændret: det var en prøve."
    elif done.activated:
        yield f"I kraft fra {done.effective_from}."
    else:
        yield "Den er i kraft i forvejen."
