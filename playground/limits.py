"""What Slack allows, as data: one place for every number and every method's arguments."""

from dataclasses import dataclass, field
from datetime import timedelta

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
VIEW_BYTES = 250_000
VIEW_STACK = 3
VIEW_TITLE = 24
PRIVATE_METADATA = 3000
IDENTIFIER = 255
TEXT = 3000
MESSAGE_TEXT = 40_000
MESSAGE_PART = 4000  # Longer plain messages arrive as several.
UPDATE_TEXT = 4000
MARKDOWN_TEXT = 12_000
METADATA_BYTES = 8000
ATTACHMENTS = 100
TABLES_IN_MESSAGE = 1
CHARTS_IN_MESSAGE = 2
CHARTS = ("area", "bar", "line", "pie")
CHART_SERIES = 12
CHART_CATEGORIES = 20
CHART_LABEL = 20
QUERY_LENGTH = 3  # Letters typed before an external select asks the app, where it does not say.
PEOPLE_IN_A_CONVERSATION = 8

REQUEST_BYTES = 10_000_000
FORM_FIELDS = 1000
PAGE = 100  # What a list gives at once where the call does not say.
CHARSETS = ("utf-8", "utf8", "iso-8859-1", "us-ascii")

PATIENCE = 3.0  # Seconds that Slack waits for an acknowledgement.
TRIGGER_AGE = timedelta(seconds=3)
RESPONSE_URL_AGE = timedelta(minutes=30)
RESPONSE_URL_USES = 5
RESPONSE_BYTES = 1_000_000  # Of an app's answer.
EVENT_RETRIES_AFTER = (timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=5))
EVENT_RETRIES = len(EVENT_RETRIES_AFTER)
EVENT_RETRY_REASONS = {
    "operation_timeout": "http_timeout",
    "dispatch_unreachable": "connection_failed",
    "dispatch_unknown_error": "unknown_error",
    "dispatch_failed": "http_error",
}

FILE_BYTES = 20_000_000  # Far less than Slack's gigabyte: they are kept in memory.
FILES_BYTES = 200_000_000  # All of them together.
FILE_NAME = 255
SNIPPET_BYTES = 1_000_000
ALT_TXT = 1000
CHANNELS_OF_A_FILE = 100
FILES_IN_A_FIELD = 10
DIGITS = 15  # Of a whole number that somebody wrote out.

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
POSTS_PER_SECOND = 1.0  # In one channel.
POST_BURST = 20  # What Slack lets through at once before it counts seconds.


@dataclass(frozen=True)
class Method:
    """What one Web API method takes, needs and allows."""

    tier: int
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()  # Any one of them is enough.
    token: str = "bot"  # noqa: S105  # A kind of token, not a token.
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Gather every argument the method knows."""
        always = ("token", "team_id")
        object.__setattr__(self, "known", frozenset((*self.required, *self.optional, *always)))


_SAID = ("attachments", "blocks", "text", "markdown_text", "metadata", "as_user", "link_names", "parse")
_FACE = ("icon_emoji", "icon_url", "username", "thread_ts")
_PAGE = ("cursor", "limit")
_SPAN = (*_PAGE, "include_all_metadata", "inclusive", "latest", "oldest")
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_WRITE = ("channels:manage", "groups:write", "im:write", "mpim:write")
_OPENING = ("trigger_id", "interactivity_pointer")

METHODS: dict[str, Method] = {
    "api.test": Method(4, (), ("error", "foo")),
    "auth.test": Method(5),
    "apps.connections.open": Method(3, token="app"),  # noqa: S106  # A kind of token, not a token.
    "chat.postMessage": Method(
        5,
        ("channel",),
        (*_SAID, *_FACE, "mrkdwn", "reply_broadcast", "unfurl_links", "unfurl_media"),
        ("chat:write",),
    ),
    "chat.update": Method(3, ("channel", "ts"), (*_SAID, "reply_broadcast", "file_ids"), ("chat:write",)),
    "chat.delete": Method(3, ("channel", "ts"), ("as_user",), ("chat:write",)),
    "chat.postEphemeral": Method(4, ("channel", "user"), (*_SAID, *_FACE), ("chat:write",)),
    "conversations.open": Method(3, (), ("channel", "return_im", "users", "prevent_creation"), _WRITE),
    "conversations.info": Method(3, ("channel",), ("include_locale", "include_num_members"), _READ),
    "conversations.history": Method(3, ("channel",), _SPAN, _HISTORY),
    "conversations.replies": Method(3, ("channel", "ts"), _SPAN, _HISTORY),
    "conversations.list": Method(2, (), (*_PAGE, "exclude_archived", "types"), _READ),
    "files.getUploadURLExternal": Method(4, ("length", "filename"), ("alt_txt", "snippet_type"), ("files:write",)),
    "files.completeUploadExternal": Method(
        4,
        ("files",),
        ("blocks", "channel_id", "channels", "icon_emoji", "icon_url", "initial_comment", "thread_ts", "username"),
        ("files:write",),
    ),
    "files.info": Method(4, ("file",), (*_PAGE, "count", "page"), ("files:read",)),
    "files.delete": Method(3, ("file",), (), ("files:write",)),
    "users.info": Method(4, ("user",), ("include_locale",), ("users:read",)),
    "users.list": Method(2, (), (*_PAGE, "include_locale"), ("users:read",)),
    "views.open": Method(4, ("view",), _OPENING),
    "views.push": Method(4, ("view",), _OPENING),
    "views.update": Method(4, ("view",), ("view_id", "external_id", "hash")),
    "views.publish": Method(4, ("user_id", "view"), ("hash", "interactivity_pointer")),
}
JSON_ARGUMENTS = frozenset({"attachments", "blocks", "files", "metadata", "view"})
RESPONSE_FIELDS = frozenset(
    {
        "attachments",
        "blocks",
        "delete_original",
        "metadata",
        "mrkdwn",
        "replace_original",
        "response_type",
        "text",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
    }
)
