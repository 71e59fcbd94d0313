"""The keys that the broker sorts by: `<sector>.<area>.<unit>.<type>.<heading>` in lower-case ASCII.

Two addresses never share a key on the same day: sector, area and unit tell them apart, or the address behind the unit's name
where SOR has two units of one name, and an address that is no open unit of it gets a key of its own under `ukendt`. A closed unit
loses its key with its last day, because its successor may bear the same name and must not share mail with it; bindings therefore
follow the date.
"""

from __future__ import annotations

import hashlib
from datetime import date

from sor.identifiers import normal_gln
from sor.names import slug
from sor.register import Register
from sor.units import Found

UNKNOWN = "ukendt"
RECEIPT = "kvittering"
NO_PART = "-"
# AMQP 0-9-1 allows 255 bytes.
_LONGEST_NAME = 100
_LONGEST_TYPE = 20
_LONGEST_HEADING = 60
_LONGEST_ADDRESS = 60


def address_key(register: Register, gln: str, on: date) -> tuple[str, str, str]:
    """Sector, area and unit of the address on that day, as parts of a key.

    `("ukendt", <the address>, "-")` for one that belongs to no open unit.
    """
    answer = register.by_gln(gln, on)
    if not isinstance(answer, Found):
        return UNKNOWN, _address_part(normal_gln(gln)), NO_PART
    unit = answer.unit
    name = _cut(slug(unit.name), unit.name, _LONGEST_NAME)
    if register.has_namesake(gln):
        name = f"{name}-{_address_part(normal_gln(gln))}"
    return unit.sector.value, unit.area, name


def routing_key(register: Register, gln: str, type_code: str, heading_code: str | None, on: date) -> str:
    """The key of a message to `gln`, at most 255 bytes: `kommune.0779.social-og-psykiatri.xdis91.indlaeggelse`.

    The heading is `ukendt` where there is none, and `kvittering` for a receipt.
    """
    message_type = _part(type_code, _LONGEST_TYPE)
    heading = RECEIPT if message_type.startswith("xctl") else _part(heading_code or UNKNOWN, _LONGEST_HEADING)
    return ".".join((*address_key(register, gln, on), message_type, heading))


def binding_key(register: Register, gln: str, on: date) -> str:
    """The topic pattern that takes all mail to `gln` and nothing else: `kommune.0779.social-og-psykiatri.#`."""
    return ".".join((*address_key(register, gln, on), "#"))


def _part(text: str, longest: int) -> str:
    return slug(text)[:longest] or NO_PART


def _address_part(address: str) -> str:
    plain = slug(address)
    # What a slug leaves out could be all that tells two addresses apart.
    return _cut(plain, address, _LONGEST_ADDRESS if plain == address else 0)


def _cut(part: str, text: str, longest: int) -> str:
    if part and len(part) <= longest:
        return part
    return f"{part[: longest or _LONGEST_ADDRESS]}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
