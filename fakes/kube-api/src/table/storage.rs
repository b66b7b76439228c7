//! Volumes, claims and storage classes.

use winlab_document::Document;

use super::cell::bare;
use super::{Printer, Row};

const STORAGE: &str = "storage.k8s.io";

pub(super) const PRINTERS: &[Printer] = &[
    Printer {
        group: "",
        kind: "PersistentVolume",
        columns: "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|+VolumeMode",
        cells: volume,
    },
    Printer {
        group: "",
        kind: "PersistentVolumeClaim",
        columns: "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|+VolumeMode",
        cells: claim,
    },
    Printer {
        group: STORAGE,
        kind: "StorageClass",
        columns: "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
        cells: |row| {
            let default = "storageclass.kubernetes.io/is-default-class";
            let mark =
                if row.text(&["metadata", "annotations", default]) == "true" { " (default)" } else { "" };
            vec![
                format!("{}{mark}", row.text(&["metadata", "name"])).into(),
                row.text(&["provisioner"]).into(),
                row.text_or(&["reclaimPolicy"], "Delete"),
                row.text_or(&["volumeBindingMode"], "Immediate"),
                row.flag(&["allowVolumeExpansion"], false).to_string().into(),
                row.age(),
            ]
        },
    },
    Printer {
        group: STORAGE,
        kind: "VolumeAttachment",
        columns: "Name|Attacher|PV|Node|Attached:boolean|Age",
        cells: |row| {
            vec![
                row.name(),
                row.text(&["spec", "attacher"]).into(),
                row.text(&["spec", "source", "persistentVolumeName"]).into(),
                row.text(&["spec", "nodeName"]).into(),
                row.flag(&["status", "attached"], false).into(),
                row.age(),
            ]
        },
    },
    Printer {
        group: STORAGE,
        kind: "CSINode",
        columns: "Name|Drivers:integer|Age",
        cells: |row| vec![row.name(), row.items(&["spec", "drivers"]).len().into(), row.age()],
    },
    Printer {
        group: STORAGE,
        kind: "CSIDriver",
        columns: "Name|AttachRequired:boolean|PodInfoOnMount:boolean|StorageCapacity:boolean|TokenRequests|RequiresRepublish:boolean|Modes|Age",
        cells: driver,
    },
    Printer {
        group: STORAGE,
        kind: "CSIStorageCapacity",
        columns: "Name|StorageClassName|Capacity",
        cells: |row| {
            vec![row.name(), row.text(&["storageClassName"]).into(), row.text_or(&["capacity"], "<unset>")]
        },
    },
];

/// `GetAccessModesAsString`
fn access_modes(row: &Row<'_>, path: &[&str]) -> String {
    let short = |mode: &Document| match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    };
    row.items(path).iter().map(short).collect::<Vec<_>>().join(",")
}

fn phase(row: &Row<'_>) -> Document {
    if row.is_leaving() { "Terminating" } else { row.text(&["status", "phase"]) }.into()
}

fn volume(row: &Row<'_>) -> Vec<Document> {
    let claim = match row.object.path(&["spec", "claimRef"]) {
        Some(claim) => format!("{}/{}", claim.text(&["namespace"]), claim.text(&["name"])),
        None => String::new(),
    };
    vec![
        row.name(),
        row.text(&["spec", "capacity", "storage"]).into(),
        access_modes(row, &["spec", "accessModes"]).into(),
        row.text(&["spec", "persistentVolumeReclaimPolicy"]).into(),
        phase(row),
        claim.into(),
        row.text(&["spec", "storageClassName"]).into(),
        row.text_or(&["spec", "volumeAttributesClassName"], "<unset>"),
        row.text(&["status", "reason"]).into(),
        row.age(),
        row.text_or(&["spec", "volumeMode"], "<unset>"),
    ]
}

fn claim(row: &Row<'_>) -> Vec<Document> {
    let volume = row.text(&["spec", "volumeName"]);
    let bound = |text: String| if volume.is_empty() { String::new() } else { text };
    vec![
        row.name(),
        phase(row),
        volume.into(),
        bound(row.text(&["status", "capacity", "storage"]).to_owned()).into(),
        bound(access_modes(row, &["status", "accessModes"])).into(),
        row.text(&["spec", "storageClassName"]).into(),
        row.text_or(&["spec", "volumeAttributesClassName"], "<unset>"),
        row.age(),
        row.text_or(&["spec", "volumeMode"], "<unset>"),
    ]
}

fn driver(row: &Row<'_>) -> Vec<Document> {
    let list = |path: &[&str], shown: fn(&Document) -> String| {
        row.items(path).iter().map(shown).collect::<Vec<_>>().join(",")
    };
    let tokens = match row.object.path(&["spec", "tokenRequests"]) {
        Some(_) => list(&["spec", "tokenRequests"], |one| one.text(&["audience"]).to_owned()),
        None => "<unset>".to_owned(),
    };
    vec![
        row.name(),
        row.flag(&["spec", "attachRequired"], true).into(),
        row.flag(&["spec", "podInfoOnMount"], false).into(),
        row.flag(&["spec", "storageCapacity"], false).into(),
        tokens.into(),
        row.flag(&["spec", "requiresRepublish"], false).into(),
        super::cell::or(&list(&["spec", "volumeLifecycleModes"], bare), "<none>").into(),
        row.age(),
    ]
}
