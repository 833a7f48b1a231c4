"""`check` and what only Telegram knows: where updates go, and who of the admins ever started the bot."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bot.sandbox import TOKEN, Sandbox
from tests.cli.conftest import Office

# Nobody listens there (the discard port), so that nothing is asked of any other machine.
URL = "https://127.0.0.1:9/telegram"


async def checked(office: Office, name: str) -> dict[str, Any]:
    done = await office.call("check", "--json")
    return next(entry for entry in done.json["checks"] if entry["name"] == name)


async def hooked(box: Sandbox, url: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{box.api_base_url}/bot{TOKEN}/setWebhook", data={"url": url})
        assert answer.json()["ok"], answer.text


def by_webhook(office: Office, box: Sandbox) -> None:
    office.settings(
        f'[telegram]\napi_base_url = "{box.api_base_url}"\nupdate_mode = "webhook"\nwebhook_url = "{URL}"\n'
        "[access]\nadmins = [7]\n"
    )
    office.environment["SINAR_WEBHOOK_SECRET"] = "rahasia-panjang"


async def test_admins_who_never_started_the_bot_are_named(online: Office, box: Sandbox) -> None:
    online.settings(f'[telegram]\napi_base_url = "{box.api_base_url}"\n[access]\nadmins = [7, 8]\n')
    box.person(8).start()
    found = await checked(online, "admins")
    assert (found["level"], found["ok"]) == ("warning", True)
    assert "7 never started" in found["detail"]
    assert "press Start" in found["remedy"]
    box.person(7).start()
    assert (await checked(online, "admins"))["detail"] == "2 configured, all known to Telegram"


async def test_a_webhook_that_stands_in_the_way_of_polling(online: Office, box: Sandbox) -> None:
    assert (await checked(online, "updates"))["level"] == "ok"
    await hooked(box, "https://127.0.0.1:9/lain")
    found = await checked(online, "updates")
    assert found["level"] == "warning"
    assert "https://127.0.0.1:9/lain" in found["detail"]


@pytest.mark.parametrize(
    ("url", "level", "told"),
    [("", "wrong", "no webhook"), ("https://127.0.0.1:9/lain", "wrong", "lain"), (URL, "ok", URL)],
)
async def test_a_webhook_that_is_missing_or_another(
    online: Office, box: Sandbox, url: str, level: str, told: str
) -> None:
    by_webhook(online, box)
    await hooked(box, url)
    found = await checked(online, "updates")
    assert found["level"] == level
    assert told in found["detail"]


async def test_a_webhook_that_telegram_cannot_reach(online: Office, box: Sandbox) -> None:
    by_webhook(online, box)
    await hooked(box, URL)
    box.person(7).start()
    await box.until(lambda: box.world.webhook is not None and box.world.webhook.last_error)
    found = await checked(online, "updates")
    assert found["level"] == "wrong"
    assert f"could not bring 1 updates to {URL}" in found["detail"]
    assert "Connection failed" in found["detail"]


async def test_nothing_is_asked_of_telegram_that_does_not_answer(office: Office) -> None:
    done = await office.call("check", "--json", SINAR_BOT_TOKEN=TOKEN)
    names = [entry["name"] for entry in done.json["checks"]]
    assert "updates" not in names
    assert next(entry for entry in done.json["checks"] if entry["name"] == "admins")["detail"] == "1 configured"


async def test_telegram_is_asked_over_one_connection(online: Office, box: Sandbox) -> None:
    opened = 0

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        there = await asyncio.open_connection("127.0.0.1", urlsplit(box.api_base_url).port)
        await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as relay:
        port = relay.sockets[0].getsockname()[1]
        online.settings(f'[telegram]\napi_base_url = "http://127.0.0.1:{port}"\n[access]\nadmins = [7, 8]\n')
        assert "7, 8 never started" in (await checked(online, "admins"))["detail"]
    assert [call.method for call in box.world.calls] == ["getMe", "getWebhookInfo"]
    assert opened == 1
