//! A real component as a program of its node: from its start by the service control manager to its end.

use std::io;
use std::sync::Arc;

use futures::StreamExt as _;
use winlab_clock::VirtualSpan;
use winlab_component::{CommandLine, Context, Exit, Level, Log};
use winlab_profiles::KubeVersion;
use winlab_wine::{Lines, Run, Stopped};

use crate::causes::with_causes;
use crate::component::RealComponent;
use crate::klog;
use crate::node::RealNode;

/// How long a program may take over its end: what Windows gives services at a shutdown (`WaitToKillServiceTimeout`).
const GRACE: VirtualSpan = VirtualSpan::from_secs(20);
/// How long its last lines may take to be read.
const LAST_LINES: VirtualSpan = VirtualSpan::from_secs(5);
/// Win32's code for a program that cannot be started; no program ran that could give one.
const ERROR_FILE_NOT_FOUND: i32 = 2;
/// `--windows-service`: the program would look for the service control manager of Wine, which has not started it.
const AS_SERVICE: &str = "--windows-service";
/// Variables that a service's own environment may have for these programs (kube-proxy's `Options.Complete`).
const VARIABLES: [&str; 2] = ["KUBE_NETWORK", "NODE_NAME"];

/// Runs the component's program of that version until it ends or its service is stopped. Dropped before, it kills the
/// program.
pub async fn run(
    mut context: Context,
    node: Arc<RealNode>,
    component: RealComponent,
    version: KubeVersion,
) -> Exit {
    let log = context.log.clone();
    let fails = |why: String| {
        log.fatal(why);
        Exit(ERROR_FILE_NOT_FOUND)
    };
    let exe = context.command.program().to_owned();
    let program = match node.means.program(component, version) {
        Ok(program) => program,
        Err(missing) => return fails(missing.to_string()),
    };
    if let Err(error) = node.wine.install(&program, &exe) {
        return fails(format!("{exe}: {error}"));
    }
    let mut start = Run::new(&exe).arguments(arguments(&context.command));
    if component == RealComponent::Flanneld {
        // As the start scripts set it (microsoft/SDN `Kubernetes/flannel/start.ps1`).
        start = start.variable("NODE_NAME", &context.node);
    }
    for name in VARIABLES {
        if let Some(value) = context.environment(name).await {
            start = start.variable(name, value);
        }
    }
    let (mut running, lines) = match node.wine.start_program(&start) {
        Ok(started) => started,
        Err(error) => return fails(with_causes(&error)),
    };
    let clock = context.clock;
    let reading = tokio::spawn(read(lines, log.clone()));
    let ended = context.stop.or(running.wait()).await;
    let exit = match ended {
        Some(ended) => exit(ended, &log),
        None => {
            match running.stop(GRACE).await {
                Ok(Stopped::Ended(_)) => {}
                Ok(Stopped::Killed) => log.warning(format!("{exe} did not end within {GRACE}: killed")),
                Err(error) => log.error(format!("{exe} cannot be ended: {error}")),
            }
            Exit(0)
        }
    };
    // Whoever it started may hold its streams open for longer.
    if clock.within(LAST_LINES, reading).await.is_err() {
        log.debug("its output is still open after its end");
    }
    exit
}

/// The arguments that the program is given: those of the service, but for the one that only a service can be started with.
fn arguments(command: &CommandLine) -> Vec<String> {
    let is_service = |word: &str| word == AS_SERVICE || word.starts_with("--windows-service=");
    let words = command.arguments().iter();
    words.map(|word| if is_service(word) { format!("{AS_SERVICE}=false") } else { word.clone() }).collect()
}

async fn read(mut lines: Lines, log: Log) {
    let mut level = Level::Info;
    while let Some(line) = lines.next().await {
        let message;
        (level, message) = klog::read(&line.text, level);
        log.write(level, message);
    }
}

fn exit(ended: io::Result<std::process::ExitStatus>, log: &Log) -> Exit {
    match ended {
        // A program that a signal ended has no code of its own.
        Ok(status) => Exit(status.code().unwrap_or(-1)),
        Err(error) => {
            log.error(format!("the program's end is not known: {error}"));
            Exit(-1)
        }
    }
}

#[cfg(test)]
mod tests {
    use winlab_component::CommandLine;

    use super::arguments;

    #[test]
    fn only_the_start_as_a_service_differs() {
        let line = r"C:\k\kube-proxy.exe --windows-service=true --kubeconfig=C:\k\config --v=2";
        assert_eq!(
            arguments(&CommandLine::parse(line)),
            ["--windows-service=false", r"--kubeconfig=C:\k\config", "--v=2"]
        );
    }
}
