"""Which documents a command line means: files as they are named, folders with all that is XML in them, and standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from schemas.reader import DEFAULT_LIMIT

STANDARD_INPUT = "-"
# How a document begins: after white space, in any encoding that is read here.
_BEGINNINGS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")
_LOOK = 200


class Documents:
    """The documents that were named, found before the first is read, so that it is known how many there are.

    `names` are as given, a folder's as paths from it. `passed_over` counts the files in folders that are no XML. `complain` is told
    the name and the reason of everything that cannot be found or read, and `complaints` counts them.
    """

    def __init__(self, given: tuple[str, ...], complain: Callable[[str, str], None]) -> None:
        self.passed_over = 0
        self.complaints = 0
        self._tell = complain
        self.names = [name for each in given for name in self._under(each)]

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each that can be read; no more bytes than it takes to see that a document is too large."""
        for name in self.names:
            try:
                yield name, _bytes(name)
            except OSError as error:
                self._complain(error, name)

    def _under(self, name: str) -> Iterator[str]:
        if name == STANDARD_INPUT or not Path(name).is_dir():
            yield name
            return
        empty = True
        for folder, folders, files in os.walk(name, onerror=self._complain):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            for file in sorted(files):
                path = Path(folder) / file
                if file.startswith(".") or not path.is_file():
                    continue
                if self._is_xml(path):
                    empty = False
                    yield str(path)
                else:
                    self.passed_over += 1
        if empty and not self.complaints:
            self._complain(FileNotFoundError(0, "no XML file in the folder"), name)

    def _is_xml(self, path: Path) -> bool:
        if path.suffix.lower() == ".xml":
            return True
        try:
            with path.open("rb") as file:
                return file.read(_LOOK).lstrip().startswith(_BEGINNINGS)
        except OSError as error:
            self._complain(error)
            return False

    def _complain(self, error: OSError, name: str | None = None) -> None:
        self.complaints += 1
        self._tell(name or os.fsdecode(error.filename or ""), error.strerror or str(error))


def _bytes(name: str) -> bytes:
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(DEFAULT_LIMIT + 1)
    with Path(name).open("rb") as file:
        return file.read(DEFAULT_LIMIT + 1)
