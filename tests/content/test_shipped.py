"""The shipped content: complete, inside Telegram's lengths, fair, and in the law's wording."""

import ast
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.journey import QUIZZES, Kind
from messages import toasts
from messages.library import SHIPPED, Item, load_library, units16

LIBRARY = load_library()
ITEMS = list(LIBRARY.items.values())
HANDLERS = Path(__file__).parents[2] / "handlers"
DEFAULT = LIBRARY.journeys["default"]

# Pasal 3 and 4(2) of UU 20/2023: the values in their order, with the definition and the three behaviours.
LAW = {
    "Berorientasi Pelayanan": (
        "komitmen memberikan pelayanan prima demi kepuasan masyarakat",
        "memahami dan memenuhi kebutuhan masyarakat",
        "ramah, cekatan, solutif, dan dapat diandalkan",
        "melakukan perbaikan tiada henti",
    ),
    "Akuntabel": (
        "bertanggung jawab atas kepercayaan yang diberikan",
        "melaksanakan tugas dengan jujur, bertanggung jawab, cermat, disiplin, dan berintegritas tinggi",
        "menggunakan kekayaan dan barang milik negara secara bertanggung jawab, efektif, dan efisien",
        "tidak menyalahgunakan kewenangan jabatan",
    ),
    "Kompeten": (
        "terus belajar dan mengembangkan kapabilitas",
        "meningkatkan kompetensi diri untuk menjawab tantangan yang selalu berubah",
        "membantu orang lain belajar",
        "melaksanakan tugas dengan kualitas terbaik",
    ),
    "Harmonis": (
        "saling peduli dan menghargai perbedaan",
        "menghargai setiap orang tanpa membedakan latar belakang",
        "suka menolong",
        "membangun lingkungan kerja yang kondusif",
    ),
    "Loyal": (
        "berdedikasi dan mengutamakan kepentingan bangsa dan negara",
        "memegang teguh ideologi Pancasila, Undang-Undang Dasar Negara Republik Indonesia Tahun 1945, setia kepada"
        " Negara Kesatuan Republik Indonesia, dan pemerintahan yang sah",
        "menjaga nama baik ASN, instansi, dan negara",
        "menjaga rahasia jabatan dan negara",
    ),
    "Adaptif": (
        "terus berinovasi dan antusias dalam menggerakkan serta menghadapi perubahan",
        "cepat menyesuaikan diri menghadapi perubahan",
        "terus berinovasi dan mengembangkan kreativitas",
        "bertindak proaktif",
    ),
    "Kolaboratif": (
        "membangun kerja sama yang sinergis",
        "memberi kesempatan kepada berbagai pihak untuk berkontribusi",
        "terbuka dalam bekerja sama untuk menghasilkan nilai tambah",
        "menggerakkan pemanfaatan berbagai sumber daya untuk tujuan bersama",
    ),
}


def plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".;").casefold()


def test_the_values_are_the_laws_in_its_order_and_wording() -> None:
    assert [value.name for value in LIBRARY.values.values()] == list(LAW)
    for value in LIBRARY.values.values():
        definition, *behaviours = LAW[value.name]
        assert plain(value.definition) == plain(definition)
        assert [plain(text) for text in value.behaviours] == [plain(text) for text in behaviours]


def test_the_press_mistakes_are_nowhere() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in SHIPPED.rglob("*") if path.is_file())
    for wrong in ("korveliu", "Ber-AKHLAK", "Be-AKHLAK", "Berakhlak", "BPDB", "Kabupaten Mojokerto", "Bupati"):
        assert wrong not in texts


# Quizzes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_each_item_fits_telegram_and_explains_every_option(item: Item) -> None:
    # Room is left for "5/5 " before the question.
    assert units16(item.question) <= 300 - 6
    assert all(1 <= units16(option) <= 100 for option in item.options)
    assert units16(item.explanation) <= 200
    assert item.explanation.count("\n") <= 2
    assert len(item.options) == len(set(item.options)) == len(item.reasons)
    assert all(reason.strip() for reason in item.reasons)
    assert not [option for option in item.options if re.search(r"semua (jawaban )?(di atas )?benar", option, re.I)]


def test_no_position_is_favoured() -> None:
    positions = Counter(item.correct for item in ITEMS)
    expected = len(ITEMS) / 4
    assert set(positions) == {0, 1, 2, 3}
    assert max(positions.values()) <= 1.5 * expected
    assert min(positions.values()) >= 0.5 * expected


def test_the_right_option_is_no_longer_than_the_others() -> None:
    right = [len(item.options[item.correct]) for item in ITEMS]
    others = [len(text) for item in ITEMS for n, text in enumerate(item.options) if n != item.correct]
    assert abs(sum(right) / len(right) - sum(others) / len(others)) < 5
    longest = sum(len(item.options[item.correct]) == max(map(len, item.options)) for item in ITEMS)
    assert longest <= 0.4 * len(ITEMS)


def test_every_value_has_items_of_its_own_and_quizzes_reach_their_number() -> None:
    by_value = Counter(item.value for item in ITEMS)
    assert set(by_value) == set(LIBRARY.values)
    assert min(by_value.values()) >= 5
    for quiz in LIBRARY.quizzes.values():
        if quiz.draw is not None:
            chosen = LIBRARY.choose_items(quiz.id, {}, seed=1)
            assert len(chosen) == len({item.id for item in chosen}) == quiz.draw.count


