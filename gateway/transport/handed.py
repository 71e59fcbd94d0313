"""What a transport did, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.lifecycle import Happening


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The `Handed` of the transports here: DELIVERED or DEPOSITED, and what the timeline says about it."""

    happening: Happening
    detail: Mapping[str, object] = field(default_factory=dict)
