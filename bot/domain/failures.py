"""Why a message did not arrive, from the words in which Telegram refuses it."""

# In this order: the first that stands in the words decides.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("message to copy not found", "source_gone"),
    ("no messages to copy", "source_gone"),
    ("message to edit not found", "deleted"),
    ("message_id_invalid", "deleted"),
    ("message unknown", "unknown_message"),
    ("can't be edited", "not_editable"),
    ("no text in the message", "not_editable"),
    ("no caption in the message", "not_editable"),
    ("can't be copied", "not_copyable"),
    ("is too long", "too_long"),
    ("file identifier", "file_gone"),
    ("file_reference", "file_gone"),
    ("deactivated", "deactivated"),
    ("chat not found", "no_chat"),
    ("peer_id_invalid", "no_chat"),
    ("can't initiate", "no_chat"),
    ("blocked", "blocked"),
)


def failure(words: str | None) -> str:
    """Return the kind of failure, "other" for words that are not known."""
    said = (words or "").casefold()
    return next((kind for sign, kind in _SIGNS if sign in said), "other")
