"""What happens when a form is sent; whatever refuses does so before the answer, so that the form stays open."""

from collections.abc import Callable
from typing import Any

from bot.domain.errors import UserError
from bot.domain.gate import ASKS
from bot.domain.learning import Decision, Expected, Kind, Level
from bot.listeners.ask import Ask
from bot.services import ending, running, sign_off, taking_over
from bot.services import propose as proposals
from bot.services import settings as all_settings
from bot.services.ending import Learned
from bot.services.running import ANSWERS, NEEDS, Detail
from bot.services.settings import CEILINGS, Changes
from bot.views import kit, owner, pages
from bot.views import propose as proposal
from bot.views.kit import View
from bot.views.names import Form

Answer = dict[str, Any]


def answer(ask: Ask) -> Answer:
    """Carry out the form; nothing in the answer closes it."""
    form = ask.view.get("callback_id")
    if form not in FORMS:
        raise UserError("This form is no longer in use. `/experiment` shows you where things are.")
    return FORMS[Form(form)](ask)


def shown(view: View) -> Answer:
    """Show *view* in the place of the form."""
    return {"response_action": "update", "view": view}


def propose(ask: Ask) -> Answer:
    """Check and send a proposal."""
    wanted = proposal.read(ask.view)
    ask.meet([wanted.sponsor, *wanted.members])
    outcome = proposals.propose(ask.store, ask.once, wanted, ask.answers)
    if outcome.experiment:
        return shown(proposal.sent(outcome.experiment))
    return shown(proposal.kept_as_draft(outcome.lane, outcome.findings, wanted, outcome.workspace))


def agree(ask: Ask) -> Answer:
    """The sponsor agrees, with their note."""
    ask.meet()
    sign_off.agree(ask.store, ask.once, ask.about, ask.answers["cover_note"])
    return {}


def condition(ask: Ask) -> Answer:
    """The sponsor agrees, if."""
    ask.meet()
    sign_off.ask_condition(ask.store, ask.once, ask.about, ask.answers["condition"], ask.answers["cover_note"])
    return {}


def reply(ask: Ask) -> Answer:
    """The owner answers the condition."""
    ask.meet()
    sign_off.answer_condition(ask.store, ask.once, ask.about, ask.answers["reply"])
    return {}


def another(ask: Ask) -> Answer:
    """The owner asks another sponsor."""
    sponsor = proposal.a_person("sponsor", ask.answers)
    ask.meet([sponsor])
    sign_off.ask_another(ask.store, ask.once, ask.about, sponsor)
    return {}


def new_owner(ask: Ask) -> Answer:
    """Ask a colleague to take an experiment over."""
    owner = proposal.a_person("owner", ask.answers)
    ask.meet([owner])
    experiment = taking_over.choose(ask.store, ask.once, ask.about, owner)
    return shown(
        kit.notice("Safe to Fail", f"{kit.person(owner)} is asked to go on with {experiment.name}. Thank you.")
    )


def detail_of(ask: Ask) -> Detail:
    """What was added to a check-in."""
    signs = ask.answers.get("signs") or []
    need = ask.answers.get("need")
    return Detail(
        note=ask.answers.get("note"),
        stop_sign_seen="stop_sign_seen" in signs,
        harm="harm" in signs,
        need=need if need in NEEDS else None,
    )


def detail(ask: Ask) -> Answer:
    """More about a check-in."""
    ask.meet()
    running.add_detail(ask.store, ask.once, ask.about, detail_of(ask))
    return {}


def check_in(ask: Ask) -> Answer:
    """How it goes, unasked."""
    said = ask.answers.get("answer")
    if said not in ANSWERS:
        raise UserError("Choose one of these.", field="answer")
    ask.meet()
    experiment = running.report(ask.store, ask.once, ask.about, said, detail_of(ask))
    return shown(kit.notice("Safe to Fail", f"Thank you. I keep with {experiment.name} how it goes."))


def extend(ask: Ask) -> Answer:
    """A later end."""
    ask.meet()
    running.extend(ask.store, ask.once, ask.about, proposal.a_day("end", ask.answers))
    return {}


def learn(ask: Ask) -> Answer:
    """What it taught."""
    given = ask.answers
    texts = {
        name: ending.words(name, given.get(name)) for name in ("seen", "learned", "surprised", "advice", "protected")
    }
    if given.get("harm") not in {"yes", "no"}:
        raise UserError("Choose one of these.", field="harm")
    learned = Learned(
        **texts,  # type: ignore[arg-type] # `ending.words` refuses an empty required one.
        expected=proposal.choice(Expected, "expected", given),
        well_made=tuple(each for each in given.get("well_made") or () if each in set(ASKS)),
        kind=proposal.choice(Kind, "kind", given),
        harm=given.get("harm") == "yes",
        decision=proposal.choice(Decision, "decision", given),
        decision_owner=given.get("decision_owner"),
        decision_on=owner.a_date(given.get("decision_on")),
    )
    ask.meet()
    ending.learn(ask.store, ask.once, ask.about, learned)
    return {}


def share(ask: Ask) -> Answer:
    """Share what it taught, so far and no further."""
    level = proposal.choice(Level, "level", ask.answers)
    ask.meet()
    ending.share(ask.store, ask.once, ask.about, level)
    return {}


def settings(ask: Ask) -> Answer:
    """Change the settings."""
    given = ask.answers
    ask.meet()
    changes = Changes(
        digest_channel=given.get("digest_channel"),
        digest_weekday=int(given.get("digest_weekday") or 4),
        digest_hour=int(given.get("digest_hour") or 10),
        zone=(given.get("zone") or "").strip(),
        ceilings={name: given.get(name) or "" for name in CEILINGS},
        currency=given.get("currency") or "",
        calendar=given.get("calendar") or "",
        stewards=proposal.several("stewards", given),
        usual_route=given.get("usual_route") or "",
    )
    return shown(pages.settings_saved(all_settings.change(ask.store, ask.once, changes)))


FORMS: dict[Form, Callable[[Ask], Answer]] = {
    Form.PROPOSE: propose,
    Form.AGREE: agree,
    Form.CONDITION: condition,
    Form.REPLY: reply,
    Form.ANOTHER: another,
    Form.DETAIL: detail,
    Form.CHECK_IN: check_in,
    Form.EXTEND: extend,
    Form.LEARN: learn,
    Form.SHARE: share,
    Form.SETTINGS: settings,
    Form.NEW_OWNER: new_owner,
}
