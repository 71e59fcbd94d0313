"""The rules beyond the schema, one record each: the only place where their weight, source and words are.

A rule is an error only where the standard forbids what the schema lets pass; an error refuses the message. Everything else tells
and never stops: a warning where a receiver may be led astray, a note where there is something to know. `python -m
tools.make_rules_page` writes `docs/rules.md` from these records.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from schemas.findings import Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_RECEIPTS = ("XCTL01", "XCTL02", "XCTL03")
# The versions of which a form in EDIFACT is known, so that a VANS operator may turn them into it.
_EDIFACT = (
    "XB0131X", "XC0130Q", "XC0230Q", "XC0330Q", "XD0133L", "XD1730C", "XD2030C", "XD9134L", "XH0130R", "XQ0130K", "XR0130K",
    "XR6031W",
)  # fmt: skip
# The types and versions whose schemas let the id of an attachment be any text.
_ANY_OBJECT_ID = (
    "XDIS01", "XDIS15", "XDIS22", "XDIS91", "XQ0130K", "XQ0131K", "XR0130K", "XREF01", "XREF15", "XREF22",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One record.

    `code` is the finding's. `applies` names the types (`XDIS91`) or versions (`XD9134L`) that the rule is for; none means every one.
    `source` is the standard and the place in it. The sentences may have `{…}` in them, filled with what the catalogue or the rule
    itself expects, never with anything from the document.
    """

    code: str
    severity: Severity
    applies: tuple[str, ...]
    source: str
    danish: str
    english: str


