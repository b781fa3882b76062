"""Files of pictures that nothing names any more are removed by the worker."""

import os
import time
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q

from broadsheet.desk.models import Rendition
from broadsheet.desk.models.pictures import PUBLIC_SPECS

FOLDER = "images"
YOUNGEST = 3600.0
"""Seconds that a file is left alone: somebody may be about to name it."""


def clear_out() -> int:
    """Remove sizes that no page asks for, of withdrawn pictures all, and files without a row.

    Originals are kept: they are the record, and never public. Returns how many files went.
    """
    by_desk = Q(filter_spec__startswith="max-") | Q(filter_spec="original")
    asked_for = Q(filter_spec__in=PUBLIC_SPECS) | by_desk
    unwanted = Rendition.objects.filter(Q(image__withdrawn_at__isnull=False) | ~asked_for)
    gone = 0
    for rendition in (*unwanted.iterator(chunk_size=200), *_out_of_focus()):
        gone += _remove(Path(settings.MEDIA_ROOT) / str(rendition.file.name))
        rendition.delete()
    return gone + _remove_orphans()


def _out_of_focus() -> list[Rendition]:
    """Sizes that were cut around a point which is the picture's focal point no more."""
    several = Rendition.objects.values("image", "filter_spec").annotate(number=Count("pk"))
    images = {row["image"] for row in several.filter(number__gt=1)}
    found = Rendition.objects.filter(image__in=images).select_related("image")
    return [r for r in found if r.focal_point_key != r.filter.get_cache_key(r.image)]


def _remove_orphans() -> int:
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    if not folder.is_dir():
        return 0
    known = set(Rendition.objects.values_list("file", flat=True).iterator())
    names = (f"{FOLDER}/{entry.name}" for entry in os.scandir(folder) if _is_settled(entry))
    return sum(_remove(Path(settings.MEDIA_ROOT) / name) for name in names if name not in known)


def _is_settled(entry: os.DirEntry[str]) -> bool:
    return entry.is_file() and time.time() - entry.stat().st_mtime > YOUNGEST


def _remove(path: Path) -> int:
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    return 1
