"""How the paper refuses: what is wrong, and what to do about it."""


class Refusal(Exception):
    """A clear error: nothing was changed, and `remedy` says what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy
