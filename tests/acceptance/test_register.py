"""Address books: look-ups over HTTP and at the command line of the running program, with one and the same answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from sor.register import bundled
from tests.acceptance.letters import CLOSED, SKIVE, SUCCESSOR
from tests.acceptance.yard import Yard
from tests.services.gateway import Reply, call
from tools.make_synthetic_register import HARMONISED_NAMES

FHIR = {"Accept": "application/fhir+json"}


def ask(yard: Yard, path: str, headers: dict[str, str] | None = None, **query: str) -> Reply:
    """The look-up, by a partner that has nothing to do with what it asks about."""
    url = f"{yard.gateway.url}/v1/register/{quote(path)}?{urlencode(query)}"
    return call("GET", url, token=yard.other, more=headers)


def program(yard: Yard, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a process of its own with the gateway's settings."""
    return yard.gateway.command("sor", *arguments, check=False)


def test_every_name_in_every_kommune(yard: Yard):
    """Whoever asks for one of the six names in one of the 19 kommuner gets exactly one open unit with an address of its own."""
    found = set()
    for kommune in bundled().kommuner:
        for name in HARMONISED_NAMES:
            answer = ask(yard, "units", kommune=kommune, name=name)
            (unit,) = answer.json["units"]
            assert (answer.status, unit["status"], unit["kommune"]) == (200, "open", kommune)
            found.add(unit["gln"])
    assert len(found) == 114


def test_what_people_write_and_what_is_refused(yard: Yard):
    """An alias resolves and says so; what spans two is refused with both, and what is nearly a name with a suggestion."""
    ppl = ask(yard, "units", kommune="viborg kommune", name="ppl").json
    assert (ppl["units"][0]["gln"], ppl["match"]["how"]) == ("5790009911852", "alias")
    refused = ask(yard, "units", kommune="Århus", name="Sociale Forhold og Beskæftigelse")
    assert (refused.status, refused.json["title"], refused.json["reason"]) == (404, "not-resolved", "ambiguous")
    assert refused.json["names"] == ["Social og Psykiatri", "Arbejdsmarked"]
    assert "Vælg et af dem" in refused.json["detail_da"]
    near = ask(yard, "units", kommune="Skive", name="Hjemplejen").json
    assert (near["reason"], near["suggestions"], near["units"]) == ("no-such-name", ["Hjemmepleje"], [])
    assert ask(yard, "units", kommune="Holstebro", name="misbrugsbehandling").json["reason"] == "draft"


def test_by_number(yard: Yard):
    """A lokationsnummer and a SOR code lead to their unit; a closed one says who has its place; an unknown number is not found."""
    unit = ask(yard, f"locations/{SKIVE}").json["unit"]
    assert (unit["name"], unit["kommune"]) == ("Social og Psykiatri", "Skive")
    assert ask(yard, f"units/{unit['sor']}").json["unit"] == unit
    assert ask(yard, f"locations/{SKIVE[:4]} {SKIVE[4:]}").json["unit"] == unit
    closed = ask(yard, f"locations/{CLOSED}").json["unit"]
    assert (closed["status"], closed["replaced_by"]) == ("closed", SUCCESSOR)
    assert ask(yard, f"locations/{CLOSED}", on="2025-12-31").json["unit"]["status"] == "open"
    mistyped = ask(yard, f"locations/{SKIVE[:-1]}0")
    assert (mistyped.status, mistyped.json["reason"]) == (404, "check-digit")
    assert ask(yard, "units/12345678901").status == 404


def test_search(yard: Yard):
    """Any part of a name finds it, in either spelling of the Danish letters, and a kommune narrows it."""
    for query in ("træn", "TRAEN", "aktivitet og"):
        assert len(ask(yard, "search", q=query, limit="100").json["units"]) == 19
    some = ask(yard, "search", q="pleje", limit="5").json
    assert (len(some["units"]), some["more"]) == (5, True)
    names = [unit["name"] for unit in ask(yard, "search", q="pleje", kommune="0751").json["units"]]
    assert sorted(names) == ["Hjemmepleje", "Sundhedspleje"]


def test_all_of_a_kommune(yard: Yard):
    """With the kommune alone all of its open units are listed."""
    units = ask(yard, "units", kommune="Viborg").json["units"]
    assert set(HARMONISED_NAMES) < {unit["name"] for unit in units}
    assert "Akutfunktion" not in {unit["name"] for unit in units}
    assert "Akutfunktion" in {unit["name"] for unit in ask(yard, "units", kommune="Viborg", on="2040-01-01").json["units"]}


