"""1,000 updates wait: Sinar stores each before it confirms it, handles it and queues an answer; others keep nothing."""

import statistics
from typing import Any

from tests.bench.race import AIOGRAM, LOOP, PEERS, SINAR, Contestant, run
from tests.bench.shown import promise, spread, table

BARE_PTB = "PTB, handler does nothing"
IDLE_SINAR = "Sinar, durable, no handler"
BUSY_SINAR = "Sinar, durable, answer queued"
ENTRANTS: tuple[tuple[str, Contestant, dict[str, Any]], ...] = (
    (IDLE_SINAR, SINAR, {"idle": True}),
    (BUSY_SINAR, SINAR, {}),
    (BARE_PTB, LOOP, {}),
    ("PTB, handler answers", LOOP, {"answers": True}),
    ("aiogram, handler does nothing", AIOGRAM, {}),
)


# Each takes under a second, so a moment in which the machine is slow weighs much: so many rounds for one run.
ROUNDS = 5


async def measure(runs: int, scale: float) -> dict[str, list[float]]:
    """Return updates a second, by who."""
    updates = max(100, int(1000 * scale))
    found: dict[str, list[float]] = {}
    for _ in range(runs * ROUNDS):
        for name, who, more in ENTRANTS:
            if who.own_environment and not PEERS.exists():
                continue
            seen = await run(who, {"what": "intake", "updates": updates} | more, {}, waiting=updates)
            found.setdefault(name, []).append(updates / seen["said"]["seconds"])
    return found


def show(found: dict[str, list[float]]) -> None:
    """Print rates and ratios to the bare application."""
    bare = found[BARE_PTB]
    rows = [
        [name, spread(values, 0), spread([one / other for one, other in zip(values, bare, strict=True)])]
        for name, values in found.items()
    ]
    print("Updates a second, 1,000 waiting")
    table(["who", "a second", f"ratio to {BARE_PTB!r}"], rows)
    # Like beside like: what waits is taken in and nobody wants it, and what waits is answered. That a durable answer
    # takes more than a handler that does nothing stands in the table.
    for name, other, words in (
        (IDLE_SINAR, BARE_PTB, "each committed before it is confirmed / bare PTB, neither handles"),
        (BUSY_SINAR, "PTB, handler answers", "committed, handled, answer durable / PTB that answers from memory"),
    ):
        ratio = statistics.median(a / b for a, b in zip(found[name], found[other], strict=True))
        promise("4", words, ratio, 0.5, at_least=True)
    print()
