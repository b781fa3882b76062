"""Which authors an article of ours names, as rows: what their pages are made from."""

from broadsheet.desk.models import Article, Author, Authorship


def sign(article: Article) -> None:
    """Bring an article's authorships up to its authors; two queries when nothing changed.

    An agency's report names no author of ours.
    """
    if article.item_id is not None:
        return
    slugs = article.authors.splitlines()
    rows = dict(Author.objects.filter(slug__in=slugs).values_list("slug", "pk")) if slugs else {}
    at = article.first_published_at
    wanted = [(rows[slug], place, at) for place, slug in enumerate(slugs) if slug in rows]
    known = list(article.authorships.values_list("author", "place", "published_at"))
    if wanted == known:
        return
    article.authorships.all().delete()
    Authorship.objects.bulk_create(
        Authorship(article=article, author_id=pk, place=place, published_at=at)
        for pk, place, at in wanted
    )
