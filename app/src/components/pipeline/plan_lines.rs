//! The lines of a plan: builds first, then waves; what stays, and why.

use super::{card::kind_icon, image_digest, image_tag, plan_sheet::Sheet};
use crate::components::any::view;
use crate::{
    components::{
        icon::icon,
        state::{self, state},
        time::ago,
    },
    format::{size, split_repository},
    text,
};
use leptos::prelude::*;
use types::{
    TaskId, Time,
    plan::{Action, BlockedBy, Plan, PlanDiff, PlanItem},
};

/// Changes of the configuration, and commits, that are told before the rest is counted.
const TOLD: usize = 5;
const WAVES: std::ops::RangeInclusive<u32> = 1..=99;

/// A task that stays as it is.
pub(crate) struct Stay {
    pub(crate) task: TaskId,
    pub(crate) walls: Vec<BlockedBy>,
}

/// See the module. Without a sheet nothing of it can be changed.
pub(crate) fn contents(sheet: Option<Sheet>, plan: Plan) -> AnyView {
    if plan.items.is_empty() {
        return view! { <p class="sub plan-wait">{text::nothing_to_run()}</p> }.into_any();
    }
    let builds = builds(&plan.items);
    let (runs, rest): (Vec<_>, Vec<_>) = plan.items.into_iter().partition(|item| item.runnable);
    let mut waves: Vec<(u32, Vec<PlanItem>)> = Vec::new();
    for item in runs {
        match waves.iter_mut().find(|(wave, _)| *wave == item.wave) {
            Some((_, items)) => items.push(item),
            None => waves.push((item.wave, vec![item])),
        }
    }
    waves.sort_by_key(|(wave, _)| *wave);
    let last = waves.len().saturating_sub(1);
    let waves = waves.into_iter().enumerate().map(|(at, (wave, items))| {
        let arrange = sheet.filter(|_| at == 0).map(arrange);
        let means = text::wave_means(items.len(), at == last);
        view! {
            <h3 class="row wrap">{text::wave(wave)}" "<span class="sub">{means}</span>{arrange}</h3>
            <ol class="plan card">{items.into_iter().map(|item| line(sheet, item)).collect_view()}</ol>
        }
    });
    let rest = rest.into_iter().map(|item| Stay { task: item.task, walls: item.blocked_by }).collect();
    view! { {builds}{waves.collect_view()}{stays(rest)} }.into_any()
}

/// What is made before anything is deployed; items that share a build stand in one line.
fn builds(items: &[PlanItem]) -> AnyView {
    let mut builds: Vec<(String, Option<String>, usize)> = Vec::new();
    for item in items.iter().filter(|item| item.runnable) {
        let Some(build) = &item.build else { continue };
        let shared = item.n > build.shared_with.iter().copied().min().unwrap_or(item.n);
        if !shared {
            builds.push((build.name.clone(), build.reference.clone(), build.shared_with.len() + 1));
        }
    }
    if builds.is_empty() {
        return ().into_any();
    }
    let lines = builds.into_iter().map(|(name, reference, tasks)| {
        let of = reference.unwrap_or_else(|| text::as_the_build_says().to_owned());
        view! {
            <li>
                <span class="row strong">{icon("builds")}<span class="clip">{name}</span></span>
                <span class="phase-tags"><span class="clip">{of}</span>{icon("to")}<span class="clip">{text::digest_known_at_the_end()}</span></span>
                <span class="sub">{text::for_tasks(tasks)}</span>
            </li>
        }
    });
    view! { <h3 class="row wrap">{text::builds_first_title()}</h3><ol class="plan card">{lines.collect_view()}</ol> }
        .into_any()
}

/// Shows the numbers of the waves, to be changed.
fn arrange(sheet: Sheet) -> AnyView {
    view! {
        <button
            class="button button-plain push"
            type="button"
            aria-pressed=move || sheet.arranging.get().to_string()
            on:click=move |_| sheet.arranging.update(|on| *on = !*on)
        >
            {text::arrange_waves()}
        </button>
    }
    .into_any()
}

fn name(task: &TaskId) -> AnyView {
    let name = format!("{} / {}", task.workload, task.container);
    view! { <span class="row strong">{icon(kind_icon(task.kind))}<span class="clip" title=name.clone()>{name.clone()}</span></span> }.into_any()
}

