"""The app's place in Django."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.archive"
    default_auto_field = "django.db.models.BigAutoField"
