"""One report by two formats into one folder, through the real command: one article."""

import json

import pytest

from broadsheet.config.cli import main
from broadsheet.desk.models import Article
from broadsheet.wire.models import Version
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "urn:newsml:quill.example:20231017:call"
HEADLINE = "Harbour masters speak by telephone about the strait"
BODY = "".join(
    f"<p>Paragraph {n} tells what the harbour master of the northern shore said about it.</p>"
    for n in range(1, 13)
)
RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Quill world</title><link>https://quill.example/world</link><description>x</description>
<item><title>{HEADLINE}</title><link>https://quill.example/world/call</link>
<guid isPermaLink="false">{KEY}</guid><pubDate>Tue, 17 Oct 2023 08:12:00 IST</pubDate>
<description>Paragraph 1 tells what the harbour master of the northern shore
 said about it.</description>
<content:encoded><![CDATA[{BODY}]]></content:encoded></item></channel></rss>"""
NINJS = json.dumps({
    "uri": KEY, "standard": {"name": "ninjs", "version": "3.0"}, "type": "text", "version": "1",
    "versionCreated": "2023-10-17T08:12:00+05:30", "pubStatus": "usable",
    "headlines": [{"role": "main", "value": HEADLINE}],
    "bodies": [{"contentType": "application/xhtml+xml", "value": BODY}],
})  # fmt: skip


@pytest.mark.parametrize("first", ["rss", "ninjs"])
def test_two_formats_of_one_report_are_one_article(paper, tmp_path, capsys, first):
    folder = tmp_path / "drop"
    folder.mkdir()
    words = ["--section", "world", "--publish", "--max-age", "none", "--source", "Quill"]
    assert main(["wire", "add", "world", str(folder), *words]) == 0
    files = {"rss": ("call.rss", RSS), "ninjs": ("call.json", NINJS)}
    order = [first, *({"rss", "ninjs"} - {first})]
    for number, name in enumerate(order):
        file, text = files[name]
        (folder / f".{file}").write_text(text)
        (folder / f".{file}").rename(folder / file)
        capsys.readouterr()
        assert main(["wire", "fetch", "world"]) == 0
        expected = "fetched 1, new 1" if number == 0 else "fetched 1, new 0, updated 0"
        assert expected in capsys.readouterr().out
    article = Article.objects.get()
    page = surfaces()[article.path, "full"]
    assert Version.objects.count() == 1
    assert page.count("<p>Paragraph") == 12
    assert "17 October 2023 08:12 IST" in page
    assert "auto-generated from a syndicated feed of Quill." in page
    assert HEADLINE in surfaces()["/world/", "plain"]
