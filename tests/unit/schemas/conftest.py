"""The compiled schemas and one valid document, once for all tests of `schemas`."""

from __future__ import annotations

import pytest

from schemas.validator import Schemas, load_schemas
from tests.unit.schemas.documents import correspondence


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    """Every schema shipped with the package."""
    return load_schemas()


@pytest.fixture(scope="session")
def valid(schemas: Schemas) -> bytes:
    """A valid XDIS91 in XD9134L."""
    return correspondence(schemas)
