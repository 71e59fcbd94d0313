"""The register that the settings name, and the harmonised names that go with it."""

from __future__ import annotations

from gateway.settings import Settings
from sor.harmonised import HarmonisedNames
from sor.name_tables import bundled as bundled_names
from sor.register import Register, bundled, load


def register_of(settings: Settings) -> Register:
    """The register file, or the synthetic register that is shipped. Raises OSError and RegisterError."""
    return load(settings.register_file.read_bytes()) if settings.register_file else bundled()


def names_for(register: Register) -> HarmonisedNames:
    """The harmonised names that are shipped, for the register in force. Their addresses are synthetic, so those that the register has
    never heard of are left out: there a name is found where the register itself has it.
    """
    names = bundled_names()
    known = tuple(row for row in names.addresses if register.by_gln(row.gln, row.valid_from) is not None)
    return HarmonisedNames(names.names, known, names.aliases)
