//! The node's programs by name.

use winlab_component::Programs;

use crate::containerd::{self, ContainerdOptions};
use crate::kubelet::{self, KubeletOptions};

/// `containerd` and `kubelet`, added to the programs that a node has.
#[must_use]
pub fn programs(programs: Programs, containerd: ContainerdOptions, kubelet: KubeletOptions) -> Programs {
    programs
        .with("containerd", move |context| containerd::containerd(context, containerd.clone()))
        .with("kubelet", move |context| kubelet::kubelet(context, kubelet.clone()))
}
