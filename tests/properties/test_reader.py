"""The reader and the examination on anything at all: they never raise, and what they accept is accepted by both schema engines."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas.examine import examine
from schemas.messages import LetterReference, Original, Receipt, ReceiptContent, ReceiptKind, RefuseCode
from schemas.reader import read
from schemas.validator import load_schemas
from schemas.vansexamine import unwrap
from schemas.writer import write_receipt
from tests.unit.schemas.documents import CORPUS, as_2015, correspondence

SCHEMAS = load_schemas()
SECOND_OPINION = {
    namespace: xmlschema.XMLSchema10(str(files("schemas") / "xsd" / name))
    for namespace, name in SCHEMAS.catalogue.schema_files().items()
}
REAL = [path.read_bytes() for path in sorted(Path(CORPUS).glob("oioxml/*.xml"))] if CORPUS.is_dir() else []
SYNTHETIC = [
    correspondence(SCHEMAS),
    as_2015(correspondence(SCHEMAS)),
    correspondence(SCHEMAS, encoding="UTF-8", subject=None),
    write_receipt(
        Receipt(
            ReceiptContent(ReceiptKind.NEGATIVE, Original("E", "1", "2"), RefuseCode.SYNTAX, "a\nb"),
            "K",
            "B",
            "2",
            "1",
            datetime.fromisoformat("2026-11-21T12:00+01:00"),
        ),
        SCHEMAS,
    ),
]
NAMES = ["Break", "Bold", "Text01", "Identifier", "Letter", "Emessage", "Local_Elements", "x"]
TEXTS = ["", " ", "x", "0101010000", "2026-11-21", "høj_prioritet", "XDIS91", "<Bold>"]

# What a document may be filled with: elements, attributes, namespaces, depth, references, by a number each.
UNITS = [
    lambda _: "x<Break/>",
    lambda _: "<b c='' d=''/>",
    lambda number: f"<b c{number}='{number}'/>",
    lambda _: "<b xmlns='x'/>",
    lambda number: f"<b{number} xmlns:y='urn:{number}' y:c='='/>",
    lambda _: "<b>",
    lambda _: "x<!----><?p?><![CDATA[]]>",
    lambda _: "&#230;&lt;",
    lambda _: "=\n",
]

# Characters that XML has, without the newline's own kinds: what a value can hold.
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40)
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=["Cc"]), min_size=1, max_size=14)


def holds_for(raw: bytes) -> None:
    """Examining never raises, an obstacle and a finding go together, and both engines accept what is accepted."""
    found = examine(raw, SCHEMAS)
    assert found.valid == (not any(one.severity == "error" for one in found.findings))
    if found.valid:
        root = read(raw).root
        assert root is not None
        assert found.envelope is not None
        namespace = etree.QName(root).namespace or ""
        assert SCHEMAS.accepts(root, namespace)
        assert SECOND_OPINION[namespace].is_valid(root)


@given(st.binary(max_size=300))
def test_random_bytes(raw):
    """No bytes make the reader raise."""
    holds_for(raw)


@given(
    st.text(alphabet="<>/&;!?[]-=\"' \nabxmlDOCTYPEENTITY#0\u00e6\u0000", max_size=120), st.sampled_from(["utf-8", "utf-16"])
)
def test_random_markup(text, encoding):
    """No text made of XML's own characters makes the reader raise."""
    holds_for(text.encode(encoding))


@settings(max_examples=300)
@given(st.data())
def test_damaged_messages(data):
    """A message with bytes cut out, doubled or overwritten is judged and never breaks the judge."""
    raw = data.draw(st.sampled_from(SYNTHETIC + REAL))[:20_000]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 200)))
    filling = data.draw(
        st.one_of(st.binary(max_size=8), st.just(raw[start:end] * 2), st.sampled_from([b"", b"<", b"&", b"\x00"]))
    )
    holds_for(raw[:start] + filling + raw[end:])


@settings(max_examples=300)
@given(st.data())
def test_rearranged_messages(data):
    """Well-formed messages with elements moved, renamed, filled or repeated are judged alike by both engines."""
    root = etree.fromstring(data.draw(st.sampled_from(SYNTHETIC)))
    for _ in range(data.draw(st.integers(1, 3))):
        element = data.draw(st.sampled_from([node for node in root.iter() if node is not root]))
        change = data.draw(st.sampled_from(["text", "tail", "name", "double", "drop", "child", "attribute"]))
        parent = element.getparent()
        if change == "text":
            element.text = data.draw(st.sampled_from(TEXTS))
        elif change == "tail":
            element.tail = data.draw(st.sampled_from(TEXTS))
        elif change == "name":
            element.tag = f"{{{etree.QName(root).namespace}}}{data.draw(st.sampled_from(NAMES))}"
        elif change == "double":
            element.addnext(copy.deepcopy(element))
        elif change == "drop" and len(root) > 1:
            parent.remove(element)
        elif change == "child":
            etree.SubElement(element, f"{{{etree.QName(root).namespace}}}{data.draw(st.sampled_from(NAMES))}").text = "x"
        else:
            element.set(data.draw(st.sampled_from(NAMES)), "x")
        if not len(root):
            break
    raw = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    holds_for(raw)
    namespace = etree.QName(root).namespace or ""
    if SCHEMAS.knows(namespace) and (again := read(raw).root) is not None:
        assert SCHEMAS.accepts(again, namespace) == SECOND_OPINION[namespace].is_valid(again)


@settings(max_examples=60)
@given(
    raw=st.sampled_from(SYNTHETIC),
    unit=st.sampled_from(UNITS),
    size=st.integers(1_000, 300_000),
    at=st.floats(0, 1),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_grown_messages(raw, unit, size, at, encoding):
    """A message filled up with any unit at any place between its tags is judged, and never breaks the judge."""
    text = read(raw).root
    written = etree.tostring(text, encoding="unicode")
    places = [place + 1 for place, sign in enumerate(written) if sign == ">"]
    place = places[int(at * (len(places) - 1))]
    grown = written[:place] + "".join(unit(number) for number in range(size // len(unit(0)))) + written[place:]
    found = examine(grown.encode(encoding), SCHEMAS)
    assert found.valid == (not any(one.severity == "error" for one in found.findings))
    assert unwrap(grown.encode(encoding), SCHEMAS) is None


@given(
    kind=st.sampled_from(ReceiptKind),
    original=st.builds(
        Original,
        IDS,
        IDS,
        IDS,
        st.lists(st.builds(LetterReference, IDS, IDS.map(lambda text: text[:7])), max_size=4).map(tuple),
    ),
    code=st.none() | st.sampled_from(RefuseCode),
    text=st.none() | st.lists(LINES, max_size=4).map("\n".join),
    ids=st.tuples(IDS, IDS, IDS, IDS),
    minutes=st.integers(0, 60 * 24 * 365),
)
def test_a_receipt_reads_back_to_what_was_written(kind, original, code, text, ids, minutes):
    """Whatever a receipt says, reading its bytes gives the same content, parties, ids and minute."""
    said = ReceiptContent(kind, original) if kind.positive else ReceiptContent(kind, original, code, text)
    sent_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = examine(write_receipt(Receipt(said, *ids, sent_at), SCHEMAS), SCHEMAS)
    letter = found.envelope.first
    assert letter.receipt == said
    assert (found.envelope.identifier, letter.identifier, letter.sender.ean, letter.receiver.ean) == ids
    # The hour that comes twice in October has no zone in the document, and is read as the first of the two.
    assert found.envelope.sent_at in {sent_at, sent_at - timedelta(hours=1)}
