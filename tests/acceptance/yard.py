"""A running gateway with three partners, for suites that try many things on one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.acceptance.letters import SKIVE, letter
from tests.services.gateway import GatewayProcess, Reply, until

LIMIT = 200_000


@dataclass
class Yard:
    """A running gateway with a hospital, a kommune, and another hospital that has nothing to do with either."""

    gateway: GatewayProcess
    epj: str
    skive: str
    other: str

    def submit(self, document: bytes, token: str | None = None, **more: Any) -> Reply:
        return self.gateway.submit(token or self.epj, document, **more)

    def accepted(self) -> tuple[str, bytes]:
        """A letter that has been accepted: its id and its bytes."""
        document = letter()
        answer = self.submit(document)
        assert answer.status == 202
        return answer.json["id"], document

    def delivered(self, message_id: str, document: bytes) -> None:
        """The letter can be fetched and acknowledged."""
        until(lambda: self.gateway.message(self.epj, message_id)["state"] == "available", what="the letter's arrival")
        assert self.gateway.fetch(self.skive, SKIVE, message_id) == document
        assert self.gateway.acknowledge(self.skive, SKIVE, message_id).json["state"] == "delivered"

    def recorded(self, message_id: str) -> dict[str, Any]:
        """The message as the operator finds it."""
        shown = json.loads(self.gateway.command("messages", "show", message_id, "--json").stdout)
        assert isinstance(shown, dict)
        return shown
