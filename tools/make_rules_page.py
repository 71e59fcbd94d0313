"""Writes docs/rules.md, which lists the rules beyond the schemas: `python -m tools.make_rules_page`.

The page is made from `schemas.rules.table` alone; a golden test holds it to what this writes.
"""

from __future__ import annotations

from pathlib import Path

from schemas.findings import Severity
from schemas.rules.table import RULES, Rule

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"
_HEAD = """# Rules beyond the schemas

What is looked for in a message beside its schema. This page is made from `schemas/rules/table.py` by
`python -m tools.make_rules_page`; edit the table, not the page.

An **error** refuses the message, and is only what the standard forbids though the schema lets it pass. A **warning** is told to the
sender and never stops a message: a receiver may be led astray. A **note** is something to know. Findings are told in Danish and in
English, with the place in the document, and never repeat anything of the document itself. `{…}` stands for what was expected.
"""
_TITLES = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for severity, title in _TITLES.items():
        parts.append(f"\n## {title}\n")
        parts += [_section(rule) for rule in RULES if rule.severity is severity]
    return "".join(parts)


def _section(rule: Rule) -> str:
    applies = ", ".join(rule.applies) or "every type"
    return f"\n### `{rule.code}`\n\n{rule.danish}\n\n*{rule.english}*\n\n- Applies to: {applies}\n- Source: {rule.source}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
