"""The register and the harmonised names that the settings lead to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from gateway.registers import names_of, register_of
from gateway.settings import Settings
from sor.resolution import Resolved, resolve
from tools import make_synthetic_register


def test_names_beside_a_register_of_ones_own(tmp_path: Path):
    """With another register the synthetic addresses are left out, and the six names are found where that register has them."""
    own = tmp_path / "register.csv"
    own.write_text(make_synthetic_register.content().replace("57900099", "57900088"), "utf-8")
    settings = Settings(register_file=own)
    assert (len(names_of(Settings()).addresses), names_of(settings).addresses) == (114, ())
    found = resolve(names_of(settings), register_of(settings), "Skive", "PPR", date(2026, 6, 1))
    assert isinstance(found, Resolved)
    assert found.unit.gln.startswith("57900088")
