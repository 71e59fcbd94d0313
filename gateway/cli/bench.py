"""`medcom-gateway bench`: how fast a gateway is on this machine, beside this machine's own limit."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.bench.measure import Result, limit_by_commit, measure
from gateway.bench.programs import Failed
from gateway.bench.report import line, stalls_table, table, timings_table
from gateway.bench.scenarios import EMBEDDED, QUICK, SCENARIOS, SERVERS, Plan, Scenario, Stack
from gateway.bench.services import Missing
from gateway.bench.site import Site
from gateway.bench.stalls import QUICK_SIZES, SIZES, Stall, stalls
from gateway.bench.validation import QUICK_ROUNDS, ROUNDS, Timing, timings
from gateway.cli.opening import Refusal
from schemas.validator import load_schemas

_NAMES = {scenario.name: scenario for scenario in SCENARIOS}
_STACKS = {on.broker: on for on in (EMBEDDED, SERVERS)}
_WIDE = 160

_EPILOG = """\b
Examples:
  medcom-gateway bench
  medcom-gateway bench --quick
  medcom-gateway bench --scenario deliver --broker embedded --json results.jsonl
  medcom-gateway bench --validate

RabbitMQ and PostgreSQL run as private instances for the while; where they are not installed, only the embedded gateway is
measured.

With --validate nothing is sent: each type's example is judged over and over, beside lxml alone on the same bytes, and the event
loop's longest stall is measured while documents of up to 96 MB are judged. --quick leaves out the largest.

Exit status: 0 every message arrived once and every receipt came, 1 one did not or a process failed, 2 misuse."""


@click.command(epilog=_EPILOG)
@click.option("--messages", type=click.IntRange(10, 1_000_000), help="Messages a round.  [default: some seconds' worth]")
@click.option("--scenario", "names", multiple=True, type=click.Choice(list(_NAMES)), help="Only this one. Repeatable.")
@click.option("--broker", "brokers", multiple=True, type=click.Choice(list(_STACKS)), help="Only on this one. Repeatable.")
@click.option("--quick", is_flag=True, help="One short round of each scenario with an empty journal, in about a minute.")
@click.option("--validate", is_flag=True, help="Measure the judging of messages instead, type by type.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON lines to this file too.")
def command(  # noqa: PLR0917 - click gives them by name
    messages: int | None, names: tuple[str, ...], brokers: tuple[str, ...], quick: bool, validate: bool, file: Path | None
) -> None:
    """Measure the gateway, and beside it the fastest pipeline that keeps the same promises, by turns on the same messages.

    Every scenario also counts: each message accepted must arrive once and unaltered, and each receipt must come. A JSON object a
    scenario is printed as it ends, and a table of them all.
    """
    if validate:
        if messages is not None or names or brokers:
            raise click.UsageError("--validate goes with --quick and --json alone.")
        _validate(quick=quick, file=file)
        return
    plan = QUICK if quick else Plan()
    if messages is not None:
        plan = replace(plan, messages=messages, warm_up=min(plan.warm_up, messages))
    wanted = [scenario for scenario in SCENARIOS if scenario.name in names or (not names and not (quick and scenario.journal))]
    stacks = [on for on in _STACKS.values() if on.broker in brokers or not brokers]
    # So that a bench that is told to stop ends its servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="medcom-bench-", ignore_cleanup_errors=True) as folder, ExitStack() as ending:
        try:
            results = _run(Site(Path(folder), ending), stacks, wanted, plan)
        except Failed as failure:
            raise Refusal(str(failure)) from failure
    if file is not None:
        file.write_bytes(b"".join(map(line, results)))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table(results))
    sys.exit(0 if all(result.ok for result in results) else 1)


def _run(site: Site, stacks: list[Stack], scenarios: list[Scenario], plan: Plan) -> list[Result]:
    results: list[Result] = []
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed} messages"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2) as progress:
        if SERVERS in stacks:
            try:
                site.start_servers()
            except Missing as missing:
                progress.console.print(f"{missing}. Measuring the embedded gateway alone.", highlight=False)
                stacks = [EMBEDDED]
        if full := {scenario.journal for scenario in scenarios if scenario.journal}:
            task = progress.add_task(f"filling journals with {max(full)} messages", total=None)
            site.fill(stacks, max(full))
            progress.remove_task(task)
        for on in stacks:
            task = progress.add_task(f"limit {on.broker}", total=None)
            by_commit = limit_by_commit(site, on, plan, lambda done, task=task: progress.advance(task, done))  # type: ignore[misc]
            for scenario in scenarios:
                task = progress.add_task(f"{scenario.name} {on.broker}", total=None)
                tell = lambda done, task=task: progress.advance(task, done)  # noqa: E731
                results.append(measure(site, on, scenario, plan, by_commit, tell))
                sys.stdout.buffer.write(line(results[-1]))
                sys.stdout.buffer.flush()
    return results


def _validate(*, quick: bool, file: Path | None) -> None:
    schemas, sizes = load_schemas(), QUICK_SIZES if quick else SIZES
    results: list[Timing | Stall] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Drawn between the measurements and never during one: it would be measured too.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task("types and sizes", total=len(schemas.catalogue.rows) + 1 + len(sizes))

        def tell(result: Timing | Stall) -> None:
            results.append(result)
            sys.stdout.buffer.write(line(result))
            sys.stdout.buffer.flush()
            progress.update(task, advance=1, refresh=True)

        for timing in timings(schemas, QUICK_ROUNDS if quick else ROUNDS):
            tell(timing)
        with tempfile.TemporaryDirectory(prefix="medcom-bench-", ignore_cleanup_errors=True) as folder:
            uvloop.run(stalls(schemas, Path(folder), sizes, tell))
    if file is not None:
        file.write_bytes(b"".join([line(result) for result in results]))
    screen = Console(width=None if sys.stdout.isatty() else _WIDE)
    screen.print(timings_table(result for result in results if isinstance(result, Timing)))
    screen.print(stalls_table(result for result in results if isinstance(result, Stall)))
