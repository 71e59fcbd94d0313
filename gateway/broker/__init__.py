"""The adapters of the port `Broker`: embedded in the process, and RabbitMQ."""

from __future__ import annotations

from gateway.broker.embedded import EmbeddedBroker
from gateway.broker.rabbitmq import RabbitBroker
from gateway.events import Telemetry
from gateway.ports import Broker

__all__ = ["make_broker"]


def make_broker(url: str, telemetry: Telemetry | None = None) -> Broker:
    """The broker that a URL names: `embedded:`, or `amqp://` or `amqps://` for RabbitMQ. Raises ValueError for another."""
    scheme = url.partition(":")[0]
    if scheme == "embedded":
        return EmbeddedBroker(telemetry=telemetry)
    if scheme in ("amqp", "amqps"):
        return RabbitBroker(url, telemetry=telemetry)
    raise ValueError(f"a broker's URL starts with embedded:, amqp:// or amqps://, not with {scheme}:")
