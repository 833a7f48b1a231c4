"""What is wrong with the file of settings, in the operator's words: where it stands, and what would be right."""

import difflib
import re
import tomllib
from collections.abc import Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_EXPECTED = {
    "string_type": "write a text in quotes",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "bool_type": "write true or false",
    "list_type": "write a list in square brackets",
    "model_type": "write a [section]",
    "dict_type": "write a [section]",
    "path_type": "write a path in quotes",
}


def placed(fault: str, text: str) -> str:
    """Say where in the file a fault of TOML is that tomllib only meets at its end: a bracket or quote left open."""
    if "end of document" not in fault:
        return fault
    lines = text.splitlines()
    for number in range(len(lines), 0, -1):
        try:
            tomllib.loads("\n".join(lines[: number - 1]))
        except tomllib.TOMLDecodeError:
            continue
        return f"{fault}; what line {number} begins is not closed: {lines[number - 1].strip()}"
    return fault


def line_of(text: str, location: Sequence[int | str]) -> str:
    """Return " (line N)" for the place where a key, or else its section, stands in the file; "" if it is not found."""
    names = [part for part in location if isinstance(part, str)]
    found, section = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            section = header[1].replace('"', "").replace("'", "").replace(" ", "")
            if names and section == ".".join(names).replace(" ", ""):
                found = number
        elif key := _KEY.match(line):
            full = f"{section}.{key[1]}" if section else key[1]
            if full == ".".join(names).replace(" ", ""):
                return f" (line {number})"
    return f" (line {found})" if found else ""


def fault_of(item: dict[str, Any], settings: type[BaseModel]) -> str:
    """Say what is wrong with a key of the settings: pydantic's finding with the value and a remedy."""
    location = [str(part) for part in item["loc"]]
    key = ".".join(location) or "the file"
    if item["type"] == "extra_forbidden":
        close = difflib.get_close_matches(location[-1], _known_keys(settings, location[:-1]), n=1)
        remedy = f"; did you mean {close[0]!r}?" if close else "; remove it"
        return f"{key}: unknown key{remedy}"
    told = _EXPECTED.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
    value = item.get("input")
    shown = "" if isinstance(value, dict) else f" = {value!r}"
    return f"{key}{shown}: {told}"


def _known_keys(settings: type[BaseModel], location: Sequence[str]) -> list[str]:
    """Return the keys of a section, or of one that has a name of its own, such as [units."NAME"]."""
    found: Any = settings
    for name in location:
        if get_origin(found) is dict:
            found = get_args(found)[1]
        else:
            field = found.model_fields.get(name)
            found = field.annotation if field is not None else None
    return list(getattr(found, "model_fields", {}))
