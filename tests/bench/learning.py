"""What the order of asking is worth to simulated learners, printed."""

from collections.abc import Sequence

from tests.bench import learners, recall


def show() -> None:
    """Print what is recalled, by order of asking."""
    lines = recall.run()
    print(f"Recall 45 days after a session, {recall.SEEDS} x {recall.LEARNERS} simulated learners, per cent;")
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
