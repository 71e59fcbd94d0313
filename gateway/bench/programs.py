"""The processes of a run: the gateway as an operator starts it, the limit, the receiver, the load and the filling of journals.

Each runs the interpreter and the code that the bench itself runs. What it prints goes to a file in its folder, shown where it
fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway.bench.services import end

START_WITHIN = 30.0


class Failed(Exception):  # noqa: N818 - a verdict of the bench, told as one line and the end of a log
    """A process did not do what it was started for."""


class Program:
    """A process with its log. Ended by `close`."""

    def __init__(
        self, folder: Path, name: str, arguments: list[str], settings: dict[str, str] | None = None, told: object = None
    ) -> None:
        self._log = folder / f"{name}.log"
        self.name = name
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *arguments],
                env=_environment(settings or {}),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        with suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(b"" if told is None else json.dumps(told).encode())

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def rss_mb(self) -> float:
        """Its resident memory now, in MB (10^6 bytes)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6

    def succeed(self) -> None:
        """Returns when it has ended well. Raises Failed otherwise."""
        if self._process.wait():
            raise Failed(self.story())

    def check(self) -> None:
        """Raises Failed where it has ended."""
        if not self.running:
            raise Failed(self.story())

    def await_ready(self, url: str) -> None:
        """Returns when a GET of `url` is answered 200. Raises Failed where that takes too long."""
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline and self.running:
            with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - a URL of ours
                return
            time.sleep(0.05)
        raise Failed(self.story())

    def story(self) -> str:
        """What it was, and the end of what it said."""
        ending = "did not answer" if self.running else f"ended with {self._process.returncode}"
        return f"{self.name} {ending}:\n" + self._log.read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """Ends it, in good order where it can."""
        end(self._process)


def command(settings: dict[str, str], *arguments: str) -> str:
    """What a command of the gateway prints. Raises Failed where it fails."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and modules
        [sys.executable, "-m", "gateway", *arguments],
        env=_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"medcom-gateway {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def add_partner(settings: dict[str, str], name: str, gln: str, push: str) -> str:
    """The token of a new partner who gets its mail at `push`."""
    added: dict[str, Any] = json.loads(command(settings, "partners", "add", name, "--gln", gln, "--push", push, "--json"))
    return str(added["token"])


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """The environment without the operator's own settings: what is measured is the gateway's defaults."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MEDCOM_")} | settings
