//! What was read, without places: one line per thing.

use std::fmt::{Debug, Write as _};

use winlab_scenario::{Action, Check, Count, Expected, ManifestFile, NodeOs, Scenario, Step};

/// The whole scenario; of its cases the first.
pub(crate) fn summary(scenario: &Scenario) -> String {
    let mut out = format!("name {}\nabout {}\n", scenario.name.value, scenario.about);
    let _ = writeln!(out, "refs {:?} covers {:?}", scenario.refs, scenario.covers);
    let _ = writeln!(out, "seed {:?} clock {}", scenario.seed, plain(&scenario.clock));
    for case in &scenario.cases {
        let known: Vec<&str> = case.known.iter().map(|known| known.step.as_str()).collect();
        let _ = writeln!(out, "case {} known {known:?}", case.name);
    }
    let case = &scenario.cases[0];
    let lab = &case.lab;
    let _ = writeln!(out, "lab {} {:?} {:?}", lab.kube.value, lab.network.value, lab.control_plane.value);
    for node in &lab.nodes {
        let os = match node.os.value {
            NodeOs::Linux => "linux".to_owned(),
            NodeOs::Windows(version) => {
                format!("{}@{}.{}", version.name(), version.build(), version.revision())
            }
        };
        let _ = writeln!(
            out,
            "node {} {os} kubelet {} kube-proxy {} dsr {} join {:?}",
            node.name.value, node.kubelet.value, node.kube_proxy.value, node.dsr, node.join
        );
        let _ = writeln!(
            out,
            "     labels {:?} taints {:?} real {} services {:?}",
            node.labels,
            node.taints,
            plain(&node.real),
            node.services
        );
    }
    for (name, image) in &lab.images {
        let _ = writeln!(out, "image {name} {}", plain(image));
    }
    for fault in &lab.faults {
        let _ = writeln!(out, "ambient {}", plain(fault));
    }
    for step in &case.steps {
        of_step(step, "", &mut out);
    }
    out
}

fn of_step(step: &Step, indent: &str, out: &mut String) {
    let _ = writeln!(out, "{indent}step {} within {}", step.name.value, step.within.value);
    if let Some(action) = &step.action {
        of_action(&action.value, indent, out);
    }
    for during in &step.during {
        let _ = writeln!(out, "{indent}  during after {}", during.after);
        of_action(&during.action.value, indent, out);
    }
    if let Some(refused) = &step.refused {
        let _ = writeln!(out, "{indent}  refused {}", plain(refused));
    }
    for check in &step.checks {
        let _ = writeln!(out, "{indent}  {}", of_check(check));
    }
    for probe in &step.probes {
        let _ = writeln!(out, "{indent}  probe {}", plain(probe));
    }
    if let Some(table) = &step.reach {
        for (source, cells) in &table.rows {
            let pairs = table.columns.iter().zip(cells).map(|(flow, cell)| match cell.expected {
                Expected::NotAsked => format!("{:?}: -", flow.value),
                Expected::Result(result) => format!("{:?}: {result}", flow.value),
            });
            let _ =
                writeln!(out, "{indent}  reach {} {}", source.value, pairs.collect::<Vec<_>>().join("; "));
        }
    }
    if let Some(hold) = &step.hold {
        let _ = writeln!(out, "{indent}  hold {}", hold.value);
    }
    if let Some(say) = &step.say {
        let _ = writeln!(out, "{indent}  say {say}");
    }
    for check in &step.on_fail {
        let _ = writeln!(out, "{indent}  {}", of_check(check));
    }
}

fn of_action(action: &Action, indent: &str, out: &mut String) {
    match action {
        Action::Apply(files) => {
            let _ = writeln!(out, "{indent}  apply {}", of_files(files));
        }
        Action::Delete { objects, manifests } => {
            let _ = writeln!(out, "{indent}  delete {} {}", plain(objects), of_files(manifests));
        }
        Action::Use { verb, steps } => {
            let _ = writeln!(out, "{indent}  use {}", verb.value);
            steps.iter().for_each(|step| of_step(step, &format!("{indent}    "), out));
        }
        other => {
            let _ = writeln!(out, "{indent}  {}", plain(other));
        }
    }
}

fn of_files(files: &[ManifestFile]) -> String {
    let objects = files.iter().flat_map(|file| &file.objects);
    let names = objects
        .map(|object| format!("{} {} {}/{}", object.api_version, object.kind, object.namespace, object.name));
    names.collect::<Vec<_>>().join(", ")
}

fn of_check(check: &Check) -> String {
    let mut out = format!("{:?} {}", check.mode, plain(&check.target.value));
    if let Some(matches) = &check.matches {
        let _ = write!(out, " match {}", matches.to_document());
    }
    if let Some(filter) = &check.filter {
        let _ = write!(out, " where {}", filter.text());
    }
    if let Some(that) = &check.that {
        let _ = write!(out, " that {}", that.text());
    }
    match check.count.as_ref().map(|count| &count.value) {
        Some(Count::Exactly(count)) => drop(write!(out, " count {count}")),
        Some(Count::That(that)) => drop(write!(out, " count {}", that.text())),
        None => {}
    }
    if let Some(say) = &check.say {
        let _ = write!(out, " say {say}");
    }
    out
}

/// As Debug prints it, without places.
fn plain(value: &impl Debug) -> String {
    let mut text = format!("{value:?}");
    while let Some(start) = text.find("span: Span {") {
        let end = start + text[start..].find('}').unwrap_or_default() + 1;
        let from = text[..start].trim_end_matches(", ").len();
        let to = if from == start && text[end..].starts_with(", ") { end + 2 } else { end };
        text.replace_range(from..to, "");
    }
    while let Some(start) = text.find("Spanned { value: ") {
        let inner = start + "Spanned { value: ".len();
        let mut open = 1_usize;
        let close = text[inner..].char_indices().find_map(|(at, c)| {
            open = if c == '{' {
                open + 1
            } else if c == '}' {
                open - 1
            } else {
                open
            };
            (open == 0).then_some(inner + at)
        });
        let Some(close) = close else { break };
        let value = text[inner..close].trim_end().to_owned();
        text.replace_range(start..=close, &value);
    }
    text
}
