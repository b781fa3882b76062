"""Sound and film that the wire sent with a report: readers are led to them, nobody fetches them."""

import mimetypes
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from broadsheet.desk.models import Article
from broadsheet.look.parts import EnclosureView

MOST = 10
_USUAL = {"audio": "audio/mpeg", "video": "video/mp4"}


def enclosures_of(article: Article) -> tuple[EnclosureView, ...]:
    """What can be listened to or watched beside a report, in the wire's order."""
    fields: dict[str, Any] = article.basis.fields if article.basis else {}
    return tuple(_played(fields.get("enclosures", [])))[:MOST]


def _played(stated: list[dict[str, Any]]) -> Iterator[EnclosureView]:
    labels = {"audio": _("Audio"), "video": _("Video")}
    for enclosure in stated:
        url, mime = str(enclosure.get("url") or ""), _type_of(enclosure)
        kind = mime.partition("/")[0]
        if kind in labels and url.startswith(("https://", "http://")):
            length = int(enclosure.get("length") or 0)
            yield EnclosureView(
                url=url,
                label=labels[kind],
                title=str(enclosure.get("title") or ""),
                mime=_USUAL[kind] if mime.endswith("/*") else mime,
                size=filesizeformat(length) if length > 0 else "",
                length=length,
            )


def _type_of(enclosure: dict[str, Any]) -> str:
    """As stated; where that says little, by the name of the file."""
    stated = str(enclosure.get("mime") or "")
    guessed = mimetypes.guess_type(urlsplit(str(enclosure.get("url") or "")).path)[0] or ""
    kind = stated.partition("/")[0]
    says_little = not stated or stated.endswith(("/*", "/octet-stream"))
    return guessed if says_little and guessed.startswith(("audio/", "video/", kind)) else stated
