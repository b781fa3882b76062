"""What we write for licensees is read back by our own reader: both formats say the same, whole."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.kit import html
from broadsheet.licensing import newsmlg2, ninjs
from broadsheet.licensing.report import LicensedReport
from broadsheet.look.parts import CardView, LinkView, PaperView, PictureView
from broadsheet.press.syndication import Report
from broadsheet.wire.formats import Entry, parse

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAPER = PaperView(
    name="The Lantern", nameplate="The Lantern", tagline="", language="en-GB", direction="ltr",
    zone="UTC", origin="https://lantern.example", description="", device="", sections=(), pages=(),
    has_premium=False, demo=False,
)  # fmt: skip
PICTURE = PictureView(
    src="/media/p.jpg", srcset="", square="/media/s.webp", width=900, height=600, alt="A quay",
    caption="The quay at dawn", credit="Ann Lee/Wire", byline="", copyright_notice="",
    licence_page="", digital_source="",
)  # fmt: skip
WORDS = (
    "AT&T",
    "Café",
    "“Ondine”",
    "5 €",
    "日本",
    "O'Neill",
    "Kyiv–Lviv",
    "naïve",
    "50 %",
    "Žižek",
)
lines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
marked = lines.map(lambda text: f"<p>{html.plain(text).replace('&', '&amp;')} <em>x</em></p>")
bodies = st.lists(marked, min_size=1, max_size=4).map("".join)
moments = st.none() | st.integers(1, 500).map(lambda hours: NOON + timedelta(hours=hours))


@st.composite
def reports(draw: st.DrawFn) -> LicensedReport:
    """A usable report, with or without an agency, an embargo, an end, a picture, subjects."""
    agency = draw(st.sampled_from(["", "Quill"]))
    card = CardView(
        id=1, url="/2026/11/20/a", headline=draw(lines), kicker="", standfirst=draw(lines),
        section=LinkView("World", "/world/"), byline=draw(st.sampled_from(["", "Ilse Varga"])),
        agency=agency, published=NOON, access="open", news_value=3, picture=None,
    )  # fmt: skip
    body = html.sanitise(draw(bodies))
    named = {
        "medtop:04000000": "economy, business and finance",
        "medtop:11000000": "politics and government",
    }
    codes = draw(st.lists(st.sampled_from(sorted(named)), unique=True))
    topics = {code: named[code] for code in codes}
    credit = draw(st.sampled_from([agency or PAPER.name, "Quill/Ann Lee"]))
    view = Report(
        card=card, id="tag:lantern.example,2026:1", url="https://lantern.example/a", summary="",
        text=body, whole=True, disclosure="", notices=(), changed=None, credit=credit, based_on="",
        tags=("Fishing",), topics=topics,
    )  # fmt: skip
    return LicensedReport(
        uri=view.id, url=view.url, version=draw(st.integers(1, 9999)), at=NOON, status="usable",
        paper=PAPER, note=draw(st.sampled_from(["", "Correction: six boats."])), wire_id="urn:q:1",
        view=view, body=body, dateline=draw(st.sampled_from(["", "NORTHQUAY"])),
        picture=draw(st.sampled_from([None, PICTURE])), picture_terms="No sales.",
        language="en-GB", credit=credit, usage_terms="Print only.", urgency=draw(st.integers(1, 9)),
        embargo=draw(moments), expires=draw(moments),
    )  # fmt: skip


def read_back(report: LicensedReport) -> dict[str, Entry]:
    """The report's entry by format."""
    next_one = "https://lantern.example/licensed/?since=1"
    g2 = newsmlg2.document([report], paper=PAPER, next_address=next_one, now=NOON)
    documents = {"ninjs": ninjs.document([report], next_address=next_one), "newsmlg2": g2}
    found = {}
    for name, data in documents.items():
        parsed = parse(data)
        assert (parsed.format, parsed.problems, parsed.repairs) == (name, (), ())
        (found[name],) = parsed.entries
    return found


@settings(max_examples=60, deadline=None)
@given(reports())
def test_both_formats_are_read_back_to_the_same_report(report: LicensedReport) -> None:
    view = report.view
    assert view is not None
    for name, entry in read_back(report).items():
        assert (entry.id, entry.version, entry.status) == (
            report.uri,
            str(report.version),
            "usable",
        )
        assert (entry.title, html.plain(entry.summary_html)) == (
            view.card.headline, view.card.standfirst,
        ), name  # fmt: skip
        assert "".join(entry.body_html.split("\n")) == "".join(report.body.split("\n")), name
        assert entry.authors == ((report.by,) if report.by else ()), name
        assert (entry.dateline, entry.language) == (report.dateline, "en-GB"), name
        assert entry.credit == report.credit, name
        assert (entry.embargo, entry.expires) == (report.embargo, report.expires), name
        assert (entry.urgency, entry.usage_terms) == (report.urgency, "Print only."), name
        assert entry.topics == tuple(view.topics), name
        ours = [one for one in entry.categories if one not in view.topics.values()]
        assert ours == ["World", "Fishing"], name
        assert report.note in entry.ednote, name
        told = [(p.url, p.credit, p.caption, p.terms) for p in entry.pictures]
        picture = ("https://lantern.example/media/p.jpg", PICTURE.credit, PICTURE.caption)
        assert told == ([(*picture, "No sales.")] if report.picture else []), name
        assert all(p.guid == report.picture_id() for p in entry.pictures), name


def test_a_picture_keeps_its_description_and_its_agency_in_ninjs() -> None:
    card = CardView(
        id=1, url="/a", headline="Ferry sails", kicker="", standfirst="", byline="", agency="Quill",
        section=LinkView("World", "/world/"), published=NOON, access="open", news_value=3,
        picture=None,
    )  # fmt: skip
    view = Report(
        card=card, id="tag:lantern.example,2026:1", url="https://lantern.example/a", summary="",
        text="<p>x</p>", whole=True, disclosure="", notices=(), changed=None, credit="Quill",
        based_on="", tags=(),
    )  # fmt: skip
    report = LicensedReport(
        uri=view.id, url=view.url, version=1, at=NOON, status="usable", paper=PAPER, note="",
        view=view, body="<p>x</p>", picture=PICTURE, credit="Quill",
    )  # fmt: skip
    entry = read_back(report)["ninjs"]
    assert (entry.agency, entry.pictures[0].alt) == ("Quill", "A quay")


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_what_may_not_be_used_is_read_back_so_and_without_a_word(status: str) -> None:
    report = LicensedReport(
        "tag:lantern.example,2026:1", "https://lantern.example/a", 7, NOON, status, PAPER,
        "It was wrong.", "urn:q:1",
    )  # fmt: skip
    for entry in read_back(report).values():
        assert (entry.id, entry.status, entry.title, entry.body_html) == (
            report.uri, status, "", "",
        )  # fmt: skip
        assert "It was wrong." in entry.ednote
