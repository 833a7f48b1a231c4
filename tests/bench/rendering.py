"""What keeping compiled templates is worth."""

import time

from bot.calendars import Calendars
from bot.config import Config
from messages.library import load_library
from messages.texts import Texts
from tests.bench.sinar import facts

TIMES = 400


def seconds(*, compiled_each_time: bool) -> float:
    """Render a session's reminder so many times."""
    texts = Texts(load_library().folder, Calendars(Config()).city.zone)
    given = [facts(number) for number in range(TIMES)]
    cache = texts._environment.cache
    assert cache is not None
    texts.render("reminder", given[0])
    began = time.perf_counter()
    for one in given:
        if compiled_each_time:
            cache.clear()
        texts.render("reminder", one)
    return time.perf_counter() - began
