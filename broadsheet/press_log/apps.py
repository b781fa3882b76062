"""The app's place in Django."""

from django.apps import AppConfig


class PressLogConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.press_log"
    default_auto_field = "django.db.models.BigAutoField"
