"""Reading what strangers send: text that is not UTF-8, times beyond the calendar, header tables that make no sense.

RabbitMQ passes such properties on as they came. The driver ends the whole connection over one of them, gets the same message
again on the next, and so one careless sender would stop the gateway for good. So its decoders for properties, a table that it
keeps by type name, are given a way on; the inbox then judges the message like any other.
"""

from __future__ import annotations

from datetime import datetime

from pamqp import decode
from pamqp.common import FieldTable

_TIMESTAMP = 8  # bytes, AMQP 0-9-1 section 4.2.5.4
_TABLE_LENGTH = 4  # bytes of the length before a field table, section 4.2.5.5


def read_anything() -> None:
    """Makes the driver's decoders of properties accept any bytes. It holds for the process, and may be called again."""
    decode.METHODS["shortstr"] = _short_text
    decode.METHODS["timestamp"] = _timestamp
    decode.METHODS["table"] = _table


def _short_text(value: bytes) -> tuple[int, str]:
    end = 1 + value[0]
    return end, value[1:end].decode("utf-8", "replace")


def _timestamp(value: bytes) -> tuple[int, datetime | None]:
    try:
        return decode.timestamp(value)
    except (ValueError, OverflowError, OSError):
        return _TIMESTAMP, None


def _table(value: bytes) -> tuple[int, FieldTable]:
    try:
        return decode.field_table(value)
    except (ValueError, OverflowError, OSError, RecursionError):
        return _TABLE_LENGTH + int.from_bytes(value[:_TABLE_LENGTH], "big"), {}
