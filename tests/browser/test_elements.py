"""Every element that a person can use works in the browser, and the app hears what was chosen."""

import json
import re
from datetime import UTC, datetime

import pytest
from kitchen import WORKSPACE, kitchen
from playwright.sync_api import expect

ANN, BOB = "Ann Archer", "Bob Baker"


@pytest.fixture
def guest(workshop, visit):
    someone = visit(workshop(WORKSPACE, kitchen).address)
    someone.opens()
    return someone


def hears(guest, what, value):
    """The app has said in the channel what it heard; Bob reads it on his own screen."""
    words = f"{what}: {json.dumps(value, sort_keys=True)}"
    expect(guest.screen(BOB).locator(".message").last).to_contain_text(words)


def test_what_is_chosen_in_a_message_reaches_the_app_at_once(guest):
    guest.writes(ANN, "/table")
    ann = guest.screen(ANN)

    ann.get_by_role("button", name="Pour").click()
    asked = guest.page.get_by_role("dialog", name="Really?")
    expect(asked).to_contain_text("It is hot.")
    asked.get_by_role("button", name="Wait").click()
    expect(asked).to_have_count(0)
    ann.get_by_role("button", name="Pour").click()
    asked.get_by_role("button", name="Pour").click()
    hears(guest, "pour", "tea")
    expect(guest.screen(BOB).get_by_text("pour: ")).to_have_count(1)

    ann.get_by_label("Which tea").select_option("Green")
    asked.get_by_role("button", name="Wait").click()
    expect(ann.get_by_label("Which tea")).to_have_value("")
    ann.get_by_label("Which tea").select_option("Black")
    asked.get_by_role("button", name="Pour").click()
    hears(guest, "static_select", "black")
    ann.get_by_label("For whom").select_option("Bob Baker")
    hears(guest, "users_select", "U0BOB")
    ann.get_by_label("Where").select_option("#hall")
    hears(guest, "channels_select", "C0HALL")
    ann.get_by_label("More actions").click()
    ann.get_by_role("button", name="White").click()
    hears(guest, "overflow", "white")
    ann.get_by_role("radio", name="Green").check()
    hears(guest, "radio_buttons", "green")
    ann.get_by_role("checkbox", name="Black").check()
    hears(guest, "checkboxes", ["black"])
    ann.get_by_role("checkbox", name="White").check()
    hears(guest, "checkboxes", ["black", "white"])
    ann.get_by_label("Which day").fill("2026-06-08")
    hears(guest, "datepicker", "2026-06-08")
    ann.get_by_label("When").fill("09:30")
    hears(guest, "timepicker", "09:30")
    ann.locator("summary", has_text="Drinkers").click()
    ann.get_by_role("checkbox", name=BOB).check()
    hears(guest, "drinkers", ["U0BOB"])
    expect(guest.screen(BOB).get_by_role("radio", name="Green")).not_to_be_checked()


TYPED = {
    "word": "Tea & <cake>",
    "letter": "Dear cook,\nmore tea.",
    "number": "2.5",
    "mail": "ann@example.org",
    "link": "https://example.org/tea",
    "day": "2026-06-08",
    "hour": "09:30",
}
CHOSEN = {
    "one": ("Black", "black"),
    "person": (BOB, "U0BOB"),
    "room": ("#hall", "C0HALL"),
    "talk": ("#attic", "C0ATTIC"),
}
TICKED = {
    "some": {"Green": "green", "White": "white"},
    "people": {ANN: "U0ANN", BOB: "U0BOB"},
    "places": {"#hall": "C0HALL"},
    "chats": {"#attic": "C0ATTIC", "#hall": "C0HALL"},
}


def test_what_is_entered_in_a_form_reaches_the_app_when_it_is_sent(guest, tmp_path):
    guest.writes(ANN, "/form")
    form = guest.form(ANN)
    for name, words in {**TYPED, "rich": "As you like", "moment": "2026-06-08T09:30"}.items():
        form.get_by_label(name, exact=True).fill(words)
    for name, (words, _) in CHOSEN.items():
        form.get_by_label(name, exact=True).select_option(words)
    for name, choices in TICKED.items():
        form.locator("summary", has_text=f"{name}:").click()
        for words in choices:
            form.get_by_role("group", name=name, exact=True).get_by_role("checkbox", name=words).check()
    form.get_by_role("radiogroup", name="radio").get_by_role("radio", name="White").check()
    form.get_by_role("group", name="ticks").get_by_role("checkbox", name="Green").check()
    finds(form, "found", "bl").select_option("Black")
    finds(form, "finds", "gree").select_option("Green")
    finds(form, "finds", "whi").select_option(["Green", "White"])
    (tmp_path / "list.txt").write_text("tea, cake")
    form.get_by_label("files", exact=True).set_input_files(tmp_path / "list.txt")
    guest.presses(ANN, "Send it")

    expect(form).to_have_count(0)
    said = sent(guest)
    assert TYPED == {name: said[name] for name in TYPED}
    assert {name: value for name, (_, value) in CHOSEN.items()} == {name: said[name] for name in CHOSEN}
    assert {name: list(values.values()) for name, values in TICKED.items()} == {name: said[name] for name in TICKED}
    assert said["rich"]["elements"][0]["elements"] == [{"type": "text", "text": "As you like"}]
    assert said["moment"] == datetime(2026, 6, 8, 8, 30, tzinfo=UTC).timestamp()
    assert (said["radio"], said["ticks"]) == ("white", ["green"])
    assert (said["found"], said["finds"]) == ("black", ["green", "white"])
    assert said["files"] == ["list.txt"]


