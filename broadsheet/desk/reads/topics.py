"""Topics by their names: as editors write them, as they are suggested, as readers see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import get_language

from broadsheet.desk.models import Article, Tagging, Topic
from broadsheet.desk.models.topics import OWN
from broadsheet.look.parts import LinkView
from broadsheet.wire import media_topics

MOST = 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that an editor may mean; `note` says what it belongs to, or ""."""

    name: str
    note: str


def named(codes: Sequence[str]) -> list[str]:
    """What each code is called among all topics, in the active language; unknown ones by itself."""
    labels = media_topics.labels(_language())
    own = [code for code in codes if code.startswith(OWN)]
    titles = dict(Topic.objects.filter(code__in=own).values_list("code", "title")) if own else {}
    return [labels.get(code) or titles.get(code) or code for code in codes]


def meant(names: Iterable[str]) -> dict[str, str]:
    """The code that each name means, "" where nobody knows it. The paper's own topics go first."""
    lines = list(names)
    wanted = Topic.objects.filter(code__startswith=OWN) if lines else Topic.objects.none()
    own = {title.casefold(): code for title, code in wanted.values_list("title", "code")}
    language = _language()
    return {name: own.get(name.casefold()) or media_topics.meant(name, language) for name in lines}


def suggested(text: str) -> list[Suggestion]:
    """Topics whose names hold what was typed: the paper's own, then the IPTC's."""
    words = " ".join(text.split())
    if not words:
        return []
    own = Topic.objects.filter(code__startswith=OWN, title__icontains=words)
    found = [Suggestion(title, "") for title in own.values_list("title", flat=True)[:MOST]]
    labels, topics = media_topics.labels(_language()), media_topics.vocabulary()
    found += [
        Suggestion(labels[code], labels.get(topics[code].broader, ""))
        for code in media_topics.matching(words, _language(), MOST)
    ]
    return found[:MOST]


def stated_topics(of: str = "") -> Prefetch[str]:
    """What `topic_links` reads, fetched with many articles at once; `of` leads to them."""
    return Prefetch(f"{of}taggings", Tagging.objects.filter(stated=True).select_related("topic"))


def topic_links(article: Article) -> tuple[LinkView, ...]:
    """The pages of the topics that an article carries itself, in its order.

    None for a report in preview that was never saved: it has no rows.
    """
    if not article.pk:
        return ()
    stated = sorted((t for t in article.taggings.all() if t.stated), key=lambda t: t.place)
    return tuple(LinkView(tagging.topic.name, tagging.topic.path) for tagging in stated)


def _language() -> str:
    return get_language() or "en"
