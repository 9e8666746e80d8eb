"""Files by Slack's external upload flow: announced, sent, completed, shared, read and deleted."""

import http.client
from io import BytesIO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pytest
from test_refusals import SECTION, an_input, modal, refusal
from test_terminal import shown

from playground import Slack, limits
from playground.terminal import draw_channel, draw_modal

PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"
BROWSER = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def scopes(slack):
    slack.api.scopes = frozenset({"chat:write", "files:read", "files:write"})


def announced(client, data=b"tea", name="tea.txt", **more):
    return client.files_getUploadURLExternal(filename=name, length=len(data), **more)


def sent(url, data):
    """The status and words with which the upload URL answers."""
    try:
        with urlopen(Request(url, data=data, method="POST")) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def uploaded(client, data=b"tea", name="tea.txt", **more):
    told = announced(client, data, name, **more)
    assert sent(told["upload_url"], data) == (200, f"OK - {len(data)}")
    return told["file_id"]


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def fetched(url, headers):
    """What somebody gets who asks for a file: status, headers, bytes; redirections are not followed."""
    try:
        with build_opener(Stay).open(Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()


def test_the_sdk_uploads_a_file_and_shares_it(client, people, slack):
    """In a channel, with a comment, a title and words for those who do not see the picture."""
    answer = client.files_upload_v2(
        channel="C0TEA", content=PNG, filename="Cup of Tea.png", title="A cup", alt_txt="Steam", initial_comment="Look"
    )
    [message] = people.asha.sees("C0TEA")
    [file] = message.files

    assert (message.text, message.by_app, message.user) == ("Look", True, slack.bot_user)
    assert (file["name"], file["title"], file["alt_txt"]) == ("Cup of Tea.png", "A cup", "Steam")
    assert (file["mimetype"], file["filetype"], file["pretty_type"]) == ("image/png", "png", "PNG")
    assert (file["size"], file["mode"], file["user"]) == (len(PNG), "hosted", slack.bot_user)
    assert file["url_private"] == f"{slack.server.address}/files/{file['id']}/cup_of_tea.png"
    assert answer["file"]["shares"]["public"]["C0TEA"][0]["ts"] == message.ts
    assert (answer["file"]["channels"], answer["file"]["is_public"]) == (["C0TEA"], True)
    assert slack.refused == []


def test_the_sdk_uploads_several_files_into_a_thread(client, people):
    parent = client.chat_postMessage(channel="C0TEA", text="Tea?")
    client.files_upload_v2(
        channel="C0TEA",
        thread_ts=parent["ts"],
        file_uploads=[{"content": "1", "filename": "1.csv"}, {"file": BytesIO(b"2"), "filename": "2.unknown"}],
    )
    message = people.asha.sees("C0TEA")[-1]

    assert message.thread_ts == parent["ts"]
    assert [(file["name"], file["filetype"]) for file in message.files] == [("1.csv", "csv"), ("2.unknown", "binary")]


def test_a_file_may_go_to_several_places(client, people, slack):
    """People are named in channels only, not in channel_id."""
    client.files_completeUploadExternal(files=[{"id": uploaded(client)}], channels=["C0TEA", "U0ASHA"])
    assert [len(place) for place in (people.asha.sees("C0TEA"), people.asha.dm)] == [1, 1]
    body = client.files_info(file=slack.messages[0].files[0]["id"])["file"]
    assert (body["channels"], body["ims"], list(body["shares"])) == (["C0TEA"], ["D0ASHA"], ["public", "private"])

    answer = refusal(client.files_completeUploadExternal, files=[{"id": uploaded(client)}], channel_id="U0ASHA")
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]"
    ]


def test_a_file_may_stay_private_or_come_with_blocks(client, people):
    """Blocks are looked at where there is no comment."""
    private = client.files_completeUploadExternal(files=[{"id": uploaded(client), "title": "Mine"}])["files"][0]
    assert (private["title"], private["is_public"], private["shares"]) == ("Mine", False, {})
    assert people.asha.sees("C0TEA") == []

    for blocks, comment in (([SECTION], None), (["wrong"], "Words")):
        client.files_completeUploadExternal(
            files=[{"id": uploaded(client)}],
            channel_id="C0TEA",
            blocks=str(blocks).replace("'", '"'),
            initial_comment=comment,
        )
    assert [message.words for message in people.asha.sees("C0TEA")] == ["words", "Words"]


