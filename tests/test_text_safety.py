"""Whatever people write, it pings nobody, disguises no link, and comes back as they wrote it."""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.domain.words import clean
from bot.views.kit import BROADCAST, MOST_QUIET, WORD_JOINER, quiet
from tests.world import FILLED, LEARNED, fills_at_once

CORPUS = [
    "<!channel>",
    "<!here|quiet>",
    "<!subteam^S0ALL>",
    "<!date^0^{date_long}^http://evil.example|today>",
    "<@U0BEN>",
    "<#C0LEARN>",
    "<http://evil.example|click>",
    "<mailto:evil@evil.example|write>",
    "@channel @here @everyone @CHANNEL",
    "&lt;!here&gt; &amp;lt;@U0BEN&amp;gt;",
    "*bold* _it_ ~no~ `code` ```block```\n> quoted",
    "\u202egnihtemos\u2066 hidden\u2069",
    "zero\u200bwidth\u200d\ufeffjoined\u00adsoft",
    "Ze\u0301ro e\u0301t cafe\u0301",
    "a NUL \x00 inside",
    "half of a pair \ud83d alone \udc00",
    "first\r\nsecond\rthird\n\n\nlast",
    "👩🏽‍🚀" * 20,
    "العربية עברית हिन्दी ไทย 中文",
    "{0} %s %(x)s ${HOME} {{7*7}} <script>alert(1)</script>",
    "'; DROP TABLE experiments; --",
    ":tada: :U0BEN: https://plain.example/?a=b&c=d",
]
WHOLE_FIELD = ["&" * 600, "<" * 600, "😀" * 300, "@here " * 100, "a\n" * 300, "x" + "\u202e" * 599, "é" * 600]
NOTHING = ["", "   \n\t ", "\u200b\u200d\ufeff", "\x00", "\ud83d", "\u00a0", "\u2060\u00ad"]
OURS = re.compile(r"<@U0[A-Z]+>|<#C0LEARN>|<!date\^\d+\^\{date_long\} at \{time\}\|[^<>^|]+ UTC>")
BROKEN = re.compile(r"@(?:channel|here|everyone|group)", re.IGNORECASE)

odd = st.sampled_from(["<", ">", "&", "|", "!", "@", "#", "*", "_", "~", "`", "\u202e", "\x00", "\n", "here", "U0BEN"])
words = st.lists(odd | st.characters(), max_size=40).map("".join)


def texts(blocks):
    """Every mrkdwn text in some blocks, and whether Slack leaves it as it is."""
    if isinstance(blocks, dict):
        if blocks.get("type") == "mrkdwn":
            yield blocks["text"], blocks.get("verbatim", False)
        for each in blocks.values():
            yield from texts(each)
    elif isinstance(blocks, list):
        for each in blocks:
            yield from texts(each)


def said_in(call):
    """What one call to Slack shows to somebody."""
    arguments = call.args
    view = arguments.get("view") or {}
    shown = list(texts([arguments.get("blocks") or [], view.get("blocks") or []]))
    return shown + ([(arguments["text"], True)] if arguments.get("text") else [])


def answers(world):
    """What the bot answered to requests, as texts."""
    for each in world.slack.delivery.sent:
        if isinstance(each.body, dict):
            shown = each.body.get("view") or each.body
            yield from texts(shown.get("blocks") or [])
            if each.body.get("text"):
                yield each.body["text"], True


def nothing_is_active(world):
    """Nothing that anybody was shown holds a mention, broadcast or link but our own."""
    for text, verbatim in [part for call in world.slack.calls for part in said_in(call)] + list(answers(world)):
        rest = OURS.sub("", text)
        assert "<" not in rest, text
        assert ">" not in rest, text
        assert not BROKEN.search(rest), text
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", rest), text
        assert verbatim, text
    world.everything_went_well()


def as_read(text):
    """What somebody reads in place of escaped words."""
    return html.unescape(text.replace(WORD_JOINER, ""))


