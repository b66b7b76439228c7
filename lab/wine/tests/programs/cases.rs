//! What must hold.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a lab's side has a socket, and a prefix that is gone is a folder that is gone"
)]

use std::path::Path;

use futures::StreamExt as _;
use jiff::Timestamp;
use winlab_clock::{Clock, Pace, VirtualSpan};
use winlab_wine::{Line, Nic, Run, Segment, Stopped, Stream, World};

use crate::bench::{Bench, Needs, finish, on_runtime, own_kib, processes_of, run, same};
use crate::doomed;

pub(crate) type Case = fn(&Bench) -> Result<(), String>;

pub(crate) const ALL: &[(&str, Needs, Case)] = &[
    ("a_program_gets_its_arguments_as_they_are", Needs::Nothing, arguments),
    ("a_program_sees_its_folder_its_environment_and_no_other", Needs::Nothing, surroundings),
    ("a_node_is_of_its_build_and_name", Needs::Nothing, identity),
    ("an_exit_code_is_told", Needs::Nothing, exit_code),
    ("a_program_that_is_asked_ends_by_itself", Needs::Nothing, asked),
    ("a_program_that_does_not_listen_is_killed_after_the_grace", Needs::Nothing, stubborn),
    ("two_nodes_reach_the_lab_from_their_own_addresses", Needs::Network, addresses),
    ("a_node_of_its_own_network_has_its_own_name", Needs::Network, computer_name),
    ("a_scaled_clock_is_the_programs_clock_too", Needs::Faketime, scaled),
    ("a_program_on_a_scaled_clock_finds_its_adapter", Needs::Network, scaled_adapters),
    ("nothing_is_left_of_a_node_that_is_dropped", Needs::Nothing, dropped),
    ("a_panic_leaves_nothing", Needs::Nothing, panicked),
    ("programs_end_with_a_process_that_is_killed_and_its_prefix_at_the_next_start", Needs::Nothing, killed),
    ("a_node_is_ready_soon", Needs::Nothing, soon),
];

fn arguments(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win1").await;
        let words =
            ["arguments", "", "two words", r#"a "quoted" one"#, r"C:\k\", r#"back\"slash"#, "ü", "%PATH%"];
        let (code, lines) = finish(&node, &run(&words)).await;
        let expected: Vec<_> = words[1..].iter().map(|word| format!("<{word}>")).collect();
        same((code, lines), (Some(0), expected))
    })
}

fn surroundings(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win1").await;
        let names = ["surroundings", "WINLAB_SERVER", "WINLAB_HOST", "MINE", "DISPLAY", "CARGO_MANIFEST_DIR"];
        let run = run(&names).variable("MINE", "1 2").in_folder(r"C:\Var\Lib");
        let (code, lines) = finish(&node, &run).await;
        same(code, Some(0))?;
        let expected = [
            r"folder C:\Var\Lib",
            "WINLAB_SERVER 127.0.0.1:1",
            "WINLAB_HOST win1",
            "MINE 1 2",
            "DISPLAY unset",
            "CARGO_MANIFEST_DIR unset",
        ];
        let missing: Vec<_> =
            expected.iter().filter(|line| !lines.iter().any(|found| found == *line)).collect();
        let has_error = lines.iter().any(|line| line == "and this on standard error");
        if missing.is_empty() && has_error { Ok(()) } else { Err(format!("{lines:#?} lacks {missing:?}")) }
    })
}

fn identity(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win7").await;
        let system = |program: &str| Run::new(format!(r"C:\Windows\System32\{program}"));
        let (_, version) = finish(&node, &system("cmd.exe").arguments(["/c", "ver"])).await;
        same(version.join(""), "Microsoft Windows 10.0.20348".to_owned())?;
        let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
        for (value, expected) in
            [("UBR", "0xaca"), ("CurrentBuild", "20348"), ("ProductName", "Windows Server 2022 Datacenter")]
        {
            let (_, lines) = finish(&node, &system("reg.exe").arguments(["query", key, "/v", value])).await;
            let has = lines.iter().any(|line| line.starts_with(value) && line.ends_with(expected));
            if !has {
                return Err(format!("{value} is not {expected}: {lines:?}"));
            }
        }
        Ok(())
    })
}

