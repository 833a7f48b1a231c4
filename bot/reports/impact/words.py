"""The impact report's phrases, and all of it in short lines for a caption. Plain text; whoever sends it escapes it."""

from datetime import timedelta

from bot.domain.gain import Between, Gain
from bot.reports.impact.figures import Impact, Reaction
from bot.reports.words import NUMBERS, share_words
from messages import formats

HIDDEN = "tidak ditampilkan"
NOT_A_RANKING = "Keikutsertaan bukan kinerja; laporan ini tidak menilai orang dan tidak untuk memeringkat."
# Rounded to so many places at most, so that an interval that leaves out 0 does not read as if it held it.
_MOST_PLACES = 4
_MOMENT = timedelta(microseconds=1)


def few(impact: Impact) -> str:
    """The word in the place of a figure of fewer than the minimum group."""
    return f"<{formats.number(impact.minimum_group)}"


def group_words(minimum: int) -> str:
    """The minimum group in words: "lima orang"."""
    return f"{NUMBERS[minimum] if minimum < len(NUMBERS) else formats.number(minimum)} orang"


def count_words(impact: Impact, count: int | None) -> str:
    """A count of people, or the word for a hidden one."""
    return few(impact) if count is None else formats.number(count)


def gain_headline(gain: Gain) -> str:
    """What the gain may be called, and nothing more."""
    return {
        "up": "Pengetahuan naik",
        "down": "Pengetahuan turun",
        "unclear": "Belum terlihat perubahan pengetahuan",
    }[gain.verdict]


def gain_words(gain: Gain) -> str:
    """The gain in one sentence, with interval and n."""
    places = _places(gain)
    low, high, n = signed(gain.low, places), signed(gain.high, places), formats.number(gain.n)
    if gain.verdict == "unclear":
        mean = signed(gain.mean, places)
        if mean[0].isdigit() and mean != "0":
            mean = f"+{mean}"
        mean_of = f"rata-rata {mean} dari {gain.items} butir"
        return f"{gain_headline(gain)}: {mean_of} (rentang 95%: {low} sampai {high}; n = {n})."
    if gain.verdict == "down":
        low, high = signed(-gain.high, places), signed(-gain.low, places)
    mean = signed(abs(gain.mean), places)
    return f"{gain_headline(gain)} rata-rata {mean} dari {gain.items} butir (rentang 95%: {low}–{high}; n = {n})."


def gain_missing(impact: Impact) -> str:
    """Why there is no gain to show, and from when there may be."""
    if impact.gain_from is None:
        return "Alur sesi ini tidak memuat kuis awal dan kuis akhir, sehingga perubahan pengetahuan tidak diukur."
    least = group_words(impact.minimum_group)
    if impact.as_of < impact.gain_from:
        first = formats.day(impact.gain_from)
        return f"Perubahan pengetahuan: mulai {first}, setelah {least} mengerjakan kuis awal dan kuis akhir."
    return f"Perubahan pengetahuan: belum ada {least} yang mengerjakan kuis awal dan kuis akhir."


def units_missing(impact: Impact) -> str:
    """Why the gain is not shown by unit yet."""
    first = formats.day(impact.settled_from)
    return f"Ditampilkan sekali, mulai {first}, supaya angka yang bergerak tidak mengungkap jawaban seseorang."


def results_until(impact: Impact) -> str:
    """Up to which day the results go: the Sunday of the week last published."""
    return f"Hasil sampai {formats.day(impact.until - _MOMENT)}" if impact.until else "Hasil sejauh ini"


def hidden_note(impact: Impact) -> str:
    """What the word for a hidden figure stands for."""
    return f"{few(impact)}: kurang dari {group_words(impact.minimum_group)}, belum ada, atau tidak ditampilkan."


def spread_hidden(impact: Impact) -> str:
    """Why the spread of the reactions is not shown."""
    return f"Sebaran tidak ditampilkan: ada nilai yang dipilih kurang dari {group_words(impact.minimum_group)}."


def reaction_words(reaction: Reaction) -> str:
    """The mean reaction, with n."""
    return f"{formats.decimal(reaction.mean)} dari 5 (n = {formats.number(reaction.n)})"


