"""Time that a visitor lets pass: what falls due arrives, each at its own hour."""

from playwright.sync_api import expect

ASHA, DANA = "Asha Patel", "Dana Okafor"


def test_what_falls_due_arrives_at_its_own_hour(visitor):
    now = visitor.page.locator("#now")
    said = visitor.screen(DANA).locator("h4, .m-head time")
    visitor.proposes(ASHA)
    visitor.sees(DANA, "is it safe enough to try?")

    visitor.moves_the_clock("+1 hour")
    expect(now).to_have_text("Mon 1 June 2026, 10:30")
    visitor.moves_the_clock("+1 day")
    expect(now).to_have_text("Tue 2 June 2026, 10:30")
    visitor.sees(DANA, "is waiting for your answer. Only you see this reminder.")
    visitor.moves_the_clock("+1 week")
    expect(now).to_have_text("Tue 9 June 2026, 10:30")
    reminders = ["Tuesday 2 June", "10:00", "Wednesday 3 June", "10:00"]
    expect(said).to_have_text(["Monday 1 June", "09:30", *reminders])
    visitor.goes(DANA, "what-we-learned")
    expect(said).to_have_text(["Thursday 4 June", "10:00"])

    visitor.moves_the_clock("To the next thing due")
    expect(now).to_have_text("Thu 11 June 2026, 10:00")
    expect(said).to_have_text(["Thursday 4 June", "10:00", "Thursday 11 June", "10:00"])


class Idle:
    """An app that has nothing to do."""

    mishaps = ()

    def next_due(self):
        return None

    def settle(self):
        pass

    def start_again(self):
        pass


def test_where_nothing_is_due_a_sentence_says_so(workshop, visit):
    page = workshop({"people": [{"id": "U0ANN", "name": "Ann Archer"}], "begins": "2026-06-01T09:30:00+01:00"})
    page.stage.host = Idle()
    visitor = visit(page.address)
    visitor.opens()
    visitor.moves_the_clock("To the next thing due")
    expect(visitor.page.locator("#notice")).to_have_text("Nothing is due: the app waits for people.")
    expect(visitor.page.locator("#now")).to_have_text("Mon 1 June 2026, 09:30")
