"""The app's place in Django."""

from django.apps import AppConfig


class PressConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.press"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Press what is announced outside of a gathering; lend the desk the preview."""
        from broadsheet.press import listening

        listening.connect()
