"""How a parcel reaches an endpoint: pushed to its URL, or laid into its mailbox.

A receiver that consumes its own queue over AMQP needs no transport: the broker's confirm is the hand-over.
"""

from gateway.transport.mailbox import MailboxTransport
from gateway.transport.push import PushTransport

__all__ = ["MailboxTransport", "PushTransport"]