def test_a_conversation_shows_its_files(client, slack):
    slack.api.scopes = None
    client.files_upload_v2(channel="C0TEA", content="tea", filename="tea.txt")
    [message] = client.conversations_history(channel="C0TEA")["messages"]

    assert (message["text"], message["files"][0]["name"], message["upload"]) == ("", "tea.txt", False)


def test_bytes_may_come_as_a_part_of_a_form(client, people):
    """As curl -F sends them."""
    told = announced(client)
    body = b'--x\r\nContent-Disposition: form-data; name="filename"; filename="a"\r\n\r\ntea\r\n--x--\r\n'
    request = Request(told["upload_url"], data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    with urlopen(request) as answer:
        assert answer.read() == b"OK - 3"

    assert client.files_completeUploadExternal(files=[{"id": told["file_id"]}])["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"length": 0}, "missing_argument"),
        ({"length": "many"}, "invalid_arguments"),
        ({"length": -1}, "invalid_arguments"),
        ({"length": "9" * 5000}, "invalid_arguments"),
        ({"length": limits.FILE_BYTES + 1}, "file_upload_size_restricted"),
        ({"length": limits.SNIPPET_BYTES + 1, "snippet_type": "python"}, "snippet_too_large"),
        ({"alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": ""}, "invalid_arguments"),
        ({"filename": "../"}, "invalid_arguments"),
    ],
)
def test_an_upload_that_cannot_be(client, arguments, error):
    right = {"filename": "tea.txt", "length": 3}

    assert refusal(client.api_call, "files.getUploadURLExternal", params=right | arguments)["error"] == error


def test_there_is_room_for_so_many_bytes(client, slack, people):
    """Files that were announced are counted; deleting one makes room."""
    for _ in range(limits.FILES_BYTES // limits.FILE_BYTES):
        announced(client, range(limits.FILE_BYTES))
    assert refusal(announced, client)["error"] == "storage_limit_reached"
    with pytest.raises(ValueError, match="There is no room for"):
        people.asha.uploads("tea.txt", b"tea")

    next(iter(slack.space.files.values())).forget()
    assert announced(client)["ok"]


def test_what_is_sent_must_be_what_was_announced(client, slack):
    told = announced(client)

    assert sent(told["upload_url"], b"te")[0] == 400
    assert sent(told["upload_url"], b"tea")[0] == 200
    assert sent(told["upload_url"], b"tea")[0] == 404
    assert sent(told["upload_url"][:-1], b"tea")[0] == 404
    assert [call.answer["error"] for call in slack.refused] == [
        "file_update_failed",
        "file_not_found",
        "file_not_found",
    ]
    assert slack.refused[0].answer["response_metadata"]["messages"] == ["[ERROR] 2 bytes came where 3 were announced"]
    assert [call.args for call in slack.called("upload")] == [{"bytes": 3}]


def test_what_is_sent_must_not_be_endless(client, slack):
    told = announced(client)

    assert sent(told["upload_url"], b"x" * (limits.FILE_BYTES + 1))[0] == 413
    assert slack.refused[0].answer["error"] == "file_upload_size_restricted"


@pytest.mark.parametrize("body", [b"tea", b"", b"--x\r\n", b"--x\r\n\r\n", b"--x--\r\n"])
def test_a_form_that_holds_no_file_is_refused(client, slack, body):
    told = announced(client)
    request = Request(told["upload_url"], data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    with pytest.raises(HTTPError) as refused, urlopen(request):
        pass
    refused.value.close()

    assert refused.value.code == 400
    assert refusal(client.files_completeUploadExternal, files=[{"id": told["file_id"]}])["error"] == "file_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"files": "F0"}, "invalid_arguments"),
        ({"files": []}, "invalid_arguments"),
        ({"files": ["F0"]}, "invalid_arguments"),
        ({"files": [{"title": "x"}]}, "invalid_arguments"),
        ({"files": [{"id": "F0", "colour": "red"}]}, "invalid_arguments"),
        ({"files": [{"id": "F0"}]}, "file_not_found"),
        ({"channel_id": "C0NONE"}, "channel_not_found"),
        ({"channel_id": "C0QUIET"}, "not_in_channel"),
        ({"channel_id": "C0READ"}, "posting_to_channel_denied"),
        ({"channels": "U0NONE"}, "channel_not_found"),
        ({"channels": ",".join(["C0TEA"] * 101)}, "channels_limit_exceeded"),
        ({"channel_id": "C0TEA", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"thread_ts": "1.000001"}, "invalid_arguments"),
        ({"channel_id": "C0TEA", "blocks": [{"type": "paragraph"}]}, "invalid_blocks"),
    ],
)
def test_an_upload_that_cannot_be_completed(client, slack, people, arguments, error):
    """Nothing is said, and the file waits."""
    slack.add_channel("C0READ", "read-only", ["U0ASHA"]).is_read_only = True
    slack.invite_bot("C0READ")
    right = {"files": [{"id": uploaded(client)}]}

    assert refusal(client.api_call, "files.completeUploadExternal", json=right | arguments)["error"] == error
    assert slack.messages == []
    assert client.api_call("files.completeUploadExternal", json=right)["ok"]


