"""Single cells: out of Excel's clothes, and as dates, levels and yes or no."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from sor.entities import Level
from sor.names import fold

_DATE = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)[-.](\d\d)[-.](\d{4}))"
    r"(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?",  # the time of day is not kept
    re.ASCII,
)
_FOR_EVER = 2999
_LEVELS = {
    **dict.fromkeys(("ie", "io", "institutionsejer"), Level.OWNER),
    **dict.fromkeys(("si", "hi", "sundhedsinstitution"), Level.INSTITUTION),
    **dict.fromkeys(("oe", "ou", "organisatoriskenhed"), Level.UNIT),
}
_INACTIVE = ("inaktiv", "ikkeaktiv", "passiv", "lukket", "ophoert", "nedlagt", "inactive", "nonactive")
_INTERNAL = ("intern", "kunintern", "onlyinternal")
_YES = frozenset({"1", "true", "ja", "j", "sand", "yes"})


def plain(cell: str) -> str:
    """The cell's text without white space and without the `="…"` that keeps Excel from taking a code for a number."""
    text = cell.strip()
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') and len(text) > 2 else text


@lru_cache(maxsize=16384)
def day(text: str) -> date | None:
    """The day that `text` names in a form seen in extracts: YYYY-MM-DD, DD-MM-YYYY or DD.MM.YYYY, with or without a time of day.

    None where it is no day. The time is left out: SOR's days are whole.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, in_month = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(in_month))
    except ValueError:
        return None


def for_ever(last: date) -> bool:
    """Whether a last valid day is one of those that mean that there is none (31-12-9999)."""
    return last.year >= _FOR_EVER


@lru_cache(maxsize=64)
def level(text: str) -> Level | None:
    """Where in SOR's tree an entity of this SOR type stands; None for an unknown type."""
    return _LEVELS.get(fold(text))


def status(text: str) -> tuple[bool, bool]:
    """Whether a lokationsnummer with this status is for internal use alone, and whether it takes no messages."""
    folded = fold(text)
    return folded.startswith(_INTERNAL), folded.startswith(_INACTIVE)


def yes(text: str) -> bool:
    """Whether a cell or element of yes or no says yes."""
    return text.strip().lower() in _YES