def test_as_fhir(yard: Yard):
    """Who asks for FHIR gets Organizations whose identifiers are those of the messages, and may ask by any of a GLN's systems."""
    one = ask(yard, f"locations/{SKIVE}", FHIR)
    assert one.headers["Content-Type"].startswith("application/fhir+json")
    assert {"system": "https://www.gs1.org/gln", "value": SKIVE} in one.json["identifier"]
    for system in ("https://www.gs1.org/gln", "http://www.gs1.org/gln", "urn:oid:1.3.88"):
        found = ask(yard, "units", FHIR, identifier=f"{system}|{SKIVE}").json
        assert [entry["resource"] for entry in found["entry"]] == [one.json]
    by_sor = ask(yard, "units", FHIR, identifier=f"urn:oid:1.2.208.176.1.1|{one.json['id']}").json
    assert by_sor["entry"][0]["resource"] == one.json
    practice = ask(yard, "units", identifier="urn:oid:1.2.208.176.1.4|990001").json["units"]
    assert [unit["name"] for unit in practice] == ["Testlægerne Skive"]


def test_versions_and_etag(yard: Yard):
    """An answer names its versions, and asking again with its ETag is answered with 304 and nothing."""
    first = ask(yard, f"locations/{SKIVE}")
    assert first.json["register_version"] == first.headers["MedCom-Register-Version"] == bundled().version
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = ask(yard, f"locations/{SKIVE}", {"If-None-Match": f'"other", {first.headers["ETag"]}'})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    as_fhir = ask(yard, f"locations/{SKIVE}", FHIR | {"If-None-Match": first.headers["ETag"]})
    assert (as_fhir.status, as_fhir.headers["Vary"]) == (200, "Accept")


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("units", {}, "kommune"),
        ("units", {"name": "Hjemmepleje"}, "kommune"),
        ("units", {"kommune": "Skive", "identifier": "x"}, "identifier"),
        ("units", {"identifier": "urn:ukendt|1"}, "identifier"),
        ("units", {"kommune": "Skive", "on": "i morgen"}, "on"),
        ("search", {}, "q"),
        ("search", {"q": "x", "limit": "101"}, "limit"),
        ("search", {"q": "x", "limit": "²"}, "limit"),
    ],
)
def test_what_is_asked_wrongly(yard: Yard, path, query, parameter):
    """A parameter that is missing or malformed is named."""
    answer = ask(yard, path, **query)
    assert (answer.status, answer.json["parameter"]) == (400, parameter)


def test_only_partners_may_ask(yard: Yard):
    """Without a token nothing is told."""
    for path in ("units?kommune=Skive", f"locations/{SKIVE}", "units/9911731000016004", "search?q=psyk"):
        assert call("GET", f"{yard.gateway.url}/v1/register/{path}").status == 401


def test_the_command_says_the_same(yard: Yard):
    """`sor lookup --json` prints what the interface answers."""
    found = program(yard, "lookup", "Social og Psykiatri", "--kommune", "Skive", "--json")
    told = ask(yard, "units", kommune="Skive", name="Social og Psykiatri").json
    assert json.loads(found.stdout) == {**told["units"][0], "match": told["match"]}
    assert json.loads(program(yard, "lookup", SKIVE, "--json").stdout) == told["units"][0]
    mistyped = program(yard, "lookup", SKIVE[:-1] + "0")
    assert (mistyped.returncode, mistyped.stdout, "Kontrolcifferet" in mistyped.stderr) == (1, "", True)
    refused = program(yard, "lookup", "Socialforvaltningen", "--kommune", "Aarhus", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["reason"]) == (1, "ambiguous")


def test_the_names_and_a_change_of_them(yard: Yard, tmp_path: Path):
    """`sor names` lists them, and `sor names check` tells what an edited file would change, or line and column of its faults."""
    names = [json.loads(line) for line in program(yard, "names", "--json").stdout.splitlines()]
    assert [(row["name"], len(row["kommuner"])) for row in names if row["status"] == "approved"] == [
        (name, 19) for name in HARMONISED_NAMES
    ]
    shipped = Path(__file__).parents[2] / "sor" / "data" / "addresses.csv"
    edited = tmp_path / "addresses.csv"
    edited.write_text(shipped.read_text("utf-8").replace(SKIVE, SUCCESSOR), "utf-8")
    told = program(yard, "names", "check", str(edited))
    assert told.returncode == 0
    assert "ændret: adresse Skive, Social og Psykiatri" in told.stdout
    assert f"Skive, Social og Psykiatri: {SKIVE} (Skive) → {SUCCESSOR} (Silkeborg)" in told.stdout
    edited.write_text(shipped.read_text("utf-8").replace(SKIVE, SKIVE[:-1] + "0"), "utf-8")
    wrong = program(yard, "names", "check", str(edited))
    assert (wrong.returncode, wrong.stdout.split(":")[0].split(",")[2]) == (1, " kolonne gln")
    assert program(yard, "names", "check", str(shipped)).stdout == "Ingen ændringer.\n"
    assert program(yard, "names", "check", str(tmp_path / "findes-ikke.csv")).returncode == 2
