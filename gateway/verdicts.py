"""A decision and its findings as the mapping that is stored, answered over HTTP and printed by `route --json`: the same words
everywhere, so that what an operator reads is what the sender was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from gateway.validation import shown_finding
from routing.decisions import Absorb, Decision, Deliver, Recipient, Refuse
from schemas.carried import InVans
from schemas.findings import Finding
from schemas.vans import MetaInformation

_META = TypeAdapter(MetaInformation)


def shown(decision: Decision, findings: Iterable[Finding], in_vans: InVans | None = None) -> dict[str, Any]:
    """Keys: decision, fault, instead (the successor of a closed address), recipients, heading, rules, register_version, findings; and
    `regards` and `reason` of an Absorb; and `vans_envelope` of what came in one: what it says of the message in it, or nothing.
    """
    verdict: dict[str, Any] = {
        "decision": _KIND[type(decision)],
        "fault": decision.fault if isinstance(decision, Refuse) else None,
        "instead": decision.instead if isinstance(decision, Refuse) else None,
        "recipients": [_recipient(r) for r in decision.recipients] if isinstance(decision, Deliver) else [],
        "heading": {"code": decision.heading.code, "text": decision.heading.text, "how": decision.heading.how},
        "rules": list(decision.rules),
        "register_version": decision.register_version,
        "findings": [shown_finding(finding) for finding in findings],
    }
    if isinstance(decision, Absorb):
        verdict |= {"regards": decision.first_id, "reason": decision.reason}
    if in_vans is not None:
        verdict["vans_envelope"] = asdict(in_vans.meta) if in_vans.meta else {}
    return verdict


def vans_of(verdict: Mapping[str, Any]) -> InVans | None:
    """What `shown` wrote of a VANSEnvelope, read back; None for a document that came bare."""
    written = verdict.get("vans_envelope")
    if written is None:
        return None
    return InVans(_META.validate_python(written) if written else None)


_KIND = {Deliver: "deliver", Refuse: "refuse", Absorb: "absorb"}


def _recipient(recipient: Recipient) -> dict[str, str]:
    return {
        "gln": recipient.gln,
        "sor": recipient.sor,
        "kommune": recipient.kommune,
        "unit": recipient.unit,
        "endpoint": recipient.endpoint,
    }
