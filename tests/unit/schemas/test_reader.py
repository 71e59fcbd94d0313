"""The reader: what it refuses, what it puts up with, and what it says of each."""

from __future__ import annotations

import pytest

from schemas.findings import Severity
from schemas.reader import MAX_DEPTH, read

_BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"", "empty", 0),
        (b" \r\n\t", "empty", 0),
        (b"UNA:+.? 'UNB+UNOC:3'", "not-xml", 1),
        (b"<a><b>\n", "truncated", 2),
        (b"<a><b>text</b", "truncated", 1),
        ("<a>\næ".encode()[:-1], "truncated", 2),
        (b"<!DOCTYPE a><a/>", "doctype-forbidden", 1),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "doctype-forbidden", 3),
        (b"\xef\xbb\xbf" + _BOMB, "doctype-forbidden", 1),
        (_BOMB.decode().encode("utf-16"), "doctype-forbidden", 1),
        (b"<a>\n&unknown;</a>", "entity-forbidden", 2),
        (b"<a/>\n<b/>", "several-roots", 2),
        (b"<a/>tail", "several-roots", 1),
        (b"<a>\x01</a>", "control-character", 1),
        (b"<a>\x00</a>", "control-character", 1),
        (b"<a>&#1;</a>", "control-character", 1),
        (b"<a>\n<b></a></b>", "not-well-formed", 2),
        (b"<p:a/>", "prefix-undeclared", 1),
        (b'<?xml version="1.0" encoding="UTF-8"?>\n<a>\xe6</a>', "encoding-wrong", 2),
        (b'<?xml version="1.0" encoding="windows-1252"?><a>\x81</a>', "encoding-wrong", 1),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "encoding-wrong", 1),
        (b'<?xml version="1.0" encoding="EBCDIC-DK"?><a/>', "encoding-unsupported", 1),
        (b'<?xml version="1.0" encoding=""?><a/>', "encoding-unsupported", 1),
    ],
)
def test_refuses_with_the_one_finding_that_says_why(raw, code, line):
    """Bytes that are no acceptable XML give no tree and exactly one error, with its own code and its line."""
    reading = read(raw)
    assert reading.root is None
    assert [(one.code, one.severity, one.line) for one in reading.findings] == [(code, Severity.ERROR, line)]


def test_refuses_what_is_over_the_limit_and_takes_what_is_at_it():
    """The limit is in bytes, and a document of exactly that size is read."""
    raw = b"<a>" + b"x" * 93 + b"</a>"
    assert read(raw, limit=100).root is not None
    assert [one.code for one in read(raw + b"\n", limit=100).findings] == ["too-large"]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 255, 300, 5000])
def test_refuses_deep_nesting(depth):
    """Nesting beyond the limit is refused, whether the parser itself minds it or not."""
    assert [one.code for one in read(b"<a>" * depth + b"</a>" * depth).findings] == ["too-deep"]


def test_takes_nesting_up_to_the_limit():
    """A document exactly as deep as allowed is read."""
    assert read(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).root is not None


@pytest.mark.parametrize(
    ("raw", "warnings"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?><a>ø€</a>'.encode(), []),
        ("<a>ø€</a>".encode(), []),
        ("\ufeff<a>ø€</a>".encode(), []),
        ("<a>ø€</a>".encode("utf-16"), []),
        ('<?xml version="1.0" encoding="windows-1252"?><a>ø€</a>'.encode("windows-1252"), []),
        ("<a>ø€</a>".encode("windows-1252"), ["encoding-undeclared"]),
        ('<?xml version="1.0"?><a>ø€</a>'.encode("windows-1252"), ["encoding-undeclared"]),
        ('\ufeff<?xml version="1.0" encoding="ISO-8859-1"?><a>ø€</a>'.encode(), ["encoding-contradicts-bom"]),
    ],
)
def test_reads_every_encoding_that_is_sent(raw, warnings):
    """Declared, marked and unnamed encodings are read to the same text, and doubtful naming is a warning."""
    reading = read(raw)
    assert reading.root is not None
    assert reading.root.text == "ø€"
    assert [one.code for one in reading.findings] == warnings


