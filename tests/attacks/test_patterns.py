"""Regular expressions of death: every pattern of the code, on 100 kB of what could make it go back and forth."""

import ast
import importlib
import pkgutil
import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import bot
import handlers
import messages
import scheduler

CHECKOUT = Path(__file__).parents[2]
ROOMS: tuple[ModuleType, ...] = (bot, handlers, messages, scheduler)
LONG = 100_000
SHORT = 4_000
# Seconds of this thread; a linear pattern takes 0.2 ms for the short text, a quadratic one 50 ms or more.
MOST_FOR_SHORT, MOST_FOR_LONG = 0.01, 0.1
SEEDS = (
    "a",
    "1",
    " ",
    "\n",
    "1,",
    "1.",
    "a ",
    "a.",
    "-",
    ":",
    "<",
    "<a ",
    "&",
    "&a",
    "/a",
    '"',
    "\\",
    "+1",
    "é",
    "\u200f",
    "1e+",
    "a@",
    "_",
    "2025-",
    "17 nov ",
)


Pattern = re.Pattern[str] | re.Pattern[bytes]
WAYS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")


def modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        for found in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def within(value: object, depth: int = 3) -> Iterator[Pattern]:
    """The patterns in a value: itself, in a collection, or as a class's attribute."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for part in (*value, *value.values()):
            yield from within(part, depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from within(part, depth - 1)
    elif depth and isinstance(value, type):
        for part in vars(value).values():
            yield from within(part, depth - 1)


def uses() -> Iterator[tuple[str, Pattern, str]]:
    """Each pattern, and how it is used: where it stands, the pattern, the method's name."""
    for module in modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            for pattern in within(value):
                # One that is reached through a collection is tried by the two ways that cover the others.
                named = {way for way in WAYS if f"{name}.{way}(" in source} if value is pattern else set()
                for way in named or {"fullmatch", "match"}:
                    yield module.__name__, pattern, way
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=way), args=[ast.Constant(value=str(text)), *_]
                ) if way in WAYS:
                    yield module.__name__, re.compile(text), way


def seconds(pattern: Pattern, way: str, subject: str) -> float:
    """The least of a few tries, so that a busy machine is not taken for a slow pattern."""
    text = subject.encode() if isinstance(pattern.pattern, bytes) else subject
    work = getattr(pattern, way)
    given = (lambda found: found[0], text) if way in ("sub", "subn") else (text,)
    best = 100.0
    for _ in range(3):
        began = time.thread_time()
        done = work(*given)
        if way == "finditer":
            deque(done, maxlen=0)
        best = min(best, time.thread_time() - began)
        if best < MOST_FOR_SHORT / 2:
            break
    return best


def too_slow(pattern: Pattern, way: str) -> list[str]:
    """The text whose repetition takes longer than a linear pattern does: each for 4 kB, the worst for 100 kB."""
    short = {(seed, end): seconds(pattern, way, (seed * SHORT)[:SHORT] + end) for seed in SEEDS for end in ("", "\x00")}
    slow = [seed for (seed, _), took in short.items() if took > MOST_FOR_SHORT]
    if not slow:
        seed, end = max(short, key=lambda tried: short[tried])
        slow = [seed] if seconds(pattern, way, (seed * LONG)[:LONG] + end) > MOST_FOR_LONG else []
    return slow


def test_every_pattern_of_the_code_takes_100_kB_in_its_stride() -> None:
    found = {(str(pattern.pattern), pattern.flags, way): (where, pattern) for where, pattern, way in uses()}
    assert len(found) > 20
    slow = {
        (where, text, way): seeds
        for (text, _, way), (where, pattern) in found.items()
        if (seeds := too_slow(pattern, way))
    }
    assert slow == {}


def test_a_pattern_that_goes_back_and_forth_is_found() -> None:
    assert too_slow(re.compile(r"\s+$"), "search") == [" ", "\n"]
