//! Rules as kube-proxy and flannel load them, and what iptables-restore refuses.

use super::{Match, Netfilter, Rule, TableName, Target};

/// What kube-proxy 1.34 and flannel 0.28 load, shortened to one service with two endpoints.
const KUBE: &str = r#"*filter
:KUBE-FORWARD - [0:0]
-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]
:KUBE-SEP-BBBBBBBBBBBBBBBB - [0:0]
:KUBE-SEP-CCCCCCCCCCCCCCCC - [0:0]
:KUBE-POSTROUTING - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -j KUBE-POSTROUTING
-A KUBE-SERVICES -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.96.0.80 --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j RETURN
-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
-A KUBE-SVC-AAAAAAAAAAAAAAAA ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-SVC-AAAAAAAAAAAAAAAA -m recent --name KUBE-SEP-BBBBBBBBBBBBBBBB --rcheck --seconds 10800 --reap -j KUBE-SEP-BBBBBBBBBBBBBBBB
-A KUBE-SVC-AAAAAAAAAAAAAAAA -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-BBBBBBBBBBBBBBBB
-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-CCCCCCCCCCCCCCCC
-A KUBE-SEP-BBBBBBBBBBBBBBBB -m recent --name KUBE-SEP-BBBBBBBBBBBBBBBB --set -p tcp -m tcp -j DNAT --to-destination 10.244.1.5:8080
-A KUBE-SEP-CCCCCCCCCCCCCCCC -p tcp -m tcp -j DNAT --to-destination 10.244.2.5:8080
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
COMMIT
"#;

#[test]
fn rules_are_printed_as_iptables_save_prints_them() {
    let mut netfilter = Netfilter::default();
    netfilter.restore(KUBE, true).unwrap();
    let nat = netfilter.save("nat").unwrap();
    for line in [
        ":PREROUTING ACCEPT [0:0]",
        ":KUBE-MARK-MASQ - [0:0]",
        r#"-A KUBE-SERVICES -d 10.96.0.80/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA"#,
        "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
        "-A KUBE-SVC-AAAAAAAAAAAAAAAA ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ",
        "-A KUBE-SVC-AAAAAAAAAAAAAAAA -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-BBBBBBBBBBBBBBBB",
        "-A KUBE-SVC-AAAAAAAAAAAAAAAA -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-BBBBBBBBBBBBBBBB --mask 255.255.255.255 --rsource -j KUBE-SEP-BBBBBBBBBBBBBBBB",
        "-A KUBE-SEP-CCCCCCCCCCCCCCCC -p tcp -m tcp -j DNAT --to-destination 10.244.2.5:8080",
        "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0",
        "-A KUBE-POSTROUTING -j MASQUERADE --random-fully",
    ] {
        assert!(nat.lines().any(|printed| printed == line), "{line}\nis not in\n{nat}");
    }
}

#[test]
fn what_was_saved_loads_again_to_the_same() {
    let mut first = Netfilter::default();
    first.restore(KUBE, true).unwrap();
    let mut second = Netfilter::default();
    second.restore(&first.save("").unwrap(), false).unwrap();
    assert_eq!(second.save("").unwrap(), first.save("").unwrap());
    assert_eq!(second, first);
}

#[test]
fn a_missing_extension_is_refused_with_its_line_and_nothing_is_loaded() {
    let mut netfilter = Netfilter::default();
    netfilter.restore(KUBE, true).unwrap();
    let before = netfilter.clone();
    let text = "*nat\n:NEW - [0:0]\n-A NEW -m nfacct --nfacct-name x -j DROP\nCOMMIT\n";
    let error = netfilter.restore(text, true).unwrap_err();
    assert_eq!(error.line, 3);
    assert_eq!(
        error.to_string(),
        "iptables-restore v1.8.9 (legacy): Couldn't load match `nfacct':No such file or directory\n\n\
         Error occurred at line: 3\nTry `iptables-restore -h' or 'iptables-restore --help' for more information."
    );
    assert_eq!(netfilter, before);
}

