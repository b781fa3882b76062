"""Authors by their names: as editors write them, and as readers see them."""

from collections.abc import Iterable, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Author
from broadsheet.desk.reads.topics import MOST, Suggestion
from broadsheet.look.parts import LinkView


def authors_named(slugs: Sequence[str]) -> list[str]:
    """The name behind each slug; one that is gone stays as it is."""
    found = Author.objects.filter(slug__in=slugs) if slugs else Author.objects.none()
    names = dict(found.values_list("slug", "name"))
    return [names.get(slug, slug) for slug in slugs]


def authors_meant(names: Iterable[str]) -> dict[str, str]:
    """The slug that each name means, "" where nobody is called so."""
    lines = list(names)
    found = Author.objects.values_list("name", "slug") if lines else []
    known = {name.casefold(): slug for name, slug in found}
    return {name: known.get(name.casefold(), "") for name in lines}


def authors_suggested(text: str) -> list[Suggestion]:
    """Authors whose names hold what was typed."""
    words = " ".join(text.split())
    found = Author.objects.filter(name__icontains=words) if words else Author.objects.none()
    return [Suggestion(name, "") for name in found.values_list("name", flat=True)[:MOST]]


def author_links(article: Article) -> tuple[LinkView, ...]:
    """The pages of those whom an article of ours names, in the order of its byline.

    None for a report in preview that was never saved: it has no rows.
    """
    if not article.pk:
        return ()
    signed = sorted(article.authorships.all(), key=lambda signed: signed.place)
    return tuple(LinkView(one.author.name, one.author.path) for one in signed)


def byline_of(article: Article, authors: Sequence[LinkView]) -> str:
    """Who wrote it, as readers see it: our authors, else our words, else the wire's."""
    if authors:
        return str(get_text_list([author.title for author in authors], _("and")))
    wire = article.basis.fields if article.basis else {}
    return article.byline or str(wire.get("byline") or "")
