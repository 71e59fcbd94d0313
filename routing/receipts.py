"""Receipts as decisions: which one the hub owes, and what an incoming one does to the message that it is about.

"""

from __future__ import annotations

from enum import StrEnum


class Sign(StrEnum):
    """The sign of a receipt. A positive and a negative one are never both sent for one letter (I5)."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
