"""The contract of `gateway.ports.Broker` about which queue a parcel comes to, on the embedded broker and on RabbitMQ."""

from __future__ import annotations

import pytest

from gateway.broker.queues import queue_of
from gateway.ports import DEAD_LETTERS, INBOX, UNROUTABLE
from tests.contract.broker_cases import QUEUE, Subject
from tests.services.taking import SKIVE, Taking, eventually, parcel

TOPICS = [
    ("a.b.c", "a.b.c", True),
    ("a.b.c", "a.b", False),
    ("a.*.c", "a.b.c", True),
    ("a.*.c", "a.c", False),
    ("a.*.c", "a.b.b.c", False),
    ("*", "a", True),
    ("*", "", False),
    ("*", "a.b", False),
    ("#", "", True),
    ("#", "a.b.c", True),
    ("a.#", "a", True),
    ("a.#", "a.b.c", True),
    ("a.#", "b.a", False),
    ("#.c", "c", True),
    ("#.c", "a.b.c", True),
    ("a.#.c", "a.c", True),
    ("a.#.c", "a.b.b.c", True),
    ("a.#.c", "a.b.b", False),
    ("#.b.#", "a.b.c", True),
    ("#.*", "", False),
    ("#.*.#", "a", True),
    ("*.#", "a.b", True),
    ("#.#", "", True),
    ("", "", True),
    ("", "a", False),
    ("a..c", "a..c", True),
    ("a.*.c", "a..c", True),
    ("a.*", "a.", True),
    ("A", "a", False),
    ("a*", "ab", False),
]


async def test_topic_patterns(subject: Subject) -> None:
    """A parcel goes to the endpoints whose pattern takes its key: `*` is one word, `#` any number, and both brokers agree."""
    patterns, keys = sorted({row[0] for row in TOPICS}), sorted({row[1] for row in TOPICS})
    await subject.broker.declare("skive", [])
    takings = [Taking() for _ in patterns]
    for number, pattern in enumerate(patterns):
        await subject.broker.declare(f"t{number}", [pattern])
        await subject.broker.consume(queue_of(f"t{number}"), takings[number], 10)
    for key in keys:
        await subject.broker.publish(parcel(routing_key=key))
    expected = {(pattern, key) for pattern, key, matched in TOPICS if matched}
    refused = {(pattern, key) for pattern, key, matched in TOPICS if not matched}

    def found() -> set[tuple[str, str]]:
        return {(p, t.parcel.routing_key) for p, taking in zip(patterns, takings, strict=True) for t in taking.taken}

    async def all_found() -> bool:
        return expected <= found() and not any((await subject.broker.depths()).values())

    await eventually(all_found)
    assert not found() & refused


async def test_one_copy_an_endpoint(subject: Subject) -> None:
    """Two endpoints that ask for the same key get a copy each; two keys of one endpoint that both match give it one."""
    await subject.broker.declare("viborg", ["kommune.#"])
    await subject.broker.declare("skive", [SKIVE, "kommune.0779.#"])
    await subject.broker.publish(parcel())
    assert {QUEUE: 1, queue_of("viborg"): 1, UNROUTABLE: 0}.items() <= (await subject.broker.depths()).items()


async def test_unroutable(subject: Subject) -> None:
    """A parcel that no key matches is confirmed into the queue of the unroutable, and says so to whoever takes it."""
    sent = parcel(routing_key="kommune.0000.ingen")
    await subject.broker.publish(sent)
    taking = Taking()
    await subject.broker.consume(UNROUTABLE, taking, 1)
    (taken,) = await taking.until(1)
    assert (taken.parcel, taken.reason) == (sent, "unroutable")


async def test_depths_name_every_queue(subject: Subject) -> None:
    """`depths` counts what is ready in each endpoint's queue and in the three that are common."""
    await subject.broker.declare("viborg", ["kommune.0791.#"])
    await subject.broker.publish(parcel())
    await subject.broker.publish(parcel(2, routing_key="ingen"))
    assert await subject.broker.depths() == {QUEUE: 1, queue_of("viborg"): 0, INBOX: 0, DEAD_LETTERS: 0, UNROUTABLE: 1}


async def test_declare_changes_the_keys(subject: Subject) -> None:
    """Declaring again binds the new keys, unbinds those that are gone, and leaves what waits where it is."""
    await subject.broker.publish(parcel(1))
    await subject.broker.declare("skive", ["kommune.0779.ny"])
    await subject.broker.declare("skive", ["kommune.0779.ny"])
    await subject.broker.publish(parcel(2))
    await subject.broker.publish(parcel(3, routing_key="kommune.0779.ny"))
    depths = await subject.broker.depths()
    assert (depths[QUEUE], depths[UNROUTABLE]) == (2, 1)


async def test_only_declared_queues_are_consumed(subject: Subject) -> None:
    """Consuming a queue that nobody declared is a mistake that shows at once."""
    with pytest.raises(KeyError):
        await subject.broker.consume(queue_of("ukendt"), Taking(), 1)
