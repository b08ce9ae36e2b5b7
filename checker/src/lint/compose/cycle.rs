//! Services that wait for each other.

use std::collections::HashMap;

use super::names::edges;
use super::part;
use crate::Severity::Error;
use crate::compose::{Compose, Text};
use crate::lint::rule::{Rule, say, t};

/// Services that wait for each other.
pub(crate) static CYCLE: Rule = Rule {
    id: "compose-cycle",
    aliases: &[],
    severity: Error,
    on: true,
    mistake: None,
    title: t("서로 기다리는 서비스", "Services that wait for each other"),
    what: t(
        "`depends_on`이 돌고 돌아 자기 자신에게 오는 곳을 찾아요.",
        "Finds services whose `depends_on` leads back to themselves.",
    ),
    why: t(
        "모두가 다른 하나를 기다리면 아무도 먼저 시작할 수 없어요. 어느 쪽이 정말로 상대가 떠 있어야 시작할 수 있는지 생각해 보고 나머지를 지워 보세요.",
        "Where each waits for another, none can start first. Think about which of them really needs the other to be up, and take the rest away.",
    ),
    bad: &[
        "services:\n  web:\n    build: ./web\n    depends_on: [api]\n  api:\n    build: ./api\n    depends_on: [⟦web⟧]\n",
        "services:\n  web:\n    build: ./web\n    depends_on: [⟦web⟧]\n",
    ],
    good: &[
        "services:\n  web:\n    build: ./web\n    depends_on: [api]\n  api:\n    build: ./api\n",
    ],
    check: |file, sink| {
        let Some(compose) = file.compose else { return };
        for (used, way) in cycles(compose) {
            let message = match way.as_slice() {
                [name] => say!(
                    file,
                    "`{name}` 서비스가 자기 자신을 기다려요.",
                    "The service `{name}` waits for itself."
                ),
                names => {
                    let mut shown: Vec<&str> = names.iter().copied().take(8).collect();
                    if names.len() > shown.len() {
                        shown.push("...");
                    }
                    shown.push(names[0]);
                    let way = shown.join(" -> ");
                    say!(
                        file,
                        "서비스들이 서로를 기다려요: {way}.",
                        "Services wait for each other: {way}."
                    )
                }
            };
            sink.hit(part(&compose.source, used.span, &used.text), message);
        }
    },
};

/// Every edge that closes a circle, with the services of the circle.
fn cycles(compose: &Compose) -> Vec<(&Text, Vec<&str>)> {
    let services = &compose.services;
    let numbers: HashMap<&str, usize> = services
        .iter()
        .enumerate()
        .map(|(number, service)| (service.name.text.as_str(), number))
        .collect();
    let out: Vec<Vec<(&Text, usize)>> = services
        .iter()
        .map(|service| {
            edges(service)
                .filter_map(|used| Some((used, *numbers.get(used.text.as_str())?)))
                .collect()
        })
        .collect();
    let mut found = Vec::new();
    let (mut done, mut depth) = (vec![false; services.len()], vec![None; services.len()]);
    for start in 0..services.len() {
        if done[start] {
            continue;
        }
        let mut stack = vec![(start, 0)];
        depth[start] = Some(0);
        while let Some((at, next)) = stack.last_mut() {
            match out[*at].get(*next) {
                Some(&(used, to)) => {
                    *next += 1;
                    if let Some(from) = depth[to] {
                        let way = stack[from..].iter();
                        let way = way.map(|&(at, _)| services[at].name.text.as_str());
                        found.push((used, way.take(10).collect()));
                        // One more than a page shows; a hostile file could close millions.
                        if found.len() > 200 {
                            return found;
                        }
                    } else if !done[to] {
                        depth[to] = Some(stack.len());
                        stack.push((to, 0));
                    }
                }
                None => {
                    (done[*at], depth[*at]) = (true, None);
                    stack.pop();
                }
            }
        }
    }
    found
}