def limits(impact: Impact) -> list[str]:
    """What the report shows and what it cannot show."""
    least = group_words(impact.minimum_group)
    lines = [
        "Yang diukur: kesan (tingkat 1), pengetahuan (tingkat 2), dan perilaku menurut pengakuan sendiri (tingkat 3) "
        "dari model Kirkpatrick. Hasil bagi layanan atau warga (tingkat 4) tidak diukur.",
        "Orang yang sama diukur sebelum dan sesudah sesi, tanpa kelompok pembanding: perubahan dapat juga berasal "
        "dari hal lain pada waktu itu, atau dari berlatih mengerjakan kuis.",
        "Butir kuis awal dan akhir berbeda; tingkat kesulitannya dianggap sama, belum diuji.",
        "Yang terhitung hanya mereka yang menjawab; yang tidak menjawab mungkin berbeda.",
        "Rentang 95%: bila pengukuran seperti ini diulang, sekitar 95 dari 100 rentang memuat perubahan sebenarnya.",
        f"Angka di bawah {least}, dan angka yang dapat mengungkapnya, tidak ditampilkan dan tidak ikut dihitung, "
        "sehingga jumlah sebenarnya dapat sedikit lebih besar.",
        "Hasil diperbarui setiap Senin, bila sedikitnya sebanyak itu lagi yang menjawab, sampai 45 hari setelah sesi.",
    ]
    return [*lines, NOT_A_RANKING]


def halves_words(halves: Between) -> str:
    """What the two random halves show by the first quiz, and what they cannot."""
    low, high = signed(halves.low), signed(halves.high)
    people = f"n = {formats.number(halves.first)} dan {formats.number(halves.later)}"
    if halves.low <= 0 <= halves.high:
        said = "belum terlihat perbedaan"
    else:
        more = "lebih banyak" if halves.low > 0 else "lebih sedikit"
        said = f"{signed(abs(halves.difference))} butir {more} pada yang tidak menunggu"
    apart = f"selisih {signed(halves.difference)} dari {halves.items} butir; rentang 95%: {low} sampai {high}; {people}"
    return (
        "Separuh peserta, dipilih acak, memulai refleksi dan komitmen sepekan kemudian. Pada kuis pertama, ketika "
        f"mereka belum memulai: {said} ({apart}). Ini pengaruh tindak lanjut pekan pertama saja, bukan pengaruh sesi."
    )


def caption_lines(impact: Impact) -> list[str]:
    """The report in short lines, the most important first."""
    joined = f"bergabung {formats.number(impact.joined)}"
    of_all = share_words(impact.joined, impact.invited)
    lines = [
        f"Laporan dampak: {impact.title}, {formats.day(impact.start)}.",
        gain_words(impact.gain) if impact.gain else gain_missing(impact),
        f"Diundang {formats.number(impact.invited)}, hadir {formats.number(impact.attended)}, "
        f"{joined}{f' ({of_all})' if of_all else ''}; tamu {formats.number(impact.guests)}.",
        f"{results_until(impact)}: merefleksikan {count_words(impact, impact.reflected)}, mengerjakan kuis "
        f"{count_words(impact, impact.quizzed)}, berkomitmen {count_words(impact, impact.committed)}, menepati "
        f"{count_words(impact, impact.kept)} (menurut pengakuan sendiri).",
    ]
    if impact.reaction:
        lines.append(f"Kesan rata-rata {reaction_words(impact.reaction)}.")
    lines.append("Tanpa kelompok pembanding; hasil bagi layanan tidak diukur. Keikutsertaan bukan kinerja.")
    return lines


def signed(value: float, places: int = 1) -> str:
    """A decimal with a true minus sign."""
    return formats.decimal(value, places).replace("-", "−")


def _places(gain: Gain) -> int:
    nearest = min(abs(gain.low), abs(gain.high))
    if gain.verdict == "unclear":
        return 1
    return next((places for places in (1, 2, 3) if round(nearest, places) > 0), _MOST_PLACES)
