//! Adding a cluster, a registry or a build engine by hand.

use crate::{
    api::{
        Answer,
        connections::{create_cluster, create_engine, create_registry},
    },
    components::{
        any::view,
        field::{About, Refusal, TextField, error_of, field_error, form_error},
    },
    text,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use types::{
    cluster::NewCluster,
    engine::{EngineType, NewEngine},
    registry::NewRegistry,
};

/// What can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Registry,
    Cluster,
    Engine,
}

/// One form at a time, chosen by its tab.
#[component]
pub(crate) fn AddByHand(on_added: Callback<()>) -> impl IntoView {
    let kind = RwSignal::new(Kind::Registry);
    let tabs = [(Kind::Registry, text::registry()), (Kind::Cluster, text::cluster()), (Kind::Engine, text::engine())];
    let tabs = tabs.map(|(each, name)| {
        let chosen = move || (kind.get() == each).to_string();
        view! { <button class="filter" type="button" aria-pressed=chosen on:click=move |_| kind.set(each)>{name}</button> }
    });
    view! {
        <section class="card panel" aria-label=text::add_by_hand()>
            <div class="filters" role="group" aria-label=text::what_to_add()>{tabs.collect_view()}</div>
            {move || match kind.get() {
                Kind::Registry => view! { <RegistryForm on_added/> },
                Kind::Cluster => view! { <ClusterForm on_added/> },
                Kind::Engine => view! { <EngineForm on_added/> },
            }}
        </section>
    }
}

/// Sends a form; what was typed stays where it is refused.
fn send<T: 'static>(answer: impl Future<Output = Answer<T>> + 'static, refusal: Refusal, on_added: Callback<()>) {
    spawn_local(async move {
        match answer.await {
            Ok(_) => {
                refusal.set(None);
                on_added.run(());
            }
            Err(error) => refusal.set(Some(error)),
        }
    });
}

fn some(signal: RwSignal<String>) -> Option<String> {
    Some(signal.get_untracked()).filter(|text| !text.trim().is_empty())
}

fn field() -> RwSignal<String> {
    RwSignal::new(String::new())
}

#[component]
fn RegistryForm(on_added: Callback<()>) -> impl IntoView {
    let refusal: Refusal = RwSignal::new(None);
    let (name, url, hosts, username, password) = (field(), field(), field(), field(), field());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let hosts = hosts.get_untracked();
        let new = NewRegistry {
            name: name.get_untracked(),
            url: url.get_untracked(),
            pull_hosts: hosts.split([',', ' ']).filter(|host| !host.is_empty()).map(str::to_owned).collect(),
            username: some(username),
            password: some(password),
            ..NewRegistry::default()
        };
        send(create_registry(new), refusal, on_added);
    };
    view! {
        <form class="form" on:submit=submit>
            <div class="field-grid">
                <TextField about=About::code(text::name(), "name") value=name refusal/>
                <TextField about=About { placeholder: "https://registry.example", ..About::code(text::url(), "url") } value=url refusal/>
            </div>
            <TextField about=About::code(text::pull_hosts(), "pull_hosts").hint(text::pull_hosts_hint()) value=hosts refusal/>
            <div class="field-grid">
                <TextField about=About::text(text::user_name(), "username") value=username refusal/>
                <TextField about=secret(text::password(), "password") value=password refusal/>
            </div>
            {form_error(refusal)}
            <div class="row"><button class="button button-primary" type="submit">{text::add_registry()}</button></div>
        </form>
    }
}

#[component]
fn ClusterForm(on_added: Callback<()>) -> impl IntoView {
    let refusal: Refusal = RwSignal::new(None);
    let (name, kubeconfig, context) = (field(), field(), field());
    let error = error_of(refusal, "kubeconfig".to_owned());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let new = NewCluster {
            name: name.get_untracked(),
            kubeconfig: some(kubeconfig),
            context: some(context),
            ..NewCluster::default()
        };
        send(create_cluster(new), refusal, on_added);
    };
    view! {
        <form class="form" on:submit=submit>
            <div class="field-grid">
                <TextField about=About::code(text::name(), "name") value=name refusal/>
                <TextField about=About::code(text::context(), "context").hint(text::context_hint()) value=context refusal/>
            </div>
            <div class="field">
                <label r#for="kubeconfig">"kubeconfig"</label>
                <textarea
                    class="input input-code"
                    id="kubeconfig"
                    rows="6"
                    spellcheck="false"
                    aria-describedby="kubeconfig-error"
                    on:input=move |event| kubeconfig.set(event_target_value(&event))
                ></textarea>
                {field_error(error, "kubeconfig-error".to_owned())}
                <p class="sub">{text::kubeconfig_hint()}</p>
            </div>
            {form_error(refusal)}
            <div class="row"><button class="button button-primary" type="submit">{text::add_cluster()}</button></div>
        </form>
    }
}

#[component]
fn EngineForm(on_added: Callback<()>) -> impl IntoView {
    let refusal: Refusal = RwSignal::new(None);
    let (name, url) = (field(), field());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let new = NewEngine {
            name: name.get_untracked(),
            kind: EngineType::Docker,
            url: url.get_untracked(),
            ..NewEngine::default()
        };
        send(create_engine(new), refusal, on_added);
    };
    view! {
        <form class="form" on:submit=submit>
            <div class="field-grid">
                <TextField about=About::code(text::name(), "name") value=name refusal/>
                <TextField about=About { placeholder: "unix:///var/run/docker.sock", ..About::code(text::url(), "url") } value=url refusal/>
            </div>
            {form_error(refusal)}
            <div class="row"><button class="button button-primary" type="submit">{text::add_engine()}</button></div>
        </form>
    }
}

fn secret(label: &'static str, path: &'static str) -> About {
    About { kind: "password", autocomplete: "new-password", ..About::text(label, path).hint(text::stored_encrypted()) }
}
