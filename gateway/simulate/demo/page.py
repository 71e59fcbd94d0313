"""How the demonstration looks: Danish lines of at most 80 columns, made from what the hub answers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.cli.tables import STATES, WHAT, printable
from gateway.clock import DENMARK
from gateway.simulate.telling import RECEIPTS
from routing.lifecycle import State

WIDTH = 80

_HOW = {"exact": "genkendt ordret", "alias": "genkendt som et andet ord for den", "unknown": "ikke en standardoverskrift"}


class Page:
    """Prints through `out`, a line at a time."""

    def __init__(self, out: Callable[[str], None]) -> None:
        self._out = out

    def title(self, text: str) -> None:
        """A headline with a rule under it."""
        self._out("")
        self._out(text)
        self._out("─" * min(len(text), WIDTH))

    def say(self, text: str, indent: int = 0) -> None:
        """A paragraph."""
        first, then = " " * indent, " " * (indent + 2)
        for line in textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False):
            self._out(line)

    def line(self, text: str) -> None:
        """A line as it is."""
        self._out(text)

    def good(self, text: str) -> None:
        """Something that was checked and holds."""
        self.say(f"✓ {text}")

    def command(self, line: str, output: str) -> None:
        """A command as an operator types it, and what it printed."""
        self.say(f"$ medcom-gateway {line}", indent=2)
        for one in output.splitlines():
            self.say(one.strip(), indent=4)

    def verdict(self, message: Mapping[str, Any]) -> None:
        """What the hub decided about a message, and by which rule."""
        verdict = message["verdict"]
        heading = verdict["heading"]
        for recipient in verdict["recipients"]:
            unit = ", ".join(part for part in (recipient["kommune"], recipient["unit"]) if part)
            rules = ", ".join(verdict["rules"])
            self.say(f"modtager: {recipient['gln']} {unit}, læses af {recipient['endpoint']} ({rules})", indent=2)
        self.say(f"overskrift: {heading['text'] or 'ingen'} ({_HOW.get(heading['how'], heading['how'])})", indent=2)

    def timeline(self, message: Mapping[str, Any]) -> None:
        """What happened to a message, as the hub tells it: when, what, the state after it, and who did it."""
        entries = message["timeline"]
        widest = max(len(WHAT.get(entry["what"], entry["what"])) for entry in entries)
        for entry in entries:
            at = datetime.fromisoformat(entry["at"]).astimezone(DENMARK).strftime("%H:%M:%S.%f")[:-3]
            what = WHAT.get(entry["what"], entry["what"])
            self._out(f"  {at} {what:<{widest}} {STATES[State(entry['state'])]:<18} {_who(entry['actor'])}")

    def receipt(self, facts: Mapping[str, Any]) -> None:
        """A receipt as it came to the system that was to have it."""
        text = " ".join((facts["refuse_text"] or "").split())
        why = f": {facts['refuse_code']}. {text}" if facts["refuse_code"] else ""
        self.say(printable(f"{facts['type']} {RECEIPTS[facts['type']]} fra {facts['sender']}{why}"), indent=2)


def _who(actor: str) -> str:
    if actor.startswith("operator:"):
        return "operatøren"
    return "hubben" if actor == "hub" else actor