fn line(sheet: Option<Sheet>, item: PlanItem) -> AnyView {
    let repository = item.to.as_ref().or(item.from.as_ref()).map(|image| image.repository.clone()).unwrap_or_default();
    let (start, end) = split_repository(&repository);
    let label = match item.action {
        Action::Deploy | Action::None => None,
        Action::Restart => Some(text::restart()),
        Action::BuildDeploy => Some(text::builds_first()),
    };
    let warnings = item.warnings.iter().map(|warning| {
        let message = warning.message.clone();
        view! { <span class="sub plan-note">{state(state::WARN, message)}" "<code class="code">{warning.code.as_str()}</code></span> }
    });
    let queued = item.queue_position.filter(|position| *position > 0).map(|position| {
        view! { <span class="sub plan-note">{state(state::QUEUED, text::waits_behind(position))}</span> }
    });
    let sizes = item.diff.to_size_bytes.map(size);
    let change = item.diff.size_bytes.map(|bytes| text::size_change(bytes.is_negative(), &size(bytes.unsigned_abs())));
    view! {
        <li>
            <div>{name(&item.task)}<span class="image" title=repository.clone()><span class="clip">{start}</span><span class="clip">{end}</span></span></div>
            <div>
                {from_to(&item)}
                {warnings.collect_view()}
                {queued}
                {changes(&item.diff)}
            </div>
            <div class="plan-end">
                {label.map(|label| view! { <span class="label">{label}</span> })}
                <span class="sub">{sizes.into_iter().chain(change).collect::<Vec<_>>().join(", ")}</span>
                {sheet.map(|sheet| move || sheet.arranging.get().then(|| wave_number(sheet, item.task.clone(), item.wave)))}
            </div>
        </li>
    }
    .into_any()
}

fn from_to(item: &PlanItem) -> AnyView {
    let to = match (&item.to, &item.build) {
        (Some(image), _) => (image_tag(image), image_digest(image)),
        (None, Some(build)) => (text::new_image_of(&build.name), text::digest_known_at_the_end().to_owned()),
        (None, None) => (String::new(), String::new()),
    };
    let from = item.from.as_ref().map(|image| (image_tag(image), image_digest(image))).unwrap_or_default();
    view! {
        <span class="phase-tags"><span class="clip" title=from.0.clone()>{from.0.clone()}</span>{icon("to")}<strong class="clip" title=to.0.clone()>{to.0.clone()}</strong></span>
        <span class="phase-tags digest"><span class="clip">{from.1}</span>{icon("to")}<span class="clip">{to.1}</span></span>
        {ages(&item.diff)}
    }
    .into_any()
}

/// When the two images were made.
fn ages(diff: &PlanDiff) -> Option<AnyView> {
    let shown = |at: Option<Time>| at.map_or_else(|| text::unknown_age().into_any(), ago);
    diff.from_created_at.or(diff.to_created_at)?;
    let (from, to) = (shown(diff.from_created_at), shown(diff.to_created_at));
    Some(view! { <span class="phase-tags sub">{text::made()}" "{from}{icon("to")}{to}</span> }.into_any())
}

/// What changes in the image's configuration, and the commits between the two.
pub(crate) fn changes(diff: &PlanDiff) -> AnyView {
    let list = |lines: &[String], title: &'static str| {
        let more = lines.len().saturating_sub(TOLD);
        let lines: Vec<String> = lines.iter().take(TOLD).cloned().collect();
        (!lines.is_empty()).then(|| {
            let lines = lines.into_iter().map(|line| view! { <li><code>{line}</code></li> }).collect_view();
            let more = (more > 0).then(|| view! { <li>{text::and_more(more)}</li> });
            view! { <div class="sub changes"><span>{title}</span><ul>{lines}{more}</ul></div> }
        })
    };
    view! { {list(&diff.config, text::changes_of_the_configuration())}{list(&diff.commits, text::commits_between())} }
        .into_any()
}

fn wave_number(sheet: Sheet, task: TaskId, wave: u32) -> AnyView {
    let label = text::wave_of(&task.workload, &task.container);
    let set = move |event| {
        let wave = event_target_value(&event).trim().parse::<u32>().ok().filter(|wave| WAVES.contains(wave));
        if let Some(wave) = wave {
            sheet.waves.update(|waves| {
                waves.insert(task.clone(), wave);
            });
        }
        sheet.ask();
    };
    view! { <input class="input wave-number" type="number" min=*WAVES.start() max=*WAVES.end() value=wave aria-label=label on:change=set/> }
        .into_any()
}

/// What stays as it is, each with every wall in words.
pub(crate) fn stays(stays: Vec<Stay>) -> AnyView {
    if stays.is_empty() {
        return ().into_any();
    }
    let count = stays.len();
    let lines = stays.into_iter().map(|stay| {
        let walls = stay.walls.into_iter().map(|wall| {
            view! { <span class="row wrap">{wall.message}<code class="code">{wall.code.as_str()}</code></span> }
        });
        view! { <li>{name(&stay.task)}<span>{walls.collect_view()}</span></li> }
    });
    view! {
        <h3 class="row wrap">{text::will_not_run_title()}" "<span class="sub">{text::stay_as_they_are(count)}</span></h3>
        <ul class="plan card">{lines.collect_view()}</ul>
    }
    .into_any()
}
