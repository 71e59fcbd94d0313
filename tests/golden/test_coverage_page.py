"""The page of the coverage: its structure, that it can be read without colour and script, and that nothing on it can be code."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from lxml import html

from gateway.coverage_page import Edition, page
from sor.coverage import Cell, Coverage, Endpoint, Life, Situation, kommuner_of, matrix
from sor.name_tables import bundled as bundled_names
from sor.register import bundled as bundled_register

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
EDITION = Edition(NOW, "abc", "def", 14)
NAMES, REGISTER = bundled_names(), bundled_register()
READ = [row.gln for row in NAMES.addresses if row.name != "Arbejdsmarked"]
CASES = ("covered", "doubtful", "missing")


def cells() -> tuple[Cell, ...]:
    """Hjemmepleje is read everywhere, Arbejdsmarked nowhere, and the others are untried."""
    situation = Situation(
        register=REGISTER,
        names=NAMES,
        endpoints={gln: Endpoint("hub") for gln in READ},
        lives={row.gln: Life(NOW - timedelta(days=1)) for row in NAMES.addresses if row.name == "Hjemmepleje"},
        capabilities={},
        now=NOW,
    )
    return matrix(situation, kommuner_of())


@pytest.fixture(scope="module")
def written() -> str:
    """The page as it is written."""
    return page(cells(), EDITION)


@pytest.fixture(scope="module")
def read(written: str) -> html.HtmlElement:
    """The page as a browser has it."""
    return html.document_fromstring(written)


def test_structure(read: html.HtmlElement):
    """Danish, one h1, landmarks, and two tables with captions whose headers all have a scope."""
    assert read.get("lang") == "da"
    assert len(read.xpath("//h1")) == 1
    assert [len(read.xpath(f"//{mark}")) for mark in ("header", "main", "footer")] == [1, 1, 1]
    assert len(read.xpath("//table")) == len(read.xpath("//table/caption[normalize-space()]")) == 2
    assert not read.xpath("//th[not(@scope)]")
    ids = read.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_matrix(read: html.HtmlElement):
    """19 rows of 6 places; each says its state in words, has its sign for the eyes alone, and where it is not covered a reason."""
    rows = read.xpath("//table[@id='map']/tbody/tr")
    assert len(rows) == 19
    for row in rows:
        places = row.xpath("td[@data-status]")
        assert [place.get("data-status") for place in places] == ["covered", *["doubtful"] * 4, "missing"]
        for place, word in zip(places, ("dækket", *["usikker"] * 4, "mangler"), strict=True):
            assert word in place.text_content()
            assert place.xpath(".//*[@aria-hidden='true']")
            assert bool(place.xpath(".//a")) == (word != "dækket")
    assert [td.text_content() for td in read.xpath("//tfoot//td")] == ["19 af 19", *["0 af 19"] * 5, "95"]
    assert "19 af 114" in read.xpath("string(//p[@class='sum'])")


def test_every_reason_can_be_reached(read: html.HtmlElement):
    """Each link from the matrix leads to a row that says what is wrong, and there is a row for each place that is not covered."""
    links = [link[1:] for link in read.xpath("//table[@id='map']//a/@href")]
    assert sorted(links) == sorted(read.xpath("//table[@id='reasons']/tbody/tr/@id"))
    assert len(links) == 19 * 5
    assert "bliver afvist" in read.get_element_by_id(links[4]).text_content()


def test_one_file_that_runs_nothing_else(written: str, read: html.HtmlElement):
    """It loads nothing, has no inline handlers or styles, and its policy allows exactly its own style and script."""
    assert not read.xpath("//link | //img | //iframe | //script[@src] | //@style")
    assert not [name for element in read.iter("*") for name in element.attrib if name.startswith("on")]
    policy = read.xpath("string(//meta[@http-equiv]/@content)")
    assert "default-src 'none'" in policy
    for tag in ("style", "script"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", written, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_it_is_useful_without_its_script(read: html.HtmlElement):
    """Only what the script makes work is hidden before it has run."""
    assert [element.get("id") for element in read.xpath("//*[@hidden]")] == ["filters"]


def test_what_can_be_picked(read: html.HtmlElement):
    """Each name and each state can be picked, and every field of the form has a label."""
    (name, status) = read.xpath("//form//select")
    assert [option.text for option in name][1:] == [row.name for row in NAMES.names[:6]]
    assert [option.get("value") for option in status] == ["", "open", "missing", "doubtful", "covered"]
    assert all(field.xpath("ancestor::label") for field in read.xpath("//form//input | //form//select"))


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '" onmouseover="alert(1)', "' x='", "</style>&amp;{0}"])
def test_names_are_text(evil: str):
    """Whatever a kommune writes for a name or SOR for a unit stands on the page as it was written, and is nothing but text."""
    first, *others = cells()
    unit = replace(first.standing.unit, name=evil)
    told = replace(others[4].standing, unit=unit, endpoint=evil)
    made = html.document_fromstring(page([replace(first, name=evil), replace(others[4], name=evil, standing=told)], EDITION))
    assert evil in [th.text_content() for th in made.xpath("//table[@id='map']/thead//th")]
    assert made.xpath("//table[@id='reasons']/tbody//td")[2].text_content() == evil
    assert len(made.xpath("//script")) == len(made.xpath("//style")) == 1
    assert not [name for element in made.iter("*") for name in element.attrib if name.startswith("on") or name == "x"]


def test_no_names_at_all():
    """Without names, or with nothing to say, there is still a page."""
    assert "0 af 0" in html.document_fromstring(page([], EDITION)).text_content()
    good = [cell for cell in cells() if cell.standing.status is Coverage.COVERED]
    assert "Ingenting" in html.document_fromstring(page(good, EDITION)).text_content()


@pytest.mark.parametrize("state", CASES)
def test_contrast(state: str):
    """Text on each state's colour has at least 7 to 1 (WCAG 2.1, 1.4.6; AA asks for 4.5)."""
    style = resources.files("gateway").joinpath("pages/coverage.css").read_text("utf-8")
    back, ink = re.search(rf"^\.{state} {{ background: #(\w+); color: #(\w+); }}", style, re.MULTILINE).groups()
    light, dark = sorted((_luminance(back), _luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 7


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
