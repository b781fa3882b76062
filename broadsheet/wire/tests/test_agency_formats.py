"""The agencies' own formats, from the document to the item: identity, withdrawal, quarantine."""

import pytest

from broadsheet.wire.models import Fetch, Item, Outcome, Version
from broadsheet.wire.tests.formats import agency
from tests.cast import send

pytestmark = pytest.mark.django_db


def test_topics_and_slugline_are_kept_with_the_version(feed):
    about = (
        '<slugline>isles</slugline><subject qcode="medtop:04000000"><name>economy</name></subject>'
    )
    send(feed, agency.message(agency.g2_text(about=about)))
    fields = Version.objects.get().fields
    assert (fields["topics"], fields["slugline"]) == (["medtop:04000000"], "isles")
    assert fields["categories"] == ["economy"]


@pytest.mark.parametrize(
    "data",
    [
        agency.message(agency.g2_text())[:-9],
        agency.nitf("", agency.HEDLINE, "<p>Fish & ships</p>"),
        agency.newsml1(agency.newsml1_item()).replace(b"dock", b"d\xf6ck"),
    ],
)
def test_broken_agency_xml_waits_in_quarantine_with_the_line(feed, data):
    send(feed, data)
    fetch = Fetch.objects.get()
    assert fetch.outcome == Outcome.QUARANTINED
    assert "line 2" in fetch.problem
    assert not Item.objects.exists()


def test_a_delete_withdraws_the_item_of_an_earlier_revision(feed):
    send(feed, agency.newsml1(agency.newsml1_item()))
    delete = '<Instruction FormalName="Delete"/>'
    send(feed, agency.newsml1(agency.newsml1_item("", more=delete, revision=2)))
    assert Item.objects.get().status == "canceled"


def test_a_correction_under_another_id_is_a_version_of_what_it_corrects(feed):
    docdata = '<docdata><correction info="Day" id-string="h.1"/><doc-id id-string="h.2"/></docdata>'
    send(feed, agency.nitf(agency.DOCDATA.format("", ""), agency.HEDLINE))
    send(feed, agency.nitf(docdata, agency.HEDLINE, "<p>On Friday.</p>"))
    assert Item.objects.get().latest.signal == "correction"
    assert Version.objects.count() == 2


def test_a_document_that_withdraws_another_leaves_itself(feed):
    send(feed, agency.nitf(agency.DOCDATA.format("", ""), agency.HEDLINE))
    order = 'management-doc-idref="h.1" management-idref-status="canceled"'
    docdata = f'<docdata {order}><doc-id id-string="h.2"/></docdata>'
    send(feed, agency.nitf(docdata, agency.HEDLINE, "<p>Another report.</p>"))
    assert dict(Item.objects.values_list("key", "status")) == {"h.1": "canceled", "h.2": "usable"}


def test_the_previous_version_under_another_guid_is_the_same_item(feed):
    send(feed, agency.message(agency.g2_text(guid="urn:g2:old")))
    link = '<link rel="irel:previousVersion" residref="urn:g2:old"/>'
    new = agency.g2_text(link, content=agency.XHTML.format("<p>More.</p>"), guid="urn:g2:new")
    send(feed, agency.message(new))
    assert Item.objects.count() == 1
    assert Version.objects.count() == 2


def test_the_same_message_again_makes_no_version(feed):
    for _ in range(2):
        send(feed, agency.message(agency.g2_text(), agency.g2_picture()))
    assert Version.objects.count() == 1


def test_a_good_item_beside_a_bad_one_is_taken_and_the_bad_one_told(feed):
    bad = agency.g2_text().replace(' guid="urn:g2:1"', "")
    send(feed, agency.message(bad, agency.g2_text(guid="urn:g2:2")))
    fetch = Fetch.objects.get()
    assert (fetch.outcome, Item.objects.get().key) == (Outcome.TAKEN, "urn:g2:2")
    assert "no guid" in fetch.problem
