"""A gateway of the demonstration's own: `serve` in a process of its own, with the embedded default, in a folder that goes away.

The operator's commands run beside it on the same journal, the very code of the command line; in this process, because to start Python
for each would take longer than the story.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from types import TracebackType
from typing import Self

import orjson
from click.testing import CliRunner

from gateway.cli import main

STOP_WITHIN = 12.0
KEPT_LINES = 200


class CommandFailed(Exception):  # noqa: N818 - named for what happened to the command
    """A command of the program ended with another code than 0; the text is what it said."""


class Installation:
    """Use it with `async with`; whatever happens, the process ends and the folder is removed."""

    def __init__(self) -> None:
        self.url = ""
        self._log: deque[str] = deque(maxlen=KEPT_LINES)
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="medcom-demo-", ignore_cleanup_errors=True)
        # What this machine's own gateway is set to must not reach the demonstration's: None takes a setting away.
        self._settings = dict.fromkeys(key for key in os.environ if key.startswith("MEDCOM_")) | {
            "MEDCOM_DATA_DIR": self._folder.name,
            "MEDCOM_HTTP_PORT": "0",
        }
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._stop()
        finally:
            self._folder.cleanup()

    async def start(self) -> None:
        """Runs `serve` and returns when it listens; `url` is then its address. Raises CommandFailed where it ends instead."""
        settings = {key: value for key, value in (os.environ | self._settings).items() if value is not None}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "serve", env=settings, stdout=PIPE, stderr=STDOUT
        )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        async for line in self._process.stdout:
            self._log.append(line.decode(errors="replace").rstrip())
            if event := _event(line, "GatewayStarted"):
                self.url = str(event["url"])
                self._reading = asyncio.create_task(self._read(self._process.stdout))
                return
        raise CommandFailed("\n".join(self._log))

    async def command(self, *arguments: str) -> str:
        """Runs another command of the program on the same journal and returns what it printed; one at a time, for it has standard
        output to itself meanwhile. Raises CommandFailed.
        """
        done = await asyncio.to_thread(CliRunner(env=self._settings).invoke, main, arguments)
        if done.exit_code:
            raise CommandFailed(done.output.strip() or repr(done.exception))
        return done.output.strip()

    def complaints(self) -> list[str]:
        """The last warnings and errors in the gateway's log."""
        return [line for line in self._log if '"level":"info"' not in line][-5:]

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self._log.append(line.decode(errors="replace").rstrip())

    async def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading


def _event(line: bytes, name: str) -> dict[str, object] | None:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) and event.get("event") == name else None
