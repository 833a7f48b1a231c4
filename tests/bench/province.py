"""What a province or the nation would need: `python -m tests.bench.province`, a simulation without any network.

One process, one file and one token a city. Each city's morning is simulated message by message: prompts at the hour,
answers of a quarter within ten minutes, each answer bringing the next messages. Who sets the limit, Telegram or the
machine, is read off the columns at the end. Only SEND and UPDATE are measured, by `make bench`; the rest follows.
"""

import heapq
import random
from dataclasses import dataclass

from tests.bench.shown import percentile, table

PER_SECOND = 28.0
DISTANCE = 0.06
UNDER_WAY = 16
BULK = 8
# Seconds of one core: a send, an update taken up and handled. Upper figures of `make bench` (sends, waiting).
SEND, UPDATE = 0.0012, 0.0025
QUARTER = 0.25
ANSWERED_WITHIN = 600.0
MESSAGES_AN_ANSWER = 2


@dataclass(frozen=True)
class Place:
    """So many cities, each with so many people, on so many machines of two cores."""

    name: str
    cities: int
    people: int
    machines: int


PLACES = (
    Place("Kota Mojokerto", 1, 4_000, 1),
    Place("a big city", 1, 40_000, 1),
    Place("East Java: 38 and the province, one machine", 39, 12_000, 1),
    Place("East Java: 38 and the province, two", 39, 12_000, 2),
    Place("the nation: 514 and 38", 552, 8_500, 22),
    Place("the nation behind one token", 1, 4_700_000, 1),
)


@dataclass
class Morning:
    """When the last prompt left, how long answers took, what the cores did."""

    prompts_done: float
    answer_p99: float
    busy: float


def morning(people: int, neighbours: int, seed: int) -> Morning:
    """Simulate one city whose machine serves `neighbours` others like it; seconds from 12.15 on."""
    chance = random.Random(seed)
    # On a shared core every piece of work waits for the neighbours' on average: the load of the busiest minute.
    answers_a_second = people * QUARTER / max(ANSWERED_WITHIN, people / PER_SECOND)
    work = PER_SECOND * SEND + answers_a_second * (UPDATE + MESSAGES_AN_ANSWER * SEND)
    load = min(0.99, work * neighbours / 2)
    slower = 1 / (1 - load)
    sent = [number / PER_SECOND for number in range(people)]
    # A quarter answer, spread over ten minutes from their prompt on; answers take the people's half of the line.
    acts = sorted(
        moment + chance.uniform(5, ANSWERED_WITHIN) for moment in chance.sample(sent, max(1, int(people * QUARTER)))
    )
    free = [0.0] * (UNDER_WAY - BULK)
    heapq.heapify(free)
    waits = []
    for act in acts:
        ready = act + DISTANCE / 2 + UPDATE * slower
        first = None
        for _ in range(MESSAGES_AN_ANSWER):
            begins = max(ready, heapq.heappop(free)) + SEND * slower
            heapq.heappush(free, begins + DISTANCE)
            first = first if first is not None else begins + DISTANCE / 2
        assert first is not None
        waits.append(first - act)
    return Morning(sent[-1], percentile(waits, 0.99), work * neighbours / 2)


def main() -> None:
    """Print what each place would see."""
    rows = []
    for place in PLACES:
        neighbours = max(1, round(place.cities / place.machines))
        seen = morning(min(place.people, 200_000), neighbours, seed=20251117)
        done = place.people / PER_SECOND / 60
        rows.append(
            [
                place.name,
                f"{place.cities * place.people:,}",
                str(place.machines),
                f"{done:,.0f}",
                f"{seen.answer_p99 * 1000:.0f}",
                f"{seen.busy:.0%}",
                "our machine" if seen.busy > 0.7 else "Telegram's 30/s a token",
            ]
        )
    head = ["who", "people", "machines", "prompts out, min", "answer p99, ms", "cores busy", "limit"]
    table(head, rows)


if __name__ == "__main__":
    main()
