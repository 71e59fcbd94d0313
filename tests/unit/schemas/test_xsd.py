"""The schemas' verdicts on the points where MedCom's standard is easily got wrong."""

from __future__ import annotations

import pytest

from schemas.examine import examine
from tests.unit.schemas.documents import as_2015

TEXT = b"<Text01>"
REFERENCE = b"<Reference><RefDescription>x</RefDescription>%s</Reference></ClinicalEmail>"
ATTACHED = (
    b"<BIN><ObjectIdentifier>1</ObjectIdentifier><ObjectCode>billede</ObjectCode>"
    b"<ObjectExtensionCode>%s</ObjectExtensionCode><OriginalObjectSize>%s</OriginalObjectSize></BIN>"
)


def block(count: int) -> bytes:
    """So many more blocks of text."""
    return b"<ClinicalInformation><Text01/></ClinicalInformation>" * count + b"</ClinicalEmail>"


@pytest.mark.parametrize(
    ("old", "new", "in_2006", "in_2015"),
    [
        (TEXT, TEXT + b"<Bold><Italic>x</Italic></Bold>", False, False),
        (TEXT, TEXT + b"<Center><Bold>x</Bold></Center>", False, False),
        (TEXT, TEXT + b"<Bold><FixedFont>x</FixedFont></Bold>", False, False),
        (TEXT, TEXT + b"<FixedFont><FixedFont>x</FixedFont></FixedFont>", False, False),
        (TEXT, TEXT + b"<FixedFont>a<Bold>x<Break/></Bold>b</FixedFont>", True, True),
        (TEXT, TEXT + b"<Break>x</Break>", False, False),
        (TEXT, TEXT + b"<Break> </Break>", False, False),
        (TEXT, TEXT + b"x" * 20_000, True, True),
        (b"</ClinicalEmail>", block(9), True, True),
        (b"</ClinicalEmail>", block(10), False, True),
        (b"<Subject>Indl\xe6ggelse</Subject>", b"", True, True),
        (b"<Subject>", b"<Priority>h\xf8j_prioritet</Priority><Subject>", True, True),
        (b"<Subject>", b"<Priority>hoej_prioritet</Priority><Subject>", False, False),
        (b"<StatisticalCode>XDIS91", b"<StatisticalCode>GGOP2", True, True),
        (b"<Date>2026-11-21", b"<Date>2026-11-21Z", False, False),
        (b"0123456789ABCDEF0123456789ABCDEF", b"x" * 36, False, False),
        (b"kommunenummer", b"amt", True, True),
        (b"nytbrev", b"annulleretbrev", False, False),
        (b"</Sender>", b"<MedicalSpecialityCode>palliativ</MedicalSpecialityCode></Sender>", True, True),
        (b"</Sender>", b"<MedicalSpecialityCode>tolk</MedicalSpecialityCode></Sender>", False, False),
        (b"</Sender>", b"<Contact><Identifier>1</Identifier></Contact></Sender>", False, False),
        (b"</Receiver>", b"<PostCodeIdentifier></PostCodeIdentifier></Receiver>", False, True),
        (b"</Receiver>", b"<PostCodeIdentifier>1234567890</PostCodeIdentifier></Receiver>", False, False),
        (b"</ClinicalEmail>", REFERENCE % b"<SUP>true</SUP>", True, True),
        (b"</ClinicalEmail>", REFERENCE % b"<SUP>1</SUP>", False, False),
        (b"</ClinicalEmail>", REFERENCE % b"<URL>x</URL>", True, True),
        (b"</ClinicalEmail>", REFERENCE % b"<URL>x</URL><SUP>true</SUP>", False, False),
        (b"</ClinicalEmail>", REFERENCE % (ATTACHED % (b"exe", b"1")), True, True),
        (b"</ClinicalEmail>", REFERENCE % (ATTACHED % (b"plo", b"1")), False, True),
        (b"</ClinicalEmail>", REFERENCE % (ATTACHED % (b"fnx", b"1")), False, False),
        (b"</ClinicalEmail>", REFERENCE % (ATTACHED % (b"pdf", b"0")), False, False),
        (b"</Emessage>", b'<Local_Elements><x xmlns="urn:lokalt" a="1"/></Local_Elements></Emessage>', True, True),
        (b"</Emessage>", b"<Local_Elements/><Local_Elements/></Emessage>", False, False),
    ],
)
def test_verdict(schemas, valid, old, new, in_2006, in_2015):
    """The verdict is MedCom's, in either version of XDIS91."""
    raw = valid.replace(old, new, 1)
    assert raw != valid
    assert examine(raw, schemas).schema_valid is in_2006
    assert examine(as_2015(raw), schemas).schema_valid is in_2015


def test_a_version_is_valid_in_its_own_namespace_alone(schemas, valid):
    """XD9135L in the namespace of XD9134L is refused, and the other way round."""
    assert not examine(valid.replace(b"XD9134L", b"XD9135L"), schemas).schema_valid
    assert not examine(as_2015(valid).replace(b"XD9135L", b"XD9134L"), schemas).schema_valid
