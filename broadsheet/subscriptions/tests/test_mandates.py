"""Regular debits in India: announced a day before at least, within the mandate, and stoppable."""

from argparse import Namespace
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts import outbox
from broadsheet.accounts.models import Mail
from broadsheet.config.commands import COMMANDS
from broadsheet.config.doctor import examine
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Mandate, Plan, PredebitNotice, Subscription
from broadsheet.subscriptions.reads import debits
from broadsheet.subscriptions.rules import debit_flaw, mandate_rule
from broadsheet.subscriptions.tests.conftest import buy, terms
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from tests.cast import ben

DUE = datetime(2026, 6, 30, 10, tzinfo=UTC)
"""When the quarter that began on 31 March is over."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULE = mandate_rule("INR", date(2026, 6, 30))


@pytest.fixture
def sold(till, plan, travel):
    buy(till, ben(), plan)
    return Subscription.objects.get()


def announce(travel, at, sent=True):
    """The worker's turn at a moment; the mail leaves at once."""
    travel.move_to(at)
    made = actions.send_notices()
    if sent:
        Mail.objects.filter(sent_at=None).update(sent_at=clock.now())
        actions.send_notices()
    return made


def charged(till, sold, travel, at=DUE):
    travel.move_to(at)
    actions.settle(till, sold.ref)
    return sold.periods.count()


def problems():
    return [str(p) for p in checks.unannounced(clock.now() - 48 * HOUR)]


def test_the_rules_are_dated_and_have_their_source():
    assert RULE.unasked == 1_500_000 and RULE.lead == DAY and "2026" in RULE.source
    assert mandate_rule("INR", date(2026, 4, 20)).source != RULE.source
    assert mandate_rule("INR", date(2020, 1, 1)) is None and mandate_rule("EUR", DUE.date()) is None


@given(st.integers(-(10**7), 10**7))
def test_a_notice_counts_from_exactly_the_lead_before(seconds):
    at = DUE - RULE.lead + timedelta(seconds=seconds)
    flaw = debit_flaw(RULE, 100, DUE, noticed=at, opted_out=None, ceiling=100, ends=None)
    assert flaw == (None if seconds <= 0 else "late")


@given(
    noticed=st.none() | st.integers(0, 100), out=st.none() | st.integers(-5, 5),
    ends=st.none() | st.integers(-5, 5), amount=st.integers(1, 200),
)  # fmt: skip
def test_a_debit_may_be_taken_only_when_nothing_at_all_is_wrong(noticed, out, ends, amount):
    flaw = debit_flaw(
        RULE, amount, DUE, noticed=None if noticed is None else DUE - noticed * HOUR,
        opted_out=None if out is None else DUE + out * HOUR, ceiling=100,
        ends=None if ends is None else DUE + ends * HOUR,
    )  # fmt: skip
    good = (
        noticed is not None and noticed >= 24 and (out is None or out > 0)
        and (ends is None or ends > 0) and amount <= 100
    )  # fmt: skip
    assert (flaw is None) == good


def test_a_sale_in_rupees_notes_the_mandate_and_one_in_euros_none(till, plan, travel):
    buy(till, ben(), plan)
    mandate = Mandate.objects.get()
    assert (mandate.method, mandate.max_amount, mandate.state) == ("card", 1_500_000, "active")
    euro = Plan.objects.create(slug="euro", name="Euro")
    actions.set_terms(euro, terms(currency="EUR"))
    from broadsheet.accounts.models import User

    buy(till, User.objects.create_user("eva@example.org"), euro)
    assert Mandate.objects.count() == 1


def test_the_notice_is_written_three_days_before_and_once(sold, travel):
    assert announce(travel, DUE - 73 * HOUR) == 0
    assert announce(travel, DUE - 72 * HOUR) == 1
    assert announce(travel, DUE - 71 * HOUR) == 0
    notice = PredebitNotice.objects.get()
    assert (notice.number, notice.amount, notice.due_at) == (1, 90000, DUE)
    assert notice.sent_at == DUE - 72 * HOUR


def test_the_notice_says_who_takes_what_when_and_how_to_stop_it(sold, travel):
    Mail.objects.all().delete()
    announce(travel, DUE - 48 * HOUR)
    mail = Mail.objects.get()
    for words in ("900", "30 June 2026", "/account/cancel/", "Quarterly"):
        assert words in mail.text and words in mail.html
    assert mail.to == sold.reader.email and "approve" not in mail.text


def test_the_worker_sends_notices():
    from broadsheet.config.schedule import LANES

    assert any(job is actions.send_notices for lane in LANES for _every, job in lane)
    assert any(job is outbox.send_due for lane in LANES for _every, job in lane)


def test_case_51_a_charge_without_a_notice_is_refused_by_the_model(sold, travel):
    with pytest.raises(Refusal, match="no notice"):
        sold.mandate.check_charge(1, 90000, DUE)
    announce(travel, DUE - 48 * HOUR, sent=False)
    with pytest.raises(Refusal, match="no notice"):
        Mandate.objects.get().check_charge(1, 90000, DUE)


def test_case_51_a_charge_a_day_after_its_notice_is_taken_and_one_before_is_not(sold, travel):
    announce(travel, DUE - 30 * HOUR)
    mandate = Mandate.objects.get()
    mandate.check_charge(1, 90000, DUE - 6 * HOUR)
    with pytest.raises(Refusal, match="too late"):
        mandate.check_charge(1, 90000, DUE - 6 * HOUR - timedelta(seconds=1))
    with pytest.raises(Refusal, match="no notice"):
        mandate.check_charge(2, 90000, DUE)
    with pytest.raises(Refusal, match="no notice"):
        mandate.check_charge(1, 90001, DUE)


