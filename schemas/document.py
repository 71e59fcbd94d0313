"""One document as it comes in, bare or in a VANSEnvelope: what it is, whether it can be taken, and all that was found.

`vansexamine` judges the envelope and `examine` what is in it; here the two become one answer, for the gateway that judges and for
those who only ask. A payload that the envelope says is OIOXML (Format `XML`) is examined as the bare document would be; a payload
of another format is bytes that are carried and not looked into.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.examine import Examination, Obstacle, examine
from schemas.findings import Finding
from schemas.reader import DEFAULT_LIMIT
from schemas.validator import Schemas
from schemas.vans import DocumentFormat, VansEnvelope, VansMessage, VansReceipt
from schemas.vansexamine import payload_findings, unwrap


@dataclass(frozen=True, slots=True)
class ExaminedDocument:
    """What was found out of a document.

    `enveloped` is whether it is a VANSEnvelope of any version. `outer` is the envelope, None for a bare document and where its id
    or a party could not be read. `inner` is the Emessage's examination, None for a payload that is not looked into, a receipt of
    the envelope's own, and where the payload could not be taken out. `outer_findings` are of the envelope, their lines too; those
    of `inner` are counted in the payload after base64. `schema_valid` is the verdict of every schema that applies. `obstacle` is the
    first from the outside in: the envelope's, or else the payload's.
    """

    enveloped: bool
    outer: VansEnvelope | None
    inner: Examination | None
    schema_valid: bool
    outer_findings: tuple[Finding, ...]
    obstacle: Obstacle | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found: of the envelope, then of what is in it."""
        return self.outer_findings + (self.inner.findings if self.inner else ())

    @property
    def valid(self) -> bool:
        """Whether the document can be taken: no obstacle. Warnings do not count."""
        return self.obstacle is None

    @property
    def payload(self) -> VansMessage | None:
        """The payload of an envelope, whatever its format, with what the envelope says of it."""
        return self.outer.content if self.outer and isinstance(self.outer.content, VansMessage) else None

    @property
    def receipt(self) -> VansReceipt | None:
        """The receipt that an envelope holds instead of a payload. Receipts that are letters (XCTL01-03) are in `inner`."""
        return self.outer.content if self.outer and isinstance(self.outer.content, VansReceipt) else None


def examine_document(
    raw: bytes, schemas: Schemas, *, limit: int = DEFAULT_LIMIT, explain: bool = True, on: date | None = None
) -> ExaminedDocument:
    """Examines any bytes, bare or enveloped, and never raises. `limit` is in bytes and counts an envelope. `on` is the Danish day on
    which dates are judged (see `examine`).

    `explain=False` leaves out the schemas' reasons (see `examine`), so that a document with the obstacle SCHEMA is to be asked again.
    """
    unwrapped = unwrap(raw, schemas, limit=limit, explain=explain)
    if unwrapped is None:
        bare = examine(raw, schemas, limit=limit, explain=explain, on=on)
        return ExaminedDocument(False, None, bare, bare.schema_valid, (), bare.obstacle)
    outer = unwrapped.envelope
    content = outer.content if outer else None
    if not isinstance(content, VansMessage) or content.meta.format is not DocumentFormat.XML:
        return ExaminedDocument(True, outer, None, unwrapped.schema_valid, unwrapped.findings, unwrapped.obstacle)
    inner = examine(content.data, schemas, limit=limit, explain=explain, on=on, enveloped=True)
    return ExaminedDocument(
        enveloped=True,
        outer=outer,
        inner=inner,
        schema_valid=unwrapped.schema_valid and inner.schema_valid,
        outer_findings=unwrapped.findings + payload_findings(content.meta, inner),
        obstacle=unwrapped.obstacle or inner.obstacle,
    )
