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


def test_an_old_button_says_what_has_changed_and_a_double_click_counts_once(visitor):
    old, new = visitor.page.locator("#pane-2"), visitor.page.locator("#pane-1")
    visitor.guide("Type it for me")
    visitor.guide("Fill in the form for me")
    expect(visitor.form(ASHA).locator('[data-block="title"]')).to_have_value("Ring back instead of queueing")
    visitor.button(ASHA, "Check and send").dblclick()
    visitor.sees(DANA, "EXP-1: is it safe enough to try?")
    visitor.presses(ASHA, "Close")

    new.get_by_label("Who uses this screen").select_option(DANA)
    new.get_by_role("navigation").get_by_role("button", name="Messages").click()
    old.get_by_label("About this screen").click()
    old.get_by_role("button", name="Let this screen stand still").click()
    new.get_by_role("button", name="Safe enough to try").dblclick()
    new.get_by_role("dialog").get_by_role("button", name="Agree and send").dblclick()
    expect(new.get_by_role("dialog")).to_have_count(0)
    expect(new.locator(".message")).to_contain_text(["signed it off on"])
    expect(visitor.page.get_by_text("That is not there any more.")).to_have_count(0)

    old.get_by_role("button", name="Safe enough to try").click()
    expect(new.get_by_role("dialog")).to_contain_text("You have signed off EXP-1 already. Nothing was changed.")
    old.get_by_label("About this screen").click()
    old.get_by_role("button", name="Let this screen go on").click()
    expect(old.locator(".message")).to_contain_text(["signed it off on"])
    expect(old.get_by_role("dialog")).to_contain_text("You have signed off EXP-1 already.")
    new.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(old.get_by_role("dialog")).to_have_count(0)
