import base64
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate import passes
from broadsheet.gate.passes import Pass

SECRET = b"secret"
KEY = passes.pass_key(SECRET)
READER_KEY = passes.reader_key(SECRET)
NOW = 1_800_000_000.0


@given(
    st.integers(0, 10**9),
    st.frozensets(st.text(max_size=30), max_size=8),
    st.floats(0, 10**12),
)
def test_a_pass_comes_back_as_it_was_signed(
    number: int, entitlements: frozenset[str], until: float
) -> None:
    pass_ = Pass(number, entitlements, NOW, until)
    assert passes.verify_pass(passes.sign_pass(pass_, KEY), KEY, NOW + 60) == pass_


def signed(content: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    mac = hmac.digest(KEY, body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_a_pass_of_the_first_form_is_still_read_and_ends_never() -> None:
    pass_ = passes.read_pass(signed([1, 7, NOW, ["premium"]]), KEY)
    assert pass_ == Pass(7, frozenset({"premium"}), NOW, 0)


@pytest.mark.parametrize(
    "content", [[3, 7, NOW, [], 0], [2, 7, NOW, [], 0, 0], [2, 7], [2, 7, NOW, None, 0], {}, 2]
)
def test_a_pass_of_an_unknown_form_is_none(content: object) -> None:
    assert passes.read_pass(signed(content), KEY) is None


@given(st.text())
def test_made_up_text_is_no_pass_and_no_reader(text: str) -> None:
    assert passes.read_pass(text, KEY) is None
    assert passes.verify_reader_id(text, READER_KEY) is None


@given(st.integers(0, 10**6), st.characters(codec="ascii"))
def test_a_changed_character_breaks_the_signature(place: int, character: str) -> None:
    text = passes.sign_pass(Pass(7, frozenset({"unlimited"}), NOW), KEY)
    place %= len(text)
    changed = text[:place] + character + text[place + 1 :]
    if changed != text:
        assert passes.read_pass(changed, KEY) is None


def test_a_pass_signed_for_another_purpose_is_none() -> None:
    text = passes.sign_pass(Pass(7, frozenset({"premium"}), NOW), READER_KEY)
    assert passes.read_pass(text, KEY) is None


def test_a_reader_id_comes_back_as_it_was_signed() -> None:
    reader_id = passes.new_reader_id()
    assert passes.verify_reader_id(passes.sign_reader_id(reader_id, READER_KEY), READER_KEY) == (
        reader_id
    )


@pytest.mark.parametrize(
    ("age", "fresh", "accepted"),
    [
        (0, True, True),
        (899, True, True),
        (900, False, True),
        (86_399, False, True),
        (86_400, False, False),
        (-30, True, True),
        (-3600, False, False),
    ],
)
def test_a_pass_is_fresh_for_a_quarter_of_an_hour(age: float, fresh: bool, accepted: bool) -> None:
    pass_ = Pass(7, frozenset(), NOW - age)
    assert passes.is_fresh(pass_, NOW) is fresh
    assert (passes.verify_pass(passes.sign_pass(pass_, KEY), KEY, NOW) is not None) is accepted


def test_a_pass_too_large_for_a_cookie_is_not_signed() -> None:
    many = frozenset(f"newsletter:{n}" for n in range(1000))
    with pytest.raises(ValueError, match="does not fit"):
        passes.sign_pass(Pass(7, many, NOW), KEY)


def test_cookies_are_secure_and_bound_to_the_host_on_https_only() -> None:
    assert passes.cookie_name("reader", "https://paper.example") == "__Host-reader"
    assert passes.cookie_name("reader", "http://localhost:8000") == "reader"
    assert passes.reader_cookie("x", "https://paper.example").endswith("SameSite=Lax; Secure")
    assert "Secure" not in passes.reader_cookie("x", "http://localhost")


def test_cookie_values_are_found_by_their_whole_name() -> None:
    assert passes.cookie_values("xreader=1; reader=2;reader=3", "reader") == ["2", "3"]
