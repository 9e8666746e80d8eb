"""An experiment lived through on the page, by mouse."""

from playwright.sync_api import expect


def test_a_first_visitor_lives_through_an_experiment_with_the_guide(visitor):
    step = visitor.page.locator(".steps .next .step-title")
    expect(step).to_have_text("Asha has an idea")

    visitor.guide("Type it for me")
    expect(visitor.form("Asha Patel")).to_contain_text("Propose an experiment")
    visitor.guide("Fill in the form for me")
    expect(visitor.form("Asha Patel").locator('[data-block="title"]')).to_have_value("Ring back instead of queueing")
    visitor.presses("Asha Patel", "Check and send")
    visitor.sees("Dana Okafor", "is it safe enough to try?")
    expect(step).to_have_text("Dana says yes, with a promise")
