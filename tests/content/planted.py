"""Faults to be planted into copies of the shipped content, each with the one finding that names it."""

from dataclasses import dataclass
from pathlib import Path

from messages.check import Report
from messages.library import SHIPPED, load_library

LIBRARY = load_library()


@dataclass(frozen=True)
class Planted:
    """What is changed in which file, and the one finding: where (file and key), what and remedy, or advice."""

    name: str
    file: str
    old: str
    new: str
    found: str
    advice: bool = False


HARMONIS = "quizzes/harmonis.toml"
FIRST = next(item for item in LIBRARY.items.values() if item.value == "harmonis")
SECOND = [item for item in LIBRARY.items.values() if item.value == "harmonis"][1]
PROMPT = LIBRARY.prompts["nilai"][0]
OTHER_PROMPT = LIBRARY.prompts["nilai"][1]
LONG = "Pada suatu hari seorang warga " + "datang dan bertanya " * 8 + "lagi."


def in_reason(text: str, found: str, *, advice: bool = False) -> Planted:
    """A fault in the words of a reason."""
    return Planted(text, HARMONIS, FIRST.reasons[1], text, f"{HARMONIS}: {FIRST.id}.reasons[1]: {found}", advice)


def in_option(text: str, found: str) -> Planted:
    """A fault in the words of a wrong option."""
    number = 0 if FIRST.correct else 1
    return Planted(text, HARMONIS, FIRST.options[number], text, f"{HARMONIS}: {FIRST.id}.options[{number}]: {found}")


