"""The facts that messages get, as long as they come: what the check renders every template with.

Each name has its alternatives, the usual one first; the check tries all of them. A fact that a new template asks for
is added here, in the group of its kind. Where a name means another thing in one template, `_OWN` says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from messages import words_staff
from messages.library import Library
from messages.words import RULES, STEP_NAMES

Facts = dict[str, Any]
Alternatives = tuple[Any, ...]

# As long as a roster may hold them: a name with its titles, and a unit of about a hundred characters.
PERSON = "Prof. Dr. dr. Raden Roro Siti Nurhasanah Kusumaningtyas Prabaningrum Wulandari, Sp.P.D., S.K.M., M.Kes."
UNIT = "Dinas Pekerjaan Umum & Penataan Ruang, Perumahan Rakyat, Kawasan Permukiman, dan Pertanahan Kota Mojokerto"
# What `session add` takes at most.
TITLE = ("Ning Ita Sinar ASN: Pelayanan dari Hati bagi Seluruh Perangkat Daerah " * 3)[:199] + "!"
PLACE = ("Ruang Sabha Mandala Madya, Gedung Sekretariat Daerah Lantai Dua, Kota Mojokerto, " * 3)[:200]
QUOTE = ("Warga tidak membaca struktur organisasi, warga membaca wajah kita di loket setiap pagi. " * 6)[:500]
PAYLOAD = "Aa0_-" * 4 + "Zz"
LINK = f"https://t.me/{'sinar_kota_mojokerto_resmi_asn_bot'[:32]}?start={PAYLOAD}"
# The longest day and month by name; 12.00 in the city.
MOMENT = "2026-09-29T05:00:00+00:00"
# What a person wrote into a plan: a sentence, not a page.
PLAN = ("menyapa setiap warga yang datang lebih dahulu dan mengantarnya sampai ke petugas yang tepat, " * 4)[:300]
LONGEST_NUMBER = 5000
LONGEST_ID = 9_999_999_999
CAPTION = "Kartu ringkas. " * 65

# Messages that go out under a picture or a document: 1,024 instead of 4,096.
CAPTIONS = frozenset({"summary", "summary_xlsx", "progress", "recap", "session_poster", "session_qr"})
# Templates of a touch all get the same facts, whether they use them or not.
TOUCHES = frozenset({"reminder", "reaction", "reflection", "commitment", "followup", "selfcheck", "recap"})
TOUCH_FACTS = frozenset({"greet", "name", "title", "place", "start", "end", "today", "until", "again", "remind"})


class Sample(Facts):
    """Facts for a keyboard: what is not named is an id, as long as one comes."""

    def __missing__(self, _name: str) -> int:
        return LONGEST_ID


def samples(library: Library, template: str) -> dict[str, Alternatives]:
    """Return the alternatives of every fact, as this template gets them."""
    return _COMMON | _of_content(library) | _OWN.get(template, {})


def usual(alternatives: Mapping[str, Alternatives]) -> Sample:
    """Return each fact as it usually is."""
    return Sample({name: options[0] for name, options in alternatives.items()})


def _of_content(library: Library) -> dict[str, Alternatives]:
    """What comes out of the content itself, the longest of each."""
    values = list(library.values.values())
    long_value = max(values, key=lambda value: len(value.name) + len(value.id))
    items = library.items.values()
    missed = sorted((value.missed for value in values), key=len, reverse=True)
    return {
        "prompt": (_longest(prompt.text for prompt in library.prompt_by_id.values()),),
        "reason": (_longest(reason for item in items for reason in item.reasons),),
        "missed": (missed[:5], []),
        "value": (_longest(value.name for value in values), None),
        "value_id": (long_value.id,),
        "definition": (_longest(value.definition for value in values),),
        "values": ([{"id": value.id, "name": value.name} for value in values],),
    }


_FLAG: Alternatives = (True, False)
_NUMBER: Alternatives = (LONGEST_NUMBER, 0, 1)
_MOMENTS: Alternatives = (MOMENT, None)
_PEOPLE: Alternatives = ([PERSON] * 8, [])
# Lists of names that the program fits into the room there is.
_FITTED: Alternatives = ([PERSON] * 14, [])


def _longest(texts: Iterable[str]) -> str:
    return max(texts, key=len, default="")


_ALARMS = ("token", "poller", "queue", "look", "summary", "disk", "backup_failed", "backup_old", "aside", "content")

_NAMES: dict[str, Alternatives] = {
    "name": (PERSON,),
    "unit": (UNIT,),
    "title": (TITLE,),
    "place": (PLACE,),
    "quotes": ([QUOTE] * 3, []),
    "cue": (PLAN,),
    "action": (PLAN,),
    "task": (LONGEST_ID,),
    "wish": (PLAN * 5,),
    "link": (LINK, None),
    "payload": (PAYLOAD,),
    "words": (CAPTION,),
    "version": ("10.10.10",),
    "week": ("2026-W39",),
    "hour": ("12.15 WIB",),
    "opens": (MOMENT, None),
    "closes": ("17.00",),
    "kind": ("callback_query",),
    "backup_failed": ("OSError " * 50, None),
    "say": ("begun", "still", "over"),
    "step": (_longest(STEP_NAMES.values()),),
    "rule": (_longest(RULES.values()),),
    "label": (UNIT,),
    "session": (TITLE,),
    "journey": ("Alur pendek 7 hari untuk unit kecil",),
    "query": (PERSON, ""),
    "plan": (PLAN, None),
    "gain": (PLAN,),
}
_INSTANTS: dict[str, Alternatives] = {
    "greet": (MOMENT,),
    "at": _MOMENTS,
    "start": (MOMENT,),
    "end": ("2026-09-29T08:00:00+00:00", "2026-09-30T08:00:00+00:00"),
    "until": _MOMENTS,
    "due": (MOMENT,),
    "example": (MOMENT,),
    "released": _MOMENTS,
    "now": (MOMENT,),
    "since": (MOMENT,),
    "to_start": (MOMENT,),
    "to_end": ("2026-09-29T08:00:00+00:00",),
    "asked_on": _MOMENTS,
    "last_look": _MOMENTS,
    "last_backup": _MOMENTS,
}
_NUMBERS: dict[str, Alternatives] = dict.fromkeys(
    (
        "ambiguous",
        "later",
        "uncertain",
        "aside",
        "broadcast",
        "correction_total",
        "correction",
        "closed",
        "maybe",
        "longest",
        "most",
        "more_names",
        "unreachable",
        "delivered",
        "group",
        "chosen",
        "told",
        "unlisted",
        "same",
        "present",
        "absent",
        "asked",
        "changed",
        "days",
        "digits",
        "failed",
        "gone",
        "hours",
        "joined",
        "joined_more",
        "kept",
        "left_out",
        "minimum_group",
        "minutes",
        "missing",
        "missing_more",
        "more",
        "more_units",
        "moved",
        "never_joined",
        "new",
        "number",
        "people",
        "refused",
        "removed",
        "restored",
        "right",
        "rows",
        "score",
        "total",
        "tries",
        "waiting",
        "retention_days",
        "backup_days",
    ),
    _NUMBER,
) | {"page": (400, 1), "pages": (500, 1)}
_FLAGS: dict[str, Alternatives] = dict.fromkeys(
    (
        "admin",
        "correcting",
        "unanswered_more",
        "can_rest",
        "something",
        "live",
        "named",
        "workday",
        "coach",
        "back",
        "again",
        "can_add_unit",
        "can_remind",
        "can_verify",
        "cancelled",
        "coordinator",
        "correct",
        "edited",
        "first",
        "late",
        "later_half",
        "names_unanswered",
        "notice",
        "owner",
        "participant",
        "reaction",
        "remind",
        "reminder",
        "over",
        "slow",
        "slow_offer",
        "today",
        "unread",
        "urgent",
    ),
    _FLAG,
)
_CHOICES: dict[str, Alternatives] = {
    "deferred": (_longest(RULES.values()), None),
    "fault": (
        "birth_date",
        "appointment",
        "length",
        "digits",
        "serial",
        "too_old",
        "past",
        "far",
        "session",
        "none",
        "unread",
        "",
    ),
    "outcome": ("kept", "not_yet", "changed"),
    "role": ("coordinator", "participant"),
    "state": ("running", "scheduled", "stopped", "done"),
}
_LISTS: dict[str, Alternatives] = {
    "names": ([PERSON] * 2, []),
    "unanswered": ([PERSON] * 2, []),
    "messages": ([QUOTE] * 3, []),
    "reasons": ([],),
    "correction_reasons": ([],),
    "corrected": (dict.fromkeys(("corrected", "blocked", "impossible", "stopped"), LONGEST_NUMBER),),
    "new_names": _PEOPLE,
    "gone_names": _PEOPLE,
    "joined_names": _FITTED,
    "missing_names": _FITTED,
    "close": ([UNIT] * 3, []),
    "fields": (["title", "place", "when", "units", "journey", "messages"],),
    "reminders": (list(STEP_NAMES.values())[:4], []),
    "choices": ([{"id": LONGEST_ID, "label": UNIT}] * 8, []),
    "key": ("a" * 12, ""),
    "entries": (
        [{"at": MOMENT, "about": f"{STEP_NAMES[kind]}, {TITLE[:60]}", "text": PLAN * 5} for kind in STEP_NAMES][:5],
        [],
    ),
    "lines": (
        [{"at": MOMENT, "actor": PERSON, "act": _longest(words_staff.ACTS.values()), "subject": UNIT}] * 12,
        [],
    ),
    "changes": ([{"name": PERSON, "fields": [("jabatan", PERSON, PERSON)]}] * 5, []),
    "alarms": ([{"kind": kind, "since": MOMENT} for kind in _ALARMS], []),
    "tasks": ([MOMENT], []),
    "about": (
        {
            **dict.fromkeys(("minutes", "count", "mebibytes", "days"), LONGEST_NUMBER),
            "week": "2026-W39",
            "reason": "OSError " * 50,
            "fault": "templates/x.j2: " + "e" * 600,
        },
        {"minutes": 10, "count": 1, "mebibytes": 10, "days": None, "week": "2026-W39", "reason": "x", "fault": "x"},
    ),
    "errors": ([(MOMENT, "BadRequest " * 40)] * 3, []),
    "moves": ([{"name": PERSON, "before": UNIT, "after": UNIT}] * 5, []),
    "refusals": ([{"row": LONGEST_NUMBER, "name": PERSON, "reason": PLAN}] * 6, []),
    "touches": (
        [
            {
                "session": TITLE,
                "session_id": 1,
                "step": _longest(STEP_NAMES.values()),
                "state": _longest(words_staff.TOUCH_STATES.values()),
                "reason": None,
                "due": MOMENT,
                "sent": MOMENT,
                "answered": MOMENT,
                "late": True,
                "skipped": None,
                "closed": False,
            }
        ]
        * 22,
        [],
    ),
    "tally": (
        dict.fromkeys(
            (
                *("planned", "deferred", "sent", "answered_early", "expired", "cancelled", "answered", "late"),
                *("skipped", "delivered", "blocked", "failed", "stopped"),
            ),
            LONGEST_NUMBER,
        ),
    ),
    "counts": (
        dict.fromkeys(("invited", "joined", "attended", "guests", "present", "absent", "unmarked"), LONGEST_NUMBER),
    ),
    "audience": (
        {"kind": "units", "names": [UNIT] * 20, "more": 15},
        {"kind": "session", "names": [TITLE], "more": 0},
        {"kind": "all", "names": [], "more": 0},
        {"kind": "unanswered", "names": [], "more": 0},
        {"kind": "coordinators", "names": [], "more": 0},
    ),
    "units": ([UNIT] * 7,),
    "sessions": (
        [{"title": TITLE, "place": PLACE, "start": MOMENT, "end": MOMENT, "state": "sedang berlangsung"}] * 3,
        [],
    ),
}
_COMMON: dict[str, Alternatives] = _NAMES | _INSTANTS | _NUMBERS | _FLAGS | _CHOICES | _LISTS

_OWN: dict[str, dict[str, Alternatives]] = {
    "alarm": {"kind": _ALARMS, "until": (MOMENT,)},
    "admin_coordinators": {"people": ([{"id": LONGEST_ID, "unit": UNIT, "name": PERSON, "state": "diundang"}] * 8, [])},
    "admin_import_fault": {"fault": (PLAN,)},
    "admin_sessions": {
        "sessions": ([{"title": TITLE, "start": MOMENT, "end": MOMENT, "state": "sedang berlangsung"}] * 10, [])
    },
    "admin_trace_unknown": {"asked": _FLAG},
    "broadcast_names": {"rows": ([{"name": PERSON, "unit": UNIT, "kind": None}] * 8, [])},
    "broadcast_progress": {
        "total": (LONGEST_NUMBER,),
        "tally": (dict.fromkeys(("delivered", "blocked", "failed", "expired", "stopped", "deferred"), 800),),
    },
    "broadcast_units": {"more": _FLAG},
    "catch_up": {
        "waiting": (
            [{"touchpoint": LONGEST_ID, "label": "Tindak lanjut komitmen", "title": TITLE, "until": MOMENT}] * 8,
        )
    },
    "commitment_readback": {"value": ("Berorientasi Pelayanan",)},
    "correction_closed": {"refused": _FLAG},
    "correction_refused": {"reason": ("a" * 1000,)},
    "coordinator_claimed": {"people": ([{"name": PERSON, "at": MOMENT}] * 8, [])},
    "coordinator_per_session": {
        "sessions": (
            [
                {
                    "title": TITLE,
                    "start_at": MOMENT,
                    "invited": LONGEST_NUMBER,
                    "joined": LONGEST_NUMBER,
                    "attended": LONGEST_NUMBER,
                }
            ]
            * 12,
            [],
        )
    },
    "coordinator_reminded": {
        "units": (
            [{"name": UNIT, "again": False, "people": LONGEST_NUMBER, "some": True, "few": False}] * 5,
            [{"name": UNIT, "again": True, "people": 0, "some": False, "few": False}],
            [{"name": UNIT, "again": False, "people": 0, "some": False, "few": False}],
            [{"name": UNIT, "again": False, "people": 3, "some": True, "few": True}],
        )
    },
    "later_kept": {"at": (MOMENT,)},
    "move_approved": {"at": (MOMENT,)},
    "move_coming": {"at": (MOMENT,)},
    "note_kept": {"waiting": _FLAG},
    "paused": {"until": (MOMENT,)},
    "reflection": {"reaction": (LONGEST_ID, None)},
    "selfcheck": {"number": (7,), "value": ("Berorientasi Pelayanan",)},
    "settings_fault": {"opens": ("07.00",)},
    "stored": {"more": _FLAG},
    "summary": {"words": ("Ringkasan minggu ini. " * 20,), "week": ("2026-W39",)},
    "summary_xlsx_soon": {"units": (LONGEST_NUMBER,)},
}
