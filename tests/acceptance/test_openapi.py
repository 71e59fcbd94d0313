"""A running gateway against its own description: real answers fit it, and so do the answers to what a machine makes up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from schemas.messages import ReceiptKind
from schemas.validator import load_schemas
from schemas.vanswriter import wrap
from tests.acceptance.letters import EPJ, OTHER_HOSPITAL, RANDERS, SKIVE, letter, receipt
from tests.services.gateway import GatewayProcess, Reply, call, until
from tests.unit.schemas.vans_documents import message as enveloped

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.ignored_auth,
]


@dataclass
class Described:
    """A running gateway with its description."""

    gateway: GatewayProcess
    description: dict[str, Any]
    epj: str
    skive: str

    def fits(self, path: str, method: str, answer: Reply) -> Reply:
        """The answer, which is described: its status, its content type, its headers and its schema."""
        responses = self.description["paths"][path][method]["responses"]
        assert str(answer.status) in responses, f"{answer.status} is not described"
        told = responses[str(answer.status)]
        if "$ref" in told:
            told = self.description["components"]["responses"][told["$ref"].rpartition("/")[2]]
        content_type = answer.headers["Content-Type"].partition(";")[0]
        assert content_type in told["content"]
        assert set(told["headers"]) <= set(answer.headers)
        if content_type.endswith("json"):
            schema = told["content"][content_type]["schema"] | {"components": self.description["components"]}
            Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)
        return answer


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """The module's gateway, running."""
    with GatewayProcess(tmp_path_factory.mktemp("described"), {"MEDCOM_MAX_DOCUMENT": "100000"}) as gateway:
        epj, skive = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
        gateway.start()
        yield Described(gateway, call("GET", f"{gateway.url}/openapi.json").json, epj, skive)


def test_real_answers_fit(described: Described):
    """A letter's whole way, the refusals beside it and the probes answer as the description says."""
    gateway, fits = described.gateway, described.fits

    def submit(document: bytes, token: str, **more: Any) -> Reply:
        return fits("/v1/messages", "post", gateway.submit(token, document, **more))

    def get(path: str, token: str | None = None, **values: str) -> Reply:
        method = "post" if path.endswith("/ack") else "get"
        body = b"" if method == "post" else None
        return fits(
            path.partition("?")[0], method, call(method.upper(), gateway.url + path.format(**values), token=token, body=body)
        )

    mailbox, message = "/v1/mailboxes/{gln}/messages", "/v1/mailboxes/{gln}/messages/{id}"
    document = letter(thread="6fb927da3be14b9f8875a6326617d20b")
    message_id = submit(document, described.epj).json["id"]
    until(lambda: gateway.mailbox(described.skive, SKIVE), what="the letter's arrival")
    assert get(mailbox + "?wait=1", described.skive, gln=SKIVE).json["messages"]
    get(message, described.skive, gln=SKIVE, id=message_id)
    get(message + "/ack", described.skive, gln=SKIVE, id=message_id)
    confirmation = receipt(document)
    assert [submit(confirmation, described.skive).status for _ in range(2)] == [202, 200]
    assert submit(receipt(document), described.skive).status == 200
    assert submit(receipt(document, ReceiptKind.NEGATIVE), described.skive).status == 409
    assert submit(document, described.epj).status == 200
    get("/v1/messages/{id}", described.epj, id=message_id)
    refused = submit(letter(receiver=RANDERS), described.epj)
    assert refused.status == 422
    get("/v1/messages/{id}", described.epj, id=refused.json["id"])
    for status, body in ((422, b"<x"), (422, b""), (403, letter(sender=OTHER_HOSPITAL)), (413, b"x" * 100_001)):
        assert submit(body, described.epj).status == status
    assert submit(document, described.epj, content_type="text/plain").status == 415
    assert submit(document, "forkert").status == 401
    assert get("/v1/messages/{id}", described.epj, id="findes-ikke").status == 404
    assert get(mailbox, described.epj, gln=SKIVE).status == 403
    assert get(mailbox + "?wait=x", described.epj, gln=EPJ).status == 400
    for status, body in ((200, document), (200, wrap(enveloped(document), load_schemas())), (200, b""), (413, b"x" * 100_001)):
        answer = call("POST", f"{gateway.url}/v1/validate", token=described.epj, body=body)
        assert fits("/v1/validate", "post", answer).status == status
    for path in ("/live", "/ready", "/metrics", "/openapi.json"):
        assert get(path).status == 200


