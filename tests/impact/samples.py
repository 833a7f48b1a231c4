"""Reports as they come after an ordinary session, before there is much, and with names as long as they get."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from bot.domain.gain import Gain
from bot.reports.impact.figures import Impact, MissedItem, Reaction, UnitGain, ValueLevel
from tests.reports.samples import VALUES

START = datetime(2025, 11, 17, 1, tzinfo=UTC)
GAIN = Gain(48, 3, 1.6, 2.2, 0.6, 0.31, 0.88)
QUESTION = (
    "Setelah lama menunggu di loket Anda, seorang warga ternyata salah tempat. Loket yang benar ada di gedung sebelah"
    " dan segera tutup. Apa yang sebaiknya Anda lakukan?"
)

IMPACT = Impact(
    session_id=7,
    title="Ning Ita Sinar ASN",
    place="Ruang Sabha Mandala Madya",
    start=START,
    end=START + timedelta(hours=3),
    as_of=datetime(2026, 1, 5, 3, tzinfo=UTC),
    minimum_group=5,
    invited=120,
    attended=103,
    joined=99,
    guests=4,
    reflected=81,
    quizzed=74,
    committed=62,
    kept=38,
    reaction=Reaction(77, 4.26, (0, 5, 9, 24, 39)),
    gain=GAIN,
    values=[ValueLevel(short, 51, 2.4 + number / 5) for number, short in enumerate(VALUES)],
    missed=[
        MissedItem("akuntabel-07", QUESTION, "Akuntabel", 60, 31),
        MissedItem("loyal-02", QUESTION[:150], "Loyal", 58, 22),
        MissedItem("adaptif-01", QUESTION[:120], "Adaptif", 55, 14),
        MissedItem("harmonis-03", QUESTION[:90], "Harmonis", 40, None),
    ],
    units=[
        UnitGain("BPBD", 12, 9, None),
        UnitGain("Kecamatan Magersari", 68, 57, Gain(29, 3, 1.6, 2.3, 0.7, 0.3, 1.1)),
        UnitGain("Kelurahan Gunung Gedangan", 10, 8, None),
        UnitGain("Satpol PP", 30, 25, Gain(12, 3, 1.7, 1.8, 0.1, -0.5, 0.7)),
    ],
    by_unit=True,
    gain_from=START + timedelta(days=30),
    settled_from=START + timedelta(days=45),
    until=datetime(2026, 1, 5, tzinfo=timezone(timedelta(hours=7))),
)
EARLY = replace(
    IMPACT,
    as_of=START + timedelta(days=2),
    quizzed=None,
    committed=None,
    kept=None,
    reaction=Reaction(30, 4.1, None),
    gain=None,
    values=[ValueLevel(short, None, None) for short in VALUES],
    missed=[],
    units=[replace(unit, gain=None) for unit in IMPACT.units],
    by_unit=False,
)
LONGEST = replace(
    IMPACT,
    title="Sesi Inspirasi dan Arahan ASN BerAKHLAK bagi Camat, Lurah, dan Pejabat Administrator " * 3,
    place="Aula Gedung Pertemuan Kecamatan Prajurit Kulon Lantai Dua Sayap Timur " * 2,
    missed=[replace(item, question=(QUESTION * 2)[:300], value="Berorientasi Pelayanan") for item in IMPACT.missed],
    units=[
        replace(
            IMPACT.units[1],
            unit=f"Dinas Pekerjaan Umum, Penataan Ruang, Perumahan Rakyat dan Kawasan Permukiman {n} " * 2,
        )
        for n in range(35)
    ],
)


def hostile(text: str) -> Impact:
    """The ordinary report with `text` wherever a text can stand."""
    return replace(
        IMPACT,
        title=text,
        place=text,
        missed=[replace(IMPACT.missed[0], question=text, value=text)] * 3,
        units=[replace(IMPACT.units[1], unit=text)] * 4,
        values=[replace(value, short=text) for value in IMPACT.values],
    )
