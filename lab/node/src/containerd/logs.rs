//! Container logs: the CRI format, one line of output a line of the file.
//!
//! `2026-01-01T00:00:01.5Z stdout F the line` (containerd `pkg/cri/io/logger.go`).

use winlab_host::compute::OutputStream;

use super::core::Core;
use super::records::Task;

impl Core {
    /// Makes a container's log before it starts, as containerd opens it (`createContainerLoggers`): a kubelet also reads
    /// that of one which has not written anything.
    pub(crate) async fn open_log(&self, path: &str) {
        if !path.is_empty() {
            self.write(path, Vec::new()).await;
        }
    }

    /// Moves what a container has written into its log.
    pub(crate) async fn pump_output(&self, id: &str) {
        let Some((task, path)) = self.logged(id) else { return };
        self.pump(id, &task, &path).await;
    }

    /// The same at the container's end: what has no line's end is a line too.
    pub(crate) async fn close_log(&self, id: &str) {
        let Some((task, path)) = self.logged(id) else { return };
        self.pump(id, &task, &path).await;
        let mut rest = Vec::new();
        for stream in ["stdout", "stderr"] {
            let left = self.state().partial.remove(&(id.to_owned(), stream));
            if let Some(bytes) = left.filter(|bytes| !bytes.is_empty()) {
                self.line(&mut rest, stream, &bytes);
            }
        }
        self.append(&path, rest).await;
    }

    fn logged(&self, id: &str) -> Option<(Task, String)> {
        let state = self.state();
        let container = state.containers.get(id)?;
        Some((container.task.clone()?, container.log_path.clone()))
    }

    async fn pump(&self, id: &str, task: &Task, path: &str) {
        let mut lines = Vec::new();
        for (stream, name) in [(OutputStream::Stdout, "stdout"), (OutputStream::Stderr, "stderr")] {
            let bytes = self.runtime.read(task, task.pid, stream).await;
            if bytes.is_empty() {
                continue;
            }
            self.show_attached(id, stream, &bytes);
            let key = (id.to_owned(), name);
            let mut pending = self.state().partial.remove(&key).unwrap_or_default();
            pending.extend_from_slice(&bytes);
            let mut rest = pending.as_slice();
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                // Windows' ends of lines go whole (`readLine`).
                let line = &rest[..end];
                self.line(&mut lines, name, line.strip_suffix(b"\r").unwrap_or(line));
                rest = &rest[end + 1..];
            }
            if !rest.is_empty() {
                self.state().partial.insert(key, rest.to_vec());
            }
        }
        self.append(path, lines).await;
    }

    fn line(&self, out: &mut Vec<u8>, stream: &str, text: &[u8]) {
        out.extend_from_slice(format!("{} {stream} F ", self.clock.timestamp()).as_bytes());
        out.extend_from_slice(text);
        out.push(b'\n');
    }

    async fn append(&self, path: &str, bytes: Vec<u8>) {
        if bytes.is_empty() || path.is_empty() {
            return;
        }
        self.write(path, bytes).await;
    }

    async fn write(&self, path: &str, bytes: Vec<u8>) {
        if let Err(error) = self.files.append(path, bytes).await {
            self.log.error(format_args!("failed to write log file {path}: {error}"));
        }
    }
}