def test_look_ups_fit(described: Described):
    """Found and not found, as JSON and as FHIR, a look-up answers as the description says."""
    url = described.gateway.url
    for path, query, values, status in (
        ("/v1/register/units", "kommune=Skive&name=Social%20og%20Psykiatri", {}, 200),
        ("/v1/register/units", "kommune=Skive", {}, 200),
        ("/v1/register/units", "identifier=urn:oid:1.3.88%7C5790009911739", {}, 200),
        ("/v1/register/units", "identifier=1234567890128", {}, 200),
        ("/v1/register/units", "kommune=Aarhus&name=Socialforvaltningen", {}, 404),
        ("/v1/register/units", "name=Hjemmepleje", {}, 400),
        ("/v1/register/units/{sor}", "", {"sor": "9911731000016004"}, 200),
        ("/v1/register/units/{sor}", "", {"sor": "x"}, 404),
        ("/v1/register/locations/{gln}", "on=2025-12-31", {"gln": "5790009940012"}, 200),
        ("/v1/register/locations/{gln}", "", {"gln": "5790009940013"}, 404),
        ("/v1/register/search", "q=psyk&limit=3", {}, 200),
        ("/v1/register/search", "q=psyk&limit=0", {}, 400),
        ("/v1/register/search", "q=findesikke", {}, 200),
    ):
        for accepted in ("application/json", "application/fhir+json"):
            asked = f"{url}{path.format(**values)}?{query}"
            answer = call("GET", asked, token=described.epj, more={"Accept": accepted})
            assert described.fits(path, "get", answer).status == status
            if status == 200:
                assert answer.headers["Content-Type"].partition(";")[0] == accepted


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(
    "operation",
    [
        ("POST", "/v1/messages"),
        ("POST", "/v1/validate"),
        ("GET", "/v1/messages/{id}"),
        ("GET", "/v1/mailboxes/{gln}/messages"),
        ("GET", "/v1/mailboxes/{gln}/messages/{id}"),
        ("POST", "/v1/mailboxes/{gln}/messages/{id}/ack"),
        ("GET", "/v1/register/units"),
        ("GET", "/v1/register/units/{sor}"),
        ("GET", "/v1/register/locations/{gln}"),
        ("GET", "/v1/register/search"),
        ("GET", "/ready"),
    ],
    ids=" ".join,
)
def test_whatever_a_machine_makes_up_is_answered_as_described(
    described: Described, operation: tuple[str, str], mode: GenerationMode
):
    """No request, right or wrong, gets a status, a content type, a header or a body that is not described, nor a 5xx, nor in without
    a token.
    """
    api = schemathesis.openapi.from_dict(described.description)
    api.config.update(base_url=described.gateway.url)
    method, path = operation
    found = api[path][method]
    if mode is GenerationMode.NEGATIVE and path == "/ready":
        pytest.skip("nothing can be wrong with a request that has nothing in it")

    @given(case=found.as_strategy(generation_mode=mode))
    @settings(max_examples=12, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def answered_as_described(case: schemathesis.Case) -> None:
        case.query = {
            name: "0" if name == "wait" and mode is GenerationMode.POSITIVE else value for name, value in case.query.items()
        }
        headers = {"Authorization": f"Bearer {described.epj}"} if path.startswith("/v1") else {}
        case.call_and_validate(headers=headers, checks=CHECKS)

    answered_as_described()
