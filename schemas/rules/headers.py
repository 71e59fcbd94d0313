"""Rules on what a letter says of itself: its id, version, codes, date and parties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.catalogue import MessageType, Standing
from schemas.findings import Finding
from schemas.letters import DANISH_TIME
from schemas.paths import place
from schemas.rules.envelopes import LONG_AGO, alphanumeric, misdated
from schemas.rules.looked import Look, place_of
from schemas.rules.table import applies_to
from schemas.wording import finding
from sor.identifiers import Problem, check_gln

_RECEIPTS = applies_to("receipt-statistical-code")
_SORTED = applies_to("subject-missing")


def header(look: Look) -> Iterator[Finding]:
    """The id, the version and how the letter came, the subject."""
    letter, row = look.letter, look.row
    if not alphanumeric(letter.identifier):
        yield finding("id-not-alphanumeric", *place_of(look.element, "Letter", "Identifier"))
    if row is not None and row.status is Standing.OLD and (newer := _newer(look, row)):
        yield finding("version-old", *place_of(look.element, "Letter", "VersionCode"), expected=", ".join(newer))
    if row is not None and row.in_envelope and not look.document.enveloped:
        yield finding("vans-required", *place(look.element))
    if letter.subject is None and letter.type in _SORTED:
        yield finding("subject-missing", *place(look.element))


def _newer(look: Look, row: MessageType) -> list[str]:
    rows = look.document.catalogue.versions(row.root)
    return [other.version for other in rows if other.status is not Standing.OLD]


def statistical_code(look: Look) -> Iterator[Finding]:
    """StatisticalCode is free text, and the type's own as a rule: with MedCom's X or as in EDIFACT, without it. A GGOP has a number for
    its kind, and keeps it when it is made into an XDIS91.
    """
    element, kind = look.first("StatisticalCode"), look.letter.type
    written = "" if element is None else element.text or ""
    if element is None or not kind or written in {kind, kind[1:]}:
        return
    if written.startswith("GGOP") and kind in {"GGOP", "XDIS91"}:
        return
    code = "receipt-statistical-code" if kind in _RECEIPTS else "statistical-code-differs"
    yield finding(code, *place(element), expected=kind)


def authorisation(look: Look) -> Iterator[Finding]:
    """When the letter was authorised: not after it was sent, and near the day on which it is judged."""
    element = look.first("Authorisation")
    if element is None or not len(element):
        return
    try:
        day = date.fromisoformat((element[0].text or "").strip())
    except ValueError:
        return
    sent_at, on = look.document.envelope.sent_at, look.document.on
    # UTC's day is the Danish one or the day before it: the zone is asked only where that counts.
    if sent_at is not None and day > sent_at.date() and day > sent_at.astimezone(DANISH_TIME).date():
        yield finding("authorised-after-sent", *place_of(element, "Date"))
    if on is not None and (code := misdated(day, on)):
        yield finding(f"authorised-{code}", *place_of(element, "Date"), limit=LONG_AGO)


def check_digits(look: Look) -> Iterator[Finding]:
    """EANIdentifier is a GLN as a rule and a VANS operator's id at times: only what has a GLN's 13 digits is judged as one."""
    for role, party in (("Sender", look.letter.sender), ("Receiver", look.letter.receiver)):
        if check_gln(party.ean).problem is Problem.CHECK_DIGIT:
            yield finding("gln-check-digit", *place_of(look.element, role, "EANIdentifier"))
