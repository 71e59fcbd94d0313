"""WHERE AND WHETHER: every decision about a document, as functions from values to values.

`decide` says where a letter goes and `decide_receipt` what a receipt does; `duplicates` tells a repeat from a resend and from a
reused id; `receipts` says what the hub owes; `lifecycle` is the table of states; `retry`, `keys`, `headings` and `faults` are
what they are called. Nothing here reads a clock, a file (but the package's own data) or a socket: a decision can be made again.
"""

from routing.decide import ReceiptEffect, decide, decide_receipt, may_send
from routing.decisions import Absorb, Decision, Deliver, Fault, Heading, HeadingMatch, Recipient, Refuse
from routing.duplicates import Holder, IdClaim, IdKind, New, Repeat, Resend, Reused, compare
from routing.faults import FAULTS, FaultMeaning
from routing.headings import Headings, HeadingsError, StandardHeading, heading_finding
from routing.keys import address_key, binding_key, routing_key
from routing.lifecycle import FINAL, SETTLED, TRANSITIONS, UNSETTLED, Happening, State, after
from routing.receipts import Forward, Hold, OriginalMessage, Reject, Sign, judge, owed, owed_for_record, refuse_text
from routing.retry import RetryPolicy, next_attempt
from routing.rules import LETTER_RULES, RECEIPT_RULES, SENDER_RULE, LetterRule, Rule, Situation

__all__ = [
    "FAULTS",
    "FINAL",
    "LETTER_RULES",
    "RECEIPT_RULES",
    "SENDER_RULE",
    "SETTLED",
    "TRANSITIONS",
    "UNSETTLED",
    "Absorb",
    "Decision",
    "Deliver",
    "Fault",
    "FaultMeaning",
    "Forward",
    "Happening",
    "Heading",
    "HeadingMatch",
    "Headings",
    "HeadingsError",
    "Hold",
    "Holder",
    "IdClaim",
    "IdKind",
    "LetterRule",
    "New",
    "OriginalMessage",
    "ReceiptEffect",
    "Recipient",
    "Refuse",
    "Reject",
    "Repeat",
    "Resend",
    "RetryPolicy",
    "Reused",
    "Rule",
    "Sign",
    "Situation",
    "StandardHeading",
    "State",
    "address_key",
    "after",
    "binding_key",
    "compare",
    "decide",
    "decide_receipt",
    "heading_finding",
    "judge",
    "may_send",
    "next_attempt",
    "owed",
    "owed_for_record",
    "refuse_text",
    "routing_key",
]
