//! What a run of a build is started with: reference, tag, arguments, the build's own parameters, cache.

use crate::{
    api::{
        Answer,
        builds::{build, references},
    },
    components::{
        any::view,
        field::{About, CheckField, LinesField, Refusal, TextField},
        problem::error_line,
    },
    reactive::effect,
    text,
};
use leptos::{prelude::*, task::spawn_local};
use std::collections::BTreeMap;
use types::{
    ApiError, ErrorCode, FieldError, Name,
    build::{Build, Param, References, TagRule},
    version::BuildParams,
};

/// Where the browser finds what can be picked as a reference.
const REFERENCES: &str = "known-references";

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct RunParams {
    reference: RwSignal<String>,
    tag: RwSignal<String>,
    args: RwSignal<String>,
    no_cache: RwSignal<bool>,
    /// Given values of the build's own parameters.
    params: StoredValue<BTreeMap<String, RwSignal<String>>>,
    given: StoredValue<BTreeMap<String, String>>,
    refusal: Refusal,
}

impl RunParams {
    pub(crate) fn of(params: BuildParams, refusal: Refusal) -> Self {
        let args: Vec<String> = params.build_args.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self {
            reference: RwSignal::new(params.reference.unwrap_or_default()),
            tag: RwSignal::new(params.tag.unwrap_or_default()),
            args: RwSignal::new(args.join("\n")),
            no_cache: RwSignal::new(params.no_cache),
            params: StoredValue::default(),
            given: StoredValue::new(params.params),
            refusal,
        }
    }

    /// Nothing where a line of the arguments is not one: that is said beside them.
    pub(crate) fn read(self) -> Option<BuildParams> {
        let words =
            |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty());
        let build_args = match arguments(&self.args.get_untracked()) {
            Ok(build_args) => build_args,
            Err(line) => {
                let wrong = FieldError { path: "build_args".to_owned(), message: text::argument_wrong(line) };
                let refused = ApiError::new(ErrorCode::Invalid, String::new());
                self.refusal.set(Some(ApiError { fields: vec![wrong], ..refused }));
                return None;
            }
        };
        self.refusal.set(None);
        let mut params = self.given.get_value();
        self.params.with_value(|fields| {
            for (name, value) in fields {
                match value.get_untracked() {
                    empty if empty.is_empty() => params.remove(name),
                    value => params.insert(name.clone(), value),
                };
            }
        });
        let (reference, tag, no_cache) = (words(self.reference), words(self.tag), self.no_cache.get_untracked());
        Some(BuildParams { reference, tag, build_args, no_cache, params })
    }

    /// The fields; what the build and its code repository say comes when they have answered.
    pub(crate) fn fields(self, name: Name) -> AnyView {
        let known = RwSignal::new(None::<Answer<Build>>);
        let offered = RwSignal::new(None::<Answer<References>>);
        effect(move || {
            let (of_build, of_repository) = (name.clone(), name.clone());
            spawn_local(async move {
                known.try_set(Some(build(of_build).await.map(|edited| edited.build)));
            });
            spawn_local(async move {
                offered.try_set(Some(references(of_repository).await));
            });
        });
        let refusal = self.refusal;
        let reference = About {
            list: Some(REFERENCES),
            ..About::code(text::branch_tag_or_commit(), "reference").hint(text::empty_as_the_build_says())
        };
        view! {
            <TextField about=reference value=self.reference refusal/>
            {move || offered.with(|offered| offered.as_ref().map(suggestions))}
            {move || known.with(|known| known.as_ref().map(|known| self.of_build(known)))}
            <LinesField
                about=About::code(text::build_args(), "build_args").hint(text::build_args_hint())
                lines=3
                value=self.args
                refusal
            />
            <CheckField
                about=About::text(text::without_cache(), "no_cache").hint(text::without_cache_means())
                value=self.no_cache
                refusal
            />
        }
    }

    /// The tag where the build does not make one by itself, and the build's own parameters.
    fn of_build(self, known: &Answer<Build>) -> AnyView {
        let build = match known {
            Ok(build) => build,
            Err(error) => return error_line(Some(error.clone())),
        };
        let about = About::code(text::tag_of_the_new_image(), "tag");
        let about = match build.tag_rule {
            TagRule::Typed {} => about.hint(text::each_run_needs_a_tag()),
            TagRule::Sequence { .. } | TagRule::Datetime { .. } | TagRule::Git { .. } => {
                about.hint(text::empty_by_the_rule())
            }
        };
        let refusal = self.refusal;
        let given = self.given.get_value();
        let params = build.params.iter().map(|(name, param)| self.param(name, param, given.get(name))).collect_view();
        view! { <TextField about value=self.tag refusal/>{params} }
    }

    fn param(self, name: &str, param: &Param, given: Option<&String>) -> AnyView {
        let value = RwSignal::new(given.cloned().unwrap_or_default());
        self.params.update_value(|params| {
            params.insert(name.to_owned(), value);
        });
        let path = format!("params.{name}");
        let error = crate::components::field::error_of(self.refusal, path.clone());
        let id = crate::components::field::id_of(&path);
        let error_id = format!("{id}-error");
        let hint = match &param.default {
            Some(default) => text::param_with_default(param.description.as_deref(), default),
            None => text::param_without_default(param.description.as_deref()),
        };
        view! {
            <div class="field">
                <label r#for=id.clone()><code>{name.to_owned()}</code></label>
                <input
                    class="input input-code"
                    id=id
                    name=path
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=param.default.clone()
                    prop:value=value
                    aria-invalid=move || error.get().is_some().then_some("true")
                    aria-describedby=error_id.clone()
                    on:input=move |event| value.set(event_target_value(&event))
                />
                {crate::components::field::field_error(error, error_id)}
                <p class="sub">{hint}</p>
            </div>
        }
    }
}

/// What the browser suggests, or why there is nothing to suggest.
fn suggestions(offered: &Answer<References>) -> AnyView {
    let found = match offered {
        Ok(found) => found,
        Err(error) => return error_line(Some(error.clone())),
    };
    let option = |label: &'static str| move |name: &String| view! { <option value=name.clone()>{label}</option> };
    let branches = found.branches.iter().map(option(text::branch())).collect_view();
    let tags = found.tags.iter().map(option(text::tag())).collect_view();
    let why = found.error.as_ref().map(|why| view! { <p class="sub">{text::references_not_listed(why)}</p> });
    view! { <datalist id=REFERENCES>{branches}{tags}</datalist>{why} }
}

/// One `NAME=value` a line; the error is the number of the first line that is none.
fn arguments(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| match line.trim().split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err(at + 1),
    };
    lines.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::arguments;
    use rstest::rstest;

    #[rstest]
    #[case("", Ok(0))]
    #[case("A=1\n\n B = x=y \n", Ok(2))]
    #[case("A=1\nB", Err(2))]
    #[case("=1", Err(1))]
    fn are_read_by_the_line(#[case] text: &str, #[case] read: Result<usize, usize>) {
        assert_eq!(arguments(text).map(|all| all.len()), read);
    }
}
