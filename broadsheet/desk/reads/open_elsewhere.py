"""Who else has an article open in the editor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.admin.models import EditingSession

from broadsheet.desk.models import Article


@dataclass(frozen=True, slots=True)
class OpenAt:
    """An editor who has it open: last seen there when, and whether with changes not yet saved."""

    name: str
    seen: datetime
    is_writing: bool


def open_elsewhere(article: int, user: Any) -> tuple[OpenAt, ...]:
    """The other editors, by what their browsers last told: every ten seconds, and when they leave.

    Whoever was not heard of for 25 minutes has gone (Wagtail's measure). One query.
    """
    sessions = EditingSession.objects.available().filter(
        content_type=ContentType.objects.get_for_model(Article), object_id=str(article)
    )
    others = sessions.exclude(user=user).select_related("user").order_by("last_seen_at")
    found: dict[int, OpenAt] = {}
    for session in others:
        before = found.get(session.user_id)
        is_writing = session.is_editing or (before is not None and before.is_writing)
        found[session.user_id] = OpenAt(str(session.user), session.last_seen_at, is_writing)
    return tuple(found.values())
