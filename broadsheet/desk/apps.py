"""The app's place in Django."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what befalls articles and pictures."""
        from broadsheet.desk.actions import publication, rights

        publication.connect()
        rights.connect()