def test_a_second_quiz_asks_what_was_missed_first_and_then_what_is_new() -> None:
    first = LIBRARY.choose_items("a", {}, seed=1)
    missed = [item.id for item in first[:2]]
    day = datetime(2025, 11, 20, tzinfo=UTC)
    second = LIBRARY.choose_items("b", {item.id: [(day, item.id not in missed)] for item in first}, seed=2)
    assert sorted(item.id for item in second[:2]) == sorted(missed)
    assert not {item.id for item in second[2:]} & {item.id for item in first}


def test_before_and_after_are_parallel_and_not_the_same() -> None:
    before = {item.id for item in LIBRARY.choose_items("pre", {}, seed=1)}
    answered = {item: [(datetime(2025, 11, 14, tzinfo=UTC), True)] for item in before}
    after = {item.id for item in LIBRARY.choose_items("post", answered, 1)}
    assert len(before) == len(after) == 3
    assert not before & after


@pytest.mark.parametrize("seed", range(20))
def test_a_choice_is_the_same_each_time_it_is_asked(seed: int) -> None:
    one = LIBRARY.choose_items("a", {}, seed)
    assert LIBRARY.choose_items("a", {}, seed) == one
    assert len({item.value for item in one}) == 5
    assert LIBRARY.choose_prompt("nilai", "loyal", [], seed) == LIBRARY.choose_prompt("nilai", "loyal", [], seed)


def test_a_prompt_is_of_the_value_chosen_and_not_one_seen_before() -> None:
    for value in LIBRARY.values:
        fitting = [prompt.id for prompt in LIBRARY.prompts["nilai"] if prompt.value == value]
        assert fitting
        for seed in range(10):
            assert LIBRARY.choose_prompt("nilai", value, fitting[1:], seed).id == fitting[0]
            assert LIBRARY.choose_prompt("nilai", value, fitting, seed).value == value


def test_prompts_are_open_questions() -> None:
    for prompt in LIBRARY.prompt_by_id.values():
        assert units16(prompt.text) <= 600
        assert not re.match(r"\s*Apakah\b", prompt.text)


# The journey ------------------------------------------------------------------------------------------


def test_the_journey_as_shipped_is_the_one_that_was_promised() -> None:
    promised = [
        (Kind.REACTION, "end", 2, "h"),
        (Kind.REFLECTION, "end", 2, "h"),
        (Kind.COMMITMENT, "end", 1, "wd"),
        (Kind.QUIZ, "end", 3, "wd"),
        (Kind.REFLECTION, "end", 7, "d"),
        (Kind.FOLLOWUP, "end", 10, "d"),
        (Kind.QUIZ, "end", 14, "d"),
        (Kind.POSTQUIZ, "end", 30, "d"),
        (Kind.FOLLOWUP, "end", 31, "d"),
        (Kind.SELFCHECK, "end", 31, "d"),
        (Kind.RECAP, "end", 31, "d"),
    ]
    found = [(step.kind, step.anchor, step.offset.count, step.offset.unit) for step in DEFAULT.steps]
    assert [entry for entry in found if entry[1] == "end"] == promised
    before = [step for step in DEFAULT.steps if step.anchor == "start"]
    assert Counter(step.kind for step in before) == {Kind.REMINDER: 2, Kind.PREQUIZ: 1}


def test_every_step_that_asks_closes_and_reminds_once_before_that() -> None:
    for step in DEFAULT.steps:
        if step.kind in (Kind.REMINDER, Kind.PREQUIZ, Kind.RECAP):
            continue
        assert step.expires is not None
        assert step.kind is Kind.REACTION or step.remind_after is not None


def test_every_quiz_of_the_journey_is_short() -> None:
    for step in DEFAULT.steps:
        if step.kind in QUIZZES:
            assert 3 <= len(LIBRARY.choose_items(step.content or "", {}, seed=1)) <= 5


# Tone -------------------------------------------------------------------------------------------------

TEMPLATES = sorted((SHIPPED / "templates").glob("*.j2"))
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_texts_keep_the_tone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    assert "!!" not in said
    assert len(EMOJI.findall(said)) <= 1
    for word in ("kamu", "kalian", "silahkan", "praktek", "resiko", "merubah", "perlindungan data pribadi"):
        assert not re.search(rf"\b{word}\b", said, re.I), word
    assert not re.search(r"\banda\b", said)
    assert not re.search(r"\b\d{1,2}:\d{2}\b", said), "times are written 08.00"


def test_what_pops_up_fits_and_no_handler_has_words_of_its_own() -> None:
    said = [text for name, text in vars(toasts).items() if name.isupper()]
    assert len(said) == len(set(said)) > 30
    assert all(units16(text) <= 200 for text in [*said, toasts.score_kept(5)])
    found = []
    for file in HANDLERS.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings]
        found += [text.value for text in texts if re.search(r"[a-z] [a-z]+.*[.?]$", str(text.value))]
    assert found == []
