"""Which picture files the gate may send: those that an article's pages name, as long as both last.

Fronts and lists show no picture that is not one of its article's.
"""

from collections.abc import Sequence

from broadsheet.desk.models import Article, Author, Picture
from broadsheet.desk.reads.pictures import public_files
from broadsheet.gate.media import MediaFile
from broadsheet.gate.pressed import Page, PressRun
from broadsheet.kit import clock


def put_media(run: PressRun, article: Article, made: Sequence[Page]) -> None:
    """Store what an article with these pages shows; what it showed before is over."""
    run.show_media(article.pk, _files(article, made))


def put_portrait(run: PressRun, author: Author, made: Sequence[Page]) -> None:
    """The same for an author's page: its files stand under the author's number below zero."""
    picture = author.picture if made else None
    files = list(_files_of(picture, made[0])) if picture is not None else []
    run.show_media(-author.pk, files)


def _files(article: Article, made: Sequence[Page]) -> list[MediaFile]:
    """Within the bounds of the pages and of the rights, the narrower ones."""
    picture = article.shown_picture
    page = next((page for page in made if page.status == 200), None)
    return [] if picture is None or page is None else _files_of(picture, page)


def _files_of(picture: Picture, page: Page) -> list[MediaFile]:
    ends = picture.expires.timestamp() if picture.expires else 0
    not_after = min((moment for moment in (page.not_after, ends) if moment), default=0)
    return [
        MediaFile(path, picture.pk, page.not_before, not_after) for path in public_files(picture)
    ]


def end_pictures(run: PressRun, pictures: set[int]) -> None:
    """End every file of those that may not be shown any more, whatever article shows them."""
    if pictures:
        found = Picture.objects.filter(pk__in=pictures)
        permitted = set(found.permitted(clock.now()).values_list("pk", flat=True))
        for number in pictures - permitted:
            run.end_picture(number)
