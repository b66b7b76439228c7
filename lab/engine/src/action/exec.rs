//! `exec`: a command in the first container, or the one named, of every pod that is meant.

use winlab_cluster::ExecOutcome;
use winlab_scenario::Exec;

use crate::failure::ActionError;
use crate::observe::shortened;
use crate::world::World;

impl World<'_> {
    pub(super) async fn exec(&self, exec: &Exec) -> Result<(), ActionError> {
        let found = self.living_pods(&exec.pod).await?;
        if found.is_empty() {
            return Err(ActionError::new(format!("there is no {}", exec.pod.value)).at(exec.pod.span));
        }
        for pod in found {
            let container = exec.container.as_deref();
            let outcome = self.lab.exec(&pod.namespace, &pod.name, container, &exec.run).await;
            let outcome =
                outcome.map_err(|error| ActionError::from(error).at(exec.pod.span).on(&pod.node))?;
            judge(exec, &outcome).map_err(|error| {
                let message = format!("{pod}: {}", error.message);
                ActionError { message, ..error }.on(&pod.node)
            })?;
        }
        Ok(())
    }
}

fn judge(exec: &Exec, outcome: &ExecOutcome) -> Result<(), ActionError> {
    let output = format!("{}{}", outcome.stdout, outcome.stderr);
    let said = || format!("it wrote: {}", shortened(output.trim_end(), 400));
    if outcome.code != exec.code {
        let message = format!("exit code {}, expected {}", outcome.code, exec.code);
        return Err(ActionError::new(message).hint(said()));
    }
    for text in &exec.output {
        if !output.contains(text.value.as_str()) {
            let message = format!("the output does not contain {:?}", text.value);
            return Err(ActionError::new(message).at(text.span).hint(said()));
        }
    }
    for text in &exec.not {
        if output.contains(text.value.as_str()) {
            let message = format!("the output contains {:?}", text.value);
            return Err(ActionError::new(message).at(text.span).hint(said()));
        }
    }
    Ok(())
}
