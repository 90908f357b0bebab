//! The version to run: a tag for a common image; Appointed, Latest or Build & Deployment for a
//! built one. The line below says what comes of it, or why nothing does.

use super::{appointed::Appointed, tag_box::TagBox, why::Why};
use crate::reactive::memo;
use crate::{
    components::{
        any::view,
        icon::small_icon,
        over::{Part, over},
        time::age,
    },
    pages::pipeline::{
        board::{Board, Row},
        choose::{choose, clear},
    },
    text,
};
use leptos::prelude::*;
use types::{
    Version,
    task::TaskBuild,
    version::{BuildParams, True},
};

/// The three ways of a built image, and a tag that somebody chose over REST or a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Appointed,
    Latest,
    Build,
    Tag,
}

impl Source {
    const OFFERED: [Source; 3] = [Source::Appointed, Source::Latest, Source::Build];

    fn of(version: Option<&Version>, unticked: bool) -> Self {
        match version {
            _ if unticked => Source::Build,
            Some(Version::BuildRun(_)) => Source::Appointed,
            Some(Version::Build(_)) | None => Source::Build,
            Some(Version::Latest(_)) => Source::Latest,
            Some(Version::Tag(_) | Version::Digest(_) | Version::Restart(_)) => Source::Tag,
        }
    }

    fn value(self) -> &'static str {
        match self {
            Source::Appointed => "appointed",
            Source::Latest => "latest",
            Source::Build => "build",
            Source::Tag => "tag",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Source::Appointed => text::appointed(),
            Source::Latest => text::latest(),
            Source::Build => text::build_and_deployment(),
            Source::Tag => text::image_tag(),
        }
    }
}

/// See the module.
#[component]
pub(crate) fn Chooser(board: Board, row: Row, built: Memo<bool>) -> impl IntoView {
    view! {
        {move || {
            if built.get() { view! { <Built board row/> } } else { view! { <TagBox board row/> } }
        }}
        <Why board row/>
    }
}

#[component]
fn Built(board: Board, row: Row) -> impl IntoView {
    let source = memo(move || Source::of(row.version().as_ref(), row.unticked.get()));
    let container = row.task.with_untracked(|task| task.container.clone());
    let change = move |event| {
        let value = event_target_value(&event);
        let Some(to) = Source::OFFERED.into_iter().find(|source| source.value() == value) else { return };
        switch(board, row, to);
    };
    let options = move || {
        let odd = (source.get() == Source::Tag).then_some(Source::Tag);
        let option = |each: Source| {
            let chosen = move || source.get() == each;
            view! { <option value=each.value() selected=chosen>{each.words()}</option> }
        };
        odd.into_iter().chain(Source::OFFERED).map(option).collect_view().into_any()
    };
    view! {
        <div class="chooser">
            <select class="select" aria-label=text::version_of(&container) on:change=change prop:value=move || source.get().value()>
                {move || options()}
            </select>
            {move || match source.get() {
                Source::Appointed => view! { <Appointed board row/> },
                Source::Latest => latest(row),
                Source::Build => view! { <Execute board row/> },
                Source::Tag => odd(row),
            }}
        </div>
    }
}

fn switch(board: Board, row: Row, to: Source) {
    match to {
        Source::Latest => choose(board, row, Version::Latest(True)),
        Source::Appointed => {
            let newest = row.task.with_untracked(|task| {
                task.build.as_ref().and_then(|build| build.newest_success.as_ref()).map(|run| run.number)
            });
            match newest {
                Some(number) => choose(board, row, Version::BuildRun(number)),
                None => {
                    row.error.set(Some(types::ApiError::new(types::ErrorCode::Invalid, text::nothing_to_appoint())))
                }
            }
        }
        Source::Build => {
            row.from_link.set(None);
            row.error.set(None);
            row.unticked.set(true);
        }
        // Not offered.
        Source::Tag => {}
    }
}

/// `1.27.3 #41, 2 h`
fn latest(row: Row) -> AnyView {
    let newest = move || row.task.with(|task| task.build.as_ref().and_then(|build| build.newest_success.clone()));
    let words = move || match newest() {
        Some(run) => {
            let ended = run.ended_at.map(|at| view! { ", "{age(at)} });
            view! { <code class="clip">{run.tag}</code><span class="sub">"#"{run.number}{ended}</span> }
        }
        None => view! { <span class="clip">{text::no_successful_run()}</span> },
    };
    view! { <output class="row chooser-fixed">{move || words()}</output> }
}

fn odd(row: Row) -> AnyView {
    let words = move || match row.version() {
        Some(Version::Tag(tag)) => tag,
        Some(Version::Digest(digest)) => digest.short().to_owned(),
        Some(Version::Restart(_)) => text::restart().to_owned(),
        Some(Version::BuildRun(_) | Version::Latest(_) | Version::Build(_)) | None => String::new(),
    };
    view! { <output class="row chooser-fixed"><code class="clip">{move || words()}</code></output> }
}

/// Execute: ticked, a new image is made and then deployed. Where tags are typed, its tag.
#[component]
fn Execute(board: Board, row: Row) -> impl IntoView {
    let ticked = memo(move || matches!(row.version(), Some(Version::Build(_))));
    let typed =
        memo(move || row.task.with(|task| task.build.as_ref().is_some_and(|build: &TaskBuild| build.tag_typed)));
    let params = move || match row.version() {
        Some(Version::Build(params)) => params,
        _ => BuildParams::default(),
    };
    let tag = move || params().tag.unwrap_or_default();
    let set_tag = move |event| {
        let tag = event_target_value(&event).trim().to_owned();
        let params = BuildParams { tag: (!tag.is_empty()).then_some(tag), ..untrack(params) };
        choose(board, row, Version::Build(params));
    };
    let tick = move |event| {
        if event_target_checked(&event) {
            choose(board, row, Version::Build(BuildParams::default()));
        } else {
            clear(board, row);
            row.unticked.set(true);
        }
    };
    let over = over();
    let options = move |_| over.open(Part::BuildOptions(board, row));
    view! {
        <div class="row chooser-fixed check">
            <label class="row check"><input type="checkbox" prop:checked=ticked checked=ticked.get_untracked() on:change=tick/>{text::execute()}</label>
            {move || {
                typed.get().then(|| view! {
                    <input class="input input-code" placeholder=text::tag() aria-label=text::tag_of_the_new_image() prop:value=tag on:change=set_tag/>
                })
            }}
            <button class="button button-plain chooser-more" type="button" aria-haspopup="dialog" aria-label=text::build_options() title=text::build_options() on:click=options>
                {small_icon("settings")}
            </button>
        </div>
    }
}
