//! What a learner has done with each exercise.

use checker::Report;
use sqlx::Row;

use super::{LearnerId, Store, now};

/// A learner's standing in one exercise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The exercise's id.
    pub exercise: String,
    /// The learner asked for the solution.
    pub gave_up: bool,
    /// Passed at least once.
    pub passed: bool,
    /// Best points so far.
    pub points: u32,
    /// How often it was checked.
    pub attempts: u32,
    /// The last report.
    pub report: Option<Report>,
}

/// One check in the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Seconds since 1970.
    pub at: i64,
    /// The whole report.
    pub report: Report,
}

impl Store {
    /// The learner's standing in one exercise; all zero before the first touch.
    pub async fn progress(&self, learner: LearnerId, exercise: &str) -> sqlx::Result<Progress> {
        let row = sqlx::query("SELECT * FROM exercise_state WHERE learner = ? AND exercise = ?")
            .bind(learner)
            .bind(exercise)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map_or_else(
            || Progress {
                exercise: exercise.to_owned(),
                ..Progress::default()
            },
            |row| progress(&row),
        ))
    }

    /// Every exercise that the learner has touched.
    pub async fn all_progress(&self, learner: LearnerId) -> sqlx::Result<Vec<Progress>> {
        let rows = sqlx::query("SELECT * FROM exercise_state WHERE learner = ? ORDER BY exercise")
            .bind(learner)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(progress).collect())
    }

    /// Keeps a report. It is on the disk when this returns. A check that could not be judged (an error of the
    /// surroundings) is kept as the last report, and is no attempt of the learner.
    pub async fn record_report(&self, learner: LearnerId, report: &Report) -> sqlx::Result<()> {
        let text =
            serde_json::to_string(report).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let judged = report
            .checks
            .iter()
            .all(|check| check.status != checker::Status::Error);
        let at = now();
        let mut transaction = self.pool.begin().await?;
        if judged {
            sqlx::query(
                "INSERT INTO attempt (learner, exercise, at, passed, points, max_points, report) VALUES (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(learner)
            .bind(&report.exercise)
            .bind(at)
            .bind(report.passed)
            .bind(report.points)
            .bind(report.max_points)
            .bind(&text)
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query(
            "INSERT INTO exercise_state (learner, exercise, passed_at, points, attempts, last_report)
             VALUES (?1, ?2, CASE WHEN ?3 THEN ?4 END, ?5, ?6, ?7)
             ON CONFLICT (learner, exercise) DO UPDATE SET
                 passed_at = coalesce(passed_at, excluded.passed_at),
                 points = max(points, excluded.points),
                 attempts = attempts + excluded.attempts,
                 last_report = excluded.last_report",
        )
        .bind(learner)
        .bind(&report.exercise)
        .bind(report.passed)
        .bind(at)
        .bind(if judged { report.points } else { 0 })
        .bind(u32::from(judged))
        .bind(&text)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// Remembers that a hint was shown; `hint` is its place in the exercise, from 0.
    pub async fn show_hint(
        &self,
        learner: LearnerId,
        exercise: &str,
        hint: usize,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO shown_hint (learner, exercise, hint, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(learner)
        .bind(exercise)
        .bind(i64::try_from(hint).unwrap_or(i64::MAX))
        .bind(now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The hints that were shown, in the order in which they were asked for.
    pub async fn shown_hints(
        &self,
        learner: LearnerId,
        exercise: &str,
    ) -> sqlx::Result<Vec<usize>> {
        let hints: Vec<i64> = sqlx::query_scalar(
            "SELECT hint FROM shown_hint WHERE learner = ? AND exercise = ? ORDER BY id",
        )
        .bind(learner)
        .bind(exercise)
        .fetch_all(&self.pool)
        .await?;
        Ok(hints
            .into_iter()
            .filter_map(|hint| usize::try_from(hint).ok())
            .collect())
    }

    /// The learner asks for the solution.
    pub async fn give_up(&self, learner: LearnerId, exercise: &str) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO exercise_state (learner, exercise, gave_up) VALUES (?, ?, 1)
             ON CONFLICT (learner, exercise) DO UPDATE SET gave_up = 1",
        )
        .bind(learner)
        .bind(exercise)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The report of the first check of one exercise.
    pub async fn first_report(
        &self,
        learner: LearnerId,
        exercise: &str,
    ) -> sqlx::Result<Option<Report>> {
        let row = sqlx::query(
            "SELECT report FROM attempt WHERE learner = ? AND exercise = ? ORDER BY at, id LIMIT 1",
        )
        .bind(learner)
        .bind(exercise)
        .fetch_optional(&self.pool)
        .await?;
        // One of an older version that can no longer be read is left out, as in the progress.
        Ok(row.and_then(|row| serde_json::from_str(row.get("report")).ok()))
    }

    /// Past checks of one exercise, oldest first.
    pub async fn attempts(&self, learner: LearnerId, exercise: &str) -> sqlx::Result<Vec<Attempt>> {
        let rows = sqlx::query(
            "SELECT at, report FROM attempt WHERE learner = ? AND exercise = ? ORDER BY at, id",
        )
        .bind(learner)
        .bind(exercise)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let report = serde_json::from_str(row.get("report"))
                    .map_err(|error| sqlx::Error::Decode(error.into()))?;
                Ok(Attempt {
                    at: row.get("at"),
                    report,
                })
            })
            .collect()
    }
}

fn progress(row: &sqlx::sqlite::SqliteRow) -> Progress {
    let report: Option<&str> = row.get("last_report");
    Progress {
        exercise: row.get("exercise"),
        gave_up: row.get("gave_up"),
        passed: row.get::<Option<i64>, _>("passed_at").is_some(),
        points: row.get("points"),
        attempts: row.get("attempts"),
        // A report of an older version that can no longer be read is left out rather than hiding all progress.
        report: report.and_then(|text| serde_json::from_str(text).ok()),
    }
}
