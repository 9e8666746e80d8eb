"""Reads what a workspace is like, and what happens in it, from a file or a mapping."""

from pathlib import Path
from typing import Annotated, Any, Literal, Required
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    ValidationError,
    model_validator,
    with_config,
)
from typing_extensions import TypedDict

Json = dict[str, Any]
APP = "app"  # The place where the app's own messages are read.
HOME = "home"


class ConfigError(Exception):
    """The workspace cannot be made; the message says why, and what to do, a line for each thing."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        message = f"{name!r} is no time zone such as Europe/London"
        raise ValueError(message) from None
    return name


def _several(one: Any) -> Any:
    return ([one] if one else []) if isinstance(one, str) else one


Zone = Annotated[str, AfterValidator(_known_zone)]
Move = Annotated[str, Field(pattern=r"^(next|\+\d{1,3} (minute|hour|day|week)s?)$")]


Written = Annotated[str, Field(min_length=1)]
_LOOSE = with_config(ConfigDict(extra="allow"))  # A manifest says more than the playground reads.


@_LOOSE
class _Command(TypedDict, total=False):
    command: Required[Annotated[str, Field(pattern=r"^/\S+$")]]
    description: Required[Written]
    usage_hint: str | None


@_LOOSE
class _Shortcut(TypedDict):
    name: Written
    type: Literal["global", "message"]
    callback_id: Written
    description: Written


@_LOOSE
class _BotUser(TypedDict, total=False):
    display_name: str


@_LOOSE
class _Features(TypedDict, total=False):
    app_home: Json | None
    bot_user: _BotUser | None
    slash_commands: list[_Command] | None
    shortcuts: list[_Shortcut] | None


@_LOOSE
class _Scopes(TypedDict, total=False):
    bot: list[str]


@_LOOSE
class _Access(TypedDict, total=False):
    scopes: _Scopes | None


@_LOOSE
class _Events(TypedDict, total=False):
    bot_events: list[str] | None


@_LOOSE
class _Settings(TypedDict, total=False):
    event_subscriptions: _Events | None
    interactivity: Json | None


@_LOOSE
class _Manifest(TypedDict, total=False):
    features: _Features | None
    oauth_config: _Access | None
    settings: _Settings | None


Manifest = Annotated[Json, GetPydanticSchema(lambda _, handler: handler(_Manifest))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonPart(_Part):
    """Somebody in the workspace."""

    id: str = Field(pattern=r"^[UW][A-Z0-9]+$")
    name: str = Field(min_length=1)
    role: str = ""
    tz: Zone | None = None
    locale: str = "en-GB"
    admin: bool = False
    guest: bool = False


class ChannelPart(_Part):
    """A channel, and who is in it."""

    id: str = Field(pattern=r"^[CG][A-Z0-9]+$")
    name: str = Field(pattern=r"^[^\s#]+$")
    topic: str = ""
    members: Literal["everybody"] | tuple[str, ...] = "everybody"
    app: bool = True
    private: bool = False


class PanePart(_Part):
    """Who sits before a pane of the page, and what they look at: the first channel, where nothing is said."""

    who: str
    at: str = ""


class UntilPart(_Part):
    """What must stand on somebody's screen."""

    who: str
    sees: str = ""
    modal: str = ""


class StepPart(_Part):
    """One step of the guide."""

    title: str
    words: str
    who: str
    at: str = ""
    point: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    type: str = ""
    fill: Json = {}
    until: UntilPart


