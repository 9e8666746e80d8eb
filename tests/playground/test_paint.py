"""What a person sees on the page, and what a screen reader is told."""

from datetime import UTC, datetime

import pytest
from html_tree import read
from test_refusals import CONFIRM, SECTION, actions, button, mrkdwn, option, plain

from playground import Clock
from playground.browser.paint import draw, text
from playground.validate import check_blocks

NOON = 1780304400  # Monday 1 June 2026, 09:00 in Greenwich.


@pytest.fixture
def clock():
    return Clock(datetime(2026, 6, 1, 9, tzinfo=UTC))


# --- words ---

REL = 'target="_blank" rel="noopener noreferrer"'
MARKED = {
    "*bold* _slanted_ ~gone~ `code`": "<strong>bold</strong> <em>slanted</em> <s>gone</s> <code>code</code>",
    "*bold _and slanted_*": "<strong>bold <em>and slanted</em></strong>",
    "2*3*4 snake_case_name a~b~c": "2*3*4 snake_case_name a~b~c",
    "*** ** __ ~~": "*** ** __ ~~",
    "a &lt;b&gt; &amp; c": "a &lt;b&gt; &amp; c",
    "one\ntwo\n\nfour": "one<br>two<br><br>four",
    "before\n&gt; said\n&gt; twice\nafter": "before<blockquote>said<br>twice</blockquote>after",
    ">>> all\nof it": "<blockquote>all<br>of it</blockquote>",
    "so ```a\n  *b* &lt;c&gt;``` it": "so <pre><code>a\n  *b* &lt;c&gt;</code></pre> it",
    "see\n```\ncode\n```\ndone": "see<pre><code>code</code></pre>done",
    "<@U0DANA> <@U0NONE>": '<bdi class="b-mention">@Dana Okoro</bdi> <bdi class="b-mention">@U0NONE</bdi>',
    "<@U0ASHA>": '<bdi class="b-mention me">@Asha Patel</bdi>',
    "<#C0TEA|x>": '<bdi class="b-mention">#tea</bdi>',
    "<!here> <!subteam^S1|@makers>": '<bdi class="b-mention all">@here</bdi> <bdi class="b-mention all">@makers</bdi>',
    "<https://x.test?a=1&amp;b|the page>": f'<a href="https://x.test?a=1&amp;b" {REL}>the page</a>',
    "at https://x.test/a_b_, go": f'at <a href="https://x.test/a_b" {REL}>https://x.test/a_b</a>_, go',
    "<mailto:a@x.test|mail>": f'<a href="mailto:a@x.test" {REL}>mail</a>',
    "<javascript:alert(1)|press>": "press",
    "<JavaScript:alert(1)>": "JavaScript:alert(1)",
    "<data:text/html,x|x> </deed|y> <//x.test|z>": "x y z",
    ":tada: :white_check_mark: :unknown_one: 10:30:45": "🎉 ✅ :unknown_one: 10:30:45",
    ":wave::skin-tone-3: :flag-gb: :+1: :man-shrugging:": "👋🏼 🇬🇧 👍 🤷‍♂️",
    "`:tada:`": "<code>:tada:</code>",
    "<!date^1|some day>": "some day",
    "tick\x00 tock\x1b[0m\ud800": "tick tock[0m",
}


@pytest.mark.parametrize("said", MARKED)
def test_mrkdwn_becomes_html(eyes, said):
    assert text(said, eyes()) == f'<div class="b-text">{MARKED[said]}</div>'


def test_an_address_that_is_only_written_out_is_no_link_where_the_app_forbids_it(painted):
    said = {**mrkdwn("https://x.test"), "verbatim": True}

    assert painted({"type": "section", "text": said}).all("a") == []


def test_a_date_is_told_in_each_readers_own_zone(eyes):
    said = f"<!date^{NOON}^{{date_long}} at {{time}}^https://x.test|on the first>"
    times = [read(text(said, eyes(who))).one("time") for who in ("U0ASHA", "U0DANA")]

    assert [time.words for time in times] == ["Monday 1 June 2026 at 10:00", "Monday 1 June 2026 at 05:00"]
    assert {time["datetime"] for time in times} == {"2026-06-01T09:00:00+00:00"}
    assert {time["title"] for time in times} == {"on the first"}
    assert read(text(said, eyes())).one("a")["href"] == "https://x.test"


