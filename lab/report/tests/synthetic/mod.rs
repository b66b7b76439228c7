//! One rich run, event by event: every kind of event, every way a case can end, and strings that try to break out.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_events::{
    ActionOutcome, BoundaryCall, CaseFinished, CaseName, CaseSkipped, CaseStarted, Change, CheckFailed,
    CheckKind, CheckSatisfied, Code, ComponentLog, Crash, Event, Evidence, FORMAT, FailureReason, Fault,
    Happening, Hop, HostObjectChanged, KnownFailure, KubeObjectChanged, Level, Notification, Outcome, Place,
    PlannedCase, Remark, ResultCode, RunFinished, RunStarted, Severity, StepFinished, StepStarted, Summary,
    TimedCall, Unmodelled, UnmodelledCount, View, Walk, Wall,
};

const SECOND: u64 = 1_000_000_000;

const JOIN: &str = "join-basic[kube=v1.36.1,windows=ltsc2022]";
const OUTAGE: &str = "proxy-survives-hns-restart[kube=v1.37.2]";
const KNOWN: &str = "proxy-survives-hns-restart[kube=v1.36.1]";
const FIXED: &str = "dsr-session-affinity";
const REAL: &str = "real-proxy[windows=ltsc2025]";
const CRASHED: &str = "drain";
const HOSTILE: &str = "hostile";
const STOPPED: &str = "soak";

/// The whole run.
pub(crate) fn run() -> Vec<Event> {
    let mut events = vec![started()];
    events.push(Event::of_run(remark(Severity::Warning, "--seed was given twice; the last one counts")));
    events.extend(join());
    events.extend(outage());
    events.extend(known());
    events.extend(fixed());
    events.push(Event::of_case(
        0,
        REAL.into(),
        CaseSkipped { reason: "needs wine: no `wine` in PATH".into(), need: Some("wine".into()) },
    ));
    events.extend(crashed());
    events.extend(hostile());
    events.push(finished());
    walled(events)
}

/// The same run, killed before its sixth case ended.
pub(crate) fn interrupted() -> Vec<Event> {
    let mut events = run();
    let crash =
        events.iter().position(|event| event.case.as_deref() == Some(CRASHED)).expect("the case is there");
    events.truncate(crash + 2);
    events
}

/// A run that is green.
pub(crate) fn green() -> Vec<Event> {
    let mut events = vec![started_with(&[(JOIN, "join-basic")])];
    events.extend(join());
    let summary = Summary { passed: 1, ..Summary::default() };
    events.push(Event::of_run(RunFinished {
        summary,
        virtual_ns: 134 * SECOND,
        seed: "42".into(),
        rerun: "winlab test --seed 42".into(),
        unmodelled: Vec::new(),
    }));
    walled(events)
}

/// Every event a millisecond after the last; what ends took as long as its place in the stream says.
fn walled(events: Vec<Event>) -> Vec<Event> {
    let stamp = |(number, mut event): (usize, Event)| {
        let at_ns = u64::try_from(number).unwrap() * 1_000_000;
        let ends = matches!(
            event.what,
            Happening::CaseFinished(_) | Happening::StepFinished(_) | Happening::RunFinished(_)
        );
        event.wall = Some(Wall { at_ns, took_ns: ends.then_some(at_ns + 500_000) });
        event
    };
    events.into_iter().enumerate().map(stamp).collect()
}

fn started() -> Event {
    started_with(&[
        (JOIN, "join-basic"),
        (OUTAGE, "proxy-survives-hns-restart"),
        (KNOWN, "proxy-survives-hns-restart"),
        (FIXED, "dsr-session-affinity"),
        (REAL, "real-proxy"),
        (CRASHED, "drain"),
        (HOSTILE, "hostile"),
        (STOPPED, "soak"),
    ])
}

