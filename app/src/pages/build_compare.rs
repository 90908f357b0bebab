//! Two runs of a build beside each other: what they were given, what they ran, what it took.

use crate::{
    api::{
        builds::{build_run, build_run_flow, build_runs},
        read::read,
    },
    components::{
        any::view,
        awaited::awaited,
        build::{difference::differences, difference_list::list},
        state::{self, bare_state},
        time::moment,
    },
    format,
    pages::{log::build_state, params::name_param},
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use types::{
    ApiError, ErrorCode, Name,
    build::Build,
    build_run::{BuildRun, StepRun},
};

/// A run and the flow that it ran.
type Ran = (BuildRun, Build);

/// See the module. `from` and `to` in the address say which; without `from` it is the one before.
#[component]
pub(crate) fn BuildCompare() -> impl IntoView {
    let (build, query) = (name_param("build"), use_query_map());
    let number = move |name: &str| query.with(|query| query.get(name).and_then(|number| number.parse::<u32>().ok()));
    let page = read(
        move || (build.get(), number("from"), number("to")),
        |(build, from, to)| async move {
            let build = build?;
            let numbers: Vec<u32> =
                build_runs(build.clone(), None).await?.items.into_iter().map(|run| run.number).collect();
            let to = to.or(numbers.first().copied()).ok_or_else(nothing)?;
            let before = numbers.iter().copied().find(|number| *number < to);
            let after = numbers.iter().copied().find(|number| *number > to);
            let from = from.or(before).or(after).ok_or_else(nothing)?;
            let ran = |number: u32| {
                let build = build.clone();
                async move {
                    let (run, flow) = futures::join!(build_run(build.clone(), number), build_run_flow(build, number));
                    Ok::<Ran, ApiError>((run?, flow?))
                }
            };
            let (left, right) = futures::join!(ran(from), ran(to));
            Ok((numbers, left?, right?))
        },
    );
    awaited(page, |(numbers, left, right)| shown(&numbers, left, right))
}

fn nothing() -> ApiError {
    ApiError::new(ErrorCode::NotFound, text::no_run_to_compare())
}

fn shown(numbers: &[u32], (left, left_flow): Ran, (right, right_flow): Ran) -> AnyView {
    let build = right.build.clone();
    let title = text::compare_runs(&build, left.number, right.number);
    let (from, to) = (left.number, right.number);
    view! {
        <Title text=title/>
        <header class="page-head">
            <div class="row">
                <a class="crumb" href="/builds">{text::builds()}</a>
                <a class="crumb" href=format!("/builds/{build}/runs")>{build.to_string()}</a>
                <h1>{text::compare()}</h1>
            </div>
        </header>
        <div class="card table-wrap">
            <table class="table comparison-table">
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">{choice(&build, numbers, (from, to), true)}</th>
                        <th scope="col">{choice(&build, numbers, (from, to), false)}</th>
                    </tr>
                </thead>
                <tbody>{facts(&left, &right)}</tbody>
                <tbody>{steps(&left.steps, &right.steps)}</tbody>
            </table>
        </div>
        <section class="panel card">
            <h2>{text::flow_differs()}</h2>
            {list(differences(&left_flow, &right_flow), text::same_in_both())}
        </section>
    }
}

/// Which run stands in a column.
fn choice(build: &Name, numbers: &[u32], (from, to): (u32, u32), is_left: bool) -> AnyView {
    let here = if is_left { from } else { to };
    let navigate = use_navigate();
    let build = build.clone();
    let pick = move |event| {
        let picked = event_target_value(&event);
        let (from, to) = if is_left { (picked, to.to_string()) } else { (from.to_string(), picked) };
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("/builds/{build}/compare?from={from}&to={to}"), options);
    };
    // A run that is older than what is listed can be named by the address.
    let known = numbers.iter().copied().filter(|number| *number != here);
    let mut all: Vec<u32> = known.chain([here]).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let option = |number: u32| view! { <option value=number selected=number == here>"#"{number}</option> };
    let label = if is_left { text::from_run() } else { text::to_run() };
    view! {
        <select class="select" aria-label=label on:change=pick>{all.into_iter().map(option).collect_view()}</select>
    }
}