fn exit_code(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win1").await;
        same(finish(&node, &run(&["exit", "7"])).await, (Some(7), Vec::new()))
    })
}

fn asked(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win1").await;
        let (mut program, mut lines) = node.start_program(&run(&["wait"])).expect("it starts");
        let line = |text: &str| Some(Line { stream: Stream::Stdout, text: text.to_owned() });
        same(lines.next().await, line("waiting 1"))?;
        let stopped = program.stop(VirtualSpan::from_secs(60)).await.expect("it is told");
        same(lines.next().await, line("event 0"))?;
        same(lines.next().await, None)?;
        let Stopped::Ended(status) = stopped else { return Err("it was killed".into()) };
        same(status.code(), Some(0))
    })
}

fn stubborn(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win1").await;
        let (mut program, mut lines) = node.start_program(&run(&["stay"])).expect("it starts");
        lines.next().await;
        let stopped = program.stop(VirtualSpan::from_millis(500)).await.expect("it is told");
        same((stopped, program.pid()), (Stopped::Killed, None))
    })
}

fn segment() -> Segment {
    let prefix = |text: &str| text.parse().expect("a prefix");
    Segment { addresses: vec![prefix("192.168.0.1/16"), prefix("192.168.0.2/16")], mtu: 1500 }
}

fn nic(number: u8) -> Nic {
    Nic {
        name: "Ethernet".to_owned(),
        address: format!("192.168.0.{number}/16").parse().expect("a prefix"),
        mac: format!("02-00-5E-00-00-{number:02}").parse().expect("a MAC"),
        gateway: Some("192.168.0.1".parse().expect("an address")),
        mtu: 1450,
    }
}

fn addresses(bench: &Bench) -> Result<(), String> {
    let world = World::enter(&bench.probe, &segment()).map_err(|error| error.to_string())?;
    on_runtime(async {
        let listener = tokio::net::TcpListener::bind("192.168.0.2:6443").await.expect("the address is there");
        for number in [11, 12] {
            let name = format!("win{number}");
            let network = world.node(&name, &nic(number)).map_err(|error| error.to_string())?;
            let node = bench.wine().node(bench.config(&name, Pace::Real), Some(network)).await;
            let node = bench.with_program(node.expect("a node starts"));
            let connect = run(&["connect", "192.168.0.2:6443"]);
            let (accepted, (_, lines)) =
                futures::future::join(listener.accept(), finish(&node, &connect)).await;
            let (_, from) = accepted.expect("it connects");
            let address = format!("192.168.0.{number}");
            same(from.ip().to_string(), address.clone())?;
            same(lines, vec![format!("connected from {address}")])?;
        }
        Ok(())
    })
}

fn computer_name(bench: &Bench) -> Result<(), String> {
    let world = World::enter(&bench.probe, &segment()).map_err(|error| error.to_string())?;
    on_runtime(async {
        let network = world.node("win12", &nic(12)).map_err(|error| error.to_string())?;
        let node = bench.wine().node(bench.config("win12", Pace::Real), Some(network)).await;
        let node = bench.with_program(node.expect("a node starts"));
        let (_, lines) = finish(&node, &run(&["surroundings", "COMPUTERNAME"])).await;
        let has_it = lines.iter().any(|line| line == "COMPUTERNAME WIN12");
        if has_it { Ok(()) } else { Err(format!("{lines:?}")) }
    })
}

