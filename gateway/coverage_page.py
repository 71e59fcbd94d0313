"""The coverage as one page for a steering group, in Danish: a heat map of kommune and name, and below it the reason of each cell.

It is one file that needs nothing else: it can be mailed, printed and read aloud, and says everything without its script, which only
sorts and filters. A kommune writes names, so every value is escaped, and the page's policy lets nothing run but its own script.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib import resources

from gateway.clock import DENMARK
from sor.coverage import Cell, Coverage

SIGNS = {Coverage.COVERED: "✓", Coverage.DOUBTFUL: "?", Coverage.MISSING: "✗"}
WORDS = {Coverage.COVERED: "dækket", Coverage.DOUBTFUL: "usikker", Coverage.MISSING: "mangler"}
MEANINGS = {
    Coverage.COVERED: "enheden har ét lokationsnummer, og et system har taget post dér for nylig.",
    Coverage.DOUBTFUL: "adressen findes, men det vides ikke, om post bliver læst.",
    Coverage.MISSING: "post når ikke frem.",
}
_WORST_FIRST = (Coverage.MISSING, Coverage.DOUBTFUL, Coverage.COVERED)


@dataclass(frozen=True, slots=True)
class Edition:
    """What the page says of itself: the moment (aware, in the zone to tell it in), the register, and the days of silence allowed."""

    at: datetime
    register_version: str
    names_version: str
    silent_days: int


def page(cells: Sequence[Cell], edition: Edition) -> str:
    """The page, HTML in UTF-8. `cells` are kommune by kommune, of each the same names in the same order."""
    style, script = _part("coverage.css"), _part("coverage.js")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    body = "\n".join([*_head(cells, edition), *_filters(cells), *_map(cells), *_reasons(cells), *_foot(edition)])
    return f"""<!DOCTYPE html>
<html lang="da">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dækning af kommunernes adresser, {edition.at:%d.%m.%Y}</title>
<style>{style}</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""


def reasons(cell: Cell) -> str:
    """Why the cell stands as it does, in a few words; empty where there is nothing to say."""
    return "; ".join(found.short_da for found in cell.standing.findings)


