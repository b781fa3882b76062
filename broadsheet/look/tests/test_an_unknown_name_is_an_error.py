from typing import Any

import pytest
from django.template import Engine

from broadsheet.look.parts import LinkView
from broadsheet.look.strict import StrictContext, UnknownName

ENGINE = Engine(libraries={"i18n": "django.templatetags.i18n"})
LINK = LinkView("World", "/world/")


def printed(source: str, **names: Any) -> str:
    return str(ENGINE.from_string(source).render(StrictContext(names)))


@pytest.mark.parametrize(
    "source",
    [
        "{{ free_limit }}",
        "{{ free_limit|default:'' }}",
        "{% if free_limit %}x{% endif %}",
        "{% for article in free_limit %}x{% endfor %}",
        "{% with limit=free_limit %}x{% endwith %}",
        "{% load i18n %}{% blocktranslate with n=free_limit %}{{ n }}{% endblocktranslate %}",
    ],
)
def test_a_name_that_nobody_passed_in_is_an_error(source: str) -> None:
    with pytest.raises(UnknownName, match="free_limit"):
        printed(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ link.headline }}",
        "{% if link.headline %}x{% endif %}",
        "{% for word in link.headline %}x{% endfor %}",
    ],
)
def test_an_attribute_that_a_view_does_not_have_is_an_error(source: str) -> None:
    with pytest.raises(UnknownName, match="LinkView"):
        printed(source, link=LINK)


def test_what_is_passed_in_is_printed() -> None:
    assert printed("{{ link.title }} {{ n }}", link=LINK, n=3) == "World 3"


def test_a_loop_knows_its_own_names() -> None:
    source = "{% for word in words %}{{ forloop.counter }}{{ word }}{% endfor %}"
    assert printed(source, words=["a", "b"]) == "1a2b"
