import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.rules import Browser, browser

SAID = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/17.5 Mobile/15E148 Safari/604.1": Browser("Safari", "iPhone"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0": Browser(
        "Firefox", "Windows"
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0": Browser("Edge", "Windows"),
    "curl/8.1": Browser("curl", ""),
    "": Browser("", ""),
}


@pytest.mark.parametrize(("said", "known"), SAID.items())
def test_browsers_are_named_as_readers_know_them(said, known):
    assert browser(said) == known


@given(st.text(max_size=300))
def test_whatever_a_client_sends_is_read_without_complaint(said):
    assert isinstance(browser(said).name, str)
