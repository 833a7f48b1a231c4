-- [Ubah] under a stored answer: the next words replace it, and not before they come.
ALTER TABLE question ADD COLUMN change_at TEXT;
