"""Push: the hub posts the document's bytes to the receiver's URL, and a 2xx answer means that the receiver has it.

What an answer means is decided in `verdict`, apart from the sending. Redirects are not followed: a letter goes where the partner's
entry says and nowhere else. The answer's body means nothing; receipts come as documents of their own. A receiver that wants to know
who calls is sent a signature, a bearer token of its own, or both.
"""

from __future__ import annotations

import io
from contextlib import suppress
from email.utils import parsedate_to_datetime

import aiohttp

from gateway.ports import Clock, Permanent, Temporary
from gateway.records import Parcel, Partner
from gateway.signatures import signed
from gateway.transport.handed import HandedOver
from routing.decisions import Fault
from routing.lifecycle import Happening

# The receiver has looked at this very document and will never take it; 409 says that it has it already.
_NEVER = frozenset({400, 406, 413, 415, 422})
_ALREADY = 409
_ANSWER_BYTES = 64 * 1024
_WHOLE = 1 << 20  # what is larger is written in pieces, or the client would hold it once more


def verdict(status: int) -> Happening | Fault | None:
    """What a receiver's HTTP status means: DELIVERED, a fault for good, or None for a temporary failure.

    401, 403, 404 and redirects count as temporary: they tell of a door that is set up wrongly, not of the letter, and somebody will
    mend it before the hub gives up.
    """
    if 200 <= status < 300 or status == _ALREADY:
        return Happening.DELIVERED
    return Fault.REFUSED_BY_RECEIVER_SYSTEM if status in _NEVER else None


class PushTransport:
    """Posts parcels with one shared client session. `timeout` is in seconds, for the whole exchange."""

    def __init__(self, session: aiohttp.ClientSession, timeout: float, clock: Clock) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._clock = clock

    async def hand_over(self, parcel: Parcel, body: bytes, partner: Partner) -> HandedOver:
        """Returns once the receiver answered 2xx (or 409: it has it). Raises Temporary or Permanent otherwise."""
        if partner.push_url is None:
            raise Permanent(Fault.NO_READER, "no-push-url")
        headers = self._proof(parcel, body, partner) | {
            "Content-Type": parcel.content_type,
            "MedCom-Message-Id": parcel.id,
            "Idempotency-Key": parcel.id,
            "MedCom-Type": parcel.type,
            "MedCom-Sender": _header(parcel.sender),
            "MedCom-Receiver": _header(parcel.receiver),
            "MedCom-Attempt": str(parcel.attempt),
        }
        try:
            async with self._session.post(
                partner.push_url,
                data=body if len(body) <= _WHOLE else io.BytesIO(body),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                status, retry_after = answer.status, answer.headers.get("Retry-After")
                # An answer that was read to its end leaves the connection open for the next letter. The status has said it all.
                with suppress(aiohttp.ClientError, TimeoutError):
                    await answer.content.read(_ANSWER_BYTES)
        except TimeoutError as error:
            raise Temporary("timeout") from error
        except aiohttp.ClientConnectorError as error:
            raise Temporary("no-connection") from error
        except aiohttp.ClientError as error:
            raise Temporary("bad-answer") from error
        meaning = verdict(status)
        if meaning is None:
            raise Temporary(f"http-{status}", retry_after=self._seconds(retry_after))
        if isinstance(meaning, Fault):
            raise Permanent(meaning, f"http-{status}")
        return HandedOver(meaning, {"status": status})

    def _proof(self, parcel: Parcel, body: bytes, partner: Partner) -> dict[str, str]:
        """The headers that tell the receiver who calls."""
        now = self._clock.now()
        keys = partner.push_secrets(now)
        signature = signed(keys, parcel.id, now, body) if keys else {}
        return signature | ({"Authorization": f"Bearer {partner.push_bearer}"} if partner.push_bearer else {})

    def _seconds(self, retry_after: str | None) -> float | None:
        """Retry-After as seconds from now (RFC 9110, 10.2.3: a number or a date); None where it is missing or unreadable."""
        if retry_after is None:
            return None
        if retry_after.isdecimal():
            return float(retry_after)
        try:
            return (parsedate_to_datetime(retry_after) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return None


def _header(value: str) -> str:
    """An EAN identifier as a header value: what HTTP cannot carry is replaced, for the document says it exactly."""
    return value.encode("ascii", "replace").decode().replace("\r", "?").replace("\n", "?")
