"""What may befall a report from outside: its agency, another agency, the clock.

One half of the machine of test_provenance.py; what each step must lead to is reckoned here from
what was sent, never read from the paper.
"""

import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from django.db import transaction
from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Likeness, Rule, Section
from broadsheet.press import actions as press
from broadsheet.wire import actions as wire
from tests.cast import body, make_feed, ninjs, send

START = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
TOPICS = (["medtop:20000350"], [], ["medtop:17000000", "quill:harbours"])
"""Of one version after the other: below the economy; none; the weather, and a word of its own."""


class Outside(RuleBasedStateMachine):
    """One report of the wire and everything that may befall it from outside."""

    @initialize()
    def a_report_is_published(self):
        self.count, self.version, self.stale, self.autosaved = 0, 0, None, None
        self.texts, self.statuses, self.withdrawn = [], [], False
        self.embargo = self.expires = None
        self.signals, self.corrections = [], 0
        self.shots, self.sent, self.gate = {}, [], None
        self.clock = time_machine.travel(START + timedelta(days=1), tick=False)
        self.moment = self.clock.start()
        self.home = Path(tempfile.mkdtemp(prefix="provenance-"))
        self.settings = override_settings(HOME=self.home, MEDIA_ROOT=self.home / "media")
        self.settings.enable()
        for name in ("run", "journal", "blobs", "static", "media", "quill"):
            (self.home / name).mkdir()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.feed = make_feed(self.home / "quill")
        self.send_version()
        send(self.feed, ninjs("urn:quill:other", headline="The neighbour"))
        self.reed = wire.add_feed("reed", str(self.home / "reed"), agency="Reed")
        Rule.objects.create(
            name="reed", feed=self.reed, action="publish", section=Section.objects.get(slug="world")
        )
        press.announce_due()
        press.press_everything()
        self.article = Article.objects.get(item__key="urn:quill:1")

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.settings.disable()
        shutil.rmtree(self.home)
        self.clock.stop()

    def fresh(self, kind):
        """A word that no text has had yet."""
        self.count += 1
        return f"{kind}{self.count}"

    def send_version(
        self, *, status="usable", note="", coded="", late=0, pictures=(), gone=(), **bounds
    ):
        self.version += 0 if late else 1
        words = [self.fresh(k) for k in ("WIREHEAD", "WIRESTAND", "WIREBODY")]
        facts = json.loads(
            ninjs(
                version=self.version - late, status=status, note=note,
                standfirst=f"{words[1]} lede", headline=f"{coded}{words[0]} harbour",
                body=body(words[2], 6), at=START + timedelta(minutes=self.version - late),
                topics=TOPICS[(self.version - late) % len(TOPICS)],
            )
        )  # fmt: skip
        facts |= {name: at.isoformat() for name, at in bounds.items() if at}
        facts["associations"] = [
            *(shot.told() for shot in pictures),
            *(s.taken_back() for s in gone),
        ]
        self.texts.append(words)
        if not late:
            self.follow(status, (bool(coded), note), bounds)
            self.follow_pictures(status, pictures, gone)
        send(self.feed, json.dumps(facts).encode())

    def follow(self, status, signal, bounds):
        """What a version that applies does to the report, reckoned without looking at it."""
        told = signal[0] and signal not in self.signals[-1:]
        self.corrections += told and not self.withdrawn and len(self.statuses) > 0
        self.statuses.append(status)
        self.signals.append(signal)
        self.withdrawn = self.withdrawn or status == "canceled"
        self.embargo, self.expires = bounds.get("embargoed"), bounds.get("expires")

    def follow_pictures(self, status, pictures, gone):
        """What the wire says of pictures holds wherever they are shown, whatever becomes of a text.

        Only a released version says which of them belong to the report.
        """
        for shot in gone:
            shot.gone = True
        if status == "usable":
            self.sent.append(list(pictures))
            for shot in pictures:
                shot.follow()

    @rule(same=st.booleans(), coded=st.sampled_from(["", "", "CORRECTED: "]))
    def the_wire_sends_a_version(self, same, coded):
        self.send_version(pictures=self.sent[-1] if same else (), coded=coded)

    HOURS = st.none() | st.integers(1, 6)

    @rule(embargo=HOURS, expiry=HOURS)
    def the_wire_sets_moves_or_lifts_embargo_and_expiry(self, embargo, expiry):
        bounds = {
            name: hours and datetime.now(UTC) + timedelta(hours=hours)
            for name, hours in (("embargoed", embargo), ("expires", expiry))
        }
        self.send_version(**bounds)

    @rule(minutes=st.sampled_from([10, 60, 61, 200]))
    def time_passes(self, minutes):
        self.moment.shift(timedelta(minutes=minutes))
        self.before_anybody_has_looked()
        desk.publish_due()
        desk.end_rights()
        desk.collect_pictures(within=10)
        press.announce_due()

    def before_anybody_has_looked(self):
        """What must hold at the very minute, while newsroom and worker are still asleep."""

    @precondition(lambda self: self.version > 2)
    @rule(back=st.integers(1, 2))
    def an_older_version_comes_late(self, back):
        self.send_version(late=back)

    @rule()
    def another_agency_sends_the_same_story(self):
        """It waits: nothing of it may be found anywhere."""
        mark = self.fresh("WIRECOPY")
        at = START + timedelta(hours=20)
        key = f"urn:reed:{mark}"
        send(self.reed, ninjs(key, headline=f"{mark} harbour", body=body(mark, 6), at=at))
        assert not Article.objects.filter(item__key=key).exists()
        assert Likeness.objects.filter(item__key=key).exists()

    @rule()
    def the_wire_withholds(self):
        self.send_version(status="withheld", note="Being looked at.")

    @precondition(lambda self: self.version > 3)
    @rule()
    def the_wire_withdraws(self):
        self.send_version(status="canceled", note="The letter was not genuine.")

    @property
    def is_visible(self):
        """From what was done, not from the article's columns."""
        if self.withdrawn or self.statuses[-1] == "withheld":
            return False
        now = datetime.now(UTC)
        return (self.embargo or now) <= now and (self.expires is None or now < self.expires)
