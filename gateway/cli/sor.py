"""`medcom-gateway sor`: the register. Each of its commands is a row in `COMMANDS` and a module of its own."""

from __future__ import annotations

from typing import ClassVar

import click

from gateway.cli import LazyGroup
from gateway.cli.opening import examples

COMMANDS: dict[str, str] = {
    "lookup": "gateway.cli.sor_lookup",
    "names": "gateway.cli.sor_names",
}


class RegisterCommands(LazyGroup):
    """The commands of the register."""

    table: ClassVar[dict[str, str]] = COMMANDS


@click.group(cls=RegisterCommands, epilog=examples('sor lookup "Social og Psykiatri" --kommune Skive', "sor names"))
def command() -> None:
    """The register: who has which address, and the harmonised unit names."""
