"""Telemetry as types: everything that the gateway says about itself is one of these events.

An event is a frozen value; `Telemetry.emit` logs it as one JSON line under its own name and counts it. Operators get a stable
vocabulary, tests assert on events. Fields are ids, codes, counts and durations in seconds: never a CPR number, a name or text
from a document, which is why no event has a field for any.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from dataclasses import dataclass
from typing import Any, ClassVar, TextIO

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_HOLD_LINES_SECONDS = 0.05
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True)
class Event:
    """Something that happened. `level` is its log level; `labels` are the fields that its counter is split by."""

    level: ClassVar[str] = "info"
    labels: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class SubmissionJudged(Event):
    """Hops 1 to 5 are over for one document. `answer` is accepted, duplicate, resend, refused or dead_letter."""

    message_id: str
    partner: str
    origin: str
    type: str
    answer: str
    fault: str | None
    findings: tuple[str, ...]
    size: int
    seconds: float
    labels: ClassVar[tuple[str, ...]] = ("type", "answer", "fault")


@dataclass(frozen=True)
class SubmissionTurnedAway(Event):
    """A request was answered before there was a document to judge: no token, too large, the journal away."""

    status: int
    reason: str
    labels: ClassVar[tuple[str, ...]] = ("status", "reason")
    level: ClassVar[str] = "warning"


@dataclass(frozen=True)
class MessageRelayed(Event):
    """Hop 6 is over: the broker confirmed the parcel."""

    message_id: str
    endpoint: str
    routing_key: str
    attempt: int
    seconds: float


@dataclass(frozen=True)
class RelayDelayed(Event):
    """The broker did not confirm; the rows stay in the outbox and are tried again."""

    reason: str
    held: int
    level: ClassVar[str] = "warning"


@dataclass(frozen=True)
class AttemptConcluded(Event):
    """Hops 7 and 8 are over for one attempt. `outcome` is a `Happening`."""

    message_id: str
    endpoint: str
    type: str
    outcome: str
    reason: str | None
    attempt: int
    seconds: float
    labels: ClassVar[tuple[str, ...]] = ("outcome", "reason")


@dataclass(frozen=True)
class ParcelSkipped(Event):
    """A parcel came that needs no hand-over any more: it was concluded before, or the journal does not know it."""

    message_id: str
    endpoint: str
    why: str
    labels: ClassVar[tuple[str, ...]] = ("why",)


@dataclass(frozen=True)
class DeadLetterMade(Event):
    """The hub gave a message up; an operator must look."""

    message_id: str
    endpoint: str
    fault: str
    labels: ClassVar[tuple[str, ...]] = ("fault",)
    level: ClassVar[str] = "warning"


@dataclass(frozen=True)
class ReceiptOverdue(Event):
    """A receipt that was asked for has not come within its deadline."""

    message_id: str
    endpoint: str
    level: ClassVar[str] = "warning"


@dataclass(frozen=True)
class AttachmentMissing(Event):
    """A letter's attachment has not come within its time, or the letter that refers to one has not. `lacks` is the role of what did not
    come. The object's id is in the timeline: a sender may have written anything there.
    """

    message_id: str
    lacks: str
    labels: ClassVar[tuple[str, ...]] = ("lacks",)
    level: ClassVar[str] = "warning"


@dataclass(frozen=True)
class QueuesRefilled(Event):
    """Messages were put back into the outbox: after a start, or because they stayed in a queue for too long."""

    count: int


@dataclass(frozen=True)
class JournalAway(Event):
    """The journal did not answer one of the hub's own tasks, which waits and goes on."""

    reason: str
    task: str
    labels: ClassVar[tuple[str, ...]] = ("task",)
    level: ClassVar[str] = "error"


@dataclass(frozen=True)
class BrokerAway(Event):
    """The broker cannot be reached; intake goes on, the outbox grows."""

    reason: str
    level: ClassVar[str] = "error"


@dataclass(frozen=True)
class QueueUnserved(Event):
    """The broker is there, but one of its queues lets nobody consume it: its mail waits, all other queues go on. Tried again."""

    queue: str
    reason: str
    labels: ClassVar[tuple[str, ...]] = ("queue",)
    level: ClassVar[str] = "error"


@dataclass(frozen=True)
class QueueServed(Event):
    """A queue that could not be consumed is consumed now."""

    queue: str


@dataclass(frozen=True)
class DirectoryChanged(Event):
    """The set of partners was read anew, or another version of the register came into force."""

    revision: int
    partners: int
    register_version: str


@dataclass(frozen=True)
class RegisterUnreadable(Event):
    """The version of the register that is to be in force cannot be read; the one before it stays."""

    reason: str
    level: ClassVar[str] = "error"


@dataclass(frozen=True)
class TaskFailed(Event):
    """A bug: a task of the hub's ended with an error that nobody had foreseen."""

    task: str
    error: str
    labels: ClassVar[tuple[str, ...]] = ("task",)
    level: ClassVar[str] = "error"


