"""Whatever wire and desk do, in any order: the note is true, no text is lost, nothing leaks.

After each step the pressed pages are compared with what an independent reading of the two logs
(Edit and Version) says they must be. Texts are marked with words in capitals, so that any trace
of any text on any surface is found.
"""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Notice
from broadsheet.desk.newsroom.articles import ArticleViewSet
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.wire.models import Version
from tests.cast import ada
from tests.pictured import Pictured
from tests.surfaces import surfaces

FORM = ArticleViewSet.edit_handler.bind_to_model(Article).get_form_class()
MARK = re.compile(r"\b(?:WIRE|OURS)[A-Z]+\d+\b")
NOTE = re.compile(r'<p class="disclosure">([^<]*)</p>')
STAFF = " The Lantern staff."
REST = "the rest of the content is auto-generated from a syndicated feed."
SLUGS = {
    "medtop:20000350": ("central-bank", "economy", "economy-business-and-finance"),
    "medtop:17000000": ("weather",),
    "medtop:15000000": ("sport",),
    "medtop:20000008": (
        "ballet", "dance", "arts-and-entertainment", "arts-culture-entertainment-and-media",
    ),
}  # fmt: skip
"""Where a report of each topic stands."""


def sentence(owned):
    """The disclosure, written down a second time from the table of the design."""
    if "body" in owned:
        return "This report is based on a syndicated feed of Quill and has been edited by" + STAFF
    words = {"headline": "headline", "standfirst": "summary", "picture": "picture"}
    names = [word for field, word in words.items() if field in owned]
    if not names:
        feed = "This report is auto-generated from a syndicated feed of Quill."
        return f"{feed} The Lantern staff have not edited it."
    if names == ["picture"]:
        done = "picture of this report has been chosen"
    elif len(names) == 1:
        done = f"{names[0]} of this report has been reworked"
    else:
        named = f"{', '.join(names[:-1])} and {names[-1]}"
        done = f"{named} of this report have been reworked"
    return f"Only the {done} by{STAFF[:-1]}; {REST}"


def opened(article, *, rework=False):
    """What an editor's browser holds after opening the article: all values, unchanged."""
    draft = Article.objects.get(pk=article.pk).get_latest_revision_as_object()
    return filled(draft, rework=rework)


def filled(instance, *, rework=False):
    instance.reworking = rework
    form = FORM(instance=instance, for_user=None)
    data = {name: form[name].value() for name in form.fields}
    if "body" in data:
        data["body"] = form["body"].field.widget.format_value(data["body"])
    return {name: "" if v is None else v for name, v in data.items() if v is not False}


