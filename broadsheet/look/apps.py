"""The app's place in Django."""

from django.apps import AppConfig


class LookConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.look"
    default_auto_field = "django.db.models.BigAutoField"
