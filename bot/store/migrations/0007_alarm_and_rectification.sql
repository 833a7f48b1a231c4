-- What is wrong with the bot, and when admins were told. Written by bot/domain/alarm.py; no word of a person.
CREATE TABLE alarm (
    kind TEXT PRIMARY KEY,
    since TEXT NOT NULL,
    told INTEGER NOT NULL,
    told_at TEXT,
    ended_at TEXT,
    owed INTEGER NOT NULL
);

-- What people ask to have corrected in their data: a task for the admins, due after 3 x 24 hours by the clock.
-- The wish is the person's own words; it is erased when the task is done.
CREATE TABLE rectification (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person(id),
    telegram_id INTEGER NOT NULL,
    wish TEXT,
    asked_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    -- How many reminders the admins have had, and when the next one goes.
    reminded INTEGER NOT NULL DEFAULT 0,
    remind_at TEXT,
    done_at TEXT,
    -- The Telegram id of the admin who closed it, and how: done, refused.
    done_by INTEGER,
    outcome TEXT
);
CREATE INDEX rectification_open ON rectification(remind_at) WHERE done_at IS NULL;
CREATE INDEX rectification_person ON rectification(person_id);
