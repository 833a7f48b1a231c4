"""What one message of a broadcast says: enough to send or edit it exactly, without the message itself."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

Json = dict[str, Any]
REPLACEABLE = ("photo", "document")
CAPTIONED = (*REPLACEABLE, "video", "animation", "audio", "voice")


@dataclass(frozen=True)
class Piece:
    """`text` is the text or the caption, `entities` its formatting in the Bot API's shape.

    `message` is the admin's own message, which is copied as long as nothing was corrected. `look` holds
    "has_spoiler", "show_caption_above_media" and, of a text, "link_preview_options", where they are set.
    """

    kind: str
    message: int
    text: str = ""
    entities: tuple[Json, ...] = ()
    file_id: str = ""
    look: Json = field(default_factory=dict)
    corrected: bool = False
    file_replaced: bool = False

    def correctable_by(self, other: "Piece", *, in_album: bool) -> bool:
        """Whether the delivered piece can be made to say what `other` says."""
        if other.kind == "text":
            return self.kind == "text" or self.kind in CAPTIONED
        same = other.kind == self.kind
        return other.kind in REPLACEABLE and (same or (self.kind in REPLACEABLE and not in_album))

    def corrected_by(self, other: "Piece") -> "Piece":
        """Return the piece as the correction has it: a text for a caption, else the whole."""
        if other.kind == "text" and self.kind != "text":
            return replace(self, text=other.text, entities=other.entities, corrected=True)
        replaced = other.kind != "text"
        return replace(other, message=self.message, corrected=True, file_replaced=replaced)


def to_json(pieces: Sequence[Piece]) -> list[Json]:
    """Return the pieces as plain data."""
    return [asdict(piece) for piece in pieces]


def from_json(found: Sequence[Json]) -> tuple[Piece, ...]:
    """Return the pieces that `to_json` made plain."""
    return tuple(Piece(**(piece | {"entities": tuple(piece["entities"])})) for piece in found)
