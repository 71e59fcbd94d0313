"""Every command says how it is used, and misuse is told from a negative finding."""

import pytest
from click.testing import CliRunner

from gateway.cli import COMMANDS as NAMES
from gateway.cli import main

COMMANDS = [
    ["validate"],
    ["types"],
    ["example"],
    ["route"],
    ["serve"],
    ["migrate"],
    ["check"],
    ["partners"],
    ["partners", "add"],
    ["partners", "list"],
    ["partners", "show"],
    ["partners", "change"],
    ["partners", "rotate-token"],
    ["partners", "disable"],
    ["partners", "enable"],
    ["messages"],
    ["messages", "find"],
    ["messages", "show"],
    ["dead-letters"],
    ["dead-letters", "list"],
    ["dead-letters", "show"],
    ["dead-letters", "retry"],
    ["dead-letters", "redirect"],
    ["dead-letters", "discard"],
    ["sor"],
    ["sor", "coverage"],
    ["sor", "lookup"],
    ["sor", "names"],
    ["sor", "names", "check"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command):
    """`--help` of every command ends with an example of that very command."""
    told = CliRunner().invoke(main, [*command, "--help"]).stdout
    assert f"medcom-gateway {' '.join(command)}" in told.partition("Examples:")[2]


def test_the_list_of_commands():
    """`--help` names every command, and `--version` says which program this is."""
    told = CliRunner().invoke(main, ["--help"]).stdout
    assert all(f"\n  {name}" in told for name in NAMES)
    assert "medcom-gateway" in CliRunner().invoke(main, ["--version"]).stdout


@pytest.mark.parametrize("arguments", [["findes-ikke"], ["validate"], ["route"], ["messages", "show"], ["serve", "for-meget"]])
def test_misuse_is_2(arguments):
    """What was called wrongly ends with 2, a usage line on standard error and nothing on standard output."""
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: " in done.stderr
