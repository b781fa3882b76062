"""The meter in memory and that of several gates decide alike, whatever happens."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, currently_in_test_context, event, given, settings
from hypothesis import strategies as st

from broadsheet.gate.meter import Meter
from broadsheet.gate.policy import Allowance, Policy, Turn
from broadsheet.gate.rules import Asking, Decision, Reader, Report
from broadsheet.gate.shared_meter import SharedMeter
from broadsheet.gate.tests.tallies import Shared, needs_server, running

pytestmark = needs_server

HOUR, DAY = 3600, 86_400
START = datetime(2026, 3, 27, 22, 30, tzinfo=UTC).timestamp()
"""Two days before Berlin's clocks go forward, four before its month ends."""


class Ask(NamedTuple):
    """A request: article, account (0 for none), browser (0 for no cookie), and how it asks."""

    article: int
    number: int = 0
    browser: int = 1
    gate: int = 0
    unlimited: bool = False
    asking: Asking = Asking()


class Move(NamedTuple):
    """The clock goes on, or is set back; `kept` is whether the tally's gates renew their mark
    then, and so let go of what is too old, as they do about once an hour."""

    seconds: float
    kept: bool = True


class Decree(NamedTuple):
    """The publisher changes the rules, and perhaps the zone."""

    policy: Policy
    zone: str


class Restart(NamedTuple):
    """The gates are killed and start again."""


class Emptied(NamedTuple):
    """The tally is emptied."""


Step = Ask | Move | Decree | Restart | Emptied

asking = st.builds(
    Asking,
    prefetch=st.sampled_from([False] * 9 + [True]),
    counts=st.sampled_from([True] * 9 + [False]),
    opening=st.sampled_from([""] * 9 + ["gift:1"]),
)
asks = st.builds(
    Ask,
    article=st.sampled_from([1, 2, 3, 4, 5, 1, 2]),
    number=st.sampled_from([0, 0, 1, 2]),
    browser=st.sampled_from([1, 1, 2]),
    gate=st.integers(0, 1),
    unlimited=st.sampled_from([False] * 9 + [True]),
    asking=asking,
)
moves = st.builds(
    Move,
    st.sampled_from([1, 0.5, 60, HOUR, 5 * HOUR, DAY, 3 * DAY, 8 * DAY, 31 * DAY])
    | st.sampled_from([-1, -HOUR, -2 * HOUR, -20 * HOUR, -3 * DAY, -31 * DAY]),
    st.booleans(),
)
limits = st.sampled_from([1, 2, 3, 4, 0, None])
USUAL = (Allowance("anonymous", 2), Allowance("registered", 3))
allowances = st.lists(
    st.builds(
        Allowance,
        st.sampled_from(["anonymous", "registered", "student"]),
        limits,
        st.sampled_from([frozenset(), frozenset(), frozenset({1})]),
    ),
    max_size=2,
).map(lambda some: (*some, *USUAL))
turns = st.sampled_from([(), (), (), (Turn("archive", "premium", after=20 * DAY),)])
policies = st.builds(
    Policy,
    allowances=allowances,
    period=st.sampled_from(["month", "week", "days"]),
    days=st.sampled_from([1, 7, 30, 31]),
    register_after=st.sampled_from([None, None, None, 1, 2]),
    turns=turns,
)
zones = st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/St_Johns"])
decrees = st.builds(Decree, policies, zones)
steps = st.lists(
    st.one_of(
        asks, asks, asks, asks, asks, asks, moves, decrees, st.just(Restart()), st.just(Emptied())
    ),
    min_size=10,
    max_size=60,
)