def _part(name: str) -> str:
    return resources.files("gateway").joinpath("pages", name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(cells: Sequence[Cell], edition: Edition) -> Iterator[str]:
    counts = Counter(cell.standing.status for cell in cells)
    share = round(100 * counts[Coverage.COVERED] / len(cells)) if cells else 0
    yield "<header>"
    yield "<h1>Har hvert lokationsnummer en læser?</h1>"
    yield f"<p>Opgjort {edition.at:%d.%m.%Y kl. %H:%M} for {_kommuner(cells)}.</p>"
    yield f'<p class="sum"><strong>{counts[Coverage.COVERED]} af {len(cells)}</strong> er dækket ({share}&nbsp;%).</p>'
    yield '<ul class="legend">'
    for status in Coverage:
        yield (
            f'<li><span class="mark {status}"><span aria-hidden="true">{SIGNS[status]}</span> {WORDS[status]}: '
            f"{counts[status]}</span> {MEANINGS[status]}</li>"
        )
    yield "</ul>"
    yield "</header>"
    yield "<main>"


def _kommuner(cells: Sequence[Cell]) -> str:
    kommuner, names = len(set(_rows(cells))), len(_names(cells))
    return f"{kommuner} {'kommune' if kommuner == 1 else 'kommuner'} og {names} {'navn' if names == 1 else 'navne'}"


def _filters(cells: Sequence[Cell]) -> Iterator[str]:
    """Shown by the script alone, since nothing of it works without."""
    yield '<form id="filters" hidden aria-label="Udvælg">'
    yield '<label>Kommune <input type="search" name="kommune" autocomplete="off" placeholder="en del af navnet"></label>'
    yield '<label>Navn <select name="name"><option value="">alle</option>'
    yield "".join(f"<option>{escape(name)}</option>" for name in _names(cells))
    yield "</select></label>"
    yield '<label>Vis <select name="status"><option value="">alt</option><option value="open">det, der ikke er dækket</option>'
    yield "".join(f'<option value="{status}">{WORDS[status]}</option>' for status in _WORST_FIRST)
    yield "</select></label>"
    yield '<button type="reset">Vis alt igen</button><output id="shown" role="status"></output>'
    yield "</form>"


def _map(cells: Sequence[Cell]) -> Iterator[str]:
    names = _names(cells)
    yield '<table id="map" role="table">'
    yield "<caption>Kommuner og navne. Under hvert navn står, om post til enheden bliver læst, og hvis ikke, hvorfor.</caption>"
    yield '<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Kommune</th>'
    yield "".join(f'<th scope="col" role="columnheader">{escape(name)}</th>' for name in names)
    yield '<th scope="col" role="columnheader" class="number">Ikke dækket</th></tr></thead>'
    yield '<tbody role="rowgroup">'
    for row in _rows(cells).values():
        yield from _map_row(row)
    yield "</tbody>"
    yield '<tfoot role="rowgroup"><tr role="row"><th scope="row" role="rowheader">Dækket i alt</th>'
    for name in names:
        column = [cell.standing.status for cell in cells if cell.name == name]
        total = f"{column.count(Coverage.COVERED)} af {len(column)}"
        yield f'<td role="cell" data-name="{escape(name)}">{total}</td>'
    left = sum(cell.standing.status is not Coverage.COVERED for cell in cells)
    yield f'<td role="cell" class="number" data-name="Ikke dækket">{left}</td></tr></tfoot>'
    yield "</table>"


def _map_row(row: Sequence[Cell]) -> Iterator[str]:
    kommune = escape(row[0].kommune.name)
    left = sum(cell.standing.status is not Coverage.COVERED for cell in row)
    yield f'<tr role="row"><th scope="row" role="rowheader">{kommune}</th>'
    for cell in row:
        status = cell.standing.status
        why = escape(reasons(cell))
        if why:
            why = f'<a href="#{_anchor(cell)}">{why}</a>'
        yield (
            f'<td role="cell" class="{status}" data-name="{escape(cell.name)}" data-status="{status}"'
            f' data-value="{_WORST_FIRST.index(status)}"><span class="mark"><span aria-hidden="true">{SIGNS[status]}</span>'
            f' {WORDS[status]}</span> <span class="why">{why}</span></td>'
        )
    yield f'<td role="cell" class="number" data-name="Ikke dækket" data-value="{left}">{left}</td></tr>'


def _reasons(cells: Sequence[Cell]) -> Iterator[str]:
    told = [cell for cell in cells if cell.standing.findings]
    yield '<section aria-labelledby="why"><h2 id="why">Hvad der skal gøres</h2>'
    if not told:
        yield "<p>Ingenting: alle adresser har en læser.</p></section>"
        return
    yield '<table id="reasons" role="table"><caption>Hver plads, der er noget at sige om, og hvad der kan gøres ved den.</caption>'
    yield '<thead role="rowgroup"><tr role="row">'
    heads = ("Kommune", "Navn", "Lokationsnummer", "System", "Tog sidst post", "Hvad der er galt, og hvad der skal gøres")
    yield "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads)
    yield '</tr></thead><tbody role="rowgroup">'
    for cell in told:
        yield from _reason_row(cell, heads)
    yield "</tbody></table></section>"


def _reason_row(cell: Cell, heads: Sequence[str]) -> Iterator[str]:
    standing = cell.standing
    taken = f"{standing.taken_at.astimezone(DENMARK):%d.%m.%Y}" if standing.taken_at else "aldrig"
    values = (cell.name, standing.gln or "intet", standing.endpoint or "intet", taken)
    yield (
        f'<tr role="row" id="{_anchor(cell)}" tabindex="-1" data-kommune="{escape(cell.kommune.name)}"'
        f' data-name="{escape(cell.name)}" data-status="{standing.status}">'
    )
    yield f'<th scope="row" role="rowheader">{escape(cell.kommune.name)}</th>'
    for head, value in zip(heads[1:], values, strict=False):
        stamp = f' data-value="{standing.taken_at.isoformat() if standing.taken_at else ""}"' if head == heads[4] else ""
        yield f'<td role="cell" data-name="{head}"{stamp}>{escape(value)}</td>'
    texts = " ".join(escape(found.text_da) for found in standing.findings)
    mark = f'<span class="mark {standing.status}"><span aria-hidden="true">{SIGNS[standing.status]}</span> '
    yield f'<td role="cell" data-name="{heads[5]}">{mark}{WORDS[standing.status]}</span> {texts}</td></tr>'


def _foot(edition: Edition) -> Iterator[str]:
    yield "</main>"
    yield (
        f"<footer><p>Et system, der ikke har taget post i {edition.silent_days} dage, regnes for tavst. Register "
        f"{escape(edition.register_version)}, navne {escape(edition.names_version)}. Siden viser hverken personer eller "
        "indhold af breve.</p></footer>"
    )


def _anchor(cell: Cell) -> str:
    named = hashlib.sha256(cell.name.encode()).hexdigest()[:8]
    return f"p{cell.kommune.code}-{named}"


def _names(cells: Iterable[Cell]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.name for cell in cells))


def _rows(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    rows: dict[str, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.kommune.code, []).append(cell)
    return rows
