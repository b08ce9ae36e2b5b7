//! What the learner sees: the check as it runs, hints, the list, the solution.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use checker::check::{Job, fitting_hints};
use checker::spec::Kind;
use checker::{Event, Lang};

use super::keyboard::Typing;
use crate::cli::check::{DEADLINE, Screen, say_how_it_went};
use crate::cli::place::{Place, Room};
use crate::course::{Course, CourseExercise};
use crate::store::{LearnerId, Store};

/// One exercise that is being worked on.
pub(super) struct Tutor<'a> {
    pub(super) course: &'a Course,
    pub(super) exercise: &'a CourseExercise,
    pub(super) dir: PathBuf,
    pub(super) lang: Lang,
    pub(super) store: &'a Store,
    pub(super) learner: LearnerId,
    pub(super) open: Option<&'a (Place, Room)>,
    /// Checks that had a room of their own so far.
    pub(super) rooms: AtomicUsize,
    pub(super) typing: Typing,
}

/// A line for the learner. A terminal that is gone is nothing to fail for.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Tutor<'_> {
    pub(super) fn greet(&self) {
        let title = self.exercise.spec.title.get(self.lang);
        let dir = self.dir.display();
        say(&match self.lang {
            Lang::Ko => format!("{title}\n{dir} 폴더의 파일을 고치고 저장하면 바로 채점해요."),
            Lang::En => format!("{title}\nEdit the files in {dir}; every save is checked."),
        });
        self.keys();
    }

    pub(super) fn keys(&self) {
        let how = match self.typing {
            Typing::Keys => self.lang.pick("키", "Keys"),
            Typing::Lines => self.lang.pick("글자와 Enter", "A letter and Enter"),
        };
        let keys = self.lang.pick(
            "h 힌트 · c 다시 채점 · l 목록 · s 해답 · r 처음부터 · n 다음 · q 끝내기",
            "h hint, c check again, l list, s solution, r reset, n next, q quit",
        );
        say(&format!("{how}: {keys}"));
    }

    /// Checks once, and keeps the report before the result is shown. Dropped before its end, it ends what it started.
    pub(super) async fn check(&self) -> anyhow::Result<()> {
        let Some((place, room)) = self.open else {
            return self.check_in(None).await;
        };
        if self.exercise.spec.kind != Kind::Sandbox {
            return self.check_in(Some(room)).await;
        }
        // Commands find an empty sandbox each time. One that was given up is removed in the end.
        let number = self.rooms.fetch_add(1, Ordering::Relaxed) + 1;
        let room = match place.room_for(number, &self.exercise.spec, &self.dir).await {
            Ok(room) => room,
            Err(problem) => anyhow::bail!("{} {}", problem.message, problem.next),
        };
        let handed_in = place.hand_in(&room).await;
        let checked = match handed_in {
            Ok(ended) => {
                if let Some(ended) = ended {
                    say_how_it_went(&ended);
                }
                self.check_in(Some(&room)).await
            }
            Err(error) => Err(error.into()),
        };
        place.leave(room).await;
        checked
    }

    async fn check_in(&self, room: Option<&Room>) -> anyhow::Result<()> {
        let job = Job {
            exercise: &self.exercise.spec,
            exercise_hash: self.exercise.hash.clone(),
            dir: &self.dir,
            engine: room.map(Room::endpoint),
            probe_image: crate::sandbox::images::PROBE.to_owned(),
            history: room.map(Room::calls),
            lang: self.lang,
            deadline: DEADLINE,
        };
        say("");
        let mut screen = Screen::new(&self.dir, self.lang);
        let mut last = None;
        let mut show = |event: Event| {
            if matches!(event, Event::Done { .. }) {
                last = Some(event);
            } else {
                // A terminal that is gone is nothing to fail for.
                let _ = screen.show(&event, &mut std::io::stdout().lock());
            }
        };
        let report = checker::check::run(job, &mut show).await;
        self.store.record_report(self.learner, &report).await?;
        if let Some(done) = last {
            let _ = screen.show(&done, &mut std::io::stdout().lock());
        }
        if report.passed {
            say(self.lang.pick(
                "n을 누르면 다음 연습으로 가요.",
                "n goes on to the next exercise.",
            ));
        }
        Ok(())
    }

    /// One more of the hints that fit what the learner has now.
    pub(super) async fn hint(&self) -> anyhow::Result<()> {
        let spec = &self.exercise.spec;
        let shown = self.store.shown_hints(self.learner, &spec.id).await?;
        let fitting = fitting_hints(spec, &self.dir, self.lang);
        let place = |hint: &checker::spec::Hint| {
            spec.hints
                .iter()
                .position(|other| std::ptr::eq(other, hint))
        };
        let next = fitting
            .iter()
            .filter_map(|hint| Some((place(hint)?, *hint)))
            .find(|(at, _)| !shown.contains(at));
        match next {
            Some((at, hint)) => {
                self.store.show_hint(self.learner, &spec.id, at).await?;
                say(hint.get(self.lang));
            }
            None => {
                // What was shown before may be what is needed again.
                for hint in &fitting {
                    say(hint.get(self.lang));
                }
                say(self.lang.pick(
                    "힌트는 여기까지예요. s로 해답을 볼 수 있어요.",
                    "There are no more hints. s shows the solution.",
                ));
            }
        }
        Ok(())
    }

    /// All exercises with the learner's standing.
    pub(super) async fn list(&self) -> anyhow::Result<()> {
        let all = self.store.all_progress(self.learner).await?;
        for exercise in self.course.exercises() {
            let id = &exercise.spec.id;
            let progress = all.iter().find(|one| one.exercise == *id);
            let mark = match progress {
                Some(progress) if progress.passed => "✓",
                Some(_) => "·",
                None => " ",
            };
            let points = progress.map_or(0, |progress| progress.points);
            let here = if *id == self.exercise.spec.id {
                ">"
            } else {
                " "
            };
            say(&format!(
                "{here}{mark} {points:>3}/{:<3} {}  ({id})",
                exercise.spec.max_points(),
                exercise.spec.title.get(self.lang)
            ));
        }
        Ok(())
    }

    pub(super) async fn may_see_solution(&self) -> anyhow::Result<bool> {
        let id = &self.exercise.spec.id;
        let progress = self.store.progress(self.learner, id).await?;
        Ok(progress.passed || progress.gave_up)
    }

    pub(super) fn ask_for_solution(&self) -> &'static str {
        self.lang.pick(
            "아직 통과하지 않았어요. 그래도 해답을 볼까요?",
            "You have not passed yet. See the solution all the same?",
        )
    }

    /// The files that differ from the starter; from now on they stay open.
    pub(super) async fn show_solution(&self) -> anyhow::Result<()> {
        if !self.may_see_solution().await? {
            let id = &self.exercise.spec.id;
            self.store.give_up(self.learner, id).await?;
        }
        let files = self.exercise.solution.iter();
        for (path, bytes) in files.filter(|file| !self.exercise.starter.contains(file)) {
            say(&format!(
                "--- {path}\n{}",
                String::from_utf8_lossy(bytes).trim_end()
            ));
        }
        Ok(())
    }

    pub(super) fn ask_for_reset(&self) -> &'static str {
        self.lang.pick(
            "처음 파일로 되돌릴까요? 지금 파일은 옆 폴더에 남겨 둬요.",
            "Begin again with the starter? Your files are kept in a folder beside it.",
        )
    }

    pub(super) fn say_reset(&self, aside: &Path) {
        let aside = aside.display();
        say(&match self.lang {
            Lang::Ko => format!("처음 파일로 되돌렸어요. 쓰던 파일은 {aside} 에 있어요."),
            Lang::En => format!("The starter is back. Your files are in {aside}."),
        });
    }

    pub(super) fn say_last(&self) {
        say(self
            .lang
            .pick("마지막 연습이에요.", "This is the last exercise."));
    }
}
