"""Renews the digest of the journal: in a process of its own, so that no reader waits for it.

`python -m broadsheet.gate.digesting FOLDER`, nicer than the gate that starts it. Any number of them
may be started by several gates: one works, the others end at once.
"""

import fcntl
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from broadsheet.gate.digest import KEPT, NAME, RENEWED_WITHIN, write_digest
from broadsheet.gate.replay import taken_up

log = logging.getLogger("broadsheet.gate")

NICENESS = 10
ROOT = Path(__file__).resolve().parents[2]

TAIL_BYTES = 4 * 1024 * 1024
"""Of lines that no digest covers, before it is renewed: some 55,000, read in 0.1 s."""

REST_SECONDS = 60.0
"""Between the end of a renewal and the next: on a big news day readers come first, and what is
written in a minute is read in a fraction of a second."""

RENEWED_EACH = RENEWED_WITHIN / 2
"""Seconds: what is old goes out of the digest, however little is read."""


def renew(folder: Path, now: float) -> bool:
    """Write the digest anew at `now` (Unix seconds), unless somebody just did or is about to.
    Raises OSError."""
    with _alone(folder) as alone:
        if not alone:
            return False
        found = taken_up(folder, now - KEPT, now - KEPT)
        if found.tail < TAIL_BYTES / 2 and _age(folder, now) < RENEWED_EACH / 2:
            return False
        write_digest(folder, found)
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process writes a digest meanwhile. The system lets go of the lock of one
    that is killed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _age(folder: Path, now: float) -> float:
    try:
        return now - (folder / NAME).stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):
        return RENEWED_WITHIN


class Digester:
    """Has the digest renewed: when so much was written, and twice a day. `clock` gives Unix
    seconds."""

    def __init__(self, folder: Path, *, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock
        self._due = clock() + RENEWED_EACH - max(0, _age(folder, clock()))
        self._digested = 0
        self._rested_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def take_tail(self, tail: int, written: int) -> None:
        """So many bytes of lines were found that no digest covers, the `written` ones included."""
        self._digested = written - tail

    def tick(self, written: int) -> None:
        """Look whether it is time; `written` bytes were written by this gate so far."""
        if self._thread is not None:
            return
        rested = time.monotonic() >= self._rested_at
        much = rested and written - self._digested >= TAIL_BYTES
        if much or self._clock() >= self._due:
            self._due = self._clock() + RENEWED_EACH
            self._digested = written
            # Only to be renewed: what is little is read quickly without one.
            if much or (self._folder / NAME).exists():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        command = [sys.executable, "-m", __name__, str(self._folder.absolute())]
        environ = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
        try:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environ)
            self._process.wait()
        except OSError as error:
            log.warning("The digest of the journal could not be renewed: %s", error)
        finally:
            self._rested_at = time.monotonic() + REST_SECONDS
            self._process = self._thread = None

    def close(self) -> None:
        """End it: what it has not finished is as if it had not begun."""
        process = self._process
        if process is not None:
            process.terminate()


def main() -> int:
    """Renew the digest of the folder that is named."""
    os.nice(NICENESS)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s gate: %(message)s")
    try:
        renew(Path(sys.argv[1]), time.time())
    except OSError as error:
        log.warning("The digest of the journal could not be renewed: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
