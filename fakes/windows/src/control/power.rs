//! Power.

use futures::StreamExt as _;
use winlab_clock::VirtualSpan;

use crate::core::Power;
use crate::host::WindowsHost;

impl WindowsHost {
    /// An orderly reboot: services are told and waited for, then the host is off for so long, then it boots and starts
    /// automatic services. Returns once it runs again. Whoever launches the services' programs must end those that are
    /// left when [`WindowsHost::power_changes`] says [`Power::Off`].
    pub async fn reboot(&self, off_for: VirtualSpan) {
        if self.power().is_off() {
            // A host that is off is only switched on.
            self.power_on();
            return;
        }
        let mut changes = self.power_changes();
        self.with(|core, moment| core.shut_down(Some(off_for), moment));
        while let Some(power) = changes.next().await {
            if power == Power::On {
                return;
            }
        }
    }

    /// An orderly shutdown; the host stays off until [`WindowsHost::power_on`]. Returns once it is off.
    pub async fn shut_down(&self) {
        if self.power().is_off() {
            return;
        }
        let mut changes = self.power_changes();
        self.with(|core, moment| core.shut_down(None, moment));
        while let Some(power) = changes.next().await {
            if power.is_off() {
                return;
            }
        }
    }

    /// The power is gone at once; with `off_for` it comes back after so long.
    pub fn lose_power(&self, off_for: Option<VirtualSpan>) {
        self.with(|core, moment| core.lose_power(off_for, moment));
    }

    /// Switches a host on that is off.
    pub fn power_on(&self) {
        self.with(|core, moment| core.power_on(moment));
    }

    /// Whether it runs.
    #[must_use]
    pub fn power(&self) -> Power {
        self.read(crate::core::Core::power)
    }
}
