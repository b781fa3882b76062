"""`broadsheet import_subscribers`: the same as the desk's screen, for who has the file here."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from django.utils import translation

from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.imports import MOST_BYTES, Problem
from broadsheet.subscriptions.models import ImportProblem, SubscriberImport
from broadsheet.subscriptions.reads.business.imports import counted
from broadsheet.subscriptions.reads.importing import dry_run, listing_of

SHOWN = 50


def run(options: argparse.Namespace) -> int:
    """Try or do an import; 1 when lines were left out. Raises Refusal, and then imports nobody."""
    with translation.override("en"):
        path = Path(options.file)
        format = "" if options.format == "auto" else options.format
        found = actions.take_file(_bytes(path), path.name, format=format)
        try:
            actions.choose_plans(found, found.plans | _chosen(options.plan))
            if options.dry_run:
                return _try(found)
            actions.start_import(found)
        except Refusal:
            actions.drop_import(found)
            raise
        return _do(found)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refusal(
            f"{path} cannot be read: {error.strerror}.", "Give the path of a CSV."
        ) from None


def _chosen(pairs: list[str]) -> dict[str, str]:
    """THEIRS=OURS; the last = parts them, for an address of ours holds none."""
    chosen = {}
    for pair in pairs:
        theirs, mark, ours = pair.rpartition("=")
        if not mark or not theirs:
            raise Refusal(
                f"“{pair}” names no plan.", 'Write --plan "Their name=our-address"; "Their name="'
                " for an account without access.",
            )  # fmt: skip
        chosen[theirs.strip()] = ours.strip()
    return chosen


def _try(found: SubscriberImport) -> int:
    tried = dry_run(found, listing_of(found))
    found.delete()
    _say(tried.counts, list(tried.problems), len(tried.problems))
    print("This was a dry run: nothing was imported.")
    return 1 if tried.problems else 0


def _do(found: SubscriberImport) -> int:
    found.refresh_from_db()
    actions.run_import(found)
    found.refresh_from_db()
    told = found.problems.count()
    _say(found.counts, list(found.problems.all()[:SHOWN]), told)
    print(f"Import {found.pk} is done. Nobody was charged, no mail was sent.")
    return 1 if told else 0


def _say(
    counts: Mapping[str, int], problems: list[Problem] | list[ImportProblem], told: int
) -> None:
    for words, number in counted(dict(counts)):
        print(f"{number:>8}  {words}")
    for one in problems[:SHOWN]:
        print(f"  line {one.line}: {one.wrong}\n      {one.remedy}")
    if told > SHOWN:
        print(f"  and {told - SHOWN} more; the desk has all of them: Readers, Import.")
