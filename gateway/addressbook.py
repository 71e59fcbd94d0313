"""What is told of a unit to whoever looks one up, over HTTP and at the command line alike, as JSON made from the register's answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from sor.resolution import Resolved, Unresolved
from sor.units import Unit


def shown_unit(unit: Unit, on: date) -> dict[str, Any]:
    """A unit as it is on a day. `status` is open, closed or future; `inherited` says that the address is the one of a unit above it."""
    opens_later = unit.valid_from > on
    return {
        "gln": unit.gln or None,
        "inherited": unit.inherited,
        "sor": unit.sor or None,
        "name": unit.name,
        "sector": unit.sector,
        "area": unit.area,
        "kommune": unit.kommune or None,
        "organisation": unit.organisation,
        "status": "open" if unit.open_on(on) else "future" if opens_later else "closed",
        "valid_from": unit.valid_from.isoformat(),
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
        "replaced_by": unit.replaced_by,
    }


def shown_match(resolved: Resolved) -> dict[str, Any]:
    """Which harmonised name was meant, and how it was known: exact, spelling or alias."""
    return {"name": resolved.name, "how": resolved.how, "kommune": resolved.kommune.name, "kommunekode": resolved.kommune.code}


def shown_refusal(unresolved: Unresolved, on: date) -> dict[str, Any]:
    """Why there is no one address, and what it may be. Nothing under `suggestions` was taken."""
    return {
        "reason": unresolved.reason,
        "kommune": unresolved.kommune.name if unresolved.kommune else None,
        "name": unresolved.name,
        "gln": unresolved.gln,
        "names": list(unresolved.names),
        "units": [shown_unit(unit, on) for unit in unresolved.units],
        "suggestions": list(unresolved.suggestions),
    }
