"""The life of one article: who changed which field, when, why, and what readers were told."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from broadsheet.desk.access import shown
from broadsheet.desk.differences import Passage, Words, difference, marks
from broadsheet.desk.models import OVERRIDES, Article, Edit, Notice, Picture, Section
from broadsheet.desk.reads.authors import authors_named
from broadsheet.desk.reads.topics import named

PAGE = 25


@dataclass(frozen=True, slots=True)
class EditView:
    """One change. `words`: a short text, word by word; `passages`: a body, by paragraphs."""

    id: int
    at: datetime
    who: str
    field: str
    words: tuple[Words, ...]
    passages: tuple[Passage, ...]
    to_wire: bool
    from_wire: bool
    reason: str
    version: int | None
    reversible: bool


@dataclass(frozen=True, slots=True)
class Log:
    """A page of changes, the newest first, and every notice."""

    edits: tuple[EditView, ...]
    page: Page[Edit]
    notices: tuple[Notice, ...]


def log_of(article: Article, page: str | None) -> Log:
    """Eight queries at most, however long the life."""
    edits = Edit.objects.filter(article=article).select_related("by", "basis").order_by("-id")
    found = Paginator(edits, PAGE).get_page(page)
    names = _Names(list(found.object_list))
    notices = article.notices.select_related("by", "taken_back_by", "version")
    return Log(
        edits=tuple(_view(edit, article, names) for edit in found.object_list),
        page=found,
        notices=tuple(notices),
    )


class _Names:
    """Pictures and sections by their names, fetched once for a page."""

    def __init__(self, edits: list[Edit]) -> None:
        self.pictures = dict(
            Picture.objects.filter(pk__in=_numbers(edits, "picture_id")).values_list("pk", "title")
        )
        codes, slugs = (_lines(edits, field) for field in ("topics", "authors"))
        self.topics = dict(zip(codes, named(codes), strict=True))
        self.authors = dict(zip(slugs, authors_named(slugs), strict=True))
        self.sections = dict(
            Section.objects.filter(pk__in=_numbers(edits, "section_id")).values_list("pk", "name")
        )

    def text(self, field: str, value: str | None) -> str:
        """A logged value as people read it."""
        if value is None:
            return ""
        if field == "picture_id":
            return str(self.pictures.get(int(value), _("a deleted picture")))
        if field == "section_id":
            return str(self.sections.get(int(value), _("a deleted section")))
        if field == "access":
            return shown(value) if value else _("as the section sets it")
        if field == "no_picture":
            return _("no picture is shown")
        if field == "topics":
            return ", ".join(self.topics.get(code, code) for code in value.splitlines())
        if field == "authors":
            return ", ".join(self.authors.get(slug, slug) for slug in value.splitlines())
        return value


def _lines(edits: list[Edit], field: str) -> list[str]:
    texts = (text for e in edits if e.field == field for text in (e.before, e.after) if text)
    return list(dict.fromkeys(line for text in texts for line in text.splitlines()))


def _numbers(edits: list[Edit], field: str) -> set[int]:
    values = (value for edit in edits if edit.field == field for value in (edit.before, edit.after))
    return {int(value) for value in values if value}


def _view(edit: Edit, article: Article, names: _Names) -> EditView:
    wires = _of_wire(edit)
    before, after = (names.text(edit.field, t) or wires for t in (edit.before, edit.after))
    body, wire = edit.field == "body", article.item_id is not None
    own = edit.field in OVERRIDES
    return EditView(
        id=edit.pk,
        at=edit.at,
        who=str(edit.by) if edit.by else _("by itself"),
        field=field_name(edit.field),
        words=() if body else marks(before, after),
        passages=tuple(difference(before, after)) if body else (),
        to_wire=own and wire and edit.after is None,
        from_wire=own and wire and edit.before is None,
        reason=edit.reason,
        version=edit.basis.number if edit.basis else None,
        reversible=edit.field != "section_id" and (wire or edit.before is not None),
    )


def field_name(field: str) -> str:
    """A column as editors call it."""
    column = Article._meta.get_field(field.removesuffix("_id"))
    return str(getattr(column, "verbose_name", field))


def _of_wire(edit: Edit) -> str:
    """What the wire said in this field at the time, where it stands for "follows the wire"."""
    if edit.basis is None or edit.field not in ("headline", "standfirst", "body"):
        return ""
    return str(edit.basis.fields.get(edit.field) or "")
