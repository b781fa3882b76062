"""What the doctor says, one sentence at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence; `wrong` when something must be done, `remedy` says what."""

    text: str
    wrong: bool = False
    remedy: str = ""