@pytest.mark.parametrize("moment", ["soon", "²", "9" * 12, "9" * 400, "-99999999999", ""])
def test_a_date_that_cannot_be_read_is_told_by_its_fallback(eyes, moment):
    assert read(text(f"<!date^{moment}^{{date}}|some day &amp; time>", eyes())).words == "some day & time"


def test_a_plain_text_keeps_its_emoji_to_itself_where_the_app_says_so(painted):
    quiet = {**plain(":tada:"), "emoji": False}
    page = painted({"type": "header", "text": quiet}, {"type": "header", "text": plain(":tada:")})

    assert [head.words for head in page.all("h3")] == [":tada:", "🎉"]


# --- blocks ---


def test_a_section_has_its_words_first_and_its_button_beside_them(painted):
    page = painted({**SECTION, "fields": [plain("a"), mrkdwn("*b*")], "accessory": button()})
    words, accessory = (part for part in page.one(class_="b-section").inside if not isinstance(part, str))

    assert words.one(class_="b-text").words == "words"
    assert [field.words for field in words.all(class_="b-field")] == ["a", "b"]
    assert accessory["class"] == "b-accessory"
    assert accessory.one("button").words == "Press"


def test_a_header_is_a_heading_and_a_divider_a_rule(painted):
    page = painted({"type": "header", "text": plain("Head")}, {"type": "divider"})

    assert page.one("h3").words == "Head"
    assert page.one("hr")


def test_a_context_holds_small_words_and_pictures(painted):
    outside = {"type": "image", "image_url": "https://x.test/cat.png", "alt_text": "a cat"}
    own = {"type": "image", "image_url": "/static/icon.svg", "alt_text": "the bot"}
    page = painted({"type": "context", "elements": [mrkdwn("_small_"), outside, own]})

    assert page.one("em").words == "small"
    assert page.one("a", href="https://x.test/cat.png").words == "a cat"
    assert page.one("img").attrs == {"class": "b-picture", "src": "/static/icon.svg", "alt": "the bot"}


@pytest.mark.parametrize(
    "url", ["https://x.test/a.png", "//x.test/a.png", "/\\x.test", "/\t/x.test", "data:x", "x.png"]
)
def test_an_image_of_another_server_is_never_fetched(painted, url):
    page = painted({"type": "image", "image_url": url, "alt_text": "a cat", "title": plain("Cat")})

    assert page.all("img") == []
    assert page.one("figcaption").words == "Cat"
    assert page.one(class_="b-frame").words.startswith("a cat")
    assert [link["href"] for link in page.all("a")] == [url] * url.startswith("https:")


def test_an_image_among_the_workspaces_own_files_is_shown(slack, painted):
    file = slack.person("U0ASHA").uploads("A cat.png", b"cat")
    page = painted(
        {"type": "image", "slack_file": {"id": file}, "alt_text": "a cat"},
        {"type": "image", "slack_file": {"url": f"http://127.0.0.1/files/{file}/a_cat.png"}, "alt_text": "a cat"},
        {"type": "image", "slack_file": {"id": "F0NONE"}, "alt_text": "gone"},
    )

    assert [image["src"] for image in page.all("img")] == [f"/files/{file}/a_cat.png"] * 2
    assert page.one(class_="b-frame").words == "gone"


def rich(*parts):
    return {"type": "rich_text", "elements": list(parts)}


def line(*words):
    return {"type": "rich_text_section", "elements": list(words)}


