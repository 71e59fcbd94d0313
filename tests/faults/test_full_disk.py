"""The journal's disk is full: what was accepted is kept, nothing more is promised, and the gateway goes on when there is room again."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from routing.lifecycle import State
from tests.faults.documents import SKIVE, VIBORG, letter, letters
from tests.faults.world import World, world
from tests.services.gateway import call, until

BLOCK = 64 * 1024

Room = Callable[[World], None]


def forbid_growth(here: World) -> None:
    """No file of the gateway's grows any more, as under a quota: EFBIG."""
    assert here.gateway.process is not None
    written = max(file.stat().st_size for file in (here.gateway.folder / "data").iterdir())
    assert len(here.gateway.log) < written // 2, "the log is still written"
    resource.prlimit(here.gateway.process.pid, resource.RLIMIT_FSIZE, (written, resource.RLIM_INFINITY))


def allow_growth(here: World) -> None:
    """Files grow again."""
    assert here.gateway.process is not None
    resource.prlimit(here.gateway.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def fill(here: World) -> None:
    """Somebody else takes every block that is left: ENOSPC."""
    with (here.gateway.folder / "data" / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(bytes(BLOCK)) == BLOCK:
            pass


def clear(here: World) -> None:
    """And gives it back."""
    (here.gateway.folder / "data" / "filler").unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 24 MiB on the folder. Skips where this user may not mount one."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=24m", "medcom-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(params=["no-growth", "no-space"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[World, Room, Room]]:
    """The embedded default, with what fills its disk and what makes room again."""
    url = f"sqlite:///{tmp_path / 'data' / 'medcom.db'}"
    if request.param == "no-growth":
        with world(tmp_path, {}, url) as here:
            yield here, forbid_growth, allow_growth
        return
    with small_disk(tmp_path / "data"), world(tmp_path, {}, url) as here:
        yield here, fill, clear


@pytest.mark.timeout(180)
def test_full_disk(disk: tuple[World, Room, Room]) -> None:
    """Whoever got 202 has been stored, the others are told 503 and why, /ready says so by itself, and all of it mends itself."""
    here, take_room, make_room = disk
    first = letters(20, SKIVE, VIBORG)
    here.gateway.start()
    here.outside.run(here.epj.send(first))
    here.settled(first)
    before = here.counts()
    take_room(here)
    until(lambda: call("GET", f"{here.gateway.url}/ready").status == 503, what="the probe's own finding")
    state = call("GET", f"{here.gateway.url}/ready").json
    assert (state["ready"], state["journal"]) == (False, False)
    assert state["reason"] in {"journal full", "journal io-error"}
    refused = here.gateway.submit(here.epj.token, letter(SKIVE).body)
    assert (refused.status, refused.json["title"], refused.headers["Retry-After"]) == (503, "journal-away", "5")
    assert "Intet er modtaget" in refused.json["detail_da"]
    more = letters(20, SKIVE, VIBORG)
    sending = here.outside.start(here.epj.send(more))
    until(
        lambda: len([seen for seen in here.epj.answers.values() if 503 in seen]) >= 8, what="senders who are asked to come back"
    )
    accepted = sum(202 in seen for seen in here.epj.answers.values())
    assert accepted == len(first)
    assert here.counts() == before
    assert call("GET", f"{here.gateway.url}/ready").status == 503
    assert call("GET", f"{here.gateway.url}/live").status == 200
    make_room(here)
    until(lambda: call("GET", f"{here.gateway.url}/ready").status == 200, what="readiness once there is room")
    sending.result(60)
    here.settled([*first, *more])
    here.assert_promises([*first, *more])
    assert '"TaskFailed"' not in here.gateway.log
    assert here.count(State.REFUSED, State.DEAD_LETTER) == 0
