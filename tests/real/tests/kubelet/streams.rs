//! What kubectl does with the streams of containers: logs, exec, attach, port-forward. kubectl speaks WebSocket to the API
//! server; the embedded one passes that on to the kubelet, a real one speaks SPDY to it.

use std::future::pending;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Failed;
use winlab_cli::Environment;
use winlab_cli::args::Programs;
use winlab_cli::scenarios::load;
use winlab_engine::{ApiAccess, Job, LiveLab, RealComponent, UpError, with_live_lab};
use winlab_scenario::ControlPlane;

use crate::kubectl::{self, Kubectl};
use crate::lacking;

/// Where a lab's kubelet and its API come from.
pub(crate) struct Placed {
    pub(crate) name: &'static str,
    real: &'static [RealComponent],
    control_plane: ControlPlane,
}

pub(crate) const PLACEMENTS: &[Placed] = &[
    Placed { name: "models", real: &[], control_plane: ControlPlane::Embedded },
    Placed { name: "kubelet", real: &[RealComponent::Kubelet], control_plane: ControlPlane::Embedded },
    Placed {
        name: "kubelet_behind_a_real_control_plane",
        real: &[RealComponent::Kubelet],
        control_plane: ControlPlane::Binaries,
    },
];

/// A shell that waits for somebody to attach.
const SHELL: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "shell"}, "spec": {
    "nodeSelector": {"kubernetes.io/os": "windows"}, "restartPolicy": "Never",
    "containers": [{"name": "shell", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022",
    "command": ["cmd"], "stdin": true}]}}"#;

pub(crate) fn run(placed: &Placed) -> Result<(), Failed> {
    let program = match kubectl::find() {
        Ok(program) => program,
        Err(why) => return lacking("kubectl", &why),
    };
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
    let environment = Environment { directory: root.to_owned(), ..Environment::read() };
    let file = "scenarios/operations/exec-and-logs.winlab.yaml";
    let (loaded, _) = load(&[file.into()], &environment)?;
    let scenario = Arc::clone(&loaded.first().ok_or("the scenario can be read")?.scenario);
    let case = Arc::clone(scenario.cases.first().ok_or("the scenario has a case")?);
    let job = Job {
        name: case.name.as_str().into(),
        file: file.to_owned(),
        scenario,
        case,
        seed: 1,
        rerun: String::new(),
    };
    let programs = Programs {
        real: placed.real.to_vec(),
        control_plane: Some(placed.control_plane),
        ..Programs::default()
    };
    let mut access = ApiAccess { cluster: "winlab".to_owned(), listen: Vec::new() };
    if placed.real.is_empty() {
        access.listen.push(([127, 0, 0, 1], 0).into());
    }
    let looks = async |lab: &LiveLab<'_>| {
        let kubectl = Kubectl::new(program, &lab.kubeconfig()?.1, lab.clock())?;
        look(&kubectl).await
    };
    match with_live_lab(&job, &programs.engine(&environment), access, pending(), looks) {
        Ok(looked) => looked.unwrap_or(Ok(())),
        Err(UpError::Absent(why)) => lacking("wine", &why),
        Err(error) => Err(error.to_string().into()),
    }
}

async fn look(kubectl: &Kubectl) -> Result<(), Failed> {
    kubectl.says("apply -f scenarios/operations/manifests/talker.yaml").await?;
    kubectl.run(&["apply", "-f", "-"], SHELL).await?;
    kubectl.says("rollout status daemonset/talker --timeout=180s").await?;
    kubectl.says("wait --for=condition=Ready pod/shell --timeout=180s").await?;
    let find = "get pods -l app=talker --field-selector spec.nodeName=win1 -o name";
    let pod = kubectl.says(find).await?.trim().to_owned();
    logs(kubectl, &pod).await?;
    exec(kubectl, &pod).await?;
    attach(kubectl).await?;
    forward(kubectl, &pod).await
}

async fn logs(kubectl: &Kubectl, pod: &str) -> Result<(), Failed> {
    same(&kubectl.says(&format!("logs {pod}")).await?, "listening on 8080\nready: yes\n")?;
    same(&kubectl.says(&format!("logs {pod} --tail=1")).await?, "ready: yes\n")
}

async fn exec(kubectl: &Kubectl, pod: &str) -> Result<(), Failed> {
    has(&kubectl.says(&format!("exec {pod} -- hostname")).await?, "talker-")?;
    let failing = kubectl.run(&["exec", pod, "--", "cmd", "/c", "echo out& exit 3"], "").await?;
    has(&String::from_utf8_lossy(&failing.stdout), "out")?;
    if failing.status.code() != Some(3) {
        return Err(format!("the exit code is lost: {failing:?}").into());
    }
    let asked = kubectl.run(&["exec", "-i", pod, "--", "cmd"], "echo two\r\nexit 5\r\n").await?;
    has(&String::from_utf8_lossy(&asked.stdout), "two\r\n")?;
    if asked.status.code() == Some(5) { Ok(()) } else { Err(format!("{asked:?}").into()) }
}

/// The shell of the container itself, until it is left.
async fn attach(kubectl: &Kubectl) -> Result<(), Failed> {
    let attached = kubectl.run(&["attach", "-i", "shell"], "echo attached\r\nexit\r\n").await?;
    has(&String::from_utf8_lossy(&attached.stdout), "attached\r\n")?;
    kubectl.says("wait --for=jsonpath={.status.phase}=Succeeded pod/shell --timeout=60s").await?;
    has(&kubectl.says("logs shell").await?, "attached")
}

async fn forward(kubectl: &Kubectl, pod: &str) -> Result<(), Failed> {
    let forwarded = kubectl.forward(pod, 8080).await?;
    let answer = forwarded.get("/").await?;
    has(&answer, "HTTP/1.1 200 OK")?;
    has(&answer, "talking")?;
    forwarded.end().await?;
    let deaf = kubectl.forward(pod, 81).await?;
    // kubectl ends for it, with the connection or before.
    if let Ok(answer) = deaf.get("/").await {
        same(&answer, "")?;
    }
    has(&deaf.end().await?, "error forwarding port 81")
}

fn has(text: &str, part: &str) -> Result<(), Failed> {
    if text.contains(part) { Ok(()) } else { Err(format!("{part:?} is not in {text:?}").into()) }
}

fn same(text: &str, wanted: &str) -> Result<(), Failed> {
    if text == wanted { Ok(()) } else { Err(format!("{text:?} is not {wanted:?}").into()) }
}
