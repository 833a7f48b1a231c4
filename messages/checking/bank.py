"""Whether the bank is what it should be: fit for a quiz (faults), and large and varied enough (advice).

A folder with few items can be used, so its size is advice. What would mislead is a fault: an option without a
reason of its own, a quiz that draws more than there is, pre- and post-quiz that do not measure the same.
"""

from collections import Counter
from collections.abc import Iterator

from bot.domain.journey import QUIZZES, Kind
from messages.checking.finding import Finding
from messages.checking.passages import item_places, place
from messages.library import SETTINGS, Item, Library, Quiz

ITEMS_OF_A_BEHAVIOUR = 3
PROMPTS_OF_A_VALUE = 8
# Of the seven kinds of work.
SETTINGS_OF_ITEMS = 5
SETTINGS_OF_PROMPTS = 4
ITEMS_OF_A_QUIZ = range(3, 6)
_BEHAVIOURS = {1: "behaviour 1", 2: "behaviour 2", 3: "behaviour 3", 0: "transfer (behaviour 0)"}


def findings(library: Library) -> Iterator[Finding]:
    """Give what is missing or does not fit in the bank as a whole."""
    yield from _reasons(library)
    yield from _draws(library)
    yield from _parallel(library)
    yield from _items(library)
    yield from _prompts(library)
    yield from _lengths(library)


def _reasons(library: Library) -> Iterator[Finding]:
    for file, item in item_places(library):
        seen: dict[str, int] = {}
        for number, reason in enumerate(item.reasons):
            key, said = f"{item.id}.reasons[{number}]", " ".join(reason.split()).casefold()
            if not said:
                yield Finding(file, key, "is empty", "say why this option is right or wrong")
            elif said in seen:
                wrong = f"is the same as reasons[{seen[said]}]"
                yield Finding(file, key, wrong, "give each option a reason of its own")
            seen.setdefault(said, number)


def _draws(library: Library) -> Iterator[Finding]:
    for quiz in library.quizzes.values():
        there = _pool(library, quiz)
        if quiz.draw and quiz.draw.count > there:
            wrong = f"draws {quiz.draw.count} of {there} items"
            remedy = "draw fewer, or name more quizzes in draw.from"
            yield Finding(place(library, f"quizzes/{quiz.id}.toml"), "draw.count", wrong, remedy)


def _pool(library: Library, quiz: Quiz) -> int:
    return sum(len(library.quizzes[source].items) for source in quiz.draw.from_) if quiz.draw else len(quiz.items)


def _parallel(library: Library) -> Iterator[Finding]:
    for journey in library.journeys.values():
        before = {step.content for step in journey.steps if step.kind is Kind.PREQUIZ and step.content}
        after = {step.content for step in journey.steps if step.kind is Kind.POSTQUIZ and step.content}
        for first in sorted(before):
            for second in sorted(after):
                yield from _pair(library, library.quizzes[first], library.quizzes[second])


def _pair(library: Library, before: Quiz, after: Quiz) -> Iterator[Finding]:
    if before.draw or after.draw:
        return
    file = place(library, f"quizzes/{after.id}.toml")
    if len(before.items) != len(after.items):
        wrong = f"{len(after.items)} items, but {before.id} has {len(before.items)}"
        yield Finding(file, "item", wrong, "keep as many before as after, in pairs")
        return
    for one, other in zip(before.items, after.items, strict=True):
        if _measures(one) != _measures(other):
            wrong = f"measures {_told(other)}, but its pair {one.id} measures {_told(one)}"
            remedy = f"give it the value and behaviour of {one.id}, in the same place"
            yield Finding(file, f"{other.id}.behaviour", wrong, remedy)


def _measures(item: Item) -> tuple[str, int]:
    return item.value, item.behaviour


def _told(item: Item) -> str:
    return f"{item.value} {item.behaviour}"


def _items(library: Library) -> Iterator[Finding]:
    bank = _recalled(library)
    counts = Counter(_measures(item) for item in bank)
    for value in library.values:
        for behaviour, name in _BEHAVIOURS.items():
            there = counts[value, behaviour]
            if there < ITEMS_OF_A_BEHAVIOUR:
                wrong = f"{there} items for {name}"
                remedy = f"write {ITEMS_OF_A_BEHAVIOUR - there} more"
                yield Finding(place(library, "quizzes"), value, wrong, remedy, advice=True)
        used = {item.setting for item in bank if item.value == value}
        yield from _spread(place(library, "quizzes"), value, "items", used, SETTINGS_OF_ITEMS)


def _recalled(library: Library) -> list[Item]:
    """The items that quizzes draw from: all but those of the pre- and post-quizzes."""
    measuring = {
        step.content
        for journey in library.journeys.values()
        for step in journey.steps
        if step.kind in (Kind.PREQUIZ, Kind.POSTQUIZ)
    }
    return [item for quiz in library.quizzes.values() if quiz.id not in measuring for item in quiz.items]


def _prompts(library: Library) -> Iterator[Finding]:
    file = place(library, "prompts")
    for value in library.values:
        own = [prompt for prompt in library.prompt_by_id.values() if prompt.value == value]
        if len(own) < PROMPTS_OF_A_VALUE:
            remedy = f"write {PROMPTS_OF_A_VALUE - len(own)} more"
            yield Finding(file, value, f"{len(own)} prompts", remedy, advice=True)
        yield from _spread(file, value, "prompts", {prompt.setting for prompt in own}, SETTINGS_OF_PROMPTS)


def _spread(file: str, value: str, what: str, used: set[str], fewest: int) -> Iterator[Finding]:
    if len(used) < fewest:
        missing = ", ".join(setting for setting in SETTINGS if setting not in used)
        wrong = f"{what} from {len(used)} kinds of work (at least {fewest})"
        yield Finding(file, value, wrong, f"take some from {missing}", advice=True)


def _lengths(library: Library) -> Iterator[Finding]:
    steps = [step for journey in library.journeys.values() for step in journey.steps if step.kind in QUIZZES]
    for name in sorted({step.content for step in steps if step.content is not None}):
        quiz = library.quizzes[name]
        asked = quiz.draw.count if quiz.draw else len(quiz.items)
        if asked not in ITEMS_OF_A_QUIZ:
            file = place(library, f"quizzes/{quiz.id}.toml")
            key = "draw.count" if quiz.draw else "item"
            yield Finding(file, key, f"{asked} items", "ask 3 to 5: two minutes a touch", advice=True)
