-- What a broadcast says, piece by piece, so that it can be corrected where it was delivered.

-- JSON list of bot/domain/piece.py; empty for a session's reminder, whose text the bot has ready.
ALTER TABLE broadcast ADD COLUMN pieces TEXT NOT NULL DEFAULT '[]';
-- How many corrections were begun; "correcting" while one is under way.
ALTER TABLE broadcast ADD COLUMN corrections INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcast ADD COLUMN correcting INTEGER NOT NULL DEFAULT 0;
CREATE INDEX broadcast_correcting ON broadcast(id) WHERE correcting = 1;

-- The delivered copy's messages in the chat (JSON list), and what the latest correction made of them:
-- on_delivery (it was on the wire), queued, corrected, blocked, impossible, stopped.
ALTER TABLE broadcast_target ADD COLUMN message_ids TEXT;
ALTER TABLE broadcast_target ADD COLUMN correction_state TEXT;
ALTER TABLE broadcast_target ADD COLUMN correction_reason TEXT;
