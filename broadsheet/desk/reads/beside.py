"""The wire's present text beside what staff took over."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Edit


@dataclass(frozen=True, slots=True)
class WireBeside:
    """The wire's present text beside a field that staff took over."""

    field: str
    label: str
    ours: str
    wire: str
    moved: bool


def beside(article: Article) -> tuple[WireBeside, ...]:
    """For each text field in staff's hands: the wire's newest text, and whether it moved since."""
    newest = article.item.latest if article.item else None
    if newest is None:
        return ()
    found = []
    for field, label in (("headline", _("Headline")), ("standfirst", _("Standfirst"))):
        ours = getattr(article, field)
        if ours is not None:
            wire = str(newest.fields.get(field, ""))
            found.append(WireBeside(field, label, ours, wire, wire != _then(article, field)))
    return tuple(found)


def _then(article: Article, field: str) -> str | None:
    """The wire's text when staff last took the field over."""
    edits = Edit.objects.filter(article=article, field=field, after__isnull=False)
    edit = edits.select_related("basis").order_by("-id").first()
    return str(edit.basis.fields.get(field, "")) if edit and edit.basis else None