def test_undeclared_latin_1_is_read():
    """A hospital's ISO-8859-1 without a declaration is read as what it is."""
    reading = read("<a>Lægehuset</a>".encode("iso-8859-1"))
    assert reading.root.text == "Lægehuset"
    assert "iso-8859-1" in reading.findings[0].text_en


@pytest.mark.parametrize(
    ("sent_in", "code"), [("utf-8", "encoding-looks-utf-8"), ("windows-1252", "encoding-looks-windows-1252")]
)
def test_a_declaration_that_is_probably_wrong_warns(sent_in, code):
    """ISO-8859-1 can decode anything, so what looks like another encoding is a warning and not an error."""
    reading = read('<?xml version="1.0" encoding="ISO-8859-1"?><a>ø€</a>'.encode(sent_in))
    assert reading.root is not None
    assert [(one.code, one.severity) for one in reading.findings] == [(code, Severity.WARNING)]


def test_comments_and_processing_instructions_are_tolerated():
    """A comment or a processing instruction anywhere neither refuses the document nor cuts a value in two."""
    root = read(b"<?style x?><!-- <!DOCTYPE no> --><a>one<!-- two --><?three?>four</a><!-- end -->").root
    assert root.text == "onefour"
    assert len(root) == 0


def test_doctype_as_text_is_text():
    """The word inside a CDATA section is content, not a declaration."""
    assert read(b"<a><![CDATA[<!DOCTYPE html>]]></a>").root.text == "<!DOCTYPE html>"


def test_a_prolog_of_comments_costs_one_pass():
    """A prolog made to make a pattern backtrack is refused as fast as it is read."""
    raw = b"<!-- -->" * 50_000 + b"<!-"
    assert read(raw).root is None


def test_an_attachment_over_ten_megabytes_is_read():
    """A text above libxml2's usual limit is read whole while it is under ours."""
    assert len(read(b"<a>" + b"A" * 11_000_000 + b"</a>").root.text) == 11_000_000


def dense(unit: bytes, size: int, head: bytes = b"") -> bytes:
    """A document of this many bytes that is made of one unit."""
    return head + b"<a>" + unit * (size // len(unit)) + b"</a>"


DENSEST = [b"x<b/>", b"<b/>", b"<b></b>", b"<b c='' d='' e='' f=''/>", b"<b xmlns='x'/>", b"<b>1</b>\n"]


@pytest.mark.parametrize("unit", DENSEST)
def test_a_megabyte_of_tags_is_read(unit):
    """However dense, a document of a megabyte is never refused for it."""
    assert read(dense(unit, 999_000)).root is not None


@pytest.mark.parametrize("unit", DENSEST)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_large_document_of_nothing_but_tags_is_refused(unit, encoding):
    """A tree of more than six times the document is not built, whatever the encoding, and the finding says so."""
    raw = dense(unit, 13_000_000)
    raw = raw if encoding == "utf-8" else raw.decode().encode("utf-16")
    assert [one.code for one in read(raw).findings] == ["too-many-tags"]


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        (b"En linje af en epikrise, som er lang nok til at fylde papirets bredde.<Break/>", 20_000_000),
        (b"<Result><Analysis>NPU12345</Analysis><Value>12,3</Value><Unit>mmol/L</Unit></Result>\n", 2_000_000),
        (b"QUJD=" * 10, 20_000_000),
    ],
)
def test_a_large_document_such_as_people_write_is_read(unit, size):
    """Twenty megabytes of lines, two of results, denser than any message of some size seen, and any attachment are read."""
    assert read(dense(unit, size)).root is not None


@pytest.mark.parametrize("form", ["c%d=''", "xmlns:c%d='x'"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_element_of_many_attributes_is_refused(form, encoding):
    """A hundred attributes or namespaces on an element are read, and one more is not."""
    for number, codes in ((100, []), (101, ["too-many-attributes"])):
        tag = " ".join(["<b", *(form % each for each in range(number))])
        assert [one.code for one in read(f"<a>====={tag}/></a>".encode(encoding)).findings] == codes


def test_many_elements_of_some_attributes_are_read():
    """Attributes and namespaces are counted an element, not a document."""
    assert read(b"<a>" + b"<b xmlns='x' c='' d=''/>" * 1000 + b"</a>").root is not None
