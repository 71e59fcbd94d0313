"""The description of the interface beside the interface itself."""

import json
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from gateway.web.bodies import ACCEPTED_TYPES
from gateway.web.mailboxes import Mailboxes
from gateway.web.messages import Messages
from gateway.web.probes import Probes
from gateway.web.problems import Problem
from gateway.web.register import AddressBook
from gateway.web.validation import Validation
from routing.faults import FAULTS
from routing.lifecycle import State

DESCRIPTION = json.loads(resources.files("gateway.web").joinpath("openapi.json").read_bytes())
OPERATIONS = [(path, method) for path, item in DESCRIPTION["paths"].items() for method in item]


def responses():
    """Every answer described, with its status and its contents."""
    for item in DESCRIPTION["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                name = answer.get("$ref", "").rpartition("/")[2]
                described = DESCRIPTION["components"]["responses"][name] if name else answer
                for content_type, content in described.get("content", {}).items():
                    yield status, content_type, content


def test_every_route_is_described_and_every_description_has_a_route():
    """The paths and methods of the application are those of the description, both ways."""
    routes = [route for part in (Messages, Validation, Mailboxes, AddressBook, Probes) for route in part.__new__(part).routes()]
    assert sorted((route.path, route.method.lower()) for route in routes) == sorted(OPERATIONS)


def test_examples_are_of_their_schemas():
    """Every example of an answer is valid by the schema beside it."""
    for _, content_type, content in responses():
        if "example" in content:
            schema = content["schema"] | {"components": DESCRIPTION["components"]}
            Draft202012Validator(schema).validate(content["example"])
        else:
            assert content_type in {"application/xml", "text/xml", "text/plain", "application/json"}


def test_every_problem_and_fault_has_its_status_described():
    """No problem and no fault is answered with a status that is not described."""
    described = {int(status) for status, content_type, _ in responses() if content_type == "application/problem+json"}
    statuses = {problem.value.status for problem in Problem} | {row.status for row in FAULTS.values() if row.status}
    assert statuses - described <= {405, 500}, "what a client or a bug does to any path stands in no path"


def test_states_and_types_are_the_gateways():
    """The states and the content types are those of the code."""
    assert DESCRIPTION["components"]["schemas"]["State"]["enum"] == [state.value for state in State]
    for path in ("/v1/messages", "/v1/validate"):
        assert set(DESCRIPTION["paths"][path]["post"]["requestBody"]["content"]) == ACCEPTED_TYPES


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_people_can_read_it_in_both_languages(path, method):
    """Each operation's summary is in English and Danish, and its id is its own."""
    operation = DESCRIPTION["paths"][path][method]
    assert " / " in operation["summary"]
    assert [DESCRIPTION["paths"][p][m]["operationId"] for p, m in OPERATIONS].count(operation["operationId"]) == 1
    assert ("security" in operation) is not path.startswith("/v1")


def test_no_reference_leads_nowhere():
    """Every `$ref` is to something that is there."""
    for reference in _references(DESCRIPTION):
        found = DESCRIPTION
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]


def _references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        node = list(node.values())
    for each in node if isinstance(node, list) else []:
        yield from _references(each)
