"""The numbers of an extract, judged as SOR has them: a wrong check digit is told of and used as it stands.

Real extracts have SOR codes that fail Verhoeff and addresses that are no lokationsnumre, and an importer that refused them would
keep the whole country's register out for one row.
"""

from __future__ import annotations

from sor.extracts.problems import Findings
from sor.identifiers import Problem, check_gln, check_sor, check_ydernummer, normal_gln, normal_ydernummer


def judged_sor(sor: str, line: int, column: str, findings: Findings, *, warn: bool = True) -> str:
    """The SOR code, or empty where it is none (a problem). With `warn` a wrong Verhoeff digit is a warning."""
    if not sor.isascii() or not sor.isdigit() or len(sor) < 11:
        findings.problem(line, column, "sor" if sor else "empty", sor)
        return ""
    if warn and check_sor(sor).warning:
        findings.warning(line, column, "sor-check-digit", sor)
    return sor


def judged_gln(gln: str, line: int, column: str, findings: Findings) -> str:
    """The address in the form in which addresses are compared, empty where there is none."""
    address = normal_gln(gln)
    problem = check_gln(address).problem if address else None
    if problem is not None:
        findings.warning(line, column, "gln-check-digit" if problem is Problem.CHECK_DIGIT else "not-a-gln", address)
    return address


def judged_ydernummer(ydernummer: str, line: int, column: str, findings: Findings) -> str:
    """The ydernummer without leading zeros; empty where there is none, or something that is none (a warning)."""
    if not ydernummer:
        return ""
    if not check_ydernummer(ydernummer).ok:
        findings.warning(line, column, "ydernummer", ydernummer)
        return ""
    return normal_ydernummer(ydernummer)
