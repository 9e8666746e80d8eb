"""What goes wrong at the press of a switch: nothing is lost, nothing is said twice, and people hear a sentence."""

from playwright.sync_api import expect

ASHA, DANA = "Asha Patel", "Dana Okafor"
ASKED = "is it safe enough to try?"
RED = "rgb(168, 18, 42)"


def lets_happen(visitor, title):
    visitor.opens_tool("Mishaps")
    with visitor.page.expect_response("**/mishap"):
        visitor.page.locator("#mishaps").get_by_role("button", name=title).click()


def left(visitor, title):
    """What stands beside a switch while it is on."""
    return visitor.page.locator("#mishaps li", has_text=title).locator(".on")


def test_a_slow_slack_delays_words_and_loses_none(demo, visitor):
    visitor.proposes(ASHA)
    visitor.sees(DANA, ASKED)
    visitor.goes(ASHA, "Messages")
    visitor.sees(ASHA, "Silence is never a no.")
    lets_happen(visitor, "Slack is slow")
    known = len(demo.slack.calls)
    visitor.presses(DANA, "Safe enough to try")
    visitor.sees(DANA, "Your note to them")
    visitor.presses(DANA, "Agree and send")
    visitor.sees(ASHA, "says it is safe enough to try.")
    visitor.sees(DANA, "signed it off on")
    expect(visitor.messages(DANA)).to_have_count(1)
    expect(visitor.messages(ASHA).filter(has_text="says it is safe enough to try.")).to_have_count(1)
    assert min(call.seconds for call in demo.slack.calls[known:]) >= 0.5


def test_what_slack_refuses_for_now_arrives_once_and_stands_red_in_the_inspector(visitor):
    lets_happen(visitor, "Slack says: too many (429)")
    expect(left(visitor, "too many")).to_have_text("3 more")
    visitor.proposes(ASHA)
    expect(visitor.messages(DANA)).to_have_count(0)

    visitor.opens_tool("Inspector")
    refused = visitor.page.locator("#inspector .entry.refused")
    expect(refused.first.locator(".result")).to_have_text("ratelimited")
    expect(refused.first.locator(".result")).to_have_css("color", RED)
    expect(visitor.page.locator("#count .refused")).to_contain_text("refused")
    entry = visitor.page.locator(f"#{refused.first.get_attribute('id')}")
    entry.locator("summary").click()
    expect(entry.get_by_role("group", name="Answer")).to_contain_text('"error": "ratelimited"')
    expect(entry.get_by_role("group", name="chat.postMessage with")).to_contain_text('"channel": "U0ASHA"')
    asked = visitor.page.locator("#inspector .entry", has_text="view_submission").first
    asked.locator("summary").click()
    expect(asked).to_contain_text('"X-Slack-Signature"')

    visitor.moves_the_clock("+1 hour")
    visitor.sees(DANA, ASKED)
    visitor.goes(ASHA, "Messages")
    expect(visitor.messages(ASHA)).to_have_count(1)
    expect(visitor.messages(DANA)).to_have_count(1)
    expect(entry).to_contain_text('"error": "ratelimited"')


def test_where_slack_is_broken_whoever_asked_is_told_so(visitor):
    lets_happen(visitor, "Slack is broken (500)")
    visitor.writes(ASHA, "/experiment propose")
    visitor.sees(ASHA, "Something went wrong on my side.")
    expect(left(visitor, "broken")).to_have_text("2 more")
    lets_happen(visitor, "Slack is broken (500)")
    expect(left(visitor, "broken")).to_have_count(0)
    visitor.writes(ASHA, "/experiment propose")
    visitor.sees(ASHA, "This takes about four minutes.")


def test_what_is_cut_off_or_arrives_twice_counts_once(demo, visitor):
    lets_happen(visitor, "The line is cut after Slack said yes")
    visitor.proposes(ASHA)
    visitor.sees(DANA, ASKED)
    expect(left(visitor, "The line is cut")).to_have_count(0)
    lets_happen(visitor, "Everything arrives twice")
    visitor.presses(DANA, "Safe enough to try")
    visitor.presses(DANA, "Agree and send")
    expect(visitor.form(DANA)).to_have_count(0)
    visitor.goes(ASHA, "Messages")
    visitor.sees(ASHA, "says it is safe enough to try.")
    visitor.moves_the_clock("+1 hour")
    expect(visitor.messages(DANA)).to_have_count(1)
    expect(visitor.messages(ASHA).filter(has_text="says it is safe enough to try.")).to_have_count(1)
    # What arrives again while the first is still being answered is let through; then the trigger has been used.
    assert {call.answer["error"] for call in demo.slack.refused} <= {"exchanged_trigger_id"}
    demo.slack.calls[:] = [call for call in demo.slack.calls if call not in demo.slack.refused]


def test_a_restart_and_a_locked_database_cost_a_second_press_and_no_more(demo, visitor):
    visitor.proposes(ASHA)
    visitor.sees(DANA, ASKED)
    lets_happen(visitor, "The bot is restarted")
    visitor.presses(DANA, "Safe enough to try")
    expect(visitor.page.locator("#notice")).to_contain_text("Nobody listens at")
    demo.stage.host.rest()
    visitor.presses(DANA, "Safe enough to try")
    visitor.sees(DANA, "Your note to them")
    expect(visitor.page.locator("#notice")).to_be_empty()

    lets_happen(visitor, "The database is locked")
    visitor.form(DANA).get_by_label("Your note to them").fill("Go on, Asha.")
    visitor.presses(DANA, "Agree and send")
    visitor.sees(DANA, "I cannot reach my records just now, so nothing was saved.")
    demo.stage.host.rest()
    expect(visitor.form(DANA).get_by_label("Your note to them")).to_have_value("Go on, Asha.")
    visitor.presses(DANA, "Agree and send")
    visitor.goes(ASHA, "Messages")
    visitor.sees(ASHA, "says it is safe enough to try.")
    visitor.moves_the_clock("+1 hour")
    expect(visitor.messages(ASHA).filter(has_text="says it is safe enough to try.")).to_have_count(1)
    expect(visitor.messages(DANA)).to_have_count(1)
