CREATE TABLE learner (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    token_hash  TEXT    NOT NULL UNIQUE,
    scope       TEXT    UNIQUE,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE exercise_state (
    learner     INTEGER NOT NULL REFERENCES learner (id) ON DELETE CASCADE,
    exercise    TEXT    NOT NULL,
    gave_up     INTEGER NOT NULL DEFAULT 0,
    passed_at   INTEGER,
    points      INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    last_report TEXT,
    PRIMARY KEY (learner, exercise)
) STRICT;

CREATE TABLE shown_hint (
    id          INTEGER PRIMARY KEY,
    learner     INTEGER NOT NULL REFERENCES learner (id) ON DELETE CASCADE,
    exercise    TEXT    NOT NULL,
    hint        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    UNIQUE (learner, exercise, hint)
) STRICT;

CREATE TABLE attempt (
    id          INTEGER PRIMARY KEY,
    learner     INTEGER NOT NULL REFERENCES learner (id) ON DELETE CASCADE,
    exercise    TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    passed      INTEGER NOT NULL,
    points      INTEGER NOT NULL,
    max_points  INTEGER NOT NULL,
    report      TEXT    NOT NULL
) STRICT;

CREATE INDEX attempt_by_learner ON attempt (learner, exercise, at);
