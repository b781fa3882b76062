"""The app's place in Django."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.demo"
    default_auto_field = "django.db.models.BigAutoField"