fn started_with(cases: &[(&str, &str)]) -> Event {
    let cases = cases
        .iter()
        .map(|(name, scenario)| PlannedCase {
            name: CaseName::from(*name),
            scenario: (*scenario).into(),
            file: file(scenario),
            cell: cell(name),
        })
        .collect();
    Event::of_run(RunStarted {
        format: FORMAT,
        winlab: "0.1.0".into(),
        seed: "42".into(),
        rerun: "winlab test --seed 42".into(),
        cases,
    })
}

fn file(scenario: &str) -> String {
    format!("scenarios/{scenario}.winlab.yaml")
}

fn cell(name: &str) -> BTreeMap<String, String> {
    let inside = name.split_once('[').map_or("", |(_, rest)| rest.trim_end_matches(']'));
    inside.split(',').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()
}

fn place(scenario: &str, line: u32, column: u32) -> Place {
    Place { file: file(scenario).into(), line, column }
}

fn rerun(case: &str) -> String {
    format!("winlab test --seed 42 '{case}'")
}

/// A case of one step: begin, what happens in it, end.
fn case(name: &str, scenario: &str, step: &str, outcome: Outcome, happenings: Vec<Happening>) -> Vec<Event> {
    let name = CaseName::from(name);
    let step: Arc<str> = step.into();
    let start = CaseStarted {
        scenario: scenario.into(),
        file: file(scenario),
        cell: cell(&name),
        seed: "42".into(),
        pace: None,
    };
    let step_start = StepStarted {
        number: 2,
        of: 3,
        action: Some("fault hns/win1 stop 20s".into()),
        place: place(scenario, 29, 5),
    };
    let mut events = vec![
        Event::of_case(0, name.clone(), start),
        Event::of_step(30 * SECOND, name.clone(), step.clone(), step_start),
    ];
    let inside = |what| Event::of_step(31 * SECOND, name.clone(), step.clone(), what);
    events.extend(happenings.into_iter().map(inside));
    let virtual_ns = 62 * SECOND;
    events.push(Event::of_step(92 * SECOND, name.clone(), step, StepFinished { outcome, virtual_ns }));
    events.push(Event::of_case(
        134 * SECOND,
        name.clone(),
        CaseFinished { outcome, virtual_ns: 134 * SECOND, seed: "42".into(), rerun: rerun(&name) },
    ));
    events
}

fn join() -> Vec<Event> {
    let mut skew =
        remark(Severity::Warning, "kubelet v1.31.0 is older than the API server's v1.36.1 by five minors");
    skew.code = Some("version-skew".into());
    skew.hint = Some("https://kubernetes.io/releases/version-skew-policy/ allows three".into());
    skew.place = Some(place("join-basic", 9, 12));
    case(
        JOIN,
        "join-basic",
        "ready",
        Outcome::Passed,
        vec![
            Happening::ActionDone(ActionOutcome {
                action: "join".into(),
                detail: "win1 by scripts".into(),
                error: None,
                place: place("join-basic", 12, 5),
            }),
            call(None).into(),
            Notification {
                host: "win1".into(),
                service: "hns".into(),
                notification: "HcnNotificationNetworkCreate".into(),
                object: Some("flannel.4096".into()),
                detail: None,
            }
            .into(),
            KubeObjectChanged {
                change: Change::Modified,
                kind: "Node".into(),
                namespace: None,
                name: "win1".into(),
                resource_version: "107".into(),
                detail: Some("Ready=True".into()),
            }
            .into(),
            HostObjectChanged {
                host: "win1".into(),
                service: "hns".into(),
                change: Change::Added,
                kind: "network".into(),
                id: "6f1c".into(),
                name: Some("flannel.4096".into()),
            }
            .into(),
            ComponentLog {
                node: Some("win1".into()),
                component: "kubelet".into(),
                level: Level::Info,
                message: "Successfully registered node".into(),
            }
            .into(),
            walk("ok", None).into(),
            CheckSatisfied {
                kind: CheckKind::Expect,
                target: "k8s node/win1".into(),
                after_ns: 3 * SECOND,
                place: Some(place("join-basic", 14, 9)),
            }
            .into(),
            skew.into(),
            remark(Severity::Note, "the flannel network was created before the first pod").into(),
        ],
    )
}

