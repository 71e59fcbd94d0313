"""What would mend a fault: the words that a finding of the schema ends with, beside its own that say what was expected.

They say what stood there without saying it (how many characters, which kinds of them, which value of the list it is nearest), since
no value out of a document may be in a finding; and which element would make its neighbours right, found by trying it in the model.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from itertools import islice

from xmlschema.validators import ModelVisitor, XsdElement, XsdGroup

Words = tuple[str, str]
"""A sentence in Danish and in English; two empty ones where there is nothing to say."""

NOTHING: Words = ("", "")
_RUNS = re.compile(r"(?P<digit>[0-9]+)|(?P<letter>[^\W\d_]+)|(?P<space>\s+)|(?P<sign>[-./:,+_()])|(?P<other>.)", re.DOTALL)
_MOST_RUNS = 7
_MOST_CHILDREN = 200
_CUT = 1 << 16  # of a longer text only so much is looked at (`validator`)
_LONGEST = 200  # characters of a value that is compared with a list: no value of a list comes near, and comparing takes time
_NAMES = {  # one, several
    "digit": (("ciffer", "cifre"), ("digit", "digits")),
    "letter": (("bogstav", "bogstaver"), ("letter", "letters")),
    "space": (("blanktegn", "blanktegn"), ("white space", "white spaces")),
    "other": (("andet tegn", "andre tegn"), ("other character", "other characters")),
}
_UUID = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_FORMS: dict[str, Words] = {
    "[0-9]{10}": ("Det er 10 cifre uden bindestreg.", "That is 10 digits without a hyphen."),
    "[0-9]{1,15}": ("Det er 1 til 15 cifre.", "That is 1 to 15 digits."),
    "([01][0-9]|2[0-3]):[0-5][0-9]": ("Det er et klokkeslæt som 08:05.", "That is a time of day such as 08:05."),
    "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]": (
        "Det er et klokkeslæt med sekunder som 08:05:00.",
        "That is a time of day with seconds such as 08:05:00.",
    ),
    _UUID: (
        "Det er en UUID med bindestreger: 8-4-4-4-12 hexadecimale cifre.",
        "That is a UUID with hyphens: 8-4-4-4-12 hexadecimal digits.",
    ),
    f"{_UUID}|[0-9A-Fa-f]{{32}}": (
        "Det er en UUID: 32 hexadecimale cifre, uden bindestreger eller delt 8-4-4-4-12.",
        "That is a UUID: 32 hexadecimal digits, without hyphens or divided 8-4-4-4-12.",
    ),
}


def of_value(code: str, text: str, allowed: Sequence[str] = (), form: str = "") -> Words:
    """What to say of a value with the fault `code`; `allowed` is its value list and `form` its pattern, where it has one."""
    if code in {"value-too-long", "value-too-short", "value-length"}:
        if len(text) >= _CUT:
            return f"Her står mindst {_CUT}.", f"Here are at least {_CUT}."
        return f"Her står {len(text)}.", f"Here are {len(text)}."
    if code == "value-not-in-list" and len(text) <= _LONGEST and (near := _nearest(text, allowed)) != NOTHING:
        return near
    if code in {"value-not-in-list", "value-pattern", "value-date", "value-moment", "value-number", "value-decimal"}:
        return _joined(_FORMS.get(form, NOTHING), _shape(text))
    return NOTHING


def of_name(name: str, allowed: Iterable[str]) -> Words:
    """The allowed element whose name is most like this one."""
    names = list(allowed)
    near = difflib.get_close_matches(name, names, 1, 0.75) or [each for each in names if each.startswith(name)]
    return (f"Nærmest er {near[0]}.", f"The nearest is {near[0]}.") if near else NOTHING


def missing(group: XsdGroup, tags: Sequence[str], index: int) -> list[str]:
    """The elements any one of which, put in before the child at `index` (or last), makes the children right up to and with that one.
    Empty among very many children, where each try would take long.
    """
    if index > _MOST_CHILDREN:
        return []
    rest = list(tags[index : index + 1])
    declared = {item.name: item.local_name for item in group.iter_elements() if isinstance(item, XsdElement)}
    return [local for tag, local in declared.items() if tag and _fits(group, [*tags[:index], tag, *rest], whole=not rest)]


def where(before: str | None, after: str | None) -> Words:
    """Where a missing element belongs, by the names of its neighbours to be."""
    if before is not None:
        return f"Det hører til lige før {before}.", f"It belongs just before {before}."
    return (f"Det hører til efter {after}.", f"It belongs after {after}.") if after is not None else NOTHING


def _joined(first: Words, second: Words) -> Words:
    return f"{first[0]} {second[0]}".strip(), f"{first[1]} {second[1]}".strip()


def _fits(group: XsdGroup, tags: Sequence[str], *, whole: bool) -> bool:
    model = ModelVisitor(group)
    for tag in tags:
        while model.element is not None and model.match_element(tag) is None:
            if list(model.advance(False)):
                return False
        if model.element is None or list(model.advance(True)):
            return False
    return not whole or not list(model.stop())


def _nearest(text: str, allowed: Sequence[str]) -> Words:
    same = next((value for value in allowed if _plain(value) == _plain(text)), None)
    if same is not None:
        return f"Skriv præcis {same}.", f"Write exactly {same}."
    plain = {_plain(value): value for value in allowed}
    near = difflib.get_close_matches(_plain(text), list(plain), 1, 0.75)
    return (f"Nærmest er {plain[near[0]]}.", f"The nearest is {plain[near[0]]}.") if near else NOTHING


def _plain(value: str) -> str:
    """The value with all that people get wrong in a code taken away: case, spaces and signs, and how æ, ø and å are written."""
    folded = value.casefold().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return re.sub(r"[\W_]", "", folded)


def _shape(text: str) -> Words:
    """Which kinds of characters stand there, in their order; of a long mixture only how many."""
    if not text.strip():
        return "Her står ingenting.", "Nothing stands here."
    runs = [(match.lastgroup or "other", match[0]) for match in islice(_RUNS.finditer(text), _MOST_RUNS + 1)]
    if len(runs) > _MOST_RUNS:
        return f"Her står {len(text)} tegn.", f"Here are {len(text)} characters."
    danish, english = (", ".join(_run(kind, run, language) for kind, run in runs) for language in (0, 1))
    return f"Her står {danish}.", f"Here stand {english}."


def _run(kind: str, run: str, language: int) -> str:
    if kind == "sign":
        return f"»{run}«" if language == 0 else f'"{run}"'
    one, several = _NAMES[kind][language]
    return f"{len(run)} {one if len(run) == 1 else several}"
