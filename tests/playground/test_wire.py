"""Mishaps, events, Socket Mode, the books that are kept, and the example in the README."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError

import pytest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from test_refusals import SECTION, an_input, modal, refusal

from playground import Clock, Slack

README = Path(__file__).parents[2] / "playground" / "README.md"


def test_the_example_in_the_readme_runs(capsys):
    code = next(code for code in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL) if "Slack()" in code)
    exec(compile(code, str(README), "exec"), {})  # noqa: S102  # Our own words.

    assert capsys.readouterr().out == "One *green* tea, coming up.\n"


def test_a_call_can_be_refused_by_script(slack, client):
    """So often, and only where it applies; it is not counted as Slack's own refusal."""
    slack.refuse("chat.postMessage", "ratelimited", times=2, retry_after=7, where={"channel": "C0TEA"})

    assert client.chat_postMessage(channel="U0ASHA", text="x")["ok"]
    answer = refusal(client.chat_postMessage, channel="C0TEA", text="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    refusal(client.chat_postMessage, channel="C0TEA", text="x")
    assert client.chat_postMessage(channel="C0TEA", text="x")["ok"]
    assert slack.refused == []
    assert [call.scripted for call in slack.calls] == [False, True, True, False]


def test_a_call_can_meet_a_broken_page(slack, client, people):
    """With done=True it takes effect all the same."""
    slack.refuse("chat.postMessage", status=500)
    slack.refuse("chat.postMessage", status=503, done=True)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="non-JSON"):
            client.chat_postMessage(channel="U0ASHA", text="x")

    assert len(people.asha.dm) == 1


def test_a_connection_can_be_cut_after_the_deed(slack, client, people):
    slack.refuse("chat.postMessage", cut=True, where=lambda arguments: arguments["text"] == "x")
    with pytest.raises((URLError, ConnectionError)):
        client.chat_postMessage(channel="U0ASHA", text="x")

    assert [message.text for message in people.asha.dm] == ["x"]


def test_an_event_is_sent_again_when_it_was_not_taken(app, run, people, slack):
    """The second time says that it is the first repetition."""
    heard = []

    @app.event("app_home_opened")
    def home(request):
        heard.append(request.headers.get("x-slack-retry-num"))
        if len(heard) == 1:
            raise RuntimeError

    run()
    assert not people.asha.opens_home().ok
    assert [answer.ok for answer in slack.redeliver_events()] == [True]
    assert slack.redeliver_events() == []
    assert heard == [None, ["1"]]


def test_an_event_is_given_up_after_three_repetitions(people, slack):
    slack.send_to("http://127.0.0.1:1/slack/events")
    people.asha.opens_home()

    assert [len(slack.redeliver_events()) for _ in range(4)] == [1, 1, 1, 0]


def test_what_people_say_is_told_where_the_app_is_and_asks(app, run, people):
    """A mention is told twice, as Slack does; a channel without the app is silent."""
    heard = []
    app.event("message")(lambda event: heard.append(event["channel_type"]))
    app.event("app_mention")(lambda event: heard.append(event["type"]))
    run()
    people.asha.says("Tea, <@U0APP>?", "C0TEA")
    people.asha.says("Psst", "C0QUIET")

    assert sorted(heard) == ["app_mention", "channel"]


def test_an_app_that_was_removed_has_no_token_left(app, run, slack, client):
    """And is told that it was."""
    heard = []
    app.event("app_uninstalled")(lambda event: heard.append(event["type"]))
    run()
    slack.uninstall()

    assert heard == ["app_uninstalled"]
    assert refusal(client.auth_test)["error"] == "token_revoked"


def test_shortcuts_reach_the_app(app, run, people, client):
    """A global one with a trigger, and one on a message with the message."""
    heard = []

    @app.shortcut("brew")
    def brew(ack, body):
        client.views_open(trigger_id=body["trigger_id"], view=modal(SECTION))
        ack()

    @app.shortcut("pour")
    def pour(ack, body):
        heard.append(body["message"]["text"])
        ack()

    run()
    people.asha.uses_shortcut("brew")
    people.dana.uses_message_shortcut("pour", people.asha.says("Mine", "C0TEA"))

    assert people.asha.modal.title == "A title"
    assert heard == ["Mine"]


def test_what_the_manifest_does_not_have_nobody_can_use(slack, people):
    with pytest.raises(LookupError, match="/coffee is not a command"):
        people.asha.types("/coffee")
    with pytest.raises(LookupError, match="no message shortcut 'brew'"):
        people.asha.uses_message_shortcut("brew", people.asha.says("x"))
    slack.manifest = {"features": {"slash_commands": []}}
    with pytest.raises(LookupError, match="does not subscribe"):
        people.asha.opens_home()


def test_an_unsigned_request_is_not_what_slack_sends(app, run, people, slack):
    """Signed with another secret, the app refuses it."""
    app.command("/tea")(lambda ack: ack("Tea"))
    run()
    slack.delivery.signing_secret = "another"

    assert people.asha.types("/tea").status == 401


@pytest.fixture
def socket(app, slack):
    """The app connected by Socket Mode, once its listeners are on it."""
    handler = SocketModeHandler(app, slack.app_token)

    def connect():
        handler.connect()
        assert slack.wait_for_socket()

    yield connect
    handler.close()


