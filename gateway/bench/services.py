"""Private RabbitMQ and PostgreSQL: own processes, ports and folders, on loopback alone, for whoever needs real ones for a while.

The servers' own programs are run and not a distribution's wrappers or services, so they work as any user, run beside whatever
else runs on the machine, and leave nothing behind. PostgreSQL refuses to run as root; started by root it runs as `postgres`.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

START_WITHIN = 60.0
STOP_WITHIN = 30.0
_RABBITMQ = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/usr/sbin", "/usr/bin")


class Missing(Exception):  # noqa: N818 - it says what is so, and is no error of the program's
    """A program is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(f"{program} is not installed; `make services` installs it")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *folders: str) -> str:
    """Where a program is; `folders` come before PATH. Raises Missing."""
    found = shutil.which(name, path=os.pathsep.join((*folders, os.environ.get("PATH", ""))))
    if found is None:
        raise Missing(name)
    return found


def end(process: subprocess.Popen[bytes] | None) -> None:
    """Ends a server with SIGTERM, and its whole session with SIGKILL where that does not do."""
    if process is None:
        return
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_WITHIN)


class RabbitMQ:
    """A node with a port mapper (epmd) of its own. `start` before use, `close` at the end; `folder` is the caller's to delete. `port`
    is the AMQP port.
    """

    def __init__(self, folder: Path) -> None:
        self._server_program = program("rabbitmq-server", *_RABBITMQ)
        self._ctl_program = program("rabbitmqctl", *_RABBITMQ)
        self._epmd_program = program("epmd", *_RABBITMQ)
        self._folder = folder
        self.port = free_port()
        self._epmd_port = free_port()
        self._node = f"medcom-{secrets.token_hex(4)}@localhost"
        self._environment = self._prepare()
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the node's process is alive."""
        return self._server is not None and self._server.poll() is None

    def start(self) -> None:
        """Returns when the node answers. Does nothing where it runs already."""
        if self.running:
            return
        if self._epmd is None:
            # Erlang would start a port mapper as a daemon that nobody ends; this one ends with us.
            self._epmd = self._run([self._epmd_program, "-port", str(self._epmd_port), "-address", "127.0.0.1"])
            _until(lambda: _greets(self._epmd_port, b""), self._epmd, "epmd", self._folder)
        self._server = self._run([self._server_program, "-noinput"])
        _until(lambda: _greets(self.port, b"AMQP\x00\x00\x09\x01"), self._server, "RabbitMQ", self._folder)

    def stop(self) -> None:
        """Stops the node in good order: its clients are told, its data stays."""
        end(self._server)

    def url_of(self, vhost: str) -> str:
        """The URL of a virtual host, as the user `guest`."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{vhost}"

    def vhost(self) -> str:
        """The name of a new virtual host."""
        name = f"bench-{secrets.token_hex(4)}"
        self.ctl("add_vhost", name)
        self.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        return name

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` prints, in a second or two. Raises RuntimeError where it fails."""
        command = [self._ctl_program, "-q", "-n", self._node, *arguments]
        done = subprocess.run(  # noqa: S603 - the programs of `program`
            command, env=self._environment, cwd=self._folder, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def close(self) -> None:
        """Ends it."""
        end(self._server)
        end(self._epmd)

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        return _started(command, self._folder, self._environment)

    def _prepare(self) -> dict[str, str]:
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nlog.console = false\nlog.file.level = info\n"
            "disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 1GB\n"
        )
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "rabbitmq-env.conf").write_text("")
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(self._folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The server itself instead of a shell around it: signals are then the node's own.
            "RABBITMQ_ALLOW_INPUT": "1",
        }


class PostgreSQL:
    """A cluster with its defaults, durable as they are, but for the `settings` given. `start` before use, `close` at the end; `folder`
    is the caller's to delete.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
        folders = [str(path) for path in newest]
        self._initdb = program("initdb", *folders)
        self._postgres = program("postgres", *folders)
        self._folder = folder
        self._settings = settings
        self.port = free_port()
        self._password = secrets.token_hex(16)
        self._user = "postgres" if os.geteuid() == 0 else None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._server is not None and self._server.poll() is None

    def start(self) -> None:
        """Returns when the server answers; the first time it makes the cluster. Does nothing where it runs already."""
        if self.running:
            return
        data = self._folder / "data"
        if not data.exists():
            self._make(data)
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", str(self._folder)]
        options += [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._server = _started([self._postgres, "-D", str(data), *options], self._folder, None, self._user)
        _until(self._answers, self._server, "PostgreSQL", self._folder)

    def stop(self) -> None:
        """Stops the server in good order, saying goodbye to its clients; its data stays."""
        if self.running and self._server is not None:
            self._server.send_signal(signal.SIGINT)  # "fast": SIGTERM would wait for the clients to leave
        end(self._server)

    def _make(self, data: Path) -> None:
        secret = self._folder / "password"
        secret.write_text(self._password)
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            for path in (self._folder, secret):
                os.chown(path, account.pw_uid, account.pw_gid)
        making = [self._initdb, "-D", str(data), "-U", "medcom", "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8"]
        made = _started([*making, "--locale", "C.UTF-8"], self._folder, None, self._user)
        if made.wait(START_WITHIN):
            raise RuntimeError("initdb failed:\n" + (self._folder / "console").read_text(errors="replace")[-2000:])

    def database(self, *, like: str | None = None) -> str:
        """The URL of a new database, a copy of the one with the URL `like` where that is given; nobody may be connected to it."""
        import psycopg  # noqa: PLC0415 - a tenth of a second that only those with a server pay
        from psycopg import sql  # noqa: PLC0415 - as above

        name = f"bench_{secrets.token_hex(4)}"
        template = like.rpartition("/")[2] if like else "template1"
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            connection.execute(made)
        return self.url_of(name)

    def close(self) -> None:
        """Ends it, with its clients' connections."""
        self.stop()

    def url_of(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql://medcom:{self._password}@127.0.0.1:{self.port}/{database}"

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415 - as above

        with suppress(psycopg.OperationalError), psycopg.connect(self.url_of("postgres"), connect_timeout=2):
            return True
        return False


def _started(
    command: list[str], folder: Path, environment: dict[str, str] | None, user: str | None = None
) -> subprocess.Popen[bytes]:
    """A program in a session of its own, so that Ctrl-C at the terminal is ours to hear first. What it prints is kept."""
    group = pwd.getpwnam(user).pw_gid if user else None
    with (folder / "console").open("ab") as console:
        return subprocess.Popen(  # noqa: S603 - the programs of `program`
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if user else None,
        )


def _greets(port: int, greeting: bytes) -> bool:
    """Whether a server accepts a connection and, where there is a greeting to give, answers it."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as line:
        line.settimeout(5)
        line.sendall(greeting)
        return not greeting or line.recv(1) == b"\x01"
    return False


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str, folder: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    end(process)
    raise RuntimeError(f"{name} did not start:\n" + (folder / "console").read_text(errors="replace")[-2000:])
