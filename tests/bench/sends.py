"""Sends a second when nobody limits them: durable ones of Sinar beside others that keep nothing."""

import statistics
from typing import Any

from tests.bench.race import AIOGRAM, BARE, LOOP, PEERS, SINAR, Contestant, run
from tests.bench.shown import promise, spread, table

LIFTED = 10_000  # messages a second: the highest that the settings take
HIGHEST_PUBLISHED = 1000.0
# By distance (seconds there and back): messages, and PTB's numbers in flight among which its best is sought.
PLACES: dict[float, tuple[int, tuple[int, ...]]] = {
    0.0: (2000, (1, 2, 4, 8, 16)),
    0.06: (300, (8, 16, 30, 60)),
    0.2: (160, (8, 16, 30, 60)),
}


async def measure(runs: int, scale: float) -> dict[str, Any]:
    """Let all send from each distance; returns rates by distance, then by who."""
    found: dict[str, Any] = {}
    for distance, (full, numbers) in PLACES.items() if scale == 1 else list(PLACES.items())[:1]:
        messages = max(60, int(full * scale))
        lines: dict[str, list[float]] = {}
        costs: dict[str, list[float]] = {}
        entrants: list[tuple[str, Contestant, dict[str, Any]]] = [("Sinar, durable", SINAR, {})]
        entrants += [("Sinar, durable, over httpx", SINAR, {"client": "httpx"})]
        entrants += [(f"PTB, {number} in flight", LOOP, {"at_once": number}) for number in numbers]
        if PEERS.exists():
            entrants.append(("aiogram, 16 in flight", AIOGRAM, {"at_once": 16}))
        entrants.append(("aiohttp alone, 16 in flight", BARE, {"at_once": 16}))
        # In turns, so that whatever else the machine does meets all of them.
        for _ in range(runs):
            for name, who, more in entrants:
                order = {"what": "broadcast", "messages": messages, "per_second": LIFTED, "look": 0.02}
                seen = await run(who, order | more, {"distance": distance})
                assert seen["seen"]["chats"] == seen["seen"]["messages"] == messages, (name, seen)
                lines.setdefault(name, []).append(messages / max(seen["seen"]["seconds"], 1e-6))
                costs.setdefault(name, []).append(seen["said"]["cpu"] / messages * 1e6)
        found[str(distance)] = {"rates": lines, "cpu_us": costs}
    return found


def show(found: dict[str, Any]) -> None:
    """Print rates, and ratios to PTB's best number in flight."""
    for distance, seen in found.items():
        rates, costs = seen["rates"], seen["cpu_us"]
        best = max((name for name in rates if name.startswith("PTB")), key=lambda name: statistics.median(rates[name]))
        print(f"Sends a second, limit lifted, distance {float(distance) * 1000:.0f} ms; PTB's best: {best}")
        rows = [
            [
                name,
                spread(values, 0),
                spread([value / other for value, other in zip(values, rates[best], strict=True)]),
                spread(costs[name], 0),
            ]
            for name, values in rates.items()
        ]
        table(["who", "a second", "ratio to PTB's best", "CPU us a send"], rows)
        ours = statistics.median(a / b for a, b in zip(rates["Sinar, durable"], rates[best], strict=True))
        if float(distance) == 0.0:
            promise("5", "durable sends / PTB's best without durability", ours, 1.0, at_least=True)
            rate = statistics.median(rates["Sinar, durable"])
            promise("5", "durable sends a second (aim, not a ratio)", rate, HIGHEST_PUBLISHED, at_least=True, digits=0)
        else:
            print("  At a distance the 16 that may be under way (8 of bulk) set the rate: 8 / distance.")
        print()
