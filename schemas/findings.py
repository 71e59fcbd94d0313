"""What a document was found to be wrong about, as values.

Every judgement in the gateway that a person may have to act on ends up as a `Finding`: the schema's complaints, the
reader's, and the softer rules beside them. A finding has a stable code, a place, and a text in Danish and in English that
says what to do. It never carries a value from the document, so a finding may be logged, shown and sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an `error` refuses the document, a `warning` and a `note` never stop it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a document.

    `code` is stable and kebab-case (`doctype-forbidden`). `path` is the element's path from the root with local names and
    positions (`/Emessage/ClinicalEmail[1]/Receiver/EANIdentifier`), empty for the document as a whole; `line` is 1-based,
    0 where no line is known. `text_da` and `text_en` are whole sentences without any value taken from the document.
    """

    code: str
    severity: Severity
    path: str
    line: int
    text_da: str
    text_en: str
