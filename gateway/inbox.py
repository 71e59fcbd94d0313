"""Hops 1 and 2 for a sender that publishes to the exchange `medcom.inbox` over AMQP instead of posting.

The same verdicts as over HTTP; a refusal's receipt goes to the sender's own mailbox, because there is no answer to put it in. Who
the sender is, the broker says: RabbitMQ checks that `user_id` is the connection's user, and the user is named as the partner is.

A gateway that dies between the store and the ack gets the document again. What can be read and is its sender's own is known by the
ids that it claims. For the rest the publishing itself is claimed (sender, AMQP message id, digest of the bytes), so that it is
recorded once. Decided against: `redelivered`, which says that it may have been seen and not that it was stored; and ids made from
the message, since ours follow time. So garbage that is published twice with no message id of its own, or with the same, is one
message with a line that says that it came again.
"""

from __future__ import annotations

import asyncio

from gateway.admissions import publish_claim
from gateway.clock import new_message_id
from gateway.directory import DirectoryWatch
from gateway.events import TaskFailed, Telemetry
from gateway.intake import Intake
from gateway.patience import patiently
from gateway.ports import Clock, Taken
from gateway.records import Document, Mode, Origin, Partner, Submission

PAUSE_SECONDS = 1.0


class Inbox:
    """Feeds what comes over AMQP to the intake, and acks after it is stored."""

    def __init__(self, intake: Intake, watch: DirectoryWatch, clock: Clock, telemetry: Telemetry) -> None:
        self._intake = intake
        self._watch = watch
        self._clock = clock
        self._telemetry = telemetry

    async def take(self, taken: Taken) -> None:
        """One published document, from the queue to its ack.

        What nobody known, or a partner that is disabled, has sent is recorded as refused, with its bytes, for an operator to find: a
        sender that forgot `user_id` must not lose its letters in silence.
        """
        partner = await self._sender(taken.user or "")
        document = Document(taken.parcel.body or b"", taken.parcel.content_type or "application/xml")
        claim = publish_claim(partner.name, taken.parcel.id, document.body)
        submission = Submission(new_message_id(), Origin.AMQP, partner, document, self._clock.now(), claim)
        try:
            await patiently(lambda: self._intake.submit(submission), self._telemetry, "inbox")
        except Exception as bug:  # noqa: BLE001 - the top of a use case: a bug must not stop the queue nor lose the document
            self._telemetry.emit(TaskFailed("inbox", repr(bug)))
            await asyncio.sleep(PAUSE_SECONDS)
            await taken.release()
        else:
            await taken.ack()

    async def _sender(self, user: str) -> Partner:
        """The active partner of this name, who may have been added or enabled a moment ago; or one that may send as nobody."""
        known = self._watch.current.partners.get(user)
        if known is None or not known.active:
            known = (await patiently(self._watch.refresh, self._telemetry, "inbox")).partners.get(user)
        return known if known and known.active else _stranger(user)


def _stranger(user: str) -> Partner:
    return Partner(f"unknown:{user}"[:64], frozenset(), Mode.AMQP, token_hash="", active=False)
