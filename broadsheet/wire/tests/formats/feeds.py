"""Small feeds of invented news."""

RSS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
    "<channel><title>Harbour Wire</title><link>https://wire.example/</link>"
    "<language>en-GB</language>{items}</channel></rss>"
)
ITEM = "<item><guid>{key}</guid><title>{title}</title><description>{text}</description></item>"
STORY = (
    "<p>The ferry to Port Ellen will sail again on Friday, the harbour master said.</p>"
    "<p>It had been in dock since the storm of March.</p>"
)
LEAD = "The ferry to Port Ellen will sail again on Friday, the harbour master said."


def rss(items: str) -> bytes:
    """An RSS feed of these items."""
    return RSS.replace("{items}", items).encode()


def item(title: str = "Ferry sails again", text: str = "It rained.", key: str = "h-1") -> str:
    """One RSS item."""
    return ITEM.format(key=key, title=title, text=text)


def atom(entries: str) -> bytes:
    """An Atom feed of these entries."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
        f' xml:lang="en-GB"><title>Harbour Wire</title>{entries}</feed>'
    ).encode()
