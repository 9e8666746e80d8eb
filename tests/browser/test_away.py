"""When the playground goes away, or the app in it answers badly, the page says what to do, and goes on."""

from threading import Event
from urllib.parse import parse_qs

from kitchen import WORKSPACE
from playwright.sync_api import expect
from stages import apart

from bot.playing import opened

ANN, ASHA = "Ann Archer", "Asha Patel"


def test_a_page_left_open_across_a_restart_recovers_by_itself(visit):
    with apart(opened(0)) as before:
        visitor = visit(before.address)
        visitor.opens()
        away = visitor.page.locator("#away")
        visitor.goes(ASHA, "what-we-learned")
        expect(away).to_be_hidden()
    expect(away).to_have_text("The playground does not answer. This page goes on by itself as soon as it is back.")
    visitor.composer(ASHA).fill("Is anybody there?")
    visitor.composer(ASHA).press("Enter")
    expect(visitor.page.locator("#notice")).to_have_text("The playground does not answer. Try again in a moment.")
    expect(visitor.composer(ASHA)).to_have_value("Is anybody there?")

    with apart(opened(before.slack.server.port)):
        expect(away).to_be_hidden()
        expect(visitor.screen(ASHA).get_by_role("heading", name="what-we-learned")).to_be_visible()
        visitor.writes(ASHA, "Here I am again.")
        visitor.sees(ASHA, "Here I am again.")
        visitor.page.close()
    # The browser itself notes down each time that nobody answered.
    visitor.troubles[:] = [each for each in visitor.troubles if "ERR_" not in each]


def test_a_sentence_says_what_to_do_where_there_is_no_app(workshop, visit):
    visitor = visit(workshop(WORKSPACE).address)
    visitor.opens()
    visitor.writes(ANN, "/table")
    expect(visitor.page.locator("#notice")).to_have_text(
        "No app is known yet: say where it listens, or connect it by Socket Mode."
    )
    expect(visitor.composer(ANN)).to_have_value("/table")


def test_a_sentence_says_what_to_do_where_the_app_answers_badly(workshop, visit):
    over = Event()

    def bad(environ, start):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        words = parse_qs(body)["text"][0]
        if words == "late":
            over.wait(10)
        start("401 Unauthorized" if words == "secret" else "200 OK", [("Content-Type", "application/json")])
        return [b'{"blocks": [{"type": "teapot"}]}' if words == "wrong" else b""]

    page = workshop(WORKSPACE, lambda _: bad)
    page.slack.delivery.patience = 0.3
    visitor = visit(page.address)
    visitor.opens()
    notice = visitor.page.locator("#notice")
    visitor.writes(ANN, "/table late")
    expect(notice).to_have_text("The app took longer than 0.3 seconds. Slack would show an error here.")
    over.set()
    visitor.writes(ANN, "/table secret")
    expect(notice).to_contain_text("The app answered 401 at /slack/events")
    visitor.writes(ANN, "/table wrong")
    expect(notice).to_have_text(
        "The app answered with blocks that Slack refuses: the refused call says where they are wrong."
    )
    visitor.opens_tool("Inspector")
    refused = visitor.page.locator("#inspector .entry.refused", has_text="invalid_blocks").first
    refused.locator("summary").click()
    expect(refused).to_contain_text("/blocks/0/type")
