"""What a publisher sets once for the whole paper, under Settings in the desk."""

from typing import Self

from wagtail.contrib.settings.models import BaseGenericSetting


class Setting(BaseGenericSetting):  # type: ignore[misc]
    """One row, or none while nobody has set anything."""

    class Meta:
        """No table of its own."""

        abstract = True

    @classmethod
    def current(cls) -> Self:
        """What is in force. Reading it writes nothing, as Wagtail's `load` would."""
        return cls.objects.first() or cls()
