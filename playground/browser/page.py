"""The page: a workspace in the browser, on the same server as the Web API."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from playground import limits, wire
from playground.browser import book, screen
from playground.browser.deeds import Deeds
from playground.browser.mishaps import Mishaps
from playground.browser.screen import Look, Screens
from playground.browser.tour import Guide, Story
from playground.config import Config, PanePart
from playground.emoji import plain
from playground.stage import CannotBe, Stage

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = Path(__file__).parent
STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
MOST_PANES = 3
PEOPLE = 16  # Deeds that may wait for the app at once.
NEWEST = 60  # Messages of a conversation that a page opens with; the rest comes at once behind them.
UNREADABLE = "That could not be read: load the page again."
QUIET = 0.05  # Seconds in which several changes are told as one.
PING = 15
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.filters.update(initials=screen.initials, colour=screen.colour, plain=plain, local_path=_local_path)
    return made


def _local_path(address: str) -> str:
    return urlsplit(address).path


def _read(text: str) -> Json | None:
    try:
        asked = json.loads(text)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _surprise() -> str:
    reference = secrets.token_hex(4)
    structlog.get_logger("playground.browser").exception("the page broke", reference=reference)
    return f"Something broke that should not: please report it with the reference {reference}."


class Page:
    """Draws the stage for browsers, and carries out what people do there."""

    def __init__(self, stage: Stage) -> None:
        """Add the page to the server of *stage*, which must not be open yet."""
        self.stage = stage
        self.slack = stage.slack
        self.screens = Screens(stage.slack)
        self.guide = Guide(stage)
        self.story = Story(stage)
        self.mishaps = Mishaps(stage)
        self.deeds = Deeds(stage)
        self.watchers: set[asyncio.Event] = set()
        self._people = ThreadPoolExecutor(PEOPLE, "people")  # Whoever waits for the app holds up no drawing.
        self.boot = secrets.token_hex(4)  # Another one tells a page that was left open to load itself again.
        self._loop: asyncio.AbstractEventLoop | None = None
        stage.slack.server.more = self._add_routes
        stage.slack.space.watchers.append(self._changed)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"{self.slack.server.address}/"

    def _add_routes(self, application: web.Application) -> None:
        self._loop = asyncio.get_event_loop()
        for path, handler in (("/", self._whole), ("/parts", self._parts), ("/live", self._live)):
            application.router.add_get(path, self._guarded(handler))
        application.router.add_get("/entry/{order:\\d+}", self._guarded(self._entry))
        application.router.add_get("/static/{name}", self._guarded(self._static))
        application.router.add_get("/clock", self._guarded(self._clock))
        for path, act in (
            ("/deed", self._deed),
            ("/time", self._time),
            ("/story", self._story),
            ("/guide", self._guide),
            ("/mishap", self._mishap),
            ("/again", self._again),
        ):
            application.router.add_post(path, self._guarded(self._acting(act)))
        application.router.add_post("/suggest", self._guarded(self._acting(self._suggest)))
        application.router.add_post("/upload", self._guarded(self._upload))
        application.on_shutdown.append(self._hush)

    async def _hush(self, _: web.Application) -> None:
        self._loop = None
        self._wake()
        self.story.stop()
        self._people.shutdown(wait=False)

    # --- who may ask ---

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Exception:  # noqa: BLE001 - logged with a reference; no traceback reaches the screen.
                response = web.json_response({"said": _surprise()}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return answer

    def _acting(self, act: Callable[[Json], str | Json]) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if request.headers.get("X-Playground") != "1":
                return web.json_response({"said": "Only this page may do that."}, status=HTTPStatus.FORBIDDEN)
            asked = _read(await request.text())
            if asked is None:
                return web.json_response({"said": UNREADABLE})
            try:
                said = await asyncio.get_running_loop().run_in_executor(self._people, act, asked)
            except KeyError as error:  # Most likely something that this page always tells was not told.
                structlog.get_logger("playground.browser").warning("a deed could not be read", exc_info=error)
                said = UNREADABLE
            except (CannotBe, LookupError, ValueError) as error:
                return web.json_response({"said": str(error.args[0]) if error.args else "That cannot be done."})
            return web.json_response({"said": said} if isinstance(said, str) else said)

        return answer

    # --- what is shown ---

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        looks = self._looks(request.query.getall("pane", [])) or self._first_looks(self.stage.config)
        return web.Response(
            text=await asyncio.to_thread(self._draw_whole, looks, request.query.get("open", "")),
            content_type="text/html",
        )

    def _looks(self, asked: list[str], numbers: list[str] | None = None) -> list[Look]:
        known = [int(number) for number in numbers or () if number in ("1", "2", "3")]
        if len(set(known)) < len(asked):
            known = [1, 2, 3]
        return [self.screens.settled(Look.read(*each)) for each in zip(known, asked[:MOST_PANES], strict=False)]

    def _first_looks(self, config: Config) -> list[Look]:
        panes = config.panes or [PanePart(who=one.id) for one in config.people[:2]]
        return self._looks([f"{pane.who}@{pane.at}" for pane in panes])

    def _draw_whole(self, looks: list[Look], opened: str) -> str:
        self.guide.look()
        panes = list(self._panes(looks, NEWEST))
        context = self._context() | {"panes": panes, "open": opened if opened in ("inspector", "mishaps") else ""}
        return _templates().get_template("page.html").render(context)

    def _panes(self, looks: list[Look], newest: int | None = None) -> Iterator[Json]:
        screens = Counter(look.who for look in looks)
        for look in looks:
            yield {**self.screens.pane(look, newest), "alone": screens[look.who] == 1}

    def _context(self, since: int = 0) -> Json:
        now = self.slack.space.now()
        return {
            "config": self.stage.config,
            "era": self.stage.era,
            "boot": self.boot,
            "now": screen.local(now, self.stage.config.zone),
            "now_ms": round(now.timestamp() * 1000),
            "under_way": self.stage.under_way,
            "has_host": self.stage.host is not None,
            "tour": self.guide,
            "story": self.story,
            "book": book.pages(self.slack, self.stage.config.zone, since),
            "mishaps_rows": self.mishaps.rows(),
            "commands": self._manifest("slash_commands"),
            "shortcuts": {
                kind: [each for each in self._manifest("shortcuts") if each.get("type") == kind]
                for kind in ("global", "message")
            },
        }

    def _manifest(self, part: str) -> list[Json]:
        return list(((self.stage.config.manifest or {}).get("features") or {}).get(part) or ())

    async def _parts(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        same = query.get("era") == self.stage.era
        since = int(query["since"]) if same and query.get("since", "").isdecimal() else 0
        looks = self._looks(query.getall("pane", []), query.getall("number", []))
        return web.json_response(await asyncio.to_thread(self._draw_parts, looks, query.get("open", ""), since))

    def _draw_parts(self, looks: list[Look], opened: str, since: int) -> Json:
        self.guide.look()
        changes = self.slack.space.changes
        context = self._context(since)
        module = _templates().get_template("parts.html").make_module(context)
        wanted = ("clock", "guide", "count", *([opened] if opened in ("inspector", "mishaps") else ()))
        html = {name: getattr(module, name)() for name in wanted}
        pane = _templates().get_template("pane.html")
        for drawn in self._panes(looks):
            html[drawn["look"].id] = pane.render(context | {"pane": drawn})
        return {"era": self.stage.era, "changes": changes, "html": html}

    async def _entry(self, request: web.Request) -> web.StreamResponse:
        found = await asyncio.to_thread(book.entry, self.slack, int(request.match_info["order"]))
        if found is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="That was forgotten with the last Start again.")
        module: Any = _templates().get_template("parts.html").make_module(self._context())
        return web.Response(text=module.entry(found), content_type="text/html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in STATIC:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="There is nothing here.\n")
        return web.Response(text=(HERE / "static" / name).read_text(encoding="utf-8"), content_type=STATIC[name])

    async def _clock(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"now": self.slack.space.now().isoformat()})

    # --- live ---

    def _changed(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for watcher in self.watchers:
            watcher.set()

    async def _live(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        changed = asyncio.Event()
        self.watchers.add(changed)
        try:
            changed.set()
            while self._loop is not None:
                try:
                    async with asyncio.timeout(PING):
                        await changed.wait()
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                changed.clear()
                await response.write(f"data: {json.dumps(self._news())}\n\n".encode())
                await asyncio.sleep(QUIET)
        except (ConnectionResetError, asyncio.CancelledError):
            pass
        finally:
            self.watchers.discard(changed)
        return response

    def _news(self) -> Json:
        turn = self.story.turn
        return {
            "changes": self.slack.space.changes,
            "boot": self.boot,
            "playing": self.story.playing,
            "turn": {"number": turn.number, "who": turn.who, "at": turn.at},
        }

    # --- what people do ---

    def _deed(self, asked: Json) -> str:
        with self.stage.together():  # Time stands still meanwhile: the app believes no signature of an earlier hour.
            return self.deeds.does(asked)

    def _suggest(self, asked: Json) -> Json:
        with self.stage.together():
            found = self.deeds.suggests(asked)
        return {"options": [{"value": each["value"], "text": plain(each["text"]["text"])} for each in found]}

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("X-Playground") != "1":
            return web.json_response({"said": "Only this page may do that."}, status=HTTPStatus.FORBIDDEN)
        query = request.query
        try:
            data = await wire.upload_of_person(request, limits.FILE_BYTES)
            person = self.slack.person(query.get("as", ""))
            file = await asyncio.to_thread(person.uploads, query.get("name", "file"), data, query.get("kind", ""))
        except (LookupError, ValueError) as error:
            return web.json_response({"said": str(error.args[0]) if error.args else "That cannot be taken."})
        return web.json_response({"file": file})

    def _time(self, asked: Json) -> str:
        self.stage.passes(str(asked.get("move")))
        return ""

    def _story(self, asked: Json) -> str:
        if asked.get("do") != "play":
            self.story.pause()
        elif not self.story.playing:
            if self.story.fresh:
                self._forget()
            self.story.play()
        return ""

    def _guide(self, asked: Json) -> str:
        with self.stage.together():
            return self.guide.does(str(asked.get("do")))

    def _mishap(self, asked: Json) -> str:
        self.mishaps.switch(str(asked.get("name")))
        return ""

    def _again(self, _: Json) -> str:
        self.story.begin()
        self._forget()
        try:
            self.stage.start_again()
        finally:
            self.guide.begin()
        return "Everything begins again."

    def _forget(self) -> None:
        self.mishaps.clear()
        self.screens.clear()
