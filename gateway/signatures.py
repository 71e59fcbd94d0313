"""Signed pushes, as the Standard Webhooks specification 1.0.0 has them (symmetric scheme `v1`): who calls, when, and with what.

    webhook-signature: v1,<base64 of HMAC-SHA256 over "<webhook-id>.<webhook-timestamp>.<body>"> …

One signature for each secret that is valid, with a space between them, so that a secret can be exchanged with nothing refused
meanwhile. The hub signs; the simulated omsorgssystem verifies, as any receiver may with one of the specification's libraries.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
PREFIX = "whsec_"
VERSION = "v1"

TOLERANCE_SECONDS = 300
"""How far a timestamp may be from now: what the specification's own libraries allow."""

_SECONDS = re.compile(r"[0-9]{1,12}")
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret, "Signature scheme": 192 to 512 bits


class NotSigned(Exception):  # noqa: N818 - the verdict on a push
    """A push that cannot be trusted. `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def new_secret() -> str:
    """A secret: 256 random bits in base64 behind the prefix `whsec_`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The secret's bytes. Raises ValueError where it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as wrong:
        raise ValueError("a secret is base64 behind whsec_") from wrong
    if not secret.startswith(PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"a secret is {_SHORTEST} to {_LONGEST} bytes in base64 behind whsec_")
    return key


def signed(keys: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers for one attempt at `at`: `message_id` is the same on every attempt and has no full stop in it."""
    timestamp = str(int(at.timestamp()))
    signatures = " ".join(_signature(secret, message_id, timestamp, body) for secret in keys)
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: signatures}


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Returns where one of the signatures is made with this secret, of this body, less than `TOLERANCE_SECONDS` from now.

    `headers` ignores case, or is in lower case. Raises NotSigned.
    """
    message_id, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and timestamp and given):
        raise NotSigned("not-signed")
    if not _SECONDS.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise NotSigned("old-timestamp")
    expected = _signature(secret, message_id, timestamp, body).encode()
    if not any(hmac.compare_digest(expected, _raw(one)) for one in given.split(" ")):
        raise NotSigned("wrong-signature")


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    content = _raw(f"{message_id}.{timestamp}.") + body
    return f"{VERSION},{base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest()).decode()}"


def _raw(header: str) -> bytes:
    # A header that is no UTF-8 comes with its odd bytes as surrogates.
    return header.encode(errors="surrogateescape")