def test_case_51_check_ledger_tells_it_and_calls_the_books_sound(sold, till, travel, capsys):
    charged(till, sold, travel, DUE + HOUR)
    assert COMMANDS["check_ledger"](Namespace()) == 0
    assert "no notice of it was sent" in capsys.readouterr().out


def warned():
    return debits.silent(clock.now()).count()


def test_case_51_the_publisher_sees_that_a_notice_has_not_left_while_it_still_can(
    sold, travel, paper
):
    announce(travel, DUE - 49 * HOUR, sent=False)
    assert warned() == 0
    travel.move_to(DUE - 48 * HOUR)
    out, staff = StringIO(), publisher()
    examine(out)
    assert "1 debits come within two days" in out.getvalue()
    told = "1 subscription is charged within two days, and the notice"
    assert told in page(staff, "/desk/business/overview/")
    announce(travel, DUE - 30 * HOUR)
    assert warned() == 0
    assert told not in page(staff, "/desk/business/overview/")


def test_case_51_nobody_is_warned_of_a_debit_that_does_not_come(sold, travel):
    travel.move_to(DUE - 30 * HOUR)
    assert warned() == 1
    Subscription.objects.update(renews=False)
    assert warned() == 0


def test_case_51_what_the_gateway_charged_without_a_notice_is_booked_and_told(sold, till, travel):
    assert charged(till, sold, travel, DUE + HOUR) == 2, "money is truth"
    (problem,) = problems()
    assert "Period 1" in problem and "no notice" in problem and "worker" in problem
    assert [*checks.everything()] == []
    travel.shift(3 * DAY)
    assert problems() == [], "told for two days, not for ever"


def test_case_51_what_was_announced_in_time_is_no_problem(sold, till, travel):
    announce(travel, DUE - 50 * HOUR)
    assert charged(till, sold, travel, DUE + HOUR) == 2
    assert problems() == []


def test_case_51_the_publisher_hears_of_it_in_the_night(sold, till, travel):
    from broadsheet.accounts.models import User

    User.objects.create_superuser("pia@lantern.example")
    charged(till, sold, travel, DUE + HOUR)
    travel.move_to(datetime(2026, 6, 30, 23, tzinfo=UTC))
    assert actions.audit()
    mail = Mail.objects.get(to="pia@lantern.example")
    assert "no notice" in mail.text


def test_case_51_who_opts_out_after_the_notice_is_not_charged(sold, till, travel):
    announce(travel, DUE - 50 * HOUR)
    reader = Client()
    reader.force_login(sold.reader)
    assert reader.post("/account/cancel/").status_code == 302
    assert PredebitNotice.objects.get().opted_out_at == clock.now()
    with pytest.raises(Refusal, match="opted out"):
        Mandate.objects.get().check_charge(1, 90000, DUE)
    assert charged(till, sold, travel, DUE + HOUR) == 1
    assert Mandate.objects.get().state == Mandate.ENDED


def test_case_51_who_stays_after_all_is_charged(sold, till, travel):
    announce(travel, DUE - 50 * HOUR)
    actions.set_renewal(sold, renews=False)
    actions.set_renewal(sold, renews=True)
    Mandate.objects.get().check_charge(1, 90000, DUE)
    assert Mandate.objects.get().state == Mandate.ACTIVE


def test_who_has_cancelled_is_told_of_no_debit(sold, travel):
    actions.set_renewal(sold, renews=False)
    assert announce(travel, DUE - 48 * HOUR) == 0


def test_case_52_a_plan_above_the_mandate_needs_a_new_one(sold, travel):
    from broadsheet.subscriptions.reads.quotes import quote_of

    dear = Plan.objects.create(slug="dear", name="Dear")
    actions.set_terms(dear, terms(price=1_500_001))
    with pytest.raises(Refusal, match="mandate"):
        quote_of(sold, dear.current, clock.now())
    announce(travel, DUE - 50 * HOUR)
    PredebitNotice.objects.update(amount=1_500_001)
    with pytest.raises(Refusal, match="allows less"):
        Mandate.objects.get().check_charge(1, 1_500_001, DUE)


def test_case_53_above_15_000_rupees_the_notice_says_that_the_bank_will_ask(till, plan, travel):
    actions.set_terms(plan, terms(price=1_500_001))
    buy(till, ben(), plan)
    assert Mandate.objects.get().max_amount == 1_500_001, "the bank asks for each of them"
    announce(travel, DUE - 50 * HOUR)
    assert "your bank will ask you to approve" in " ".join(Mail.objects.latest("id").text.split())


def test_a_planned_change_announces_what_will_be_charged(sold, till, travel):
    small = Plan.objects.create(slug="small", name="Small")
    actions.set_terms(small, terms(price=40000))
    from broadsheet.subscriptions.reads.quotes import quote_of

    announce(travel, DUE - 70 * HOUR)
    now = clock.now()
    token = actions.sealed(sold, small.current, quote_of(sold, small.current, now), now)
    actions.change_plan(till, sold, small.current, token)
    assert announce(travel, DUE - 50 * HOUR) == 1
    amounts = PredebitNotice.objects.values_list("amount", flat=True)
    assert sorted(amounts) == [40000, 90000]
    Mandate.objects.get().check_charge(1, 40000, DUE)


def test_announcing_many_costs_no_query_for_those_announced(
    sold, travel, django_assert_max_num_queries
):
    announce(travel, DUE - 48 * HOUR)
    with django_assert_max_num_queries(3):
        assert actions.send_notices() == 0
