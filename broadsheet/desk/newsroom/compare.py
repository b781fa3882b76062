"""Three texts beside each other: the one ours was made from, ours, and the wire's newest."""

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from broadsheet.desk import actions
from broadsheet.desk.differences import Part, Passage, Whose, difference
from broadsheet.desk.models import Article
from broadsheet.desk.newsroom.frame import attempt, back, crumbs, edit_url, on_article, who
from broadsheet.desk.reads.reworking import parts_of
from broadsheet.kit import tokens

SALT = "desk.compared"


@dataclass(frozen=True, slots=True)
class PartView:
    """One place of the report: what the wire and we made of it, with the changed words marked."""

    number: int
    kind: str
    ours: list[Passage]
    wire: list[Passage]


@on_article("publish", "waiting", "basis", "body_from")
def compare(request: HttpRequest, article: Article) -> HttpResponse:
    """The wire's waiting version and our body, against the version our body was made from."""
    if request.method == "POST":
        return _choose(request, article)
    waiting = article.waiting
    parts = parts_of(article)
    context = {
        "article": article,
        "waiting": waiting,
        "parts": [_view(number, part) for number, part in enumerate(parts)],
        "marks": waiting is not None and tokens.has_marks(waiting.body),
        "by_wire": sum(part.kind == "wire" for part in parts),
        "conflicts": sum(part.kind == "conflict" for part in parts),
        "compared": _compared(article),
        "header_title": _("The wire moved on"),
        "breadcrumbs_items": crumbs((edit_url(article), str(article)), ("", _("Difference"))),
    }
    return render(request, "desk/compare.html", context)


def _view(number: int, part: Part) -> PartView:
    base, ours, wire = ("".join(blocks) for blocks in (part.base, part.ours, part.wire))
    return PartView(number, part.kind, difference(base, ours), difference(base, wire))


def _compared(article: Article) -> str:
    """What the screen shows, signed: a choice made on other texts is refused."""
    shown = {"version": article.waiting_id, "ours": article.full_body}
    return signing.dumps(shown, salt=SALT, compress=True)


def _choose(request: HttpRequest, article: Article) -> HttpResponse:
    choice = request.POST.get("choice")
    if choice == "merged":
        return _merge(request, article)
    if choice not in ("ours", "theirs"):
        return HttpResponseBadRequest(_("Choose whose text is to stand."))
    keep = choice == "ours"
    action = actions.keep_own_body if keep else actions.take_waiting
    done = _("Our text stays.") if keep else _("The wire's newest text is on the page.")
    attempt(request, lambda: action(article, by=who(request)), done)
    return back(request, edit_url(article))


def _merge(request: HttpRequest, article: Article) -> HttpResponse:
    try:
        shown = signing.loads(request.POST.get("compared", ""), salt=SALT)
    except signing.BadSignature:
        return HttpResponseBadRequest(_("The form was changed on its way. Load the page again."))
    choices = _choices(request)
    done = attempt(
        request,
        lambda: actions.take_merged(
            article, choices, by=who(request), version=shown["version"], ours=shown["ours"]
        ),
        _("The texts are put together; our body now stands on the wire's newest version."),
    )
    return redirect(edit_url(article) if done else request.path)


def _choices(request: HttpRequest) -> dict[int, Whose]:
    """`part-3=wire`: whose text stands in that part. What names nobody is left out."""
    found: dict[int, Whose] = {}
    words: dict[str, Whose] = {"ours": "ours", "wire": "wire", "both": "both"}
    for name, value in request.POST.items():
        number = name.removeprefix("part-")
        if name.startswith("part-") and number.isdecimal() and value in words:
            found[int(number)] = words[str(value)]
    return found
