-- Each look, command and summary finds what it needs by an index, so that none grows with the years
-- (the plan of every statement is looked at by tests/plans.py).

-- What may still close untouched. Whatever was answered keeps its closing time and is of no interest any more.
DROP INDEX touchpoint_closes;
CREATE INDEX touchpoint_closes ON touchpoint(closes_at) WHERE closes_at IS NOT NULL AND state = 'sent'
    AND started_at IS NULL AND answered_at IS NULL AND skipped_at IS NULL;
-- What waits for its person.
CREATE INDEX touchpoint_open ON touchpoint(person_id, session_id, kind) WHERE state = 'sent' AND answered_at IS NULL
    AND skipped_at IS NULL AND closed_at IS NULL AND kind NOT IN ('reminder', 'reaction', 'recap');
CREATE INDEX touchpoint_touch ON touchpoint(touch_id) WHERE touch_id IS NOT NULL;
CREATE INDEX touch_person ON touch(person_id);
CREATE INDEX shown_question ON shown(question_id) WHERE question_id IS NOT NULL;
CREATE INDEX answer_created ON answer(created_at);

CREATE INDEX account_paused ON account(paused_until) WHERE paused_until IS NOT NULL;
CREATE INDEX account_withdrawn ON account(withdrawn_at) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX roster_change_person ON roster_change(person_id);
-- In place of the one by person alone: with which units, and to which sessions.
DROP INDEX session_invited_person;
CREATE INDEX session_invited_person ON session_invited(person_id, unit_id, session_id);
CREATE INDEX session_invited_unit ON session_invited(session_id, unit_id);

CREATE INDEX outbox_open ON outbox(not_before) WHERE state IN ('waiting', 'leased');
CREATE INDEX outbox_next ON outbox(not_before) WHERE state = 'waiting';
CREATE INDEX outbox_failed ON outbox(finished_at) WHERE state IN ('failed', 'unknown');
CREATE INDEX outbox_ambiguous ON outbox(id) WHERE ambiguous > 0;
CREATE INDEX incoming_aside ON incoming(handled_at) WHERE state = 'aside';
CREATE INDEX incoming_lane ON incoming(lane);
CREATE INDEX broadcast_target_telegram ON broadcast_target(telegram_id);
CREATE INDEX broadcast_target_pieces ON broadcast_target(broadcast_id) WHERE message_ids IS NOT NULL;
