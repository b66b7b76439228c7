//! Spans of time for people (apimachinery, `pkg/util/duration`).

use jiff::Timestamp;
use winlab_document::Document;

/// How long ago a timestamp of an object was.
pub(super) fn since(at: Option<&Document>, now: Timestamp) -> String {
    match at.and_then(instant) {
        Some(at) => human(now.as_second() - at.as_second()),
        None => "<unknown>".to_owned(),
    }
}

/// A timestamp of an object.
pub(super) fn instant(at: &Document) -> Option<Timestamp> {
    at.as_str()?.parse().ok()
}

/// `HumanDuration`: two or three significant figures.
pub(super) fn human(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let two = |large: i64, large_unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{large}{large_unit}"),
        _ => format!("{large}{large_unit}{small}{small_unit}"),
    };
    match () {
        () if seconds < -1 => "<invalid>".to_owned(),
        () if seconds < 0 => "0s".to_owned(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 24 * 8 => two(hours / 24, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{}d", hours / 24),
        () if hours < 24 * 365 * 8 => two(hours / 24 / 365, "y", (hours / 24) % 365, "d"),
        () => format!("{}y", hours / 24 / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn a_span_keeps_two_figures() {
        let shown: Vec<String> =
            [-5, 0, 119, 120, 599, 600, 10_799, 10_800, 90_000, 200_000, 864_000].map(human).into();
        let expected = ["<invalid>", "0s", "119s", "2m", "9m59s", "10m", "179m", "3h", "25h", "2d7h", "10d"];
        assert_eq!(shown, expected);
    }
}
