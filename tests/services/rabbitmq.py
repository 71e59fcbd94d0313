"""A private RabbitMQ for the tests: the benchmark's launcher, with what tests do to a node and no benchmark would.

One node serves a test session and is started when the first test asks for it; each test gets a virtual host of its own, so no
test sees another's queues. A test may stop, kill and start the node at will: the next one that asks for a virtual host finds it
running.
"""

from __future__ import annotations

import os
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.bench import services
from tests.services.missing import absent

_VHOSTS_AT_ONCE = 8


class RabbitMQ(services.RabbitMQ):
    """A node that can be stopped, killed and started again with its data kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._fresh: list[str] = []
        self._used: list[str] = []

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
        super().close()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """The session's private node, running."""
    with tempfile.TemporaryDirectory(prefix="medcom-rabbitmq-", ignore_cleanup_errors=True) as folder:
        try:
            node = RabbitMQ(Path(folder))
        except services.Missing as missing:
            absent(missing)
        try:
            node.start()
            yield node
        finally:
            node.close()


@pytest.fixture
def rabbitmq_vhost(rabbitmq: RabbitMQ) -> str:
    """The URL of a virtual host that is the test's own, on the running node."""
    return rabbitmq.url_of(rabbitmq.vhost())
