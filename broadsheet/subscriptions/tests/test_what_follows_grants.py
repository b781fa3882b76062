"""Whatever gave a right: with it go the benefit that was claimed, the article that was given."""

import pytest
from allauth.account.models import EmailAddress

from broadsheet.accounts.models import Mail
from broadsheet.desk.models import Article
from broadsheet.kit import clock
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import ArticleLink, PartnerClaim
from broadsheet.subscriptions.tests import group_cast
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed
from broadsheet.subscriptions.tests.group_cast import family, group
from broadsheet.subscriptions.tests.import_cast import imported
from broadsheet.subscriptions.tests.test_institutions import institution, reader
from broadsheet.subscriptions.tests.test_partner_benefits import make
from tests.cast import ada, ben, ninjs, send

__all__ = ["family", "group"]


@pytest.fixture
def seat_of_a_library(paper):
    institution()
    held = reader("ida")
    return held, lambda: EmailAddress.objects.filter(user=held).delete()


@pytest.fixture
def seat_of_a_group(group):
    seat = group_cast.member(group, "rosa")
    return seat.reader, lambda: actions.vacate(seat, seat.REMOVED)


@pytest.fixture
def import_of_a_list(till, plan, travel):
    found = imported()
    held = found.imported.get(reader__email="vera@lantern.example").reader

    def undo():
        actions.undo_import(found)
        actions.run_imports()

    return held, undo


@pytest.fixture
def gift_of_a_friend(till, plan):
    held = ben()
    redeemed(bought(till, plan), held)
    return held, lambda: actions.refund(till, Payment.objects.get(), "Asked", ada())


@pytest.mark.parametrize(
    "cause", ["seat_of_a_library", "seat_of_a_group", "import_of_a_list", "gift_of_a_friend"]
)
def test_what_hangs_on_a_right_ends_in_the_step_that_ends_the_right(feed, request, cause):
    held, end = request.getfixturevalue(cause)
    send(feed, ninjs(at=clock.now()))
    benefit = make()
    actions.fill_pool(benefit, ["ALPHA"])
    claim = actions.claim(held, benefit)
    article = Article.objects.get()
    article.access = "premium"
    article.save()
    link = actions.give(held, article)
    end()
    assert PartnerClaim.objects.get(pk=claim.pk).ended_at is not None
    assert not ArticleLink.objects.live(clock.now()).filter(pk=link.pk).exists()
    assert Mail.objects.filter(to=held.email, text__contains="Filmhaus").exists()
