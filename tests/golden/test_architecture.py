"""The drawn architecture is the running one."""

from __future__ import annotations

from pathlib import Path

from routing.lifecycle import FINAL, TRANSITIONS, State

ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"


def drawn() -> str:
    """The state diagram that the table of transitions makes."""
    lines = ["stateDiagram-v2"]
    entries = {State.ACCEPTED: "admitted", State.REFUSED: "refused", State.DEAD_LETTER: "no way to the receiver"}
    entries |= {State.ABSORBED: "a repeat", State.DELIVERED: "a receipt given in the HTTP answer"}
    lines += [f"    [*] --> {state}: {why}" for state, why in entries.items()]
    arrows: dict[tuple[State, State], list[str]] = {}
    for happening, (sources, target) in TRANSITIONS.items():
        for source in sorted(sources, key=list(State).index):
            if source is not target:
                arrows.setdefault((source, target), []).append(happening.value)
    order = list(State)
    for source, target in sorted(arrows, key=lambda pair: (order.index(pair[0]), order.index(pair[1]))):
        lines.append(f"    {source} --> {target}: {', '.join(arrows[source, target])}")
    lines += [f"    {state} --> [*]" for state in order if state in FINAL]
    return "\n".join(lines)


def test_the_state_diagram_is_the_table_of_transitions():
    """ARCHITECTURE.md draws exactly the transitions that routing.lifecycle allows."""
    assert drawn() in ARCHITECTURE.read_text(encoding="utf-8")
