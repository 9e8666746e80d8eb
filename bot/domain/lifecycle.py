"""The life of an experiment: one table, every status listed, the ends too."""

from enum import StrEnum

from bot.domain.errors import UserError


class Status(StrEnum):
    """Where an experiment stands."""

    PROPOSED = "proposed"
    CONDITION = "condition"
    WITHDRAWN = "withdrawn"
    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"
    LEARNED = "learned"
    CLOSED = "closed"


class Step(StrEnum):
    """Something a person or the clock does to an experiment."""

    ASK_ANOTHER = "ask another sponsor"
    TALK = "ask to talk"
    AGREE = "agree"
    ASK_CONDITION = "ask for a condition"
    ACCEPT_CONDITION = "accept the condition"
    ANSWER_CONDITION = "answer the condition"
    WITHDRAW = "withdraw"
    CHECK_IN = "check in"
    EXTEND = "extend"
    STOP = "stop"
    UNDO_STOP = "undo the stop"
    FINISH = "finish"
    LEARN = "say what was learned"
    CLOSE = "close without a note"
    SHARE = "share"
    TAKE_BACK = "take back"


NEXT: dict[Status, dict[Step, Status]] = {
    Status.PROPOSED: {
        Step.TALK: Status.PROPOSED,
        Step.ASK_ANOTHER: Status.PROPOSED,
        Step.ASK_CONDITION: Status.CONDITION,
        Step.AGREE: Status.RUNNING,
        Step.WITHDRAW: Status.WITHDRAWN,
    },
    Status.CONDITION: {
        Step.ANSWER_CONDITION: Status.PROPOSED,
        Step.ASK_ANOTHER: Status.PROPOSED,
        Step.ACCEPT_CONDITION: Status.RUNNING,
        Step.WITHDRAW: Status.WITHDRAWN,
    },
    Status.RUNNING: {
        Step.CHECK_IN: Status.RUNNING,
        Step.EXTEND: Status.RUNNING,
        Step.STOP: Status.STOPPED,
        Step.FINISH: Status.FINISHED,
    },
    Status.STOPPED: {
        Step.UNDO_STOP: Status.RUNNING,
        Step.LEARN: Status.LEARNED,
        Step.CLOSE: Status.CLOSED,
    },
    Status.FINISHED: {
        Step.LEARN: Status.LEARNED,
        Step.CLOSE: Status.CLOSED,
    },
    Status.CLOSED: {Step.LEARN: Status.LEARNED},
    Status.LEARNED: {
        Step.SHARE: Status.LEARNED,
        Step.TAKE_BACK: Status.LEARNED,
    },
    Status.WITHDRAWN: {},
}

# What people read; each completes "EXP-1 is …".
SAID = {
    Status.PROPOSED: "waiting for its sponsor",
    Status.CONDITION: "waiting for its owner's answer to a condition",
    Status.WITHDRAWN: "withdrawn",
    Status.RUNNING: "running",
    Status.STOPPED: "stopped",
    Status.FINISHED: "finished, and its learning is not written yet",
    Status.LEARNED: "done, and its learning is written",
    Status.CLOSED: "closed without a learning note",
}

OPEN = frozenset({Status.PROPOSED, Status.CONDITION, Status.RUNNING, Status.STOPPED, Status.FINISHED})
AWAITING_SPONSOR = frozenset({Status.PROPOSED, Status.CONDITION})
AWAITING_LEARNING = frozenset({Status.STOPPED, Status.FINISHED})


def allows(status: Status, step: Step) -> bool:
    """Whether *step* may be taken now."""
    return step in NEXT[status]


def after(status: Status, step: Step, *, name: str = "This experiment") -> Status:
    """The status after *step*; an illegal step raises `UserError` and changes nothing."""
    if not allows(status, step):
        message = f"{name} is {SAID[status]} now, so it is not possible to {step}. Nothing was changed."
        raise UserError(message)
    return NEXT[status][step]


def picture() -> str:
    """The table as a Mermaid state diagram, as the README shows it."""
    lines = ["stateDiagram-v2", "    [*] --> proposed: propose"]
    for status, steps in NEXT.items():
        lines += [f"    {status} --> {then}: {step}" for step, then in steps.items()]
        if not steps:
            lines.append(f"    {status} --> [*]")
    return "\n".join(lines)
