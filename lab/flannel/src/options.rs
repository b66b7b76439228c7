//! flanneld's flags.

use winlab_clock::VirtualSpan;
use winlab_component::CommandLine;

use crate::error::FlannelError;

/// The flags that are modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// `--iface`: names or addresses, in the order to be tried.
    pub(crate) ifaces: Vec<String>,
    pub(crate) public_ip: String,
    pub(crate) ip_masq: bool,
    pub(crate) random_fully: bool,
    pub(crate) subnet_file: String,
    pub(crate) net_conf: String,
    pub(crate) forward_rules: bool,
    pub(crate) resync: VirtualSpan,
    pub(crate) annotation_prefix: String,
    pub(crate) set_network_unavailable: bool,
}

impl Options {
    /// From a command line; both `-flag` and `--flag`, as Go's flag package takes them.
    pub(crate) fn of(command: &CommandLine) -> Result<Self, FlannelError> {
        let text = |name, default: &str| command.flag(name).unwrap_or(default).to_owned();
        let unless_off = |name| command.flag(name).is_none_or(|value| value != "false" && value != "0");
        let set = |name| command.is_set(name) && command.flag(name) != Some("0");
        if !set("kube-subnet-mgr") {
            return Err(FlannelError::NotModelled("leases in etcd; run flanneld with --kube-subnet-mgr"));
        }
        for flag in ["iface-regex", "iface-can-reach", "ip-blackhole-route"] {
            if command.flag(flag).is_some_and(|value| value != "false") {
                return Err(FlannelError::NotModelled(match flag {
                    "iface-regex" => "--iface-regex",
                    "iface-can-reach" => "--iface-can-reach",
                    _ => "--ip-blackhole-route",
                }));
            }
        }
        let seconds = text("iptables-resync", "5").parse().unwrap_or(5);
        let mut annotation_prefix = text("kube-annotation-prefix", "flannel.alpha.coreos.com");
        if !annotation_prefix.contains('/') {
            annotation_prefix.push('/');
        } else if !annotation_prefix.ends_with(['/', '-']) {
            annotation_prefix.push('-');
        }
        Ok(Self {
            ifaces: every(command, "iface"),
            public_ip: text("public-ip", ""),
            ip_masq: set("ip-masq"),
            random_fully: !set("ip-masq-fully-random-disable"),
            subnet_file: text("subnet-file", "/run/flannel/subnet.env"),
            net_conf: text("net-config-path", "/etc/kube-flannel/net-conf.json"),
            forward_rules: unless_off("iptables-forward-rules"),
            resync: VirtualSpan::from_secs(seconds),
            annotation_prefix,
            set_network_unavailable: unless_off("set-node-network-unavailable"),
        })
    }
}

/// All values of a flag that may be given several times.
fn every(command: &CommandLine, name: &str) -> Vec<String> {
    let words = command.arguments();
    let mut values = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_start_matches('-');
        if bare.len() == word.len() {
            continue;
        }
        match bare.split_once('=') {
            Some((flag, value)) if flag == name => values.push(value.to_owned()),
            None if bare == name => values.extend(words.get(at + 1).cloned()),
            _ => {}
        }
    }
    values.retain(|value| !value.is_empty());
    values
}

#[cfg(test)]
mod tests {
    use winlab_component::CommandLine;

    use super::Options;

    #[test]
    fn the_flags_of_a_windows_node() {
        let command = CommandLine::parse(
            r"C:\k\flanneld.exe --kubeconfig-file=c:\k\config --iface=192.168.1.11 -iface Ethernet --ip-masq=1 --kube-subnet-mgr=1",
        );
        let options = Options::of(&command).unwrap();
        assert_eq!(options.ifaces, ["192.168.1.11", "Ethernet"]);
        assert!(options.ip_masq && options.forward_rules);
        assert_eq!(options.annotation_prefix, "flannel.alpha.coreos.com/");
    }

    #[test]
    fn etcd_is_not_modelled_and_says_so() {
        let error = Options::of(&CommandLine::parse("flanneld")).unwrap_err();
        assert!(error.to_string().contains("--kube-subnet-mgr"), "{error}");
    }
}
