"""A long conversation opens at its end, and grows by what is new alone."""

import pytest
from kitchen import WORKSPACE, kitchen, table
from playwright.sync_api import expect
from slack_sdk import WebClient

ANN = "Ann Archer"
HALF = 250
WORDS = "People wait on the phone for *twenty minutes* at lunch time, and then they ring again. "


@pytest.fixture
def long(workshop):
    """A page whose channel holds 500 messages, every other one with blocks."""
    people = ("U0ANN", "U0BOB")
    said = [{"who": people[n % 2], "at": "C0HALL", "say": f"{n}: {WORDS * (1 + n % 3)}"} for n in range(HALF)]
    page = workshop({**WORKSPACE, "prepare": said, "panes": WORKSPACE["panes"][:1]}, kitchen)
    page.slack.limit_rates(on=False)
    app = WebClient(page.slack.bot_token, base_url=page.slack.api_url)
    for _ in range(HALF):
        app.chat_postMessage(channel="C0HALL", text="The table", blocks=table())
    return page


def opens(visitor, place):
    """Open a channel alone, and give the milliseconds after which all of it was there."""
    visitor.opens(f"?pane=U0ANN@{place}")
    return visitor.page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")


def test_a_conversation_of_500_messages_opens_at_its_end_and_grows_by_what_is_new_alone(long, visit):
    visitor = visit(long.address)
    opens(visitor, "C0HALL")
    nothing, everything = opens(visitor, "C0ATTIC"), opens(visitor, "C0HALL")
    assert everything < 25 * nothing
    expect(visitor.messages(ANN)).to_have_count(2 * HALF)
    expect(visitor.messages(ANN).last).to_be_in_viewport()

    visitor.page.evaluate("document.querySelectorAll('.message').forEach(each => (each.stood = true))")
    with visitor.page.expect_response("**/parts?*") as answer:
        visitor.writes(ANN, "One more.")
    visitor.sees(ANN, "One more.")
    expect(visitor.messages(ANN).last).to_be_in_viewport()
    assert 2 * HALF == visitor.messages(ANN).evaluate_all("all => all.filter(each => each.stood).length")
    assert len(answer.value.body()) < len(visitor.page.content()) / 20
