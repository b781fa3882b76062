"""What a check of the books finds."""

from typing import NamedTuple


class Problem(NamedTuple):
    """A sentence that names the row, and what to do about it."""

    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


TAMPERED = (
    "The paper never writes this: somebody changed the database. Book nothing more, and compare"
    " with the last good backup."
)
KEY = (
    "Was the secret key changed, put the old one back. If not, somebody changed the database:"
    " compare with the last good backup."
)
REPORT = "Keep a copy of the database and report it: the program booked what it should not have."