def shown_words(given_words):
    """Words as they come back: cleaned, and without what turns the text around them."""
    plain = clean(given_words).replace(WORD_JOINER, "")
    return plain.translate(dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def send(world, person, **values):
    """Fill in the form on top and send it; the form's errors, none when it was accepted."""
    form = person.modal
    fills_at_once(person, **values)
    assert person.submits(force=True).ok
    return dict(form.errors) if form.open and person.modal is form else {}


def whole_life(world, some, title="A plain title"):
    """One experiment from its proposal to what it taught, with *some* words in turn wherever somebody may write."""
    turn = itertools.cycle(some)
    written = ("problem", "idea", "hypothesis", "prediction", "stop_sign", "worst", "undo")
    world.asha.types("/experiment", "propose")
    proposal = FILLED | {name: next(turn) for name in written} | {"title": title, "team": title}
    assert {} == send(world, world.asha, **proposal)
    world.asha.closes(everything=True)
    world.settle()
    world.dana.presses("Safe enough if…")
    assert {} == send(world, world.dana, condition=next(turn)[:500], cover_note=next(turn)[:500])
    world.settle()
    world.asha.presses("Answer it")
    assert {} == send(world, world.asha, reply=next(turn)[:500])
    world.settle()
    world.dana.presses("Safe enough to try", on=world.newest(world.dana, "is it safe enough to try?"))
    assert {} == send(world, world.dana, cover_note=next(turn)[:500])
    world.settle()
    world.asha.presses("Say how it is going", on=world.asha.dm[0])
    assert {} == send(world, world.asha, answer="stuck", note=next(turn), signs=["stop_sign_seen"])
    world.settle()
    learned = ("seen", "learned", "surprised", "advice", "protected")
    world.asha.presses("Finish", on=world.asha.dm[0])
    assert {} == send(world, world.asha, **LEARNED | {name: next(turn) for name in learned})
    world.settle()
    world.asha.presses("Share", on=world.asha.dm[0])
    assert {} == send(world, world.asha, level="names")
    world.settle()
    return proposal


@pytest.mark.parametrize("number", [0, 8, 16])
def test_the_words_of_a_whole_life_are_quiet_and_come_back_as_they_were_written(world, number):
    some = CORPUS[number : number + 8]
    together = "\n".join(some)[:500]
    world.set_up_digest(usual_route=some[0], digest_weekday="1", digest_hour="11")
    whole_life(world, [together], title=next(each for each in some if len(each) <= 80))
    world.asha.opens_home()
    world.ben.opens_home()
    shown = world.asha.types("/experiment", "show EXP-1").shown.blocks
    world.ben.types("/experiment", f"learnings {some[0]}")
    world.clock.advance(timedelta(hours=2))
    world.settle()

    nothing_is_active(world)
    read = [as_read(text) for text, _ in texts(shown)]
    assert 10 < sum(shown_words(together) in each for each in read)
    assert world.ben.sees("C0LEARN")


def test_fields_full_of_anything_are_accepted_and_shown(world):
    proposal = whole_life(world, WHOLE_FIELD)
    shown = [text for text, _ in texts(world.asha.types("/experiment", "show EXP-1").shown.blocks)]

    nothing_is_active(world)
    assert all(len(text) <= 3000 for text in shown)
    read = "\n".join(as_read(text) for text in shown)
    assert all(shown_words(proposal[name])[:400] in read for name in ("problem", "prediction", "stop_sign", "undo"))


def test_a_draft_brings_back_what_was_typed_whatever_it_was(world):
    for some in CORPUS:
        world.asha.types("/experiment", "propose")
        assert world.asha.fills(problem=some).ok
        world.asha.closes(everything=True)
        world.asha.types("/experiment", "propose")
        assert shown_words(some) == shown_words(world.asha.modal.values["problem"])
        world.asha.closes(everything=True)

    nothing_is_active(world)


def test_words_that_say_nothing_are_refused_at_their_field_and_the_others_are_kept(world):
    world.asha.types("/experiment", "propose")
    for field in ("title", "problem", "idea", "hypothesis", "prediction", "stop_sign", "worst", "undo", "team"):
        for nothing in NOTHING:
            assert [field] == list(send(world, world.asha, **FILLED | {field: nothing})), (field, nothing)
    assert FILLED["visibility"] == world.asha.modal.values["visibility"]


def test_notes_that_say_nothing_are_refused_at_their_field(world):
    world.proposed()
    world.dana.presses("Safe enough if…")
    for nothing in NOTHING:
        assert ["condition"] == list(send(world, world.dana, condition=nothing, cover_note="Mine."))
        assert ["cover_note"] == list(send(world, world.dana, condition="Ring them.", cover_note=nothing))


def test_settings_hold_any_words_and_show_them_quietly(world):
    for route, currency in zip(CORPUS, ["<@U>", "&", "*", "`", "💶", "\u202e€"] * 4, strict=False):
        world.admin.types("/experiment", "settings")
        errors = send(world, world.admin, usual_route=route[:200], currency=currency)
        assert set(errors) <= {"usual_route", "currency"}
        world.admin.closes(everything=True)
        world.asha.types("/experiment", "propose")
        fills_at_once(world.asha, **FILLED | {"people": "4000", "money": "9999", "contained": "no"})
        world.asha.submits()
        world.asha.closes(everything=True)

    nothing_is_active(world)


# Any words at all.

odd_examples = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_any_words_are_accepted_quietly_or_refused_with_a_sentence(world):
    @odd_examples
    @given(words)
    def holds(any_words):
        world.asha.types("/experiment", "propose")
        errors = send(world, world.asha, **FILLED | {"title": any_words[:80], "problem": any_words, "undo": any_words})
        assert set(errors) <= {"title", "problem"}
        assert bool(errors) is not bool(clean(any_words))
        world.asha.closes(everything=True)
        world.settle()
        world.dana.opens_home()

    holds()
    nothing_is_active(world)


# The two functions that make it so.


@settings(max_examples=300, deadline=None)
@given(st.text() | words, st.integers(10, MOST_QUIET))
def test_quiet_words_fit_hold_nothing_active_and_can_be_read_again(any_words, room):
    shown = quiet(any_words, room)

    assert len(shown) <= room
    assert not set("<>") & set(shown)
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not BROADCAST.search(shown)
    if not shown.endswith("…"):
        plain = any_words.translate(dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
        assert plain.replace(WORD_JOINER, "") == html.unescape(shown.replace(WORD_JOINER, ""))


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters()) | words)
def test_cleaned_words_can_be_stored_stay_cleaned_and_lose_no_letter(any_words):
    kept = clean(any_words)

    assert kept == clean(kept)
    assert "\x00" not in kept
    kept.encode()
    letters = [each for each in unicodedata.normalize("NFC", any_words) if each.isalnum()]
    assert letters == [each for each in kept if each.isalnum()]


@given(st.sampled_from(NOTHING))
def test_what_cannot_be_seen_is_nothing(nothing):
    assert "" == clean(nothing)
