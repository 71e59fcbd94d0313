"""What an operator may write about a partner, and what must not be taken for it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import click
import pytest

from gateway.cli.opening import Misuse
from gateway.cli.partner_entries import Span, bearer_in, check_name, check_push_url, with_secret
from gateway.records import Former, Mode, Partner

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SKIVE = Partner("skive", frozenset(), Mode.PUSH, "0" * 64, "https://omsorg.example/", push_secret="whsec_gammel")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
    ],
)
def test_spans(text: str, span: timedelta):
    """A time is a number and its unit."""
    assert Span().convert(text, None, None) == span


@pytest.mark.parametrize("text", ["", "24", "h", "0h", "-1h", "1.5h", "24H", "1w", "9999999d"])
def test_no_spans(text: str):
    """What leaves the unit or the number to guessing is misuse."""
    with pytest.raises(click.BadParameter):
        Span().convert(text, None, None)


def test_the_old_secret_stays_for_as_long_as_is_said():
    """A new secret takes the old one's place, beside it for a while where that is asked for; `none` takes all away."""
    made = with_secret(SKIVE, "auto", timedelta(hours=1), NOW)
    assert made.former_push_secret == Former("whsec_gammel", NOW + timedelta(hours=1))
    assert made.push_secret not in {None, "whsec_gammel"}
    assert with_secret(SKIVE, "auto", None, NOW).former_push_secret is None
    assert with_secret(made, "none", None, NOW).push_secrets(NOW) == ()
    assert with_secret(made, None, None, NOW) is made


def test_bearer_tokens():
    """The first line of the file, which must be what a header can carry."""
    assert bearer_in(io.StringIO("abc-._~+/123==\nmere\n")) == "abc-._~+/123=="
    for wrong in ("", "\n", "to ord\n", "æøå\n", "a\r\nX-Header: b\n"[:1] + " b\n"):
        with pytest.raises(Misuse):
            bearer_in(io.StringIO(wrong))


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "æ", "a.b", "a" * 41])
def test_no_names(name: str):
    """A name is a part of a queue's name and a user's: lower-case letters, digits and dashes."""
    with pytest.raises(Misuse):
        check_name(name)


def test_where_letters_may_be_pushed():
    """In the clear only to this machine itself."""
    for good in ("https://omsorg.example/x", "http://127.0.0.1:9001/", "http://[::1]/", "http://localhost/"):
        check_push_url(good)
    for bad in ("http://omsorg.example/", "https://", "ftp://127.0.0.1/", "omsorg.example"):
        with pytest.raises(Misuse):
            check_push_url(bad)
