"""Print all of it: `python -m tests.bench`. Ratios of things measured in this run, never absolute speeds."""

import asyncio
import logging
import os
import platform
import statistics
from collections.abc import Sequence

from tests.attacks.test_patterns import LONG
from tests.bench import delivery, doors, intake, learners, recall, rendering

RUNS = 3


def main() -> None:
    """Run everything and print the tables; takes two to three minutes on two cores."""
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    # Tokens stand in the addresses that httpx would log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()};"
        f" load {os.getloadavg()[0]:.1f} at the start"
    )
    ratios = asyncio.run(_processes())
    ratios.append(("templates: rendered compiled each time / kept compiled", _rendering()))
    ratios += asyncio.run(_doors())
    print(f"\n{'ratio, of ' + str(RUNS) + ' runs':<72} median  lowest-highest")
    for name, values in ratios:
        print(f"{name:<72} {statistics.median(values):6.2f}  {min(values):.2f}-{max(values):.2f}")
    pattern, took = doors.slowest_pattern()
    print(f"\nslowest pattern on {LONG // 1000} kB: {took:.2f} ms, {pattern!r}")
    _recall()


async def _processes() -> list[tuple[str, list[float]]]:
    ours = [await delivery.by_sinar() for _ in range(RUNS)]
    loop = [await delivery.by_loop() for _ in range(RUNS)]
    stored, counted = [], []
    for _ in range(RUNS):
        stored.append(await intake.by_sinar())
        counted.append(await intake.by_counting())
    print(f"\n{delivery.MESSAGES} messages, {delivery.LATENCY * 1000:.0f} ms a call, {RUNS} runs:")
    for name, runs in (("Sinar", ours), ("plain loop", loop)):
        print(f"  {name:<11} doubled {sum(run.doubled for run in runs)}, lost {sum(run.lost for run in runs)}")
    pace = f"{delivery.PER_SECOND:.0f}/s"
    return [
        (f"delivery: Sinar's time / time that the pace of {pace} asks for", [run.ratio for run in ours]),
        ("delivery: a plain loop's time / the same", [run.ratio for run in loop]),
        (
            f"intake of {intake.UPDATES}: stored, handled, answer queued / only counted in memory",
            [ours / theirs for ours, theirs in zip(stored, counted, strict=True)],
        ),
    ]


async def _doors() -> list[tuple[str, list[float]]]:
    posts = [await doors.right_posts_under_wrong_ones() for _ in range(RUNS)]
    floods = [await doors.others_beside_a_flood() for _ in range(RUNS)]
    wrong, flood = (statistics.median(rate for _, rate in runs) for runs in (posts, floods))
    return [
        (f"webhook: a right post beside {wrong:.0f} wrong ones a second / alone", [ratio for ratio, _ in posts]),
        (f"flood: others' p95 beside one account's {flood:.0f} a second / alone", [ratio for ratio, _ in floods]),
    ]


def _rendering() -> list[float]:
    return [
        rendering.seconds(compiled_each_time=True) / rendering.seconds(compiled_each_time=False) for _ in range(RUNS)
    ]


def _recall() -> None:
    lines = recall.run()
    print(f"\nRecall 45 days after a session, {recall.SEEDS} x {recall.LEARNERS} simulated learners, per cent;")
    print("sd over the seeds; Sinar ahead by, in points with 95 % interval")
    head: tuple[object, ...] = ()
    for line in lines:
        if head != (head := (line.model, line.session, line.outcome)):
            of = "all 84 items" if line.outcome == "bank" else "items missed in the first quiz"
            print(f"\n  {line.model}, session {line.session}, {of}")
        ahead = "" if line.arm == "Sinar" else f"  {line.ahead:+6.2f} ± {line.ahead_half:.2f}"
        print(f"    {line.arm:<26} {line.mean:6.2f}  sd {line.spread:4.2f}{ahead}")
    if not recall.HAS_FSRS:
        print("    fsrs not installed")
    print()
    for model in learners.MODELS:
        print(_gain(model, [line for line in lines if line.model == model and line.session == 1]))


def _gain(model: str, lines: Sequence[recall.Line]) -> str:
    by = {(line.outcome, line.arm): line for line in lines}
    missed, bank = by["missed", "random order"], by["bank", "random order"]
    return (
        f"Gain at day 45 over random order ({model}): {missed.ahead:+.1f} points ± {missed.ahead_half:.1f} on missed "
        f"items ({by['missed', 'Sinar'].mean:.1f} % against {missed.mean:.1f} %), {bank.ahead:+.2f} points "
        f"± {bank.ahead_half:.2f} over all 84."
    )


if __name__ == "__main__":
    main()
