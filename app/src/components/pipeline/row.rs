//! One container: what it is, its newest build, what runs now and after Run, the version to run.

use super::{
    chooser::Chooser,
    phases::{BuildPhase, DeployPhase},
};
use crate::reactive::memo;
use crate::{
    components::any::view,
    format::split_repository,
    pages::pipeline::board::{Board, Card, Row},
    text,
};
use leptos::prelude::*;
use types::task::{Role, TaskType};

/// See the module. The type and the build of a task may change with its image.
#[component]
pub(crate) fn TaskRow(board: Board, card: Card, row: Row) -> impl IntoView {
    let workload = card.head.with_untracked(|head| head.name.clone());
    let (container, role) = row.task.with_untracked(|task| (task.container.clone(), task.role));
    let role = match role {
        Role::Main => None,
        Role::Init => Some(text::init()),
        Role::Sidecar => Some(text::sidecar()),
    };
    let built = memo(move || row.task.with(|task| task.kind == TaskType::Built));
    view! {
        <div class="task" role="group" aria-label=text::task_label(&workload, &container, role)>
            <div class="task-id">
                <div class="row task-line">
                    <span class="strong clip" title=container.clone()>{container.clone()}</span>
                    {role.map(|role| view! { <span class="label">{role}</span> })}
                </div>
                {move || image(row)}
            </div>
            {move || built.get().then(|| view! { <BuildPhase row/> })}
            <DeployPhase board card row/>
            <div class="task-choose"><Chooser board row built/></div>
        </div>
    }
}

/// The image: a link to its build where there is one.
fn image(row: Row) -> AnyView {
    let (repository, build) =
        row.task.with(|task| (task.deployed.repository.clone(), task.build.as_ref().map(|build| build.name.clone())));
    let (start, end) = split_repository(&repository);
    let name = view! { <span class="clip">{start}</span><span class="clip">{end}</span> };
    match build {
        Some(build) => {
            let title = text::edit_this_build(&repository);
            view! { <a class="image" href=format!("/builds/{build}/edit") title=title>{name}</a> }
        }
        None => view! { <div class="image" title=repository>{name}</div> },
    }
}
