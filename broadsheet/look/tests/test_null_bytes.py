"""Null bytes in addresses reach no database."""

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from broadsheet.look.null_bytes import NullBytes


def answered(path, query=""):
    asked = RequestFactory().get(path, QUERY_STRING=query)
    return NullBytes(lambda request: HttpResponse(repr(dict(request.GET))))(asked).content.decode()


def test_an_address_with_one_is_nobodys():
    with pytest.raises(Http404):
        answered("/subscribe/return/%00/")


@pytest.mark.parametrize("query", ["q=harbour%00light", "q=harbour%%0000light"])
def test_in_a_query_it_is_a_space_however_it_is_written(query):
    assert "\\x00" not in answered("/search", query)
    assert "harbour" in answered("/search", query)
