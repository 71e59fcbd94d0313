"""A private RabbitMQ for the tests: its own node, ports, folders and port mapper (epmd), on loopback alone.

One node serves a test session and is started when the first test asks for it; each test gets a virtual host of its own, so no
test sees another's queues. A test may stop, kill and start the node at will: the next one that asks for a virtual host finds it
running. The server's own script is run, not the wrapper of Debian that switches user, so it works as any user. Stopping is a
SIGTERM, which the node takes as a request for an orderly stop.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

START_WITHIN = 60.0
_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/usr/sbin", "/usr/bin")
_VHOSTS_AT_ONCE = 8


def _program(name: str) -> str | None:
    """Where a program is. Debian's real scripts come before its wrappers, which run as root or `rabbitmq` only."""
    return shutil.which(name, path=os.pathsep.join((*_FOLDERS, os.environ.get("PATH", ""))))


def _free_port() -> int:
    with closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _until(deadline: float, pause: float = 0.05) -> Iterator[None]:
    """Turns a condition into a wait: the caller's loop body tries once a turn and returns when it holds."""
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)


class RabbitMQ:
    """A node that can be stopped, killed and started again with its data kept. `port` is the AMQP port."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.node = f"medcom-{secrets.token_hex(4)}@localhost"
        self._folder = folder
        self._epmd_port = _free_port()
        self._environment = self._prepare(_free_port())
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._fresh: list[str] = []
        self._used: list[str] = []

    @property
    def url(self) -> str:
        """The default virtual host, as the user `guest`."""
        return self.url_of("%2F")

    def url_of(self, vhost: str) -> str:
        """The URL of a virtual host on this node."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{vhost}"

    @property
    def running(self) -> bool:
        """Whether the node's process is alive."""
        return self._server is not None and self._server.poll() is None

    def _prepare(self, distribution_port: int) -> dict[str, str]:
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "log.console = false\n"
            "log.file.level = info\n"
            "disk_free_limit.absolute = 50MB\n"
            "vm_memory_high_watermark.absolute = 1GB\n",
        )
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "rabbitmq-env.conf").write_text("")
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(self._folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The server's process itself instead of a shell around it: signals and exit codes are then the node's own.
            "RABBITMQ_ALLOW_INPUT": "1",
        }

    def start(self) -> None:
        """Starts the node and returns when it answers on its AMQP port. Does nothing where it runs already."""
        if self.running:
            return
        self._start_epmd()
        with (self._folder / "console").open("ab") as console:
            self._server = subprocess.Popen(
                [_require("rabbitmq-server"), "-noinput"],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        for _ in _until(time.monotonic() + START_WITHIN):
            if self._answers():
                return
            if not self.running:
                break
        self.kill()
        raise RuntimeError("RabbitMQ did not start:\n" + (self._folder / "console").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        """Stops the node in good order: its clients are told, its data stays."""
        if self._server is not None and self.running:
            self._server.terminate()
            try:
                self._server.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def settle(self) -> None:
        """Has the node write down which queues and bindings it has. Before 4.0 it does so some seconds after it has said so, and a
        node that is killed in between forgets a queue that it has declared, with what was confirmed into it.
        """
        self.ctl("eval", "catch mnesia:sync_log(), [dets:sync(T) || T <- dets:all()], ok.")

    def kill(self) -> None:
        """Ends the node as `kill -9` does: no goodbye to its clients."""
        if self._server is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(30)

    def restart(self) -> None:
        """Stops and starts."""
        self.stop()
        self.start()

    def ctl(self, *args: str) -> str:
        """Runs `rabbitmqctl` on the node and returns what it prints, in a second or two. Raises RuntimeError where it fails."""
        done = subprocess.run(
            [_require("rabbitmqctl"), "-q", "-n", self.node, *args],
            env=self._environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(args)}: {done.stdout}{done.stderr}")
        return done.stdout

    def vhost(self) -> str:
        """The name of a virtual host that nobody has used. Starts the node where it is not running."""
        self.start()
        if not self._fresh:
            self._renew_vhosts()
        self._used.append(self._fresh.pop())
        return self._used[-1]

    def _renew_vhosts(self) -> None:
        """Makes several at once and deletes the used ones, since each call of rabbitmqctl costs more than the vhosts do."""
        names = [f"test-{secrets.token_hex(4)}" for _ in range(_VHOSTS_AT_ONCE)]
        made = ", ".join(f'<<"{name}">>' for name in names)
        gone = ", ".join(f'<<"{name}">>' for name in self._used)
        self.ctl(
            "eval",
            f'U = <<"guest">>, A = <<".*">>, [catch rabbit_vhost:delete(V, U) || V <- [{gone}]], '
            f"[begin rabbit_vhost:add(V, U), rabbit_auth_backend_internal:set_permissions(U, V, A, A, A, U) end "
            f"|| V <- [{made}]], ok.",
        )
        self._fresh, self._used = names, []

    def close(self) -> None:
        """Ends the node and its port mapper, for good."""
        self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(10)

    def _start_epmd(self) -> None:
        """Erlang would start one by itself, as a daemon that nobody ends; one of our own ends with us."""
        if self._epmd is not None and self._epmd.poll() is None:
            return
        self._epmd = subprocess.Popen(
            [_require("epmd"), "-port", str(self._epmd_port), "-address", "127.0.0.1"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in _until(time.monotonic() + 10, pause=0.01):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._epmd_port), 1):
                return
        raise RuntimeError("epmd did not start")

    def _answers(self) -> bool:
        """Whether the node greets a client: an open port alone is not yet a broker."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as s:
            s.settimeout(5)
            s.sendall(b"AMQP\x00\x00\x09\x01")
            return s.recv(1) == b"\x01"
        return False


def _require(name: str) -> str:
    """The program's path. Where it is missing, skips on a laptop and fails in CI."""
    path = _program(name)
    if path is None:
        missing = f"{name} is not installed: run `make services`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """The session's private node, running."""
    for name in ("rabbitmq-server", "rabbitmqctl", "epmd"):
        _require(name)
    with tempfile.TemporaryDirectory(prefix="medcom-rabbitmq-", ignore_cleanup_errors=True) as folder:
        node = RabbitMQ(Path(folder))
        try:
            node.start()
            yield node
        finally:
            node.close()


@pytest.fixture
def rabbitmq_vhost(rabbitmq: RabbitMQ) -> str:
    """The URL of a virtual host that is the test's own, on the running node."""
    return rabbitmq.url_of(rabbitmq.vhost())
