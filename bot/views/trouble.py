"""What stands in the way of the digest, or of everything, in plain words."""

from bot.views import kit
from bot.views.kit import Block
from bot.views.names import Action
from db.tables import Workspace

PAUSED = {
    "not_in_channel": "I am not a member of the channel.",
    "channel_not_found": "the channel does not exist any more, or I cannot see it.",
    "is_archived": "the channel is archived.",
    "shared": "people of another organisation or workspace can read along there now.",
    "unknown": "I cannot find out whether people of another organisation can read along there.",
}
ASKING = ("shared", "unknown")
NOTHING_LOST = "Nothing is lost: the learnings wait."


def paused(workspace: Workspace, channel: str, reason: str, row_id: int) -> list[Block]:
    """Why the digest rests, and what to do; quiet once that is settled."""
    where = kit.channel(channel)
    if (workspace.digest_channel, workspace.digest_paused) != (channel, reason):
        return [kit.section(f"The weekly digest for {where}: this is settled. Nothing is needed from you.")]
    another = kit.button("Choose another channel", Action.SETTINGS)
    if reason in ASKING:
        question = f"*May the weekly digest be posted in {where}?* I ask because {PAUSED[reason]} {NOTHING_LOST}"
        allow = kit.button("Post it there all the same", Action.ALLOW_CHANNEL, row_id, about="the digest")
        return [kit.section(f"{question} Until you answer I post nothing."), *kit.actions(allow, another)]
    return [
        kit.section(
            f"The weekly digest could not be posted in {where}: {PAUSED[reason]} {NOTHING_LOST} If I am not in the channel, "
            "type `/invite @Safe to Fail` there; an archived channel can be opened again. I look again every ten minutes "
            "for two days; after that the next digest tells them."
        ),
        *kit.actions(another),
    ]


def on_home(workspace: Workspace, failed: str | None) -> list[Block]:
    """What whoever looks after the bot should know, on Home."""
    blocks = []
    if workspace.suspended:
        blocks.append(
            kit.section(
                f"*Slack does not let me post just now* ({kit.quiet(workspace.suspended, 300)}). Everything waits, and nothing "
                "is lost. If it stays so, an admin can install the app again."
            )
        )
    if workspace.digest_paused in ASKING and workspace.digest_channel:
        where, why = kit.channel(workspace.digest_channel), PAUSED[workspace.digest_paused]
        blocks.append(kit.section(f"*The digest in {where} rests until somebody answers me:* {why}"))
    elif said := PAUSED.get(workspace.digest_paused or "", failed):
        blocks.append(kit.section(f"*The last digest could not be posted:* {kit.quiet(said)}"))
    return blocks
