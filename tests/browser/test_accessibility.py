"""Nobody is kept out: what axe finds in each state of the page, and what only a walk through it finds."""

import re
from itertools import chain

import pytest
from axe_playwright_python.sync_playwright import Axe
from gallery import FORM, HOME, MESSAGES, SHOWN, gallery
from playwright.sync_api import expect
from typist import Typist

from playground.block_kit import BLOCKS, ELEMENTS

ASHA, BEN, DANA, ANN = "Asha Patel", "Ben Novak", "Dana Okafor", "Ann Archer"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
PHONE, NARROW, ZOOMED, TABLET = (390, 844), (320, 640), (720, 450), (1024, 768)  # Zoomed: 1440 by 900 at 200 %.

# Whatever is pressed or chosen is at least as large as a fingertip's smallest target; links inside sentences are not.
SMALL = """() => [...document.querySelectorAll("button, select, summary, input, textarea, .b-button, .menu a, label")]
  .filter((each) => each.clientWidth > 1)
  .filter((each) => each.checkVisibility() && !each.matches(".b-option input, .b-label") && !each.closest("[inert]"))
  .map((each) => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([html, { width, height }]) => `${width} by ${height}: ${html}`)"""
# What is wider than the page, or than the part of a screen that it stands in.
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".scroll, .places, .tool, .guide, .modal")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.checkVisibility())
  .map((each) => each.outerHTML.slice(0, 120))"""
# Every sentence that is read out, when it comes.
LISTEN = """() => {
  window.heard = [];
  for (const region of document.querySelectorAll("#news, #notice")) {
    const told = () => region.textContent && window.heard.push(region.textContent);
    new MutationObserver(told).observe(region, { childList: true, characterData: true, subtree: true });
  }
}"""


def is_clean(visitor, state, *schemes):
    """Axe finds nothing, and every target is large enough; by day and by night."""
    for scheme in schemes or ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        found = Axe().run(visitor.page, options=RULES).response["violations"]
        troubles = [f"{one['id']} {node['target']} {node['html'][:200]}" for one in found for node in one["nodes"]]
        assert troubles == [], (state, scheme)
    assert visitor.page.evaluate(SMALL) == [], state


def has_size(visitor, size):
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})


def shows(visitor, tool):
    """Open or close the inspector or the mishaps."""
    visitor.page.get_by_role("button", name=tool, exact=True).click()


def proposes(visitor):
    visitor.guide("Type it for me")
    expect(visitor.form(ASHA)).to_contain_text("Give it a short name")


def sends(visitor):
    visitor.guide("Fill in the form for me")
    expect(visitor.form(ASHA).locator('[data-block="title"]')).not_to_have_value("")
    visitor.presses(ASHA, "Check and send")
    visitor.sees(DANA, "is it safe enough to try?")


# --- what axe finds ---


def test_axe_finds_nothing_from_first_sight_to_an_agreed_proposal(visitor):
    assert visitor.page.title() == "Office of House Moves · a Slack of its own"
    is_clean(visitor, "first sight")
    proposes(visitor)
    is_clean(visitor, "a form")
    visitor.presses(ASHA, "Check and send")
    expect(visitor.form(ASHA).locator(".error").first).to_be_visible()
    is_clean(visitor, "a form with errors")
    sends(visitor)
    is_clean(visitor, "a message with buttons, and a form without fields")
    visitor.presses(ASHA, "Close")
    visitor.goes(DANA, "Home")
    expect(visitor.screen(DANA).get_by_role("heading", name="Waiting for me")).to_be_visible()
    visitor.composer(ASHA).fill("/exp")
    is_clean(visitor, "Home, and commands to choose from")
    visitor.composer(ASHA).fill("/experiment help")
    visitor.composer(ASHA).press("Enter")
    visitor.sees(ASHA, "Only visible to you")
    is_clean(visitor, "a message for one person only")


def test_axe_finds_nothing_behind_the_scenes_with_three_screens(visitor):
    page = visitor.page
    visitor.page.get_by_role("button", name="Add a screen").click()
    for name in (DANA, BEN):
        visitor.goes(name, "house-moves")
    page.get_by_label("Who uses this screen").last.select_option(DANA)
    expect(visitor.screen(DANA)).to_have_count(2)
    is_clean(visitor, "two screens of one person", "light")
    page.get_by_label("Who uses this screen").last.select_option(BEN)
    menu = visitor.screen(BEN).get_by_label("More about the message from Ben Novak")
    menu.click()
    is_clean(visitor, "three screens in one channel, and an open menu")
    visitor.screen(BEN).get_by_role("button", name="Reply in thread").click()
    expect(visitor.screen(BEN).get_by_role("textbox", name="Reply in the thread")).to_be_focused()
    visitor.writes(BEN, "Twenty-two minutes, in fact.")
    visitor.sees(BEN, "Twenty-two minutes")
    shows(visitor, "Inspector")
    page.locator("#inspector summary").first.click()
    expect(page.locator("#inspector pre").first).to_be_visible()
    is_clean(visitor, "a thread, and an open entry of the inspector")
    shows(visitor, "Mishaps")
    page.get_by_role("button", name="Slack is slow").click()
    expect(page.locator("#mishaps .on")).to_have_text("on")
    is_clean(visitor, "a mishap that is on")
    page.get_by_role("button", name="Slack is slow").click()
    for size in (TABLET, NARROW):
        has_size(visitor, size)
        assert page.evaluate(SIDEWAYS) == [], size
        is_clean(visitor, size, "light")


def test_axe_finds_nothing_while_the_story_plays_and_nothing_scrolls_sideways(demo, visitor):
    page = visitor.page
    demo.story.pace = 0.3
    visitor.goes(ASHA, "Home")
    for size in (PHONE, NARROW, ZOOMED):
        has_size(visitor, size)
        assert page.evaluate(SIDEWAYS) == [], size
        is_clean(visitor, size)
    has_size(visitor, PHONE)
    visitor.screen(DANA).get_by_role("button", name="Places").click()
    is_clean(visitor, "the places on a phone")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Play the story").click()
    expect(page.locator(".told")).to_contain_text("Asha has an idea")
    expect(visitor.form(ASHA)).to_be_visible()
    is_clean(visitor, "the story on a phone")
    assert page.evaluate(SIDEWAYS) == []
    page.get_by_role("button", name="Pause the story").click()
    expect(page.get_by_role("button", name="Go on with the story")).to_be_focused()
    has_size(visitor, NARROW)
    assert page.evaluate(SIDEWAYS) == []


def test_axe_finds_nothing_in_any_block_or_element(workshop, visit):
    visitor = visit(workshop(SHOWN, gallery).address)
    visitor.opens("?pane=U0ANN@C0HALL")
    page, ann = visitor.page, visitor.screen(ANN)
    visitor.writes(ANN, "/table")
    visitor.sees(ANN, "Everything hangs.")
    has_size(visitor, (1440, 6400))  # So that everything is in sight, and looked at.
    is_clean(visitor, "every block of a message")
    for size in (PHONE, NARROW):
        has_size(visitor, size)
        assert page.evaluate(SIDEWAYS) == [], size
    has_size(visitor, (1440, 900))
    ann.get_by_role("button", name="Pour").click()
    expect(page.get_by_role("dialog", name="Really?")).to_be_visible()
    is_clean(visitor, "a question")
    page.keyboard.press("Escape")
    expect(ann.get_by_role("button", name="Pour")).to_be_focused()
    visitor.goes(ANN, "Home")
    visitor.sees(ANN, "How tea is made")
    is_clean(visitor, "every block of Home")
    visitor.goes(ANN, "hall")
    visitor.writes(ANN, "/form")
    has_size(visitor, (1440, 3600))
    is_clean(visitor, "every element")
    visitor.presses(ANN, "Send it")
    expect(page.locator(".error")).to_have_count(len([one for one in FORM["blocks"] if one["type"] == "input"]))
    for details in visitor.form(ANN).locator("details.multi > summary").all():
        details.click()
    is_clean(visitor, "every element with an error")
    has_size(visitor, NARROW)
    assert page.evaluate(SIDEWAYS) == []


def test_the_gallery_lacks_nothing():
    blocks = [*chain(*MESSAGES), *FORM["blocks"], *HOME["blocks"]]
    shown = {one["type"] for one in blocks}
    inside = chain(
        *(one.get("elements", ()) for one in blocks), *([one["accessory"]] for one in blocks if "accessory" in one)
    )
    used = {one["type"] for one in (*inside, *(one["element"] for one in blocks if "element" in one))}

    assert BLOCKS.keys() - shown == set()
    assert ELEMENTS.keys() - used == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_keep_what_is_chosen_to_be_seen(visitor, scheme):
    visitor.page.emulate_media(forced_colors="active")
    is_clean(visitor, "forced colours", scheme)
    line = """each => {
      const { outlineStyle, outlineColor, borderBottomColor } = getComputedStyle(each);
      return outlineStyle === "none" ? borderBottomColor : outlineColor;
    }"""
    page = visitor.page
    for chosen, other in {
        ".go[aria-current]": ".go:not([aria-current])",
        ".tabs [aria-current]": ".tabs :not([aria-current])",
        ".steps .next": ".steps .later",
        "[data-tool=guide][aria-expanded=true]": "[data-tool=mishaps]",
    }.items():
        assert page.locator(chosen).first.evaluate(line) != page.locator(other).first.evaluate(line), chosen


def test_nothing_moves_for_whom_moving_things_are_hard(visitor):
    moving = "() => document.getAnimations().length"

    assert visitor.page.evaluate(moving) == 0
    visitor.page.emulate_media(reduced_motion="no-preference")
    assert visitor.page.evaluate(moving) > 0


# --- what only a walk finds ---


def test_the_way_by_tab_leads_through_the_whole_page_and_back(visitor):
    visitor.page.get_by_role("button", name="Add a screen").click()
    shows(visitor, "Mishaps")
    expect(visitor.page.get_by_role("button", name="Slack is slow")).to_be_visible()
    expect(visitor.screen(BEN)).to_be_visible()
    typist, way = Typist(visitor), []
    visitor.page.locator(".skip").focus()
    for _ in range(150):
        typist.presses("Tab")
        way.append(typist.sees_the_focus())
        if "Go to the screens" in way[-1]:
            break
    else:
        pytest.fail("the keyboard is caught in\n" + "\n".join(way))
    for words in (
        "To the next thing due",
        "Start again",
        "Type it for me",
        "Play the story",
        "Write to",
        "Mishaps",
        "Slack is slow",
    ):
        assert any(words in heard for heard in way), words
    typist.presses("Enter")
    expect(visitor.page.get_by_role("main")).to_be_focused()


def test_a_screen_is_named_by_its_person_only_and_everything_stands_in_a_landmark(visitor):
    page = visitor.page

    expect(visitor.screen(ASHA)).to_have_accessible_name(ASHA)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for role, name in (("banner", ""), ("main", "Screens"), ("complementary", "Guide"), ("region", "Tools")):
        expect(page.get_by_role(role).and_(page.locator("body > *")).first).to_have_accessible_name(name)
    expect(page.get_by_role("navigation", name=f"Places of {ASHA}")).to_be_visible()


def test_what_arrives_on_several_screens_is_read_out_once_and_briefly(visitor):
    visitor.page.get_by_role("button", name="Add a screen").click()
    for name in (DANA, BEN):
        visitor.goes(name, "house-moves")
    visitor.page.evaluate(LISTEN)
    visitor.writes(BEN, "Again today, and again tomorrow. " * 10)
    visitor.sees(ASHA, "Again today")
    visitor.sees(DANA, "Again today")

    (heard,) = visitor.page.evaluate("window.heard")
    assert heard.startswith(f"A new message for {ASHA} and {DANA}, from {BEN}: Again today")
    assert len(heard) < 200


def test_the_new_time_is_read_out(visitor):
    visitor.page.evaluate(LISTEN)
    visitor.moves_the_clock("+1 day")

    expect(visitor.page.get_by_role("status").filter(has_text="It is now Tue 2 June 2026, 09:30.")).to_be_visible()
    assert visitor.page.evaluate("window.heard") == ["It is now Tue 2 June 2026, 09:30."]


def test_commands_are_offered_aloud_and_chosen_by_the_arrows(visitor):
    visitor.page.evaluate(LISTEN)
    field = visitor.composer(ASHA)
    field.press_sequentially("/ex")

    assert visitor.page.evaluate("window.heard") == ["1 command to choose from with the arrow keys."]
    field.press("ArrowDown")
    chosen = visitor.screen(ASHA).locator(".hints").get_by_role("option", selected=True)
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    field.press("Escape")
    expect(visitor.screen(ASHA).get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("/ex")
    field.press("ArrowUp")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))


def test_escape_closes_what_is_open_and_the_focus_goes_back(visitor):
    page, asha = visitor.page, visitor.screen(ASHA)
    for words in ("About this screen", "More about the message from Ben Novak"):
        menu = asha.get_by_label(words)
        menu.press("Enter")
        page.keyboard.press("Tab")
        expect(asha.locator("details.menu[open]")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(asha.locator("details.menu[open]")).to_have_count(0)
        expect(menu).to_be_focused()

    menu.press("Enter")
    asha.get_by_role("button", name="Reply in thread").press("Enter")
    expect(asha.get_by_role("textbox", name="Reply in the thread")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asha.get_by_role("group", name="Thread", exact=True)).to_have_count(0)
    expect(menu).to_be_focused()

    has_size(visitor, PHONE)
    places = asha.get_by_role("button", name="Places")
    places.press("Enter")
    page.keyboard.press("Tab")
    expect(asha.get_by_role("button", name="house-moves")).to_be_focused()
    page.keyboard.press("Escape")
    expect(places).to_be_focused()
    expect(asha.get_by_role("navigation")).to_be_hidden()
    places.press("Enter")
    asha.get_by_role("button", name="what-we-learned").press("Enter")
    expect(asha.get_by_role("heading", name="what-we-learned")).to_be_visible()
    expect(places).to_be_focused()


def test_a_menu_closes_when_the_focus_leaves_it(visitor):
    visitor.screen(ASHA).get_by_label("About this screen").press("Enter")
    visitor.composer(ASHA).focus()

    expect(visitor.screen(ASHA).locator("details.menu[open]")).to_have_count(0)


def test_an_error_is_named_in_words_where_the_focus_goes(visitor):
    proposes(visitor)
    visitor.presses(ASHA, "Check and send")
    first = visitor.form(ASHA).get_by_label("Give it a short name")

    expect(first).to_be_focused()
    expect(first).to_have_accessible_description(re.compile("This must be filled in"))
    expect(visitor.form(ASHA)).to_have_accessible_name("Propose an experiment")
