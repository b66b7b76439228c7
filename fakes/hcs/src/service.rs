//! The service as a whole: its properties, and its own stop and start.

use winlab_document::{Document, doc};
use winlab_host::compute::{ComputeEvent, ComputeEventKind};
use winlab_host::{Fault, HResult};

use crate::hcs::Hcs;
use crate::host::Host;
use crate::system::ExitType;
use crate::unmodelled;

/// HCS schema versions by the build that brought them (Microsoft, HCS "Schema reference").
const SCHEMAS: [(u32, u32); 5] = [(17763, 1), (18362, 2), (19041, 3), (20348, 5), (22000, 6)];

impl Hcs {
    /// The newest schema 2 minor this build knows.
    pub(crate) fn newest_schema(&self) -> u32 {
        SCHEMAS.iter().rev().find(|(build, _)| self.config.build.0 >= *build).map_or(0, |(_, minor)| *minor)
    }

    /// `HcsGetServiceProperties`: one entry per property type asked for, in their order.
    pub(crate) fn service_properties(&mut self, query: &Document) -> Document {
        let types = query.get("PropertyTypes").map_or(&[][..], Document::items);
        let properties: Vec<Document> = types.iter().map(|kind| self.service_property(kind)).collect();
        doc!({"Properties": properties})
    }

    fn service_property(&mut self, kind: &Document) -> Document {
        match kind.as_str().unwrap_or_default() {
            "Basic" => {
                let versions: Vec<Document> = std::iter::once(doc!({"Major": 1, "Minor": 0}))
                    .chain((0..=self.newest_schema()).map(|minor| doc!({"Major": 2, "Minor": minor})))
                    .collect();
                doc!({"SupportedSchemaVersions": versions})
            }
            "Memory" => doc!({"HostMemory": {"TotalPhysicalBytes": self.config.memory}}),
            "ProcessorTopology" => {
                let processors: Vec<Document> = (0..self.config.processors)
                    .map(|n| doc!({"LpIndex": n, "NodeNumber": 0, "PackageId": 0, "CoreId": n, "RootVpIndex": n}))
                    .collect();
                doc!({"LogicalProcessorCount": self.config.processors, "LogicalProcessors": processors})
            }
            _ => {
                self.count(&unmodelled::SERVICE_PROPERTY);
                doc!({"Error": {"Error": HResult::ERROR_NOT_SUPPORTED.0.cast_signed(), "ErrorMessage": HResult::ERROR_NOT_SUPPORTED.message()}})
            }
        }
    }

    /// `HcsModifyServiceSettings`
    pub(crate) fn modify_service(&mut self) -> Result<(), Fault> {
        self.count(&unmodelled::SERVICE_SETTINGS);
        Err(Fault::new(HResult::ERROR_VMCOMPUTE_UNKNOWN_MESSAGE))
    }

    /// The service stops, or its process crashes: its compute systems end with it and nobody is told of each; its
    /// listeners are told once. Job objects are none of its business.
    pub fn stop_service(&mut self, host: &mut dyn Host) {
        if !self.is_running {
            return;
        }
        self.end_every_system(host);
        self.systems.clear();
        self.events.push(ComputeEvent {
            kind: ComputeEventKind::ServiceDisconnect,
            system: String::new(),
            pid: 0,
            status: HResult::HCS_E_SERVICE_DISCONNECT,
            data: Document::Null,
        });
        self.is_running = false;
    }

    /// The service starts: it knows no compute system.
    pub fn start_service(&mut self) {
        self.is_running = true;
    }

    /// Whether the service answers calls.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.is_running
    }

    /// The machine is off: nothing runs, nothing is mounted, nobody hears of it.
    pub fn power_off(&mut self, host: &mut dyn Host) {
        self.end_every_system(host);
        for volume in self.layers.unmount_all() {
            host.unmount_volume(volume);
        }
        self.systems.clear();
        self.jobs.clear();
        self.processes.clear();
        self.timers.clear();
        self.events.clear();
        self.job_events.clear();
        self.external.clear();
        self.is_running = true;
    }

    fn end_every_system(&mut self, host: &mut dyn Host) {
        let heard = self.events.len();
        let ids: Vec<String> = self.systems.keys().cloned().collect();
        for id in ids {
            self.end_system(&id, ExitType::Unexpected, host);
        }
        self.events.truncate(heard);
    }
}
