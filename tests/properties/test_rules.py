"""The rules beyond the schema on anything at all: they never raise, never repeat the document, and refuse only by their errors."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from schemas.examine import Obstacle, examine
from schemas.findings import Severity
from schemas.rules.table import RULE
from schemas.validator import load_schemas
from tests.examples.building import FOLDER

SCHEMAS = load_schemas()
EXAMPLES = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.xml"))}
LOOKED_AT = [
    "StatisticalCode",
    "Authorisation",
    "Date",
    "CivilRegistrationNumber",
    "AlternativeIdentifier",
    "Text01",
    "BIN",
    "ObjectIdentifier",
    "ObjectCode",
    "ObjectExtensionCode",
    "OriginalObjectSize",
    "Object_Base64Encoded",
    "VersionCode",
    "AcknowledgementCode",
]
SECRET = "hemmelig\u2013"
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20),
    st.sampled_from(
        ["2026-02-30", "9999-12-31", "0001-01-01", "2902010000", "6199990000", "0000000000", "Zg==", "=", "9" * 5000, "²"]
    ),
    st.dates().map(str),
    st.from_regex(r"[0-9]{10}|[0-9]{6}[0-9][A-Z]{2}[0-9]", fullmatch=True),
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["text", "tail", "drop", "double", "empty", "comment"]), st.integers(0, 400), VALUES), max_size=6
)
DAYS = st.none() | st.dates()


def changed(raw: bytes, changes: list[tuple[str, int, str]], names: list[str] | None) -> bytes:
    """The document with these changes, each to an element with one of the names, or to any."""
    root = etree.fromstring(raw)
    for how, which, value in changes:
        nodes = list(root.iter(*(f"{{*}}{name}" for name in names))) if names else list(root.iter("*"))
        node = nodes[which % len(nodes)] if nodes else root
        parent = node.getparent()
        if how == "text":
            node.text = value
        elif how == "empty":
            node.clear()
        elif how == "comment":
            node.insert(0, etree.Comment("x"))
        elif parent is not None and how == "tail":
            node.tail = value
        elif parent is not None and how == "drop":
            parent.remove(node)
        elif parent is not None:
            parent.insert(parent.index(node), etree.fromstring(etree.tostring(node, with_tail=False)))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def holds(raw: bytes, on: date | None, *, enveloped: bool) -> None:
    """Examining does not raise, and an error and an obstacle go together."""
    found = examine(raw, SCHEMAS, on=on, enveloped=enveloped)
    errors = [one for one in found.findings if one.severity is Severity.ERROR]
    assert found.valid == (not errors)
    if found.obstacle is Obstacle.RULE:
        assert found.schema_valid
        assert {one.code for one in errors} <= RULE.keys()


@given(st.sampled_from(sorted(EXAMPLES)), CHANGES, DAYS, st.booleans())
def test_any_value_where_the_rules_look(
    name: str, changes: list[tuple[str, int, str]], on: date | None, enveloped: bool
) -> None:
    """Any text, and none, may stand in the elements that the rules look at."""
    holds(changed(EXAMPLES[name], changes, LOOKED_AT), on, enveloped=enveloped)


@given(st.sampled_from(sorted(EXAMPLES)), CHANGES, DAYS, st.booleans())
def test_any_tree(name: str, changes: list[tuple[str, int, str]], on: date | None, enveloped: bool) -> None:
    """Elements may be missing, doubled or full of anything."""
    holds(changed(EXAMPLES[name], changes, None), on, enveloped=enveloped)


@given(st.sampled_from(sorted(EXAMPLES)), st.integers(0, 400))
def test_nothing_of_the_document_is_told(name: str, which: int) -> None:
    """A finding of a rule has nothing from the document in it."""
    raw = changed(EXAMPLES[name], [("text", which, SECRET)], LOOKED_AT)
    found = examine(raw, SCHEMAS, on=date(2026, 11, 21))
    for one in found.findings:
        assert "hemmelig" not in one.path + one.text_da + one.text_en
