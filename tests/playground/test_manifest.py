"""A manifest is read before anything is made of it, and what is wrong is told by its place."""

import pytest

from playground import config

COMMAND = {"command": "/tea", "description": "Tea"}
SHORTCUT = {"name": "Brew", "type": "global", "callback_id": "brew", "description": "Brew"}


def made(manifest):
    return config.read({"people": [{"id": "U0ASHA", "name": "Asha"}], "manifest": manifest})


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        {"features": None, "settings": None, "oauth_config": None, "display_information": {"name": "Tea"}},
        {"features": {"slash_commands": None, "shortcuts": []}},
        {"features": {"slash_commands": [{**COMMAND, "usage_hint": "green", "should_escape": True}]}},
        {"features": {"shortcuts": [SHORTCUT, {**SHORTCUT, "type": "message"}]}},
    ],
)
def test_a_manifest_stays_as_it_is_written(manifest):
    assert made(manifest).manifest == manifest


@pytest.mark.parametrize(
    ("manifest", "place"),
    [
        *(
            ({"features": {"slash_commands": [COMMAND, {**COMMAND, name: None}]}}, f"slash_commands → 2 → {name}: ")
            for name in COMMAND
        ),
        *(({"features": {"shortcuts": [{**SHORTCUT, name: ""}]}}, f"shortcuts → 1 → {name}: ") for name in SHORTCUT),
        *(
            (
                {"features": {"shortcuts": [{n: v for n, v in SHORTCUT.items() if n != name}]}},
                f"shortcuts → 1 → {name}: this is missing.",
            )
            for name in SHORTCUT
        ),
        ({"features": {"slash_commands": [{**COMMAND, "command": "tea"}]}}, "slash_commands → 1 → command: "),
        ({"features": {"slash_commands": [{**COMMAND, "usage_hint": 5}]}}, "slash_commands → 1 → usage_hint: "),
        ({"features": {"slash_commands": "tea"}}, "slash_commands: "),
        ({"features": {"shortcuts": {"name": "Brew"}}}, "shortcuts: "),
        ({"features": {"bot_user": "Tea"}}, "features → bot_user: "),
        ({"features": []}, "manifest → features: "),
        ({"oauth_config": {"scopes": {"bot": None}}}, "oauth_config → scopes → bot: "),
        ({"settings": {"event_subscriptions": {"bot_events": "all"}}}, "event_subscriptions → bot_events: "),
        ("manifest", "manifest: "),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_where_it_is_wrong(manifest, place):
    with pytest.raises(config.ConfigError) as refused:
        made(manifest)

    assert place in str(refused.value)


def test_time_moves_by_at_most_three_digits():
    with pytest.raises(config.ConfigError, match="story → 1 → clock"):
        config.read({"people": [{"id": "U0ASHA", "name": "Asha"}], "story": [{"clock": "+9999 days"}]})
