//! Docker's SDK for Python on both sides: what `sdk.py` finds must be equal.
//!
//! `DOCKTUTOR_TEST_PYTHON` is a Python that has the package `docker`; `scripts/setup.sh test` makes one.

use super::{in_world_of, mask};
use serde_json::Value;

#[tokio::test]
async fn docker_for_python_agrees() {
    let Some(python) = std::env::var_os("DOCKTUTOR_TEST_PYTHON") else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engine/clients/sdk.py");
    let line = format!("{} {script} $IMAGE $P", python.display());
    in_world_of(None, async |raw, alice| {
        let (mut plain, mut ours) = tokio::join!(raw.run(&line), alice.run(&line));
        raw.forget_itself(&mut plain);
        alice.forget_itself(&mut ours);
        let read = |text: &str| serde_json::from_str::<Value>(text).ok();
        let (Some(Value::Object(left)), Some(Value::Object(right))) =
            (read(&plain.out), read(&ours.out))
        else {
            return vec![format!("the script did not end well: {plain:?} {ours:?}")];
        };
        let mut problems = Vec::new();
        for (part, found) in &left {
            let text =
                |value: Option<&Value>| mask::mask(&value.map_or(String::new(), Value::to_string));
            let (engine, scope) = (text(Some(found)), text(right.get(part)));
            if engine != scope || engine.contains("Traceback") {
                problems.push(format!("{part}\n  engine: {engine}\n  scope:  {scope}"));
            }
        }
        if left.len() < 15 {
            problems.push(format!("the script tried only {} parts", left.len()));
        }
        problems
    })
    .await;
}
