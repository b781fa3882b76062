"""Sound and film of a report: links for whoever may read it, in feeds when everybody may."""

import json

import pytest
from lxml import etree

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Rule
from broadsheet.press import actions as press
from broadsheet.wire.models import Version
from tests.cast import ada, send
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db
SOUND = "https://sound.example/tide.mp3"
RSS = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Quill</title><item>
<guid>urn:tide</guid><title>The tide, heard</title><content:encoded><![CDATA[{body}]]>
</content:encoded><enclosure url="{sound}" type="audio/mpeg" length="{length}"/>
<media:content url="http://10.0.0.7/film.webm" medium="video"><media:title>The &lt;b&gt; film
</media:title></media:content><enclosure url="https://sound.example/notes.pdf" length="9"
 type="application/pdf"/></item></channel></rss>"""
BODY = "".join(f"<p>Line {n} of the tide, as it was heard at the quay today.</p>" for n in range(9))


def document(sound=SOUND, length=3_400_000):
    return RSS.format(body=BODY, sound=sound, length=length).encode()


@pytest.fixture
def arrived(feed):
    """The report, of an access class."""

    def arrive(access, data=None):
        Rule.objects.update(access=access)
        send(feed, data or document())
        press.catch_up()
        return Article.objects.get()

    return arrive


def links(text):
    return text.count('rel="noopener" type="')


def test_an_open_report_leads_to_its_sound_and_film_with_type_and_size(arrived):
    article = arrived("open")
    page = surfaces()[(article.path, "full")]
    assert f'<a href="{SOUND}" rel="noopener" type="audio/mpeg">Audio</a> (audio/mpeg, 3.2' in page
    assert 'type="video/webm">Video: The ' in page
    assert "<b> film" not in page
    assert "notes.pdf" not in page
    assert links(page) == 2


def test_our_feeds_carry_what_comes_with_an_open_report(arrived):
    arrived("open")
    pages = surfaces()
    rss = etree.fromstring(pages[("/feed.rss", "plain")].encode())
    (enclosure,) = rss.iter("enclosure")
    assert dict(enclosure.attrib) == {"url": SOUND, "length": "3400000", "type": "audio/mpeg"}
    atom = etree.fromstring(pages[("/feed.atom", "plain")].encode())
    rels = [link for link in atom.iter("{*}link") if link.get("rel") == "enclosure"]
    assert [link.get("type") for link in rels] == ["audio/mpeg", "video/webm"]
    (item,) = json.loads(pages[("/feed.json", "plain")])["items"]
    assert {"url": SOUND, "mime_type": "audio/mpeg", "size_in_bytes": 3_400_000} in item[
        "attachments"
    ]


def test_whoever_may_not_read_the_report_gets_no_sound_either(arrived):
    article = arrived("metered")
    pages = surfaces()
    assert SOUND in pages[(article.path, "full")]
    assert {path for path, text in pages.items() if SOUND in text} == {
        (article.path, "full"), (article.path, "full_no_ads")
    }  # fmt: skip


def test_a_withdrawal_takes_them_along(arrived):
    article = arrived("open")
    desk.withdraw(article, "It was wrong.", by=ada())
    press.catch_up()
    assert not [path for path, text in surfaces().items() if SOUND in text]


def test_a_token_of_the_day_in_the_address_makes_no_version_and_another_file_does(arrived):
    arrived("open")
    arrived("open", document(sound=f"{SOUND}?token=2"))
    assert Version.objects.count() == 1
    arrived("open", document(sound="https://sound.example/other.mp3"))
    assert Version.objects.count() == 2
