"""The canonical form of a register: what a published version is kept as."""

from __future__ import annotations

import random
import zlib
from datetime import date

import pytest

from sor.entities import Mailbox
from sor.register import Register, bundled
from sor.snapshot import SnapshotError, pack, unpack
from sor.units import Sector, Unit

UNIT = Unit("5790009911739", "", Sector.KOMMUNE, "0779", "Skive", "Testenhed æøå", "Skive Kommune", date(2020, 1, 1))
MAILBOX = Mailbox("5790009911739", system="Testsystem", valid_from=date(2020, 1, 1), message_types=("DIS91", "CTL03"))


def test_the_same_register_comes_back():
    """Units, mailboxes and every field of them come back as they were, under the version they were packed with."""
    full = Unit(
        "1",
        "2",
        Sector.HOSPITAL,
        "1082",
        "",
        "A",
        "B",
        date(1999, 12, 31),
        date(2030, 1, 1),
        "3",
        "afdeling",
        "4",
        inherited=True,
    )
    register = Register((UNIT, full), "x", (), {"5790009911739": MAILBOX})
    version, content = pack(register)
    again = unpack(version, content)
    assert set(again.units) == {UNIT, full}
    assert (again.mailboxes, again.version) == ({"5790009911739": MAILBOX}, version)
    assert pack(again) == (version, content)


def test_the_shipped_register_answers_as_before():
    """Every address of the shipped register has the same answer after it was packed and unpacked."""
    before, after = bundled(), unpack(*pack(bundled()))
    day = date(2026, 11, 22)
    assert set(after.units) == set(before.units)
    assert all(after.by_gln(unit.gln, day) == before.by_gln(unit.gln, day) for unit in before.units)


def test_order_makes_no_version_and_content_does():
    """The same units in another order are the same version; one unit more, or another name, is another."""
    units = list(bundled().units)
    random.Random(4).shuffle(units)
    version = pack(bundled())[0]
    assert pack(Register(tuple(units), "x"))[0] == version
    assert pack(Register((*units, UNIT), "x"))[0] != version
    assert pack(Register((), "x"))[0] != pack(Register((UNIT,), "x"))[0]


def test_a_default_field_leaves_no_trace():
    """Fields at their default are not written, so a field that is added later changes no version."""
    text = zlib.decompress(pack(Register((UNIT,), "x"))[1]).decode()
    assert text.splitlines() == [
        '{"form":1,"units":1,"mailboxes":0}',
        '["2020-01-01","5790009911739","","kommune","0779","Skive","Testenhed æøå","Skive Kommune"]',
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-10],
        lambda content: b"",
        lambda content: b"x" + content,
        lambda content: zlib.compress(zlib.decompress(content).replace(b"Skive Kommune", b"Skove Kommune")),
        lambda content: zlib.compress(zlib.decompress(content) + b"[]\n"),
        lambda content: zlib.compress(zlib.decompress(content).replace(b'"form":1', b'"form":2')),
        lambda content: zlib.compress(zlib.decompress(content).replace(b'"units":1', b'"units":2')),
        lambda content: zlib.compress(b"[]"),
    ],
)
def test_what_was_not_published_is_refused(spoil):
    """Content that was cut off, altered or is of a newer program is never taken for the version."""
    version, content = pack(Register((UNIT,), "x"))
    with pytest.raises(SnapshotError, match=version):
        unpack(version, spoil(content))
