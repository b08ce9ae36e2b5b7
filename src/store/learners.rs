//! Who learns here, and which scope is whose.

use sha2::{Digest, Sha256};
use sqlx::Row;

use super::{Store, now};

/// Row id of a learner.
pub type LearnerId = i64;

/// A person who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learner {
    /// Row id.
    pub id: LearnerId,
    /// As the person is called.
    pub name: String,
    /// The learner's scope, once one was needed.
    pub scope: Option<String>,
}

impl Store {
    /// Lets `name` in with `token`; a token that is known keeps its learner. Only the token's hash is stored.
    pub async fn add_learner(&self, name: &str, token: &str) -> sqlx::Result<Learner> {
        sqlx::query(
            "INSERT INTO learner (name, token_hash, created_at) VALUES (?, ?, ?) ON CONFLICT (token_hash) DO NOTHING",
        )
        .bind(name)
        .bind(token_hash(token))
        .bind(now())
        .execute(&self.pool)
        .await?;
        self.learner_by_token(token)
            .await?
            .ok_or(sqlx::Error::RowNotFound)
    }

    /// Who has this token, if anybody.
    pub async fn learner_by_token(&self, token: &str) -> sqlx::Result<Option<Learner>> {
        let row = sqlx::query("SELECT id, name, scope FROM learner WHERE token_hash = ?")
            .bind(token_hash(token))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| learner(&row)))
    }

    /// Everybody, in the order of arrival.
    pub async fn learners(&self) -> sqlx::Result<Vec<Learner>> {
        let rows = sqlx::query("SELECT id, name, scope FROM learner ORDER BY id")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(learner).collect())
    }

    /// The learner's scope, once one was assigned.
    pub async fn scope_of(&self, learner: LearnerId) -> sqlx::Result<Option<String>> {
        sqlx::query_scalar("SELECT scope FROM learner WHERE id = ?")
            .bind(learner)
            .fetch_one(&self.pool)
            .await
    }

    /// Gives `scope` to the learner unless the learner has one; the answer is the scope that holds.
    pub async fn assign_scope(&self, learner: LearnerId, scope: &str) -> sqlx::Result<String> {
        sqlx::query_scalar(
            "UPDATE learner SET scope = coalesce(scope, ?) WHERE id = ? RETURNING scope",
        )
        .bind(scope)
        .bind(learner)
        .fetch_one(&self.pool)
        .await
    }

    /// Every assigned scope with its learner.
    pub async fn all_scopes(&self) -> sqlx::Result<Vec<(LearnerId, String)>> {
        sqlx::query_as("SELECT id, scope FROM learner WHERE scope IS NOT NULL ORDER BY id")
            .fetch_all(&self.pool)
            .await
    }
}

fn learner(row: &sqlx::sqlite::SqliteRow) -> Learner {
    Learner {
        id: row.get("id"),
        name: row.get("name"),
        scope: row.get("scope"),
    }
}

/// SHA-256 in hex. Tokens are 256 random bits, so a plain hash is enough.
fn token_hash(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