def test_an_app_may_be_connected_by_socket_mode(app, socket, people, client, slack):
    """Commands, forms with objections, and events go through the same door."""
    app.command("/tea")(lambda ack: ack("Tea"))
    app.view("form")(lambda ack: ack(response_action="errors", errors={"it": "Wrong."}))
    app.event("app_home_opened")(
        lambda event: client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [SECTION]})
    )
    socket()
    assert people.asha.types("/tea").text == "Tea"

    view = modal(an_input({"type": "plain_text_input"}), callback_id="form")
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
    people.asha.fills(it="x")
    people.asha.submits()
    assert people.asha.modal.errors == {"it": "Wrong."}

    people.asha.opens_home()
    assert people.asha.home.text == "words"
    assert slack.failures == []


def test_a_socket_opens_with_a_ticket_alone(slack):
    """And a ticket is given only for the app's own token."""
    bot = WebClient(slack.bot_token, base_url=slack.api_url)

    assert refusal(bot.apps_connections_open, app_token=slack.bot_token)["error"] == "not_allowed_token_type"


def test_everything_that_goes_over_the_wire_can_be_written_down(tmp_path):
    """Without tokens, a line for each."""
    calls, incoming = tmp_path / "deep" / "calls.jsonl", tmp_path / "incoming.jsonl"
    with Slack(record=calls, record_incoming=incoming) as slack:
        asha = slack.add_person("U0ASHA", "Asha Patel")
        WebClient(slack.bot_token, base_url=slack.api_url).chat_postMessage(
            channel="U0ASHA", blocks=[SECTION], text="x"
        )
        slack.send_to("http://127.0.0.1:1/")
        asha.types("/tea", "green")

    expected = {"method": "chat.postMessage", "args": {"channel": "U0ASHA", "blocks": [SECTION], "text": "x"}}
    assert [json.loads(line) for line in calls.read_text().splitlines()] == [expected]
    line = json.loads(incoming.read_text())
    assert (line["kind"], line["payload"]["text"]) == ("slash_commands", "green")


def test_a_workspace_opens_again_at_the_same_address():
    slack = Slack()
    slack.start()
    address = slack.api_url
    slack.stop()
    with slack:
        assert slack.api_url == address
        assert WebClient(base_url=address).api_test()["ok"]


def test_all_of_slacks_time_comes_from_its_clock():
    """Message stamps are that moment, and never the same twice."""
    clock = Clock(datetime(2026, 6, 1, 9, tzinfo=UTC))
    with Slack(now=clock.now) as slack:
        slack.add_person("U0ASHA", "Asha Patel")
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        stamps = [client.chat_postMessage(channel="U0ASHA", text="x")["ts"] for _ in range(3)]
        clock.advance(timedelta(days=1))
        stamps.append(client.chat_postMessage(channel="U0ASHA", text="x")["ts"])

    assert stamps == ["1780304400.000000", "1780304400.000001", "1780304400.000002", "1780390800.000000"]
    with pytest.raises(ValueError, match="no time zone"):
        clock.set(datetime(2026, 6, 1))  # noqa: DTZ001  # The very point.


def test_people_are_told_as_slack_tells_them(client):
    """Who is an administrator, who a stranger, and what time it is where they are."""
    dana = client.users_info(user="U0DANA", include_locale=True)["user"]
    sam = client.users_info(user="U0STRANGE")["user"]

    assert (dana["real_name"], dana["tz"], dana["is_admin"], dana["locale"]) == (
        "Dana Okoro",
        "America/New_York",
        True,
        "en-GB",
    )
    assert (sam["is_stranger"], sam["team_id"]) == (True, "T0OTHER")
    assert [user["id"] for user in client.users_list()["members"]] == ["U0APP", "U0ASHA", "U0DANA"]


def test_the_app_knows_itself(client, slack):
    answer = client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (slack.team, slack.bot_user, "B0APP")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


def test_a_conversation_can_be_read_back(client, people, slack):
    """Newest first, a page at a time, threads apart, metadata when asked for."""
    metadata = {"event_type": "tea", "event_payload": {"cups": 2}}
    parent = client.chat_postMessage(channel="C0TEA", text="1", metadata=metadata)
    client.chat_postMessage(channel="C0TEA", text="in the thread", thread_ts=parent["ts"])
    people.asha.says("2", "C0TEA")
    first = client.conversations_history(channel="C0TEA", limit=1)
    cursor = first["response_metadata"]["next_cursor"]
    second = client.conversations_history(channel="C0TEA", limit=1, cursor=cursor, include_all_metadata=True)
    replies = client.conversations_replies(channel="C0TEA", ts=parent["ts"])

    assert [first["messages"][0]["text"], second["messages"][0]["text"]] == ["2", "1"]
    assert second["messages"][0]["metadata"] == metadata
    assert [message["text"] for message in replies["messages"]] == ["1", "in the thread"]


def test_conversations_are_opened_listed_and_described(slack, client):
    """What the scopes allow."""
    slack.api.scopes = None

    assert client.conversations_open(users="U0ASHA")["channel"]["id"] == "D0ASHA"
    assert client.conversations_open(users=["U0ASHA"], return_im=True)["already_open"]
    assert [c["name"] for c in client.conversations_list()["channels"]] == ["tea", "quiet"]
    assert client.conversations_info(channel="C0QUIET")["channel"]["is_member"] is False
    assert client.conversations_info(channel="D0ASHA")["channel"]["user"] == "U0ASHA"
