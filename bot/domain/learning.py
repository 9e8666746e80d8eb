"""What is said when an experiment has ended: two axes, a kind, a decision, and how far it is shared."""

from datetime import datetime, timedelta
from enum import StrEnum

COOLING_OFF = timedelta(days=1)


class Expected(StrEnum):
    """Whether what was expected happened."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    COULD_NOT_TELL = "could_not_tell"


EXPECTED_SAID = {
    Expected.YES: "Yes, it happened",
    Expected.PARTLY: "Partly",
    Expected.NO: "No, it did not",
    Expected.COULD_NOT_TELL: "We could not tell",
}


class Kind(StrEnum):
    """What kind of ending it was; the owner picks."""

    WORKED = "worked"
    INTELLIGENT_FAILURE = "intelligent_failure"
    SLIP = "slip"
    SEVERAL = "several"
    UNCLEAR = "unclear"


KIND_SAID = {
    Kind.WORKED: "It worked",
    Kind.INTELLIGENT_FAILURE: "It did not work, and it was worth trying",
    Kind.SLIP: "An avoidable slip",
    Kind.SEVERAL: "Several things came together",
    Kind.UNCLEAR: "It is not clear",
}


class Decision(StrEnum):
    """What happens next."""

    STOP = "stop"
    CHANGE = "change"
    REPEAT = "repeat"
    ADOPT = "adopt"
    SCALE = "scale"
    PARK = "park"


DECISION_SAID = {
    Decision.STOP: "Stop here",
    Decision.CHANGE: "Change it and try again",
    Decision.REPEAT: "Repeat it elsewhere",
    Decision.ADOPT: "Keep doing it here",
    Decision.SCALE: "Do it on a larger scale",
    Decision.PARK: "Put it aside for now",
}


class Level(StrEnum):
    """How much of who did it is told."""

    NAMES = "names"
    TEAM = "team"
    NO_NAMES = "no_names"


LEVEL_SAID = {
    Level.NAMES: "With our names",
    Level.TEAM: "With the team's name only",
    Level.NO_NAMES: "Without names",
}


def may_be_celebrated(kind: Kind, *, harm: bool) -> bool:
    """Slips and harm are mended in private, never celebrated."""
    return kind is not Kind.SLIP and not harm


def share_opens(stopped_at: datetime | None) -> datetime | None:
    """The moment from which a stopped trial may be shared: a day of cooling off; `None` means at once."""
    return stopped_at + COOLING_OFF if stopped_at else None
