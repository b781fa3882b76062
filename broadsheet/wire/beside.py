"""Pictures that come beside a document: files of the same folder, parts of the same mail."""

from pathlib import Path

from broadsheet.kit.mail import MAIL, picture_in
from broadsheet.wire.actions import blobs
from broadsheet.wire.models import Fetch
from broadsheet.wire.transports.folder import PictureRefused, open_picture


class NotBeside(PictureRefused):
    """There is no such picture beside the document, and there will be none."""


def picture_beside(fetch: Fetch | None, name: str) -> bytes:
    """The picture an item of this document names without an address. Raises PictureRefused."""
    if fetch is not None and fetch.content_type.startswith(MAIL):
        return _in_mail(fetch, name)
    if fetch is None or not fetch.feed.is_folder:
        raise NotBeside(f"{name!r} is neither an address nor a file of the feed's folder.")
    return open_picture(Path(fetch.feed.location), name)


def _in_mail(fetch: Fetch, name: str) -> bytes:
    """Taken out of the mail as it came; what stands before the slash only names the mail."""
    try:
        data = picture_in(blobs().get(fetch.blob), name.rpartition("/")[2])
    except FileNotFoundError:
        raise NotBeside(f"The mail with the picture {name!r} is no longer kept.") from None
    if data is None:
        raise NotBeside(f"The mail has no picture {name!r} of up to 20 MiB.")
    return data
