"""Simulators of the two kinds of system that talk to the hub: an EPJ at a hospital and an omsorgssystem in a kommune.

    Epj ─────────────┐                        ┌─ Mailboxes (pull)
    Omsorgssystem ───┴─ System ─┬─ Outgoing ──┤─ Door (push)          Logbook: what each has seen, durable before it is answered
                                └─ Incoming ──┴─ Queue (its own AMQP queue)

They are outside systems that happen to be shipped with the hub, for integrators to try against, for the demo and for the acceptance
tests. So they know the hub by its interfaces alone, HTTP and AMQP with a partner's token, and never touch its journal; they read and
write documents with `schemas`, as the hub does. An honest system keeps a document before it says that it has it, sends each of its
own until it is answered, and knows a repeat when it sees one: these do, unless told to misbehave.
"""

from gateway.simulate.epj import Epj
from gateway.simulate.logbook import Entry, Logbook
from gateway.simulate.omsorgssystem import Omsorgssystem
from gateway.simulate.temper import Temper

__all__ = ["Entry", "Epj", "Logbook", "Omsorgssystem", "Temper"]
