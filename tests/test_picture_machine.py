"""Whatever befalls pictures, in any order: none is found anywhere without its rights."""

import re

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article
from broadsheet.press import actions as press
from tests.cast import ada
from tests.pictured import Pictured
from tests.surfaces import surfaces

NOTE = re.compile(r'<p class="disclosure">([^<]*)</p>')
UNTOUCHED = "This report is auto-generated from a syndicated feed of Quill. The Lantern staff"
CHOSEN = "Only the picture of this report has been chosen by The Lantern staff;"


class PictureRights(Pictured):
    """Only pictures are in the desk's hands here; the wire and the clock do what they like."""

    @rule(no_picture=st.booleans())
    def the_desk_lets_go_of_the_picture(self, no_picture):
        if no_picture:
            article = Article.objects.get(pk=self.article.pk).get_latest_revision_as_object()
            article.no_picture = True
            article.save_revision(user=self.ada, changed=False).publish(user=self.ada)
        else:
            desk.release(self.article, "picture", by=self.ada)

    @precondition(lambda self: self.permitted_shots())
    @rule(data=st.data())
    def the_desk_deletes_a_picture(self, data):
        shot = data.draw(st.sampled_from(self.permitted_shots()))
        shot.row.delete()
        shot.gone = True

    @invariant()
    def the_note_says_whose_the_picture_is(self):
        press.catch_up()
        path = Article.objects.get(pk=self.article.pk).path
        pages = surfaces()
        if self.is_visible:
            told = CHOSEN if self.owned() == {"picture"} else UNTOUCHED
            for variant in ("full", "full_no_ads", "teaser"):
                assert [note[: len(told)] for note in NOTE.findall(pages[path, variant])] == [told]


@pytest.mark.django_db
@pytest.mark.parametrize("examples", [6, pytest.param(100, marks=pytest.mark.soak)])
def test_no_sequence_of_events_shows_a_picture_without_rights(paper, examples):
    PictureRights.ada = ada()
    run_state_machine_as_test(
        PictureRights,
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
