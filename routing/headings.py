"""The standard headings: which one a message's subject means.

Senders write the subject themselves, so it is compared with what people write: the heading's own text, then its aliases with
spelling folded. Nothing is guessed: an unknown subject is said to be unknown, warned about, and never stops a message. The
sender's words stay as they are in the document; the code travels beside it and in the routing key.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

from routing.decisions import Heading, HeadingMatch
from schemas.findings import Finding
from schemas.messages import Letter
from schemas.rules.table import applies_to
from schemas.wording import finding
from sor.names import fold, slug

LONGEST_TEXT = 70
"""What `Subject` holds (MedCom XDIS91, 2006/07/01)."""
_PREAMBLE = re.compile(
    r"(?:(?:re|sv|vs|fw|vedr|vedrørende|ang|angående|emne)\s*[.:]+|(?:vedr|vedrørende|ang|angående)\s)\s*", re.IGNORECASE
)
_WITH_SUBJECT = applies_to("heading-unknown")
_MISSING = Heading(None, None, HeadingMatch.MISSING)
_UNKNOWN = Heading(None, None, HeadingMatch.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StandardHeading:
    """A heading of the list: `code` is a lower-case ASCII slug, `text` Danish and at most 70 characters."""

    code: str
    text: str
    aliases: tuple[str, ...]


class HeadingsError(ValueError):
    """A list of headings that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Headings:
    """An immutable list of headings with its version. Raises HeadingsError where two headings would take one subject."""

    headings: tuple[StandardHeading, ...]
    version: str
    _exact: Mapping[str, Heading] = field(init=False, repr=False, compare=False)
    _folded: Mapping[str, Heading] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exact: dict[str, Heading] = {}
        folded: dict[str, Heading] = {}
        for standard in self.headings:
            if standard.code != slug(standard.code) or not standard.code or not 0 < len(standard.text) <= LONGEST_TEXT:
                raise HeadingsError(f"not a heading's code and text: {standard.code!r}, {standard.text!r}")
            exact[standard.text] = Heading(standard.code, standard.text, HeadingMatch.EXACT)
            meant = Heading(standard.code, standard.text, HeadingMatch.ALIAS)
            for name in (standard.text, standard.code, *standard.aliases):
                if folded.setdefault(fold(name), meant) != meant:
                    raise HeadingsError(f"{name!r} names both {folded[fold(name)].code} and {standard.code}")
        object.__setattr__(self, "_exact", MappingProxyType(exact))
        object.__setattr__(self, "_folded", MappingProxyType(folded))

    def recognise(self, subject: str | None) -> Heading:
        """The heading that `subject` means: EXACT for its own text, ALIAS for another spelling or an alias, with or without a
        preamble such as `Vedr.`; else UNKNOWN, or MISSING for none.
        """
        if subject is None or not subject.strip():
            return _MISSING
        text = subject.strip()
        return self._exact.get(text) or self._folded.get(fold(text)) or self._folded.get(fold(_bare(text))) or _UNKNOWN


def _bare(text: str) -> str:
    while (match := _PREAMBLE.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    return text


def heading_finding(letter: Letter, heading: Heading) -> Finding | None:
    """The warning that a letter's heading calls for, or None: of a subject that has a type of message of its own, or that is no
    standard heading. Of one that is missing the rule `subject-missing` tells.
    """
    if letter.type not in _WITH_SUBJECT or heading.how is not HeadingMatch.UNKNOWN:
        return None
    subject = (letter.subject or "").strip()
    other = other_types().get(fold(subject)) or other_types().get(fold(_bare(subject)))
    return finding("heading-of-other-type", expected=other) if other else finding("heading-unknown")


def load(raw: bytes) -> Headings:
    """Reads a list: UTF-8, semicolons, header `code;text;aliases`, aliases parted by `|`, comments from `#`.

    Raises HeadingsError.
    """
    rows = _rows(raw, "code", "text", "aliases")
    headings = tuple(StandardHeading(code.strip(), name.strip(), _aliases(aliases)) for code, name, aliases in rows)
    return Headings(headings, hashlib.sha256(raw).hexdigest()[:12])


def _rows(raw: bytes, *columns: str) -> list[list[str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeadingsError("the list is not UTF-8") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(lines, delimiter=";"))
    if not rows or rows[0] != list(columns) or any(len(row) != len(columns) for row in rows):
        raise HeadingsError(f"the columns must be exactly: {'; '.join(columns)}")
    return rows[1:]


def _aliases(written: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in written.split("|") if alias.strip())


@cache
def bundled() -> Headings:
    """The list that comes with the package: a proposal of ours, not an agreed one."""
    return load(resources.files("routing").joinpath("data/headings.csv").read_bytes())


@cache
def other_types() -> Mapping[str, str]:
    """By folded subject the type of message that it has of its own, as a person reads it: `GGOP (Genoptræningsplan)`."""
    raw = resources.files("routing").joinpath("data/other_types.csv").read_bytes()
    return MappingProxyType(
        {
            fold(name): f"{code} ({text})"
            for code, text, aliases in _rows(raw, "type", "text", "aliases")
            for name in (text, *_aliases(aliases))
        }
    )
