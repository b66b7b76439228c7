//! Figures of compute systems and job objects.

use jiff::Timestamp;
use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};

use crate::hcs::Hcs;
use crate::host::Host;

/// A running process is taken to use one part in so many of one processor.
const IDLE_PARTS: u64 = 100;

impl Hcs {
    /// `Statistics` of a compute system.
    pub(crate) fn statistics(&self, id: &str, host: &dyn Host) -> Document {
        let Some(system) = self.systems.get(id) else { return Document::Null };
        self.figures(&system.processes, system.started, host)
    }

    /// `Statistics` over some processes.
    pub(crate) fn figures(
        &self,
        pids: &[u32],
        started: Option<(VirtualInstant, Timestamp)>,
        host: &dyn Host,
    ) -> Document {
        let processes = || pids.iter().filter_map(|pid| self.processes.get(pid));
        let memory: u64 = processes().filter_map(crate::process::Process::memory_in_use).sum();
        let peak = processes().map(|process| process.memory).sum::<u64>().max(memory);
        let run: VirtualSpan = processes().map(|process| process.run_time(host.now())).sum();
        let total = hundred_nanos(run) / IDLE_PARTS;
        let kernel = total / 5;
        let up = started.map_or(VirtualSpan::ZERO, |(at, _)| host.now().since(at));
        let date = started.map_or_else(|| host.date(), |(_, date)| date);
        doc!({
            "Timestamp": host.date().to_string(),
            "ContainerStartTime": date.to_string(),
            "Uptime100ns": hundred_nanos(up),
            "Processor": {"TotalRuntime100ns": total, "RuntimeUser100ns": total - kernel, "RuntimeKernel100ns": kernel},
            "Memory": {"MemoryUsageCommitBytes": memory, "MemoryUsageCommitPeakBytes": peak,
                "MemoryUsagePrivateWorkingSetBytes": memory},
            "Storage": {"ReadCountNormalized": 0, "ReadSizeBytes": 0, "WriteCountNormalized": 0, "WriteSizeBytes": 0},
        })
    }

    /// `ProcessList` of a compute system.
    pub(crate) fn process_list(&self, id: &str) -> Document {
        self.systems.get(id).map_or(Document::Null, |system| self.list_processes(&system.processes))
    }

    /// `ProcessList` over some processes: those that run. Bytes stay below 2^31, as hcsshim's schema 2 reads them as
    /// signed 32-bit numbers.
    pub(crate) fn list_processes(&self, pids: &[u32]) -> Document {
        pids.iter()
            .filter_map(|pid| self.processes.get(pid))
            .filter_map(|process| Some((process, process.memory_in_use()?)))
            .map(|(process, memory)| {
                let memory = memory.min(i32::MAX as u64);
                doc!({
                    "ProcessId": process.pid,
                    "ImageName": &process.image_name,
                    "CreateTimestamp": process.started.1.to_string(),
                    "UserTime100ns": 0,
                    "KernelTime100ns": 0,
                    "MemoryCommitBytes": memory,
                    "MemoryWorkingSetPrivateBytes": memory,
                    "MemoryWorkingSetSharedBytes": 0,
                })
            })
            .collect()
    }
}

fn hundred_nanos(span: VirtualSpan) -> u64 {
    span.as_nanos() / 100
}
