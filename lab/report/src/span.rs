//! Spans of time as people read them.

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Real time, always in seconds with three digits so that a column of them lines up: `0.031s`.
pub(crate) fn real(ns: u64) -> String {
    // Half a millisecond is added, as `{:.3}` of a float would round.
    let ms = ns.saturating_add(MS / 2) / MS;
    format!("{}.{:03}s", ms / 1_000, ms % 1_000)
}

/// Scenario time, in the units the scenario would be written in: `350ms`, `2.5s`, `2m14s`, `1h02m`.
pub(crate) fn scenario(ns: u64) -> String {
    match ns {
        0 => "0s".to_owned(),
        _ if ns < MS => format!("{}us", ns / 1_000),
        _ if ns < SECOND => format!("{}ms", ns / MS),
        _ if ns < MINUTE && ns % SECOND < 100 * MS => format!("{}s", ns / SECOND),
        _ if ns < MINUTE => format!("{}.{}s", ns / SECOND, ns % SECOND / (100 * MS)),
        _ if ns < HOUR => format!("{}m{:02}s", ns / MINUTE, ns % MINUTE / SECOND),
        _ => format!("{}h{:02}m", ns / HOUR, ns % HOUR / MINUTE),
    }
}

/// A moment of scenario time in seconds with milliseconds: `12.003s`.
pub(crate) fn moment(ns: u64) -> String {
    format!("{}.{:03}s", ns / SECOND, ns % SECOND / MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_keep_two_units_at_most() {
        let cases = [
            (0, "0s"),
            (999, "0us"),
            (1_500, "1us"),
            (350 * MS, "350ms"),
            (SECOND, "1s"),
            (2 * SECOND + 540 * MS, "2.5s"),
            (MINUTE - 1, "59.9s"),
            (2 * MINUTE + 14 * SECOND, "2m14s"),
            (HOUR + 2 * MINUTE, "1h02m"),
            (100 * HOUR, "100h00m"),
        ];
        for (ns, text) in cases {
            assert_eq!(scenario(ns), text, "{ns}");
        }
        assert_eq!(real(31 * MS + MS / 2), "0.032s");
        assert_eq!(real(61 * SECOND), "61.000s");
        assert_eq!(real(u64::MAX), "18446744073.709s");
        assert_eq!(moment(12 * SECOND + 3 * MS), "12.003s");
    }
}