WORDS = [
    in_reason("Silahkan menunggu sebentar.", '"Silahkan" is not the standard spelling; write "silakan"'),
    in_reason("Dalam praktek hal itu sulit.", '"praktek" is not the standard spelling; write "praktik"'),
    in_reason("Itu merubah arahnya.", '"merubah" is not the standard spelling; write "mengubah"'),
    in_reason(
        "Itu soal perlindungan data pribadi.",
        '"perlindungan data pribadi" is not the standard spelling; write "pelindungan data pribadi"',
    ),
    in_reason("Tanyakan kepada Walikota dahulu.", '"Walikota" is not the standard spelling; write "wali kota"'),
    in_reason("Menurut anda itu cukup.", '"anda" needs a capital letter; write "Anda"'),
    in_reason("Datanglah pukul 08:00 WIB.", '"08:00" is not how a time is written; write it with a dot'),
    in_reason("Itu sesuai Ber-AKHLAK kita.", '"Ber-AKHLAK" is not the official form; write "BerAKHLAK"'),
    in_reason("Itu sesuai Berakhlak kita.", '"Berakhlak" is not the official form; write "BerAKHLAK"'),
    in_reason("Itu sesuai Be-AKHLAK kita.", '"Be-AKHLAK" is not the official form; write "BerAKHLAK"'),
    in_reason("Itu satu korveliu kita.", '"korveliu" is a press mistake; write "nilai dasar'),
    in_reason("Laporkan kepada BPDB segera.", '"BPDB" is a press mistake; write "BPBD"'),
    in_reason("Itu urusan bupati saja.", '"bupati" belongs to the regency, not to the city; write "wali kota"'),
    in_reason("Itu dihitung 20 JP bagi Anda.", '"20 JP" rests on something that nobody has confirmed; leave it out'),
    in_reason("Menurut kamu itu cukup.", '"kamu" is not how an office speaks; write "Anda"'),
    in_reason("Ada tenggat, yaitu deadline.", '"deadline" is jargon; write "tenggat"'),
    in_reason("Itu sudah baik!!", '"!!" shouts; end the sentence with one mark'),
    in_reason("Itu baik 🙂 sekali 👍 bagi warga.", '"🙂 sekali 👍" has more than one emoji; keep one'),
    in_option("Semua jawaban di atas benar menurut aturan yang sudah ada sejak lama", '"Semua jawaban di atas benar"'),
    in_reason("Berkat kepemimpinan wali kota hal itu terjadi.", '"Berkat kepemimpinan wali kota" speaks of an office'),
    in_reason("Ning Ita sudah memberi contoh.", '"Ning Ita" speaks of an office holder as a person; speak of'),
    in_reason("Teruskan sampai dua periode.", '"dua periode" sounds like a campaign; leave it out'),
    in_reason("Itu terjadi menjelang pilkada.", '"pilkada" touches on elections or parties; let a', advice=True),
    in_reason("Ia rajin salat dan jujur.", '"salat" names a religion\'s practice; choose an example'),
    in_reason(LONG, "a sentence of 30 words (at most 25); make two sentences of it"),
    in_reason(
        "Satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua belas tiga belas empat. "
        "Satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua belas tiga belas empat.",
        "16.0 words a sentence (at most 15 on average); shorten or divide its sentences",
        advice=True,
    ),
    in_reason(
        "Itu ditetapkan dalam UU ASN.", '"UU" is a legal statement without a source; write source = "law, article"'
    ),
    in_reason(" ", "is empty; say why this option is right or wrong"),
    in_reason(FIRST.reasons[0], "is the same as reasons[0]; give each option a reason of its own"),
]
DATA = [
    *WORDS,
    Planted(
        "long case",
        HARMONIS,
        FIRST.question,
        "Ada satu hal yang baru. " * 7 + "Apa?",
        f"{HARMONIS}: {FIRST.id}.question: a case of 36 words in 8 sentences; keep to 35 words in 4 sentences",
    ),
    Planted(
        "no room for the counter",
        HARMONIS,
        FIRST.question,
        "Perpustakaankeliling kotamadya " * 9 + "menunggu seseorang?",
        f'{HARMONIS}: {FIRST.id}.question: 304 characters with the "10/10 " before it, Telegram takes 300;',
    ),
    Planted(
        "lines of an explanation",
        HARMONIS,
        f'explanation = "{FIRST.explanation}"',
        'explanation = "Satu.\\nDua.\\nTiga.\\nEmpat."',
        f"{HARMONIS}: {FIRST.id}.explanation: more than 2 line breaks; write it as one paragraph",
    ),
    Planted(
        "a case told twice",
        HARMONIS,
        SECOND.question,
        FIRST.question,
        f"{HARMONIS}: {SECOND.id}.question: says the same as {FIRST.id}; write another one",
    ),
    Planted(
        "a case nearly told twice",
        HARMONIS,
        SECOND.question,
        FIRST.question.replace(" ", " memang ", 1),
        f"{HARMONIS}: {SECOND.id}.question: is nearly the same as {FIRST.id}",
        advice=True,
    ),
    Planted(
        "a prompt told twice",
        "prompts/nilai.toml",
        OTHER_PROMPT.text,
        PROMPT.text,
        f"prompts/nilai.toml: {OTHER_PROMPT.id}.text: says the same as {PROMPT.id}; write another one",
    ),
    Planted(
        "too few items",
        HARMONIS,
        f'id = "{FIRST.id}"\nvalue = "harmonis"\nbehaviour = {FIRST.behaviour}',
        f'id = "{FIRST.id}"\nvalue = "harmonis"\nbehaviour = {FIRST.behaviour % 3 + 1}',
        f"quizzes: harmonis: 2 items for behaviour {FIRST.behaviour}; write 1 more",
        advice=True,
    ),
    Planted(
        "another behaviour after than before",
        "quizzes/post.toml",
        "behaviour = 2",
        "behaviour = 1",
        "quizzes/post.toml: post-01.behaviour: measures berorientasi-pelayanan 1, but its pair pre-01 measures "
        "berorientasi-pelayanan 2; give it the value and behaviour of pre-01",
    ),
    Planted(
        "a long quiz",
        "quizzes/a.toml",
        "count = 5",
        "count = 6",
        "quizzes/a.toml: draw.count: 6 items; ask 3 to 5",
        advice=True,
    ),
    Planted(
        "a value's wording",
        "values.toml",
        'definition = "saling peduli',
        'definition = "selalu peduli',
        'values.toml: harmonis.definition: is not the law\'s wording; write "saling peduli dan menghargai perbedaan"',
    ),
    Planted(
        "a behaviour's wording",
        "values.toml",
        '"suka menolong",',
        '"senang menolong",',
        'values.toml: harmonis.behaviours[1]: is not the law\'s wording; write "suka menolong"',
    ),
    Planted(
        "a value's source",
        "values.toml",
        'source = "UU Nomor 20 Tahun 2023, Pasal 4 ayat (2)"',
        'source = "slide pelatihan"',
        'values.toml: berorientasi-pelayanan.source: "slide pelatihan" is not where the values stand; name "UU',
    ),
    Planted(
        "a reminder after the end",
        "journeys/default.toml",
        'expires = "+3wd"\nremind_after = "+1wd"',
        'expires = "+3wd"\nremind_after = "+4wd"',
        "journeys/default.toml: refleksi-pertama.remind_after: comes when the step is over; let it come before expires",
    ),
    Planted(
        "an end before the sending",
        "journeys/default.toml",
        'expires = "+3wd"',
        'expires = "-3wd"',
        "journeys/default.toml: kesan.expires: is not after the sending, from which it counts; write such as",
    ),
    Planted(
        "no end",
        "journeys/default.toml",
        'offset = "+2h"\nexpires = "+3wd"\n',
        'offset = "+2h"\n',
        "journeys/default.toml: kesan.expires: is missing: the question never closes; write such as",
        advice=True,
    ),
    Planted(
        "an unknown quiz",
        "journeys/default.toml",
        'content = "pre"',
        'content = "prre"',
        "journeys/default.toml: step kuis-awal: content 'prre' must be the id of a quiz: ",
    ),
    Planted(
        "an id twice",
        HARMONIS,
        f'id = "{SECOND.id}"',
        f'id = "{FIRST.id}"',
        f": item id '{FIRST.id}' stands twice; ids are unique over all files",
    ),
    Planted(
        "an option too long",
        HARMONIS,
        FIRST.options[0],
        "Menunggu " * 12,
        f"{HARMONIS}: item.0.options.0: 108 characters, Telegram takes 100: shorten it",
    ),
]
TEMPLATES = [
    Planted(
        "a tag",
        "templates/stored.j2",
        "Tulis saja.",
        "<b>Tulis saja.",
        "templates/stored.j2: markup: <b> is not closed;",
    ),
    Planted(
        "a foreign tag",
        "templates/kept.j2",
        "Baik",
        "<h1>Baik</h1>",
        "templates/kept.j2: markup: Telegram knows no <h1>;",
    ),
    Planted(
        "a bare sign", "templates/kept.j2", "Baik", "3 < 4. Baik", "templates/kept.j2: markup: a bare < is no tag;"
    ),
    Planted(
        "a mistyped fact",
        "templates/guest.j2",
        "{{ title }}",
        "{{ titel }}",
        "templates/guest.j2: line 1: this message gets no fact titel; did you mean {{ title }}?",
    ),
    Planted(
        "another message's fact",
        "templates/kept.j2",
        "Baik",
        "Baik, {{ place }}",
        "templates/kept.j2: line 1: this message gets no fact place; take it out",
    ),
    Planted(
        "an unknown filter",
        "templates/paused.j2",
        "| day",
        "| hari",
        "templates/paused.j2: line 1: No filter named 'hari'",
    ),
    Planted(
        "a fact used as another kind",
        "templates/paused.j2",
        "until | day",
        "until | number",
        "templates/paused.j2: line 1: cannot be rendered: ",
    ),
    Planted(
        "a message too long",
        "templates/kept.j2",
        "Baik",
        "Baik. " * 900,
        "templates/kept.j2: length: 5425 characters with the longest names, Telegram takes 4096 in a message; "
        "shorten it by 1329",
    ),
    Planted(
        "a caption too long",
        "templates/summary_xlsx.j2",
        "{{ unit }}",
        "{{ unit }}. " * 9,
        "templates/summary_xlsx.j2: length: ",
    ),
    Planted(
        "two emoji",
        "templates/quiz_reason.j2",
        "{{ reason }}",
        "{{ reason }} 👍",
        "templates/quiz_reason.j2: emoji: more than one emoji in a message; keep one",
    ),
    Planted(
        "a law without a source",
        "templates/correction_kept.j2",
        "{# source: UU Nomor 27 Tahun 2022 (Pelindungan Data Pribadi), Pasal 30 #}",
        "{# hak peserta #}",
        'templates/correction_kept.j2: line 2: "3 × 24 jam" is a legal statement without a source; write {# source: ',
    ),
    Planted(
        "a long sentence",
        "templates/kept.j2",
        "Baik, tidak ada yang dihapus.",
        LONG,
        "templates/kept.j2: line 1: a sentence of 30 words (at most 25); make two",
    ),
    Planted(
        "a word in a branch",
        "templates/session_closed.j2",
        '"dibatalkan"',
        '"dibatalkan, silahkan"',
        'templates/session_closed.j2: line 1: "silahkan" is not the standard spelling; write "silakan"',
    ),
    Planted("syntax", "templates/kept.j2", "Baik", "{% if %}Baik", "templates/kept.j2: line 1: "),
]


def difference(old: Report, new: Report, folder: Path, *, advice: bool) -> list[str]:
    """Return what `new` (of `folder`) found and `old` did not, without the folder's name."""

    def lines(report: Report, root: Path) -> set[str]:
        found = report.advice if advice else report.faults
        return {line.replace(f"{root}/", "").replace(str(root), "") for line in found}

    return sorted(lines(new, folder) - lines(old, SHIPPED))


def plant(folder: Path, fault: Planted) -> None:
    file = folder / fault.file
    text = file.read_text(encoding="utf-8")
    assert fault.old in text
    file.write_text(text.replace(fault.old, fault.new, 1), encoding="utf-8")
