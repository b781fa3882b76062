"""What may befall the pictures of a report: rights that end, eliminations, the desk's choice.

The middle of the machine of test_provenance.py. Who may show which picture is reckoned from what
was sent and done; each picture bears a mark that is found on any surface that names it.
"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Picture
from broadsheet.gate.app import Gate
from broadsheet.gate.tests.asking import asked
from broadsheet.press import actions as press
from tests.outside import Outside
from tests.picture_cast import files_of, jpeg, own_picture
from tests.surfaces import surfaces

SHOT = re.compile(r"shot\d+q")


@dataclass
class Shot:
    """A picture by what was said of it. `stated` and `saying`: its end by the wire's last and next
    word; `expires`: its end as it stands.
    """

    mark: str
    of_wire: bool = True
    stated: datetime | None = None
    saying: datetime | None = None
    expires: datetime | None = None
    gone: bool = False
    files: set[str] = field(default_factory=set)

    def permitted(self, now):
        return not self.gone and (self.expires is None or now < self.expires)

    def told(self):
        """The wire's words about it."""
        ends = {"expires": self.saying.isoformat()} if self.saying else {}
        href = [{"href": f"{self.mark}.jpg"}]
        return {"type": "picture", "creditline": f"Photo: {self.mark}", "renditions": href, **ends}

    def taken_back(self):
        return self.told() | {"pubstatus": "canceled"}

    def follow(self):
        """The wire's new date holds where the desk has not set another one."""
        if self.saying != self.stated and self.expires == self.stated:
            self.expires = self.saying
        self.stated = self.saying

    @property
    def row(self):
        return Picture.objects.filter(credit=f"Photo: {self.mark}").first()