def finds(form, name, words):
    """Search in a select whose options the app gives, and give it when they are there."""
    form.get_by_label(f"Search: {name}").fill(words)
    found = form.get_by_label(name, exact=True)
    expect(found.locator("option").last).to_contain_text(re.compile(f"^{words}", re.IGNORECASE))
    return found


def sent(guest):
    """What the app says that it got with the form."""
    message = guest.screen(BOB).locator(".message .b-text").last
    expect(message).to_contain_text("sent: ")
    return json.loads(message.inner_text().removeprefix("sent: "))


def test_a_form_tells_the_app_of_some_fields_before_it_is_sent(guest):
    guest.writes(ANN, "/form")
    form = guest.form(ANN)
    form.get_by_label("entered").press_sequentially("one two")
    form.get_by_label("entered").press("Enter")
    hears(guest, "entered", "one two")
    form.get_by_label("typed").press_sequentially("three")
    hears(guest, "typed", "three")
    form.get_by_label("picked").select_option("White")
    hears(guest, "picked", "white")
    form.get_by_label("word", exact=True).press_sequentially("four")
    form.get_by_label("word", exact=True).press("Enter")
    for name, words in {"entered": "one two", "typed": "three", "word": "four"}.items():
        expect(form.get_by_label(name)).to_have_value(words)
    expect(guest.screen(BOB).locator(".message")).to_have_count(3)


def test_a_form_above_a_form_leaves_the_one_below_as_it_was(guest):
    guest.writes(ANN, "/form")
    form = guest.form(ANN)
    form.get_by_label("word", exact=True).fill("Still here")
    for end in ("Escape", "Enter"):
        form.get_by_role("button", name="One more").click()
        expect(form.get_by_label("wish", exact=True)).to_be_focused()
        form.get_by_label("wish", exact=True).fill("More tea")
        if end == "Escape":
            guest.page.keyboard.press("Escape")
        else:
            guest.presses(ANN, "Wish")
        expect(form.get_by_label("word", exact=True)).to_have_value("Still here")
        expect(form.get_by_role("button", name="One more")).to_be_focused()
    hears(guest, "wish", "More tea")
    guest.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(guest.composer(ANN)).to_be_focused()


def test_what_slack_itself_would_not_take_is_said_beside_the_field(guest, tmp_path):
    guest.writes(ANN, "/form")
    form = guest.form(ANN)
    (tmp_path / "tea.png").write_bytes(b"no picture")
    form.get_by_label("files", exact=True).set_input_files(tmp_path / "tea.png")
    for name, words in {"mail": "ann", "link": "tea.org", "number": "two"}.items():
        form.get_by_label(name, exact=True).fill(words)
    guest.presses(ANN, "Send it")
    for name, words in {
        "mail": "'ann' is no e-mail address.",
        "link": "'tea.org' is no address of a page.",
        "number": "'two' is no number that fits here.",
        "files": "'tea.png' is none of the kinds that are taken: txt.",
        "hour": "This must be filled in.",
    }.items():
        expect(form.get_by_label(name, exact=True)).to_have_accessible_description(re.compile(re.escape(words)))
        expect(form.locator(".error", has_text=words).first).to_be_visible()


def test_shortcuts_and_the_home_tab_are_at_hand(guest):
    guest.writes(BOB, "Soup today <3 & cake")
    ann = guest.screen(ANN)
    expect(ann.locator(".message")).to_contain_text("Soup today <3 & cake")
    ann.get_by_label("More about").click()
    ann.get_by_role("button", name="Salt").click()
    hears(guest, "salt", "Soup today &lt;3 &amp; cake")
    ann.get_by_label("About this screen").click()
    ann.get_by_role("button", name="Taste").click()
    hears(guest, "taste", "good")
    guest.goes(ANN, "Home")
    guest.sees(ANN, "Welcome home, U0ANN.")
