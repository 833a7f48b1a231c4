-- Who was there, by list or by hand: kept also of people who have not joined (a participant has joined).
-- A mark is applied to the participant's row at once, or when the person joins.
CREATE TABLE attendance (
    session_id INTEGER NOT NULL REFERENCES session(id),
    person_id INTEGER NOT NULL REFERENCES person(id),
    present INTEGER NOT NULL CHECK (present IN (0, 1)),
    at TEXT NOT NULL,
    PRIMARY KEY (session_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attendance_person ON attendance(person_id);

-- INSERT OR REPLACE deletes without asking the trigger that forbids it.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
