"""What states, rules and acts are called where coordinators and admins read of them."""

SESSION_STATES = {
    "planned": "direncanakan",
    "running": "sedang berlangsung",
    "over": "selesai",
    "cancelled": "dibatalkan",
}
# Attendance: there, not there, nobody has said.
PRESENCE = {1: "hadir", 0: "tidak hadir", None: "belum ditandai"}
PRESENCE_MARKS = {1: "✓", 0: "✗", None: ""}
# In place of a name: of who has not opened the link yet, and of whoever will get a draft.
NOT_OPENED = "(belum membuka tautan)"
RECIPIENT = "(nama penerima)"
COORDINATOR_STATES = {"invited": "diundang", "active": "aktif", "revoked": "dicabut"}
TOUCH_STATES = {
    "planned": "direncanakan",
    "deferred": "ditunda",
    "released": "sedang dikirim",
    "sent": "terkirim",
    "answered_early": "dijawab sebelum dikirim",
    "expired": "lewat waktu, tidak dikirim",
    "cancelled": "dibatalkan",
}
# Why a touch was put off or cancelled, said of somebody else.
TOUCH_RULES = {
    "hours": "di luar jam kerja",
    "day_off": "hari libur unit",
    "holiday": "hari libur nasional atau cuti bersama",
    "cap": "sudah ada pesan lain hari itu",
    "paused": "peserta sedang jeda",
    "shifted": "bergeser karena jeda",
    "slow_pace": "peserta memilih pesan lebih jarang",
    "asked_for": "diminta peserta",
    "notice_hours": "di luar pukul 06.30–20.00",
    "not_delivered": "belum dapat dikirim saat itu",
    "reachable_again": "obrolan aktif kembali",
    "replanned": "jadwal berubah",
    "joined_late": "bergabung setelah waktunya",
    "session_cancelled": "sesi dibatalkan",
    "expired_unsent": "waktunya lewat",
    "replaced_by_hand": "digantikan pengingat dari admin",
    "not_them": "akun ternyata bukan milik peserta",
    "withdrawn": "peserta berhenti",
    "blocked": "peserta memblokir bot",
    "gone": "tidak ada lagi di data pegawai",
    "absent": "peserta tidak hadir",
    "not_invited": "perangkat daerahnya tidak diundang lagi",
    "no_commitment": "belum ada komitmen",
    "not_in_content": "langkah tidak ada lagi dalam alur",
    "already done": "sudah dijawab",
    "failed": "gagal dikirim",
}
# Who acts where no person does, and what acts are about, in the audit.
ACTORS = {"cli": "Operator (server)", "timetable": "Bot", "scheduler": "Bot"}
SUBJECTS = {
    "session": "sesi",
    "unit": "",
    "person": "",
    "coordinator": "",
    "broadcast": "siaran nomor",
    "import": "impor nomor",
    "week": "minggu",
    "city": "seluruh kota",
    "unit:city": "seluruh kota",
    "title": "judul",
    "place": "tempat",
    "units": "perangkat daerah",
    "messages": "pesan sesi",
}
# The acts of the audit.
ACTS = {
    "backup": "membuat cadangan",
    "restore": "memulihkan cadangan",
    "roster_import": "menerapkan data pegawai",
    "roster_undo": "membatalkan impor",
    "invite": "membuat tautan pribadi",
    "not_them": "melepas akun (Bukan dia)",
    "remind_all": "mengingatkan semua",
    "export": "mengunduh XLSX",
    "coordinator_invite": "mengundang koordinator",
    "coordinator_revoke": "mencabut koordinator",
    "broadcast": "mengirim siaran",
    "broadcast_urgent": "mengirim siaran mendesak",
    "broadcast_schedule": "menjadwalkan siaran",
    "broadcast_schedule_urgent": "menjadwalkan siaran mendesak",
    "broadcast_stop": "menghentikan siaran",
    "broadcast_resume": "melanjutkan siaran",
    "broadcast_retry": "mengulang siaran yang gagal",
    "broadcast_correct": "meralat siaran",
    "broadcast_names": "melihat daftar nama siaran",
    "session_reminder": "mengirim pengingat sesi",
    "session_add": "menambah sesi",
    "session_edit": "mengubah sesi",
    "attendance_list": "menerapkan daftar hadir",
    "attendance_mark": "menandai kehadiran",
    "session_move": "memindahkan sesi",
    "session_cancel": "membatalkan sesi",
    "summary_send": "mengirim ringkasan",
    "trace": "melihat jejak peserta",
    "impact": "membuka laporan dampak",
    "impact_xlsx": "mengunduh laporan dampak (XLSX)",
    "impact_pdf": "mengunduh laporan dampak (PDF)",
    "correction_done": "memperbaiki data peserta",
    "correction_refused": "menolak permintaan perbaikan",
    "move_asked": "meminta pindah nomor/HP",
    "move_approved": "membenarkan pindah nomor/HP",
    "move_refused": "menolak pindah nomor/HP",
    "move_objected": "menyanggah pindah nomor/HP",
    "move_made": "memindahkan ke nomor/HP baru",
    "move_lapsed": "mengakhiri permintaan pindah",
}
