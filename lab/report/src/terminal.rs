//! What a person reads: a line per case as it ends, failures with their evidence, a summary, the seed first and last.

use std::collections::BTreeMap;
use std::io::{self, Write};

use winlab_events::{Event, Happening, Name, Outcome, Remark, Severity, UnmodelledCount};

use crate::failure;
use crate::heading::{cases, counts, label};
use crate::paint::{Look, Tone, Verbosity};
use crate::span;
use crate::visible::{one_line, visible};
use crate::{CaseEnd, CaseReport, Progress, Render, RunReport, StepReport};

/// Renders the stream as text for people, on a terminal or in a log.
pub struct Terminal<'w> {
    out: &'w mut (dyn Write + Send),
    look: Look,
    progress: Option<Progress>,
    run: RunReport,
}

impl<'w> Terminal<'w> {
    /// Writes to `out`. `progress` is given when someone watches.
    pub fn new(out: &'w mut (dyn Write + Send), look: Look, progress: Option<Progress>) -> Self {
        Self { out, look, progress, run: RunReport::default() }
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        let mut page = Page { look: self.look, text: Vec::new() };
        match (&event.what, &event.case) {
            (Happening::RunStarted(_), _) => page.head(&self.run)?,
            (Happening::Remark(remark), None) => page.remark(remark)?,
            (Happening::Crash(crash), None) => failure::write_crash(&mut page.text, crash, &self.look)?,
            (Happening::CaseFinished(_) | Happening::CaseSkipped(_), Some(name)) => {
                if let Some(case) = self.run.case(name) {
                    page.case(case)?;
                }
            }
            (Happening::RunFinished(_), _) => page.tail(&self.run)?,
            _ => {}
        }
        if page.text.is_empty() {
            return Ok(());
        }
        let out = &mut *self.out;
        let mut put = || out.write_all(&page.text).and_then(|()| out.flush());
        match &self.progress {
            Some(progress) => progress.suspend(put),
            None => put(),
        }
    }
}

impl Render for Terminal<'_> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.run.read(event);
        if let Some(progress) = &mut self.progress {
            progress.event(event);
        }
        self.write(event)
    }
}

/// What one event adds to the output.
struct Page {
    look: Look,
    text: Vec<u8>,
}

impl Page {
    fn head(&mut self, run: &RunReport) -> io::Result<()> {
        let (Some(start), true) = (&run.started, self.look.verbosity > Verbosity::Quiet) else {
            return Ok(());
        };
        let title = self.look.paint(Tone::Strong, format!("winlab {}", start.winlab));
        writeln!(self.text, "{title}: {}, seed {}", cases(start.cases.len()), one_line(&start.seed))?;
        writeln!(self.text, "  rerun: {}", one_line(&start.rerun))
    }

    fn remark(&mut self, remark: &Remark) -> io::Result<()> {
        let shown_from = match self.look.verbosity {
            Verbosity::Quiet => Severity::Error,
            Verbosity::Normal => Severity::Warning,
            Verbosity::Verbose => Severity::Note,
        };
        if remark.severity < shown_from {
            return Ok(());
        }
        let tone = match remark.severity {
            Severity::Note => Tone::Faint,
            Severity::Warning => Tone::Odd,
            Severity::Error => Tone::Bad,
        };
        let severity = self.look.paint(tone, remark.severity);
        let code = remark.code.as_deref().map(|code| format!(" [{}]", one_line(code))).unwrap_or_default();
        writeln!(self.text, "  {severity}{code}: {}", one_line(&remark.message))?;
        if let Some(place) = &remark.place {
            writeln!(self.text, "    --> {}", self.look.paint(Tone::Place, one_line(&place.to_string())))?;
        }
        if let Some(excerpt) = &remark.excerpt {
            for line in visible(excerpt).lines() {
                writeln!(self.text, "    | {line}")?;
            }
        }
        match &remark.hint {
            Some(hint) => writeln!(self.text, "    hint: {}", one_line(hint)),
            None => Ok(()),
        }
    }

    fn case(&mut self, case: &CaseReport) -> io::Result<()> {
        let red = case.outcome().is_some_and(Outcome::is_red);
        if self.look.verbosity == Verbosity::Quiet && !red {
            return Ok(());
        }
        self.case_line(case)?;
        if self.look.verbosity == Verbosity::Verbose {
            for step in &case.steps {
                self.step(step)?;
            }
        }
        for remark in &case.remarks {
            self.remark(remark)?;
        }
        if red { failure::write_case(&mut self.text, case, &self.look) } else { Ok(()) }
    }

