import pytest

from broadsheet.ledger.providers.base import BadSignature, Told
from broadsheet.ledger.providers.fakepay import Fakepay
from broadsheet.ledger.providers.fakepay.signing import sign

BODY = b'{"id": "evt_1", "type": "agreement.paid", "ref": "agr_1", "created": "2026-01-01"}'
NOW = 1_800_000_000


@pytest.fixture
def provider():
    made = Fakepay("http://127.0.0.1:1", "key", "new")
    yield made
    made.close()


def signed(*secrets, at=NOW):
    return {"fakepay-signature": sign(secrets, BODY, at)}


def test_a_signed_webhook_is_read(provider):
    told = provider.verify(signed("new"), BODY, now=NOW + 299)
    assert told == Told(event="evt_1", ref="agr_1", kind="agreement.paid")


def test_while_a_secret_is_exchanged_either_signature_will_do(provider):
    assert provider.verify(signed("old", "new"), BODY, now=NOW).ref == "agr_1"
    assert provider.verify(signed("new", "next"), BODY, now=NOW).ref == "agr_1"


@pytest.mark.parametrize("age", [301, -301])
def test_one_of_another_time_is_refused(provider, age):
    with pytest.raises(BadSignature, match="too long ago"):
        provider.verify(signed("new"), BODY, now=NOW + age)


@pytest.mark.parametrize(
    "header", ["", "t=1", "v1=aa", "t=,v1=aa", "t=x,v1=aa", f"t={NOW},t={NOW},v1=aa", "t=²,v1=a"]
)
def test_one_without_a_whole_signature_is_refused(provider, header):
    with pytest.raises(BadSignature):
        provider.verify({"fakepay-signature": header}, BODY, now=NOW)


def test_one_without_the_header_is_refused(provider):
    with pytest.raises(BadSignature, match="no signature"):
        provider.verify({}, BODY, now=NOW)


@pytest.mark.parametrize("header", [f"t={NOW},v1=00", f"t={NOW},v1=ü", f"t={NOW},v1="])
def test_a_wrong_signature_is_refused(provider, header):
    with pytest.raises(BadSignature, match="wrong"):
        provider.verify({"fakepay-signature": header}, BODY, now=NOW)


def test_one_signed_with_another_secret_is_refused(provider):
    with pytest.raises(BadSignature, match="wrong"):
        provider.verify(signed("old"), BODY, now=NOW)


def test_the_raw_bytes_are_signed_not_their_meaning(provider):
    with pytest.raises(BadSignature, match="wrong"):
        provider.verify(signed("new"), BODY.replace(b": ", b":"), now=NOW)


def test_the_time_is_signed_too(provider):
    header = signed("new")["fakepay-signature"].replace(str(NOW), str(NOW + 10_000))
    with pytest.raises(BadSignature, match="wrong"):
        provider.verify({"fakepay-signature": header}, BODY, now=NOW + 10_000)


def test_a_signed_body_that_tells_of_no_event_is_refused(provider):
    for body in (b"[]", b"{}", b"no json"):
        headers = {"fakepay-signature": sign(["new"], body, NOW)}
        with pytest.raises(BadSignature, match="no event"):
            provider.verify(headers, body, now=NOW)
