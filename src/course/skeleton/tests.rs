//! Every skeleton is whole, and proves itself.

use std::time::Duration;

use checker::Lang;
use checker::check::{Job, run};

use super::super::proof::{CaseName, cases};
use super::super::{Course, Files, Problem};
use super::*;

const KINDS: [Kind; 5] = [
    Kind::Files,
    Kind::Sandbox,
    Kind::Command,
    Kind::Quiz,
    Kind::Predict,
];

fn add(course: &mut Files, plan: Plan) {
    for (path, bytes) in plan.files {
        course.insert(&format!("{}/{path}", plan.folder), bytes);
    }
    for (path, bytes) in plan.changes {
        course.insert(&path, bytes);
    }
}

fn text(course: &Files, path: &str) -> String {
    String::from_utf8(course.bytes(path).unwrap_or_default().to_vec()).unwrap()
}

/// A course of one lesson.
fn begun() -> Files {
    let mut course = Files::default();
    let plan = lesson(&course, "07-swarm").unwrap();
    add(&mut course, plan);
    course
}

#[test]
fn a_new_lesson_is_whole() {
    let course = begun();
    assert_eq!(Course::problems(&course), Vec::<Problem>::new());
    let read = Course::from_files(&course).unwrap();
    assert_eq!(read.lessons()[0].order, 7);
}

#[test]
fn a_new_exercise_of_each_kind_is_whole_and_in_its_lesson() {
    for kind in KINDS {
        let mut course = begun();
        let plan = exercise(&course, "nodes/join", kind, None).unwrap();
        assert_eq!((plan.changes.len(), &plan.by_hand), (3, &None), "{kind:?}");
        add(&mut course, plan);
        assert_eq!(Course::problems(&course), Vec::<Problem>::new(), "{kind:?}");
        let read = Course::from_files(&course).unwrap();
        let made = &read.exercises()[0];
        assert_eq!((made.spec.kind, made.wrong.len()), (kind, 2));
        assert_eq!(read.lessons()[0].exercises, ["nodes/join"]);
    }
}

#[test]
fn many_exercises_stand_in_one_lesson() {
    let mut course = begun();
    for (kind, name) in KINDS.into_iter().zip(["a", "b", "c", "d", "e"]) {
        let plan = exercise(&course, &format!("nodes/{name}"), kind, None).unwrap();
        add(&mut course, plan);
    }
    assert_eq!(Course::problems(&course), Vec::<Problem>::new());
    for name in ["ko.md", "en.md"] {
        let text = text(&course, &format!("lessons/07-swarm/{name}"));
        let first = text.find("nodes/a").unwrap();
        let last = text.find("nodes/e").unwrap();
        let recall = text.find("> [!faq]-").unwrap();
        assert!(first < last && last < recall, "{text}");
    }
}

#[tokio::test]
async fn a_skeleton_of_text_proves_itself() {
    for kind in [Kind::Files, Kind::Command, Kind::Quiz, Kind::Predict] {
        let mut course = begun();
        let plan = exercise(&course, "nodes/join", kind, None).unwrap();
        add(&mut course, plan);
        let course = Course::from_files(&course).unwrap();
        let cases = cases(&course.exercises()[0]);
        assert!(cases.iter().any(|case| case.folder == CaseName::Solution));
        for case in cases {
            let folder = tempfile::tempdir().unwrap();
            case.lay_out(folder.path()).unwrap();
            let job = Job {
                exercise: &case.exercise.spec,
                exercise_hash: String::new(),
                dir: folder.path(),
                engine: None,
                probe_image: String::new(),
                history: None,
                lang: Lang::En,
                deadline: Duration::from_secs(60),
            };
            let report = run(job, &mut |_| ()).await;
            let none: Vec<String> = Vec::new();
            assert_eq!(case.differences(&report), none, "{kind:?}: {}", case.folder);
        }
    }
}

#[test]
fn a_lesson_that_cannot_be_changed_is_left_alone() {
    let mut course = begun();
    // A list that is written in another way.
    let yaml = text(&course, "lessons/07-swarm/lesson.yaml").replace("[]", "&none []");
    course.insert("lessons/07-swarm/lesson.yaml", yaml.into_bytes());
    let plan = exercise(&course, "nodes/join", Kind::Quiz, None).unwrap();
    assert_eq!(plan.changes, []);
    let told = plan.by_hand.unwrap();
    assert!(told.contains("  - nodes/join\n") && told.contains("```exercise\nnodes/join\n```"));

    // One text has no recall, so that the languages would drift apart.
    let mut course = begun();
    let en = text(&course, "lessons/07-swarm/en.md")
        .replace("## Recall without looking", "## Look back")
        + "\n```sh\nls\n```\n";
    let ko = text(&course, "lessons/07-swarm/ko.md") + "\n```sh\nls\n```\n";
    course.insert("lessons/07-swarm/en.md", en.into_bytes());
    course.insert("lessons/07-swarm/ko.md", ko.into_bytes());
    assert_eq!(Course::problems(&course), Vec::<Problem>::new());
    let plan = exercise(&course, "nodes/join", Kind::Quiz, None).unwrap();
    assert_eq!(plan.changes, []);
    assert!(plan.by_hand.is_some());

    // No such lesson.
    let plan = exercise(&begun(), "nodes/join", Kind::Quiz, Some("08-later")).unwrap();
    let told = plan.by_hand.unwrap();
    assert!(told.contains("course new lesson 08-later"), "{told}");
}

#[test]
fn names_that_are_none_or_taken_are_refused() {
    let mut course = begun();
    for id in [
        "swarm",
        "7-swarm",
        "007-swarm",
        "00-swarm",
        "08-",
        "08-Swarm",
        "08_swarm",
        "08-a--b",
        "+8-swarm",
        "08-a/b",
        "../08-a",
        "",
    ] {
        assert!(
            lesson(&course, id).is_err_and(|told| told.contains("NN-name")),
            "{id}"
        );
    }
    assert!(lesson(&course, "07-swarm").is_err_and(|told| told.contains("there already")));
    assert!(lesson(&course, "07-other").is_err_and(|told| told.contains("number 07")));

    let plan = exercise(&course, "nodes/join", Kind::Quiz, None).unwrap();
    add(&mut course, plan);
    let refused = |id: &str, lesson: Option<&str>| {
        exercise(&course, id, Kind::Quiz, lesson).expect_err("refused")
    };
    for id in [
        "join",
        "a/b/c",
        "Nodes/join",
        "nodes/../join",
        "nodes/",
        "/join",
        "images/join",
        "a/b c",
    ] {
        refused(id, None);
    }
    assert!(refused("nodes/join", None).contains("there already"));
    assert!(refused("other/join", None).contains("learner's folder"));
    assert!(refused("nodes/leave", Some("swarm")).contains("NN-name"));
    let plan = lesson(&course, "08-more").unwrap();
    add(&mut course, plan);
    let told = exercise(&course, "nodes/leave", Kind::Quiz, None).expect_err("which lesson");
    assert!(told.contains("07-swarm, 08-more"), "{told}");
    let none = exercise(&Files::default(), "a/b", Kind::Quiz, None).expect_err("no lesson");
    assert!(none.contains("course new lesson"), "{none}");
}
