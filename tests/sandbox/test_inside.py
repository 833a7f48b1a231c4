"""Without a network the sandbox is as strict as over HTTP: both ways give the same answers and the same refusals."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.sandbox import TOKEN, Sandbox
from bot.sandbox.inside import Inside

ACTS: list[tuple[str, dict[str, Any]]] = [
    ("sendMessage", {"chat_id": 7, "text": "halo <b>dunia</b>", "parse_mode": "HTML"}),
    ("sendMessage", {"chat_id": 7, "text": "halo <b>dunia", "parse_mode": "HTML"}),
    ("sendMessage", {"chat_id": 7, "text": "x" * 5000}),
    ("sendMessage", {"chat_id": 7, "text": ""}),
    ("sendMessage", {"chat_id": 8, "text": "kepada siapa"}),
    ("sendMessage", {"chat_id": 7, "text": "x", "unknown": 1}),
    ("sendMessage", {"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Y"}]]}}),
    ("sendPoll", {"chat_id": 7, "question": "Mana?", "options": [{"text": "satu"}]}),
    ("noSuchMethod", {}),
]


async def answers(box: Sandbox, request: BaseRequest, token: str = TOKEN) -> list[Any]:
    box.person(7).start()
    found: list[Any] = []
    async with request:
        for method, parameters in ACTS:
            data = RequestData([RequestParameter.from_input(key, value) for key, value in parameters.items()])
            try:
                result = await request.post(f"{box.api_base_url}/bot{token}/{method}", data)
            except TelegramError as error:
                found.append((type(error), error.message))
            else:
                found.append({key: value for key, value in result.items() if key not in ("message_id", "date")})
    return found


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as made:
        yield made


async def test_both_ways_answer_and_refuse_alike(box: Sandbox) -> None:
    over_http = await answers(box, HTTPXRequest())
    assert await answers(box, Inside(box)) == over_http
    assert sum(isinstance(answer, tuple) for answer in over_http) >= 7


async def test_a_foreign_token_opens_neither(box: Sandbox) -> None:
    foreign = "1:foreign-token-of-somebody"
    assert await answers(box, Inside(box), foreign) == await answers(box, HTTPXRequest(), foreign)


async def test_a_file_that_a_person_sent_can_be_fetched(box: Sandbox) -> None:
    box.person(7).start()
    sent = box.person(7).send_document("a b.csv", b"NIP;NAMA")
    base = box.api_base_url
    async with Inside(box) as request:
        bot = Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot", request=request)
        file = await bot.get_file(sent.raw["document"]["file_id"])
        assert bytes(await file.download_as_bytearray()) == b"NIP;NAMA"
