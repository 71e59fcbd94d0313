"""The lock files must hold what `pyproject.toml` asks for; exits 1 and names what is missing or out of range.

The project is installed without looking at its dependencies, since the lock file has already brought them. So a dependency
that was added and not locked would first be noticed by an import that fails.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent


def pins(lock: Path) -> dict[str, str]:
    """Version by canonical name, for each package that the lock file pins."""
    lines = (line.split(" ")[0] for line in lock.read_text("utf-8").splitlines() if "==" in line and line[0] not in " #")
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def unmet(requirements: list[str], lock: Path) -> list[str]:
    """What is asked for and not pinned within its range, one sentence each."""
    pinned = pins(lock)
    wanted = [Requirement(text) for text in requirements]
    return [
        f"{lock.name}: {requirement} is not met by {pinned.get(canonicalize_name(requirement.name), 'nothing')}"
        for requirement in wanted
        if not requirement.specifier.contains(pinned.get(canonicalize_name(requirement.name), ""), prereleases=True)
    ]


def main() -> int:
    """Compares both lock files with the project's dependencies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    runtime: list[str] = project["dependencies"]
    dev: list[str] = project["optional-dependencies"]["dev"]
    findings = unmet(runtime + dev, ROOT / "requirements.lock") + unmet(runtime, ROOT / "requirements-runtime.lock")
    both = pins(ROOT / "requirements.lock")
    findings += [
        f"requirements-runtime.lock: {name} {version} is not the version of requirements.lock"
        for name, version in pins(ROOT / "requirements-runtime.lock").items()
        if both.get(name) != version
    ]
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
