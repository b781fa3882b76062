"""A body that staff never touched is byte for byte the wire's, whatever else is saved."""

import random

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.desk.models import Article
from broadsheet.kit import html
from broadsheet.press import actions as press
from tests.cast import ada, ninjs, send
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db

PLAIN = "".join(
    f"<p>Sentence {n} of the report, said twice over for its length.</p>" for n in "123"
)
BODIES = {
    "table": "<table><thead><tr><th>Quay</th><th>Depth</th></tr></thead><tbody><tr>"
    "<td>North</td><td>4.5&nbsp;m</td></tr></tbody></table>",
    "figure": '<figure><img src="https://q.example/a.jpg" alt="A crane" width="60" height="40">'
    "<figcaption>The crane. Photo: Quill</figcaption></figure>",
    "quotation": '<blockquote cite="https://q.example/q"><p>“We go out at five.”</p></blockquote>',
    "lists": "<ul><li>fog<ol><li>thick</li><li>thin</li></ol></li><li>tide</li></ul>",
    "links": '<p>See <a href="https://q.example/x?a=1&amp;b=2">the <em>chart</em></a>.</p>',
    "breaks": "<h2>At noon</h2><p>One line<br>and another</p><hr><p>4 &lt; 5 &amp; 6</p>",
    "scripts": "<p>नमस्ते दुनिया · 港口開放 · سلام</p><p>H<sub>2</sub>O and 5<sup>th</sup></p>",
    "spaces": "<p>  Two  spaces,\n a line and a\u00a0hard one. </p>\n\n<p></p>",
    "code": "<pre>tide  4\nfog   2</pre><p><code>a &lt; b</code></p>",
    "dirt": '<p onclick="x()">Kept<script>gone()</script></p><p style="color:red">Text</p>',
}


def invented(seed):
    """Some of the bodies in any order."""
    drawn = random.Random(seed)
    return PLAIN + "".join(BODIES[name] for name in drawn.sample(sorted(BODIES), 4))


@pytest.fixture
def editor(paper):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(ada(), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def save(editor, article, publish, **changes):
    """Open the article's form and send it back as a browser would, with some fields changed."""
    address = reverse("wagtailsnippets_desk_article:edit", args=[article.pk])
    form = editor.get(address).context["form"]
    assert "body" not in form.fields
    data = {name: form[name].field.widget.format_value(form[name].value()) for name in form.fields}
    data = {name: "" if value is None else value for name, value in data.items() if value != []}
    data.pop("no_picture", None)
    data |= changes | ({"action-publish": "1"} if publish else {})
    answer = editor.post(address, data)
    assert answer.status_code in (200, 302)


@pytest.mark.parametrize("text", [*BODIES, 1, 2, 3])
def test_a_body_nobody_touched_stays_what_the_wire_sent(feed, editor, text):
    sent = PLAIN + BODIES[text] if isinstance(text, str) else invented(text)
    wire = html.sanitise(sent)
    send(feed, ninjs(body=sent))
    article = Article.objects.get()
    for publish in (False, True):
        changes = {"headline": f"Ours {publish}", "standfirst": f"Summary {publish}"}
        save(editor, article, publish, **changes, kicker=f"K{publish}", dateline="PIER")
    article = Article.objects.get()
    assert article.owned == {"headline", "standfirst"}
    assert article.full_headline == "Ours True"
    assert article.body is None
    assert article.full_body.encode() == wire.encode()
    draft = article.get_latest_revision_as_object()
    assert draft.full_body.encode() == wire.encode()
    press.catch_up()
    page = surfaces()[article.path, "full"]
    for block in html.paragraphs(html.without_pictures(wire)):
        assert block in page


def test_a_body_nobody_touched_follows_the_wire_byte_for_byte(feed, editor):
    send(feed, ninjs(version=1, body=invented(4)))
    save(editor, Article.objects.get(), True, headline="Ours")
    for number in (5, 6):
        send(feed, ninjs(version=number, body=invented(number)))
        save(editor, Article.objects.get(), True, headline=f"Ours {number}")
        assert Article.objects.get().full_body == html.sanitise(invented(number))
    assert Article.objects.get().owned == {"headline"}
