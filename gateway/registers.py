"""The register that the settings name."""

from __future__ import annotations

from gateway.settings import Settings
from sor.register import Register, bundled, load


def register_of(settings: Settings) -> Register:
    """The register file, or the synthetic register that is shipped. Raises OSError and RegisterError."""
    return load(settings.register_file.read_bytes()) if settings.register_file else bundled()
