"""The register that the settings lead to, and the harmonised names that go with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from gateway.registers import names_for, register_of
from gateway.settings import Settings
from sor.register import bundled
from sor.resolution import Resolved, resolve
from tools import make_synthetic_register


def test_names_beside_a_register_of_ones_own(tmp_path: Path):
    """With another register the synthetic addresses are left out, and the six names are found where that register has them."""
    own = tmp_path / "register.csv"
    own.write_text(make_synthetic_register.content().replace("57900099", "57900088"), "utf-8")
    register = register_of(Settings(register_file=own))
    assert (len(names_for(bundled()).addresses), names_for(register).addresses) == (114, ())
    found = resolve(names_for(register), register, "Skive", "PPR", date(2026, 6, 1))
    assert isinstance(found, Resolved)
    assert found.unit.gln.startswith("57900088")
