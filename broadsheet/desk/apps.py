"""The app's place in Django."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what befalls articles, pictures and licences."""
        from broadsheet.desk.actions import licence, publication, rights

        publication.connect()
        licence.connect()
        rights.connect()
