"""What steps and rules are called where a message mentions them in passing."""

from bot.domain.journey import Kind

# What a step is called where it is mentioned in passing.
STEP_NAMES = {
    Kind.REMINDER: "pengingat sesi",
    Kind.PREQUIZ: "kuis awal",
    Kind.REACTION: "kesan sesi",
    Kind.REFLECTION: "refleksi",
    Kind.COMMITMENT: "komitmen",
    Kind.QUIZ: "kuis",
    Kind.FOLLOWUP: "tindak lanjut komitmen",
    Kind.SELFCHECK: "cek diri",
    Kind.POSTQUIZ: "kuis akhir",
    Kind.RECAP: "kartu ringkas",
}

# What a question is called where its answer is shown again.
QUESTIONS = {
    "reflection": "refleksi",
    "cue": "komitmen: ketika …",
    "action": "komitmen: saya akan …",
    "obstacle": "kendala",
    "plan": "rencana baru",
}

# In place of a commitment's words that the reader's account may not see (yet).
CLOSED_WORDS = "Komitmen dari akun Anda yang lama, terbuka setelah akun ini dipastikan."
# Where a reflection's prompt is no longer in the content.
LOST_PROMPT = "Apa yang paling Anda ingat dari sesi itu?"
# The one button that shares the own number; Telegram vouches for it.
CONTACT_LABEL = "Bagikan nomor saya"

# What each rule is called when somebody asks why.
RULES = {
    "asked_for": "Anda sendiri yang memintanya",
    "reminder": "pengingat satu kali",
    "planned": "langkah alur sesi pada waktunya",
    "replanned": "jadwal sesi berubah",
    "due": "waktunya tiba, pada hari dan jam kerja, paling banyak satu pesan sehari",
    "notice": "pemberitahuan yang terkait waktu sesi",
    "hours": "di luar jam kerja",
    "day_off": "hari libur unit",
    "holiday": "hari libur nasional atau cuti bersama",
    "cap": "sudah ada pesan lain hari itu",
    "paused": "Anda sedang jeda",
    "shifted": "alur Anda bergeser karena jeda",
    "slow_pace": "Anda memilih pesan lebih jarang",
    "notice_hours": "di luar pukul 06.30–20.00",
    "not_delivered": "belum dapat dikirim saat itu",
    "reachable_again": "obrolan kembali aktif",
}


def voice_named(seconds: int) -> str:
    """Return what stands in a list for a voice note."""
    return f"(pesan suara, {seconds} detik)"
