"""What all commands share: mistakes in their arguments are reported in one line."""

import functools
import sys
from collections.abc import Callable


class UserError(Exception):
    """Something that was given is wrong or missing; the message names it and the remedy."""


def command(main: Callable[[list[str] | None], None]) -> Callable[[list[str] | None], None]:
    """A command's main(arguments) that ends with a UserError's message on stderr and status 1."""

    @functools.wraps(main)
    def wrapped(arguments: list[str] | None = None) -> None:
        try:
            main(arguments)
        except UserError as error:
            sys.exit(str(error))

    return wrapped
