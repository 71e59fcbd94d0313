"""The use cases of the register's versions: import, activate, go back, compare. Each is judged before anything is stored.

file ─> read whole ─> canonical ─> compared with what is in force ─┬─> refused: nothing is stored, what is in force stays
└─> published ─> activated, at once or from a day on
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.clock import danish_day
from gateway.ports import Clock, Registers
from gateway.register_history import Activation, RegisterVersion, Step, before, in_force
from sor.comparison import ChangeKind, changes, open_units
from sor.register import Register
from sor.snapshot import pack, units_in, unpack


class RegisterRefused(Exception):  # noqa: N818 - named for what became of it
    """What was asked for was not done. The texts say why and what to do."""

    def __init__(self, text_da: str, text_en: str) -> None:
        super().__init__(text_da)
        self.text_da = text_da
        self.text_en = text_en


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do. `against` is the version that `changed` is counted against, None for a first one.

    `gone` is the share of the units open there that are gone here, 0 to 1. `published` is whether it was not there before, and
    `activated` whether it has a new line in the story.
    """

    version: str
    units: int
    against: str | None
    changed: Mapping[ChangeKind, int]
    gone: float
    published: bool
    activated: bool
    effective_from: date


class RegisterDesk:
    """Publishes and activates versions for `actor`, an operator's name."""

    def __init__(self, registers: Registers, clock: Clock, actor: str) -> None:
        self._registers = registers
        self._clock = clock
        self._actor = actor

    async def take_in(
        self, register: Register, source: str, *, since: date | None, max_gone: float, dry_run: bool = False
    ) -> Imported:
        """Publishes the register as a version and activates it from `since` on, or at once. Raises RegisterRefused where it has no
        units, or more than the share `max_gone` of the units in force is gone, or the day is over; SnapshotError where the version in
        force cannot be read.
        """
        revision, now = await self._registers.revision(), self._clock.now()
        day = self._day(since)
        if not register.units:
            raise RegisterRefused("Registret har ingen enheder.", "The register has no units.")
        version, content = pack(register)
        story = await self._registers.story()
        line = in_force(story, day)
        against = line.version if line else None
        counted, gone = ({}, 0.0) if against in {None, version} else await self._compared(str(against), register, day)
        if gone > max_gone:
            raise RegisterRefused(
                f"{gone:.1%} af enhederne i {against} er væk, og grænsen er {max_gone:.1%}. Intet er ændret. Hent udtrækket igen, "
                "eller sig med --max-gone, at det skal være sådan.",
                f"{gone:.1%} of the units of {against} are gone, and the limit is {max_gone:.1%}. Nothing was changed. Download the "
                "extract again, or say with --max-gone that it is to be so.",
            )
        published, activated = version not in {each.version for each in await self._registers.versions()}, False
        if not dry_run:
            about = RegisterVersion(version, now, self._actor, source, len(register.units))
            published = await self._registers.publish(about, content)
            if activated := against != version:
                await self._tell(Activation(version, day, now, self._actor), revision)
        return Imported(version, len(register.units), against, counted, gone, published, activated, day)

    async def activate(self, version: str, since: date | None) -> Activation:
        """Puts a published version in force at once or from a day on. Raises RegisterRefused."""
        revision = await self._registers.revision()
        line = Activation(version, self._day(since), self._clock.now(), self._actor)
        await self._tell(line, revision)
        return line

    async def roll_back(self) -> Activation:
        """Puts the version before the one in force in force again, at once; what was planned is set aside. Raises RegisterRefused."""
        revision, now = await self._registers.revision(), self._clock.now()
        today = danish_day(now)
        try:
            version = before(await self._registers.story(), today)
        except LookupError as nothing:
            raise RegisterRefused(
                "Der er ingen tidligere version at gå tilbage til.", "There is no earlier version to go back to."
            ) from nothing
        line = Activation(version, today, now, self._actor, Step.ROLLED_BACK)
        await self._tell(line, revision)
        return line

    async def loaded(self, version: str) -> Register:
        """A published version. Raises RegisterRefused where there is none, SnapshotError where it cannot be read."""
        return unpack(version, await self._content(version))

    async def _content(self, version: str) -> bytes:
        content = await self._registers.content(version)
        if content is None:
            raise _unknown(version)
        return content

    async def _compared(self, against: str, register: Register, day: date) -> tuple[Mapping[ChangeKind, int], float]:
        """How many changes of each kind there are, and the share of the units that is gone."""
        old = units_in(against, await self._content(against))
        counted = Counter(change.kind for change in changes(old, register.units, day))
        return counted, counted[ChangeKind.GONE] / max(1, len(open_units(old, day)))

    def _day(self, since: date | None) -> date:
        today = danish_day(self._clock.now())
        if since is not None and since < today:
            raise RegisterRefused(f"{since} er forbi; i dag er {today}.", f"{since} is over; today is {today}.")
        return since or today

    async def _tell(self, line: Activation, revision: int) -> None:
        try:
            await self._registers.activate(line, expected=revision)
        except KeyError as unknown:
            raise _unknown(line.version or "") from unknown
        except ValueError as meanwhile:
            raise RegisterRefused(
                "En anden har aktiveret en version imens. Se efter, og gør det igen.",
                "Somebody else activated a version meanwhile. Look again, and do it again.",
            ) from meanwhile


def _unknown(version: str) -> RegisterRefused:
    return RegisterRefused(
        f"Der er ingen version {version}. Se dem med: medcom-gateway sor versions",
        f"There is no version {version}. List them with: medcom-gateway sor versions",
    )


def named(versions: Sequence[RegisterVersion], start: str) -> str:
    """The version that is meant by the beginning of its name. Raises RegisterRefused where none or several are."""
    found = [each.version for each in versions if each.version.startswith(start)]
    if len(found) != 1 or not start:
        raise _unknown(start)
    return found[0]