class Pictured(Outside):
    """A report with pictures. What the gate sends is asked of the gate itself."""

    def teardown(self):
        if self.gate is not None:
            asyncio.run(self.gate.close())
        super().teardown()

    def taken(self, *, of_wire=True, expires=None):
        """A picture that nobody has seen yet."""
        mark = f"{self.fresh('shot')}q"
        self.shots[mark] = Shot(mark, of_wire, saying=expires, expires=None if of_wire else expires)
        if of_wire:
            Path(self.feed.location, f"{mark}.jpg").write_bytes(jpeg("navy", (24, 16)))
        else:
            own_picture(mark, credit=f"Photo: {mark}", expires=expires)
        return self.shots[mark]

    HOURS = st.none() | st.integers(1, 3)

    def at(self, hours):
        return hours and datetime.now(UTC) + timedelta(hours=hours)

    @rule(new=st.integers(0, 2), ends=HOURS, embargo=st.none() | HOURS, data=st.data())
    def the_wire_sends_pictures(self, new, ends, embargo, data):
        known = [shot for shot in self.shots.values() if shot.of_wire]
        some = st.lists(st.sampled_from(known), unique_by=id, max_size=2) if known else st.just([])
        again = data.draw(some)
        for shot in again:
            shot.saying = self.at(ends)
        fresh = [self.taken(expires=self.at(ends)) for _ in range(new)]
        self.send_version(pictures=[*fresh, *again], embargoed=self.at(embargo))

    @precondition(lambda self: any(self.sent))
    @rule(status=st.sampled_from(["usable", "withheld"]), embargo=HOURS, data=st.data())
    def the_wire_takes_a_picture_back(self, status, embargo, data):
        gone = data.draw(st.sampled_from([s for shots in self.sent for s in shots]))
        rest = [shot for shot in self.sent[-1] if shot is not gone]
        bounds = {"embargoed": self.at(embargo)}
        self.send_version(status=status, pictures=rest, gone=[gone], **bounds)

    @rule(ends=HOURS)
    def the_desk_takes_a_picture(self, ends):
        self.choose(self.taken(of_wire=False, expires=self.at(ends)))

    @precondition(lambda self: self.permitted_shots())
    @rule(beside=st.booleans(), data=st.data())
    def the_desk_chooses_another_picture(self, beside, data):
        """For the report, or for its neighbour, to which nothing else happens."""
        shot = data.draw(st.sampled_from(self.permitted_shots()))
        self.choose(shot, self.neighbour if beside else self.article)

    def permitted_shots(self):
        """Those the chooser offers."""
        now = datetime.now(UTC)
        return [shot for shot in self.shots.values() if shot.permitted(now) and shot.row]

    @property
    def neighbour(self):
        return Article.objects.get(item__key="urn:quill:other")

    def choose(self, shot, article=None):
        row = Article.objects.get(pk=(article or self.article).pk)
        article = row.get_latest_revision_as_object()
        article.picture, article.no_picture = shot.row, False
        article.save_revision(user=self.ada, changed=False).publish(user=self.ada)

    @precondition(lambda self: self.permitted_shots())
    @rule(ends=HOURS, data=st.data())
    def the_desk_says_when_rights_end(self, ends, data):
        shot = data.draw(st.sampled_from(self.permitted_shots()))
        picture = shot.row
        picture.expires = shot.expires = self.at(ends)
        picture.save()

    @precondition(lambda self: self.permitted_shots())
    @rule(data=st.data())
    def the_desk_withdraws_a_picture(self, data):
        shot = data.draw(st.sampled_from(self.permitted_shots()))
        desk.withdraw_picture(shot.row, by=self.ada)
        shot.gone = True

    def shown(self):
        """The picture readers must see: the choice in the edit log, else the wire's first."""
        last = self.logged(self.article)
        if last.get("no_picture"):
            return None
        wanted = [*self.chosen(self.article), *self.wires()]
        return next((shot for shot in wanted if shot.permitted(datetime.now(UTC))), None)

    def logged(self, article):
        """The fold of the edit log."""
        return dict(Edit.objects.filter(article=article).values_list("field", "after"))

    def chosen(self, article):
        """The picture that staff chose last, as long as it may be shown; [] without one."""
        pk, now = self.logged(article).get("picture_id"), datetime.now(UTC)
        shots = [shot for shot in self.shots.values() if shot.row and str(shot.row.pk) == pk]
        return [shot for shot in shots if shot.permitted(now)]

    def wires(self):
        """The pictures of the version that the report follows."""
        article = Article.objects.select_related("basis").get(pk=self.article.pk)
        if article.body is None:
            return self.sent[-1]
        names = [facts["url"] for facts in article.basis.fields.get("pictures", [])]
        return [self.shots[name.removesuffix(".jpg")] for name in names]

    def owned(self):
        """What staff own by the log; nobody chose a picture that may not be shown."""
        last = self.logged(self.article)
        texts = ("headline", "standfirst", "body", "topics")
        owned = {n for n in texts if last.get(n) is not None}
        if last.get("no_picture") or self.chosen(self.article):
            owned.add("picture")
        return owned

    def sent_by_the_gate(self):
        """Marks of the pictures of which the gate sends any file; originals are never sent."""
        if self.gate is None:
            self.gate = Gate(self.home, b"a key for tests only")
        self.gate.notice()
        found = set()
        for mark, shot in self.shots.items():
            if shot.row:
                shot.files |= set(files_of(shot.row))
            answers = {name: asked(self.gate, f"/media/{name}").status for name in shot.files}
            assert set(answers.values()) <= {200, 404, 410}
            found |= {mark for name, status in answers.items() if status == 200}
            assert not [n for n, s in answers.items() if "original" in n and s == 200]
        return found

    def before_anybody_has_looked(self):
        now = datetime.now(UTC)
        assert {m for m in self.sent_by_the_gate() if not self.shots[m].permitted(now)} == set()

    @invariant()
    def only_the_picture_with_rights_is_found_anywhere(self):
        press.catch_up()
        article, neighbour = Article.objects.get(pk=self.article.pk), self.neighbour
        shown = self.shown() if self.is_visible else None
        own = {shown.mark} if shown else set()
        beside = {shot.mark for shot in self.chosen(neighbour)}
        assert self.sent_by_the_gate() == own | beside
        pages = {key: set(SHOT.findall(page)) for key, page in surfaces().items()}
        assert set().union(*pages.values()) == own | beside
        for variant in ("full", "full_no_ads", "teaser"):
            about = {article.path: own if self.is_visible else set(), neighbour.path: beside}
            for path, marks in about.items():
                found = pages.get((path, variant), set())
                assert marks <= found <= own | beside
