"""What a publisher sets once for the whole paper, under Settings in the desk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from wagtail.contrib.settings.models import BaseGenericSetting

_read: ContextVar[dict[type, Any] | None] = ContextVar(
    "settings read by this request or batch", default=None
)


@contextmanager
def settings_read_once() -> Iterator[None]:
    """Within it, the database is asked once for each setting."""
    before = _read.set({})
    try:
        yield
    finally:
        _read.reset(before)


class Setting(BaseGenericSetting):  # type: ignore[misc]
    """One row, or none while nobody has set anything."""

    class Meta:
        """No table of its own."""

        abstract = True

    @classmethod
    def current(cls) -> Self:
        """What is in force. Reading it writes nothing, as Wagtail's `load` would.

        A request, or a batch of the worker, reads it once and sees one state from its beginning to
        its end, but for what it saves itself (by `save`, not by an UPDATE past it).
        """
        read = _read.get()
        if read is None:
            return cls.objects.first() or cls()
        if cls not in read:
            read[cls] = cls.objects.first() or cls()
        found: Self = read[cls]
        return found

    def save(self, *args: Any, **options: Any) -> None:
        """The rest of the request goes by what is saved."""
        super().save(*args, **options)
        (_read.get() or {}).pop(type(self), None)


class SettingsReadOnce:
    """Around everything that reads a setting: a request asks the database once for each."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing is kept from one request to the next."""
        with settings_read_once():
            return self.get_response(request)
