//! Namespaces in the store: making, finding, showing and removing them.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::network::NotificationKind;
use winlab_host::{Guid, HResult};

use crate::context::Context;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require, unknown_members, upper};
use crate::query::Query;
use crate::store::Identified;
use crate::v1;

/// A namespace.
#[derive(Debug, Clone)]
pub(crate) struct Namespace {
    pub(crate) id: Guid,
    /// `Host`, `HostDefault`, `Guest` or `GuestDefault`.
    kind: &'static str,
    /// The host's own, which is always there.
    pub(crate) is_default: bool,
    /// 1: the host's; 0: none yet, for a compartment is made with the first container.
    pub(crate) compartment: u32,
    /// A client asked for this compartment number: it is kept without containers.
    pub(crate) has_fixed_compartment: bool,
    pub(crate) guid: Guid,
    pub(crate) endpoints: Vec<Guid>,
    pub(crate) containers: Vec<String>,
    pub(crate) plumbed: bool,
    since: u64,
    unknown: Document,
}

const KINDS: &[&str] = &["Host", "HostDefault", "Guest", "GuestDefault"];
const KNOWN: &[&str] = &[
    "ID",
    "NamespaceId",
    "NamespaceGuid",
    "Type",
    "Resources",
    "SchemaVersion",
    "Version",
    "Health",
    "State",
    "IsDefault",
    "CompartmentId",
    "CompartmentGuid",
    "ResourceList",
];
/// `State` of a namespace that is there.
const CREATED: u16 = 1;

impl Identified for Namespace {
    fn id(&self) -> Guid {
        self.id
    }
}

impl Hns {
    pub(crate) fn add_default_namespace(&mut self, context: &mut dyn Context) {
        let namespace = Namespace {
            id: context.guid(),
            kind: "HostDefault",
            is_default: true,
            compartment: 1,
            has_fixed_compartment: true,
            guid: context.guid(),
            endpoints: Vec::new(),
            containers: Vec::new(),
            plumbed: true,
            since: self.filetime(context),
            unknown: Document::Null,
        };
        self.namespaces.insert(namespace);
    }

    /// `HcnCreateNamespace` and V1's `POST /namespaces/`. containerd gives nothing but a schema version of 0.0.
    pub(crate) fn create_namespace(
        &mut self,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Guid> {
        require(settings.is_null() || settings.is_object(), HResult::HCN_E_INVALID_JSON)?;
        let kind = match settings.string("Type") {
            "" => "Host",
            given => match KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(given)) {
                Some(kind) => kind,
                None => return refuse(HResult::E_INVALIDARG),
            },
        };
        let id = Self::choose_id(id, settings, context)?;
        require(!self.namespaces.contains(id), HResult::ERROR_ALREADY_EXISTS)?;
        let wanted = u32::try_from(settings.integer("NamespaceId").unwrap_or_default()).unwrap_or_default();
        let compartment = if self.is_free_compartment(wanted) { wanted } else { 0 };
        self.namespaces.insert(Namespace {
            id,
            kind,
            is_default: false,
            compartment,
            has_fixed_compartment: compartment != 0,
            guid: context.guid(),
            endpoints: Vec::new(),
            containers: Vec::new(),
            plumbed: true,
            since: self.filetime(context),
            unknown: unknown_members(settings, KNOWN),
        });
        self.notify(NotificationKind::NamespaceCreate, id, Document::Null);
        Ok(id)
    }

    /// `HcnDeleteNamespace`: refused while containers live in it, and for the host's own.
    pub(crate) fn delete_namespace(&mut self, id: Guid) -> Outcome<()> {
        let namespace = known(self.namespaces.get(id))?;
        let unused = namespace.containers.is_empty() && !namespace.is_default;
        require(unused, HResult::HCN_E_REQUEST_UNSUPPORTED)?;
        self.forget_namespace(id);
        Ok(())
    }

    /// Removes a namespace whatever lives in it; its endpoints stay, without one.
    pub(crate) fn forget_namespace(&mut self, id: Guid) {
        let Some(serial) = self.namespaces.serial(id) else { return };
        let endpoints = self.namespaces.at(serial).map(|space| space.endpoints.clone()).unwrap_or_default();
        for endpoint in endpoints {
            if let Some(endpoint) = self.endpoints.serial(endpoint) {
                self.release_port(endpoint);
                if let Some(endpoint) = self.endpoints.at_mut(endpoint) {
                    endpoint.details_mut().namespace = Guid::NIL;
                }
            }
        }
        self.namespaces.remove(serial);
        self.notify(NotificationKind::NamespaceDelete, id, Document::Null);
    }

    /// `HcnEnumerateNamespaces`.
    pub(crate) fn enumerate_namespaces(&self, query: &Document) -> Outcome<Vec<Guid>> {
        let mut query = Query::read(query)?;
        let found: Vec<&Namespace> = match query.take_id(&["ID"]) {
            Some(id) => id.and_then(|id| self.namespaces.get(id)).into_iter().collect(),
            None => self.namespaces.iter().collect(),
        };
        let fits = |space: &&Namespace| {
            query.is_open() || query.matches(&self.namespace_v2(space), || self.namespace_v1(space))
        };
        Ok(found.into_iter().filter(fits).map(|space| space.id).collect())
    }

    /// `HcnQueryNamespaceProperties`.
    pub(crate) fn query_namespace(&self, id: Guid, query: &Document) -> Outcome<Document> {
        let query = Query::read(query)?;
        let namespace = known(self.namespaces.get(id))?;
        Ok(if query.v1 { self.namespace_v1(namespace) } else { self.namespace_v2(namespace) })
    }

    /// The V2 form.
    pub(crate) fn namespace_v2(&self, namespace: &Namespace) -> Document {
        let mut object = ObjectBuilder::with_capacity(9);
        object.set("ID", namespace.id);
        object.set("NamespaceId", namespace.compartment);
        object.set("NamespaceGuid", namespace.guid);
        object.set("Type", namespace.kind);
        let endpoints = namespace.endpoints.iter().map(|id| doc!({"Type": "Endpoint", "Data": {"Id": *id}}));
        object.set("Resources", endpoints.chain(containers(namespace)).collect::<Document>());
        self.base().finish_v2(object, CREATED, &namespace.unknown)
    }

    /// The V1 form.
    pub(crate) fn namespace_v1(&self, namespace: &Namespace) -> Document {
        let mut object = ObjectBuilder::with_capacity(16);
        object.set("ID", upper(namespace.id));
        object.set("IsDefault", namespace.is_default);
        object.set("CompartmentId", namespace.compartment);
        object.set("CompartmentGuid", upper(namespace.guid));
        let endpoints =
            namespace.endpoints.iter().map(|id| doc!({"Type": "Endpoint", "Data": {"Id": upper(*id)}}));
        object.set("ResourceList", endpoints.chain(containers(namespace)).collect::<Document>());
        object.set("Containers", namespace.containers.iter().collect::<Document>());
        object.set("Policies", Document::empty_array());
        object.set("Flags", 0);
        object.set("ActivityId", upper(namespace.id));
        object.set("Resources", v1::resources(namespace.guid, CREATED, namespace.since));
        self.base().finish_v1(object, CREATED, namespace.since, &namespace.unknown)
    }
}

fn containers(namespace: &Namespace) -> impl Iterator<Item = Document> {
    namespace.containers.iter().map(|id| doc!({"Type": "Container", "Data": {"Id": id}}))
}
