//! A lab's folder and socket, from both ends.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "what is tested is a folder with a socket"
)]
#![cfg(unix)]

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use winlab_document::{Document, doc};
use winlab_up::{Answers, AskError, ClaimError, FindError, Labs, Question, Refusal, ask, serve};

struct Parrot;

impl Answers for Parrot {
    fn answer(&self, question: Question) -> LocalBoxFuture<'_, Result<Document, Refusal>> {
        let answer = match question {
            Question::Lab => Ok(doc!({"name": "first"})),
            other => Err(Refusal(format!("no {}", other.path()))),
        };
        std::future::ready(answer).boxed_local()
    }
}

fn run<F: Future<Output = ()>>(case: F) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(case);
}

#[test]
fn a_lab_is_asked_over_its_socket_and_leaves_nothing() {
    let base = tempfile::tempdir().unwrap();
    let labs = Labs::below(base.path().join("winlab"));
    run(async {
        assert!(matches!(labs.find(None), Err(FindError::None)));
        let claim = labs.claim("first").unwrap();
        assert!(matches!(labs.claim("first"), Err(ClaimError::Taken(_))));
        claim.write_kubeconfig("apiVersion: v1\n").unwrap();
        let socket = labs.find(None).unwrap();
        let asked = async {
            let answer = ask(&socket, &Question::Lab).await.unwrap();
            assert_eq!(answer.text(&["name"]), "first");
            let refused = ask(&socket, &Question::Logs).await.unwrap_err();
            assert!(matches!(refused, AskError::Refused(why) if why == "no /v1/logs"));
        };
        futures::future::select(Box::pin(serve(claim.listener(), &Parrot)), Box::pin(asked)).await;
        assert!(matches!(labs.find(Some("other")), Err(FindError::NotThere { .. })));
        drop(claim);
        assert_eq!(std::fs::read_dir(base.path().join("winlab")).unwrap().count(), 0);
    });
}

#[test]
fn what_a_killed_lab_left_is_cleared_away() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("first");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("kubeconfig"), "old").unwrap();
    // A socket whose listener is gone stays as a file.
    drop(std::os::unix::net::UnixListener::bind(folder.join("control.sock")).unwrap());
    run(async {
        let labs = Labs::below(base.path());
        assert!(matches!(labs.find(Some("first")), Err(FindError::None)));
        let claim = labs.claim("first").unwrap();
        assert!(!folder.join("kubeconfig").exists());
        assert!(labs.find(Some("first")).is_ok());
        drop(claim);
        assert!(!folder.exists());
    });
}
