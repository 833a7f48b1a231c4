-- What of a published week may be counted in a session's impact report: of which unit, and which kind of result.
CREATE TABLE weekly_open (
    session_id INTEGER NOT NULL REFERENCES session(id),
    kind TEXT NOT NULL CHECK (kind IN ('answered', 'late', 'quiz', 'made', 'kept')),
    unit_id INTEGER NOT NULL REFERENCES unit(id),
    begins TEXT NOT NULL,
    ends TEXT NOT NULL,
    -- 1: the unit's own figure is shown; 0: it is known only together with other units'.
    alone INTEGER NOT NULL,
    PRIMARY KEY (session_id, kind, unit_id, begins)
) STRICT, WITHOUT ROWID;

-- A week's promises are found without a walk through those of all years.
CREATE INDEX commitment_made ON commitment(made_at) WHERE made_at IS NOT NULL;
CREATE INDEX commitment_check_at ON commitment_check(at);
