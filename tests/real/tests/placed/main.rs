//! Shipped scenarios, untouched, with unmodified Windows programs in place of models.
//!
//! What CI runs is below [`in_ci`]: one minor of Kubernetes. The other versions are built by `cargo xtask peers-all` and take
//! their time: [`in_full`] is ignored unless `WINLAB_REQUIRE` has `peers-all`, as it has in the scheduled workflow, and
//! runs with `cargo test -p winlab-real-tests -- --include-ignored`. What the machine lacks is said, and fails a test only
//! where `WINLAB_REQUIRE` names it.

mod placed;

use libtest_mimic::{Arguments, Trial};

use placed::{Placed, is_required, say};

/// kube-proxy.exe alone.
const PROXY: &str = "kube-proxy";
/// Both programs of Kubernetes on a Windows node.
const BOTH: &str = "kubelet,kube-proxy";
/// The version that CI builds, and the one besides whose control plane the scheduled run builds.
const USUAL: &str = "v1.34.4";
const NEWER: &str = "v1.36.3";

fn main() {
    // One after the other: each has several Windows programs and takes what processors there are.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let is_full = is_required("peers-all");
    if !is_full && !arguments.list {
        say("ignored: other versions than CI's; WINLAB_REQUIRE=peers-all or --include-ignored runs them");
    }
    let of_ci = in_ci().into_iter().map(|placed| trial(placed, "wine"));
    let of_full = in_full().into_iter().map(|placed| trial(placed, "peers-all").with_ignored_flag(!is_full));
    libtest_mimic::run(&arguments, of_ci.chain(of_full).collect()).exit()
}

fn trial(placed: Placed, need: &'static str) -> Trial {
    Trial::test(placed.name.clone(), move || placed.run(need))
}

/// With the programs of the minor that CI builds.
fn in_ci() -> Vec<Placed> {
    vec![
        discovery("services_are_discovered_with_kube_proxy", USUAL, PROXY),
        discovery("services_are_discovered_with_kubelet_and_kube_proxy", USUAL, BOTH),
        discovery("services_are_discovered_with_a_real_control_plane", USUAL, BOTH).on_binaries(),
        discovery("services_are_discovered_with_win_overlay", USUAL, "win-overlay"),
        Placed::new(
            "services_are_discovered_with_win_bridge",
            "services/discovery.winlab.yaml",
            "win-bridge",
        )
        .cell("windows=ltsc2019")
        .cell("net=flannel-host-gw"),
        life(USUAL, "ltsc2022", "flannel-vxlan", BOTH),
    ]
}

/// With the programs of every version that has a part in it.
fn in_full() -> Vec<Placed> {
    let newer = ["v1.35.4", "v1.36.3", "v1.37.2"].map(|kube| life(kube, "ltsc2022", "flannel-vxlan", BOTH));
    // Server 2025's HNS changes load balancers in place, and host-gw has no remote endpoints for services.
    let elsewhere = ["v1.34.4", "v1.37.2"].map(|kube| life(kube, "ltsc2025", "flannel-host-gw", PROXY));
    // The broken version fails and the mended one does not: the files say which.
    let pairs = [
        "local-service-keeps-its-vip",
        "services-survive-an-hns-outage",
        "port-of-the-endpoints",
        "endpoints-of-hns-15-4",
        "failed-load-balancer-is-tried-again",
    ];
    let pairs = pairs
        .map(|pair| Placed::new(&pair.replace('-', "_"), &format!("regressions/{pair}.winlab.yaml"), PROXY));
    // On every build and network of their files, with the minor that these name.
    let everywhere = [
        ("services_are_discovered_everywhere", "services/discovery.winlab.yaml"),
        ("kube_proxy_restarts_everywhere", "operations/kube-proxy-restart.winlab.yaml"),
        ("a_node_reboots", "operations/node-reboot.winlab.yaml"),
    ];
    let everywhere = everywhere.map(|(name, file)| Placed::new(name, file, PROXY));
    let network = Placed::new(
        "services_are_discovered_with_every_program_of_the_network",
        "services/discovery.winlab.yaml",
        "kube-proxy,flanneld,win-overlay",
    );
    let network = network.cell("windows=ltsc2025").cell("net=flannel-vxlan");
    // A minute of a lab is three seconds here: on a machine with other work, waits of the programs' run out.
    let scaled = discovery("services_are_discovered_at_twenty_times_the_pace", USUAL, BOTH).scaled();
    // Control plane and node of one minor, and a node that has stayed behind.
    let planes = [
        discovery("services_are_discovered_with_a_newer_control_plane", NEWER, BOTH),
        Placed::new(
            "a_node_stays_behind_its_control_plane",
            "versions/control-plane-first.winlab.yaml",
            BOTH,
        ),
    ];
    let planes = planes.map(Placed::on_binaries);
    let last = [network, scaled].into_iter().chain(planes);
    newer.into_iter().chain(elsewhere).chain(pairs).chain(everywhere).chain(last).collect()
}

/// Service discovery in one cell.
fn discovery(name: &str, kube: &str, real: &str) -> Placed {
    let placed = Placed::new(name, "services/discovery.winlab.yaml", real);
    placed.cell(&format!("kube={kube}")).cell("windows=ltsc2022").cell("net=flannel-vxlan")
}

/// The life of a service in one version.
fn life(kube: &str, windows: &str, net: &str, real: &'static str) -> Placed {
    let name = format!("a_service_lives_with_{real}_{kube}_on_{windows}_{net}");
    let placed = Placed::new(&name.replace([',', '-'], "_"), "services/life.winlab.yaml", real);
    let cells = [format!("kube={kube}"), format!("windows={windows}"), format!("net={net}")];
    cells.iter().fold(placed, |placed, cell| placed.cell(cell))
}
