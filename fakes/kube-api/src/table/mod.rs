//! Tables: what `kubectl get` shows (`meta.k8s.io/v1` Table).
//!
//! Columns and cells are those of `pkg/printers/internalversion/printers.go`. A kind without a printer there shows its
//! name and age.

mod age;
mod cell;
mod cluster;
mod network;
mod pod;
mod storage;
mod workload;

use jiff::Timestamp;
use winlab_document::{Document, ObjectBuilder, doc};

use crate::kinds::Kind;
use crate::meta;

/// How the objects of a kind become rows.
struct Printer {
    group: &'static str,
    kind: &'static str,
    /// Between bars; a plus marks those that `-o wide` shows, `:integer` and `:boolean` what is no text.
    columns: &'static str,
    cells: fn(&Row<'_>) -> Vec<Document>,
}

/// An object on its way into a table.
struct Row<'a> {
    object: &'a Document,
    now: Timestamp,
}

const OTHER: Printer =
    Printer { group: "", kind: "", columns: "Name|Age", cells: |row| vec![row.name(), row.age()] };

/// What of each object a table holds besides the cells: `includeObject` of `TableOptions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    None,
    Metadata,
    Object,
}

impl Include {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "None" => Self::None,
            "Object" => Self::Object,
            _ => Self::Metadata,
        }
    }
}

/// A table of objects; `metadata` is the list's own.
pub(crate) fn table<'a>(
    kind: &Kind,
    metadata: Document,
    objects: impl IntoIterator<Item = &'a Document>,
    include: Include,
    now: Timestamp,
) -> Document {
    let printer = printer(kind);
    let rows: Vec<Document> =
        objects.into_iter().map(|object| row(printer, kind, object, include, now)).collect();
    doc!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": (columns(printer.columns)), "rows": rows
    })
}

/// A table of one object.
pub(crate) fn table_of_one(kind: &Kind, object: &Document, include: Include, now: Timestamp) -> Document {
    let metadata = doc!({"resourceVersion": (meta::text(object, "resourceVersion"))});
    table(kind, metadata, [object], include, now)
}

fn printer(kind: &Kind) -> &'static Printer {
    let tables = [pod::PRINTERS, workload::PRINTERS, network::PRINTERS, cluster::PRINTERS, storage::PRINTERS];
    let found = tables.into_iter().flatten().find(|one| one.kind == kind.kind && one.group == kind.group);
    found.unwrap_or(&OTHER)
}

fn columns(text: &str) -> Vec<Document> {
    let column = |text: &str| {
        let (text, priority) = text.strip_prefix('+').map_or((text, 0), |text| (text, 1));
        let (name, shape) = text.split_once(':').unwrap_or((text, "string"));
        let format = if name == "Name" { "name" } else { "" };
        doc!({"name": name, "type": shape, "format": format, "description": "", "priority": priority})
    };
    text.split('|').map(column).collect()
}

fn row(printer: &Printer, kind: &Kind, object: &Document, include: Include, now: Timestamp) -> Document {
    let mut out = ObjectBuilder::new();
    out.set("cells", (printer.cells)(&Row { object, now }));
    if kind.kind == "Pod"
        && let Some(conditions) = pod::conditions(object)
    {
        out.set("conditions", conditions);
    }
    match include {
        Include::None => {}
        Include::Metadata => {
            let metadata = object.get("metadata").cloned().unwrap_or_default();
            let partial =
                doc!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
            out.set("object", partial);
        }
        Include::Object => {
            out.set("object", object.clone());
        }
    }
    out.build()
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::{Include, table_of_one};
    use crate::kinds::{KINDS, by_kind};

    /// The cells of an object, a minute after 2026-01-01.
    pub(super) fn cells(api_version: &str, kind: &str, object: &Document) -> Vec<String> {
        let kind = &KINDS[by_kind(api_version, kind).unwrap()];
        let now = "2026-01-01T00:01:00Z".parse().unwrap();
        let table = table_of_one(kind, object, Include::None, now);
        let shown = |cell: &Document| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
        table.path(&["rows"]).unwrap().items()[0].get("cells").unwrap().items().iter().map(shown).collect()
    }

    #[test]
    fn every_kind_has_as_many_cells_as_columns() {
        let object = doc!({"metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z"}});
        for kind in KINDS {
            let now = "2026-01-01T00:01:00Z".parse().unwrap();
            let table = table_of_one(kind, &object, Include::Metadata, now);
            let columns = table.get("columnDefinitions").unwrap().items().len();
            let row = &table.get("rows").unwrap().items()[0];
            assert_eq!(row.get("cells").unwrap().items().len(), columns, "{}", kind.kind);
            assert_eq!(row.text(&["object", "kind"]), "PartialObjectMetadata");
        }
    }

    #[test]
    fn a_pod_and_a_service_look_as_from_a_real_server() {
        let created = doc!({"name": "web", "creationTimestamp": "2026-01-01T00:00:00Z"});
        let pod = doc!({
            "metadata": (created.clone()),
            "spec": {"nodeName": "win1", "containers": [{"name": "a"}, {"name": "b"}]},
            "status": {"phase": "Running", "podIPs": [{"ip": "10.244.1.2"}], "containerStatuses": [
                {"name": "a", "ready": true, "restartCount": 0, "state": {"running": {}}},
                {"name": "b", "ready": false, "restartCount": 3,
                 "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                 "lastState": {"terminated": {"finishedAt": "2026-01-01T00:00:50Z"}}}
            ]}
        });
        assert_eq!(
            cells("v1", "Pod", &pod),
            [
                "web",
                "1/2",
                "CrashLoopBackOff",
                "3 (10s ago)",
                "60s",
                "10.244.1.2",
                "win1",
                "<none>",
                "<none>"
            ]
        );
        let service = doc!({
            "metadata": (created.clone()),
            "spec": {"type": "NodePort", "clusterIPs": ["10.96.0.9"], "selector": {"app": "web", "tier": "a"},
                     "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}]}
        });
        let expected = ["web", "NodePort", "10.96.0.9", "<none>", "80:30080/TCP", "60s", "app=web,tier=a"];
        assert_eq!(cells("v1", "Service", &service), expected);
    }
}
