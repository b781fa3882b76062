"""Pictures for tests: files, wire items that carry them, and what the gate would send of them."""

import io
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

from broadsheet.desk.models import Picture
from broadsheet.desk.reads import picture_view
from broadsheet.gate.media import standing_of
from broadsheet.gate.pressed import store_path
from tests.cast import ninjs


def jpeg(colour: str = "navy", size: tuple[int, int] = (90, 60), **options: Any) -> bytes:
    """A small JPEG."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG", **options)
    return data.getvalue()


def own_picture(title: str = "Quay", **facts: Any) -> Picture:
    """A picture that staff uploaded."""
    facts = {"credit": f"Photo: {title}", "caption": f"{title} at dawn"} | facts
    return Picture.make(jpeg("white"), f"{title}.jpg", title=title, **facts)


def photo(name: str, **facts: Any) -> Picture:
    """A small picture with its name for a credit and its renditions made."""
    picture = Picture.make(jpeg(size=(24, 16)), f"{name}.jpg", title=name, credit=name, **facts)
    picture_view(picture)
    return picture


def pictured(key: str, *pictures: dict[str, Any], **facts: Any) -> bytes:
    """A ninjs item with pictures: href, credit, caption, and what else ninjs knows."""
    item = json.loads(ninjs(key, **facts))
    item["associations"] = [
        {
            "type": "picture",
            "creditline": one.get("credit", "Photo: Quill"),
            "descriptions": [{"role": "caption", "value": one.get("caption", "")}],
            "renditions": [{"href": one["href"]}],
            **one.get("more", {}),
        }
        for one in pictures
    ]
    return json.dumps(item).encode()


def drop(folder: Path, *names: str) -> None:
    """Picture files in a feed's folder, each of another colour."""
    for number, name in enumerate(names):
        (folder / name).write_bytes(jpeg(f"rgb({40 * number}, 80, 120)"))


def standings(picture: Picture, at: datetime) -> set[str]:
    """How the gate stands to each file of a picture at a moment: open, ended, unknown."""
    store = sqlite3.connect(store_path(Path(settings.HOME)))
    names = [str(r.file.name) for r in picture.renditions.all()]
    try:
        return {standing_of(store, name, at.timestamp()) for name in names}
    finally:
        store.close()


def files_of(picture: Picture) -> list[str]:
    """The names of all files of a picture, the original among them."""
    return [str(picture.file.name), *(str(r.file.name) for r in picture.renditions.all())]