def test_a_file_is_completed_once_by_its_owner(client, people):
    file, own = uploaded(client), people.asha.uploads("mine.txt", b"mine")
    client.files_completeUploadExternal(files=[{"id": file}])

    assert refusal(client.files_completeUploadExternal, files=[{"id": file}])["error"] == "file_update_failed"
    assert refusal(client.files_completeUploadExternal, files=[{"id": own}])["error"] == "access_denied"


def test_a_deleted_file_leaves_a_stone_behind(client, people, slack):
    client.files_upload_v2(channel="C0TEA", content="tea", filename="tea.txt", initial_comment="Look")
    [message] = people.asha.sees("C0TEA")
    file, version = message.files[0]["id"], message.version
    client.files_delete(file=file)

    assert message.files == [{"id": file, "mode": "tombstone"}]
    assert message.version > version
    assert slack.space.files[file].data == b""
    assert [refusal(call, file=file)["error"] for call in (client.files_info, client.files_delete)] == [
        "file_deleted"
    ] * 2
    assert refusal(client.files_delete, file=people.asha.uploads("mine.txt", b"mine"))["error"] == "cant_delete_file"
    assert refusal(client.files_info, file="F0NONE")["error"] == "file_not_found"


@pytest.mark.parametrize("call", ["files_getUploadURLExternal", "files_info", "files_delete"])
def test_files_need_their_scopes(client, slack, call):
    slack.api.scopes = frozenset({"chat:write"})
    arguments = {"filename": "x", "length": 1} if "get" in call else {"file": "F0"}
    answer = refusal(getattr(client, call), **arguments)

    assert (answer["error"], answer["needed"][:6]) == ("missing_scope", "files:")


@pytest.fixture
def picture(client):
    """A picture that was shared."""
    return client.files_upload_v2(channel="C0TEA", content=PNG, filename="cup.png")["file"]


def test_the_bytes_are_read_with_the_apps_token(picture, slack):
    status, headers, body = fetched(picture["url_private"], {"Authorization": f"Bearer {slack.bot_token}"})

    assert (status, body) == (200, PNG)
    assert headers["Content-Type"] == "image/png"
    assert slack.calls[-1].method == "url_private"


@pytest.mark.parametrize("token", ["", "xoxb-other", "xapp-not-a-real-token"])
def test_whoever_has_no_token_is_sent_to_sign_in(picture, slack, token):
    """An app that follows gets a page where it expected a file, and wonders."""
    status, headers, body = fetched(picture["url_private"], {"Authorization": f"Bearer {token}"} if token else {})

    assert (status, body) == (302, b"")
    assert headers["Location"] == f"/?redir=%2Ffiles%2F{picture['id']}%2Fcup.png"
    assert slack.refused[-1].answer["error"] == ("invalid_auth" if token else "not_authed")


def test_a_token_without_the_scope_reads_nothing(picture, slack):
    slack.api.scopes = frozenset({"files:write"})

    assert fetched(picture["url_private"], {"Authorization": f"Bearer {slack.bot_token}"})[0] == 302
    assert slack.refused[-1].answer["error"] == "missing_scope"


def test_a_file_that_is_not_there_is_not_found(picture, client, slack):
    client.files_delete(file=picture["id"])
    for headers in (BROWSER, {"Authorization": f"Bearer {slack.bot_token}"}):
        assert fetched(picture["url_private"], headers)[0] == 404
        assert fetched(f"{slack.server.address}/files/F0NONE/x", headers)[0] == 404


