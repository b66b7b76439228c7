//! `winlab hns`, `winlab hcs`, `winlab flow` and `winlab export`: looks at a lab that is up.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use winlab_document::Document;
use winlab_events::Walk;
use winlab_report::{Verbosity, write_walk};
use winlab_up::{Labs, Question, ask};

use super::table;
use crate::args::{Asked, Export, ExportWhat, FlowArgs, Hcs, Hns, Output};
use crate::{Environment, Exit, Streams, files};

pub(super) fn hns(args: &Hns, environment: &Environment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let kinds: Vec<&str> = match &args.kind {
        Some(kind) => vec![kind],
        None => vec!["networks", "endpoints", "namespaces", "loadbalancers", "routes"],
    };
    for kind in kinds {
        let question = Question::Hns { node: args.node.clone(), kind: kind.to_owned() };
        let found = answer(args.asked.lab.as_deref(), &question, environment)?;
        show(kind, args.kind.is_none(), &found, args.asked.output, streams)?;
    }
    Ok(Exit::Pass)
}

pub(super) fn hcs(args: &Hcs, environment: &Environment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let kinds: Vec<&str> = match &args.kind {
        Some(kind) => vec![kind],
        None => vec!["systems", "processes"],
    };
    for kind in kinds {
        let question = Question::Hcs { node: args.node.clone(), kind: kind.to_owned() };
        let found = answer(args.asked.lab.as_deref(), &question, environment)?;
        show(kind, args.kind.is_none(), &found, args.asked.output, streams)?;
    }
    Ok(Exit::Pass)
}

pub(super) fn flow(
    args: &FlowArgs,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    let question = Question::Flow { from: args.from.clone(), to: args.to.clone() };
    let Asked { lab, output } = &args.asked;
    let found = answer(lab.as_deref(), &question, environment)?;
    if *output == Output::Json {
        writeln!(streams.out, "{}", found.to_pretty())?;
        return Ok(Exit::Pass);
    }
    let walks: Vec<Walk> =
        found.decode().map_err(|error| anyhow!("the lab's walk cannot be read: {error}"))?;
    let look = environment.look(environment.out_is_terminal, Verbosity::Normal);
    for walk in &walks {
        write_walk(streams.out, walk, &look)?;
    }
    Ok(Exit::Pass)
}

pub(super) fn export(
    args: &Export,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    let ExportWhat::Logs(args) = &args.what;
    let found = answer(args.lab.as_deref(), &Question::Logs, environment)?;
    let folder = environment.directory.join(&args.folder);
    for component in found.items() {
        let node = match component.text(&["node"]) {
            "" => "control-plane",
            node => node,
        };
        let path = folder.join(node).join(format!("{}.log", file_name(component.text(&["component"]))));
        write_log(&path, component.get("lines").map(Document::items).unwrap_or_default())?;
        writeln!(streams.out, "{}", path.display())?;
    }
    Ok(Exit::Pass)
}

fn write_log(path: &Path, lines: &[Document]) -> anyhow::Result<()> {
    let mut text = String::new();
    for line in lines {
        let at = line.get("at_ns").and_then(Document::as_u64).unwrap_or(0);
        let (seconds, millis) = (at / 1_000_000_000, at / 1_000_000 % 1000);
        let (level, words) = (line.text(&["level"]), line.text(&["line"]));
        text.push_str(&format!("{seconds:>6}.{millis:03} {level:<5} {words}\n"));
    }
    files::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))
}

fn file_name(component: &str) -> String {
    component.chars().map(|letter| if matches!(letter, '/' | '\\' | ':') { '-' } else { letter }).collect()
}

/// Asks the lab meant.
fn answer(lab: Option<&str>, question: &Question, environment: &Environment) -> anyhow::Result<Document> {
    let socket = Labs::below(environment.labs_folder()).find(lab)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    Ok(runtime.block_on(ask(&socket, question))?)
}