fn scaled(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let config = bench.config("win1", Pace::Scaled(20));
        let clock = config.clock;
        let node = bench.with_program(bench.wine().node(config, None).await.expect("a node starts"));
        let (before, start) = (clock.timestamp().as_second(), clock.now());
        let (_, lines) = finish(&node, &run(&["sleep", "60"])).await;
        let (after, passed) = (clock.timestamp().as_second(), clock.now().since(start).as_secs());
        let numbers: Vec<i64> =
            lines.join("").split(' ').map(|number| number.parse().unwrap_or_default()).collect();
        let &[date, monotonic, wall] = numbers.as_slice() else { return Err(format!("{lines:?}")) };
        // Its date lies in the lab's, and its minute took no longer than the lab's clock says.
        let is_date = (before - 20..=after).contains(&date);
        let is_minute = (60..=70).contains(&monotonic) && (60..=70).contains(&wall) && passed >= 55;
        if !(is_date && is_minute) {
            return Err(format!("from {before} to {after}, {passed} s by the lab's clock: {lines:?}"));
        }
        // The services that a program needs have started, though they took longer than theirs allowed them by that clock.
        let (code, adapters) = finish(&node, &Run::new(r"C:\Windows\System32\ipconfig.exe")).await;
        let has_address = adapters.iter().any(|line| line.contains("IPv4"));
        if has_address { Ok(()) } else { Err(format!("ipconfig ended with {code:?}: {adapters:?}")) }
    })
}

fn scaled_adapters(bench: &Bench) -> Result<(), String> {
    let world = World::enter(&bench.probe, &segment()).map_err(|error| error.to_string())?;
    on_runtime(async {
        let network = world.node("win12", &nic(12)).map_err(|error| error.to_string())?;
        let node = bench.wine().node(bench.config("win12", Pace::Scaled(20)), Some(network)).await;
        let node = bench.with_program(node.expect("a node starts"));
        let (code, adapters) = finish(&node, &Run::new(r"C:\Windows\System32\ipconfig.exe")).await;
        let has_address = adapters.iter().any(|line| line.contains("192.168.0.12"));
        if has_address { Ok(()) } else { Err(format!("ipconfig ended with {code:?}: {adapters:?}")) }
    })
}

fn dropped(bench: &Bench) -> Result<(), String> {
    on_runtime(async {
        let node = bench.node("win1").await;
        let prefix = node.prefix().to_owned();
        let (program, mut lines) = node.start_program(&run(&["stay"])).expect("it starts");
        lines.next().await;
        same((prefix.is_dir(), processes_of(&prefix).is_empty()), (true, false))?;
        drop((node, program));
        same((prefix.is_dir(), processes_of(&prefix)), (false, Vec::new()))
    })
}

/// Waits until no process of a prefix is left; each program needs some moments to end.
async fn until_none_of(prefix: &Path) -> Result<(), String> {
    let clock = Clock::start(Pace::Real, Timestamp::UNIX_EPOCH);
    let gone = async {
        while !processes_of(prefix).is_empty() {
            clock.sleep(VirtualSpan::from_millis(20)).await;
        }
    };
    let waited = clock.within(VirtualSpan::from_secs(60), gone).await;
    waited.map_err(|_| format!("still running: {:?}", processes_of(prefix)))
}

fn panicked(_: &Bench) -> Result<(), String> {
    let (mut child, prefix) = doomed::start("panic");
    let status = child.wait().expect("it ends");
    same((status.code(), prefix.is_dir()), (Some(101), false))?;
    on_runtime(until_none_of(&prefix))
}

fn killed(bench: &Bench) -> Result<(), String> {
    let (mut child, prefix) = doomed::start("kill");
    same(processes_of(&prefix).is_empty(), false)?;
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    on_runtime(until_none_of(&prefix))?;
    same(prefix.is_dir(), true)?;
    on_runtime(async {
        let _next = bench.node("next").await;
        same(prefix.is_dir(), false)
    })
}

/// The target is 1.5 s on two cores with nothing else to do; what it was is printed, since a test asserts no times.
fn soon(bench: &Bench) -> Result<(), String> {
    bench.wine().prepare().map_err(|error| error.to_string())?;
    on_runtime(async {
        let config = bench.config("win1", Pace::Real);
        let (clock, start) = (config.clock, config.clock.now());
        let node = bench.wine().node(config, None).await.map_err(|error| format!("{error:?}"))?;
        let took = clock.now().since(start);
        crate::say(&format!(
            "a node was ready in {} ms; its own files are {} KiB",
            took.as_millis(),
            own_kib(node.prefix())
        ));
        Ok(())
    })
}
