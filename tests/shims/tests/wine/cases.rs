//! What the probe must print.

use winlab_shims_tests::lab::{self, LAYER, Lab};
use winlab_shims_tests::prefix::Prefix;
use winlab_wine::Run;

type Case = fn(&Prefix) -> Result<(), String>;

pub(crate) const ALL: &[(&str, Case)] = &[
    ("computenetwork_keeps_the_rules_of_its_reference", computenetwork),
    ("a_large_document_goes_there_and_back", large),
    ("containers_run_through_both_generations_of_hcs", containers),
    ("counters_are_the_hosts", counters),
    ("wine_is_mended_where_it_lacks_something", patches),
    ("without_a_server_calls_fail_at_once", away),
    ("a_server_that_dies_during_a_call_fails_it", killed),
    ("a_server_that_goes_away_is_told_to_who_listens", gone),
    ("many_threads_call_and_nothing_grows", stress),
    ("powershell_keeps_routes_as_flannel_asks", powershell),
    ("what_powershell_and_netsh_do_not_know_fails", unknown_commands),
];

/// Both texts agree line by line, blanks at the ends aside.
fn same(printed: &str, expected: &str) -> Result<(), String> {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let (printed, expected) = (lines(printed), lines(expected));
    if printed == expected {
        return Ok(());
    }
    let wrong = printed.iter().zip(&expected).find(|(printed, expected)| printed != expected);
    Err(format!("first difference: {wrong:#?}\nthe probe printed\n{}", printed.join("\n")))
}

fn computenetwork(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    same(
        &prefix.probe(&lab.address, &["hcn"])?,
        r#"
        create network 0x0 handle true record NULL
        enumerate 0x0 ids 1 record NULL
        query 0x0 true record NULL
        create endpoint 0x0 handle true record NULL
        an endpoint is no network 0x80070006 0
        close 0x0 twice 0x80070006
        open nothing 0x80070490 handle 0 record {"Success":false,"Error":"Element not found. ","ErrorCode":2147943568}
        modify nothing 0x80070006
        delete nothing 0x80070490
        no JSON 0x803b001b record {"Success":false,"Error":"Invalid JSON document string. ","ErrorCode":2151350299}
        version 0x0 {"Success":true,"Output":{"Major":13,"Minor":3}}
        "#,
    )
}

fn large(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    same(
        &prefix.probe(&lab.address, &["large", "10000000"])?,
        r#"
        create 0x0 NULL
        query 0x0 whole true
        half a character 0x803b001b {"Success":false,"Error":"Invalid JSON document string. ","ErrorCode":2151350299}
        "#,
    )
}

fn containers(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    same(
        &prefix.probe(&lab.address, &["hcs", LAYER])?,
        r#"
        name 0x0 true
        exists 0x0 0
        scratch 0x0
        activate 0x0
        prepare 0x0
        mounted 0x0 0x0
        create 0x0 handle true result NULL
        again 0x8037010f result {"Error":-2143878897,"ErrorMessage":"A virtual machine or container with the specified identifier already exists."}
        register 0x0
        start 0x0
        process 0x0 pid true stderr 0
        wrote true read true true
        register 0x0
        process told (10000, 2, 0)
        properties 0x0 true
        terminate 0x0
        system told (1, 1, 0)
        unregister 0x0 close 0x0 twice 0x80070006
        name 0x0 true
        exists 0x0 0
        scratch 0x0
        activate 0x0
        prepare 0x0
        mounted 0x0 0x0
        before 0x80370115
        create 0x0 result 0x0
        document NULL process 0x80070057
        set 0x0 twice 0x80370119
        start 0x0 result 0x0
        process 0x0 result 0x0 pid true
        wrote true read true true
        ended 0x0 true
        enumerate 0x0
        result 0x0 true
        shutdown 0x0
        system told (1, 3, 0)
        open 0xc037010e
        "#,
    )
}

fn counters(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    same(
        &prefix.probe(&lab.address, &["counters"])?,
        r"
        open 0x0 empty 0x800007d5
        add 0x0
        unknown 0xc0000bb9
        early 0xc0000bc6
        collect 0x0
        values 0x800007d2 count 1
        values 0x0 above zero true
        close 0x0 twice 0xc0000bbc
        ",
    )
}

fn patches(prefix: &Prefix) -> Result<(), String> {
    same(
        &prefix.probe(NOBODY, &["patches"])?,
        r"
        prng 1 true
        compartment 1 set 0 3 none 87 no job 6
        others true
        startup 0 forwarded true
        unix true bind 0
        listen 0 file true
        in use -1 10048
        connect 0
        name 0 true
        send 4
        receive 4 ping
        left [1, 1, 1] true true 0x80000023
        refused -1 10061
        bound again -1 10048
        deleted, bound 0
        other [1, 1, 1] false false 0x0
        link 1 [1, 1, 1] true true 0xa000000c
        again 0 183
        leads true
        long 0 206 false
        backup true ended 1 0
        holds first...later
        other 0 50
        pipe 0x0 opened true
        removal true 0x0 false
        ",
    )
}

