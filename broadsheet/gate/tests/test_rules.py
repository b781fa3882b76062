from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate.policy import Allowance, Policy
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose

WORDS = ("unlimited", "premium", "ad_free", "epaper", "archive", "newsletter:markets")
readers = st.builds(Reader, st.booleans(), st.frozensets(st.sampled_from(WORDS)))


class Limits(NamedTuple):
    anonymous: int
    registered: int


limits = st.builds(Limits, st.integers(0, 20), st.integers(0, 20))
reads = st.integers(0, 25)
accesses = st.sampled_from(("open", "registered", "metered", "premium", "epaper", "archive"))
yes_no = st.booleans()
THREE_OR_FIVE = Limits(3, 5)


def decide(
    access: str,
    reader: Reader,
    limits: Limits = THREE_OR_FIVE,
    reads: int = 0,
    read_before: bool = False,
    prefetch: bool = False,
    counts: bool = True,
) -> Decision:
    had = [Read(number, 0) for number in range(100, 100 + reads)]
    if read_before:
        had.append(Read(1, 0))
    policy = Policy(tuple(map(Allowance, ("anonymous", "registered"), limits)))
    asking = Asking(prefetch, counts)
    return choose(Report(1, access), reader, policy, had, now=0, asking=asking)


def is_full(decision: Decision) -> bool:
    return decision.variant in ("full", "full_no_ads")


@given(readers, limits, reads, yes_no, yes_no, yes_no)
def test_open_articles_are_open_to_everyone(
    reader: Reader, limits: Limits, reads: int, before: bool, prefetch: bool, counts: bool
) -> None:
    assert is_full(decide("open", reader, limits, reads, before, prefetch, counts))


@given(readers, limits, reads, yes_no, yes_no, yes_no)
def test_premium_is_never_free(
    reader: Reader, limits: Limits, reads: int, before: bool, prefetch: bool, counts: bool
) -> None:
    decision = decide("premium", reader, limits, reads, before, prefetch, counts)
    assert is_full(decision) == ("premium" in reader.entitlements)
    assert not decision.counted


@given(st.text(), readers, limits, reads, yes_no, yes_no)
def test_an_unknown_access_class_opens_for_nobody_without_its_entitlement(
    access: str, reader: Reader, limits: Limits, reads: int, before: bool, counts: bool
) -> None:
    if access in ("open", "registered", "metered", *reader.entitlements):
        return
    decision = decide(access, reader, limits, reads, before, False, counts)
    assert decision.variant == "teaser"
    assert decision.reason


def test_an_access_class_that_is_no_word_opens_for_nobody() -> None:
    assert decide("", Reader(True, frozenset({""}))) == Decision(
        "teaser", "premium", "premium", signed_in=True
    )


@given(accesses, readers, limits, reads, yes_no, yes_no, yes_no)
def test_without_ads_exactly_for_those_entitled(
    access: str,
    reader: Reader,
    limits: Limits,
    reads: int,
    before: bool,
    prefetch: bool,
    counts: bool,
) -> None:
    decision = decide(access, reader, limits, reads, before, prefetch, counts)
    if is_full(decision):
        assert (decision.variant == "full_no_ads") == ("ad_free" in reader.entitlements)


@given(accesses, readers, limits, reads, yes_no, yes_no)
def test_what_may_not_spend_a_read_is_not_given_one(
    access: str, reader: Reader, limits: Limits, reads: int, prefetch: bool, counts: bool
) -> None:
    decision = decide(access, reader, limits, reads, False, prefetch, counts)
    if prefetch or not counts:
        assert not decision.counted
        if access == "metered" and "unlimited" not in reader.entitlements:
            assert not is_full(decision)


@given(readers, limits, reads)
def test_a_read_counts_only_below_the_limit(reader: Reader, limits: Limits, reads: int) -> None:
    decision = decide("metered", reader, limits, reads)
    limit = limits.registered if reader.registered else limits.anonymous
    if "unlimited" in reader.entitlements:
        assert is_full(decision) and not decision.counted
    else:
        assert decision.counted == is_full(decision) == (reads < limit)
        assert decision.limit == limit
        assert decision.reads == reads + decision.counted


@given(readers, limits, reads, yes_no, yes_no)
def test_rereading_is_free(
    reader: Reader, limits: Limits, reads: int, prefetch: bool, counts: bool
) -> None:
    decision = decide("metered", reader, limits, reads, True, prefetch, counts)
    assert is_full(decision) and not decision.counted


def test_the_wall_names_which_limit_was_reached() -> None:
    assert decide("metered", Reader(), reads=3).reason == "limit_anonymous"
    assert decide("metered", Reader(True), reads=5).reason == "limit_registered"


def test_registered_articles_ask_for_an_account() -> None:
    assert decide("registered", Reader()) == Decision("teaser", "registered", "register")
    assert is_full(decide("registered", Reader(True)))
    assert is_full(decide("registered", Reader(False, frozenset({"unlimited"}))))


def test_an_entitlement_opens_its_own_articles() -> None:
    assert is_full(decide("epaper", Reader(True, frozenset({"epaper"}))))
    refused = decide("epaper", Reader(True, frozenset({"unlimited", "premium"})))
    assert refused == Decision("teaser", "epaper", "epaper", signed_in=True)


def test_a_prefetch_that_would_spend_a_read_is_refused() -> None:
    assert decide("metered", Reader(), prefetch=True).variant == "refused"