RULES: tuple[Rule, ...] = (
    # the envelope and the letters' ids
    Rule(
        "id-not-alphanumeric",
        _W,
        (),
        "MedCom, Den gode korrespondance, BrevNr: alfanumerisk løbenummer, højst 14 tegn",
        "Nummeret har andre tegn end bogstaver A-Z og tal. Kvitteringer og EDIFACT kan gengive det forkert.",
        "The id has other characters than letters A-Z and digits. Receipts and EDIFACT may give it back wrong.",
    ),
    Rule(
        "letter-id-repeated",
        _E,
        (),
        "MedCom, Den gode korrespondance, BrevNr: samme nummer bruges ikke to gange",
        "Et andet brev i kuverten har samme brevnummer. Giv hvert brev sit eget, ellers kan en kvittering ikke skelne dem.",
        "Another letter in the envelope has the same id. Give each its own, or a receipt cannot tell them apart.",
    ),
    Rule(
        "receipt-asks-for-receipt",
        _E,
        _RECEIPTS,
        "MedCom XCTL01-03, AcknowledgementCode; CONTRL har ingen UNB 0031",
        "En kvittering kvitteres aldrig. AcknowledgementCode skal være minuspositivkvitt.",
        "A receipt is never receipted. AcknowledgementCode must be minuspositivkvitt.",
    ),
    Rule(
        "vans-required",
        _W,
        ("GGOP", "XDIS32"),
        "MedCom, Den gode fødselsanmeldelse og G-GOP: sendes i VANSEnvelope",
        "På VANS-nettet skal denne type sendes i en VANSEnvelope. Her er den uden.",
        "On the VANS network this type must travel in a VANSEnvelope. Here it is without one.",
    ),
    # versions and codes
    Rule(
        "version-old",
        _N,
        (),
        "MedCom, standardkatalog: versioner i produktion",
        "Versionen er afløst af en nyere: {expected}.",
        "The version has been superseded by a newer one: {expected}.",
    ),
    Rule(
        "statistical-code-differs",
        _N,
        (),
        "MedCom, Letter/StatisticalCode: tæller meddelelsen i statistikken; skrives om ved konvertering til EDIFACT",
        "StatisticalCode er ikke typens: {expected}. Meddelelsen tælles som en anden slags.",
        "StatisticalCode is not the type's: {expected}. The message is counted as another kind.",
    ),
    Rule(
        "receipt-statistical-code",
        _W,
        _RECEIPTS,
        "MedCom XCTL01-03: uden TypeCode er StatisticalCode det eneste felt, der siger kvitteringens art",
        "StatisticalCode er ikke kvitteringens egen: {expected}. Modtageren kan tage den for en anden slags kvittering.",
        "StatisticalCode is not the receipt's own: {expected}. The receiver may take it for another kind of receipt.",
    ),
    # dates
    Rule(
        "sent-in-future",
        _W,
        (),
        "MedCom, Envelope/Sent: afsendelsestidspunktet i dansk lokaltid",
        "Kuverten er dateret mere end et døgn ude i fremtiden. Kontrollér afsendersystemets ur.",
        "The envelope is dated more than a day in the future. Check the sending system's clock.",
    ),
    Rule(
        "sent-long-ago",
        _W,
        (),
        "MedCom, Envelope/Sent: afsendelsestidspunktet i dansk lokaltid",
        "Kuverten er dateret for mere end {limit} dage siden. Kontrollér afsendersystemets ur, eller om den er sendt ved en fejl.",
        "The envelope is dated more than {limit} days ago. Check the sending system's clock, or whether it was sent by mistake.",
    ),
    Rule(
        "authorised-in-future",
        _W,
        (),
        "MedCom, Letter/Authorisation: hvornår brevet blev godkendt",
        "Brevet er godkendt mere end et døgn ude i fremtiden. Kontrollér afsendersystemets ur.",
        "The letter was authorised more than a day in the future. Check the sending system's clock.",
    ),
    Rule(
        "authorised-long-ago",
        _W,
        (),
        "MedCom, Letter/Authorisation: hvornår brevet blev godkendt",
        "Brevet er godkendt for mere end {limit} dage siden. Kontrollér, om indholdet stadig gælder.",
        "The letter was authorised more than {limit} days ago. Check whether it still holds.",
    ),
    Rule(
        "authorised-after-sent",
        _W,
        (),
        "MedCom, Letter/Authorisation og Envelope/Sent: et brev godkendes, før det sendes",
        "Brevet er godkendt efter den dag, kuverten er sendt.",
        "The letter was authorised after the day on which the envelope was sent.",
    ),
    # the parties
    Rule(
        "gln-check-digit",
        _W,
        (),
        "GS1 GLN; dk-core GLNIdentifier, gln-modulus-10",
        "Lokationsnummeret har et forkert kontrolciffer.",
        "The lokationsnummer (GLN) has a wrong check digit.",
    ),
    # the person
    Rule(
        "cpr-no-such-date",
        _W,
        (),
        "CPR-kontoret, Opbygning af CPR-nummeret: ciffer 1-6",
        "CPR-nummeret begynder ikke med en dato, der findes.",
        "The CPR number does not begin with a date that exists.",
    ),
    Rule(
        "cpr-no-such-leap-day",
        _W,
        (),
        "CPR-kontoret, Opbygning af CPR-nummeret: ciffer 7 giver århundredet",
        "CPR-nummeret er fra en 29. februar i et år, som efter ciffer 7 ikke var skudår.",
        "The CPR number is of a 29 February in a year that by digit 7 was no leap year.",
    ),
    Rule(
        "cpr-born-later",
        _W,
        (),
        "CPR-kontoret, Opbygning af CPR-nummeret: ciffer 7 giver århundredet",
        "CPR-nummeret er efter ciffer 7 fra en dag, der endnu ikke er kommet.",
        "By its digit 7 the CPR number is of a day that has not come yet.",
    ),
    Rule(
        "cpr-modulus-11",
        _N,
        (),
        "CPR-kontoret, Personnumre uden kontrolciffer (modulus 11 kontrol)",
        "CPR-nummeret opfylder ikke modulus 11. Det gør nye numre heller ikke altid, men det kan være en tastefejl.",
        "The CPR number fails modulus 11. So do some numbers issued since 2007, yet it may be a slip of the keys.",
    ),
    Rule(
        "cpr-is-replacement",
        _N,
        (),
        "MedCom, Patient: erstatningsnumre hører til i AlternativeIdentifier; CPR-kontoret, dag plus 60",
        "Nummeret ligner et erstatningsnummer (dag plus 60). Erstatningsnumre hører til i AlternativeIdentifier.",
        "The number looks like a replacement number (day plus 60). Those belong in AlternativeIdentifier.",
    ),
    Rule(
        "alternative-form-unknown",
        _W,
        (),
        "dk-core, X-eCPR og D-eCPR; CPR-kontoret, Erstatningspersonnummer i eksterne systemer",
        "Nummeret har ingen kendt form for erstatningsnummer (X-eCPR, D-eCPR eller dag plus 60). Modtageren kan ikke slå det op.",
        "The number has no known form of a replacement number (X-eCPR, D-eCPR, day plus 60). The receiver cannot look it up.",
    ),
    Rule(
        "alternative-no-such-date",
        _W,
        (),
        "dk-core, X-eCPR og D-eCPR: ciffer 1-6 er en dato",
        "Erstatningsnummeret begynder ikke med en dato, der findes.",
        "The replacement number does not begin with a date that exists.",
    ),
    Rule(
        "alternative-is-cpr",
        _W,
        (),
        "MedCom, Patient: enten CivilRegistrationNumber eller AlternativeIdentifier",
        "Nummeret ligner et almindeligt CPR-nummer. Det hører til i CivilRegistrationNumber.",
        "The number looks like an ordinary CPR number. That belongs in CivilRegistrationNumber.",
    ),
    # the text
    Rule(
        "subject-missing",
        _W,
        ("XDIS91",),
        "MedCom, Den gode korrespondance, AdditionalInformation/Subject",
        "Meddelelsen har intet emne (Subject). Modtageren kan ikke sortere den.",
        "The message has no Subject. The receiver cannot sort it.",
    ),
    Rule(
        "heading-unknown",
        _W,
        ("XDIS91",),
        "Regionens liste over standardoverskrifter",
        "Emnet er ikke en standardoverskrift, så modtageren kan ikke sortere efter det. Brug en overskrift fra listen.",
        "The subject is no standard heading, so the receiver cannot sort by it. Use a heading of the list.",
    ),
    Rule(
        "heading-of-other-type",
        _W,
        ("XDIS91",),
        "MedCom, Den gode korrespondance: bruges, når de øvrige standarder ikke kan anvendes",
        "Emnet er noget, der har sin egen meddelelsestype: {expected}. Brug den, hvis modtageren kan tage imod den.",
        "The subject is something that has a type of message of its own: {expected}. Use that, where the receiver takes it.",
    ),
    Rule(
        "markup-escaped",
        _W,
        (),
        "MedCom, FormattedText: formatering er elementer",
        "Teksten indeholder formatering skrevet som tekst (&lt;Bold&gt;). Modtageren ser koderne.",
        "The text has formatting written as text (&lt;Bold&gt;). The receiver will see the codes.",
    ),
    Rule(
        "edifact-characters",
        _W,
        _EDIFACT,
        "UN/EDIFACT, tegnsæt UNOC (ISO 8859-1)",
        "Her står tegn uden for ISO 8859-1, fx tankestreger, krumme citationstegn eller €. De går tabt hos den, der får EDIFACT.",
        "Here are characters outside ISO 8859-1, such as dashes, curly quotes or €. A receiver of EDIFACT loses them.",
    ),
    Rule(
        "edifact-text-too-long",
        _N,
        ("XD9134L",),
        "MedCom DIS91 (D9134L), S14: højst 9 FTX med 5 linjer à 70 tegn, 8 i den første med emne",
        "Teksten kan ikke være i EDIFACT: højst {limit} linjer à 70 tegn. Del den på flere ClinicalInformation.",
        "The text does not fit into EDIFACT: at most {limit} lines of 70 characters. Divide it over several ClinicalInformation.",
    ),
    # what is attached
    Rule(
        "object-code-extension",
        _N,
        (),
        "MedCom, ObjectCode og ObjectExtensionCode; EDIFACT UNO/OBJ",
        "ObjectCode passer ikke til filtypen, hvis kode er {expected}.",
        "ObjectCode does not go with the kind of file, whose code is {expected}.",
    ),
    Rule(
        "object-id-not-uuid",
        _W,
        _ANY_OBJECT_ID,
        "MedCom XBIN01 (XB0131X), ObjectIdentifier: UUID",
        "ObjectIdentifier er ikke en UUID, som et bilag i XBIN01 (XB0131X) skal have. Modtageren kan ikke finde bilaget.",
        "ObjectIdentifier is no UUID, which an attachment in XBIN01 (XB0131X) must have. The receiver cannot find it.",
    ),
    Rule(
        "object-size-implausible",
        _W,
        (),
        "MedCom, netværk: højst 100 MB for en meddelelse med kuvert",
        "Bilaget er efter OriginalObjectSize større end de {limit} bytes, som der er plads til i en meddelelse.",
        "By OriginalObjectSize the attachment is larger than the {limit} bytes for which a message has room.",
    ),
    Rule(
        "object-not-base64",
        _E,
        ("XBIN01",),
        "MedCom XBIN01, Object_Base64Encoded; RFC 4648",
        "Bilagets indhold er ikke gyldig base64, så det kan ikke åbnes.",
        "The attachment's content is not valid base64, so it cannot be opened.",
    ),
    Rule(
        "object-size-differs",
        _E,
        ("XBIN01",),
        "MedCom XBIN01, OriginalObjectSize: bilagets længde i bytes før base64; EDIFACT UNO læses efter den",
        "OriginalObjectSize er ikke bilagets længde i bytes før base64. Bilaget kan være ændret eller afkortet undervejs.",
        "OriginalObjectSize is not the attachment's length in bytes before base64. It may have been altered or cut off underway.",
    ),
    # the VANSEnvelope
    Rule(
        "vans-id-not-uuid",
        _W,
        ("VANSEnvelope",),
        "MedCom VANSEnvelope 1.0.4, UUIDType",
        "Id'et er ikke en UUID, som VANSEnvelope kræver. Det er læst, men andre modtagere kan afvise kuverten.",
        "The id is not a UUID, as VANSEnvelope requires. It was read, yet other receivers may refuse the envelope.",
    ),
    Rule(
        "vans-size-differs",
        _E,
        ("VANSEnvelope",),
        "MedCom VANSEnvelope 1.0.4, Document/SizeInBytes",
        "SizeInBytes er ikke indholdets længde i bytes før base64. Indholdet kan være ændret eller afkortet undervejs.",
        "SizeInBytes is not the payload's length in bytes before base64. The payload may have been altered or cut off underway.",
    ),
    Rule(
        "vans-name-differs",
        _W,
        ("VANSEnvelope",),
        "MedCom VANSEnvelope 1.0.4, Document/Name",
        "Kuverten angiver en anden meddelelsestype, end indholdet er.",
        "The envelope names another type of message than its payload is.",
    ),
    Rule(
        "vans-version-differs",
        _W,
        ("VANSEnvelope",),
        "MedCom VANSEnvelope 1.0.4, Document/Version",
        "Kuverten angiver en anden version, end indholdet har.",
        "The envelope names another version than its payload has.",
    ),
    Rule(
        "vans-parties-differ",
        _W,
        ("VANSEnvelope",),
        "MedCom VANSEnvelope 1.0.4, SenderID og ReceiverID: kuverten bærer den egentlige adresse",
        "Kuverten har en anden afsender eller modtager end brevet i den. Der er gået efter kuverten.",
        "The envelope has another sender or receiver than the letter in it. The envelope was gone by.",
    ),
)

RULE = MappingProxyType({rule.code: rule for rule in RULES})
"""The records by code."""


def applies_to(code: str) -> frozenset[str]:
    """The types or versions that the rule is for; empty for every one."""
    return frozenset(RULE[code].applies)
