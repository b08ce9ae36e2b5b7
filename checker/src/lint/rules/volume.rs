//! What `VOLUME` cannot do.

use dockerfile::Kind;

use crate::Severity::Warning;
use crate::lint::rule::{Rule, say, t};

/// `VOLUME ./data:/data`.
pub(crate) static VOLUME_MAPPING: Rule = Rule {
    id: "volume-mapping",
    aliases: &[],
    severity: Warning,
    on: true,
    mistake: Some("volume-shares-host"),
    title: t(
        "호스트 폴더를 적은 VOLUME",
        "VOLUME with a folder of the host",
    ),
    what: t(
        "`VOLUME ./data:/data`처럼 `:` 앞에 호스트의 폴더나 볼륨 이름을 적은 곳을 찾아요.",
        "Finds `VOLUME ./data:/data`, with a folder of the host or a volume's name before a `:`.",
    ),
    why: t(
        "`VOLUME`은 컨테이너 안의 경로만 받고, 컨테이너마다 이름 없는 볼륨을 새로 만들어요. 이미지는 어느 컴퓨터에서 실행될지 모르기 때문에 호스트의 폴더를 정할 수 없어요. 폴더나 이름 있는 볼륨은 실행할 때 `-v`나 Compose의 `volumes`로 이어 보세요.",
        "`VOLUME` takes paths in the container only, and every new container gets a new volume without a name. An image does not know on which machine it will run, so it cannot choose a folder there. Join a folder or a named volume when the container starts: `-v`, or `volumes` in Compose.",
    ),
    bad: &[
        "FROM nginx:1.29\nVOLUME ⟦./site:/usr/share/nginx/html⟧\n",
        "FROM postgres:17\nVOLUME [⟦\"pg:/var/lib/postgresql/data\"⟧]\n",
    ],
    good: &[
        "FROM nginx:1.29\nVOLUME /usr/share/nginx/html\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nVOLUME C:/data\n",
    ],
    check: |file, sink| {
        for instruction in &file.tree.instructions {
            let instruction = instruction.inner();
            if instruction.kind != Kind::Volume {
                continue;
            }
            for word in instruction.words() {
                // One letter before the colon is a drive of Windows.
                let Some((from, _)) = word
                    .value
                    .split_once(":/")
                    .filter(|(from, _)| from.len() > 1)
                else {
                    continue;
                };
                sink.hit(
                    word.span,
                    say!(
                        file,
                        "`VOLUME`은 `{from}`를 컨테이너와 이어 주지 않아요.",
                        "`VOLUME` does not join `{from}` to the container."
                    ),
                );
            }
        }
    },
};
