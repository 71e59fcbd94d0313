"""The installed program as a subprocess: started, asked, killed, started again, as an operator would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from gateway.directory import new_token, token_hash
from gateway.records import Mode, Partner
from gateway.store import open_store
from sor.identifiers import normal_gln

DEADLINE = 30.0


class NotInTime(AssertionError):  # noqa: N818 - it reads as what it says
    """Something that a test waits for did not come to be."""


def until(condition, deadline: float = DEADLINE, what: str = "the condition"):
    """Calls `condition` until it gives something true and returns that. Fails the test after `deadline` seconds."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise NotInTime(f"{what} did not happen within {deadline} s")


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def call(
    method: str,
    url: str,
    *,
    token: str | None = None,
    body: bytes | None = None,
    content_type: str = "application/xml",
    more: dict[str, str] | None = None,
) -> Reply:
    """One HTTP call, with `more` headers; an answer with any status is an answer, no answer raises OSError."""
    headers = (more or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    if body is not None:
        headers["Content-Type"] = content_type
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=70) as answer:
            return Reply(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as refused:
        with refused:
            return Reply(refused.code, refused.read(), dict(refused.headers))


@dataclass
class GatewayProcess:
    """A gateway: its settings, and the process while it runs. Its log goes to `folder`."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    launcher: tuple[str, ...] = ("-m", "gateway", "serve")
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The environment that it and its commands run in."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("MEDCOM_")}
        own = {"MEDCOM_DATA_DIR": str(self.folder / "data"), "MEDCOM_HTTP_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return clean | own | self.environment

    def start(self, *, wait: bool = True) -> GatewayProcess:
        """Starts it and, unless told otherwise, waits until it is ready."""
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.launcher], env=self.settings, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
            )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        """Returns when /ready says so."""
        until(self._ready, what=f"the gateway's readiness ({self.log[-2000:]})")

    def _ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"the gateway ended: {self.log[-4000:]}")
        try:
            return call("GET", f"{self.url}/ready").status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL, and it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def terminate(self, within: float = 15.0) -> int:
        """SIGTERM; the exit code. Fails the test where it is not gone in time."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise NotInTime(f"the gateway did not stop within {within} s") from None

    @property
    def log(self) -> str:
        """What it has logged."""
        path = self.folder / "gateway.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `medcom-gateway` with the same settings."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *arguments],
            env=self.settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def add_partner(self, name: str, *glns: str, push: str | None = None, amqp: bool = False) -> str:
        """Adds a partner and returns its token: straight into the journal, for a process each would cost half the suite's time."""
        token = new_token()
        mode = Mode.PUSH if push else Mode.AMQP if amqp else Mode.PULL
        partner = Partner(name, frozenset(normal_gln(gln) for gln in glns), mode, token_hash(token), push)
        with ThreadPoolExecutor(1) as thread:  # the caller may be in an event loop of its own
            thread.submit(asyncio.run, self._added(partner)).result()
        return token

    async def _added(self, partner: Partner) -> None:
        own = f"sqlite:///{self.settings['MEDCOM_DATA_DIR']}/medcom.db"
        store = await open_store(self.environment.get("MEDCOM_DATABASE_URL", own), migrate=True)
        await store.add(partner)
        await store.close()

    def submit(self, token: str, document: bytes, content_type: str = "application/xml") -> Reply:
        """Hands a document in."""
        return call("POST", f"{self.url}/v1/messages", token=token, body=document, content_type=content_type)

    def message(self, token: str, message_id: str) -> Any:
        """The message as its sender sees it."""
        return call("GET", f"{self.url}/v1/messages/{message_id}", token=token).json

    def mailbox(self, token: str, gln: str, wait: float = 0) -> list[Any]:
        """What waits in a mailbox."""
        return call("GET", f"{self.url}/v1/mailboxes/{gln}/messages?wait={wait}", token=token).json["messages"]

    def fetch(self, token: str, gln: str, message_id: str) -> bytes:
        """A document from a mailbox."""
        return call("GET", f"{self.url}/v1/mailboxes/{gln}/messages/{message_id}", token=token).body

    def acknowledge(self, token: str, gln: str, message_id: str) -> Reply:
        """Acknowledges a message in a mailbox."""
        return call("POST", f"{self.url}/v1/mailboxes/{gln}/messages/{message_id}/ack", token=token, body=b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
