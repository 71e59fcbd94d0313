"""Every finding's words, in one closed table: those of reading and of the schemas here, those of the rules beyond them from `rules`.

A fault found anywhere in this package is named by a code, and the code's row here gives its weight and its Danish and English
sentence. What may be filled in is what the schema or the catalogue says was expected (names, lengths, value lists), never
anything taken from the document: so a finding can be shown, logged and sent.
"""

from __future__ import annotations

from schemas.findings import Finding, Severity
from schemas.rules.table import RULES

_E, _W = Severity.ERROR, Severity.WARNING

_TABLE: dict[str, tuple[Severity, str, str]] = {
    # the bytes
    "empty": (_E, "Dokumentet er tomt.", "The document is empty."),
    "reader-failed": (
        _E,
        "Dokumentet kunne ikke læses: det fik læseren til at gå ned eller tog for lang tid.",
        "The document could not be read: it brought the reader down or took too long.",
    ),
    "too-large": (_E, "Dokumentet er større end {limit} bytes.", "The document is larger than {limit} bytes."),
    "too-many-tags": (
        _E,
        "Dokumentet har for mange elementer og attributter i forhold til sin størrelse. Del det i flere.",
        "The document has too many elements and attributes for its size. Divide it into several.",
    ),
    "too-many-attributes": (
        _E,
        "Et element har flere end {limit} attributter eller navnerum.",
        "An element has more than {limit} attributes or namespaces.",
    ),
    "encoding-unsupported": (
        _E,
        "Tegnsættet kendes ikke her. Brug {expected}.",
        "The encoding is not known here. Use {expected}.",
    ),
    "encoding-wrong": (
        _E,
        "Dokumentet siger, at tegnsættet er {declared}, men det er det ikke: her står bytes, som det ikke kan have.",
        "The document says that its encoding is {declared}, and it is not: here are bytes that it cannot have.",
    ),
    "encoding-undeclared": (
        _W,
        "Dokumentet nævner ikke sit tegnsæt og er ikke UTF-8. Det er læst som {read_as}. Skriv tegnsættet i XML-erklæringen.",
        "The document does not name its encoding and is not UTF-8. It was read as {read_as}. Name it in the XML declaration.",
    ),
    "encoding-contradicts-bom": (
        _W,
        "Byte order mark og XML-erklæring nævner hver sit tegnsæt. Dokumentet er læst som {read_as}.",
        "The byte order mark and the XML declaration name different encodings. The document was read as {read_as}.",
    ),
    "encoding-looks-utf-8": (
        _W,
        "Dokumentet siger, at tegnsættet er {declared}, men ligner UTF-8. Så bliver æ, ø og å forkerte hos modtageren.",
        "The document says that its encoding is {declared}, yet looks like UTF-8. The receiver will get wrong letters.",
    ),
    "encoding-looks-windows-1252": (
        _W,
        "Dokumentet siger, at tegnsættet er {declared}, men ligner windows-1252. Så går citationstegn og tankestreger tabt.",
        "The document says that its encoding is {declared}, yet looks like windows-1252. Quotation marks and dashes are lost.",
    ),
    "doctype-forbidden": (_E, "En DOCTYPE er ikke tilladt.", "A DOCTYPE is not allowed."),
    "entity-forbidden": (
        _E,
        "Her bruges en entitet, som ikke findes. Kun de fem i XML selv er tilladt.",
        "An entity that does not exist is used here. Only the five of XML itself are allowed.",
    ),
    "control-character": (_E, "Her står et tegn, som XML ikke tillader.", "Here is a character that XML does not allow."),
    "several-roots": (
        _E,
        "Der kommer mere efter rodelementets slutning. Et dokument har kun ét rodelement.",
        "More comes after the end of the root element. A document has one root element only.",
    ),
    "too-deep": (
        _E,
        "Elementerne er lagt mere end {limit} dybt i hinanden.",
        "The elements are nested more than {limit} deep.",
    ),
    "truncated": (
        _E,
        "Dokumentet er afkortet: det slutter midt i det hele.",
        "The document is cut off: it ends in the middle.",
    ),
    "not-xml": (_E, "Dokumentet er ikke XML: det begynder ikke med et element.", "Not XML: it does not begin with an element."),
    "prefix-undeclared": (
        _E,
        "Her bruges et navnerumspræfiks, som ikke er erklæret.",
        "A namespace prefix is used here that is not declared.",
    ),
    "not-well-formed": (_E, "Dokumentet er ikke velformet XML her.", "The document is not well-formed XML here."),
    # what it is
    "not-emessage": (
        _E,
        "Rodelementet er hverken MedComs Emessage eller en VANSEnvelope.",
        "The root element is neither MedCom's Emessage nor a VANSEnvelope.",
    ),
    "type-unknown": (
        _E,
        "Denne meddelelsestype tages ikke imod her. Kendte typer: {expected}.",
        "This type of message is not taken here. Known types: {expected}.",
    ),
    "version-unknown": (
        _E,
        "Denne version af {type} tages ikke imod her. Kendte versioner: {expected}.",
        "This version of {type} is not taken here. Known versions: {expected}.",
    ),
    # the schema
    "element-missing": (_E, "Her mangler {expected}.", "{expected} is missing here."),
    "element-order": (
        _E,
        "Elementet står på en forkert plads. Her skulle {expected} stå.",
        "The element is in the wrong place. {expected} was to stand here.",
    ),
    "element-late": (
        _E,
        "Elementet står for sent. Det skal stå før {expected}.",
        "The element stands too late. It belongs before {expected}.",
    ),
    "element-too-many": (
        _E,
        "Elementet står her for mange gange: højst {limit} er tilladt.",
        "The element stands here too many times: at most {limit} allowed.",
    ),
    "element-unexpected": (
        _E,
        "Elementet hører ikke til her. Her må stå: {expected}.",
        "The element does not belong here. What may stand here: {expected}.",
    ),
    "element-unknown": (
        _E,
        "MedComs standard har intet element med dette navn. Her må stå: {expected}.",
        "MedCom's standard has no element of this name. What may stand here: {expected}.",
    ),
    "element-namespace": (
        _E,
        "Elementet står i et forkert navnerum. Det skal stå i {expected}.",
        "The element is in the wrong namespace. It belongs in {expected}.",
    ),
    "value-empty": (_E, "Værdien er tom. Mindst {limit} tegn.", "The value is empty. At least {limit} characters."),
    "value-too-short": (
        _E,
        "Værdien er for kort. Mindst {limit} tegn.",
        "The value is too short. At least {limit} characters.",
    ),
    "value-too-long": (_E, "Værdien er for lang. Højst {limit} tegn.", "The value is too long. At most {limit} characters."),
    "value-length": (_E, "Værdien skal have præcis {limit} tegn.", "The value must have exactly {limit} characters."),
    "value-not-in-list": (
        _E,
        "Værdien er ikke på værdilisten: {expected}.",
        "The value is not in the value list: {expected}.",
    ),
    "value-pattern": (
        _E,
        "Værdien har ikke den rette form: {expected}.",
        "The value does not have the right form: {expected}.",
    ),
    "value-date": (
        _E,
        "Værdien er ikke en rigtig dato på formen ÅÅÅÅ-MM-DD uden tidszone.",
        "The value is not a real date of the form YYYY-MM-DD without time zone.",
    ),
    "value-number": (
        _E,
        "Værdien er ikke et helt tal, som er tilladt her: {expected}.",
        "The value is not a whole number that is allowed here: {expected}.",
    ),
    "value-decimal": (
        _E,
        "Værdien er ikke et tal med højst {limit} cifre og punktum som decimaltegn.",
        "The value is not a number of at most {limit} digits with a full stop as its decimal sign.",
    ),
    "value-boolean": (_E, "Værdien skal være true.", "The value must be true."),
    "value-true-or-false": (_E, "Værdien skal være true eller false.", "The value must be true or false."),
    "value-moment": (
        _E,
        "Værdien er ikke et rigtigt tidspunkt på formen ÅÅÅÅ-MM-DDTtt:mm:ss, med eller uden tidszone.",
        "The value is not a real moment of the form YYYY-MM-DDThh:mm:ss, with or without time zone.",
    ),
    "value-base64": (_E, "Indholdet er ikke gyldig base64.", "The content is not valid base64."),
    "value-has-elements": (
        _E,
        "Her må kun stå en værdi, ingen elementer.",
        "Only a value may stand here, no elements.",
    ),
    "text-stray": (_E, "Her står tekst, hvor der kun må stå elementer.", "Text stands here, where only elements may."),
    "element-not-empty": (_E, "Elementet skal være tomt.", "The element must be empty."),
    "attribute-missing": (_E, "Elementet mangler attributten {expected}.", "The element lacks the attribute {expected}."),
    "attribute-unexpected": (
        _E,
        "Elementet har en attribut, som ikke er tilladt her.",
        "The element has an attribute that is not allowed here.",
    ),
    "schema-violation": (_E, "Dokumentet følger ikke MedComs skema her.", "The document does not follow MedCom's schema here."),
    "findings-capped": (
        Severity.NOTE,
        "Der er flere fejl end de {limit}, der er vist.",
        "There are more faults than the {limit} shown.",
    ),
}

_TABLE |= {rule.code: (rule.severity, rule.danish, rule.english) for rule in RULES}

CODES = frozenset(_TABLE)


def finding(code: str, path: str = "", line: int = 0, /, **expected: object) -> Finding:
    """The finding `code` at a place. `expected` fills the sentences and must come from the schema or the catalogue.

    Raises KeyError for a code that is not in the table.
    """
    severity, danish, english = _TABLE[code]
    return Finding(code, severity, path, line, danish.format(**expected), english.format(**expected))
