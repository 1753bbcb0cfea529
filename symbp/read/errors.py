"""What is raised when a text has no reading, or more than one.

The reader never guesses. An :class:`UnreadableError` says what is wrong, which piece of the text it
is about (offsets, so that a caret can be drawn under it) and what would be accepted instead.
The bounds keep the time to a refusal at milliseconds whatever is sent in.
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_CHARACTERS = 8_000
MAX_TOKENS = 3_000
MAX_PIECES = 1_600
MAX_NESTING = 48
MAX_DIGITS = 60
MAX_EXPONENT = 400


class UnreadableError(ValueError):
    """A text that cannot be read in exactly one way.

    ``start`` and ``end`` are offsets into the text of the formula; ``accepted`` is what to write
    instead, or empty.

    >>> error = UnreadableError("x_12 prints as x_1 2", 0, 4, "x_{12}")
    >>> print(error.marked("x_12 = 3"))
    x_12 = 3
    ^^^^
    """

    def __init__(self, message: str, start: int = 0, end: int = 0, accepted: str = "") -> None:
        super().__init__(f"{message}; accepted: {accepted}" if accepted else message)
        self.message = message
        self.start = start
        self.end = max(end, start)
        self.accepted = accepted

    def within(self, offset: int) -> UnreadableError:
        """The same error, when the text starts ``offset`` characters into a longer one."""
        return UnreadableError(
            self.message, self.start + offset, self.end + offset, self.accepted
        )

    def at(self, places: Sequence[int]) -> UnreadableError:
        """The same error, when the text stands for another one: ``places`` are offsets there."""
        last = len(places) - 1
        start, end = (places[min(offset, last)] for offset in (self.start, self.end))
        return UnreadableError(self.message, start, end, self.accepted)

    def marked(self, source: str) -> str:
        """The line of the source that is at fault, with carets under the piece."""
        begin = source.rfind("\n", 0, self.start) + 1
        end = source.find("\n", self.start)
        line = source[begin : end if end >= 0 else len(source)]
        column = self.start - begin
        width = max(1, min(self.end - self.start, len(line) - column))
        return f"{line}\n{' ' * column}{'^' * width}"
