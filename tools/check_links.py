"""Links from the project's Markdown to its own files and headings must lead somewhere; exits 1 with file and line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*?)\s*$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The document's text with its code blocks emptied, line numbers kept."""
    return FENCE.sub(lambda block: "\n" * block.group().count("\n"), path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """The names under which a forge shows the document's headings."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(prose(path))}


def broken(path: Path) -> list[str]:
    """The document's links that lead nowhere, each with its line."""
    findings = []
    for number, line in enumerate(prose(path).splitlines(), 1):
        for target in LINK.findall(line):
            name, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue  # elsewhere: not ours to keep
            file = (path.parent / name) if name else path
            if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
                findings.append(f"{path.relative_to(ROOT)}:{number}: {target}")
    return findings


def main() -> int:
    """Looks at every Markdown file that is or could be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    documents = [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]
    findings = [finding for document in documents for finding in broken(document)]
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