fn facts(left: &BuildRun, right: &BuildRun) -> AnyView {
    let code = |value: Option<String>| value.map(|value| view! { <code>{value}</code> });
    let rows: Vec<(&'static str, [Option<String>; 2])> = {
        let both = |of: fn(&BuildRun) -> Option<String>| [of(left), of(right)];
        let args = |run: &BuildRun| {
            let given = run.params.build_args.iter().chain(&run.params.params);
            let words: Vec<String> = given.map(|(name, value)| format!("{name}={value}")).collect();
            Some(words.join(", ")).filter(|words| !words.is_empty())
        };
        vec![
            (text::tag(), both(|run| run.tag.clone())),
            (text::reference(), both(|run| run.params.reference.clone().or_else(|| run.reference.clone()))),
            (text::commit(), both(|run| run.commit.clone())),
            (text::build_args(), both(args)),
            (
                text::without_cache(),
                both(|run| Some(if run.params.no_cache { text::yes() } else { text::no() }.to_owned())),
            ),
            (text::digest(), both(|run| run.digest.as_ref().map(ToString::to_string))),
            (text::size(), both(|run| run.size_bytes.map(format::size))),
            (text::note(), both(|run| run.note.clone())),
        ]
    };
    let row = |(name, [left, right]): (&'static str, [Option<String>; 2])| {
        let differs = (left != right).then_some("");
        view! { <tr data-differs=differs><th scope="row">{name}</th><td>{code(left)}</td><td>{code(right)}</td></tr> }
    };
    let link = |run: &BuildRun| {
        let log = format!("/builds/{}/runs/{}/log", run.build, run.number);
        view! { <td><a href=log>{build_state(run)}</a><div class="sub">{run.requested_by.clone()}", "{moment(run.created_at)}</div></td> }
    };
    view! {
        <tr><th scope="row">{text::status()}</th>{link(left)}{link(right)}</tr>
        {rows.into_iter().map(row).collect_view()}
        {times(text::duration(), left.duration_ms, right.duration_ms)}
    }
}

/// The steps by their names, in the order of the right run; what only the left has comes last.
fn steps(left: &[StepRun], right: &[StepRun]) -> AnyView {
    let of = |steps: &[StepRun], name: &str| steps.iter().find(|step| step.name == name).cloned();
    let gone = left.iter().filter(|step| of(right, &step.name).is_none());
    let row = |step: &StepRun| {
        let cell = |step: Option<&StepRun>, other: Option<&StepRun>| {
            let step = step?;
            let status = bare_state(state::of_step(step.status), text::step_status(step.status).to_owned());
            let took = step.duration_ms.map(format::duration);
            let more = other.and_then(|other| difference(other.duration_ms, step.duration_ms));
            Some(view! { <span class="row">{status}<span>{took}</span><span class="sub">{more}</span></span> })
        };
        let (before, now) = (of(left, &step.name), of(right, &step.name));
        view! {
            <tr>
                <th scope="row">{step.name.clone()}</th>
                <td>{cell(before.as_ref(), None)}</td>
                <td>{cell(now.as_ref(), before.as_ref())}</td>
            </tr>
        }
    };
    right.iter().chain(gone).map(row).collect_view().into_any()
}

fn times(name: &'static str, left: Option<u64>, right: Option<u64>) -> AnyView {
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{left.map(format::duration)}</td>
            <td>{right.map(format::duration)}" "<span class="sub">{difference(left, right)}</span></td>
        </tr>
    }
}

/// How much longer or shorter, where it can be seen.
fn difference(before: Option<u64>, now: Option<u64>) -> Option<String> {
    let (before, now) = (before?, now?);
    let seen = before.abs_diff(now) * 20 >= before.max(now).max(1);
    seen.then(|| {
        let by = format::duration(before.abs_diff(now));
        if now > before { text::longer_by(&by) } else { text::shorter_by(&by) }
    })
}
