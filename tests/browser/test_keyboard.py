"""The same experiment, lived through without a mouse."""

import re

import pytest
from playwright.sync_api import expect
from typist import Typist

ASHA, DANA = "Asha Patel", "Dana Okafor"


@pytest.fixture
def typist(visitor):
    return Typist(visitor)


def test_a_visitor_without_a_mouse_lives_through_an_experiment(visitor, typist):
    step = visitor.page.locator(".steps .next .step-title")
    proposes(visitor, typist)
    expect(step).to_have_text("Dana says yes, with a promise")
    agrees(visitor, typist)
    expect(step).to_have_text("Asha stops it in time")
    stops_it(visitor, typist)
    expect(step).to_have_text("Asha writes what it taught")
    writes_what_it_taught(visitor, typist)
    expect(step).to_have_text("Others learn from it, and say thank you")
    thanks(visitor, typist)
    expect(visitor.page.locator("#guide")).to_contain_text("That was all.")


def proposes(visitor, typist):
    asha = visitor.screen(ASHA)
    typist.goes_to("Write to house-moves", inside=asha)
    typist.writes("/exp")
    expect(asha.get_by_role("option", name="/experiment")).to_be_visible()
    typist.presses("ArrowDown", "Enter")
    typist.writes("propose")
    typist.presses("Enter")
    typist.is_led_into(visitor.form(ASHA), "Give it a short name")
    typist.writes("Ring them back")

    typist.goes_to("Fill in the form for me")
    typist.presses("Enter")
    expect(visitor.form(ASHA).get_by_label("Give it a short name")).to_have_value("Ring back instead of queueing")
    typist.goes_to("Check and send", back=True)
    typist.presses("Enter")
    visitor.sees(DANA, "is it safe enough to try?")
    typist.is_led_into(visitor.form(ASHA), "Propose an experiment")
    typist.presses("Escape")
    typist.is_led_back("Write to house-moves")


def agrees(visitor, typist):
    dana = visitor.screen(DANA)
    typist.goes_to("Safe enough to try", inside=dana)
    typist.presses("Space")
    typist.is_led_into(visitor.form(DANA), "Your note to them")
    typist.goes_to("Agree and send", inside=dana)
    typist.presses("Enter")
    expect(visitor.form(DANA)).to_have_count(0)
    assert typist.is_in(dana)


def stops_it(visitor, typist):
    asha = visitor.screen(ASHA)
    typist.goes_to("To the next thing due", back=True)
    typist.presses("Enter")
    expect(visitor.page.locator("#now")).to_contain_text("Tue 2 June 2026, 10:00")
    typist.is_led_back("To the next thing due")
    typist.goes_to("Messages", inside=asha)
    typist.presses("Enter")
    typist.goes_to("Stop now", inside=asha)
    typist.presses("Enter")
    visitor.sees(ASHA, "safely. Nothing else is needed today.")


def writes_what_it_taught(visitor, typist):
    asha, form = visitor.screen(ASHA), visitor.form(ASHA)
    typist.goes_to(r"\+1 day", back=True)
    typist.presses("Enter")
    expect(visitor.page.locator("#now")).to_contain_text("Wed 3 June 2026")
    typist.goes_to("Write what it taught", inside=asha)
    typist.presses("Enter")
    typist.is_led_into(form, "What did you see")
    typist.writes("One of three picked up.")
    typist.goes_to("Yes, it happened")
    typist.presses("ArrowDown", "ArrowDown")
    expect(form.get_by_label("No, it did not")).to_be_checked()

    typist.goes_to("Fill in the form for me")
    typist.presses("Enter")
    expect(form.get_by_label("What did you see")).to_have_value(re.compile("cannot take calls"))
    typist.goes_to("Keep it", back=True)
    typist.presses("Enter")
    expect(visitor.button(ASHA, "Share").last).to_be_visible()
    typist.goes_to("Share", inside=asha)
    typist.presses("Enter")
    typist.is_led_into(form, "With our names")
    typist.goes_to("Share", inside=form)
    typist.presses("Enter")
    visitor.sees(ASHA, "will be told in the next digest")


def thanks(visitor, typist):
    dana = visitor.screen(DANA)
    typist.goes_to("To the next thing due", back=True)
    typist.presses("Enter")
    typist.goes_to("what-we-learned", inside=dana)
    typist.presses("Enter")
    visitor.sees(DANA, "Ring back instead of queueing")
    typist.goes_to("Thank you", inside=dana)
    typist.presses("Space")
    visitor.sees(ASHA, "What it taught reached")
