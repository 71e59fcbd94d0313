"""`medcom-gateway migrate`: brings the journal's tables up to this version."""

from __future__ import annotations

import click

from gateway.cli.opening import Refusal, examples, settings
from gateway.ports import JournalUnavailable
from gateway.settings import masked
from gateway.store.migrations import migrate


@click.command(epilog=examples("migrate"))
def command() -> None:
    """Bring the journal's tables up to this version. Safe to run twice, and at once from several places."""
    url = settings().store_url
    try:
        migrate(url)
    except JournalUnavailable as away:
        raise Refusal(f"{masked(url)}: {away.reason}") from away
    click.echo(f"{masked(url)}: up to date")
