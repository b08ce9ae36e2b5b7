//! Arguments: how many there are, and whether they can be what stands at their place.

use super::super::slip::{Slip, What};
use super::super::value;
use super::flags::is_variety;
use super::{MOST, Reader};

impl Reader<'_> {
    /// Too few or too many arguments, and those that cannot be what stands here.
    pub(super) fn arguments(&mut self) {
        let command = self.found.command;
        let count = self.found.args.len();
        let (least, most) = command.arity();
        let place = self.found.range;
        let cut_off = |slip: &Slip| matches!(slip.what, What::NoValue(_));
        if self.found.help || self.found.splits || self.found.slips.iter().any(cut_off) {
            return;
        }
        let config = command.path == "container exec"
            && self
                .found
                .args
                .first()
                .is_some_and(|arg| arg.text == "config");
        if config && count == 1 {
            self.slip(What::ExecConfig, place);
        } else if count < least {
            let missing = command.args[count.min(command.args.len() - 1)].name;
            self.slip(
                What::TooFew {
                    command: command.path,
                    least,
                    missing,
                },
                place,
            );
        } else if let Some(most) = most.filter(|most| count > *most) {
            let extra = &self.found.args[most];
            let at = (extra.start, extra.end);
            self.slip(
                What::TooMany {
                    command: command.path,
                    most,
                },
                at,
            );
        }
        self.images();
        self.after_the_image();
    }

    /// Names that can be no image.
    fn images(&mut self) {
        let command = self.found.command;
        let run = matches!(command.path, "container run" | "container create");
        let found: Vec<Slip> = self
            .found
            .args
            .iter()
            .enumerate()
            .filter(|(at, arg)| {
                let folder = run && *at == 1 && arg.text == "." && self.found.args.len() == 2;
                folder
                    || !arg.unknown
                        && command
                            .slot(*at)
                            .is_some_and(|slot| slot.name.ends_with("IMAGE"))
            })
            .filter_map(|(_, arg)| {
                let what = if run && matches!(arg.text.as_str(), "." | "./" | "..") {
                    What::RunForBuild
                } else if value::is_image(&arg.text) {
                    return None;
                } else {
                    What::NoImageName(arg.text.clone())
                };
                Some(Slip {
                    what,
                    at: (arg.start, arg.end),
                })
            })
            .take(MOST)
            .collect();
        self.found.slips.extend(found);
    }

    /// `docker run nginx -d`: the flag is the container's command, and hardly meant so.
    fn after_the_image(&mut self) {
        let command = self.found.command;
        if !command.stops || self.found.args.len() < 2 {
            return;
        }
        let arg = &self.found.args[1];
        if arg.text.strip_prefix('-').is_some_and(is_variety) {
            let (what, at) = (What::SplitTag(arg.text.clone()), (arg.start, arg.end));
            self.slip(what, at);
            return;
        }
        let text = arg.text.split('=').next().unwrap_or_default();
        let known = match text.strip_prefix("--") {
            Some(name) => command.long(name).is_some(),
            None => text
                .strip_prefix('-')
                .and_then(|letters| letters.chars().next())
                .is_some_and(|letter| command.short(letter).is_some()),
        };
        if known {
            let what = What::AfterTheImage {
                written: arg.text.clone(),
                slot: command.args[0].name,
            };
            let at = (arg.start, arg.end);
            self.slip(what, at);
        }
    }
}