@dataclass
class Both:
    """One gate with its memory, and two that share a tally, at the same requests and clock."""

    folder: Path
    shared: Shared
    now: float = START
    decree: Decree = field(default=Decree(Policy(), "Europe/Berlin"))

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        policy, zone = self.decree
        common = {"policy": policy, "zone": zone, "clock": lambda: self.now}
        self.alone = Meter(self.folder / "alone", **common)  # type: ignore[arg-type]
        self.gates = [self.shared.meter(self.folder / "shared", **common) for _ in range(2)]  # type: ignore[arg-type]

    def take(self, step: Step) -> None:
        if isinstance(step, Ask):
            self.ask(step)
        elif isinstance(step, Move):
            self.now += step.seconds
            self.alone.tick()
            for gate in self.gates:
                gate._be_present(self.now)
            if step.kept:
                self.shared.run(self.gates[0].taking_up.keep())
        elif isinstance(step, Decree):
            self.decree = step
            for meter in (self.alone, *self.gates):
                meter.set_policy(*step)
        elif isinstance(step, Restart):
            self.shared.close()
            self.start()
        else:
            with self.shared.server.client() as client:
                client.flushall()

    def ask(self, step: Ask) -> None:
        """Of both at the same moment."""
        alone, shared = self.answer_alone(step), self.answer_shared(step, self.gates[step.gate])
        if currently_in_test_context():
            event(f"{alone.variant} by {alone.rule}")
        assert alone == shared

    def answer_alone(self, step: Ask) -> Decision:
        try:
            report, more = question(step)
            self.alone.ask(*report, now=self.now, **more).send(None)  # type: ignore[arg-type]
        except StopIteration as answered:
            decision: Decision = answered.value
            return decision
        raise AssertionError("The meter in memory must not wait.")

    def answer_shared(self, step: Ask, meter: SharedMeter) -> Decision:
        report, more = question(step)
        return self.shared.run(meter.ask(*report, now=self.now, **more))  # type: ignore[arg-type]


def question(step: Ask) -> tuple[tuple[Report, Reader], dict[str, object]]:
    rights = frozenset({"unlimited"}) if step.unlimited and step.number else frozenset()
    report = Report(step.article, "metered", step.article % 2, START - step.article * 5 * DAY)
    more = {
        "number": step.number,
        "anonymous": f"{step.browser}" * 22,
        "asking": step.asking,
    }
    return (report, Reader(step.number > 0, rights)), more


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with running(tmp_path_factory.mktemp("tally")) as server:
        made = Shared(server)
        yield made
        made.end()


def alike(shared: Shared, taken: Iterable[Step]) -> None:
    with shared.server.client() as client:
        client.flushall()
    with tempfile.TemporaryDirectory() as folder:
        both = Both(Path(folder), shared)
        for step in taken:
            both.take(step)
        shared.close()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_meter_in_memory_and_one_of_several_gates_decide_alike(
    shared: Shared, data: st.DataObject
) -> None:
    """With every rule that the desk takes: a period has 31 days at most."""
    alike(shared, data.draw(steps))


ROLLING = Decree(Policy(USUAL, period="days", days=30), "Europe/Berlin")
A_MONTH = (Move(31 * DAY), Move(8 * DAY))
BACK = (Move(-3 * DAY),) * 4


@pytest.mark.parametrize(
    "taken",
    [
        (ROLLING, Ask(1), Move(31 * DAY), Move(3 * DAY), Ask(2), *BACK[:2], Ask(2), Ask(3)),
        (Ask(1), Ask(2), *A_MONTH, Ask(3), *BACK, *BACK, *BACK, Ask(1), Ask(4), Ask(5)),
        (Ask(1), Ask(2, 1), *A_MONTH, Ask(3, 1), *BACK, *BACK, *BACK, Ask(1, 1), Ask(5, 1)),
        (ROLLING, Ask(1), *A_MONTH, Ask(2), *BACK, Ask(1), Ask(2), Ask(3)),
        (ROLLING, Ask(1), Move(6 * DAY), Ask(2), Move(27 * DAY), Ask(3), Move(-27 * DAY), Ask(1)),
    ],
)
def test_a_clock_that_went_far_ahead_and_is_set_back_frees_no_read(
    shared: Shared, taken: tuple[Step, ...]
) -> None:
    """What was let go of while the clock was ahead is taken up from the journal again."""
    alike(shared, taken)
