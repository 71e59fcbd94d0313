"""Where a document goes, or why it goes nowhere: the one place that makes decisions, from values alone.

    letter  ─> may_send ─> decide ─> Deliver | Refuse
    receipt ─> decide_receipt ─────> Deliver | Refuse | Absorb, and what it does to the message it is about

A decision depends on its arguments and nothing else, carries the rules that said so and the register's version, and can
therefore be made again, and shown, at any later time.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from routing.decisions import Absorb, Decision, Deliver, Fault, Heading, Recipient, Refuse
from routing.faults import FAULTS
from routing.headings import Headings
from routing.keys import routing_key
from routing.lifecycle import Happening
from routing.receipts import Hold, OriginalMessage, Reject, Sign, judge
from routing.rules import FORWARD, LETTER_RULES, NO_ENDPOINT, RECEIPT_RULES, SENDER_RULE, Situation
from schemas.messages import Envelope
from sor.identifiers import normal_gln
from sor.register import Register
from sor.units import Closed, Found


@dataclass(frozen=True, slots=True)
class ReceiptEffect:
    """What an incoming receipt does to its original: `happening` is None where its state stays; `forwarded` says that the
    receipt is what the original's sender gets.
    """

    original_id: str
    happening: Happening | None
    sign: Sign
    forwarded: bool


def may_send(envelope: Envelope, partner_glns: AbstractSet[str], register_version: str, heading: Heading) -> Refuse | None:
    """Refuses letters whose sender is not one of the partner's lokationsnumre. None where all is well, and for receipts: who
    may give one is judged by its original, not by the parties in the document.
    """
    own = {normal_gln(gln) for gln in partner_glns}
    if all(letter.receipt is not None or normal_gln(letter.sender.ean) in own for letter in envelope.letters):
        return None
    return _refuse(SENDER_RULE.id, Fault.SENDER_NOT_ALLOWED, heading, register_version)


def decide(
    envelope: Envelope, *, register: Register, endpoints: Mapping[str, str], headings: Headings, on: date
) -> Deliver | Refuse:
    """Decides about the letters of an envelope on the day `on`. `endpoints` has the endpoint's name by lokationsnummer (in the
    form that `normal_gln` gives).
    """
    address = normal_gln(envelope.first.receiver.ean)
    answer = register.by_gln(address, on)
    situation = Situation(envelope, answer, endpoints.get(address))
    rule = next(rule for rule in LETTER_RULES if rule.applies(situation))
    heading = headings.recognise(envelope.first.subject)
    if rule.fault is not None or situation.endpoint is None:
        instead = answer.unit.replaced_by if isinstance(answer, Closed) and rule.fault is Fault.CLOSED_RECEIVER else None
        return _refuse(rule.id, rule.fault or Fault.NO_READER, heading, register.version, instead)
    to = _recipient(register, address, situation.endpoint, envelope.first.type, heading.code, on)
    return Deliver((to,), heading, (rule.id,), register.version)


def decide_receipt(
    envelope: Envelope,
    *,
    original: OriginalMessage | None,
    partner_glns: AbstractSet[str],
    register: Register,
    endpoints: Mapping[str, str],
    headings: Headings,
    on: date,
) -> tuple[Decision, ReceiptEffect | None]:
    """Decides about a receipt from a partner, given the message that it is about (None where there is none).

    An envelope holds one receipt: two would be about two messages, and are refused. The original's sender who has no endpoint
    cannot be told: the receipt is absorbed (`no_endpoint`) and still moves its original.
    """
    heading = headings.recognise(envelope.first.subject)
    content = envelope.first.receipt
    if content is None or len(envelope.letters) > 1:
        return _refuse(RECEIPT_RULES[Fault.LETTERS_DISAGREE].id, Fault.LETTERS_DISAGREE, heading, register.version), None
    verdict = judge(content, original, partner_glns)
    if isinstance(verdict, Reject):
        return _refuse(RECEIPT_RULES[verdict.fault].id, verdict.fault, heading, register.version), None
    assert original is not None  # noqa: S101 - judge rejects a receipt without an original
    address = normal_gln(original.sender)
    endpoint = endpoints.get(address)
    reason = verdict.reason if isinstance(verdict, Hold) else FORWARD if endpoint else NO_ENDPOINT
    effect = ReceiptEffect(original.id, verdict.happening, verdict.sign, reason == FORWARD)
    rules = (RECEIPT_RULES[reason].id,)
    if endpoint is None or reason != FORWARD:
        return Absorb(original.id, reason, heading, rules, register.version), effect
    to = _recipient(register, address, endpoint, envelope.first.type, None, on)
    return Deliver((to,), heading, rules, register.version), effect


def _refuse(rule_id: str, fault: Fault, heading: Heading, register_version: str, instead: str | None = None) -> Refuse:
    return Refuse(fault, heading, (rule_id,), register_version, FAULTS[fault].dead_letter, instead)


def _recipient(  # noqa: PLR0917 - a value's fields
    register: Register, address: str, endpoint: str, type_code: str, heading_code: str | None, on: date
) -> Recipient:
    answer = register.by_gln(address, on)
    key = routing_key(register, address, type_code, heading_code, on)
    if not isinstance(answer, Found):
        return Recipient(address, "", "", "", endpoint, key)
    unit = answer.unit
    return Recipient(unit.gln, unit.sor, unit.kommune, unit.name, endpoint, key)