fn outage() -> Vec<Event> {
    let place = place("proxy-survives-hns-restart", 24, 9);
    let check = CheckFailed {
        kind: CheckKind::Expect,
        target: "hns win1/loadbalancers".into(),
        reason: FailureReason::AtRest,
        message: "count is 0, expected 1".into(),
        say: Some("one load balancer for the VIP, both pods behind it".into()),
        hint: Some("kube-proxy has not synced since HNS came back".into()),
        after_ns: 62 * SECOND,
        place: Some(place.clone()),
    };
    let evidence = Evidence {
        excerpt: Some(
            "24 |       - hns: win1/loadbalancers\n   |              ^ count is 0, expected 1".into(),
        ),
        diagnostics: vec![
            "where: '\"10.96.0.80\" in it.FrontendVIPs' matched none of 3 load balancers".into(),
        ],
        diff: Some(" HostComputeEndpoints:\n- - 1b2c\n- - 3d4e\n+ []".into()),
        last_calls: vec![
            TimedCall { at_ns: 51 * SECOND + 3_000_000, call: call(None) },
            TimedCall { at_ns: 61 * SECOND, call: call(Some(0x803b_0013)) },
        ],
        views: vec![View {
            title: "hnsdiag list loadbalancers on win1".into(),
            text: "ID                                   | Virtual IPs | Direct IP IDs\n(none)".into(),
        }],
        walks: vec![walk("timeout", Some(2))],
        rerun: rerun(OUTAGE),
    };
    let fault = Fault { at: "hns/win1".into(), fault: "stop 20s then rehydrate".into(), active: true };
    let unmodelled =
        Unmodelled { host: Some("win1".into()), service: "hns".into(), what: "HcnQuerySdnRoute".into() };
    case(
        OUTAGE,
        "proxy-survives-hns-restart",
        "back-in-service",
        Outcome::Failed,
        vec![fault.into(), unmodelled.clone().into(), unmodelled.into(), check.into(), evidence.into()],
    )
}

fn known() -> Vec<Event> {
    let place = place("proxy-survives-hns-restart", 11, 5);
    let check = CheckFailed {
        kind: CheckKind::Reach,
        target: "pod/client@win1 -> service/web:80".into(),
        reason: FailureReason::Timeout,
        message: "timeout, expected ok x4".into(),
        say: None,
        hint: None,
        after_ns: 60 * SECOND,
        place: Some(place.clone()),
    };
    let known = KnownFailure { reason: "kubernetes#139519".into(), failed_as_expected: true, place };
    case(
        KNOWN,
        "proxy-survives-hns-restart",
        "back-in-service",
        Outcome::KnownFailure,
        vec![check.into(), known.into()],
    )
}

fn fixed() -> Vec<Event> {
    let place = place("dsr-session-affinity", 7, 5);
    let known = KnownFailure { reason: "kubernetes#100000".into(), failed_as_expected: false, place };
    case(FIXED, "dsr-session-affinity", "sticky", Outcome::UnexpectedPass, vec![known.into()])
}

fn crashed() -> Vec<Event> {
    let crash = Crash {
        component: "node/kubelet".into(),
        message: "index out of bounds: the len is 0 but the index is 0".into(),
        location: Some("lab/node/src/kubelet/status.rs:88:17".into()),
    };
    case(CRASHED, "drain", "evict", Outcome::Crashed, vec![crash.into()])
}

/// What a container could print and an object could be called.
const EVIL: &str =
    "a\u{1b}[2J\u{7}]]>\n::error::pwned %0A, 100% <b>&amp; ``` | \u{202e}gpj\u{0}\r\n::set-output name=x::y";

