"""The example messages of XREF01, XREF15, XREF22, XDIS01, XDIS15 and XDIS22: what they are held to."""

from __future__ import annotations

import pytest

from schemas.examine import examine
from schemas.findings import Severity
from tests.examples.building import FOLDER
from tests.examples.referrals_and_letters import FAULTY, VALID

CODES = {"XREF01", "XREF15", "XREF22", "XDIS01", "XDIS15", "XDIS22"}


def errors(raw, schemas):
    """The verdict on a document, and its findings of error."""
    found = examine(raw, schemas)
    return found, [one for one in found.findings if one.severity is Severity.ERROR]


def test_every_version_in_the_catalogue_has_an_example_and_a_fault(schemas):
    """A version that is added to the catalogue must be shown, right and wrong."""
    rows = {f"{row.code}-{row.version}" for row in schemas.catalogue.rows if row.code in CODES}
    assert rows == set(VALID)
    assert {f"{name}-fault" for name in rows} == set(FAULTY)


@pytest.mark.parametrize("name", [*VALID, *FAULTY])
def test_the_file_is_what_the_builder_writes(name):
    """The files of the package are never edited by hand: `python -m tests.examples` writes them."""
    built = VALID[name] if name in VALID else FAULTY[name].document
    assert (FOLDER / f"{name}.xml").read_bytes() == built


@pytest.mark.parametrize("name", VALID)
def test_a_valid_example_is_taken_without_a_finding(schemas, name):
    """A valid example is of the type and version that its name says, and nothing is found in it but that its version may be old."""
    found, _ = errors(VALID[name], schemas)
    assert (found.valid, found.schema_valid) == (True, True)
    assert [one.code for one in found.findings if one.code != "version-old"] == []
    assert f"{found.type}-{found.version}" == name


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_refused_with_the_finding_that_says_so(schemas, name):
    """A faulty example is refused by the schema with one error, of the code and at the place that its builder names."""
    fault = FAULTY[name]
    found, wrong = errors(fault.document, schemas)
    assert not found.schema_valid
    assert [one.code for one in wrong] == [fault.code]
    assert wrong[0].path.endswith(f"/{fault.path}")