class Provenance(Pictured):
    """The same report in the hands of staff, and what must hold after each step."""

    @rule()
    def staff_reinstate(self):
        was_withdrawn = self.withdrawn
        try:
            desk.reinstate(self.article, "It was genuine.", by=self.ada)
        except Refusal:
            assert self.withdrawn and self.statuses[-1] == "canceled"
        else:
            self.withdrawn = False
            assert not was_withdrawn or self.statuses[-1] != "canceled"

    @rule(field=st.sampled_from(["headline", "standfirst", "picture", "body", "topics"]))
    def staff_release(self, field):
        desk.release(self.article, field, by=self.ada)

    def change(self, data, fields):
        data = dict(data)
        for name in fields & {"headline", "standfirst"}:
            data[name] = self.fresh(f"OURS{name.upper()}")
        if "picture" in fields:
            data["picture"] = self.taken(of_wire=False).row.pk
        if "topics" in fields:
            data["topics"] = ["sport", "ballet", ""][self.count % 3]
        if "no_picture" in fields:
            data["no_picture"] = "on"
        if "body" in fields and "body" in data:
            content = json.loads(data["body"])
            content["blocks"][0]["text"] += " " + self.fresh("OURSBODY")
            data["body"] = json.dumps(content)
        return data

    def post(self, data, *, publish, instance=None, overwrite=None):
        """What Wagtail's edit view does with a posted form."""
        row = Article.objects.get(pk=self.article.pk)
        instance = instance or row.get_latest_revision_as_object()
        if publish:
            data = data | {"action-publish": "1"}
        if overwrite:
            data = data | {"overwrite_revision_id": str(overwrite.pk)}
        form = FORM(data, instance=instance, for_user=self.ada)
        if not form.is_valid() and "rights in this picture" in str(form.errors):
            data = data | {"picture": ""}
            form = FORM(data, instance=instance, for_user=self.ada)
        if not form.is_valid() and "Somebody else has changed" in str(form.errors):
            # Ada is shown the other's words, and saves again: hers are to stand.
            instance = Article.objects.get(pk=self.article.pk).get_latest_revision_as_object()
            data = data | {"opening": form["opening"].value()}
            form = FORM(data, instance=instance, for_user=self.ada)
        assert form.is_valid(), form.errors
        article = form.save(commit=not instance.live)
        revision = article.save_revision(user=self.ada, clean=publish, overwrite_revision=overwrite)
        if publish:
            revision.publish(user=self.ada)
        return revision

    FIELDS = st.sets(
        st.sampled_from(["headline", "standfirst", "picture", "no_picture", "body", "topics"]),
        max_size=3,
    )

    @rule(fields=FIELDS, rework=st.booleans())
    def staff_publish(self, fields, rework):
        data = opened(self.article, rework=rework or "body" in fields)
        self.post(self.change(data, fields), publish=True)

    @rule(rework=st.booleans())
    def a_form_is_left_open(self, rework):
        self.stale, self.autosaved = opened(self.article, rework=rework), None

    @precondition(lambda self: self.stale is not None)
    @rule(fields=FIELDS)
    def a_stale_form_is_published(self, fields):
        self.post(self.change(self.stale, fields), publish=True)
        self.stale = self.autosaved = None

    @precondition(lambda self: self.stale is not None)
    @rule(fields=FIELDS)
    def the_open_form_saves_itself(self, fields):
        self.stale = self.change(self.stale, fields)
        latest = Article.objects.get(pk=self.article.pk).latest_revision
        overwrite = self.autosaved if self.autosaved and self.autosaved == latest else None
        self.autosaved = self.post(self.stale, publish=False, overwrite=overwrite)

    @precondition(lambda self: self.autosaved is not None)
    @rule()
    def the_autosaved_form_is_published(self):
        latest = Article.objects.get(pk=self.article.pk).latest_revision
        overwrite = self.autosaved if self.autosaved == latest else None
        self.post(self.stale, publish=True, overwrite=overwrite)
        self.stale = self.autosaved = None

    @rule(data=st.data())
    def staff_revert(self, data):
        revisions = list(Article.objects.get(pk=self.article.pk).revisions.order_by("pk"))
        if revisions:
            chosen = data.draw(st.sampled_from(revisions))
            posted = filled(chosen.as_object())
            self.post(posted, publish=True, instance=chosen.as_object())

    @rule(keep=st.booleans())
    def the_desk_decides_what_waits(self, keep):
        try:
            (desk.keep_own_body if keep else desk.take_waiting)(
                Article.objects.get(pk=self.article.pk), by=self.ada
            )
        except Refusal:
            assert Article.objects.get(pk=self.article.pk).waiting is None

    @rule()
    def staff_correct(self):
        try:
            desk.correct(self.article, "It was six, not five.", by=self.ada)
        except Refusal:
            assert self.withdrawn
        else:
            self.corrections += 1

    @precondition(lambda self: self.version > 4)
    @rule()
    def staff_withdraw(self):
        desk.withdraw(self.article, "Wrong island.", by=self.ada)
        self.withdrawn = True

    @invariant()
    def the_article_agrees_with_the_logs(self):
        article = Article.objects.get(pk=self.article.pk)
        assert article.owned - {"picture"} == self.owned() - {"picture"}
        versions = Version.objects.filter(item__key="urn:quill:1").order_by("number")
        for version, words in zip(versions, self.texts, strict=True):
            kept = version.headline + version.fields["standfirst"] + version.body
            assert all(word in kept for word in words)

    @invariant()
    def each_correction_is_told_once(self):
        """Of what readers have; what waits beside a body of ours, or was put aside, is not told."""
        told = Notice.objects.filter(article=self.article, kind="correction")
        article = Article.objects.select_related("basis").get(pk=self.article.pk)
        numbers = [n.version.number for n in told.select_related("version") if n.version]
        assert len(numbers) == len(set(numbers))
        assert all(number <= article.basis.number for number in numbers)
        newest = article.item.versions.filter(applies=True).last()
        follows = newest.pk == article.basis_id and "body" not in self.logged(article)
        assert told.count() == self.corrections if follows else told.count() <= self.corrections

    @invariant()
    def readers_see_what_the_logs_say(self):
        press.catch_up()
        article, pages = Article.objects.get(pk=self.article.pk), surfaces()
        found = {mark: key for key, page in pages.items() for mark in MARK.findall(page)}
        assert article.visible(datetime.now(UTC)) == self.is_visible
        listed = f'class="headline"><a href="{article.path}">'
        if not self.is_visible:
            assert found == {}
            assert {p for (p, _), page in pages.items() if article.path in page} <= {article.path}
            assert (article.path, "full") not in pages
            return
        assert pages["/", "plain"].count(listed) == pages["/world/", "plain"].count(listed) == 1
        for variant in ("full", "full_no_ads", "teaser"):
            assert NOTE.findall(pages[article.path, variant]) == [sentence(self.owned())]
        assert set(found) == self.expected(article)

    @invariant()
    def only_topics_of_what_readers_see_have_a_page(self):
        press.catch_up()
        found = {path for path, _ in surfaces() if path.startswith("/topic/")}
        article = Article.objects.get(pk=self.article.pk)
        assert found == (self.topic_addresses(article) if self.is_visible else set())
        assert all(article.path in surfaces()[path, "plain"] for path in found)

    def topic_addresses(self, article):
        """By the edit log and the version that the article reads from; staff named one at most."""
        last = Edit.objects.filter(article=article, field="topics").last()
        ours = last.after if last else None
        wire = Version.objects.filter(item=article.item, status="usable", applies=True)
        basis = article.basis if article.body is not None else wire.order_by("-sequence").first()
        codes = basis.fields["topics"] if ours is None else ours.splitlines()
        fronts = {f"/topic/{slug}/" for code in codes for slug in SLUGS.get(code, ())}
        names = ("", "feed.rss", "feed.atom", "feed.json")
        return {front + name for front in fronts for name in names}

    def expected(self, article):
        """The marks readers may find: staff's by the edit log, the wire's by the newest version."""
        last = dict(Edit.objects.filter(article=self.article).values_list("field", "after"))
        wire = Version.objects.filter(item=article.item, status="usable", applies=True)
        basis = article.basis if article.body is not None else wire.order_by("-sequence").first()
        texts = {
            "headline": basis.headline, "standfirst": basis.fields["standfirst"], "body": basis.body
        }  # fmt: skip
        texts |= {name: text for name, text in last.items() if name in texts and text is not None}
        return {mark for text in texts.values() for mark in MARK.findall(text)}


@pytest.mark.django_db
@pytest.mark.parametrize("examples", [10, pytest.param(200, marks=pytest.mark.soak)])
def test_no_sequence_of_events_makes_the_paper_untrue(paper, examples):
    Provenance.ada = ada()
    run_state_machine_as_test(
        Provenance,
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
