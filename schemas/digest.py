"""One letter's digest: equal for equal letters, whatever prefix, envelope or encoding they come in.

The form that is hashed is exclusive C14N (W3C, 2002) with one change: elements carry no prefix, and a namespace is written as
the default one where it differs from the parent's. A letter all in one namespace has that form but for the prefix, so libxml2
writes it. The municipality family mixes namespaces, without attributes: there the tags that libxml2 wrote are written over. Anything
else is written here, in the same form. docs/adr/0002 says why not C14N 2.0.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from lxml import etree

_PIECE = 1 << 20
_XML = "{http://www.w3.org/XML/1998/namespace}"
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"})

_DECLARATION = re.compile(rb'xmlns:?([^\s="]*)="([^"&\t\n\r]*)"')
_DECLARATIONS = re.compile(rb"%b(?: %b)*" % (_DECLARATION.pattern, _DECLARATION.pattern))


def letter_digest(letter: etree._Element, *, large: bool = False) -> str:
    """SHA-256 (hex) over the letter element without its tail. White space inside counts as content.

    `large` says that the letter is not to be written out in one piece: slower, and nothing but its longest text is held once more.
    """
    if large:
        digest = hashlib.sha256()
        for piece in _pieces(letter):
            digest.update(piece.encode())
        return digest.hexdigest()
    return hashlib.sha256(_plain(letter) or canonical(letter)).hexdigest()


def _plain(letter: etree._Element) -> bytes | None:
    """libxml2's C14N with the prefix taken off, or None where the letter is not all in one namespace.

    In C14N every `<` is markup, so what follows one is a name; one declaration in all means one namespace in all, once it is
    seen that every tag carries its prefix.
    """
    try:
        written = etree.tostring(letter, method="c14n", exclusive=True, with_comments=False, with_tail=False)
    except etree.C14NError:  # a namespace that is a relative URI, which C14N refuses to write
        return None
    if written.count(b"xmlns") != 1:
        return _mixed(letter, written)
    if not letter.prefix:
        return written
    prefix = letter.prefix.encode()
    opening, closing = b"<" + prefix + b":", b"</" + prefix + b":"
    if written.count(b"<") != written.count(opening) + written.count(closing) or b" " + prefix + b":" in written:
        return None
    bare = written.replace(b" xmlns:" + prefix + b'="', b' xmlns="', 1)
    return bare.replace(opening, b"<").replace(closing, b"</")


def _mixed(letter: etree._Element, written: bytes) -> bytes | None:
    """The form of a letter in several namespaces, from libxml2's C14N of it; None where that takes more than looking at the tags.

    A prefix must mean one namespace throughout. So must no prefix: the letter itself has none and is in a namespace, so that an
    element in no namespace declares that.
    """
    if letter.prefix or not str(letter.tag).startswith("{"):
        return None
    bound: dict[bytes, bytes] = {}
    above, bare = [b""], []
    for piece in written.split(b"<")[1:]:
        tag, _, text = piece.partition(b">")
        name, _, declared = tag.partition(b" ")
        prefix, _, local = name.rpartition(b":")
        if name.startswith(b"/"):
            above.pop()
            bare.append(b"</%b>%b" % (local.removeprefix(b"/"), text))
            continue
        if declared and not _bind(declared, bound):
            return None
        namespace = bound.get(prefix)
        if namespace is None:
            return None
        bare.append(b"<%b>%b" % (local, text) if namespace == above[-1] else b'<%b xmlns="%b">%b' % (local, namespace, text))
        above.append(namespace)
    return b"".join(bare) if len(above) == 1 else None


def _bind(declared: bytes, bound: dict[bytes, bytes]) -> bool:
    """Adds what a tag declares; false where it has attributes too, or a prefix gets a second meaning."""
    if not _DECLARATIONS.fullmatch(declared):
        return False
    return all(bound.setdefault(prefix, namespace) == namespace for prefix, namespace in _DECLARATION.findall(declared))


def canonical(element: etree._Element) -> bytes:
    """The form that is hashed, for any element."""
    return "".join(_pieces(element)).encode()


def _pieces(element: etree._Element) -> Iterator[str]:
    """The form bit by bit. A stack and not recursion: depth is the document's to choose."""
    above = [""]
    for event, node in etree.iterwalk(element, events=("start", "end")):
        namespace, _, name = str(node.tag).rpartition("}")
        if event == "start":
            declared = "" if namespace == above[-1] else f' xmlns="{namespace[1:].translate(_ATTRIBUTE)}"'
            above.append(namespace)
            attributes = node.items()
            yield f"<{name}{declared}{_attributes(attributes) if attributes else ''}>"
            if node.text:
                yield from _escaped(node.text)
        else:
            above.pop()
            yield f"</{name}>"
            if node.tail and node is not element:
                yield from _escaped(node.tail)


def _escaped(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE].translate(_TEXT)


def _attributes(attributes: Iterable[tuple[object, object]]) -> str:
    written = sorted((*_split(str(name)), str(name), str(value)) for name, value in attributes)
    return "".join(f' {name.replace(_XML, "xml:", 1)}="{value.translate(_ATTRIBUTE)}"' for _, _, name, value in written)


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition("}")
    return namespace[1:], local
