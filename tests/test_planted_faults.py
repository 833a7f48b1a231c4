"""`content check` on the shipped content, and on copies with one planted fault each: it names that one alone."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from bot.domain.journey import Kind
from messages import words
from messages.check import Report, content_report
from messages.checking import balance, samples, structure
from messages.library import SHIPPED, Item, load_library

LIBRARY = load_library()


def test_the_shipped_content_is_without_faults_and_complete() -> None:
    report = content_report(None)
    assert report.faults == []
    # How long sentences are on average is advice for who writes next; what is missing in the bank is not.
    assert [line for line in report.advice if "on average" not in line] == []
    assert {one.name for one in report.strategies} == {"longest", "shortest", "first", "last", "most words of stem"}
    assert all(one.judged and one.fair for one in report.strategies)


# One fault, one finding -----------------------------------------------------------------------------------


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


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped data without readers, and without templates of its own: those of the shipped folder are used then."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("bare") / "content"))
    shutil.rmtree(folder / "templates")
    shutil.rmtree(folder / "readers")
    return folder


@pytest.fixture(scope="module")
def before() -> Report:
    return content_report(SHIPPED)


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


def only(fault: Planted, before: Report, folder: Path) -> None:
    """Assert that the planted fault is the only new finding, on one line that ends with a remedy."""
    plant(folder, fault)
    report = content_report(folder)
    found = difference(before, report, folder, advice=fault.advice)
    assert len(found) == 1, found
    assert found[0].startswith(fault.found), found
    assert "\n" not in found[0]
    assert difference(before, report, folder, advice=not fault.advice) == []


@pytest.mark.parametrize("fault", DATA, ids=lambda fault: fault.name[:40])
def test_a_fault_in_the_data_is_found(fault: Planted, before: Report, bare: Path, tmp_path: Path) -> None:
    only(fault, before, Path(shutil.copytree(bare, tmp_path / "content")))


@pytest.mark.parametrize("fault", TEMPLATES, ids=lambda fault: fault.name)
def test_a_fault_in_a_template_is_found(fault: Planted, before: Report, bare: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bare, tmp_path / "content"))
    (folder / "templates").mkdir()
    shutil.copy(SHIPPED / fault.file, folder / fault.file)
    only(fault, before, folder)


# Faults that take more than one change --------------------------------------------------------------------


@pytest.fixture
def folder(bare: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bare, tmp_path / "content"))


def everywhere(folder: Path, change: Callable[[str], str]) -> None:
    for file in (folder / "quizzes").glob("*.toml"):
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def put_right_option_first(text: str) -> str:
    """Say of each item that its first option is the right one."""
    return re.sub(r"^correct = \d", "correct = 0", text, flags=re.M)


def test_a_position_that_gives_the_answer_away_is_found(folder: Path, before: Report) -> None:
    everywhere(folder, put_right_option_first)
    found = difference(before, content_report(folder), folder, advice=False)
    first = next(line for line in found if "quizzes: first: " in line)
    assert 'the right option is too often "first": 100.0% of' in first
    assert first.endswith("change the order of the options in some items (with correct and reasons)")
    # What is always first is never last, and that tells as much.
    assert any('quizzes: last: the right option is too seldom "last": 0.0%' in line for line in found)


def lengthened(item: Item, number: int) -> Item:
    options = tuple(f"{text} {'x' * 30 if place == number else ''}".strip() for place, text in enumerate(item.options))
    return item.model_copy(update={"options": options})


@pytest.mark.parametrize(
    ("strategy", "change"),
    [
        ("longest", lambda item: lengthened(item, item.correct)),
        (
            "shortest",
            lambda item: item.model_copy(
                update={
                    "options": tuple("ya" if place == item.correct else text for place, text in enumerate(item.options))
                }
            ),
        ),
        ("last", lambda item: item.model_copy(update={"correct": len(item.options) - 1})),
        (
            "most words of stem",
            lambda item: item.model_copy(
                update={
                    "options": tuple(
                        item.question if place == item.correct else "Diam" for place, text in enumerate(item.options)
                    )
                }
            ),
        ),
    ],
)
def test_each_blind_strategy_is_seen_to_win(strategy: str, change: Callable[[Item], Item]) -> None:
    found = {one.name: one for one in balance.strategies([change(item) for item in LIBRARY.items.values()])}[strategy]
    assert found.distance > 2
    assert not found.fair


def test_ties_are_shared_and_few_items_are_not_judged() -> None:
    alike = [item.model_copy(update={"options": ("aaaa", "bbbb", "cccc", "dddd")}) for item in LIBRARY.items.values()]
    longest = balance.strategies(alike)[0]
    assert (longest.score, longest.distance) == (pytest.approx(0.25), 0.0)
    few = balance.strategies([item.model_copy(update={"correct": 0}) for item in alike[:10]])[2]
    assert (few.score, few.judged, few.fair) == (1.0, False, True)


def test_a_template_that_no_message_uses_is_named(folder: Path, before: Report) -> None:
    (folder / "templates").mkdir()
    (folder / "templates/salam.j2").write_text("Selamat pagi.", encoding="utf-8")
    found = difference(before, content_report(folder), folder, advice=True)
    assert found == ["templates/salam.j2: no message has this name; name it as a shipped template, or take it away"]


def test_a_value_whose_id_does_not_fit_into_a_button_is_named(folder: Path) -> None:
    long = "berorientasi-pelayanan-prima-demi-kepuasan-masyarakat"
    for file in folder.rglob("*.toml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('"berorientasi-pelayanan"', f'"{long}"'), encoding="utf-8")
    (folder / "quizzes/berorientasi-pelayanan.toml").rename(folder / f"quizzes/{long}.toml")
    faults = content_report(folder).faults
    assert faults
    assert all("values.toml: buttons of " in line and "shorten the id of the value" in line for line in faults)


def test_a_quiz_that_draws_more_than_there_is_and_a_lone_follow_up_are_named(folder: Path, before: Report) -> None:
    quiz = folder / "quizzes/a.toml"
    quiz.write_text('title = "Kuis A"\n[draw]\ncount = 5\nfrom = ["pre"]\n', encoding="utf-8")
    journey = folder / "journeys/default.toml"
    text = journey.read_text(encoding="utf-8")
    journey.write_text(text.replace('kind = "commitment"', 'kind = "reaction"'), encoding="utf-8")
    found = difference(before, content_report(folder), folder, advice=False)
    lone = "asks what became of a commitment that this journey never asks for"
    assert [line.split(";")[0] for line in found] == [
        f"journeys/default.toml: tindak-lanjut-akhir.kind: {lone}",
        f"journeys/default.toml: tindak-lanjut-pertama.kind: {lone}",
        "quizzes/a.toml: draw.count: draws 5 of 3 items",
    ]


def test_a_kind_of_step_is_refused_with_the_name_of_what_it_lacks(
    folder: Path, before: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = StrEnum("Kinds", {kind.name: kind.value for kind in Kind} | {"RENUNGAN": "renungan"})
    monkeypatch.setattr(structure, "Kind", kinds)
    found = difference(before, content_report(folder), folder, advice=False)
    assert {line.removeprefix(f"{SHIPPED.parent}/").partition("; ")[0] for line in found} == {
        'checking/samples.py: TOUCHES: the kind "renungan" is missing',
        'templates/renungan.j2: is missing: a step of kind "renungan" has nothing to say',
        'words.py: STEP_NAMES: the kind "renungan" has no name',
    }
    monkeypatch.setitem(words.STEP_NAMES, kinds["RENUNGAN"], "renungan")
    monkeypatch.setattr(samples, "TOUCHES", samples.TOUCHES | {"renungan"})
    (folder / "templates").mkdir()
    (folder / "templates/renungan.j2").write_text("Renungan", encoding="utf-8")
    assert difference(before, content_report(folder), folder, advice=False) == []


def test_a_small_folder_is_usable_and_gets_advice(folder: Path) -> None:
    keep = {"pre", "post", "a", "b"}
    for file in (folder / "quizzes").glob("*.toml"):
        if file.stem not in keep:
            head, first, *_rest = file.read_text(encoding="utf-8").split("\n[[item]]\n")
            file.write_text(f"{head}\n[[item]]\n{first}", encoding="utf-8")
    report = content_report(folder)
    assert report.faults == []
    assert any("harmonis: 0 items for behaviour" in line for line in report.advice)
    assert any("items from 1 kinds of work" in line for line in report.advice)
    assert not any(one.judged for one in report.strategies)


# What fresh readers answered ------------------------------------------------------------------------------


def read_by(folder: Path, reader: str, answers: dict[str, int], extra: str = "") -> None:
    (folder / "readers").mkdir(exist_ok=True)
    lines = "\n".join(f"{name} = {answer}" for name, answer in answers.items())
    text = f'reader = "{reader}"\ndate = 2025-11-20\n{extra}[answers]\n{lines}\n'
    (folder / f"readers/{reader}.toml").write_text(text, encoding="utf-8")


KEY = {item.id: item.correct for item in LIBRARY.items.values()}
WRONG = {item.id: (item.correct + 1) % len(item.options) for item in LIBRARY.items.values()}


def readers_findings(folder: Path, before: Report, one: dict[str, int], other: dict[str, int]) -> list[str]:
    read_by(folder, "a", one)
    read_by(folder, "b", other)
    return difference(before, content_report(folder), folder, advice=False)


def test_readers_who_agree_with_the_key_are_no_fault(folder: Path, before: Report) -> None:
    assert readers_findings(folder, before, KEY, KEY | {FIRST.id: WRONG[FIRST.id]}) == []


def test_an_item_on_which_both_readers_contradict_the_key(folder: Path, before: Report) -> None:
    misled = KEY | {FIRST.id: WRONG[FIRST.id]}
    assert readers_findings(folder, before, misled, misled) == [
        f"{HARMONIS}: {FIRST.id}: all 2 readers chose another option than the key; rewrite or drop the item, "
        "then let it be read anew"
    ]


def test_an_item_that_was_not_read_twice(folder: Path, before: Report) -> None:
    less = {name: answer for name, answer in KEY.items() if name != FIRST.id}
    found = readers_findings(folder, before, KEY, less)
    assert len(found) == 1
    assert found[0].startswith(
        f"{HARMONIS}: {FIRST.id}: read by 1 of 2 readers; let somebody without the key answer it"
    )


def test_readers_who_match_the_key_too_seldom(folder: Path, before: Report) -> None:
    some = dict(list(WRONG.items())[: len(KEY) // 8])
    found = readers_findings(folder, before, KEY, KEY | some)
    assert len(found) == 1
    assert found[0].startswith(f"readers: answers: {2 * len(KEY) - len(some)} of {2 * len(KEY)} answers match the key")


def test_answers_that_fit_no_item(folder: Path, before: Report) -> None:
    assert readers_findings(folder, before, KEY, KEY | {"lama-01": 1}) == [
        "readers/b.toml: answers.lama-01: no item has this id; take the line out"
    ]


def test_an_answer_that_is_no_option(folder: Path, before: Report) -> None:
    assert readers_findings(folder, before, KEY, KEY | {FIRST.id: 7}) == [
        f"readers/b.toml: answers.{FIRST.id}: 7, but the item has 4 options (from 0); "
        "write which option the reader chose"
    ]


def test_a_reader_who_is_counted_twice_and_a_file_of_another_shape(folder: Path, before: Report) -> None:
    read_by(folder, "a", KEY)
    shutil.copy(folder / "readers/a.toml", folder / "readers/b.toml")
    read_by(folder, "c", KEY, extra="shown_key = true\n")
    found = difference(before, content_report(folder), folder, advice=False)
    assert len(found) == 2
    assert found[0].startswith('readers/b.toml: reader: "a" also wrote ')
    assert found[1].startswith("readers/c.toml: shown_key: ")
