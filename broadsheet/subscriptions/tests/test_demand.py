"""Another free limit: with that of the month it is what happened, and more is free for fewer."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.subscriptions import actions
from broadsheet.subscriptions.demand import Demand, effect, payers, share_between
from broadsheet.subscriptions.models import GateDecision, ReadingDemand
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from broadsheet.subscriptions.tests.journal_cast import line, told
from broadsheet.subscriptions.tests.test_desk_figures import lines

LIMIT = 3
READERS = st.lists(
    st.one_of(
        st.builds(Demand, st.integers(0, LIMIT), st.just(0), st.integers(1, 50)),
        st.builds(Demand, st.just(LIMIT), st.integers(1, 40), st.integers(1, 50)),
    )
)


@given(READERS)
def test_the_same_limit_is_what_happened(demand):
    met = effect(demand, LIMIT)
    assert met.readers == sum(one.readers for one in demand if one.behind)
    assert met.behind == sum(one.behind * one.readers for one in demand)


@given(READERS, st.integers(0, 50))
def test_one_more_free_article_opens_one_for_each_reader_at_the_wall(demand, limit):
    narrow, wide = effect(demand, limit), effect(demand, limit + 1)
    assert wide.readers <= narrow.readers
    assert narrow.behind - wide.behind == narrow.readers


@given(READERS)
def test_without_free_articles_everything_is_behind_the_wall(demand):
    wanted = sum((one.reads + one.behind) * one.readers for one in demand)
    assert effect(demand, 0).behind == wanted


@given(st.integers(0, 500), st.integers(0, 5000), st.integers(0, 10_000))
def test_the_range_holds_what_was_seen(paid, readers, others):
    low, high = share_between(paid, readers)
    assert 0 <= low <= high <= 1
    if readers:
        assert low <= min(paid, readers) / readers <= high
    fewest, most = payers(others, (low, high))
    assert 0 <= fewest <= most <= others


A, B, C = ("a" + letter * 22 for letter in "abc")
OCTOBER, EARLY = datetime(2026, 10, 20, 9, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)
AT = int(OCTOBER.timestamp())


def month():
    """Three readers of three free articles: one is stopped at two others, one reads one."""
    opened = [line(A, article, at=AT, reads=article) for article in (1, 2, 3)]
    again = [line(A, n, "stop", at=AT + 9, reads=3) for n in (4, 5, 4, 4)]
    others = [line(B, 1, at=AT), *(line(C, n, at=AT, reads=n) for n in (1, 2, 3))]
    looked_ahead = line(B, 2, "stop", at=AT, reads=1)
    premium = line(B, 3, "stop", at=AT, rule="premium", reads=0, limit=0)
    return [*opened, *again, *others, looked_ahead, premium, line("-", 9, "stop", at=AT, reads=3)]


def test_a_month_is_counted_once_it_is_over_from_the_journal(paper, travel):
    travel.move_to(OCTOBER)
    told(*month())
    assert actions.count_demand(), "September, of which there is nothing"
    assert not actions.count_demand()
    travel.move_to(EARLY)
    assert actions.count_demand()
    assert not actions.count_demand()
    rows = ReadingDemand.objects.filter(month="2026-10").exclude(kind="")
    columns = ("kind", "limit", "reads", "behind", "number")
    assert set(rows.values_list(*columns)) == {
        ("anonymous", 3, 3, 2, 1), ("anonymous", 3, 3, 0, 1), ("anonymous", 3, 1, 0, 1),
    }  # fmt: skip


def test_the_limit_of_the_month_reproduces_its_decisions(paper, travel):
    travel.move_to(OCTOBER)
    told(*month())
    travel.move_to(EARLY)
    actions.count_demand()
    stops = GateDecision.objects.filter(outcome="stop", rule="metered", reads=3).exclude(code="")
    [three] = [row for row in lines("limit") if row["free_articles"] == "3"]
    readers = stops.values("code").distinct().count()
    assert int(three["readers_at_the_wall"]) == readers == 1
    assert int(three["articles_behind_it"]) == stops.values("code", "article").distinct().count()
    assert three["difference"] == "0"
    [two] = [row for row in lines("limit") if row["free_articles"] == "2"]
    assert (two["readers_at_the_wall"], two["articles_behind_it"]) == ("2", "4")
    assert "3, as it was" in page(publisher(), "/desk/business/figures/limit/")


def test_of_a_month_that_is_not_all_there_nothing_is_told(paper, travel, settings):
    travel.move_to(OCTOBER)
    told(*month())
    for segment in (settings.HOME / "journal").glob("*.journal"):
        segment.unlink()
    travel.move_to(EARLY)
    assert actions.count_demand()
    assert not ReadingDemand.objects.exclude(kind="").exists()
    assert "No whole month was counted yet" in page(publisher(), "/desk/business/figures/limit/")
