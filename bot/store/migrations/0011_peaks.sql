-- What people wait for is counted within indexes, whatever the years and the number of people.

-- Who takes part.
CREATE INDEX account_taking_part ON account(person_id, joined_at, withdrawn_at)
    WHERE person_id IS NOT NULL AND joined_at IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX person_gone ON person(gone_at) WHERE gone_at IS NOT NULL;
-- The first names of everybody, without sorting all of them.
CREATE INDEX person_name ON person(name COLLATE NOCASE) WHERE gone_at IS NULL;
-- The steps of a session that wait for their people, with all that is asked of them, so that no row is fetched.
CREATE INDEX touchpoint_unanswered ON touchpoint(session_id, person_id, kind, state, answered_at, skipped_at, closed_at)
    WHERE state = 'sent' AND answered_at IS NULL AND skipped_at IS NULL AND closed_at IS NULL
    AND kind NOT IN ('reminder', 'reaction', 'recap');

-- What a look of the timetable asks of sessions: each index holds only what waits.
CREATE INDEX session_replan ON session(id) WHERE replan > 0;
CREATE INDEX session_unfrozen ON session(start_at) WHERE invited_frozen_at IS NULL;

-- What waits at the gate for one person, and what one person may be reminded of: not all that there ever was.
CREATE INDEX touchpoint_person_look ON touchpoint(person_id, look_at) WHERE look_at IS NOT NULL;
CREATE INDEX touchpoint_person_remind ON touchpoint(person_id, remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX broadcast_target_person_look ON broadcast_target(person_id, look_at) WHERE look_at IS NOT NULL;
