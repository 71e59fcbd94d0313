"""The command line, `medcom-gateway`.

Each command lives in a module of its own and is imported when it is called for, so that `validate` does not wait for a web
server to load. A new command is a row in `COMMANDS` and a module with a click command named `command`, or as the row says behind a
colon. Exit codes everywhere: 0 good, 1 a negative finding, 2 misuse.
"""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

import click

COMMANDS: dict[str, str] = {
    "bench": "gateway.cli.bench",
    "check": "gateway.cli.check",
    "dead-letters": "gateway.cli.dead_letters",
    "demo": "gateway.cli.demo",
    "example": "gateway.cli.example",
    "messages": "gateway.cli.messages",
    "migrate": "gateway.cli.migrate",
    "partners": "gateway.cli.partners",
    "route": "gateway.cli.route",
    "serve": "gateway.cli.serve",
    "simulate": "gateway.cli.simulate",
    "sor": "gateway.cli.sor",
    "types": "gateway.cli.types",
    "validate": "gateway.cli.validate",
}


class LazyGroup(click.Group):
    """A group whose commands are found in a table, `COMMANDS` unless a subclass has its own, and imported one at a time."""

    table: ClassVar[dict[str, str]] = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, in alphabetical order."""
        return sorted({*self.table, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None for a name that is not in the table."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.table[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name or "command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="medcom-gateway", prog_name="medcom-gateway")
def main() -> None:
    """A region's hub for MedCom messages."""


__all__ = ["COMMANDS", "LazyGroup", "main"]
