import httpx
import pytest

from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay import Fakepay
from broadsheet.ledger.tests.fakepay.cast import HTTP, KEY, SECRET, order


@pytest.mark.parametrize("path", ["/v1/agreements/agr_x", "/control/clock", "/control/agreements"])
@pytest.mark.parametrize("given", [None, "Bearer wrong", KEY, "Bearer \xfc"])
def test_without_the_key_nothing_is_told(server, path, given):
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    answer = HTTP.get(server.url + path, headers=headers)
    assert answer.status_code == 401


def test_a_wrong_key_says_nothing_about_what_was_asked(server):
    client = Fakepay(server.url, "wrong", SECRET)
    with pytest.raises(GatewaySilent, match="401"):
        client.open_checkout(order())
    client.close()


def test_nobody_there_is_silence():
    client = Fakepay("http://127.0.0.1:9", KEY, SECRET)
    with pytest.raises(GatewaySilent):
        client.look_up("agr_x")
    client.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"{}", 422), (b"x" * 70_000, 413)],
)
def test_a_body_that_cannot_be_read_is_refused(server, body, status):
    answer = HTTP.post(
        f"{server.url}/v1/agreements",
        content=body,
        headers={"Authorization": f"Bearer {KEY}"},
    )
    assert answer.status_code == status
    assert answer.json()["problem"]


def test_another_method_is_refused(server):
    answer = HTTP.get(
        f"{server.url}/v1/agreements",
        headers={"Authorization": f"Bearer {KEY}"},
    )
    assert answer.status_code == 405


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"set": "yesterday"}),
        ("clock", {"set": "2020-01-01T00:00:00+00:00"}),
        ("clock", {"set": "2040-01-01"}),
        ("clock", {"advance": -1}),
        ("clock", {"advance": 1, "set": "2040-01-01T00:00:00+00:00"}),
        ("clock", {}),
        ("webhooks", {"mode": "sideways"}),
        ("fault", {"mode": "sideways"}),
        ("agreements/agr_nobody/card", {"number": "4242 4242 4242 4242"}),
    ],
)
def test_a_wrong_control_call_is_refused(control, path, body):
    with pytest.raises(httpx.HTTPStatusError) as caught:
        control.post(path, **body)
    assert 400 <= caught.value.response.status_code < 500
