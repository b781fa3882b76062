"""The publisher's rules: by reader and section, by period, by age; told as pure decisions."""

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate.policy import Allowance, Policy, Turn, policy_text, read_policy
from broadsheet.gate.rules import Asking, Decision, Read, Reader, Report, choose

NEWS, SPORT = 1, 2
DAY = 86_400.0
GENERAL = (Allowance("anonymous", 3), Allowance("registered", 5))
kinds = st.sampled_from(("anonymous", "registered", "lite", "metered_plus"))
sections = st.frozensets(st.integers(1, 4), max_size=3)
limits = st.none() | st.integers(0, 9)
classes = ("open", "registered", "metered", "premium", "archive")
allowances = st.lists(st.builds(Allowance, kinds, limits, sections), max_size=5).map(tuple)
turns = st.lists(
    st.builds(
        Turn,
        st.from_regex(r"[1-9][0-9]{0,3}", fullmatch=True),
        st.sampled_from(classes),
        st.integers(0, 50).map(float),
        st.integers(0, 90).map(float),
        sections,
        st.frozensets(st.sampled_from(classes), max_size=2),
    ),
    max_size=4,
).map(tuple)
policies = st.builds(
    Policy,
    allowances,
    st.sampled_from(("month", "week", "days")),
    st.integers(1, 31),
    st.none() | st.integers(0, 5),
    st.booleans(),
    st.integers(0, 500),
    turns,
)


def decide(
    policy: Policy,
    *,
    reader: Reader = Reader(),  # noqa: B008
    section: int = NEWS,
    had: tuple[tuple[int, int], ...] = (),
    access: str = "metered",
    now: float = 0,
    published: float = 0,
    asking: Asking = Asking(),  # noqa: B008
) -> Decision:
    reads = [Read(article, 0, place) for article, place in had]
    report = Report(1, access, section, published)
    return choose(report, reader, policy, reads, now=now, asking=asking)


@given(policies)
def test_a_policy_comes_back_from_the_store_as_it_was(policy: Policy) -> None:
    assert read_policy({"policy": policy_text(policy)}) == policy


def test_a_store_of_an_older_version_has_its_two_limits() -> None:
    assert read_policy({}) == Policy()
    older = read_policy({"free_anonymous": "1", "free_registered": "9"})
    assert older.allowances == (Allowance("anonymous", 1), Allowance("registered", 9))


def test_a_section_has_a_limit_of_its_own_and_its_reads_count_there_only() -> None:
    policy = Policy((Allowance("anonymous", 1, frozenset({SPORT})), *GENERAL))
    both = ((10, SPORT), (11, NEWS), (12, NEWS))
    closed = decide(policy, section=SPORT, had=both)
    assert (closed.reason, closed.reads, closed.limit) == ("limit_anonymous", 1, 1)
    opened = decide(policy, section=NEWS, had=both)
    assert opened.counted and (opened.reads, opened.limit) == (3, 3)


def test_a_section_without_end_is_never_metered() -> None:
    policy = Policy((Allowance("anonymous", None, frozenset({SPORT})), *GENERAL))
    decision = decide(policy, section=SPORT, had=((8, NEWS), (9, NEWS), (10, NEWS)))
    assert decision == Decision("full", "free")


def test_an_article_that_is_open_spends_nothing_wherever_it_stands() -> None:
    full = ((8, NEWS), (9, NEWS), (10, NEWS))
    assert decide(Policy(), access="open", had=full) == Decision("full", "open")


def test_holders_of_an_entitlement_may_have_more() -> None:
    policy = Policy((Allowance("lite", 20), *GENERAL))
    many = tuple((n, NEWS) for n in range(2, 12))
    lite = Reader(True, frozenset({"lite"}))
    assert decide(policy, reader=lite, had=many).limit == 20
    assert decide(policy, reader=Reader(True), had=many).reason == "limit_registered"


def test_readers_without_an_account_are_asked_to_register_first() -> None:
    policy = Policy(register_after=1)
    assert decide(policy).counted
    asked = decide(policy, had=((9, NEWS),))
    assert (asked.rule, asked.reason) == ("register_after", "register_more")
    assert decide(policy, had=((8, NEWS), (9, NEWS), (10, NEWS))).reason == "limit_anonymous"
    assert decide(policy, reader=Reader(True), had=((9, NEWS),)).counted
    assert decide(policy, had=((1, NEWS),)).rule == "again"


def test_free_for_the_first_day_and_in_the_archive_after_thirty() -> None:
    policy = Policy(
        turns=(Turn("1", "open", 0, DAY), Turn("2", "archive", 30 * DAY, classes=frozenset())),
    )

    def at(days: float) -> Decision:
        return decide(policy, now=1000 + days * DAY, published=1000)

    assert at(0) == at(0.999) == Decision("full", "time:1+open")
    assert at(1).rule == "metered" and at(29.999).counted
    assert at(30) == Decision("teaser", "time:2+archive", "archive")


def test_closed_at_first_and_open_later() -> None:
    premium_first = Turn("7", "metered", 2 * DAY, classes=frozenset({"premium"}))
    policy = Policy(turns=(premium_first,))
    early = decide(policy, access="premium", now=DAY + 1, published=1)
    later = decide(policy, access="premium", now=2 * DAY + 1, published=1)
    assert early.reason == "premium"
    assert later.counted and later.rule == "time:7+metered"


def test_the_first_time_rule_that_fits_is_in_force() -> None:
    sport = Turn("1", "premium", sections=frozenset({SPORT}))
    policy = Policy(turns=(sport, Turn("2", "open")))
    assert decide(policy, section=SPORT, published=1, now=2).reason == "premium"
    assert decide(policy, section=NEWS, published=1, now=2).rule == "time:2+open"


@given(
    policies,
    st.sampled_from(classes),
    st.booleans(),
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 4)), max_size=12, unique_by=lambda r: r[0]
    ),
    st.integers(1, 4),
)
def test_a_read_is_counted_at_most_to_the_limit_and_never_without_a_page(
    policy: Policy,
    access: str,
    registered: bool,
    had: list[tuple[int, int]],
    section: int,
) -> None:
    decision = decide(
        policy, reader=Reader(registered), section=section, had=tuple(had), access=access
    )
    if decision.counted:
        assert decision.variant == "full" and 0 < decision.reads <= decision.limit
        assert all(article != 1 for article, _ in had)
    if decision.variant == "teaser":
        assert decision.reason and not decision.counted
    assert decision.rule


@given(policies, st.booleans(), st.sampled_from(("gift:4", "crawler:googlebot")))
def test_an_opening_opens_and_spends_nothing(
    policy: Policy, registered: bool, opening: str
) -> None:
    for access in ("metered", "premium", "registered", "archive"):
        decision = decide(
            policy, reader=Reader(registered), access=access, asking=Asking(opening=opening)
        )
        assert decision.variant == "full" and not decision.counted


def test_an_own_right_goes_before_an_opening() -> None:
    reader = Reader(True, frozenset({"unlimited", "premium"}))
    gift = Asking(opening="gift:4")
    assert decide(Policy(), reader=reader, asking=gift).rule == "unlimited"
    assert decide(Policy(), reader=reader, access="premium", asking=gift).rule == "premium"
    assert decide(Policy(), had=((1, NEWS),), asking=gift).rule == "again"
