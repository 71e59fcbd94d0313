"""A simulated system's logbook in Danish, one line an event, with nothing from inside a letter but its heading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.clock import DENMARK
from gateway.simulate.logbook import Entry
from schemas.messages import ReceiptKind

RECEIPTS = {
    ReceiptKind.NEGATIVE_VANS.value: "negativ VANS-kvittering",
    ReceiptKind.NEGATIVE.value: "negativ kvittering",
    ReceiptKind.POSITIVE.value: "positiv kvittering",
}

_HOW = {
    "http-500": "svarer 500, som den blev bedt om",
    "http-422": "svarer 422, som den blev bedt om",
    "slow": "venter med at svare, som den blev bedt om",
    "garbage": "svarer med noget, der ikke er HTTP, som den blev bedt om",
    "left-in-mailbox": "lader brevet ligge i postkassen, som den blev bedt om",
    "given-back": "lægger brevet tilbage i køen, som den blev bedt om",
    "rejected": "afviser brevet til køen, som den blev bedt om",
}


def line(entry: Entry) -> str:
    """The entry for a person: Danish time of day, and what happened. What a terminal would obey is not let through."""
    text = f"{entry.at.astimezone(DENMARK):%H:%M:%S}  {_TELL[entry.what](entry.facts)}"
    return "".join(one if one.isprintable() else "�" for one in text)


def _sent(facts: Mapping[str, Any]) -> str:
    return f"sender {_kind(facts)}{_heading(facts)} til {facts['receiver'] or '?'}, kuvert {facts['envelope_id'] or '?'}"


def _answered(facts: Mapping[str, Any]) -> str:
    if facts["status"] < 300:
        again = ", som den kendte i forvejen" if facts["repeat"] else ""
        return f"hubben har modtaget nr. {facts['number']} ({facts['status']}{again}): {facts['id']}"
    return f"hubben afviser nr. {facts['number']} ({facts['status']} {facts['fault']}): {facts['text_da']}"


def _received(facts: Mapping[str, Any]) -> str:
    verdict = "gyldig" if facts["valid"] else f"ikke gyldig ({', '.join(facts['findings'])})"
    return f"modtager {_kind(facts)}{_heading(facts)} fra {facts['sender'] or '?'}, {facts['size']} bytes, {verdict}"


def _repeat(facts: Mapping[str, Any]) -> str:
    what = "samme forsendelse" if facts["why"] == "message_id" else "samme brev"
    return f"{what} igen fra {facts['sender']}, kuvert {facts['envelope_id']}: vises ikke igen"


def _receipt(facts: Mapping[str, Any]) -> str:
    whose = f"nr. {facts['number']}" if facts["number"] else "noget, der ikke er sendt herfra"
    text = " ".join((facts["refuse_text"] or "").split())
    why = f": {facts['refuse_code']}. {text}" if facts["refuse_code"] else ""
    return f"{_kind(facts)} for {whose}, kuvert {facts['about']}{why}"


def _kind(facts: Mapping[str, Any]) -> str:
    kind = facts["type"] or "ukendt dokument"
    return f"{RECEIPTS[kind]} ({kind})" if kind in RECEIPTS else kind


def _heading(facts: Mapping[str, Any]) -> str:
    return f" “{facts['heading']}”" if facts.get("heading") else ""


_TELL: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "sent": _sent,
    "answered": _answered,
    "received": _received,
    "repeat": _repeat,
    "receipt": _receipt,
    "listening": lambda facts: f"lytter på {facts['url']}",
    "misbehaved": lambda facts: _HOW[facts["how"]],
    "turned_away": lambda facts: f"svarer 401: kaldet er ikke bevisligt fra hubben ({facts['reason']})",
    "hub_away": lambda facts: f"hubben svarer ikke ({facts['reason']}), prøver igen",
    "not_allowed": lambda facts: f"hubben siger nej ({facts['status']}): {facts['text_da']}",
    "ack_refused": lambda facts: f"hubben tager ikke imod, at {facts['id']} er hentet ({facts['status']})",
    "stopped": lambda facts: f"stoppet af en fejl: {facts['reason']}",
}
