import pytest

from broadsheet.look.strict import render
from broadsheet.look.tests import cast


def wall(reason: str, *, can_register: bool = True) -> str:
    names = {
        "paper": cast.PAPER,
        "reason": reason,
        "sentence": "You've reached your limit of 3 free articles this month.",
        "invitation": "Thank you for reading.",
        "registered_limit": 5,
        "can_register": can_register,
    }
    return render("press/wall.html", names)


@pytest.mark.parametrize("reason", ["limit_anonymous", "limit_registered", "register", "premium",
                                    "smart_investor"])  # fmt: skip
@pytest.mark.parametrize("can_register", [True, False])
def test_it_says_why_and_opens_a_door(
    reason: str, can_register: bool, asked_in_vain: list[str]
) -> None:
    fragment = wall(reason, can_register=can_register)
    assert fragment.startswith('<section class="paywall wall')
    assert "You've reached your limit of 3 free articles this month." in fragment
    assert "Thank you for reading." in fragment
    assert 'class="button' in fragment


def test_a_stranger_may_register_or_sign_in() -> None:
    fragment = wall("limit_anonymous")
    assert 'href="/accounts/signup/"' in fragment
    assert 'href="/accounts/login/"' in fragment


def test_it_offers_no_account_where_an_account_would_not_help() -> None:
    assert "/accounts/signup/" not in wall("premium")
    assert "/accounts/signup/" not in wall("limit_registered")
    assert "/accounts/signup/" not in wall("limit_anonymous", can_register=False)
