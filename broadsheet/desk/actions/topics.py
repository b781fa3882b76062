"""Which topics an article carries, as rows: what their pages are made from."""

from collections.abc import Iterable

from django.utils.translation import override

from broadsheet.desk.models import Article, Paper, Tagging, Topic
from broadsheet.desk.models.topics import OWN
from broadsheet.wire import media_topics


def tag(article: Article) -> None:
    """Bring an article's taggings up to its topics; two queries when nothing changed.

    Codes without a name, such as an agency's own, have no page; they stay in the texts.
    """
    stated = article.full_topics.splitlines()
    above = [code for stated_one in stated for code in media_topics.above(stated_one)]
    topics = _rows([*stated, *above])
    wanted = {
        topics[code].pk: (code in stated, place, article.first_published_at)
        for place, code in enumerate(dict.fromkeys([*stated, *above]))
        if code in topics
    }
    columns = ("topic", "stated", "place", "published_at")
    known = {pk: tuple(rest) for pk, *rest in article.taggings.values_list(*columns)}
    changed = {pk for pk in wanted | known if wanted.get(pk) != known.get(pk)}
    if not changed:
        return
    article.taggings.filter(topic__in=changed).delete()
    Tagging.objects.bulk_create(
        Tagging(article=article, topic_id=pk, stated=stated, place=place, published_at=at)
        for pk, (stated, place, at) in wanted.items()
        if pk in changed
    )


def _rows(codes: Iterable[str]) -> dict[str, Topic]:
    """The topics of these codes; a Media Topic that no article carried before gets its row."""
    wanted = [c for c in codes if c in media_topics.vocabulary() or c.startswith(OWN)]
    if not wanted:
        return {}
    found = {topic.code: topic for topic in Topic.objects.filter(code__in=wanted)}
    new = [code for code in wanted if code not in found and not code.startswith(OWN)]
    if new:
        with override(Paper.load().language):
            found |= {code: Topic.objects.get_or_create(code=code)[0] for code in new}
    return found
