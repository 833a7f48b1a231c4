"""An if-then plan in a person's own words: "Ketika …, saya akan …", however much of the frame was typed with it."""

import re

_BEFORE_CUE = re.compile(r"(?:ketika|jika|bila|kalau|apabila|saat)\b[ :,]*", re.IGNORECASE)
_BEFORE_ACTION = re.compile(r"(?:maka )?(?:saya (?:akan|mau|ingin)\b|aku akan\b)[ :,]*", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;.]? (?:maka )?saya akan ", re.IGNORECASE)
_END = " .,;:…"


def cue(text: str) -> str:
    """Return what stands between "Ketika" and the comma."""
    return _stripped(_BEFORE_CUE, text)


def action(text: str) -> str:
    """Return what stands behind "saya akan", up to the full stop."""
    return _stripped(_BEFORE_ACTION, text)


def both(text: str) -> tuple[str, str] | None:
    """Return cue and action of a whole sentence ("ketika …, saya akan …"), or None when it is not one."""
    found = _BETWEEN.search(text)
    if found is None:
        return None
    parts = cue(text[: found.start()]), action(text[found.end() :])
    return parts if all(parts) else None


def _stripped(frame: re.Pattern[str], text: str) -> str:
    plain = text.strip().strip(_END)
    found = frame.match(plain)
    rest = plain[found.end() :].strip(_END) if found else plain
    # Whoever typed the frame alone said something all the same.
    return rest or plain


def sentence(cue: str, action: str) -> str:
    """Return the plan as one sentence."""
    return f"Ketika {cue}, saya akan {action}."
