"""A picture in the sizes that pages name, and what the wire sent beside it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from broadsheet.desk.models import Article, Picture, WirePicture
from broadsheet.desk.models.pictures import FALLBACK, PUBLIC_SPECS, SQUARE, WIDE, Rendition
from broadsheet.kit import clock
from broadsheet.look.parts import PictureView


def sizes(picture: Picture) -> dict[str, Rendition]:
    """The public sizes by their specification, made when missing. Raises OSError."""
    made: dict[str, Rendition] = picture.get_renditions(*PUBLIC_SPECS)
    return made


def picture_view(picture: Picture | None, *, for_staff: bool = False) -> PictureView | None:
    """A picture in the sizes pages use; None when there is none or its file is lost.

    `for_staff` gives addresses that only the desk answers: nothing needs to be public for them.
    """
    if picture is None:
        return None
    try:
        made = sizes(picture)
    except OSError:
        return None
    at = {spec: file.desk_url if for_staff else file.url for spec, file in made.items()}
    return PictureView(
        src=at[FALLBACK],
        srcset=", ".join(f"{at[spec]} {made[spec].width}w" for spec in WIDE),
        square=at[SQUARE],
        width=made[FALLBACK].width,
        height=made[FALLBACK].height,
        alt=picture.description or picture.caption or "",
        caption=picture.caption,
        credit=picture.credit,
        byline=picture.byline,
        copyright_notice=picture.copyright_notice,
        licence_page=picture.licence_page,
        digital_source=picture.digital_source,
    )


def public_files(picture: Picture) -> list[str]:
    """The files below the media folder that pages with this picture name; [] when it is lost."""
    try:
        return [str(file.file.name) for file in sizes(picture).values()]
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture that the wire sent with a report, as the editor shows it. `tone` colours it."""

    picture: Picture | None
    caption: str
    credit: str
    status: str
    tone: str
    problem: str


def sent_with(article: Article) -> list[SentPicture]:
    """The wire's pictures of an article, the newest version's first."""
    rows = WirePicture.objects.filter(item=article.item_id).order_by("-version__sequence", "pk")
    found = rows.select_related("picture").prefetch_related("picture__renditions")
    shown = article.shown_picture
    return [_sent(row, shown) for row in found]


def _sent(row: WirePicture, shown: Picture | None) -> SentPicture:
    picture = row.picture
    status, tone = _state(picture, shown)
    return SentPicture(
        picture=picture,
        caption=picture.caption if picture else str(row.facts.get("caption") or row.facts["url"]),
        credit=picture.credit if picture else str(row.facts.get("credit") or ""),
        status=status,
        tone=tone,
        problem=row.problem if picture is None else "",
    )


def _state(picture: Picture | None, shown: Picture | None) -> tuple[str, str]:
    if picture is None:
        return _("not fetched yet"), "quiet"
    if picture.withdrawn_at is not None:
        return _("withdrawn"), "bad"
    if picture.over:
        return _("rights ended"), "bad"
    if not picture.permitted(clock.now()):
        return _("has no credit"), "warn"
    return (_("on the page"), "good") if picture == shown else (_("kept"), "quiet")
