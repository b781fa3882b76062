"""Nobody need remember the export: a new model or column about a person must be in it, or excused.

Personal is what has a foreign key to the user or an e-mail address, and whatever points to a row
of the export.
"""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from broadsheet.subscriptions.reads.export import EXCUSED, KINDS

MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
EXPORTED = {kind.model._meta.label: kind for kind in KINDS}
PERSONS = {get_user_model(), *(kind.model for kind in KINDS)}


def personal(model: type[models.Model]) -> list[str]:
    """The columns by which rows of the model are about somebody."""
    return [
        column.name
        for column in model._meta.get_fields()
        if isinstance(column, models.EmailField)
        or (isinstance(column, models.Field) and column.related_model in PERSONS)
    ]


def about_persons(known: dict[str, type[models.Model]]) -> set[str]:
    return {label for label, model in known.items() if personal(model)}


def test_whatever_is_about_a_reader_is_exported_or_excused():
    missing = about_persons(MODELS) - set(EXPORTED) - set(EXCUSED)
    assert not missing, (
        f"{sorted(missing)}: give each a Kind in subscriptions/reads/export/, or a reason in"
        " excused.py why a reader does not get it."
    )


def test_nothing_is_excused_that_is_not_there_or_is_exported():
    assert set(EXCUSED) <= about_persons(MODELS) - set(EXPORTED)
    assert all(len(reason) > 20 for reason in EXCUSED.values())


def test_a_model_that_somebody_adds_is_noticed():
    class Letter(models.Model):
        """A letter of a reader, in no app that is installed."""

        to = models.EmailField()

        class Meta:
            app_label = "letters"

    class Answer(models.Model):
        subscription = models.ForeignKey("subscriptions.Subscription", models.CASCADE)

        class Meta:
            app_label = "letters"

    Answer._meta.get_field("subscription").remote_field.model = MODELS["subscriptions.Subscription"]
    assert personal(Letter) == ["to"]
    assert personal(Answer) == ["subscription"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_column_is_told_or_left_out_with_a_reason(kind):
    columns = {column.name for column in kind.model._meta.fields + kind.model._meta.many_to_many}
    told = {path.partition("__")[0] for path in kind.columns}
    assert told <= columns
    assert not told & set(kind.left_out)
    assert columns - {"id"} - told == set(kind.left_out)
    assert set(kind.sums) <= {path.replace("__", "_") for path in kind.columns}


SECRET = ("password", "secret", "token", "session", "key", "hash", "data", "url")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_column_that_sounds_like_a_secret_is_told(kind):
    told = {part for path in kind.columns for part in path.split("__")} - {
        "keyboard_shortcuts",
        "data",  # Of a device: what its reader calls it (`accounts/actions.py: name_device`).
        "extra_data",  # Who somebody is elsewhere, and no token: `issuers/provider.py`.
    }
    assert not [name for name in told if any(word in name for word in SECRET)]