fn hostile() -> Vec<Event> {
    let action = ActionOutcome {
        action: "exec".into(),
        detail: EVIL.into(),
        error: Some(EVIL.into()),
        place: Place { file: "scenarios/ho,st:ile 100%\n.winlab.yaml".into(), line: 3, column: 1 },
    };
    let check = CheckFailed {
        kind: CheckKind::Never,
        target: EVIL.into(),
        reason: FailureReason::Violated,
        message: EVIL.into(),
        say: Some(EVIL.into()),
        hint: None,
        after_ns: SECOND / 4,
        place: None,
    };
    let mut evil_call = call(Some(0x8000_4005));
    evil_call.arguments = EVIL.into();
    evil_call.error = Some(ResultCode { code: Code(0x8000_4005), name: None });
    let evidence = Evidence {
        diff: Some(format!("-{EVIL}\n+fine")),
        last_calls: vec![TimedCall { at_ns: SECOND, call: evil_call }],
        views: vec![View { title: EVIL.into(), text: EVIL.into() }],
        rerun: rerun(HOSTILE),
        ..Evidence::default()
    };
    case(
        HOSTILE,
        "hostile",
        EVIL,
        Outcome::Failed,
        vec![Happening::ActionFailed(action), check.into(), evidence.into()],
    )
}

fn finished() -> Event {
    Event::of_run(RunFinished {
        summary: Summary {
            passed: 1,
            failed: 2,
            known_failures: 1,
            unexpected_passes: 1,
            skipped: 1,
            crashed: 1,
            not_finished: 1,
        },
        virtual_ns: 6 * 134 * SECOND,
        seed: "42".into(),
        rerun: "winlab test --seed 42".into(),
        unmodelled: vec![
            UnmodelledCount { service: "hns".into(), what: "HcnQuerySdnRoute".into(), count: 2 },
            UnmodelledCount { service: "kube-api".into(), what: "GET /openapi/v2".into(), count: 1 },
        ],
    })
}

fn remark(severity: Severity, message: &str) -> Remark {
    Remark { severity, code: None, message: message.into(), hint: None, place: None, excerpt: None }
}

fn call(error: Option<u32>) -> BoundaryCall {
    BoundaryCall {
        host: "win1".into(),
        service: "hns".into(),
        caller: Some("kube-proxy".into()),
        call: "HcnCreateLoadBalancer".into(),
        arguments: "VIP=10.96.0.80 TCP 80->8080 endpoints=1b2c,3d4e Flags=EnableDirectServerReturn".into(),
        error: error
            .map(|code| ResultCode { code: Code(code), name: Some("HCN_E_ADDR_INVALID_OR_RESERVED".into()) }),
        answer: if error.is_some() { "{\"Success\":false}".into() } else { "ID=9a8b".into() },
        latency_ns: 2_000_000,
    }
}

fn walk(verdict: &str, decided_by: Option<u32>) -> Walk {
    let hop = |kind: &'static str, id: &str, name: Option<&str>, decision: &'static str, detail: &str| Hop {
        node: "win1".into(),
        object_kind: kind.into(),
        object_id: id.into(),
        object_name: name.map(str::to_owned),
        decision: decision.into(),
        detail: detail.into(),
    };
    Walk {
        from: "pod/client@win1".into(),
        to: "service/web:80".into(),
        protocol: "tcp".into(),
        verdict: verdict.into(),
        expected: Some("ok".into()),
        place: None,
        decided_by,
        hops: vec![
            hop("endpoint", "1b2c", Some("client"), "forward", "10.244.1.7:49152 -> 10.96.0.80:80"),
            hop("acl", "", None, "forward", "no ACL of priority below 65500 matches"),
            hop(
                "outbound-nat",
                "1b2c",
                None,
                "drop",
                "no load balancer has the VIP 10.96.0.80; the default route leads nowhere",
            ),
        ],
    }
}
