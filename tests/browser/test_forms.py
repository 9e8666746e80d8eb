"""Forms: what is wrong stands beside its field, and nothing that was typed is lost."""

import re

from playwright.sync_api import expect

ASHA, DANA = "Asha Patel", "Dana Okafor"


def field(visitor, name):
    return visitor.form(ASHA).locator(f'[data-block="{name}"]')


def beside(visitor, name):
    """The error that a screen reader tells with the field, where it can be seen too."""
    box = visitor.form(ASHA).locator(".b-input", has=visitor.page.locator(f'[data-block="{name}"]'))
    return box.locator(".error:visible")


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(visitor):
    visitor.writes(ASHA, "/experiment propose")
    expect(visitor.form(ASHA)).to_contain_text("This takes about four minutes.")
    visitor.fills(ASHA, title="Ring them back", people="many")
    visitor.presses(ASHA, "Check and send")

    expect(beside(visitor, "problem")).to_have_text("✗ This must be filled in.")
    expect(field(visitor, "problem")).to_be_focused()
    expect(field(visitor, "problem")).to_have_accessible_description(re.compile(r"This must be filled in\."))
    expect(beside(visitor, "people")).to_have_text("✗ 'many' is no number that fits here.")
    expect(beside(visitor, "contained")).to_have_text("✗ This must be filled in.")
    expect(beside(visitor, "title")).to_have_count(0)
    expect(field(visitor, "title")).to_have_value("Ring them back")
    expect(field(visitor, "people")).to_have_value("many")

    visitor.guide("Fill in the form for me")
    expect(field(visitor, "title")).to_have_value("Ring back instead of queueing")
    visitor.fills(ASHA, end="2026-05-30", sponsor="U0ASHA", team="The early shift")
    visitor.presses(ASHA, "Check and send")
    expect(beside(visitor, "end")).to_have_text("✗ The end must be at least one day after the start.")
    expect(beside(visitor, "problem")).to_have_count(0)
    expect(field(visitor, "end")).to_be_focused()
    visitor.fills(ASHA, end="2026-06-03")
    visitor.presses(ASHA, "Check and send")
    expect(beside(visitor, "sponsor")).to_have_text("✗ Nobody signs off their own experiment. Choose somebody else.")
    expect(field(visitor, "team")).to_have_value("The early shift")
    visitor.fills(ASHA, sponsor="U0DANA", people="4000")
    visitor.presses(ASHA, "Check and send")
    visitor.sees(ASHA, "4,000 people, where the ceiling is 50.")

    visitor.presses(ASHA, "Change my answers")
    expect(field(visitor, "team")).to_have_value("The early shift")
    visitor.fills(ASHA, people="9")
    visitor.presses(ASHA, "Check and send")
    visitor.sees(DANA, "is it safe enough to try?")
