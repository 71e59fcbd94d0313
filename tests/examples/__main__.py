"""Writes every family's example files: `python -m tests.examples`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import tests.examples as package
from tests.examples.building import write

for module in iter_modules(package.__path__):
    family = None if module.name == "__main__" else import_module(f"tests.examples.{module.name}")
    if hasattr(family, "VALID"):
        write(family.VALID, family.FAULTY)