@dataclass(frozen=True)
class LibraryWarned(Event):
    """A library logged a warning or an error. `said` is its message before any value was put in, `error` the kind of exception."""

    library: str
    said: str
    error: str | None
    labels: ClassVar[tuple[str, ...]] = ("library",)
    level: ClassVar[str] = "warning"


@dataclass(frozen=True)
class GatewayStarted(Event):
    """The gateway serves."""

    instance: str
    url: str
    store: str
    broker: str
    register_version: str


@dataclass(frozen=True)
class GatewayStopped(Event):
    """The gateway has stopped; `left` deliveries were under way and will be made again."""

    seconds: float
    left: int


class _Lines:
    """A stream that writes its lines together, a moment later: a line for itself costs the event loop more than the message that it is
    about. Without a running loop it writes at once.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._held: list[str] = []

    def write(self, line: str) -> None:
        """Takes a line."""
        self._held.append(line)
        if len(self._held) > 1:
            return
        try:
            asyncio.get_running_loop().call_later(_HOLD_LINES_SECONDS, self.out)
        except RuntimeError:
            self.out()

    def flush(self) -> None:
        """Each line asks for it; `out` does it."""

    def out(self) -> None:
        """Writes what is held."""
        held, self._held = self._held, []
        if held:
            self._stream.write("".join(held))
            self._stream.flush()


class Telemetry:
    """Where events go: one log line each, one counter each, a histogram for those with `seconds`.

    `stream` None means no log. The metrics registry is this object's own, so two gateways in one process do not mix.
    """

    def __init__(self, stream: TextIO | None = sys.stdout, *, level: str = "info") -> None:
        self.registry = CollectorRegistry()
        self.messages = Gauge("medcom_messages", "Messages in each state", ["state"], registry=self.registry)
        self.queues = Gauge("medcom_queue_ready", "Parcels ready in each queue", ["queue"], registry=self.registry)
        self._counters = {kind: self._counter(kind) for kind in Event.__subclasses__()}
        self._seconds = {
            kind: self._histogram(kind) for kind in Event.__subclasses__() if "seconds" in kind.__dataclass_fields__
        }
        self._children: dict[tuple[type[Event], tuple[object, ...]], Counter] = {}
        self._log: Any = None
        self._lines = None if stream is None else _Lines(stream)
        if self._lines is not None:
            self._log = structlog.wrap_logger(
                structlog.WriteLogger(self._lines),  # type: ignore[arg-type]  # it writes and flushes, and asks no more of it
                processors=[
                    structlog.processors.add_log_level,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.JSONRenderer(serializer=_json),
                ],
                wrapper_class=structlog.make_filtering_bound_logger(level),
            ).bind()

    def emit(self, event: Event) -> None:
        """Logs and counts. Never raises."""
        kind = type(event)
        self._counted(kind, event).inc()
        if (histogram := self._seconds.get(kind)) is not None:
            histogram.observe(event.seconds)  # type: ignore[attr-defined]  # exactly the kinds that have the field
        if self._log is not None:
            self._log.log(_LEVELS[kind.level], kind.__name__, **vars(event))
            if kind.level != "info":
                self.flush()

    def _counted(self, kind: type[Event], event: Event) -> Counter:
        """The event's own counter. Looking one up by its labels costs the library more than counting, so they are kept."""
        values = tuple(getattr(event, name) for name in kind.labels)
        child = self._children.get((kind, values))
        if child is None:
            counter = self._counters[kind]
            child = counter.labels(*(str(value or "") for value in values)) if values else counter
            self._children[kind, values] = child
        return child

    def flush(self) -> None:
        """Writes the lines of the last moment. Warnings and errors are written at once, and all before them."""
        if self._lines is not None:
            self._lines.out()

    def exposition(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, kind: type[Event]) -> Counter:
        return Counter(f"medcom_{_snake(kind)}", _summary(kind), kind.labels, registry=self.registry)

    def _histogram(self, kind: type[Event]) -> Histogram:
        return Histogram(f"medcom_{_snake(kind)}_seconds", _summary(kind), registry=self.registry, buckets=_BUCKETS)


class FromLibraries(logging.Handler):
    """Turns what libraries log into events, without the values that they would put in: those may be anybody's."""

    def __init__(self, telemetry: Telemetry) -> None:
        super().__init__(logging.WARNING)
        self._telemetry = telemetry

    def emit(self, record: logging.LogRecord) -> None:
        """One event a record."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        self._telemetry.emit(LibraryWarned(record.name, str(record.msg)[:200], error))


_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _json(value: object, **_: object) -> str:
    return orjson.dumps(value, default=str).decode()


def _snake(kind: type[Event]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _summary(kind: type[Event]) -> str:
    return (kind.__doc__ or kind.__name__).split("\n", 1)[0]