WORDS = {
    "plain": ({"type": "text", "text": "a\nb :tada:"}, "a<br>b :tada:"),
    "styled": (
        {"type": "text", "text": "x", "style": {"bold": True, "italic": True, "strike": True, "underline": True}},
        "<u><s><em><strong>x</strong></em></s></u>",
    ),
    "code": ({"type": "text", "text": "x", "style": {"code": True, "bold": True}}, "<strong><code>x</code></strong>"),
    "highlighted": ({"type": "text", "text": "x", "style": {"highlight": True}}, "<mark>x</mark>"),
    "a person": ({"type": "user", "user_id": "U0DANA"}, '<bdi class="b-mention">@Dana Okoro</bdi>'),
    "a channel": ({"type": "channel", "channel_id": "C0TEA"}, '<bdi class="b-mention">#tea</bdi>'),
    "a group": ({"type": "usergroup", "usergroup_id": "S1"}, '<bdi class="b-mention all">@S1</bdi>'),
    "a team": ({"type": "team", "team_id": "T1"}, '<bdi class="b-mention all">@T1</bdi>'),
    "everybody": ({"type": "broadcast", "range": "here"}, '<bdi class="b-mention all">@here</bdi>'),
    "an emoji": ({"type": "emoji", "name": "tada"}, "🎉"),
    "a link": ({"type": "link", "url": "https://x.test", "text": "page"}, f'<a href="https://x.test" {REL}>page</a>'),
    "a bare link": ({"type": "link", "url": "ftp://x.test"}, "ftp://x.test"),
    "a date": (
        {"type": "date", "timestamp": NOON, "format": "{time}", "fallback": "ten"},
        '<time datetime="2026-06-01T09:00:00+00:00" title="ten">10:00</time>',
    ),
    "a colour": ({"type": "color", "value": "#ff0000"}, "#ff0000"),
}


@pytest.mark.parametrize("name", WORDS)
def test_every_word_of_a_rich_text_is_drawn(slack, eyes, name):
    word, html = WORDS[name]
    drawn = draw(slack.space.named([rich(line(word))]), eyes(), at="p1")

    assert check_blocks([rich(line(word))]) == []
    assert f'<div class="b-text">{html}</div>' in drawn


def test_a_rich_text_has_real_lists_quotes_and_code(painted):
    word = {"type": "text", "text": "one"}
    page = painted(
        rich(
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [line(word), line(word)]},
            {"type": "rich_text_list", "style": "ordered", "offset": 3, "border": 1, "elements": [line(word)]},
            {"type": "rich_text_quote", "border": 1, "elements": [word]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a\n  b"}]},
        )
    )

    assert page.one("ul")["class"] == "b-list indent-1"
    assert len(page.one("ul").all("li")) == 2
    assert page.one("ol").attrs == {"class": "b-list indent-0 bordered", "start": "4"}
    assert page.one("blockquote", class_="bordered").words == "one"
    assert page.one("pre").one("code").inside == ["a\n  b"]


def test_a_table_has_headings_and_sides(painted):
    raw = [[{"type": "raw_text", "text": cell} for cell in row] for row in (("Tea", "Cups :tea:"), ("green", "2"))]
    bold = {"type": "text", "text": "all", "style": {"bold": True}}
    settings = [None, {"align": "right", "is_wrapped": True}, None]
    page = painted({"type": "table", "rows": [*raw, [rich(line(bold)), raw[1][1]]], "column_settings": settings})

    assert [(head.words, head["scope"]) for head in page.all("th")] == [("Tea", "col"), ("Cups 🍵", "col")]
    assert [cell.words for cell in page.all("td")] == ["green", "2", "all", "2"]
    assert [cell["class"] for cell in page.all("td")] == [None, "align-right wrap"] * 2
    assert page.one(class_="b-table")["tabindex"] == "0"
    assert page.one("strong").words == "all"


MARKDOWN = """# Head
### Lower
words **strong** ~~gone~~ :tada: [page](https://x.test) [bad](javascript:x) [here](#x)
![pic](https://x.test/a.png) [![in](https://x.test/b.png)](https://x.test/c) <b onclick="x">no</b>

| a | b |
|---|--:|
| 1 | 2 |

```py
<code>
```
"""


def test_markdown_is_drawn_without_html_of_its_own(painted):
    page = painted({"type": "markdown", "text": MARKDOWN}).one(class_="b-markdown")

    assert [page.one(tag).words for tag in ("h4", "h6", "strong", "s")] == ["Head", "Lower", "strong", "gone"]
    assert "🎉" in page.words
    links = [(link.words, link["href"]) for link in page.all("a")]
    assert links == [
        ("page", "https://x.test"),
        ("here", None),
        ("pic", "https://x.test/a.png"),
        ("in", "https://x.test/c"),
    ]
    assert all(link["rel"] == "noopener noreferrer" for link in page.all("a", target="_blank"))
    assert '<b onclick="x">no</b>' in page.words
    assert [cell["class"] for cell in page.all("td")] == [None, "align-right"]
    assert page.one("pre").words == "<code>"
    assert page.all("img") == []


