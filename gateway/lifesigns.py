"""The port for signs of life: when the system behind an address last took its mail. `sor.coverage` judges by it.

Listing an empty mailbox leaves no trace, so a system that nobody has written to shows no life, and is told apart from one that
leaves its mail. In a queue of a receiver's own a letter counts as delivered once the broker has it, which says nothing of a reader:
there only receipts are signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.records import Mode, Partner
from sor.coverage import Life


@dataclass(frozen=True, slots=True)
class Reader:
    """An address, the endpoint that reads it, and whether only the endpoint's receipts show that it does."""

    gln: str
    endpoint: str
    by_receipt: bool = False


def readers_of(partners: Iterable[Partner]) -> tuple[Reader, ...]:
    """All that the partners read."""
    return tuple(Reader(gln, partner.name, partner.mode is Mode.AMQP) for partner in partners for gln in sorted(partner.glns))


class Lifesigns(Protocol):
    """Reading signs of life from the journal. The answer is of one moment."""

    async def lives(self, readers: Iterable[Reader]) -> Mapping[str, Life]:
        """The life of each of these addresses at its endpoint, by lokationsnummer. Mail counts at the address that its document names;
        what an operator redirected to another is not counted for that one. Raises JournalUnavailable.
        """
        ...
