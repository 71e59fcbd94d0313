"""Telemetry: one line and one count an event."""

import dataclasses
import io
import json

import pytest

from gateway.events import AttemptConcluded, DeadLetterMade, Event, SubmissionJudged, Telemetry

JUDGED = SubmissionJudged("id-1", "epj", "http", "XDIS91", "accepted", None, ("subject-missing",), 1200, 0.012)


def test_an_event_is_one_json_line():
    """The line has the event's own name, its level, its time and its fields."""
    stream = io.StringIO()
    Telemetry(stream).emit(JUDGED)
    (line,) = stream.getvalue().splitlines()
    row = json.loads(line)
    assert (row["event"], row["level"], row["message_id"], row["seconds"]) == ("SubmissionJudged", "info", "id-1", 0.012)
    assert row["timestamp"].endswith("Z")


def test_a_level_is_a_floor():
    """Below the level nothing is logged; it is counted all the same."""
    stream = io.StringIO()
    telemetry = Telemetry(stream, level="warning")
    telemetry.emit(JUDGED)
    telemetry.emit(DeadLetterMade("id-1", "skive", "gave_up"))
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["DeadLetterMade"]
    assert b'medcom_submission_judged_total{answer="accepted",fault="",type="XDIS91"} 1.0' in telemetry.exposition()


def test_durations_are_observed():
    """An event with seconds feeds a histogram."""
    telemetry = Telemetry(None)
    telemetry.emit(AttemptConcluded("id-1", "skive", "XDIS91", "delivered", None, 1, 0.2))
    assert b'medcom_attempt_concluded_seconds_bucket{le="0.25"} 1.0' in telemetry.exposition()
    assert b'medcom_attempt_concluded_seconds_bucket{le="0.1"} 0.0' in telemetry.exposition()


@pytest.mark.parametrize("kind", Event.__subclasses__(), ids=lambda kind: kind.__name__)
def test_labels_are_fields_and_no_ids(kind):
    """Each label is a field of its event; ids and endpoints' numbers of messages never become labels, which must stay few."""
    fields = {field.name for field in dataclasses.fields(kind)}
    assert set(kind.labels) <= fields
    assert not set(kind.labels) & {"message_id", "routing_key", "error", "partner"}
    assert kind.__doc__


def test_two_gateways_in_one_process_do_not_mix():
    """Each telemetry has metrics of its own."""
    one, other = Telemetry(None), Telemetry(None)
    one.emit(JUDGED)
    assert b'answer="accepted"' not in other.exposition()
