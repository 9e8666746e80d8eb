"""Several screens side by side: they stay in step, and an old one does no harm."""

import re

from playwright.sync_api import expect

ASHA, DANA, BEN, ADA = "Asha Patel", "Dana Okafor", "Ben Novak", "Ada Lindqvist"


def unread(visitor, name):
    """How much is unread in all places of a narrow screen."""
    return visitor.screen(name).get_by_role("button", name="Places").locator(".badge")


def said(visitor, name, words):
    return visitor.screen(name).locator(".message", has_text=words)


def test_three_screens_stay_in_step(visitor):
    page = visitor.page
    page.get_by_role("button", name="Add a screen").click()
    expect(page.get_by_role("combobox", name="Who uses this screen").last).to_be_focused()
    expect(page.get_by_role("button", name="Add a screen")).to_be_hidden()
    visitor.goes(BEN, "house-moves")
    expect(unread(visitor, DANA)).to_have_text("1 unread")

    visitor.composer(BEN).fill("I was about to")
    visitor.writes(ASHA, "Who rings first tomorrow?\n*Not* me.")
    expect(said(visitor, BEN, "Who rings first tomorrow?")).to_be_visible()
    expect(unread(visitor, DANA)).to_have_text("2 unread")
    expect(visitor.composer(BEN)).to_have_value("I was about to")

    said(visitor, BEN, "Who rings").get_by_label("More about").click()
    visitor.presses(BEN, "Reply in thread")
    expect(visitor.composer(BEN)).to_be_focused()
    visitor.writes(BEN, "I do.")
    visitor.presses(ASHA, "1 reply")
    expect(visitor.screen(ASHA).locator(".thread").get_by_text("I do.")).to_be_visible()
    expect(said(visitor, BEN, "I do.")).to_have_count(1)
    visitor.presses(BEN, "Close the thread")

    visitor.goes(BEN, ASHA)
    visitor.writes(BEN, "Only for you.")
    visitor.presses(ASHA, "Close the thread")
    expect(unread(visitor, ASHA)).to_have_text("1 unread")
    visitor.goes(ASHA, BEN)
    expect(said(visitor, ASHA, "Only for you.")).to_be_visible()
    expect(unread(visitor, ASHA)).to_have_count(0)

    visitor.goes(ASHA, "house-moves")
    visitor.goes(BEN, "house-moves")
    visitor.writes(ASHA, "/experiment help")
    expect(said(visitor, ASHA, "Only visible to you")).to_contain_text("/experiment propose")
    expect(said(visitor, BEN, "/experiment")).to_have_count(0)

    visitor.screen(DANA).get_by_role("combobox", name="Who uses this screen").select_option(ADA)
    visitor.goes(ADA, "what-we-learned")
    visitor.screen(BEN).get_by_label("About this screen").click()
    visitor.presses(BEN, "Close this screen")
    expect(visitor.screen(BEN)).to_have_count(0)
    page.reload()
    expect(page.locator(".pane h2")).to_have_text([re.compile(ASHA), re.compile(ADA)])
    expect(visitor.screen(ADA).get_by_role("heading", name="what-we-learned")).to_be_visible()