/// Where nobody listens.
const NOBODY: &str = "127.0.0.1:1";

fn away(prefix: &Prefix) -> Result<(), String> {
    let printed = prefix.probe(NOBODY, &["hcn"])?;
    let codes: Vec<_> = printed.lines().filter(|line| line.contains("0x800706ba")).collect();
    // Create, enumerate, open, delete, once more create, and V1; the others have no handle to use.
    if codes.len() == 6 && printed.contains("version 0x800706ba NULL") { Ok(()) } else { Err(printed) }
}

/// The first call is read and never answered; the ones after it find nobody.
fn killed(prefix: &Prefix) -> Result<(), String> {
    let printed = prefix.probe(&lab::dying_server(), &["hcn"])?;
    let is_told = printed.starts_with("create network 0x800706be handle false")
        && printed.contains("version 0x800706ba");
    if is_told { Ok(()) } else { Err(printed) }
}

/// The system's and the process's callback hear of it, a process's pipe ends, and closing still works.
fn gone(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    let address = lab.address.clone();
    let printed = prefix.probe_until(&address, &["gone", LAYER], "waiting", move || drop(lab))?;
    same(
        &printed,
        r"
        name 0x0 true
        exists 0x0 0
        scratch 0x0
        activate 0x0
        prepare 0x0
        mounted 0x0 0x0
        create 0x0
        start 0x0
        process 0x0
        register 0x0
        register 0x0
        waiting
        told [1, 2]
        output ends true
        fails true
        again 0x800706ba
        close 0x0
        ",
    )
}

fn stress(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    same(&prefix.probe(&lab.address, &["stress", "64", "100000"])?, "create 0x0\ngrew false")
}

/// As flannel wraps a command (`pkg/powershell/powershell.go`).
fn wrapped(command: &str) -> String {
    format!(r#"$ErrorActionPreference="Stop";try {{ {command} }} catch {{ Write-Host $_; os.Exit(-1) }}"#)
}

fn power_shell(command: &str) -> Run {
    Run::new(r"C:\windows\system32\WindowsPowerShell\v1.0\powershell.exe").arguments([
        "-NoLogo",
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        command,
    ])
}

/// Interface 4 is the host's first adapter, whose address this process does not have.
fn powershell(prefix: &Prefix) -> Result<(), String> {
    let lab = Lab::start("ltsc2022");
    let run = |command: &str| prefix.print(&lab.address, &power_shell(&wrapped(command)));
    let json = |command: &str| run(&wrapped(&format!("ConvertTo-Json ({command})")));
    let default =
        "Get-NetRoute | Where { $_.DestinationPrefix -eq '0.0.0.0/0' } | Select-Object -Property ifIndex";
    same(&json(default)?, r#"{"ifIndex":4}"#)?;
    run("New-NetRoute -InterfaceIndex 4 -DestinationPrefix 10.244.2.0/24 -NextHop  192.168.1.11")?;
    let listed = "@(Get-NetRoute -InterfaceIndex 4 -DestinationPrefix 10.244.2.0/24 | Select-Object -Property \
                  IfIndex,DestinationPrefix,NextHop)";
    same(&json(listed)?, r#"[{"IfIndex":4,"DestinationPrefix":"10.244.2.0/24","NextHop":"192.168.1.11"}]"#)?;
    run(
        "Remove-NetRoute -InterfaceIndex 4 -DestinationPrefix 10.244.2.0/24 -NextHop 192.168.1.11 -Verbose \
         -Confirm:$false",
    )?;
    let gone = json(listed).expect_err("there is no such route any more");
    if !gone
        .contains("No MSFT_NetRoute objects found with property 'DestinationPrefix' equal to '10.244.2.0/24'")
    {
        return Err(gone);
    }
    let forwarding = "Get-NetIPInterface -ifIndex 4 -AddressFamily IPv4 | Select-Object -Property Forwarding";
    same(&json(forwarding)?, r#"{"Forwarding":2}"#)?;
    run("Set-NetIPInterface -ifIndex 4 -AddressFamily IPv4 -Forwarding Enabled")?;
    same(&json(forwarding)?, r#"{"Forwarding":1}"#)
}

fn unknown_commands(prefix: &Prefix) -> Result<(), String> {
    let said = prefix.print(NOBODY, &power_shell("Get-Moon")).expect_err("there is no such cmdlet");
    let netsh = Run::new(r"C:\windows\system32\netsh.exe").arguments(["interface", "show"]);
    let netsh = prefix.print(NOBODY, &netsh).expect_err("nothing is modelled");
    let is_told = said.contains("The term 'Get-Moon' is not recognized")
        && netsh.contains("The following command was not found: interface show.");
    if is_told { Ok(()) } else { Err(said + &netsh) }
}
