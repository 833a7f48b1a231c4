"""The menus of commands that Telegram shows, by role."""

PARTICIPANT_MENU = {
    "progres": "Kemajuan saya",
    "riwayat": "Jawaban saya",
    "lanjut": "Lihat yang menunggu",
    "jeda": "Istirahat sebentar",
    "pengaturan": "Jam pesan",
    "privasi": "Siapa melihat apa",
    "dataku": "Salinan data saya",
    "perbaiki": "Minta perbaikan data",
    "berhenti": "Berhenti ikut serta",
    "hapus": "Hapus data saya",
    "bantuan": "Bantuan",
}
COORDINATOR_MENU = {
    "ringkasan": "Ringkasan mingguan",
    "peserta": "Siapa yang sudah bergabung",
    "ingatkan": "Ingatkan yang belum menjawab",
    "ekspor": "Unduh XLSX",
} | PARTICIPANT_MENU
ADMIN_MENU = {
    "sesi": "Buat, ubah, lihat sesi",
    "peserta": "Kirim data pegawai",
    "siaran": "Kirim siaran",
    "ringkasan": "Ringkasan kota",
    "koordinator": "Kelola koordinator",
    "jejak": "Perjalanan pesan seorang peserta",
    "coba": "Coba sebagai peserta",
    "status": "Keadaan bot",
    "audit": "Siapa melakukan apa",
    "bantuan": "Bantuan",
}
