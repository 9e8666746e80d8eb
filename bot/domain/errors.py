"""What may stand in the way of an answer; whatever is not here is a bug."""


class UserError(Exception):
    """A sentence for the person who asked; `field` names the form field that it is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class AlreadyDone(Exception):  # noqa: N818 - it is not an error: the work stands, nothing is left to do
    """The very same request was carried out before, so there is nothing left to do."""


class Unsure(Exception):  # noqa: N818 - nobody knows whether it is an error
    """The line broke while the work was being committed: it may stand or not."""