    fn case_line(&mut self, case: &CaseReport) -> io::Result<()> {
        let (word, tone) = label(case);
        let word = self.look.paint(tone, format!("{word:>5}"));
        let name = one_line(&case.name);
        if let CaseEnd::Skipped(skip) = &case.end {
            return writeln!(self.text, "{word} {:34} {name}: {}", "", one_line(&skip.reason));
        }
        let wall = case.wall_ns.map_or("-".to_owned(), span::real);
        let scenario = match &case.end {
            CaseEnd::Finished(end) => span::scenario(end.virtual_ns),
            CaseEnd::NotBegun | CaseEnd::Running | CaseEnd::Skipped(_) => "-".to_owned(),
        };
        let pace = case.pace.as_deref().unwrap_or("virtual");
        let time = match pace {
            // Both times are one.
            "real" => format!("[{wall:>9} real{:17}]", ""),
            _ => format!("[{wall:>9} real, {scenario:>7} {pace}]"),
        };
        let time = self.look.paint(Tone::Faint, time);
        let known: Vec<_> = case.steps.iter().filter_map(|step| step.known.as_ref()).collect();
        let reason = match known.first() {
            Some(known) if known.failed_as_expected => format!(": {}", one_line(&known.reason)),
            _ => String::new(),
        };
        writeln!(self.text, "{word} {time} {name}{reason}")
    }

    fn step(&mut self, step: &StepReport) -> io::Result<()> {
        let Some(name) = &step.name else { return Ok(()) };
        let outcome = step.outcome.map_or("not finished", Outcome::as_str);
        let action =
            step.action.as_deref().map(|action| format!(", {}", one_line(action))).unwrap_or_default();
        let checks = match step.satisfied {
            0 => String::new(),
            1 => ", 1 check".to_owned(),
            count => format!(", {count} checks"),
        };
        let line = format!(
            "      {}/{} {} {outcome} in {}{action}{checks}",
            step.number,
            step.of,
            one_line(name),
            span::scenario(step.virtual_ns)
        );
        writeln!(self.text, "{}", self.look.paint(Tone::Faint, line))
    }

    fn tail(&mut self, run: &RunReport) -> io::Result<()> {
        let Some(end) = &run.finished else { return Ok(()) };
        self.red_again(run)?;
        self.skips(run)?;
        self.unmodelled(&end.unmodelled)?;
        let wall = run.wall_ns.map(|ns| format!("{} real, ", span::real(ns))).unwrap_or_default();
        let time =
            self.look.paint(Tone::Faint, format!("[{wall}{} virtual]", span::scenario(end.virtual_ns)));
        let parts: Vec<_> =
            counts(&end.summary).into_iter().map(|(tone, text)| self.look.paint(tone, text)).collect();
        let parts = if parts.is_empty() { "nothing ran".to_owned() } else { parts.join(", ") };
        let title = self.look.paint(Tone::Strong, "Summary");
        let total = cases(usize::try_from(end.summary.total()).unwrap_or(usize::MAX));
        writeln!(self.text, "{title} {time} {total}: {parts}")?;
        writeln!(self.text, "   seed {}, rerun: {}", one_line(&end.seed), one_line(&end.rerun))
    }

    /// Names what is red once more: in a long run its evidence has scrolled away.
    fn red_again(&mut self, run: &RunReport) -> io::Result<()> {
        let mut red = run.cases.iter().filter(|case| case.outcome().is_some_and(Outcome::is_red)).peekable();
        if red.peek().is_some() {
            writeln!(self.text)?;
        }
        for case in red {
            let (word, tone) = label(case);
            writeln!(self.text, "{} {}", self.look.paint(tone, format!("{word:>5}")), one_line(&case.name))?;
            if let Some(headline) = case.red_steps().find_map(StepReport::headline) {
                writeln!(self.text, "      {}", one_line(&headline))?;
            }
            if let CaseEnd::Finished(end) = &case.end {
                writeln!(self.text, "      rerun: {}", one_line(&end.rerun))?;
            }
        }
        Ok(())
    }

    /// Says once for each reason how many cases it kept from running.
    fn skips(&mut self, run: &RunReport) -> io::Result<()> {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for case in &run.cases {
            if let CaseEnd::Skipped(skip) = &case.end {
                *reasons.entry(&skip.reason).or_default() += 1;
            }
        }
        if self.look.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        for (reason, count) in reasons {
            let skipped = self.look.paint(Tone::Odd, " SKIP");
            writeln!(self.text, "{skipped} {}: {}", cases(count), one_line(reason))?;
        }
        Ok(())
    }

    fn unmodelled(&mut self, unmodelled: &[UnmodelledCount]) -> io::Result<()> {
        if unmodelled.is_empty() {
            return Ok(());
        }
        let mut services: BTreeMap<&Name, Vec<String>> = BTreeMap::new();
        for call in unmodelled {
            services.entry(&call.service).or_default().push(format!(
                "{} x{}",
                one_line(&call.what),
                call.count
            ));
        }
        let title = self.look.paint(Tone::Odd, "Not modelled");
        writeln!(self.text, "{title}: asked for and refused; check before you trust the results")?;
        for (service, calls) in services {
            writeln!(self.text, "      {}: {}", one_line(service), calls.join(", "))?;
        }
        Ok(())
    }
}
