"""Whatever the order of writing, looking and waiting: each file is taken whole, and once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.transports import drop
from broadsheet.wire.transports.base import FeedState
from broadsheet.wire.transports.drop import FileRefused, RemoteFile, gathered

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TEXT = b"<rss><channel><item><title>Ferry late</title></item></channel></rss>"
PIECE = 7


@dataclass
class Server:
    """A folder in memory whose clock counts whole seconds, as most servers' do."""

    now: float = 0
    held: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def files(self) -> list[RemoteFile]:
        return [RemoteFile(name, len(data), str(at)) for name, (data, at) in self.held.items()]

    def read(self, file: RemoteFile, most: int) -> bytes:
        if file.name not in self.held:
            raise FileRefused("gone.")
        return self.held[file.name][0][: most + 1]

    def write(self, name: str) -> None:
        """The next piece; a sender never rests for half a minute in the middle of a file."""
        data = self.held.get(name, (b"", 0))[0]
        self.held[name] = (TEXT[: len(data) + PIECE], int(self.now))

    def rename(self, name: str) -> None:
        """Careful senders write under another name, and rename what is whole."""
        part = f"{name}.part"
        if self.held.get(part, (b"", 0))[0] == TEXT:
            self.held[name] = self.held.pop(part)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(["a.xml", "b.xml", "c.xml.part"])),
        st.tuples(st.just("rename"), st.just("c.xml")),
        st.tuples(st.just("look"), st.just("")),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 1, 2, 5])),
    ),
    max_size=120,
)


@given(STEPS)
def test_a_file_is_taken_whole_and_once(steps):
    server, state, taken = Server(), FeedState(), []
    quiet = 0.0
    for act, what in steps:
        if act == "wait":
            # Every sender goes on before half a minute is over.
            if quiet + what < 25:
                server.now, quiet = server.now + what, quiet + what
        elif act == "look":
            outcome = gathered(server, state, START + timedelta(seconds=server.now))
            state = FeedState.from_json(outcome.state.to_json())
            taken += outcome.arrivals
        elif act == "write":
            quiet = 0
            for name in ("a.xml", "b.xml", "c.xml.part"):
                if name == what or 0 < len(server.held.get(name, (b"", 0))[0]) < len(TEXT):
                    server.write(name)
        else:
            server.rename(what)
    assert all(arrival.data == TEXT for arrival in taken)
    names = [arrival.name for arrival in taken]
    assert len(names) == len(set(names))
    for later in (60, 120):
        outcome = gathered(server, state, START + timedelta(seconds=server.now + later))
        state, names = outcome.state, names + [arrival.name for arrival in outcome.arrivals]
    assert set(names) == {name for name in server.held if not name.endswith(".part")}


def test_what_is_remembered_has_a_bound_and_the_newest_stays(monkeypatch):
    monkeypatch.setattr(drop, "_CONTENTS_KEPT", 10)
    server, state = Server(), FeedState()
    for number in range(30):
        server.held = {f"{number}.xml": (TEXT.replace(b"late", str(number).encode()), number)}
        state = gathered(server, state, START + timedelta(seconds=number)).state
    assert len(state.seen) == 11
    server.held = {"29.xml": (TEXT.replace(b"late", b"29"), 99)}
    assert gathered(server, state, START + timedelta(seconds=60)).arrivals == ()
