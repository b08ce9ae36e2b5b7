//! The database; the only place with SQL.
//!
//! SQLite in the data folder, in WAL mode with `synchronous = FULL`: what a call has returned from is on the disk.

mod learners;
mod progress;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

pub use learners::{Learner, LearnerId};
pub use progress::{Attempt, Progress};

/// File name of the database in the data folder.
pub const FILE: &str = "docktutor.sqlite";

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("src/store/migrations");

/// Why the database cannot be used. The file is left as it was found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite cannot read it.
    #[error(
        "the database {path} is damaged ({reason}); it was not changed. Move it away to start anew, or put a copy of it back from a backup"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        reason: String,
    },
    /// A newer Docktutor wrote it.
    #[error(
        "the database {path} was written by a newer Docktutor (schema {found}, this one knows {known}); it was not changed. Start the newer version, or use another data folder with --data"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its newest migration.
        found: i64,
        /// Our newest migration.
        known: i64,
    },
    /// A database, but not one of ours.
    #[error(
        "{path} is a database of another program; it was not changed. Use another data folder with --data"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Anything else: rights, a full disk, a lock.
    #[error("the database {path} cannot be used: {source}")]
    Sql {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: sqlx::Error,
    },
}

/// A handle on the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the database in `data`, makes it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// A damaged, newer or foreign database is refused before anything is written to it.
    pub async fn open(data: &Path) -> Result<Store, StoreError> {
        let path = data.join(FILE);
        let present = std::fs::metadata(&path).is_ok_and(|meta| meta.len() > 0);
        if present {
            inspect(&path).await?;
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let fail = |source| StoreError::Sql {
            path: path.clone(),
            source,
        };
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(fail)?;
        MIGRATIONS
            .run(&pool)
            .await
            .map_err(|error| fail(error.into()))?;
        Ok(Store { pool })
    }

    /// Closes all connections; the write-ahead log is folded into the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Looks at an existing file without writing to it.
async fn inspect(path: &Path) -> Result<(), StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| classify(path, error))?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| classify(path, error))?;
    if verdict != "ok" {
        return Err(damaged(verdict));
    }
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut connection)
            .await
            .map_err(|error| classify(path, error))?;
    if !tables.iter().any(|table| table == "_sqlx_migrations") {
        return if tables.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Foreign {
                path: path.to_owned(),
            })
        };
    }
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| classify(path, error))?;
    let known = MIGRATIONS
        .iter()
        .map(|step| step.version)
        .max()
        .unwrap_or(0);
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    // Every other table that is there must be one of ours, or the file only looks like one of ours.
    if found > 0 && !tables.iter().any(|table| table == "learner") {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
        });
    }
    let _ = connection.close().await;
    Ok(())
}

/// SQLite says "not a database" (26) and "malformed" (11) for damage; everything else is about the surroundings.
fn classify(path: &Path, error: sqlx::Error) -> StoreError {
    let code = error
        .as_database_error()
        .and_then(|database| database.code().map(|code| code.into_owned()));
    match code.as_deref() {
        Some("26" | "11" | "267" | "523" | "779") => StoreError::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        },
        _ => StoreError::Sql {
            path: path.to_owned(),
            source: error,
        },
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |passed| {
            i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests;
