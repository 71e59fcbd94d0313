"""Spelling: when two names are the same to a person, and what a name is called in a key.

`fold` is for comparing (`Århus Kommune` and `aarhus kommune`), `slug` for routing keys and codes. Danish letters go to their
two-letter forms in both, because that is how people and older systems write them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "&": " og "})
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """`text` in lower-case ASCII letters and digits, words joined by single dashes: `Skole, dagtilbud og PPR` gives
    `skole-dagtilbud-og-ppr`. Empty where nothing of it can be written so.
    """
    lower = unicodedata.normalize("NFC", text).casefold().translate(_DANISH)
    plain = unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode("ascii")
    return _NOT_A_LETTER.sub("-", plain.casefold()).strip("-")


def fold(text: str) -> str:
    """The form in which names are compared: without case, accents, spaces and punctuation, å as aa, æ as ae, ø as oe."""
    return slug(text).replace("-", "")


def fold_kommune(text: str) -> str:
    """As `fold`, without the word Kommune at the end: `Skive`, `Skive Kommune` and `SKIVE KOMMUNE` are one."""
    return fold(slug(text).removesuffix("-kommune").removesuffix("-regionskommune"))


def without_kommune(text: str, kommune: str) -> str:
    """The slug of `text` without the kommune's name before or behind it: `Hjemmepleje, Skive Kommune` in Skive is `hjemmepleje`."""
    written, place = slug(text), slug(kommune)
    for behind in (f"-i-{place}-kommune", f"-i-{place}", f"-{place}-kommune", f"-{place}"):
        written = written.removesuffix(behind)
    for before in (f"{place}-kommune-", f"{place}-"):
        written = written.removeprefix(before)
    return written
