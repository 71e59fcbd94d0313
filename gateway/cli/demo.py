"""`medcom-gateway demo`: the whole path of a message, on a machine where nothing has been set up."""

from __future__ import annotations

import asyncio
import signal
import sys

import click

from gateway.simulate.demo.page import Page
from gateway.simulate.demo.play import play

_EPILOG = """\b
Exit status: 0 everything went as it should, 1 it did not; the step that failed is named.

It needs no settings and no server, uses free ports of this machine and a temporary folder, and leaves nothing behind."""


@click.command(epilog=_EPILOG)
def command() -> None:
    """Play two stories between a simulated EPJ and a simulated omsorgssystem, through a real gateway, and print what happened."""
    sys.exit(0 if asyncio.run(_interruptible()) else 1)


async def _interruptible() -> bool:
    """SIGTERM ends it as Ctrl-C does: the gateway that it started is stopped first."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run runs a task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await play(Page(click.echo))
    except asyncio.CancelledError:
        click.echo("Afbrudt.", err=True)
        return False
