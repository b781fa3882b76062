"""Sessions that go on for whoever comes back: the row says when one ends, the cookie stays."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from broadsheet.kit import clock

AT_DESK = "at_desk"
"""In the session: whoever signed in may work at the desk, or did."""

READING, WORKING = timedelta(days=60), timedelta(days=14)
"""For so long nobody came back with it. Whoever edits the paper signs in sooner again."""


class SessionStore(db.SessionStore):
    """Django's own, but a session ends so long after it was last used, not after sign-in."""

    def get_expiry_date(self, **given: Any) -> datetime:
        """When it ends unless it is used before, UTC; whatever Django would take is not asked."""
        return clock.now() + (WORKING if self.get(AT_DESK) else READING)

    def go_on(self) -> None:
        """It is in use. One that was ended meanwhile stays ended."""
        row = Session.objects.filter(session_key=self.session_key)
        row.update(expire_date=self.get_expiry_date())
