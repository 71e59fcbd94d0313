"""Partners on AMQP: a sender that publishes to the inbox, and a receiver that consumes its own queue, on RabbitMQ and PostgreSQL.

They log in as RabbitMQ users of their own, with the permissions that `partners add --amqp` tells an operator to give.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiormq
import pytest
from aiormq.abc import AbstractChannel, DeliveredMessage

from gateway.broker.queues import DELIVERY_LIMIT, queue_of
from gateway.ports import INBOX
from gateway.records import Mode
from routing.decisions import Fault
from routing.lifecycle import State
from schemas.messages import ReceiptKind
from tests.faults.documents import NOBODY, SKIVE, VIBORG, letter, letters, receipt_for
from tests.faults.outside import System
from tests.faults.world import World, world
from tests.services.gateway import until
from tests.services.rabbitmq import RabbitMQ

DYING = str(Path(__file__).with_name("dying.py"))

pytestmark = pytest.mark.timeout(180)


class Account:
    """A RabbitMQ user that is named as the partner is."""

    def __init__(self, rabbitmq: RabbitMQ, url: str, name: str) -> None:
        password, vhost = secrets.token_hex(8), url.rpartition("/")[2]
        # The user outlives the test's virtual host, so it may be there already.
        for command in (("add_user", name, password), ("change_password", name, password)):
            try:
                rabbitmq.ctl(*command)
            except RuntimeError:
                continue
        rabbitmq.ctl("set_permissions", "-p", vhost, name, "^$", r"^medcom\.inbox$", rf"^medcom\.endpoint\.{name}$")
        self.name = name
        self._url = url.replace("guest:guest", f"{name}:{password}")

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[AbstractChannel]:
        """A channel with confirms."""
        connection = await aiormq.connect(self._url)
        try:
            yield await connection.channel()
        finally:
            await connection.close()

    async def publish(self, *documents: bytes, vouched: bool = True, message_id: str | None = None) -> None:
        """Publishes to the hub's inbox, each confirmed; `vouched` says whether the user's name goes with it."""
        properties = aiormq.spec.Basic.Properties(
            content_type="application/xml",
            delivery_mode=2,
            user_id=self.name if vouched else None,
            message_id=message_id,
        )
        async with self.channel() as channel:
            for document in documents:
                await channel.basic_publish(document, exchange=INBOX, routing_key="", properties=properties)


@pytest.fixture
def here(tmp_path: Path, postgres_url: str, rabbitmq_vhost: str) -> Iterator[World]:
    """A world in which Skive consumes its own queue. The gateway runs."""
    environment = {"MEDCOM_DATABASE_URL": postgres_url, "MEDCOM_BROKER_URL": rabbitmq_vhost}
    with world(tmp_path, environment, postgres_url, skive_by=Mode.AMQP) as made:
        made.gateway.start()
        until(lambda: "GatewayStarted" in made.gateway.log, what="the start")
        yield made


def receipts(system: System) -> Counter[tuple[str, str]]:
    """The receipts that a system has, by kind and the envelope that they are about."""
    contents = [envelope.first.receipt for envelope in system.letters]
    return Counter((c.kind.value, c.original.envelope_id) for c in contents if c is not None)


def test_sender_that_publishes(here: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """What is published to the inbox is judged as what is posted, and each refusal's receipt lies in the sender's mailbox."""
    epj = Account(rabbitmq, rabbitmq_vhost, here.epj.name)
    good, readerless, other = letter(VIBORG), letter(NOBODY), letter(VIBORG, sender=SKIVE)
    invalid = letter(VIBORG)
    broken = invalid.body.replace(b"<StatusCode>nytbrev</StatusCode>", b"<StatusCode>gammelt</StatusCode>")
    unreadable = good.body[: len(good.body) // 2]
    here.outside.run(epj.publish(good.body, readerless.body, broken, unreadable, other.body, good.body))
    wanted = {"acknowledged": 1, "dead_letter": 1, "refused": 3, "delivered": 3}
    until(lambda: here.counts() == wanted, what="the verdicts and receipts")
    faults = {message["envelope_id"]: message["fault"] for message in here.found("--type", "XDIS91")}
    assert faults[good.envelope_id] is None
    assert faults[readerless.envelope_id] == Fault.NO_READER
    assert faults[invalid.envelope_id] == Fault.SCHEMA
    assert faults[other.envelope_id] == Fault.SENDER_NOT_ALLOWED
    assert Counter(message["fault"] for message in here.found("--state", "refused"))[Fault.UNREADABLE] == 1
    assert receipts(here.epj) == {
        (ReceiptKind.POSITIVE.value, good.envelope_id): 1,
        (ReceiptKind.NEGATIVE_VANS.value, readerless.envelope_id): 1,
        (ReceiptKind.NEGATIVE_VANS.value, invalid.envelope_id): 1,
    }
    assert list(here.viborg.kept.values()) == [good.body]


def test_sender_that_nobody_vouches_for(here: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """A letter that is published with no user id is refused, with its bytes kept, where an operator finds it."""
    lost = letter(VIBORG)
    here.outside.run(Account(rabbitmq, rabbitmq_vhost, here.epj.name).publish(lost.body, vouched=False))
    until(lambda: here.counts() == {"refused": 1}, what="the refusal")
    (found,) = here.found("--state", "refused")
    assert (found["fault"], found["envelope_id"]) == (Fault.SENDER_NOT_ALLOWED, lost.envelope_id)
    document = here.outside.run(here.store.document(found["id"]))
    assert document is not None
    assert document.body == lost.body
    # It claimed no id: the sender sends it again as it should, and it is a new message.
    here.outside.run(here.epj.send([lost]))
    assert here.epj.answers[lost.envelope_id] == [202]


@pytest.mark.parametrize("what", ["garbage", "unvouched", "another's", "reused"])
def test_killed_before_the_ack_of_a_refusal(here: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str, what: str) -> None:
    """What is refused and claims no id, or not its own, is recorded once though the gateway is killed (-9) before its ack."""
    account, first = Account(rabbitmq, rabbitmq_vhost, here.epj.name), letter(VIBORG)
    here.outside.run(here.epj.send([first]))
    here.settled([first])
    before = receipts(here.epj)
    document = {
        "garbage": first.body[: len(first.body) // 2],
        "unvouched": letter(VIBORG).body,
        "another's": letter(VIBORG, sender=SKIVE).body,
        "reused": letter(VIBORG, envelope_id=first.envelope_id).body,
    }[what]
    here.gateway.kill()
    ordinary, here.gateway.launcher = here.gateway.launcher, (DYING, "ack", "before", "1")
    here.gateway.start(wait=False)
    here.outside.run(account.publish(document, vouched=what != "unvouched"))
    process = here.gateway.process
    assert process is not None
    until(lambda: process.poll() is not None, what="the death before the ack")
    assert process.returncode == -9, here.gateway.log
    (refused,) = here.found("--state", "refused")
    here.gateway.launcher = ordinary
    here.gateway.start()
    until(lambda: "duplicate" in [entry.what for entry in here.timeline(refused["id"])], what="the document's second coming")
    assert [found["id"] for found in here.found("--state", "refused")] == [refused["id"]]
    # A new letter under an old envelope id is owed a negative receipt: one.
    owed = {(ReceiptKind.NEGATIVE_VANS.value, first.envelope_id): 1} if what == "reused" else {}
    until(lambda: not here.counts()["outbox"] and receipts(here.epj) >= Counter(owed), what="the receipts owed")
    assert receipts(here.epj) == before + Counter(owed)
    assert '"TaskFailed"' not in here.gateway.log


def test_garbage_that_is_published_again(here: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """The same unreadable bytes are one message while they come with the same AMQP message id, and another with another."""
    account = Account(rabbitmq, rabbitmq_vhost, here.epj.name)
    for message_id in ("m-1", "m-1", "m-2"):
        here.outside.run(account.publish(b"<ikke XML", message_id=message_id))

    def told() -> list[str]:
        return sorted(entry.what for found in here.found("--state", "refused") for entry in here.timeline(found["id"]))

    until(lambda: told() == ["admitted", "admitted", "duplicate"], what="two messages, one of which came again")


def test_receiver_that_consumes(here: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """A receiver takes its letters from its own queue, with their own bytes, and answers through the inbox; a connection that it
    loses with letters in hand costs nothing.
    """
    skive, sent = Account(rabbitmq, rabbitmq_vhost, here.skive.name), letters(12, SKIVE)

    async def take(count: int, *, ack: bool) -> list[DeliveredMessage]:
        taken: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
        async with skive.channel() as channel:
            await channel.basic_consume(queue_of(skive.name), taken.put)
            messages = [await taken.get() for _ in range(count)]
            for message in messages if ack else ():
                await channel.basic_ack(message.delivery_tag, wait=True)
        return messages

    here.outside.run(here.epj.send(sent))
    until(lambda: here.count(State.DELIVERED) == len(sent), what="the hand-over to the receiver's queue")
    here.outside.run(take(5, ack=False))
    taken = here.outside.run(take(len(sent), ack=True))
    here.outside.run(skive.publish(*(receipt_for(message.body) for message in taken)))
    here.settled(sent)
    assert sorted(message.body for message in taken) == sorted(one.body for one in sent)
    assert receipts(here.epj) == {(ReceiptKind.POSITIVE.value, one.envelope_id): 1 for one in sent}


@pytest.mark.parametrize(
    ("times", "requeue", "reason"),
    [(1, False, "rejected"), (DELIVERY_LIMIT + 1, True, "delivery_limit")],
    ids=["at once", "in the end"],
)
def test_receiver_that_gives_back(
    here: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str, times: int, requeue: bool, reason: str
) -> None:
    """What a receiver rejects, or gives back too often, is a dead letter with the broker's reason, and its sender has one XCTL01."""
    skive, sent = Account(rabbitmq, rabbitmq_vhost, here.skive.name), letter(SKIVE)

    async def give_back() -> int:
        given, done = 0, asyncio.Event()
        async with skive.channel() as channel:

            async def reject(message: DeliveredMessage) -> None:
                nonlocal given
                given += 1
                await channel.basic_reject(message.delivery_tag, requeue=requeue, wait=True)
                if given == times:
                    done.set()

            await channel.basic_consume(queue_of(skive.name), reject)
            await done.wait()
        return given

    here.outside.run(here.epj.send([sent]))
    assert here.outside.run(give_back()) == times
    until(lambda: here.counts() == {"dead_letter": 1, "delivered": 1}, what="the dead letter and its receipt")
    (dead,) = here.found("--state", "dead_letter")
    assert dead["fault"] == Fault.BROKER_DEAD_LETTERED
    story = here.timeline(dead["id"])
    assert next(entry.detail["reason"] for entry in story if entry.what == "returned") == reason
    assert receipts(here.epj) == {(ReceiptKind.NEGATIVE_VANS.value, sent.envelope_id): 1}
