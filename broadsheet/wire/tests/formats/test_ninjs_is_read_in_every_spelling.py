import json

import pytest

from broadsheet.kit.html import plain
from broadsheet.wire.formats import Entry, parse


def _entry(**item: object) -> Entry:
    return parse(json.dumps({"uri": "urn:x:1", **item}).encode()).entries[0]


@pytest.mark.parametrize("name", ["pubStatus", "pubstatus", "pub_status"])
@pytest.mark.parametrize(
    ("word", "status", "signal"),
    [
        ("usable", "usable", ""),
        ("withheld", "withheld", "hold"),
        ("stat:Canceled", "canceled", "withdrawal"),
    ],
)
def test_the_status_is_read(name: str, word: str, status: str, signal: str) -> None:
    entry = _entry(headline="x", **{name: word})
    assert (entry.status, entry.signal) == (status, signal)


def test_an_unknown_status_withholds() -> None:
    entry = _entry(headline="x", pubstatus="pending")
    assert (entry.status, entry.flags[0]) == ("withheld", "unknown-status")


@pytest.mark.parametrize(
    "item",
    [
        {"headline": "H", "body_xhtml": "<p>B</p>", "body_text": "worse"},
        {"headline": "H", "body_html": "<p>B</p>"},
        {"headline": "H", "body_text": "B"},
        {
            "headlines": [{"value": "H"}],
            "bodies": [{"contenttype": "text/html", "value": "<p>B</p>"}],
        },
        {
            "headlines": [{"role": "sub", "value": "S"}, {"role": "main", "value": "H"}],
            "bodies": [
                {"contentType": "text/plain", "value": "worse"},
                {"contentType": "application/xhtml+xml", "value": "<p>B</p>"},
            ],
        },
    ],
)
def test_headline_and_body_are_found(item: dict[str, object]) -> None:
    entry = _entry(**item)
    assert (entry.title, entry.body_html) == ("H", "<p>B</p>")


def test_plain_text_is_not_read_as_html() -> None:
    assert plain(_entry(headline="H", body_text="a <b> & c").body_html) == "a <b> & c"


def test_associated_pictures_keep_their_own_credit() -> None:
    picture = {"type": "picture", "by": "Ann", "description_text": "The pier"}
    sizes = {
        "small": {"href": "https://p.example/s.jpg", "mimetype": "image/jpeg", "width": 100},
        "large": {"href": "https://p.example/l.jpg", "mimetype": "image/jpeg", "width": 1600},
        "print": {"href": "https://p.example/p.jpg", "mimetype": "image/jpeg", "width": 9000},
    }
    film = {"type": "video", "renditions": [{"href": "https://p.example/f.jpg"}]}
    entry = _entry(headline="H", associations={"main": {**picture, "renditions": sizes}, "f": film})
    assert [(p.url, p.credit, p.caption) for p in entry.pictures] == [
        ("https://p.example/l.jpg", "Ann", "The pier")
    ]


def test_a_canceled_picture_is_left_out_and_named_as_taken_back() -> None:
    picture = {
        "type": "picture",
        "pubstatus": "canceled",
        "renditions": [{"href": "https://p.example/1.jpg"}],
    }
    entry = _entry(headline="H", associations=[picture])
    assert entry.pictures == ()
    assert entry.withdrawn_pictures == ("https://p.example/1.jpg",)


def test_a_picture_says_when_its_rights_end() -> None:
    picture = {
        "type": "picture",
        "expires": "2026-12-01T00:00:00+01:00",
        "copyrightnotice": "(c) Ann",
        "renditions": [{"href": "https://p.example/1.jpg"}],
    }
    (found,) = _entry(headline="H", associations=[picture]).pictures
    assert found.expires is not None
    assert found.expires.isoformat() == "2026-12-01T00:00:00+01:00"
    assert found.copyright == "(c) Ann"


def test_rights_and_dates_are_read() -> None:
    entry = _entry(
        headline="H", version="3", urgency=2, usageTerms="Online for 30 days", ednote="Adds quote",
        copyrightHolder="Harbour", embargoedUntil="2024-05-03T10:00:00+02:00",
        expires="2024-06-03T10:00:00+02:00", altIds=[{"role": "old", "value": "77"}],
    )  # fmt: skip
    assert (entry.version, entry.urgency, entry.usage_terms) == ("3", 2, "Online for 30 days")
    assert (entry.agency, entry.ednote) == ("Harbour", "Adds quote")
    assert entry.embargo is not None
    assert entry.expires is not None
    assert "alt:old:77" in entry.aliases


def test_an_embargo_that_cannot_be_read_withholds() -> None:
    assert _entry(headline="H", embargoed="until noon").status == "withheld"


def test_a_list_of_items_is_read() -> None:
    data = json.dumps([{"uri": "a", "headline": "A"}, {"uri": "b", "headline": "B"}]).encode()
    assert [entry.id for entry in parse(data).entries] == ["a", "b"]


@pytest.mark.parametrize(
    ("subject", "topic"),
    [
        ({"uri": "http://cv.iptc.org/newscodes/mediatopic/20000349"}, "medtop:20000349"),
        ({"code": "medtop:20000349", "name": "ports"}, "medtop:20000349"),
        ({"code": "20000349", "scheme": "http://cv.iptc.org/newscodes/mediatopic/"},
         "medtop:20000349"),
        ({"code": "04000000"}, "subj:04000000"),
        ({"uri": "https://hw.example/codes/1", "literal": "16000000"}, "subj:16000000"),
        ({"code": "isl", "scheme": "hw"}, "hw:isl"),
    ],
)  # fmt: skip
def test_subjects_give_topics(subject: dict[str, str], topic: str) -> None:
    item = {"uri": "urn:x", "headline": "H", "subject": [subject]}
    assert parse(json.dumps(item).encode()).entries[0].topics == (topic,)
