"""No text in any field can become markup, or lead anywhere it should not."""

import re

from html_tree import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_painted_fields import FIELDS
from test_refusals import CONFIRM, actions, an_input, button, mrkdwn, option, plain
from test_terminal import BLOCKS

from playground.browser.markup import tidy
from playground.browser.paint import draw, text
from playground.drawing import mrkdwn as on_terminal
from playground.emoji import plain as plainly

NASTY = st.lists(
    st.sampled_from(
        [
            *("<", ">", "&", '"', "'", "`", "=", "/", "\\", "\n", "\t", "\0", "\x1b", "\x85", "\ud800", " "),
            *("<b>", "</div>", "</textarea>", "</template>", "<!--", "-->", "]]>", "<script>", "{{", "{%", "%s", "{0}"),
            *("&lt;", "&#60;", "&amp;lt;", "javascript:alert(1)", "https://x.test", "onclick=x", 'x" onload="y'),
            *("*", "_", "~", "```", "> ", "<@U0DANA>", "<#C0TEA|", "<!here>", "<!date^1^{date}|", "|", ":tada:", "##"),
            *("\u202e", "\u2066", "\u200f", "שלום", "long" * 40, "[a](", "![", "](https://x.test)", "| a |\n|---|\n"),
        ]
    )
    | st.text(max_size=5),
    max_size=12,
).map("".join)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TAGS = {"a", "bdi", "blockquote", "br", "code", "div", "em", "pre", "s", "strong", "time"}
SAFE = re.compile(r"(https?://|mailto:|tel:|slack://)\S+|/files/\S+|/(?![/\\])[!-~]*", re.IGNORECASE)


def everything(words):
    """One of every block and element, with the same words in every place where an app may put words."""
    said = plain(words)
    choice = {"text": said, "value": words, "description": said}
    confirm = dict.fromkeys(("title", "text", "confirm", "deny"), said)
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    code = {"type": "rich_text_preformatted", "elements": line["elements"]}
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": [line]}
    image = {"type": "image", "image_url": "https://x.test", "alt_text": words}
    menu = {"type": "overflow", "action_id": words, "options": [choice], "confirm": confirm}
    groups = {"option_groups": [{"label": said, "options": [choice]}], "placeholder": said}
    point = {"label": words[:20], "value": 1}
    axes = {"categories": [words[:20]], "x_label": words, "y_label": words}
    blocks = [
        {"type": "section", "text": said, "fields": [said], "accessory": button(words, text=said, value=words)},
        {"type": "header", "text": said},
        {"type": "context", "elements": [said, image]},
        actions(menu, button("b", url=words, accessibility_label=words), {"type": words, "action_id": "x"}),
        {**image, "title": said},
        {"type": "rich_text", "elements": [line, code, bullets]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": words}]], "column_settings": [{"align": words}]},
        {"type": "alert", "text": said, "level": "info"},
        {"type": "video", "title": said, "video_url": words, "alt_text": words, "author_name": words},
        {"type": "data_visualization", "title": words, "chart": {"type": "pie", "segments": [point]}},
        {
            "type": "data_visualization",
            "title": words,
            "chart": {"type": "bar", "series": [{"name": words, "data": [point]}], "axis_config": axes},
        },
        {"type": words},
    ]
    typed = {"initial_value": words, "placeholder": said}
    fields = [
        {"type": "plain_text_input", **typed},
        {"type": "plain_text_input", "multiline": True, **typed},
        {"type": "static_select", **groups},
        {"type": "multi_static_select", **groups, "initial_options": [choice]},
        {"type": "radio_buttons", "options": [choice]},
        {"type": "datepicker", "initial_date": words},
        {"type": "timepicker", "timezone": words},
        {"type": "file_input", "filetypes": [words]},
    ]
    inputs = [an_input(one | {"action_id": words}, label=said, hint=said) for one in fields]
    return [{**block, "block_id": f"{number}{words}"} for number, block in enumerate([*blocks, *inputs])]


def bare(words):
    """The words without what may be seen differently: white space, and what no screen can show."""
    return re.sub(r"\s", "", tidy(words))


def painted_everywhere(words, eyes):
    blocks = everything(words)
    return read(draw(blocks, eyes, at="p1", errors={block["block_id"]: words for block in blocks}))


@MANY
@given(words=NASTY.map("w{}".format))
def test_no_words_of_an_app_become_markup(slack, eyes, words):
    """The page has the same shape whatever stands in it, and the words stand in it as they are."""
    page, usual = (painted_everywhere(each, eyes()) for each in (words, "words"))

    assert [each for each in page.skeleton if each[0] != "br"] == usual.skeleton
    for shown in (page.one(class_="b-header"), page.one(class_="b-field"), page.all("label")[0]):
        assert bare(shown.words) == bare(plainly(words))
    assert bare(page.all("p", class_="error")[0].words) == "✗" + bare(words)
    assert bare(page.one("textarea").words) == bare(words)
    assert bare(page.one("div", class_="b-rich").one("pre").words) == bare(words)


@MANY
@given(words=NASTY)
def test_mrkdwn_has_no_tags_but_its_own_and_says_what_the_terminal_says(slack, eyes, words):
    page = read(text(words, eyes()))

    assert {node.tag for node in page.every} <= TAGS
    assert all(SAFE.fullmatch(link["href"]) for link in page.all("a"))
    assert bare("".join(page.pieces)).replace("▎", "") == bare(on_terminal(words, eyes()).plain).replace("▎", "")


@MANY
@given(words=NASTY)
def test_no_markdown_brings_html_of_its_own(slack, eyes, words):
    page = read(draw([{"type": "markdown", "text": words}], eyes(), at="p1"))
    known = {"h4", "h5", "h6", "p", "ul", "ol", "li", "hr", "table", "thead", "tbody", "tr", "th", "td"}

    assert {node.tag for node in page.every} <= TAGS | known
    assert all(SAFE.fullmatch(link["href"]) for link in page.all("a") if link["href"])


@MANY
@given(words=NASTY)
def test_mrkdwn_on_a_label_stays_on_its_label(slack, eyes, words):
    choice = {"text": mrkdwn(words), "value": "1", "description": mrkdwn(words)}
    page = read(draw([actions({"type": "checkboxes", "action_id": "a", "options": [choice]})], eyes(), at="p1"))

    assert len(page.all("label")) == 1
    assert not page.one("label").all("div") + page.one("label").all("pre") + page.one("label").all("blockquote")


def test_nothing_on_the_page_acts_or_fetches_by_itself(slack, eyes):
    """No style and no script in the page itself, no picture of another server: the page's policy forbids them."""
    fields = [an_input({"type": kind, **more}, block_id=kind) for kind, (more, *_) in FIELDS.items()]
    buttons = actions(button(confirm=CONFIRM), {"type": "overflow", "action_id": "o", "options": [option("1")]})
    blocks = [*(block for block, _ in BLOCKS.values()), *everything("words"), *fields, buttons]
    page = read(draw(slack.space.named(blocks), eyes(), at="p1"))

    assert len(list(page.every)) > 400
    for node in page.every:
        assert node.tag not in ("script", "style", "iframe", "object", "embed", "link", "base", "form", "meta")
        assert not {name for name in node.attrs if name.startswith("on") or name in ("style", "srcdoc", "action")}
        assert all(SAFE.fullmatch(node[name]) for name in ("src", "href") if node[name])
        assert not (node["src"] or "/").startswith("http")
        if node["target"]:
            assert node["rel"] == "noopener noreferrer"
