"""The app's place in Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Labels match the folders of the house."""

    name = "broadsheet.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen once all models are known."""
        from broadsheet.accounts import listening

        listening.connect()
