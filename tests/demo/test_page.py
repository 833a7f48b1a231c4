"""The chat page's server: whom it answers, what it says, and how it starts and ends beside the story."""

import asyncio
import http.client
import io
import json
import multiprocessing
import threading
import time
import urllib.request
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import cli, demo
from bot.demo import Plan
from bot.demo.page import tour
from bot.demo.page.server import serve
from bot.demo.page.town import NEW_PHONE_ID, YOU_ID, Town, open_town
from bot.demo.story import COORDINATOR_ID

SMALL = Plan(people=12, last=date(2025, 11, 11))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path / "town") as found:
        yield found


@pytest.fixture
async def client(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    server, port = serve(town, 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as found:
        yield found
    server.stop()
    await server.close_all_connections()


async def shown(client: httpx.AsyncClient, phone: int = YOU_ID) -> Any:
    return (await client.get("/state", params={"phone": phone})).json()["state"]


async def test_nothing_but_this_page_of_this_machine_is_answered(client: httpx.AsyncClient) -> None:
    asked = f"/state?phone={YOU_ID}"
    assert (await client.get(asked)).status_code == 200
    for headers in (
        {"Host": "example.com"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = await client.get(asked, headers=headers)
        assert answer.status_code == 403
        assert "people" not in answer.text
        for path in ("/", "/file/sandbox-photo-1-90"):
            assert (await client.get(path, headers=headers)).status_code == 403
    form = {"Content-Type": "text/plain"}
    said = json.dumps({"phone": YOU_ID, "do": "say", "text": "x"})
    assert (await client.post("/act", content=said, headers=form)).status_code == 403
    assert (await shown(client))["chat"]["messages"] == []


async def test_the_page_may_load_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in answer.text
    for path in ("/../town.py", "/%2e%2e/town.py", "/..%2ftown.py", "/town.py", "/static"):
        assert (await client.get(path)).status_code in (403, 404)


async def test_what_cannot_be_done_is_said_in_words_and_changes_nothing(client: httpx.AsyncClient) -> None:
    wrong: tuple[Any, ...] = (
        {"phone": 1, "do": "say", "text": "x"},
        {"phone": YOU_ID, "do": "fly"},
        {"phone": YOU_ID, "do": "tap", "message": 1, "data": "x"},
        {"phone": YOU_ID, "do": "vote", "message": 1, "option": 0},
        {"phone": YOU_ID, "do": "press", "text": "x"},
        {"phone": YOU_ID, "do": "say", "text": ""},
        {"phone": YOU_ID, "do": "move", "how": "year"},
        {"phone": YOU_ID},
        [],
    )
    for given in wrong:
        answer = await client.post("/act", json=given)
        assert answer.status_code in (400, 409)
        assert answer.json()["error"]
    assert (await client.get("/state", params={"phone": "x"})).status_code == 400
    assert (await shown(client))["chat"]["messages"] == []


async def test_an_act_is_answered_by_the_real_bot_and_a_button_that_is_not_there_is_not_pressed(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/act", json={"phone": NEW_PHONE_ID, "do": "start"})
    chat = (await shown(client, NEW_PHONE_ID))["chat"]
    assert [message["mine"] for message in chat["messages"]][:2] == [True, False]
    answer = await client.post("/act", json={"phone": NEW_PHONE_ID, "do": "tap", "message": 2, "data": "status"})
    assert answer.status_code == 409
    assert (await shown(client, NEW_PHONE_ID))["chat"]["messages"] == chat["messages"]


async def test_a_page_that_waits_hears_of_what_another_did(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/state", params={"phone": NEW_PHONE_ID})).json()["tag"]
    waiting = asyncio.create_task(client.get("/state", params={"phone": NEW_PHONE_ID, "tag": tag}))
    await client.post("/act", json={"phone": NEW_PHONE_ID, "do": "start"})
    answer = await waiting
    assert answer.json()["tag"] != tag
    assert answer.json()["state"]["chat"]["started"]


async def test_the_clock_lets_the_story_happen(town: Town, client: httpx.AsyncClient) -> None:
    assert (await shown(client))["day"] == "Senin, 10 November 2025"
    await client.post("/act", json={"phone": YOU_ID, "do": "move", "how": "hour"})
    now = await shown(client)
    assert now["time"].startswith("10.")
    assert any(person["unread"] for person in now["people"])
    assert now["outbox"]["sent"] > 0
    coming = (await shown(client, COORDINATOR_ID))["planned"]["mine"]
    assert coming == [{"at": "17 Nov 08.00", "what": "ringkasan mingguan"}]
    assert town.stage.faults == []


def test_each_need_of_the_tour_is_known() -> None:
    needs = [goal["need"] for step in tour.steps() for goal in step["goal"]]
    assert len(tour.steps()) == 6
    assert set(needs) == set(tour.NEEDS)


def test_the_page_is_there_beside_the_story_and_stays_until_it_is_told_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "FULL", SMALL)
    out, codes = io.StringIO(), list[int]()
    showing = threading.Thread(target=lambda: codes.append(demo.main(serve=True, out=out, port=0)))
    showing.start()
    until = time.monotonic() + 120
    while "== The chat page" not in out.getvalue() and time.monotonic() < until:
        time.sleep(0.05)
    address = out.getvalue().split("Chat page: ")[1].split()[0]
    with urllib.request.urlopen(address) as answer:
        assert b"<title>Sinar" in answer.read()
    page = next(child for child in multiprocessing.active_children() if child.name == "chat-page")
    page.terminate()
    showing.join(60)
    assert codes == [0]
    with pytest.raises((OSError, http.client.HTTPException)):
        urllib.request.urlopen(address)


@pytest.mark.parametrize(
    ("arguments", "terminal", "serves"),
    [([], True, True), ([], False, False), (["--no-serve"], True, False), (["--port", "0"], True, True)],
)
def test_without_a_terminal_or_with_no_serve_the_demo_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], terminal: bool, serves: bool
) -> None:
    asked = list[bool]()

    def main(serve: bool, _out: object, _port: object) -> int:
        asked.append(serve)
        return 0

    monkeypatch.setattr(demo, "main", main)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal)
    assert cli.main(["demo", *arguments]) == 0
    assert asked == [serves]


def test_a_port_is_a_port(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("70000", "-1", "x"):
        with pytest.raises(SystemExit) as ended:
            cli.main(["demo", "--port", wrong])
        assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err
