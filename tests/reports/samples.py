"""Figures and cards as they come in an ordinary week, and texts that no one should have to type."""

from dataclasses import replace
from datetime import date

from bot.reports.figures import (
    ProgressCard,
    RecapCard,
    SelfCheck,
    SummaryPicture,
    ValueProgress,
    WeeklyFigures,
)

LINK = "https://t.me/SinarASNBot?start=s_3hG7kQ1zXw9Lm2Pq8Rt5"
VALUES = (
    "Berorientasi Pelayanan",
    "Akuntabel",
    "Kompeten",
    "Harmonis",
    "Loyal",
    "Adaptif",
    "Kolaboratif",
)

HOSTILE = {
    "empty": "",
    "code": '#panic() #let x = 1; #include "/etc/passwd" $x^2$ *b* _i_ @ref <label> `raw` \\ // /* = - + ]',
    "html": "<b>tebal</b> & <script>alert(1)</script> &amp;",
    "json": '"}, "x": {"\\u0000": [',
    "long word": "A" * 200,
    "long name": "Raden Ayu Siti Nurhaliza Kusumaningrum " * 6,
    "emoji": "😀👍🏽👨‍👩‍👧🇮🇩",
    "emoji in a name": "Budi 😀 Santoso",
    "arabic": "محمد عبد الله",
    "other scripts": "ꦗꦮ 漢字 Иван 𝐁𝐮𝐝𝐢",
    "invisible": "a\u202eb\u200bc\u00add\u2028e\x00f\x07g\nh\ud800i",
}

WEEK = WeeklyFigures(
    week="2025-W47",
    unit="Dinas Kesehatan, Pengendalian Penduduk dan Keluarga Berencana",
    invited=40,
    joined=34,
    sent=60,
    answered=51,
    quiz_average=78.4,
    hardest_item="akuntabel-07",
    hardest_value="Akuntabel",
    commitments_made=28,
    commitments_kept=21,
)
WEEK_BEFORE = replace(WEEK, week="2025-W46", joined=31, sent=55, answered=40, quiz_average=79.9)
HIDDEN_WEEK = replace(
    WEEK,
    joined=3,
    sent=4,
    answered=None,
    quiz_average=None,
    hardest_item=None,
    hardest_value=None,
    commitments_made=None,
    commitments_kept=None,
)
EMPTY_WEEK = replace(HIDDEN_WEEK, unit=None, invited=0, joined=0, sent=0)

SUMMARY = SummaryPicture(WEEK, WEEK_BEFORE, "Apa yang sebaiknya dilakukan petugas loket?", "DinkesPPKB")

PROGRESS = ProgressCard(
    name="Siti Rahmawati, S.KM.",
    session_title="Sesi Inspirasi DinkesPPKB",
    values=[ValueProgress(name.lower(), name, times, times / 6) for times, name in enumerate(VALUES)],
    steps_done=12,
    steps_total=18,
    commitments=[
        ("Ketika warga datang ke loket, saya akan menyapa lebih dahulu.", "made"),
        ("Jika laporan selesai, saya akan memeriksanya sekali lagi.", "kept"),
    ],
    more_commitments=1,
    as_of=date(2025, 11, 28),
)
EMPTY_PROGRESS = replace(
    PROGRESS,
    values=[ValueProgress(name.lower(), name, 0, None) for name in VALUES],
    steps_done=0,
    steps_total=0,
    commitments=[],
    more_commitments=0,
)

RECAP = RecapCard(
    name="Siti Rahmawati, S.KM.",
    session_title="Sesi Inspirasi DinkesPPKB",
    first_day=date(2025, 11, 17),
    last_day=date(2025, 12, 18),
    reflections=3,
    quiz_right=17,
    quiz_asked=20,
    commitment="Ketika warga datang ke loket, saya akan menyapa lebih dahulu.",
    commitment_state="kept",
    selfcheck=[SelfCheck(name, 1 + i % 4) for i, name in enumerate(VALUES)],
)
EMPTY_RECAP = replace(
    RECAP,
    reflections=0,
    quiz_right=0,
    quiz_asked=0,
    commitment=None,
    commitment_state=None,
    selfcheck=[SelfCheck(name, None) for name in VALUES],
)


def hostile_summary(text: str) -> SummaryPicture:
    """The ordinary week with `text` wherever a text can stand."""
    figures = replace(WEEK, unit=text, hardest_value=text)
    return SummaryPicture(figures, WEEK_BEFORE, text, text)


def hostile_progress(text: str) -> ProgressCard:
    """The ordinary progress with `text` wherever a text can stand."""
    values = [replace(value, short=text) for value in PROGRESS.values]
    return replace(PROGRESS, name=text, session_title=text, values=values, commitments=[(text, text)] * 5)


def hostile_recap(text: str) -> RecapCard:
    """The ordinary recap with `text` wherever a text can stand."""
    selfcheck = [SelfCheck(text, 4)] * 7
    return replace(RECAP, name=text, session_title=text, commitment=text, commitment_state=text, selfcheck=selfcheck)
