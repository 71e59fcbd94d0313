"""Signed pushes: the specification's own arithmetic, what a receiver must refuse, and how a secret is exchanged."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.records import Former, Mode, Partner
from gateway.signatures import NotSigned, key_of, new_secret, signed, verify

AT = datetime(2026, 11, 21, 1, 15, 3, 250_000, tzinfo=UTC)
ID = "01a2002f-ed36-73e1-ae1d-490369a34325"
BODY = "<Emessage>æøå</Emessage>".encode("iso-8859-1")
SECRET, OTHER = new_secret(), new_secret()


def test_the_header_is_the_specifications():
    """Id, whole seconds, and `v1,` with base64 of HMAC-SHA256 over id, seconds and body, keyed with the secret's bytes."""
    headers = signed([SECRET], ID, AT, BODY)
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, ID.encode() + b"." + b"1795223703" + b"." + BODY, hashlib.sha256).digest()
    assert int(AT.timestamp()) == 1795223703
    assert headers == {
        "webhook-id": ID,
        "webhook-timestamp": "1795223703",
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def test_the_specifications_libraries_own_example():
    """The secret, id, time and body that the specification's libraries are tested on give the signature that those give."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_exchanged_both_verify():
    """Each of two secrets finds its own signature among those of the header; a third does not."""
    headers = signed([SECRET, OTHER], ID, AT, BODY)
    verify(SECRET, headers, BODY, AT)
    verify(OTHER, headers, BODY, AT)
    with pytest.raises(NotSigned, match="wrong-signature"):
        verify(new_secret(), headers, BODY, AT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"webhook-signature": ""}, "not-signed"),
        ({"webhook-id": ""}, "not-signed"),
        ({"webhook-id": "another"}, "wrong-signature"),
        ({"webhook-timestamp": "1795223704"}, "wrong-signature"),
        ({"webhook-timestamp": "1795223703.0"}, "old-timestamp"),
        ({"webhook-timestamp": "9" * 5000}, "old-timestamp"),
        ({"webhook-signature": "v1a,AAAA v1, \udce6"}, "wrong-signature"),
    ],
)
def test_what_is_not_trusted(change: dict[str, str], reason: str):
    """A push without the headers, or with one that was not signed so, is not the hub's."""
    with pytest.raises(NotSigned, match=reason):
        verify(SECRET, signed([SECRET], ID, AT, BODY) | change, BODY, AT)


def test_another_body():
    """A changed byte is refused."""
    with pytest.raises(NotSigned, match="wrong-signature"):
        verify(SECRET, signed([SECRET], ID, AT, BODY), BODY + b" ", AT)


@pytest.mark.parametrize("seconds", [-302, -298, 298, 302])
def test_another_time(seconds: int):
    """What was signed more than five minutes from now, before or after, may be a replay and is refused."""
    old = pytest.raises(NotSigned, match="old-timestamp") if abs(seconds) > 300 else nullcontext()
    with old:
        verify(SECRET, signed([SECRET], ID, AT, BODY), BODY, AT + timedelta(seconds=seconds))


def test_a_secret_is_long_enough_and_can_be_known():
    """A new secret has 256 bits behind `whsec_`; what is shorter than the specification allows, or no base64, is none."""
    assert len(key_of(new_secret())) == 32
    for wrong in ("", "whsec_", "whsec_ikke base64", "whsec_" + base64.b64encode(b"x" * 23).decode(), SECRET[6:]):
        with pytest.raises(ValueError, match="whsec_"):
            key_of(wrong)


def test_which_secrets_sign():
    """The newest first, the former until its time is up; none where the partner has none."""
    partner = Partner("skive", frozenset(), Mode.PUSH, "", push_secret=SECRET, former_push_secret=Former(OTHER, AT))
    assert partner.push_secrets(AT - timedelta(seconds=1)) == (SECRET, OTHER)
    assert partner.push_secrets(AT) == (SECRET,)
    assert Partner("skive", frozenset(), Mode.PUSH, "").push_secrets(AT) == ()
    assert SECRET not in repr(partner)
    assert OTHER not in repr(partner)


def test_the_guides_example():
    """The example in the integrators' guide takes what the hub signs now and nothing else."""
    guide = (Path(__file__).parents[3] / "docs" / "integrators.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(guide.partition("```python\n")[2].partition("```")[0], names)
    headers = signed([OTHER, SECRET], ID, datetime.now(UTC), BODY)
    assert names["is_from_the_hub"](SECRET, headers, BODY) is True
    assert names["is_from_the_hub"](SECRET, headers, BODY + b" ") is False
    assert names["is_from_the_hub"](SECRET, signed([SECRET], ID, AT - timedelta(days=1), BODY), BODY) is False
