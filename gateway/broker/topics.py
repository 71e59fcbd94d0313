"""Topic patterns as RabbitMQ reads them: words between dots, `*` for exactly one word, `#` for any number of words, none too.

The embedded broker routes by this; on RabbitMQ the broker itself does. The conformance suite holds the two to the same answers.
"""

from __future__ import annotations


def matches(pattern: str, key: str) -> bool:
    """Whether a binding with this topic pattern takes a parcel with this routing key (AMQP 0-9-1, section 3.1.3.3)."""
    words = _words(key)
    # One row of a table at a time: reach[i] says that the pattern so far can take exactly the first i words.
    reach = [True] + [False] * len(words)
    for part in _words(pattern):
        if part == "#":
            for i in range(1, len(reach)):
                reach[i] = reach[i] or reach[i - 1]
        else:
            reach = [False, *(reach[i] and part in ("*", word) for i, word in enumerate(words))]
    return reach[-1]


def _words(text: str) -> list[str]:
    """RabbitMQ takes the empty text for no word at all, not for one empty word."""
    return text.split(".") if text else []