@pytest.mark.parametrize(
    ("name", "mime", "how"),
    [
        ("cup.png", "image/png", "inline"),
        ("cup.jpeg", "image/jpeg", "inline"),
        ("cup.svg", "image/svg+xml", "attachment"),
        ("page.html", "text/html", "attachment"),
        ("tea.pdf", "application/pdf", "attachment"),
        ("tea", "application/octet-stream", "attachment"),
        ('té "x"\r\n.exe', "application/octet-stream", "attachment"),
    ],
)
def test_a_browser_on_this_machine_sees_pictures_and_saves_the_rest(client, slack, name, mime, how):
    """Nothing in a file can act on the page's address."""
    file = client.files_upload_v2(channel="C0TEA", content="<script>", filename=name)["file"]
    status, headers, body = fetched(file["url_private"], BROWSER)

    assert (status, body, headers["Content-Type"]) == (200, b"<script>", mime)
    assert headers["Content-Disposition"].startswith(f"{how}; filename=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert slack.calls[-1].method == "files.completeUploadExternal"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {**BROWSER, "Host": "evil.test"},
        {**BROWSER, "Host": ""},
        {"Referer": "http://127.0.0.1/"},
    ],
)
def test_another_site_sees_nothing(picture, slack, headers):
    """Not even one whose name was pointed at this machine."""
    assert fetched(picture["url_private"], headers)[0] in (302, 403)


FIELD = {"type": "file_input", "filetypes": ["png", "jpg"], "max_files": 2}


@pytest.fixture
def form(slack, client, people):
    """Asha's form that takes two pictures."""
    view = modal(an_input(FIELD, block_id="pictures"), an_input({"type": "file_input"}, block_id="any", optional=True))
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
    return people.asha.modal


@pytest.fixture
def told(app, run):
    """The files that the app was told of in forms."""
    files = []

    @app.view("")
    def sent_off(ack, view):
        ack()
        files.extend(view["state"]["values"]["pictures"]["a"]["files"])

    run()
    return files


def test_a_person_puts_files_into_a_form(told, form, people, client, slack):
    """The app is told of them, and reads them with its token."""
    first, second = people.asha.uploads("1.PNG", PNG), people.asha.uploads("2.jpg", b"2", "image/jpeg")
    people.asha.fills(pictures=[first, second], any=None)
    assert "📎 1.PNG, 📎 2.jpg" in shown(draw_modal(people.asha))
    people.asha.submits()

    one, other = told
    assert (one["id"], one["name"], one["user"], other["filetype"]) == (first, "1.PNG", "U0ASHA", "jpg")
    assert fetched(one["url_private"], {"Authorization": f"Bearer {slack.bot_token}"})[2] == PNG
    assert client.files_info(file=second)["file"]["size"] == 1


def test_a_form_takes_only_the_files_it_asks_for(form, people):
    mine, wrong, others = (
        people.asha.uploads("1.png", PNG),
        people.asha.uploads("1.txt", b"x"),
        people.dana.uploads("2.png", PNG),
    )
    with pytest.raises(ValueError, match="is none of the kinds that are taken: png, jpg"):
        people.asha.fills(pictures=wrong)
    with pytest.raises(ValueError, match="3 files are more than the 2"):
        people.asha.fills(pictures=[mine] * 3)
    with pytest.raises(ValueError, match="Only files that this person has uploaded"):
        people.asha.fills(pictures=others)
    with pytest.raises(ValueError, match="must be filled: pictures"):
        people.asha.submits()
    with pytest.raises(ValueError, match="is too large: 20,000,000 bytes are the most"):
        people.asha.uploads("3.png", bytes(limits.FILE_BYTES + 1))


def test_a_terminal_names_the_files_of_a_message(client, people):
    answer = client.files_upload_v2(channel="C0TEA", content="tea", filename="tea.txt", title="Leaves")
    assert "📎 Leaves" in shown(draw_channel(people.asha, "C0TEA"))

    client.files_delete(file=answer["file"]["id"])
    assert "📎 This file was deleted." in shown(draw_channel(people.asha, "C0TEA"))


def test_mishaps_meet_bytes_too(client, slack, picture):
    slack.refuse("upload", "internal_error")
    slack.refuse("upload", status=503)
    slack.refuse("url_private", status=500)
    told = announced(client)

    assert [sent(told["upload_url"], b"tea")[0] for _ in range(3)] == [400, 503, 200]
    assert fetched(picture["url_private"], {"Authorization": f"Bearer {slack.bot_token}"})[0] == 500
    assert slack.refused == []

    slack.refuse("upload", cut=True)
    told = announced(client)
    with pytest.raises((OSError, http.client.HTTPException)):
        sent(told["upload_url"], b"tea")
    assert client.files_completeUploadExternal(files=[{"id": told["file_id"]}])["ok"]


def test_files_are_forgotten_when_everything_begins_again():
    slack = Slack()
    slack.add_person("U0ASHA", "Asha Patel").uploads("tea.txt", b"tea")
    slack.clear()

    assert slack.space.files == {}
