//! Images on the node, pulled where they are missing (`pkg/kubelet/images/image_manager.go`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use winlab_clock::{Clock, VirtualSpan};
use winlab_kube_client::k8s::core::{Container, Pod};

use crate::containerd::images::normalize;
use crate::cri::{ImageSpec, PullImageRequest};
use crate::kubelet::backoff::ItemBackoff;
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;
use crate::kubelet::pod::facts::PodFacts;

/// Why a container cannot be started: the reason that its waiting state shows, and its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StartError {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl StartError {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// What the image manager remembers.
pub(crate) struct Images {
    backoff: ItemBackoff,
    previous: Mutex<BTreeMap<String, String>>,
    /// Held during a pull where pulls are serialized.
    serial: tokio::sync::Mutex<()>,
}

impl Images {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            backoff: ItemBackoff::new(clock),
            previous: Mutex::default(),
            serial: tokio::sync::Mutex::new(()),
        }
    }

    /// Forgets the failures of a pod that is gone.
    pub(crate) fn forget(&self, uid: &str) {
        let prefix = format!("{uid}_");
        self.backoff.forget(&prefix);
        let mut previous = self.previous.lock().unwrap_or_else(PoisonError::into_inner);
        previous.retain(|key, _| !key.starts_with(&prefix));
    }
}

impl Kubelet {
    /// The reference of the container's image once it is on the node.
    ///
    /// # Errors
    /// `ErrImagePull`, `ImagePullBackOff`, `ErrImageNeverPull`, `InvalidImageName`, `ImageInspectError`.
    pub(crate) async fn ensure_image(&self, pod: &Pod, container: &Container) -> Result<String, StartError> {
        let image = container.image.as_deref().unwrap_or_default();
        let note =
            |kind, reason: &str, text: &str| self.recorder.container(pod, container, kind, reason, text);
        if image.is_empty()
            || image.contains(char::is_whitespace)
            || image.chars().any(|c| c.is_ascii_uppercase() && !image.contains(':'))
        {
            let text = format!(
                "Failed to apply default image tag {image:?}: couldn't parse image name {image:?}: invalid reference format"
            );
            note(EventType::Warning, "InspectFailed", &text);
            return Err(StartError::new("InvalidImageName", text));
        }
        let cri = self.cri().map_err(|error| StartError::new("ImageInspectError", error.to_string()))?;
        let policy = container.image_pull_policy.as_deref().unwrap_or("IfNotPresent");
        if policy != "Always" {
            let found = cri.image_status(&normalize(image)).await.map_err(|error| {
                let text = format!("Failed to inspect image {image:?}: {error}");
                note(EventType::Warning, "InspectFailed", &text);
                StartError::new("ImageInspectError", text)
            })?;
            if let Some(found) = found {
                let suffix = if self.config.gates.since(35) { " and can be accessed by the pod" } else { "" };
                let text = format!("Container image {image:?} already present on machine{suffix}");
                note(EventType::Normal, "Pulled", &text);
                return Ok(found.id);
            }
            if policy == "Never" {
                let text = format!("Container image {image:?} is not present with pull policy of Never");
                note(EventType::Warning, "ErrImageNeverPull", &text);
                return Err(StartError::new("ErrImageNeverPull", text));
            }
        }
        self.pull_image(pod, container, image).await
    }

    async fn pull_image(&self, pod: &Pod, container: &Container, image: &str) -> Result<String, StartError> {
        let note =
            |kind, reason: &str, text: &str| self.recorder.container(pod, container, kind, reason, text);
        let key = format!("{}_{image}", pod.uid());
        let previous = || self.images.previous.lock().unwrap_or_else(PoisonError::into_inner);
        if self.images.backoff.left_since_update(&key).is_some() {
            let mut text = format!("Back-off pulling image {image:?}");
            note(EventType::Normal, "BackOff", &text);
            if self.config.gates.since(32)
                && let Some(before) = previous().get(&key)
            {
                text = format!("{text}: {before}");
            }
            return Err(StartError::new("ImagePullBackOff", text));
        }
        previous().remove(&key);
        note(EventType::Normal, "Pulling", &format!("Pulling image {image:?}"));
        let asked = self.clock.now();
        let cri = self.cri().map_err(|error| StartError::new("ErrImagePull", error.to_string()))?;
        let request = PullImageRequest {
            image: ImageSpec {
                image: normalize(image),
                user_specified_image: image.to_owned(),
                runtime_handler: self.image_handler(pod).await,
            },
            ..PullImageRequest::default()
        };
        let (pulled, began) = if self.config.serialize_image_pulls {
            let _serial = self.images.serial.lock().await;
            let began = self.clock.now();
            (cri.pull_image(request).await, began)
        } else {
            let began = self.clock.now();
            (cri.pull_image(request).await, began)
        };
        match pulled {
            Ok(reference) => {
                let now = self.clock.now();
                let size = cri.image_status(&reference).await.ok().flatten().map_or(0, |image| image.size);
                note(
                    EventType::Normal,
                    "Pulled",
                    &self.pulled_text(image, now.since(began), now.since(asked), size),
                );
                Ok(reference)
            }
            Err(error) => {
                note(EventType::Warning, "Failed", &format!("Failed to pull image {image:?}: {error}"));
                self.images.backoff.next(&key, self.clock.now());
                previous().insert(key, format!("ErrImagePull: {error}"));
                Err(StartError::new("ErrImagePull", error.to_string()))
            }
        }
    }

    /// The handler that an image is pulled for, where the alpha gate RuntimeClassInImageCriApi says so.
    async fn image_handler(&self, pod: &Pod) -> String {
        if self.config.gates.is_on("RuntimeClassInImageCriApi", u32::MAX) {
            self.runtime_handler(pod).await.unwrap_or_default()
        } else {
            String::new()
        }
    }

    fn pulled_text(&self, image: &str, pull: VirtualSpan, whole: VirtualSpan, size: u64) -> String {
        let (pull, whole) = (go_duration(pull), go_duration(whole));
        let gates = &self.config.gates;
        if gates.since(30) {
            format!(
                "Successfully pulled image {image:?} in {pull} ({whole} including waiting). Image size: {size} bytes."
            )
        } else if gates.since(27) {
            format!("Successfully pulled image {image:?} in {pull} ({whole} including waiting)")
        } else {
            format!("Successfully pulled image {image:?} in {whole}")
        }
    }
}

/// A span as Go prints it, cut to milliseconds: `1m2.5s`, `350ms`.
pub(crate) fn go_duration(span: VirtualSpan) -> String {
    let millis = span.as_millis();
    if millis < 1000 {
        return if millis == 0 { "0s".to_owned() } else { format!("{millis}ms") };
    }
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    let seconds = format!("{}.{:03}", rest / 1000, rest % 1000);
    let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::VirtualSpan;

    use super::go_duration;

    #[test]
    fn spans_read_as_go_prints_them() {
        for (millis, text) in [
            (0, "0s"),
            (350, "350ms"),
            (1500, "1.5s"),
            (62_000, "1m2s"),
            (10_000, "10s"),
            (3_600_000, "1h0m0s"),
        ] {
            assert_eq!(go_duration(VirtualSpan::from_millis(millis)), text);
        }
    }
}
