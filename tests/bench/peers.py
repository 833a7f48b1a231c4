"""What others would do with the same order: `python peers.py ORDER`, ORDER being JSON (see `race.py`).

Alone by intent: it runs in an environment of its own (see `peers.txt`), where the project's libraries are not. Who has
nothing to wait for answers people by the means that its library shows first. Prints one JSON document.
"""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

TOKEN = "700000001:a-token-that-opens-nothing-at-all"
TEXT = (
    "<b>Ning Ita Sinar ASN</b>\n\nSelamat pagi, Bapak/Ibu Orang {}. Hari ini pukul 08.00 WIB di Ruang Sabha Mandala"
    " Madya. Mohon hadir tepat waktu; sesi berlangsung sampai 11.00 WIB."
)
Send = Callable[[int], Awaitable[Any]]


def resident() -> int:
    """Return the memory that this process holds now, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


async def go() -> None:
    """Say that all is ready, and wait for the word."""
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def in_turn(send: Send, count: int, pause: float = 0.0) -> dict[str, Any]:
    """One after the other, as a script does."""
    failed = 0
    for chat in range(1, count + 1):
        try:
            await send(chat)
        except Exception:
            failed += 1
        if pause:
            await asyncio.sleep(pause)
    return {"failed": failed}


async def side_by_side(send: Send, count: int, at_once: int) -> dict[str, Any]:
    """So many at once."""
    failed, chats = 0, iter(range(1, count + 1))

    async def some() -> None:
        nonlocal failed
        for chat in chats:
            try:
                await send(chat)
            except Exception:
                failed += 1

    await asyncio.gather(*(some() for _ in range(at_once)))
    return {"failed": failed}


async def measured(order: dict[str, Any], send: Send) -> dict[str, Any]:
    """Broadcast as the order says."""
    await go()
    before, began, cpu = resident(), time.monotonic(), time.process_time()
    if order.get("at_once"):
        found = await side_by_side(send, order["messages"], order["at_once"])
    else:
        found = await in_turn(send, order["messages"], order.get("pause", 0.0))
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    return found | {"seconds": took, "grown_kib": resident() - before, "cpu": cpu}


async def ptb(order: dict[str, Any]) -> dict[str, Any]:
    """python-telegram-bot: its Application as it comes, with its AIORateLimiter if `retries` is given."""
    from telegram.ext import AIORateLimiter, Application, CommandHandler, MessageHandler, filters

    builder = Application.builder().token(TOKEN).base_url(f"{order['address']}/bot")
    if "retries" in order:
        builder = builder.rate_limiter(AIORateLimiter(max_retries=order["retries"]))
    if order.get("at_once"):
        builder = builder.connection_pool_size(max(order["at_once"], 1)).pool_timeout(60).read_timeout(60)
    app: Any = builder.build()
    everything, seen = asyncio.Event(), 0

    async def answer(update: Any, _context: Any) -> None:
        await update.message.reply_text("Bantuan")

    async def count(update: Any, _context: Any) -> None:
        nonlocal seen
        if order.get("answers"):
            await update.message.reply_text("Bantuan")
        seen += 1
        if seen == order["updates"]:
            everything.set()

    if order["what"] == "intake":
        app.add_handler(MessageHandler(filters.ALL, count))
    else:
        app.add_handler(CommandHandler("bantuan", answer))
    async with app:
        await app.start()
        try:
            if order["what"] == "intake":
                await go()
                began = time.monotonic()
                await app.updater.start_polling()
                await asyncio.wait_for(everything.wait(), 300)
                return {"seconds": time.monotonic() - began}
            await app.updater.start_polling()
            return await measured(order, lambda chat: app.bot.send_message(chat, TEXT.format(chat), parse_mode="HTML"))
        finally:
            await app.updater.stop()
            await app.stop()


async def aiogram(order: dict[str, Any]) -> dict[str, Any]:
    """aiogram: Dispatcher, and the way to broadcast that its documentation showed (sleep .05, wait as told, again)."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.exceptions import TelegramRetryAfter
    from aiogram.filters import Command
    from aiogram.types import Message

    session = AiohttpSession(api=TelegramAPIServer.from_base(order["address"]))
    bot, dispatcher = Bot(TOKEN, session=session), Dispatcher()
    everything, seen = asyncio.Event(), 0

    async def answer(message: Message) -> None:
        await message.answer("Bantuan")

    async def count(_message: Message) -> None:
        nonlocal seen
        seen += 1
        if seen == order["updates"]:
            everything.set()

    async def send(chat: int) -> None:
        try:
            await bot.send_message(chat, TEXT.format(chat), parse_mode="HTML")
        except TelegramRetryAfter as error:
            await asyncio.sleep(error.retry_after)
            await send(chat)

    if order["what"] == "intake":
        dispatcher.message.register(count)
        await go()
        began = time.monotonic()
    else:
        dispatcher.message.register(answer, Command("bantuan"))
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    try:
        if order["what"] == "intake":
            await asyncio.wait_for(everything.wait(), 300)
            return {"seconds": time.monotonic() - began}
        return await measured(order, send)
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await bot.session.close()


async def bare(order: dict[str, Any]) -> dict[str, Any]:
    """aiohttp alone: a form, an answer, its JSON."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=max(order.get("at_once", 1), 1))
    async with aiohttp.ClientSession(connector=connector) as session:
        url = f"{order['address']}/bot{TOKEN}/sendMessage"

        async def send(chat: int) -> None:
            given = {"chat_id": str(chat), "text": TEXT.format(chat), "parse_mode": "HTML"}
            async with session.post(url, data=given) as response:
                if not json.loads(await response.read())["ok"]:
                    raise RuntimeError(str(response.status))

        return await measured(order, send)


if __name__ == "__main__":
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    logging.basicConfig(level=logging.CRITICAL)
    logging.disable(logging.CRITICAL)
    given = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run({"ptb": ptb, "aiogram": aiogram, "bare": bare}[given["who"]](given))), flush=True)
