"""Problem details: a stable code, both languages, and what a client needs to go on."""

import json

import pytest

from gateway.web.access import may_see
from gateway.web.problems import Problem, TurnedAway, answer
from tests.unit.gateway.examples import HOSPITAL, RANDERS, SKIVE, record
from tests.unit.gateway.test_directory import partner


@pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.code)
def test_every_problem_is_told_in_both_languages(problem):
    """Each is problem details of RFC 9457 with its own type, its status, and a text to act on in Danish and in English."""
    response = answer(TurnedAway(problem, more=1))
    body = json.loads(response.body)
    assert response.content_type == "application/problem+json"
    assert (body["type"], body["status"], body["more"]) == (f"urn:medcom-gateway:{problem.code}", response.status, 1)
    assert body["detail"].endswith(".")
    assert body["detail_da"].endswith(".")
    assert body["detail"] != body["detail_da"]


def test_what_a_client_is_to_do_is_in_the_headers():
    """401 says how to authenticate, 503 when to come again."""
    assert answer(TurnedAway(Problem.NO_TOKEN)).headers["WWW-Authenticate"].startswith("Bearer")
    assert answer(TurnedAway(Problem.JOURNAL_AWAY)).headers["Retry-After"] == "5"
    assert answer(TurnedAway(Problem.BUSY)).headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (partner("epj", HOSPITAL), True),
        (partner("skive", SKIVE), True),
        (partner("indleverer", RANDERS), True),
        (partner("anden", RANDERS), False),
    ],
)
def test_who_may_see_a_message(who, sees):
    """Its sender, its receiver, and who handed it in; nobody else."""
    assert may_see(who, record(partner="indleverer")) is sees


def test_whom_it_was_redirected_to_may_see_it():
    """The endpoint that a letter was sent to by an operator sees it as its receiver does."""
    assert may_see(partner("randers", RANDERS), record(partner="epj", endpoint="randers"))
