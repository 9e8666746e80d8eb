"""One request from Slack: who asks, under which natural key, and the ways to answer that person."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.domain.errors import UserError
from bot.listeners.sentences import sentence
from bot.services import people
from bot.services.people import Facts
from bot.services.work import WHO, Act, Store
from bot.views import kit
from bot.views.kit import Block, View
from db.patience import left

LOOK_UP_TIMEOUT = 1  # Seconds: two people may have to be looked up before the answer.
TIMEOUT = 2  # Seconds: Slack shows an error after three.
SLACKBOT = "USLACKBOT"
OVERTAKEN = {"hash_conflict", "not_found"}
SILENT_SLACK = "Slack did not answer me just now, so nothing was changed. Please try again in a minute."
NOBODY = {"user_not_found", "user_not_visible", "users_not_found"}


@dataclass(frozen=True)
class Ask:
    """One request of one person."""

    store: Store
    client: WebClient
    body: dict[str, Any]
    team: str

    @property
    def person(self) -> str:
        """Who asks, by Slack id."""
        user = self.body.get("user") or self.body.get("event", {}).get("user") or self.body.get("user_id")
        return str(user["id"] if isinstance(user, dict) else user)

    @property
    def act(self) -> Act:
        """Who asks, for what changes nothing or may be repeated."""
        return Act(self.team, self.person)

    @property
    def once(self) -> Act:
        """Who asks, under the key that makes the same request the same act."""
        return Act(self.team, self.person, self.natural_key)

    @property
    def natural_key(self) -> str:
        """What Slack repeats when it repeats a request."""
        if self.body.get("type") == "view_submission":
            return f"view:{self.view['id']}:{self.view['hash']}"
        if self.body.get("type") == "block_actions":
            return f"action:{self.body.get('trigger_id')}:{self.action['action_ts']}"
        if self.body.get("type") == "event_callback":
            return f"event:{self.body['event_id']}"
        return f"trigger:{self.body.get('trigger_id')}"

    @property
    def action(self) -> dict[str, Any]:
        """The button or input that was used."""
        return dict(self.body["actions"][0])

    @property
    def value(self) -> str:
        """What the button stands for."""
        return str(self.action.get("value", ""))

    @property
    def view(self) -> View:
        """The form or Home that the request came from; empty for a message."""
        return self.body.get("view") or {}

    @property
    def about(self) -> int:
        """The number that a form carries along; a tampered one is refused."""
        return row_id(str(self.view.get("private_metadata", "")))

    @property
    def subject(self) -> int:
        """The number that a button carries along; a tampered one is refused."""
        return row_id(self.value)

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What stands in the form."""
        return kit.values(self.view)

    def meet(self, others: Iterable[str] = ()) -> None:
        """Learn from Slack who the person and *others* are, unless it is known freshly; outsiders are refused."""
        user = self.body.get("user")
        if isinstance(user, dict) and user.get("team_id", self.team) != self.team:
            raise UserError(WHO["external"])
        for slack_id in people.unknown(self.store, self.team, [self.person, *others]):
            if found := self.look_up(slack_id):
                people.remember(self.store, self.team, facts(found, self.team))

    def look_up(self, slack_id: str) -> dict[str, Any] | None:
        """What Slack says of somebody; when it says nothing, whom we have met before we still know."""
        try:
            return dict(self.slack(LOOK_UP_TIMEOUT).users_info(user=slack_id, include_locale=True)["user"])
        except (SlackApiError, OSError) as error:
            unknown = isinstance(error, SlackApiError) and error.response.get("error") in NOBODY
            if unknown or people.is_known(self.store, self.team, slack_id):
                structlog.get_logger().warning("Slack does not say who somebody is", error=type(error).__name__)
                return None
            raise UserError(SILENT_SLACK) from error

    def slack(self, timeout: int = TIMEOUT) -> WebClient:
        """Slack, asked with no more patience than there is time before the answer."""
        client = copy(self.client)
        client.timeout = soon(timeout)
        return client

    def open(self, build: Callable[[], View], loading: View | None = None) -> None:
        """Open a form: a tiny one at once, because a trigger lives three seconds, then the real one."""
        waiting = loading or kit.notice("Safe to Fail", "One moment.")
        slack = self.slack()
        method = slack.views_push if self.view.get("type") == "modal" else slack.views_open
        opened = method(trigger_id=self.body["trigger_id"], view=waiting)["view"]
        try:
            self.meet()
            view = build()
        except Exception as error:  # noqa: BLE001 - the window is open, and must not say "One moment" for ever
            self.note_refusal(error)
            view = kit.notice("Safe to Fail", sentence(error))
        self.slack().views_update(view_id=opened["id"], hash=opened["hash"], view=view)

    def note_refusal(self, error: Exception) -> None:
        """Write down who was refused what, by ids alone; a field that was filled in wrongly is no refusal."""
        if isinstance(error, UserError) and not error.field:
            used = self.action.get("action_id") if self.body.get("actions") else self.view.get("callback_id")
            what = str(used or self.body.get("command") or self.body.get("callback_id") or "-")[:64]
            about = self.value if self.body.get("actions") else str(self.view.get("private_metadata", ""))
            number = about if about.isascii() and about.isdigit() else None
            structlog.get_logger().info("refused", team=self.team, person=self.person, what=what, about=number)

    def redraw(self, view: View) -> None:
        """Show *view* in the place of the form that the request came from; what is typed stays where names stay."""
        with overtaken():
            self.slack().views_update(view_id=self.view["id"], hash=self.view["hash"], view=view)

    def say(self, *blocks: Block) -> None:
        """Tell only the person who asked: beside the message, or in a window where there is no message."""
        url = self.body.get("response_url")
        if url:
            WebhookClient(url, timeout=soon(TIMEOUT), ssl=self.client.ssl, retry_handlers=[]).send_dict(
                {"response_type": "ephemeral", "replace_original": False, **kit.message(*blocks)}
            )
        elif self.body.get("trigger_id"):
            notice = kit.notice("Safe to Fail") | {"blocks": list(blocks)}
            slack = self.slack()
            method = slack.views_push if self.view.get("type") == "modal" else slack.views_open
            method(trigger_id=self.body["trigger_id"], view=notice)


def soon(seconds: int) -> int:
    """So many seconds, or the one that is left when the records have used up the time for the answer."""
    return max(round(left(seconds)), 1)


@contextmanager
def overtaken() -> Iterator[None]:
    """A window that has changed or closed meanwhile is left alone."""
    try:
        yield
    except SlackApiError as error:
        if error.response.get("error") not in OVERTAKEN:
            raise


def row_id(text: str) -> int:
    """The id in *text*; anything else is refused with `UserError`."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(2**31)) - 1:
        raise UserError("This button or form is no longer in use. `/experiment` shows you where things are.")
    return int(text)


def facts(user: dict[str, Any], team: str) -> Facts:
    """What Slack says of somebody, in our words."""
    profile = user.get("profile") or {}
    name = user.get("real_name") or profile.get("real_name") or profile.get("display_name") or user.get("name") or ""
    return Facts(
        slack_id=user["id"],
        name=name,
        zone=user.get("tz") or "",
        kind=kind(user, team),
        locale=user.get("locale"),
        is_admin=bool(user.get("is_admin")),
    )


def kind(user: dict[str, Any], team: str) -> str:
    """Member, guest, external, bot or gone."""
    if user.get("is_bot") or user["id"] == SLACKBOT:
        return "bot"
    if user.get("deleted"):
        return "gone"
    if user.get("is_stranger") or user.get("team_id", team) != team:
        return "external"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "guest"
    return "member"
