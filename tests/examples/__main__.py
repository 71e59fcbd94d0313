"""Writes every family's example files: `python -m tests.examples`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import tests.examples as package
from tests.examples.building import write

for module in iter_modules(package.__path__):
    family = import_module(f"tests.examples.{module.name}") if module.name not in {"building", "__main__"} else None
    if family is not None:
        write(family.VALID, family.FAULTY)
