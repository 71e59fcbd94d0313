"""Routing keys and bindings."""

from datetime import date

from routing.keys import address_key, binding_key, routing_key
from sor.register import Register, bundled
from tests.unit.routing.examples import CLOSED, FUTURE, HOSPITAL, ON, OUTSIDE, SKIVE


def test_key_of_a_unit():
    """A unit's key says sector, area, unit, type and heading in lower-case ASCII."""
    assert routing_key(bundled(), SKIVE, "XDIS91", "indlaeggelse", ON) == "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"
    assert binding_key(bundled(), SKIVE, ON) == "kommune.0779.social-og-psykiatri.#"
    assert address_key(bundled(), "5790009930013", ON) == ("praksis", "990001", "testlaegerne-skive")


def test_key_without_heading_and_for_receipts():
    """No heading is `ukendt`, and a receipt is `kvittering` whatever heading is given."""
    assert routing_key(bundled(), SKIVE, "XDIS91", None, ON).endswith(".xdis91.ukendt")
    for receipt in ("XCTL01", "XCTL02", "XCTL03"):
        key = routing_key(bundled(), HOSPITAL, receipt, "indlaeggelse", ON)
        assert key == f"hospital.1082.regionspsykiatrien-midt.{receipt.lower()}.kvittering"


def test_key_of_an_address_outside_the_register():
    """An address that the register does not hold has a key of its own under `ukendt`."""
    assert routing_key(bundled(), OUTSIDE, "XDIS91", None, ON) == f"ukendt.{OUTSIDE}.-.xdis91.ukendt"
    assert binding_key(bundled(), OUTSIDE, ON) == f"ukendt.{OUTSIDE}.-.#"


def test_closed_unit_does_not_share_its_successors_key():
    """Where a successor has the name of the unit before it, the two never have the same key on one day."""
    old = bundled().by_gln(SKIVE, ON).unit
    before = type(old)(**{name: getattr(old, name) for name in old.__slots__} | {"valid_to": date(2025, 12, 31)})
    after = type(old)(**{name: getattr(old, name) for name in old.__slots__} | {"gln": OUTSIDE, "valid_from": date(2026, 1, 1)})
    register = Register((before, after), "v")
    assert binding_key(register, OUTSIDE, ON) == "kommune.0779.social-og-psykiatri.#"
    assert binding_key(register, SKIVE, ON) == f"ukendt.{SKIVE}.-.#"
    assert address_key(bundled(), CLOSED, ON)[0] == address_key(bundled(), FUTURE, ON)[0] == "ukendt"


def test_addresses_that_look_alike_in_a_key():
    """Addresses that differ only in what a key cannot hold still have different keys."""
    alike = ("DKTEST", "dktest", "DK.TEST", "DK-TEST", "DK TEST", "Ø", "漢")
    assert len({binding_key(bundled(), address, ON) for address in alike}) == len(alike)
