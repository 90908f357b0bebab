//! What the server found on its own machine and does not touch until it is added.

use crate::{
    api::{
        Answer,
        connections::{AllConnections, create_cluster, create_engine},
    },
    components::{any::view, icon::icon, problem::error_line},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    ApiError, Name,
    cluster::NewCluster,
    engine::{EngineType, NewEngine},
};

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
enum Thing {
    Cluster { context: String, server: String },
    Engine { url: String, version: Option<String>, error: Option<String> },
}

/// See the module; nothing where nothing was found, or all is added.
#[component]
pub(crate) fn Found(all: AllConnections, on_added: Callback<()>) -> impl IntoView {
    let engines = all.found_engines.iter().filter(|it| it.added_as.is_none()).map(|it| Thing::Engine {
        url: it.url.clone(),
        version: it.version.clone(),
        error: it.error.clone(),
    });
    let clusters = all
        .found_clusters
        .iter()
        .filter(|it| it.added_as.is_none())
        .map(|it| Thing::Cluster { context: it.context.clone(), server: it.server.clone() });
    let things: Vec<Thing> = engines.chain(clusters).collect();
    if things.is_empty() {
        let nothing = all.clusters.is_empty() && all.engines.is_empty() && all.registries.is_empty();
        return nothing.then(|| view! { <p class="sub">{text::nothing_found()}</p> }).into_any();
    }
    let taken: Vec<Name> =
        all.clusters.iter().map(|it| it.name.clone()).chain(all.engines.iter().map(|it| it.name.clone())).collect();
    // What answers, and the first cluster, are ticked: most will want just that.
    let first_cluster = things.iter().position(|thing| matches!(thing, Thing::Cluster { .. }));
    let ticked = RwSignal::new(
        things
            .iter()
            .enumerate()
            .map(|(n, thing)| match thing {
                Thing::Engine { error, .. } => error.is_none(),
                Thing::Cluster { .. } => Some(n) == first_cluster,
            })
            .collect::<Vec<bool>>(),
    );
    let errors = RwSignal::new(Vec::<ApiError>::new());
    let count = move || ticked.with(|ticked| ticked.iter().filter(|on| **on).count());
    let lines = things.iter().cloned().enumerate().map(|(n, thing)| line(n, thing, ticked)).collect_view();
    let add = move |_| {
        let chosen: Vec<Thing> =
            things.iter().zip(ticked.get_untracked()).filter(|(_, on)| *on).map(|(thing, _)| thing.clone()).collect();
        let taken = taken.clone();
        spawn_local(async move {
            let mut refused = Vec::new();
            for thing in chosen {
                refused.extend(add_one(thing, &taken).await.err());
            }
            errors.set(refused);
            on_added.run(());
        });
    };
    view! {
        <ul class="start-list card">{lines}</ul>
        {move || errors.get().into_iter().map(|error| error_line(Some(error))).collect_view()}
        <div class="row">
            <button class="button button-primary" type="button" aria-disabled=move || (count() == 0).then_some("true") on:click=add>
                {move || text::add_connections(count())}
            </button>
        </div>
    }
}

fn line(n: usize, thing: Thing, ticked: RwSignal<Vec<bool>>) -> AnyView {
    let (mark, name, kind, about) = match thing {
        Thing::Cluster { context, server } => ("cluster", context, text::cluster_context(), server),
        Thing::Engine { url, version, error } => {
            let name = version.map_or_else(|| text::engine_unknown().to_owned(), |version| format!("Docker {version}"));
            ("engine", name, text::engine(), error.map_or_else(|| url.clone(), |error| format!("{url}: {error}")))
        }
    };
    let on = move || ticked.with(|ticked| ticked.get(n).copied().unwrap_or_default());
    let tick = move |event| ticked.update(|ticked| ticked[n] = event_target_checked(&event));
    view! {
        <li class="row wrap">
            <label class="check">
                <input type="checkbox" checked=untrack(on) prop:checked=on on:change=tick/>
                {icon(mark)}
                <span><strong>{name}</strong>" "<span class="sub">{kind}</span></span>
            </label>
            <span class="sub push clip">{about}</span>
        </li>
    }
}

async fn add_one(thing: Thing, taken: &[Name]) -> Answer<()> {
    match thing {
        Thing::Cluster { context, server: _ } => {
            let name = free_name(&context, taken);
            create_cluster(NewCluster { name, discovered: Some(context), ..NewCluster::default() }).await.map(drop)
        }
        Thing::Engine { url, .. } => {
            let name = free_name("local", taken);
            create_engine(NewEngine { name, kind: EngineType::Docker, url, ..NewEngine::default() }).await.map(drop)
        }
    }
}

/// A name made of what the thing is called elsewhere, with a number where it is taken.
fn free_name(wish: &str, taken: &[Name]) -> String {
    let word: String =
        wish.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(50).collect();
    let word = match word.trim_matches('-') {
        "" => "local".to_owned(),
        word => word.to_owned(),
    };
    let free = |name: &String| taken.iter().all(|other| other.as_str() != name);
    let numbered = (2..).map(|n| format!("{word}-{n}"));
    [word.clone()].into_iter().chain(numbered).find(free).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::free_name;
    use rstest::rstest;
    use types::Name;

    #[rstest]
    #[case("local", "local")]
    #[case("kubernetes-admin@Prod.EU", "kubernetes-admin-prod-eu")]
    #[case("@@", "local")]
    #[case("used", "used-2")]
    fn names_are_well_formed_and_free(#[case] wish: &str, #[case] name: &str) {
        let taken = [Name::parse("used").expect("a name")];
        assert_eq!(free_name(wish, &taken), name);
        Name::parse(name).expect("a name");
    }
}
