"""Answers to machines that send us something: a sentence, for whoever reads their log."""

from django.http import HttpResponse


def said(sentence: str, status: int) -> HttpResponse:
    """A sentence as plain text."""
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
