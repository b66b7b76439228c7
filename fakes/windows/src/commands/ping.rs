//! `ping` of the machine itself: everything else is the network's to answer.

use winlab_clock::VirtualSpan;
use winlab_fake_hcs::Behaviour;

use super::context::Context;
use super::failed;

pub(super) fn ping(context: &Context<'_, '_>) -> Option<Behaviour> {
    let (mut target, mut times, mut endless) = (None, 4, false);
    let mut arguments = context.arguments().iter();
    while let Some(argument) = arguments.next() {
        match argument.to_ascii_lowercase().as_str() {
            "-t" | "/t" => endless = true,
            "-n" | "/n" => match arguments.next().and_then(|count| count.parse().ok()) {
                Some(count) if count > 0 => times = count,
                _ => return Some(failed("Value must be supplied for option -n.\r\n", 1)),
            },
            "-w" | "/w" | "-l" | "/l" => drop(arguments.next()),
            "-4" | "-6" => {}
            _ => target = Some(argument.clone()),
        }
    }
    let target = target?;
    if !matches!(target.as_str(), "127.0.0.1" | "localhost" | "::1") {
        return None;
    }
    let address = if target == "::1" { "::1" } else { "127.0.0.1" };
    let statistics = format!(
        "\r\nPing statistics for {address}:\r\n    Packets: Sent = {times}, Received = {times}, Lost = 0 (0% loss),\r\n\
         Approximate round trip times in milli-seconds:\r\n    Minimum = 0ms, Maximum = 0ms, Average = 0ms\r\n"
    );
    Some(Behaviour::Repeating {
        head: format!("\r\nPinging {target} with 32 bytes of data:\r\n").into_bytes(),
        line: format!("Reply from {address}: bytes=32 time<1ms TTL=128\r\n").into_bytes(),
        every: VirtualSpan::from_secs(1),
        times: (!endless).then_some(times),
        tail: statistics.into_bytes(),
    })
}
