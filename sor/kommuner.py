"""The kommuner of Denmark: code, name and region, as data in the package.

SOR and CPR name a kommune by its code, people and messages by its name; both lead here. The list is the national one (dk-core,
municipality codes); which kommuner have addresses is the register's to say.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from sor.names import fold_kommune


@dataclass(frozen=True, slots=True)
class Kommune:
    """A kommune: four-digit code with its leading zero, name without the word Kommune, and the SOR code of its region."""

    code: str
    name: str
    regionskode: str


@cache
def kommuner() -> Mapping[str, Kommune]:
    """All kommuner by code. Read once from the package's data."""
    text = resources.files("sor").joinpath("data/kommuner.csv").read_text("utf-8")
    rows = csv.reader((line for line in text.splitlines() if not line.startswith("#")), delimiter=";")
    next(rows)  # the header
    return MappingProxyType({code: Kommune(code, name, regionskode) for code, name, regionskode in rows})


def kommune_called(written: str) -> Kommune | None:
    """The kommune that a code or a name means, spelling folded: `0751`, `Århus` and `Københavns Kommune`; None for none."""
    code = written.strip()
    return kommuner().get(code) or _by_name().get(fold_kommune(written))


@cache
def _by_name() -> Mapping[str, Kommune]:
    named = {fold_kommune(kommune.name): kommune for kommune in kommuner().values()}
    return MappingProxyType({f"{name}s": kommune for name, kommune in named.items()} | named)
