"""The letter's digest: equal for equal letters, and for no others."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest
from lxml import etree

from schemas.digest import _plain, canonical, letter_digest
from schemas.letters import letter_elements
from schemas.reader import read
from tests.unit.schemas.documents import CORPUS, XDIS91, correspondence


def digest(raw: bytes) -> str:
    """The digest of the first letter."""
    return letter_digest(read(raw).root[1])


def prefixed(raw: bytes, prefix: str) -> bytes:
    """The same document with `prefix` on every element."""
    root = etree.fromstring(raw)
    copy = etree.Element(root.tag, nsmap={prefix: XDIS91})
    copy.extend(list(root))
    etree.cleanup_namespaces(copy, top_nsmap={prefix: XDIS91})
    return etree.tostring(copy)


def test_prefix_encoding_and_envelope_do_not_count(schemas, valid):
    """The same letter under another prefix, encoding or envelope, or with a comment in it, has the same digest."""
    assert b"<xdis:ClinicalEmail" in prefixed(valid, "xdis")
    same = [
        prefixed(valid, "xdis"),
        correspondence(schemas, encoding="UTF-8"),
        correspondence(schemas, encoding="windows-1252", envelope_id="ANDEN"),
        correspondence(schemas, wants_receipt=False),
        valid.replace(b"<Text01>", b"<!-- x --><Text01>"),
        valid.replace(b"<Break/>", b"<Break></Break>"),
        valid.replace(b"</ClinicalEmail>", b"</ClinicalEmail>\n\n"),
        valid.replace(b"<Patient>", f'<q:Patient xmlns:q="{XDIS91}">'.encode()).replace(b"</Patient>", b"</q:Patient>"),
    ]
    assert {digest(raw) for raw in same} == {digest(valid)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"BREV1", b"BREV2"),
        (b"<Break/>", b"<Break/><Break/>"),
        (b"<Break/>", b"<Break/> "),
        (b"<Break/>", b"<Space/>"),
        (b"<Break/>", b"&lt;Break/&gt;"),
        (b"<Letter>", b'<Letter id="1">'),
        (b"<Patient>", b'<Patient xmlns="urn:anden">'),
        (b"<Text01>", b'<Text01 xmlns="">'),
        (b"<Text01>", b'<Text01 xml:lang="da">'),
    ],
)
def test_content_counts(valid, old, new):
    """Any other content, white space and name included, has another digest."""
    assert digest(valid.replace(old, new)) != digest(valid)


def test_an_element_without_namespace_is_not_taken_for_one_with(valid):
    """Taking prefixes off never makes an element of no namespace equal to one of MedCom's."""
    with_prefix = prefixed(valid, "p")
    assert digest(with_prefix.replace(b"<p:Text01>", b"<Text01>").replace(b"</p:Text01>", b"</Text01>")) != digest(valid)


def test_the_prefix_of_an_attribute_does_not_count(valid):
    """An attribute in MedCom's namespace counts, and its prefix does not."""
    marked = [
        prefixed(valid, name).replace(f"<{name}:Letter>".encode(), f'<{name}:Letter {name}:id="1">'.encode()) for name in "pq"
    ]
    assert digest(marked[0]) == digest(marked[1]) != digest(valid)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real messages is not here")
def test_both_ways_of_writing_agree_on_real_letters():
    """libxml2's form without its prefix is the form that is written here, on every real letter."""
    seen = 0
    for path in CORPUS.glob("oioxml/*.xml"):
        root = read(path.read_bytes()).root
        for letter in [] if root is None else list(root):
            assert hashlib.sha256(canonical(letter)).hexdigest() == letter_digest(letter), path.name
            seen += 1
    assert seen > 50


def test_a_namespace_that_c14n_refuses(valid):
    """A namespace whose URI is relative, which C14N will not write, counts like any other, in a large letter too."""
    odd = valid.replace(b"<Patient>", b'<Patient><x xmlns="y"/>')
    letter = read(odd).root[1]
    assert digest(odd) == letter_digest(letter, large=True)
    assert digest(odd) != digest(odd.replace(b'"y"', b'"z"'))


@pytest.mark.parametrize("name", ["GGOP-GGOP100", "XDIS18-XD1834C", "XDIS21-XD2134C"])
def test_a_letter_in_several_namespaces_is_written_the_same_way_from_its_tags(name):
    """The quick way of writing a letter that mixes namespaces gives the form that is written here, and leaves what it cannot tell."""
    raw = files("schemas").joinpath("examples", f"{name}.xml").read_bytes()
    (letter,) = letter_elements(read(raw).root)
    assert _plain(letter) == canonical(letter)
    home = etree.QName(letter).namespace
    odd = {
        "an attribute": '<x a="1"/>',
        "another meaning of no prefix": '<x xmlns="urn:x"/>',
        "another meaning of a prefix": '<m:x xmlns:m="urn:x"/>',
        "a namespace to escape": '<n:x xmlns:n="urn:&amp;"/>',
    }
    for what, child in odd.items():
        (letter,) = letter_elements(read(raw).root)
        letter.append(etree.fromstring(f'<b xmlns="{home}">{child}</b>'))
        assert _plain(letter) is None, what
    (letter,) = letter_elements(read(raw).root)
    letter[0].text = f'<m:x xmlns:m="urn:x"> xmlns="" & {letter[0].text}'
    assert _plain(letter) == canonical(letter)
