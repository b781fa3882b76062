"""An agency's day in a folder: reports with updates, corrections and withdrawals."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

A_FILE = 10
CHANGED = 0.35
"""This share of the reports comes a second time."""
PLACES = ("Ardan", "Bellmouth", "Corran", "Dunmore", "Eskdale", "Farrow", "Garside", "Holm")
DEEDS = (
    "opens a market hall",
    "mends its harbour wall",
    "votes on a new tramway",
    "counts its swans",
)


def batches(seed: int, reports: int, count: int, now: datetime) -> list[list[bytes]]:
    """A day of so many reports as ninjs documents in so many batches.

    No report is twice in one batch. (Withdrawn before the desk took it up, a report is never
    published: that would make the paper depend on how much came in at once.)
    """
    dice = Random(seed)
    first = [_report(number, dice, now) for number in range(reports)]
    sent: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for number, item in enumerate(first):
        turn = number * count // reports
        sent[turn].append(item)
        if turn + 1 < count and dice.random() < CHANGED:
            sent[dice.randrange(turn + 1, count)].append(_change(item, dice, now))
    return [_documents(batch, dice) for batch in sent]


def _documents(batch: list[dict[str, Any]], dice: Random) -> list[bytes]:
    dice.shuffle(batch)
    starts = range(0, len(batch), A_FILE)
    return [json.dumps(batch[start : start + A_FILE]).encode() for start in starts]


def _report(number: int, dice: Random, now: datetime) -> dict[str, Any]:
    at = now - timedelta(minutes=dice.randint(5, 600))
    place = dice.choice(PLACES)
    return {
        "uri": f"urn:heron:{number}", "version": "1", "pubstatus": "usable", "language": "en",
        "headline": f"{place} {dice.choice(DEEDS)} for the {number + 1}th time",
        "body_xhtml": "".join(
            f"<p>{place} had waited {dice.randint(2, 90)} years, said neighbour {n} of the council"
            f" in report {number}, and would not wait for another one to go by.</p>"
            for n in range(3)
        ),
        "versioncreated": at.isoformat(),
    }  # fmt: skip


def _change(item: dict[str, Any], dice: Random, now: datetime) -> dict[str, Any]:
    kind = dice.choices(("update", "correction", "withdrawal"), (6, 2, 2))[0]
    changed = item | {"version": "2", "versioncreated": now.isoformat()}
    if kind == "withdrawal":
        return changed | {"pubstatus": "canceled"}
    changed["body_xhtml"] += "<p>The mayor has added a remark since.</p>"
    if kind == "correction":
        changed |= {"headline": f"CORRECTED: {item['headline']}", "ednote": "Corrects the count."}
    return changed


def put(folder: Path, number: int, document: bytes) -> None:
    """Put a document into the folder whole: written beside it, then renamed."""
    beside = folder.parent / f"{number:04d}.part"
    beside.write_bytes(document)
    beside.rename(folder / f"{number:04d}.json")
