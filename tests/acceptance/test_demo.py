"""`medcom-gateway demo` as the program itself: both stories, twice in a row, on a machine with settings of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.gateway import call

KEY_LINES = [
    "S1  Indlæggelse om natten: Regionspsykiatrien Midt og Skive Kommune",
    "modtager: 5790009911739 Skive, Social og Psykiatri, læses af skive",
    "overskrift: Indlæggelse (genkendt ordret)",
    "overskrift: Udskrivning (genkendt ordret)",
    "XCTL03 positiv kvittering fra 5790009911739",
    "XCTL03 positiv kvittering fra 5790009920014",
    "3 breve, 3 positive kvitteringer.",
    "S4  En adresse uden læser: Randers, Social og Psykiatri",
    "✓ Hubben svarer EPJ'en 422 (no_reader), og i svaret ligger kvitteringen:",
    "XCTL01 negativ VANS-kvittering fra MEDCOMHUB: problem_med_modtagerID.",
    "$ medcom-gateway dead-letters list",
    "$ medcom-gateway partners add randers --gln 5790009910930 --json",
    "$ medcom-gateway dead-letters retry",
    "en positiv og en negativ kvittering sendes aldrig begge for samme brev.",
    "1 dødt brev bragt i orden af en operatør.",
    "medcom-gateway serve",
]


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose temporary files land in `folder`."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MEDCOM_")}
    return clean | {"TMPDIR": str(folder), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"} | more


def demo(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the demonstration to its end."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "gateway", "demo"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def test_both_stories_are_told_twice_in_a_row_and_nothing_is_left(tmp_path: Path):
    """Two runs end with 0, tell both stories in at most 80 columns, and touch neither the machine's own settings nor its folders."""
    own = {"MEDCOM_BROKER_URL": "amqp://nobody@127.0.0.1:1/", "MEDCOM_HTTP_PORT": "1", "MEDCOM_DATA_DIR": str(tmp_path / "own")}
    for environment in (surroundings(tmp_path), surroundings(tmp_path, **own)):
        done = demo(environment)
        assert done.returncode == 0, done.stdout + done.stderr
        told = " ".join(done.stdout.split())
        assert [line for line in KEY_LINES if " ".join(line.split()) not in told] == []
        assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
        assert done.stderr == ""
        assert list(tmp_path.iterdir()) == []


def test_every_letter_has_its_timeline(tmp_path: Path):
    """Four letters, each with a row for when it was received, queued and delivered, and for its positive receipt."""
    done = demo(surroundings(tmp_path))
    rows = re.findall(r"^  \d\d:\d\d:\d\d\.\d{3} (.*)$", done.stdout, re.MULTILINE)
    for what in ("modtaget ", "lagt i kø ", "leveret ", "positiv kvittering fra modtageren "):
        assert sum(row.startswith(what) for row in rows) == 4, (what, rows)
    (again,) = [row for row in rows if row.startswith("sendt igen af operatør")]
    assert again.endswith("operatøren")


def test_a_step_that_fails_is_named(tmp_path: Path):
    """Where the gateway cannot start, the demonstration says in which step, and why, ends with 1 and leaves nothing."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "uvloop.py").write_text("raise ImportError('no loop on this machine')")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = demo(surroundings(temporary, PYTHONPATH=os.pathsep.join([str(broken), str(Path.cwd())])))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FEJL i trinnet: gatewayen starter, og to systemer tilsluttes" in done.stdout
    assert "no loop on this machine" in " ".join(done.stdout.split())
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_demonstration_takes_its_gateway_with_it(tmp_path: Path, number: signal.Signals):
    """SIGTERM or Ctrl-C in the middle: exit 1, no gateway that goes on listening, no folder left."""
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo"],
        env=surroundings(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        url = ""
        for line in process.stdout:
            if found := re.search(r"gatewayen kører på (http://\S+)", line):
                url = found[1]
                break
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(30) == 1, rest
    assert url
    with pytest.raises(OSError, match="refused"):
        call("GET", f"{url}/live")
    assert list(tmp_path.iterdir()) == []
