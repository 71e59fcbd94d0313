"""The facts that `sor.coverage` judges, gathered of one moment, and its answers as they are told to programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.clock import DENMARK
from gateway.lifesigns import Lifesigns, readers_of
from gateway.ports import Partners
from sor.coverage import Cell, Endpoint, Situation, Standing
from sor.coverage_findings import Finding
from sor.harmonised import HarmonisedNames
from sor.register import Register


async def situation_of(
    partners: Partners, lifesigns: Lifesigns, *, register: Register, names: HarmonisedNames, now: datetime, silent_days: int
) -> Situation:
    """How things stand at `now` (aware UTC). Raises JournalUnavailable."""
    connected = await partners.all()
    return Situation(
        register=register,
        names=names,
        endpoints={gln: Endpoint(partner.name, partner.active) for partner in connected for gln in partner.glns},
        lives=await lifesigns.lives(readers_of(connected)),
        capabilities={gln: frozenset(mailbox.message_types) for gln, mailbox in register.mailboxes.items()},
        now=now.astimezone(DENMARK),
        silent_days=silent_days,
    )


def shown_cell(cell: Cell) -> dict[str, Any]:
    """A cell: which kommune and name, its address, and how that stands."""
    place = {"kommune": cell.kommune.name, "kommunekode": cell.kommune.code, "name": cell.name}
    return place | shown_standing(cell.standing)


def shown_standing(standing: Standing) -> dict[str, Any]:
    """An address: `status` is covered, doubtful or missing, `taken_at` when mail was last taken or acknowledged."""
    return {
        "gln": standing.gln or None,
        "sor": standing.unit.sor or None if standing.unit else None,
        "unit": standing.unit.name if standing.unit else None,
        "endpoint": standing.endpoint,
        "taken_at": standing.taken_at,
        "findings": shown_findings(standing.findings),
        "status": standing.status,
    }


def shown_findings(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Code, weight and both texts of each."""
    return [{"code": f.code, "severity": f.severity, "text_da": f.text_da, "text_en": f.text_en} for f in findings]
