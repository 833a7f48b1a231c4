-- A session's impact report as it was last shown: suppressed aggregates only, so that a later one may move by groups.
CREATE TABLE impact (
    session_id INTEGER PRIMARY KEY REFERENCES session(id),
    cells TEXT NOT NULL,
    counted_at TEXT NOT NULL
) STRICT;

-- Whether the participant is of the half that starts a week later; NULL where no half was drawn.
ALTER TABLE participant ADD COLUMN later INTEGER;
