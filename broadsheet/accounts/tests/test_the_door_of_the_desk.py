"""Who may not work at the desk is told so, once, and can sign in as somebody else."""

import pytest

from broadsheet.accounts.tests.doors import LOGIN, browser, fill, reached
from tests.cast import PASSWORD, ada, ben

pytestmark = pytest.mark.django_db(transaction=True)


def as_user(user):
    client = browser()
    return client, fill(client, client.get(LOGIN), "login", login=user.email, password=PASSWORD)


@pytest.mark.parametrize("page", ["/desk/", "/desk/pictures/", "/desk/snippets/desk/article/?p=2"])
def test_a_reader_at_the_desk_is_told_and_not_sent_in_a_circle(paper, page):
    client, _ = as_user(ben())
    answer = client.get(page)
    assert answer.status_code == 403
    shown = answer.content.decode()
    assert "The desk is for the newsroom" in shown
    assert "ben@lantern.example" in shown


def test_from_there_staff_sign_in_and_reach_the_desk(paper):
    client, _ = as_user(ben())
    editor = ada()
    asked = fill(client, client.get("/desk/"), "next")
    landed = fill(client, asked, "login", login=editor.email, password=PASSWORD)
    assert reached(landed) == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_stranger_is_asked_to_sign_in(paper):
    assert browser().get("/desk/").headers["location"] == f"{LOGIN}?next=/desk/"
