"""An experiment lived through on the page, by mouse."""

import re

from playwright.sync_api import expect

ASHA, DANA, BEN = "Asha Patel", "Dana Okafor", "Ben Novak"


def test_a_first_visitor_lives_through_an_experiment_with_the_guide(visitor):
    step = visitor.page.locator(".steps .next .step-title")
    expect(step).to_have_text("Asha has an idea")

    visitor.guide("Type it for me")
    expect(visitor.form(ASHA)).to_contain_text("Propose an experiment")
    visitor.guide("Fill in the form for me")
    expect(visitor.form(ASHA).locator('[data-block="title"]')).to_have_value("Ring back instead of queueing")
    visitor.presses(ASHA, "Check and send")
    visitor.sees(DANA, "is it safe enough to try?")
    visitor.photographs("asked")

    expect(step).to_have_text("Dana says yes, with a promise")
    visitor.presses(DANA, "Safe enough to try")
    expect(visitor.form(DANA)).to_contain_text("Your note to them")
    visitor.photographs("promise")
    visitor.presses(DANA, "Agree and send")

    expect(step).to_have_text("Asha stops it in time")
    visitor.presses(ASHA, "Close")
    visitor.moves_the_clock("To the next thing due")
    visitor.goes(ASHA, "Messages")
    visitor.presses(ASHA, "Stop now")
    visitor.sees(ASHA, "safely. Nothing else is needed today.")
    expect(visitor.button(ASHA, "Stop now")).to_have_count(0)
    visitor.photographs("stopped")

    expect(step).to_have_text("Asha writes what it taught")
    visitor.moves_the_clock("+1 day")
    visitor.presses(ASHA, "Write what it taught")
    visitor.guide("Fill in the form for me")
    visitor.presses(ASHA, "Keep it")
    expect(visitor.screen(ASHA).locator(".message").last).to_contain_text("Share")
    visitor.presses(ASHA, "Share")
    expect(visitor.form(ASHA)).to_contain_text("preview")
    visitor.presses(ASHA, "Share")
    visitor.sees(ASHA, "will be told in the next digest")

    expect(step).to_have_text("Others learn from it, and say thank you")
    visitor.moves_the_clock("To the next thing due")
    visitor.goes(DANA, "what-we-learned")
    visitor.sees(DANA, "Ring back instead of queueing")
    visitor.photographs("digest")
    visitor.presses(DANA, "Thank you")
    visitor.sees(ASHA, "What it taught reached")
    expect(visitor.page.locator("#guide")).to_contain_text("That was all.")
    visitor.photographs_on_a_phone("phone")


def test_the_story_plays_by_itself_to_its_end_and_everything_can_begin_again(demo, visitor):
    guide, now = visitor.page.locator("#guide"), visitor.page.locator("#now")
    visitor.guide("Play the story")
    expect(guide.locator(".told")).to_contain_text("Asha has an idea, and is a little nervous.")
    visitor.guide("Pause the story")
    demo.story.pace = 0.02
    visitor.guide("Go on with the story")
    expect(guide).to_contain_text("That was the story.", timeout=30_000)
    expect(guide.locator(".told")).to_contain_text("Nobody counts the thanks.")
    expect(now).to_contain_text("Thu 18 June 2026, 10:00")
    visitor.sees(BEN, "What it taught reached")

    visitor.page.get_by_role("button", name="Start again").click()
    expect(now).to_have_text("Mon 1 June 2026, 09:30")
    expect(visitor.page.locator(".steps .next .step-title")).to_have_text("Asha has an idea")
    expect(visitor.messages(BEN)).to_have_count(0)
    expect(visitor.page.locator("#notice")).to_have_text("Everything begins again.")


def test_the_guide_shows_where_the_next_thing_is_and_can_be_put_away(visitor):
    page = visitor.page
    visitor.screen(DANA).get_by_label("About this screen").click()
    visitor.presses(DANA, "Close this screen")
    visitor.goes(ASHA, "Home")
    visitor.guide("Show me where")
    expect(visitor.composer(ASHA)).to_be_focused()
    expect(visitor.composer(ASHA)).to_have_class("pointed")
    visitor.proposes(ASHA)
    expect(page.locator(".steps .next .step-title")).to_have_text("Dana says yes, with a promise")
    visitor.guide("Show me where")
    expect(visitor.button(DANA, "Safe enough to try")).to_be_focused()

    visitor.guide("Close the guide")
    expect(page.locator("#guide")).to_be_hidden()
    expect(page.locator(".pointed")).to_have_count(0)
    expect(page.get_by_role("group", name="Show").get_by_role("button", name="Guide")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#guide")).to_be_visible()
    expect(visitor.button(DANA, "Safe enough to try")).to_have_class(re.compile("pointed"))