/// Objects of a kind, as `hnsdiag list` shows them.
fn show(
    kind: &str,
    with_title: bool,
    found: &Document,
    output: Output,
    streams: &mut Streams<'_>,
) -> anyhow::Result<()> {
    if output == Output::Json {
        for document in found.items() {
            writeln!(streams.out, "{document}")?;
        }
        return Ok(());
    }
    if with_title {
        writeln!(streams.out, "{kind}: {}", found.items().len())?;
    }
    let rows = |cells: fn(&Document) -> [String; 4]| found.items().iter().map(cells).collect::<Vec<_>>();
    let (headings, rows) = match kind {
        "networks" => (["ID", "NAME", "TYPE", "SUBNETS"], rows(network)),
        "endpoints" => (["ID", "NAME", "ADDRESS", "NAMESPACE"], rows(endpoint)),
        "namespaces" => (["ID", "TYPE", "RESOURCES", ""], rows(namespace)),
        "loadbalancers" => (["ID", "VIPS", "PORTS", "ENDPOINTS"], rows(load_balancer)),
        "routes" => (["ID", "PREFIXES", "NEXT HOP", "ENDPOINTS"], rows(route)),
        "systems" => (["ID", "STATE", "TYPE", "OWNER"], rows(system)),
        _ => (["SYSTEM", "PID", "IMAGE", "STATE"], rows(process)),
    };
    if !rows.is_empty() {
        table::write(streams.out, headings, rows)?;
    }
    if with_title {
        writeln!(streams.out)?;
    }
    Ok(())
}

fn text(document: &Document, member: &str) -> String {
    document.get(member).map(bare).unwrap_or_default()
}

fn bare(value: &Document) -> String {
    match value {
        Document::Array(items) => items.iter().map(bare).collect::<Vec<_>>().join(" "),
        value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

fn network(document: &Document) -> [String; 4] {
    let pools = document.get("Ipams").map(Document::items).unwrap_or_default();
    let subnets = pools.iter().flat_map(|pool| pool.get("Subnets").map(Document::items).unwrap_or_default());
    let prefixes: Vec<&str> = subnets.map(|subnet| subnet.text(&["IpAddressPrefix"])).collect();
    [text(document, "ID"), text(document, "Name"), text(document, "Type"), prefixes.join(" ")]
}

fn endpoint(document: &Document) -> [String; 4] {
    let addresses = document.get("IpConfigurations").map(Document::items).unwrap_or_default();
    let addresses: Vec<&str> = addresses.iter().map(|one| one.text(&["IpAddress"])).collect();
    let namespace = text(document, "HostComputeNamespace");
    [text(document, "ID"), text(document, "Name"), addresses.join(" "), namespace]
}

fn namespace(document: &Document) -> [String; 4] {
    let resources = document.get("Resources").map(Document::items).unwrap_or_default();
    let shown: Vec<String> = resources
        .iter()
        .map(|one| {
            format!(
                "{}:{}",
                one.text(&["Type"]),
                one.get("Data").map(|data| text(data, "Id")).unwrap_or_default()
            )
        })
        .collect();
    [text(document, "ID"), text(document, "Type"), shown.join(" "), String::new()]
}

fn load_balancer(document: &Document) -> [String; 4] {
    let mappings = document.get("PortMappings").map(Document::items).unwrap_or_default();
    let port =
        |mapping: &Document| format!("{}->{}", text(mapping, "ExternalPort"), text(mapping, "InternalPort"));
    let ports: Vec<String> = mappings.iter().map(port).collect();
    [
        text(document, "ID"),
        text(document, "FrontendVIPs"),
        ports.join(" "),
        text(document, "HostComputeEndpoints"),
    ]
}

fn route(document: &Document) -> [String; 4] {
    let routes = document.get("Routes").map(Document::items).unwrap_or_default();
    let of = |member: &str| {
        let all: Vec<String> = routes.iter().map(|route| text(route, member)).collect();
        all.join(" ")
    };
    [text(document, "ID"), of("DestinationPrefix"), of("NextHop"), text(document, "HostComputeEndpoints")]
}

fn system(document: &Document) -> [String; 4] {
    ["Id", "State", "SystemType", "Owner"].map(|member| text(document, member))
}

fn process(document: &Document) -> [String; 4] {
    ["Id", "ProcessId", "ImageName", "State"].map(|member| text(document, member))
}
