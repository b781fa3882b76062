"""The app's place in Django."""

from django.apps import AppConfig


class FrontsConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.fronts"
    default_auto_field = "django.db.models.BigAutoField"
