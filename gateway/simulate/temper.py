"""How a simulated receiver behaves, and the ways in which it can be told to misbehave, while it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Temper:
    """What is asked of the receiver from now on; a test or the command line changes it at any time.

    `fail` is how many documents, from now on, it answers with a failure (500) before it has looked at them; it counts itself down.
    `slow` is how many seconds it waits before it answers that it has the document, which it has kept by then. `garbage` answers what
    is no HTTP at all, with the document kept too, and what is owed for it sent only once a proper answer has been given: so the hub
    comes again with what is here already. `reject` never takes a document
    (422). `negative` takes letters and refuses them with a negative receipt; `receipts` off sends no receipts. `reply` is the text
    that the first letter of each thread is answered with, None for no reply.
    """

    fail: int = 0
    slow: float = 0.0
    garbage: bool = False
    reject: bool = False
    negative: bool = False
    receipts: bool = True
    reply: str | None = None

    def fails_now(self) -> bool:
        """Whether the next document meets a failure; counts it down."""
        if self.fail <= 0:
            return False
        self.fail -= 1
        return True
