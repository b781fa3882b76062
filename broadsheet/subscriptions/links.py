"""The addresses of links: what the gate needs to know is signed into them."""

from urllib.parse import quote

from django.conf import settings

from broadsheet.gate import links
from broadsheet.subscriptions.models import ArticleLink
from broadsheet.subscriptions.reads.origin import origin


def address_of(link: ArticleLink) -> str:
    """Where the link leads, with its token. Its article must be loaded, and have an address."""
    return _signed(link, 0)


def newsletter_address(link: ArticleLink, reader: int) -> str:
    """The link as it stands in the newsletter sent to one reader, by the account's number.

    It opens its article and nothing else, in as many browsers of each reader as the link allows.
    """
    return _signed(link, reader)


def _signed(link: ArticleLink, reader: int) -> str:
    told = links.Link(
        link.kind,  # type: ignore[arg-type]
        link.pk,
        link.article_id,
        int(link.expires_at.timestamp()),
        link.most_readers,
        reader,
        link.right,
    )
    token = links.sign_link(told, links.link_key(settings.SECRET_KEY.encode()))
    path = quote(link.article.path or "", safe="/")
    return f"{origin()}{path}?{links.PARAMETER}={token}"