class DeedPart(_Part):
    """One thing that somebody does, the clock does, or the storyteller says."""

    who: str = ""
    at: str = ""
    tell: str = ""
    type: str = ""
    say: str = ""
    shortcut: str = ""
    press: str = ""
    value: str | None = None
    fill: Json = {}
    submit: bool = False
    close: bool | Literal["all"] = False
    look: str = ""
    clock: AwareDatetime | Move | None = None

    @model_validator(mode="after")
    def _has_one_deed(self) -> "DeedPart":
        kinds = ("tell", "type", "say", "shortcut", "press", "fill", "submit", "close", "look", "clock")
        done = [kind for kind in kinds if getattr(self, kind)]
        if len(done) != 1:
            message = f"a deed is exactly one of {', '.join(kinds)}"
            raise ValueError(message)
        if not self.who and done[0] not in ("tell", "clock"):
            message = f"say who does it: {done[0]} needs who"
            raise ValueError(message)
        return self

    @property
    def kind(self) -> str:
        """Which deed it is."""
        return next(kind for kind in type(self).model_fields if kind not in ("who", "at", "value") and self._has(kind))

    def _has(self, kind: str) -> bool:
        return bool(getattr(self, kind))


class Config(_Part):
    """A workspace: who and what is in it, and what a visitor may be led through."""

    name: str = "Playground"
    manifest: Manifest | None = None
    keys: dict[Literal["signing_secret", "bot_token", "app_token"], Annotated[str, Field(min_length=1)]] = {}
    begins: AwareDatetime | None = None
    zone: Zone = "Europe/London"
    people: tuple[PersonPart, ...] = Field(min_length=1)
    channels: tuple[ChannelPart, ...] = ()
    panes: tuple[PanePart, ...] = Field((), max_length=3)
    guide: tuple[StepPart, ...] = ()
    prepare: tuple[DeedPart, ...] = ()
    story: tuple[DeedPart, ...] = ()

    @model_validator(mode="after")
    def _names_only_what_is_there(self) -> "Config":
        people = [one.id for one in self.people]
        places = {APP, HOME, "", *(one.id for one in self.channels)}
        for each in (people, [one.id for one in self.channels]):
            twice = {name for name in each if each.count(name) > 1}
            if twice:
                message = f"{', '.join(sorted(twice))} is there twice"
                raise ValueError(message)
        for who, at in self._named():
            if who and who not in people:
                message = f"nobody has the id {who}: people are {', '.join(people)}"
                raise ValueError(message)
            if at not in places:
                message = f"there is no place {at!r}: say app, home, or one of {', '.join(sorted(places - {''}))}"
                raise ValueError(message)
        return self

    def _named(self) -> list[tuple[str, str]]:
        members = [(who, "") for one in self.channels if one.members != "everybody" for who in one.members]
        steps = [(step.who, step.at) for step in self.guide] + [(step.until.who, "") for step in self.guide]
        deeds = [(deed.who, place) for deed in (*self.prepare, *self.story) for place in (deed.at, deed.look)]
        return [*members, *((pane.who, pane.at) for pane in self.panes), *steps, *deeds]


def read(source: Json, name: str = "The workspace") -> Config:
    """Make the mapping *source* a config; raises ConfigError with a line for each thing that is wrong."""
    try:
        return Config.model_validate(source)
    except ValidationError as error:
        # A list that lost its malformed items may then look too short: only the items are worth telling.
        told = [one for one in error.errors() if one["type"] != "too_short" or not one["input"]]
        raise ConfigError("\n".join(_line(name, one) for one in told)) from error


def read_file(path: Path) -> Config:
    """Read a file such as workspace.yml, and the manifest beside it; raises ConfigError."""
    source = _yaml(path)
    if isinstance(source.get("manifest"), str):
        source["manifest"] = _yaml(path.parent / source["manifest"])
    return read(source, path.name)


def _yaml(path: Path) -> Json:
    try:
        source = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}): check the path."
        raise ConfigError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not text: save it as UTF-8."
        raise ConfigError(message) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        message = f"{path} is not well-formed YAML{where}: {getattr(error, 'problem', None) or 'it cannot be read'}."
        raise ConfigError(message) from error
    if not isinstance(source, dict):
        message = f"{path} must hold names and values, such as people: […]."
        raise ConfigError(message)
    return source


def _line(name: str, error: Any) -> str:
    where = " → ".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    what = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        what = "there is no such setting; check its spelling"
    elif error["type"] == "missing":
        what = "this is missing"
    return f"{name}: {where + ': ' if where else ''}{what}."
