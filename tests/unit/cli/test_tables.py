"""Messages at the terminal: whole ids, two lines, 80 columns."""

import pytest

from gateway.attachments import Attachment, Role
from gateway.cli.tables import STATES, WHAT, as_json, message_lines, printable, story_lines
from gateway.records import TimelineEntry
from routing.faults import FAULTS
from routing.lifecycle import Happening, State
from tests.unit.gateway.examples import AT, RANDERS, record

LONGEST_HEADING = "forestaaende-udskrivning"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("state", State)
def test_no_line_is_wider_than_80_columns(state, fault):
    """Whatever the state and the reason, every line fits an 80-column terminal and the id stands whole."""
    shown = record(state=state, fault=fault, heading=LONGEST_HEADING, overdue_at=AT, address=RANDERS)
    lines = list(message_lines([shown], 80))
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(shown.id)


def test_a_message_is_a_block_of_two_lines():
    """The first line has id, Danish time, type and state; the second who, whom, heading and reason."""
    first, second = message_lines([record()], None)
    assert first == "01a2002f-ed36-73e1-ae1d-490369a34325  21.11. 23:15  XDIS91  dødt brev"
    reason = "Ingen henter post for modtagerens lokationsnummer."
    assert second == f"    5790009920014 → 5790009911739  indlaeggelse  {reason}"


def test_a_pipe_gets_two_lines_however_long():
    """Without a terminal nothing is folded, so that a block is found with `grep -A1`."""
    assert len(list(message_lines([record(heading=LONGEST_HEADING, overdue_at=AT)] * 3, None))) == 6


def test_what_has_no_type_or_parties_is_shown_all_the_same():
    """A document that could not be read has no type, sender or receiver, and still its two lines."""
    first, second = message_lines([record(type="", sender="", receiver="", heading=None, fault=None)], 80)
    assert "  ?       dødt brev" in first
    assert second == "    ? → ?"


def test_a_redirect_and_a_late_receipt_are_seen_in_the_list():
    """An operator sees in the list that a letter goes to another address, and that its receipt is late."""
    (_, second) = message_lines([record(address=RANDERS, overdue_at=AT, fault=None)], None)
    assert f"(omadresseret til {RANDERS})" in second
    assert "Kvittering udebliver." in second


def test_ids_from_documents_cannot_drive_the_terminal():
    """A control sequence in an id, which XML allows, is shown as a mark and never sent to the terminal."""
    told = "\n".join(story_lines(record(envelope_id="A\x9b2JB", letter_ids=("[bold]\x85",)), [], 80))
    assert "\x9b" not in told
    assert "\x85" not in told
    assert "[bold]" in told, "brackets are text and no markup"


def test_the_story_has_ids_what_to_do_and_every_entry():
    """A message's story gives its ids, what the operator can do, and each line of the timeline with state, actor and detail."""
    timeline = [
        TimelineEntry(AT, "admitted", State.DEAD_LETTER, "epj", {}),
        TimelineEntry(AT, "odd", State.ACCEPTED, "hub", {"a": 1}),
    ]
    told = list(story_lines(record(), timeline, 80))
    assert "    kuvert KUVERT0000001  brev BREV000000001" in told
    assert "Kontakt modtageren" in "".join(told)
    assert "21.11. 23:15:03.250  modtaget: dødt brev" in told
    assert told[-2:] == ["21.11. 23:15:03.250  odd: modtaget", "    hub  a=1"]


def test_every_state_and_happening_has_a_danish_word():
    """No state and no happening reaches an operator as a code."""
    assert set(STATES) == set(State)
    assert {happening.value for happening in Happening} <= set(WHAT)


def test_json_has_the_whole_verdict_and_timeline():
    """Programs get every id, the verdict as it was stored and the timeline."""
    row = as_json(record(), [TimelineEntry(AT, "admitted", State.DEAD_LETTER, "epj", {"a": 1})])
    assert row["verdict"] == {"decision": "refuse", "fault": "no_reader"}
    assert row["timeline"] == [{"at": AT, "what": "admitted", "state": State.DEAD_LETTER, "actor": "epj", "detail": {"a": 1}}]


@pytest.mark.parametrize("text", ["5790009920014", "æøå Æ", "[x]"])
def test_ordinary_text_is_printed_as_it_is(text):
    """Only what cannot be printed is replaced."""
    assert printable(text) == text


OBJECT, OTHER = "8d2f6b1c4a5e4f709c3d1e2f3a4b5c6d", "01a2002f-f1c4-7a10-9b0e-6d2c51a7e3b8"


@pytest.mark.parametrize(
    ("role", "other", "missing", "said"),
    [
        (Role.REFERS, OTHER, None, f"kom med {OTHER}"),
        (Role.REFERS, OTHER, AT, f"kom med {OTHER}"),
        (Role.REFERS, None, None, "ikke kommet endnu"),
        (Role.REFERS, None, AT, "udebliver"),
        (Role.CARRIES, OTHER, None, f"hører til {OTHER}"),
        (Role.CARRIES, None, None, "brevet, der henviser til det, er ikke kommet endnu"),
        (Role.CARRIES, None, AT, "brevet, der henviser til det, udebliver"),
    ],
)
def test_an_attachment_says_in_danish_what_it_belongs_to(role, other, missing, said):
    """A story names each object and where its other half is: come with which message, awaited, or missing; programs get the same."""
    one = Attachment(record().id, OBJECT, role, other, AT if other else None, missing)
    assert f"    bilag {OBJECT}: {said}" in list(story_lines(record(), [], None, [one]))
    assert max(map(len, story_lines(record(), [], 80, [one]))) <= 80
    assert as_json(record(), [], [one])["attachments"] == [
        {"object": OBJECT, "role": role, "message": other, "paired_at": one.paired_at, "missing_at": missing}
    ]


def test_an_object_id_cannot_command_the_terminal():
    """An object's id comes from a document and is shown without its control characters."""
    told = "\n".join(story_lines(record(), [], 80, [Attachment(record().id, "\x9b2jx", Role.REFERS, None, None, None)]))
    assert "\x9b" not in told