def test_a_video_is_a_link_with_its_words(painted):
    film = {
        "type": "video",
        "title": plain("Film"),
        "video_url": "https://x.test/v",
        "thumbnail_url": "https://x.test/t",
        "alt_text": "people dance",
        "author_name": "Dana",
        "description": plain("A dance."),
    }
    page = painted(film)

    assert [(link.words, link["href"]) for link in page.all("a")] == [
        ("Film", "https://x.test/v"),
        ("Watch the video", "https://x.test/v"),
    ]
    for part in ("Dana", "A dance.", "people dance"):
        assert part in page.words


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("default", "Mind it"),
        ("info", "ℹ Information: Mind it"),  # noqa: RUF001  # The sign itself.
        ("warning", "⚠ Warning: Mind it"),
        ("error", "✗ Error: Mind it"),
        ("success", "✓ Success: Mind it"),
    ],
)
def test_an_alert_says_in_words_how_grave_it_is(painted, level, said):
    page = painted({"type": "alert", "text": mrkdwn("Mind *it*"), "level": level})

    assert page.one(role="note").words == said
    assert page.one(class_=f"level-{level}")


def test_what_nobody_knows_is_named(slack, eyes):
    page = read(draw([{"type": "carousel"}, actions({"type": "icon_button"})], eyes(), at="p1"))

    assert page.words == "(carousel) (icon_button)"


# --- buttons ---


def test_a_button_carries_what_is_told_when_it_is_pressed(painted):
    page = painted({**actions(button(value="7", style="danger", accessibility_label="Press now")), "block_id": "b"})
    pressed = page.one("button")

    assert pressed["type"] == "button"
    assert (pressed["data-deed"], pressed["data-block"], pressed["data-action"]) == ("press", "b", "a")
    assert (pressed["data-value"], pressed["class"], pressed["aria-label"]) == ("7", "b-button danger", "Press now")


def test_a_button_with_an_address_is_a_link_that_also_tells_the_app(painted):
    page = painted(actions(button("a", url="https://x.test"), button("b", url="javascript:alert(1)")))
    link, other = page.one("a"), page.one("button")

    assert (link["href"], link["rel"], link["data-deed"]) == ("https://x.test", "noopener noreferrer", "press")
    assert (other["href"], other["data-deed"]) == (None, "press")


def test_a_question_stands_ready_beside_what_asks_it(painted):
    select = {"type": "static_select", "action_id": "s", "options": [option("1")], "confirm": CONFIRM}
    page = painted(actions(button(confirm={**CONFIRM, "text": mrkdwn("*Really?*"), "style": "danger"}), select))

    for asker, style in ((page.one("button"), "danger"), (page.one("select"), "primary")):
        question = page.one("template", id=asker["data-confirm"]).one(class_="confirm")
        assert question.one("h3").words == "Sure?"
        assert question.one(class_="b-text").words == "Really?"
        assert (question["data-yes"], question["data-no"], question["data-style"]) == ("Yes", "No", style)


def test_a_workflow_button_says_that_it_does_nothing_here(painted):
    page = painted(
        actions({"type": "workflow_button", "text": plain("Go"), "workflow": {"trigger": {"url": "https://x.test"}}})
    )

    assert "disabled" in page.one("button").attrs
    assert page.one("button").words == "Go (starts a workflow, which cannot be done here)"


def test_an_overflow_menu_is_a_menu_of_buttons(painted):
    choices = [
        {**option("1", "Open"), "description": plain("at once")},
        {**option("2", "Read"), "url": "https://x.test"},
    ]
    menu = painted(actions({"type": "overflow", "action_id": "o", "options": choices})).one("details", class_="menu")
    first, second = menu.all(data_deed="choose")

    assert menu.one("summary")["aria-label"] == "More actions"
    assert (first.tag, first.words, first["data-value"], first["data-type"]) == (
        "button",
        "Open at once",
        "1",
        "overflow",
    )
    assert (second.tag, second["href"], second["data-value"]) == ("a", "https://x.test", "2")
