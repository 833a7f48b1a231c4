-- A reflection that its writer shared on purpose with the unit's coordinators, by a tap. No words.
CREATE TABLE reflection_share (
    question_id INTEGER PRIMARY KEY REFERENCES question(id),
    person_id INTEGER NOT NULL REFERENCES person(id),
    unit_id INTEGER NOT NULL REFERENCES unit(id),
    at TEXT NOT NULL
) STRICT;
CREATE INDEX reflection_share_person ON reflection_share(person_id);
