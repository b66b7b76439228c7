//! `winlab skew`: the version skew policy, asked.

use serde::Serialize;
use winlab_profiles::{Component, KubeVersion, NEWEST_MINOR, OLDEST_MINOR, skew};

use super::table;
use crate::args::{ComponentVersion, Output, Skew};
use crate::{Exit, Streams};

/// What the policy allows a component.
#[derive(Serialize)]
struct Allowed {
    component: &'static str,
    oldest: String,
    newest: String,
}

/// What the policy says of one version.
#[derive(Serialize)]
struct Verdict {
    component: String,
    version: String,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

pub(super) fn run(args: &Skew, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    if args.components.is_empty() {
        write_allowed(args, streams)?;
        return Ok(Exit::Pass);
    }
    let verdicts: Vec<_> = args.components.iter().map(|asked| verdict(asked, args.server)).collect();
    match args.output {
        Output::Json => write_json(&verdicts, streams)?,
        Output::Text => {
            for verdict in &verdicts {
                let rule = verdict.rule.as_deref().unwrap_or("allowed");
                writeln!(streams.out, "{} {}: {rule}", verdict.component, verdict.version)?;
            }
        }
    }
    let all = verdicts.iter().all(|verdict| verdict.allowed);
    Ok(if all { Exit::Pass } else { Exit::ExpectationFailed })
}

fn verdict(asked: &ComponentVersion, server: KubeVersion) -> Verdict {
    let problem = skew(asked.component, asked.version, server).err();
    Verdict {
        component: asked.component.to_string(),
        version: asked.version.to_string(),
        allowed: problem.is_none(),
        rule: problem.map(|problem| problem.rule),
    }
}

fn write_allowed(args: &Skew, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let allowed: Vec<_> = ComponentVersion::components()
        .filter_map(|(name, component)| allowed(name, component, args.server))
        .collect();
    match args.output {
        Output::Json => write_json(&allowed, streams),
        Output::Text => {
            let rows =
                allowed.into_iter().map(|allowed| [allowed.component.into(), allowed.oldest, allowed.newest]);
            Ok(table::write(streams.out, ["COMPONENT", "OLDEST", "NEWEST"], rows.collect())?)
        }
    }
}

/// The oldest and the newest minor, among those with a profile, that the policy allows.
fn allowed(name: &'static str, component: Component, server: KubeVersion) -> Option<Allowed> {
    let fits = |minor: &u32| {
        KubeVersion::new(*minor, 0).is_some_and(|version| skew(component, version, server).is_ok())
    };
    let oldest = (OLDEST_MINOR..=NEWEST_MINOR).find(fits)?;
    let newest = (OLDEST_MINOR..=NEWEST_MINOR).rev().find(fits)?;
    Some(Allowed { component: name, oldest: format!("v1.{oldest}"), newest: format!("v1.{newest}") })
}

fn write_json(value: &impl Serialize, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *streams.out, value)?;
    writeln!(streams.out)?;
    Ok(())
}
