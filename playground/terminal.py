"""Draws what one person has on their screen: messages, modals and the Home tab."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from playground.drawing import Pen, indented, mrkdwn
from playground.mrkdwn import Eyes
from playground.person import Person
from playground.workspace import Channel, Message, View


def draw_message(person: Person, message: Message) -> RenderableType:
    """One message in a frame that says where it stands."""
    drawn = _message(person, message)
    frame = Panel(
        drawn,
        title=Text(_place(person, message), "bold"),
        title_align="left",
        box=box.ROUNDED,
        border_style="dim" if message.ephemeral else "blue",
    )
    return indented(frame) if message.thread_ts not in (None, message.ts) else frame


def draw_channel(person: Person, channel: str | None = None) -> RenderableType:
    """A whole channel, or the direct conversation with the app; answers stand below what they answer."""
    messages = person.sees(channel)
    title = _title(person, person.slack.channels[channel or person.dm_channel])
    drawn: list[RenderableType] = []
    for message in messages:
        if message.thread_ts in (None, message.ts):
            drawn += [_message(person, message), Text()]
            answers = [answer for answer in messages if answer.thread_ts == message.ts and answer is not message]
            drawn += [part for answer in answers for part in (indented(_message(person, answer)), Text())]
    body = Group(*drawn[:-1]) if drawn else Group(Text("Nothing here yet.", "dim"))
    return Panel(body, title=Text(title, "bold"), title_align="left", box=box.ROUNDED, border_style="blue")


def draw_modal(person: Person, view: View | None = None) -> RenderableType:
    """The top modal, or another, with what was entered and what is wrong."""
    shown = view or person.modal
    if shown is None:
        return Text(f"{person.name} has no modal open.", "dim")
    pen = Pen(_eyes(person), shown.state, shown.errors)
    body: list[RenderableType] = [pen.blocks(shown.blocks), Text()]
    if shown.trouble:
        body.append(Text(f"✗ {shown.trouble}", "bold red"))
    close = (shown.body.get("close") or {}).get("text") or "Close"
    ends = Text(f"[ {close} ]", "bold", justify="right")
    if shown.body.get("submit"):
        ends.append("  ").append(f"[ {shown.body['submit']['text']} ]", "bold white on dark_green")
    body.append(ends)
    return Panel(
        Group(*body),
        title=Text(shown.title, "bold"),
        subtitle=person.name,
        box=box.DOUBLE,
        border_style="magenta",
    )


def draw_home(person: Person) -> RenderableType:
    """The Home tab."""
    app = person.slack.space.members[person.slack.bot_user].name
    view = person.home
    body: RenderableType = Text("Nothing published yet.", "dim")
    if view is not None:
        body = Pen(_eyes(person), view.state).blocks(view.blocks)
    title = Text(f"{app} · Home", "bold")
    return Panel(body, title=title, title_align="left", subtitle=person.name, box=box.ROUNDED, border_style="green")


def _message(person: Person, message: Message) -> RenderableType:
    eyes = _eyes(person)
    head = Text(eyes.name(message.user), "bold")
    if message.by_app:
        head.append(" APP", "reverse dim")
    head.append(f"  {eyes.time(message.ts)}", "dim")
    if message.edited:
        head.append("  (edited)", "dim")
    lines: list[RenderableType] = [Text("○ Only visible to you", "dim italic")] if message.ephemeral else []
    lines.append(head)
    pen = Pen(eyes, message.states.get(person.id))
    if message.blocks or message.text:
        lines.append(pen.blocks(message.blocks) if message.blocks else mrkdwn(message.text, eyes))
    lines += [Text(f"📎 {file.get('title', 'This file was deleted.')}") for file in message.files]
    return Group(*lines)


def _place(person: Person, message: Message) -> str:
    title = _title(person, person.slack.channels[message.channel])
    return f"{title} · thread" if message.thread_ts not in (None, message.ts) else title


def _title(person: Person, channel: Channel) -> str:
    if channel.is_dm:
        return f"{person.name} ↔ {person.slack.space.members[person.slack.bot_user].name}"
    return f"{'🔒' if channel.is_private else '#'}{channel.name}"


def _eyes(person: Person) -> Eyes:
    return Eyes(person.slack.space, person.member)
