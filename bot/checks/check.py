"""What one look of `check` found."""

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing looked at; `remedy` is set where something is to be done."""

    name: str
    level: Level
    detail: str
    remedy: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the check under the keys that scripts rely on."""
        ok = self.level != "wrong"
        return {"name": self.name, "ok": ok, "detail": self.detail, "remedy": self.remedy, "level": self.level}
