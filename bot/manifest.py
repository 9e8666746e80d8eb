"""The manifest: what Slack must know about this app, with or without a public address."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
EVENTS = "/slack/events"


class UnusableAddress(Exception):  # noqa: N818 - the message is a sentence for a person.
    """Slack could not send requests to this address."""


def text(url: str | None = None) -> str:
    """Give the manifest for Socket Mode, or for requests over HTTP to *url*."""
    shipped = _shipped()
    if url is None:
        return shipped
    return yaml.safe_dump(for_http(yaml.safe_load(shipped), url), sort_keys=False, allow_unicode=True, width=110)


def scopes() -> list[str]:
    """Name the scopes without which the bot cannot work."""
    asked: dict[str, list[str]] = yaml.safe_load(_shipped())["oauth_config"]["scopes"]
    return [scope for scope in asked["bot"] if scope not in asked.get("bot_optional", ())]


def for_http(manifest: dict[str, Any], url: str) -> dict[str, Any]:
    """Send events, interactions and commands to *url* in place of Socket Mode."""
    address = _checked(url) + EVENTS
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"] = {"request_url": address, **settings["event_subscriptions"]}
    settings["interactivity"] = {**settings["interactivity"], "request_url": address}
    commands = manifest["features"]["slash_commands"]
    manifest["features"]["slash_commands"] = [{**command, "url": address} for command in commands]
    return manifest


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        sentence = "Slack sends requests to https:// addresses only: give one such as https://bot.example.org."
        raise UnusableAddress(sentence)
    if parts.query or parts.fragment:
        sentence = "The address must end before any ? or #: give one such as https://bot.example.org."
        raise UnusableAddress(sentence)
    return url.removesuffix(EVENTS).rstrip("/")


def _shipped() -> str:
    # In a wheel the file lies in this package; in a checkout it lies where Slack's own tools expect it.
    installed = files("bot").joinpath("manifest.yml")
    if installed.is_file():
        return installed.read_text(encoding="utf-8")
    return (Path(__file__).parent.parent / "manifest.yml").read_text(encoding="utf-8")
