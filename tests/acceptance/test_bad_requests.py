"""What is wrong with a request, and what belongs to somebody else: nothing is recorded, shown or lost."""

from __future__ import annotations

import pytest

from tests.acceptance.letters import EPJ, OTHER_HOSPITAL, SKIVE, letter
from tests.acceptance.yard import Yard
from tests.services.gateway import call, until

GOOD = letter()


class TestRequests:
    """What is wrong with a request before there is a document: nothing is recorded, and the problem says what to do."""

    @pytest.mark.parametrize("token", [None, "forkert", "medcom_" + "A" * 43, ""])
    def test_no_valid_token(self, yard: Yard, token: str | None):
        """401 with WWW-Authenticate on every path under /v1, whether the path's message exists or not."""
        for method, path in (("POST", "/v1/messages"), ("GET", "/v1/messages/x"), ("GET", f"/v1/mailboxes/{SKIVE}/messages")):
            answer = call(method, yard.gateway.url + path, token=token, body=GOOD if method == "POST" else None)
            assert (answer.status, answer.json["title"]) == (401, "no-token")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_content_type(self, yard: Yard):
        """415 names what is accepted; a charset parameter does no harm."""
        for wrong in ("application/json", "text/plain", "application/octet-stream"):
            answer = yard.submit(GOOD, content_type=wrong)
            assert (answer.status, answer.json["accepted"]) == (415, ["application/xml", "text/xml"])
        assert yard.submit(letter(), content_type="application/xml; charset=iso-8859-1").status == 202
        assert yard.submit(letter(), content_type="text/xml").status == 202

    def test_path_and_method(self, yard: Yard):
        """404 and 405 are problems too; 405 names the methods that the path takes."""
        answer = call("GET", yard.gateway.url + "/v1/nowhere", token=yard.epj)
        assert (answer.status, answer.json["title"]) == (404, "no-such-path")
        answer = call("DELETE", yard.gateway.url + "/v1/messages", token=yard.epj)
        assert (answer.status, answer.json["title"], answer.headers["Allow"]) == (405, "bad-method", "POST")

    @pytest.mark.parametrize("wait", ["x", "-1", "61", "nan", "inf", "1e9", "%20", "1&wait=x"])
    def test_wait(self, yard: Yard, wait: str):
        """400 for a wait that is no number of seconds between 0 and 60; a second one is not looked at."""
        answer = call("GET", f"{yard.gateway.url}/v1/mailboxes/{EPJ}/messages?wait={wait}", token=yard.epj)
        if wait.startswith("1&"):
            assert answer.status == 200
        else:
            assert (answer.status, answer.json["title"], answer.json["parameter"]) == (400, "bad-parameter", "wait")

    def test_a_request_id_comes_back(self, yard: Yard):
        """Every answer carries a request id, the caller's own where it sent one."""
        assert call("GET", yard.gateway.url + "/live").headers["X-Request-Id"]


class TestOtherPeoplesMail:
    """A kommune never sees another's message, and learns nothing from trying."""

    def test_mailbox(self, yard: Yard):
        """403 for listing, fetching and acknowledging in a mailbox of somebody else's, with or without such a message."""
        message_id, document = yard.accepted()
        for path in ("", f"/{message_id}", "/findes-ikke"):
            answer = call("GET", f"{yard.gateway.url}/v1/mailboxes/{SKIVE}/messages{path}", token=yard.other)
            assert (answer.status, answer.json["title"]) == (403, "not-your-address")
        assert yard.gateway.acknowledge(yard.other, SKIVE, message_id).status == 403
        yard.delivered(message_id, document)

    def test_message(self, yard: Yard):
        """404 for a message of others', the same as for none; its sender and its receiver see it."""
        message_id, document = yard.accepted()
        strangers, nothing = (
            call("GET", f"{yard.gateway.url}/v1/messages/{each}", token=yard.other) for each in (message_id, "x")
        )
        assert (strangers.status, nothing.status) == (404, 404)
        assert strangers.body == nothing.body
        for token in (yard.epj, yard.skive):
            assert yard.gateway.message(token, message_id)["id"] == message_id
        yard.delivered(message_id, document)

    def test_fetched_through_ones_own_mailbox(self, yard: Yard):
        """Somebody else's message is not in one's own mailbox, whatever id is asked for."""
        message_id, document = yard.accepted()
        until(lambda: yard.gateway.message(yard.epj, message_id)["state"] == "available", what="the letter's arrival")
        url = f"{yard.gateway.url}/v1/mailboxes/{OTHER_HOSPITAL}/messages/{message_id}"
        assert call("GET", url, token=yard.other).status == 404
        assert call("POST", f"{url}/ack", token=yard.other, body=b"").status == 404
        yard.delivered(message_id, document)

    def test_acknowledged_twice(self, yard: Yard):
        """The second acknowledgement of one's own message is answered as the first."""
        message_id, document = yard.accepted()
        yard.delivered(message_id, document)
        again = yard.gateway.acknowledge(yard.skive, SKIVE, message_id)
        assert (again.status, again.json["state"]) == (200, "delivered")
