"""Spelling of names, for comparing and for keys."""

import pytest

from sor.kommuner import kommune_called, kommuner
from sor.names import fold, fold_kommune, slug, without_kommune


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Social og Psykiatri", "social-og-psykiatri"),
        ("Skole, dagtilbud og PPR", "skole-dagtilbud-og-ppr"),
        ("Træning & aktivitet", "traening-og-aktivitet"),
        ("Ærø  Århus Ø", "aeroe-aarhus-oe"),
        ("A\N{COMBINING RING ABOVE}se", "aase"),
        ("Café", "cafe"),
        ("漢字", ""),
    ],
)
def test_slug(text, expected):
    """A slug is lower-case ASCII words joined by dashes, with Danish letters in their two-letter forms."""
    assert slug(text) == expected


def test_fold():
    """Case, spaces, punctuation and the old and new spelling of å do not tell two names apart."""
    assert fold("Århus") == fold("AARHUS") == fold(" aarhus ")
    assert fold("Ikast-Brande") == fold("ikast brande") == fold("IkastBrande")


@pytest.mark.parametrize("written", ["Skive", "Skive Kommune", "SKIVE KOMMUNE", "skive  kommune"])
def test_fold_kommune(written):
    """The word Kommune after a kommune's name makes no difference."""
    assert fold_kommune(written) == "skive"


def test_kommuner():
    """The national list is whole, and Region Midtjylland has its nineteen."""
    assert len(kommuner()) == 99
    assert sum(kommune.regionskode == "1082" for kommune in kommuner().values()) == 19
    assert kommuner()["0779"].name == "Skive"
    assert len({fold_kommune(kommune.name) for kommune in kommuner().values()}) == 99


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Århus", "0751"),
        (" 0751 ", "0751"),
        ("Københavns Kommune", "0101"),
        ("Bornholms Regionskommune", "0400"),
        ("Nordfyns kommune", "0480"),
        ("RINGKOEBING SKJERN", "0760"),
        ("Ringkøbing", None),
        ("9999", None),
        ("", None),
    ],
)
def test_kommune_called(written, code):
    """A kommune is known by its code, and by its whole name in any spelling and with the endings that authorities put to it."""
    kommune = kommune_called(written)
    assert (kommune.code if kommune else None) == code


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Hjemmepleje, Skive Kommune", "hjemmepleje"),
        ("Hjemmeplejen i Skive", "hjemmeplejen"),
        ("SKIVE KOMMUNE - Hjemmepleje", "hjemmepleje"),
        ("Skive Hjemmepleje", "hjemmepleje"),
        ("Hjemmepleje Viborg", "hjemmepleje-viborg"),
        ("Skiveskole", "skiveskole"),
        ("Skive", "skive"),
    ],
)
def test_without_kommune(written, left):
    """The kommune's own name beside a unit's is left out, another's is not, and a name never becomes nothing."""
    assert without_kommune(written, "Skive") == left
