use super::{TestEngine, image, item, shop, task};
use crate::store::task_setting;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use types::{
    map::WrittenForm,
    run::{ItemStatus, RunStatus},
    task::TaskSettings,
};

async fn put(it: &TestEngine, settings: TaskSettings) {
    let known = it.engine.put_task_settings(&it.who, &shop(), &task("web"), settings.clone()).await.expect("set");
    assert_eq!(known.settings, Some(settings).filter(|settings| *settings != TaskSettings::default()));
}

#[tokio::test]
async fn a_task_writes_images_in_a_form_of_its_own() {
    let it = TestEngine::start().await;
    put(&it, TaskSettings { written_form: Some(WrittenForm::Digest), ..TaskSettings::default() }).await;
    let _shelf = it.with_registry().await;
    let plan = it.plan(json!({"items": [item("web", "b"), item("api", "b")]})).await;
    let written = |n: usize| plan.items[n].to.as_ref().map(|to| to.image.clone()).unwrap_or_default();
    assert!(written(0).starts_with("r.io/web@sha256:"), "{}", written(0));
    put(&it, TaskSettings::default()).await;
    assert_eq!(it.engine.task(&it.who, &shop(), &task("web")).await.expect("a task").settings, None);
}

#[tokio::test]
async fn a_task_goes_back_by_itself_when_its_deadline_passes_and_others_do_not() {
    let it = TestEngine::start().await;
    put(&it, TaskSettings { undo_on_deadline: Some(true), ..TaskSettings::default() }).await;
    // Shorter than anybody may ask for, so that nobody waits here.
    for name in ["web", "api"] {
        let row = task_setting::ActiveModel {
            map_id: Set(1),
            task: Set(task(name).to_string()),
            deadline_ms: Set(Some(300)),
            undo_on_deadline: Set((name == "web").then_some(true)),
            ..Default::default()
        };
        if name == "web" {
            task_setting::Entity::update(row).exec(&it.engine.db).await.expect("stored");
        } else {
            task_setting::Entity::insert(row).exec(&it.engine.db).await.expect("stored");
        }
    }
    let stuck = |name: &str| json!({"task": format!("deployment/{name}/app"), "version": {"tag": "stuck"}});
    let run = it.run(json!({"items": [stuck("web"), stuck("api")], "on_failure": "continue"})).await;
    let run = it.settled(&run).await;
    assert_eq!(run.status, RunStatus::Failed, "{run:#?}");
    assert_eq!((run.items[0].status, run.items[1].status), (ItemStatus::Undone, ItemStatus::Failed), "{run:#?}");
    assert!(run.items.iter().all(|item| item.failure.as_ref().is_some_and(|failure| failure.at_deadline)));
    assert_eq!(it.runs("web"), image("a"));
    assert!(it.runs("api").ends_with(":stuck"));
}

#[tokio::test]
async fn a_deadline_out_of_range_is_refused_beside_its_field() {
    let it = TestEngine::start().await;
    let new = TaskSettings { deadline_ms: Some(9_999), ..TaskSettings::default() };
    let refused = it.engine.put_task_settings(&it.who, &shop(), &task("web"), new).await.expect_err("refused");
    assert!(refused.to_string().contains("10000 to 86400000"), "{refused}");
}
