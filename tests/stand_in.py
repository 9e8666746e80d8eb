"""Runs the real command line around a very small bot, so that the plumbing is tested by itself."""

from __future__ import annotations

import sys
import types

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.cli import main
from bot.guard import Guard
from bot.metrics import Metrics
from db.engine import reading


class SmallBot:
    """Answers one command, and counts its beats."""

    def __init__(self, settings, engine, now, reach):
        self.beats = 0
        secret = settings.slack_signing_secret
        self.metrics = Metrics(reading(engine), now)
        self.guard = Guard(secret.get_secret_value() if secret else "", now, self.metrics, reach)
        self.bolt = App(
            client=WebClient(base_url=settings.slack_api_url),
            request_verification_enabled=False,
            authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U1"),
            process_before_response=True,
        )
        self.bolt.command("/experiment")(self.answer)

    def answer(self, ack, command):
        if command["text"] == "break":
            raise RuntimeError(command["token"])
        ack(f"You said {command['text']}.")

    def beat(self):
        self.beats += 1
        if self.beats == 1:
            raise RuntimeError("The first beat fails, with xoxb-this-must-not-be-seen in it.")

    def facts(self):
        return {"worker": None if self.beats > 1 else "No heart beats."}

    def close(self):
        self.beats = 0

    def next_digest(self):
        return "Nobody has shared anything yet."


if __name__ == "__main__":
    sys.modules["bot.app"] = types.SimpleNamespace(build=SmallBot)
    main()
