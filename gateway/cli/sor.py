"""`medcom-gateway sor`: the register. Each of its commands is a row in `COMMANDS` and a module of its own."""

from __future__ import annotations

from typing import ClassVar

import click

from gateway.cli import LazyGroup
from gateway.cli.opening import examples

COMMANDS: dict[str, str] = {
    "activate": "gateway.cli.sor_versions:activate",
    "coverage": "gateway.cli.sor_coverage",
    "diff": "gateway.cli.sor_diff",
    "import": "gateway.cli.sor_import",
    "lookup": "gateway.cli.sor_lookup",
    "names": "gateway.cli.sor_names",
    "rollback": "gateway.cli.sor_versions:rollback",
    "versions": "gateway.cli.sor_versions:versions",
}


class RegisterCommands(LazyGroup):
    """The commands of the register."""

    table: ClassVar[dict[str, str]] = COMMANDS


_EPILOG = examples('sor lookup "Social og Psykiatri" --kommune Skive', "sor names", "sor import register.csv", "sor versions")


@click.group(cls=RegisterCommands, epilog=_EPILOG)
def command() -> None:
    """The register: who has which address, its versions, and the harmonised unit names."""
