"""Every XDIS91 goes through from end to end with its own bytes: real ones from MedCom's examples, and our own in the same shapes.

By pull, by push, and by the receiver's own AMQP consumer. The real ones share ids, which one journal rightly refuses; so they
go in rounds, each with a gateway and a journal of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest

from schemas.examine import examine
from schemas.messages import Envelope
from tests.acceptance.amqp import Got, take
from tests.acceptance.letters import SKIVE, schemas
from tests.acceptance.receiver import receiving
from tests.acceptance.shapes import SHAPES
from tests.services.gateway import GatewayProcess, until

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def envelope_of(document: bytes) -> Envelope:
    """The envelope of a valid document."""
    examination = examine(document, schemas())
    assert examination.valid, examination.findings
    assert examination.envelope is not None
    return examination.envelope


def real_letters() -> list[bytes]:
    """Every XDIS91 among the real messages. Skips where they are absent."""
    if not CORPUS.is_dir():
        pytest.skip("the real messages (../shared/corpus) are not here")
    files = sorted([*CORPUS.glob("oioxml/*.xml"), *CORPUS.glob("fhir/conversion/*.xml")])
    found = [raw for raw in (file.read_bytes() for file in files) if examine(raw, schemas()).type == "XDIS91"]
    assert len(found) >= 6
    return found


def rounds(documents: list[bytes]) -> list[list[bytes]]:
    """The documents in as few rounds as it takes for no round to have an id of one sender twice."""
    made: list[tuple[set[tuple[str, str]], list[bytes]]] = []
    for document in documents:
        envelope = envelope_of(document)
        sender = envelope.first.sender.ean
        ids = {(sender, envelope.identifier), *((sender, one.identifier) for one in envelope.letters)}
        free = next((each for each in made if not each[0] & ids), None)
        if free is None:
            made.append((ids, [document]))
        else:
            free[0].update(ids)
            free[1].append(document)
    return [there for _, there in made]


def gateways(documents: list[bytes], folder: Path, **environment: str) -> Iterator[tuple[GatewayProcess, list[bytes]]]:
    """A gateway with an empty journal for each round."""
    for number, letters in enumerate(rounds(documents)):
        own = folder / str(number)
        own.mkdir()
        with GatewayProcess(own, environment) as gateway:
            yield gateway, letters


@pytest.fixture(params=["real", "our-own"])
def documents(request: pytest.FixtureRequest) -> list[bytes]:
    """Real letters, then those of our own."""
    return real_letters() if request.param == "real" else [make() for make in SHAPES.values()]


def connect(gateway: GatewayProcess, letters: list[bytes], **how: object) -> tuple[str, str]:
    """One partner for all the senders, one for all the receivers; gives their tokens."""
    envelopes = [envelope_of(each) for each in letters]
    senders, receivers = ({getattr(one.first, side).ean for one in envelopes} for side in ("sender", "receiver"))
    tokens = gateway.add_partner("afsender", *senders), gateway.add_partner("modtager", *receivers, **how)
    gateway.start()
    return tokens


def send_all(gateway: GatewayProcess, token: str, letters: list[bytes]) -> dict[str, bytes]:
    """Hands them in; gives the documents by id."""
    sent = {}
    for each in letters:
        answer = gateway.submit(token, each)
        assert answer.status == 202, answer.body
        sent[answer.json["id"]] = each
    return sent


def in_state(gateway: GatewayProcess, token: str, ids: Iterable[str], state: str) -> None:
    """Waits until they all are."""
    for message_id in ids:
        until(partial(_is, gateway, token, message_id, state), what=state)


def _is(gateway: GatewayProcess, token: str, message_id: str, state: str) -> bool:
    found = gateway.message(token, message_id)["state"]
    return bool(found == state)


def test_by_pull(documents: list[bytes], tmp_path: Path):
    """What is fetched from a mailbox is byte for byte what was handed in."""
    for gateway, letters in gateways(documents, tmp_path):
        sender, receiver = connect(gateway, letters)
        sent = send_all(gateway, sender, letters)
        in_state(gateway, sender, sent, "available")
        for message_id, document in sent.items():
            gln = envelope_of(document).first.receiver.ean
            assert message_id in [row["id"] for row in gateway.mailbox(receiver, gln)]
            assert gateway.fetch(receiver, gln, message_id) == document
            assert gateway.acknowledge(receiver, gln, message_id).json["state"] == "delivered"


def test_by_push(documents: list[bytes], tmp_path: Path):
    """What is posted to a receiver is byte for byte what was handed in, once each, with its id and type in the headers."""
    for gateway, letters in gateways(documents, tmp_path):
        with receiving() as receiver:
            sender, _ = connect(gateway, letters, push=receiver.url)
            sent = send_all(gateway, sender, letters)
            in_state(gateway, sender, sent, "delivered")
            assert len(receiver.got) == len(sent)
            assert {headers["MedCom-Message-Id"]: body for headers, body in receiver.got} == sent
            assert {headers["MedCom-Type"] for headers, _ in receiver.got} == {"XDIS91"}


def test_by_amqp(documents: list[bytes], tmp_path: Path, rabbitmq_vhost: str):
    """What a receiver consumes from its own queue is byte for byte what was handed in, with what it sorts by; above 1 MiB it gets
    a reference, and fetches the document over HTTP.
    """
    for gateway, letters in gateways(documents, tmp_path, MEDCOM_BROKER_URL=rabbitmq_vhost):
        sender, receiver = connect(gateway, letters, amqp=True)
        sent = send_all(gateway, sender, letters)
        in_state(gateway, sender, sent, "delivered")
        got = {each.message_id: each for each in take(rabbitmq_vhost, "medcom.endpoint.modtager", len(sent))}
        assert set(got) == set(sent)
        for message_id, document in sent.items():
            assert_as_sent(got[message_id], document)
            gln = envelope_of(document).first.receiver.ean
            assert gateway.fetch(receiver, gln, message_id) == document


def assert_as_sent(got: Got, document: bytes) -> None:
    """The bytes, or above 1 MiB nothing but a reference to them; the properties that the receiver sorts by."""
    first = envelope_of(document).first
    large = len(document) > 1024 * 1024
    assert got.body == (b"" if large else document)
    assert (got.headers.get("medcom-body") == "reference") is large
    assert (got.type, got.content_type) == ("XDIS91", "application/xml")
    assert (got.headers["medcom-sender"], got.headers["medcom-receiver"]) == (first.sender.ean, first.receiver.ean)
    if first.receiver.ean == SKIVE:
        assert got.routing_key == "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"


@pytest.mark.parametrize("shape", SHAPES)
def test_validate_and_the_gateway_agree(gateway: GatewayProcess, tmp_path: Path, shape: str):
    """`validate` finds valid what the gateway takes."""
    file = tmp_path / "brev.xml"
    file.write_bytes(SHAPES[shape]())
    row = json.loads(gateway.command("validate", "--json", str(file)).stdout)
    assert (row["valid"], row["schema_valid"], row["type"]) == (True, True, "XDIS91")
