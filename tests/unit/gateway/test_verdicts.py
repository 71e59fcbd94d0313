"""What is stored, answered and printed of a decision; what a receiver's HTTP status means; what is admitted."""

import hashlib
from datetime import UTC, datetime

import pytest

from gateway.admissions import claims_of, message_of, rows_of
from gateway.judging import Judgement
from gateway.records import REFERENCE_LIMIT, Admission, Admitted, Document, Mode, Origin, Partner, Submission
from gateway.transport.push import verdict
from gateway.verdicts import shown
from routing.decisions import Absorb, Deliver, Fault, Heading, HeadingMatch, Recipient, Refuse
from routing.lifecycle import Happening, State
from schemas.carried import carried
from schemas.document import examine_document
from schemas.findings import Finding, Severity
from tests.acceptance.letters import EPJ, SKIVE, letter, schemas

AT = datetime(2026, 11, 21, 1, 15, tzinfo=UTC)
HEADING = Heading("indlaeggelse", "Indlæggelse", HeadingMatch.EXACT)
TO = Recipient(SKIVE, "9911731000016004", "Skive", "Social og Psykiatri", "skive", "kommune.0779.social-og-psykiatri.xdis91.x")
DELIVER = Deliver((TO,), HEADING, ("R9-deliver",), "v1")
REFUSE = Refuse(Fault.NO_READER, HEADING, ("R7-has-reader",), "v1", dead_letter=True)
ABSORB = Absorb("first", "repeat", HEADING, ("Q5-repeat",), "v1")
KEYS = {"decision", "fault", "instead", "recipients", "heading", "rules", "register_version", "findings"}


def test_a_verdict_has_the_interfaces_keys():
    """Each decision is shown with the keys of the interface; a routing key stays inside."""
    finding = Finding("subject-missing", Severity.WARNING, "/Emessage", 1, "da", "en")
    told = shown(DELIVER, [finding])
    assert set(told) == KEYS
    assert told["recipients"] == [
        {"gln": SKIVE, "sor": TO.sor, "kommune": "Skive", "unit": "Social og Psykiatri", "endpoint": "skive"}
    ]
    assert told["findings"][0]["severity"] == "warning"
    assert set(shown(REFUSE, [])) == KEYS
    assert (shown(REFUSE, [])["decision"], shown(REFUSE, [])["fault"]) == ("refuse", "no_reader")
    assert set(shown(ABSORB, [])) == KEYS | {"regards", "reason"}


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299, 409])
def test_taken(status):
    """2xx, and 409 for what it has already, mean that the receiver has it."""
    assert verdict(status) is Happening.DELIVERED


@pytest.mark.parametrize("status", [400, 406, 413, 415, 422])
def test_never(status):
    """The receiver has looked at this very document and will never take it."""
    assert verdict(status) is Fault.REFUSED_BY_RECEIVER_SYSTEM


@pytest.mark.parametrize("status", [100, 199, 300, 302, 304, 401, 403, 404, 405, 408, 410, 425, 429, 500, 502, 503, 504, 599])
def test_later(status):
    """Everything else tells of a door and not of the letter: it is tried again."""
    assert verdict(status) is None


def admission(decision, body=None):
    """What is stored for a letter on which this was decided."""
    raw = body or letter(envelope_id="E1", letter_id="L1")
    partner = Partner("epj", frozenset({EPJ}), Mode.PULL, "")
    submission = Submission("id-1", Origin.HTTP, partner, Document(raw, "application/xml"), AT)
    document = carried(examine_document(raw, schemas()))
    judgement = Judgement(document, decision, (), trusted=True)
    return Admission(message_of(submission, judgement, claims_of(document.envelope, raw))), raw


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (DELIVER, State.ACCEPTED),
        (REFUSE, State.DEAD_LETTER),
        (Refuse(Fault.SCHEMA, HEADING, (), "v1"), State.REFUSED),
        (ABSORB, State.ABSORBED),
    ],
)
def test_the_first_state_follows_from_the_decision(decision, state):
    """Delivered, refused, dead or absorbed: only what is to be delivered is dispatched."""
    message = admission(decision)[0].message
    assert message.state is state
    assert (message.dispatch is not None) is (decision is DELIVER)


def test_claims_are_the_envelopes_and_the_letters():
    """The envelope's id with the digest of the raw bytes, each letter's with that of its content."""
    stored, raw = admission(DELIVER)
    envelope, first = stored.message.claims
    assert (envelope.kind, envelope.identifier, envelope.digest) == ("envelope", "E1", hashlib.sha256(raw).hexdigest())
    assert (first.kind, first.identifier) == ("letter", "L1")
    assert {envelope.sender, first.sender} == {EPJ}


def test_a_large_document_is_not_held_in_memory():
    """Above the limit the row that the relay takes along has no body; at the limit it has."""
    for text, held in (("x", True), ("\n".join(["x" * 60] * 20_000), False)):
        stored, raw = admission(DELIVER, letter(text=text))
        assert (len(raw) <= REFERENCE_LIMIT) is held
        (row,) = rows_of(stored, Admitted("id-1", {"id-1": 7}))
        assert (row.id, row.parcel.id, row.parcel.body) == (7, "id-1", raw if held else None)


def test_no_row_for_what_is_not_dispatched():
    """What the journal gave no outbox row for is not relayed."""
    assert rows_of(admission(REFUSE)[0], Admitted("id-1", {})) == []
