"""What the gateway says of itself: one JSON line a hop, metrics that parse, probes that tell the truth, and never a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.amqp import take
from tests.acceptance.letters import EPJ, RANDERS, SKIVE, letter, receipt
from tests.services.gateway import GatewayProcess, call, until

MARK = "hemmeligt"
# What tells of the message and not of the person, and is meant to be seen: ids, addresses, codes and times.
ENVELOPE = {
    "Date", "Time", "Identifier", "AcknowledgementCode", "VersionCode", "StatisticalCode", "TypeCode", "StatusCode", "EANIdentifier",
    "IdentifierCode", "EpisodeOfCareIdentifier", "EpisodeOfCareStatusCode",
}  # fmt: skip


def marked(number: int, **changes: str) -> tuple[bytes, list[str]]:
    """A letter in whose every field about a person or a case stands a word of its own; and these words."""
    root = etree.fromstring(letter(text="x", **changes))
    words = []
    for element in root.iter():
        name = etree.QName(element).localname
        if name == "AlternativeIdentifier":
            element.text = f"010190{number}AB{len(words) % 10}"[:10]
        elif not len(element) and name not in ENVELOPE and name != "Subject":
            element.text = f"{MARK}{number}nr{len(words)}"
        else:
            continue
        words.append(element.text)
    return etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True), words


def logged(hub: GatewayProcess) -> list[dict]:
    """The log, every line of which is a JSON object."""
    return [json.loads(line) for line in hub.log.splitlines()]


def run_both_stories(hub: GatewayProcess) -> list[str]:
    """S1 and S4 with marked letters, a subject that is none of the headings, and some bad input; gives the words."""
    epj, skive = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
    hub.start()
    document, words = marked(1, subject=f"{MARK} emne")
    message_id = hub.submit(epj, document).json["id"]
    until(lambda: hub.mailbox(skive, SKIVE), what="the letter")
    assert hub.fetch(skive, SKIVE, message_id) == document
    hub.acknowledge(skive, SKIVE, message_id)
    hub.submit(skive, receipt(document))
    (mail,) = hub.mailbox(epj, EPJ, wait=60)
    hub.acknowledge(epj, EPJ, mail["id"])
    dead, more = marked(2, receiver=RANDERS)
    dead_id = hub.submit(epj, dead).json["id"]
    for bad in (
        document[:900],
        document.replace(b"nytbrev", MARK.encode()),
        document.replace(b"<Emessage", b"<!DOCTYPE hemmeligt><Emessage"),
    ):
        hub.submit(epj, bad)
    hub.submit(epj, document.replace(b"<Text01>", b"<Text01>hemmeligt igen "))
    randers = hub.add_partner("randers", RANDERS)
    hub.command("dead-letters", "retry", dead_id)
    (mail,) = hub.mailbox(randers, RANDERS, wait=60)
    hub.acknowledge(randers, RANDERS, mail["id"])
    return [*words, *more, MARK]


def test_nothing_says_who_or_what(hub: GatewayProcess, tmp_path: Path):
    """Over S1, S4 and bad input, no field about the patient or the case is in the log, the metrics or any list."""
    words = run_both_stories(hub)
    told = (
        call("GET", f"{hub.url}/metrics").body.decode()
        + hub.command("messages", "find").stdout
        + hub.command("messages", "find", "--json").stdout
    )
    for row in hub.command("messages", "find", "--json").stdout.splitlines():
        told += hub.command("messages", "show", json.loads(row)["id"], "--json").stdout
    hub.terminate()
    told += hub.log
    assert len(words) > 10
    assert [word for word in words if word.lower() in told.lower()] == []


def test_one_line_a_hop(hub: GatewayProcess):
    """Each hop of a letter is one line with its id: judged, relayed, concluded; each line has event, level and timestamp."""
    run_both_stories(hub)
    hub.terminate()
    rows = logged(hub)
    assert all({"event", "level", "timestamp"} <= set(row) for row in rows)
    first = next(row for row in rows if row["event"] == "SubmissionJudged")
    assert (first["answer"], first["partner"], first["origin"], first["type"]) == ("accepted", "epj", "http", "XDIS91")
    hops = [row["event"] for row in rows if row.get("message_id") == first["message_id"]]
    # The courier may be faster than the note of the broker's confirm; the last one is the duplicate with other content's first.
    assert sorted(hops[:3]) == ["AttemptConcluded", "MessageRelayed", "SubmissionJudged"]
    assert (rows[-1]["event"], rows[-1]["left"]) == ("GatewayStopped", 0)
    assert [row for row in rows if row["level"] == "error"] == []


def test_queues_and_headers_say_where_and_never_who(rabbit_hub: GatewayProcess, rabbitmq_vhost: str):
    """What stands beside a document on the broker are ids, codes and addresses."""
    epj = rabbit_hub.add_partner("epj", EPJ)
    rabbit_hub.add_partner("skive", SKIVE, amqp=True)
    rabbit_hub.start()
    document, words = marked(3, subject="hemmeligt emne", thread="6fb927da3be14b9f8875a6326617d20b")
    message_id = rabbit_hub.submit(epj, document).json["id"]
    until(lambda: rabbit_hub.message(epj, message_id)["state"] == "delivered", what="the broker's confirm")
    (got,) = take(rabbitmq_vhost, "medcom.endpoint.skive", 1)
    assert got.body == document
    beside = json.dumps([got.message_id, got.type, got.content_type, got.routing_key, got.headers], default=str)
    assert [word for word in [*words, MARK] if word.lower() in beside.lower()] == []
    assert (got.message_id, got.routing_key) == (message_id, "kommune.0779.social-og-psykiatri.xdis91.ukendt")
    assert got.headers["medcom-thread"] == "6fb927da3be14b9f8875a6326617d20b"


def test_metrics_count_what_happened(gateway: GatewayProcess):
    """/metrics is Prometheus' text and counts submissions by answer, messages by state and the hops' durations."""
    epj, _ = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    gateway.start()
    document = letter()
    for _ in range(2):
        gateway.submit(epj, document)
    gateway.submit(epj, letter(receiver=RANDERS))
    call("GET", gateway.url + "/v1/messages/x")

    def samples() -> dict[tuple[str, tuple[str, ...]], float]:
        text = call("GET", f"{gateway.url}/metrics").body.decode()
        return {
            (sample.name, tuple(sorted(sample.labels.values()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    found = samples()
    assert found["medcom_submission_judged_total", ("", "XDIS91", "accepted")] == 1
    assert found["medcom_submission_judged_total", ("", "XDIS91", "repeat")] == 1
    assert found["medcom_submission_judged_total", ("XDIS91", "no_reader", "refused")] == 1
    assert found["medcom_submission_judged_seconds_count", ()] == 3
    assert found["medcom_submission_turned_away_total", ("401", "no-token")] == 1
    until(lambda: samples().get(("medcom_messages", ("available",))) == 1, what="the gauge of the sweeper's round")
    assert samples()["medcom_messages", ("dead_letter",)] == 1


def test_live_and_ready(gateway: GatewayProcess):
    """On the embedded default both say yes, with the journal's and the broker's state."""
    gateway.start()
    assert call("GET", f"{gateway.url}/live").json == {"live": True}
    until(
        lambda: call("GET", f"{gateway.url}/ready").json == {"ready": True, "journal": True, "broker": True}, what="the broker"
    )


def test_not_ready_without_the_journal(gateway: GatewayProcess, postgres, postgres_url: str):
    """With PostgreSQL away the gateway lives, is not ready, refuses a letter with 503, and takes it when the journal is back."""
    gateway.environment["MEDCOM_DATABASE_URL"] = postgres_url
    gateway.command("migrate")
    epj, skive = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    gateway.start()
    document = letter()
    postgres.stop()
    try:
        answer = call("GET", f"{gateway.url}/ready")
        assert (answer.status, answer.json["ready"], answer.json["journal"]) == (503, False, False)
        assert call("GET", f"{gateway.url}/live").status == 200
        answer = gateway.submit(epj, document)
        assert (answer.status, answer.json["title"], answer.headers["Retry-After"]) == (503, "journal-away", "5")
    finally:
        postgres.start()
    until(lambda: call("GET", f"{gateway.url}/ready").status == 200, what="readiness")
    assert gateway.submit(epj, document).status == 202
    (mail,) = gateway.mailbox(skive, SKIVE, wait=60)
    assert gateway.fetch(skive, SKIVE, mail["id"]) == document


@pytest.mark.parametrize("level", ["debug", "warning"])
def test_the_log_level_is_obeyed(gateway: GatewayProcess, level: str):
    """At `warning` an uneventful life leaves no line; at `debug` it starts with the start."""
    gateway.environment["MEDCOM_LOG_LEVEL"] = level
    gateway.start()
    gateway.terminate()
    assert bool(gateway.log) is (level == "debug")
