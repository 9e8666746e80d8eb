"""Reads what the app sends, or refuses it as Slack refuses what it cannot read."""

import json
import math
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from playground import limits
from playground.validate import Refusal

Json = dict[str, Any]
ELSEWHERE = 302  # Where Slack wants a browser to sign in.
_FORMS = ("application/x-www-form-urlencoded", "text/plain")


def is_loopback(host: str) -> bool:
    """Whether a host, by name or number, is this machine and nobody else's."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def arguments(request: web.Request) -> Json:
    """What a call says in its address and its body, each argument by its name."""
    found = {**request.query, **(await _body(request))}
    return {name: _decoded(name, value) for name, value in found.items() if value is not None}


async def _body(request: web.Request) -> Json:
    try:
        if request.content_type == "multipart/form-data":
            return await _parts(request)
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refusal("request_too_large", status=413) from None
    except ConnectionError:
        raise Refusal("request_timeout") from None  # So Slack calls a body that ends too early.
    if not body or request.method in ("GET", "HEAD"):
        return {}
    if "Content-Type" not in request.headers:
        raise Refusal("missing_post_type")
    if request.content_type == "application/json":
        return _object(_text(body, request.charset, "invalid_json"))
    if request.content_type in _FORMS:
        return _form(_text(body, request.charset, "invalid_form_data"))
    raise Refusal("invalid_post_type")


def _text(body: bytes, charset: str | None, otherwise: str) -> str:
    if (charset or "utf-8").lower() not in limits.CHARSETS:
        raise Refusal("invalid_charset")
    try:
        return body.decode(charset or "utf-8")
    except UnicodeDecodeError:
        raise Refusal(otherwise) from None


def _object(text: str) -> Json:
    try:
        found = parse(text)
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(found, dict):
        raise Refusal("json_not_object")
    return found


def _form(text: str) -> Json:
    try:
        found = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=limits.FORM_FIELDS))
    except ValueError:
        raise Refusal("invalid_form_data") from None
    if "=" not in text:
        raise Refusal("invalid_form_data")
    return found


async def upload(request: web.Request, most: int) -> bytes:
    """The bytes of a file, sent as they are or as a part of a form."""
    try:
        if request.content_type != "multipart/form-data":
            return await _gathered(request.content.iter_any(), most)
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                return await _gathered(_chunks(part), most)
    except ConnectionError:
        raise Refusal("request_timeout") from None
    except (ValueError, LookupError, AssertionError):
        raise Refusal("invalid_form_data") from None
    raise Refusal("invalid_form_data")


async def upload_of_person(request: web.Request, most: int) -> bytes:
    """The bytes of a file that a person sends as they are; raises ValueError with a sentence for the person."""
    try:
        return await _gathered(request.content.iter_any(), most)
    except Refusal as refusal:
        message = f"The file is too large: {most:,} bytes are the most for a file."
        raise ValueError(message) from refusal
    except (ConnectionError, web.RequestPayloadError) as error:
        message = "The file did not come whole: try again."
        raise ValueError(message) from error


async def _gathered(chunks: AsyncIterator[bytes], most: int) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > most:
            raise Refusal("file_upload_size_restricted", status=413)
    return bytes(data)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk():
        yield chunk


async def _parts(request: web.Request) -> Json:
    try:
        found = await request.post()
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:  # noqa: BLE001  # The parser has many ways to say that it cannot read on.
        raise Refusal("invalid_form_data") from None
    if not all(isinstance(value, str) for value in found.values()):
        raise Refusal("invalid_form_data")
    return dict(found)


def _decoded(name: str, value: Any) -> Any:
    if name not in limits.JSON_ARGUMENTS or not isinstance(value, str):
        return value
    try:
        return parse(value)
    except ValueError:
        return value


def parse(text: str) -> Any:
    """The value that JSON stands for; raises ValueError for what no other reader of JSON would take either."""
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_number)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON.")


def _number(digits: str) -> float:
    if math.isinf(float(digits)):
        raise ValueError(f"{digits} is too large a number.")
    return float(digits)
