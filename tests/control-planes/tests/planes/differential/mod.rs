//! One body of requests, answered by the embedded API server and by a real one: the answers are the same, except where a
//! difference is listed with its reason.

mod answer;
mod ask;
mod normal;
mod suite;

use winlab_clock::Seed;
use winlab_control_plane::{Binaries, ControlPlane, ControlPlaneSpec, PlaneSetting, Switches};
use winlab_kube_client::{Client, Identity};

use crate::programs::{VERSION, means, real_world, say, setting};
use answer::Answer;

/// Requests that are answered differently, each with the reason. One that is answered alike after all fails the test.
const DIFFERENT: &[(&str, &str)] = &[
    ("patch of a wrong type", "the message quotes the whole object, managed fields included"),
    ("wrong taint", "the real server lists the same cause twice"),
    ("unknown group", "a bare text in place of a Status"),
    ("no JSON", "the message is that of Go's parser"),
    ("no object", "the message is that of Go's parser"),
    ("unknown media type", "YAML and protobuf are not taken"),
    ("another kind", "the message names Go's internal types"),
    ("another version of the kind", "the message names a line of Go's scheme"),
    ("invalid label selector", "another place of the same mistake"),
    ("invalid token", "the message is that of Go's parser"),
    ("change of a command", "the message shows a difference of Go's internal types"),
    ("change of a grace", "the message shows a difference of Go's internal types"),
    ("another address type", "addresses are checked against the new type as well"),
];

#[test]
fn the_embedded_and_a_real_api_server_answer_alike() {
    let Some(means) = means() else { return };
    let (embedded, real) = real_world(async |clock| {
        let setting = || PlaneSetting { seed: Seed::new(1), ..setting(clock, Switches::ApiServerOnly) };
        let real = Binaries::start(&means.spec, setting()).await.unwrap_or_else(|error| panic!("{error}"));
        let embedded = ControlPlaneSpec::Embedded.start(setting()).await.expect("it needs nothing");
        let client = |plane: &dyn ControlPlane| plane.client(Identity::new("kubectl", VERSION));
        let answers = (answers(&client(&*embedded)).await, answers(&client(&real)).await);
        real.stop().await;
        answers
    });
    let mut differences = Vec::new();
    let mut alike_after_all = Vec::new();
    for (embedded, real) in embedded.iter().zip(&real) {
        let reason = DIFFERENT.iter().find(|(name, _)| *name == real.name);
        match (embedded.same(real), reason) {
            (true, None) | (false, Some(_)) => {}
            (true, Some((name, _))) => alike_after_all.push(*name),
            (false, None) => differences.push(real.difference(embedded)),
        }
    }
    say(&format!("{} requests, {} answered differently", real.len(), differences.len()));
    assert!(alike_after_all.is_empty(), "no longer answered differently: {alike_after_all:?}");
    assert!(differences.is_empty(), "- real, + embedded\n{}", differences.join("\n"));
}

async fn answers(client: &Client) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for ask in suite::asks() {
        let answer = ask.send(client, &answers).await;
        answers.push(answer);
    }
    answers
}
