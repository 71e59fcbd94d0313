"""No tracked or new file may name a path of somebody's machine or a package registry; exits 1 with file and line.

The project must build wherever it is cloned, with the registries that the machine there is set up for.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

# A path counts where it starts one: `/home/…`, not the tail of an address or of a relative path.
MACHINE_PATH = re.compile(r"(?<![\w.~*:}/-])/(?:root|home|work|Users|mnt)/[\w.]")
REGISTRY = re.compile(
    r"(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com)\b|proxy\.golang\.org|crates\.io"
    r"|--(?:extra-)?index-url[= ]\S|--find-links[= ]\S|--trusted-host[= ]\S"
)


def project_files() -> list[Path]:
    """Every file that is or could be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def main() -> int:
    """Looks at every text file, line by line."""
    found = 0
    for path in project_files():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # examples in other encodings and binary files
        for number, line in enumerate(lines, 1):
            if match := MACHINE_PATH.search(line) or REGISTRY.search(line):
                print(f"{path.relative_to(ROOT)}:{number}: {match.group()!r} in: {line.strip()[:120]}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
