//! The fields of a user task, and of a script.

use super::{
    Text,
    common::{Base, Room, RoomForm},
    line,
    reader::{Reader, command_line},
};
use leptos::prelude::*;
use types::build::{ContainerStep, ScriptStep};

/// User task.
#[derive(Clone, Copy)]
pub(crate) struct ContainerForm {
    pub(crate) room: RoomForm,
    pub(crate) command: Text,
}

impl ContainerForm {
    pub(super) fn of(step: &ContainerStep) -> Self {
        Self {
            room: RoomForm::of(&step.image, &step.environment, &step.working_folder, &step.caches),
            command: line(&command_line(&step.command)),
        }
    }

    pub(super) fn read(self, Base { name, enabled, time_limit_ms }: Base, reader: &mut Reader) -> ContainerStep {
        let Room { image, environment, working_folder, caches } = self.room.read(reader);
        let command = reader.words("command", self.command);
        ContainerStep { name, enabled, time_limit_ms, image, command, environment, working_folder, caches }
    }
}

/// Script.
#[derive(Clone, Copy)]
pub(crate) struct ScriptForm {
    pub(crate) room: RoomForm,
    pub(crate) script: Text,
}

impl ScriptForm {
    pub(super) fn of(step: &ScriptStep) -> Self {
        Self {
            room: RoomForm::of(&step.image, &step.environment, &step.working_folder, &step.caches),
            script: line(&step.script),
        }
    }

    pub(super) fn read(self, Base { name, enabled, time_limit_ms }: Base, reader: &mut Reader) -> ScriptStep {
        let Room { image, environment, working_folder, caches } = self.room.read(reader);
        let script = self.script.get();
        ScriptStep { name, enabled, time_limit_ms, image, script, environment, working_folder, caches }
    }
}
