"""The app's place in Django."""

from django.apps import AppConfig


class WireConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.wire"
    default_auto_field = "django.db.models.BigAutoField"
