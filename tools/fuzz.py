"""Looks for an input that the reader cannot stand: `make fuzz`, or `python -m tools.fuzz [--seconds 600] [--corpus FOLDER]…`.

The promise that is tried: whatever the bytes, `read`, `examine` and `unwrap` answer with a value and never raise; they take no more
than a second a megabyte, and a second where there is less; they take no more memory than ten times the size, or 100 MB where that is
more.

Inputs are made of the examples that are shipped, bare and in a VANSEnvelope, and of the files in the folders given: cut, doubled,
spliced, recoded, and above all grown, since it is the large ones that cost. They are judged in a process of their own, which can be
measured as the kernel sees it (libxml2's memory is not Python's) and may die. What breaks the promise is kept in `var/fuzz`, and the
exit status is 1. Where atheris is installed, which follows the paths through the Python code, it goes before for a third of the time.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import importlib.util
import json
import random
import selectors
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

from schemas.examine import examine
from schemas.reader import read
from schemas.validator import Schemas, load_schemas
from schemas.vansexamine import unwrap
from tools.fuzz_inputs import Inputs, shipped

KEPT = Path(__file__).parents[1] / "var" / "fuzz"
MEGABYTE = 1_000_000
SECONDS = 1.0  # a megabyte, and for less than one
TIMES = 10
FLOOR = 100 * MEGABYTE
_MEASURED = (
    20_000  # bytes from which memory is measured: below it nothing can take much, and measuring takes longer than judging
)
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

CALLS: dict[str, Callable[[bytes, Schemas], object]] = {
    "read": lambda raw, _schemas: read(raw),
    "examine": examine,
    "unwrap": unwrap,
}


def main() -> int:
    """Runs what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument(
        "--corpus", type=Path, action="append", default=[], metavar="FOLDER", help="more files to make inputs of"
    )
    parser.add_argument("--seed", type=int, default=None, help="to make the same inputs again")
    parser.add_argument("--largest", type=int, default=16 * MEGABYTE, help="bytes that an input is grown to, at most")
    parser.add_argument("--only", type=Path, nargs="+", metavar="FILE", help="judge these files, and make none")
    parser.add_argument("--role", choices=["judge", "atheris"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    seeds = shipped(load_schemas()) + [
        path.read_bytes() for folder in chosen.corpus for path in folder.rglob("*") if path.is_file()
    ]
    if chosen.role == "judge":
        return _judge()
    if chosen.role == "atheris":
        return _follow(seeds, chosen.seconds)
    KEPT.mkdir(parents=True, exist_ok=True)
    if chosen.only:
        return _again(chosen.only)
    seconds, failed = chosen.seconds, False
    if importlib.util.find_spec("atheris"):
        seconds *= 2 / 3
        corpus = [word for folder in chosen.corpus for word in ("--corpus", str(folder))]
        failed = subprocess.run([*_myself("atheris"), "--seconds", str(seconds / 2), *corpus], check=False).returncode != 0
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(1 << 32)
    return 1 if _mutate(Inputs(seeds, random.Random(seed), chosen.largest), seconds, seed) or failed else 0  # noqa: S311


def _mutate(inputs: Inputs, seconds: float, seed: int) -> int:
    """Judges made inputs until the time is up, and says what it did. Returns how many failed."""
    print(f"seed {seed}, {len(inputs.seeds)} files to make inputs of, {seconds:.0f} s")
    ways: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    size, worst_time, worst_memory = 0, (0.0, ""), (0.0, "")
    judge = Judge()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        way, raw = inputs.make()
        ways[way] += 1
        size += len(raw)
        for call, one in judge.judged(raw).items():
            if fault := _fault(one, len(raw)):
                failures[f"{call} {way}: {fault.splitlines()[-1].partition(':')[0]}"] += 1
                if failures.total() <= 20:
                    print(f"FAILED {call}, {way}, {len(raw)} bytes: {fault}\n  kept as {_keep(raw)}", flush=True)
            told = f"{call}, {way}, {len(raw)} bytes"
            if len(raw) >= MEGABYTE:
                worst_time = max(worst_time, (one["seconds"] * MEGABYTE / len(raw), told))
            if one["memory"] > FLOOR:
                worst_memory = max(worst_memory, (one["memory"] / len(raw), told))
    judge.end()
    print(
        f"{ways.total()} inputs, {size / MEGABYTE:.0f} MB: "
        + ", ".join(f"{way} {number}" for way, number in ways.most_common())
    )
    print(f"from 1 MB on at most {worst_time[0]:.2f} s a MB ({worst_time[1]})")
    print(
        f"above {FLOOR // MEGABYTE} MB of memory at most {worst_memory[0]:.1f} times the size ({worst_memory[1] or 'none came there'})"
    )
    print(f"{failures.total()} failures", *(f"  {number} x {what}" for what, number in failures.most_common()), sep="\n")
    return failures.total()


def _again(paths: list[Path]) -> int:
    judge, failed = Judge(), 0
    for path in paths:
        raw = path.read_bytes()
        for call, one in judge.judged(raw).items():
            fault = _fault(one, len(raw))
            failed += bool(fault)
            times = one["memory"] / len(raw)
            print(f"{path.name} {call}: {one['seconds']:.3f} s, {one['memory'] / MEGABYTE:.1f} MB ({times:.1f} times) {fault}")
    judge.end()
    return 1 if failed else 0


def _fault(one: dict[str, float], size: int) -> str:
    if error := one.get("error"):
        return str(error)
    if one["seconds"] > SECONDS * max(1, size / MEGABYTE):
        return f"slow: {one['seconds']:.2f} s"
    if one["memory"] > max(FLOOR, TIMES * size):
        return f"large: {one['memory'] / MEGABYTE:.0f} MB, {one['memory'] / size:.1f} times"
    return ""


def _keep(raw: bytes) -> Path:
    with tempfile.NamedTemporaryFile(dir=KEPT, suffix=".xml", delete=False) as file:
        file.write(raw)
    return Path(file.name)


def _myself(role: str) -> list[str]:
    return [sys.executable, "-m", "tools.fuzz", "--role", role]


class Judge:
    """A process that judges one input after another, and is started again where it died or had to be ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def judged(self, raw: bytes) -> dict[str, dict[str, float]]:
        """For each call seconds and bytes of memory, or `error`."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = subprocess.Popen(
                _myself("judge"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self._line(process, 60)  # it says when it is ready
        with tempfile.NamedTemporaryFile() as file:
            file.write(raw)
            file.flush()
            if process.stdin is not None:
                process.stdin.write(f"{file.name}\n")
                process.stdin.flush()
            line = self._line(process, 20 + 5 * SECONDS * len(raw) / MEGABYTE)
        if not line:
            process.kill()
            ended = f"the process ended with {process.wait()}, or had to be ended"
            return {"all": {"seconds": 0.0, "memory": 0.0, "error": ended}}  # type: ignore[dict-item]
        verdict: dict[str, dict[str, float]] = json.loads(line)
        return verdict

    def end(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @staticmethod
    def _line(process: subprocess.Popen[str], seconds: float) -> str:
        if process.stdout is None:
            return ""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            return process.stdout.readline() if selector.select(seconds) else ""


def _judge() -> int:
    """The judging process: a file's name a line in, a JSON object a line out."""
    schemas = load_schemas()
    for raw in shipped(schemas):  # what explains a refusal is built when first needed, and is not the input's doing
        examine(raw, schemas)
        unwrap(raw, schemas)
    print("ready", flush=True)
    libc = ctypes.CDLL(None)
    for line in sys.stdin:
        raw = Path(line.rstrip("\n")).read_bytes()
        print(json.dumps({name: _measured(name, raw, schemas, libc) for name in CALLS}), flush=True)
    return 0


def _measured(name: str, raw: bytes, schemas: Schemas, libc: ctypes.CDLL) -> dict[str, float | str]:
    before = 0
    if len(raw) >= _MEASURED:
        libc.malloc_trim(0)  # or what an earlier input left would be used again, and not be seen
        _CLEAR.write_text("5")  # the peak begins anew
        before = _memory("VmRSS")
    started = time.process_time()  # not the clock's: the machine may have more to do than this
    try:
        CALLS[name](raw, schemas)
    except Exception:  # noqa: BLE001 - any is what is looked for
        return {"seconds": 0.0, "memory": 0, "error": traceback.format_exc()}
    seconds = time.process_time() - started
    return {"seconds": seconds, "memory": _memory("VmHWM") - before if before else 0}


def _memory(field: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _follow(seeds: list[bytes], seconds: float) -> int:
    """Atheris for so long: exceptions alone, since it judges in its own process."""
    atheris = importlib.import_module("atheris")
    schemas = load_schemas()
    for name, module in list(sys.modules.items()):
        for function in vars(module).values() if name.startswith("schemas.") else ():
            if isinstance(function, FunctionType) and function.__module__ == name:
                atheris.instrument_func(function)

    def each(raw: bytes) -> None:
        for call in CALLS.values():
            call(raw, schemas)

    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(seeds):
            Path(folder, str(number)).write_bytes(raw)
        limits = [f"-max_total_time={seconds:.0f}", "-max_len=100000", "-timeout=20", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={KEPT}/", folder], each)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
