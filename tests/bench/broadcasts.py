"""A broadcast within a server's limit, while people ask: how near to the pace, and what is refused, lost or doubled."""

import asyncio
import statistics
from typing import Any

from tests.bench.race import AIOGRAM, LIMITER_0, LIMITER_5, LOOP, PEERS, SINAR, Contestant, run
from tests.bench.shown import percentile, promise, spread, table

ALLOWED = 30.0
PACE = 28.0
FEW_ALLOWED = 20.0
DISTANCE = 0.06
# A limiter has as many in flight as it lets go in a second; the loops have one, as they are written.
FIELD: tuple[tuple[Contestant, dict[str, Any]], ...] = (
    (SINAR, {}),
    (LOOP, {}),
    (LIMITER_0, {"at_once": 30}),
    (LIMITER_5, {"at_once": 30}),
    (AIOGRAM, {"pause": 0.05}),
)


def _there(who: Contestant) -> bool:
    return PEERS.exists() or not who.own_environment


async def _one(
    who: Contestant, more: dict[str, Any], messages: int, distance: float, limit: str, rate: float
) -> dict[str, Any]:
    order = {"what": "broadcast", "messages": messages, "per_second": PACE} | more
    seen = await run(who, order, {"distance": distance, "limit": limit, "rate": rate}, taps=1.0)
    saw, said = seen["seen"], seen["said"]
    return {
        "who": who.name,
        "seconds": said["seconds"],
        "messages": messages,
        "refused": saw["refused"],
        "refused_answers": saw["refused_answers"],
        "lost": messages - saw["chats"],
        "doubled": saw["messages"] - saw["chats"],
        "busiest": saw["busiest"],
        "grown_mib": said["grown_kib"] / 1024,
        "idle": seen["idle"],
        "waits": saw["waits"],
        "unanswered": saw["unanswered"],
        "settings": said.get("settings"),
    }


async def heats(runs: int, scale: float) -> list[dict[str, Any]]:
    """Let all broadcast at the same time, each against a server of its own."""
    found: list[dict[str, Any]] = []
    messages = max(60, int(450 * scale))
    places = [(DISTANCE, "bucket", runs), (DISTANCE, "window", runs), (0.0, "bucket", 1), (0.2, "bucket", 1)]
    for distance, limit, times in places:
        for _ in range(times):
            field = [(who, more) for who, more in FIELD if _there(who)]
            found += [
                seen | {"distance": distance, "limit": limit}
                for seen in await asyncio.gather(
                    *(_one(who, more, messages, distance, limit, ALLOWED) for who, more in field)
                )
            ]
    return found


async def city(runs: int, scale: float) -> list[dict[str, Any]]:
    """Sinar to 4,000 people, counted by bucket and by window at once; the runs side by side, as each idles."""
    messages = max(100, int(4000 * scale))
    return list(await asyncio.gather(*(_one(SINAR, {}, messages, DISTANCE, "both", ALLOWED) for _ in range(runs))))


async def slow_server(runs: int, scale: float) -> list[dict[str, Any]]:
    """Sinar with its shipped 28 a second against a server that allows only 20."""
    messages = max(100, int(600 * scale))
    found = []
    for limit in ("bucket", "window"):
        runs_now = (_one(SINAR, {}, messages, DISTANCE, limit, FEW_ALLOWED) for _ in range(runs))
        found += [seen | {"limit": limit} for seen in await asyncio.gather(*runs_now)]
    return found


def show_heats(found: list[dict[str, Any]]) -> None:
    """Print each place's field."""
    for distance, limit in dict.fromkeys((seen["distance"], seen["limit"]) for seen in found):
        here = [seen for seen in found if (seen["distance"], seen["limit"]) == (distance, limit)]
        print(f"{here[0]['messages']} messages, {ALLOWED:.0f}/s allowed by {limit}, {distance * 1000:.0f} ms away")
        rows = []
        for name in dict.fromkeys(seen["who"] for seen in here):
            runs = [seen for seen in here if seen["who"] == name]
            waits = [wait for seen in runs for wait in seen["waits"]]
            rows.append(
                [
                    name,
                    spread([seen["seconds"] / (seen["messages"] / ALLOWED) for seen in runs]),
                    spread([seen["refused"] for seen in runs], 0),
                    spread([seen["lost"] for seen in runs], 0),
                    spread([seen["doubled"] for seen in runs], 0),
                    f"{percentile(waits, 0.99):.2f}",
                    str(sum(seen["unanswered"] for seen in runs)),
                ]
            )
        table(["who", "time / (N / 30)", "429s", "lost", "doubled", "answer p99 s", "unanswered"], rows)


def show_city(found: list[dict[str, Any]]) -> None:
    """Print what is promised of the city's broadcast, and of answers meanwhile."""
    print(f"Sinar, {found[0]['messages']} messages at {PACE:.0f}/s, {ALLOWED:.0f}/s allowed by bucket and by window")
    ratio = statistics.median(seen["seconds"] / (seen["messages"] / PACE) for seen in found)
    promise("1", "time / (N / messages_per_second)", ratio, 1.02, digits=3)
    promise("1", "429s", max(seen["refused"] for seen in found), 0, digits=0)
    promise("1", "lost", max(seen["lost"] for seen in found), 0, digits=0)
    promise("1", "doubled", max(seen["doubled"] for seen in found), 0, digits=0)
    promise("1", "memory grown, MiB", statistics.median(seen["grown_mib"] for seen in found), 10, digits=1)
    busy = statistics.median(percentile(seen["waits"], 0.99) for seen in found) * 1000
    idle = statistics.median(percentile(seen["idle"], 0.99) for seen in found) * 1000
    promise("2", "act to answer, p99, ms", busy, DISTANCE * 1000 + 100, digits=0)
    promise("2", f"the same / idle ({idle:.0f} ms)", busy / idle, 2)
    promise("2", "acts without an answer", sum(seen["unanswered"] for seen in found), 0, digits=0)
    print(f"  busiest second {max(seen['busiest'] for seen in found)}; the store: {found[0]['settings']}\n")


def show_slow(found: list[dict[str, Any]]) -> None:
    """Print what is promised of a server that allows less."""
    for limit in dict.fromkeys(seen["limit"] for seen in found):
        here = [seen for seen in found if seen["limit"] == limit]
        print(f"Sinar, {here[0]['messages']} messages, server allows only {FEW_ALLOWED:.0f}/s by {limit}")
        ratios = [seen["seconds"] / (seen["messages"] / FEW_ALLOWED) for seen in here]
        print(f"  time / (N / 20): {spread(ratios)}")
        promise("1", "time / (N / 20)", statistics.median(ratios), 1.35)
        refused = statistics.median(seen["refused"] * 600 / seen["messages"] for seen in here)
        promise("1", "429s in 600", refused, 15, digits=0)
        promise("1", "lost", max(seen["lost"] for seen in here), 0, digits=0)
        print()
