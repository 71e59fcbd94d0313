"""Resolution is total, and what is only like a name is never taken for it."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sor.kommuner import Kommune
from sor.lookup import Lookup
from sor.name_tables import bundled as bundled_names
from sor.names import fold, without_kommune
from sor.register import bundled as bundled_register
from sor.resolution import Reason, Resolved, Unresolved, resolve

NAMES, REGISTER = bundled_names(), bundled_register()
LOOKUP = Lookup(REGISTER)
TERMS = sorted({*(row.name for row in NAMES.names), *(row.alias for row in NAMES.aliases)})
KOMMUNER = sorted({*REGISTER.kommuner, "København", "0779", "Århus"})
ANY_TEXT = st.text(st.characters(), max_size=250)
DAYS = st.dates(date(2015, 1, 1), date(2045, 1, 1))


@st.composite
def almost(draw) -> str:
    """A term with some letters changed, left out or put in."""
    written = draw(st.sampled_from(TERMS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(written)))
        written = written[:at] + draw(st.text("abeglnprstæøå ,-", max_size=2)) + written[at + draw(st.integers(0, 1)) :]
    return written


def may_be_taken(kommune: Kommune, written: str) -> bool:
    """Whether what was written is a name or an alias in the kommune, by spelling alone."""
    aliases = {fold(row.alias) for row in NAMES.aliases if row.kommune in {"", kommune.code}}
    terms = aliases | {fold(row.name) for row in NAMES.names}
    return fold(written) in terms or fold(without_kommune(written, kommune.name)) in terms


@given(st.sampled_from(KOMMUNER) | ANY_TEXT, almost() | ANY_TEXT, DAYS)
def test_an_address_or_a_reason_for_any_text(kommune, written, on):
    """Whatever is asked, there is one open unit or a reason with text in both languages; and never an exception."""
    answer = resolve(NAMES, REGISTER, kommune, written, on)
    if isinstance(answer, Resolved):
        assert answer.unit.open_on(on)
        assert REGISTER.by_gln(answer.unit.gln, on).unit == answer.unit
    else:
        assert answer.reason.text_da
        assert answer.reason.text_en
        assert (answer.kommune is None) is (answer.reason is Reason.NO_SUCH_KOMMUNE)


@given(st.sampled_from(KOMMUNER), almost(), DAYS)
def test_a_suggestion_is_never_taken(kommune, written, on):
    """Only a name or an alias, by spelling, has an address; what has suggestions has none, and they change no answer."""
    answer = resolve(NAMES, REGISTER, kommune, written, on)
    plain = resolve(NAMES, REGISTER, kommune, written, on, suggest=False)
    if isinstance(answer, Resolved):
        assert may_be_taken(answer.kommune, written)
        assert plain == answer
    else:
        assert isinstance(plain, Unresolved)
        assert (plain.reason, plain.names, plain.gln) == (answer.reason, answer.names, answer.gln)
        assert not (answer.suggestions and may_be_taken(answer.kommune, written))


@given(ANY_TEXT, st.none() | st.sampled_from(KOMMUNER) | ANY_TEXT, st.integers(1, 30), DAYS)
def test_search_is_total(query, kommune, limit, on):
    """Whatever is looked for, only open units are found, each once, and no more than were asked for."""
    hits = LOOKUP.search(query, on, kommune=kommune, limit=limit)
    assert len(set(hits.units)) == len(hits.units) <= limit
    assert all(unit.open_on(on) for unit in hits.units)


@given(st.data())
def test_any_part_of_a_name_finds_it(data):
    """Every part of a unit's name, of two letters or more, finds that unit."""
    unit = data.draw(st.sampled_from(REGISTER.units))
    words = [word for word in unit.name.split() if len(fold(word)) > 1]
    word = data.draw(st.sampled_from(words))
    start = data.draw(st.integers(0, len(word) - 2))
    part = word[start : start + data.draw(st.integers(2, len(word)))]
    if len(fold(part)) > 1:
        assert unit in LOOKUP.search(part, unit.valid_from, kommune=unit.kommune, limit=100).units
