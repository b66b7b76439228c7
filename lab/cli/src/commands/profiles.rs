//! `winlab profiles`: the versions a lab can have.

use serde::Serialize;
use winlab_profiles::{BUILDS, NEWEST_MINOR, NetworkFamily, OLDEST_MINOR, Stage, WindowsBuild, known_gates};

use super::table;
use crate::args::{Output, Report};
use crate::{Exit, Streams};

#[derive(Serialize)]
struct Profiles {
    windows: Vec<Windows>,
    kube: Vec<Minor>,
    networks: Vec<Network>,
}

#[derive(Serialize)]
struct Windows {
    name: &'static str,
    aliases: &'static [&'static str],
    build: u32,
    revision: u32,
    product: &'static str,
    hns: String,
    hcs_schema: String,
}

#[derive(Serialize)]
struct Minor {
    minor: String,
    /// Feature gates of Windows nodes that can be set at this minor, and whether they are on.
    gates: Vec<Gate>,
}

#[derive(Serialize)]
struct Gate {
    name: &'static str,
    stage: &'static str,
    default: bool,
}

#[derive(Serialize)]
struct Network {
    name: &'static str,
    hns_type: &'static str,
}

pub(super) fn run(args: &Report, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let profiles = Profiles {
        windows: BUILDS.iter().map(windows).collect(),
        kube: (OLDEST_MINOR..=NEWEST_MINOR).map(minor).collect(),
        networks: NetworkFamily::ALL
            .map(|family| Network { name: family.name(), hns_type: family.hns_type() })
            .into(),
    };
    match args.output {
        Output::Json => {
            serde_json::to_writer_pretty(&mut *streams.out, &profiles)?;
            writeln!(streams.out)?;
        }
        Output::Text => write_text(profiles, streams)?,
    }
    Ok(Exit::Pass)
}

fn windows(build: &WindowsBuild) -> Windows {
    let (major, minor) = build.hcs_schema;
    Windows {
        name: build.name,
        aliases: build.aliases,
        build: build.build,
        revision: build.revision,
        product: build.product,
        hns: build.hns.to_string(),
        hcs_schema: format!("{major}.{minor}"),
    }
}

fn minor(minor: u32) -> Minor {
    let gate = |(name, state): (&'static str, winlab_profiles::GateState)| {
        let stage = match state.stage {
            Stage::Alpha => "alpha",
            Stage::Beta => "beta",
            Stage::Ga => "ga",
            Stage::Deprecated => "deprecated",
        };
        (!state.locked).then_some(Gate { name, stage, default: state.default })
    };
    Minor { minor: format!("v1.{minor}"), gates: known_gates(minor).filter_map(gate).collect() }
}

fn write_text(profiles: Profiles, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let rows = profiles.windows.into_iter().map(|windows| {
        let version = format!("{}.{}", windows.build, windows.revision);
        [
            windows.name.into(),
            windows.aliases.join(", "),
            version,
            windows.product.into(),
            windows.hns,
            windows.hcs_schema,
        ]
    });
    let headings = ["WINDOWS", "ALSO CALLED", "BUILD", "PRODUCT", "HNS", "HCS SCHEMA"];
    table::write(streams.out, headings, rows.collect())?;
    writeln!(streams.out)?;
    let rows = profiles.kube.into_iter().map(|kube| {
        let names = |on: bool| {
            let names = kube.gates.iter().filter(|gate| gate.default == on).map(|gate| gate.name);
            names.collect::<Vec<_>>().join(", ")
        };
        let (on, off) = (names(true), names(false));
        [kube.minor, on, off]
    });
    table::write(
        streams.out,
        ["KUBERNETES", "GATES ON, CAN BE SET", "GATES OFF, CAN BE SET"],
        rows.collect(),
    )?;
    writeln!(streams.out)?;
    let rows = profiles.networks.into_iter().map(|network| [network.name.into(), network.hns_type.into()]);
    table::write(streams.out, ["NETWORK", "HNS TYPE"], rows.collect())?;
    Ok(())
}
