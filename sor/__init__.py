"""WHO: the identifiers of Danish health care and the register of units behind its addresses.

The bottom of the four packages: pure, and without a word about messages. A `Register` is an immutable snapshot with a version;
`load` makes one from a file, `bundled` is the synthetic one in the package. `HarmonisedNames` are the agreed unit names on top of it,
and `resolve` leads from a kommune and a name to one unit or to the reason why there is none.
"""

from sor.harmonised import HarmonisedNames
from sor.identifiers import (
    Check,
    PersonNumberKind,
    Problem,
    check_cpr,
    check_gln,
    check_kommunekode,
    check_regionskode,
    check_sor,
    check_ydernummer,
    kind_of_person_number,
    normal_gln,
    normal_ydernummer,
)
from sor.kommuner import Kommune, kommuner
from sor.lookup import Lookup
from sor.names import fold, fold_kommune, slug
from sor.register import Register, RegisterError, bundled, load
from sor.resolution import Resolution, Resolved, Unresolved, resolve
from sor.rows import RowProblem
from sor.units import Answer, Closed, Found, NotYetOpen, Sector, Unit

__all__ = [
    "Answer",
    "Check",
    "Closed",
    "Found",
    "HarmonisedNames",
    "Kommune",
    "Lookup",
    "NotYetOpen",
    "PersonNumberKind",
    "Problem",
    "Register",
    "RegisterError",
    "Resolution",
    "Resolved",
    "RowProblem",
    "Sector",
    "Unit",
    "Unresolved",
    "bundled",
    "check_cpr",
    "check_gln",
    "check_kommunekode",
    "check_regionskode",
    "check_sor",
    "check_ydernummer",
    "fold",
    "fold_kommune",
    "kind_of_person_number",
    "kommuner",
    "load",
    "normal_gln",
    "normal_ydernummer",
    "resolve",
    "slug",
]