#[test]
fn bad_input_is_refused() {
    for (text, line, problem) in [
        ("*nat\n-A PREROUTING -j NOWHERE\nCOMMIT\n", 2, "Couldn't load target `NOWHERE'"),
        ("*nat\n-A PREROUTING --dport 80\nCOMMIT\n", 2, "unknown option \"--dport\""),
        ("*nat\n-A NOWHERE -j ACCEPT\nCOMMIT\n", 2, ""),
        ("*filter\n-A INPUT -j MASQUERADE\nCOMMIT\n", 3, ""),
        ("*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j A\nCOMMIT\n", 6, ""),
        ("*nat\n:A - [0:0]\n-A PREROUTING -j A\n-X A\nCOMMIT\n", 4, ""),
        ("*nat\n-D PREROUTING -j ACCEPT\nCOMMIT\n", 2, ""),
        ("*nat\n-A PREROUTING -j ACCEPT\n", 2, "COMMIT expected at line 3"),
        ("*broute\nCOMMIT\n", 1, "can't initialize iptables table `broute'"),
        ("*nat\n-A PREROUTING -m comment --comment \"x\nCOMMIT\n", 2, "Unterminated quoted parameter"),
        (
            "*nat\n:KUBE-A-NAME-THAT-IS-MUCH-TOO-LONG - [0:0]\nCOMMIT\n",
            2,
            "too long (must be under 29 chars)",
        ),
        ("hello\n", 1, ""),
    ] {
        let error = Netfilter::default().restore(text, true).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(error.problem.contains(problem), "{text}: {}", error.problem);
        assert_eq!(error.problem.is_empty(), problem.is_empty(), "{text}: {}", error.problem);
    }
}

#[test]
fn without_noflush_a_table_is_emptied_with_it_only_the_declared_chains() {
    let mut netfilter = Netfilter::default();
    netfilter.restore(KUBE, true).unwrap();
    netfilter.restore("*nat\n:KUBE-MARK-MASQ - [0:0]\nCOMMIT\n", true).unwrap();
    let nat = netfilter.table(TableName::Nat).unwrap();
    assert!(nat.chains["KUBE-MARK-MASQ"].rules.is_empty());
    assert_eq!(nat.chains["KUBE-POSTROUTING"].rules.len(), 3);
    netfilter.restore("*nat\nCOMMIT\n", false).unwrap();
    assert_eq!(netfilter.table(TableName::Nat).unwrap().chains.len(), 4);
    assert_eq!(netfilter.table(TableName::Filter).unwrap().chains["KUBE-FORWARD"].rules.len(), 2);
}

#[test]
fn a_table_that_fails_leaves_the_ones_before_it_loaded() {
    let mut netfilter = Netfilter::default();
    let text = "*filter\n-P FORWARD DROP\nCOMMIT\n*nat\n-A PREROUTING -m bpf\nCOMMIT\n";
    assert!(netfilter.restore(text, false).is_err());
    assert!(netfilter.save("").unwrap().contains(":FORWARD DROP [0:0]"));
    assert!(netfilter.table(TableName::Nat).is_none());
}

#[test]
fn rules_have_a_text_form_of_their_own() {
    for text in [
        "! -i cni0 -o eth+ -p udp -m udp --sport 1:1024 --dport 53 -j ACCEPT",
        "-m physdev ! --physdev-is-bridged -j DROP",
        "-m multiport --dports 80,443 -j REJECT --reject-with tcp-reset",
        "-m statistic --mode nth --every 3 --packet 0 -g OTHER",
        "-m comment --comment \"say \\\"hi\\\"\" -j RETURN",
    ] {
        let text = text.replacen("-m multiport", "-p tcp -m multiport", 1);
        assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
    }
    let rule: Rule = "-d 10.1.2.3/8 -j SNAT --to-source 10.0.0.1-10.0.0.9:1024-2048".parse().unwrap();
    assert_eq!(rule.to_string(), "-d 10.0.0.0/8 -j SNAT --to-source 10.0.0.1-10.0.0.9:1024-2048");
    assert!(matches!(rule.matches[0], Match::Address { not: false, .. }));
    assert!(matches!(rule.target, Target::Snat { .. }));
}
