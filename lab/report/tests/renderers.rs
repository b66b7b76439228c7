//! Every renderer over one rich run. The expected output is in `snapshots/`.

mod synthetic;

use std::io;
use std::sync::{Arc, Mutex};

use winlab_events::{Event, Journal, Sink};
use winlab_report::{
    Gathering, Look, Progress, ProgressDrawTarget, RenderSink, RunReport, Terminal, Verbosity, github, json,
    junit,
};

fn report(events: &[Event]) -> RunReport {
    let gathering = Gathering::new();
    events.iter().for_each(|event| gathering.emit(event));
    gathering.into_report()
}

fn terminal(events: &[Event], look: Look) -> String {
    let mut out = Vec::new();
    let sink = RenderSink::new(Terminal::new(&mut out, look, None));
    events.iter().for_each(|event| sink.emit(event));
    sink.finish().expect("a vector takes every byte");
    String::from_utf8(out).expect("only text was written")
}

fn written(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a vector takes every byte");
    String::from_utf8(out).expect("only text was written")
}

fn look(verbosity: Verbosity) -> Look {
    Look { verbosity, ..Look::default() }
}

#[test]
fn terminal_plain() {
    insta::assert_snapshot!(terminal(&synthetic::run(), look(Verbosity::Normal)));
}

#[test]
fn terminal_quiet() {
    insta::assert_snapshot!(terminal(&synthetic::run(), look(Verbosity::Quiet)));
}

#[test]
fn terminal_verbose() {
    insta::assert_snapshot!(terminal(&synthetic::run(), look(Verbosity::Verbose)));
}

#[test]
fn terminal_green() {
    insta::assert_snapshot!(terminal(&synthetic::green(), look(Verbosity::Normal)));
    insta::assert_snapshot!("terminal_green_quiet", terminal(&synthetic::green(), look(Verbosity::Quiet)));
}

#[test]
fn terminal_narrow_clips_calls_walks_and_views_but_never_a_rerun_line() {
    let text = terminal(&synthetic::run(), Look { width: Some(60), ..Look::default() });
    insta::assert_snapshot!(text);
    assert!(text.contains("rerun: winlab test --seed 42 'proxy-survives-hns-restart[kube=v1.37.2]'\n"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = terminal(&synthetic::run(), Look { colour: true, ..Look::default() });
    let plain = terminal(&synthetic::run(), Look::default());
    assert_ne!(coloured, plain);
    assert_eq!(without_colour(&coloured), plain);
}

/// Removes `ESC [ … m`.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').expect("only colours are set").1);
    }
    out
}

#[test]
fn nothing_hostile_reaches_a_terminal_or_begins_a_line() {
    let text = terminal(&synthetic::run(), Look::default());
    assert!(!text.chars().any(|c| c != '\n' && c.is_control()));
    assert!(!text.contains('\u{202e}'));
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")));
}

#[test]
fn json_document() {
    let text = written(|out| json::write(&report(&synthetic::run()), out));
    insta::assert_snapshot!(text);
}

#[test]
fn json_of_an_interrupted_run() {
    let text = written(|out| json::write(&report(&synthetic::interrupted()), out));
    assert!(text.contains("\"finished\": false"));
    assert!(text.contains("\"not_finished\": 3"));
}

#[test]
fn junit_file() {
    insta::assert_snapshot!(written(|out| junit::write(&report(&synthetic::run()), out)));
}

#[test]
fn junit_of_an_interrupted_run_is_not_green() {
    let text = written(|out| junit::write(&report(&synthetic::interrupted()), out));
    assert!(text.contains("type=\"not-finished\""), "{text}");
    assert!(text.contains("type=\"not-begun\""), "{text}");
}

#[test]
fn junit_escapes_what_would_end_a_section() {
    let text = written(|out| junit::write(&report(&synthetic::run()), out));
    assert!(!text.contains("]]>"));
    assert!(!text.chars().any(|c| c != '\n' && c.is_control()));
}

#[test]
fn github_annotations() {
    let text = written(|out| github::write_annotations(&report(&synthetic::run()), out));
    assert!(text.lines().all(|line| line.starts_with("::")));
    insta::assert_snapshot!(text);
}

#[test]
fn github_summary() {
    insta::assert_snapshot!(written(|out| github::write_summary(&report(&synthetic::run()), out)));
}

#[test]
fn github_summary_stays_below_the_limit_and_says_what_it_left_out() {
    let mut events = synthetic::run();
    let failing: Vec<_> =
        events.iter().filter(|event| event.case.as_deref() == Some("hostile")).cloned().collect();
    let view = winlab_events::View { title: "log".into(), text: "line\n".repeat(40_000) };
    for number in 0..12 {
        for mut event in failing.clone() {
            event.case = Some(format!("long-{number}").into());
            if let winlab_events::Happening::Evidence(evidence) = &mut event.what {
                evidence.views.push(view.clone());
            }
            events.push(event);
        }
    }
    let text = written(|out| github::write_summary(&report(&events), out));
    assert!(text.len() < 1024 * 1024, "{}", text.len());
    assert!(text.contains("The evidence of 3 cases is in the log only"), "{}", &text[text.len() - 3000..]);
}

#[test]
fn journal_lines() {
    let journal = Journal::new(Vec::new());
    synthetic::run().iter().for_each(|event| journal.emit(event));
    let text = String::from_utf8(journal.finish().expect("a vector takes every byte")).expect("JSON is text");
    let read: Vec<Event> = text.lines().map(|line| Event::from_line(line).expect(line)).collect();
    let written: Vec<Event> = synthetic::run().iter().map(Event::without_wall).collect();
    assert_eq!(read, written);
    insta::assert_snapshot!(text);
}

#[test]
fn a_writer_that_fails_is_reported_and_left_alone() {
    struct Broken(u32);
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut out = Broken(0);
    let sink = RenderSink::new(Terminal::new(&mut out, Look::default(), None));
    synthetic::run().iter().for_each(|event| sink.emit(event));
    assert_eq!(sink.finish().err().map(|error| error.kind()), Some(io::ErrorKind::BrokenPipe));
    assert_eq!(out.0, 1);
}

/// A terminal that remembers what was drawn on it.
#[derive(Clone, Debug, Default)]
struct Screen(Arc<Mutex<String>>);

impl Screen {
    fn put(&self, text: &str) -> io::Result<()> {
        self.0.lock().expect("no one panics with it").push_str(text);
        Ok(())
    }
}

impl indicatif::TermLike for Screen {
    fn width(&self) -> u16 {
        80
    }
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.put(text)?;
        self.put("\n")
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.put(text)
    }
    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_bar_shows_what_runs_and_leaves_the_text_alone() {
    let screen = Screen::default();
    // One event at a time, so that the bar's own limit on redraws hides none.
    let target = || ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), 255);
    let mut out = Vec::new();
    let sink = RenderSink::new(Terminal::new(&mut out, Look::default(), Some(Progress::new(target()))));
    synthetic::run().iter().for_each(|event| sink.emit(event));
    drop(sink.finish().expect("a vector takes every byte"));
    assert_eq!(String::from_utf8(out).expect("text"), terminal(&synthetic::run(), Look::default()));
    let drawn = screen.0.lock().expect("no one panics with it").clone();
    assert!(drawn.contains("/8 join-basic[kube=v1.36.1,windows=ltsc2022]"), "{drawn}");
    assert!(drawn.contains("1 failed; "), "{drawn}");
    assert!(!drawn.contains('\u{7}'), "{drawn}");
}
