//! What the kubelet is told about eviction.

use std::collections::BTreeMap;

use winlab_clock::VirtualSpan;
use winlab_component::CommandLine;
use winlab_document::Document;

use super::config::{pairs, words};

type Amounts = BTreeMap<String, String>;

/// Thresholds by signal, and how they are kept (`pkg/kubelet/eviction/types.go`).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EvictionConfig {
    pub(crate) hard: Amounts,
    pub(crate) soft: Amounts,
    /// How long a soft threshold may be met.
    pub(crate) soft_grace: BTreeMap<String, VirtualSpan>,
    /// How far beyond a threshold there must be room again.
    pub(crate) minimum_reclaim: Amounts,
    /// How long a pressure that is over still shows.
    pub(crate) transition: VirtualSpan,
    /// The most seconds that a pod has to end for a soft threshold; negative: what its specification says.
    pub(crate) max_pod_grace: i64,
}

impl EvictionConfig {
    /// `pkg/kubelet/eviction/defaults_{linux,windows}.go`, `pkg/kubelet/apis/config/v1beta1/defaults.go`
    pub(crate) fn defaults(windows: bool) -> Self {
        let memory = if windows { "500Mi" } else { "100Mi" };
        let hard = [("memory.available", memory), ("nodefs.available", "10%"), ("imagefs.available", "15%")];
        Self {
            hard: hard.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            soft: Amounts::new(),
            soft_grace: BTreeMap::new(),
            minimum_reclaim: Amounts::new(),
            transition: VirtualSpan::from_secs(300),
            max_pod_grace: 0,
        }
    }

    /// # Errors
    /// The text that the kubelet prints before it exits.
    pub(crate) fn merge_file(&mut self, file: &Document) -> Result<(), String> {
        for (slot, name) in [
            (&mut self.hard, "evictionHard"),
            (&mut self.soft, "evictionSoft"),
            (&mut self.minimum_reclaim, "evictionMinimumReclaim"),
        ] {
            if let Some(amounts) = file.get(name) {
                *slot = pairs(amounts);
            }
        }
        if let Some(graces) = file.get("evictionSoftGracePeriod") {
            self.soft_grace = periods(pairs(graces))?;
        }
        match file.get("evictionPressureTransitionPeriod").and_then(Document::as_str) {
            None | Some("0s") => {}
            Some(text) => self.transition = period("evictionPressureTransitionPeriod", text)?,
        }
        if let Some(secs) = file.get("evictionMaxPodGracePeriod").and_then(Document::as_i64) {
            self.max_pod_grace = secs;
        }
        Ok(())
    }

    /// # Errors
    /// The text that the kubelet prints before it exits.
    pub(crate) fn merge_flags(&mut self, line: &CommandLine) -> Result<(), String> {
        for (slot, name) in [(&mut self.hard, "eviction-hard"), (&mut self.soft, "eviction-soft")] {
            if let Some(text) = line.flag(name) {
                let signals = text.split(',').filter_map(|pair| pair.split_once('<'));
                *slot = signals.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            }
        }
        if let Some(text) = line.flag("eviction-soft-grace-period") {
            self.soft_grace = periods(words(text))?;
        }
        if let Some(text) = line.flag("eviction-minimum-reclaim") {
            self.minimum_reclaim = words(text);
        }
        if let Some(text) = line.flag("eviction-pressure-transition-period") {
            self.transition = period("eviction-pressure-transition-period", text)?;
        }
        if let Some(text) = line.flag("eviction-max-pod-grace-period") {
            let wrong = || format!("invalid argument {text:?} for --eviction-max-pod-grace-period");
            self.max_pod_grace = text.parse().map_err(|_| wrong())?;
        }
        Ok(())
    }

    /// # Errors
    /// A soft threshold without a grace period (`ParseThresholdConfig`, `pkg/kubelet/eviction/helpers.go`).
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.soft.keys().find(|signal| !self.soft_grace.contains_key(*signal)) {
            None => Ok(()),
            Some(signal) => {
                Err(format!("grace period must be specified for the soft eviction threshold {signal}"))
            }
        }
    }
}

fn periods(texts: Amounts) -> Result<BTreeMap<String, VirtualSpan>, String> {
    texts.into_iter().map(|(name, text)| Ok((name.clone(), period(&name, &text)?))).collect()
}

fn period(name: &str, text: &str) -> Result<VirtualSpan, String> {
    text.parse().map_err(|error| format!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use winlab_clock::VirtualSpan;
    use winlab_component::CommandLine;

    use super::EvictionConfig;

    #[test]
    fn soft_thresholds_need_a_grace_period() {
        let mut config = EvictionConfig::defaults(true);
        let soft = CommandLine::parse("kubelet --eviction-soft=memory.available<1Gi");
        config.merge_flags(&soft).unwrap();
        assert_eq!(
            config.check().unwrap_err(),
            "grace period must be specified for the soft eviction threshold memory.available"
        );
        let grace = CommandLine::parse(
            "kubelet --eviction-soft-grace-period=memory.available=1m30s --eviction-max-pod-grace-period=20",
        );
        config.merge_flags(&grace).unwrap();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.soft_grace["memory.available"], VirtualSpan::from_secs(90));
        assert_eq!((config.max_pod_grace, config.hard["memory.available"].as_str()), (20, "500Mi"));
    }

    #[test]
    fn a_file_names_what_flags_do_not() {
        let file: winlab_document::Document = serde_saphyr::from_str(
            "evictionHard: {memory.available: 1Gi}\nevictionMinimumReclaim: {memory.available: 200Mi}\nevictionPressureTransitionPeriod: 30s\n",
        )
        .unwrap();
        let mut config = EvictionConfig::defaults(false);
        config.merge_file(&file).unwrap();
        assert_eq!(config.hard.len(), 1, "thresholds that a file leaves out are gone");
        assert_eq!(config.minimum_reclaim["memory.available"], "200Mi");
        assert_eq!(config.transition, VirtualSpan::from_secs(30));
    }
}
