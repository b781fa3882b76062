"""Accounts that are made by a command."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal

EDITORS = "Editors"


def make_staff(email: str, password: str, *, publisher: bool, name: str = "") -> User:
    """Give an address access to the desk; an existing reader keeps the account.

    Raises Refusal for a malformed address or a weak password.
    """
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), "No account was made or changed.") from None
    with transaction.atomic():
        user = make_reader(email, password, name=name)
        user.is_staff = True
        user.is_superuser = user.is_superuser or publisher
        user.save()
        user.groups.add(Group.objects.get(name=EDITORS))
    return user


def make_reader(email: str, password: str, *, name: str = "") -> User:
    """An account whose address counts as confirmed."""
    email = email.lower()
    user = User.objects.filter(email=email).first() or User(email=email)
    user.first_name, _, user.last_name = name.partition(" ") if name else (user.first_name, "", "")
    user.set_password(password)
    user.save()
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user
