"""What a rule reports: one line with the file, the place in it, what is wrong and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`advice` is what makes content better; everything else is a fault and makes the check fail."""

    file: str
    key: str
    wrong: str
    remedy: str
    advice: bool = False

    def line(self) -> str:
        """Return the finding on one line."""
        place = f"{self.file}: {self.key}" if self.key else self.file
        return " ".join(f"{place}: {self.wrong}; {self.remedy}".split())
