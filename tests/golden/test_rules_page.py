"""The page of rules is what its table says."""

from __future__ import annotations

from schemas.rules.table import RULES
from tools.make_rules_page import PAGE, page


def test_the_page_is_made_from_the_table():
    """docs/rules.md is what `python -m tools.make_rules_page` writes: run it when the table has changed."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_rule_is_on_the_page():
    """Code, source and both sentences of each rule stand on the page, once."""
    written = page()
    for rule in RULES:
        assert written.count(f"### `{rule.code}`\n") == 1
        assert f"{rule.danish}\n\n*{rule.english}*\n" in written
        assert f"- Source: {rule.source}\n" in written
