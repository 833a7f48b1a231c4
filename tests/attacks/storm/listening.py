"""What the bot logs during a storm: counted where it is named, kept where it is not."""

import logging
from collections import Counter

from bot.logs import KeyValueFormatter
from tests.leaks import MARKS

# Logger and beginning of the message; anything else from WARNING up is out of order.
UNREADABLE = ("bot.intake.handling", "update cannot be read")
GIVEN_UP = ("bot.intake.lanes", "update failed")
KEPT_ASIDE = ("bot.intake.lanes", "an update was kept aside")
# What was drawn refers to files and messages that Telegram never saw; whoever asks for them again is told so.
NOT_DELIVERED = ("bot.delivery.worker", "not delivered")
INVENTED = (
    "Wrong file identifier",
    "Message can't be edited",
    "Message to edit not found",
    "There is no text in the message to edit",
)
SENT = ("bot.delivery.worker", "sent row=")
# What the bot tells of the office's business, to admins alone.
OF_THE_OFFICE = ("admin_", "broadcast_")
NAMED = (UNREADABLE, GIVEN_UP, KEPT_ASIDE, ("handlers.door", "denied right="))


class Listener(logging.Handler):
    """Stands in for every other handler while it listens."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(KeyValueFormatter())
        self.counted: Counter[tuple[str, str]] = Counter()
        self.out_of_order: list[str] = []
        self.leaking: list[str] = []
        self.office: Counter[str] = Counter()
        """How often each of the office's templates was sent."""
        self.failed: dict[int, list[str]] = {}
        """By the update's row: what the log says of each of its failures."""

    def emit(self, record: logging.LogRecord) -> None:
        """Sort one record."""
        if (record.name, record.msg[: len(SENT[1])]) == SENT and isinstance(record.args, tuple):
            self.office.update([str(record.args[1])] * str(record.args[1]).startswith(OF_THE_OFFICE))
            return
        line = self.format(record)
        if MARKS.in_text(line):
            self.leaking.append(line)
        name = next((n for n in NAMED if record.name == n[0] and record.getMessage().startswith(n[1])), None)
        if name is not None:
            self.counted[name] += 1
            if name == GIVEN_UP and isinstance(record.args, tuple) and isinstance(record.args[0], int):
                self.failed.setdefault(record.args[0], []).append(line)
        elif _of_an_invention(record):
            self.counted[NOT_DELIVERED] += 1
        elif record.levelno >= logging.WARNING:
            self.out_of_order.append(line)

    def __enter__(self) -> "Listener":
        root = logging.getLogger()
        # Alone: others would keep the tracebacks of a hundred thousand updates in memory.
        self._others, root.handlers = root.handlers, [self]
        logging.getLogger(SENT[0]).setLevel(logging.INFO)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().handlers = self._others
        logging.getLogger(SENT[0]).setLevel(logging.NOTSET)


def _of_an_invention(record: logging.LogRecord) -> bool:
    said = record.getMessage()
    return (record.name, said[: len(NOT_DELIVERED[1])]) == NOT_DELIVERED and any(told in said for told in INVENTED)
